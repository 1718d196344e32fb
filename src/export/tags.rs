//! Divides an HTML page into tags and everything else, so that tags can be rewritten and the rest stays as it is.

use std::borrow::Cow;

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// A start tag.
    Tag(Tag<'p>),
    /// Text, end tags, comments, and the contents of scripts and styles.
    Other(&'p str),
}

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'p> {
    /// The tag as written.
    pub source: &'p str,
    /// Its name in lower case, if it is one of those that are rewritten.
    pub name: &'static str,
    /// Its name as written.
    pub name_as_written: &'p str,
    /// Its attributes.
    pub attributes: Vec<Attribute<'p>>,
}

impl Tag<'_> {
    /// The value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(Attribute::value)
    }
}

/// An attribute of a start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'p> {
    /// The attribute as written, with the white space before it.
    pub source: &'p str,
    /// Its name; in lower case in all pages that a browser reads alike.
    pub name: &'p str,
    /// Its value as written, without quotation marks.
    raw: &'p str,
}

impl Attribute<'_> {
    /// The value with its character references replaced.
    pub(super) fn value(&self) -> Cow<'_, str> {
        if !self.raw.contains('&') {
            return Cow::Borrowed(self.raw);
        }
        let replaced = [
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&#x27;", "'"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&#x2F;", "/"),
        ];
        let mut value = self.raw.to_owned();
        for (written, meant) in replaced {
            value = value.replace(written, meant);
        }
        Cow::Owned(value.replace("&amp;", "&"))
    }
}

/// The elements whose tags hold URLs.
const NAMES: [&str; 16] = [
    "a", "area", "audio", "base", "embed", "form", "iframe", "img", "input", "link", "meta", "object",
    "script", "source", "track", "video",
];

/// Divides a page.
pub(super) fn pieces(page: &str) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = page.get(at..).and_then(|rest| rest.find('<')) {
        let start = at + found;
        let rest = &page[start..];
        if rest.starts_with("<!--") {
            at = start + rest.find("-->").map_or(rest.len(), |end| end + 3);
            continue;
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            at = start + 1;
            continue;
        }
        let (length, name, attributes) = tag(rest);
        let lower = name.to_ascii_lowercase();
        at = start + length;
        if let Some(&known) = NAMES.iter().find(|known| **known == lower) {
            if from < start {
                all.push(Piece::Other(&page[from..start]));
            }
            all.push(Piece::Tag(Tag {
                source: &rest[..length],
                name: known,
                name_as_written: name,
                attributes,
            }));
            from = at;
        }
        // Nothing in these is a tag.
        if ["script", "style", "textarea", "title"].contains(&lower.as_str()) {
            let end = format!("</{lower}");
            at += page[at..].to_ascii_lowercase().find(&end).unwrap_or(page.len() - at);
        }
    }
    if from < page.len() {
        all.push(Piece::Other(&page[from..]));
    }
    all
}

/// Reads the start tag at the beginning of `text`: its length, its name and its attributes.
fn tag(text: &str) -> (usize, &str, Vec<Attribute<'_>>) {
    let bytes = text.as_bytes();
    let is_space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let ends = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b'>');
    let mut at = 1;
    while !ends(at) && !is_space(at) && bytes.get(at) != Some(&b'/') {
        at += 1;
    }
    let name = &text[1..at];
    let mut attributes = Vec::new();
    loop {
        let start = at;
        while is_space(at) || bytes.get(at) == Some(&b'/') {
            at += 1;
        }
        if ends(at) {
            break;
        }
        let name_start = at;
        at += 1;
        while !ends(at) && !is_space(at) && ![Some(&b'='), Some(&b'/')].contains(&bytes.get(at)) {
            at += 1;
        }
        let name = &text[name_start..at];
        let mut raw = "";
        if bytes.get(at) == Some(&b'=') {
            at += 1;
            match bytes.get(at) {
                Some(quote @ (b'"' | b'\'')) => {
                    let from = at + 1;
                    let to = bytes[from..]
                        .iter()
                        .position(|byte| byte == quote)
                        .map_or(text.len(), |end| from + end);
                    raw = &text[from..to];
                    at = (to + 1).min(text.len());
                }
                _ => {
                    let from = at;
                    while !ends(at) && !is_space(at) {
                        at += 1;
                    }
                    raw = &text[from..at];
                }
            }
        }
        attributes.push(Attribute { source: &text[start..at], name, raw });
    }
    ((at + 1).min(text.len()), name, attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_joined_are_the_page() {
        let page = "<!DOCTYPE html><p>a < b<a href=\"x\" class='y' z>c</a><!-- <img src=q> --><img src=d/><script>\"<a>\"</script><style>a<b</style><br/><A HREF=e>";
        let all = pieces(page);
        let joined: String = all
            .iter()
            .map(|piece| match piece {
                Piece::Tag(tag) => tag.source,
                Piece::Other(text) => text,
            })
            .collect();
        assert_eq!(joined, page);
        let names: Vec<&str> = all
            .iter()
            .filter_map(|piece| match piece {
                Piece::Tag(tag) => Some(tag.name),
                Piece::Other(_) => None,
            })
            .collect();
        assert_eq!(names, ["a", "img", "script", "a"]);
    }

    #[test]
    fn unfinished_tags_end_with_the_page() {
        for page in ["<", "<a", "<a href", "<a href=", "<a href=\"", "<a href='é", "<script>", "<!--"] {
            let joined: String = pieces(page)
                .iter()
                .map(|piece| match piece {
                    Piece::Tag(tag) => tag.source,
                    Piece::Other(text) => text,
                })
                .collect();
            assert_eq!(joined, page);
        }
    }

    #[test]
    fn values_are_unescaped() {
        let all = pieces("<a href=\"x?a=1&amp;b=&quot;\">");
        let Some(Piece::Tag(tag)) = all.first() else { panic!("a tag") };
        assert_eq!(tag.value("href").as_deref(), Some("x?a=1&b=\""));
    }
}
