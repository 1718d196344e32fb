//! One of the edition's own pages.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use super::reader::{WorkPart, works};
use super::summary::first_words;
use crate::bibliography::Bibliography;
use crate::diagnostics::Diagnostic;
use crate::names::address;
use crate::reader::site_page::SitePage;
use crate::site::Site;
use crate::theme::Values;

/// A page of the edition's own.
#[derive(Debug, Serialize)]
struct SitePageValues<'p> {
    root: String,
    page: PageHead<'p>,
    title: &'p str,
    content: &'p str,
    works: Vec<WorkPart<'p>>,
    extra: &'p toml::Table,
}

impl<'p> SitePageValues<'p> {
    /// The page that `prose` says.
    fn new(site: &'p Site, bibliography: &'p Bibliography, prose: &'p SitePage) -> Self {
        Self {
            root: root(&prose.page),
            page: PageHead {
                description: match prose.front.description.as_str() {
                    "" => first_words(&prose.words),
                    given => given.to_owned(),
                },
                within: prose.page.clone(),
                ..PageHead::of("page", prose.title.clone(), site, &prose.page)
            },
            title: &prose.title,
            content: &prose.html,
            works: works(&prose.works, &prose.page, bibliography, &[]),
            extra: &prose.front.extra,
        }
    }
}

/// The edition's own pages, but for introductions.
pub(super) struct SitePages;

impl CrossPage for SitePages {
    fn template(&self) -> &'static str {
        "page.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let own =
            |page: &SitePage| address::is_own_page(address::below(address::ANNOTATIONS, &page.file.path));
        let pages = context.site_pages.iter().enumerate().filter(|(_, page)| own(page));
        pages
            .map(|(item, page)| PlannedPage { path: page.page.clone(), item, number: 1, claim: None })
            .collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let own = &context.site_pages[page.item];
        context.theme.values(&SitePageValues::new(context.site, context.bibliography, own))
    }
}
