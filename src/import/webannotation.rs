//! Reads W3C Web Annotations: a single one, a list, a page or a collection.
//!
//! Follows the Web Annotation Data Model (W3C Recommendation, 23 February 2017), and accepts common
//! deviations from it.

use super::format::{Content, FileToImport, ImportFormat};
use std::sync::Arc;

use serde_json::Value;

use super::json::{each, is_json, number, read, string, strings};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// The maximum depth of nested lists and selectors.
const MAX_DEPTH: usize = 16;

/// W3C Web Annotations: one, a list, a page or a collection.
pub(crate) struct WebAnnotation;

impl ImportFormat for WebAnnotation {
    fn name(&self) -> &'static str {
        "webannotation"
    }

    fn help(&self) -> &'static str {
        "W3C Web Annotations: one, a list, a page or a collection"
    }

    fn matches(&self, extension: &str, _: &File) -> bool {
        is_json(extension)
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
    let mut found = Vec::new();
    collect(&value, 0, &mut found);
    if found.is_empty() && !is_list(&value) {
        let message = "no Web Annotations found";
        return Err(Box::new(
            Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), message).help(
                "import a file with an Annotation, an AnnotationPage or an AnnotationCollection, or use `--as hypothesis`",
            ),
        ));
    }
    Ok(found.into_iter().map(annotation).collect())
}

/// The keys that contain annotations.
const LISTS: [&str; 5] = ["items", "first", "annotations", "resources", "@graph"];

fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
        || LISTS.iter().any(|key| value.get(key).is_some_and(|list| list.is_array() || list.is_object()))
}

fn collect<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v Value>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|item| collect(item, depth + 1, found)),
        Value::Object(object) => {
            let lists: Vec<&Value> = LISTS.iter().filter_map(|key| object.get(*key)).collect();
            let is_annotation = ["target", "selector", "body"].iter().any(|key| object.contains_key(*key))
                || has_type(value, "Annotation");
            if is_annotation {
                found.push(value);
            } else {
                lists.into_iter().for_each(|list| collect(list, depth + 1, found));
            }
        }
        _ => {}
    }
}

fn has_type(value: &Value, wanted: &str) -> bool {
    ["type", "@type"]
        .iter()
        .flat_map(|key| strings(value, key))
        .any(|name| name.rsplit(':').next() == Some(wanted))
}

fn annotation(value: &Value) -> Annotation {
    let motivations: Vec<String> = strings(value, "motivation")
        .iter()
        .map(|name| name.rsplit([':', '#']).next().unwrap_or(name).to_owned())
        .collect();
    let mut bodies: Vec<Body> = each(value.get("body")).iter().filter_map(|value| body(value, 0)).collect();
    if let Some(text) = string(value, "bodyValue") {
        bodies.push(Body { value: text, form: Form::Plain, purpose: None });
    }
    let mut targets: Vec<Target> = each(value.get("target")).iter().map(target).collect();
    if value.get("target").is_none() && value.get("selector").is_some() {
        targets.push(target(value));
    }
    let replies = motivations.iter().any(|name| name == "replying");
    Annotation {
        id: string(value, "id").or_else(|| string(value, "@id")),
        author: author(value.get("creator")),
        created: time(value.get("created")),
        updated: time(value.get("modified")),
        reply_to: if replies { targets.first().and_then(|target| target.source.clone()) } else { None },
        motivations,
        group: audience(value),
        private: false,
        bodies,
        targets,
    }
}

fn author(creator: Option<&Value>) -> Option<String> {
    let one = each(creator).first()?;
    let names = ["name", "nickname", "id"];
    one.as_str().map(str::to_owned).or_else(|| names.iter().find_map(|key| string(one, key)))
}

/// The day of a point in time; some programs write seconds since 1970.
fn time(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(time) => day(time),
        Value::Number(seconds) => Some(day_of(seconds.as_u64()?)),
        _ => None,
    }
}

