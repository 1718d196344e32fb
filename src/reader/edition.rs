//! The inputs of a build that all pages share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::bibliography::Bibliography;
use crate::html::highlight::Highlighter;
use crate::site::Site;
use crate::text::library::Library;

/// The inputs of a build that all texts share.
pub(crate) struct Edition<'e> {
    /// The settings in `site.toml`.
    pub site: &'e Site,
    /// All texts, and the files in `sources/` that are not texts.
    pub library: &'e Library,
    /// All works.
    pub bibliography: &'e Bibliography,
    /// Other files in `annotations/`, such as images, by path relative to it.
    pub note_assets: &'e BTreeMap<String, PathBuf>,
    /// Highlights code blocks.
    pub highlighter: &'e Highlighter,
    /// The audience to include, besides the general public.
    pub audience: Option<&'e str>,
    /// Whether to include drafts.
    pub drafts: bool,
}

impl Edition<'_> {
    /// Whether a layer or note for `audience` is included; `draft` says whether it is a draft.
    pub(crate) fn shows(&self, audience: Option<&str>, draft: bool) -> bool {
        (audience.is_none() || audience == self.audience) && (!draft || self.drafts)
    }
}
