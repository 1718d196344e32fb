//! Splits text into words, folds them, and finds their stems.
//!
//! `theme/search.js` splits and folds a query in the same way; both are tested with
//! `tests/search/words.json` and `tests/search/index.json`. Stems are computed only here: for each word, the
//! index lists the other words with the same stem.
//!
//! - A word is a sequence of letters, digits and combining marks; invisible characters do not end it.
//! - Folding removes differences in compatibility forms, case and accents.
//! - Scripts without spaces between words are split into pairs of characters.

use std::borrow::Cow;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The maximum length of a word in characters; the rest is cut off.
pub(super) const MAX_LEN: usize = 40;

/// The class of each byte: 0 if it is not an ASCII letter or digit.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        classes[byte] = if c.is_ascii_uppercase() { CAPITAL } else { c.is_ascii_alphanumeric() as u8 };
        byte += 1;
    }
    classes
};
const CAPITAL: u8 = 2;

/// Calls `each` with every word of `text`, folded, in order.
pub(crate) fn each_word(text: &str, each: &mut impl FnMut(&str)) {
    let mut word = String::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(start) {
        // Fast path: most words are ASCII, and folded without allocation.
        if CLASSES[usize::from(byte)] != 0 {
            let length = bytes[start..].iter().position(|&byte| CLASSES[usize::from(byte)] == 0);
            let end = length.map_or(bytes.len(), |length| start + length);
            let next = || text[end..].chars().next();
            if bytes.get(end).is_none_or(u8::is_ascii) || next().is_none_or(|c| !is_word_char(c)) {
                let kept = &text[start..end.min(start + MAX_LEN)];
                if kept.bytes().any(|byte| CLASSES[usize::from(byte)] == CAPITAL) {
                    word.clear();
                    word.push_str(kept);
                    word.make_ascii_lowercase();
                    each(&word);
                } else {
                    each(kept);
                }
                start = end;
                continue;
            }
        } else if byte.is_ascii() {
            start += 1;
            continue;
        }
        let rest = &text[start..];
        let end = rest.find(|c| !is_word_char(c)).unwrap_or(rest.len());
        if end == 0 {
            start += rest.chars().next().map_or(1, char::len_utf8);
        } else {
            split(&fold(&rest[..end]), each);
            start += end;
        }
    }
}

fn is_word_char(c: char) -> bool {
    // Dashes and quotation marks are the most common characters beyond ASCII, and Unicode tables are slow.
    !matches!(c, '\u{2010}'..='\u{2027}') && (c.is_alphanumeric() || is_combining_mark(c) || is_invisible(c))
}

/// The characters that anchoring ignores as well.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Accents, and the vowel points of Hebrew and Arabic.
pub(super) fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Folds a sequence of letters, digits and combining marks.
pub(super) fn fold(run: &str) -> String {
    let mut folded = String::with_capacity(run.len());
    for c in run.nfkd().filter(|&c| (c.is_alphanumeric() || is_combining_mark(c)) && !is_accent(c)) {
        for lower in c.to_lowercase() {
            match lower {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'þ' => folded.push_str("th"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'đ' | 'ð' => folded.push('d'),
                'ı' => folded.push('i'),
                'ς' => folded.push('σ'),
                other if is_accent(other) => {}
                other => folded.push(other),
            }
        }
    }
    folded.nfc().collect()
}

/// Splits a folded sequence where it changes between scripts with spaces and without.
fn split(run: &str, each: &mut impl FnMut(&str)) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let unspaced = is_unspaced(first);
        let end = rest.find(|c| is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (stretch, after) = rest.split_at(end);
        if unspaced {
            pairs(stretch, each);
        } else if stretch.chars().any(char::is_alphanumeric) {
            each(stretch.char_indices().nth(MAX_LEN).map_or(stretch, |(at, _)| &stretch[..at]));
        }
        rest = after;
    }
}

/// Each character with the next one, and the last one alone, so that a single character can be searched for
/// too.
fn pairs(stretch: &str, each: &mut impl FnMut(&str)) {
    let mut characters = stretch.char_indices();
    while let Some((at, _)) = characters.next() {
        let pair = characters.clone().next().map_or(stretch.len(), |(next, c)| next + c.len_utf8());
        each(&stretch[at..pair]);
    }
}

/// Whether a script is written without spaces between words. Korean is included, because its endings matter
/// less than the stem before them.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}'
        | '\u{3040}'..='\u{318f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Computes the stems of one language.
pub(crate) struct Stems(Option<Stemmer>);

impl Stems {
    /// The stemmer for a language, by its BCP 47 tag; in an unsupported language each word is its own stem.
    pub(crate) fn of(language: &str) -> Self {
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let algorithm = match primary.as_str() {
            "ar" => Algorithm::Arabic,
            "hy" => Algorithm::Armenian,
            "eu" => Algorithm::Basque,
            "ca" => Algorithm::Catalan,
            "cs" => Algorithm::Czech,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "eo" => Algorithm::Esperanto,
            "et" => Algorithm::Estonian,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hi" => Algorithm::Hindi,
            "hu" => Algorithm::Hungarian,
            "id" => Algorithm::Indonesian,
            "ga" => Algorithm::Irish,
            "it" => Algorithm::Italian,
            "lt" => Algorithm::Lithuanian,
            "ne" => Algorithm::Nepali,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "fa" => Algorithm::Persian,
            "pl" => Algorithm::Polish,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "sr" => Algorithm::Serbian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            "uk" => Algorithm::Ukrainian,
            "yi" => Algorithm::Yiddish,
            _ => return Self(None),
        };
        Self(Some(Stemmer::create(algorithm)))
    }

    /// The stem of a folded word.
    pub(crate) fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        match &self.0 {
            Some(stemmer) if word.chars().any(char::is_alphabetic) => stemmer.stem(word),
            _ => Cow::Borrowed(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each_word(text, &mut |word| words.push(word.to_owned()));
        words
    }

    /// The same file is read by `tests/browser/search.test.mjs`.
    #[test]
    fn words_are_split_and_folded_as_in_the_browser() {
        let cases: BTreeMap<String, Vec<String>> =
            serde_json::from_str(include_str!("../../tests/search/words.json")).expect("the cases are JSON");
        assert!(cases.len() > 20);
        for (text, expected) in cases {
            assert_eq!(words(&text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_those_of_unicode_except_for_punctuation_inside() {
        let text = "Größe naïve Ελληνικά слово déjà-vu שלום مرحبا हिन्दी x2 — “quoted” (and) all, of; it";
        let theirs: Vec<String> = text.unicode_words().flat_map(words).collect();
        assert_eq!(words(text), theirs);
        assert_eq!(theirs.len(), text.unicode_words().count());
    }

    #[test]
    fn a_long_word_is_cut_off() {
        assert_eq!(words(&"a".repeat(60)), ["a".repeat(MAX_LEN)]);
        assert_eq!(words(&"é".repeat(60)), ["e".repeat(MAX_LEN)]);
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        let english = Stems::of("en-GB");
        assert_eq!(english.stem("studies"), english.stem("study"));
        let german = Stems::of("de");
        assert_eq!(german.stem("hauser"), german.stem("haus"));
        assert_eq!(Stems::of("zh").stem("studies"), "studies");
        assert_eq!(english.stem("2019"), "2019");
    }
}
