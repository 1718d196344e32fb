//! XML as a tree of elements, without regard to namespaces.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The maximum nesting depth of elements.
const MAX_DEPTH: usize = 400;

/// An XML element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name with its prefix, such as `w:p`.
    pub name: String,
    /// Its attributes, with prefixes.
    pub attributes: Vec<(String, String)>,
    /// Its children.
    pub children: Vec<Node>,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

/// An XML syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlError {
    /// The byte offset at which it was found.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

impl Element {
    /// Parses a document and returns its root element.
    pub(crate) fn parse(text: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or_default();
            let error = |message: String| XmlError { at, message };
            let event = reader.read_event().map_err(|cause| XmlError {
                at: usize::try_from(reader.error_position()).unwrap_or(at),
                message: cause.to_string(),
            })?;
            match event {
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(error(format!("elements are nested more than {MAX_DEPTH} levels deep")));
                    }
                    open.push(Self::start(&start));
                }
                Event::Empty(start) => {
                    let element = Self::start(&start);
                    match open.last_mut() {
                        Some(parent) => parent.children.push(Node::Element(element)),
                        None => root = root.or(Some(element)),
                    }
                }
                Event::End(_) => {
                    if let Some(element) = open.pop() {
                        match open.last_mut() {
                            Some(parent) => parent.children.push(Node::Element(element)),
                            None => root = root.or(Some(element)),
                        }
                    }
                }
                Event::Text(words) => push_text(&mut open, &words),
                Event::CData(words) => push_text(&mut open, &words),
                Event::GeneralRef(reference) => {
                    push_text(&mut open, &character(&reference));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        match (root, open.pop()) {
            (_, Some(unclosed)) => {
                Err(XmlError { at: text.len(), message: format!("`<{}>` is not closed", unclosed.name) })
            }
            (Some(root), None) => Ok(root),
            (None, None) => Err(XmlError { at: 0, message: "there is no element".to_owned() }),
        }
    }

    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start
            .attributes()
            .with_checks(false)
            .flatten()
            .map(|attribute| (attribute.key.as_ref().to_owned(), with_references(&attribute.value)))
            .collect();
        let name = start.name().as_ref().to_owned();
        Self { name, attributes, children: Vec::new() }
    }

    /// Its name without a prefix.
    pub(crate) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// The attribute with this name, without regard to prefixes.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key.rsplit(':').next() == Some(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Its child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child element with this local name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.local() == name)
    }

    /// The descendant at a path of local names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// All descendants with this local name, in document order.
    pub(crate) fn all<'e>(&'e self, name: &str) -> Vec<&'e Self> {
        let mut found = Vec::new();
        let mut rest: Vec<&Self> = vec![self];
        while let Some(element) = rest.pop() {
            if element.local() == name {
                found.push(element);
            }
            let children: Vec<&Self> = element.elements().collect();
            rest.extend(children.into_iter().rev());
        }
        found
    }

    /// The text of the element and its descendants.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let mut rest: Vec<&Node> = self.children.iter().rev().collect();
        while let Some(node) = rest.pop() {
            match node {
                Node::Text(words) => out.push_str(words),
                Node::Element(element) => rest.extend(element.children.iter().rev()),
            }
        }
        out
    }
}

fn push_text(open: &mut [Element], words: &str) {
    let Some(parent) = open.last_mut() else { return };
    match parent.children.last_mut() {
        Some(Node::Text(text)) => text.push_str(words),
        _ => parent.children.push(Node::Text(words.to_owned())),
    }
}

/// The character of a reference without `&` and `;`, including the names of HTML, which old documents use. An
/// unknown one stays as it is written.
fn character(name: &str) -> String {
    let code = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        },
        None => None,
    };
    match (code.and_then(char::from_u32), name) {
        (Some(c), _) => c.to_string(),
        (None, "amp") => "&".to_owned(),
        (None, "lt") => "<".to_owned(),
        (None, "gt") => ">".to_owned(),
        (None, "quot") => "\"".to_owned(),
        (None, "apos") => "'".to_owned(),
        (None, name) => {
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let written = format!("&{name};");
            if !is_name {
                return written;
            }
            scraper::Html::parse_fragment(&written).root_element().text().collect()
        }
    }
}

/// Text with its character references replaced.
fn with_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';').filter(|(name, _)| name.len() < 12) {
            Some((name, after)) => {
                out.push_str(&character(name));
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_read_with_its_references() {
        let root = Element::parse(
            "<?xml version=\"1.0\"?><!DOCTYPE a><a x:k='1 &lt; 2'>b &amp; &#x63;&nbsp;<!-- no --><w:d/><![CDATA[<e>]]></a>",
        )
        .unwrap();
        assert_eq!(root.text(), "b & c\u{a0}<e>");
        assert_eq!(root.attribute("k"), Some("1 < 2"));
        assert!(root.child("d").is_some());
    }

    #[test]
    fn invalid_xml_is_an_error() {
        for text in ["<a>", "<a></b>", "", "<a", &"<a>".repeat(500)] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
    }
}
