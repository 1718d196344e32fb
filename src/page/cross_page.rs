//! One kind of page across texts, and what such pages are made from.
//!
//! Pages are planned first, since every path is claimed before anything is written, and then rendered in parallel.
//! Knows nothing of the disk.

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

/// Most pages are shorter than this many bytes.
const PAGE: usize = 64 * 1024;

/// One kind of page across texts.
pub trait CrossPage: Sync {
    /// The name of its template.
    fn template(&self) -> &'static str;

    /// Its pages, in an order that depends on nothing but the site.
    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage>;

    /// What the template receives for one of its pages.
    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>>;

    /// Renders all of its pages and hands each to `write`.
    fn render_all(
        &self,
        context: &CrossContext<'_>,
        pages: &[PlannedPage],
        write: &WritePage<'_>,
    ) -> Diagnostics {
        let one = |page: &PlannedPage| {
            render_one(self.template(), self.values(context, page), context, &page.path, write)
        };
        collect(pages.par_iter().map(one).collect())
    }
}

/// Receives a finished page and its path.
pub(super) type WritePage<'w> = dyn Fn(&str, &[u8], &mut Diagnostics) + Sync + 'w;

/// A page that is going to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedPage {
    /// Its path.
    pub path: String,
    /// What it is about, counted within its kind of page.
    pub item: usize,
    /// Which page of a list it is, from 1.
    pub number: usize,
    /// Where the path comes from; `None` if it was claimed when the site was loaded.
    pub claim: Option<Place>,
}

/// What the pages across texts are made from.
pub struct CrossContext<'s> {
    /// What `site.toml` says.
    pub site: &'s Site,
    /// All texts.
    pub library: &'s Library,
    /// All works.
    pub bibliography: &'s Bibliography,
    /// The theme, for templates and interface words.
    pub theme: &'s Theme,
    /// Which kinds of page the site has.
    pub page_set: &'s PageSet,
    /// The edition's own pages and introductions.
    pub site_pages: &'s [SitePage],
    /// What is known of each text, in the order of the library.
    pub summaries: &'s [Summary],
    /// All notes, and what cites works besides them.
    pub registers: &'s Registers,
    /// The edition's own pages and introductions, by path.
    pub(super) by_path: BTreeMap<&'s str, &'s SitePage>,
    pub(super) sections: Sections,
    pub(super) by_kind: Vec<Register<'s>>,
    /// The works that the edition mentions, as they are listed.
    pub works: Vec<MentionedWork<'s>>,
    /// The guidelines, as indices into `works`.
    pub(super) guidelines: Vec<usize>,
    /// The texts whose notes mention a guideline.
    pub(super) columns: Vec<u32>,
}

/// What a [`CrossContext`] is derived from.
#[derive(Clone, Copy)]
pub struct CrossParts<'s> {
    /// What `site.toml` says.
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
    /// What is known of each text.
    pub summaries: &'s [Summary],
    /// All notes.
    pub registers: &'s Registers,
}

impl<'s> CrossContext<'s> {
    /// Sorts notes into registers, mentions into works, and texts into sections.
    pub fn new(parts: CrossParts<'s>) -> Self {
        let CrossParts { site, library, bibliography, theme, page_set, site_pages, summaries, registers } =
            parts;
        let by_path: BTreeMap<&str, &SitePage> =
            site_pages.iter().map(|page| (page.page.as_str(), page)).collect();
        let by_kind = registers.by_kind(site.kinds.len());
        let works = registers.mentioned(bibliography);
        let is_guideline = |work: &MentionedWork<'_>| {
            work.mentions.iter().any(|mention| matches!(mention, Mention::Guideline(..)))
        };
        let guidelines = works.iter().enumerate().filter(|(_, work)| is_guideline(work)).map(|(at, _)| at);
        Self {
            sections: Sections::new(library, &by_path),
            by_kind: site.kinds.iter().zip(by_kind).map(|(kind, all)| Register::new(kind, all)).collect(),
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

    /// The place that pages are claimed for if nothing more precise is known.
    pub(super) fn anywhere(&self) -> Place {
        Place::new(&self.site.file, 0..0)
    }
}

pub(super) fn render_one(
    template: &str,
    values: Result<Values, Box<Diagnostic>>,
    context: &CrossContext<'_>,
    path: &str,
    write: &WritePage<'_>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    match values.and_then(|values| context.theme.render(template, &values, PAGE)) {
        Ok(page) => write(path, &page, &mut diagnostics),
        Err(problem) => diagnostics.push(*problem),
    }
    diagnostics
}

pub(super) fn collect(all: Vec<Diagnostics>) -> Diagnostics {
    let mut together = Diagnostics::default();
    all.into_iter().for_each(|diagnostics| together.extend(diagnostics));
    together
}
