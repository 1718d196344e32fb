//! What every page is told of the edition, and which pages across texts there are.

use serde::Serialize;

use crate::export::feed;
use crate::names::address;
use crate::site::{Kind, Site, licence_url};

/// The edition, for all pages.
#[derive(Debug, Serialize)]
pub struct EditionPage<'p> {
    title: &'p str,
    description: &'p str,
    language: &'p str,
    dir: &'static str,
    authors: &'p [String],
    date: &'p str,
    version: &'p str,
    contact: &'p str,
    notice: &'p str,
    licence: &'p str,
    licence_url: Option<String>,
    base_url: &'p str,
    search: bool,
    kinds: &'p [Kind],
    pages: Vec<Target>,
    registers: Vec<Target>,
    works: String,
    guidelines: String,
    feed: &'static str,
    extra: &'p toml::Table,
}

/// Which pages across texts a site has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSet {
    /// For each of the site's kinds, whether there is a note of it.
    pub kinds: Vec<bool>,
    /// Whether there are works.
    pub works: bool,
    /// Whether any note speaks of a guideline.
    pub guidelines: bool,
}

/// Somewhere a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub href: String,
}

impl PageSet {
    /// The kinds of which there are notes.
    pub fn kinds<'s>(&self, site: &'s Site) -> impl Iterator<Item = &'s Kind> {
        site.kinds.iter().zip(&self.kinds).filter(|(_, present)| **present).map(|(kind, _)| kind)
    }
}

impl<'p> EditionPage<'p> {
    /// What all pages say of the edition; `pages` are its own pages, with their output files.
    pub fn new(site: &'p Site, pages: Vec<Target>, present: &PageSet) -> Self {
        let if_there =
            |there: bool, folder: &str| if there { address::list(folder, 1) } else { String::new() };
        Self {
            registers: present
                .kinds(site)
                .map(|kind| Target { title: kind.plural.clone(), href: address::list(&kind.register, 1) })
                .collect(),
            works: if_there(present.works, address::WORKS),
            guidelines: if_there(present.guidelines, address::GUIDELINES),
            feed: if site.base_url.is_empty() { "" } else { feed::FILE },
            title: &site.title,
            description: &site.description,
            language: &site.language,
            dir: direction(&site.language),
            authors: &site.authors,
            date: site.date.as_deref().unwrap_or_default(),
            version: &site.version,
            contact: &site.contact,
            notice: &site.notice,
            licence: &site.licence,
            licence_url: licence_url(&site.licence),
            base_url: &site.base_url,
            search: site.search,
            kinds: &site.kinds,
            pages,
            extra: &site.extra,
        }
    }
}

/// The direction in which a language is written, by its primary subtag or its script.
pub(super) fn direction(language: &str) -> &'static str {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default();
    let script = parts.find(|part| part.len() == 4);
    let any = |of: &[&str], part: &str| of.iter().any(|known| part.eq_ignore_ascii_case(known));
    let right_to_left = match script {
        Some(script) => any(&["arab", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg"], script),
        None => any(&["ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"], primary),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_a_direction() {
        assert_eq!(
            ["en", "ar", "he-IL", "az-Arab", "ar-Latn"].map(direction),
            ["ltr", "rtl", "rtl", "rtl", "ltr"]
        );
    }
}
