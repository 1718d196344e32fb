//! Reads Hypothesis exports, rows of the Hypothesis API, and records of Annotator.js, its predecessor.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::format::ImportFormat;
use super::json::{each, is_json, number, parse_lenient, read, string, strings};
use super::{Content, FileToImport, Received, webannotation};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// The keys that are understood, or that say nothing about the note.
const KEYS: [&str; 33] = [
    "annotator_schema_version",
    "authority",
    "consumer",
    "created",
    "display_name",
    "document",
    "flagged",
    "group",
    "hidden",
    "id",
    "links",
    "mentions",
    "moderation",
    "moderation_status",
    "permissions",
    "quote",
    "ranges",
    "references",
    "tags",
    "target",
    "text",
    "text_rendered",
    "title",
    "updated",
    "uri",
    "url",
    "user",
    "user_info",
    "$orphan",
    "$tag",
    "actions",
    "$highlight",
    "$cluster",
];

/// Whether JSON looks like Hypothesis data instead of W3C Web Annotations.
pub(super) fn is_hypothesis(text: &str) -> bool {
    let Some(value) = parse_lenient(text) else { return false };
    rows(&value).is_some_and(|rows| rows.first().is_none_or(is_row))
}

fn is_row(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("uri") && !has("@context") && (has("target") || has("ranges") || has("text") || has("quote"))
}

/// The annotations in Hypothesis data: a single one, a list, a search result, or an export.
fn rows(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(rows) => Some(rows),
        Value::Object(object) => {
            let inner = ["rows", "annotations"].iter().find_map(|key| object.get(*key)?.as_array());
            inner
                .map(Vec::as_slice)
                .or_else(|| object.get("res").and_then(rows))
                .or_else(|| is_row(value).then(|| std::slice::from_ref(value)))
        }
        _ => None,
    }
}

/// An export of Hypothesis, or rows of its API.
pub(crate) struct Hypothesis;

impl ImportFormat for Hypothesis {
    fn name(&self) -> &'static str {
        "hypothesis"
    }

    fn help(&self) -> &'static str {
        "An export of Hypothesis as JSON, rows of its API, or records of Annotator.js"
    }

    fn matches(&self, file: &Received) -> bool {
        is_json(file) && is_hypothesis(&file.file.text)
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        let file = &file.received.file;
        match import(file) {
            Ok((annotations, missing)) => {
                diagnostics.extend_one(missing.map(|missing| truncated(file, missing)));
                Some(Content::notes(annotations))
            }
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }
}

/// The warning for an export that lacks `missing` annotations.
pub(super) fn truncated(file: &Arc<File>, missing: usize) -> Diagnostic {
    let annotations = crate::diagnostics::render::count(missing, "annotation", "annotations");
    let message = format!("the export is truncated: {annotations} of its total are not in the file");
    Diagnostic::warning(Code::SiteRead, Place::new(file, 0..0), message).help(
        "export all pages of the search (the API gives at most 200 rows each), and import the rest as well",
    )
}

/// Reads all annotations in a file; also returns the number of those that the export lacks.
fn import(file: &Arc<File>) -> Result<(Vec<Annotation>, Option<usize>), Box<Diagnostic>> {
    let value = read(file)?;
    let no_annotations = || {
        let message = "no Hypothesis annotations found";
        Box::new(
            Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), message)
                .help("export them from Hypothesis as JSON, or use `--as webannotation`"),
        )
    };
    let rows = rows(&value).ok_or_else(no_annotations)?;
    if rows.iter().any(|row| !row.is_object()) {
        return Err(no_annotations());
    }
    let total = number(&value, "total").or_else(|| value.get("res").and_then(|inner| number(inner, "total")));
    // A search returns replies beside the rows.
    let replies = value.get("replies").map_or(&[][..], |replies| each(Some(replies)));
    let replies = replies.iter().filter(|reply| reply.is_object());
    let missing = total.and_then(|total| total.checked_sub(rows.len())).filter(|missing| *missing > 0);
    Ok((rows.iter().chain(replies).map(annotation).collect(), missing))
}

