//! Plans and renders all pages across texts.
//!
//! To add a kind of page, write a module with a [`CrossPage`] and a template, and list it in [`CROSS_PAGES`].

use rayon::prelude::*;

use super::cross_page::{CrossContext, CrossPage, PlannedPage, WritePage, merge, render_one};
use super::guideline::Guidelines;
use super::home::{Home, SectionPages};
use super::register::RegisterPages;
use super::search::Search;
use super::site_page::SitePages;
use super::work::{WorkPages, Works};
use crate::diagnostics::Diagnostics;

/// All kinds of page across texts, in the order in which they are planned.
pub(crate) const CROSS_PAGES: [&dyn CrossPage; 8] =
    [&Home, &SectionPages, &SitePages, &RegisterPages, &Works, &WorkPages, &Guidelines, &Search];

/// A planned page, with the index of its kind in [`CROSS_PAGES`].
pub(crate) type Planned = (usize, PlannedPage);

/// Plans all pages across texts.
pub(crate) fn plan(context: &CrossContext<'_>) -> Vec<Planned> {
    let of_kind = |(kind, pages): (usize, &&dyn CrossPage)| {
        pages.plan(context).into_iter().map(move |page| (kind, page)).collect::<Vec<_>>()
    };
    CROSS_PAGES.iter().enumerate().flat_map(of_kind).collect()
}

/// Renders all planned pages.
pub(crate) fn render_all(
    context: &CrossContext<'_>,
    planned: &[Planned],
    write: &WritePage<'_>,
) -> Diagnostics {
    let render = |(kind, pages): (usize, &&dyn CrossPage)| {
        let of_kind = planned.iter().filter(|(of, _)| *of == kind).map(|(_, page)| page.clone());
        pages.render_all(context, &of_kind.collect::<Vec<_>>(), write)
    };
    merge(CROSS_PAGES.par_iter().enumerate().map(render).collect())
}

/// Renders one planned page.
pub(crate) fn render(
    context: &CrossContext<'_>,
    (kind, page): &Planned,
    write: &WritePage<'_>,
) -> Diagnostics {
    match CROSS_PAGES.get(*kind) {
        Some(pages) => render_one(pages.template(), pages.values(context, page), context, &page.path, write),
        None => Diagnostics::default(),
    }
}
