//! Notes by date as an Atom feed (RFC 4287).
//!
//! Dates are those of the notes, their layers or the edition; a note without any is in no feed. A day
//! is the instant it begins.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

/// The name of the file, at the root and beside each reader page.
pub const FILE: &str = "feed.xml";
/// The most entries in a feed.
pub const MOST: usize = 100;

/// A feed.
#[derive(Debug)]
pub struct Feed<'f> {
    /// Its title.
    pub title: &'f str,
    /// The language of the notes.
    pub language: &'f str,
    /// Its own address.
    pub address: String,
    /// The address of the page it is of.
    pub page: String,
    /// Who made the edition.
    pub authors: &'f [String],
    /// Its entries, newest first.
    pub items: Vec<Item<'f>>,
}

/// A note in a feed.
#[derive(Debug)]
pub struct Item<'f> {
    /// Its address, which is also its id.
    pub address: String,
    /// Its title.
    pub title: String,
    /// Its day, month or year.
    pub date: &'f str,
    /// Who wrote it; may be empty.
    pub author: &'f str,
    /// Its kind and verdict.
    pub categories: Vec<&'f str>,
    /// What it is about, in plain words.
    pub summary: String,
}

/// The feed as XML.
pub fn write(feed: &Feed<'_>) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let updated = feed.items.first().map(|item| instant(item.date)).unwrap_or_default();
    writer
        .create_element("feed")
        .with_attributes([("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", feed.language)])
        .write_inner_content(|writer| {
            text(writer, "id", &feed.address)?;
            text(writer, "title", feed.title)?;
            text(writer, "updated", &updated)?;
            link(writer, "self", &feed.address)?;
            link(writer, "alternate", &feed.page)?;
            let nobody = [feed.title.to_owned()];
            for name in if feed.authors.is_empty() { &nobody } else { feed.authors } {
                author(writer, name)?;
            }
            feed.items.iter().try_for_each(|item| entry(writer, item))
        })?;
    Ok(writer.into_inner())
}

type Out = Writer<Vec<u8>>;

fn entry(writer: &mut Out, item: &Item<'_>) -> io::Result<()> {
    writer.create_element("entry").write_inner_content(|writer| {
        text(writer, "id", &item.address)?;
        text(writer, "title", &item.title)?;
        text(writer, "updated", &instant(item.date))?;
        link(writer, "alternate", &item.address)?;
        if !item.author.is_empty() {
            author(writer, item.author)?;
        }
        for category in &item.categories {
            writer.create_element("category").with_attribute(("term", *category)).write_empty()?;
        }
        text(writer, "summary", &item.summary)
    })?;
    Ok(())
}

fn text(writer: &mut Out, name: &str, words: &str) -> io::Result<()> {
    // XML has no place for control characters, not even escaped.
    let clean: String = words.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
    writer.create_element(name).write_text_content(BytesText::new(&clean))?;
    Ok(())
}

fn link(writer: &mut Out, relation: &str, address: &str) -> io::Result<()> {
    writer.create_element("link").with_attributes([("rel", relation), ("href", address)]).write_empty()?;
    Ok(())
}

fn author(writer: &mut Out, name: &str) -> io::Result<()> {
    writer.create_element("author").write_inner_content(|writer| text(writer, "name", name))?;
    Ok(())
}

/// The instant that a day, a month or a year begins.
fn instant(date: &str) -> String {
    let day = match date.len() {
        4 => format!("{date}-01-01"),
        7 => format!("{date}-01"),
        _ => date.get(..10).unwrap_or(date).to_owned(),
    };
    format!("{day}T00:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_with_its_first_day() {
        assert_eq!(
            ["2024", "2024-02", "2024-02-03"].map(instant),
            ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-02-03T00:00:00Z"]
        );
    }

    #[test]
    fn words_are_escaped_and_control_characters_left_out() {
        let item = Item {
            address: "https://x/a#note-b".into(),
            title: "a < b & \u{1}c".into(),
            date: "2024",
            author: "",
            categories: vec!["q\"s"],
            summary: String::new(),
        };
        let feed = Feed {
            title: "T",
            language: "en",
            address: "https://x/feed.xml".into(),
            page: "https://x/".into(),
            authors: &[],
            items: vec![item],
        };
        let text = String::from_utf8(write(&feed).unwrap()).unwrap();
        assert!(text.contains("<title>a &lt; b &amp; c</title>"), "{text}");
        assert!(text.contains("<category term=\"q&quot;s\"/>"), "{text}");
        assert!(text.contains("<author><name>T</name></author>"), "a feed has an author: {text}");
    }
}