fn annotation(row: &Value) -> Annotation {
    let mut bodies = Vec::new();
    if let Some(value) = string(row, "text") {
        bodies.push(Body { value, form: Form::Markdown, purpose: None });
    }
    let tags = strings(row, "tags");
    bodies.extend(tags.into_iter().map(|value| Body {
        value,
        form: Form::Plain,
        purpose: Some("tagging".to_owned()),
    }));
    let page = string(row, "uri");
    let reply_to = strings(row, "references").pop();
    let mut targets: Vec<Target> = each(row.get("target"))
        .iter()
        .map(|target| {
            let found = webannotation::target(target);
            Target { source: found.source.or_else(|| page.clone()), ..found }
        })
        .collect();
    if let Some(exact) =
        string(row, "quote").filter(|_| targets.iter().all(|target| target.quote().is_none()))
    {
        let kind = Kind::Quote { exact, prefix: String::new(), suffix: String::new() };
        targets.push(Target {
            source: page.clone(),
            selectors: vec![Selector { kind, refined_by: Vec::new() }],
        });
    }
    if targets.is_empty() && reply_to.is_none() {
        targets.push(Target { source: page, selectors: Vec::new() });
    }
    let readers = row.get("permissions").map(|permissions| strings(permissions, "read")).unwrap_or_default();
    let named = row.get("user_info").and_then(|info| string(info, "display_name"));
    Annotation {
        id: string(row, "id"),
        author: named.or_else(|| string(row, "user").map(|user| user_name(&user))),
        created: string(row, "created").and_then(|time| day(&time)),
        updated: string(row, "updated").and_then(|time| day(&time)),
        motivations: Vec::new(),
        group: string(row, "group").filter(|group| group != "__world__"),
        private: !readers.is_empty() && readers.iter().all(|reader| reader.starts_with("acct:")),
        bodies,
        targets,
        reply_to,
        pages: pages(row),
        remainder: remainder(row, &KEYS),
    }
}

/// Further names of the annotated page: Hypothesis collects its canonical address and its DOI.
fn pages(row: &Value) -> Vec<String> {
    let Some(document) = row.get("document") else { return Vec::new() };
    let links = each(document.get("link")).iter().filter_map(|link| string(link, "href"));
    let dois = ["dc", "highwire", "eprints", "prism"]
        .iter()
        .filter_map(|scheme| document.get(*scheme))
        .flat_map(|scheme| ["doi", "identifier"].iter().flat_map(|key| strings(scheme, key)))
        .collect::<Vec<_>>();
    links.chain(dois).collect()
}

/// The members of an object that are not understood, verbatim.
pub(super) fn remainder(value: &Value, known: &[&str]) -> Vec<String> {
    let Value::Object(object) = value else { return vec![value.to_string()] };
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    let rest: Map<String, Value> = object
        .iter()
        .filter(|(key, value)| !known.contains(&key.as_str()) && !is_empty(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if rest.is_empty() { Vec::new() } else { vec![Value::Object(rest).to_string()] }
}

/// The user name in `acct:name@host`.
fn user_name(user: &str) -> String {
    let name = user.strip_prefix("acct:").map(|rest| rest.split('@').next().unwrap_or(rest));
    name.unwrap_or(user).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(json: &str) -> Vec<Annotation> {
        import(&File::new("a.json", json)).unwrap().0
    }

    #[test]
    fn all_forms_of_hypothesis_data_are_read() {
        let row = "{\"id\": \"x\", \"uri\": \"https://a.b/\", \"text\": \"t\", \"tags\": [\"u\"]}";
        for json in [
            row.to_owned(),
            format!("[{row}]"),
            format!("{{\"total\": 1, \"rows\": [{row}]}}"),
            format!("{{\"res\": {{\"rows\": [{row}]}}}}"),
            format!("{{\"client_version\": \"1\", \"annotations\": [{row}]}}"),
        ] {
            assert!(is_hypothesis(&json), "{json}");
            let found = read_all(&json);
            assert_eq!(found.len(), 1, "{json}");
            assert_eq!(found[0].bodies.len(), 2);
            assert_eq!(found[0].targets[0].source.as_deref(), Some("https://a.b/"));
        }
        assert!(
            !is_hypothesis("[{\"@context\": \"x\", \"uri\": \"y\", \"target\": \"z\"}]")
                && !is_hypothesis("3")
        );
    }

    #[test]
    fn author_and_readers_are_read() {
        let row = |read: &str| {
            let json = format!(
                "{{\"uri\": \"u\", \"target\": [], \"user\": \"acct:ann@b.c\", \"group\": \"g1\", \
                 \"created\": \"2020-01-02T03:04:05Z\", \"permissions\": {{\"read\": [\"{read}\"]}}}}"
            );
            read_all(&json).remove(0)
        };
        assert!(row("acct:ann@b.c").private && !row("group:g1").private);
        let found = row("group:g1");
        assert_eq!(found.author.as_deref(), Some("ann"));
        assert_eq!(found.group.as_deref(), Some("g1"));
        assert_eq!(found.created.as_deref(), Some("2020-01-02"));
    }

    #[test]
    fn data_without_rows_is_an_error() {
        for json in ["3", "{}", "[1]", "{\"rows\": [null]}"] {
            assert!(import(&File::new("a.json", json)).is_err(), "{json}");
        }
    }
}
