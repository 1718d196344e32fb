//! Readers for all bibliography formats, one module per format.
//!
//! `bibtex` (with `tex` and `person` for syntax and `biblatex` for the meaning of fields), `hayagriva` (with
//! `yaml` for syntax), `ris`, `nbib` and `csl_json` each read a file into [`Found`] works. Invalid entries are reported and
//! skipped; all other entries are read. `names` and `dates` are shared by several formats.

mod biblatex;
mod bibtex;
mod csl_json;
mod dates;
pub(super) mod found;
mod hayagriva;
mod names;
mod nbib;
mod person;
mod ris;
mod tagged;
pub(super) mod tex;
mod vocabulary;
mod yaml;

use std::sync::Arc;

use self::found::Found;
use super::item::Kind;
use crate::diagnostics::{Diagnostics, File};

/// The file extensions of bibliographies.
pub(crate) const EXTENSIONS: [&str; 6] = ["bib", "json", "nbib", "ris", "yaml", "yml"];

/// Whether a JSON file contains CSL-JSON.
pub(crate) fn holds_works(file: &File) -> bool {
    csl_json::is_csl(&file.text)
}

/// Reads the entries of a file; the extension determines the format.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let path = file.path.to_ascii_lowercase();
    let mut found = match path.rsplit('.').next().unwrap_or_default() {
        "bib" => bibtex::read(file, diagnostics),
        // In CSL-JSON, `document` is a type like any other.
        "json" => return csl_json::read(file, diagnostics),
        "nbib" => nbib::read(file, diagnostics),
        "ris" => ris::read(file, diagnostics),
        _ => hayagriva::read(file, diagnostics),
    };
    for item in found.iter_mut().map(|found| &mut found.item) {
        item.untyped = item.kind == Kind::Document;
    }
    found
}
