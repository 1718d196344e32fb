//! Reads BibTeX and BibLaTeX files.
//!
//! 1. Invalid entries are reported and replaced by spaces, so that offsets in the rest of the file do not change.
//! 2. Abbreviations are expanded; circular and very large ones are reported.
//! 3. Fields are inherited through `crossref` and `xdata`.
//! 4. `biblatex` converts each entry to an item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use ::biblatex::{Pair, ParseError, ParseErrorKind, RawBibliography, RawChunk, RawEntry, Spanned};

use super::biblatex::{Entry, item};
use super::found::Found;
use super::person::unbraced_organization;
use super::vocabulary::{FIELDS, TYPES};
use crate::bibliography::bounds;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, nearest};

/// The maximum nesting depth of braces.
const DEPTH: usize = 100;
/// The maximum length of an expanded field, in bytes.
const LENGTH: usize = 1 << 20;
/// The maximum number of abbreviations or entries that one may refer to.
const CHAIN: usize = 100;

/// Reads the entries of a file, with the location of each key. Invalid entries are reported and skipped.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let text = file.text.trim_start_matches('\u{feff}');
    let start = file.text.len() - text.len();
    let mut reader = Reader { file, start, diagnostics };
    let blanked;
    let raw = match RawBibliography::parse(text) {
        Ok(raw) => raw,
        Err(error) => {
            blanked = reader.blank(text, &error);
            match RawBibliography::parse(&blanked) {
                Ok(raw) => raw,
                Err(error) => {
                    reader.invalid(error.span.clone(), error.kind.to_string());
                    return Vec::new();
                }
            }
        }
    };
    reader.entries(raw)
}

/// An entry with the location of its key.
struct Placed {
    entry: Entry,
    key: Range<usize>,
}

