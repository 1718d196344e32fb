//! An index of all runs of a few bytes in a text (a q-gram index, after Ukkonen 1992), so that a
//! long text with many quotes is not read once for each.

/// Where each run of `width` bytes stands in a text, ASCII letters without case.
#[derive(Debug)]
pub struct Ngrams {
    width: usize,
    /// The hash of a run in the upper half and its place in the lower, sorted.
    entries: Vec<u64>,
}

impl Ngrams {
    /// The index of `text`.
    pub fn new(text: &str, width: usize) -> Self {
        let mut entries: Vec<u64> = text
            .as_bytes()
            .windows(width)
            .enumerate()
            .map(|(at, run)| hash(run) << 32 | u64::from(u32::try_from(at).unwrap_or(u32::MAX)))
            .collect();
        entries.sort_unstable();
        Self { width, entries }
    }

    /// How many bytes a run has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The places whose run may equal the one that `words` begin with, in order; some may not.
    pub fn places(&self, words: &[u8]) -> impl ExactSizeIterator<Item = usize> + '_ {
        let bucket = words.get(..self.width).map_or(&[][..], |run| {
            let hash = hash(run);
            let start = self.entries.partition_point(|&entry| entry >> 32 < hash);
            let len = self.entries[start..].partition_point(|&entry| entry >> 32 == hash);
            &self.entries[start..start + len]
        });
        bucket.iter().map(|&entry| (entry & u64::from(u32::MAX)) as usize)
    }
}

/// FNV-1a, folded to 32 bits: the index only sorts by it.
fn hash(run: &[u8]) -> u64 {
    let full = run.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    (full ^ full >> 32) & u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_run_is_found_in_order() {
        let grams = Ngrams::new("abcdXabcd abCd", 4);
        assert_eq!(grams.places(b"abcd and more").collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(grams.places(b"abc").len(), 0);
        assert_eq!(grams.places(b"none").len(), 0);
    }
}
