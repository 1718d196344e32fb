//! The values that templates receive. They are a contract with themes, documented in `docs/theming.md`.
//!
//! Every documented value is always present, and empty if there is nothing to show, because Tera reports unknown names
//! as errors. A reader page is made from one text; pages across texts are listed in [`CROSS_PAGES`]. To add
//! one, write a module with a [`CrossPage`] and a template, and list it there.

mod cited_works;
mod cross_page;
mod edition;
mod guideline;
mod head;
mod home;
mod layout;
mod list;
mod reader;
mod register;
mod search;
mod sections;
mod site_page;
mod summary;
mod tones;
mod work;

use rayon::prelude::*;

use self::cross_page::{CrossPage, PlannedPage, WritePage, merge, render_one};
use self::guideline::Guidelines;
use self::home::{Home, SectionPages};
use self::register::RegisterPages;
use self::search::Search;
use self::site_page::SitePages;
use self::work::{WorkPages, Works};
use crate::diagnostics::Diagnostics;

pub(crate) use self::cross_page::{CrossContext, CrossParts};
pub(crate) use self::edition::{EditionPage, PageSet, Target};
pub(crate) use self::layout::{LayoutPage, layout_rows};
pub(crate) use self::list::{LISTED, work_folder};
pub(crate) use self::reader::{Original, ReaderContext, ReaderPage};
pub(crate) use self::summary::Summary;

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
