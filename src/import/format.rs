//! The formats that can be imported.
//!
//! To add a format, implement [`ImportFormat`] in a file in this folder, and add it to [`FORMATS`].

use super::docx::Docx;
use super::epub::Epub;
use super::hypothesis::Hypothesis;
use super::jats::Jats;
use super::markdown_file::Markdown;
use super::page::WebPage;
use super::plain::Text;
use super::recogito::Recogito;
use super::table::Table;
use super::webannotation::WebAnnotation;
use super::zotero::Zotero;
use super::{Content, FileToImport, Received};
use crate::diagnostics::Diagnostics;

/// Every format, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn ImportFormat; 11] = [
    &Docx,
    &Epub,
    &WebPage,
    &Jats,
    &Markdown,
    &Hypothesis,
    &Zotero,
    &Recogito,
    &WebAnnotation,
    &Table,
    &Text,
];

/// A format for importing texts or notes.
pub(crate) trait ImportFormat: Sync {
    /// The value of `--as`.
    fn name(&self) -> &'static str;

    /// A line for `--help`.
    fn help(&self) -> &'static str;

    /// Whether files of this format are not text.
    fn is_binary(&self) -> bool {
        false
    }

    /// Whether a file has this format, judged by its extension and its contents.
    fn matches(&self, file: &Received) -> bool;

    /// Reads a file; `None` if it has an error, which is reported.
    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content>;
}

/// Detects the format of `file`; reports a file of no known format.
pub(crate) fn detect(file: &Received, diagnostics: &mut Diagnostics) -> Option<&'static dyn ImportFormat> {
    let found = FORMATS.into_iter().find(|format| format.matches(file));
    if found.is_none() {
        diagnostics.push(super::unknown::problem(file));
    }
    found
}

/// The format with the given name.
pub(crate) fn named(name: &str) -> Option<&'static dyn ImportFormat> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_format_is_detected_from_name_and_contents() {
        for (path, text, format) in [
            ("a.txt", "{}", Some("text")),
            ("a", "<html>", Some("html")),
            ("A.HTM", "x", Some("html")),
            ("a.json", "{\"rows\": []}", Some("hypothesis")),
            ("a.json", "{\"@context\": \"http://www.w3.org/ns/anno.jsonld\"}", Some("webannotation")),
            ("a.json", "not JSON", Some("webannotation")),
            ("a.pdf", "%PDF-1.7", None),
            ("a.txt", "%PDF-1.7\n\0", None),
            ("a.rtf", "{\\rtf1", None),
            ("a", "words", None),
        ] {
            let file = Received::new(path, Path::new(path), text.as_bytes().to_vec());
            let mut diagnostics = Diagnostics::default();
            let found = detect(&file, &mut diagnostics).map(ImportFormat::name);
            assert_eq!(found, format, "{path} {text}");
            assert_eq!(diagnostics.has_errors(), format.is_none(), "{path} {text}");
        }
    }
}
