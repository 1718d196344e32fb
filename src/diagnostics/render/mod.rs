//! Output for people and programs: diagnostics, progress and summaries.
//!
//! One file per format. Control characters in text from a site are escaped before they reach a terminal. Does
//! not decide how problems are found or whether colours are used.

mod excerpt;
mod human;
mod json;
mod locator;
mod progress;

use std::borrow::Cow;
use std::time::Duration;

use crate::diagnostics::{Diagnostic, Severity};

pub use human::human;
pub use json::json;
pub use progress::Progress;

/// The numbers of errors and of warnings.
pub fn tally(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|problem| problem.severity == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

/// The numbers of errors and warnings for people: `2 errors, 1 warning`.
pub fn summary(errors: usize, warnings: usize) -> String {
    let (some_errors, some_warnings) =
        (count(errors, "error", "errors"), count(warnings, "warning", "warnings"));
    match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (_, 0) => some_errors,
        (0, _) => some_warnings,
        _ => format!("{some_errors}, {some_warnings}"),
    }
}

/// A count with its noun: `1 note`, `2 notes`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A duration, rounded for people: `3 ms`, `1.2 s`, `2 min 5 s`.
pub fn duration(time: Duration) -> String {
    let (seconds, milliseconds) = (time.as_secs(), time.subsec_millis());
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds}.{} s", milliseconds / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Escapes all control characters except line feeds.
fn escape_text(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_unsafe(c))
}

/// Escapes all control characters, for text that has to stay on one line.
fn escape_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_unsafe)
}

fn escaped(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether `c` is a control character, or changes the direction of the text after it.
fn is_unsafe(c: char) -> bool {
    let is_bidi = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_bidi(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_omits_zero_counts() {
        assert_eq!(summary(2, 1), "2 errors, 1 warning");
        assert_eq!(summary(1, 2), "1 error, 2 warnings");
        assert_eq!(summary(3, 0), "3 errors");
        assert_eq!(summary(0, 1), "1 warning");
        assert_eq!(summary(0, 0), "no problems");
    }

    #[test]
    fn a_count_of_one_is_singular() {
        assert_eq!(count(0, "note", "notes"), "0 notes");
        assert_eq!(count(1, "note", "notes"), "1 note");
        assert_eq!(count(20_000, "note", "notes"), "20000 notes");
    }

    #[test]
    fn durations_are_rounded_for_people() {
        for (milliseconds, words) in [
            (0, "0 ms"),
            (53, "53 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (1_290, "1.2 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min 0 s"),
            (125_900, "2 min 5 s"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), words);
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape_text("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(escape_text("a\u{9b}2J\rb\u{202e}c"), "a\\u{9b}2J\\u{d}b\\u{202e}c");
        assert!(matches!(escape_text("two\nlines and — 日本語"), Cow::Borrowed(_)));
        assert_eq!(escape_line("two\nlines"), "two\\u{a}lines");
    }
}
