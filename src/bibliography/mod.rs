//! Works cited, and how a style cites them.
//!
//! 1. Bibliographies are read, each entry by itself where one fails (`read`), into [`Item`]s.
//! 2. The style is found and made ready (`style`).
//! 3. `csl` renders each work once per site, with holes for what differs between pages (`engine`,
//!    `template`).
//! 4. A page's citations are put together from that (`page`); `citation` reads how they are written.
//!
//! A work has one label on every page, whether or not works like it are cited there. If a style cites
//! a work differently the second time, or in footnotes, one form is used everywhere, because a note may
//! be read alone. Nothing here does I/O.

mod bounds;
#[cfg(test)]
mod cases;
pub(crate) mod citation;
mod csl;
mod engine;
pub(crate) mod in_prose;
pub(crate) mod item;
mod locator;
mod page;
mod read;
mod style;
mod template;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{DateVariable, NameVariable, OtherTerm, StandardVariable};

pub(crate) use self::csl::case::is_title_case;
pub(crate) use self::item::{Date, Day, Item, Name};
pub(crate) use self::read::{EXTENSIONS, holds_works};
pub(crate) use self::style::{Style, styles};

use self::csl::label::letters;
use self::csl::rich;
use self::engine::Engine;
use self::item::{RangeEnd, TITLE};
use self::page::Page;
use self::read::{Found, read};
use self::style::Rules;
use self::template::{DOI, href};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, floor_char_boundary, nearest};
use crate::html::slug::{Slugs, slug};
use crate::names::path::path_error;

/// All works of a site and its citation style.
#[derive(Debug, Default)]
pub(crate) struct Bibliography {
    /// By key.
    works: Vec<Work>,
    index: HashMap<String, usize>,
    /// `None` if there are no works.
    engine: Option<Engine>,
    /// The files with an entry that could not be read.
    broken: Vec<Arc<File>>,
}

/// A work that can be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    /// The key it is cited by.
    pub key: String,
    /// Where its key stands.
    pub place: Place,
    /// Its title as plain text; may be empty.
    pub title: String,
    /// Its authors, or else editors, in short: "Lara et al."; may be empty.
    pub authors: String,
    /// The work in a word or two, unlike any other work: "Lara et al. 2013a".
    pub short: String,
    /// The year it was published in, as shown.
    pub year: Option<String>,
    /// Its DOI, without the address of a resolver.
    pub doi: Option<String>,
    /// Its address, if it may be linked to.
    pub url: Option<String>,
    /// Its name among the pages of works; no two works have the same.
    pub name: String,
    /// What stands for it in a sentence: its authors, or else its title.
    in_text: String,
    /// Its [`work_anchor`].
    anchor: String,
}

impl Work {
    /// Where it can be read: the address of its DOI, or else its own.
    pub(crate) fn href(&self) -> Option<String> {
        self.doi.as_ref().and_then(|doi| href(&format!("{DOI}{doi}"))).or_else(|| self.url.clone())
    }
}

/// Works cited at one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// The works, as written.
    pub items: Vec<CitedWork>,
    /// How they stand in the text.
    pub form: Form,
}

/// How a cluster stands in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
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
pub(crate) struct CitedWork {
    /// The work's key.
    pub key: String,
    /// Words before it.
    pub prefix: String,
    /// Where in the work, as written: "p. 3", "ch. 2", "3–5".
    pub locator: String,
    /// Words after it, with the punctuation before them: ", and passim".
    pub suffix: String,
    /// Whether its authors are named in the sentence already.
    pub author_suppressed: bool,
}

/// One page's citations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Citations {
    /// The HTML of each cluster.
    pub clusters: Vec<String>,
    /// The works cited, each once, in the style's order.
    pub works: Vec<ListedWork>,
}

/// A work in a list of works.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListedWork {
    /// The work's key.
    pub key: String,
    /// The HTML of the number or label at its head, as the style writes it (`1.`, `[1]`), if it has one.
    pub label: Option<String>,
    /// The HTML of the entry.
    pub html: String,
}

