//! A quote with other words in it: only what differs is written anew, so that its bold, its paragraphs, its marks for
//! words left out and its line ends stay as the editor wrote them.

use std::ops::Range;

use super::nearest::Edit;
use super::{Folded, Segment};
use crate::diagnostics::{File, FileSpan};
use crate::notes::Quote;

/// Words to write over a run of a file.
pub(super) type Change = (FileSpan, String);

/// What writes `right` for the wrong words of `edit`; `None` where the file has something between them.
pub(super) fn change(quote: &Quote, segment: &Segment, edit: &Edit, right: &str) -> Option<Change> {
    let right = escape(right);
    if edit.wrong.is_empty() {
        let at = insertion(quote, segment, edit.wrong.start)?;
        return Some((FileSpan::new(at, at), right));
    }
    Some((quote.place(written(segment, edit.wrong.clone()))?, right))
}

/// The bytes of the quote's words that folded bytes of a segment came from.
fn written(segment: &Segment, folded: Range<usize>) -> Range<usize> {
    let (start, end) = segment.folded.around(folded.start, folded.end);
    segment.start + start..segment.start + end
}

/// Where new words go that belong before byte `at` of a segment: at a border of the bold, outside it.
fn insertion(quote: &Quote, segment: &Segment, at: usize) -> Option<usize> {
    let before = (at > 0).then(|| written(segment, at - 1..at).end);
    let after = (at < segment.folded.text.len()).then(|| written(segment, at..at + 1).start);
    let behind = before.and_then(|end| Some(quote.byte(end.checked_sub(1)?)? + 1));
    let ahead = after.and_then(|start| quote.byte(start));
    match &quote.bold {
        Some(bold) if before == Some(bold.end) => ahead.or(behind),
        _ => behind.or(ahead),
    }
}

/// The block quote as it stands in `file`, with the changes made.
pub(super) fn written_anew(quote: &Quote, file: &File, mut changes: Vec<Change>) -> Option<String> {
    let mut text = file.text.get(quote.span.range())?.to_owned();
    // The last first, so that the places of the others stay true; of two at one place the later, too.
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

/// A block quote on one line, without its signs.
pub(super) fn on_one_line(quote: &str) -> String {
    let words =
        quote.lines().map(|line| line.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end());
    words.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The words of the text as a quote has them, with single spaces.
pub(super) fn quoted(reading: &str, folded: &Folded, range: Range<usize>) -> String {
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

/// Words as Markdown that reads as them.
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
