//! Notes as W3C Web Annotations: each text's as an `AnnotationCollection` with one `AnnotationPage`, and all
//! of a site as a collection in pages of at most `MOST`.
//!
//! After the Web Annotation Data Model (W3C Recommendation, 23 February 2017): sections 3.2.4
//! (textual bodies), 4.2.4 and 4.2.5 (quote and position selectors), 5 (collections).

use std::fmt::Write as _;
use std::ops::Range;

use serde::Serialize;

use super::json::{escape, string};
use crate::diagnostics::TextSpan;
use crate::names::address;
use crate::names::path::relative;
use crate::notes::About;
use crate::reader::{Placement, Reader, ReaderNote};
use crate::site::Site;

/// The name of the file beside each reader page.
pub const FILE: &str = "annotations.jsonld";
/// The most notes on a page of the site's collection.
pub const MOST: usize = 100;
const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";
/// How many code points of the text stand around a quote.
const AROUND: usize = 32;

/// A collection, but for its notes.
#[derive(Serialize)]
struct Collection<'a, P: Serialize> {
    #[serde(rename = "@context")]
    context: &'static str,
    id: String,
    r#type: &'static str,
    label: &'a str,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

/// A page of a collection, but for its notes.
#[derive(Serialize)]
struct Page {
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    context: Option<&'static str>,
    id: String,
    r#type: &'static str,
    #[serde(rename = "partOf")]
    part_of: String,
    #[serde(rename = "startIndex")]
    start_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Stays empty; notes are written once, and put in its place.
    items: [(); 0],
}

/// The notes of a text, written.
#[derive(Debug, Default)]
pub struct Written {
    /// The file beside the reader page.
    pub json: Vec<u8>,
    /// Each note by itself, as the site's collection has it.
    pub items: Vec<String>,
}

/// The notes of `reader` as JSON. Orphans are not in it.
pub fn write(reader: &Reader<'_>, site: &Site) -> Written {
    let notes = || reader.notes.iter().filter(|note| note.placement != Placement::Orphan);
    let file = |fragment: &str| match site.base_url.as_str() {
        "" => format!("{FILE}{fragment}"),
        base => format!("{base}{}{fragment}", relative("", &address::in_folder(&reader.source.path, FILE))),
    };
    let collection = Collection {
        context: CONTEXT,
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
    let (address, afar) = match site.base_url.as_str() {
        "" => (None, relative(&file_of_page(1), &page)),
        base => (Some(format!("{base}{}", relative("", &page))), String::new()),
    };
    let collection = json(&collection);
    let (head, tail) = around_items(&collection);
    let mut writer = Writer {
        reader,
        site,
        address: address.as_deref(),
        points: Points::new(reader.text.reading()),
        out: String::with_capacity(head.len() + reader.notes.len() * USUAL),
        addresses: Vec::new(),
    };
    writer.out.push_str(head);
    let mut items = Vec::with_capacity(reader.notes.len());
    for (at, note) in notes().enumerate() {
        writer.out.push_str(if at == 0 { "" } else { ",\n" });
        let start = writer.out.len();
        writer.note(note);
        items.push(writer.seen_from_afar(start, &afar));
    }
    let mut json = writer.out;
    json.push_str(tail);
    json.push('\n');
    Written { json: json.into_bytes(), items }
}

/// The reader page, from the file beside it.
const BESIDE: &str = "index.html";
/// About how long a note is in JSON.
const USUAL: usize = 1280;

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What stands before and after the notes of a collection that was written without any.
fn around_items(json: &str) -> (&str, &str) {
    const EMPTY: &str = "\"items\":[";
    // Nothing but field names has its quotation marks bare, and the last of them is this one.
    json.split_at(json.rfind(EMPTY).map_or(json.len(), |at| at + EMPTY.len()))
}

/// Puts written notes where `json` has none.
fn with_items(json: &str, items: &[String]) -> Vec<u8> {
    let (head, tail) = around_items(json);
    let notes: usize = items.iter().map(|item| item.len() + 2).sum();
    let mut out = Vec::with_capacity(json.len() + notes + 1);
    out.extend_from_slice(head.as_bytes());
    for (at, item) in items.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b",\n" });
        out.extend_from_slice(item.as_bytes());
    }
    out.extend_from_slice(tail.as_bytes());
    out.push(b'\n');
    out
}

/// The file of page `number`, from 1, of the site's collection.
pub fn file_of_page(number: usize) -> String {
    format!("annotations/{number}.jsonld")
}

/// All notes of a site as a collection in pages, made while texts go by.
#[derive(Debug)]
pub struct Sitewide<'s> {
    site: &'s Site,
    /// The notes of the page that is being filled.
    items: Vec<String>,
    pages: usize,
    total: usize,
}

