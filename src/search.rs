//! Readers to the search index: script files that a page loads as a reader asks, without a server.
//!
//! 1. A text and its notes are parted into units, the places that a search can find ([`Part`]).
//!    Their words are written out for the results, [`UNITS`] to a file.
//! 2. The words of all parts are merged into an [`Index`], text by text.
//! 3. The index is written in order of its words, some [`SHARD`] bytes to a file, and a file at the
//!    root says which words each begins with.
//!
//! A search loads the root, a file for each word asked for, and the units of the texts that it shows.
//! `docs/search.md` describes the files.

pub mod postings;
pub mod words;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use serde::Serialize;

use self::postings::{Hit, Postings, write_number};
use self::words::{Stems, each_word};
use crate::bibliography::{Bibliography, work_anchor};
use crate::path::relative;
use crate::reader::Reader;
use crate::site::Site;

/// The folder of the index. No text can have this name.
pub const FOLDER: &str = "_search";
/// The page, which is made from the template `search.html`.
pub const PAGE: &str = "search/index.html";

/// How many units stand in one file.
const UNITS: usize = 48;
/// A longer unit is parted, so that no file grows with one paragraph.
const LONGEST_UNIT: usize = 4_000;
/// About how many bytes of the index stand in one file.
const SHARD: usize = 16_000;
/// A word that stands in more places is common: no more of them are kept.
const COMMON: usize = 8_000;

/// A file of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its path from the site's folder.
    pub path: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// What units can be, besides words of a text: a preface, a work, a note of each kind and verdict.
#[derive(Debug)]
pub struct Classes {
    names: Vec<String>,
}

const PREFACE: u8 = 0;
const WORK: u8 = 1;

impl Classes {
    /// The classes of a site.
    pub fn of(site: &Site) -> Self {
        let mut names = vec!["preface".to_owned(), "work".to_owned()];
        for kind in &site.kinds {
            names.push(kind.id.clone());
            names.extend(kind.verdicts.iter().map(|verdict| format!("{} {}", kind.id, verdict.id)));
        }
        Self { names }
    }

    fn of_note(&self, kind: &str, verdict: Option<&str>) -> Option<u8> {
        let verdict = verdict.map(|verdict| format!("{kind} {verdict}"));
        let name = verdict.as_deref().unwrap_or(kind);
        let at = self.names.iter().skip(2).position(|known| known == name)?;
        u8::try_from(at + 2).ok()
    }
}

/// A place that a search can find.
#[derive(Debug)]
struct Unit<'u> {
    /// The id of the element, or nothing for the page as a whole.
    fragment: String,
    title: &'u str,
    words: &'u str,
    /// `None` for the words of a text.
    class: Option<u8>,
    /// Whether the words are a heading.
    heading: bool,
}

/// What the index needs of one text.
#[derive(Debug, Default)]
pub struct Part {
    /// Its words, each once and in the order they first stood there, one after another.
    words: String,
    /// Of each word, where it ends in `words`, and how many hits it has.
    ends: Vec<(u32, u32)>,
    /// The hits of all words in turn.
    hits: Vec<Hit>,
    units: usize,
}

impl Part {
    /// The part of a text, and the files that show its places; `number` is its place among all texts.
    pub fn of(reader: &Reader<'_>, number: usize, classes: &Classes) -> (Self, Vec<Script>) {
        let units = units(reader, classes);
        let mut part = Gathering::of(&units);
        part.add_key(&path_key(&reader.source.path));
        for unit in &units {
            part.add(unit);
        }
        let scripts = write_units(number, &reader.source.page(), &reader.source.title, &units);
        (part.finish(), scripts)
    }

    /// The words with their hits.
    fn iter(&self) -> impl Iterator<Item = (&str, &[Hit])> {
        let mut word_start = 0;
        let mut hit_start = 0;
        self.ends.iter().map(move |&(end, count)| {
            let end = end as usize;
            let hits = &self.hits[hit_start..hit_start + count as usize];
            let word = &self.words[word_start..end];
            (word_start, hit_start) = (end, hit_start + count as usize);
            (word, hits)
        })
    }
}

