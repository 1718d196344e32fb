//! Processes a text and its notes as the pipeline does.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::bibliography::Bibliography;
use crate::diagnostics::{Diagnostic, Diagnostics, File, TextSpan};
use crate::html::Html;
use crate::html::highlight::Highlighter;
use crate::notes::Layers;
use crate::reader::edition::Edition;
use crate::reader::weave::{MarkedNote, weave};
use crate::reader::{self, Reader};
use crate::site::Site;
use crate::text::library::{self, Library, Source};
use crate::text::{self, Text};
use unicode_segmentation::UnicodeSegmentation;

/// A shared highlighter, because its grammars are slow to load.
pub(crate) static HIGHLIGHTER: LazyLock<Highlighter> = LazyLock::new(Highlighter::default);
/// A site with the default kinds.
static SITE: LazyLock<Site> =
    LazyLock::new(|| Site::read(&File::new("site.toml", ""), &mut Diagnostics::default()));
static LIBRARY: LazyLock<Library> = LazyLock::new(Library::default);

/// Parses a text.
pub(crate) fn parse(markdown: &str) -> (Source, Text) {
    let mut diagnostics = Diagnostics::default();
    let source = library::parse(File::new("sources/a.md", markdown), &mut diagnostics);
    let text = text::parse(&source, &LIBRARY, &HIGHLIGHTER, &mut diagnostics);
    (source, text)
}

/// Reads a layer of notes on a parsed text.
pub(crate) fn read<T>(
    source: &Source,
    text: &Text,
    layer: &str,
    see: impl FnOnce(&Reader<'_>, Vec<Diagnostic>) -> T,
) -> T {
    let mut diagnostics = Diagnostics::default();
    let files: Vec<Arc<File>> = vec![File::new("annotations/a.md", layer)];
    let layers = Layers::read(&files, &SITE, &mut diagnostics);
    let (bibliography, note_assets) = (Bibliography::default(), BTreeMap::new());
    let edition = Edition {
        site: &SITE,
        library: &LIBRARY,
        bibliography: &bibliography,
        note_assets: &note_assets,
        highlighter: &HIGHLIGHTER,
        audience: None,
        drafts: false,
    };
    let reader = reader::read(source, text, &layers, &edition, &mut diagnostics);
    see(&reader, diagnostics.into_sorted())
}

/// A note to weave: its id, and its passages in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedNote {
    /// Its id.
    pub(crate) id: String,
    /// Its passages.
    pub(crate) passages: Vec<TextSpan>,
}

/// Notes in the order of their numbers, from passages in any order; notes without a passage are left out.
pub(crate) fn placed_notes(passages: Vec<Vec<TextSpan>>) -> Vec<PlacedNote> {
    let mut notes: Vec<PlacedNote> = Vec::new();
    for (index, mut passages) in passages.into_iter().enumerate().filter(|(_, passages)| !passages.is_empty())
    {
        passages.sort_unstable();
        passages.dedup();
        notes.push(PlacedNote { id: format!("n{index}"), passages });
    }
    notes.sort_by_key(|note| (note.passages[0].start, std::cmp::Reverse(note.passages[0].end)));
    notes
}

/// The HTML of a text with the marks of `notes`.
pub(crate) fn woven(html: &Html, notes: &[PlacedNote]) -> String {
    let numbers: Vec<String> = (1..=notes.len()).map(|number| number.to_string()).collect();
    let marked: Vec<MarkedNote<'_>> = notes
        .iter()
        .zip(&numbers)
        .map(|(note, number)| MarkedNote {
            id: &note.id,
            number,
            kind: if note.id.ends_with('1') { "cited-study" } else { "marketing-claim" },
            tone: None,
            label: "Note & \"label\" <b>",
            place: number.parse().ok(),
            passages: &note.passages,
        })
        .collect();
    weave(html, &marked)
}

/// Invisible characters, which are ignored in quotes.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The offsets of all grapheme boundaries.
pub(crate) fn boundaries(reading: &str) -> Vec<usize> {
    reading.grapheme_indices(true).map(|(at, _)| at).chain([reading.len()]).collect()
}

/// The range between two boundaries without white space and invisible characters at its ends; `None` if
/// nothing is left.
pub(crate) fn range(reading: &str, boundaries: &[usize], a: usize, b: usize) -> Option<TextSpan> {
    let blank = |c: char| c.is_whitespace() || invisible(c);
    let mut graphemes = &boundaries[a.min(b)..=a.max(b)];
    while let [start, rest @ ..] = graphemes
        && reading[*start..].starts_with(blank)
        && !rest.is_empty()
    {
        graphemes = rest;
    }
    while let [rest @ .., end] = graphemes
        && reading[..*end].ends_with(blank)
        && !rest.is_empty()
    {
        graphemes = rest;
    }
    let (start, end) = (*graphemes.first()?, *graphemes.last()?);
    (start < end).then(|| TextSpan::new(start, end))
}
