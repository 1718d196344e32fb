//! The notes of a text as W3C Web Annotations: an `AnnotationCollection` with one `AnnotationPage`.
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
const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";
/// How many code points of the text stand around a quote.
const AROUND: usize = 32;

#[derive(Serialize)]
struct Collection<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    id: String,
    r#type: &'static str,
    label: &'a str,
    total: usize,
    first: Page<'a>,
}

#[derive(Serialize)]
struct Page<'a> {
    id: String,
    r#type: &'static str,
    #[serde(rename = "partOf")]
    part_of: String,
    #[serde(rename = "startIndex")]
    start_index: usize,
    items: Vec<Annotation<'a>>,
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
    Page(&'a str),
    Passage { source: &'a str, selector: [Selector<'a>; 2] },
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Selector<'a> {
    TextQuoteSelector { exact: &'a str, prefix: &'a str, suffix: &'a str },
    TextPositionSelector { start: usize, end: usize },
}

/// The notes of `reader` as JSON. Orphans are not in it.
pub fn write(reader: &Reader<'_>, site: &Site) -> Vec<u8> {
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
    let target = if site.base_url.is_empty() { "index.html".to_owned() } else { address("") };
    let mut points = Points::new(reader.text.reading());
    let items: Vec<Annotation<'_>> = reader
        .notes
        .iter()
        .filter(|shown| shown.standing != Standing::Orphan)
        .map(|shown| annotation(reader, site, shown, address, &target, &mut points))
        .collect();
    let collection = Collection {
        context: CONTEXT,
        id: file(""),
        r#type: "AnnotationCollection",
        label: &reader.source.title,
        total: items.len(),
        first: Page {
            id: file("#page-1"),
            r#type: "AnnotationPage",
            part_of: file(""),
            start_index: 0,
            items,
        },
    };
    let mut json = serde_json::to_vec(&collection).unwrap_or_default();
    json.push(b'\n');
    json
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
        vec![Target::Page(page)]
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
    fn only_a_day_is_an_instant() {
        assert_eq!(timestamp("2026-11-21").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(timestamp("2026-11"), None);
    }
}
