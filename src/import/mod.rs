//! Texts and notes from elsewhere, as the files of a site.
//!
//! 1. [`guess`] tells what a file is, unless the caller says.
//! 2. A text ([`plain`], [`page`]) becomes Markdown whose words are proven to be those it came from.
//! 3. Notes ([`hypothesis`], [`webannotation`]) become [`crate::compose::target::Annotation`]s, [`crate::compose::locate`] finds
//!    their passages, and [`layer`] writes them as a layer; what has no place is kept in comments.
//!
//! One file per format. Reads and writes nothing itself but the pictures beside a page: what is to be
//! written is handed back as [`NewFile`]s.

mod json;
mod convert;
mod adapt;
pub mod webannotation;
pub mod hypothesis;
pub mod plain;
pub mod page;
pub mod layer;

use std::sync::Arc;

use clap::ValueEnum;

use crate::diagnostics::File;
use crate::markdown::escape::one_line;

/// What a file to import is.
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

/// A file to be written into a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path from the site's folder.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A text made from another file.
#[derive(Debug, Default)]
pub struct Imported {
    /// The files to write, the text first.
    pub files: Vec<NewFile>,
    /// What was left behind, for people.
    pub remarks: Vec<String>,
}

/// What `file` is, by its name and what it holds.
pub fn guess(file: &Arc<File>) -> Format {
    let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" | "xhtml" => Format::Html,
        "json" | "jsonld" if hypothesis::is_one(&file.text) => Format::Hypothesis,
        "json" | "jsonld" => Format::Webannotation,
        _ => Format::Text,
    }
}

/// Front matter of `keys` that have a value.
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

/// A string as TOML writes it on one line.
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
    fn a_file_is_known_by_its_name_and_what_it_holds() {
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
    fn front_matter_is_toml_whatever_the_words() {
        let written =
            front_matter(&[("title", Some("a \"b\"\n\\c\u{1}")), ("author", Some(" ")), ("url", None)]);
        let toml = written.trim().trim_matches('+');
        let table: toml::Table = toml::from_str(toml).unwrap();
        assert_eq!(table["title"].as_str(), Some("a \"b\" \\c\u{1}"));
        assert_eq!(table.len(), 1);
    }
}
