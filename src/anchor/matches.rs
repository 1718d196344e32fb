//! Finds every occurrence of folded words in a folded text.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use memchr::memmem;
use unicode_segmentation::GraphemeCursor;

use super::fold::Folded;
use super::ngrams::Ngrams;
use crate::diagnostics::TextSpan;

/// The number of bytes (text length times quotes) above which an index is faster than scanning.
const SCAN_BUDGET: usize = 16 << 20;
/// The number of bytes of a quote that are searched for; the rest is compared where these match.
const HEAD_LEN: usize = 16;
/// Quotes of at least this many bytes are searched for whole, so that repeated words in them do not cause
/// many comparisons.
const LONG_NEEDLE: usize = 512;

/// An occurrence of words in the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The start in the folded text.
    pub start: usize,
    /// The end in the folded text.
    pub end: usize,
}

/// Searches one text.
#[derive(Debug)]
pub struct Matches<'t> {
    reading: &'t str,
    folded: &'t Folded,
    grams: Option<Ngrams>,
    /// Earlier results, kept only if the text is indexed.
    found: RefCell<BTreeMap<String, Rc<[Match]>>>,
}

impl<'t> Matches<'t> {
    /// Prepares for about `count` searches in `reading`, which folds to `folded`.
    pub fn new(reading: &'t str, folded: &'t Folded, count: usize) -> Self {
        let grams =
            (folded.text.len().saturating_mul(count) > SCAN_BUDGET).then(|| Ngrams::new(&folded.text, 8));
        Self { reading, folded, grams, found: RefCell::default() }
    }

    /// All occurrences of `needle`, which is folded, in order. Occurrences that would split a grapheme or a
    /// number are left out.
    pub fn all(&self, needle: &str) -> Rc<[Match]> {
        if needle.is_empty() {
            return Rc::default();
        }
        if let Some(found) = self.found.borrow().get(needle) {
            return Rc::clone(found);
        }
        let found: Rc<[Match]> =
            self.candidates(needle).into_iter().filter(|found| self.is_whole(*found)).collect();
        if self.grams.is_some() {
            self.found.borrow_mut().insert(needle.to_owned(), Rc::clone(&found));
        }
        found
    }

    fn candidates(&self, needle: &str) -> Vec<Match> {
        let at = |start: usize| Match { start, end: start + needle.len() };
        let text = self.folded.text.as_bytes();
        match &self.grams {
            Some(grams) if needle.len() >= grams.width() => {
                let offset = rarest(grams, needle.as_bytes());
                let places = grams.places(&needle.as_bytes()[offset..]);
                places
                    .filter_map(|place| place.checked_sub(offset))
                    .filter(|&start| text[start..].starts_with(needle.as_bytes()))
                    .map(at)
                    .collect()
            }
            _ => self.overlapping(needle).map(at).collect(),
        }
    }

    /// Scans the whole text; occurrences may overlap.
    fn overlapping<'s>(&'s self, needle: &'s str) -> impl Iterator<Item = usize> + 's {
        // The cost of building a finder grows with its needle, and a few bytes make nearly every quote
        // unique.
        let head_len = if needle.len() < LONG_NEEDLE { needle.len().min(HEAD_LEN) } else { needle.len() };
        let (head, tail) = needle.as_bytes().split_at(head_len);
        let finder = memmem::Finder::new(head);
        let text = self.folded.text.as_bytes();
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let found = from + finder.find(text.get(from..)?)?;
                from = found + 1;
                if text[found + head.len()..].starts_with(tail) {
                    return Some(found);
                }
            }
        })
    }

    fn is_whole(&self, found: Match) -> bool {
        let text = &self.folded.text;
        if !text.is_char_boundary(found.start) || !text.is_char_boundary(found.end) {
            return false;
        }
        let (before, words, after) =
            (&text[..found.start], &text[found.start..found.end], &text[found.end..]);
        let in_number = (words.starts_with(char::is_numeric) && continues_number(before.chars().rev()))
            || (words.ends_with(char::is_numeric) && continues_number(after.chars()));
        !in_number && self.span(found).is_some()
    }

    /// The range in the reading text; `None` if it would split a grapheme.
    pub fn span(&self, found: Match) -> Option<TextSpan> {
        let (start, end) = self.folded.original(found.start, found.end)?;
        let end = self.grapheme_end(end)?;
        self.is_boundary(start).then_some(TextSpan::new(start, end))
    }

    /// The end of words that end at `end`, including invisible characters that belong to the last grapheme.
    fn grapheme_end(&self, end: usize) -> Option<usize> {
        let invisible = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
        let mut at = end;
        while !self.is_boundary(at) {
            at += self.reading[at..].chars().next().filter(|&c| invisible(c))?.len_utf8();
        }
        Some(at)
    }

    fn is_boundary(&self, at: usize) -> bool {
        let bytes = self.reading.as_bytes();
        let ascii = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii() && *byte != b'\n');
        if at == 0 || at >= bytes.len() || (ascii(at) && ascii(at - 1)) {
            return true;
        }
        GraphemeCursor::new(at, bytes.len(), true).is_boundary(self.reading, 0).unwrap_or(true)
    }
}

/// Whether the characters continue a number: a digit, or a point or comma followed by a digit.
fn continues_number(mut chars: impl Iterator<Item = char>) -> bool {
    match chars.next() {
        Some(c) if c.is_numeric() => true,
        Some('.' | ',') => chars.next().is_some_and(char::is_numeric),
        _ => false,
    }
}

/// The offset of a rare run in `needle`: of a few that are tried, the one with the fewest occurrences.
fn rarest(grams: &Ngrams, needle: &[u8]) -> usize {
    let last = needle.len() - grams.width();
    let step = (last / 24).max(1);
    (0..=last).step_by(step).min_by_key(|&offset| grams.places(&needle[offset..]).len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    fn spans(reading: &str, needle: &str, count: usize) -> Vec<String> {
        let folded = fold(reading);
        let places = Matches::new(reading, &folded, count);
        let found = places.all(&fold(needle).text);
        found.iter().map(|m| reading[places.span(*m).unwrap().range()].to_owned()).collect()
    }

    #[test]
    fn indexed_and_scanned_searches_agree() {
        let text = "the cat sat on the catalogue, and the cat sat down\n".repeat(3);
        for needle in ["the cat sat", "cat", "e cat sat down\nthe", "absent words"] {
            assert_eq!(spans(&text, needle, 1), spans(&text, needle, usize::MAX), "{needle}");
        }
        assert_eq!(spans(&text, "the cat sat", 1).len(), 6);
    }

    #[test]
    fn a_digit_never_matches_inside_a_longer_number() {
        assert_eq!(spans("10 0.1 1,000 1. 1, 1", "1", 1).len(), 3);
        assert_eq!(spans("x1y 1", "1", 1).len(), 2);
    }

    #[test]
    fn no_match_splits_a_grapheme() {
        assert!(spans("e\u{301}", "e", 1).is_empty());
        assert!(spans("👩\u{200d}💻", "👩", 1).is_empty());
        assert_eq!(spans("👩\u{200d}💻!", "👩\u{200d}💻", 1), ["👩\u{200d}💻"]);
        assert_eq!(spans("a\u{200d}b", "a", 1), ["a\u{200d}"]);
        assert!(spans("🇩🇪", "🇩", 1).is_empty());
    }
}
