//! What results show: the words of each place, in files that hold as many places each.

use serde::Serialize;

use super::{Script, Unit, script_of};
use crate::path::relative;

/// How many places stand in one file. A result needs one of them, the others are loaded with it.
pub const UNITS: usize = 16;
/// How many files stand in one folder.
const FILES: usize = 1_000;

/// The places of a page as they are shown, in JSON.
#[derive(Debug, Default, Clone)]
pub struct Shown {
    /// The address and the title of the page.
    head: Vec<u8>,
    units: Vec<u8>,
    ends: Vec<u32>,
}

impl Shown {
    /// The places of the page at `page`.
    pub fn of(page: &str, title: &str, units: &[Unit<'_>]) -> Self {
        let length: usize = units.iter().map(|unit| unit.title.len() + unit.words.len() + 32).sum();
        let mut shown = Self::default();
        shown.units.reserve(length + length / 16);
        shown.ends.reserve(units.len());
        write_json(&mut shown.head, &relative("", page));
        shown.head.push(b',');
        write_json(&mut shown.head, &title);
        for unit in units {
            let sort = unit.class.map_or(u16::from(unit.heading), |class| u16::from(class) + 2);
            write_json(&mut shown.units, &(unit.fragment.as_str(), unit.words, sort, unit.title));
            shown.ends.push(shown.units.len() as u32);
        }
        shown
    }
}

/// Puts places into files, in order.
#[derive(Debug, Default)]
pub struct Shelf {
    places: usize,
    file: Vec<u8>,
}

impl Shelf {
    /// Adds the places of the next page, and to `scripts` the files that are full.
    pub fn add(&mut self, shown: &Shown, scripts: &mut Vec<Script>) {
        let first = self.places;
        let mut start = 0;
        for &end in &shown.ends {
            if self.places == first || self.file.is_empty() {
                self.file.extend_from_slice(if self.file.is_empty() { b"[[" } else { b",[" });
                self.file.extend_from_slice(&shown.head);
                self.file.push(b',');
                write_json(&mut self.file, &first);
                self.file.push(b',');
                write_json(&mut self.file, &shown.ends.len());
                self.file.extend_from_slice(b",[");
            } else {
                self.file.push(b',');
            }
            self.file.extend_from_slice(&shown.units[start..end as usize]);
            start = end as usize;
            self.places += 1;
            if self.places.is_multiple_of(UNITS) {
                self.file.extend_from_slice(b"]]");
                self.close(scripts);
            }
        }
        if !self.file.is_empty() && self.places > first {
            self.file.extend_from_slice(b"]]");
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
        self.file.push(b']');
        let name = format!("places/{}/{number}", number / FILES);
        scripts.push(script_of(&name, &format!("u{number}"), &self.file));
        self.file.clear();
    }
}

fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("strings and numbers are JSON, and memory can be written to");
}
