//! Imports a Word document: its text, with its comments as notes on their passages.
//!
//! Follows the parts of Office Open XML (ECMA-376) that hold words: paragraphs, headings, lists, tables, emphasis,
//! links, images, footnotes, comments. Deleted revisions, page headers and drawings are listed.

use std::collections::BTreeMap;

use super::document::{Document, Meta, placeholder};
use super::format::ImportFormat;
use super::left_out::{Kind as Omitted, LeftOut};
use super::links::{Files, Links};
use super::{Content, FileToImport, Received};
use crate::archive::{Archive, Element};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::html::{Attribute, escape_text};
use crate::markdown::escape::one_line;

/// The number of characters of context around a commented passage.
const CONTEXT: usize = 40;

/// A Word document.
pub(crate) struct Docx;

impl ImportFormat for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn help(&self) -> &'static str {
        "A Word document (.docx), with its comments as notes"
    }

    fn is_binary(&self) -> bool {
        true
    }

    fn matches(&self, file: &Received) -> bool {
        Archive::is_archive(&file.bytes)
            && Archive::open(&file.bytes).is_ok_and(|archive| archive.has("word/document.xml"))
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        match import(file, diagnostics) {
            Ok(content) => content,
            Err(reason) => {
                let message = format!("the document cannot be read: {reason}");
                diagnostics.push(
                    Diagnostic::error(Code::SiteRead, Place::of_path(&file.received.file.path), message)
                        .help("open it in a word processor and save it again as .docx"),
                );
                None
            }
        }
    }
}

fn import(file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Result<Option<Content>, String> {
    let received = file.received;
    let mut archive = Archive::open(&received.bytes)?;
    let document = part(&mut archive, "word/document.xml").ok_or("there is no word/document.xml")??;
    let optional =
        |archive: &mut Archive<'_>, name: &str| part(archive, name).and_then(Result::ok).unwrap_or_default();
    let styles = optional(&mut archive, "word/styles.xml");
    let numbering = optional(&mut archive, "word/numbering.xml");
    let relations = optional(&mut archive, "word/_rels/document.xml.rels");
    let properties = optional(&mut archive, "docProps/core.xml");
    let comments = optional(&mut archive, "word/comments.xml");
    let extended = optional(&mut archive, "word/commentsExtended.xml");
    let mut left_out = LeftOut::default();
    let headers = archive.names().into_iter().filter(|name| {
        name.strip_prefix("word/")
            .is_some_and(|name| name.starts_with("header") || name.starts_with("footer"))
            && name.ends_with(".xml")
    });
    for name in headers.collect::<std::collections::BTreeSet<_>>() {
        left_out.add(Omitted::PageHeader, &words(&optional(&mut archive, &name)));
    }
    let mut writer = Writer::new(&styles, &numbering, &relations);
    writer.left_out = left_out;
    writer.blocks(document.child("body").unwrap_or(&document));
    writer.close_lists(0);
    let mut footnotes = Vec::new();
    for (name, kind) in [("footnotes", "footnote"), ("endnotes", "endnote")] {
        let notes = optional(&mut archive, &format!("word/{name}.xml"));
        let relations = optional(&mut archive, &format!("word/_rels/{name}.xml.rels"));
        for note in notes.elements().filter(|note| note.local() == kind) {
            let is_separator = note.attribute("type").is_some_and(|kind| kind != "normal");
            let Some(id) = note.attribute("id").filter(|_| !is_separator) else { continue };
            let Some(label) = writer.labels.get(&format!("{kind}{id}")).cloned() else {
                writer.left_out.add(Omitted::Deleted, &words(note));
                continue;
            };
            let mut inner = Writer::new(&styles, &numbering, &relations);
            inner.blocks(note);
            inner.close_lists(0);
            footnotes.push((label, inner.html));
        }
    }
    footnotes.sort_by_key(|(label, _)| label.parse::<usize>().unwrap_or_default());
    let annotations = annotations(&comments, &extended, &writer);
    let title = writer.title.clone().or_else(|| property(&properties, "title"));
    let meta = Meta {
        title,
        authors: property(&properties, "creator").filter(|name| name != "python-docx").into_iter().collect(),
        language: property(&properties, "language").filter(|tag| crate::site::is_language_tag(tag)),
        ..Meta::default()
    };
    let document = Document {
        meta,
        html: writer.html,
        footnotes,
        links: Links::new(
            None,
            Files::Archive(Box::new(Archive::open(&received.bytes)?), "word".to_owned()),
            writer.targets,
        ),
        left_out: writer.left_out,
        remarks: Vec::new(),
        original: None,
    };
    let Some(text) = document.into_text(file.path, &received.file, diagnostics) else { return Ok(None) };
    let annotations = Some(annotations).filter(|annotations| !annotations.is_empty());
    Ok(Some(Content { annotations, ..Content::text(text) }))
}

/// A part of the document as XML.
fn part(archive: &mut Archive<'_>, name: &str) -> Option<Result<Element, String>> {
    Some(archive.xml(name)?.map_err(|error| format!("{name}, byte {}: {}", error.at, error.message)))
}

fn property(properties: &Element, name: &str) -> Option<String> {
    properties.child(name).map(|element| one_line(&element.text())).filter(|text| !text.is_empty())
}

/// The words of an element, paragraphs separated by line breaks.
fn words(element: &Element) -> String {
    let paragraphs = element.all("p");
    let of_paragraph =
        |paragraph: &&Element| -> String { paragraph.all("t").iter().map(|run| run.text()).collect() };
    paragraphs.iter().map(of_paragraph).filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The value of a property such as `<w:pStyle w:val="Heading1"/>`.
fn value<'e>(properties: Option<&'e Element>, name: &str) -> Option<&'e str> {
    properties?.child(name)?.attribute("val")
}

