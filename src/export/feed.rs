//! Writes the newest notes as an Atom feed (RFC 4287).
//!
//! The date of an entry is that of the note, else of its layer, else of the edition; a note without any date is left
//! out. Atom needs a time, which is the start of the day.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{EditionData, EditionFile};
use crate::derive::registers::Entry;
use crate::names::address;
use crate::names::path::relative;
use crate::site::Site;
use crate::text::encode_fragment;
use crate::text::library::{Library, Source};

/// The name of the file, at the root and in the folder of each reader page.
pub(crate) const FILE: &str = "feed.xml";
/// The most entries in a feed.
const MAX_ENTRIES: usize = 100;

/// `feed.xml` at the root, if the site has a base URL and notes with dates.
pub(crate) struct Notes;

impl EditionFile for Notes {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        let has_url = !edition.site.base_url.is_empty();
        has_url.then(|| FILE.to_owned()).into_iter().collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let EditionData { site, library, entries, .. } = edition;
        let feed = build(FILE, &site.title, &address::home(1), entries, site, library)?;
        Ok(feed.map(|feed| (FILE.to_owned(), feed)).into_iter().collect())
    }
}

/// The path and XML of a text's feed; `None` if the site has no base URL or no note has a date.
pub(crate) fn of_text(
    source: &Source,
    entries: &[Entry],
    site: &Site,
    library: &Library,
) -> io::Result<Option<(String, Vec<u8>)>> {
    let path = address::in_folder(&source.path, FILE);
    let feed = build(&path, &source.title, &source.page(), entries, site, library)?;
    Ok(feed.map(|feed| (path, feed)))
}

/// The XML of the feed at `path`, which is about the page at `page`.
fn build(
    path: &str,
    title: &str,
    page: &str,
    entries: &[Entry],
    site: &Site,
    library: &Library,
) -> io::Result<Option<Vec<u8>>> {
    if site.base_url.is_empty() {
        return Ok(None);
    }
    fn date<'d>(entry: &'d Entry, site: &'d Site) -> Option<&'d str> {
        entry.date.as_deref().or(site.date.as_deref())
    }
    let mut entries: Vec<&Entry> = entries.iter().filter(|entry| date(entry, site).is_some()).collect();
    if entries.is_empty() {
        return Ok(None);
    }
    // Newest first; the sort is stable, so notes of one day keep their reading order.
    entries.sort_by_key(|entry| std::cmp::Reverse(date(entry, site)));
    entries.truncate(MAX_ENTRIES);
    let item = |entry: &&'_ Entry| {
        let text = library.sources.get(entry.source as usize);
        let address = text.map(|text| relative("", &text.page())).unwrap_or_default();
        let address = format!(
            "{}{}#note-{}",
            site.base_url,
            address::without_index(&address),
            encode_fragment(&entry.id)
        );
        let kind = entry.kind(site);
        let categories = kind.map(|kind| kind.label.clone()).into_iter();
        let verdict = entry.verdict(site).map(|verdict| verdict.label.clone());
        let passage = entry.excerpt.as_ref().map_or("", |excerpt| excerpt.passage());
        let title = || text.map(|text| text.title.clone()).unwrap_or_default();
        Item {
            address,
            title: entry.title.to_string(),
            date: date(entry, site).unwrap_or_default().to_owned(),
            author: entry.author.to_string(),
            categories: categories.chain(verdict).filter(|category| !category.is_empty()).collect(),
            summary: if passage.is_empty() { title() } else { passage.to_owned() },
        }
    };
    let feed = Feed {
        title,
        language: &site.language,
        address: format!("{}{}", site.base_url, relative("", path)),
        page: format!("{}{}", site.base_url, address::without_index(&relative("", page))),
        authors: &site.authors,
        items: entries.iter().map(item).collect(),
    };
    write(&feed).map(Some)
}

/// A feed.
#[derive(Debug)]
struct Feed<'f> {
    /// The title.
    title: &'f str,
    /// The language of the notes.
    language: &'f str,
    /// The URL of the feed.
    address: String,
    /// The URL of the page that it is about.
    page: String,
    /// The authors of the edition.
    authors: &'f [String],
    /// The entries, newest first.
    items: Vec<Item>,
}

/// An entry of a feed.
#[derive(Debug)]
struct Item {
    /// The URL of the note, also used as its id.
    address: String,
    /// The title of the note.
    title: String,
    /// A day, month or year.
    date: String,
    /// The author; may be empty.
    author: String,
    /// The labels of the kind and verdict.
    categories: Vec<String>,
    /// The passage as plain text, or the title of the text.
    summary: String,
}

/// Writes a feed as XML.
fn write(feed: &Feed<'_>) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let updated = feed.items.first().map(|item| instant(&item.date)).unwrap_or_default();
    writer
        .create_element("feed")
        .with_attributes([("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", feed.language)])
        .write_inner_content(|writer| {
            text(writer, "id", &feed.address)?;
            text(writer, "title", feed.title)?;
            text(writer, "updated", &updated)?;
            link(writer, "self", &feed.address)?;
            link(writer, "alternate", &feed.page)?;
            // Atom requires an author (RFC 4287, section 4.1.1).
            let fallback = [feed.title.to_owned()];
            for name in if feed.authors.is_empty() { &fallback } else { feed.authors } {
                author(writer, name)?;
            }
            feed.items.iter().try_for_each(|item| entry(writer, item))
        })?;
    Ok(writer.into_inner())
}

type Out = Writer<Vec<u8>>;

fn entry(writer: &mut Out, item: &Item) -> io::Result<()> {
    writer.create_element("entry").write_inner_content(|writer| {
        text(writer, "id", &item.address)?;
        text(writer, "title", &item.title)?;
        text(writer, "updated", &instant(&item.date))?;
        link(writer, "alternate", &item.address)?;
        if !item.author.is_empty() {
            author(writer, &item.author)?;
        }
        for category in &item.categories {
            writer.create_element("category").with_attribute(("term", category.as_str())).write_empty()?;
        }
        text(writer, "summary", &item.summary)
    })?;
    Ok(())
}

fn text(writer: &mut Out, name: &str, words: &str) -> io::Result<()> {
    // XML 1.0 does not allow control characters, not even escaped.
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

/// The start of a day, month or year, as an RFC 3339 timestamp.
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
    fn a_month_or_year_starts_on_its_first_day() {
        assert_eq!(
            ["2024", "2024-02", "2024-02-03"].map(instant),
            ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-02-03T00:00:00Z"]
        );
    }

    #[test]
    fn text_is_escaped_and_control_characters_are_removed() {
        let item = Item {
            address: "https://x/a#note-b".into(),
            title: "a < b & \u{1}c".into(),
            date: "2024".into(),
            author: String::new(),
            categories: vec!["q\"s".into()],
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