struct Reader<'a> {
    file: &'a Arc<File>,
    /// The offset of the text in the file, after a byte order mark.
    start: usize,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.file, self.start + span.start..self.start + span.end)
    }

    fn invalid(&mut self, span: Range<usize>, message: impl Into<String>) {
        let problem = Diagnostic::error(Code::WorkInvalid, self.place(span), message);
        self.diagnostics.push(problem.help("write the entry as `@book{key, title = {…}, year = {…}}`"));
    }

    /// Reports invalid entries and replaces them by spaces.
    fn blank(&mut self, text: &str, whole: &ParseError) -> String {
        let mut out = String::with_capacity(text.len());
        let mut reported = false;
        let mut changed = false;
        for chunk in chunks(text) {
            let words = text.get(chunk.clone()).unwrap_or_default();
            let braced = with_braces(words);
            changed |= braced.is_some();
            match RawBibliography::parse(braced.as_deref().unwrap_or(words)) {
                Ok(_) => out.push_str(braced.as_deref().unwrap_or(words)),
                Err(error) => {
                    reported = true;
                    self.unreadable(words, &chunk, &error);
                    out.extend(words.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                }
            }
        }
        if !reported && !changed {
            self.invalid(whole.span.clone(), whole.kind.to_string());
        }
        out
    }

    fn unreadable(&mut self, words: &str, chunk: &Range<usize>, error: &ParseError) {
        // Point to the start of the entry: the parser reports a missing brace at the end of the file.
        if error.kind == ParseErrorKind::UnexpectedEof || error.span.start >= words.trim_end().len() {
            let length = words.lines().next().unwrap_or_default().trim_end().len();
            self.invalid(chunk.start..chunk.start + length, "unclosed entry");
        } else {
            self.invalid(
                chunk.start + error.span.start..chunk.start + error.span.end,
                error.kind.to_string(),
            );
        }
    }

    fn entries(&mut self, raw: RawBibliography<'_>) -> Vec<Found> {
        self.misspelled(&raw);
        let abbreviations = self.abbreviations(&raw);
        let mut entries = Vec::with_capacity(raw.entries.len());
        for entry in &raw.entries {
            if let Some(placed) = self.entry(entry, &abbreviations) {
                entries.push(placed);
            }
        }
        let entries = self.inherit(entries);
        entries
            .iter()
            // An `xdata` entry only contains fields for other entries.
            .filter(|placed| placed.entry.kind != "xdata" && !placed.entry.kind.ends_with("bstctl"))
            .map(|placed| Found { item: item(&placed.entry), place: self.place(placed.key.clone()) })
            .collect()
    }

    /// The text of every abbreviation. The last definition of a name is used.
    fn abbreviations(&mut self, raw: &RawBibliography<'_>) -> BTreeMap<String, String> {
        let lower = |name: &str| name.to_ascii_lowercase();
        let mut last = BTreeMap::new();
        for (index, pair) in raw.abbreviations.iter().enumerate() {
            last.insert(lower(pair.key.v), index);
        }
        let references: Vec<Vec<usize>> = raw
            .abbreviations
            .iter()
            .map(|pair| {
                let named = pair.value.v.iter().filter_map(|chunk| match chunk.v {
                    RawChunk::Abbreviation(name) => last.get(&lower(name)).copied(),
                    RawChunk::Normal(_) => None,
                });
                named.collect()
            })
            .collect();
        let own = |index: usize| {
            let chunks = raw.abbreviations.get(index).map_or(&[][..], |pair| pair.value.v.as_slice());
            chunks
                .iter()
                .map(|chunk| if let RawChunk::Normal(words) = chunk.v { words.len() } else { 0 })
                .sum()
        };
        let short = bounds::weights(&references, own, LENGTH);
        let few = bounds::weights(&references, |_| 1, CHAIN);
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        // Expand each abbreviation after those it refers to.
        let mut order: Vec<usize> = (0..raw.abbreviations.len()).collect();
        order.sort_by_key(|index| few.get(*index).copied().flatten());
        for index in order {
            let Some(pair) = raw.abbreviations.get(index) else { continue };
            if short.get(index).copied().flatten().is_none() || few.get(index).copied().flatten().is_none() {
                self.invalid(pair.key.span.clone(), "the abbreviation is circular or expands too far");
            } else if last.get(&lower(pair.key.v)) == Some(&index) {
                let text = pair.value.v.iter().map(|chunk| match chunk.v {
                    RawChunk::Normal(words) => words.to_owned(),
                    RawChunk::Abbreviation(name) => {
                        found.get(&lower(name)).cloned().unwrap_or_else(|| name.to_owned())
                    }
                });
                let text = text.collect();
                found.insert(lower(pair.key.v), text);
            }
        }
        found
    }

    fn entry(
        &mut self,
        raw: &Spanned<RawEntry<'_>>,
        abbreviations: &BTreeMap<String, String>,
    ) -> Option<Placed> {
        let key = raw.v.key.span.clone();
        let key_or_kind = if key.is_empty() { raw.v.kind.span.clone() } else { key.clone() };
        if raw.v.key.v.is_empty() {
            self.invalid(key_or_kind, "the entry has no key");
            return None;
        }
        let mut fields: BTreeMap<String, String> = BTreeMap::new();
        for pair in &raw.v.fields {
            let mut text = String::new();
            for chunk in &pair.value.v {
                match chunk.v {
                    RawChunk::Normal(words) if bounds::depth(words, b"{", b"}") > DEPTH => {
                        self.invalid(key_or_kind, "nested too deeply");
                        return None;
                    }
                    RawChunk::Normal(words) => text.push_str(words),
                    RawChunk::Abbreviation(name) => match abbreviations.get(&name.to_ascii_lowercase()) {
                        Some(words) => text.push_str(words),
                        // Month names, and numbers without braces.
                        None if is_month(name) || name.bytes().all(|b| b.is_ascii_digit()) => {
                            text.push_str(name);
                        }
                        None => {
                            self.invalid(chunk.span.clone(), format!("unknown abbreviation `{name}`"));
                            return None;
                        }
                    },
                }
            }
            let name = pair.key.v.to_ascii_lowercase();
            // Some exporters repeat a field. Use the first that is not empty.
            if fields.get(&name).is_none_or(|earlier| earlier.trim().is_empty()) {
                fields.insert(name, text);
            }
        }
        let kind = raw.v.kind.v.to_ascii_lowercase();
        Some(Placed { entry: Entry { key: raw.v.key.v.to_owned(), kind, fields }, key })
    }

    /// Resolves `crossref` and `xdata`: adds the inherited fields to entries.
    fn inherit(&mut self, entries: Vec<Placed>) -> Vec<Placed> {
        let mut keys: BTreeMap<String, usize> = BTreeMap::new();
        for (index, placed) in entries.iter().enumerate() {
            keys.entry(placed.entry.key.to_lowercase()).or_insert(index);
        }
        let references: Vec<Vec<usize>> =
            entries.iter().map(|placed| parents(&placed.entry, &keys)).collect();
        let weights = bounds::weights(&references, |_| 1, CHAIN);
        let mut whole: Vec<Option<Entry>> = entries.iter().map(|placed| Some(placed.entry.clone())).collect();
        let mut order: Vec<usize> = (0..entries.len()).filter(|index| weights[*index].is_some()).collect();
        order.sort_by_key(|index| weights[*index]);
        for index in order {
            for &parent in &references[index] {
                if let (Some(parent), Some(mut entry)) = (whole[parent].clone(), whole[index].take()) {
                    inherit_fields(&mut entry, &parent);
                    whole[index] = Some(entry);
                }
            }
        }
        let mut kept = Vec::with_capacity(entries.len());
        for ((placed, entry), weight) in entries.into_iter().zip(whole).zip(weights) {
            match entry.filter(|_| weight.is_some()) {
                Some(entry) => kept.push(Placed { entry, ..placed }),
                None => {
                    self.invalid(placed.key, "circular or too long chain of `crossref` or `xdata`");
                }
            }
        }
        kept
    }

    /// Warns about organizations that are read as people, because they are not in braces.
    fn unbraced(&mut self, entry: &RawEntry<'_>, field: &Pair<'_>) {
        let name = field.key.v.to_ascii_lowercase();
        let [Spanned { v: RawChunk::Normal(text), .. }] = field.value.v.as_slice() else { return };
        if !["author", "editor", "bookauthor", "translator"].contains(&name.as_str()) {
            return;
        }
        let Some((words, braced)) = unbraced_organization(text) else { return };
        let message =
            format!("`{}`: the organization `{words}` is read as the name of a person", entry.key.v);
        let place = self.place(field.value.span.clone());
        let help = format!("put it in braces: `{name} = {{{braced}}}`");
        self.diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
    }

    /// Warns about unknown entry types and about field names that look like a typo of a known name. Other unknown
    /// fields are allowed, as is usual in BibTeX.
    fn misspelled(&mut self, raw: &RawBibliography<'_>) {
        for entry in &raw.entries {
            let (kind, span) = (entry.v.kind.v.to_ascii_lowercase(), entry.v.kind.span.clone());
            if !TYPES.iter().any(|(known, _)| *known == kind) {
                let message = format!("`{}`: unknown entry type `{}`", entry.v.key.v, entry.v.kind.v);
                let help = did_you_mean(&kind, TYPES.iter().map(|(known, _)| *known));
                self.diagnostics
                    .push(Diagnostic::warning(Code::WorkInvalid, self.place(span), message).help(help));
            }
            for field in &entry.v.fields {
                self.unbraced(&entry.v, field);
                let name = field.key.v.to_ascii_lowercase();
                // Names with several words or a digit are specific to an exporter, not typos.
                if FIELDS.contains(&name.as_str())
                    || name.contains(['-', '_', '+', ':'])
                    || name.ends_with(|c: char| c.is_ascii_digit())
                {
                    continue;
                }
                let Some(near) = nearest(&name, FIELDS.iter().copied()) else { continue };
                let message = format!("`{}`: unknown field `{}`", entry.v.key.v, field.key.v);
                let place = self.place(field.key.span.clone());
                let help = format!("write `{near}`; otherwise the field is ignored");
                self.diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
            }
        }
    }
}

