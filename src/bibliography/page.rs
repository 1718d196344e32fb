//! The citations of one page: numbers the cited works, renders the citations and lists the works.

use std::sync::Arc;

use super::cluster::{Citations, CitedWork, Cluster, Form, ListedWork};
use super::csl::label::letters;
use super::engine::{Cited, Engine, Form as Rendering};
use super::locator::{self, Locator};
use super::style::{Frame, Order};
use super::template::{Placeholder, Template, escape};
use super::{Bibliography, Work};

impl Bibliography {
    /// Renders the citations of one page, given in reading order. The result does not depend on the thread.
    ///
    /// An unknown key is shown as it is written; the caller reports it.
    pub(crate) fn format(&self, clusters: &[Cluster]) -> Citations {
        Page::format(self, clusters)
    }
}

/// The citations of one page.
struct Page<'a> {
    bibliography: &'a Bibliography,
    engine: &'a Engine,
    frame: &'a Frame,
    /// The number of each work on this page, from 1; by work.
    numbers: Vec<(usize, usize)>,
}

/// A work as written, and the index of the work with that key; `None` if the key is unknown.
type Mention<'a> = (&'a CitedWork, Option<usize>);

/// A work in a citation, with everything needed to write it.
#[derive(Clone)]
struct Item<'a> {
    /// `None` if the key is unknown.
    work: Option<usize>,
    number: usize,
    written: &'a CitedWork,
    locator: Option<Locator<'a>>,
    cited: Arc<Cited>,
}

impl<'a> Page<'a> {
    fn format(bibliography: &'a Bibliography, clusters: &'a [Cluster]) -> Citations {
        let Some(engine) = &bibliography.engine else { return without_works(clusters) };
        let mentions: Vec<Vec<Mention<'a>>> = clusters
            .iter()
            .map(|cluster| cluster.items.iter().map(|item| (item, bibliography.find(&item.key))).collect())
            .collect();
        let mut order = in_order(mentions.iter().flatten().filter_map(|(_, work)| *work));
        order.sort_by_key(|&work| engine.list_ranks.get(work).copied());
        let mut numbers: Vec<(usize, usize)> = order.iter().copied().zip(1..).collect();
        numbers.sort_unstable();
        let page = Self { bibliography, engine, frame: &engine.rules.frame, numbers };
        Citations {
            clusters: clusters
                .iter()
                .zip(&mentions)
                .map(|(cluster, items)| page.cluster(cluster.form, items))
                .collect(),
            works: order.into_iter().map(|work| page.listed(work)).collect(),
        }
    }

    fn number(&self, work: usize) -> usize {
        let found = self.numbers.binary_search_by_key(&work, |&(work, _)| work);
        found.ok().and_then(|at| self.numbers.get(at)).map_or(0, |&(_, number)| number)
    }

