//! Lists in pages of at most [`LISTED`], and the notes in them.

use memchr::memmem;
use serde::Serialize;

use crate::bibliography::{Bibliography, Work};
use crate::derive::registers::Entry;
use crate::names::path::relative;
use crate::reader::Standing;
use crate::reader::weave::passage_id;
use crate::site::{Kind, Site};
use crate::text::encode_fragment;
use crate::text::library::{Library, Source};

/// How many entries a page of a list has at most.
pub const LISTED: usize = 100;

/// The output file of page `number`, from 1, of the list in the folder `base`.
pub fn list_page(base: &str, number: usize) -> String {
    if number <= 1 { format!("{base}/index.html") } else { format!("{base}/page/{number}/index.html") }
}

/// How many pages a list of so many has.
pub fn pages_of(entries: usize) -> usize {
    entries.div_ceil(LISTED).max(1)
}

/// What stands on page `number`, from 1, of a list.
pub(super) fn on_page<T>(all: &[T], number: usize) -> &[T] {
    let start = (number.saturating_sub(1) * LISTED).min(all.len());
    &all[start..(start + LISTED).min(all.len())]
}

/// Which of several pages of a list this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Pager {
    number: usize,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// Page `number`, from 1, of `total`; `path` tells their output files.
    pub(super) fn new(number: usize, total: usize, path: impl Fn(usize) -> String) -> Self {
        let other = |other: usize| relative(&path(number), &path(other));
        Self {
            number,
            total,
            previous: (number > 1).then(|| other(number - 1)),
            next: (number < total).then(|| other(number + 1)),
        }
    }
}

/// What the pages across texts are made with.
#[derive(Clone, Copy)]
pub struct Across<'p> {
    /// What `site.toml` says.
    pub site: &'p Site,
    /// All texts.
    pub library: &'p Library,
    /// All works.
    pub bibliography: &'p Bibliography,
}

/// Stands for the way to the site's folder in a note that is rendered once for pages in several folders. Unicode keeps
/// it for such uses, so that no text has it.
const ROOT: &str = "\u{fdd1}";

/// What the template of a note in a list receives where the note is rendered by itself.
#[derive(Debug, Serialize)]
pub struct ItemPage<'p> {
    root: &'static str,
    note: Item<'p>,
}

/// A rendered note on a page that the site's folder is reached from by `root`.
pub(super) fn rooted(item: &str, root: &str) -> String {
    let mut out = String::with_capacity(item.len() + 4 * root.len());
    let mut copied = 0;
    for at in memmem::find_iter(item.as_bytes(), ROOT) {
        out.push_str(&item[copied..at]);
        out.push_str(root);
        copied = at + ROOT.len();
    }
    out.push_str(&item[copied..]);
    out
}

/// A note in a list. Its links are from the site's folder.
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
    before: &'p str,
    passage: &'p str,
    after: &'p str,
    more: u32,
    works: Vec<WorkLink>,
    /// Its text, in lists that do not go text by text.
    source: &'p str,
    language: &'p str,
    dir: &'static str,
}

/// A link to the page of a work.
#[derive(Debug, Serialize)]
struct WorkLink {
    label: String,
    href: String,
    meant: bool,
}

/// The folder of the pages of works.
pub const WORKS: &str = "works";

/// The folder of the page of a work.
pub fn work_folder(work: &Work) -> String {
    format!("{WORKS}/{}", work.name)
}

/// The output file of the page of a work, the first if it has several.
pub(super) fn work_page(work: &Work) -> String {
    [WORKS, "/", &work.name, "/index.html"].concat()
}

impl<'p> Across<'p> {
    pub(super) fn source(&self, entry: &Entry) -> Option<&'p Source> {
        self.library.sources.get(entry.source as usize)
    }

    /// The kind and the verdict of an entry.
    pub fn finding(&self, entry: &Entry) -> (Option<&'p Kind>, &'p str, &'p str) {
        let kind = entry.kind.and_then(|kind| self.site.kinds.get(usize::from(kind)));
        let verdict = kind
            .zip(entry.verdict)
            .and_then(|(kind, verdict)| kind.verdicts.get(usize::from(verdict)))
            .map_or(("", ""), |verdict| (&verdict.id, &verdict.label));
        (kind, verdict.0, verdict.1)
    }

    /// The address of a note from the page at `page`.
    pub(super) fn note_href(&self, entry: &Entry, page: &str) -> String {
        let to = self.source(entry).map(Source::page).unwrap_or_default();
        format!("{}#note-{}", relative(page, &to), encode_fragment(&entry.id))
    }

    pub(super) fn work(&self, place: u32) -> Option<&'p Work> {
        self.bibliography.at(place as usize)
    }

    /// A note in a list that does not go text by text.
    pub(super) fn item_with_source(&self, entry: &'p Entry) -> Item<'p> {
        let source = self.source(entry).map_or("", |source| source.title.as_str());
        Item { source, ..self.item(entry) }
    }

    /// A note to be rendered by itself, for all lists that go text by text.
    pub fn item_page(&self, entry: &'p Entry) -> ItemPage<'p> {
        ItemPage { root: ROOT, note: self.item(entry) }
    }

    fn item(&self, entry: &'p Entry) -> Item<'p> {
        Item { works: self.works_of(entry), ..self.item_without_works(entry) }
    }

    /// The works of a note, those it means first.
    fn works_of(&self, entry: &'p Entry) -> Vec<WorkLink> {
        let link = |work: u32, meant: bool| {
            let work = self.work(work)?;
            Some(WorkLink { label: work.short.clone(), href: relative("", &work_page(work)), meant })
        };
        let meant = entry.means.iter().filter_map(|&work| link(work, true));
        let cited = entry.cites.iter().filter(|(work, _)| !entry.means.contains(work));
        meant.chain(cited.filter_map(|(work, _)| link(*work, false))).collect()
    }

    /// A note in a list that does not show its works: those of a note that cites a thousand would make the
    /// pages of these works cost a million.
    pub(super) fn item_without_works(&self, entry: &'p Entry) -> Item<'p> {
        let source = self.source(entry);
        let (kind, verdict, verdict_label) = self.finding(entry);
        let to = relative("", &source.map(Source::page).unwrap_or_default());
        let [before, passage, after] = entry.excerpt.as_ref().map_or([""; 3], |excerpt| excerpt.parts());
        let placed = entry.standing == Standing::Passage;
        let language =
            source.map_or(self.site.language.as_str(), |source| source.language(&self.site.language));
        Item {
            href: [&to, "#note-", &encode_fragment(&entry.id)].concat(),
            passage_href: if placed {
                [&to, "#", &encode_fragment(&passage_id(&entry.id, 0))].concat()
            } else {
                String::new()
            },
            number: &entry.number,
            title: &entry.title,
            kind: kind.map_or("", |kind| &kind.id),
            kind_label: kind.map_or("", |kind| &kind.label),
            verdict,
            verdict_label,
            before,
            passage,
            after,
            more: entry.passages.saturating_sub(1),
            works: Vec::new(),
            source: "",
            language,
            dir: super::direction(language),
        }
    }
}
