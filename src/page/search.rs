//! The page that searches the site.

use serde::Serialize;

use super::head::{PageHead, root};
use crate::names::address;
use crate::site::{Kind, Site};

/// The page that searches the site.
#[derive(Debug, Serialize)]
pub struct SearchPage<'p> {
    root: String,
    page: PageHead<'p>,
    kinds: Vec<&'p Kind>,
    data: &'static str,
}

impl<'p> SearchPage<'p> {
    /// The page, titled `title`; `kinds` are those of which there are notes.
    pub fn new(site: &'p Site, kinds: Vec<&'p Kind>, title: &str) -> Self {
        Self {
            root: root(address::SEARCH),
            page: PageHead::of("search", title.to_owned(), site, address::SEARCH),
            kinds,
            data: address::SEARCH_INDEX,
        }
    }
}