    fn work(&self, work: usize) -> Option<&'a Work> {
        self.bibliography.works.get(work)
    }

    fn listed(&self, work: usize) -> ListedWork {
        let number = self.number(work);
        let label = self.engine.core(work).and_then(|core| core.listed.label.as_ref());
        ListedWork {
            key: self.work(work).map_or_else(String::new, |work| work.key.clone()),
            label: label.map(|label| label.filled(number, "")),
            html: self.bibliography.entry_html(work, number),
        }
    }

    fn cluster(&self, form: Form, mentions: &[Mention<'a>]) -> String {
        let mut out = String::with_capacity(96 * mentions.len());
        match mentions.split_first() {
            Some((first, others)) if form == Form::InText && !first.0.author_suppressed => {
                self.in_text(&mut out, *first, others);
            }
            Some(_) => {
                let mut items = self.items(mentions);
                self.arrange(&mut items);
                self.bracketed(&mut out, None, |page, out| page.join(out, &items));
            }
            None => {}
        }
        out
    }

    fn items(&self, mentions: &[Mention<'a>]) -> Vec<Item<'a>> {
        mentions.iter().map(|mention| self.item(*mention)).collect()
    }

    /// A work as shown in brackets.
    fn item(&self, (written, work): Mention<'a>) -> Item<'a> {
        let locator = locator::parse(&written.locator);
        let cited = work.and_then(|work| {
            let mut whole = self.engine.cited(work, Rendering::Bracketed, locator.as_ref())?;
            if whole.body.is_empty() {
                // Some styles render nothing for some works.
                let work = self.work(work)?;
                let year = work.year.as_ref().map_or_else(String::new, |year| format!(" {year}"));
                let body = Template::plain(&format!("{}{year}", work.in_text));
                whole = Arc::new(Cited { body, ..Cited::default() });
            }
            let rest = if written.author_suppressed {
                self.without_names(work, &whole, locator.as_ref())
            } else {
                None
            };
            Some(rest.filter(|rest| !rest.body.is_empty()).unwrap_or(whole))
        });
        let unknown =
            || Arc::new(Cited { body: Template::plain(&format!("@{}", written.key)), ..Cited::default() });
        Item {
            work,
            number: work.map_or(0, |work| self.number(work)),
            written,
            locator,
            cited: cited.unwrap_or_else(unknown),
        }
    }

    /// The citation without the names, unless the style cites by a number or label.
    fn without_names(&self, work: usize, whole: &Cited, locator: Option<&Locator<'_>>) -> Option<Arc<Cited>> {
        if whole.numbered { None } else { self.engine.cited(work, Rendering::InText, locator) }
    }

    /// "Lara et al. (2013)", "Lara et al. `[1]`"; the whole citation in the sentence if it shows no names.
    fn in_text(&self, out: &mut String, first: Mention<'a>, others: &[Mention<'a>]) {
        let mut item = self.item(first);
        let (whole, work) = (Arc::clone(&item.cited), item.work);
        let rest = work.and_then(|work| self.without_names(work, &whole, item.locator.as_ref()));
        let author = match &rest {
            // The title replaces the names.
            Some(rest) if rest.body == whole.body => None,
            Some(_) => whole.names.clone(),
            None => work.and_then(|work| self.work(work)).map(|work| Template::plain(&work.in_text)),
        };
        let Some(author) = author else {
            self.link(out, &item, |page, out| page.body(out, &item));
            self.write_more(out, first.0, others);
            return;
        };
        item.cited = rest.unwrap_or(whole);
        if item.cited.body.is_empty() {
            self.link(out, &item, |_, out| author.fill(out, item.number, ""));
            self.write_more(out, first.0, others);
        } else if others.is_empty() && first.0.suffix.is_empty() {
            self.link(out, &item, |page, out| {
                author.fill(out, item.number, "");
                page.bracketed(out, Some(&item), |page, out| page.body(out, &item));
            });
        } else {
            self.link(out, &item, |_, out| author.fill(out, item.number, ""));
            self.bracketed(out, Some(&item), |page, out| {
                let mut items = vec![item.clone()];
                items.append(&mut page.items(others));
                page.join(out, &items);
            });
        }
    }

    /// Writes the suffix and further works after a work whose own brackets would be empty.
    fn write_more(&self, out: &mut String, first: &CitedWork, others: &[Mention<'a>]) {
        write_suffix(out, &first.suffix);
        let items = self.items(others);
        if let Some(item) = items.first() {
            self.bracketed(out, Some(item), |page, out| page.join(out, &items));
        }
    }

    /// Writes brackets around the output of `write`. With `after`, the brackets follow that work's names in the
    /// sentence.
    fn bracketed(&self, out: &mut String, after: Option<&Item<'a>>, write: impl FnOnce(&Self, &mut String)) {
        let frame = self.frame;
        let bare = frame.open.is_empty()
            && !frame.is_superscript()
            && after.is_some_and(|item| !item.cited.numbered);
        let (open, close) = if bare { ("(", ")") } else { (frame.open.as_str(), frame.close.as_str()) };
        if after.is_some() && !frame.is_superscript() && !open.starts_with(char::is_whitespace) {
            out.push(' ');
        }
        for part in [&frame.before, open] {
            out.push_str(part);
        }
        write(self, out);
        for part in [close, &frame.after] {
            out.push_str(part);
        }
    }

    /// Sorts works in the style's order, unless one of them has a prefix or suffix.
    fn arrange(&self, items: &mut Vec<Item<'a>>) {
        if items.len() < 2 || affixed(items) {
            return;
        }
        match self.frame.order {
            Order::Written => {}
            Order::Number => items.sort_by_key(|item| item.number),
            Order::Work => items.sort_by_key(|item| {
                item.work.and_then(|work| self.engine.citation_ranks.get(work).copied()).unwrap_or(usize::MAX)
            }),
        }
        if self.frame.groups {
            let mut grouped: Vec<Item<'a>> = Vec::with_capacity(items.len());
            for item in items.drain(..) {
                let with = grouped.iter().rposition(|other| same_people(other, &item));
                grouped.insert(with.map_or(grouped.len(), |at| at + 1), item);
            }
            *items = grouped;
        }
    }

    /// Writes works with delimiters between them, and collapses numbers, names and years as the style requires.
    fn join(&self, out: &mut String, items: &[Item<'a>]) {
        let collapse = !affixed(items);
        let wordy = !collapse || items.iter().any(|item| item.locator.is_some());
        let (mut at, mut collapsed) = (0, false);
        while let Some(item) = items.get(at) {
            let rest = items.get(at..).unwrap_or_default();
            let before = at.checked_sub(1).and_then(|before| items.get(before));
            let together = collapse && before.is_some_and(|before| same_people(before, item));
            let again = together && self.frame.names_collapse;
            let run = if again { self.letters(before, rest) } else { 0 };
            if run > 1 && self.frame.letters_collapse && self.follows(before, item) {
                // "2000a–c": the range continues from the letter before it.
                out.push('–');
                self.write_letter(out, rest.get(run - 1));
                at += run;
                collapsed = true;
                continue;
            }
            if before.is_some() {
                let frame = self.frame;
                let between = match () {
                    () if run > 0 => frame.between_letters.as_ref().unwrap_or(&frame.in_group),
                    () if again || (together && frame.groups) => &frame.in_group,
                    () if collapsed => &frame.after_collapse,
                    () => &frame.delimiter,
                };
                out.push_str(between);
                // "1,2" is legible, but "1, p. 3,2" is not.
                if wordy && !between.ends_with(char::is_whitespace) {
                    out.push(' ');
                }
            }
            if run > 0 {
                self.write_letter(out, Some(item));
                if run > 2 && self.frame.letters_collapse {
                    out.push('–');
                    self.write_letter(out, rest.get(run - 1));
                    at += run;
                } else {
                    at += 1;
                }
                collapsed = true;
                continue;
            }
            let length = if collapse && self.frame.numbers_collapse { row(rest) } else { 1 };
            self.write(out, item, again);
            collapsed = again || length > 2;
            if length > 2
                && let Some(last) = rest.get(length - 1)
            {
                out.push('–');
                self.write(out, last, false);
                at += length;
            } else {
                at += 1;
            }
        }
    }

    /// How many works at the start of `rest` have the same names and year as the work before, and consecutive year
    /// suffixes; 0 if the style repeats the year.
    fn letters(&self, before: Option<&Item<'a>>, rest: &[Item<'a>]) -> usize {
        if self.frame.between_letters.is_none() {
            return 0;
        }
        let lettered = |item: &Item<'a>| {
            let work = item.work.filter(|_| item.locator.is_none())?;
            self.engine.year_suffix(work)
        };
        let (Some(before), Some(first)) = (before, rest.first()) else { return 0 };
        let (Some((year, _)), Some((own_year, letter))) = (lettered(before), lettered(first)) else {
            return 0;
        };
        if year != own_year {
            return 0;
        }
        let follows = |(item, letter): &(&Item<'a>, usize)| {
            same_people(first, item) && lettered(item) == Some((year, *letter))
        };
        rest.iter().zip(letter..).take_while(follows).count()
    }

    /// Whether a work's year suffix follows directly after that of the work before.
    fn follows(&self, before: Option<&Item<'a>>, item: &Item<'a>) -> bool {
        let letter = |item: &Item<'a>| self.engine.year_suffix(item.work?);
        let pair = before.and_then(letter).zip(letter(item));
        pair.is_some_and(|((year, before), (own_year, letter))| year == own_year && before + 1 == letter)
    }

    /// Writes only the year suffix of a work.
    fn write_letter(&self, out: &mut String, item: Option<&Item<'a>>) {
        let Some(item) = item else { return };
        let letter = item.work.and_then(|work| self.engine.year_suffix(work)).map(|(_, letter)| letter);
        self.link(out, item, |_, out| out.push_str(&letters(letter.unwrap_or_default())));
    }

    /// Writes a work with its prefix and suffix; without its names if `again` is set.
    fn write(&self, out: &mut String, item: &Item<'a>, again: bool) {
        if !item.written.prefix.is_empty() {
            escape(out, &item.written.prefix);
            out.push(' ');
        }
        let rest = item
            .work
            .filter(|_| again)
            .and_then(|work| self.without_names(work, &item.cited, item.locator.as_ref()));
        match rest.filter(|rest| !rest.body.is_empty()) {
            Some(cited) => {
                let item = Item { cited, ..item.clone() };
                self.link(out, &item, |page, out| page.body(out, &item));
            }
            None => self.link(out, item, |page, out| page.body(out, item)),
        }
        write_suffix(out, &item.written.suffix);
    }

    fn body(&self, out: &mut String, item: &Item<'a>) {
        let shown = item.locator.as_ref().map_or("", |locator| &locator.shown);
        item.cited.body.fill(out, item.number, shown);
        // Many styles render no locator, but readers need it.
        if !item.cited.body.has(Placeholder::Locator) && !item.written.locator.is_empty() {
            out.push_str(", ");
            escape(out, &item.written.locator);
        }
    }

    fn link(&self, out: &mut String, item: &Item<'a>, write: impl FnOnce(&Self, &mut String)) {
        let Some(work) = item.work.and_then(|work| self.work(work)) else { return write(self, out) };
        for part in ["<a class=\"citation\" href=\"#", &work.anchor, "\" role=\"doc-biblioref\">"] {
            out.push_str(part);
        }
        write(self, out);
        out.push_str("</a>");
    }
}

/// The works without duplicates, in order of first occurrence.
fn in_order(works: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut first: Vec<(usize, usize)> = works.zip(0..).collect();
    first.sort_unstable();
    first.dedup_by_key(|&mut (work, _)| work);
    first.sort_unstable_by_key(|&(_, at)| at);
    first.into_iter().map(|(work, _)| work).collect()
}

/// The citations of a site without bibliographies: the keys as written.
fn without_works(clusters: &[Cluster]) -> Citations {
    let cluster = |cluster: &Cluster| {
        let keys: Vec<String> = cluster.items.iter().map(|item| format!("@{}", item.key)).collect();
        Template::plain(&keys.join("; ")).filled(0, "")
    };
    Citations { clusters: clusters.iter().map(cluster).collect(), works: Vec::new() }
}

/// Whether any of the works has a prefix or a suffix.
fn affixed(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| !item.written.prefix.is_empty() || !item.written.suffix.is_empty())
}

fn same_people(one: &Item<'_>, other: &Item<'_>) -> bool {
    let people = |item: &Item<'_>| !item.written.author_suppressed && !item.cited.numbered;
    people(one) && people(other) && one.cited.names.is_some() && one.cited.names == other.cited.names
}

/// How many items at the start have consecutive numbers.
fn row(items: &[Item<'_>]) -> usize {
    let plain = |item: &&Item<'_>| item.cited.body.has(Placeholder::Number) && item.locator.is_none();
    let first = items.first().map_or(0, |item| item.number);
    items.iter().take_while(plain).zip(first..).take_while(|(item, number)| item.number == *number).count()
}

fn write_suffix(out: &mut String, suffix: &str) {
    if suffix.starts_with(char::is_alphanumeric) {
        out.push(' ');
    }
    escape(out, suffix);
}
