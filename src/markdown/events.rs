//! Markdown to events with their places in the file.
//!
//! CommonMark with tables, footnotes, strikethrough and task lists; no smart punctuation and no
//! heading attributes, since the words of a source are the source's.

use pulldown_cmark::{Event, Options, Parser};

use crate::diagnostics::FileSpan;

/// An event and the bytes of the file it came from.
pub type Placed<'a> = (Event<'a>, FileSpan);

/// The constructs read beyond CommonMark.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
}

/// The events of `text`, which begins at byte `base` of its file.
pub fn events(text: &str, base: usize) -> impl Iterator<Item = Placed<'_>> {
    Parser::new_ext(text, options())
        .into_offset_iter()
        .map(move |(event, range)| (event, FileSpan::new(range.start + base, range.end + base)))
}
