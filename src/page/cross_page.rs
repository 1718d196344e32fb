//! The interface of pages across texts, and the data that they use.
//!
//! Pages are planned first, because all paths are claimed before anything is written, and then rendered in parallel.
//! Does not access the disk.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::edition::PageSet;
use super::list::Lookup;
use super::sections::Sections;
use super::summary::Summary;
use crate::bibliography::Bibliography;
use crate::derive::registers::{Mention, MentionedWork, Register, Registers};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::reader::site_page::SitePage;
use crate::site::Site;
use crate::text::library::Library;
use crate::theme::{Theme, Values};

/// The length in bytes that most pages do not exceed.
const PAGE_CAPACITY: usize = 64 * 1024;

/// One kind of page across texts.
pub(crate) trait CrossPage: Sync {
    /// The name of the template.
    fn template(&self) -> &'static str;

    /// Plans the pages, in an order that depends only on the site's content.
    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage>;

    /// The values that the template receives for a planned page.
    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>>;

    /// Renders all planned pages and passes each to `write`.
    fn render_all(
        &self,
        context: &CrossContext<'_>,
        pages: &[PlannedPage],
        write: &WritePage<'_>,
    ) -> Diagnostics {
        let render = |page: &PlannedPage| {
            render_one(self.template(), self.values(context, page), context, &page.path, write)
        };
        merge(pages.par_iter().map(render).collect())
    }
}

/// Writes a rendered page; receives its path and content.
pub(super) type WritePage<'w> = dyn Fn(&str, &[u8], &mut Diagnostics) + Sync + 'w;

/// A page to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedPage {
    /// The output path.
    pub path: String,
    /// The index of the page's subject, such as a work, among the subjects of this kind of page.
    pub item: usize,
    /// The number of the page in a list, from 1.
    pub number: usize,
    /// The place to claim the path for; `None` if it was claimed when the site was loaded.
    pub claim: Option<Place>,
}

/// The data for pages across texts.
pub(crate) struct CrossContext<'s> {
    /// The settings in `site.toml`.
    pub site: &'s Site,
    /// All texts.
    pub library: &'s Library,
    /// All works.
    pub bibliography: &'s Bibliography,
    /// The theme, for templates and interface strings.
    pub theme: &'s Theme,
    /// Which kinds of page the site has.
    pub page_set: &'s PageSet,
    /// The edition's own pages and introductions.
    pub site_pages: &'s [SitePage],
    /// The summary of each text, in the order of the library.
    pub summaries: &'s [Summary],
    /// All notes, and citations outside notes.
    pub registers: &'s Registers,
    /// The edition's own pages and introductions, by output path.
    pub(super) by_path: BTreeMap<&'s str, &'s SitePage>,
    pub(super) sections: Sections,
    pub(super) by_kind: Vec<Register<'s>>,
    /// The works that the edition mentions, in the order of the bibliography page.
    pub works: Vec<MentionedWork<'s>>,
    /// The guidelines, as indices into `works`.
    pub(super) guidelines: Vec<usize>,
    /// The texts with a note on a guideline, by index in the library.
    pub(super) columns: Vec<u32>,
}

/// The inputs of [`CrossContext::new`].
#[derive(Clone, Copy)]
pub(crate) struct CrossParts<'s> {
    /// The settings in `site.toml`.
    pub site: &'s Site,
    /// All texts.
    pub library: &'s Library,
    /// All works.
    pub bibliography: &'s Bibliography,
    /// The theme.
    pub theme: &'s Theme,
    /// Which kinds of page the site has.
    pub page_set: &'s PageSet,
    /// The edition's own pages and introductions.
    pub site_pages: &'s [SitePage],
    /// The summary of each text.
    pub summaries: &'s [Summary],
    /// All notes.
    pub registers: &'s Registers,
}

impl<'s> CrossContext<'s> {
    /// Groups notes by register, mentions by work, and texts by section.
    pub(crate) fn new(parts: CrossParts<'s>) -> Self {
        let CrossParts { site, library, bibliography, theme, page_set, site_pages, summaries, registers } =
            parts;
        let by_path: BTreeMap<&str, &SitePage> =
            site_pages.iter().map(|page| (page.page.as_str(), page)).collect();
        let works = registers.mentioned(bibliography);
        let is_guideline = |work: &MentionedWork<'_>| {
            work.mentions.iter().any(|mention| matches!(mention, Mention::Guideline(..)))
        };
        let guidelines = works.iter().enumerate().filter(|(_, work)| is_guideline(work)).map(|(at, _)| at);
        Self {
            sections: Sections::new(library, &by_path),
            by_kind: registers.by_kind(site),
            guidelines: guidelines.collect(),
            columns: registers.texts_with_guidelines(),
            site,
            library,
            bibliography,
            theme,
            page_set,
            site_pages,
            summaries,
            registers,
            by_path,
            works,
        }
    }

    pub(super) fn lookup(&self) -> Lookup<'s> {
        Lookup { site: self.site, library: self.library, bibliography: self.bibliography }
    }

    /// The location to report for conflicts of pages that do not come from a particular file: the start of `site.toml`.
    pub(super) fn default_place(&self) -> Place {
        Place::new(&self.site.file, 0..0)
    }
}

/// Renders one page and passes it to `write`.
pub(super) fn render_one(
    template: &str,
    values: Result<Values, Box<Diagnostic>>,
    context: &CrossContext<'_>,
    path: &str,
    write: &WritePage<'_>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    match values.and_then(|values| context.theme.render(template, &values, PAGE_CAPACITY)) {
        Ok(page) => write(path, &page, &mut diagnostics),
        Err(problem) => diagnostics.push(*problem),
    }
    diagnostics
}

/// Merges diagnostics, in order.
pub(super) fn merge(all: Vec<Diagnostics>) -> Diagnostics {
    let mut merged = Diagnostics::default();
    all.into_iter().for_each(|diagnostics| merged.extend(diagnostics));
    merged
}
