//! Works cited, and how a style cites them.
//!
//! 1. Bibliographies are read, each entry by itself where one fails (`yaml`, `bibtex`).
//! 2. The style is found and made ready (`style`).
//! 3. hayagriva renders each work once per site, with holes (`engine`, `template`).
//! 4. A page's citations are put together from that (`page`); `citation` reads how they are written.
//!
//! A work has one label on every page, whether or not its namesakes are cited there. Where a style
//! cites a work otherwise the second time, or in footnotes, one form is used everywhere: a note may
//! be read alone. Nothing here does I/O.

mod bibtex;
mod bounds;
pub mod citation;
mod engine;
pub mod in_prose;
mod locator;
mod page;
mod record;
mod style;
mod template;
mod yaml;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use hayagriva::citationberg::taxonomy::OtherTerm;
use hayagriva::types::Person;

pub use self::record::{Day, Name, Record};
pub use self::style::Style;

use self::engine::Engine;
use self::page::Page;
use self::style::Rules;
use self::template::{DOI, OTHERS, href, unmasked};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, floor_char_boundary, nearest};
use crate::html::slug::{Slugs, slug};
use crate::names::path::path_error;

/// All works of a site and its citation style.
#[derive(Debug, Default)]
pub struct Bibliography {
    /// By key.
    works: Vec<Work>,
    index: HashMap<String, usize>,
    /// Nothing where there are no works.
    engine: Option<Engine>,
    /// The files that could not be read whole.
    broken: Vec<Arc<File>>,
}

/// A work that can be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// What it is cited by.
    pub key: String,
    /// Where its key stands.
    pub place: Place,
    /// Its title as plain text; may be empty.
    pub title: String,
    /// Its authors, or else editors, in short: "Lara et al."; may be empty.
    pub authors: String,
    /// The work in a word or two, and no other work in the same: "Lara et al. 2013a".
    pub short: String,
    /// The year it was published in, as it is shown.
    pub year: Option<String>,
    /// Its DOI, without the address of a resolver.
    pub doi: Option<String>,
    /// Its address, if it may be linked to.
    pub url: Option<String>,
    /// Its name among the pages of works; no two works have one.
    pub name: String,
    /// What stands for it in a sentence: its authors, or else its title.
    in_text: String,
    /// Its [`work_anchor`].
    anchor: String,
}

impl Work {
    /// Where it can be read: the address of its DOI, or else its own.
    pub fn href(&self) -> Option<String> {
        self.doi.as_ref().and_then(|doi| href(&format!("{DOI}{doi}"))).or_else(|| self.url.clone())
    }
}

/// Works cited at one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The works, as written.
    pub items: Vec<CitedWork>,
    /// How they stand in the text.
    pub form: Form,
}

/// How a cluster stands in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// In brackets: `[@key]`.
    #[default]
    Bracketed,
    /// The first work as part of the sentence: `@key`.
    InText,
    /// Named in a note's attributes; shown as in brackets.
    Listed,
}

/// A work as it is cited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CitedWork {
    /// The work's key.
    pub key: String,
    /// Words before it.
    pub prefix: String,
    /// Where in the work, as written: "p. 3", "ch. 2", "3–5".
    pub locator: String,
    /// Words after it, with what parts them from it: ", and passim".
    pub suffix: String,
    /// Whether its authors are named in the sentence already.
    pub author_suppressed: bool,
}

/// One page's citations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Citations {
    /// The HTML of each cluster.
    pub clusters: Vec<String>,
    /// The works cited, each once, in the style's order.
    pub works: Vec<ListedWork>,
}

/// A work in a list of works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedWork {
    /// The work's key.
    pub key: String,
    /// The HTML of the number or label at its head, as the style writes it (`1.`, `[1]`), if it has one.
    pub label: Option<String>,
    /// The HTML of the entry.
    pub html: String,
}

/// An entry read from a file.
struct Found {
    key: String,
    /// Where its key stands.
    place: Place,
    entry: hayagriva::Entry,
}

