//! Reads bibliographies and renders citations and reference lists in a CSL style.
//!
//! 1. `read` parses bibliographies into [`Item`]s. Invalid entries are reported and skipped.
//! 2. `style` finds and loads the citation style.
//! 3. `engine` renders each work once per site with the processor in `csl`, as a template with placeholders for
//!    the parts that differ between pages (`template`).
//! 4. `page` assembles the citations of a page from these templates; `citation` parses citations in notes.
//!
//! A work has the same label on every page, even if the works with which it could be confused are not cited
//! there. If a style has different forms for first and later citations, or for footnotes, Postil uses the same
//! form everywhere, because a note may be read on its own. This module does no I/O.

mod bounds;
#[cfg(test)]
mod cases;
pub(crate) mod citation;
mod cluster;
mod csl;
mod engine;
pub(crate) mod in_markdown;
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

pub(crate) use self::cluster::{Citations, CitedWork, Cluster, Form, ListedWork};
pub(crate) use self::csl::case::is_title_case;
pub(crate) use self::item::{Date, Day, Item, Name};
pub(crate) use self::read::{EXTENSIONS, holds_works};
pub(crate) use self::style::{Style, styles};

use self::csl::label::letters;
use self::csl::rich;
use self::engine::Engine;
use self::item::{RangeEnd, TITLE};
use self::read::found::Found;
use self::read::read;
use self::style::Rules;
use self::template::{DOI, href};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, floor_char_boundary, nearest};
use crate::html::slug::{Slugs, slug};
use crate::names::path::path_error;

/// All works of a site and its citation style.
#[derive(Debug, Default)]
pub(crate) struct Bibliography {
    /// Sorted by key.
    works: Vec<Work>,
    index: HashMap<String, usize>,
    /// `None` if there are no works.
    engine: Option<Engine>,
    /// The files with at least one invalid entry.
    broken: Vec<Arc<File>>,
}

/// A work that can be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Work {
    /// The key by which the work is cited.
    pub key: String,
    /// The location of the key.
    pub place: Place,
    /// The title as plain text; may be empty.
    pub title: String,
    /// The authors, or the editors if there are no authors, in short form: "Lara et al."; may be empty.
    pub authors: String,
    /// A unique short name: "Lara et al. 2013a".
    pub short: String,
    /// The year of publication, as shown.
    pub year: Option<String>,
    /// The DOI, without the URL of a resolver.
    pub doi: Option<String>,
    /// The URL, if it is safe to link to.
    pub url: Option<String>,
    /// The unique name of the work's page in URLs.
    pub name: String,
    /// How a sentence refers to the work: by its authors, or by its title if it has none.
    in_text: String,
    /// The result of [`work_anchor`].
    anchor: String,
}

impl Work {
    /// The URL to link to: that of the DOI, or else [`Work::url`].
    pub(crate) fn href(&self) -> Option<String> {
        self.doi.as_ref().and_then(|doi| href(&format!("{DOI}{doi}"))).or_else(|| self.url.clone())
    }
}

impl Bibliography {
    /// Reads bibliographies; `language` is the language of the site.
    ///
    /// The format of each file is determined by its extension, one of [`EXTENSIONS`]. Invalid entries are reported
    /// and skipped; an unavailable style is reported and replaced by Vancouver.
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

    /// All works in the order of the reference list: as the style sorts them, or by author, year and title if the
    /// style lists works in citation order.
    pub(crate) fn works_as_listed(&self) -> impl Iterator<Item = &Work> {
        let order = self.engine.as_ref().map(Engine::order).unwrap_or_default();
        order.into_iter().filter_map(|work| self.works.get(work))
    }

    /// The index of a work among all works, sorted by key.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        self.find(key)
    }

    /// The work at this index.
    pub(crate) fn at(&self, place: usize) -> Option<&Work> {
        self.works.get(place)
    }

    /// The data of a work, for export.
    pub(crate) fn record(&self, key: &str) -> Option<Item> {
        self.engine.as_ref()?.item(self.find(key)?).cloned()
    }

    /// Whether an invalid entry may have this key.
    pub(crate) fn may_be_broken(&self, key: &str) -> bool {
        self.broken.iter().any(|file| file.text.contains(key))
    }

    /// The known key that is most similar to an unknown one.
    pub(crate) fn nearest(&self, key: &str) -> Option<&str> {
        nearest(key, self.works.iter().map(|work| work.key.as_str()))
    }

    /// The HTML of a work's entry in a reference list, without a number.
    pub(crate) fn entry(&self, key: &str) -> Option<String> {
        self.find(key).map(|work| self.entry_html(work, 0))
    }

    /// The index of the work with this key.
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

    /// A plain entry, used if the style renders none.
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

/// Sets the short names of works: the authors (or else the title or the key) and the year. Works that would
/// have the same short name get a letter, in the order of their keys.
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

/// The name of a work's page: the letters and digits of its key. In lower case, because some file systems
/// ignore case.
fn page_name(key: &str, names: &mut Slugs) -> String {
    /// File names are at most 255 bytes long.
    const LONGEST: usize = 200;
    let short = key.get(..floor_char_boundary(key, LONGEST.min(key.len()))).unwrap_or_default();
    // The folder `page` contains the pages of the list.
    let reserved = slug(short) == "page" || path_error(&slug(short)).is_some();
    names.unique(&if reserved { format!("work {short}") } else { short.to_owned() }, "work")
}

/// The HTML id of a work's entry in a page's reference list.
///
/// "work-" and the key. In the key, every character except ASCII letters, digits, `_`, `.`, `:` and `-` is
/// replaced by its hexadecimal code point between two `~`. Different keys have different anchors, and an anchor
/// needs no escaping in HTML or in a URL.
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
