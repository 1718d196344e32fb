//! The lines of a file that a diagnostic shows, shortened to fit a terminal.

use std::ops::Range;

use super::locator::Position;
use crate::diagnostics::{File, FileSpan, floor_char_boundary};

/// The maximum number of lines in an excerpt.
const MAX_LINES: usize = 6;

/// The maximum number of bytes of a location that an excerpt shows.
const MAX_BYTES: usize = 4096;

/// A location with the lines around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The lines, with every control character replaced by a visible one.
    pub(super) text: String,
    /// The location within `text`.
    pub(super) span: Range<usize>,
}

impl Excerpt {
    /// The lines of `file` around `span`, which begins at `position`.
    ///
    /// Of a location with many lines or long ones, only the first line is shown; a single line is cut so that there
    /// is room for a label. A long line is cut to about `width` characters on either side of the location. The cost
    /// does not depend on the length of the file or of its lines.
    pub(super) fn new(file: &File, span: FileSpan, position: Position, width: usize) -> Self {
        let text = file.text.as_str();
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = floor_char_boundary(text, span.start).max(bom);
        let end = start + shorten(&text[start..floor_char_boundary(text, span.end).max(start)], width).len();
        let line = &text[position.line_start.max(bom).min(start)..start];
        let before = last_chars(line, width);
        let after = rest_of_line(&text[end..], width);

        let mut excerpt = String::new();
        if before.len() < line.len() {
            excerpt.push('…');
        }
        push_lines(&mut excerpt, before);
        let start_shown = excerpt.len();
        push_lines(&mut excerpt, &text[start..end]);
        let end_shown = excerpt.len();
        push_lines(&mut excerpt, after);
        if !matches!(text[end + after.len()..].chars().next(), None | Some('\n' | '\r')) {
            excerpt.push('…');
        }
        Self { text: excerpt, span: start_shown..end_shown }
    }
}

/// The part of a location that is shown: all of it, its first line, or the start of that line.
fn shorten(place: &str, width: usize) -> &str {
    let near = &place[..floor_char_boundary(place, MAX_BYTES)];
    let lines = near.trim_end_matches(['\n', '\r']);
    let is_short =
        lines.lines().count() <= MAX_LINES && lines.lines().all(|line| line.chars().count() <= width);
    let is_whole = near.len() == place.len();
    if is_whole && is_short && lines.contains('\n') { lines } else { rest_of_line(lines, width * 2 / 3) }
}

/// The start of `text` up to the end of the line, at most `max` characters.
fn rest_of_line(text: &str, max: usize) -> &str {
    let end = text.char_indices().take(max).find(|&(_, c)| c == '\n').map(|(at, _)| at);
    let end = end.or_else(|| text.char_indices().nth(max).map(|(at, _)| at)).unwrap_or(text.len());
    let line = &text[..end];
    if text[end..].starts_with('\n') { line.strip_suffix('\r').unwrap_or(line) } else { line }
}

/// The last `max` characters of `text`.
fn last_chars(text: &str, max: usize) -> &str {
    let at = max.checked_sub(1).and_then(|last| text.char_indices().nth_back(last)).map_or(0, |(at, _)| at);
    &text[at..]
}

fn push_lines(excerpt: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\r' || chars.peek() != Some(&'\n') {
            excerpt.push(visible(c));
        }
    }
}

/// A single visible character in place of the control character `c`, so that columns do not shift.
fn visible(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ if super::is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::super::locator::Locator;
    use super::*;

    /// The excerpt for `place` in `text`, with the location in brackets.
    fn excerpt(text: &str, place: Range<usize>, width: usize) -> String {
        let file = File::new("a.md", text);
        let position = Locator::default().locate(&file, place.start);
        let Excerpt { text, span } = Excerpt::new(&file, place.into(), position, width);
        format!("{}[{}]{}", &text[..span.start], &text[span.clone()], &text[span.end..])
    }

    #[test]
    fn only_the_line_of_the_location_is_shown() {
        let text = "one\ntwo three\nfour\n";
        assert_eq!(excerpt(text, 8..13, 80), "two [three]");
        assert_eq!(excerpt(text, 0..3, 80), "[one]");
        assert_eq!(excerpt(text, 4..4, 80), "[]two three");
        assert_eq!(excerpt(text, 19..19, 80), "[]");
        assert_eq!(excerpt(text, 500..600, 80), "[]");
    }

    #[test]
    fn a_few_lines_are_shown_whole_and_of_many_only_the_first() {
        assert_eq!(excerpt("a\r\n> b\r\n> c\r\n\r\n", 3..15, 80), "[> b\n> c]");
        assert_eq!(excerpt(&"> line\n".repeat(6), 0..42, 80).lines().count(), 6);
        assert_eq!(excerpt(&"> line\r\n".repeat(7), 0..56, 80), "[> line]");
        assert_eq!(
            excerpt(&format!("{}\nx", "é".repeat(100)), 0..202, 30),
            format!("[{}]{}…", "é".repeat(20), "é".repeat(30))
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}needle{}", "é".repeat(1000), "ö".repeat(1000));
        let around = format!("…{}[needle]{}…", "é".repeat(50), "ö".repeat(50));
        assert_eq!(excerpt(&text, 2000..2006, 50), around);
        assert_eq!(excerpt("abcde", 2..3, 2), "ab[c]de");
        assert_eq!(excerpt("abcde", 2..3, 1), "…b[]c…");
    }

    #[test]
    fn a_byte_order_mark_is_not_shown() {
        assert_eq!(excerpt("\u{feff}ab", 0..4, 80), "[a]b");
        assert_eq!(excerpt("\u{feff}ab", 4..5, 80), "a[b]");
        assert_eq!(excerpt("\u{feff}", 0..0, 80), "[]");
    }

    #[test]
    fn each_control_character_becomes_one_visible_character() {
        assert_eq!(excerpt("\u{1b}[31m\ta\r\u{7f}\u{9b}\u{202e}", 6..7, 80), "␛[31m\t[a]␍␡\u{fffd}\u{fffd}");
    }
}
