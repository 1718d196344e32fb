//! Writes the notes of a text as W3C Web Annotations: an `AnnotationCollection` with one `AnnotationPage`.
//!
//! Follows the Web Annotation Data Model (W3C Recommendation, 23 February 2017), sections 3.2.4 (textual bodies), 4.2.4
//! and 4.2.5 (quote and position selectors) and 5 (collections).

use std::fmt::Write as _;
use std::ops::Range;

use super::annotation_pages::{Collection, Context, Page, json, page_path, split_at_items};
use super::json::{escape, string};
use crate::diagnostics::TextSpan;
use crate::names::address;
use crate::names::path::relative;
use crate::notes::About;
use crate::reader::{Placement, Reader, ReaderNote};
use crate::site::Site;

/// The name of the file in the folder of each reader page, and of the site's collection.
pub(crate) const FILE: &str = "annotations.jsonld";
/// The length of `prefix` and `suffix` in code points.
const CONTEXT_LENGTH: usize = 32;

/// The notes of a text as JSON.
#[derive(Debug, Default)]
pub(crate) struct TextAnnotations {
    /// The contents of the file in the folder of the reader page.
    pub json: Vec<u8>,
    /// Each note for the site's collection.
    pub items: Vec<String>,
}

/// Writes the notes of `reader`, without orphans.
pub(crate) fn write(reader: &Reader<'_>, site: &Site) -> TextAnnotations {
    let notes = || reader.notes.iter().filter(|note| note.placement != Placement::Orphan);
    let file = |fragment: &str| match site.base_url.as_str() {
        "" => format!("{FILE}{fragment}"),
        base => format!("{base}{}{fragment}", relative("", &address::in_folder(&reader.source.path, FILE))),
    };
    let collection = Collection {
        context: Context::of(site),
        id: file(""),
        r#type: "AnnotationCollection",
        label: &reader.source.title,
        total: notes().count(),
        first: Some(Page {
            context: None,
            id: file("#page-1"),
            r#type: "AnnotationPage",
            part_of: file(""),
            start_index: 0,
            prev: None,
            next: None,
            items: [],
        }),
        last: None,
    };
    let page = reader.source.page();
    let (page_url, page_from_collection) = match site.base_url.as_str() {
        "" => (None, relative(&page_path(1), &page)),
        base => (Some(format!("{base}{}", relative("", &page))), String::new()),
    };
    let collection = json(&collection);
    let (head, tail) = split_at_items(&collection);
    let mut writer = Writer {
        reader,
        site,
        page_url: page_url.as_deref(),
        code_points: CodePoints::new(reader.text.reading()),
        out: String::with_capacity(head.len() + reader.notes.len() * NOTE_CAPACITY),
        relative_urls: Vec::new(),
    };
    writer.out.push_str(head);
    let mut items = Vec::with_capacity(reader.notes.len());
    for (at, note) in notes().enumerate() {
        writer.out.push_str(if at == 0 { "" } else { ",\n" });
        let start = writer.out.len();
        writer.note(note);
        items.push(writer.item(start, &page_from_collection));
    }
    let mut json = writer.out;
    json.push_str(tail);
    json.push('\n');
    TextAnnotations { json: json.into_bytes(), items }
}

/// The reader page, relative to the file of annotations.
const READER_PAGE: &str = "index.html";
/// The length in bytes of most notes in JSON.
const NOTE_CAPACITY: usize = 1280;

/// Writes the notes of a text one after the other.
struct Writer<'w> {
    reader: &'w Reader<'w>,
    site: &'w Site,
    /// The URL of the reader page; `None` without a base URL, then URLs are relative to the file.
    page_url: Option<&'w str>,
    code_points: CodePoints<'w>,
    out: String,
    /// The byte ranges of the relative URLs in the current note; the site's collection needs others.
    relative_urls: Vec<Range<usize>>,
}