impl Bibliography {
    /// Reads bibliographies; `language` is that of the pages.
    ///
    /// Files that end in `.bib` are BibTeX, all others Hayagriva YAML. What cannot be read is
    /// reported and left out, and a style that cannot be had is replaced by Vancouver.
    pub fn load(
        files: &[Arc<File>],
        style: &Style<'_>,
        language: &str,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let style = style::find(style, diagnostics);
        let mut found: Vec<Found> = Vec::new();
        let mut broken = Vec::new();
        for file in files {
            let mut problems = Diagnostics::default();
            found.extend(read(file, &mut problems));
            if problems.has_errors() {
                broken.push(Arc::clone(file));
            }
            diagnostics.extend(problems);
        }
        found.sort_by(|a, b| (&a.key, &a.place).cmp(&(&b.key, &b.place)));
        found.dedup_by(|again, first| {
            let same = again.key == first.key;
            if same {
                diagnostics.push(duplicate(first, again));
            }
            same
        });
        if found.is_empty() {
            return Self { works: Vec::new(), index: HashMap::new(), engine: None, broken };
        }
        let rules = Rules::new(style, language);
        let (works, entries): (Vec<Work>, Vec<hayagriva::Entry>) = found
            .into_iter()
            .map(|mut found| {
                clean_doi(&mut found.entry);
                mark_others(&mut found.entry);
                (Work::new(&found, &rules), found.entry)
            })
            .unzip();
        let mut works = works;
        let mut names = Slugs::default();
        for work in &mut works {
            work.name = page_name(&work.key, &mut names);
        }
        shorten(&mut works);
        let index = works.iter().enumerate().map(|(index, work)| (work.key.clone(), index)).collect();
        Self { works, index, engine: Some(Engine::new(entries, rules, language)), broken }
    }

    /// The work with this key.
    pub fn work(&self, key: &str) -> Option<&Work> {
        self.works.get(self.find(key)?)
    }

    /// All works, by key.
    pub fn works(&self) -> impl Iterator<Item = &Work> {
        self.works.iter()
    }

    /// All works in the order of a list: the style's own, or by author, year and title where the
    /// style lists works as they are cited.
    pub fn works_as_listed(&self) -> impl Iterator<Item = &Work> {
        let order = self.engine.as_ref().map(Engine::order).unwrap_or_default();
        order.into_iter().filter_map(|work| self.works.get(work))
    }

    /// The place of a work among all, by key.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.find(key)
    }

    /// The work at this place among all.
    pub fn at(&self, place: usize) -> Option<&Work> {
        self.works.get(place)
    }

    /// What a work is made of, for export.
    pub fn record(&self, key: &str) -> Option<Record> {
        let entry = self.engine.as_ref()?.entry(self.find(key)?)?;
        Some(Record::of(entry))
    }

    /// Whether a work with this key may be among what could not be read, which was told.
    pub fn may_be_broken(&self, key: &str) -> bool {
        self.broken.iter().any(|file| file.text.contains(key))
    }

    /// The key that a misspelt one may have meant.
    pub fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.works.iter().map(|work| work.key.as_str()))
    }

    /// The HTML of a work's entry in a list, without a number.
    pub fn entry(&self, key: &str) -> Option<String> {
        self.find(key).map(|work| self.entry_html(work, 0))
    }

    /// One page's citations, in reading order. The same on every thread.
    ///
    /// A key that no work has is shown as it is written; reporting it is the caller's.
    pub fn format(&self, clusters: &[Cluster]) -> Citations {
        Page::format(self, clusters)
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    fn entry_html(&self, work: usize, number: usize) -> String {
        let core = self.engine.as_ref().and_then(|engine| engine.core(work));
        let html = core.map(|core| core.listed.body.filled(number, "")).filter(|html| !html.is_empty());
        // Some styles have nothing to say of some kinds of work.
        html.unwrap_or_else(|| self.works.get(work).map_or_else(String::new, Work::plain_entry))
    }
}

fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    if file.path.to_ascii_lowercase().ends_with(".bib") {
        bibtex::read(file, diagnostics)
    } else {
        yaml::read(file, diagnostics)
    }
}

fn duplicate(first: &Found, again: &Found) -> Diagnostic {
    Diagnostic::error(
        Code::WorkDuplicate,
        again.place.clone(),
        format!("two works have the key `{}`", again.key),
    )
    .related(first.place.clone(), "the first")
    .help("keep one, or give it another key")
}

/// Takes the address of a resolver off a DOI; styles put their own before it.
fn clean_doi(entry: &mut hayagriva::Entry) {
    let Some(doi) = entry.doi() else { return };
    let lower = doi.to_ascii_lowercase();
    let bare = ["https://", "http://"].iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower);
    let bare = ["dx.doi.org/", "doi.org/", "doi:"].iter().find_map(|start| bare.strip_prefix(start));
    if let Some(bare) = bare
        && let Some(doi) = doi.get(doi.len() - bare.len()..)
    {
        let doi = doi.trim().to_owned();
        entry.set_doi(doi);
    }
}

/// Marks a last author or editor who stands for more: "et al.", BibTeX's "others".
fn mark_others(entry: &mut hayagriva::Entry) {
    let marked = |people: Option<&[Person]>| {
        let mut people = people.filter(|people| people.len() > 1)?.to_vec();
        let last = people.last_mut().filter(|last| last.given_name.is_none())?;
        ["et al.", "et al", "others"]
            .contains(&last.name.as_str())
            .then(|| last.name = OTHERS.to_string())?;
        Some(people)
    };
    if let Some(people) = marked(entry.authors()) {
        entry.set_authors(people);
    }
    if let Some(people) = marked(entry.editors()) {
        entry.set_editors(people);
    }
}

