//! Laws 1 and 3, tested on the markup of random texts and passages.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use crate::diagnostics::TextSpan;
use crate::html::Html;

use super::markup::Event;
use super::stage::{PlacedNote, boundaries, parse, placed_notes, range, woven};
use super::{config, dom, markup, texts};

proptest! {
    #![proptest_config(config::cases(1500))]

    #[test]
    fn a_text_is_parsed_as_written(markdown in texts::text()) {
        let (_, text) = parse(&markdown);
        parses_as_written(&text.html)?;
        ids_are_in_order(&text.html)?;
        prop_assert_eq!(&parse(&markdown).1.html, &text.html, "parsed twice");
    }

    #[test]
    fn a_comment_does_not_affect_the_text(markdown in texts::text()) {
        prop_assume!(!markdown.starts_with(['+', '\u{feff}']), "no front matter");
        let commented = parse(&format!("<!-- a comment: raw HTML takes another way -->\n\n{markdown}")).1;
        prop_assert_eq!(outline(&commented.html)?, outline(&parse(&markdown).1.html)?);
    }

    #[test]
    fn marks_do_not_affect_the_text(markdown in texts::text(), at in passages()) {
        let (_, text) = parse(&markdown);
        let notes = placed(&text.html, &at);
        check_marks(&text.html, &notes, &woven(&text.html, &notes))?;
    }
}

/// The passages of each note, for a text that is not known yet.
pub(crate) fn passages() -> BoxedStrategy<Vec<Vec<(Index, Index)>>> {
    vec(vec((any::<Index>(), any::<Index>()), 1..3), 1..7).boxed()
}

/// Notes with these passages in a text.
pub(crate) fn placed(html: &Html, at: &[Vec<(Index, Index)>]) -> Vec<PlacedNote> {
    let boundaries = boundaries(&html.reading);
    let passages = at.iter().map(|note| {
        let place = |index: &Index| index.index(boundaries.len());
        note.iter()
            .filter_map(|(from, to)| range(&html.reading, &boundaries, place(from), place(to)))
            .collect()
    });
    placed_notes(passages.collect())
}

/// Asserts laws 1 and 3 for a text and the same text with the marks of `notes`.
pub(crate) fn check_marks(html: &Html, notes: &[PlacedNote], woven: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(&markup::without_marks(woven)?, &html.html, "marks taken out");
    let events = dom::events(woven)?;
    prop_assert_eq!(&markup::events(woven)?, &events, "parsed as written");
    prop_assert_eq!(&dom::text_content(&events), &html.reading);
    marks_are_the_passages(&html.reading, notes, &events)
}

/// Asserts that a browser parses what was written: the same elements, and the reading text.
pub(crate) fn parses_as_written(html: &Html) -> Result<(), TestCaseError> {
    prop_assert_eq!(&markup::without_marks(&html.html)?, &html.html, "nothing looks like a mark");
    let written = markup::events(&html.html)?;
    let read = dom::events(&html.html)?;
    prop_assert_eq!(&written, &read, "parsed as written");
    prop_assert_eq!(&dom::text_content(&read), &html.reading, "the reading text is the textContent");
    let mut end = 0;
    for run in &html.runs {
        prop_assert_eq!(run.text.start, end, "runs follow each other");
        prop_assert!(run.text.start < run.text.end, "a run is not empty");
        end = run.text.end;
    }
    prop_assert_eq!(end, html.reading.len(), "runs join to the whole reading text");
    block_borders_are_line_breaks(&read)
}

/// Asserts that a line break follows every block, table cell and `<br>`, and precedes a block that follows
/// text.
fn block_borders_are_line_breaks(events: &[Event]) -> Result<(), TestCaseError> {
    let mut before = '\n';
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Text(words) => before = words.chars().last().unwrap_or(before),
            Event::Close(name) if dom::separates_words(name) => {
                let broken =
                    matches!(events.get(at + 1), Some(Event::Text(words)) if words.starts_with('\n'));
                prop_assert!(broken, "no line break after {name}: {events:?}");
            }
            Event::Open(name, _) if dom::separates_words(name) && name != "br" => {
                prop_assert_eq!(before, '\n', "no line break before {}: {:?}", name, events);
            }
            Event::Open(..) | Event::Close(_) => {}
        }
    }
    Ok(())
}

