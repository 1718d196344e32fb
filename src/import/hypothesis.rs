//! Reads Hypothesis exports, rows of the Hypothesis API, and records of Annotator.js, its predecessor.

use super::format::{Content, FileToImport, ImportFormat};
use super::webannotation;
use std::sync::Arc;

use serde_json::Value;

use super::json::{each, is_json, read, string, strings};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// Whether JSON looks like Hypothesis data instead of W3C Web Annotations.
pub(super) fn is_hypothesis(text: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { return false };
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
        "An export of Hypothesis, or rows of its API"
    }

    fn matches(&self, extension: &str, file: &File) -> bool {
        is_json(extension) && is_hypothesis(&file.text)
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        match import(file.file) {
            Ok(annotations) => Some(Content::Notes(annotations)),
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }
}

/// Reads all annotations in a file.
fn import(file: &Arc<File>) -> Result<Vec<Annotation>, Box<Diagnostic>> {
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
    Ok(rows.iter().map(annotation).collect())
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
    if let Some(exact) = string(row, "quote") {
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
    }
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
        import(&File::new("a.json", json)).unwrap()
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
