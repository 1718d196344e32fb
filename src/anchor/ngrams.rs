//! A q-gram index (after Ukkonen 1992): the offsets of all byte sequences of a fixed length in a text. With
//! it, a long text with many quotes is not scanned once for each quote.

/// The offsets of each run of `width` bytes in a text, ignoring the case of ASCII letters.
#[derive(Debug)]
pub struct Ngrams {
    width: usize,
    /// The hash of a run in the upper half and its offset in the lower half, sorted.
    entries: Vec<u64>,
}

impl Ngrams {
    /// Indexes `text`.
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

    /// The length of a run in bytes.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The offsets, in order, of runs with the same hash as the start of `words`; a few may be false
    /// positives.
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

/// FNV-1a, folded to 32 bits.
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
    fn all_offsets_of_a_run_are_found_in_order() {
        let grams = Ngrams::new("abcdXabcd abCd", 4);
        assert_eq!(grams.places(b"abcd and more").collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(grams.places(b"abc").len(), 0);
        assert_eq!(grams.places(b"none").len(), 0);
    }
}
