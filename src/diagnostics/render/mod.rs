//! What is told to people and programs: diagnostics, progress and the closing words.
//!
//! One file per format. Text from a site reaches a terminal only with its control characters
//! escaped. Knows nothing of how problems are found, nor whether colours are wanted.

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

/// How many errors and warnings there are.
pub fn tally(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|problem| problem.severity == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

/// How many problems there are, for people: `2 errors, 1 warning`.
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

/// A number of things: `1 note`, `2 notes`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A time as long as people care: `3 ms`, `1.2 s`, `2 min 5 s`.
pub fn duration(time: Duration) -> String {
    let (seconds, milliseconds) = (time.as_secs(), time.subsec_millis());
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds}.{} s", milliseconds / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The text with nothing in it that a terminal obeys, but for the ends of lines.
fn harmless(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_harmful(c))
}

/// The same for what has to stay on one line.
fn harmless_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_harmful)
}

fn escaped(text: &str, is_harmful: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether `c` is a control character, or changes the direction of what follows.
fn is_harmful(c: char) -> bool {
    let directs = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || directs(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_what_there_is() {
        assert_eq!(summary(2, 1), "2 errors, 1 warning");
        assert_eq!(summary(1, 2), "1 error, 2 warnings");
        assert_eq!(summary(3, 0), "3 errors");
        assert_eq!(summary(0, 1), "1 warning");
        assert_eq!(summary(0, 0), "no problems");
    }

    #[test]
    fn one_thing_is_singular() {
        assert_eq!(count(0, "note", "notes"), "0 notes");
        assert_eq!(count(1, "note", "notes"), "1 note");
        assert_eq!(count(20_000, "note", "notes"), "20000 notes");
    }

    #[test]
    fn times_are_as_long_as_people_care() {
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
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(harmless("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(harmless("a\u{9b}2J\rb\u{202e}c"), "a\\u{9b}2J\\u{d}b\\u{202e}c");
        assert!(matches!(harmless("two\nlines and — 日本語"), Cow::Borrowed(_)));
        assert_eq!(harmless_line("two\nlines"), "two\\u{a}lines");
    }
}
