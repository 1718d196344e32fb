//! One of the edition's own pages.

use serde::Serialize;

use super::head::{PageHead, root};
use super::reader::{WorkPart, works};
use super::summary::first_words;
use crate::bibliography::Bibliography;
use crate::reader::site_page::SitePage;
use crate::site::Site;

/// A page of the edition's own.
#[derive(Debug, Serialize)]
pub struct SitePageValues<'p> {
    root: String,
    page: PageHead<'p>,
    title: &'p str,
    content: &'p str,
    works: Vec<WorkPart<'p>>,
    extra: &'p toml::Table,
}

impl<'p> SitePageValues<'p> {
    /// The page that `prose` says.
    pub fn new(site: &'p Site, bibliography: &'p Bibliography, prose: &'p SitePage) -> Self {
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
