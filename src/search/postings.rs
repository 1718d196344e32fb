//! The places of a word, encoded as they are used in a search.
//!
//! Each is encoded as `distance * 4 + strong * 2 + classed`, followed by its class if it has one. `distance`
//! is the difference to the previous place, or to 0 for the first.

use super::numbers::{read_number, write_number};

/// A place in which a word occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The number of the place.
    pub place: u32,
    /// Whether the word is in a title or heading, or occurs there more than once.
    pub strong: bool,
    /// The class of the place; `None` for the words of a text.
    pub class: Option<u8>,
}

impl Hit {
    /// Encodes the hit, which comes after the place `before`.
    pub(crate) fn write(self, before: u32, out: &mut Vec<u8>) {
        let flags = (u32::from(self.strong) << 1) | u32::from(self.class.is_some());
        write_number(out, ((self.place - before) << 2) | flags);
        if let Some(class) = self.class {
            write_number(out, u32::from(class));
        }
    }
}

/// The rank of a place. If a word has too many places, only those of a high rank are kept. The rank does not
/// depend on the word, so the places that several words have in common can still be found. Half of all places
/// have rank 0, a quarter rank 1, and so on.
pub(crate) fn rank(place: u32) -> u32 {
    place.wrapping_mul(0x9e37_79b1).leading_zeros()
}

/// The minimum rank for which at most `max` places are kept; `of_rank` is the number of places of each rank.
pub(crate) fn level(of_rank: &[usize; 33], max: usize) -> u32 {
    let mut kept = 0;
    let enough = (0..33_u32).rev().find(|&rank| {
        kept += of_rank[rank as usize];
        kept > max
    });
    enough.map_or(0, |rank| rank + 1)
}

/// The places of a word so far.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    /// The number of places.
    count: u32,
    /// The number of places that are kept.
    kept: u32,
    /// The minimum rank of the kept places: of strong ones, and of others.
    levels: [u32; 2],
    last: u32,
    code: Vec<u8>,
}

impl Postings {
    /// Adds places that come after all earlier ones: the first, the encoded others, and the last. If there
    /// are more than twice `max`, some are dropped.
    pub(crate) fn add(&mut self, first: Hit, others: &[u8], last: u32, count: u32, max: usize) {
        self.count += count;
        if self.levels == [0, 0] {
            first.write(self.last, &mut self.code);
            self.code.extend_from_slice(others);
            self.last = last;
            self.kept += count;
        } else {
            self.keep(first);
            for hit in read_after(others, first.place) {
                self.keep(hit);
            }
        }
        if self.kept as usize > 2 * max {
            self.trim(max);
        }
    }

    /// Adds a hit, if its rank is high enough.
    fn keep(&mut self, hit: Hit) {
        if rank(hit.place) >= self.levels[usize::from(!hit.strong)] {
            hit.write(self.last, &mut self.code);
            self.last = hit.place;
            self.kept += 1;
        }
    }

    /// Reduces the places to at most `max`; strong ones are preferred.
    fn trim(&mut self, max: usize) {
        let mut of_rank = [[0; 33]; 2];
        for hit in read(&self.code) {
            of_rank[usize::from(!hit.strong)][rank(hit.place) as usize] += 1;
        }
        let strong = level(&of_rank[0], max).max(self.levels[0]);
        let kept: usize = of_rank[0][strong as usize..].iter().sum();
        let weak = level(&of_rank[1], max - kept).max(self.levels[1]).max(strong);
        self.levels = [strong, weak];
        let code = std::mem::take(&mut self.code);
        (self.last, self.kept) = (0, 0);
        for hit in read(&code) {
            self.keep(hit);
        }
    }

    /// Limits the places to at most `max`.
    pub(crate) fn at_most(mut self, max: usize) -> Self {
        if self.kept as usize > max {
            self.trim(max);
        }
        self
    }

    /// Encodes the places: their number, the minimum rank of those that are kept, and these places.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        write_number(out, self.count);
        write_number(out, self.levels[1]);
        out.extend_from_slice(&self.code);
    }
}

/// Decodes places.
pub(crate) fn read(code: &[u8]) -> impl Iterator<Item = Hit> {
    read_after(code, 0)
}

/// Decodes places that come after `place`.
fn read_after(code: &[u8], mut place: u32) -> impl Iterator<Item = Hit> {
    let mut rest = code.iter().copied();
    std::iter::from_fn(move || {
        let value = read_number(&mut rest)?;
        place += value >> 2;
        let class = if value & 1 == 0 { None } else { read_number(&mut rest) };
        Some(Hit { place, strong: value & 2 != 0, class: class.and_then(|class| u8::try_from(class).ok()) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(place: u32, strong: bool, class: Option<u8>) -> Hit {
        Hit { place, strong, class }
    }

    fn postings(hits: &[Hit]) -> Postings {
        let mut postings = Postings::default();
        for hit in hits {
            postings.add(*hit, &[], hit.place, 1, 100);
        }
        postings
    }

    #[test]
    fn places_survive_encoding_and_decoding() {
        let hits =
            [hit(0, true, None), hit(1, false, None), hit(40, false, Some(7)), hit(9_000_000, true, None)];
        let postings = postings(&hits);
        assert_eq!(read(&postings.code).collect::<Vec<_>>(), hits);
        assert_eq!(postings.count, 4);
    }

    #[test]
    fn of_too_many_places_strong_and_high_ranked_ones_are_kept() {
        let hits: Vec<Hit> = (0..1000).map(|place| hit(place, place % 100 == 7, None)).collect();
        let mut code = Vec::new();
        postings(&hits).at_most(100).write(&mut code);
        let mut rest = code.iter().copied();
        assert_eq!(read_number(&mut rest), Some(1000));
        let level = read_number(&mut rest).expect("a level");
        let kept: Vec<Hit> = read(&rest.collect::<Vec<u8>>()).collect();
        assert!((40..=100).contains(&kept.len()), "{}", kept.len());
        let expected = |hit: &&Hit| hit.strong || rank(hit.place) >= level;
        assert_eq!(kept, hits.iter().filter(expected).copied().collect::<Vec<_>>());
        // Strong places are limited too.
        let strong: Vec<Hit> = (0..1000).map(|place| hit(place, true, None)).collect();
        let mut code = Vec::new();
        postings(&strong).at_most(100).write(&mut code);
        assert!((50..=102).contains(&read(&code[3..]).count()));
    }
}
