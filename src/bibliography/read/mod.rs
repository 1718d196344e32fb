//! Bibliographies in every format that is read, one file each.
//!
//! `bibtex` (with `tex`, `person`, and `biblatex` for what its fields mean), `yaml` (with `hayagriva`), `ris`,
//! `nbib` and `csl_json` each read a file into [`Item`]s; an entry that cannot be read is reported and
//! left out, and hides no other. `names` and `dates` read what several formats share.

mod biblatex;
mod bibtex;
mod csl_json;
mod dates;
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

use super::item::Item;
use crate::diagnostics::{Diagnostics, File, Place};

/// An entry read from a file.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) item: Item,
    /// Where its key stands.
    pub(super) place: Place,
}

/// How the names of bibliographies end.
pub(crate) const EXTENSIONS: [&str; 6] = ["bib", "json", "nbib", "ris", "yaml", "yml"];

/// Whether a JSON file holds works as CSL-JSON, and not something else.
pub(crate) fn holds_works(file: &File) -> bool {
    csl_json::is_csl(&file.text)
}

/// The entries of a file, by how its name ends.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let path = file.path.to_ascii_lowercase();
    match path.rsplit('.').next().unwrap_or_default() {
        "bib" => bibtex::read(file, diagnostics),
        "json" => csl_json::read(file, diagnostics),
        "nbib" => nbib::read(file, diagnostics),
        "ris" => ris::read(file, diagnostics),
        _ => yaml::read(file, diagnostics),
    }
}
