//! Laws 2 and 3 from files to a page: every note is at its passage or reported, and its marks equal its
//! quotes.

use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::diagnostics::{Severity, TextSpan};
use crate::reader::Placement;

use super::quoting::{Choice, Quote, choice};
use super::stage::{boundaries, parse, placed_notes, read};
use super::{config, marking, texts};

proptest! {
    #![proptest_config(config::cases(400))]

    #[test]
    fn every_note_is_at_its_passage_or_reported(
        markdown in texts::text(),
        notes in vec((vec(choice(), 1..4), any::<bool>()), 1..7),
    ) {
        let (source, text) = parse(&markdown);
        let layer = Layer::of(text.reading(), &notes);
        read(&source, &text, &layer.text, |reader, problems| {
            prop_assert_eq!(reader.notes.len(), layer.notes.len(), "notes on the page");
            for (index, expected) in layer.notes.iter().enumerate() {
                let id = format!("n{index}");
                let shown = reader.notes.iter().find(|note| note.parsed.id == id);
                let Some(shown) = shown else { return Err(TestCaseError::fail(format!("{id} is dropped"))) };
                let reported: Vec<&str> = problems
                    .iter()
                    .filter(|problem| problem.severity == Severity::Error)
                    .filter(|problem| expected.lines.contains(&problem.place.line_column().0))
                    .map(|problem| problem.code.as_str())
                    .collect();
                prop_assert_eq!(&reported, &expected.reported, "{} in {:?}:\n{}", id, text.reading(), layer.text);
                prop_assert_eq!(&shown.passages, &expected.passages, "{} in {:?}:\n{}", id, text.reading(), layer.text);
                prop_assert_eq!(shown.placement == Placement::Orphan, shown.passages.is_empty());
            }
            let passages = reader.notes.iter().map(|note| note.passages.is_empty());
            prop_assert!(passages.is_sorted_by_key(|orphan| orphan), "orphans come last");
            for (index, note) in reader.notes.iter().enumerate() {
                prop_assert_eq!(&note.number, &(index + 1).to_string());
            }
            let notes = placed_notes(layer.notes.into_iter().map(|note| note.passages).collect());
            marking::check_marks(&text.html, &notes, &reader.html)
        })?;
    }
}

/// A layer of notes on a text, with the expected results.
pub(crate) struct Layer {
    /// The source of the layer.
    pub(crate) text: String,
    /// Its notes; the ids are `n0`, `n1` ….
    pub(crate) notes: Vec<Expected>,
}

/// The expected result of a note.
pub(crate) struct Expected {
    /// The range of its lines.
    pub(crate) lines: Range<usize>,
    /// The passages of all its quotes; none if a quote is unmatched.
    pub(crate) passages: Vec<TextSpan>,
    /// The codes of the expected diagnostics.
    pub(crate) reported: Vec<&'static str>,
}

impl Layer {
    /// A layer of notes with the chosen quotes; the flag of each note requests all matches.
    pub(crate) fn of(reading: &str, notes: &[(Vec<Choice>, bool)]) -> Self {
        let boundaries = boundaries(reading);
        let mut layer = Self { text: String::new(), notes: Vec::new() };
        for (choices, all) in notes {
            let quotes: Vec<Quote> =
                choices.iter().filter_map(|choice| choice.quote(reading, &boundaries)).collect();
            if !quotes.is_empty() {
                layer.add(reading, &quotes, *all);
            }
        }
        layer
    }

    fn add(&mut self, reading: &str, quotes: &[Quote], all: bool) {
        let first = self.text.lines().count() + 1;
        let (id, attributes) = (self.notes.len(), if all { " occurrence=all" } else { "" });
        self.text.push_str(&format!("## Note *{id}* {{#n{id} .marketing-claim{attributes}}}\n\n"));
        let mut expected = Expected { lines: first..first, passages: Vec::new(), reported: Vec::new() };
        for quote in quotes {
            self.text.push_str(&format!("{}\n", quote.markdown()));
            let matches = quote.passages(reading);
            match matches.len() {
                0 => expected.reported.push("anchor.orphan"),
                1 => expected.passages.extend(matches),
                _ if all => expected.passages.extend(matches),
                _ => expected.reported.push("anchor.ambiguous"),
            }
        }
        self.text.push_str("Body.\n\n");
        expected.lines.end = self.text.lines().count() + 1;
        if !expected.reported.is_empty() {
            expected.passages.clear();
        }
        expected.passages.sort_unstable();
        expected.passages.dedup();
        self.notes.push(expected);
    }
}
