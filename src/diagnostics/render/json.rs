//! Diagnostics for programs: one JSON object.

use serde::Serialize;

use super::locator::Locator;
use crate::diagnostics::{Diagnostic, Severity};

/// The root object.
#[derive(Serialize)]
struct Report<'a> {
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Entry<'a>>,
}

/// One diagnostic.
#[derive(Serialize)]
struct Entry<'a> {
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    help: Option<&'a str>,
}

/// Formats diagnostics, in the order given, and their counts as one line of JSON.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let mut locator = Locator::default();
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    let report = Report {
        errors,
        warnings: diagnostics.len() - errors,
        diagnostics: diagnostics.iter().map(|diagnostic| entry(diagnostic, &mut locator)).collect(),
    };
    let text = serde_json::to_string(&report).expect("strings and numbers are always JSON");
    escape_unsafe(&text) + "\n"
}

fn entry<'a>(diagnostic: &'a Diagnostic, locator: &mut Locator<'a>) -> Entry<'a> {
    let place = &diagnostic.place;
    let position = locator.locate(&place.file, place.span.start);
    Entry {
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code.as_str(),
        message: &diagnostic.message,
        file: &place.file.path,
        line: position.line,
        column: position.column,
        help: diagnostic.help.as_deref(),
    }
}

/// Escapes control characters that JSON allows but a terminal would interpret; the parsed value stays the
/// same.
fn escape_unsafe(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if super::is_unsafe(c) {
            // All of these characters have at most four hexadecimal digits.
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Code;
    use crate::diagnostics::{File, Place};

    #[test]
    fn the_object_has_exactly_the_documented_fields() {
        let file = File::new("annotations/a.md", "é\n> quote\n");
        let error =
            Diagnostic::error(Code::AnchorOrphan, Place::new(&file, 5..10), "the quote is \"nowhere\"")
                .label("here")
                .help("copy the words again");
        let warning =
            Diagnostic::warning(Code::WorkUncited, Place::of_path("b.yaml"), "the work `x` is not cited");
        let expected = concat!(
            r#"{"errors":1,"warnings":1,"diagnostics":["#,
            r#"{"severity":"error","code":"anchor.orphan","message":"the quote is \"nowhere\"","#,
            r#""file":"annotations/a.md","line":2,"column":3,"help":"copy the words again"},"#,
            r#"{"severity":"warning","code":"work.uncited","message":"the work `x` is not cited","#,
            r#""file":"b.yaml","line":1,"column":1,"help":null}]}"#,
            "\n"
        );
        assert_eq!(json(&[error, warning]), expected);
        assert_eq!(json(&[]), "{\"errors\":0,\"warnings\":0,\"diagnostics\":[]}\n");
    }

    #[test]
    fn escaping_control_characters_keeps_the_value() {
        let message = "a\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\n日本";
        let text = json(&[Diagnostic::error(Code::SiteRead, Place::of_path("x"), message)]);
        assert!(!text.trim_end().chars().any(|c| c.is_control() || c == '\u{202e}'), "{text}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["diagnostics"][0]["message"], message);
    }
}
