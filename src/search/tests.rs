//! Tests that every indexed word is found in the files of the index, with its places.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::numbers::read_number;
use super::pairs::{BITS, hash, pair};
use super::words::{MAX_LEN, each_word, fold, is_accent, is_invisible, is_unspaced};
use super::*;

fn unit<'u>(title: &'u str, words: &'u str, class: Option<u8>) -> Unit<'u> {
    Unit { fragment: "p-1".to_owned(), title, words, class, heading: false }
}

type Files = BTreeMap<String, String>;

fn index(pages: &[&[Unit<'_>]]) -> Files {
    let mut index = Index::default();
    let mut scripts = Vec::new();
    for units in pages {
        scripts.extend(index.add(&TextIndex::of("a b/index.html", "A", units, None)));
    }
    let (rest, pairs) = index.finish("en", &Classes::of([]));
    scripts.extend(rest);
    scripts.extend((0..pairs.groups()).flat_map(|group| pairs.files(group)));
    let text = |bytes| String::from_utf8(bytes).expect("a script is UTF-8");
    scripts.into_iter().map(|script| (script.path, text(script.bytes))).collect()
}

/// The value that a script passes to the page.
fn value(script: &str) -> serde_json::Value {
    let inside = script.strip_prefix("postilSearch(").and_then(|rest| rest.strip_suffix(");\n"));
    let array: serde_json::Value =
        serde_json::from_str(&format!("[{}]", inside.expect("one call"))).expect("JSON");
    array[1].clone()
}

/// The words with the same stem as a word, and its places, each with whether the hit is strong.
type Found = (Vec<String>, Vec<(u32, bool)>);

/// The entry of every word.
fn entries(files: &Files) -> BTreeMap<String, Found> {
    let shards = files.iter().filter(|(path, _)| path.contains("/words/"));
    let mut entries = BTreeMap::new();
    for entry in shards.flat_map(|(_, script)| {
        value(script).as_str().unwrap_or_default().split(' ').map(str::to_owned).collect::<Vec<_>>()
    }) {
        let fields: Vec<&str> = entry.split('!').collect();
        let mut code = fields[fields.len() - 1].bytes();
        let count = read_number(&mut code).expect("a count");
        assert_eq!(read_number(&mut code), Some(0));
        let rest: Vec<u8> = code.collect();
        let places: Vec<(u32, bool)> = postings::read(&rest).map(|hit| (hit.place, hit.strong)).collect();
        assert_eq!(count as usize, places.len());
        let related = fields[1..fields.len() - 1].iter().map(|other| {
            let mut rest = other.bytes();
            let same = read_number(&mut rest).expect("a number");
            let own: String = fields[0].chars().take(same as usize).collect();
            own + std::str::from_utf8(&rest.collect::<Vec<u8>>()).expect("UTF-8")
        });
        entries.insert(fields[0].to_owned(), (related.collect(), places));
    }
    entries
}

/// The places of each pair, by its number.
fn pairs(files: &Files) -> BTreeMap<u32, Vec<u32>> {
    let bits = value(&files["_search/root.js"])["pair_bits"].as_u64().expect("a number");
    let mut found = BTreeMap::new();
    for (path, script) in files.iter().filter(|(path, _)| path.contains("/pairs/")) {
        let number = path.trim_start_matches("_search/pairs/").trim_end_matches(".js");
        let mut pair = 0;
        for entry in value(script).as_str().expect("a string").split(' ').filter(|entry| !entry.is_empty()) {
            let mut code = entry.bytes();
            let head = read_number(&mut code).expect("a pair");
            pair += head >> 1;
            assert_eq!(head & 1, 0, "nothing is cut");
            assert_eq!(u64::from(pair) << bits >> BITS, number.parse::<u64>().expect("a number"));
            let mut place = 0;
            let places = std::iter::from_fn(|| {
                place += read_number(&mut code)?;
                Some(place)
            });
            assert!(found.insert(pair, places.collect()).is_none());
        }
    }
    found
}

/// The text and the title of each place, as shown in results.
fn shown(files: &Files) -> Vec<(String, String)> {
    let number = |path: &str| path.rsplit('/').next()?.trim_end_matches(".js").parse::<usize>().ok();
    let mut by_number: Vec<(usize, &String)> = files
        .iter()
        .filter(|(path, _)| path.contains("/places/"))
        .filter_map(|(path, script)| Some((number(path)?, script)))
        .collect();
    by_number.sort_unstable();
    let mut all = Vec::new();
    for (_, script) in by_number {
        for stretch in value(script).as_array().expect("stretches") {
            for unit in stretch[4].as_array().expect("units") {
                let text = |at: usize| unit[at].as_str().expect("a string").to_owned();
                all.push((text(3), text(1)));
            }
        }
    }
    all
}

#[test]
fn every_word_has_its_places_and_related_words() {
    let first =
        [unit("Studies of dose", "one study, 12 doses", Some(3)), unit("", "the study: a study", None)];
    let second = [unit("", "studied by one", None)];
    let entries = entries(&index(&[&first, &second]));
    let places = |word: &str| entries[word].1.clone();
    assert_eq!(places("studies"), [(0, true)]);
    assert_eq!(places("study"), [(0, false), (1, true)]);
    assert_eq!(places("one"), [(0, false), (2, false)]);
    assert_eq!(places("12"), [(0, false)]);
    assert_eq!(entries["study"].0, ["studied", "studies"]);
    assert_eq!(entries["dose"].0, ["doses"]);
    assert!(entries["one"].0.is_empty());
}

/// A small set of words, so that they repeat, in many scripts.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-d]{1,2}",
        1 => "[A-Z][a-zäöüéß]{0,8}",
        1 => "\\PC{1,6}",
        1 => "[一-龯ぁ-んก-ฮ]{1,5}",
        1 => "[0-9]{1,4}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(word(), 0..30).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn every_word_and_pair_is_found_in_its_places(
        texts in proptest::collection::vec(proptest::collection::vec((text(), text()), 0..30), 0..4),
    ) {
        let pages: Vec<Vec<Unit<'_>>> = texts
            .iter()
            .map(|units| units.iter().map(|(title, words)| unit(title, words, Some(1))).collect())
            .collect();
        let files = index(&pages.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let shown = shown(&files);
        let written: Vec<(String, String)> = texts.concat();
        prop_assert_eq!(&shown, &written);

        let mut words: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        let mut follow: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (place, (title, body)) in (0..).zip(&written) {
            for text in [title, body] {
                let mut before: Option<String> = None;
                each_word(text, &mut |word| {
                    words.entry(word.to_owned()).or_default().insert(place);
                    if let Some(before) = &before {
                        follow.entry(pair(hash(before), hash(word))).or_default().insert(place);
                    }
                    before = Some(word.to_owned());
                });
            }
        }
        let found: BTreeMap<String, BTreeSet<u32>> = entries(&files)
            .into_iter()
            .map(|(word, (_, places))| (word, places.into_iter().map(|(place, _)| place).collect()))
            .collect();
        prop_assert_eq!(found, words);
        let found: BTreeMap<u32, BTreeSet<u32>> =
            pairs(&files).into_iter().map(|(pair, places)| (pair, places.into_iter().collect())).collect();
        prop_assert_eq!(found, follow);
    }
}

#[test]
fn pairs_are_found_in_many_files_and_runs() {
    let mut pairs = Pairs::default();
    let number = |n: u32| n.wrapping_mul(2_654_435_761) >> (32 - BITS);
    // A page after many places, and one with more places than a run holds.
    for first in [0, 5_000_000] {
        let page: Vec<(u32, u32)> = (0..200_000).map(|n| (number(n), n * 11)).collect();
        pairs.add(&page, first);
    }
    pairs.finish();
    assert!(pairs.file_bits() > 3);
    let mut found = 0;
    for (file, script) in (0..pairs.groups()).flat_map(|group| pairs.files(group)).enumerate() {
        let text = String::from_utf8(script.bytes).expect("UTF-8");
        assert_eq!(script.path, format!("_search/pairs/{file}.js"));
        let mut pair = 0;
        for entry in value(&text).as_str().expect("a string").split(' ') {
            let mut code = entry.bytes();
            pair += read_number(&mut code).expect("a pair") >> 1;
            let mut place = 0;
            while let Some(distance) = read_number(&mut code) {
                place += distance;
                let n = if place >= 5_000_000 { place - 5_000_000 } else { place } / 11;
                assert_eq!(number(n), pair, "{place}");
                found += 1;
            }
        }
    }
    assert_eq!(found, 400_000);
}

#[test]
fn of_a_common_pair_high_ranked_places_are_kept() {
    let mut pairs = Pairs::default();
    pairs.add(&(0..20_000).map(|place| (7, place)).collect::<Vec<_>>(), 0);
    pairs.finish();
    let text = String::from_utf8(pairs.files(0).remove(0).bytes).expect("UTF-8");
    let entry = value(&text);
    let mut code = entry.as_str().expect("a string").bytes();
    assert_eq!(read_number(&mut code), Some(15));
    let level = read_number(&mut code).expect("a level");
    let mut place = 0;
    let mut kept = Vec::new();
    while let Some(distance) = read_number(&mut code) {
        place += distance;
        kept.push(place);
    }
    assert!((4_000..=8_000).contains(&kept.len()));
    assert_eq!(kept, (0..20_000).filter(|&place| postings::rank(place) >= level).collect::<Vec<_>>());
}

#[test]
fn a_word_is_in_the_file_that_the_root_states() {
    let words: Vec<String> = (0..6000_u32).map(|n| format!("w{:x}", n.wrapping_mul(2_654_435_761))).collect();
    let text = words.join(" ") + " 𐐨𐐩 \u{10300} ﬀ 漢字";
    let files = index(&[&[unit("", &text, None)]]);
    let root = value(&files["_search/root.js"]);
    let starts: Vec<&str> = root["words"].as_str().expect("a string").split(' ').collect();
    assert!(starts.len() > 3);
    let shards = files.iter().filter(|(path, _)| path.contains("/words/"));
    assert!(shards.clone().all(|(_, script)| script.len() < SHARD + 1000));
    for (number, start) in starts.iter().enumerate() {
        let shard = value(&files[&format!("_search/words/{number}.js")]);
        for entry in shard.as_str().expect("a string").split(' ') {
            let word = entry.split('!').next().unwrap_or_default();
            // The same comparison as in the browser.
            let utf16 = |word: &str| word.encode_utf16().collect::<Vec<_>>();
            assert!(utf16(start) <= utf16(word), "{start} {word}");
            assert!(starts.get(number + 1).is_none_or(|next| utf16(word) < utf16(next)), "{word}");
        }
    }
}

#[test]
fn words_are_ordered_as_in_the_browser() {
    let mut words = ["\u{ff66}", "𐐨", "z", "漢", "", "za", "\u{e000}"];
    words.sort_unstable_by(|a, b| utf16_order(a, b));
    let mut expected = words;
    expected.sort_by_key(|word| word.encode_utf16().collect::<Vec<_>>());
    assert_eq!(words, expected);
}

#[test]
fn text_cannot_end_the_script() {
    let words = "\");alert(1);//\n</script><!-- \u{2028} \\\" ${x} `";
    let files = index(&[&[unit(words, words, None)]]);
    assert!(files.values().all(|script| script.lines().count() == 1));
    assert_eq!(shown(&files), [(words.to_owned(), words.to_owned())]);
    assert_eq!(value(&files["_search/places/0/0.js"])[0][0], "a%20b/index.html");
}

#[test]
fn a_long_unit_is_split_between_words() {
    let words = "word ".repeat(3000);
    let parts: Vec<&str> = pieces(&words).collect();
    assert!(parts.iter().all(|part| part.len() <= MAX_UNIT_LEN && part.ends_with("word")));
    assert_eq!(parts.join(" "), words.trim());
    let unspaced = "漢".repeat(3000);
    assert_eq!(pieces(&unspaced).collect::<String>(), unspaced);
    assert_eq!(pieces("").collect::<Vec<_>>(), [""]);
}

#[test]
fn plain_returns_the_text_of_an_entry() {
    assert_eq!(plain("A <i>b</i> &amp; c &lt;d&gt; <a href=\"x\">e</a>"), "A b & c <d> e");
}

/// What the indexer and `theme/search.js` have to do in the same way.
#[derive(Deserialize)]
struct Shared {
    limits: BTreeMap<String, usize>,
    classes: Vec<String>,
    unspaced: Vec<String>,
    accents: Vec<String>,
    invisible: Vec<String>,
    letters: BTreeMap<char, String>,
    numbers: BTreeMap<u32, String>,
    ranks: BTreeMap<u32, u32>,
    hashes: BTreeMap<String, u32>,
    pairs: Vec<(String, String, u32)>,
}

fn shared() -> Shared {
    serde_json::from_str(include_str!("../../tests/search/index.json")).expect("the file has these fields")
}

/// All characters that `test` accepts, as ranges of hexadecimal numbers.
fn ranges(test: impl Fn(char) -> bool) -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for code in ('\0'..=char::MAX).filter(|&c| test(c)).map(u32::from) {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == code => *end = code,
            _ => ranges.push((code, code)),
        }
    }
    ranges.iter().map(|(start, end)| format!("{start:x}-{end:x}")).collect()
}

