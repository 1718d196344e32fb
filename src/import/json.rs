//! Parses JSON from other programs: reports syntax errors with their location, and is lenient about
//! structure.

use std::sync::Arc;

use serde_json::Value;

use super::Received;

use crate::diagnostics::{Code, Diagnostic, File, FileSpan, Place};

/// Parses a file as JSON. Half characters, which programs leave behind when they cut strings, become U+FFFD.
pub(super) fn read(file: &Arc<File>) -> Result<Value, Box<Diagnostic>> {
    let text = file.text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).or_else(|error| parse_lenient(text).ok_or(error)).map_err(|error| {
        let skipped = file.text.len() - text.len();
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = skipped + line_start + error.column().saturating_sub(1);
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let place = Place::new(file, FileSpan::new(at.min(file.text.len()), at.min(file.text.len())));
        Box::new(
            Diagnostic::error(Code::SiteRead, place, format!("invalid JSON: {reason}"))
                .help("export the file again, or set its format with `--as`"),
        )
    })
}

/// Parses JSON, or one JSON value on each line.
pub(super) fn parse_lenient(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let parse = |text: &str| {
        serde_json::from_str(text).or_else(|_| serde_json::from_str(&without_half_characters(text))).ok()
    };
    let by_line = || {
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let values: Option<Vec<Value>> = lines.into_iter().map(parse).collect();
        values.filter(|values| values.len() > 1 && values.iter().all(Value::is_object)).map(Value::Array)
    };
    parse(text).or_else(by_line)
}

/// Replaces escapes of one half of a surrogate pair (RFC 8259, section 8.2).
fn without_half_characters(text: &str) -> String {
    let unit = |at: usize| -> Option<u16> {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c != '\\' {
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        let length = match unit(at) {
            Some(0xd800..=0xdbff) if unit(at + 6).is_some_and(|low| (0xdc00..=0xdfff).contains(&low)) => 12,
            Some(0xd800..=0xdfff) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            Some(_) => 6,
            // An escape of one character, such as `\\`.
            None => 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(text.get(at..at + length).unwrap_or_default());
        at += length;
    }
    out
}

/// The location of a string in the file, to report problems with the object that contains it.
pub(super) fn place(file: &Arc<File>, word: Option<&str>) -> Place {
    let written = word.and_then(|word| serde_json::to_string(word).ok()).filter(|written| written.len() > 2);
    let at = written.and_then(|written| Some((file.text.find(&written)?, written.len())));
    Place::new(file, at.map_or(FileSpan::default(), |(at, len)| FileSpan::new(at, at + len)))
}

/// The elements of a list, or a single value.
pub(super) fn each(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// The string at `key`.
pub(super) fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.is_empty())
}

/// The string at `key`, or the strings of the list at `key`.
pub(super) fn strings(value: &Value, key: &str) -> Vec<String> {
    each(value.get(key)).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The number at `key`.
pub(super) fn number(value: &Value, key: &str) -> Option<usize> {
    value.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}

/// Whether a file is read as JSON.
pub(super) fn is_json(file: &Received) -> bool {
    file.is_text()
        && (matches!(file.extension.as_str(), "json" | "jsonld" | "jsonl" | "ndjson")
            || (file.extension.is_empty() && file.file.text.trim_start().starts_with(['{', '['])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_json_is_reported_with_its_location() {
        let problem = read(&File::new("a.json", "\u{feff}{\n  \"é\": x\n}")).unwrap_err();
        assert_eq!(problem.place.line_column(), (2, 8));
        assert_eq!(problem.message, "invalid JSON: expected value");
        assert_eq!(read(&File::new("a.json", "{")).unwrap_err().place.line_column().0, 1);
    }

    #[test]
    fn half_characters_are_replaced() {
        for (json, text) in [
            ("\"a \\ud83d\"", "a \u{fffd}"),
            ("\"\\ude00b\"", "\u{fffd}b"),
            ("\"\\ud83d\\ude00 \\ud83dx\"", "😀 \u{fffd}x"),
            ("\"\\\\ud83d \\ud83d\"", "\\ud83d \u{fffd}"),
        ] {
            assert_eq!(read(&File::new("a.json", json)).unwrap(), Value::String(text.into()), "{json}");
        }
    }
}
