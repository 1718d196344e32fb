//! What every page is told of itself.

use serde::Serialize;

use crate::names::address;
use crate::names::path::relative;
use crate::site::Site;

/// The page itself.
#[derive(Debug, Serialize)]
pub(super) struct PageHead<'p> {
    /// Its title.
    pub title: String,
    /// A sentence about it.
    pub description: String,
    /// `home`, `section`, `reader`, `register`, `works`, `work`, `guidelines`, `search` or `page`.
    pub kind: &'static str,
    /// Its address on the web, or nothing.
    pub canonical: String,
    /// The first page of the list that it is part of, or the page itself, as `edition` names it.
    pub within: String,
    /// The language of the page.
    pub language: &'p str,
    /// What it is, as schema.org in JSON-LD that is safe in a script element; or nothing.
    pub schema: String,
    /// The feed of its notes, from the page, or nothing.
    pub feed: &'static str,
}

impl<'p> PageHead<'p> {
    /// A page of which only its kind, title and output file are known.
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

/// `../` for each folder that a page stands in.
pub(super) fn root(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

fn canonical(site: &Site, page: &str) -> String {
    if site.base_url.is_empty() {
        return String::new();
    }
    format!("{}{}", site.base_url, address::without_index(&relative("", page)))
}
