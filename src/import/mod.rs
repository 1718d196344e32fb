//! Imports texts and notes as files of a site.
//!
//! 1. [`detect`] detects the format of a file, unless the user sets it.
//! 2. A text ([`plain`], [`page`]) becomes Markdown; its words are compared with those of the file.
//! 3. Notes ([`hypothesis`], [`webannotation`]) become [`crate::compose::target::Annotation`]s.
//!    [`crate::compose::locate`] finds their passages, and [`layer`] writes them as a layer; unmatched
//!    annotations become comments.
//!
//! One file per format: to add one, implement [`ImportFormat`] in a file in this folder, and
//! add it to [`FORMATS`]. Except for the images beside a page, nothing is read or written here: the files to
//! write are returned as [`NewFile`](format::NewFile)s.

pub(crate) mod format;
mod front_matter;
mod html_to_markdown;
pub(crate) mod hypothesis;
mod json;
pub(crate) mod layer;
mod note_body;
pub(crate) mod page;
pub(crate) mod plain;
pub(crate) mod webannotation;

use std::path::Path;
use std::sync::Arc;

use self::format::ImportFormat;
use crate::diagnostics::File;

/// Every format, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn ImportFormat; 4] =
    [&page::WebPage, &hypothesis::Hypothesis, &webannotation::WebAnnotation, &plain::Text];

/// Detects the format of `file`.
pub(crate) fn detect(file: &Arc<File>) -> &'static dyn ImportFormat {
    let extension =
        Path::new(&file.path).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    FORMATS.into_iter().find(|format| format.matches(&extension, file)).unwrap_or(&plain::Text)
}

/// The format with the given name.
pub(crate) fn named(name: &str) -> Option<&'static dyn ImportFormat> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_detected_from_name_and_contents() {
        for (path, text, format) in [
            ("a.txt", "{}", "text"),
            ("a", "<html>", "text"),
            ("A.HTM", "x", "html"),
            ("a.json", "{\"rows\": []}", "hypothesis"),
            ("a.json", "{\"@context\": \"http://www.w3.org/ns/anno.jsonld\"}", "webannotation"),
            ("a.json", "not JSON", "webannotation"),
        ] {
            assert_eq!(detect(&File::new(path, text)).name(), format, "{path} {text}");
        }
    }
}
