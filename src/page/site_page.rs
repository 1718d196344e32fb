//! The edition's own pages, such as `about/index.html`.

use serde::Serialize;

use super::cited_works::{WorkPart, works};
use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use crate::bibliography::Bibliography;
use crate::diagnostics::Diagnostic;
use crate::names::address;
use crate::reader::site_page::SitePage;
use crate::site::Site;
use crate::text::first_words::first_words;
use crate::theme::Values;

/// The values of one of the edition's own pages.
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
    /// Collects the values.
    fn new(site: &'p Site, bibliography: &'p Bibliography, site_page: &'p SitePage) -> Self {
        Self {
            root: root(&site_page.page),
            page: PageHead {
                description: match site_page.front.description.as_str() {
                    "" => first_words(&site_page.words),
                    description => description.to_owned(),
                },
                within: site_page.page.clone(),
                ..PageHead::of("page", site_page.title.clone(), site, &site_page.page)
            },
            title: &site_page.title,
            content: &site_page.html,
            works: works(&site_page.works, &site_page.page, bibliography, &[]),
            extra: &site_page.front.extra,
        }
    }
}

/// The edition's own pages. Introductions are not among them; they are part of the pages of lists.
pub(super) struct SitePages;

impl CrossPage for SitePages {
    fn template(&self) -> &'static str {
        "page.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let is_own_page =
            |page: &SitePage| address::is_own_page(address::below(address::ANNOTATIONS, &page.file.path));
        let pages = context.site_pages.iter().enumerate().filter(|(_, page)| is_own_page(page));
        pages
            .map(|(item, page)| PlannedPage { path: page.page.clone(), item, number: 1, claim: None })
            .collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let site_page = &context.site_pages[page.item];
        context.theme.values(&SitePageValues::new(context.site, context.bibliography, site_page))
    }
}