impl Bibliography {
    /// Reads bibliographies; `language` is that of the pages.
    ///
    /// The format follows from the end of each file's name, one of [`EXTENSIONS`]. What cannot be read is
    /// reported and left out, and an unavailable style is replaced by Vancouver.
    pub(crate) fn load(
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
        found.sort_by(|a, b| (&a.item.key, &a.place).cmp(&(&b.item.key, &b.place)));
        found.dedup_by(|again, first| {
            let same = again.item.key == first.item.key;
            if same {
                diagnostics.push(duplicate(first, again));
            }
            same
        });
        if found.is_empty() {
            return Self { works: Vec::new(), index: HashMap::new(), engine: None, broken };
        }
        let rules = Rules::new(style, language);
        let (mut works, items): (Vec<Work>, Vec<Item>) =
            found.into_iter().map(|found| (Work::new(&found, &rules), found.item)).unzip();
        let mut names = Slugs::default();
        for work in &mut works {
            work.name = page_name(&work.key, &mut names);
        }
        shorten(&mut works);
        let index = works.iter().enumerate().map(|(index, work)| (work.key.clone(), index)).collect();
        Self { works, index, engine: Some(Engine::new(items, rules, language)), broken }
    }

    /// The work with this key.
    pub(crate) fn work(&self, key: &str) -> Option<&Work> {
        self.works.get(self.find(key)?)
    }

    /// All works, by key.
    pub(crate) fn works(&self) -> impl Iterator<Item = &Work> {
        self.works.iter()
    }

    /// All works in the order of a list: the style's own, or by author, year and title if the style
    /// lists works as they are cited.
    pub(crate) fn works_as_listed(&self) -> impl Iterator<Item = &Work> {
        let order = self.engine.as_ref().map(Engine::order).unwrap_or_default();
        order.into_iter().filter_map(|work| self.works.get(work))
    }

    /// The place of a work among all, by key.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        self.find(key)
    }

    /// The work at this place among all.
    pub(crate) fn at(&self, place: usize) -> Option<&Work> {
        self.works.get(place)
    }

    /// The description of a work, for export.
    pub(crate) fn record(&self, key: &str) -> Option<Item> {
        self.engine.as_ref()?.item(self.find(key)?).cloned()
    }

    /// Whether a work with this key may be among the entries that could not be read.
    pub(crate) fn may_be_broken(&self, key: &str) -> bool {
        self.broken.iter().any(|file| file.text.contains(key))
    }

    /// The key that a misspelt one may have meant.
    pub(crate) fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.works.iter().map(|work| work.key.as_str()))
    }

    /// The HTML of a work's entry in a list, without a number.
    pub(crate) fn entry(&self, key: &str) -> Option<String> {
        self.find(key).map(|work| self.entry_html(work, 0))
    }

    /// One page's citations, in reading order. The same on every thread.
    ///
    /// An unknown key is shown as it is written; reporting it is up to the caller.
    pub(crate) fn format(&self, clusters: &[Cluster]) -> Citations {
        Page::format(self, clusters)
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    fn entry_html(&self, work: usize, number: usize) -> String {
        let core = self.engine.as_ref().and_then(|engine| engine.core(work));
        let html = core.map(|core| core.listed.body.filled(number, "")).filter(|html| !html.is_empty());
        // Some styles render nothing for some kinds of work.
        html.unwrap_or_else(|| self.works.get(work).map_or_else(String::new, Work::plain_entry))
    }
}

fn duplicate(first: &Found, again: &Found) -> Diagnostic {
    Diagnostic::error(
        Code::WorkDuplicate,
        again.place.clone(),
        format!("two works have the key `{}`", again.item.key),
    )
    .related(first.place.clone(), "the first")
    .help("keep one, or give it another key")
}

