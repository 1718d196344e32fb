//! Writes a text as a Word document in which each note is a comment on its passage, or an endnote.

use std::io;

use super::format::{ExportContext, Format, Make};
use super::word::{self, Purpose};
use crate::reader::Reader;

/// A text as a Word document.
pub(crate) const FORMAT: Format = Format {
    name: "docx",
    ending: ".docx",
    label: "format_docx",
    about: "each text as a Word document, with its notes as comments",
    make: Make::Text(write),
};

fn write(reader: &Reader<'_>, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    word::write(reader, context, Purpose::Read(context.notes))
}
