//! Builds the search index: script files that a page loads on demand, without a server.
//!
//! 1. Each text and its notes are divided into units, which are the places that a search can find, and their
//!    words are collected ([`TextIndex`]).
//! 2. The indexes of all pages are merged into an [`Index`], one after the other; places are numbered across
//!    the whole site. The text for results is written as soon as a file is full
//!    ([`Snippets`](snippets::Snippets)).
//! 3. Words are written in order, about 8 kB per file, and pairs of consecutive words by their numbers. A
//!    root file states the first word of each file.
//!
//! A search loads the root, a file for each word and for some pairs of the query, and the files of the places
//! that it shows. The formats are described in `docs/search.md`. What `theme/search.js` has to do in the same way,
//! such as folding and hashing, is tested on both sides with the files in `tests/search/`.

pub(crate) mod numbers;
pub(crate) mod postings;
pub(crate) mod pairs;
pub(crate) mod words;
mod script;
pub(crate) mod snippets;
pub(crate) mod text_index;
mod unit;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;
use serde::Serialize;

use self::numbers::write_number;
use self::pairs::Pairs;
use self::postings::Postings;
pub(crate) use self::script::Script;
use self::script::{SHARD, code_script, script};
use self::snippets::SnippetFiles;
pub(crate) use self::text_index::TextIndex;
use self::text_index::spread;
use self::unit::Unit;
use self::words::Stems;
use crate::names::path::relative;
use crate::reader::Reader;
use crate::reader::site_page::SitePage;
use crate::site::{Kind, KindId, VerdictId};

/// The theme's scripts that are needed only for search.
pub(crate) const SCRIPTS: [&str; 1] = ["_theme/search.js"];

/// Longer units are split, so that a long paragraph does not lead to a large file.
const MAX_UNIT_LEN: usize = 4_000;
/// The maximum number of places that are kept for a common word.
const COMMON: usize = 4_000;

/// The classes of units other than the words of a text: a preface, a work, a page, and a note of each kind
/// and verdict.
#[derive(Debug)]
pub(crate) struct Classes {
    names: Vec<String>,
    /// The class of a note without a verdict, by kind; those of its verdicts follow.
    of_kinds: BTreeMap<KindId, usize>,
}

const PREFACE: u8 = 0;
const WORK: u8 = 1;
const PAGE: u8 = 2;

impl Classes {
    /// The classes of a site with these kinds of note.
    pub(crate) fn of<'k>(kinds: impl IntoIterator<Item = (KindId, &'k Kind)>) -> Self {
        let mut names = vec!["preface".to_owned(), "work".to_owned(), "page".to_owned()];
        let mut of_kinds = BTreeMap::new();
        for (id, kind) in kinds {
            of_kinds.insert(id, names.len());
            names.push(kind.id.clone());
            names.extend(kind.verdicts.iter().map(|verdict| format!("{} {}", kind.id, verdict.id)));
        }
        Self { names, of_kinds }
    }

    fn of_note(&self, kind: Option<KindId>, verdict: Option<VerdictId>) -> Option<u8> {
        let of_kind = self.of_kinds.get(&kind?)?;
        u8::try_from(of_kind + verdict.map_or(0, |verdict| verdict.index() + 1)).ok()
    }
}

/// The index of a text.
pub(crate) fn of_text(reader: &Reader<'_>, classes: &Classes) -> TextIndex {
    let source = reader.source;
    let key = format!("/{}", relative("", &source.path));
    TextIndex::of(&source.page(), &source.title, &units(reader, classes), Some(&key))
}

/// The index of one of the edition's own pages.
pub(crate) fn of_page(page: &SitePage) -> TextIndex {
    let title =
        Unit { fragment: String::new(), title: "", words: &page.title, class: Some(PAGE), heading: true };
    let pieces = pieces(&page.words).filter(|words| !words.is_empty());
    let words = pieces.map(|words| Unit { words, heading: false, fragment: String::new(), ..title });
    let units: Vec<Unit<'_>> = words.collect();
    let units = if units.is_empty() { vec![title] } else { units };
    TextIndex::of(&page.page, &page.title, &units, None)
}

/// A work to index.
#[derive(Debug)]
pub(crate) struct Work<'w> {
    /// The path of its page.
    pub page: String,
    /// Its title.
    pub title: &'w str,
    /// Its entry in the bibliography, as HTML.
    pub entry: String,
}

