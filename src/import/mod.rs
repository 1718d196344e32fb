//! Imports texts and notes as files of a site.
//!
//! 1. [`Received`] decodes the file, and [`format::detect`] detects its format, unless the user sets it.
//! 2. A text becomes HTML, and [`document`] turns it into Markdown; its words are compared with those of the file.
//! 3. Notes become [`crate::compose::target::Annotation`]s. [`destination`] finds the text of each,
//!    [`crate::compose::locate`] its passages, and [`layer`] writes them as notes; unmatched annotations become comments.
//!
//! One file per format. Except for the images beside a page, nothing is read or written here: the files to
//! write are returned as [`NewFile`]s.

pub(crate) mod destination;
mod document;
mod docx;
mod epub;
pub(crate) mod format;
mod html_to_markdown;
pub(crate) mod hypothesis;
mod jats;
mod json;
pub(crate) mod layer;
mod left_out;
mod ledger;
mod links;
mod markdown_file;
mod note_body;
mod recogito;
mod table;
mod zotero;
pub(crate) mod page;
pub(crate) mod plain;
pub(crate) mod unknown;
pub(crate) mod webannotation;
pub(crate) mod works;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compose::target::Annotation;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::markdown::escape::one_line;
use crate::site::encoding::{self, Evidence};

/// A file as it was received.
#[derive(Debug)]
pub(crate) struct Received {
    /// Its text; empty if it is not text.
    pub file: Arc<File>,
    /// Its path on disk, for the files beside it.
    pub on_disk: PathBuf,
    /// Its lower-case extension.
    pub extension: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    decoded: Option<encoding::Decoded>,
}

impl Received {
    /// Decodes the file whose path is written as `path`.
    pub(crate) fn new(path: &str, on_disk: &Path, bytes: Vec<u8>) -> Self {
        let extension =
            Path::new(path).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let mut decoded = encoding::decode(&bytes);
        let text = decoded.as_mut().map(|decoded| std::mem::take(&mut decoded.text)).unwrap_or_default();
        Self { file: File::new(path, text), on_disk: on_disk.to_owned(), extension, bytes, decoded }
    }

    /// Whether the file is text.
    pub(crate) fn is_text(&self) -> bool {
        self.decoded.is_some()
    }

    /// The first characters after white space, in lower case.
    pub(crate) fn start(&self) -> String {
        self.file.text.trim_start().chars().take(2000).collect::<String>().to_ascii_lowercase()
    }

    /// Warns of an encoding that was detected, or of bytes that it does not allow.
    pub(crate) fn report_encoding(&self, diagnostics: &mut Diagnostics) {
        let Some(decoded) = &self.decoded else { return };
        let at = self.file.text.find(char::REPLACEMENT_CHARACTER).filter(|_| decoded.invalid > 0);
        let place =
            Place::new(&self.file, at.map_or(0..0, |at| at..at + char::REPLACEMENT_CHARACTER.len_utf8()));
        let name = decoded.encoding;
        if decoded.invalid > 0 {
            let count = crate::diagnostics::render::count(decoded.invalid, "character is", "characters are");
            let message = format!("{count} not valid {name} and became U+FFFD");
            diagnostics.push(
                Diagnostic::warning(Code::SiteRead, place, message)
                    .help("if other letters are wrong too, save the file as UTF-8 and import it again"),
            );
        } else if decoded.evidence == Evidence::Detected {
            let message = format!("the file does not declare its encoding; it was read as {name}");
            diagnostics.push(
                Diagnostic::warning(Code::SiteRead, Place::new(&self.file, 0..0), message)
                    .help("if letters are wrong, save the file as UTF-8 and import it again"),
            );
        }
    }
}

/// A file to import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileToImport<'f> {
    /// The file.
    pub received: &'f Received,
    /// The path of the text that it becomes, relative to `sources/`.
    pub path: &'f str,
}

/// What a file contains.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Texts.
    pub texts: Vec<Imported>,
    /// Notes, on the first of these texts if there are any; `None` if the format has no notes.
    pub annotations: Option<Vec<Annotation>>,
    /// The text's own list of references, as CSL-JSON.
    pub works: Vec<serde_json::Value>,
    /// What has to be told.
    pub remarks: Vec<String>,
}

impl Content {
    /// A single text.
    fn text(text: Imported) -> Self {
        Self { texts: vec![text], ..Self::default() }
    }

    /// Notes.
    fn notes(annotations: Vec<Annotation>) -> Self {
        Self { annotations: Some(annotations), ..Self::default() }
    }
}

/// A file to write into a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewFile {
    /// Its path relative to the site's folder.
    pub path: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// An imported text.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// Its path, relative to `sources/`.
    pub path: String,
    /// The files to write, the text first.
    pub files: Vec<NewFile>,
    /// What was left out or changed, for the user.
    pub remarks: Vec<String>,
}

/// Front matter with those `keys` that have a value.
fn front_matter(keys: &[(&str, Option<&str>)]) -> String {
    let mut front = String::from("+++\n");
    for (key, value) in keys {
        if let Some(value) = value.map(one_line).filter(|value| !value.is_empty()) {
            front.push_str(&format!("{key} = {}\n", toml_string(&value)));
        }
    }
    front.push_str("+++\n\n");
    front
}

/// A basic TOML string on a single line.
fn toml_string(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_valid_toml_for_any_text() {
        let written =
            front_matter(&[("title", Some("a \"b\"\n\\c\u{1}")), ("author", Some(" ")), ("url", None)]);
        let toml = written.trim().trim_matches('+');
        let table: toml::Table = toml::from_str(toml).unwrap();
        assert_eq!(table["title"].as_str(), Some("a \"b\" \\c\u{1}"));
        assert_eq!(table.len(), 1);
    }
}
