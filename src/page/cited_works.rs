//! The list of works that a page cites.

use std::collections::BTreeMap;

use serde::Serialize;

use super::list::work_page;
use crate::bibliography::{Bibliography, ListedWork, work_anchor};
use crate::names::path::relative;
use crate::reader::ReaderNote;

/// A link to a note on the same page.
#[derive(Debug, Serialize)]
struct NoteLink<'p> {
    number: &'p str,
    href: String,
}

/// A work in the list.
#[derive(Debug, Serialize)]
pub(super) struct WorkPart<'p> {
    key: &'p str,
    id: String,
    label: &'p str,
    html: &'p str,
    href: String,
    notes: Vec<NoteLink<'p>>,
}

/// The works cited on a page, each with links to the notes that mention it.
pub(super) fn works<'p>(
    listed: &'p [ListedWork],
    page: &str,
    bibliography: &Bibliography,
    notes: &'p [ReaderNote<'p>],
) -> Vec<WorkPart<'p>> {
    let notes_by_work = notes_by_work(notes);
    let href = |key: &str| {
        let work = bibliography.work(key);
        work.map(|work| relative(page, &work_page(work))).unwrap_or_default()
    };
    listed
        .iter()
        .map(|work| WorkPart {
            key: &work.key,
            id: work_anchor(&work.key),
            label: work.label.as_deref().unwrap_or_default(),
            html: &work.html,
            href: href(&work.key),
            notes: notes_by_work
                .get(work.key.as_str())
                .into_iter()
                .flatten()
                .map(|note| NoteLink { number: &note.number, href: ["#note-", &note.parsed.id].concat() })
                .collect(),
        })
        .collect()
}

/// The notes that mention each work in their attributes or body, by the key of the work.
fn notes_by_work<'p>(notes: &'p [ReaderNote<'p>]) -> BTreeMap<&'p str, Vec<&'p ReaderNote<'p>>> {
    let mut by_work: BTreeMap<&str, Vec<&ReaderNote<'_>>> = BTreeMap::new();
    for note in notes {
        let works = note.parsed.works.iter().map(|work| work.text.as_str());
        let guidelines = note.parsed.guidelines.iter().map(|guideline| guideline.key.text.as_str());
        let cites = note.cites.iter().map(|cited| cited.key.as_str());
        for key in works.chain(guidelines).chain(cites) {
            let mentioning = by_work.entry(key).or_default();
            if !mentioning.last().is_some_and(|last| std::ptr::eq(*last, note)) {
                mentioning.push(note);
            }
        }
    }
    by_work
}