impl Writer<'_> {
    /// Writes a note (sections 3.1 to 3.3 of the model).
    fn note(&mut self, note: &ReaderNote<'_>) {
        let (reader, site, parsed) = (self.reader, self.site, note.parsed);
        let layer = reader.layers.get(note.layer);
        let author = layer.map(|layer| layer.author.as_str()).filter(|author| !author.is_empty());
        let created = parsed
            .date
            .as_ref()
            .map(crate::site::date::Date::as_str)
            .or(layer.map(|layer| layer.date.as_str()));
        self.relative_urls.clear();
        self.out.push_str("{\"id\":\"");
        self.page("");
        self.out.push_str("#note-");
        escape(&mut self.out, &parsed.id);
        self.out.push_str("\",\"type\":\"Annotation\"");
        self.member("motivation", parsed.kind(site).map_or("commenting", |kind| &kind.motivation));
        if let Some(name) = author {
            self.out.push_str(",\"creator\":{\"type\":\"Person\"");
            self.member("name", name);
            self.out.push('}');
        }
        self.instant("created", created);
        self.instant("modified", parsed.updated.as_ref().map(crate::site::date::Date::as_str));
        if site.licence.starts_with("http") {
            self.member("rights", &site.licence);
        }
        self.bodies(note);
        self.out.push_str(",\"target\":[");
        if parsed.about == Some(About::Text) {
            self.out.push_str("{\"id\":\"");
            self.page(READER_PAGE);
            self.out.push_str("\",\"type\":\"Text\"}");
        } else {
            for (at, passage) in note.passages.iter().enumerate() {
                self.out.push_str(if at == 0 { "" } else { "," });
                self.passage(*passage);
            }
        }
        self.out.push_str("]}");
    }

    /// Writes the bodies: the note itself, then its kind, verdict, works and tags.
    fn bodies(&mut self, note: &ReaderNote<'_>) {
        let parsed = note.parsed;
        self.out.push_str(",\"body\":[{\"type\":\"TextualBody\",\"value\":\"");
        for part in ["<h3>", &note.title, "</h3>\n", &note.body] {
            escape(&mut self.out, part);
        }
        self.out.push_str("\",\"format\":\"text/html\"");
        self.member("language", &self.site.language);
        self.out.push_str(",\"purpose\":\"commenting\"}");
        let works = parsed.works.iter().map(|work| (work.text.as_str(), "identifying"));
        let tags = parsed.tags.iter().map(|tag| (tag.as_str(), "tagging"));
        let kind = parsed.kind(self.site).map(|kind| (kind.id.as_str(), "classifying"));
        let verdict = parsed.verdict(self.site).map(|verdict| (verdict.id.as_str(), "assessing"));
        for (value, purpose) in kind.into_iter().chain(verdict).chain(works).chain(tags) {
            self.out.push_str(",{\"type\":\"TextualBody\"");
            self.member("value", value);
            self.member("purpose", purpose);
            self.out.push('}');
        }
        self.out.push(']');
    }

    /// Writes a passage as a target with a quote selector and a position selector.
    fn passage(&mut self, span: TextSpan) {
        let (start, end) = (self.code_points.at(span.start), self.code_points.at(span.end));
        let reading = self.code_points.reading;
        let (before, after) = (&reading[..span.start], &reading[span.end..]);
        let prefix_start =
            before.char_indices().rev().take(CONTEXT_LENGTH).last().map_or(span.start, |(at, _)| at);
        let suffix_end = after.char_indices().nth(CONTEXT_LENGTH).map_or(after.len(), |(at, _)| at);
        self.out.push_str("{\"source\":\"");
        self.page(READER_PAGE);
        self.out.push_str("\",\"selector\":[{\"type\":\"TextQuoteSelector\"");
        self.member("exact", &reading[span.range()]);
        self.member("prefix", &before[prefix_start..]);
        self.member("suffix", &after[..suffix_end]);
        let position =
            format_args!("}},{{\"type\":\"TextPositionSelector\",\"start\":{start},\"end\":{end}}}]}}");
        self.out.write_fmt(position).expect("writing to a string cannot fail");
    }

    /// Writes a date member, unless the date is missing or not a day.
    fn instant(&mut self, name: &str, date: Option<&str>) {
        if let Some(instant) = date.and_then(timestamp) {
            self.member(name, &instant);
        }
    }

    /// Writes a member that is not the first of its object.
    fn member(&mut self, name: &str, value: &str) {
        self.out.push_str(",\"");
        self.out.push_str(name);
        self.out.push_str("\":");
        string(&mut self.out, value);
    }

    /// Writes the URL of the reader page; without a base URL, `relative`.
    fn page(&mut self, relative: &str) {
        let start = self.out.len();
        if let Some(url) = self.page_url {
            escape(&mut self.out, url);
        } else {
            self.out.push_str(relative);
            self.relative_urls.push(start..self.out.len());
        }
    }

    /// The note that was written from `start`, for the site's collection: its relative URLs are replaced by `page`.
    fn item(&self, start: usize, page: &str) -> String {
        let mut item = String::with_capacity(self.out.len() - start + self.relative_urls.len() * page.len());
        let mut copied = start;
        for url in &self.relative_urls {
            item.push_str(&self.out[copied..url.start]);
            item.push_str(page);
            copied = url.end;
        }
        item.push_str(&self.out[copied..]);
        item
    }
}

/// The start of a day as `xsd:dateTime`, which the model requires; `None` for a month or a year.
fn timestamp(date: &str) -> Option<String> {
    (date.len() == 10).then(|| format!("{date}T00:00:00Z"))
}

/// Converts byte offsets into code point offsets. Counts from the offset converted before, since offsets come in order.
struct CodePoints<'t> {
    reading: &'t str,
    byte: usize,
    count: usize,
    ascii: bool,
}

impl<'t> CodePoints<'t> {
    fn new(reading: &'t str) -> Self {
        Self { reading, byte: 0, count: 0, ascii: reading.is_ascii() }
    }

    /// The number of code points before the byte offset `byte`.
    fn at(&mut self, byte: usize) -> usize {
        if self.ascii {
            return byte;
        }
        if byte < self.byte {
            self.count -= self.reading[byte..self.byte].chars().count();
        } else {
            self.count += self.reading[self.byte..byte].chars().count();
        }
        self.byte = byte;
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_counted_both_ways() {
        let mut points = CodePoints::new("aé日😀z");
        let ends: Vec<usize> = "aé日😀z".char_indices().map(|(at, _)| at).collect();
        assert_eq!(ends.iter().map(|&at| points.at(at)).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(points.at(ends[2]), 2);
    }

    #[test]
    fn only_a_day_has_a_timestamp() {
        assert_eq!(timestamp("2026-11-21").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(timestamp("2026-11"), None);
    }
}
