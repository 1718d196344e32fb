//! The values about itself that every page receives.

use serde::Serialize;

use crate::names::address;
use crate::names::path::relative;
use crate::site::Site;

/// The value `page` of all templates.
#[derive(Debug, Serialize)]
pub(super) struct PageHead<'p> {
    /// The title.
    pub title: String,
    /// A sentence about the page.
    pub description: String,
    /// `home`, `section`, `reader`, `register`, `works`, `work`, `guidelines`, `search` or `page`.
    pub kind: &'static str,
    /// The URL of the published page; empty without a base URL.
    pub canonical: String,
    /// The path under which `edition` links to it: the first page of its list, or the page itself.
    pub within: String,
    /// The language of the page.
    pub language: &'p str,
    /// schema.org data as JSON-LD, safe in a script element; may be empty.
    pub schema: String,
    /// The feed of its notes, relative to the page; may be empty.
    pub feed: &'static str,
}

impl<'p> PageHead<'p> {
    /// A head with a kind and title, and defaults for the rest; `page` is the output path.
    pub(super) fn of(kind: &'static str, title: String, site: &'p Site, page: &str) -> Self {
        Self {
            title,
            description: site.description.clone(),
            kind,
            canonical: canonical(site, page),
            within: page.split_once('/').map_or(page.to_owned(), |(folder, _)| address::list(folder, 1)),
            language: &site.language,
            schema: String::new(),
            feed: "",
        }
    }
}

/// The path from a page to the output folder: `../` for each folder in its path.
pub(super) fn root(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

fn canonical(site: &Site, page: &str) -> String {
    if site.base_url.is_empty() {
        return String::new();
    }
    format!("{}{}", site.base_url, address::without_index(&relative("", page)))
}
