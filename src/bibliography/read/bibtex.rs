//! BibTeX and BibLaTeX files to entries.
//!
//! 1. An entry that cannot be read is reported and blanked, so that the rest keeps its places.
//! 2. Abbreviations are expanded; one that grows without end, or refers to itself, is reported.
//! 3. Fields are inherited through `crossref` and `xdata`.
//! 4. `biblatex` turns each entry into an item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use ::biblatex::{ParseError, ParseErrorKind, RawBibliography, RawChunk, RawEntry, Spanned};

use super::Found;
use super::biblatex::{Entry, item};
use super::vocabulary::{FIELDS, TYPES};
use crate::bibliography::bounds;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, nearest};

/// How deep braces may nest.
const DEPTH: usize = 100;
/// How long a field may become through abbreviations.
const LENGTH: usize = 1 << 20;
/// How many abbreviations or entries one may refer to.
const CHAIN: usize = 100;

/// The entries of a file, each with the place of its key. What cannot be read is reported.
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

/// An entry with the place of its key.
struct Placed {
    entry: Entry,
    key: Range<usize>,
}

struct Reader<'a> {
    file: &'a Arc<File>,
    /// Where the text begins, after a byte order mark.
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

    /// The text with spaces in place of every entry that cannot be read; each is reported.
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
        // The end of the file is not where the brace is missing.
        if error.kind == ParseErrorKind::UnexpectedEof || error.span.start >= words.trim_end().len() {
            let length = words.lines().next().unwrap_or_default().trim_end().len();
            self.invalid(chunk.start..chunk.start + length, "the entry is not closed");
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
            // An `xdata` entry only holds what others share.
            .filter(|placed| placed.entry.kind != "xdata" && !placed.entry.kind.ends_with("bstctl"))
            .map(|placed| Found { item: item(&placed.entry), place: self.place(placed.key.clone()) })
            .collect()
    }

    /// The text of every abbreviation; of two with one name the last counts.
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
        // What one refers to comes before it.
        let mut order: Vec<usize> = (0..raw.abbreviations.len()).collect();
        order.sort_by_key(|index| few.get(*index).copied().flatten());
        for index in order {
            let Some(pair) = raw.abbreviations.get(index) else { continue };
            if short.get(index).copied().flatten().is_none() || few.get(index).copied().flatten().is_none() {
                self.invalid(pair.key.span.clone(), "the abbreviation refers to itself, or is too long");
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
                        self.invalid(key_or_kind, "nested too deep");
                        return None;
                    }
                    RawChunk::Normal(words) => text.push_str(words),
                    RawChunk::Abbreviation(name) => match abbreviations.get(&name.to_ascii_lowercase()) {
                        Some(words) => text.push_str(words),
                        // Months, and numbers without braces.
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
            // Some exporters write a field twice: the first that is not empty counts.
            if fields.get(&name).is_none_or(|earlier| earlier.trim().is_empty()) {
                fields.insert(name, text);
            }
        }
        let kind = raw.v.kind.v.to_ascii_lowercase();
        Some(Placed { entry: Entry { key: raw.v.key.v.to_owned(), kind, fields }, key })
    }

    /// Gives entries the fields of those they refer to.
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
                    take_over(&mut entry, &parent);
                    whole[index] = Some(entry);
                }
            }
        }
        let mut kept = Vec::with_capacity(entries.len());
        for ((placed, entry), weight) in entries.into_iter().zip(whole).zip(weights) {
            match entry.filter(|_| weight.is_some()) {
                Some(entry) => kept.push(Placed { entry, ..placed }),
                None => {
                    self.invalid(placed.key, "its `crossref` or `xdata` leads back to itself, or too far");
                }
            }
        }
        kept
    }

    /// Warns of entry types that nothing knows, and of fields that are a known one but for a typo: any other
    /// name is allowed in a field, by tradition.
    fn misspelled(&mut self, raw: &RawBibliography<'_>) {
        for entry in &raw.entries {
            let (kind, span) = (entry.v.kind.v.to_ascii_lowercase(), entry.v.kind.span.clone());
            if !TYPES.iter().any(|(known, _)| *known == kind) {
                let message = format!("`{}`: unknown type of entry `{}`", entry.v.key.v, entry.v.kind.v);
                let help = did_you_mean(&kind, TYPES.iter().map(|(known, _)| *known));
                self.diagnostics
                    .push(Diagnostic::warning(Code::WorkInvalid, self.place(span), message).help(help));
            }
            for field in &entry.v.fields {
                let name = field.key.v.to_ascii_lowercase();
                // A name of two words or with a number is an exporter's own.
                if FIELDS.contains(&name.as_str())
                    || name.contains(['-', '_', '+', ':'])
                    || name.ends_with(|c: char| c.is_ascii_digit())
                {
                    continue;
                }
                let Some(near) = nearest(&name, FIELDS.iter().copied()) else { continue };
                let message = format!("`{}`: unknown field `{}`", entry.v.key.v, field.key.v);
                let place = self.place(field.key.span.clone());
                let help = format!("write `{near}`; the field is ignored as it is");
                self.diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
            }
        }
    }
}