/// The elements and the text, with white space folded.
fn outline(html: &Html) -> Result<Vec<Event>, TestCaseError> {
    let mut events = markup::events(&html.html)?;
    for event in &mut events {
        match event {
            Event::Text(words) => *words = words.split_whitespace().collect::<Vec<_>>().join(" "),
            // A block with only white space may have no number.
            Event::Open(_, attributes) => attributes.retain(|key, id| key != "id" || !id.starts_with("p-")),
            Event::Close(_) => {}
        }
    }
    events.retain(|event| *event != Event::Text(String::new()));
    Ok(events)
}

/// Asserts that the blocks that directly contain text have the ids `p-1`, `p-2` … in document order, that all
/// other ids begin with `t-`, and that there are no duplicate ids.
pub(crate) fn ids_are_in_order(html: &Html) -> Result<(), TestCaseError> {
    let mut open: Vec<(&str, Option<usize>)> = Vec::new();
    let mut seen = BTreeMap::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut worded: Vec<(usize, usize)> = Vec::new();
    let mut child = 0;
    let events = markup::events(&html.html)?;
    for event in &events {
        match event {
            Event::Open(name, attributes) => {
                child += usize::from(open.is_empty());
                let id = attributes.get("id").map_or("", String::as_str);
                let number = id.strip_prefix("p-").and_then(|number| number.parse().ok());
                prop_assert!(
                    id.is_empty() || number.is_some() || id.starts_with("t-"),
                    "the id {id:?} has no prefix"
                );
                let twice = !id.is_empty() && seen.insert(id.to_owned(), name.as_str()).is_some();
                prop_assert!(!twice, "duplicate id {id:?}: {}", html.html);
                starts.extend(number);
                open.push((name, number.or(open.last().and_then(|(_, number)| *number))));
            }
            Event::Close(_) => _ = open.pop(),
            Event::Text(_) => {}
        }
        let words = match event {
            Event::Text(words) => !words.trim_matches('\n').is_empty(),
            Event::Open(name, attributes) => {
                matches!(name.as_str(), "img" | "br" | "wbr")
                    || attributes.get("role").is_some_and(|role| role == "img")
            }
            Event::Close(_) => false,
        };
        let number = open.last().and_then(|(_, number)| *number).filter(|_| words);
        worded.extend(
            number
                .filter(|number| seen.remove(&format!("p-{number}")).is_some())
                .map(|number| (number, child)),
        );
    }
    prop_assert!(starts.is_sorted(), "numbers are not ascending: {starts:?} in {}", html.html);
    for (number, child) in worded {
        let block = html.blocks.get(number - 1).map(|block| block.child);
        prop_assert_eq!(block, Some(child), "the child of #source that contains p-{}: {}", number, html.html);
    }
    // The other blocks do not directly contain text. Line breaks count as text in code and in raw HTML.
    let code = html.html.contains("<pre");
    let wordless = seen.keys().find(|id| id.starts_with("p-") && !code);
    prop_assert!(wordless.is_none(), "{wordless:?} has no text of its own: {}", html.html);
    Ok(())
}

/// The marks and references at each position of the reading text.
#[derive(Default)]
struct Seen {
    /// For each byte, the notes of its mark.
    notes: Vec<Vec<String>>,
    /// For each byte, whether it is a line break at a block boundary.
    border: Vec<bool>,
    /// For each byte, whether it is in a link.
    link: Vec<bool>,
    /// Each id, with its position and whether it is on a mark.
    ids: BTreeMap<String, (usize, bool)>,
    /// The references, with their position and note.
    references: Vec<(usize, String)>,
    /// The start of each mark.
    marks: BTreeMap<usize, Vec<String>>,
}

