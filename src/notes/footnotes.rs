//! Footnotes of a layer: moves each definition to the note or preface that refers to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use crate::markdown::{Item, matching_end};

/// The footnote definitions of a file; a note may refer to a definition that is written under another note.
pub(super) struct Footnotes {
    by_name: BTreeMap<String, Range<usize>>,
    /// All definitions by the index of their first item, including duplicates: the end of each, and whether
    /// it is moved to its reference.
    all: BTreeMap<usize, (usize, bool)>,
}

impl Footnotes {
    pub(super) fn find(items: &[Item<'_>]) -> Self {
        let mut found = Self { by_name: BTreeMap::new(), all: BTreeMap::new() };
        let mut referred = BTreeSet::new();
        for (at, item) in items.iter().enumerate() {
            match item {
                Item::Event(Event::Start(Tag::FootnoteDefinition(name)), _) => {
                    let range = at..matching_end(items, at) + 1;
                    let first = !found.by_name.contains_key(name.as_ref());
                    found.by_name.entry(name.to_string()).or_insert_with(|| range.clone());
                    found.all.insert(range.start, (range.end, first));
                }
                Item::Event(Event::FootnoteReference(name), _) => {
                    referred.insert(name.to_string());
                }
                _ => {}
            }
        }
        let by_range: BTreeMap<usize, &String> = found.by_name.iter().map(|(n, r)| (r.start, n)).collect();
        for (start, (_, moved)) in &mut found.all {
            *moved = *moved && by_range.get(start).is_some_and(|name| referred.contains(*name));
        }
        found
    }

    /// The items of a section, with the footnotes it refers to added and those that other sections refer to
    /// removed.
    pub(super) fn complete<'f>(&self, items: &[Item<'f>], section: Range<usize>) -> Vec<Item<'f>> {
        let own = items.get(section.clone()).unwrap_or_default();
        if self.all.is_empty() {
            return own.to_vec();
        }
        let mut out = Vec::new();
        let mut at = section.start;
        while at < section.end {
            match self.all.get(&at) {
                Some(&(end, true)) => at = end,
                _ => {
                    out.extend(items.get(at).cloned());
                    at += 1;
                }
            }
        }
        let mut added = BTreeSet::new();
        let mut next = 0;
        while next < out.len() {
            if let Item::Event(Event::FootnoteReference(name), _) = &out[next]
                && added.insert(name.to_string())
                && let Some(range) = self.by_name.get(name.as_ref())
                && self.all.get(&range.start).is_some_and(|(_, moved)| *moved)
            {
                out.extend_from_slice(&items[range.clone()]);
            }
            next += 1;
        }
        out
    }
}
