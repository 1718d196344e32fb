//! Writes HTML as the XHTML that EPUB allows: known elements and attributes, links within the book, and pictures in the
//! book.

use std::collections::BTreeMap;

use scraper::Node;
use scraper::node::Element;

use crate::archive::Xml;
use crate::export::dom::{self, NodeRef, has_class};
use crate::export::format::ExportContext;
use crate::notes::review::sha256;

/// The elements that are kept.
const KEPT: [&str; 57] = [
    "a",
    "abbr",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
];
const MORE: [&str; 6] = ["time", "tr", "u", "ul", "var", "wbr"];
/// Obsolete elements, with what replaces them.
const REPLACED: [(&str, &str); 6] = [
    ("acronym", "abbr"),
    ("center", "div"),
    ("strike", "s"),
    ("tt", "code"),
    ("big", "span"),
    ("font", "span"),
];
/// Elements without content.
const EMPTY: [&str; 4] = ["br", "hr", "wbr", "col"];
/// The media types of pictures that every reading system shows (EPUB 3.3, section 3.2).
const PICTURES: [(&str, &str); 6] = [
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
];

/// The pictures of a book: contents by path in the book.
pub(super) type Pictures = BTreeMap<String, Vec<u8>>;

/// The media type of a picture.
pub(super) fn media_type(path: &str) -> Option<&'static str> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    PICTURES.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind)
}

/// Writes HTML into a chapter.
pub(super) struct Html<'h> {
    pub context: &'h ExportContext<'h>,
    /// The path of the page that relative URLs in the HTML refer to.
    pub page: &'h str,
    /// Rewrites the target of a link; `None` for one that leads nowhere in the book and outside.
    pub link: &'h dyn Fn(&str) -> Option<String>,
    pub pictures: &'h mut Pictures,
    /// What stands before the number of a block in its page label; `None` if the HTML is not the text itself.
    pub pages: Option<&'h str>,
}

impl Html<'_> {
    /// Writes a fragment.
    pub(super) fn write(&mut self, xml: &mut Xml, html: &str) {
        let tree = dom::parse(html);
        for child in dom::children(&tree) {
            self.node(xml, child);
        }
    }

    fn node(&mut self, xml: &mut Xml, node: NodeRef<'_>) {
        match node.value() {
            Node::Text(text) => xml.text(text),
            Node::Element(element) => self.element(xml, node, element),
            _ => {}
        }
    }

    fn element(&mut self, xml: &mut Xml, node: NodeRef<'_>, element: &Element) {
        if element.name() == "img" {
            return self.picture(xml, element);
        }
        let name = name_of(element.name());
        let attributes = self.attributes(name, element);
        let attributes: Vec<(&str, &str)> =
            attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if EMPTY.contains(&name) {
            return xml.empty(name, &attributes);
        }
        // These elements cannot contain a page break.
        let is_before = ["details", "table"].contains(&name);
        if is_before {
            self.page_break(xml, element);
        }
        xml.open(name, &attributes);
        if !is_before {
            self.page_break(xml, element);
        }
        for child in node.children() {
            self.node(xml, child);
        }
        xml.close();
    }

    /// Marks the start of a numbered block as that of a page.
    fn page_break(&self, xml: &mut Xml, element: &Element) {
        let number = element.attr("id").and_then(|id| id.strip_prefix("p-"));
        let (Some(before), Some(number)) = (self.pages, number.filter(|number| is_number(number))) else {
            return;
        };
        let (id, label) = (page_id(number), format!("{before}{number}"));
        let attributes: [(&str, &str); 4] =
            [("epub:type", "pagebreak"), ("role", "doc-pagebreak"), ("id", &id), ("aria-label", &label)];
        xml.open("span", &attributes);
        xml.close();
    }

    fn attributes(&self, name: &str, element: &Element) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (key, value) in element.attrs() {
            let is_kept = match key {
                "href" if name == "a" => {
                    if let Some(url) = (self.link)(value) {
                        all.push((key.to_owned(), url));
                    }
                    false
                }
                "lang" => {
                    all.push(("xml:lang".to_owned(), value.to_owned()));
                    !value.is_empty()
                }
                "class" => name != "mark" && !value.trim().is_empty(),
                "id" | "role" | "title" => !value.is_empty(),
                "dir" => ["ltr", "rtl", "auto"].contains(&value),
                "colspan" | "rowspan" => ["td", "th"].contains(&name) && is_number(value) && value != "0",
                "span" => ["col", "colgroup"].contains(&name) && is_number(value),
                "value" => name == "li" && is_number(value),
                "start" => name == "ol" && is_number(value),
                "type" => name == "ol" && ["1", "a", "A", "i", "I"].contains(&value),
                "scope" => name == "th" && ["row", "col", "rowgroup", "colgroup"].contains(&value),
                "datetime" => name == "time",
                "aria-label" => element.attr("role").is_some() || name == "a",
                key => key.starts_with("data-") && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            };
            if is_kept {
                all.push((key.to_owned(), value.to_owned()));
            }
        }
        if name == "pre" && element.attr("dir").is_none() {
            // EPUB style sheets must not set the direction.
            all.push(("dir".to_owned(), "ltr".to_owned()));
        }
        if element.attr("role") == Some("doc-noteref") {
            all.push(("epub:type".to_owned(), "noteref".to_owned()));
        }
        if has_class(element, "footnotes") {
            all.push(("epub:type".to_owned(), "footnotes".to_owned()));
        }
        all
    }

    fn picture(&mut self, xml: &mut Xml, element: &Element) {
        let alternative = element.attr("alt").unwrap_or_default();
        let file = element
            .attr("src")
            .and_then(|src| ExportContext::target(self.page, src))
            .and_then(|(path, _)| Some((media_type(&path)?, self.context.asset(&path)?, path)));
        match file {
            Some((_, bytes, path)) => {
                let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
                let name = format!("media/{}.{}", &sha256(&bytes)[..16], extension.to_ascii_lowercase());
                let mut attributes = vec![("src", name.as_str()), ("alt", alternative)];
                for key in ["width", "height"] {
                    attributes
                        .extend(element.attr(key).filter(|value| is_number(value)).map(|value| (key, value)));
                }
                xml.empty("img", &attributes);
                self.pictures.insert(name, bytes);
            }
            None if alternative.is_empty() => {}
            None => {
                xml.open("span", &[("class", "unavailable"), ("role", "img"), ("aria-label", alternative)]);
                xml.close();
            }
        }
    }
}

/// The id of the page break before a block.
pub(super) fn page_id(number: impl std::fmt::Display) -> String {
    format!("page-{number}")
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.len() < 6 && value.bytes().all(|b| b.is_ascii_digit())
}

/// The name of the element that stands for one in HTML.
fn name_of(name: &str) -> &'static str {
    let replaced = REPLACED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new);
    match KEPT.iter().chain(&MORE).find(|kept| **kept == replaced) {
        Some(kept) => kept,
        None if crate::html::is_block(name) => "div",
        None => "span",
    }
}
