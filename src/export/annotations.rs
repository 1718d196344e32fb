//! Notes as W3C Web Annotations: each text's as an `AnnotationCollection` with one `AnnotationPage`, and all
//! of a site as a collection in pages of at most `MOST`.
//!
//! After the Web Annotation Data Model (W3C Recommendation, 23 February 2017): sections 3.2.4
//! (textual bodies), 4.2.4 and 4.2.5 (quote and position selectors), 5 (collections).

use serde::Serialize;

use crate::layer::About;
use crate::path::relative;
use crate::reader::{NoteShown, Reader, Standing};
use crate::site::Site;
use crate::span::TextSpan;

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

#[derive(Serialize)]
struct Annotation<'a> {
    id: String,
    r#type: &'static str,
    motivation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<Creator<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<&'a str>,
    body: Vec<Body<'a>>,
    target: Vec<Target<'a>>,
}

#[derive(Serialize)]
struct Creator<'a> {
    r#type: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    value: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    purpose: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Target<'a> {
    Page { id: &'a str, r#type: &'static str },
    Passage { source: &'a str, selector: [Selector<'a>; 2] },
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Selector<'a> {
    TextQuoteSelector { exact: &'a str, prefix: &'a str, suffix: &'a str },
    TextPositionSelector { start: usize, end: usize },
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
    let page = reader.source.page();
    let address = |fragment: &str| match site.base_url.as_str() {
        "" => fragment.to_owned(),
        base => format!("{base}{}{fragment}", relative("", &page)),
    };
    let file = |fragment: &str| match site.base_url.as_str() {
        "" => format!("{FILE}{fragment}"),
        base => format!("{base}{}{fragment}", relative("", &format!("{}/{FILE}", reader.source.path))),
    };
    // Without an address of its own, the page is named as it stands beside this file.
    let target = if site.base_url.is_empty() { BESIDE.to_owned() } else { address("") };
    let mut points = Points::new(reader.text.reading());
    let items: Vec<String> = reader
        .notes
        .iter()
        .filter(|shown| shown.standing != Standing::Orphan)
        .map(|shown| json(&annotation(reader, site, shown, address, &target, &mut points)))
        .collect();
    let collection = Collection {
        context: CONTEXT,
        id: file(""),
        r#type: "AnnotationCollection",
        label: &reader.source.title,
        total: items.len(),
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
    let json = with_items(&json(&collection), &items);
    let items = if site.base_url.is_empty() {
        let page = relative(&file_of_page(1), &page);
        items.iter().map(|item| seen_from_afar(item, &page)).collect()
    } else {
        items
    };
    Written { json, items }
}

/// The reader page, from the file beside it.
const BESIDE: &str = "index.html";

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Puts written notes where `json` has none.
fn with_items(json: &str, items: &[String]) -> Vec<u8> {
    const EMPTY: &str = "\"items\":[";
    // Nothing but field names has its quotation marks bare, and the last of them is this one.
    let at = json.rfind(EMPTY).map_or(json.len(), |at| at + EMPTY.len());
    let mut out = Vec::with_capacity(json.len() + items.iter().map(|item| item.len() + 2).sum::<usize>());
    out.extend_from_slice(&json.as_bytes()[..at]);
    for (at, item) in items.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b",\n" });
        out.extend_from_slice(item.as_bytes());
    }
    out.extend_from_slice(&json.as_bytes()[at..]);
    out.push(b'\n');
    out
}