/// Replaces the parentheses of `@book(key, …)` by braces. Offsets do not change.
fn with_braces(entry: &str) -> Option<String> {
    let open = entry.find(['{', '(']).filter(|at| entry[*at..].starts_with('('))?;
    let close = entry.rfind(')').filter(|at| *at > open)?;
    Some(format!("{}{{{}}}{}", &entry[..open], &entry[open + 1..close], &entry[close + 1..]))
}

fn is_month(name: &str) -> bool {
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .contains(&name.to_ascii_lowercase().as_str())
}

/// Splits the text before each `@` at the start of a line.
fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut cuts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('@') && at > 0 {
            cuts.push(at + line.len() - line.trim_start().len());
        }
        at += line.len();
    }
    cuts.push(text.len());
    cuts.windows(2).filter_map(|pair| Some(*pair.first()?..*pair.last()?)).collect()
}

/// The entries from which `entry` inherits fields.
fn parents(entry: &Entry, keys: &BTreeMap<String, usize>) -> Vec<usize> {
    let fields = ["xdata", "crossref"].iter().filter_map(|name| entry.fields.get(*name));
    let words = fields.flat_map(|field| field.split([',', '{', '}', ' ', '\n', '\t', '\r']));
    words.filter_map(|word| keys.get(&word.to_lowercase()).copied()).collect()
}

