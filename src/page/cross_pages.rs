//! All pages across texts.
//!
//! A new kind of page is a file of this folder with a [`CrossPage`] in it, a template, and a line in [`CROSS_PAGES`].

use rayon::prelude::*;

use super::cross_page::{CrossContext, CrossPage, PlannedPage, WritePage, collect, render_one};
use super::guideline::Guidelines;
use super::home::{Home, SectionPages};
use super::register::RegisterPages;
use super::search::Search;
use super::site_page::SitePages;
use super::work::{WorkPages, Works};
use crate::diagnostics::Diagnostics;

/// Every kind of page across texts, in the order in which they are planned.
pub const CROSS_PAGES: [&dyn CrossPage; 8] =
    [&Home, &SectionPages, &SitePages, &RegisterPages, &Works, &WorkPages, &Guidelines, &Search];

/// A planned page and its kind, the index in [`CROSS_PAGES`].
pub type Planned = (usize, PlannedPage);

/// All pages across texts, each with its path.
pub fn plan(context: &CrossContext<'_>) -> Vec<Planned> {
    let of_kind = |(kind, family): (usize, &&dyn CrossPage)| {
        family.plan(context).into_iter().map(move |page| (kind, page)).collect::<Vec<_>>()
    };
    CROSS_PAGES.iter().enumerate().flat_map(of_kind).collect()
}

/// Renders all planned pages.
pub fn render_all(context: &CrossContext<'_>, planned: &[Planned], write: &WritePage<'_>) -> Diagnostics {
    let family = |(kind, family): (usize, &&dyn CrossPage)| {
        let own = planned.iter().filter(|(of, _)| *of == kind).map(|(_, page)| page.clone());
        family.render_all(context, &own.collect::<Vec<_>>(), write)
    };
    collect(CROSS_PAGES.par_iter().enumerate().map(family).collect())
}

/// Renders one planned page.
pub fn render(context: &CrossContext<'_>, (kind, page): &Planned, write: &WritePage<'_>) -> Diagnostics {
    match CROSS_PAGES.get(*kind) {
        Some(family) => {
            render_one(family.template(), family.values(context, page), context, &page.path, write)
        }
        None => Diagnostics::default(),
    }
}