/// A note written for the file beside its page, with the addresses that it has in a file elsewhere.
///
/// Only the id and the targets are addresses. Inside a string a quotation mark stands behind a
/// backslash, so these pieces are found nowhere else.
fn seen_from_afar(item: &str, page: &str) -> String {
    let item = item.replacen("{\"id\":\"#", &format!("{{\"id\":\"{page}#"), 1);
    let item = item.replace(&format!("\"source\":\"{BESIDE}\""), &format!("\"source\":\"{page}\""));
    item.replace(&format!("\"target\":[{{\"id\":\"{BESIDE}\""), &format!("\"target\":[{{\"id\":\"{page}\""))
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

fn annotation<'a>(
    reader: &'a Reader<'a>,
    site: &'a Site,
    shown: &'a NoteShown<'a>,
    address: impl Fn(&str) -> String,
    page: &'a str,
    points: &mut Points<'a>,
) -> Annotation<'a> {
    let note = shown.note;
    let layer = reader.layers.get(shown.layer);
    let author = layer.map(|layer| layer.author.as_str()).filter(|author| !author.is_empty());
    let written =
        note.date.as_ref().map(crate::date::Date::as_str).or(layer.map(|layer| layer.date.as_str()));
    let target = if note.about == Some(About::Text) {
        vec![Target::Page { id: page, r#type: "Text" }]
    } else {
        shown.passages.iter().map(|span| passage(*span, page, points)).collect()
    };
    Annotation {
        id: address(&format!("#note-{}", note.id)),
        r#type: "Annotation",
        motivation: site.kind(&note.kind).map_or("commenting", |kind| &kind.motivation),
        creator: author.map(|name| Creator { r#type: "Person", name }),
        created: written.and_then(timestamp),
        modified: note.updated.as_ref().and_then(|date| timestamp(date.as_str())),
        rights: Some(site.licence.as_str()).filter(|licence| licence.starts_with("http")),
        body: bodies(shown, site),
        target,
    }
}

/// The note itself, then its kind, verdict, works and tags.
fn bodies<'a>(shown: &'a NoteShown<'a>, site: &'a Site) -> Vec<Body<'a>> {
    let note = shown.note;
    let html = format!("<h3>{}</h3>\n{}", shown.title, shown.body);
    let mut bodies = vec![Body {
        r#type: "TextualBody",
        value: html.into(),
        format: Some("text/html"),
        language: Some(&site.language),
        purpose: "commenting",
    }];
    let mut add = |value: &'a str, purpose| {
        bodies.push(Body {
            r#type: "TextualBody",
            value: value.into(),
            format: None,
            language: None,
            purpose,
        });
    };
    add(&note.kind, "classifying");
    if let Some(verdict) = &note.verdict {
        add(verdict, "assessing");
    }
    for work in &note.works {
        add(&work.text, "identifying");
    }
    for tag in &note.tags {
        add(tag, "tagging");
    }
    bodies
}

fn passage<'a>(span: TextSpan, page: &'a str, points: &mut Points<'a>) -> Target<'a> {
    let (start, end) = (points.at(span.start), points.at(span.end));
    let reading = points.reading;
    let (before, after) = (&reading[..span.start], &reading[span.end..]);
    let prefix_start = before.char_indices().rev().take(AROUND).last().map_or(span.start, |(at, _)| at);
    let suffix_end = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    Target::Passage {
        source: page,
        selector: [
            Selector::TextQuoteSelector {
                exact: &reading[span.range()],
                prefix: &before[prefix_start..],
                suffix: &after[..suffix_end],
            },
            Selector::TextPositionSelector { start, end },
        ],
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
        let mut diagnostics = crate::diagnostic::Diagnostics::default();
        let site = Site::read(&crate::span::File::new("site.toml", "title = \"T\""), &mut diagnostics);
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
    fn words_that_look_like_an_address_stay() {
        let item =
            r##"{"id":"#note-a","body":["\"source\":\"index.html\""],"target":[{"source":"index.html"}]}"##;
        let whole = r##"{"id":"#note-a","target":[{"id":"index.html","type":"Text"}]}"##;
        assert!(seen_from_afar(whole, "x").ends_with(r#""target":[{"id":"x","type":"Text"}]}"#));
        assert_eq!(
            seen_from_afar(item, "../x/index.html"),
            r##"{"id":"../x/index.html#note-a","body":["\"source\":\"index.html\""],"target":[{"source":"../x/index.html"}]}"##
        );
    }

    #[test]
    fn only_a_day_is_an_instant() {
        assert_eq!(timestamp("2026-11-21").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(timestamp("2026-11"), None);
    }
}
