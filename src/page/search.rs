//! The page that searches the site.

use serde::Serialize;

use super::{PageHead, canonical, root};
use crate::search;
use crate::site::Site;

/// The page that searches the site.
#[derive(Debug, Serialize)]
pub struct SearchPage<'p> {
    root: String,
    page: PageHead<'p>,
    data: &'static str,
}

impl<'p> SearchPage<'p> {
    /// The page, titled `title`.
    pub fn new(site: &'p Site, title: &str) -> Self {
        let head = PageHead::of("search", title.to_owned(), site);
        Self {
            root: root(search::PAGE),
            page: PageHead { canonical: canonical(site, search::PAGE), ..head },
            data: search::FOLDER,
        }
    }
}
