//! BibTeX and BibLaTeX to entries.
//!
//! 1. What cannot be read is reported and blanked, so that the rest keeps its places.
//! 2. What would grow without end, or refers to itself, is reported and left out.
//! 3. What is left is resolved and converted, entry by entry where one fails.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use biblatex::{
    Bibliography, ParseError, ParseErrorKind, PermissiveType, RawBibliography, RawChunk, RawEntry,
    RetrievalError, Spanned,
};

use super::template::{BLANK, unmarked};
use super::{Found, bounds};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, nearest};

/// How deep braces may nest.
const DEPTH: usize = 100;
/// How long a field may become through abbreviations.
const LENGTH: usize = 1 << 20;
/// How many abbreviations or entries one may stand for.
const CHAIN: usize = 100;

/// The entries of a file, each with the place of its key. What cannot be read is reported.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let text = file.text.trim_start_matches('\u{feff}');
    let start = file.text.len() - text.len();
    let text = &without_looks(&unmarked(text));
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
    let raw = reader.bound(raw);
    reader.convert(raw)
}

/// The fields of BibTeX and BibLaTeX, and those that tools write.
const FIELDS: [&str; 142] = [
    "abstract",
    "addendum",
    "address",
    "afterword",
    "annotation",
    "annotator",
    "annote",
    "archiveprefix",
    "articleno",
    "author",
    "authortype",
    "bookauthor",
    "bookpagination",
    "booksubtitle",
    "booktitle",
    "booktitleaddon",
    "chapter",
    "comment",
    "commentator",
    "copyright",
    "crossref",
    "date",
    "day",
    "doi",
    "edition",
    "editor",
    "editora",
    "editoratype",
    "editorb",
    "editorbtype",
    "editorc",
    "editorctype",
    "editortype",
    "eid",
    "entryset",
    "entrysubtype",
    "eprint",
    "eprintclass",
    "eprinttype",
    "eventdate",
    "eventtitle",
    "eventtitleaddon",
    "execute",
    "file",
    "foreword",
    "gender",
    "groups",
    "holder",
    "howpublished",
    "hyphenation",
    "ids",
    "indexsorttitle",
    "indextitle",
    "institution",
    "introduction",
    "isan",
    "isbn",
    "ismn",
    "isrn",
    "issn",
    "issue",
    "issuesubtitle",
    "issuetitle",
    "iswc",
    "journal",
    "journalsubtitle",
    "journaltitle",
    "journaltitleaddon",
    "key",
    "keywords",
    "label",
    "langid",
    "langidopts",
    "language",
    "lccn",
    "library",
    "location",
    "mainsubtitle",
    "maintitle",
    "maintitleaddon",
    "month",
    "mrclass",
    "mrnumber",
    "nameaddon",
    "note",
    "number",
    "numpages",
    "options",
    "organization",
    "origdate",
    "origlanguage",
    "origlocation",
    "origpublisher",
    "origtitle",
    "owner",
    "pages",
    "pagetotal",
    "pagination",
    "part",
    "pdf",
    "pmcid",
    "pmid",
    "presort",
    "primaryclass",
    "publisher",
    "pubstate",
    "related",
    "relatedstring",
    "relatedtype",
    "reprinttitle",
    "review",
    "rights",
    "school",
    "series",
    "shortauthor",
    "shorteditor",
    "shorthand",
    "shortjournal",
    "shortseries",
    "shorttitle",
    "sortkey",
    "sortname",
    "sortshorthand",
    "sorttitle",
    "sortyear",
    "source",
    "status",
    "subtitle",
    "timestamp",
    "title",
    "titleaddon",
    "translator",
    "type",
    "url",
    "urldate",
    "venue",
    "version",
    "volume",
    "volumes",
    "xdata",
    "xref",
    "year",
];