/// The index of the bibliography.
pub(crate) fn of_works(works: &[Work<'_>]) -> TextIndex {
    let words: Vec<String> = works.iter().map(|work| plain(&work.entry)).collect();
    let units: Vec<Unit<'_>> = works
        .iter()
        .zip(&words)
        .map(|(work, words)| Unit {
            fragment: relative("", &work.page),
            title: work.title,
            words,
            class: Some(WORK),
            heading: false,
        })
        .collect();
    TextIndex::of("", "", &units, None)
}

/// The units of a text: its title, its blocks, its prefaces and its notes.
fn units<'r>(reader: &'r Reader<'r>, classes: &Classes) -> Vec<Unit<'r>> {
    let of_text = |fragment: String, words: &'r str, heading: bool| Unit {
        fragment,
        title: "",
        words,
        class: None,
        heading,
    };
    let mut units = vec![of_text(String::new(), &reader.source.title, true)];
    let reading = reader.text.reading();
    let blocks = &reader.text.html.blocks;
    let mut headings = reader.headings().iter().map(|heading| heading.block).peekable();
    for (index, block) in blocks.iter().enumerate() {
        let end = blocks.get(index + 1).map_or(reading.len(), |next| next.start);
        let heading = headings.next_if_eq(&(index + 1)).is_some();
        let words = reading.get(block.start..end).unwrap_or_default();
        // If a text begins with its title, index the title only once.
        if index == 0 && heading && words.split_whitespace().eq(reader.source.title.split_whitespace()) {
            units.clear();
        }
        for words in pieces(words) {
            units.push(of_text(["p-", &(index + 1).to_string()].concat(), words, heading));
        }
    }
    for layer in &reader.layers {
        for words in pieces(&layer.preface_words) {
            units.push(Unit { class: Some(PREFACE), ..of_text(String::new(), words, false) });
        }
    }
    for note in &reader.notes {
        let class = classes.of_note(note.parsed.kind, note.parsed.verdict);
        for (index, words) in pieces(&note.body_words).enumerate() {
            units.push(Unit {
                fragment: ["note-", &note.parsed.id].concat(),
                title: if index == 0 { &note.title_words } else { "" },
                words,
                class,
                heading: false,
            });
        }
    }
    units
}

/// Splits text into pieces of at most [`MAX_UNIT_LEN`] bytes, at white space if possible; there is at least
/// one piece.
fn pieces(words: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(words.trim());
    std::iter::from_fn(move || {
        let words = rest?;
        if words.len() <= MAX_UNIT_LEN {
            return rest.take();
        }
        let max = crate::diagnostics::floor_char_boundary(words, MAX_UNIT_LEN);
        let end = words[..max].rfind(char::is_whitespace).filter(|&end| end > 0).unwrap_or(max);
        rest = Some(words[end..].trim_start()).filter(|rest| !rest.is_empty());
        Some(&words[..end])
    })
}

/// The index of all pages.
#[derive(Debug, Default)]
pub(crate) struct Index {
    numbers: HashTable<u32>,
    words: Vec<IndexedWord>,
    pairs: Pairs,
    snippets: SnippetFiles,
    units: u32,
}

#[derive(Debug)]
struct IndexedWord {
    hash: u32,
    word: Box<str>,
    postings: Postings,
}

impl Index {
    /// Merges the index of the next page, and returns the completed files.
    pub(crate) fn add(&mut self, text: &TextIndex) -> Vec<Script> {
        let from = self.units;
        for word in text.words() {
            let first = postings::Hit { place: from + word.first.place, ..word.first };
            let number = self.number(word.word, word.hash);
            self.words[number as usize].postings.add(
                first,
                word.others,
                from + word.last,
                word.count,
                COMMON,
            );
        }
        self.pairs.add(&text.pairs, from);
        self.units += text.units;
        let mut scripts = Vec::new();
        self.snippets.add(&text.snippets, &mut scripts);
        scripts
    }

    fn number(&mut self, word: &str, hash: u32) -> u32 {
        let Self { numbers, words, .. } = self;
        let same = |&number: &u32| {
            let known = &words[number as usize];
            known.hash == hash && *known.word == *word
        };
        if let Some(&number) = numbers.find(spread(hash), same) {
            return number;
        }
        let number = words.len() as u32;
        words.push(IndexedWord { hash, word: word.into(), postings: Postings::default() });
        numbers.insert_unique(spread(hash), number, |&number| spread(words[number as usize].hash));
        number
    }

