//! Imports texts and notes as files of a site.
//!
//! 1. [`guess`] detects the format of a file, unless the user sets it.
//! 2. A text ([`plain`], [`page`]) becomes Markdown; its words are compared with those of the file.
//! 3. Notes ([`hypothesis`], [`webannotation`]) become [`crate::compose::target::Annotation`]s.
//!    [`crate::compose::locate`] finds their passages, and [`layer`] writes them as a layer; unmatched
//!    annotations become comments.
//!
//! One file per format. Except for the images beside a page, nothing is read or written here: the files to
//! write are returned as [`NewFile`]s.

mod json;
mod html_to_markdown;
mod note_body;
pub mod webannotation;
pub mod hypothesis;
pub mod plain;
pub mod page;
pub mod layer;

use std::sync::Arc;

use clap::ValueEnum;

use crate::diagnostics::File;
use crate::markdown::escape::one_line;

/// The format of a file to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text
    Text,
    /// A saved web page
    Html,
    /// An export of Hypothesis, or rows of its API
    Hypothesis,
    /// W3C Web Annotations: one, a list, a page or a collection
    Webannotation,
}

/// A file to write into a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path relative to the site's folder.
    pub path: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// An imported text.
#[derive(Debug, Default)]
pub struct Imported {
    /// The files to write, the text first.
    pub files: Vec<NewFile>,
    /// What was left out or changed, for the user.
    pub remarks: Vec<String>,
}

/// Detects the format of `file` from its name and contents.
pub fn guess(file: &Arc<File>) -> Format {
    let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" | "xhtml" => Format::Html,
        "json" | "jsonld" if hypothesis::is_hypothesis(&file.text) => Format::Hypothesis,
        "json" | "jsonld" => Format::Webannotation,
        _ => Format::Text,
    }
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
    fn the_format_is_detected_from_name_and_contents() {
        for (path, text, format) in [
            ("a.txt", "{}", Format::Text),
            ("a", "<html>", Format::Text),
            ("A.HTM", "x", Format::Html),
            ("a.json", "{\"rows\": []}", Format::Hypothesis),
            ("a.json", "{\"@context\": \"http://www.w3.org/ns/anno.jsonld\"}", Format::Webannotation),
            ("a.json", "not JSON", Format::Webannotation),
        ] {
            assert_eq!(guess(&File::new(path, text)), format, "{path} {text}");
        }
    }

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
