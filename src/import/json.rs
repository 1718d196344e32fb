//! Parses JSON from other programs: reports syntax errors with their location, and is lenient about
//! structure.

use std::sync::Arc;

use serde_json::Value;

use crate::diagnostics::{Code, Diagnostic, File, FileSpan, Place};

/// Parses a file as JSON.
pub(super) fn read(file: &Arc<File>) -> Result<Value, Box<Diagnostic>> {
    let text = file.text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| {
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

/// Whether a file with this extension is read as JSON.
pub(super) fn is_json(extension: &str) -> bool {
    matches!(extension, "json" | "jsonld")
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
}