impl Work {
    fn new(found: &Found, rules: &Rules) -> Self {
        let item = &found.item;
        let title = rich::plain(item.text(TITLE));
        let authors = item.names(NameVariable::Author);
        let people = if authors.is_empty() { item.names(NameVariable::Editor) } else { authors };
        let authors = in_short(people, rules);
        let quoted = || {
            let open = rules.term(OtherTerm::OpenQuote).unwrap_or("“");
            let close = rules.term(OtherTerm::CloseQuote).unwrap_or("”");
            format!("{open}{title}{close}")
        };
        let doi = item.text(StandardVariable::DOI);
        Self {
            anchor: work_anchor(&item.key),
            key: item.key.clone(),
            place: found.place.clone(),
            in_text: match () {
                () if !authors.is_empty() => authors.clone(),
                () if !title.is_empty() => quoted(),
                () => item.key.clone(),
            },
            authors,
            year: item.date(DateVariable::Issued).and_then(year),
            doi: Some(doi.to_owned()).filter(|doi| !doi.is_empty()),
            url: item.field(StandardVariable::URL).and_then(href),
            name: String::new(),
            short: String::new(),
            title,
        }
    }

    /// An entry for a style that renders none.
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

/// The year or years of a date: "2013", "1984–1986", "44 BC".
fn year(date: &Date) -> Option<String> {
    let shown = |day: Day| if day.year < 0 { format!("{} BC", -day.year) } else { day.year.to_string() };
    let start = date.start?;
    match date.end {
        Some(RangeEnd::Day(end)) if end.year != start.year => {
            Some(format!("{}–{}", shown(start), shown(end)))
        }
        _ => Some(shown(start)),
    }
}

/// Gives works their short names: their authors, or else their titles or keys, and their years. Works
/// that would have the same short name get a letter each, in the order of their keys.
fn shorten(works: &mut [Work]) {
    let mut alike: HashMap<String, usize> = HashMap::new();
    for work in works.iter_mut() {
        let who = [&work.authors, &work.title, &work.key].into_iter().find(|who| !who.is_empty());
        work.short = who.into_iter().chain(&work.year).cloned().collect::<Vec<_>>().join(" ");
        *alike.entry(work.short.clone()).or_default() += 1;
    }
    alike.retain(|_, count| *count > 1);
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for work in works.iter_mut().filter(|work| alike.contains_key(&work.short)) {
        let number = numbers.entry(work.short.clone()).or_default();
        *number += 1;
        let gap = if work.year.is_some() { "" } else { " " };
        work.short.extend([gap, &letters(*number)]);
    }
}

/// "Lara", "Lara and Bisol", "Lara et al."
fn in_short(people: &[Name], rules: &Rules) -> String {
    let name = |person: &Name| if person.family.is_empty() { person.given.clone() } else { person.short() };
    match people {
        [] => String::new(),
        [one] => name(one),
        [one, two] if !two.others => {
            format!("{} {} {}", name(one), rules.term(OtherTerm::And).unwrap_or("and"), name(two))
        }
        [one, ..] => format!("{} {}", name(one), rules.and_others),
    }
}

/// The name of a work's page: the letters and digits of its key in lower case, because some file systems
/// ignore case.
fn page_name(key: &str, names: &mut Slugs) -> String {
    /// File names are at most 255 bytes long.
    const LONGEST: usize = 200;
    let short = key.get(..floor_char_boundary(key, LONGEST.min(key.len()))).unwrap_or_default();
    // `page` holds the pages of the list.
    let reserved = slug(short) == "page" || path_error(&slug(short)).is_some();
    names.unique(&if reserved { format!("work {short}") } else { short.to_owned() }, "work")
}

/// The id of a work in a page's list, to link to as `#` and the same.
///
/// "work-" and the key, in which every character but ASCII letters, digits, `_`, `.`, `:` and `-`
/// is its code point in hexadecimal between two `~`. No two keys have the same anchor, and nothing in it
/// has a meaning in HTML or in an address.
pub(crate) fn work_anchor(key: &str) -> String {
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
