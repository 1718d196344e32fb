//! Finds the passage of a text that is most similar to words that do not occur in it.
//!
//! 1. Sequences of four bytes that occur in both the words and the text vote for candidate places.
//! 2. The best candidates are compared character by character (approximate string matching after Sellers
//!    1980), which gives the nearest passage and its edit distance.

use std::collections::BTreeMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::ngrams::Ngrams;
use crate::diagnostics::floor_char_boundary;

/// The number of candidates that are compared closely.
const CANDIDATES: usize = 3;
/// Sequences with more occurrences than this are not counted as votes.
const MAX_OCCURRENCES: usize = 400;
/// Words longer than this are searched for by their start and their end. In bytes.
const MAX_LEN: usize = 1200;

/// The maximum number of word pairs that are compared to find the differences.
const MAX_PAIRS: usize = 1 << 20;

/// The maximum length in bytes by which a match is extended to a word boundary.
const MAX_WORD_LEN: usize = 64;

/// The nearest passage of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Its range in the folded text.
    pub range: Range<usize>,
    /// The edit distance in characters.
    pub distance: usize,
    /// Whether there is no other place that is about as near.
    pub unique: bool,
    /// Whether all of the words were compared, and not only their start.
    pub whole: bool,
}

/// The passage of `text` nearest to `words`, both folded; `None` if no passage is similar.
pub fn nearest(grams: &Ngrams, text: &str, words: &str) -> Option<Nearest> {
    if words.len() <= MAX_LEN {
        return nearest_short(grams, text, words);
    }
    let head = nearest_short(grams, text, &words[..floor_char_boundary(words, MAX_LEN)])?;
    let tail = nearest_short(grams, text, &words[floor_char_boundary(words, words.len() - MAX_LEN)..]);
    Some(tail.and_then(|tail| join(text, words, &head, &tail)).unwrap_or(Nearest { whole: false, ..head }))
}

/// The passage from the nearest place for the start of the words to the nearest place for their end.
fn join(text: &str, words: &str, head: &Nearest, tail: &Nearest) -> Option<Nearest> {
    let range = head.range.start..tail.range.end;
    let near = range.len().abs_diff(words.len()) * 5 <= words.len();
    let edits = near.then(|| edits(words, text.get(range.clone())?))??;
    let distance = edits.iter().map(|edit| edit.cost).sum();
    Some(Nearest { range, distance, unique: head.unique || tail.unique, whole: true })
}

fn nearest_short(grams: &Ngrams, text: &str, words: &str) -> Option<Nearest> {
    let windows = candidates(grams, words).into_iter().map(|at| {
        let slack = words.len() / 2 + 16;
        floor_char_boundary(text, at.saturating_sub(slack))
            ..floor_char_boundary(text, at + words.len() + slack)
    });
    nearest_in(text, windows, words)
}

/// The nearest passage within these parts of `text`; `None` if no passage is similar, or if the words are too
/// long.
pub fn nearest_in(text: &str, parts: impl Iterator<Item = Range<usize>>, words: &str) -> Option<Nearest> {
    if words.len() > MAX_LEN {
        return None;
    }
    let mut found: Vec<Nearest> = parts
        .filter_map(|part| {
            let (range, distance) = align(text.get(part.clone())?, words)?;
            let range = range.start + part.start..range.end + part.start;
            Some(Nearest { range, distance, unique: true, whole: true })
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
        let range = trim_leading_signs(text, extend_to_words(text, best.range.clone()), words);
        Nearest { range, unique, ..best }
    })
}

/// Removes punctuation at the start of the range, unless `words` start with punctuation. If the first word
/// differs completely, punctuation before it costs no more edits than its first letter.
fn trim_leading_signs(text: &str, range: Range<usize>, words: &str) -> Range<usize> {
    if !words.starts_with(char::is_alphanumeric) {
        return range;
    }
    let signs = text[range.clone()].find(char::is_alphanumeric).unwrap_or(0);
    range.start + signs..range.end
}

