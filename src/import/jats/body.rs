//! Writes an article in JATS as HTML: abstracts, body and what follows it.

use std::collections::BTreeSet;

use crate::archive::{Element, Node};
use crate::html::sanitize::MATH;
use crate::html::{Attribute, escape_text};
use crate::import::document::placeholder;
use crate::import::left_out::LeftOut;

/// An article as HTML.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub html: String,
    /// Footnotes inside the text.
    pub footnotes: Vec<(String, String)>,
    /// The ids that references lead to.
    pub targets: BTreeSet<String>,
    pub left_out: LeftOut,
}

/// Elements that cannot be inside a paragraph.
const BLOCKS: [&str; 17] = [
    "boxed-text",
    "chem-struct-wrap",
    "code",
    "def-list",
    "disp-formula",
    "disp-formula-group",
    "disp-quote",
    "fig",
    "fig-group",
    "list",
    "preformat",
    "speech",
    "statement",
    "supplementary-material",
    "table-wrap",
    "table-wrap-group",
    "verse-group",
];

/// Writes the text of an article.
pub(super) fn write(article: &Element) -> Written {
    let linked = article.all("xref").into_iter().filter_map(|link| link.attribute("rid"));
    let linked: BTreeSet<String> =
        linked.flat_map(|ids| ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let mut writer = Writer { linked, out: Written::default(), level: 2 };
    let meta = article.child("front").and_then(|front| front.child("article-meta"));
    for part in meta.iter().flat_map(|meta| meta.elements()) {
        if matches!(part.local(), "abstract" | "trans-abstract") {
            writer.part(part);
        }
    }
    for part in ["body", "back", "floats-group"].iter().filter_map(|name| article.child(name)) {
        if part.local() == "back" {
            part.elements().for_each(|inner| writer.part(inner));
        } else {
            writer.children(part);
        }
    }
    writer.out
}

struct Writer {
    linked: BTreeSet<String>,
    out: Written,
    /// The level of the next heading.
    level: usize,
}

impl Writer {
    fn open(&mut self, tag: &str, element: &Element) {
        self.out.html.push_str(&format!("<{tag}>"));
        self.target(element);
    }

    fn target(&mut self, element: &Element) {
        if let Some(id) = element.attribute("id").filter(|id| self.linked.contains(*id)) {
            self.out.html.push_str(&format!("<span id=\"{}\"></span>", Attribute(id)));
            self.out.targets.insert(id.to_owned());
        }
    }

    fn close(&mut self, tag: &str) {
        self.out.html.push_str(&format!("</{tag}>"));
    }

    fn around(&mut self, tag: &str, element: &Element) {
        self.open(tag, element);
        self.children(element);
        self.close(tag);
    }

    fn children(&mut self, element: &Element) {
        for node in &element.children {
            match node {
                Node::Text(words) => escape_text(&mut self.out.html, words),
                Node::Element(inner) => self.element(inner),
            }
        }
    }

    /// A part of the article with a heading, such as a section.
    fn part(&mut self, element: &Element) {
        if element.local() == "ref-list" {
            return self.references(element);
        }
        self.out.html.push_str("<div>");
        let level = self.level;
        self.level += 1;
        let mut label = String::new();
        for node in &element.children {
            match node {
                Node::Text(words) => escape_text(&mut self.out.html, words),
                // The number of a section belongs to its heading.
                Node::Element(inner) if inner.local() == "label" => label = inner.text(),
                Node::Element(inner) if inner.local() == "title" => {
                    let tag = format!("h{}", level.min(6));
                    self.out.html.push_str(&format!("<{tag}>"));
                    self.target(element);
                    if !label.is_empty() {
                        escape_text(&mut self.out.html, &std::mem::take(&mut label));
                        self.out.html.push(' ');
                    }
                    self.children(inner);
                    self.close(&tag);
                }
                Node::Element(inner) => {
                    self.leftover_label(&mut label);
                    self.element(inner);
                }
            }
        }
        self.leftover_label(&mut label);
        self.level = level;
        self.close("div");
    }

    fn leftover_label(&mut self, label: &mut String) {
        if !label.is_empty() {
            self.out.html.push_str("<p>");
            escape_text(&mut self.out.html, &std::mem::take(label));
            self.close("p");
        }
    }

    fn element(&mut self, element: &Element) {
        match element.local() {
            "sec" | "app" | "ack" | "abstract" | "notes" | "glossary" | "bio" | "app-group" | "fn-group"
            | "ref-list" | "boxed-text" | "statement" => self.part(element),
            "title" | "subtitle" => {
                let tag = format!("h{}", self.level.min(6));
                self.around(&tag, element);
            }
            "p" if element.elements().any(|inner| BLOCKS.contains(&inner.local())) => {
                self.around("div", element);
            }
            "p" | "attrib" | "verse-line" => self.around("p", element),
            "bold" => self.around("b", element),
            "italic" => self.around("i", element),
            "sub" => self.around("sub", element),
            "sup" => self.around("sup", element),
            "underline" => self.around("u", element),
            "strike" => self.around("s", element),
            "monospace" => self.around("code", element),
            "disp-quote" | "verse-group" => self.around("blockquote", element),
            "preformat" | "code" => self.around("pre", element),
            "break" => self.out.html.push_str("<br>"),
            "ext-link" | "uri" | "self-uri" => {
                self.link(element, element.attribute("href").unwrap_or(&element.text()));
            }
            "email" => self.link(element, &format!("mailto:{}", element.text().trim())),
            "xref" => match element.attribute("rid").and_then(|ids| ids.split_whitespace().next()) {
                Some(id) => self.link(element, &format!("#{id}")),
                None => self.children(element),
            },
            "list" => self.list(element),
            "def-list" => self.around("div", element),
            "def-item" => {
                for part in element.elements() {
                    match part.local() {
                        "term" => self.around("p", part),
                        _ => self.element(part),
                    }
                }
            }
            "fig" | "table-wrap" | "chem-struct-wrap" | "supplementary-material" | "media" => {
                self.figure(element);
            }
            "graphic" | "inline-graphic" => self.image(element),
            "table" => self.table(element),
            "disp-formula" => {
                self.out.html.push_str("<p>");
                self.target(element);
                self.formula(element, true);
                self.close("p");
            }
            "inline-formula" => self.formula(element, false),
            "math" => self.math(element, false),
            "tex-math" => {
                self.out.html.push_str("<code>");
                escape_text(&mut self.out.html, &tex(&element.text()));
                self.close("code");
            }
            "alternatives" => self.alternatives(element),
            "fn" => self.footnote(element),
            "table-wrap-foot" => self.around("div", element),
            "object-id" | "alt-text" | "long-desc" | "permissions" => {}
            "label" => {
                self.children(element);
                self.out.html.push(' ');
            }
            _ => self.children(element),
        }
    }

    fn link(&mut self, element: &Element, to: &str) {
        self.out.html.push_str(&format!("<a href=\"{}\">", Attribute(to)));
        self.children(element);
        self.close("a");
    }

    fn list(&mut self, list: &Element) {
        let ordered = list.attribute("list-type").is_some_and(|kind| !matches!(kind, "bullet" | "simple"));
        let has_labels = list.elements().any(|item| item.child("label").is_some());
        let tag = if ordered && !has_labels { "ol" } else { "ul" };
        for title in list.elements().filter(|title| title.local() == "title") {
            self.around("p", title);
        }
        self.open(tag, list);
        for item in list.elements().filter(|item| item.local() == "list-item") {
            self.open("li", item);
            let paragraphs: Vec<&Element> = item.elements().collect();
            match paragraphs.as_slice() {
                // A single paragraph needs no paragraph of its own.
                [one] if one.local() == "p" => self.children(one),
                [label, one] if label.local() == "label" && one.local() == "p" => {
                    self.element(label);
                    self.children(one);
                }
                _ => self.children(item),
            }
            self.close("li");
        }
        self.close(tag);
    }

    /// A figure or a table: its picture or cells, label, caption and footnotes.
    fn figure(&mut self, figure: &Element) {
        self.out.html.push_str("<div>");
        let label = figure.child("label");
        let caption = figure.child("caption");
        if label.is_some() || caption.is_some() {
            self.out.html.push_str("<p>");
            self.target(figure);
            if let Some(label) = label {
                self.around("b", label);
                self.out.html.push(' ');
            }
            for (index, part) in caption.iter().flat_map(|caption| caption.elements()).enumerate() {
                if index > 0 {
                    self.out.html.push(' ');
                }
                match part.local() {
                    "title" => self.around("b", part),
                    _ => self.children(part),
                }
            }
            self.close("p");
        }
        for part in figure.elements().filter(|part| !matches!(part.local(), "label" | "caption")) {
            match part.local() {
                "graphic" => {
                    self.out.html.push_str("<p>");
                    self.image_of(part, figure);
                    self.close("p");
                }
                _ => self.element(part),
            }
        }
        self.close("div");
    }

    fn image(&mut self, graphic: &Element) {
        self.image_of(graphic, graphic);
    }

    /// Writes an image; its alternative text may be that of the figure around it.
    fn image_of(&mut self, graphic: &Element, figure: &Element) {
        let alt =
            graphic.child("alt-text").or(figure.child("alt-text")).map(Element::text).unwrap_or_default();
        let to = graphic.attribute("href").unwrap_or_default();
        // PubMed Central names images without their extension.
        let to = if to.rsplit('/').next().is_some_and(|name| name.contains('.')) || to.is_empty() {
            to.to_owned()
        } else {
            format!("{to}.jpg")
        };
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        self.out.html.push_str(&format!("<img src=\"{}\" alt=\"{}\">", Attribute(&to), Attribute(&alt)));
    }

    fn table(&mut self, table: &Element) {
        self.out.html.push_str("<table>");
        self.rows(table);
        self.close("table");
    }

    fn rows(&mut self, part: &Element) {
        for element in part.elements() {
            match element.local() {
                name @ ("thead" | "tbody" | "tfoot" | "tr") => {
                    self.out.html.push_str(&format!("<{name}>"));
                    self.rows(element);
                    self.close(name);
                }
                name @ ("td" | "th") => {
                    self.out.html.push_str(&format!("<{name}"));
                    for key in ["colspan", "rowspan"] {
                        if let Some(span) = element.attribute(key).filter(|span| *span != "1") {
                            self.out.html.push_str(&format!(" {key}=\"{}\"", Attribute(span)));
                        }
                    }
                    self.out.html.push('>');
                    self.target(element);
                    self.children(element);
                    self.close(name);
                }
                _ => {}
            }
        }
    }

    fn formula(&mut self, formula: &Element, is_block: bool) {
        for node in &formula.children {
            match node {
                Node::Text(words) => escape_text(&mut self.out.html, words),
                Node::Element(inner) if inner.local() == "math" => self.math(inner, is_block),
                Node::Element(inner) => self.element(inner),
            }
        }
    }

    /// Of several forms of one thing, the one that can be read.
    fn alternatives(&mut self, element: &Element) {
        let preferred = ["math", "table", "tex-math", "textual-form", "graphic", "inline-graphic"];
        let found = preferred.iter().find_map(|name| element.child(name)).or(element.elements().next());
        if let Some(found) = found {
            self.element(found);
        }
    }

    fn math(&mut self, element: &Element, is_block: bool) {
        let name = element.local();
        if matches!(name, "annotation" | "annotation-xml") {
            return;
        }
        let known = MATH.contains(&name);
        if known {
            self.out.html.push_str(&format!("<{name}"));
            if name == "math" && (is_block || element.attribute("display") == Some("block")) {
                self.out.html.push_str(" display=\"block\"");
            }
            if let Some(variant) = element.attribute("mathvariant") {
                self.out.html.push_str(&format!(" mathvariant=\"{}\"", Attribute(variant)));
            }
            self.out.html.push('>');
        }
        for node in &element.children {
            match node {
                Node::Text(words) => escape_text(&mut self.out.html, words.trim()),
                Node::Element(inner) => self.math(inner, is_block),
            }
        }
        if known {
            self.close(name);
        }
    }

    /// A footnote. In a group of footnotes it is a paragraph; inside the text it goes to the end.
    fn footnote(&mut self, note: &Element) {
        let in_text = note.attribute("id").is_none_or(|id| !self.linked.contains(id))
            && self.out.html.ends_with(|c: char| c != '>' && !c.is_whitespace());
        if !in_text {
            self.out.html.push_str("<div>");
            let mut target = Some(note);
            for part in note.elements() {
                match part.local() {
                    "label" => {
                        self.out.html.push_str("<p>");
                        target.take().into_iter().for_each(|note| self.target(note));
                        self.children(part);
                        self.close("p");
                    }
                    "p" => {
                        self.out.html.push_str("<p>");
                        target.take().into_iter().for_each(|note| self.target(note));
                        self.children(part);
                        self.close("p");
                    }
                    _ => self.element(part),
                }
            }
            self.close("div");
            return;
        }
        let label = (self.out.footnotes.len() + 1).to_string();
        self.out.html.push_str(&placeholder(&label));
        let html = std::mem::take(&mut self.out.html);
        note.elements().filter(|part| part.local() != "label").for_each(|part| self.element(part));
        let footnote = std::mem::replace(&mut self.out.html, html);
        self.out.footnotes.push((label, footnote));
    }

    fn references(&mut self, list: &Element) {
        for part in list.elements() {
            match part.local() {
                "title" => {
                    let tag = format!("h{}", self.level.min(6));
                    self.around(&tag, part);
                }
                "ref" => {
                    self.out.html.push_str("<p>");
                    self.target(part);
                    for inner in part.elements() {
                        match inner.local() {
                            "element-citation" | "nlm-citation" => self.spaced(inner),
                            "citation-alternatives" => {
                                let found = inner.child("mixed-citation").or(inner.child("element-citation"));
                                found.into_iter().for_each(|found| self.children(found));
                            }
                            _ => self.element(inner),
                        }
                        self.out.html.push(' ');
                    }
                    self.close("p");
                }
                _ => self.element(part),
            }
        }
    }

    /// A citation without punctuation: its parts, separated by spaces.
    fn spaced(&mut self, citation: &Element) {
        for part in citation.elements() {
            match part.local() {
                "person-group" | "name" | "date" => self.spaced(part),
                _ => {
                    self.element(part);
                    self.out.html.push(' ');
                }
            }
        }
    }
}

/// The formula in a LaTeX document, which PubMed Central gives for each.
fn tex(document: &str) -> String {
    let body = document.split("\\begin{document}").nth(1).unwrap_or(document);
    let body = body.split("\\end{document}").next().unwrap_or(body);
    body.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(body: &str) -> Written {
        write(&Element::parse(&format!("<article><body>{body}</body></article>")).unwrap())
    }

    #[test]
    fn sections_references_and_formulae_keep_their_sense() {
        let out = html(
            "<sec id=\"s1\"><label>1</label><title>A</title><p>b <xref rid=\"r1\">[1]</xref> \
             <inline-formula><mml:math xmlns:mml=\"m\"><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></inline-formula></p>\
             <sec><title>C</title></sec></sec><ref-list><ref id=\"r1\"><label>1.</label><mixed-citation>Roe J.</mixed-citation></ref></ref-list>",
        );
        assert_eq!(
            out.html,
            "<div><h2>1 A</h2><p>b <a href=\"#r1\">[1]</a> <math><msup><mi>x</mi><mn>2</mn></msup></math></p>\
             <div><h3>C</h3></div></div><p><span id=\"r1\"></span>1.  Roe J. </p>"
        );
        assert_eq!(out.targets, BTreeSet::from(["r1".to_owned()]));
    }

    #[test]
    fn blocks_inside_paragraphs_do_not_join_words() {
        let out = html("<p>a<list list-type=\"order\"><list-item><p>b</p></list-item></list>c</p>");
        assert_eq!(out.html, "<div>a<ol><li>b</li></ol>c</div>");
    }
}
