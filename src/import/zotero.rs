//! Reads annotations and notes of Zotero, exported as JSON.

use serde_json::Value;

use super::format::ImportFormat;
use super::hypothesis::remainder;
use super::json::{each, is_json, parse_lenient, read, string};
use super::{Content, FileToImport, Received};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::Diagnostics;

/// The maximum depth of nested items.
const MAX_DEPTH: usize = 16;

/// The keys that are understood, or that say nothing about the note.
const KEYS: [&str; 25] = [
    "key",
    "version",
    "itemType",
    "parentItem",
    "annotationType",
    "annotationAuthorName",
    "annotationText",
    "annotationComment",
    "annotationSortIndex",
    "tags",
    "dateAdded",
    "dateModified",
    "note",
    "library",
    "links",
    "meta",
    "data",
    "relations",
    "collections",
    "uri",
    "itemID",
    "title",
    "url",
    "DOI",
    "itemKey",
];

/// A JSON export of Zotero.
pub(crate) struct Zotero;

impl ImportFormat for Zotero {
    fn name(&self) -> &'static str {
        "zotero"
    }

    fn help(&self) -> &'static str {
        "Annotations and notes of Zotero, as JSON"
    }

    fn matches(&self, file: &Received) -> bool {
        is_json(file) && parse_lenient(&file.file.text).is_some_and(|value| !items(&value).is_empty())
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        match read(&file.received.file) {
            Ok(value) => Some(Content::notes(items(&value).iter().map(annotation).collect())),
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }
}

/// An annotation or a note, with the addresses of the items that it belongs to.
struct Item<'v> {
    value: &'v Value,
    pages: Vec<String>,
}

fn items(value: &Value) -> Vec<Item<'_>> {
    let mut found = Vec::new();
    collect(value, &[], 0, &mut found);
    found
}

fn collect<'v>(value: &'v Value, pages: &[String], depth: usize, found: &mut Vec<Item<'v>>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, pages, depth + 1, found)),
        Value::Object(object) => {
            let data = object.get("data").filter(|data| data.is_object()).unwrap_or(value);
            match data.get("itemType").and_then(Value::as_str) {
                Some("annotation" | "note") => found.push(Item { value: data, pages: pages.to_vec() }),
                _ => {
                    let own = ["url", "DOI"].iter().filter_map(|key| string(data, key));
                    let pages: Vec<String> = pages.iter().cloned().chain(own).collect();
                    for key in ["items", "attachments", "annotations", "notes", "children"] {
                        each(object.get(key))
                            .iter()
                            .for_each(|inner| collect(inner, &pages, depth + 1, found));
                    }
                }
            }
        }
        _ => {}
    }
}

fn annotation(item: &Item<'_>) -> Annotation {
    let value = item.value;
    let mut bodies = Vec::new();
    if let Some(comment) = string(value, "annotationComment") {
        bodies.push(Body { value: comment, form: Form::Plain, purpose: None });
    }
    if let Some(note) = string(value, "note") {
        bodies.push(Body { value: note, form: Form::Html, purpose: None });
    }
    let tag = |tag: &Value| {
        tag.as_str().map(str::to_owned).or_else(|| string(tag, "tag").or_else(|| string(tag, "name")))
    };
    bodies.extend(each(value.get("tags")).iter().filter_map(tag).map(|value| Body {
        value,
        form: Form::Plain,
        purpose: Some("tagging".to_owned()),
    }));
    let quote = string(value, "annotationText").map(|exact| Selector {
        kind: Kind::Quote { exact, prefix: String::new(), suffix: String::new() },
        refined_by: Vec::new(),
    });
    // An area of a page has no words, but a place.
    let place = string(value, "annotationPosition").filter(|_| quote.is_none()).map(|position| Selector {
        kind: Kind::Unknown(format!("position {position}")),
        refined_by: Vec::new(),
    });
    let time = |key: &str| string(value, key).and_then(|time| day(&time));
    Annotation {
        id: string(value, "key"),
        author: string(value, "annotationAuthorName"),
        created: time("dateAdded"),
        updated: time("dateModified"),
        bodies,
        targets: vec![Target { source: None, selectors: quote.into_iter().chain(place).collect() }],
        pages: item.pages.clone(),
        remainder: remainder(value, &KEYS),
        ..Annotation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_found_among_items() {
        let json = "{\"items\": [{\"itemType\": \"journalArticle\", \"DOI\": \"10.1234/x\", \"attachments\": [{\"annotations\": [\
            {\"itemType\": \"annotation\", \"key\": \"K\", \"annotationText\": \"q\", \"annotationComment\": \"c\", \
            \"annotationColor\": \"#fff\", \"tags\": [{\"tag\": \"t\"}]}]}], \"notes\": [{\"data\": {\"itemType\": \"note\", \"note\": \"<p>n</p>\"}}]}]}";
        let value: Value = serde_json::from_str(json).unwrap();
        let found: Vec<Annotation> = items(&value).iter().map(annotation).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].targets[0].quote(), Some(("q", "", "")));
        assert_eq!(found[0].pages, ["10.1234/x"]);
        assert_eq!(found[0].remainder, ["{\"annotationColor\":\"#fff\"}"]);
        assert_eq!(found[1].bodies[0].form, Form::Html);
    }
}
