//! What is the same for every page of a build.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::bibliography::Bibliography;
use crate::html::highlight::Highlighter;
use crate::site::Site;
use crate::site::folder::Entry;
use crate::text::library::Library;

/// What is the same for every text of a build.
pub struct Edition<'e> {
    /// What `site.toml` says.
    pub site: &'e Site,
    /// All texts and the files beside them.
    pub library: &'e Library,
    /// All works.
    pub bibliography: &'e Bibliography,
    /// The files beside the notes, by path from `annotations/`.
    pub note_assets: &'e BTreeMap<String, PathBuf>,
    /// The layers of each text, by its path.
    pub layers: &'e BTreeMap<String, Vec<Entry>>,
    /// Colours code.
    pub highlighter: &'e Highlighter,
    /// For whom it is built, besides everyone.
    pub audience: Option<&'e str>,
    /// Whether drafts are shown.
    pub drafts: bool,
}

impl Edition<'_> {
    /// Whether what is for `audience`, and a draft or not, is shown.
    pub fn shows(&self, audience: Option<&str>, draft: bool) -> bool {
        (audience.is_none() || audience == self.audience) && (!draft || self.drafts)
    }
}
