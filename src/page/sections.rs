//! Sections: the folders of texts, with their titles.

use std::collections::BTreeMap;

use super::edition::Target;
use crate::names::address;
use crate::names::path::relative;
use crate::reader::site_page::SitePage;
use crate::site::label_of;
use crate::text::library::Library;

/// The sections of a site.
///
/// A folder that is a text itself is not a section. A text belongs to every section above it.
#[derive(Debug, Default)]
pub(super) struct Sections {
    /// The texts of each section, by folder: indices in the library, in reading order.
    pub(super) texts: BTreeMap<String, Vec<usize>>,
    /// The title of each section, by folder.
    titles: BTreeMap<String, String>,
}

impl Sections {
    /// Finds the sections of a library. The title of a section comes from its introduction, if that has one, else from the
    /// folder's name; `introductions` are by output path.
    pub(super) fn new(library: &Library, introductions: &BTreeMap<&str, &SitePage>) -> Self {
        let mut sections = Self::default();
        for (at, source) in library.sources.iter().enumerate() {
            for (end, _) in source.path.match_indices('/') {
                let folder = &source.path[..end];
                if library.is_section(folder) {
                    sections.texts.entry(folder.to_owned()).or_default().push(at);
                }
            }
        }
        for folder in sections.texts.keys() {
            let introduction = introductions.get(address::list(folder, 1).as_str());
            let title = introduction.and_then(|page| page.front.title.clone());
            let name = folder.rsplit('/').next().unwrap_or(folder);
            sections.titles.insert(folder.clone(), title.unwrap_or_else(|| label_of(name)));
        }
        sections
    }

    /// The innermost section of a text, as a link from the page at `page`.
    pub(super) fn of(&self, path: &str, page: &str) -> Option<Target> {
        let folder = path.match_indices('/').rev().map(|(end, _)| &path[..end]);
        folder.filter_map(|folder| self.target(folder, page)).next()
    }

    /// A link from the page at `page` to a section.
    pub(super) fn target(&self, folder: &str, page: &str) -> Option<Target> {
        let title = self.titles.get(folder)?.clone();
        Some(Target { title, href: relative(page, &address::list(folder, 1)) })
    }

    /// Links to the sections above `folder`, outermost first.
    pub(super) fn above(&self, folder: &str, page: &str) -> Vec<Target> {
        folder.match_indices('/').filter_map(|(end, _)| self.target(&folder[..end], page)).collect()
    }
}