impl<'s> Sitewide<'s> {
    /// A collection of nothing yet.
    pub fn new(site: &'s Site) -> Self {
        Self { site, items: Vec::new(), pages: 0, total: 0 }
    }

    /// Adds a note; a page that is full is returned, with its path, when one more note is there.
    pub fn add(&mut self, item: String) -> Option<(String, Vec<u8>)> {
        let full = (self.items.len() == MOST).then(|| self.page(false));
        self.items.push(item);
        self.total += 1;
        full
    }

    /// The last page, if there is one, and the collection itself.
    pub fn finish(mut self) -> Vec<(String, Vec<u8>)> {
        let last = (!self.items.is_empty()).then(|| self.page(true));
        let page = |number: usize| (number > 0).then(|| self.address("", &file_of_page(number)));
        let collection = Collection {
            context: CONTEXT,
            id: self.address("", FILE),
            r#type: "AnnotationCollection",
            label: &self.site.title,
            total: self.total,
            first: page(self.pages.min(1)),
            last: page(self.pages),
        };
        let mut root = json(&collection).into_bytes();
        root.push(b'\n');
        last.into_iter().chain([(FILE.to_owned(), root)]).collect()
    }

    fn page(&mut self, is_last: bool) -> (String, Vec<u8>) {
        self.pages += 1;
        let items = std::mem::take(&mut self.items);
        let path = file_of_page(self.pages);
        let other = |number: usize| self.address(&path, &file_of_page(number));
        let page = Page {
            context: Some(CONTEXT),
            id: other(self.pages),
            r#type: "AnnotationPage",
            part_of: self.address(&path, FILE),
            start_index: self.total - items.len(),
            prev: (self.pages > 1).then(|| other(self.pages - 1)),
            next: (!is_last).then(|| other(self.pages + 1)),
            items: [],
        };
        let written = with_items(&json(&page), &items);
        (path, written)
    }

    /// A file of the site, from another.
    fn address(&self, from: &str, to: &str) -> String {
        match self.site.base_url.as_str() {
            "" => relative(from, to),
            base => format!("{base}{}", relative("", to)),
        }
    }
}

/// Writes the notes of a text one behind the other.
struct Writer<'w> {
    reader: &'w Reader<'w>,
    site: &'w Site,
    /// The address of the reader page; without one of its own it is named as it stands beside the file.
    address: Option<&'w str>,
    points: Points<'w>,
    out: String,
    /// Where the note that is being written names the page as it stands beside the file.
    addresses: Vec<Range<usize>>,
}