/// Whether a property is on, such as `<w:b/>`.
fn is_on(properties: Option<&Element>, name: &str) -> bool {
    properties
        .and_then(|properties| properties.child(name))
        .is_some_and(|property| !matches!(property.attribute("val"), Some("0" | "false" | "off" | "none")))
}

/// Writes a document as HTML.
struct Writer<'d> {
    /// The names of styles in lower case, by id.
    styles: BTreeMap<&'d str, String>,
    numbering: &'d Element,
    /// The targets of relations, by id.
    relations: BTreeMap<&'d str, &'d str>,
    html: String,
    title: Option<String>,
    /// The open lists: whether each is ordered.
    lists: Vec<bool>,
    /// The labels of footnotes, by kind and id.
    labels: BTreeMap<String, String>,
    targets: std::collections::BTreeSet<String>,
    left_out: LeftOut,
    /// The words of the text.
    plain: String,
    /// The ranges of commented words, by the comment's id.
    commented: BTreeMap<String, (usize, Option<usize>)>,
    /// The start of the current paragraph in `plain`.
    paragraph: usize,
}

impl<'d> Writer<'d> {
    fn new(styles: &'d Element, numbering: &'d Element, relations: &'d Element) -> Self {
        let names = styles.elements().filter(|style| style.local() == "style").filter_map(|style| {
            Some((style.attribute("styleId")?, value(Some(style), "name")?.to_lowercase()))
        });
        let targets = relations
            .elements()
            .filter_map(|relation| Some((relation.attribute("Id")?, relation.attribute("Target")?)));
        Self {
            styles: names.collect(),
            numbering,
            relations: targets.collect(),
            html: String::new(),
            title: None,
            lists: Vec::new(),
            labels: BTreeMap::new(),
            targets: std::collections::BTreeSet::new(),
            left_out: LeftOut::default(),
            plain: String::new(),
            commented: BTreeMap::new(),
            paragraph: 0,
        }
    }

