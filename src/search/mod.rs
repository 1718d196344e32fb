//! Readers to the search index: script files that a page loads as a reader asks, without a server.
//!
//! 1. A text and its notes are parted into units, the places that a search can find, and their words are
//!    gathered ([`Part`]).
//! 2. The parts of all pages are merged into an [`Index`], one after another; places are numbered through the whole
//!    site. What results show of them is written as files are full ([`Shown`](snippets::Shown)).
//! 3. Words are written in order, some 8 kB to a file, and pairs of words that follow each other by their
//!    numbers; a file at the root says which words each begins with.
//!
//! A search loads the root, a file for each word and some pairs asked for, and the files of the places that it shows.
//! `docs/search.md` describes them.

pub mod numbers;
pub mod postings;
pub mod pairs;
pub mod words;
pub mod snippets;
pub mod part;

use std::cmp::Ordering;
use std::rc::Rc;

use hashbrown::HashTable;
use rustc_hash::FxHashMap;
use serde::Serialize;

use self::numbers::write_number;
use self::pairs::Pairs;
pub use self::part::Part;
use self::part::spread;
use self::postings::Postings;
use self::snippets::Shelf;
use self::words::Stems;
use crate::names::address;
use crate::names::path::relative;
use crate::reader::Reader;
use crate::reader::site_page::SitePage;
use crate::site::Kind;

/// The scripts of the theme that only a site with a search needs.
pub const SCRIPTS: [&str; 2] = ["_theme/find.js", "_theme/search.js"];

/// A longer unit is parted, so that no file grows with one paragraph.
const LONGEST_UNIT: usize = 4_000;
/// About how many bytes of the index stand in one file.
const SHARD: usize = 8_000;
/// A word that stands in more places is common: no more of them are kept.
const COMMON: usize = 4_000;

/// A file of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its path from the site's folder.
    pub path: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// What units can be, besides words of a text: a preface, a work, a page, a note of each kind and verdict.
#[derive(Debug)]
pub struct Classes {
    names: Vec<String>,
}

const PREFACE: u8 = 0;
const WORK: u8 = 1;
const OWN: u8 = 2;
/// How many classes are not of notes.
const PLAIN: usize = 3;

impl Classes {
    /// The classes of a site that has notes of these kinds.
    pub fn of<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> Self {
        let mut names = vec!["preface".to_owned(), "work".to_owned(), "page".to_owned()];
        for kind in kinds {
            names.push(kind.id.clone());
            names.extend(kind.verdicts.iter().map(|verdict| format!("{} {}", kind.id, verdict.id)));
        }
        Self { names }
    }

    fn of_note(&self, kind: &str, verdict: Option<&str>) -> Option<u8> {
        let verdict = verdict.map(|verdict| format!("{kind} {verdict}"));
        let name = verdict.as_deref().unwrap_or(kind);
        let at = self.names.iter().skip(PLAIN).position(|known| known == name)?;
        u8::try_from(at + PLAIN).ok()
    }
}

/// A place that a search can find.
#[derive(Debug)]
pub struct Unit<'u> {
    /// The id of the element, or nothing for the page as a whole.
    fragment: String,
    /// Its title, if it has one of its own.
    title: &'u str,
    /// Its words.
    words: &'u str,
    /// `None` for the words of a text.
    class: Option<u8>,
    /// Whether the words are a heading.
    heading: bool,
}

/// The part of a text.
pub fn of_text(reader: &Reader<'_>, classes: &Classes) -> Part {
    let source = reader.source;
    let key = format!("/{}", relative("", &source.path));
    Part::of(&source.page(), &source.title, &units(reader, classes), Some(&key))
}

/// The part of a page of the edition's own.
pub fn of_prose(prose: &SitePage) -> Part {
    let title =
        Unit { fragment: String::new(), title: "", words: &prose.title, class: Some(OWN), heading: true };
    let pieces = pieces(&prose.words).filter(|words| !words.is_empty());
    let words = pieces.map(|words| Unit { words, heading: false, fragment: String::new(), ..title });
    let units: Vec<Unit<'_>> = words.collect();
    let units = if units.is_empty() { vec![title] } else { units };
    Part::of(&prose.page, &prose.title, &units, None)
}

/// A work as the index takes it.
#[derive(Debug)]
pub struct Work<'w> {
    /// The output file of its page.
    pub page: String,
    /// Its title.
    pub title: &'w str,
    /// Its entry in the bibliography, as HTML.
    pub entry: String,
}

