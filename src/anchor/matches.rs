//! Every place where words stand in a text, as anchoring compares them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use memchr::memmem;
use unicode_segmentation::GraphemeCursor;

use super::fold::Folded;
use super::ngrams::Ngrams;
use crate::diagnostics::TextSpan;

/// How many bytes are read at most before an index pays: text times quotes.
const SCAN_BUDGET: usize = 16 << 20;
/// How many bytes of a quote are looked for at once; the others are compared where these stand.
const HEAD: usize = 16;
/// Quotes from so many bytes on are looked for whole, so that words said over and over cannot make that dear.
const LONG: usize = 512;

/// A place where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Where they begin in the folded text.
    pub start: usize,
    /// Where they end in the folded text.
    pub end: usize,
}

/// Finds words in a text.
#[derive(Debug)]
pub struct Matches<'t> {
    reading: &'t str,
    folded: &'t Folded,
    grams: Option<Ngrams>,
    /// What was found before, where finding it took an index.
    found: RefCell<BTreeMap<String, Rc<[Match]>>>,
}

impl<'t> Matches<'t> {
    /// Prepares to find about `count` runs of words in `reading`, which folds to `folded`.
    pub fn new(reading: &'t str, folded: &'t Folded, count: usize) -> Self {
        let grams =
            (folded.text.len().saturating_mul(count) > SCAN_BUDGET).then(|| Ngrams::new(&folded.text, 8));
        Self { reading, folded, grams, found: RefCell::default() }
    }

    /// All places of `needle`, which is folded, in order; those inside a grapheme or a longer number are none.
    pub fn all(&self, needle: &str) -> Rc<[Match]> {
        if needle.is_empty() {
            return Rc::default();
        }
        if let Some(found) = self.found.borrow().get(needle) {
            return Rc::clone(found);
        }
        let found: Rc<[Match]> =
            self.candidates(needle).into_iter().filter(|found| self.fits(*found)).collect();
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

    /// Reads the whole text; places may overlap.
    fn overlapping<'s>(&'s self, needle: &'s str) -> impl Iterator<Item = usize> + 's {
        // What a finder costs to make grows with its needle, and a few bytes single out nearly every quote.
        let sought = if needle.len() < LONG { needle.len().min(HEAD) } else { needle.len() };
        let (head, tail) = needle.as_bytes().split_at(sought);
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

    fn fits(&self, found: Match) -> bool {
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

    /// The place in the reading text; `None` where it would split a grapheme.
    pub fn span(&self, found: Match) -> Option<TextSpan> {
        let (start, end) = self.folded.original(found.start, found.end)?;
        let end = self.grapheme_end(end)?;
        self.is_boundary(start).then_some(TextSpan::new(start, end))
    }

    /// The end of words that end at `end`, with characters that show nothing and belong to the last.
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

/// Whether a number goes on: with a digit, or with a point or comma and a digit.
fn continues_number(mut chars: impl Iterator<Item = char>) -> bool {
    match chars.next() {
        Some(c) if c.is_numeric() => true,
        Some('.' | ',') => chars.next().is_some_and(char::is_numeric),
        _ => false,
    }
}

/// The offset in `needle` whose run has the fewest places, of a few tried.
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
    fn an_index_finds_what_reading_finds() {
        let text = "the cat sat on the catalogue, and the cat sat down\n".repeat(3);
        for needle in ["the cat sat", "cat", "e cat sat down\nthe", "absent words"] {
            assert_eq!(spans(&text, needle, 1), spans(&text, needle, usize::MAX), "{needle}");
        }
        assert_eq!(spans(&text, "the cat sat", 1).len(), 6);
    }

    #[test]
    fn a_digit_never_fits_inside_a_longer_number() {
        assert_eq!(spans("10 0.1 1,000 1. 1, 1", "1", 1).len(), 3);
        assert_eq!(spans("x1y 1", "1", 1).len(), 2);
    }

    #[test]
    fn no_fit_splits_a_grapheme() {
        assert!(spans("e\u{301}", "e", 1).is_empty());
        assert!(spans("👩\u{200d}💻", "👩", 1).is_empty());
        assert_eq!(spans("👩\u{200d}💻!", "👩\u{200d}💻", 1), ["👩\u{200d}💻"]);
        assert_eq!(spans("a\u{200d}b", "a", 1), ["a\u{200d}"]);
        assert!(spans("🇩🇪", "🇩", 1).is_empty());
    }
}