impl Seen {
    fn of(events: &[Event]) -> Result<Self, TestCaseError> {
        let mut seen = Self::default();
        let mut open: Vec<&str> = Vec::new();
        let mut notes: Vec<String> = Vec::new();
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Open(name, attributes) => {
                    if name == "mark" {
                        prop_assert!(!open.contains(&"mark"), "marks are nested: {events:?}");
                        notes = attributes["data-notes"].split(' ').map(str::to_owned).collect();
                        seen.marks.insert(seen.notes.len(), notes.clone());
                        let full =
                            matches!(events.get(at + 1), Some(Event::Text(words)) if !words.is_empty());
                        prop_assert!(full, "a mark is empty: {events:?}");
                    }
                    if attributes.get("class").is_some_and(|class| class == "note-ref") {
                        prop_assert!(!open.contains(&"a"), "a reference in a link: {events:?}");
                        let note = attributes["href"].trim_start_matches("#note-").to_owned();
                        seen.references.push((seen.notes.len(), note));
                    }
                    if let Some(id) = attributes.get("id").filter(|id| id.starts_with("passage-")) {
                        let twice = seen.ids.insert(id.clone(), (seen.notes.len(), name == "mark"));
                        prop_assert!(twice.is_none(), "duplicate id {id}");
                    }
                    open.push(name);
                }
                Event::Close(name) => {
                    open.pop();
                    if name == "mark" {
                        notes.clear();
                    }
                }
                Event::Text(words) => {
                    let starts = at == 0 || border(&events[at - 1], true);
                    let ends = events.get(at + 1).is_none_or(|event| border(event, false));
                    for byte in 0..words.len() {
                        let lead = byte == 0 && words.starts_with('\n') && starts;
                        let trail = byte + 1 == words.len() && words.ends_with('\n') && ends;
                        seen.border.push(lead || trail);
                        seen.notes.push(notes.clone());
                        seen.link.push(open.contains(&"a"));
                    }
                }
            }
        }
        Ok(seen)
    }
}

/// Whether text is next to a block boundary on this side.
fn border(event: &Event, before: bool) -> bool {
    match event {
        Event::Open(name, _) => dom::separates_words(name) && !before,
        Event::Close(name) => dom::separates_words(name) && before,
        Event::Text(_) => false,
    }
}

/// Asserts that the marks of each note are exactly its passages.
fn marks_are_the_passages(
    reading: &str,
    notes: &[PlacedNote],
    events: &[Event],
) -> Result<(), TestCaseError> {
    let seen = Seen::of(events)?;
    for at in 0..reading.len() {
        let over = notes.iter().filter(|note| note.passages.iter().any(|span| span.range().contains(&at)));
        let ids: Vec<&str> = over.map(|note| note.id.as_str()).collect();
        let unmarked = seen.border[at] && seen.notes[at].is_empty();
        prop_assert!(
            unmarked || seen.notes[at] == ids,
            "at byte {at} {:?}: marked {:?}, quoted {ids:?}",
            &reading[..at],
            seen.notes[at]
        );
    }
    let mut references = seen.references.clone();
    for (number, note) in notes.iter().enumerate() {
        for (index, span) in note.passages.iter().enumerate() {
            identified(&seen, notes, (number, index), *span)?;
            let place = references.iter().position(|(at, id)| *id == note.id && follows(&seen, *span, *at));
            prop_assert!(place.is_some(), "no reference to {} after {span:?}: {references:?}", note.id);
            references.remove(place.unwrap_or_default());
        }
    }
    prop_assert_eq!(&references, &[], "references without a passage");
    let count: usize = notes.iter().map(|note| note.passages.len()).sum();
    prop_assert_eq!(seen.ids.len(), count, "ids of passages: {:?}", seen.ids);
    Ok(())
}

/// Whether a reference at `at` directly follows a passage, or the link in which the passage ends.
fn follows(seen: &Seen, span: TextSpan, at: usize) -> bool {
    at == span.end || (at > span.end && (span.end - 1..at).all(|byte| seen.link[byte]))
}

/// Asserts that a passage has its id on its first mark, or on its reference if a lower-numbered passage
/// begins at the same place.
fn identified(
    seen: &Seen,
    notes: &[PlacedNote],
    (number, index): (usize, usize),
    span: TextSpan,
) -> Result<(), TestCaseError> {
    let id = match index {
        0 => format!("passage-{}", notes[number].id),
        _ => format!("passage-{}.{}", notes[number].id, index + 1),
    };
    let Some(&(at, on_mark)) = seen.ids.get(&id) else {
        return Err(TestCaseError::fail(format!("no {id}: {:?}", seen.ids)));
    };
    if on_mark {
        prop_assert_eq!(at, span.start, "{} is at the start of its passage", id);
        return Ok(());
    }
    let mut lower = notes.iter().take(number + 1).enumerate().flat_map(|(note, put)| {
        put.passages.iter().enumerate().map(move |(passage, span)| ((note, passage), span))
    });
    let displaced = lower.any(|(which, other)| which < (number, index) && other.start == span.start);
    prop_assert!(displaced && follows(seen, span, at), "{id} is on a reference at {at}, {span:?}");
    Ok(())
}
