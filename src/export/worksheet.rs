//! Writes a text as a Word document for a class: numbered lines, a wide margin, an empty table, and no note.

use std::io;

use super::format::{ExportContext, Format, Make};
use super::word::{self, Purpose};
use crate::reader::Reader;

/// A text as a worksheet.
pub(crate) const FORMAT: Format = Format {
    name: "worksheet",
    ending: "-worksheet.docx",
    label: "format_worksheet",
    about: "each text as a Word document for a class, without notes and with a table to fill in",
    make: Make::Text(write),
};

fn write(reader: &Reader<'_>, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    word::write(reader, context, Purpose::Work)
}