impl Writer<'_> {
    /// A note, after the model's sections 3.1 to 3.3.
    fn note(&mut self, note: &ReaderNote<'_>) {
        let (reader, site, parsed) = (self.reader, self.site, note.parsed);
        let layer = reader.layers.get(note.layer);
        let author = layer.map(|layer| layer.author.as_str()).filter(|author| !author.is_empty());
        let written = parsed
            .date
            .as_ref()
            .map(crate::site::date::Date::as_str)
            .or(layer.map(|layer| layer.date.as_str()));
        self.addresses.clear();
        self.out.push_str("{\"id\":\"");
        self.page("");
        self.out.push_str("#note-");
        escape(&mut self.out, &parsed.id);
        self.out.push_str("\",\"type\":\"Annotation\"");
        self.member("motivation", site.kind(&parsed.kind).map_or("commenting", |kind| &kind.motivation));
        if let Some(name) = author {
            self.out.push_str(",\"creator\":{\"type\":\"Person\"");
            self.member("name", name);
            self.out.push('}');
        }
        self.instant("created", written);
        self.instant("modified", parsed.updated.as_ref().map(crate::site::date::Date::as_str));
        if site.licence.starts_with("http") {
            self.member("rights", &site.licence);
        }
        self.bodies(note);
        self.out.push_str(",\"target\":[");
        if parsed.about == Some(About::Text) {
            self.out.push_str("{\"id\":\"");
            self.page(BESIDE);
            self.out.push_str("\",\"type\":\"Text\"}");
        } else {
            for (at, passage) in note.passages.iter().enumerate() {
                self.out.push_str(if at == 0 { "" } else { "," });
                self.passage(*passage);
            }
        }
        self.out.push_str("]}");
    }

    /// The note itself, then its kind, verdict, works and tags.
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
        let verdict = parsed.verdict.iter().map(|verdict| (verdict.as_str(), "assessing"));
        let kind = [(parsed.kind.as_str(), "classifying")];
        for (value, purpose) in kind.into_iter().chain(verdict).chain(works).chain(tags) {
            self.out.push_str(",{\"type\":\"TextualBody\"");
            self.member("value", value);
            self.member("purpose", purpose);
            self.out.push('}');
        }
        self.out.push(']');
    }

    fn passage(&mut self, span: TextSpan) {
        let (start, end) = (self.points.at(span.start), self.points.at(span.end));
        let reading = self.points.reading;
        let (before, after) = (&reading[..span.start], &reading[span.end..]);
        let prefix_start = before.char_indices().rev().take(AROUND).last().map_or(span.start, |(at, _)| at);
        let suffix_end = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
        self.out.push_str("{\"source\":\"");
        self.page(BESIDE);
        self.out.push_str("\",\"selector\":[{\"type\":\"TextQuoteSelector\"");
        self.member("exact", &reading[span.range()]);
        self.member("prefix", &before[prefix_start..]);
        self.member("suffix", &after[..suffix_end]);
        let place =
            format_args!("}},{{\"type\":\"TextPositionSelector\",\"start\":{start},\"end\":{end}}}]}}");
        self.out.write_fmt(place).expect("writing to a string cannot fail");
    }

    fn instant(&mut self, name: &str, date: Option<&str>) {
        if let Some(instant) = date.and_then(timestamp) {
            self.member(name, &instant);
        }
    }

    /// A member of an object that has one before it.
    fn member(&mut self, name: &str, value: &str) {
        self.out.push_str(",\"");
        self.out.push_str(name);
        self.out.push_str("\":");
        string(&mut self.out, value);
    }

    /// The address of the reader page, or what it is called in the file beside it.
    fn page(&mut self, beside: &str) {
        let start = self.out.len();
        if let Some(address) = self.address {
            escape(&mut self.out, address);
        } else {
            self.out.push_str(beside);
            self.addresses.push(start..self.out.len());
        }
    }

    /// The note that begins at `start`, with the addresses that it has in the site's collection.
    fn seen_from_afar(&self, start: usize, page: &str) -> String {
        let mut item = String::with_capacity(self.out.len() - start + self.addresses.len() * page.len());
        let mut copied = start;
        for address in &self.addresses {
            item.push_str(&self.out[copied..address.start]);
            item.push_str(page);
            copied = address.end;
        }
        item.push_str(&self.out[copied..]);
        item
    }
}

/// A day as the instant it begins, since the model asks for `xsd:dateTime`; a month or a year is none.
fn timestamp(date: &str) -> Option<String> {
    (date.len() == 10).then(|| format!("{date}T00:00:00Z"))
}

/// Counts code points up to places of a text, each from the place asked for before.
struct Points<'t> {
    reading: &'t str,
    byte: usize,
    count: usize,
    ascii: bool,
}

impl<'t> Points<'t> {
    fn new(reading: &'t str) -> Self {
        Self { reading, byte: 0, count: 0, ascii: reading.is_ascii() }
    }

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
        let mut points = Points::new("aé日😀z");
        let ends: Vec<usize> = "aé日😀z".char_indices().map(|(at, _)| at).collect();
        assert_eq!(ends.iter().map(|&at| points.at(at)).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(points.at(ends[2]), 2);
    }

    #[test]
    fn a_page_is_full_at_a_hundred() {
        let mut diagnostics = crate::diagnostics::Diagnostics::default();
        let site = Site::read(&crate::diagnostics::File::new("site.toml", "title = \"T\""), &mut diagnostics);
        let mut all = Sitewide::new(&site);
        let full: Vec<_> =
            (0..201).filter_map(|number| all.add(format!("{{\"id\":\"{number}\"}}"))).collect();
        let files: Vec<_> = full.into_iter().chain(all.finish()).collect();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            ["annotations/1.jsonld", "annotations/2.jsonld", "annotations/3.jsonld", "annotations.jsonld"]
        );
        let values: Vec<serde_json::Value> =
            files.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
        let page = &values[1];
        assert_eq!((&page["startIndex"], &page["items"][0]["id"]), (&100.into(), &"100".into()));
        assert_eq!((&page["prev"], &page["next"]), (&"1.jsonld".into(), &"3.jsonld".into()));
        assert_eq!(
            (&page["partOf"], &values[2]["next"]),
            (&"../annotations.jsonld".into(), &serde_json::Value::Null)
        );
        assert_eq!((&values[3]["total"], &values[3]["last"]), (&201.into(), &"annotations/3.jsonld".into()));
    }

    #[test]
    fn only_a_day_is_an_instant() {
        assert_eq!(timestamp("2026-11-21").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(timestamp("2026-11"), None);
    }
}
