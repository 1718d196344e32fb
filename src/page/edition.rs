//! The values about the edition that every page receives, and which pages across texts a site has.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::export::{self, feed};
use crate::names::address;
use crate::names::path::relative;
use crate::site::{Kind, KindId, Site, licence_url};

pub(super) use crate::site::direction;

/// The value `edition` of all templates.
#[derive(Debug, Serialize)]
pub(crate) struct EditionPage<'p> {
    title: &'p str,
    description: &'p str,
    language: &'p str,
    dir: &'static str,
    authors: &'p [String],
    date: &'p str,
    date_words: String,
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
    downloads: Vec<Download>,
    extra: &'p toml::Table,
}

/// Which pages across texts a site has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageSet {
    /// The kinds that have notes.
    pub kinds: BTreeSet<KindId>,
    /// Whether the edition mentions any work.
    pub works: bool,
    /// Whether any note makes a claim about a guideline.
    pub guidelines: bool,
}

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    /// The text of the link.
    pub title: String,
    /// The URL, relative to the page or the output folder.
    pub href: String,
}

/// A link to an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Download {
    /// The name of the string that is the text of the link.
    pub label: &'static str,
    /// The URL, relative to the page or the output folder.
    pub href: String,
}

impl PageSet {
    /// The kinds that have notes.
    pub(crate) fn kinds<'s>(&self, site: &'s Site) -> impl Iterator<Item = (KindId, &'s Kind)> {
        self.kinds.iter().filter_map(|&id| site.kind(id).map(|kind| (id, kind)))
    }
}

impl<'p> EditionPage<'p> {
    /// Collects the values; `pages` are the edition's own pages, with their output paths.
    pub(crate) fn new(site: &'p Site, pages: Vec<Target>, page_set: &PageSet) -> Self {
        let list_if =
            |exists: bool, folder: &str| if exists { address::list(folder, 1) } else { String::new() };
        Self {
            registers: page_set
                .kinds(site)
                .map(|(_, kind)| Target {
                    title: kind.plural.clone(),
                    href: address::list(&kind.register, 1),
                })
                .collect(),
            works: list_if(page_set.works, address::WORKS),
            guidelines: list_if(page_set.guidelines, address::GUIDELINES),
            // Without a date of the edition, the notes may have none, and then there is no feed.
            feed: if site.base_url.is_empty() || site.date.is_none() || page_set.kinds.is_empty() {
                ""
            } else {
                feed::FILE
            },
            downloads: export::requested(site)
                .into_iter()
                .filter(|format| !format.is_for_each_text())
                .map(|format| Download {
                    label: format.label,
                    href: relative("", &format.file_of_edition(site)),
                })
                .collect(),
            title: &site.title,
            description: &site.description,
            language: &site.language,
            dir: direction(&site.language),
            authors: &site.authors,
            date: site.date.as_deref().unwrap_or_default(),
            date_words: site.words.date(site.date.as_deref().unwrap_or_default()),
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
