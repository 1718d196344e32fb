//! The warnings that an edition accepts, so that `check --strict` stays usable.

use std::collections::BTreeMap;

use super::LoadedSite;
use crate::diagnostics::{Diagnostic, Severity};
use crate::names::address;

/// The codes of accepted warnings.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    everywhere: Vec<String>,
    /// By the path of the text.
    texts: BTreeMap<String, Vec<String>>,
}

impl Allowed {
    /// Collects the codes from `site.toml` and the front matter of the texts.
    pub(super) fn new(site: &LoadedSite) -> Self {
        let sources = site.library.sources.iter().filter(|source| !source.front.check.allow.is_empty());
        Self {
            everywhere: site.site.allow.clone(),
            texts: sources.map(|source| (source.path.clone(), source.front.check.allow.clone())).collect(),
        }
    }

    /// Whether a warning is accepted. What a text accepts applies to its layers as well.
    pub(super) fn covers(&self, problem: &Diagnostic) -> bool {
        let code = problem.code.as_str();
        let has = |codes: &Vec<String>| codes.iter().any(|allowed| allowed == code);
        if problem.severity != Severity::Warning || has(&self.everywhere) {
            return problem.severity == Severity::Warning;
        }
        let path = &problem.place.file.path;
        let path =
            address::text_of(address::below(address::ANNOTATIONS, address::below(address::SOURCES, path)));
        let own = self.texts.get(path).or_else(|| self.texts.get(address::folder_of(path)));
        own.is_some_and(has)
    }
}
