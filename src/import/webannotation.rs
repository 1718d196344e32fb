//! Reads W3C Web Annotations: a single one, a list, a page or a collection.
//!
//! Follows the Web Annotation Data Model (W3C Recommendation, 23 February 2017), and accepts common
//! deviations from it, and its predecessor, Open Annotation.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::format::ImportFormat;
use super::hypothesis::{remainder, truncated};
use super::json::{each, is_json, number, read, string, strings};
use super::{Content, FileToImport, Received};
use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// The maximum depth of nested lists, bodies and selectors.
const MAX_DEPTH: usize = 16;

/// The names of Open Annotation and of IIIF for the keys of the model.
const OLD_NAMES: [(&str, &str); 17] = [
    ("hasBody", "body"),
    ("hasTarget", "target"),
    ("hasSelector", "selector"),
    ("hasSource", "source"),
    ("annotatedBy", "creator"),
    ("annotatedAt", "created"),
    ("motivatedBy", "motivation"),
    ("chars", "value"),
    ("@value", "value"),
    ("@id", "id"),
    ("@type", "type"),
    ("item", "items"),
    ("on", "target"),
    ("resource", "body"),
    ("full", "source"),
    ("hasPurpose", "purpose"),
    ("role", "purpose"),
];

/// The keys of an annotation that are understood, or that say nothing about the note.
const KEYS: [&str; 19] = [
    "@context",
    "id",
    "type",
    "body",
    "bodyValue",
    "target",
    "selector",
    "motivation",
    "creator",
    "created",
    "modified",
    "audience",
    "generator",
    "generated",
    "canonical",
    "via",
    "permissions",
    "serializedAt",
    "serializedBy",
];

/// W3C Web Annotations: one, a list, a page or a collection.
pub(crate) struct WebAnnotation;

impl ImportFormat for WebAnnotation {
    fn name(&self) -> &'static str {
        "webannotation"
    }

    fn help(&self) -> &'static str {
        "W3C Web Annotations: one, a list, a page or a collection; Open Annotation"
    }

    fn matches(&self, file: &Received) -> bool {
        is_json(file)
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

/// Reads all annotations in a file; also returns the number of those that the collection lacks.
fn import(file: &Arc<File>) -> Result<(Vec<Annotation>, Option<usize>), Box<Diagnostic>> {
    let value = current_names(read(file)?, 0);
    let mut found = Vec::new();
    collect(&value, 0, &mut found);
    if found.is_empty() && !is_list(&value) {
        let message = "no Web Annotations found";
        return Err(Box::new(
            Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), message).help(
                "import a file with an Annotation, an AnnotationPage or an AnnotationCollection, or set the format with `--as`",
            ),
        ));
    }
    let total = number(&value, "total").filter(|_| value.is_object());
    let missing = total.and_then(|total| total.checked_sub(found.len())).filter(|missing| *missing > 0);
    Ok((found.into_iter().map(annotation).collect(), missing))
}

/// The value with the keys of the model instead of those of Open Annotation.
fn current_names(value: Value, depth: usize) -> Value {
    match value {
        Value::Array(list) if depth < 64 => {
            Value::Array(list.into_iter().map(|value| current_names(value, depth + 1)).collect())
        }
        Value::Object(object) if depth < 64 => {
            let is_new = |key: &str| OLD_NAMES.iter().any(|(_, new)| *new == key);
            let (new, old): (Vec<_>, Vec<_>) = object.into_iter().partition(|(key, _)| is_new(key));
            let mut out: Map<String, Value> = Map::new();
            for (key, value) in new.into_iter().chain(old) {
                let bare = ["oa:", "cnt:", "as:", "dc:", "dcterms:"]
                    .iter()
                    .find_map(|prefix| key.strip_prefix(prefix))
                    .unwrap_or(&key);
                let name = OLD_NAMES.iter().find(|(old, _)| *old == bare).map_or(bare, |(_, new)| new);
                let name = if out.contains_key(name) { key.clone() } else { name.to_owned() };
                out.insert(name, current_names(value, depth + 1));
            }
            Value::Object(out)
        }
        other => other,
    }
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
    strings(value, "type").iter().any(|name| name.rsplit([':', '#', '/']).next() == Some(wanted))
}

