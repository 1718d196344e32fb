//! Collects the words of one page with their places, for the index.

use hashbrown::HashTable;

use super::pairs::{hash, pair};
use super::postings::Hit;
use super::snippets::Snippets;
use super::unit::Unit;
use super::words::each_word;

/// The index of one page.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextIndex {
    /// Its distinct words in order of first occurrence, concatenated.
    words: String,
    found: Vec<Found>,
    /// The encoded hits of each word, except the first.
    code: Vec<u8>,
    /// The pairs of consecutive words, with their places.
    pub pairs: Vec<(u32, u32)>,
    /// The text for search results.
    pub snippets: Snippets,
    /// The number of its places.
    pub units: u32,
}

/// A word of a page; places are relative to the page's first.
#[derive(Debug, Clone)]
struct Found {
    hash: u32,
    /// The end of the word in `words`.
    end: u32,
    count: u32,
    first: Hit,
    last: u32,
    /// The end of its hits in `code`.
    code_end: u32,
}

/// A word of a page, for merging into the index.
#[derive(Debug)]
pub(crate) struct Word<'p> {
    /// The word.
    pub word: &'p str,
    /// Its hash.
    pub hash: u32,
    /// The number of places in which it occurs.
    pub count: u32,
    /// The first hit.
    pub first: Hit,
    /// The encoded other hits.
    pub others: &'p [u8],
    /// The last place.
    pub last: u32,
}

impl TextIndex {
    /// Indexes a page; `key` is an extra word that is added to its first and its last place.
    pub(crate) fn of(page: &str, title: &str, units: &[Unit<'_>], key: Option<&str>) -> Self {
        let mut collector = Collector::new(units);
        if let Some(key) = key {
            collector.hit(key, 0);
        }
        for unit in units {
            collector.add(unit);
        }
        if let Some(key) = key {
            collector.hit(key, collector.units.saturating_sub(1) << 1);
        }
        collector.finish(units, Snippets::of(page, title, units))
    }

    /// Its words.
    pub(crate) fn words(&self) -> impl Iterator<Item = Word<'_>> {
        let (mut word_start, mut code_start) = (0, 0);
        self.found.iter().map(move |found| {
            let (word_end, code_end) = (found.end as usize, found.code_end as usize);
            let word = Word {
                word: &self.words[word_start..word_end],
                hash: found.hash,
                count: found.count,
                first: found.first,
                others: &self.code[code_start..code_end],
                last: found.last,
            };
            (word_start, code_start) = (word_end, code_end);
            word
        })
    }
}

/// A word while the page is being indexed.
#[derive(Debug)]
struct Seen {
    hash: u32,
    /// The start and the end of the word in `words`.
    start: u32,
    end: u32,
    count: u32,
    /// The index of its last hit.
    last: u32,
}

/// Collects the words of a page.
#[derive(Debug)]
struct Collector {
    numbers: HashTable<u32>,
    words: String,
    seen: Vec<Seen>,
    /// The number of a word, and the place times two, plus one if the hit is strong.
    hits: Vec<(u32, u32)>,
    pairs: Vec<(u32, u32)>,
    units: u32,
}

/// Spreads a 32-bit hash over 64 bits, because the hash table uses the high bits.
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Collector {
    /// A collector with capacity for the words of these units.
    fn new(units: &[Unit<'_>]) -> Self {
        let length: usize = units.iter().map(|unit| unit.title.len() + unit.words.len()).sum();
        Self {
            numbers: HashTable::with_capacity(length / 24),
            words: String::with_capacity(length / 4),
            seen: Vec::with_capacity(length / 24),
            hits: Vec::with_capacity(length / 6),
            pairs: Vec::with_capacity(length / 6),
            units: 0,
        }
    }

    fn add(&mut self, unit: &Unit<'_>) {
        let weak = self.units << 1;
        self.add_words(unit.title, weak | 1);
        self.add_words(unit.words, weak | u32::from(unit.heading));
        self.units += 1;
    }

    fn add_words(&mut self, text: &str, hit: u32) {
        let mut before = None;
        each_word(text, &mut |word| {
            let now = self.hit(word, hit);
            if let Some(before) = before {
                self.pairs.push((pair(before, now), hit >> 1));
            }
            before = Some(now);
        });
    }

    /// Adds a hit of a word, and returns the word's hash.
    fn hit(&mut self, word: &str, hit: u32) -> u32 {
        let hash = hash(word);
        let Self { numbers, words, seen, hits, .. } = self;
        let same = |&number: &u32| {
            let seen = &seen[number as usize];
            seen.hash == hash && &words.as_bytes()[seen.start as usize..seen.end as usize] == word.as_bytes()
        };
        let at = hits.len() as u32;
        if let Some(&number) = numbers.find(spread(hash), same) {
            let seen = &mut seen[number as usize];
            let before = &mut hits[seen.last as usize].1;
            if *before >> 1 == hit >> 1 {
                *before |= 1;
            } else {
                seen.last = at;
                seen.count += 1;
                hits.push((number, hit));
            }
            return hash;
        }
        let number = seen.len() as u32;
        let start = words.len() as u32;
        words.push_str(word);
        seen.push(Seen { hash, start, end: words.len() as u32, count: 1, last: at });
        hits.push((number, hit));
        let seen = &*seen;
        numbers.insert_unique(spread(hash), number, |&number| spread(seen[number as usize].hash));
        hash
    }

    /// Sorts the hits by word; the hits of a word stay in order.
    fn finish(self, units: &[Unit<'_>], snippets: Snippets) -> TextIndex {
        let mut next = Vec::with_capacity(self.seen.len());
        let mut sum = 0;
        for seen in &self.seen {
            next.push(sum);
            sum += seen.count;
        }
        let mut sorted = vec![0; self.hits.len()];
        for (number, hit) in self.hits {
            let at = &mut next[number as usize];
            sorted[*at as usize] = hit;
            *at += 1;
        }
        let hit_of = |hit: u32| Hit {
            place: hit >> 1,
            strong: hit & 1 != 0,
            class: units.get((hit >> 1) as usize).and_then(|unit| unit.class),
        };
        let mut code = Vec::with_capacity(sorted.len() * 2);
        let mut start = 0;
        let found = self.seen.iter().zip(next).map(|(seen, end)| {
            let hits = &sorted[start..end as usize];
            start = end as usize;
            let first = hit_of(hits[0]);
            let mut last = first.place;
            for &hit in &hits[1..] {
                hit_of(hit).write(last, &mut code);
                last = hit >> 1;
            }
            Found {
                hash: seen.hash,
                end: seen.end,
                count: seen.count,
                first,
                last,
                code_end: code.len() as u32,
            }
        });
        let found = found.collect();
        TextIndex { words: self.words, found, code, pairs: self.pairs, snippets, units: self.units }
    }
}