/// The types of entry of BibTeX and BibLaTeX.
const TYPES: [&str; 36] = [
    "article",
    "book",
    "mvbook",
    "inbook",
    "bookinbook",
    "suppbook",
    "booklet",
    "collection",
    "mvcollection",
    "incollection",
    "suppcollection",
    "dataset",
    "manual",
    "misc",
    "online",
    "patent",
    "periodical",
    "suppperiodical",
    "proceedings",
    "mvproceedings",
    "inproceedings",
    "reference",
    "mvreference",
    "inreference",
    "report",
    "set",
    "software",
    "thesis",
    "unpublished",
    "xdata",
    "conference",
    "electronic",
    "mastersthesis",
    "phdthesis",
    "techreport",
    "www",
];

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

    /// The text with every entry that cannot be read as spaces; each is reported.
    fn blank(&mut self, text: &str, whole: &ParseError) -> String {
        let mut out = String::with_capacity(text.len());
        let mut told = false;
        for chunk in chunks(text) {
            let words = text.get(chunk.clone()).unwrap_or_default();
            match RawBibliography::parse(words) {
                Ok(_) => out.push_str(words),
                Err(error) => {
                    told = true;
                    self.unreadable(words, &chunk, &error);
                    out.extend(words.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                }
            }
        }
        if !told {
            self.invalid(whole.span.clone(), whole.kind.to_string());
        }
        out
    }

    fn unreadable(&mut self, words: &str, chunk: &Range<usize>, error: &ParseError) {
        // Where a file ends says nothing of where a brace is missing.
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

    /// Leaves out what has no end.
    fn bound<'s>(&mut self, mut raw: RawBibliography<'s>) -> RawBibliography<'s> {
        self.bound_abbreviations(&mut raw);
        let mut keys = BTreeMap::new();
        for (index, entry) in raw.entries.iter().enumerate() {
            keys.entry(entry.v.key.v).or_insert(index);
        }
        let references: Vec<Vec<usize>> = raw.entries.iter().map(|entry| parents(&entry.v, &keys)).collect();
        let weights = bounds::weights(&references, |_| 1, CHAIN);
        let entries = std::mem::take(&mut raw.entries);
        raw.entries = entries
            .into_iter()
            .zip(weights)
            .filter_map(|(entry, weight)| {
                let key = entry.v.key.span.clone();
                let deep =
                    entry.v.fields.iter().flat_map(|field| &field.value.v).any(|chunk| match chunk.v {
                        RawChunk::Normal(words) => bounds::depth(words, b"{", b"}") > DEPTH,
                        RawChunk::Abbreviation(_) => false,
                    });
                let problem = match weight {
                    _ if entry.v.key.v.is_empty() => "the entry has no key",
                    _ if deep => "nested too deep",
                    None => "its `crossref` or `xdata` leads back to itself, or too far",
                    Some(_) => return Some(entry),
                };
                self.invalid(if key.is_empty() { entry.v.kind.span.clone() } else { key }, problem);
                None
            })
            .collect();
        raw
    }

    fn bound_abbreviations(&mut self, raw: &mut RawBibliography<'_>) {
        // Of two with one name the last counts.
        let mut last = BTreeMap::new();
        for (index, pair) in raw.abbreviations.iter().enumerate() {
            last.insert(pair.key.v, index);
        }
        let references: Vec<Vec<usize>> = raw
            .abbreviations
            .iter()
            .map(|pair| {
                let named = pair.value.v.iter().filter_map(|chunk| match chunk.v {
                    RawChunk::Abbreviation(name) => last.get(name).copied(),
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
        let mut bounded = short.iter().zip(few).map(|(short, few)| short.is_some() && few.is_some());
        let mut refused = Vec::new();
        raw.abbreviations.retain(|pair| {
            let keep = bounded.next().unwrap_or_default();
            if !keep {
                refused.push(pair.key.span.clone());
            }
            keep
        });
        for span in refused {
            self.invalid(span, "the abbreviation stands for itself, or for too much");
        }
    }

    /// Warns of entry types that nobody knows, and of fields that are a known one but for a slip: any other name is
    /// allowed in a field, by tradition.
    fn misspelled(&mut self, raw: &RawBibliography<'_>) {
        for entry in &raw.entries {
            let (kind, span) = (entry.v.kind.v, entry.v.kind.span.clone());
            if matches!(biblatex::EntryType::new(kind), biblatex::EntryType::Unknown(_)) {
                let message = format!("`{}`: unknown type of entry `{kind}`", entry.v.key.v);
                let help = did_you_mean(kind, TYPES);
                self.diagnostics
                    .push(Diagnostic::warning(Code::WorkInvalid, self.place(span), message).help(help));
            }
            for field in &entry.v.fields {
                let name = field.key.v.to_ascii_lowercase();
                if FIELDS.contains(&name.as_str()) {
                    continue;
                }
                let Some(near) = nearest(&name, FIELDS) else { continue };
                let message = format!("`{}`: unknown field `{}`", entry.v.key.v, field.key.v);
                let place = self.place(field.key.span.clone());
                let help = format!("write `{near}`; nothing reads it as it is");
                self.diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
            }
        }
    }

    /// Resolves and converts the entries.
    fn convert(&mut self, mut raw: RawBibliography<'_>) -> Vec<Found> {
        self.misspelled(&raw);
        let entries = std::mem::take(&mut raw.entries);
        // A key that stands twice is for whoever knows all files to report.
        let (mut unique, mut again) = (Vec::new(), Vec::new());
        let mut known = std::collections::BTreeSet::new();
        for entry in entries {
            if known.insert(entry.v.key.v) { unique.push(entry) } else { again.push(entry) }
        }
        let mut found = self.convert_unique(&raw, unique);
        for entry in again {
            found.extend(self.convert_unique(&raw, vec![entry]));
        }
        found.sort_by_key(|found| found.place.span);
        found
    }

    /// The same for entries with different keys.
    fn convert_unique(
        &mut self,
        raw: &RawBibliography<'_>,
        entries: Vec<Spanned<RawEntry<'_>>>,
    ) -> Vec<Found> {
        let with = |entries| RawBibliography {
            preamble: String::new(),
            entries,
            abbreviations: raw.abbreviations.clone(),
        };
        let keys: Vec<Range<usize>> = entries.iter().map(|entry| entry.v.key.span.clone()).collect();
        match Bibliography::from_raw(with(entries.clone())) {
            Ok(bibliography) => bibliography
                .into_iter()
                .zip(keys)
                .filter_map(|(entry, key)| self.convert_one(&entry, key))
                .collect(),
            Err(error) if entries.len() < 2 => {
                self.invalid(error.span.clone(), error.kind.to_string());
                Vec::new()
            }
            Err(_) => {
                // Without those that fail alone; what fails only together is read alone.
                let (good, bad): (Vec<_>, Vec<_>) = entries
                    .into_iter()
                    .partition(|entry| Bibliography::from_raw(with(vec![entry.clone()])).is_ok());
                let alone = bad.is_empty();
                let mut found: Vec<Found> =
                    bad.into_iter().flat_map(|entry| self.convert_unique(raw, vec![entry])).collect();
                if alone {
                    found.extend(good.into_iter().flat_map(|entry| self.convert_unique(raw, vec![entry])));
                } else {
                    found.extend(self.convert_unique(raw, good));
                }
                found
            }
        }
    }

    /// The entry without a date such as "in press", which is reported.
    fn without_bad_date<'e>(&mut self, entry: &'e biblatex::Entry) -> Cow<'e, biblatex::Entry> {
        match entry.date() {
            Ok(PermissiveType::Typed(_)) | Err(RetrievalError::Missing(_)) => return Cow::Borrowed(entry),
            Ok(PermissiveType::Chunks(_)) | Err(RetrievalError::TypeError(_)) => {}
        }
        let date = ["date", "year"].iter().find_map(|field| entry.get(field)).unwrap_or_default();
        let span =
            date.first().map_or(0, |first| first.span.start)..date.last().map_or(0, |last| last.span.end);
        if date.iter().any(|chunk| !chunk.v.get().trim().is_empty()) {
            let warning = Diagnostic::warning(
                Code::WorkInvalid,
                self.place(span),
                "the date cannot be read and is left out",
            );
            self.diagnostics.push(warning.help("write it as 2024-05-31, or its beginning"));
        }
        let mut entry = entry.clone();
        for field in ["date", "year", "month", "day"] {
            entry.remove(field);
        }
        Cow::Owned(entry)
    }

    fn convert_one(&mut self, entry: &biblatex::Entry, key: Range<usize>) -> Option<Found> {
        // An `xdata` entry is no work but what others share.
        if entry.entry_type == biblatex::EntryType::XData {
            return None;
        }
        let entry = self.without_bad_date(entry);
        match hayagriva::Entry::try_from(&*entry) {
            Ok(entry) => Some(Found { key: entry.key().to_owned(), place: self.place(key), entry }),
            Err(error) => {
                let span = if error.span.is_empty() { key } else { error.span.clone() };
                self.invalid(span, format!("`{}`: {}", entry.key, error.kind));
                None
            }
        }
    }
}

/// The text with nothing where TeX commands say how words look; no byte moves.
fn without_looks(text: &str) -> String {
    const COMMANDS: &[&str] = &[
        "\\emph{",
        "\\textit{",
        "\\textbf{",
        "\\textsc{",
        "\\textsl{",
        "\\textrm{",
        "\\textsf{",
        "\\texttt{",
        "\\textup{",
        "\\mkbibemph{",
        "\\mkbibitalic{",
    ];
    let mut out = text.to_owned();
    for command in COMMANDS.iter().filter(|command| text.contains(**command)) {
        let length = command.len() - 1;
        let blank = if length % 2 == 1 {
            format!("{BLANK}{}", "{}".repeat((length - 3) / 2))
        } else {
            "{}".repeat(length / 2)
        };
        out = out.replace(command, &format!("{blank}{{"));
    }
    out
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
fn parents(entry: &RawEntry<'_>, keys: &BTreeMap<&str, usize>) -> Vec<usize> {
    let refers = |name: &str| name.eq_ignore_ascii_case("crossref") || name.eq_ignore_ascii_case("xdata");
    let fields = entry.fields.iter().filter(|field| refers(field.key.v)).flat_map(|field| &field.value.v);
    let words = fields.flat_map(|chunk| match chunk.v {
        RawChunk::Normal(words) => words.split([',', '{', '}', ' ', '\n', '\t', '\r']).collect::<Vec<_>>(),
        RawChunk::Abbreviation(_) => Vec::new(),
    });
    words.filter_map(|word| keys.get(word).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = Vec<(String, usize, usize)>;

    fn load(text: &str) -> (Told, Told) {
        let file = File::new("references.bib", text);
        let mut diagnostics = Diagnostics::default();
        let found = read(&file, &mut diagnostics);
        let at = |place: &Place| place.line_column();
        (
            found.iter().map(|f| (f.entry.key().to_owned(), at(&f.place).0, at(&f.place).1)).collect(),
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
                ("unknown abbreviation \"nowhere\"".into(), 5, 16),
            ]
        );
    }

    #[test]
    fn a_key_twice_gives_two_entries() {
        let (works, problems) = load("@book{a, title={T}}\n@book{a, title={U}}\n");
        assert_eq!((works, problems), (vec![("a".into(), 1, 7), ("a".into(), 2, 7)], vec![]));
    }

    #[test]
    fn what_has_no_end_is_an_error() {
        let (_, problems) = load("@string{a = a # {x}}\n@book{k, title=a}\n");
        assert_eq!(problems[0], ("the abbreviation stands for itself, or for too much".into(), 1, 9));
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
    fn a_date_of_words_is_a_warning() {
        let (works, problems) =
            load("@book{a, title={T}, year = {in press}}\n@book{b, date={later}}\n@book{c, year={}}");
        assert_eq!(works.len(), 3);
        let message = || "the date cannot be read and is left out".to_owned();
        assert_eq!(problems, [(message(), 1, 29), (message(), 2, 16)]);
    }

    #[test]
    fn fields_come_from_parents() {
        let (works, problems) = load(
            "@xdata{x, publisher={P}}\n@inbook{a, title={T}, crossref={b}, xdata={x}}\n@book{b, title={B}, year=2000}\n",
        );
        assert_eq!((works.len(), problems), (2, vec![]));
    }

    #[test]
    fn text_that_is_no_bibliography_has_no_works() {
        assert_eq!(load("just words, mail@example\n").0, []);
        assert_eq!(load("@").1.len(), 1);
        assert_eq!(load("@book{,title={x}}").1[0].0, "the entry has no key");
    }
}
