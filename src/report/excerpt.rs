//! The lines around a place, cut to what can be read.

use std::ops::Range;

use super::locator::Position;
use super::push_harmless;
use crate::span::{File, FileSpan, floor_char_boundary};

/// The most lines of a file that one excerpt shows.
const MOST_LINES: usize = 6;

/// The most bytes of a place that one excerpt shows.
const MOST_BYTES: usize = 4096;

/// A place with the lines it is in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The lines, harmless.
    pub(super) text: String,
    /// The place, in `text`.
    pub(super) span: Range<usize>,
}

impl Excerpt {
    /// The lines of `file` around `span`, which begins at `position`.
    ///
    /// A place of many lines is shown by its first. Of a long line stays what is near the place:
    /// `width` characters before its beginning and after its end, and of it where it is one line.
    /// The work is the same however long the file and its lines are.
    pub(super) fn new(file: &File, span: FileSpan, position: Position, width: usize) -> Self {
        let text = file.text.as_str();
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = floor_char_boundary(text, span.start).max(bom);
        let end = start + shown(&text[start..floor_char_boundary(text, span.end).max(start)], width).len();
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

/// The part of a place that is shown: all, or its first line, or the beginning of that.
fn shown(place: &str, width: usize) -> &str {
    let near = &place[..floor_char_boundary(place, MOST_BYTES)];
    let lines = near.trim_end_matches(['\n', '\r']);
    let all = near.len() == place.len() && lines.matches('\n').count() < MOST_LINES;
    if all && lines.contains('\n') { lines } else { rest_of_line(lines, width) }
}

/// The beginning of `text` up to the line's end, at most `most` characters.
fn rest_of_line(text: &str, most: usize) -> &str {
    let end = text.char_indices().take(most).find(|&(_, c)| c == '\n').map(|(at, _)| at);
    let end = end.or_else(|| text.char_indices().nth(most).map(|(at, _)| at)).unwrap_or(text.len());
    let line = &text[..end];
    if text[end..].starts_with('\n') { line.strip_suffix('\r').unwrap_or(line) } else { line }
}

/// The last `most` characters of `text`.
fn last_chars(text: &str, most: usize) -> &str {
    let at = most.checked_sub(1).and_then(|last| text.char_indices().nth_back(last)).map_or(0, |(at, _)| at);
    &text[at..]
}

fn push_lines(excerpt: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\r' || chars.peek() != Some(&'\n') {
            push_harmless(excerpt, c);
        }
    }
}
