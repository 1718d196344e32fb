//! Writes zip archives. The same files give the same bytes: the date is given, and there are no other variable fields.

use std::io::{self, Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime};

/// The extensions of files that are compressed already.
const COMPRESSED: [&str; 12] =
    ["avif", "docx", "epub", "gif", "jpeg", "jpg", "mp3", "mp4", "png", "webp", "woff2", "zip"];

/// A zip archive that is being written to memory.
pub(crate) struct ZipWriter {
    zip: zip::ZipWriter<Cursor<Vec<u8>>>,
    date: DateTime,
}

impl ZipWriter {
    /// An empty archive; `date` is the date of all files, as `2026-11-21`. Without one it is the first day of 1980, the
    /// earliest that the format can express.
    pub(crate) fn new(date: Option<&str>) -> Self {
        let date = date.and_then(parse).unwrap_or_default();
        Self { zip: zip::ZipWriter::new(Cursor::new(Vec::new())), date }
    }

    /// Adds a file, compressed unless its format is.
    pub(crate) fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        let is_compressed = COMPRESSED.contains(&extension.as_str());
        let method = if is_compressed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        self.write(path, bytes, method)
    }

    /// Adds a file without compression.
    pub(crate) fn add_stored(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes, CompressionMethod::Stored)
    }

    fn write(&mut self, path: &str, bytes: &[u8], method: CompressionMethod) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(self.date)
            .unix_permissions(0o644);
        self.zip.start_file(path, options)?;
        self.zip.write_all(bytes)
    }

    /// The bytes of the archive.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.zip.finish()?.into_inner())
    }
}

/// A date such as `2026-11-21`; a missing month or day is the first.
fn parse(date: &str) -> Option<DateTime> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let mut part = || parts.next().map_or(Some(1), |part| part.parse().ok());
    DateTime::from_date_and_time(year, part()?, part()?, 0, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn archive(date: Option<&str>) -> Vec<u8> {
        let mut zip = ZipWriter::new(date);
        zip.add_stored("mimetype", b"text/plain").unwrap();
        zip.add("a/b.txt", "words ".repeat(100).as_bytes()).unwrap();
        zip.add("a/c.png", b"picture").unwrap();
        zip.finish().unwrap()
    }

    #[test]
    fn archives_can_be_read_and_are_reproducible() {
        let bytes = archive(Some("2026-11-21"));
        assert_eq!(bytes, archive(Some("2026-11-21")));
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes.as_slice())).unwrap();
        let mut words = String::new();
        zip.by_name("a/b.txt").unwrap().read_to_string(&mut words).unwrap();
        assert_eq!(words, "words ".repeat(100));
        let modified = zip.by_name("mimetype").unwrap().last_modified().unwrap();
        assert_eq!((modified.year(), modified.month(), modified.day()), (2026, 11, 21));
        assert_eq!(
            &bytes[30..48],
            b"mimetypetext/plain",
            "the first file is neither compressed nor extended"
        );
    }

    #[test]
    fn a_date_that_the_format_cannot_express_is_replaced() {
        for date in [None, Some("1799-01-01"), Some("2026-13-01"), Some("x")] {
            assert_eq!(archive(date), archive(None));
        }
        assert_ne!(archive(Some("2026")), archive(None));
    }
}