/// The last part of a name, which may have a prefix or be an address.
fn last_part(name: &str) -> String {
    name.rsplit([':', '#', '/']).next().unwrap_or(name).to_owned()
}

fn annotation(value: &Value) -> Annotation {
    let names = |value: &Value| value.as_str().map(str::to_owned).or_else(|| string(value, "id"));
    let motivations: Vec<String> =
        each(value.get("motivation")).iter().filter_map(names).map(|name| last_part(&name)).collect();
    let mut reader = Bodies::default();
    each(value.get("body")).iter().for_each(|value| reader.read(value, None, 0));
    if let Some(text) = string(value, "bodyValue") {
        reader.bodies.push(Body { value: text, form: Form::Plain, purpose: None });
    }
    let mut targets = Vec::new();
    each(value.get("target")).iter().for_each(|value| targets_in(value, 0, &mut targets));
    if value.get("target").is_none() && value.get("selector").is_some() {
        targets.push(target(value));
    }
    let replies = motivations.iter().any(|name| name == "replying");
    let mut rest = remainder(value, &KEYS);
    rest.append(&mut reader.remainder);
    each(value.get("target")).iter().for_each(|target| unknown_selectors(target, 0, &mut rest));
    let pages = ["canonical", "via"].iter().flat_map(|key| strings(value, key)).collect();
    Annotation {
        id: string(value, "id"),
        author: author(value.get("creator")),
        created: time(value.get("created")),
        updated: time(value.get("modified")),
        reply_to: if replies { targets.first().and_then(|target| target.source.clone()) } else { None },
        motivations,
        group: audience(value),
        private: false,
        bodies: reader.bodies,
        targets,
        pages,
        remainder: rest,
    }
}

/// The selectors of unknown types, verbatim.
fn unknown_selectors(value: &Value, depth: usize, rest: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    for found in each(value.get("selector")).iter().chain(each(value.get("refinedBy"))) {
        let is_unknown = selector(found, 0).is_none_or(|read| matches!(read.kind, Kind::Unknown(_)));
        if is_unknown && !has_type(found, "RangeSelector") {
            rest.push(found.to_string());
        }
        unknown_selectors(found, depth + 1, rest);
    }
}

/// The targets in a value: a target, or a set of them.
fn targets_in(value: &Value, depth: usize, out: &mut Vec<Target>) {
    match value.get("items") {
        Some(items) if depth < MAX_DEPTH => {
            each(Some(items)).iter().for_each(|item| targets_in(item, depth + 1, out));
        }
        _ => out.push(target(value)),
    }
}

