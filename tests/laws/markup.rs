//! A strict parser for the HTML that Postil writes: it accepts only the forms listed here, so what it parses
//! is exactly what was written. [`super::dom`] parses the same HTML as a browser does.

use std::collections::BTreeMap;

use proptest::test_runner::TestCaseError;

/// A piece of markup; a void element is opened and closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A start tag with its attributes.
    Open(String, BTreeMap<String, String>),
    /// An end tag.
    Close(String),
    /// Text, decoded as in the DOM.
    Text(String),
}

type Result<T> = std::result::Result<T, TestCaseError>;

fn fail<T>(html: &str, rest: &str, why: &str) -> Result<T> {
    let at = html.len() - rest.len();
    let context: String = rest.chars().take(80).collect();
    Err(TestCaseError::fail(format!("{why} at byte {at}: {context:?}\nof {html:?}")))
}

/// Removes marks and note references.
pub(crate) fn without_marks(html: &str) -> Result<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) =
        ["<mark", "</mark", "<a class=\"note-ref\""].iter().filter_map(|tag| rest.find(tag)).min()
    {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("</mark>") {
            rest = after;
            continue;
        }
        let Some((name, attributes, void, after)) = tag(rest) else { return fail(html, rest, "not a tag") };
        let keys: Vec<&str> =
            attributes.iter().map(|(key, _)| key.as_str()).filter(|key| *key != "id").collect();
        let expected: &[&str] = match name {
            "mark" if keys.first() == Some(&"class") => &["class", "data-notes", "data-kinds", "data-tones"],
            "mark" => &["data-notes", "data-kinds", "data-tones"],
            _ => &["class", "href", "role", "data-number", "data-kind", "aria-label"],
        };
        // Only verdicts with a tone have the attribute.
        let keys: Vec<&str> = keys.into_iter().filter(|key| *key != "data-tone").collect();
        if keys != expected || void {
            return fail(html, rest, "not the attributes of a mark or reference");
        }
        rest = match name {
            "mark" => after,
            _ => match after.strip_prefix("</a>") {
                Some(after) => after,
                None => return fail(html, rest, "a note reference with content"),
            },
        };
    }
    out.push_str(rest);
    Ok(out)
}

/// Parses the markup; an error if it is not well-formed.
pub(crate) fn events(html: &str) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let words = rest.find('<').unwrap_or(rest.len());
        if words > 0 {
            let Some(mut text) = decode(&rest[..words]) else { return fail(html, rest, "not escaped") };
            // A line break directly after `<pre>` is not part of the text (HTML, 13.2.6.4.7).
            if matches!(events.last(), Some(Event::Open(name, _)) if name == "pre") && text.starts_with('\n')
            {
                text.remove(0);
            }
            if !text.is_empty() {
                events.push(Event::Text(text));
            }
            rest = &rest[words..];
        } else if let Some(after) = rest.strip_prefix("</") {
            let Some((name, after)) = after.split_once('>') else {
                return fail(html, rest, "an unclosed tag");
            };
            if open.pop().as_deref() != Some(name) {
                return fail(html, rest, "an unmatched end tag");
            }
            events.push(Event::Close(name.to_owned()));
            rest = after;
        } else {
            let Some((name, attributes, void, after)) = tag(rest) else {
                return fail(html, rest, "not a tag");
            };
            let count = attributes.len();
            let attributes: BTreeMap<String, String> = attributes.into_iter().collect();
            if attributes.len() != count {
                return fail(html, rest, "a duplicate attribute");
            }
            if void != matches!(name, "br" | "hr" | "img" | "wbr" | "col") {
                return fail(html, rest, "a void element with content, or another without an end tag");
            }
            events.push(Event::Open(name.to_owned(), attributes));
            if void {
                events.push(Event::Close(name.to_owned()));
            } else {
                open.push(name.to_owned());
            }
            rest = after;
        }
    }
    if open.is_empty() { Ok(events) } else { fail(html, "", &format!("left open: {open:?}")) }
}

type Tag<'h> = (&'h str, Vec<(String, String)>, bool, &'h str);

/// Parses `<name key="value" … />` and returns the rest.
fn tag(html: &str) -> Option<Tag<'_>> {
    let rest = html.strip_prefix('<')?;
    let end = rest.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())?;
    let (name, mut rest) = rest.split_at(end);
    let mut attributes = Vec::new();
    while let Some(more) = rest.strip_prefix(' ').filter(|more| !more.starts_with('/')) {
        let (key, more) = more.split_once("=\"")?;
        let (value, more) = more.split_once('"')?;
        let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        // A browser reads U+0000 in an attribute as U+FFFD.
        attributes.push((plain.then(|| key.to_owned())?, decode(value)?.replace('\0', "\u{fffd}")));
        rest = more;
    }
    match rest.strip_prefix(" />") {
        Some(rest) => Some((name, attributes, true, rest)),
        None => Some((name, attributes, false, rest.strip_prefix('>')?)),
    }
    .filter(|_| !name.is_empty())
}

/// Decodes the character references that Postil writes; `None` for any other, and for a bare `&`, `<` or `>`.
fn decode(words: &str) -> Option<String> {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let references = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#13;", '\r')];
        let (reference, c) = references.iter().find(|(reference, _)| rest.starts_with(reference))?;
        out.push(*c);
        rest = &rest[reference.len()..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_markup_is_rejected() {
        for bad in [
            "<p>",
            "</p>",
            "<p></b>",
            "a & b",
            "a > b",
            "<br>",
            "<p a=b></p>",
            "<P></P>",
            "<p a=\"1\" a=\"2\"></p>",
            "<!-- -->",
            "&nbsp;",
        ] {
            assert!(events(bad).is_err(), "{bad}");
        }
        assert!(without_marks("<mark>x</mark>").is_err());
        assert!(events("<p id=\"p-1\">a &amp; b<br />\n</p>\n").is_ok());
    }
}
