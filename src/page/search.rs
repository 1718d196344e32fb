//! The search page.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use crate::diagnostics::Diagnostic;
use crate::names::address;
use crate::site::{Kind, Site};
use crate::theme::Values;

/// The values of the search page.
#[derive(Debug, Serialize)]
struct SearchPage<'p> {
    root: String,
    page: PageHead<'p>,
    kinds: Vec<&'p Kind>,
    data: &'static str,
}

impl<'p> SearchPage<'p> {
    /// Collects the values; `kinds` are the kinds that have notes.
    fn new(site: &'p Site, kinds: Vec<&'p Kind>, title: &str) -> Self {
        Self {
            root: root(address::SEARCH),
            page: PageHead::of("search", title.to_owned(), site, address::SEARCH),
            kinds,
            data: address::SEARCH_INDEX,
        }
    }
}

/// The search page, if `site.toml` does not turn it off.
pub(super) struct Search;

impl CrossPage for Search {
    fn template(&self) -> &'static str {
        "search.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let page = PlannedPage { path: address::SEARCH.to_owned(), item: 0, number: 1, claim: None };
        context.site.search.then_some(page).into_iter().collect()
    }

    fn values(&self, context: &CrossContext<'_>, _: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let kinds = context.page_set.kinds(context.site).map(|(_, kind)| kind).collect();
        context.theme.values(&SearchPage::new(context.site, kinds, context.theme.string("search")))
    }
}