/// An entry in parentheses, `@book(key, …)`, with braces in their place; no byte moves.
fn with_braces(entry: &str) -> Option<String> {
    let open = entry.find(['{', '(']).filter(|at| entry[*at..].starts_with('('))?;
    let close = entry.rfind(')').filter(|at| *at > open)?;
    Some(format!("{}{{{}}}{}", &entry[..open], &entry[open + 1..close], &entry[close + 1..]))
}

fn is_month(name: &str) -> bool {
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .contains(&name.to_ascii_lowercase().as_str())
}

/// The text in pieces, each from an `@` at the start of a line to the next.
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

/// The entries that `entry` takes fields from.
fn parents(entry: &Entry, keys: &BTreeMap<String, usize>) -> Vec<usize> {
    let fields = ["xdata", "crossref"].iter().filter_map(|name| entry.fields.get(*name));
    let words = fields.flat_map(|field| field.split([',', '{', '}', ' ', '\n', '\t', '\r']));
    words.filter_map(|word| keys.get(&word.to_lowercase()).copied()).collect()
}

/// Gives an entry the fields it lacks from the entry it refers to, after the BibLaTeX manual, appendix B.
fn take_over(entry: &mut Entry, parent: &Entry) {
    /// Fields that say something of their own entry alone.
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
        // A title for the parts of a book is BibTeX's own way to give them one.
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
    fn entries_have_their_places() {
        let text = "\u{feff}% works\r\n@string{j = {Journal}}\r\n@article{é-1,\r\n author={A, B}, title={T}, journal=j, year=2001}\r\n  @book{b, title={U}, date={1999-02}}\r\n";
        assert_eq!(load(text), (vec![("é-1".into(), 3, 10), ("b".into(), 5, 9)], vec![]));
    }

    #[test]
    fn one_bad_entry_hides_no_other() {
        let text = "@book{a, title={T}}\n@book{b, title={open}\n@book{c, title={T}}\n@book{d title={T}}\n@book{e, title=nowhere}\n@book{f, title={F}}\n";
        let (works, problems) = load(text);
        assert_eq!(works, [("a".into(), 1, 7), ("c".into(), 3, 7), ("f".into(), 6, 7)]);
        assert_eq!(
            problems,
            [
                ("the entry is not closed".into(), 2, 1),
                ("expected comma".into(), 4, 9),
                ("unknown abbreviation `nowhere`".into(), 5, 16),
            ]
        );
    }

    #[test]
    fn parentheses_may_stand_for_braces() {
        let (works, problems) = load("@article(a, title={A (b)})\n@book{b, title={B}}\n");
        assert_eq!((works, problems), (vec![("a".into(), 1, 10), ("b".into(), 2, 7)], vec![]));
    }

    #[test]
    fn a_key_twice_gives_two_entries() {
        let (works, problems) = load("@book{a, title={T}}\n@book{a, title={U}}\n");
        assert_eq!((works, problems), (vec![("a".into(), 1, 7), ("a".into(), 2, 7)], vec![]));
    }

    #[test]
    fn circles_and_endless_growth_are_errors() {
        let (_, problems) = load("@string{a = a # {x}}\n@book{k, title=a}\n");
        assert_eq!(problems[0], ("the abbreviation refers to itself, or is too long".into(), 1, 9));
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
        assert_eq!(load(&deep).1[0].0, "nested too deep");
    }

    #[test]
    fn fields_come_from_parents() {
        let (works, problems) = load(
            "@xdata{x, publisher={P}}\n@inbook{a, title={T}, crossref={b}, xdata={x}}\n@book{b, title={B}, year=2000}\n",
        );
        assert_eq!((works.len(), problems), (2, vec![]));
    }

    #[test]
    fn other_text_has_no_works() {
        assert_eq!(load("just words, mail@example\n").0, []);
        assert_eq!(load("@").1.len(), 1);
        assert_eq!(load("@book{,title={x}}").1[0].0, "the entry has no key");
    }
}