fn author(creator: Option<&Value>) -> Option<String> {
    let one = each(creator).first()?;
    let names = ["name", "foaf:name", "nickname", "label", "id"];
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

/// Reads bodies, also sets of them.
#[derive(Default)]
struct Bodies {
    bodies: Vec<Body>,
    /// What is not understood.
    remainder: Vec<String>,
}

/// The keys of a body that are understood, or that say nothing.
const BODY_KEYS: [&str; 17] = [
    "id",
    "type",
    "value",
    "format",
    "purpose",
    "source",
    "items",
    "default",
    "language",
    "processingLanguage",
    "textDirection",
    "created",
    "modified",
    "creator",
    "label",
    "generator",
    "@context",
];

impl Bodies {
    /// Reads a body; `purpose` is that of the set it is in.
    fn read(&mut self, value: &Value, purpose: Option<&str>, depth: usize) {
        if let Some(address) = value.as_str() {
            let purpose = purpose.map(str::to_owned);
            self.bodies.push(Body { value: address.to_owned(), form: Form::Address, purpose });
            return;
        }
        if depth > MAX_DEPTH || !value.is_object() {
            self.remainder.push(value.to_string());
            return;
        }
        let own = strings(value, "purpose").into_iter().next().map(|name| last_part(&name));
        let by_type = || {
            let is_tag = has_type(value, "Tag") || has_type(value, "SemanticTag");
            let is_class = has_type(value, "Classification") || has_type(value, "classification");
            if is_tag {
                Some("tagging")
            } else if is_class {
                Some("classifying")
            } else {
                None
            }
        };
        let purpose = own.or_else(|| by_type().map(str::to_owned)).or_else(|| purpose.map(str::to_owned));
        let items: Vec<&Value> = each(value.get("default")).iter().chain(each(value.get("items"))).collect();
        if !items.is_empty() {
            // A Choice offers alternatives, the default one first; other sets belong together.
            let is_choice = has_type(value, "Choice");
            for (index, item) in items.into_iter().enumerate() {
                let purpose = if is_choice && index > 0 { Some("alternative") } else { purpose.as_deref() };
                self.read(item, purpose, depth + 1);
            }
            return;
        }
        self.remainder.extend(remainder(value, &BODY_KEYS));
        if let Some(text) = string(value, "value") {
            let form = match string(value, "format").as_deref() {
                Some("text/html" | "application/xhtml+xml") => Form::Html,
                Some("text/markdown") => Form::Markdown,
                _ => Form::Plain,
            };
            // A semantic tag has a word and the address of what it means.
            let meaning = string(value, "id").filter(|id| id.starts_with("http"));
            let is_word = matches!(purpose.as_deref(), Some("tagging" | "classifying" | "identifying"));
            if let Some(meaning) = meaning.filter(|_| is_word) {
                self.remainder.push(format!("{text}: {meaning}"));
            }
            self.bodies.push(Body { value: text, form, purpose });
            return;
        }
        match value.get("source") {
            Some(source) if !source.is_null() => self.read(source, purpose.as_deref(), depth + 1),
            _ => match string(value, "id") {
                Some(address) => self.bodies.push(Body { value: address, form: Form::Address, purpose }),
                None => {
                    let is_empty = value.as_object().is_none_or(Map::is_empty);
                    // An empty text says nothing.
                    if !is_empty && !has_type(value, "TextualBody") && value.get("value").is_none() {
                        self.remainder.push(value.to_string());
                    }
                }
            },
        }
    }
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
    let name = strings(value, "type").pop().unwrap_or_default();
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
        import(&File::new("a.json", json)).unwrap().0
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
    fn sets_of_bodies_lose_nothing() {
        let json = "{\"target\": {\"type\": \"Composite\", \"items\": [\"a\", \"b\"]}, \"rights\": \"r\", \"body\": [\
            {\"type\": \"Choice\", \"items\": [{\"value\": \"one\"}, {\"value\": \"two\"}]}, \
            {\"type\": \"List\", \"items\": [{\"value\": \"three\"}, \"https://x.y/\"]}, \
            {\"type\": \"SpecificResource\", \"purpose\": \"tagging\", \"source\": \"https://x.y/tag\"}, \
            {\"type\": \"Moon\", \"phase\": 1}]}";
        let found = read_all(json).remove(0);
        let bodies: Vec<(&str, &str)> = found
            .bodies
            .iter()
            .map(|body| (body.value.as_str(), body.purpose.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            bodies,
            [
                ("one", ""),
                ("two", "alternative"),
                ("three", ""),
                ("https://x.y/", ""),
                ("https://x.y/tag", "tagging")
            ]
        );
        assert_eq!(found.targets.len(), 2);
        assert!(found.remainder.iter().any(|rest| rest.contains("rights")));
        assert!(found.remainder.iter().any(|rest| rest.contains("phase")));
    }

    #[test]
    fn open_annotation_is_read_by_its_old_names() {
        let json = "{\"@id\": \"x\", \"@type\": \"oa:Annotation\", \"oa:motivatedBy\": {\"@id\": \"oa:commenting\"}, \
            \"oa:hasBody\": {\"@type\": \"cnt:ContentAsText\", \"cnt:chars\": \"words\"}, \"annotatedBy\": {\"foaf:name\": \"Ann\"}, \
            \"oa:hasTarget\": {\"oa:hasSource\": \"http://a.b/\", \"oa:hasSelector\": {\"@type\": \"oa:TextQuoteSelector\", \"oa:exact\": \"q\"}}}";
        let found = read_all(json).remove(0);
        assert_eq!((found.bodies[0].value.as_str(), found.author.as_deref()), ("words", Some("Ann")));
        assert_eq!(found.motivations, ["commenting"]);
        assert_eq!(found.targets[0].quote(), Some(("q", "", "")));
    }

    #[test]
    fn seconds_are_converted_to_days() {
        for (seconds, day) in [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (4_102_444_799, "2099-12-31")]
        {
            assert_eq!(day_of(seconds), day);
        }
    }
}
