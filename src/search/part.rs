//! The words of one page with their places in it, gathered for the index.

use hashbrown::HashTable;

use super::Unit;
use super::pairs::{hash, pair};
use super::postings::Hit;
use super::snippets::Shown;
use super::words::each_word;

/// What the index needs of one page.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Its words, each once and in the order they first stood there, one after another.
    words: String,
    found: Vec<Found>,
    /// The code of all but the first hits of each word.
    code: Vec<u8>,
    /// Words that follow each other, and where.
    pub pairs: Vec<(u32, u32)>,
    /// How its places are shown.
    pub shown: Shown,
    /// How many places it has.
    pub units: u32,
}

/// A word of a page; places are counted from the page's first.
#[derive(Debug, Clone)]
struct Found {
    hash: u32,
    /// Where it ends in `words`.
    end: u32,
    count: u32,
    first: Hit,
    last: u32,
    /// Where its hits end in `code`.
    code_end: u32,
}

/// A word of a page as the index takes it.
#[derive(Debug)]
pub struct Word<'p> {
    /// The word.
    pub word: &'p str,
    /// Its hash.
    pub hash: u32,
    /// In how many places it stands.
    pub count: u32,
    /// The first of them.
    pub first: Hit,
    /// The code of the others.
    pub others: &'p [u8],
    /// The last.
    pub last: u32,
}

impl Part {
    /// The part of a page; `key` is a word that stands in its first place and in its last.
    pub fn of(page: &str, title: &str, units: &[Unit<'_>], key: Option<&str>) -> Self {
        let mut gathering = Gathering::new(units);
        if let Some(key) = key {
            gathering.hit(key, 0);
        }
        for unit in units {
            gathering.add(unit);
        }
        if let Some(key) = key {
            gathering.hit(key, gathering.units.saturating_sub(1) << 1);
        }
        gathering.finish(units, Shown::of(page, title, units))
    }

    /// Its words.
    pub fn words(&self) -> impl Iterator<Item = Word<'_>> {
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

/// A word on the way.
#[derive(Debug)]
struct Seen {
    hash: u32,
    /// Where it begins and ends in `words`.
    start: u32,
    end: u32,
    count: u32,
    /// Its last hit.
    last: u32,
}

/// Gathers words.
#[derive(Debug)]
struct Gathering {
    numbers: HashTable<u32>,
    words: String,
    seen: Vec<Seen>,
    /// The number of a word, and twice the place, one more if the hit is strong.
    hits: Vec<(u32, u32)>,
    pairs: Vec<(u32, u32)>,
    units: u32,
}

/// What a table looks at, out of 32 bits.
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Gathering {
    /// Room for the words of these units.
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

    /// Adds a hit of a word; gives the word's hash.
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

    /// Puts the hits in order of their words; those of one word stay in order.
    fn finish(self, units: &[Unit<'_>], shown: Shown) -> Part {
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
        Part { words: self.words, found, code, pairs: self.pairs, shown, units: self.units }
    }
}
