//! How quotes are matched: a quote with enough context matches exactly the passage it was copied from, and
//! every quote has the same matches as in the reference search.

use proptest::prelude::*;

use crate::anchor::fold::fold;
use crate::anchor::matches::Matches;
use crate::diagnostics::{Diagnostic, Severity, TextSpan};
use crate::reader::Reader;

use super::quoting::{Choice, Quote, changed, choice};
use super::stage::{boundaries, parse, range, read};
use super::{config, naive, texts};

proptest! {
    #![proptest_config(config::cases(500))]

    #[test]
    fn a_quote_with_context_matches_its_passage(
        markdown in texts::text(),
        choice in choice(),
        dice in prop::collection::vec(any::<u8>(), 0..16),
    ) {
        let (source, text) = parse(&markdown);
        let reading = text.reading();
        let boundaries = boundaries(reading);
        let Some(passage) = choice.range(reading, &boundaries) else { return Ok(()) };
        let context = enough(reading, &boundaries, passage);
        let Some(quote) = in_context(reading, passage, context, &dice) else { return Ok(()) };
        let layer = layer("", &quote);
        let found = read(&source, &text, &layer, |reader, problems| passages(reader, &problems));
        prop_assert_eq!(found, Ok(vec![passage]), "{:?} in {:?}", layer, reading);
    }

    #[test]
    fn a_quote_has_the_matches_of_the_reference_search(
        markdown in texts::text(),
        choice in choice(),
        occurrence in prop_oneof![2 => Just(None), 1 => Just(Some(0)), 2 => (1_usize..5).prop_map(Some)],
    ) {
        let (source, text) = parse(&markdown);
        let reading = text.reading();
        let Some(quote) = chosen(&choice, reading) else { return Ok(()) };
        let layer = match occurrence {
            None => layer("", &quote),
            Some(0) => layer("occurrence=all", &quote),
            Some(number) => layer(&format!("occurrence={number}"), &quote),
        };
        let found = read(&source, &text, &layer, |reader, problems| passages(reader, &problems));
        let mut matches = quote.passages(reading);
        let expected = match (matches.len(), occurrence) {
            (0, _) => Err("anchor.orphan".to_owned()),
            (1, None) => Ok(matches),
            (_, None) => Err("anchor.ambiguous".to_owned()),
            (_, Some(0)) => {
                matches.sort_unstable();
                matches.dedup();
                Ok(matches)
            }
            (count, Some(number)) if number > count => Err("anchor.occurrence".to_owned()),
            (_, Some(number)) => Ok(vec![matches[number - 1]]),
        };
        prop_assert_eq!(found, expected, "{:?} in {:?}", layer, reading);
    }

    #[test]
    fn indexed_and_scanned_searches_agree(markdown in texts::text(), choice in choice()) {
        let (_, text) = parse(&markdown.repeat(3));
        let reading = text.reading();
        let Some(words) = choice.range(reading, &boundaries(reading)) else { return Ok(()) };
        let folded = fold(reading);
        let needle = fold(&reading[words.range()]).text;
        let found = |count| Matches::new(reading, &folded, count).all(&needle).to_vec();
        prop_assert_eq!(found(1), found(usize::MAX), "{:?} in {:?}", needle, reading);
    }

    #[test]
    fn folding_equals_the_reference(words in texts::text()) {
        prop_assert_eq!(fold(&words).text, naive::fold(&words));
    }
}

/// A quote of a text; `None` if a combining mark follows white space, or for characters that a text cannot
/// contain.
pub(crate) fn chosen(choice: &Choice, reading: &str) -> Option<Quote> {
    choice.quote(reading, &boundaries(reading))
}

/// A layer with a single note.
fn layer(attributes: &str, quote: &Quote) -> String {
    format!("## T {{#n .marketing-claim {attributes}}}\n\n{}\nBody.\n", quote.markdown())
}

/// The passages of the only note, or the code of the first error.
fn passages(reader: &Reader<'_>, problems: &[Diagnostic]) -> Result<Vec<TextSpan>, String> {
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(problem.code.as_str().to_owned()),
        None => Ok(reader.notes.iter().flat_map(|note| note.passages.clone()).collect()),
    }
}

/// The smallest context, by doubling, that makes a passage unique.
fn enough(reading: &str, boundaries: &[usize], passage: TextSpan) -> TextSpan {
    let place = |at: usize| boundaries.partition_point(|&boundary| boundary < at);
    let (start, end) = (place(passage.start), place(passage.end));
    let mut width = 0;
    loop {
        let (from, to) = (start.saturating_sub(width), (end + width).min(boundaries.len() - 1));
        let context = range(reading, boundaries, from, to).unwrap_or(passage);
        let whole = from == 0 && to + 1 == boundaries.len();
        if whole || naive::places(reading, &reading[context.range()]).len() == 1 {
            return context;
        }
        width = width * 2 + 1;
    }
}

/// A quote of a passage in its context, with characters changed by the dice; `None` if it no longer folds to
/// the same.
fn in_context(reading: &str, passage: TextSpan, context: TextSpan, dice: &[u8]) -> Option<Quote> {
    let mut dice = dice.iter().copied().chain(std::iter::repeat(0));
    let cuts = [context.start, passage.start, passage.end, context.end];
    let [before, bold, after] = [0, 1, 2].map(|at| changed(&reading[cuts[at]..cuts[at + 1]], &mut dice));
    let words = format!("{before}{bold}{after}");
    let same = naive::fold(&words) == naive::fold(&reading[context.range()]);
    let (start, end) = (before.len(), before.len() + bold.len());
    let bold = (context != passage).then_some(((0, start), (0, end)));
    same.then(|| Quote { parts: vec![words], bold })
}
