//! Writes the built site as one zip archive with one top folder.

use std::io;

use super::format::{ExportContext, Files, Format, Make};
use crate::archive::ZipWriter;
use crate::names::address;

/// The built site in one archive.
pub(crate) const FORMAT: Format = Format {
    name: "zip",
    ending: ".zip",
    label: "format_zip",
    about: "the built site in one archive",
    make: Make::Site(write),
};

fn write(files: &Files, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    let name = FORMAT.file_of_edition(context.site);
    let folder = name.trim_end_matches(FORMAT.ending);
    let mut zip = ZipWriter::new(context.site.date.as_deref());
    for (path, bytes) in files {
        zip.add(&address::in_folder(folder, path), bytes)?;
    }
    zip.finish()
}