/// The part of works.
pub fn of_works(works: &[Work<'_>]) -> Part {
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
    Part::of("", "", &units, None)
}

/// The title of a text, its blocks, its prefaces, its notes.
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
        // A text that begins with its title is found by it once.
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
        let class = classes.of_note(&note.parsed.kind, note.parsed.verdict.as_deref());
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

/// The words in pieces of at most [`LONGEST_UNIT`] bytes, at least one, parted at white space if there is any.
fn pieces(words: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(words.trim());
    std::iter::from_fn(move || {
        let words = rest?;
        if words.len() <= LONGEST_UNIT {
            return rest.take();
        }
        let most = crate::diagnostics::floor_char_boundary(words, LONGEST_UNIT);
        let end = words[..most].rfind(char::is_whitespace).filter(|&end| end > 0).unwrap_or(most);
        rest = Some(words[end..].trim_start()).filter(|rest| !rest.is_empty());
        Some(&words[..end])
    })
}

/// The words of all pages.
#[derive(Debug, Default)]
pub struct Index {
    numbers: HashTable<u32>,
    words: Vec<Known>,
    pairs: Pairs,
    shelf: Shelf,
    units: u32,
}

#[derive(Debug)]
struct Known {
    hash: u32,
    word: Box<str>,
    postings: Postings,
}

impl Index {
    /// Adds the part of the next page; gives the files that are ready.
    pub fn add(&mut self, part: &Part) -> Vec<Script> {
        let from = self.units;
        for word in part.words() {
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
        self.pairs.add(&part.pairs, from);
        self.units += part.units;
        let mut scripts = Vec::new();
        self.shelf.add(&part.shown, &mut scripts);
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
        words.push(Known { hash, word: word.into(), postings: Postings::default() });
        numbers.insert_unique(spread(hash), number, |&number| spread(words[number as usize].hash));
        number
    }

    /// The files that were not ready, but for those of the pairs, which are made group by group.
    pub fn finish(mut self, language: &str, classes: &Classes) -> (Vec<Script>, Pairs) {
        self.pairs.finish();
        let mut scripts = Vec::new();
        self.shelf.finish(&mut scripts);
        let mut words: Vec<(Box<str>, Postings)> =
            self.words.into_iter().map(|known| (known.word, known.postings.at_most(COMMON))).collect();
        words.sort_unstable_by(|(a, _), (b, _)| in_order(a, b));
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

/// Adds the files of words; gives what each of them begins with.
fn write_words(words: &[(Box<str>, Postings)], stems: &Stems, scripts: &mut Vec<Script>) -> Vec<String> {
    let families = families(words, stems);
    let mut starts: Vec<String> = Vec::new();
    let mut shard: Vec<u8> = Vec::new();
    let mut before: &str = "";
    for (index, (word, postings)) in words.iter().enumerate() {
        if shard.is_empty() {
            starts.push(beginning(word, before).to_owned());
        } else {
            shard.push(b' ');
        }
        shard.extend_from_slice(word.as_bytes());
        let family = families.get(&index).into_iter().flat_map(|family| family.iter());
        for &other in family.filter(|&&other| other != index) {
            shard.push(b'!');
            relate(&mut shard, word, &words[other].0);
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

/// As the browser orders words: by UTF-16, in which the last planes of Unicode stand before U+E000.
fn in_order(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| if matches!(byte, 0xee | 0xef) { byte + 0x10 } else { byte };
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        Some((a, b)) => rank(a).cmp(&rank(b)),
        None => a.len().cmp(&b.len()),
    }
}

/// As much of a word as tells it from the one before.
fn beginning<'w>(word: &'w str, before: &str) -> &'w str {
    let same = word.chars().zip(before.chars()).take_while(|(a, b)| a == b).count();
    word.char_indices().nth(same + 1).map_or(word, |(at, _)| &word[..at])
}

/// Another word, by how many characters it shares with this one from the beginning, and its own.
fn relate(out: &mut Vec<u8>, word: &str, other: &str) {
    let same = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    write_number(out, u32::try_from(same).unwrap_or(0));
    let rest = other.char_indices().nth(same).map_or("", |(at, _)| &other[at..]);
    out.extend_from_slice(rest.as_bytes());
}

/// Of each word that shares its stem with others, all of them.
fn families(words: &[(Box<str>, Postings)], stems: &Stems) -> FxHashMap<usize, Rc<[usize]>> {
    let mut by_stem: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (index, (word, _)) in words.iter().enumerate().filter(|(_, (word, _))| !word.starts_with('/')) {
        by_stem.entry(stems.stem(word).into_owned()).or_default().push(index);
    }
    let mut families = FxHashMap::default();
    for family in by_stem.into_values().filter(|family| family.len() > 1).map(Rc::<[usize]>::from) {
        families.extend(family.iter().map(|&index| (index, Rc::clone(&family))));
    }
    families
}

/// A script file that hands a value to the page. JSON is JavaScript, and a file of its own cannot be broken
/// out of.
fn script(name: &str, key: &str, value: &impl Serialize) -> Script {
    let json = serde_json::to_vec(value).expect("strings and numbers are JSON");
    script_of(name, key, &json)
}

/// A script file of words and numbers, which have nothing to escape.
fn code_script(name: &str, key: &str, code: &[u8]) -> Script {
    script_of(name, key, &[b"\"", code, b"\""].concat())
}

fn script_of(name: &str, key: &str, json: &[u8]) -> Script {
    let mut bytes = Vec::with_capacity(json.len() + key.len() + 20);
    bytes.extend_from_slice(b"postilSearch(\"");
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(b"\",");
    bytes.extend_from_slice(json);
    bytes.extend_from_slice(b");\n");
    Script { path: address::search_script(&name), bytes }
}

/// The words of an entry's HTML.
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