/// Adds missing fields from a parent entry, by the rules of the BibLaTeX manual, appendix B.
fn inherit_fields(entry: &mut Entry, parent: &Entry) {
    /// Fields that are never inherited.
    const OWN: [&str; 14] = [
        "ids",
        "crossref",
        "xref",
        "xdata",
        "entryset",
        "entrysubtype",
        "execute",
        "label",
        "options",
        "presort",
        "related",
        "shorthand",
        "sortkey",
        "shorttitle",
    ];
    let shares_all = parent.kind == "xdata";
    let several = parent.kind.starts_with("mv");
    let part = matches!(
        entry.kind.as_str(),
        "inbook"
            | "incollection"
            | "inproceedings"
            | "conference"
            | "inreference"
            | "bookinbook"
            | "suppbook"
            | "suppcollection"
    );
    let missing: BTreeSet<String> =
        parent.fields.keys().filter(|name| !OWN.contains(&name.as_str())).cloned().collect();
    for name in missing {
        let Some(field) = parent.fields.get(&name) else { continue };
        let title = ["title", "subtitle", "titleaddon"].contains(&name.as_str());
        let target = match () {
            () if shares_all || !title => name.clone(),
            () if several => format!("main{name}"),
            () if part => format!("book{name}"),
            () if parent.kind == "periodical" && name == "title" => "journaltitle".to_owned(),
            () => continue,
        };
        // In classic BibTeX, a parent's `booktitle` is meant for its parts.
        let target = if part && name == "booktitle" { "booktitle".to_owned() } else { target };
        if name == "author" && !shares_all {
            if part && parent.kind.ends_with("book") {
                entry.fields.entry("bookauthor".to_owned()).or_insert_with(|| field.clone());
                entry.fields.entry(name).or_insert_with(|| field.clone());
            }
            continue;
        }
        if name == "year" && entry.fields.contains_key("date")
            || name == "date" && entry.fields.contains_key("year")
        {
            continue;
        }
        entry.fields.entry(target).or_insert_with(|| field.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reported = Vec<(String, usize, usize)>;

    fn load(text: &str) -> (Reported, Reported) {
        let file = File::new("references.bib", text);
        let mut diagnostics = Diagnostics::default();
        let found = read(&file, &mut diagnostics);
        let at = |place: &Place| place.line_column();
        (
            found.iter().map(|f| (f.item.key.clone(), at(&f.place).0, at(&f.place).1)).collect(),
            diagnostics
                .into_sorted()
                .iter()
                .map(|d| (d.message.clone(), at(&d.place).0, at(&d.place).1))
                .collect(),
        )
    }

    #[test]
    fn entries_are_read_with_their_locations() {
        let text = "\u{feff}% works\r\n@string{j = {Journal}}\r\n@article{é-1,\r\n author={A, B}, title={T}, journal=j, year=2001}\r\n  @book{b, title={U}, date={1999-02}}\r\n";
        assert_eq!(load(text), (vec![("é-1".into(), 3, 10), ("b".into(), 5, 9)], vec![]));
    }

    #[test]
    fn valid_entries_are_read_despite_invalid_ones() {
        let text = "@book{a, title={T}}\n@book{b, title={open}\n@book{c, title={T}}\n@book{d title={T}}\n@book{e, title=nowhere}\n@book{f, title={F}}\n";
        let (works, problems) = load(text);
        assert_eq!(works, [("a".into(), 1, 7), ("c".into(), 3, 7), ("f".into(), 6, 7)]);
        assert_eq!(
            problems,
            [
                ("unclosed entry".into(), 2, 1),
                ("expected comma".into(), 4, 9),
                ("unknown abbreviation `nowhere`".into(), 5, 16),
            ]
        );
    }

    #[test]
    fn parentheses_may_replace_braces() {
        let (works, problems) = load("@article(a, title={A (b)})\n@book{b, title={B}}\n");
        assert_eq!((works, problems), (vec![("a".into(), 1, 10), ("b".into(), 2, 7)], vec![]));
    }

    #[test]
    fn duplicate_keys_give_two_entries() {
        let (works, problems) = load("@book{a, title={T}}\n@book{a, title={U}}\n");
        assert_eq!((works, problems), (vec![("a".into(), 1, 7), ("a".into(), 2, 7)], vec![]));
    }

    #[test]
    fn circular_and_exponential_definitions_are_errors() {
        let (_, problems) = load("@string{a = a # {x}}\n@book{k, title=a}\n");
        assert_eq!(problems[0], ("the abbreviation is circular or expands too far".into(), 1, 9));
        let mut doubling = "@string{s0 = {xxxxxxxxxx}}\n".to_owned();
        for i in 1..60 {
            doubling += &format!("@string{{s{i} = s{} # s{}}}\n", i - 1, i - 1);
        }
        assert!(!load(&doubling).1.is_empty());
        let (works, problems) = load(
            "@book{a, crossref={b}}\n@book{b, crossref={a}}\n@book{c, crossref={c}}\n@book{d, title={D}}\n",
        );
        assert_eq!((works.len(), problems.len()), (1, 3));
        let chain: String = (0..5000).map(|i| format!("@book{{k{i}, crossref={{k{}}}}}\n", i + 1)).collect();
        assert!(load(&chain).1.len() > 4000);
        let deep = format!("@book{{a, title={{{}x{}}}}}", "\\a{".repeat(10_000), "}".repeat(10_000));
        assert_eq!(load(&deep).1[0].0, "nested too deeply");
    }

    #[test]
    fn fields_are_inherited() {
        let (works, problems) = load(
            "@xdata{x, publisher={P}}\n@inbook{a, title={T}, crossref={b}, xdata={x}}\n@book{b, title={B}, year=2000}\n",
        );
        assert_eq!((works.len(), problems), (2, vec![]));
    }

    #[test]
    fn text_without_entries_has_no_works() {
        assert_eq!(load("just words, mail@example\n").0, []);
        assert_eq!(load("@").1.len(), 1);
        assert_eq!(load("@book{,title={x}}").1[0].0, "the entry has no key");
    }
}
