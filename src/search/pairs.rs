//! Pairs of consecutive words with the places in which they occur: a phrase is searched for by its rarest
//! pair.
//!
//! A pair is identified by a 24-bit number. Different pairs can have the same number: the text of a result is
//! checked for the phrase before it is shown, so a collision costs only loading a file in vain, and the words
//! of the pairs do not have to be stored.
//!
//! There are as many pairs as words in all texts. They are divided into shares by the high bits of their
//! numbers. From time to time each share is sorted and encoded as differences, which takes two or three bytes
//! for a pair.

use rayon::prelude::*;

use super::numbers::write_number;
use super::postings::{level, rank};
use super::script::{SHARD, Script, code_script};

/// The number of bits in the number of a pair.
pub(crate) const BITS: u32 = 24;
/// The number of high bits that select the share.
const SHARE_BITS: u32 = 12;
const LOW_BITS: u32 = BITS - SHARE_BITS;
/// The number of bits for a place within a run, after which the pairs are sorted and encoded.
const PLACE_BITS: u32 = 16;
/// The approximate maximum number of places that are kept for a common pair.
const COMMON: usize = 8_000;
/// The approximate number of pairs in one file.
const PAIRS: usize = SHARD * 2 / 5;

/// Hashes a folded word; the same as in `theme/search.js`.
pub(crate) fn hash(word: &str) -> u32 {
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

/// The number of a pair of consecutive words, from their hashes.
pub(crate) fn pair(first: u32, second: u32) -> u32 {
    let mixed = (first.rotate_left(11) ^ second).wrapping_mul(0x85eb_ca6b);
    (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35) >> (32 - BITS)
}

/// The pairs with the same high bits.
#[derive(Debug, Clone, Default)]
struct Share {
    /// The pairs of the current run: the low bits of the number, and the place relative to the start of the
    /// run.
    current: Vec<u32>,
    /// The pairs of earlier runs: for each run its first place and its number of pairs, then the differences.
    runs: Vec<u8>,
}

/// The pairs of all texts, with their places.
#[derive(Debug)]
pub(crate) struct Pairs {
    shares: Vec<Share>,
    /// The first place of the current run.
    first: u32,
    count: usize,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { shares: vec![Share::default(); 1 << SHARE_BITS], first: 0, count: 0 }
    }
}

impl Pairs {
    /// Adds pairs whose places, relative to `first`, come after all earlier ones.
    pub(crate) fn add(&mut self, pairs: &[(u32, u32)], first: u32) {
        self.count += pairs.len();
        for &(pair, place) in pairs {
            let place = first + place;
            if (place - self.first) >> PLACE_BITS != 0 {
                self.end_run(place);
            }
            let low = pair & ((1 << LOW_BITS) - 1);
            self.shares[(pair >> LOW_BITS) as usize].current.push((low << PLACE_BITS) | (place - self.first));
        }
    }

    /// Encodes the current run; the next one begins at `next`.
    fn end_run(&mut self, next: u32) {
        let first = self.first;
        self.shares.par_iter_mut().for_each(|share| share.end_run(first));
        self.first = next;
    }

    /// Encodes the last run.
    pub(crate) fn finish(&mut self) {
        self.end_run(self.first);
        self.shares.iter_mut().for_each(|share| share.current = Vec::new());
    }

    /// The number of high bits of a pair's number that select its file.
    pub(crate) fn file_bits(&self) -> u32 {
        (self.count / PAIRS).checked_ilog2().map_or(0, |bits| (bits + 1).min(BITS - 8))
    }

    /// The number of groups of files.
    pub(crate) fn groups(&self) -> usize {
        1 << self.file_bits().min(SHARE_BITS)
    }

    /// The files of a group.
    pub(crate) fn files(&self, group: usize) -> Vec<Script> {
        let file_bits = self.file_bits();
        let shares = self.shares.len() / self.groups();
        let per_group = 1 << file_bits.saturating_sub(SHARE_BITS);
        let mut files = vec![Vec::new(); per_group];
        let mut before = vec![0; per_group];
        let mut entries: Vec<u64> = Vec::new();
        for share in group * shares..(group + 1) * shares {
            self.entries(share, &mut entries);
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

    /// Decodes the pairs of a share with their places, sorted and without duplicates.
    fn entries(&self, share: usize, entries: &mut Vec<u64>) {
        entries.clear();
        let high = (share as u64) << LOW_BITS;
        let mut rest = self.shares[share].runs.iter().copied();
        while let (Some(first), Some(count)) = (read_bytes(&mut rest), read_bytes(&mut rest)) {
            let mut code = 0;
            entries.extend((0..count).map_while(|_| {
                code += read_bytes(&mut rest)?;
                let place = first + (code & ((1 << PLACE_BITS) - 1));
                Some(((high | u64::from(code >> PLACE_BITS)) << 32) | u64::from(place))
            }));
        }
        // The entries are already sorted within each run, which a stable sort takes advantage of.
        entries.sort();
    }
}

impl Share {
    fn end_run(&mut self, first: u32) {
        let Self { current, runs } = self;
        if current.is_empty() {
            return;
        }
        current.sort_unstable();
        current.dedup();
        if runs.capacity() - runs.len() < current.len() * 2 {
            // Doubling the capacity would waste too much memory.
            runs.reserve_exact(runs.len() / 4 + current.len() * 3);
        }
        write_bytes(runs, first);
        write_bytes(runs, current.len() as u32);
        let mut before = 0;
        for code in current.drain(..) {
            write_bytes(runs, code - before);
            before = code;
        }
    }
}

/// Appends a number in groups of seven bits, the least significant first.
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

/// Appends a pair: the difference of its number to the previous one, and whether only some of its places are
/// kept. If so, the minimum rank of the kept places follows. Then comes the difference of each place to the
/// previous one.
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
