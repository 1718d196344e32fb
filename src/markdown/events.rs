//! Parses Markdown into events with their ranges in the file.
//!
//! CommonMark with tables, footnotes, strikethrough and task lists. No smart punctuation and no heading
//! attributes, because they would change the words of a source.

use pulldown_cmark::{Event, Options, Parser};

use crate::diagnostics::FileSpan;

/// An event and its range in the file.
pub(crate) type SpannedEvent<'a> = (Event<'a>, FileSpan);

/// The extensions to CommonMark that are enabled.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// Parses `text`, which begins at byte `base` of its file.
pub(crate) fn events(text: &str, base: usize) -> impl Iterator<Item = SpannedEvent<'_>> {
    Parser::new_ext(text, options())
        .into_offset_iter()
        .map(move |(event, range)| (event, FileSpan::new(range.start + base, range.end + base)))
}