/// The same file is read by `tests/browser/search-index.test.mjs`.
#[test]
fn limits_and_ranges_are_those_of_the_browser() {
    let Shared { limits, classes, unspaced, accents, invisible, .. } = shared();
    assert_eq!(limits["word_length"], MAX_LEN);
    assert_eq!(limits["files_per_folder"], snippets::FILES);
    assert_eq!(limits["pair_bits"], BITS as usize);
    assert_eq!(Classes::of([]).names, classes);
    assert_eq!([PREFACE, WORK, PAGE], [0, 1, 2]);
    assert_eq!(ranges(is_unspaced), unspaced);
    assert_eq!(ranges(is_accent), accents);
    assert_eq!(ranges(is_invisible), invisible);
}

#[test]
fn the_same_letters_are_replaced_as_in_the_browser() {
    let letters = shared().letters;
    let replaced = |c: char| letters.get(&c).cloned().unwrap_or_else(|| c.to_string());
    for c in ('\0'..=char::MAX).filter(|c| c.is_alphanumeric()) {
        let kept = c.nfkd().filter(|&c| (c.is_alphanumeric() || is_combining_mark(c)) && !is_accent(c));
        let lower = kept.flat_map(char::to_lowercase).filter(|&c| !is_accent(c));
        let expected: String = lower.map(replaced).collect::<String>().nfc().collect();
        assert_eq!(fold(&c.to_string()), expected, "{c}");
    }
}

#[test]
fn numbers_ranks_and_pairs_are_those_of_the_browser() {
    let Shared { numbers, ranks, hashes, pairs, .. } = shared();
    for (number, code) in numbers {
        let mut written = Vec::new();
        numbers::write_number(&mut written, number);
        assert_eq!(written, code.as_bytes(), "{number}");
    }
    for (place, rank) in ranks {
        assert_eq!(postings::rank(place), rank, "{place}");
    }
    for (word, value) in hashes {
        assert_eq!(hash(&word), value, "{word}");
    }
    for (first, second, number) in pairs {
        assert_eq!(pair(hash(&first), hash(&second)), number, "{first} {second}");
    }
}
