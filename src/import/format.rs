//! What every import format implements, and what it returns.

use std::path::Path;
use std::sync::Arc;

use crate::compose::target::Annotation;
use crate::diagnostics::{Diagnostics, File};

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
