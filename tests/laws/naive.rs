//! A slow and simple reference implementation of how quotes are matched, after docs/formats.md.

use unicode_normalization::UnicodeNormalization;

use crate::diagnostics::TextSpan;

use super::stage::{boundaries, invisible};

/// Folds words for comparison.
pub(crate) fn fold(words: &str) -> String {
    let mut out = String::new();
    for c in words.nfc().filter(|c| !invisible(*c)) {
        match c {
            c if c.is_whitespace() && out.ends_with(' ') => {}
            c if c.is_whitespace() => out.push(' '),
            '“' | '”' | '„' | '‟' | '«' | '»' => out.push('"'),
            '‘' | '’' | '‚' | '‛' | '‹' | '›' => out.push('\''),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            '…' => out.push_str("..."),
            c => out.push(c),
        }
    }
    out
}

/// All ranges of whole graphemes that fold to the same as `words`, in order, except those inside a longer
/// number.
pub(crate) fn places(reading: &str, words: &str) -> Vec<TextSpan> {
    let needle = fold(words).trim().to_owned();
    let boundaries = boundaries(reading);
    let mut places = Vec::new();
    for (index, &start) in boundaries.iter().enumerate() {
        let first = boundaries.get(index + 1).map_or("", |&next| &reading[start..next]);
        if fold(first).trim_start().is_empty() || first.starts_with(char::is_whitespace) {
            continue;
        }
        for &end in &boundaries[index + 1..] {
            let here = fold(&reading[start..end]);
            if here == needle {
                if !in_number(&reading[..start], &needle, &reading[end..]) {
                    places.push(TextSpan::new(start, end));
                }
                break;
            }
            if !needle.starts_with(here.trim_end()) {
                break;
            }
        }
    }
    places
}

/// Whether a digit at either end of `words` belongs to a longer number: `1` in `10`, `0.1` and `1,000`.
fn in_number(before: &str, words: &str, after: &str) -> bool {
    let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let continues = |mut chars: Box<dyn Iterator<Item = char> + '_>| {
        let first = chars.next();
        digit(first) || (matches!(first, Some('.' | ',')) && digit(chars.next()))
    };
    let (before, after) = (fold(before), fold(after));
    (digit(words.chars().next()) && continues(Box::new(before.chars().rev())))
        || (digit(words.chars().last()) && continues(Box::new(after.chars())))
}

/// All matches of parts with omissions between them: each part at its next match after the previous part. Of
/// two starts with the same end, the later one counts.
pub(crate) fn matches(reading: &str, parts: &[String]) -> Vec<Vec<TextSpan>> {
    let found: Vec<Vec<TextSpan>> = parts.iter().map(|part| places(reading, part)).collect();
    let mut matches: Vec<Vec<TextSpan>> = Vec::new();
    for first in &found[0] {
        let mut candidate = vec![*first];
        for places in &found[1..] {
            let end = candidate[candidate.len() - 1].end;
            candidate.extend(places.iter().find(|place| place.start >= end));
        }
        if candidate.len() == parts.len() {
            matches.retain(|other| other.last() != candidate.last());
            matches.push(candidate);
        }
    }
    matches
}

/// The ends of the shortest and the longest range from `start` that fold to the same as `words`.
pub(crate) fn ends(reading: &str, start: usize, words: &str) -> Option<(usize, usize)> {
    let words = fold(words);
    let mut ends = Vec::new();
    for end in boundaries(reading).into_iter().filter(|&end| end >= start) {
        let here = fold(&reading[start..end]);
        if here == words {
            ends.push(end);
        }
        if here.len() > words.len() + 8 {
            break;
        }
    }
    Some((*ends.first()?, *ends.last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'r>(reading: &'r str, words: &str) -> Vec<&'r str> {
        places(reading, words).into_iter().map(|span| &reading[span.range()]).collect()
    }

    #[test]
    fn examples_from_the_documentation() {
        assert_eq!(found("“a–b” … \"a-b\" ...", "\"a-b\""), ["“a–b”", "\"a-b\""]);
        assert_eq!(found("1 10 0.1 1,000 1.", "1"), ["1", "1"]);
        assert_eq!(found("e\u{301} e", "e"), ["e"]);
        assert_eq!(found("aaa", "aa"), ["aa", "aa"]);
        let parts = ["a".to_owned(), "b".to_owned()];
        assert_eq!(matches("a a b b", &parts), [[TextSpan::new(2, 3), TextSpan::new(4, 5)]]);
    }
}
