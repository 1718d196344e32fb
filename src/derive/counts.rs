//! A reader in numbers: its notes by kind, verdict, layer and author, and how much of it is under notes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diagnostics::TextSpan;
use crate::reader::Reader;

/// What `stats` counts of a text, or of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Its words.
    pub words: usize,
    /// Those of its words that stand under a note, in part at least.
    pub marked: usize,
    /// Its notes.
    pub notes: usize,
    /// Notes by the id of their kind.
    pub kinds: BTreeMap<String, usize>,
    /// Notes by the ids of their kind and verdict; `-` for none.
    pub verdicts: BTreeMap<String, BTreeMap<String, usize>>,
    /// Notes by the name of their layer.
    pub layers: BTreeMap<String, usize>,
    /// Notes by the author of their layer; `-` for none.
    pub authors: BTreeMap<String, usize>,
}

/// A text and its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TextCounts {
    /// Its path.
    pub path: String,
    /// Its title.
    pub title: String,
    /// Its numbers.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Counts one text.
pub fn of(reader: &Reader<'_>) -> TextCounts {
    let reading = reader.text.reading();
    let mut counts = Counts { words: reading.split_whitespace().count(), ..Counts::default() };
    let mut spans: Vec<TextSpan> = Vec::new();
    for note in &reader.notes {
        let layer = reader.layers.get(note.layer);
        let name = |value: Option<&str>| value.filter(|value| !value.is_empty()).unwrap_or("-").to_owned();
        let kind = note.parsed.kind.clone();
        counts.notes += 1;
        *counts.kinds.entry(kind.clone()).or_default() += 1;
        *counts.verdicts.entry(kind).or_default().entry(name(note.parsed.verdict.as_deref())).or_default() +=
            1;
        *counts.layers.entry(name(layer.map(|layer| layer.name.as_str()))).or_default() += 1;
        *counts.authors.entry(name(layer.map(|layer| layer.author.as_str()))).or_default() += 1;
        spans.extend(&note.passages);
    }
    counts.marked = marked(reading, spans);
    TextCounts { path: reader.source.path.clone(), title: reader.source.title.clone(), counts }
}

/// How many words stand in any of `spans`, in part at least.
fn marked(reading: &str, mut spans: Vec<TextSpan>) -> usize {
    spans.sort_unstable();
    let (mut count, mut next, mut reach) = (0, 0, 0);
    for word in reading.split_whitespace() {
        let start = word.as_ptr() as usize - reading.as_ptr() as usize;
        while spans.get(next).is_some_and(|span| span.start < start + word.len()) {
            reach = reach.max(spans[next].end);
            next += 1;
        }
        count += usize::from(start < reach);
    }
    count
}

impl Counts {
    /// Adds the numbers of another.
    pub fn add(&mut self, other: &Self) {
        fn all(ours: &mut BTreeMap<String, usize>, theirs: &BTreeMap<String, usize>) {
            for (key, count) in theirs {
                *ours.entry(key.clone()).or_default() += count;
            }
        }
        self.words += other.words;
        self.marked += other.marked;
        self.notes += other.notes;
        all(&mut self.kinds, &other.kinds);
        all(&mut self.layers, &other.layers);
        all(&mut self.authors, &other.authors);
        for (kind, verdicts) in &other.verdicts {
            all(self.verdicts.entry(kind.clone()).or_default(), verdicts);
        }
    }

    /// The share of the words that stand under notes, in whole per cent, rounded down but never to nothing.
    pub fn share(&self) -> usize {
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
    fn a_word_under_several_notes_counts_once() {
        let spans = |list: &[(usize, usize)]| list.iter().map(|(a, b)| TextSpan::new(*a, *b)).collect();
        assert_eq!(marked("one two three four", spans(&[(4, 13), (0, 5), (8, 9)])), 3);
        assert_eq!(marked("one two three four", spans(&[(5, 6)])), 1);
        assert_eq!(marked("one two", spans(&[(3, 4)])), 0);
        assert_eq!(marked("", spans(&[])), 0);
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing() {
        let share = |marked, words| Counts { marked, words, ..Counts::default() }.share();
        assert_eq!([share(0, 0), share(1, 1000), share(1, 2), share(3, 3)], [0, 1, 50, 100]);
    }
}
