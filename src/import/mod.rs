//! Imports texts and notes as files of a site.
//!
//! 1. [`format::detect`] detects the format of a file, unless the user sets it.
//! 2. A text ([`plain`], [`page`]) becomes Markdown; its words are compared with those of the file.
//! 3. Notes ([`hypothesis`], [`webannotation`]) become [`crate::compose::target::Annotation`]s.
//!    [`crate::compose::locate`] finds their passages, and [`layer`] writes them as a layer; unmatched
//!    annotations become comments.
//!
//! One file per format. Except for the images beside a page, nothing is read or written here: the files to
//! write are returned as [`NewFile`]s.

pub(crate) mod format;
mod html_to_markdown;
pub(crate) mod hypothesis;
mod json;
pub(crate) mod layer;
mod note_body;
pub(crate) mod page;
pub(crate) mod plain;
pub(crate) mod webannotation;

use std::sync::Arc;

use std::path::Path;

use crate::compose::target::Annotation;
use crate::diagnostics::File;
use crate::markdown::escape::one_line;

/// A file to import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileToImport<'f> {
    /// The file.
    pub file: &'f Arc<File>,
    /// Its path on disk, for the files beside it.
    pub on_disk: &'f Path,
    /// The path of the text that it becomes, relative to `sources/`.
    pub path: &'f str,
}

/// What a file contains.
#[derive(Debug)]
pub(crate) enum Content {
    /// A text.
    Text(Imported),
    /// Notes.
    Notes(Vec<Annotation>),
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