/// The UTC day of a number of seconds since 1970, by Howard Hinnant's `civil_from_days` algorithm.
fn day_of(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (day, month) =
        (day_of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn audience(value: &Value) -> Option<String> {
    let one = each(value.get("audience")).first()?;
    one.as_str().map(str::to_owned).or_else(|| ["name", "id"].iter().find_map(|key| string(one, key)))
}

fn body(value: &Value, depth: usize) -> Option<Body> {
    if let Some(address) = value.as_str() {
        return Some(Body { value: address.to_owned(), form: Form::Address, purpose: None });
    }
    let purpose = ["purpose", "role"]
        .iter()
        .find_map(|key| strings(value, key).into_iter().next())
        .map(|name| name.rsplit([':', '#']).next().unwrap_or(&name).to_owned());
    if let Some(text) = string(value, "value").or_else(|| string(value, "chars")) {
        let form = match string(value, "format").as_deref() {
            Some("text/html" | "application/xhtml+xml") => Form::Html,
            Some("text/markdown") => Form::Markdown,
            _ => Form::Plain,
        };
        return Some(Body { value: text, form, purpose });
    }
    // A Choice offers alternatives; the first is the default.
    if depth < MAX_DEPTH
        && let Some(first) = each(value.get("items")).first()
    {
        return body(first, depth + 1);
    }
    let address = ["source", "id"].iter().find_map(|key| string(value, key))?;
    Some(Body { value: address, form: Form::Address, purpose })
}

/// Parses a target.
pub(super) fn target(value: &Value) -> Target {
    if let Some(address) = value.as_str() {
        let (page, fragment) = address.split_once('#').unwrap_or((address, ""));
        let selectors = match fragment {
            "" => Vec::new(),
            fragment => {
                vec![Selector { kind: Kind::Fragment(fragment.to_owned()), refined_by: Vec::new() }]
            }
        };
        return Target { source: Some(page.to_owned()), selectors };
    }
    let source = value
        .get("source")
        .and_then(|source| source.as_str().map(str::to_owned).or_else(|| string(source, "id")));
    Target {
        source: source.or_else(|| string(value, "id")),
        selectors: each(value.get("selector")).iter().filter_map(|value| selector(value, 0)).collect(),
    }
}

fn selector(value: &Value, depth: usize) -> Option<Selector> {
    if depth > MAX_DEPTH || !value.is_object() {
        return None;
    }
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = strings(value, "type").pop().or_else(|| strings(value, "@type").pop()).unwrap_or_default();
    let inner = |key: &str| value.get(key).and_then(|inner| selector(inner, depth + 1)).map(Box::new);
    let span = || number(value, "start").zip(number(value, "end")).filter(|(start, end)| start <= end);
    let known = match name.rsplit(':').next().unwrap_or(&name) {
        "TextQuoteSelector" => {
            Some(Kind::Quote { exact: text("exact"), prefix: text("prefix"), suffix: text("suffix") })
        }
        "TextPositionSelector" => span().map(|(start, end)| Kind::Position(start, end)),
        "DataPositionSelector" => span().map(|(start, end)| Kind::Data(start, end)),
        "FragmentSelector" => Some(Kind::Fragment(text("value"))),
        "CssSelector" => Some(Kind::Css(text("value"))),
        "XPathSelector" => Some(Kind::XPath(text("value"))),
        "RangeSelector" => {
            inner("startSelector").zip(inner("endSelector")).map(|(start, end)| Kind::Range(start, end))
        }
        "SvgSelector" => Some(Kind::Svg),
        _ => None,
    };
    let refined_by =
        each(value.get("refinedBy")).iter().filter_map(|inner| selector(inner, depth + 1)).collect();
    let unknown =
        || Kind::Unknown(if name.is_empty() { "a selector without a type".to_owned() } else { name.clone() });
    Some(Selector { kind: known.unwrap_or_else(unknown), refined_by })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(json: &str) -> Vec<Annotation> {
        import(&File::new("a.json", json)).unwrap()
    }

    #[test]
    fn all_containers_of_annotations_are_read() {
        let one = "{\"id\": \"x\", \"type\": \"Annotation\", \"target\": \"https://a.b/#c\"}";
        for json in [
            one.to_owned(),
            format!("[{one}]"),
            format!("{{\"type\": \"AnnotationPage\", \"items\": [{one}]}}"),
            format!("{{\"type\": \"AnnotationCollection\", \"first\": {{\"items\": [{one}]}}}}"),
        ] {
            let found = read_all(&json);
            assert_eq!(found.len(), 1, "{json}");
            assert_eq!(found[0].targets[0].selectors[0].kind, Kind::Fragment("c".into()));
        }
        assert_eq!(read_all("{\"type\": \"AnnotationPage\", \"items\": []}"), []);
        for json in ["3", "{}", "{\"a\": []}", "\"x\""] {
            assert!(import(&File::new("a.json", json)).is_err(), "{json}");
        }
    }

    #[test]
    fn every_selector_of_the_model_is_parsed() {
        for (json, name) in [
            ("{\"type\": \"FragmentSelector\", \"value\": \"a\"}", "FragmentSelector"),
            ("{\"type\": \"CssSelector\", \"value\": \"p\"}", "CssSelector"),
            ("{\"type\": \"XPathSelector\", \"value\": \"/p\"}", "XPathSelector"),
            ("{\"type\": \"TextQuoteSelector\", \"exact\": \"a\"}", "TextQuoteSelector"),
            ("{\"type\": \"TextPositionSelector\", \"start\": 1, \"end\": 2}", "TextPositionSelector"),
            ("{\"type\": \"DataPositionSelector\", \"start\": 1, \"end\": 2}", "DataPositionSelector"),
            ("{\"type\": \"SvgSelector\", \"value\": \"<svg/>\"}", "SvgSelector"),
            (
                "{\"type\": \"RangeSelector\", \"startSelector\": {\"type\": \"SvgSelector\"}, \"endSelector\": {\"type\": \"SvgSelector\"}}",
                "RangeSelector",
            ),
            ("{\"type\": \"MoonSelector\"}", "MoonSelector"),
        ] {
            let found = selector(&serde_json::from_str(json).unwrap(), 0).unwrap();
            assert_eq!(found.kind.name(), name);
            assert_eq!(matches!(found.kind, Kind::Unknown(_)), name == "MoonSelector");
        }
    }

    #[test]
    fn bodies_times_and_creators_are_read_in_all_forms() {
        let json = "{\"target\": \"x\", \"created\": 1484220285, \"creator\": {\"id\": \"c\"}, \"body\": [\"https://a.b/\", \
            {\"type\": \"Choice\", \"items\": [{\"value\": \"v\", \"format\": \"text/html\"}]}, {\"id\": \"https://c.d/\"}, {}]}";
        let found = read_all(json).remove(0);
        assert_eq!(found.created.as_deref(), Some("2017-01-12"));
        assert_eq!(found.author.as_deref(), Some("c"));
        let forms: Vec<Form> = found.bodies.iter().map(|body| body.form).collect();
        assert_eq!(forms, [Form::Address, Form::Html, Form::Address]);
    }

    #[test]
    fn seconds_are_converted_to_days() {
        for (seconds, day) in [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (4_102_444_799, "2099-12-31")]
        {
            assert_eq!(day_of(seconds), day);
        }
    }
}