/// The word that stands in the index for a text's path, so that a search can be kept to that text.
fn path_key(path: &str) -> String {
    format!("/{}", relative("", path))
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
        for words in pieces(reading.get(block.start..end).unwrap_or_default()) {
            units.push(of_text(format!("p-{}", index + 1), words, heading));
        }
    }
    for layer in &reader.layers {
        for words in pieces(&layer.preface_words) {
            units.push(Unit { class: Some(PREFACE), ..of_text(String::new(), words, false) });
        }
    }
    for shown in &reader.notes {
        let class = classes.of_note(&shown.note.kind, shown.note.verdict.as_deref());
        for (index, words) in pieces(&shown.body_words).enumerate() {
            units.push(Unit {
                fragment: format!("note-{}", shown.note.id),
                title: if index == 0 { &shown.title_words } else { "" },
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
        let most = crate::span::floor_char_boundary(words, LONGEST_UNIT);
        let end = words[..most].rfind(char::is_whitespace).filter(|&end| end > 0).unwrap_or(most);
        rest = Some(words[end..].trim_start()).filter(|rest| !rest.is_empty());
        Some(&words[..end])
    })
}

/// Gathers the words of units.
#[derive(Debug, Default)]
struct Gathering {
    numbers: FxHashMap<Box<str>, u32>,
    words: String,
    ends: Vec<u32>,
    /// Of each word, its last hit.
    last: Vec<u32>,
    /// Hits and the numbers of their words.
    hits: Vec<(u32, Hit)>,
    units: u32,
}

impl Gathering {
    /// Room for the words of these units.
    fn of(units: &[Unit<'_>]) -> Self {
        let length: usize = units.iter().map(|unit| unit.title.len() + unit.words.len()).sum();
        let mut gathering = Self::default();
        gathering.hits.reserve(length / 8);
        gathering.numbers.reserve(length / 24);
        gathering
    }

    fn add_key(&mut self, key: &str) {
        self.hit(key, Hit { unit: 0, strong: false, class: None });
    }

    fn add(&mut self, unit: &Unit<'_>) {
        let hit = Hit { unit: self.units, strong: unit.heading, class: unit.class };
        each_word(unit.title, &mut |word| self.hit(word, Hit { strong: true, ..hit }));
        each_word(unit.words, &mut |word| self.hit(word, hit));
        self.units += 1;
    }

    fn hit(&mut self, word: &str, hit: Hit) {
        let at = u32::try_from(self.hits.len()).expect("a text has fewer words than that");
        if let Some(&number) = self.numbers.get(word) {
            let last = &mut self.last[number as usize];
            let before = &mut self.hits[*last as usize].1;
            if before.unit == hit.unit {
                before.strong = true;
                return;
            }
            *last = at;
            self.hits.push((number, hit));
        } else {
            let number = u32::try_from(self.ends.len()).expect("a text has fewer words than that");
            self.numbers.insert(word.into(), number);
            self.words.push_str(word);
            self.ends.push(u32::try_from(self.words.len()).expect("a text is shorter than that"));
            self.last.push(at);
            self.hits.push((number, hit));
        }
    }

    /// Puts the hits in order of their words; those of one word stay in order.
    fn finish(self) -> Part {
        let mut ends: Vec<(u32, u32)> = self.ends.into_iter().map(|end| (end, 0)).collect();
        for (number, _) in &self.hits {
            ends[*number as usize].1 += 1;
        }
        let mut next = Vec::with_capacity(ends.len());
        let mut sum = 0;
        for (_, count) in &ends {
            next.push(sum);
            sum += *count as usize;
        }
        let mut hits = vec![Hit::default(); self.hits.len()];
        for (number, hit) in self.hits {
            let at = &mut next[number as usize];
            hits[*at] = hit;
            *at += 1;
        }
        Part { words: self.words, ends, hits, units: self.units as usize }
    }
}

/// The words of all texts.
#[derive(Debug, Default)]
pub struct Index {
    words: FxHashMap<Box<str>, Postings>,
    /// How many texts there are, those that hold works included.
    texts: usize,
    units: usize,
}

impl Index {
    /// Adds the part of the next text.
    pub fn add(&mut self, part: &Part) {
        let text = u32::try_from(self.texts).expect("a site has fewer texts than that");
        for (word, hits) in part.iter() {
            if let Some(postings) = self.words.get_mut(word) {
                postings.add(text, hits);
            } else {
                self.words.entry(word.into()).or_default().add(text, hits);
            }
        }
        self.texts += 1;
        self.units += part.units;
    }

    /// Adds works, each with where it is shown; returns the files that show them. They come after all texts.
    pub fn add_works(
        &mut self,
        bibliography: &Bibliography,
        shown_at: &BTreeMap<String, String>,
    ) -> Vec<Script> {
        let works: Vec<(String, String, &str)> = bibliography
            .works()
            .filter_map(|work| {
                let page = shown_at.get(&work.key)?;
                let words = plain(&bibliography.entry(&work.key).unwrap_or_default());
                Some((format!("{page}#{}", work_anchor(&work.key)), words, work.title.as_str()))
            })
            .collect();
        let mut scripts = Vec::new();
        for works in works.chunks(UNITS) {
            let units: Vec<Unit<'_>> = works
                .iter()
                .map(|(address, words, title)| Unit {
                    fragment: address.clone(),
                    title,
                    words,
                    class: Some(WORK),
                    heading: false,
                })
                .collect();
            let mut part = Gathering::of(&units);
            for unit in &units {
                part.add(unit);
            }
            scripts.extend(write_units(self.texts, "", "", &units));
            self.add(&part.finish());
        }
        scripts
    }

    /// Calls `each` with every file of the index, in order, the root last.
    pub fn write(self, language: &str, classes: &Classes, mut each: impl FnMut(Script)) {
        let stems = Stems::of(language);
        let mut words: Vec<(Box<str>, Postings)> = self.words.into_iter().collect();
        words.sort_unstable_by(|(a, _), (b, _)| in_order(a, b));
        let families = families(&words, &stems);
        let mut shards: Vec<String> = Vec::new();
        let mut shard = String::new();
        let mut before: &str = "";
        for (index, (word, postings)) in words.iter().enumerate() {
            if shard.is_empty() {
                shards.push(beginning(word, before).to_owned());
            } else {
                shard.push(' ');
            }
            shard.push_str(word);
            for &other in families
                .get(&index)
                .into_iter()
                .flat_map(|family| family.iter())
                .filter(|&&other| other != index)
            {
                shard.push('!');
                relate(&mut shard, word, &words[other].0);
            }
            shard.push('!');
            postings.write(&mut shard, COMMON);
            before = word;
            if shard.len() >= SHARD || index + 1 == words.len() {
                each(script(&format!("words/{}", shards.len() - 1), &shards.len().saturating_sub(1), &shard));
                shard.clear();
            }
        }
        #[derive(Serialize)]
        struct Root<'r> {
            texts: usize,
            units: usize,
            per_file: usize,
            common: usize,
            classes: &'r [String],
            shards: String,
        }
        let root = Root {
            texts: self.texts,
            units: self.units,
            per_file: UNITS,
            common: COMMON,
            classes: &classes.names,
            shards: shards.join(" "),
        };
        each(script("root", &"root", &root));
    }
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
fn relate(out: &mut String, word: &str, other: &str) {
    let same = word.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    write_number(out, u32::try_from(same).unwrap_or(0));
    out.extend(other.chars().skip(same));
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

/// The files that show the units of a text.
fn write_units(number: usize, page: &str, title: &str, units: &[Unit<'_>]) -> Vec<Script> {
    #[derive(Serialize)]
    struct Shown<'s> {
        href: String,
        title: &'s str,
        units: Vec<(&'s str, &'s str, u16, &'s str)>,
    }
    units
        .chunks(UNITS)
        .enumerate()
        .map(|(file, units)| {
            let key = format!("{number}-{file}");
            let of = |unit: &Unit<'_>| match unit.class {
                None => u16::from(unit.heading),
                Some(class) => u16::from(class) + 2,
            };
            let shown = Shown {
                href: relative("", page),
                title,
                units: units
                    .iter()
                    .map(|unit| (unit.fragment.as_str(), unit.words, of(unit), unit.title))
                    .collect(),
            };
            script(&format!("texts/{key}"), &key, &shown)
        })
        .collect()
}

/// A script file that hands a value to the page. JSON is JavaScript, and a file of its own cannot be broken
/// out of.
fn script(name: &str, key: &impl Serialize, value: &impl Serialize) -> Script {
    const WHY: &str = "strings and numbers are JSON";
    let mut bytes = Vec::with_capacity(SHARD + SHARD / 2);
    bytes.extend_from_slice(b"postilSearch(");
    serde_json::to_writer(&mut bytes, key).expect(WHY);
    bytes.push(b',');
    serde_json::to_writer(&mut bytes, value).expect(WHY);
    bytes.extend_from_slice(b");\n");
    Script { path: format!("{FOLDER}/{name}.js"), bytes }
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
mod tests {
    use super::*;

    fn unit<'u>(title: &'u str, words: &'u str, class: Option<u8>) -> Unit<'u> {
        Unit { fragment: "p-1".to_owned(), title, words, class, heading: false }
    }

    fn index(texts: &[&[Unit<'_>]]) -> BTreeMap<String, String> {
        let mut index = Index::default();
        for units in texts {
            let mut part = Gathering::of(units);
            for unit in *units {
                part.add(unit);
            }
            index.add(&part.finish());
        }
        let mut files = BTreeMap::new();
        index.write("en", &Classes { names: Vec::new() }, |script| {
            files.insert(script.path, String::from_utf8(script.bytes).expect("a script is UTF-8"));
        });
        files
    }

    /// The value that a script hands over.
    fn value(script: &str) -> serde_json::Value {
        let inside = script.strip_prefix("postilSearch(").and_then(|rest| rest.strip_suffix(");\n"));
        let array: serde_json::Value =
            serde_json::from_str(&format!("[{}]", inside.expect("one call"))).expect("JSON");
        array[1].clone()
    }

    /// The words related to a word, and its places: text, unit, strong.
    type Found = (Vec<String>, Vec<(u32, u32, bool)>);

    /// What is found of every word of an index.
    fn entries(files: &BTreeMap<String, String>) -> BTreeMap<String, Found> {
        let shards = files.iter().filter(|(path, _)| path.contains("/words/"));
        let mut entries = BTreeMap::new();
        for entry in shards.flat_map(|(_, script)| {
            value(script).as_str().unwrap_or_default().split(' ').map(str::to_owned).collect::<Vec<_>>()
        }) {
            let fields: Vec<&str> = entry.split('!').collect();
            let mut code = fields[fields.len() - 1].bytes();
            let count = postings::read_number(&mut code).expect("a count");
            let places: Vec<(u32, u32, bool)> =
                postings::read(&String::from_utf8(code.collect()).expect("ASCII"))
                    .iter()
                    .flat_map(|(text, hits)| hits.iter().map(|hit| (*text, hit.unit, hit.strong)))
                    .collect();
            assert_eq!(count as usize, places.len());
            let related = fields[1..fields.len() - 1].iter().map(|other| {
                let mut rest = other.bytes();
                let same = postings::read_number(&mut rest).expect("a number");
                let own: String = fields[0].chars().take(same as usize).collect();
                own + std::str::from_utf8(&rest.collect::<Vec<u8>>()).expect("UTF-8")
            });
            entries.insert(fields[0].to_owned(), (related.collect(), places));
        }
        entries
    }

    #[test]
    fn every_word_has_its_places_and_its_relatives() {
        let first =
            [unit("Studies of dose", "one study, 12 doses", Some(3)), unit("", "the study: a study", None)];
        let second = [unit("", "studied by one", None)];
        let entries = entries(&index(&[&first, &second]));
        let places = |word: &str| entries[word].1.clone();
        assert_eq!(places("studies"), [(0, 0, true)]);
        assert_eq!(places("study"), [(0, 0, false), (0, 1, true)]);
        assert_eq!(places("one"), [(0, 0, false), (1, 0, false)]);
        assert_eq!(places("12"), [(0, 0, false)]);
        assert_eq!(entries["study"].0, ["studied", "studies"]);
        assert_eq!(entries["dose"].0, ["doses"]);
        assert!(entries["one"].0.is_empty());
    }

    #[test]
    fn a_word_is_in_the_file_that_the_root_names() {
        let words: Vec<String> =
            (0..6000_u32).map(|n| format!("w{:x}", n.wrapping_mul(2_654_435_761))).collect();
        let text = words.join(" ") + " 𐐨𐐩 \u{10300} ﬀ 漢字";
        let files = index(&[&[unit("", &text, None)]]);
        let root = value(&files["_search/root.js"]);
        let starts: Vec<&str> = root["shards"].as_str().expect("a string").split(' ').collect();
        assert!(starts.len() > 3);
        assert!(files.values().all(|script| script.len() < SHARD + 1000));
        for (number, start) in starts.iter().enumerate() {
            let shard = value(&files[&format!("_search/words/{number}.js")]);
            for entry in shard.as_str().expect("a string").split(' ') {
                let word = entry.split('!').next().unwrap_or_default();
                // As the browser compares.
                let utf16 = |word: &str| word.encode_utf16().collect::<Vec<_>>();
                assert!(utf16(start) <= utf16(word), "{start} {word}");
                assert!(starts.get(number + 1).is_none_or(|next| utf16(word) < utf16(next)), "{word}");
            }
        }
    }

    #[test]
    fn words_are_ordered_as_in_the_browser() {
        let mut words = ["\u{ff66}", "𐐨", "z", "漢", "", "za", "\u{e000}"];
        words.sort_unstable_by(|a, b| in_order(a, b));
        let mut expected = words;
        expected.sort_by_key(|word| word.encode_utf16().collect::<Vec<_>>());
        assert_eq!(words, expected);
    }

    #[test]
    fn no_words_break_out_of_a_file() {
        let words = "\");alert(1);//\n</script><!-- \u{2028} \\\" ${x} `";
        let [script] = write_units(7, "a b/index.html", words, &[unit(words, words, None)])
            .try_into()
            .expect("one file");
        let text = String::from_utf8(script.bytes).expect("UTF-8");
        assert_eq!(text.lines().count(), 1);
        let value = value(&text);
        assert_eq!(value["title"], words);
        assert_eq!(value["units"][0][1], words);
        assert_eq!(value["href"], "a%20b/index.html");
    }

    #[test]
    fn a_long_unit_is_parted_between_words() {
        let words = "word ".repeat(3000);
        let parts: Vec<&str> = pieces(&words).collect();
        assert!(parts.iter().all(|part| part.len() <= LONGEST_UNIT && part.ends_with("word")));
        assert_eq!(parts.join(" "), words.trim());
        let unspaced = "漢".repeat(3000);
        assert_eq!(pieces(&unspaced).collect::<String>(), unspaced);
        assert_eq!(pieces("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn an_entry_is_its_words() {
        assert_eq!(plain("A <i>b</i> &amp; c &lt;d&gt; <a href=\"x\">e</a>"), "A b & c <d> e");
    }
}
