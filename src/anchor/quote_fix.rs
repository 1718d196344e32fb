//! Corrects a quote: only differing words are replaced, so that the bold, the paragraphs, the `[…]` and the
//! line endings stay as the editor wrote them.

use std::ops::Range;

use super::nearest::Edit;
use super::{Folded, Segment};
use crate::diagnostics::{File, FileSpan};
use crate::notes::Quote;

/// A span of a file and the text that replaces it.
pub(super) type Change = (FileSpan, String);

/// The change that writes `right` in place of the wrong words of `edit`; `None` if something else is written
/// between them in the file.
pub(super) fn change(quote: &Quote, segment: &Segment, edit: &Edit, right: &str) -> Option<Change> {
    let right = escape(right);
    if edit.wrong.is_empty() {
        let at = insertion_point(quote, segment, edit.wrong.start)?;
        return Some((FileSpan::new(at, at), right));
    }
    Some((quote.place(quote_range(segment, edit.wrong.clone()))?, right))
}

/// The range of the quote's words that folded bytes of a segment come from.
fn quote_range(segment: &Segment, folded: Range<usize>) -> Range<usize> {
    let (start, end) = segment.folded.around(folded.start, folded.end);
    segment.start + start..segment.start + end
}

/// The offset in the file at which to insert words before byte `at` of a segment; at the border of the bold,
/// outside it.
fn insertion_point(quote: &Quote, segment: &Segment, at: usize) -> Option<usize> {
    let before = (at > 0).then(|| quote_range(segment, at - 1..at).end);
    let after = (at < segment.folded.text.len()).then(|| quote_range(segment, at..at + 1).start);
    let after_previous = before.and_then(|end| Some(quote.byte(end.checked_sub(1)?)? + 1));
    let before_next = after.and_then(|start| quote.byte(start));
    match &quote.bold {
        Some(bold) if before == Some(bold.end) => before_next.or(after_previous),
        _ => after_previous.or(before_next),
    }
}

/// The source of the block quote in `file`, with the changes applied.
pub(super) fn apply(quote: &Quote, file: &File, mut changes: Vec<Change>) -> Option<String> {
    let mut text = file.text.get(quote.span.range())?.to_owned();
    // Apply the changes from last to first, so that earlier offsets stay valid; at one offset, in reverse
    // order as well.
    changes.reverse();
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, words) in changes {
        let start = span.start.checked_sub(quote.span.start)?;
        let range = start..start + (span.end - span.start);
        text.get(range.clone())?;
        text.replace_range(range, &words);
    }
    Some(text)
}

/// A block quote on one line, without `>`.
pub(super) fn on_one_line(quote: &str) -> String {
    let words =
        quote.lines().map(|line| line.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end());
    words.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The words of the text at a folded range, with single spaces.
pub(super) fn text_words(reading: &str, folded: &Folded, range: Range<usize>) -> String {
    let (start, end) = folded.around(range.start, range.end);
    let mut words = String::new();
    for c in reading.get(start..end).unwrap_or_default().chars() {
        match c {
            c if !c.is_whitespace() => words.push(c),
            _ if words.ends_with(' ') => {}
            _ => words.push(' '),
        }
    }
    words
}

/// Escapes words for Markdown.
pub(super) fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '~' | '|' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
