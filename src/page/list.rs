//! Lists that are split into pages of at most [`LISTED`] entries, and the notes in such lists.

use memchr::memmem;
use serde::Serialize;

use super::edition::direction;
use crate::bibliography::{Bibliography, Work};
use crate::derive::registers::Entry;
use crate::names::address;
use crate::names::path::relative;
use crate::reader::Placement;
use crate::reader::weave::passage_id;
use crate::site::{Site, Tone};
use crate::text::encode_fragment;
use crate::text::library::{Library, Source};

/// The most entries on one page of a list.
pub(crate) const LISTED: usize = 100;

/// The number of pages of a list with so many entries; at least 1.
pub(crate) fn pages_of(entries: usize) -> usize {
    entries.div_ceil(LISTED).max(1)
}

/// The entries on page `number`, from 1, of a list.
pub(super) fn page_slice<T>(all: &[T], number: usize) -> &[T] {
    let start = (number.saturating_sub(1) * LISTED).min(all.len());
    &all[start..(start + LISTED).min(all.len())]
}

/// The links between the pages of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Pager {
    number: usize,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// The links of page `number`, from 1, of `total`; `path` gives the output path of each page.
    pub(super) fn new(number: usize, total: usize, path: impl Fn(usize) -> String) -> Self {
        let link_to = |other: usize| relative(&path(number), &path(other));
        Self {
            number,
            total,
            previous: (number > 1).then(|| link_to(number - 1)),
            next: (number < total).then(|| link_to(number + 1)),
        }
    }
}

/// Finds texts, works and links for pages across texts.
#[derive(Clone, Copy)]
pub(super) struct Lookup<'p> {
    /// The settings in `site.toml`.
    pub site: &'p Site,
    /// All texts.
    pub library: &'p Library,
    /// All works.
    pub bibliography: &'p Bibliography,
}

/// Placeholder for the path to the output folder, in a note that is rendered once for pages in several folders. It is a
/// Unicode noncharacter, which is reserved for internal use and does not occur in text.
const ROOT_PLACEHOLDER: &str = "\u{fdd1}";

/// The values for rendering a single note of a list.
#[derive(Debug, Serialize)]
pub(super) struct ItemPage<'p> {
    root: &'static str,
    note: Item<'p>,
    /// Whether the list is a register, whose headings name kind and verdict.
    in_register: bool,
}

/// A rendered note with the placeholder replaced by `root`, the path from the page to the output folder.
pub(super) fn with_root(item: &str, root: &str) -> String {
    let mut out = String::with_capacity(item.len() + 4 * root.len());
    let mut copied = 0;
    for at in memmem::find_iter(item.as_bytes(), ROOT_PLACEHOLDER) {
        out.push_str(&item[copied..at]);
        out.push_str(root);
        copied = at + ROOT_PLACEHOLDER.len();
    }
    out.push_str(&item[copied..]);
    out
}

/// A note in a list. Its links are relative to the output folder.
#[derive(Debug, Serialize)]
pub(super) struct Item<'p> {
    href: String,
    passage_href: String,
    number: &'p str,
    title: &'p str,
    kind: &'p str,
    kind_label: &'p str,
    verdict: &'p str,
    verdict_label: &'p str,
    tone: &'static str,
    before: &'p str,
    passage: &'p str,
    after: &'p str,
    /// The passages after the first.
    also: Vec<Also>,
    /// The first sentence of its body.
    sentence: &'p str,
    works: Vec<WorkLink>,
    /// The title of its text.
    source: &'p str,
    language: &'p str,
    dir: &'static str,
}

/// A link to a further passage.
#[derive(Debug, Serialize)]
struct Also {
    href: String,
    block: u32,
}

/// A link to the page of a work.
#[derive(Debug, Serialize)]
struct WorkLink {
    label: String,
    href: String,
    meant: bool,
}

/// The folder of a work's page.
pub(crate) fn work_folder(work: &Work) -> String {
    address::work(&work.name)
}

/// The output path of a work's page, the first if it has several.
pub(super) fn work_page(work: &Work) -> String {
    address::list(&address::work(&work.name), 1)
}

