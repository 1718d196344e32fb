//! The text that search results show, in files with a fixed number of places each.

use std::fmt::Write as _;

use super::script::{Script, script_of};
use super::unit::Unit;
use crate::export::json::string;
use crate::names::path::relative;

/// The number of places in one file. A result needs one of them; the others are loaded with it.
pub(crate) const UNITS: usize = 16;
/// The number of files in one folder.
pub(super) const FILES: usize = 1_000;

/// The places of a page as JSON, for search results.
#[derive(Debug, Default, Clone)]
pub(crate) struct Snippets {
    /// The address and the title of the page, as JSON.
    head: String,
    units: String,
    ends: Vec<u32>,
}

impl Snippets {
    /// The snippets of the page at `page`.
    pub(crate) fn of(page: &str, title: &str, units: &[Unit<'_>]) -> Self {
        let length: usize = units.iter().map(|unit| unit.title.len() + unit.words.len() + 32).sum();
        let mut snippets = Self::default();
        snippets.units.reserve(length + length / 16);
        snippets.ends.reserve(units.len());
        string(&mut snippets.head, &relative("", page));
        snippets.head.push(',');
        string(&mut snippets.head, title);
        for unit in units {
            let sort = unit.class.map_or(u16::from(unit.heading), |class| u16::from(class) + 2);
            snippets.units.push('[');
            string(&mut snippets.units, &unit.fragment);
            snippets.units.push(',');
            string(&mut snippets.units, unit.words);
            number(&mut snippets.units, sort.into());
            string(&mut snippets.units, unit.title);
            snippets.units.push(']');
            snippets.ends.push(snippets.units.len() as u32);
        }
        snippets
    }
}

/// Distributes snippets to files, in order.
#[derive(Debug, Default)]
pub(crate) struct SnippetFiles {
    places: usize,
    file: String,
}

impl SnippetFiles {
    /// Adds the snippets of the next page; completed files are added to `scripts`.
    pub(crate) fn add(&mut self, snippets: &Snippets, scripts: &mut Vec<Script>) {
        let first = self.places;
        let mut start = 0;
        for &end in &snippets.ends {
            if self.places == first || self.file.is_empty() {
                self.file.push_str(if self.file.is_empty() { "[[" } else { ",[" });
                self.file.push_str(&snippets.head);
                number(&mut self.file, first);
                write!(self.file, "{},[", snippets.ends.len()).expect(IN_MEMORY);
            } else {
                self.file.push(',');
            }
            self.file.push_str(&snippets.units[start..end as usize]);
            start = end as usize;
            self.places += 1;
            if self.places.is_multiple_of(UNITS) {
                self.file.push_str("]]");
                self.close(scripts);
            }
        }
        if !self.file.is_empty() && self.places > first {
            self.file.push_str("]]");
        }
    }

    /// Adds the last file to `scripts`.
    pub(crate) fn finish(mut self, scripts: &mut Vec<Script>) {
        if !self.file.is_empty() {
            self.places += UNITS;
            self.close(scripts);
        }
    }

    fn close(&mut self, scripts: &mut Vec<Script>) {
        let number = self.places / UNITS - 1;
        self.file.push(']');
        let name = format!("places/{}/{number}", number / FILES);
        scripts.push(script_of(&name, &format!("u{number}"), self.file.as_bytes()));
        self.file.clear();
    }
}

const IN_MEMORY: &str = "writing to a string cannot fail";

/// Writes a number with commas around it.
fn number(out: &mut String, number: usize) {
    write!(out, ",{number},").expect(IN_MEMORY);
}
