//! The formats that can be imported.
//!
//! To add a format, implement [`ImportFormat`] in a file in this folder, and add it to [`FORMATS`].

use std::path::Path;
use std::sync::Arc;

use super::hypothesis::Hypothesis;
use super::page::WebPage;
use super::plain::Text;
use super::webannotation::WebAnnotation;
use super::{Content, FileToImport};
use crate::diagnostics::{Diagnostics, File};

/// Every format, in the order in which they are tried.
pub(crate) const FORMATS: [&dyn ImportFormat; 4] = [&WebPage, &Hypothesis, &WebAnnotation, &Text];

/// A format for importing texts or notes.
pub(crate) trait ImportFormat: Sync {
    /// The value of `--as`.
    fn name(&self) -> &'static str;

    /// A line for `--help`.
    fn help(&self) -> &'static str;

    /// Whether a file has this format, judged by its lower-case extension and its contents.
    fn matches(&self, extension: &str, file: &File) -> bool;

    /// Reads a file; `None` if it has an error, which is reported.
    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content>;
}

/// Detects the format of `file`.
pub(crate) fn detect(file: &Arc<File>) -> &'static dyn ImportFormat {
    let extension =
        Path::new(&file.path).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    FORMATS.into_iter().find(|format| format.matches(&extension, file)).unwrap_or(&Text)
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
