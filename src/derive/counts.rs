//! Counts the notes of a text by kind, verdict, layer and author, and the words that are marked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostics::TextSpan;
use crate::reader::Reader;
use crate::site::Site;

/// The numbers that `postil stats` shows for one text, or for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// The number of words.
    pub words: usize,
    /// The number of words that are at least partly in a passage.
    pub marked: usize,
    /// The number of notes.
    pub notes: usize,
    /// Notes by the id of their kind; `-` for none.
    pub kinds: BTreeMap<String, usize>,
    /// Notes by the ids of their kind and verdict; `-` for no verdict.
    pub verdicts: BTreeMap<String, BTreeMap<String, usize>>,
    /// Notes by the name of their layer.
    pub layers: BTreeMap<String, usize>,
    /// Notes by the author of their layer; `-` for no author.
    pub authors: BTreeMap<String, usize>,
}

/// The numbers of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TextCounts {
    /// The text's path.
    pub path: String,
    /// The text's title.
    pub title: String,
    /// The numbers.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Counts the words and notes of one text.
pub(crate) fn count(reader: &Reader<'_>, site: &Site) -> TextCounts {
    let reading = reader.text.reading();
    let mut counts = Counts { words: reading.split_whitespace().count(), ..Counts::default() };
    let mut spans: Vec<TextSpan> = Vec::new();
    for note in &reader.notes {
        let layer = reader.layers.get(note.layer);
        let name_or_dash =
            |value: Option<&str>| value.filter(|value| !value.is_empty()).unwrap_or("-").to_owned();
        let kind = name_or_dash(note.parsed.kind(site).map(|kind| kind.id.as_str()));
        let verdict = name_or_dash(note.parsed.verdict(site).map(|verdict| verdict.id.as_str()));
        counts.notes += 1;
        *counts.kinds.entry(kind.clone()).or_default() += 1;
        *counts.verdicts.entry(kind).or_default().entry(verdict).or_default() += 1;
        *counts.layers.entry(name_or_dash(layer.map(|layer| layer.name.as_str()))).or_default() += 1;
        *counts.authors.entry(name_or_dash(layer.map(|layer| layer.author.as_str()))).or_default() += 1;
        spans.extend(&note.passages);
    }
    counts.marked = count_marked(reading, spans);
    TextCounts { path: reader.source.path.clone(), title: reader.source.title.clone(), counts }
}

/// The number of words of `reading` that are at least partly in one of `spans`.
fn count_marked(reading: &str, mut spans: Vec<TextSpan>) -> usize {
    spans.sort_unstable();
    // `end` is the furthest end of the spans that start before the current word ends.
    let (mut count, mut next, mut end) = (0, 0, 0);
    for word in reading.split_whitespace() {
        let start = word.as_ptr() as usize - reading.as_ptr() as usize;
        while spans.get(next).is_some_and(|span| span.start < start + word.len()) {
            end = end.max(spans[next].end);
            next += 1;
        }
        count += usize::from(start < end);
    }
    count
}

impl Counts {
    /// Adds the numbers of another text.
    pub(crate) fn add(&mut self, other: &Self) {
        fn add_counts(to: &mut BTreeMap<String, usize>, from: &BTreeMap<String, usize>) {
            for (key, count) in from {
                *to.entry(key.clone()).or_default() += count;
            }
        }
        self.words += other.words;
        self.marked += other.marked;
        self.notes += other.notes;
        add_counts(&mut self.kinds, &other.kinds);
        add_counts(&mut self.layers, &other.layers);
        add_counts(&mut self.authors, &other.authors);
        for (kind, verdicts) in &other.verdicts {
            add_counts(self.verdicts.entry(kind.clone()).or_default(), verdicts);
        }
    }

    /// The share of marked words in per cent, rounded down; 1 if it is less than that but not zero.
    pub(crate) fn share(&self) -> usize {
        match self.marked * 100 / self.words.max(1) {
            0 if self.marked > 0 => 1,
            share => share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_several_passages_counts_once() {
        let spans = |list: &[(usize, usize)]| list.iter().map(|(a, b)| TextSpan::new(*a, *b)).collect();
        assert_eq!(count_marked("one two three four", spans(&[(4, 13), (0, 5), (8, 9)])), 3);
        assert_eq!(count_marked("one two three four", spans(&[(5, 6)])), 1);
        assert_eq!(count_marked("one two", spans(&[(3, 4)])), 0);
        assert_eq!(count_marked("", spans(&[])), 0);
    }

    #[test]
    fn a_small_share_is_rounded_up_to_one() {
        let share = |marked, words| Counts { marked, words, ..Counts::default() }.share();
        assert_eq!([share(0, 0), share(1, 1000), share(1, 2), share(3, 3)], [0, 1, 50, 100]);
    }
}
