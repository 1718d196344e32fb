//! Words that follow each other, and in which places: a phrase is found by its rarest pair.
//!
//! A pair is a number of [`BITS`] bits. Two pairs may have one number: what a phrase leads to is read before it is
//! shown, so that costs a page that reads it in vain, and the words of the pairs need not be kept.
//!
//! There are as many pairs as words in all texts. Four bytes are kept of each, in parts by the first bits of its
//! number, which are put in order one by one when all are known.

use super::numbers::write_number;
use super::postings::{level, rank};
use super::{SHARD, Script, script};

/// How many bits the number of a pair has.
pub const BITS: u32 = 24;
/// The first of them tell the part.
const PART_BITS: u32 = 12;
const LOW_BITS: u32 = BITS - PART_BITS;
/// Of the places of a block so many bits are kept.
const PLACE_BITS: u32 = 32 - LOW_BITS;
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

/// Places in a row that are counted from the first of them.
#[derive(Debug)]
struct Block {
    first: u32,
    /// Where it begins in each part.
    starts: Vec<u32>,
}

/// The pairs of all texts, with their places.
#[derive(Debug)]
pub struct Pairs {
    parts: Vec<Vec<u32>>,
    blocks: Vec<Block>,
    count: usize,
}

impl Default for Pairs {
    fn default() -> Self {
        let parts = vec![Vec::new(); 1 << PART_BITS];
        let starts = vec![0; parts.len()];
        Self { parts, blocks: vec![Block { first: 0, starts }], count: 0 }
    }
}

impl Pairs {
    /// Adds pairs whose places, counted from `first`, come after all before.
    pub fn add(&mut self, pairs: &[(u32, u32)], first: u32) {
        self.count += pairs.len();
        let mut block = self.blocks.last().map_or(0, |block| block.first);
        for &(pair, place) in pairs {
            let place = first + place;
            if (place - block) >> PLACE_BITS != 0 {
                block = place;
                let starts = self.parts.iter().map(|part| part.len() as u32).collect();
                self.blocks.push(Block { first: block, starts });
            }
            let low = pair & ((1 << LOW_BITS) - 1);
            let part = &mut self.parts[(pair >> LOW_BITS) as usize];
            if part.len() == part.capacity() {
                // Twice as much room would be too much of it.
                part.reserve_exact(part.len() / 4 + 64);
            }
            part.push((low << PLACE_BITS) | (place - block));
        }
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
        let text = |bytes| String::from_utf8(bytes).unwrap_or_default();
        files
            .into_iter()
            .enumerate()
            .map(|(at, bytes)| {
                script(&format!("pairs/{}", number(at)), &format!("p{}", number(at)), &text(bytes))
            })
            .collect()
    }

    /// The pairs of a part with their places, in order, each once.
    fn entries(&self, part: usize, entries: &mut Vec<u64>) {
        entries.clear();
        let codes = &self.parts[part];
        for (at, block) in self.blocks.iter().enumerate() {
            let end = self.blocks.get(at + 1).map_or(codes.len(), |next| next.starts[part] as usize);
            let high = (part as u64) << LOW_BITS;
            entries.extend(codes[block.starts[part] as usize..end].iter().map(|&code| {
                let pair = high | u64::from(code >> PLACE_BITS);
                (pair << 32) | u64::from(block.first + (code & ((1 << PLACE_BITS) - 1)))
            }));
        }
        entries.sort_unstable();
        entries.dedup();
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
