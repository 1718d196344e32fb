//! Words as anchoring compares them: folded, with a way back to where each came from.
//!
//! White space to one space; NFC; quotation marks, apostrophes, dashes and dots to their plain
//! forms; characters that show nothing left out. Case and everything else count.

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Folded words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded words.
    pub text: String,
    /// For each byte of `text`, where the unit it belongs to begins in the original.
    starts: Vec<u32>,
    /// For each byte of `text`, where that unit ends.
    ends: Vec<u32>,
}

/// Folds `words`.
pub fn fold(words: &str) -> Folded {
    let mut out = Folded {
        text: String::with_capacity(words.len()),
        starts: Vec::with_capacity(words.len()),
        ends: Vec::with_capacity(words.len()),
    };
    let mut chars = words.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let alone = chars.peek().is_none_or(|&(_, next)| begins_unit(next)) && (c.is_ascii() || is_composed(c));
        if alone {
            out.push(c, start, end);
            continue;
        }
        while let Some((at, next)) = chars.next_if(|&(_, next)| !begins_unit(next)) {
            end = at + next.len_utf8();
        }
        for c in words[start..end].nfc() {
            out.push(c, start, end);
        }
    }
    out
}

/// Whether nothing before `c` can compose with it.
fn begins_unit(c: char) -> bool {
    c.is_ascii() || (canonical_combining_class(c) == 0 && is_nfc_quick(std::iter::once(c)) != IsNormalized::Maybe)
}

fn is_composed(c: char) -> bool {
    is_nfc_quick(std::iter::once(c)) == IsNormalized::Yes
}

impl Folded {
    fn push(&mut self, c: char, start: usize, end: usize) {
        match c {
            c if c.is_whitespace() => {
                if self.text.ends_with(' ') {
                    if let Some(last) = self.ends.last_mut() {
                        *last = narrow(end);
                    }
                } else {
                    self.push_plain(" ", start, end);
                }
            }
            '“' | '”' | '„' | '‟' | '«' | '»' => self.push_plain("\"", start, end),
            '‘' | '’' | '‚' | '‛' | '‹' | '›' => self.push_plain("'", start, end),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => self.push_plain("-", start, end),
            '…' => self.push_plain("...", start, end),
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            c => self.push_plain(c.encode_utf8(&mut [0; 4]), start, end),
        }
    }

    fn push_plain(&mut self, folded: &str, start: usize, end: usize) {
        self.text.push_str(folded);
        for _ in 0..folded.len() {
            self.starts.push(narrow(start));
            self.ends.push(narrow(end));
        }
    }

    /// The original's bytes that bytes `start..end` of the folded words came from, if they are whole units.
    pub fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let whole = |at: usize| at == 0 || at >= self.starts.len() || self.starts[at] != self.starts[at - 1];
        if start >= end || end > self.starts.len() || !whole(start) || !whole(end) {
            return None;
        }
        Some((self.starts[start] as usize, self.ends[end - 1] as usize))
    }

    /// The original's bytes that bytes `start..end` of the folded words came from, part units widened.
    pub fn around(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.starts.get(start).copied().unwrap_or_default();
        let last = end.checked_sub(1).and_then(|at| self.ends.get(at)).copied().unwrap_or(first);
        (first as usize, last as usize)
    }

    /// The first byte of the folded words that came from byte `at` of the original or a later one.
    pub fn folded_at(&self, at: usize) -> usize {
        self.starts.partition_point(|&start| (start as usize) < at)
    }
}

/// Offsets are kept in 32 bits; a file over 4 GiB is refused when it is read.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_fold_to_one() {
        for (a, b) in [
            ("a \n\t b", "a b"),
            ("“q” ‘s’", "\"q\" 's'"),
            ("a–b—c−d", "a-b-c-d"),
            ("w…", "w..."),
            ("so\u{ad}ft\u{200b}", "soft"),
            ("e\u{301}", "é"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(fold(a).text, fold(b).text);
        }
        assert_ne!(fold("A").text, fold("a").text);
    }

    #[test]
    fn the_way_back_is_kept() {
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
}
