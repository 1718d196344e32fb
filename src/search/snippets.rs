//! What results show: the words of each place, in files that hold as many places each.

use std::fmt::Write as _;

use super::{Script, Unit, script_of};
use crate::export::json::string;
use crate::names::path::relative;

/// How many places stand in one file. A result needs one of them, the others are loaded with it.
pub const UNITS: usize = 16;
/// How many files stand in one folder.
const FILES: usize = 1_000;

/// The places of a page as they are shown, in JSON.
#[derive(Debug, Default, Clone)]
pub struct Shown {
    /// The address and the title of the page.
    head: String,
    units: String,
    ends: Vec<u32>,
}

impl Shown {
    /// The places of the page at `page`.
    pub fn of(page: &str, title: &str, units: &[Unit<'_>]) -> Self {
        let length: usize = units.iter().map(|unit| unit.title.len() + unit.words.len() + 32).sum();
        let mut shown = Self::default();
        shown.units.reserve(length + length / 16);
        shown.ends.reserve(units.len());
        string(&mut shown.head, &relative("", page));
        shown.head.push(',');
        string(&mut shown.head, title);
        for unit in units {
            let sort = unit.class.map_or(u16::from(unit.heading), |class| u16::from(class) + 2);
            shown.units.push('[');
            string(&mut shown.units, &unit.fragment);
            shown.units.push(',');
            string(&mut shown.units, unit.words);
            number(&mut shown.units, sort.into());
            string(&mut shown.units, unit.title);
            shown.units.push(']');
            shown.ends.push(shown.units.len() as u32);
        }
        shown
    }
}

/// Puts places into files, in order.
#[derive(Debug, Default)]
pub struct Shelf {
    places: usize,
    file: String,
}

impl Shelf {
    /// Adds the places of the next page, and to `scripts` the files that are full.
    pub fn add(&mut self, shown: &Shown, scripts: &mut Vec<Script>) {
        let first = self.places;
        let mut start = 0;
        for &end in &shown.ends {
            if self.places == first || self.file.is_empty() {
                self.file.push_str(if self.file.is_empty() { "[[" } else { ",[" });
                self.file.push_str(&shown.head);
                number(&mut self.file, first);
                write!(self.file, "{},[", shown.ends.len()).expect(IN_MEMORY);
            } else {
                self.file.push(',');
            }
            self.file.push_str(&shown.units[start..end as usize]);
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
    pub fn finish(mut self, scripts: &mut Vec<Script>) {
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

/// Writes a number between two other values.
fn number(out: &mut String, number: usize) {
    write!(out, ",{number},").expect(IN_MEMORY);
}
