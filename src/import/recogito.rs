//! Reads the native format of Recogito's text annotator: bodies, and a quote with its position.

use serde_json::Value;

use super::format::ImportFormat;
use super::hypothesis::remainder;
use super::json::{each, is_json, number, parse_lenient, read, string};
use super::{Content, FileToImport, Received};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::Diagnostics;

/// Recogito's own JSON.
pub(crate) struct Recogito;

impl ImportFormat for Recogito {
    fn name(&self) -> &'static str {
        "recogito"
    }

    fn help(&self) -> &'static str {
        "Annotations of Recogito's text annotator, in its own format"
    }

    fn matches(&self, file: &Received) -> bool {
        is_json(file)
            && parse_lenient(&file.file.text).is_some_and(|value| list(&value).first().is_some_and(is_native))
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        match read(&file.received.file) {
            Ok(value) => Some(Content::notes(list(&value).iter().map(annotation).collect())),
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }
}

fn list(value: &Value) -> &[Value] {
    each(value.get("annotations").or(Some(value)))
}

fn is_native(value: &Value) -> bool {
    value.get("bodies").is_some_and(Value::is_array) && value.get("target").is_some()
}

fn name(creator: Option<&Value>) -> Option<String> {
    let creator = creator?;
    string(creator, "name").or_else(|| string(creator, "id"))
}

fn annotation(value: &Value) -> Annotation {
    let target = value.get("target").unwrap_or(&Value::Null);
    let bodies = each(value.get("bodies"));
    let author =
        name(target.get("creator")).or_else(|| bodies.iter().find_map(|body| name(body.get("creator"))));
    let mut rest = remainder(value, &["id", "bodies", "target", "properties", "type"]);
    let mut read = Vec::new();
    for body in bodies {
        rest.extend(remainder(
            body,
            &[
                "id",
                "annotation",
                "purpose",
                "value",
                "format",
                "creator",
                "created",
                "updated",
                "type",
                "updatedBy",
            ],
        ));
        let Some(text) = string(body, "value").or_else(|| body.get("value").map(Value::to_string)) else {
            continue;
        };
        let form =
            if string(body, "format").as_deref() == Some("TextHtml") { Form::Html } else { Form::Plain };
        let other = name(body.get("creator")).filter(|name| Some(name) != author.as_ref());
        let value = match other {
            Some(other) if form == Form::Plain => format!("{other}: {text}"),
            _ => text,
        };
        read.push(Body { value, form, purpose: string(body, "purpose") });
    }
    let times = |key: &str| {
        string(target, key)
            .or_else(|| bodies.iter().find_map(|body| string(body, key)))
            .and_then(|time| day(&time))
    };
    let targets: Vec<Target> = each(target.get("selector"))
        .iter()
        .map(|selector| {
            let text = |key: &str| string(selector, key).unwrap_or_default();
            let quote = Kind::Quote {
                exact: text("quote"),
                prefix: text("quotePrefix"),
                suffix: text("quoteSuffix"),
            };
            let position = number(selector, "start")
                .zip(number(selector, "end"))
                .map(|(start, end)| Kind::Position(start, end));
            let selectors = std::iter::once(quote).chain(position);
            Target {
                source: string(target, "source"),
                selectors: selectors.map(|kind| Selector { kind, refined_by: Vec::new() }).collect(),
            }
        })
        .collect();
    Annotation {
        id: string(value, "id"),
        author,
        created: times("created"),
        updated: times("updated"),
        bodies: read,
        targets,
        remainder: rest,
        ..Annotation::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_quote_and_position_are_read() {
        let json = "[{\"id\": \"a\", \"bodies\": [{\"purpose\": \"commenting\", \"value\": \"why?\", \"creator\": {\"name\": \"Ann\"}}, \
            {\"purpose\": \"commenting\", \"value\": \"because\", \"creator\": {\"name\": \"Ben\"}}], \
            \"target\": {\"selector\": [{\"quote\": \"words\", \"start\": 3, \"end\": 8}], \"creator\": {\"name\": \"Ann\"}}}]";
        let value: Value = serde_json::from_str(json).unwrap();
        assert!(is_native(&list(&value)[0]));
        let found = annotation(&list(&value)[0]);
        assert_eq!(found.targets[0].quote(), Some(("words", "", "")));
        assert_eq!(found.targets[0].position(), Some(3));
        assert_eq!(found.bodies[1].value, "Ben: because");
    }
}
