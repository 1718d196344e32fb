//! Texts, notes and works in other formats than HTML pages.
//!
//! A format of a single text is a function from its reader. A file about the whole edition is an [`EditionFile`] in a
//! file of its own, and a line in [`EDITION_FILES`].

pub mod annotations;
pub mod bibtex;
pub mod csl_json;
pub mod feed;
pub(crate) mod json;
pub mod schema;
pub mod sitemap;

use std::io;

use crate::bibliography::{Bibliography, Record, Work};
use crate::derive::registers::Entry;
use crate::site::Site;
use crate::text::library::Library;

/// Every file about the whole edition, in the order in which they are written.
pub const EDITION_FILES: [&dyn EditionFile; 4] =
    [&bibtex::Works, &csl_json::Works, &sitemap::Pages, &feed::Notes];

/// A file about the whole edition, or a few of one format.
pub trait EditionFile: Sync {
    /// The paths of what [`write`](Self::write) returns; none if this edition has no such file.
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String>;

    /// The files, each with its path.
    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>>;
}

/// What files about the whole edition are made from.
pub struct EditionData<'e> {
    /// What `site.toml` says.
    pub site: &'e Site,
    /// All texts.
    pub library: &'e Library,
    /// All works.
    pub bibliography: &'e Bibliography,
    /// The works that the edition mentions, as they are listed; `None` if it has no bibliography.
    pub works: Option<Vec<&'e Work>>,
    /// All notes, in reading order.
    pub entries: &'e [Entry],
    /// The paths of all pages, each with the day of its newest note.
    pub pages: Vec<(String, Option<String>)>,
}

impl EditionData<'_> {
    /// The works that the edition mentions, field by field.
    pub(crate) fn records(&self) -> Vec<Record> {
        let works = self.works.iter().flatten();
        works.filter_map(|work| self.bibliography.record(&work.key)).collect()
    }
}