    fn blocks(&mut self, parent: &Element) {
        for element in parent.elements() {
            match element.local() {
                "p" => self.paragraph(element),
                "tbl" => self.table(element),
                "sdt" => self.blocks(element.child("sdtContent").unwrap_or(element)),
                "commentRangeStart" | "commentRangeEnd" => self.mark(element),
                "ins" | "customXml" | "smartTag" | "moveTo" => self.blocks(element),
                "AlternateContent" => self.blocks(element.child("Choice").unwrap_or(element)),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Element) {
        let properties = paragraph.child("pPr");
        let style = value(properties, "pStyle").unwrap_or_default();
        let name = self.styles.get(style).cloned().unwrap_or_else(|| style.to_lowercase());
        self.paragraph = self.plain.len();
        let words = || one_line(&paragraph.all("t").iter().map(|run| run.text()).collect::<String>());
        if name == "title" && self.title.is_none() && self.plain.trim().is_empty() {
            self.title = Some(words());
            self.left_out.add(Omitted::Title, &words());
            return;
        }
        let outline = value(properties, "outlineLvl")
            .and_then(|level| level.parse::<usize>().ok())
            .map(|level| level + 1);
        let named = name.strip_prefix("heading ").and_then(|level| level.parse::<usize>().ok());
        let tag = match named.or(outline.filter(|level| *level <= 9)) {
            Some(level) => format!("h{}", level.clamp(1, 6)),
            None => "p".to_owned(),
        };
        let list = if tag == "p" { self.list_of(properties, &name) } else { None };
        match list {
            Some((level, ordered)) => self.open_item(level, ordered),
            None => self.close_lists(0),
        }
        let quote = list.is_none()
            && matches!(name.as_str(), "quote" | "intense quote" | "block text" | "quotations");
        let (open, close) = match (list.is_some(), quote) {
            (true, _) => (String::new(), String::new()),
            (_, true) => ("<blockquote><p>".to_owned(), "</p></blockquote>".to_owned()),
            _ => (format!("<{tag}>"), format!("</{tag}>")),
        };
        self.html.push_str(&open);
        self.runs(paragraph);
        self.html.push_str(&close);
        self.html.push('\n');
        self.plain.push('\n');
    }

    /// The level and the kind of the list that a paragraph is in.
    fn list_of(&self, properties: Option<&Element>, style: &str) -> Option<(usize, bool)> {
        let number = properties.and_then(|properties| properties.child("numPr"));
        let Some(number) = number else {
            let rest = style.strip_prefix("list ")?;
            let ordered = rest.starts_with("number");
            let level = rest.rsplit(' ').next().and_then(|level| level.parse::<usize>().ok()).unwrap_or(1);
            return (ordered || rest.starts_with("bullet")).then_some((level - 1, ordered));
        };
        let level =
            value(Some(number), "ilvl").and_then(|level| level.parse().ok()).unwrap_or(0_usize).min(8);
        let id = value(Some(number), "numId").filter(|id| *id != "0")?;
        let instance =
            self.numbering.elements().find(|num| num.local() == "num" && num.attribute("numId") == Some(id));
        let definition = value(instance, "abstractNumId").and_then(|id| {
            self.numbering
                .elements()
                .find(|num| num.local() == "abstractNum" && num.attribute("abstractNumId") == Some(id))
        });
        let of_level = definition.and_then(|definition| {
            definition.elements().find(|found| {
                found.local() == "lvl"
                    && found.attribute("ilvl").and_then(|found| found.parse().ok()) == Some(level)
            })
        });
        Some((level, value(of_level, "numFmt").is_some_and(|format| format != "bullet" && format != "none")))
    }

    fn open_item(&mut self, level: usize, ordered: bool) {
        self.close_lists(level + 1);
        if self.lists.len() == level + 1 {
            if self.lists.last() == Some(&ordered) {
                self.html.push_str("</li><li>");
                return;
            }
            self.close_lists(level);
        }
        while self.lists.len() <= level {
            self.html.push_str(if ordered { "<ol><li>" } else { "<ul><li>" });
            self.lists.push(ordered);
        }
    }

    fn close_lists(&mut self, level: usize) {
        while self.lists.len() > level {
            let ordered = self.lists.pop().unwrap_or_default();
            self.html.push_str(if ordered { "</li></ol>" } else { "</li></ul>" });
        }
    }

    fn table(&mut self, table: &Element) {
        self.close_lists(0);
        self.html.push_str("<table>");
        for (index, row) in table.elements().filter(|row| row.local() == "tr").enumerate() {
            self.html.push_str("<tr>");
            for cell in row.elements().filter(|cell| cell.local() == "tc") {
                let properties = cell.child("tcPr");
                let tag = if index == 0 { "th" } else { "td" };
                let span = value(properties, "gridSpan")
                    .filter(|span| *span != "1" && span.bytes().all(|b| b.is_ascii_digit()));
                let span = span.map_or(String::new(), |span| format!(" colspan=\"{span}\""));
                self.html.push_str(&format!("<{tag}{span}>"));
                let paragraphs: Vec<&Element> =
                    cell.elements().filter(|inner| inner.local() != "tcPr").collect();
                match paragraphs.as_slice() {
                    [one] if one.local() == "p" => {
                        self.paragraph = self.plain.len();
                        self.runs(one);
                        self.plain.push('\n');
                    }
                    _ => self.blocks(cell),
                }
                self.close_lists(0);
                self.html.push_str(&format!("</{tag}>"));
            }
            self.html.push_str("</tr>");
        }
        self.html.push_str("</table>\n");
    }

    fn runs(&mut self, parent: &Element) {
        for element in parent.elements() {
            match element.local() {
                "r" => self.run(element),
                "hyperlink" => {
                    let to = element.attribute("id").and_then(|id| self.relations.get(id).copied());
                    let to = to
                        .map(str::to_owned)
                        .or_else(|| element.attribute("anchor").map(|anchor| format!("#{anchor}")));
                    if let Some(to) = &to {
                        self.html.push_str(&format!("<a href=\"{}\">", Attribute(to)));
                        self.targets.extend(to.strip_prefix('#').map(str::to_owned));
                    }
                    self.runs(element);
                    self.html.push_str(if to.is_some() { "</a>" } else { "" });
                }
                "bookmarkStart" => {
                    if let Some(name) = element.attribute("name").filter(|name| !name.starts_with("_GoBack"))
                    {
                        self.html.push_str(&format!("<span id=\"{}\"></span>", Attribute(name)));
                    }
                }
                "commentRangeStart" | "commentRangeEnd" => self.mark(element),
                "del" | "moveFrom" => {
                    let deleted: String = element
                        .all("delText")
                        .iter()
                        .chain(&element.all("t"))
                        .map(|run| run.text())
                        .collect();
                    self.left_out.add(Omitted::Deleted, &deleted);
                }
                "oMath" | "oMathPara" => {
                    let words: String = element.all("t").iter().map(|run| run.text()).collect();
                    self.words(&words);
                }
                "pPr" | "rPr" => {}
                "sdt" => self.runs(element.child("sdtContent").unwrap_or(element)),
                "AlternateContent" => self.runs(element.child("Choice").unwrap_or(element)),
                _ => self.runs(element),
            }
        }
    }

    fn run(&mut self, run: &Element) {
        let properties = run.child("rPr");
        if is_on(properties, "vanish") {
            self.left_out
                .add(Omitted::Hidden, &run.all("t").iter().map(|run| run.text()).collect::<String>());
            return;
        }
        let raised = value(properties, "vertAlign");
        let tags: Vec<&str> = [
            (is_on(properties, "b"), "strong"),
            (is_on(properties, "i"), "em"),
            (is_on(properties, "strike"), "s"),
            (raised == Some("superscript"), "sup"),
            (raised == Some("subscript"), "sub"),
        ]
        .into_iter()
        .filter_map(|(on, tag)| on.then_some(tag))
        .collect();
        let before = self.html.len();
        tags.iter().for_each(|tag| self.html.push_str(&format!("<{tag}>")));
        let start = self.html.len();
        for element in run.elements() {
            self.part_of_run(element);
        }
        if self.html.len() == start {
            self.html.truncate(before);
            return;
        }
        let is_reference = self.html[start..].starts_with('\u{FDD0}') && self.html.ends_with('\u{FDD1}');
        if is_reference {
            // A footnote reference is raised by the page.
            self.html.replace_range(before..start, "");
            return;
        }
        for tag in tags.iter().rev() {
            let closed = format!("</{tag}>");
            self.html.push_str(&closed);
        }
        // Word splits emphasis into several runs.
        let (open, close): (String, String) = (
            tags.iter().map(|tag| format!("<{tag}>")).collect(),
            tags.iter().rev().map(|tag| format!("</{tag}>")).collect(),
        );
        if !tags.is_empty() && self.html[..before].ends_with(&close) && self.html[before..].starts_with(&open)
        {
            self.html.replace_range(before - close.len()..before + open.len(), "");
        }
    }

    fn part_of_run(&mut self, element: &Element) {
        match element.local() {
            "t" => self.words(&element.text()),
            "tab" => self.words(" "),
            "br" | "cr" => match element.attribute("type") {
                Some("page" | "column") => self.words(" "),
                _ => {
                    self.html.push_str("<br>");
                    self.plain.push('\n');
                }
            },
            "noBreakHyphen" => self.words("\u{2011}"),
            "softHyphen" => self.words("\u{ad}"),
            "sym" => {
                let code = element.attribute("char").and_then(|code| u32::from_str_radix(code, 16).ok());
                if let Some(c) = code.and_then(char::from_u32) {
                    self.words(&c.to_string());
                }
            }
            kind @ ("footnoteReference" | "endnoteReference") => {
                let Some(id) = element.attribute("id") else { return };
                let key = format!("{}{id}", kind.trim_end_matches("Reference"));
                let next = (self.labels.len() + 1).to_string();
                let label = self.labels.entry(key).or_insert(next).clone();
                self.html.push_str(&placeholder(&label));
            }
            "commentReference" => {
                if let Some(id) = element.attribute("id") {
                    let (paragraph, end) = (self.paragraph, self.plain.len());
                    self.commented.entry(id.to_owned()).or_insert((paragraph, Some(end)));
                }
            }
            "drawing" | "pict" | "object" => self.picture(element),
            "AlternateContent" => {
                let choice = element.child("Choice").unwrap_or(element).clone();
                choice.elements().for_each(|inner| self.part_of_run(inner));
            }
            _ => {}
        }
    }

    fn picture(&mut self, element: &Element) {
        let boxes: Vec<String> = element.all("txbxContent").into_iter().map(words).collect();
        boxes.iter().for_each(|words| self.left_out.add(Omitted::Drawing, words));
        let blip = element.all("blip").into_iter().chain(element.all("imagedata")).next();
        let id =
            blip.and_then(|blip| blip.attribute("embed").or(blip.attribute("link")).or(blip.attribute("id")));
        let Some(to) = id.and_then(|id| self.relations.get(id)) else { return };
        let properties = element.all("docPr").into_iter().next();
        let alt = properties
            .and_then(|found| found.attribute("descr").or(found.attribute("title")))
            .unwrap_or_default();
        self.html.push_str(&format!("<img src=\"{}\" alt=\"{}\">", Attribute(to), Attribute(alt)));
    }

    fn words(&mut self, words: &str) {
        escape_text(&mut self.html, words);
        self.plain.push_str(words);
    }

    fn mark(&mut self, element: &Element) {
        let Some(id) = element.attribute("id") else { return };
        let at = self.plain.len();
        if element.local() == "commentRangeStart" {
            self.commented.insert(id.to_owned(), (at, None));
        } else if let Some((_, end)) = self.commented.get_mut(id) {
            *end = Some(at);
        }
    }
}

/// The comments, on the words that they are about.
fn annotations(comments: &Element, extended: &Element, writer: &Writer<'_>) -> Vec<Annotation> {
    let list: Vec<&Element> = comments.elements().filter(|comment| comment.local() == "comment").collect();
    let last_paragraph = |comment: &Element| {
        comment.all("p").last().and_then(|paragraph| paragraph.attribute("paraId")).map(str::to_owned)
    };
    let by_paragraph: BTreeMap<String, &str> = list
        .iter()
        .filter_map(|comment| Some((last_paragraph(comment)?, comment.attribute("id")?)))
        .collect();
    let parents: BTreeMap<&str, &str> = extended
        .elements()
        .filter_map(|one| Some((one.attribute("paraId")?, one.attribute("paraIdParent")?)))
        .collect();
    list.iter()
        .map(|comment| {
            let id = comment.attribute("id").unwrap_or_default();
            let parent = last_paragraph(comment)
                .and_then(|own| parents.get(own.as_str()).and_then(|id| by_paragraph.get(*id)));
            let selectors = writer
                .commented
                .get(id)
                .map(|(start, end)| selectors(&writer.plain, *start, end.unwrap_or(*start)));
            let body = words(comment);
            let bodies = Some(body).filter(|body| !body.trim().is_empty());
            Annotation {
                id: Some(format!("comment-{id}")),
                author: comment.attribute("author").map(str::to_owned).filter(|name| !name.is_empty()),
                created: comment.attribute("date").and_then(day),
                bodies: bodies
                    .map(|value| Body { value, form: Form::Plain, purpose: None })
                    .into_iter()
                    .collect(),
                targets: vec![Target { source: None, selectors: selectors.unwrap_or_default() }],
                reply_to: parent.map(|parent| format!("comment-{parent}")),
                ..Annotation::default()
            }
        })
        .collect()
}

/// The selectors of a range of the words.
fn selectors(plain: &str, start: usize, end: usize) -> Vec<Selector> {
    let (before, exact, after) = (&plain[..start], &plain[start..end], &plain[end..]);
    if exact.trim().is_empty() {
        return Vec::new();
    }
    let prefix: String = before.chars().rev().take(CONTEXT).collect::<Vec<_>>().into_iter().rev().collect();
    let suffix: String = after.chars().take(CONTEXT).collect();
    let first = before.chars().count();
    let quote = Kind::Quote { exact: exact.trim().to_owned(), prefix, suffix };
    let position = Kind::Position(first, first + exact.chars().count());
    [quote, position].map(|kind| Selector { kind, refined_by: Vec::new() }).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(body: &str) -> String {
        let document = Element::parse(&format!("<w:body>{body}</w:body>")).unwrap();
        let empty = Element::default();
        let mut writer = Writer::new(&empty, &empty, &empty);
        writer.blocks(&document);
        writer.close_lists(0);
        writer.html.trim().to_owned()
    }

    #[test]
    fn runs_become_paragraphs_with_emphasis() {
        let run = |properties: &str, words: &str| {
            format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{words}</w:t></w:r>")
        };
        let body = format!(
            "<w:p>{}{}{}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>",
            run("<w:b/>", "a"),
            run("<w:b/>", "b"),
            run("<w:b w:val=\"0\"/>", "c &lt;")
        );
        assert_eq!(html(&body), "<p><strong>ab</strong>c &lt;</p>");
        assert_eq!(
            html("<w:p><w:pPr><w:pStyle w:val=\"Heading 2\"/></w:pPr><w:r><w:t>h</w:t></w:r></w:p>"),
            "<h2>h</h2>"
        );
    }

    #[test]
    fn lists_are_nested_by_level() {
        let item = |style: &str, words: &str| {
            format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>")
        };
        let body =
            [item("List Bullet", "a"), item("List Bullet 2", "b"), item("List Bullet", "c"), item("x", "d")]
                .concat();
        let wanted = "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><p>d</p>";
        assert_eq!(html(&body).replace('\n', ""), wanted);
    }
}
