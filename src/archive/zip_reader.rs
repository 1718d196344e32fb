//! Reads zip archives, with limits, because a small file can expand to a huge one.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::xml_reader::{Element, XmlError};

/// The maximum size of one file in an archive, uncompressed.
const MAX_FILE: u64 = 128 << 20;

/// A zip archive in memory.
pub(crate) struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
}

impl<'b> Archive<'b> {
    /// Opens an archive; the error says why that fails.
    pub(crate) fn open(bytes: &'b [u8]) -> Result<Self, String> {
        ZipArchive::new(Cursor::new(bytes)).map(|zip| Self { zip }).map_err(|error| error.to_string())
    }

    /// Whether `bytes` begin like a zip archive.
    pub(crate) fn is_archive(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
    }

    /// The names of all files.
    pub(crate) fn names(&self) -> Vec<String> {
        self.zip.file_names().flatten().map(|name| name.into_owned()).collect()
    }

    /// Whether there is a file with this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The contents of a file; `None` if it is missing, damaged, encrypted or too large.
    pub(crate) fn read(&mut self, name: &str) -> Option<Vec<u8>> {
        let file = self.zip.by_name(name).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= MAX_FILE).then_some(bytes)
    }

    /// A file as XML; `None` if it is missing, and an error if it is invalid.
    pub(crate) fn xml(&mut self, name: &str) -> Option<Result<Element, XmlError>> {
        let bytes = self.read(name)?;
        let text = crate::site::encoding::decode(&bytes).map(|decoded| decoded.text).unwrap_or_default();
        Some(Element::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_archives_are_errors() {
        assert!(Archive::open(b"PK\x03\x04").is_err());
        assert!(Archive::is_archive(b"PK\x03\x04") && !Archive::is_archive(b"PDF"));
    }
}