impl Work {
    fn new(found: &Found, rules: &Rules) -> Self {
        let entry = &found.entry;
        let title =
            entry.title().map_or_else(String::new, |title| unmasked(&title.value.to_string()).into_owned());
        let people = entry
            .authors()
            .filter(|people| !people.is_empty())
            .or_else(|| entry.editors())
            .unwrap_or_default();
        let authors = in_short(people, rules);
        let quoted = || {
            let open = rules.term(OtherTerm::OpenQuote).unwrap_or("“");
            let close = rules.term(OtherTerm::CloseQuote).unwrap_or("”");
            format!("{open}{title}{close}")
        };
        Self {
            anchor: work_anchor(&found.key),
            key: found.key.clone(),
            place: found.place.clone(),
            in_text: match () {
                () if !authors.is_empty() => authors.clone(),
                () if !title.is_empty() => quoted(),
                () => found.key.clone(),
            },
            authors,
            year: entry.date_any().map(|date| match date.year {
                year @ 1.. => year.to_string(),
                year => format!("{} BC", 1 - year),
            }),
            doi: entry.doi().map(|doi| unmasked(doi).into_owned()),
            url: entry.url_any().and_then(|url| href(url.value.as_str())),
            name: String::new(),
            short: String::new(),
            title,
        }
    }

    /// An entry for a style that has none for it.
    fn plain_entry(&self) -> String {
        let parts = [self.authors.as_str(), &self.title, self.year.as_deref().unwrap_or_default()];
        let mut words = String::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let gap = if words.is_empty() { "" } else { " " };
            let stop = if part.ends_with(['.', '?', '!']) { "" } else { "." };
            write!(words, "{gap}{part}{stop}").expect("writing to a string cannot fail");
        }
        let mut html = String::new();
        template::escape(&mut html, if words.is_empty() { &self.key } else { &words });
        html
    }
}

/// Gives works their short names: by whom they are, or else their titles or keys, and when. Those that would be called
/// alike have a letter each, in the order of their keys.
fn shorten(works: &mut [Work]) {
    let mut alike: HashMap<String, usize> = HashMap::new();
    for work in works.iter_mut() {
        let who = [&work.authors, &work.title, &work.key].into_iter().find(|who| !who.is_empty());
        work.short = who.into_iter().chain(&work.year).cloned().collect::<Vec<_>>().join(" ");
        *alike.entry(work.short.clone()).or_default() += 1;
    }
    alike.retain(|_, count| *count > 1);
    let mut told: HashMap<String, usize> = HashMap::new();
    for work in works.iter_mut().filter(|work| alike.contains_key(&work.short)) {
        let number = told.entry(work.short.clone()).or_default();
        *number += 1;
        let gap = if work.year.is_some() { "" } else { " " };
        work.short.extend([gap, &letters(*number)]);
    }
}

/// `a` to `z`, then `aa`, for numbers from 1.
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.insert(0, char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters.into_iter().collect()
}

/// "Lara", "Lara and Bisol", "Lara et al."
fn in_short(people: &[Person], rules: &Rules) -> String {
    let name = |person: &Person| unmasked(&person.name).into_owned();
    match people {
        [] => String::new(),
        [one] => name(one),
        [one, two] if !two.name.contains(OTHERS) => {
            format!("{} {} {}", name(one), rules.term(OtherTerm::And).unwrap_or("and"), name(two))
        }
        [one, ..] => format!("{} {}", name(one), rules.and_others),
    }
}

/// A name for the page of the work `key`: its letters and digits in lower case, since some systems do not tell
/// cases apart.
fn page_name(key: &str, names: &mut Slugs) -> String {
    /// File names are at most 255 bytes long.
    const LONGEST: usize = 200;
    let short = key.get(..floor_char_boundary(key, LONGEST.min(key.len()))).unwrap_or_default();
    // `page` is where the pages of the list are.
    let reserved = slug(short) == "page" || path_error(&slug(short)).is_some();
    names.unique(&if reserved { format!("work {short}") } else { short.to_owned() }, "work")
}

/// The id of a work in a page's list, to link to as `#` and the same.
///
/// "work-" and the key, in which every character but ASCII letters, digits, `_`, `.`, `:` and `-`
/// is its code point in hexadecimal between two `~`. No two keys have one anchor, and nothing in it
/// means anything to HTML or in an address.
pub fn work_anchor(key: &str) -> String {
    let mut anchor = String::with_capacity(key.len() + 5);
    anchor.push_str("work-");
    for c in key.chars() {
        if c.is_ascii_alphanumeric() || "_.:-".contains(c) {
            anchor.push(c);
        } else {
            write!(anchor, "~{:x}~", u32::from(c)).expect("writing to a string cannot fail");
        }
    }
    anchor
}

#[cfg(test)]
mod tests;
