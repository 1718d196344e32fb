//! The notes of a book as annotations that reading systems show on the text.
//!
//! Follows two formats that differ: the W3C's draft of EPUB Annotations 1.0, and the older one that Thorium Reader 3
//! reads. In both an annotation has one body in plain text and one target.

use serde_json::{Value, json};

use super::{created, uuid};
use crate::export::dom::plain;
use crate::export::format::ExportContext;
use crate::reader::{Reader, ReaderNote};
use crate::site::Tone;
use crate::site::date::Date;

/// The number of characters of context before and after a passage.
const CONTEXT: usize = 32;

/// Where the W3C's draft expects the annotations of a book.
pub(super) const W3C_FILE: &str = "META-INF/my.annotation";
/// Where the format of Thorium Reader expects them.
pub(super) const THORIUM_FILE: &str = "META-INF/annotations.ann";

/// The notes of a text, one annotation for each passage.
pub(super) fn of_text(reader: &Reader<'_>, context: &ExportContext<'_>, file: &str) -> Vec<Value> {
    let reading = reader.text.reading();
    let mut all = Vec::new();
    // Offsets are counted in characters, from the offset counted before.
    let (mut byte, mut count) = (0, 0);
    let mut characters = |at: usize| {
        let (from, to) = (byte.min(at), byte.max(at));
        let between = reading.get(from..to).unwrap_or_default().chars().count();
        count = if at < byte { count - between } else { count + between };
        byte = at;
        count
    };
    for note in &reader.notes {
        for (index, span) in note.passages.iter().enumerate() {
            let (start, end) = (characters(span.start), characters(span.end));
            let before: String =
                reading.get(..span.start).unwrap_or_default().chars().rev().take(CONTEXT).collect();
            let before: String = before.chars().rev().collect();
            let after: String = reading.get(span.end..).unwrap_or_default().chars().take(CONTEXT).collect();
            let id = uuid(&format!("{}#{}.{index}", reader.source.path, note.parsed.id));
            all.push(json!({
                "id": id,
                "type": "Annotation",
                "motivation": "commenting",
                "created": created(date(reader, note).or(context.site.date.as_deref())),
                "creator": creator(reader, note, context),
                "body": body(note, context),
                "target": {
                    "source": file,
                    "selector": [
                        {
                            "type": "TextQuoteSelector",
                            "exact": reading.get(span.range()).unwrap_or_default(),
                            "prefix": before,
                            "suffix": after,
                        },
                        {
                            "type": "CssSelector",
                            "value": "#source",
                            "refinedBy": { "type": "TextPositionSelector", "start": start, "end": end },
                        },
                    ],
                    "meta": { "page": reader.text.block_at(span.start).0.to_string() },
                },
            }));
        }
    }
    all
}

fn date<'r>(reader: &'r Reader<'_>, note: &'r ReaderNote<'_>) -> Option<&'r str> {
    let of_layer =
        reader.layers.get(note.layer).map(|layer| layer.date.as_str()).filter(|date| !date.is_empty());
    note.parsed.date.as_ref().map(Date::as_str).or(of_layer)
}

fn creator(reader: &Reader<'_>, note: &ReaderNote<'_>, context: &ExportContext<'_>) -> Value {
    let author = reader.layers.get(note.layer).map_or("", |layer| &layer.author);
    let name = if author.is_empty() { context.site.title.as_str() } else { author };
    json!({ "id": uuid(&format!("creator {name}")), "type": "Person", "name": name })
}

fn body(note: &ReaderNote<'_>, context: &ExportContext<'_>) -> Value {
    let site = context.site;
    let kind = note.parsed.kind(site).map_or("", |kind| &kind.label);
    let verdict = note.parsed.verdict(site).map_or("", |verdict| &verdict.label);
    let label = site.words.reference(&note.number, kind, verdict);
    let colour = match note.parsed.tone(site) {
        Some(Tone::Sound) => "green",
        Some(Tone::Mixed) => "yellow",
        Some(Tone::Wrong) => "pink",
        Some(Tone::Missing) => "purple",
        None => "blue",
    };
    json!({
        "type": "TextualBody",
        "value": format!("{label}\n{}\n\n{}", note.title_words, plain(&note.body)),
        "format": "text/plain",
        "color": colour,
        "highlight": "underline",
        "language": site.language,
        "textDirection": crate::site::direction(&site.language),
        "tag": kind,
    })
}

/// The annotations as a set in the W3C's draft format.
pub(super) fn w3c(items: &[Value], context: &ExportContext<'_>, identifier: &str) -> Vec<u8> {
    write(&set("https://www.w3.org/ns/epub-anno.jsonld", items.to_vec(), context, identifier))
}

/// The annotations as a set that Thorium Reader reads.
pub(super) fn thorium(items: &[Value], context: &ExportContext<'_>, identifier: &str) -> Vec<u8> {
    let namespace = "http://www.w3.org/ns/anno.jsonld";
    let items = items.iter().cloned().map(|mut item| {
        if let Some(members) = item.as_object_mut() {
            members.insert("@context".to_owned(), json!(namespace));
            members.remove("motivation");
        }
        if let Some(body) = item.get_mut("body").and_then(Value::as_object_mut) {
            let tag = body.get("tag").cloned().unwrap_or_default();
            body.insert("keyword".to_owned(), tag);
        }
        item
    });
    write(&set(namespace, items.collect(), context, identifier))
}

fn set(namespace: &str, items: Vec<Value>, context: &ExportContext<'_>, identifier: &str) -> Value {
    let site = context.site;
    json!({
        "@context": namespace,
        "id": uuid(&format!("annotations {identifier}")),
        "type": "AnnotationSet",
        "generator": { "id": uuid("postil"), "type": "Software", "name": concat!("Postil ", env!("CARGO_PKG_VERSION")) },
        "generated": created(site.date.as_deref()),
        "title": site.title,
        "about": {
            "dc:identifier": [identifier],
            "dc:format": "application/epub+zip",
            "dc:title": site.title,
            "dc:creator": site.authors,
            "dc:date": site.date.as_deref().and_then(|date| date.get(..4)).unwrap_or("1980"),
        },
        "items": items,
    })
}

fn write(set: &Value) -> Vec<u8> {
    let mut out = serde_json::to_vec_pretty(set).unwrap_or_default();
    out.push(b'\n');
    out
}
