//! An imported text has the words of its file, and a composed quote matches its passage.

use crate::anchor::{Anchors, fold::fold};
use crate::compose::locate::Finder;
use crate::diagnostics::{Diagnostics, File, TextSpan};
use crate::text::library::{self, Library};
use crate::{import, notes, site, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::config;
use super::stage::HIGHLIGHTER;

/// Words that look like markup, that change when folded, or that contain each other.
const WORDS: [&str; 30] = [
    "a",
    "a",
    "b",
    "ab",
    "*c*",
    "[x]",
    "[…]",
    "[^1]",
    "1.",
    "1",
    "10",
    "-",
    "—",
    "“q”",
    "#",
    ">",
    "\\",
    "`z`",
    "<b>",
    "&amp;",
    "é",
    "e\u{301}",
    "so\u{ad}ft",
    "|",
    "~~s~~",
    "_u_",
    "…",
    "{#i}",
    "@key",
    "\n\n",
];

proptest! {
    #![proptest_config(config::cases(300))]

    /// Any text is imported with the same words, and the quote composed for a passage matches that passage.
    #[test]
    fn a_composed_quote_matches_its_passage(words in vec(select(&WORDS[..]), 1..40), from in 0..40_usize, count in 1..6_usize) {
        let received = File::new("in.txt", format!("x {}", words.join(" ")));
        let mut problems = Diagnostics::default();
        let made = import::plain::import(&received, "a", &mut problems);
        prop_assert!(!problems.has_errors(), "{:?}", problems.into_sorted());
        let markdown = String::from_utf8(made.unwrap().files.remove(0).bytes).unwrap();
        let source = library::parse(File::new("sources/a/index.md", markdown), &mut problems);
        let text = text::parse(&source, &Library::default(), &HIGHLIGHTER, &mut problems);
        let folded = fold(text.reading());
        let reading = text.reading();
        let places: Vec<(usize, usize)> = reading
            .split_whitespace()
            .map(|word| word.as_ptr() as usize - reading.as_ptr() as usize)
            .zip(reading.split_whitespace().map(str::len))
            .collect();
        let first = from % places.len();
        let last = (first + count).min(places.len()) - 1;
        let span = TextSpan::new(places[first].0, places[last].0 + places[last].1);
        let Some(quote) = Finder::new(&source, &text, &folded).quote(span) else { return Ok(()) };
        let which = quote.occurrence.map_or(String::new(), |number| format!(" occurrence={number}"));
        let note = format!("## T {{#t .marketing-claim{which}}}\n\n{}\nBody.\n", quote.markdown);
        let file = File::new("annotations/a.md", note);
        let site = site::Site::read(&File::new("site.toml", ""), &mut problems);
        let mut problems_of_note = Diagnostics::default();
        let layer = notes::parse(&file, &site, &mut problems_of_note);
        let anchors = Anchors::new(&source, &text, &folded, 1, site.orphans);
        let found = anchors.passages(&layer.notes[0], &file, &mut problems_of_note);
        prop_assert_eq!(&found, &[span], "{:?} in {:?}: {:?}", quote, reading, problems_of_note);
    }
}
