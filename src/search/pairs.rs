//! Words that follow each other, and in which places: a phrase is found by its rarest pair.
//!
//! A pair is a number of 24 bits. Two pairs may have one number: what a phrase leads to is read before it is
//! shown, so that costs a page that reads it in vain, and the words of the pairs need not be kept.
//!
//! There are as many pairs as words in all texts. They are kept in parts by the first bits of their numbers, each put
//! in order now and then and written as distances, two or three bytes for a pair.

use rayon::prelude::*;

use super::numbers::write_number;
use super::postings::{level, rank};
use super::{SHARD, Script, code_script};

/// How many bits the number of a pair has.
pub const BITS: u32 = 24;
/// The first of them tell the part.
const PART_BITS: u32 = 12;
const LOW_BITS: u32 = BITS - PART_BITS;
/// So many bits tell a place in a run of places, after which the pairs are put in order.
const PLACE_BITS: u32 = 16;
/// A pair that stands in more places is common: about so many are kept.
const COMMON: usize = 8_000;
/// About how many pairs stand in one file.
const PAIRS: usize = SHARD * 2 / 5;

/// A folded word as a number, the same in `theme/search.js`.
pub fn hash(word: &str) -> u32 {
    let mix = |hash: u32, four: u32| {
        let hash = (hash ^ four).wrapping_mul(0x9e37_79b1);
        hash ^ (hash >> 15)
    };
    let bytes = word.as_bytes();
    let (fours, rest) = bytes.as_chunks::<4>();
    let hash = fours.iter().fold(bytes.len() as u32, |hash, four| mix(hash, u32::from_le_bytes(*four)));
    if rest.is_empty() {
        return hash;
    }
    mix(hash, rest.iter().rev().fold(0, |four, byte| (four << 8) | u32::from(*byte)))
}

/// The number of two words, by their hashes, that follow each other.
pub fn pair(first: u32, second: u32) -> u32 {
    let mixed = (first.rotate_left(11) ^ second).wrapping_mul(0x85eb_ca6b);
    (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35) >> (32 - BITS)
}

/// The pairs of some numbers.
#[derive(Debug, Clone, Default)]
struct Share {
    /// Those of this run: the last bits of the number, then the place from the run's first.
    fresh: Vec<u32>,
    /// Those of the runs before: of each run where it begins and how many there are, then their distances.
    runs: Vec<u8>,
}

/// The pairs of all texts, with their places.
#[derive(Debug)]
pub struct Pairs {
    parts: Vec<Share>,
    /// The first place of this run.
    first: u32,
    count: usize,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { parts: vec![Share::default(); 1 << PART_BITS], first: 0, count: 0 }
    }
}

impl Pairs {
    /// Adds pairs whose places, counted from `first`, come after all before.
    pub fn add(&mut self, pairs: &[(u32, u32)], first: u32) {
        self.count += pairs.len();
        for &(pair, place) in pairs {
            let place = first + place;
            if (place - self.first) >> PLACE_BITS != 0 {
                self.settle(place);
            }
            let low = pair & ((1 << LOW_BITS) - 1);
            self.parts[(pair >> LOW_BITS) as usize].fresh.push((low << PLACE_BITS) | (place - self.first));
        }
    }

    /// Puts this run in order; the next begins at `next`.
    fn settle(&mut self, next: u32) {
        let first = self.first;
        self.parts.par_iter_mut().for_each(|part| part.settle(first));
        self.first = next;
    }

    /// Puts the last run in order.
    pub fn finish(&mut self) {
        self.settle(self.first);
        self.parts.iter_mut().for_each(|part| part.fresh = Vec::new());
    }

    /// How many of the first bits of a pair's number tell its file.
    pub fn file_bits(&self) -> u32 {
        (self.count / PAIRS).checked_ilog2().map_or(0, |bits| (bits + 1).min(BITS - 8))
    }

    /// How many groups of files there are.
    pub fn groups(&self) -> usize {
        1 << self.file_bits().min(PART_BITS)
    }

    /// The files of a group.
    pub fn files(&self, group: usize) -> Vec<Script> {
        let file_bits = self.file_bits();
        let parts = self.parts.len() / self.groups();
        let per_group = 1 << file_bits.saturating_sub(PART_BITS);
        let mut files = vec![Vec::new(); per_group];
        let mut before = vec![0; per_group];
        let mut entries: Vec<u64> = Vec::new();
        for part in group * parts..(group + 1) * parts {
            self.entries(part, &mut entries);
            for same in entries.chunk_by(|a, b| a >> 32 == b >> 32) {
                let pair = (same[0] >> 32) as u32;
                let file = (u64::from(pair) << file_bits >> BITS) as usize - group * per_group;
                let out = &mut files[file];
                if !out.is_empty() {
                    out.push(b' ');
                }
                write_pair(out, pair - before[file], same);
                before[file] = pair;
            }
        }
        let number = |at: usize| group * per_group + at;
        files
            .iter()
            .enumerate()
            .map(|(at, code)| {
                code_script(&format!("pairs/{}", number(at)), &format!("p{}", number(at)), code)
            })
            .collect()
    }

    /// The pairs of a part with their places, in order, each once.
    fn entries(&self, part: usize, entries: &mut Vec<u64>) {
        entries.clear();
        let high = (part as u64) << LOW_BITS;
        let mut rest = self.parts[part].runs.iter().copied();
        while let (Some(first), Some(count)) = (read_bytes(&mut rest), read_bytes(&mut rest)) {
            let mut code = 0;
            entries.extend((0..count).map_while(|_| {
                code += read_bytes(&mut rest)?;
                let place = first + (code & ((1 << PLACE_BITS) - 1));
                Some(((high | u64::from(code >> PLACE_BITS)) << 32) | u64::from(place))
            }));
        }
        // It is in order but for the runs, which a stable sort makes use of.
        entries.sort();
    }
}

impl Share {
    fn settle(&mut self, first: u32) {
        let Self { fresh, runs } = self;
        if fresh.is_empty() {
            return;
        }
        fresh.sort_unstable();
        fresh.dedup();
        if runs.capacity() - runs.len() < fresh.len() * 2 {
            // Twice as much room would be too much of it.
            runs.reserve_exact(runs.len() / 4 + fresh.len() * 3);
        }
        write_bytes(runs, first);
        write_bytes(runs, fresh.len() as u32);
        let mut before = 0;
        for code in fresh.drain(..) {
            write_bytes(runs, code - before);
            before = code;
        }
    }
}

/// A number in bytes of seven bits, the least first.
fn write_bytes(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_bytes(rest: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = rest.next()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

/// A pair: how far its number is from the one before, and whether its places are a part of many; then, if they are,
/// from which rank on; and the distance of each place from the one before.
fn write_pair(out: &mut Vec<u8>, distance: u32, places: &[u64]) {
    let place = |entry: u64| entry as u32;
    let cut = places.len() > COMMON;
    write_number(out, (distance << 1) | u32::from(cut));
    let mut from = 0;
    if cut {
        let mut of_rank = [0; 33];
        for &entry in places {
            of_rank[rank(place(entry)) as usize] += 1;
        }
        from = level(&of_rank, COMMON);
        write_number(out, from);
    }
    let mut before = 0;
    for place in places.iter().map(|&entry| place(entry)).filter(|&place| from == 0 || rank(place) >= from) {
        write_number(out, place - before);
        before = place;
    }
}
