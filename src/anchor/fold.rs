//! Folds words for comparison, and maps the result back to the original.
//!
//! White space becomes one space; text is normalized to NFC; quotation marks, apostrophes, dashes and
//! ellipses become their plain forms; invisible characters are removed. Case and everything else are
//! significant.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::html::scan;

/// Folded words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded words.
    pub text: String,
    /// The points at which the mapping to the original changes, in order. Most text folds to itself, so there
    /// are few.
    pieces: Vec<Piece>,
    /// The length of the original in bytes.
    original_len: usize,
}

/// A range of folded bytes that map to the original in one way, up to the next piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// The offset of its start in the folded words.
    folded: usize,
    /// The offset of its start in the original.
    start: usize,
    /// If the piece is an indivisible unit, its end in the original; `None` if each byte maps to one byte.
    unit_end: Option<usize>,
}

/// Folds `words`.
pub fn fold(words: &str) -> Folded {
    let mut out =
        Folded { text: String::with_capacity(words.len()), pieces: Vec::new(), original_len: words.len() };
    let bytes = words.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let plain = plain_len(&bytes[at..], out.text.ends_with(' '));
        if plain > 0 {
            out.push_plain(&words[at..at + plain], at);
            at += plain;
        } else {
            at = out.push_unit(words, at);
        }
    }
    out
}

/// The number of leading bytes that fold to one byte each: ASCII with single white space, up to a character that
/// may compose with the next one.
fn plain_len(bytes: &[u8], after_space: bool) -> usize {
    if after_space && bytes.first().is_some_and(|&byte| is_space(byte)) {
        return 0;
    }
    let rare = scan::first(bytes, |byte| !byte.is_ascii() | (byte == 0x0b) | (byte == 0x0c));
    let end = match rare {
        // The letter before it may compose with it.
        Some(at) if !bytes[at].is_ascii() => at.saturating_sub(1),
        Some(at) => at,
        None => bytes.len(),
    };
    double_space(&bytes[..end]).unwrap_or(end)
}

/// The offset of the second of two consecutive white space characters.
fn double_space(bytes: &[u8]) -> Option<usize> {
    const CHUNK: usize = 64;
    let pairs = bytes.len().saturating_sub(1);
    for start in (0..pairs).step_by(CHUNK) {
        let end = (start + CHUNK).min(pairs);
        let (left, right) = (&bytes[start..end], &bytes[start + 1..=end]);
        // Without an early exit, the compiler vectorizes the comparison.
        let mut double = left.iter().zip(right).map(|(&left, &right)| is_space(left) & is_space(right));
        if double.clone().fold(false, |any, double| any | double) {
            return double.position(|double| double).map(|at| start + at + 1);
        }
    }
    None
}

/// Single-byte white space, except vertical tab and form feed, which are rare.
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte == b'\n') | (byte == b'\t') | (byte == b'\r')
}

/// Whether `c` never composes with a preceding character.
fn starts_unit(c: char) -> bool {
    c.is_ascii()
        || (canonical_combining_class(c) == 0 && is_nfc_quick(std::iter::once(c)) != IsNormalized::Maybe)
}

fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn is_composed(c: char) -> bool {
    c.is_ascii() || is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

impl Folded {
    /// Appends ASCII letters and single white space, which map to one byte each.
    fn push_plain(&mut self, words: &str, start: usize) {
        let shift = self.pieces.last().is_none_or(|piece| {
            piece.unit_end.is_some() || piece.start + (self.text.len() - piece.folded) != start
        });
        if shift {
            self.pieces.push(Piece { folded: self.text.len(), start, unit_end: None });
        }
        let mut copied = 0;
        for at in memchr::memchr3_iter(b'\n', b'\t', b'\r', words.as_bytes()) {
            self.text.push_str(&words[copied..at]);
            self.text.push(' ');
            copied = at + 1;
        }
        self.text.push_str(&words[copied..]);
    }

    /// Appends the character at `start` of `words` together with the characters that compose with it, and
    /// returns the offset of the next character.
    fn push_unit(&mut self, words: &str, start: usize) -> usize {
        let mut chars = words[start..].char_indices().peekable();
        let Some((_, first)) = chars.next() else { return words.len() };
        let mut end = start + first.len_utf8();
        let mut single = is_composed(first);
        // White space, control characters and ignored characters do not compose; a combining mark after them
        // stands alone.
        let composes = !(first.is_whitespace() || first.is_control() || is_ignored(first));
        while composes && let Some((at, next)) = chars.next_if(|&(_, next)| !starts_unit(next)) {
            end = start + at + next.len_utf8();
            single = false;
        }
        if single {
            self.push(first, start, end);
        } else {
            for c in words[start..end].nfc() {
                self.push(c, start, end);
            }
        }
        end
    }

    fn push(&mut self, c: char, start: usize, end: usize) {
        match c {
            c if c.is_whitespace() => {
                if !self.text.ends_with(' ') {
                    return self.push_folded(" ", start, end);
                }
                // Extends the space that stands for this run of white space.
                let last = self.text.len() - 1;
                let space = self.original(last, last + 1).map_or(start, |(start, _)| start);
                match self.pieces.last_mut() {
                    Some(piece) if piece.folded == last => *piece = Piece { unit_end: Some(end), ..*piece },
                    _ => self.pieces.push(Piece { folded: last, start: space, unit_end: Some(end) }),
                }
            }
            '“' | '”' | '„' | '‟' | '«' | '»' => self.push_folded("\"", start, end),
            '‘' | '’' | '‚' | '‛' | '‹' | '›' => self.push_folded("'", start, end),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => self.push_folded("-", start, end),
            '…' => self.push_folded("...", start, end),
            c if is_ignored(c) => {}
            c => self.push_folded(c.encode_utf8(&mut [0; 4]), start, end),
        }
    }

    fn push_folded(&mut self, folded: &str, start: usize, end: usize) {
        let same_unit =
            self.pieces.last().is_some_and(|piece| piece.start == start && piece.unit_end == Some(end));
        if !same_unit {
            self.pieces.push(Piece { folded: self.text.len(), start, unit_end: Some(end) });
        }
        self.text.push_str(folded);
    }

    /// The piece that contains byte `at` of the folded words.
    fn piece(&self, at: usize) -> Option<Piece> {
        self.pieces.partition_point(|piece| piece.folded <= at).checked_sub(1).map(|index| self.pieces[index])
    }

    /// The original range of the unit that contains byte `at` of the folded words.
    fn unit(&self, at: usize) -> (usize, usize) {
        match self.piece(at) {
            Some(Piece { start, unit_end: Some(end), .. }) => (start, end),
            Some(Piece { folded, start, unit_end: None }) => (start + at - folded, start + at - folded + 1),
            None => (0, 0),
        }
    }

    /// Whether byte `at` of the folded words is at the border of a unit.
    fn is_unit_border(&self, at: usize) -> bool {
        at == 0
            || at >= self.text.len()
            || self.piece(at).is_none_or(|piece| piece.unit_end.is_none() || piece.folded == at)
    }

    /// The original range of folded bytes `start..end`, if they are whole units.
    pub fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        if start >= end || end > self.text.len() || !self.is_unit_border(start) || !self.is_unit_border(end) {
            return None;
        }
        Some((self.unit(start).0, self.unit(end - 1).1))
    }

    /// The original range of folded bytes `start..end`, widened to whole units.
    pub fn around(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.unit(start).0.min(self.original_len);
        (first, end.checked_sub(1).map_or(first, |last| self.unit(last).1.max(first)))
    }

    /// The first folded byte that comes from byte `at` of the original or from a later one.
    pub fn folded_at(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.start < at);
        let next = self.pieces.get(index).map_or(self.text.len(), |piece| piece.folded);
        match index.checked_sub(1).map(|before| self.pieces[before]) {
            Some(Piece { folded, start, unit_end: None }) => (folded + at - start).min(next),
            _ => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_a_word_fold_to_the_same() {
        for (a, b) in [
            ("a \n\t b", "a b"),
            ("“q” ‘s’", "\"q\" 's'"),
            ("a–b—c−d", "a-b-c-d"),
            ("w…", "w..."),
            ("so\u{ad}ft\u{200b}", "soft"),
            ("e\u{301}", "é"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("a\u{a0} \u{3000}b", "a b"),
            ("a \u{ad} b", "a b"),
        ] {
            assert_eq!(fold(a).text, fold(b).text);
        }
        assert_ne!(fold("A").text, fold("a").text);
    }

    #[test]
    fn folded_words_map_back_to_the_original() {
        let words = "x  e\u{301}… y";
        let folded = fold(words);
        assert_eq!(folded.text, "x é... y");
        let at = folded.text.find('é').unwrap();
        let (start, end) = folded.original(at, at + 'é'.len_utf8()).unwrap();
        assert_eq!(&words[start..end], "e\u{301}");
        let dots = folded.text.find("...").unwrap();
        assert_eq!(folded.original(dots, dots + 2), None);
        assert_eq!(folded.original(dots, dots + 3).map(|(s, e)| &words[s..e]), Some("…"));
    }

    #[test]
    fn every_folded_byte_maps_back_and_forth() {
        let words = "a  b\u{301}c “d”\u{ad}e\n\nf…  g\u{200b} h";
        let folded = fold(words);
        for at in 0..folded.text.len() {
            let (start, end) = folded.around(at, at + 1);
            assert!(start < end && end <= words.len(), "{at}");
            assert!(words.is_char_boundary(start) && words.is_char_boundary(end), "{at}");
            assert!(folded.folded_at(start) <= at, "{at}");
        }
        let space = folded.text.find(' ').unwrap();
        assert_eq!(folded.original(space, space + 1), Some((1, 3)));
    }
}