/// Extends a range that begins or ends inside a word to the whole word, because quotes rarely split words.
fn extend_to_words(text: &str, range: Range<usize>) -> Range<usize> {
    let from = floor_char_boundary(text, range.start.saturating_sub(MAX_WORD_LEN));
    let to = floor_char_boundary(text, (range.end + MAX_WORD_LEN).min(text.len()));
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

/// Candidate offsets for the words, most votes first.
fn candidates(grams: &Ngrams, words: &str) -> Vec<usize> {
    let width = (words.len() / 2).max(24);
    let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
    for offset in 0..words.len().saturating_sub(grams.width() - 1) {
        let places = grams.places(&words.as_bytes()[offset..]);
        if places.len() <= MAX_OCCURRENCES {
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

/// The range of `text` with the smallest edit distance to `words`, and that distance.
fn align(text: &str, words: &str) -> Option<(Range<usize>, usize)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    // For each end in the text: the smallest distance, and where the range begins.
    let mut row: Vec<(usize, usize)> = (0..=chars.len()).map(|at| (0, at)).collect();
    for (done, word) in words.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = (done + 1, 0);
        for (at, &(_, c)) in chars.iter().enumerate() {
            let replaced = (diagonal.0 + usize::from(c != word), diagonal.1);
            let added = (row[at].0 + 1, row[at].1);
            let dropped = (row[at + 1].0 + 1, row[at + 1].1);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(added).min(dropped);
        }
    }
    let letter = |at: usize| chars.get(at).is_some_and(|(_, c)| c.is_alphanumeric());
    let in_word = |end: usize| end > 0 && letter(end - 1) && letter(end);
    // Among equally near ends, prefer one at the end of a word, then one with the same last character.
    let last = words.chars().next_back();
    let other = |end: usize| end.checked_sub(1).and_then(|at| chars.get(at)).map(|&(_, c)| c) != last;
    let (end, &(distance, start)) = row
        .iter()
        .enumerate()
        .min_by_key(|(end, (distance, _))| (*distance, in_word(*end), other(*end), *end))?;
    let byte = |at: usize| chars.get(at).map_or(text.len(), |&(byte, _)| byte);
    (start < end).then(|| (byte(start)..byte(end), distance))
}

/// Words or punctuation to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The range in the wrong words.
    pub wrong: Range<usize>,
    /// The range in the right words.
    pub right: Range<usize>,
    /// The number of characters that differ.
    pub cost: usize,
}

/// The edits that turn `wrong` into `right`, word by word and in order, with the fewest characters changed;
/// `None` if computing them would take too long.
pub fn edits(wrong: &str, right: &str) -> Option<Vec<Edit>> {
    let (a, b): (Vec<&str>, Vec<&str>) =
        (wrong.split_word_bounds().collect(), right.split_word_bounds().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    let (from, to) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    if from.len().checked_mul(to.len())? > MAX_PAIRS {
        return None;
    }
    let offset: usize = a[..start].iter().map(|word| word.len()).sum();
    Some(trace(from, to, &costs(from, to), offset))
}

/// For each position in `from` and `to`: the minimum number of characters to change in the rest.
fn costs(from: &[&str], to: &[&str]) -> Vec<Vec<usize>> {
    let mut costs = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in (0..=from.len()).rev() {
        for j in (0..=to.len()).rev() {
            let mut ways = Vec::with_capacity(3);
            if i < from.len() && j < to.len() {
                ways.push(costs[i + 1][j + 1] + change_cost(from[i], to[j]));
            }
            if i < from.len() {
                ways.push(costs[i + 1][j] + from[i].chars().count());
            }
            if j < to.len() {
                ways.push(costs[i][j + 1] + to[j].chars().count());
            }
            costs[i][j] = ways.into_iter().min().unwrap_or(0);
        }
    }
    costs
}

/// The number of characters to change one word into another; a word never becomes punctuation or white space.
fn change_cost(wrong: &str, right: &str) -> usize {
    let is_word = |word: &str| word.chars().any(char::is_alphanumeric);
    if wrong == right {
        0
    } else if is_word(wrong) && is_word(right)
        || !wrong.trim().is_empty() && !right.trim().is_empty() && is_word(wrong) == is_word(right)
    {
        strsim::levenshtein(wrong, right)
    } else {
        wrong.chars().count() + right.chars().count() + 1
    }
}

/// The edits along the cheapest path; both sides begin at byte `offset`.
fn trace(from: &[&str], to: &[&str], costs: &[Vec<usize>], offset: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let (mut i, mut j, mut wrong, mut right) = (0, 0, offset, offset);
    while i < from.len() || j < to.len() {
        let here = costs[i][j];
        let both =
            i < from.len() && j < to.len() && here == costs[i + 1][j + 1] + change_cost(from[i], to[j]);
        let dropped = !both && i < from.len() && here == costs[i + 1][j] + from[i].chars().count();
        let old = if both || dropped { from[i] } else { "" };
        let new = if dropped { "" } else { to[j] };
        if old != new {
            let cost = if both { change_cost(old, new) } else { old.chars().count() + new.chars().count() };
            edits.push(Edit { wrong: wrong..wrong + old.len(), right: right..right + new.len(), cost });
        }
        (wrong, right) = (wrong + old.len(), right + new.len());
        (i, j) = (i + usize::from(both || dropped), j + usize::from(!dropped));
    }
    edits
}

/// The words in which `wrong` and `right` differ, without their common start and end.
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
        nearest(&Ngrams::new(text, 4), text, words).map(|n| (text[n.range].to_owned(), n.distance, n.unique))
    }

    #[test]
    fn a_typo_is_found() {
        let text = "One text has many words. Due to its lack of addictive properties it sells. Another line.";
        assert_eq!(
            find(text, "due to its lack of addicitve properties"),
            Some(("Due to its lack of addictive properties".into(), 3, true))
        );
        assert_eq!(find(text, "entirely other things altogether"), None);
    }

    #[test]
    fn of_equally_near_ends_the_end_of_a_word_is_preferred() {
        assert_eq!(find("Alpha beta gamma delta.", "beta gama"), Some(("beta gamma".into(), 1, true)));
    }

    #[test]
    fn a_passage_begins_with_a_word_if_the_quote_does() {
        let text = "The leaves of the tree, has been studied for its potential.";
        let found = find(text, "xxhasx been studied for its potential").unwrap();
        assert_eq!(found.0, "has been studied for its potential");
    }

    #[test]
    fn words_are_corrected_one_by_one() {
        let pairs = |wrong: &str, right: &str| -> Vec<(String, String)> {
            let pairs =
                |edit: &Edit| (wrong[edit.wrong.clone()].to_owned(), right[edit.right.clone()].to_owned());
            edits(wrong, right).unwrap().iter().map(pairs).collect()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            pairs("a lazzy carefull dog.", "a lazy careful dog"),
            [pair("lazzy", "lazy"), pair("carefull", "careful"), pair(".", "")]
        );
        assert_eq!(
            pairs("over dog", "over lazy dog").iter().map(|(_, new)| new.as_str()).collect::<String>().trim(),
            "lazy"
        );
    }

    #[test]
    fn two_equally_near_places_are_not_unique() {
        let text = "the first dose was large. and then the third dose was large.";
        assert_eq!(find(text, "dose was larger").map(|f| f.2), Some(false));
    }

    #[test]
    fn differences_are_whole_words() {
        assert_eq!(difference("a b c d", "a x y d"), ("b c", "x y"));
        assert_eq!(difference("a b", "a b c"), ("", "c"));
        assert_eq!(difference("a a", "a"), ("a", ""));
    }
}
