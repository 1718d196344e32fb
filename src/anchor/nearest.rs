//! The passage of a text nearest to words that stand nowhere in it.
//!
//! 1. Runs of four bytes that words and text share vote for where the words may have stood.
//! 2. The few best places are compared character by character (Sellers 1980), which gives the
//!    nearest run of the text and how many characters differ.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use super::grams::Grams;
use crate::span::floor_char_boundary;

/// How many places are compared closely.
const CANDIDATES: usize = 3;
/// Runs more common than this say nothing about a place.
const COMMON: usize = 400;
/// Words longer than this are compared by their beginning.
const LONGEST: usize = 1200;

/// How many bytes of a word are looked for beyond a run.
const LONGEST_WORD: usize = 64;

/// The nearest run of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Its bytes in the folded text.
    pub range: std::ops::Range<usize>,
    /// How many characters have to be changed, added or left out.
    pub distance: usize,
    /// Whether no other place is nearly as near.
    pub unique: bool,
}

/// The run of `text` nearest to `words`, both folded; `None` where nothing is like them.
pub fn nearest(grams: &Grams, text: &str, words: &str) -> Option<Nearest> {
    let words = &words[..floor_char_boundary(words, LONGEST)];
    let mut found: Vec<Nearest> = candidates(grams, words)
        .into_iter()
        .filter_map(|at| {
            let slack = words.len() / 2 + 16;
            let start = floor_char_boundary(text, at.saturating_sub(slack));
            let end = floor_char_boundary(text, at + words.len() + slack);
            let (range, distance) = align(&text[start..end], words)?;
            Some(Nearest { range: range.start + start..range.end + start, distance, unique: true })
        })
        .collect();
    found.sort_by_key(|nearest| (nearest.distance, nearest.range.start));
    let best = found.first()?.clone();
    let rival =
        found.iter().find(|other| other.range.start >= best.range.end || other.range.end <= best.range.start);
    let length = words.chars().count();
    let unique = rival.is_none_or(|rival| rival.distance > best.distance + (length / 10).max(1));
    let near = best.distance * 5 <= length * 2;
    near.then(|| {
        let range = whole_words(text, best.range.clone());
        let added =
            text[range.start..best.range.start].chars().chain(text[best.range.end..range.end].chars());
        Nearest { distance: best.distance + added.count(), range, unique }
    })
}

/// A run of `text` that begins or ends inside a word with the rest of that word: nobody quotes half a word on purpose.
fn whole_words(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let from = floor_char_boundary(text, range.start.saturating_sub(LONGEST_WORD));
    let to = floor_char_boundary(text, (range.end + LONGEST_WORD).min(text.len()));
    let mut whole = range.clone();
    for (at, word) in text[from..to].split_word_bound_indices() {
        let (start, end) = (from + at, from + at + word.len());
        if start < range.start && range.start < end {
            whole.start = start;
        }
        if start < range.end && range.end < end {
            whole.end = end;
        }
    }
    whole
}

/// Where the words may have stood, the likeliest first.
fn candidates(grams: &Grams, words: &str) -> Vec<usize> {
    let width = (words.len() / 2).max(24);
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for offset in 0..words.len().saturating_sub(grams.width() - 1) {
        let places = grams.places(&words.as_bytes()[offset..]);
        if places.len() <= COMMON {
            for place in places {
                *votes.entry((place + words.len()).saturating_sub(offset) / width).or_insert(0) += 1;
            }
        }
    }
    let mut bands: Vec<(usize, usize)> = votes.into_iter().collect();
    bands.sort_by_key(|&(band, count)| (std::cmp::Reverse(count), band));
    bands
        .iter()
        .take(CANDIDATES)
        .map(|&(band, _)| (band * width + width / 2).saturating_sub(words.len()))
        .collect()
}

/// The run of `text` that can be made into `words` with the fewest edits, and their number.
fn align(text: &str, words: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    // For each end in the text: the fewest edits, and where the run begins.
    let mut row: Vec<(usize, usize)> = (0..=chars.len()).map(|at| (0, at)).collect();
    for (done, word) in words.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = (done + 1, 0);
        for (at, &(_, c)) in chars.iter().enumerate() {
            let kept = (diagonal.0 + usize::from(c != word), diagonal.1);
            let added = (row[at].0 + 1, row[at].1);
            let dropped = (row[at + 1].0 + 1, row[at + 1].1);
            diagonal = row[at + 1];
            row[at + 1] = kept.min(added).min(dropped);
        }
    }
    let (end, &(distance, start)) =
        row.iter().enumerate().min_by_key(|(end, (distance, _))| (*distance, *end))?;
    let byte = |at: usize| chars.get(at).map_or(text.len(), |&(byte, _)| byte);
    (start < end).then(|| (byte(start)..byte(end), distance))
}

/// The words in which `wrong` and `right` differ, without what they share at both ends.
pub fn difference<'a>(wrong: &'a str, right: &'a str) -> (&'a str, &'a str) {
    let (a, b): (Vec<&str>, Vec<&str>) = (wrong.split(' ').collect(), right.split(' ').collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - same_start;
    let same_end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    (middle(wrong, &a, same_start, same_end), middle(right, &b, same_start, same_end))
}

fn middle<'a>(whole: &'a str, words: &[&str], same_start: usize, same_end: usize) -> &'a str {
    let len = |words: &[&str]| words.iter().map(|word| word.len() + 1).sum::<usize>();
    let start = len(&words[..same_start]).min(whole.len());
    let end = whole.len().saturating_sub(len(&words[words.len() - same_end..])).max(start);
    whole[start..end].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, words: &str) -> Option<(String, usize, bool)> {
        nearest(&Grams::new(text, 4), text, words).map(|n| (text[n.range].to_owned(), n.distance, n.unique))
    }

    #[test]
    fn a_slip_is_found_again() {
        let text = "One text has many words. Due to its lack of addictive properties it sells. Another line.";
        assert_eq!(
            find(text, "due to its lack of addicitve properties"),
            Some(("Due to its lack of addictive properties".into(), 3, true))
        );
        assert_eq!(find(text, "entirely other things altogether"), None);
    }

    #[test]
    fn two_places_as_near_are_not_unique() {
        let text = "the first dose was large. and then the third dose was large.";
        assert_eq!(find(text, "dose was larger").map(|f| f.2), Some(false));
    }

    #[test]
    fn what_differs_is_told_in_words() {
        assert_eq!(difference("a b c d", "a x y d"), ("b c", "x y"));
        assert_eq!(difference("a b", "a b c"), ("", "c"));
        assert_eq!(difference("a a", "a"), ("a", ""));
    }
}
