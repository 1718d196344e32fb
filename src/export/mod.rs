//! Exports texts, notes and works in formats other than HTML.
//!
//! A data file that every build writes for a single text is a function that takes its reader; one about the whole
//! edition is a module with an [`EditionFile`], listed in [`EDITION_FILES`]. A format that people hand on is a module
//! with a [`Format`], listed in [`FORMATS`]; `postil export` writes it, and `build` if `site.toml` asks for it.

pub(crate) mod annotation_pages;
pub(crate) mod annotations;
pub(crate) mod bibtex;
mod cartridge;
pub(crate) mod csl_json;
mod csv;
mod docx;
mod dom;
mod epub;
pub(crate) mod feed;
mod format;
mod gift;
mod hosting;
pub(crate) mod json;
pub(crate) mod ris;
pub(crate) mod schema;
pub(crate) mod sitemap;
mod single_page;
mod site_zip;
mod tags;
mod word;
mod worksheet;

use std::io;

use crate::bibliography::{Bibliography, Item, Work};
use crate::derive::registers::Entry;
use crate::site::Site;
use crate::text::library::Library;

pub(crate) use self::format::{ExportContext, Files, Format, Make, NoteForm, Part};

/// All formats of `postil export`, in the order in which help and pages list them.
pub(crate) const FORMATS: [&Format; 8] = [
    &single_page::FORMAT,
    &site_zip::FORMAT,
    &epub::FORMAT,
    &docx::FORMAT,
    &worksheet::FORMAT,
    &csv::FORMAT,
    &gift::FORMAT,
    &cartridge::FORMAT,
];

/// All exports of the whole edition, in the order in which they are written.
pub(crate) const EDITION_FILES: [&dyn EditionFile; 6] =
    [&bibtex::Works, &csl_json::Works, &ris::Works, &sitemap::Pages, &feed::Notes, &hosting::ForHosts];

/// The formats that `site.toml` asks `build` to write beside the pages, without unknown names.
pub(crate) fn requested(site: &Site) -> Vec<&'static Format> {
    let mut found: Vec<&'static Format> = Vec::new();
    for (name, _) in &site.exports {
        let format = FORMATS.iter().find(|format| format.name == name);
        if let Some(format) = format.filter(|format| found.iter().all(|other| other.name != format.name)) {
            found.push(format);
        }
    }
    found
}

/// An export of the whole edition: one file, or several of one format.
pub(crate) trait EditionFile: Sync {
    /// The paths of the files that [`write`](Self::write) returns; empty if this edition has none.
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String>;

    /// Writes the files, and returns each with its path.
    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>>;
}

/// The data that exports of the whole edition are made from.
pub(crate) struct EditionData<'e> {
    /// The settings in `site.toml`.
    pub site: &'e Site,
    /// All texts.
    pub library: &'e Library,
    /// All works.
    pub bibliography: &'e Bibliography,
    /// The works that the edition mentions, in the order of its bibliography page; `None` if it has no such page.
    pub works: Option<Vec<&'e Work>>,
    /// All notes, in reading order.
    pub entries: &'e [Entry],
    /// The paths of all pages, each with the date of its newest note.
    pub pages: Vec<(String, Option<String>)>,
}

impl EditionData<'_> {
    /// The works that the edition mentions, as [`Item`]s.
    pub(crate) fn records(&self) -> Vec<Item> {
        let works = self.works.iter().flatten();
        works.filter_map(|work| self.bibliography.record(&work.key)).collect()
    }
}