    /// The remaining files, and the pairs, whose files are written group by group.
    pub(crate) fn finish(mut self, language: &str, classes: &Classes) -> (Vec<Script>, Pairs) {
        self.pairs.finish();
        let mut scripts = Vec::new();
        self.snippets.finish(&mut scripts);
        let mut words: Vec<(Box<str>, Postings)> =
            self.words.into_iter().map(|known| (known.word, known.postings.at_most(COMMON))).collect();
        words.sort_unstable_by(|(a, _), (b, _)| utf16_order(a, b));
        let starts = write_words(&words, &Stems::of(language), &mut scripts);
        #[derive(Serialize)]
        struct Root<'r> {
            places: u32,
            per_file: usize,
            pair_bits: u32,
            classes: &'r [String],
            words: String,
        }
        let root = Root {
            places: self.units,
            per_file: snippets::UNITS,
            pair_bits: self.pairs.file_bits(),
            classes: &classes.names,
            words: starts.join(" "),
        };
        scripts.push(script("root", "root", &root));
        (scripts, self.pairs)
    }
}

/// Writes the files of words, and returns the shortest distinguishing prefix of the first word in each.
fn write_words(words: &[(Box<str>, Postings)], stems: &Stems, scripts: &mut Vec<Script>) -> Vec<String> {
    let related = same_stem(words, stems);
    let mut starts: Vec<String> = Vec::new();
    let mut shard: Vec<u8> = Vec::new();
    let mut before: &str = "";
    for (index, (word, postings)) in words.iter().enumerate() {
        if shard.is_empty() {
            starts.push(distinguishing_prefix(word, before).to_owned());
        } else {
            shard.push(b' ');
        }
        shard.extend_from_slice(word.as_bytes());
        let group = related.get(&index).into_iter().flat_map(|group| group.iter());
        for &other in group.filter(|&&other| other != index) {
            shard.push(b'!');
            write_related(&mut shard, word, &words[other].0);
        }
        shard.push(b'!');
        postings.write(&mut shard);
        before = word;
        if shard.len() >= SHARD || index + 1 == words.len() {
            let number = starts.len() - 1;
            scripts.push(code_script(&format!("words/{number}"), &format!("w{number}"), &shard));
            shard.clear();
        }
    }
    starts
}

/// Orders words as browsers do, by UTF-16 code units: supplementary planes come before U+E000.
fn utf16_order(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| if matches!(byte, 0xee | 0xef) { byte + 0x10 } else { byte };
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        Some((a, b)) => rank(a).cmp(&rank(b)),
        None => a.len().cmp(&b.len()),
    }
}

/// Shortest prefix of a word that distinguishes it from the previous word.
fn distinguishing_prefix<'w>(word: &'w str, before: &str) -> &'w str {
    let same = word.chars().zip(before.chars()).take_while(|(a, b)| a == b).count();
    word.char_indices().nth(same + 1).map_or(word, |(at, _)| &word[..at])
}

/// Appends a word with the same stem: the length of the common prefix, in characters, and the rest.
fn write_related(out: &mut Vec<u8>, word: &str, other: &str) {
    let same = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    write_number(out, u32::try_from(same).unwrap_or(0));
    let rest = other.char_indices().nth(same).map_or("", |(at, _)| &other[at..]);
    out.extend_from_slice(rest.as_bytes());
}

/// For each word that has the same stem as others, the indices of all of them.
fn same_stem(words: &[(Box<str>, Postings)], stems: &Stems) -> FxHashMap<usize, Rc<[usize]>> {
    let mut by_stem: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (index, (word, _)) in words.iter().enumerate().filter(|(_, (word, _))| !word.starts_with('/')) {
        by_stem.entry(stems.stem(word).into_owned()).or_default().push(index);
    }
    let mut related = FxHashMap::default();
    for group in by_stem.into_values().filter(|group| group.len() > 1).map(Rc::<[usize]>::from) {
        related.extend(group.iter().map(|&index| (index, Rc::clone(&group))));
    }
    related
}

/// The text of an entry in HTML.
fn plain(html: &str) -> String {
    let mut words = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        words.push_str(&rest[..at]);
        let is_tag = rest[at..].starts_with('<');
        let end = rest[at..].find(if is_tag { '>' } else { ';' }).map_or(rest.len(), |end| at + end + 1);
        if !is_tag {
            words.push_str(match &rest[at..end] {
                "&amp;" => "&",
                "&lt;" => "<",
                "&gt;" => ">",
                "&quot;" => "\"",
                other => other,
            });
        }
        rest = &rest[end..];
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests;