impl<'p> Lookup<'p> {
    /// The text of a note.
    pub(super) fn source(&self, entry: &Entry) -> Option<&'p Source> {
        self.library.sources.get(entry.source as usize)
    }

    /// The link from the page at `page` to a note.
    pub(super) fn note_href(&self, entry: &Entry, page: &str) -> String {
        let to = self.source(entry).map(Source::page).unwrap_or_default();
        format!("{}#note-{}", relative(page, &to), encode_fragment(&entry.id))
    }

    /// The work at this index in the bibliography.
    pub(super) fn work(&self, index: u32) -> Option<&'p Work> {
        self.bibliography.at(index as usize)
    }

    /// A note to render once, for several pages of a register.
    pub(super) fn item_page(&self, entry: &'p Entry) -> ItemPage<'p> {
        ItemPage { root: ROOT_PLACEHOLDER, note: self.item(entry), in_register: true }
    }

    /// A note with the works that it mentions.
    fn item(&self, entry: &'p Entry) -> Item<'p> {
        Item { works: self.works_of(entry, None), ..self.item_without_works(entry) }
    }

    /// A note for the page of a work: with the other works that it mentions.
    pub(super) fn item_of_work(&self, entry: &'p Entry, work: &Work) -> Item<'p> {
        Item { works: self.works_of(entry, Some(work)), ..self.item_without_works(entry) }
    }

    /// The works of a note but for `except`: those its passage refers to, then those its body cites.
    fn works_of(&self, entry: &'p Entry, except: Option<&Work>) -> Vec<WorkLink> {
        let link = |work: u32, meant: bool| {
            let work = self.work(work).filter(|work| except.is_none_or(|except| except.key != work.key))?;
            Some(WorkLink { label: work.short.clone(), href: relative("", &work_page(work)), meant })
        };
        let of_passage = entry.passage_works.iter().filter_map(|&work| link(work, true));
        let of_body = entry.cites.iter().filter(|(work, _)| !entry.passage_works.contains(work));
        of_passage.chain(of_body.filter_map(|(work, _)| link(*work, false))).collect()
    }

    /// The links to the passages after the first, on the page at `to`.
    fn also(&self, entry: &Entry, to: &str) -> Vec<Also> {
        let link = |(index, &block): (usize, &u32)| Also {
            href: [to, "#", &encode_fragment(&passage_id(&entry.id, index))].concat(),
            block,
        };
        entry.also.iter().enumerate().map(|(at, block)| link((at + 1, block))).collect()
    }

    /// A note for a list that does not show its works. If a note cites a thousand works, listing all of them on the
    /// page of each would take a million links.
    pub(super) fn item_without_works(&self, entry: &'p Entry) -> Item<'p> {
        let source = self.source(entry);
        let (kind, verdict) = (entry.kind(self.site), entry.verdict(self.site));
        let to = relative("", &source.map(Source::page).unwrap_or_default());
        let [before, passage, after] = entry.excerpt.as_ref().map_or([""; 3], |excerpt| excerpt.parts());
        let has_passage = entry.placement == Placement::Passage;
        let language =
            source.map_or(self.site.language.as_str(), |source| source.language(&self.site.language));
        Item {
            href: [&to, "#note-", &encode_fragment(&entry.id)].concat(),
            passage_href: if has_passage {
                [&to, "#", &encode_fragment(&passage_id(&entry.id, 0))].concat()
            } else {
                String::new()
            },
            number: &entry.number,
            title: &entry.title,
            kind: kind.map_or("", |kind| &kind.id),
            kind_label: kind.map_or("", |kind| &kind.label),
            verdict: verdict.map_or("", |verdict| &verdict.id),
            verdict_label: verdict.map_or("", |verdict| &verdict.label),
            tone: verdict.and_then(|verdict| verdict.tone).map_or("", Tone::as_str),
            before,
            passage,
            after,
            also: self.also(entry, &to),
            sentence: &entry.sentence,
            works: Vec::new(),
            source: source.map_or("", |source| source.title.as_str()),
            language,
            dir: direction(language),
        }
    }
}
