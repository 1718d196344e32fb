//! Combines a text and its layers into a [`Reader`]: everything that a reader page shows.
//!
//! 1. Anchor the notes of all layers that this build includes, sort them and number them.
//! 2. Check the notes that this build leaves out, so that errors in them are reported by every build.
//! 3. Number the citations over the whole page, then write prefaces, titles and bodies.
//! 4. Insert the marks and note references into the text.

use std::borrow::Cow;

use super::checks::report_unknown_works;
use super::edition::Edition;
use super::links::PageLinks;
use super::weave::{MarkedNote, weave};
use super::writer::{WriteOptions, Writer};
use crate::anchor::Anchors;
use crate::anchor::fold::fold;
use crate::bibliography::ListedWork;
use crate::diagnostics::{Diagnostics, TextSpan};
use crate::html::Heading;
use crate::markdown::{Item, plain};
use crate::notes::{About, Layer, Layers, Note, Quote};
use crate::site::{Orphans, Site, front_matter};
use crate::text::Text;
use crate::text::library::Source;

/// The most notes on a page that are placed with CSS anchor positioning. A page with more notes is dense and does not
/// use it, because long chains of positioned notes are slow in some browsers.
pub const MAX_PLACED_NOTES: usize = 100;

/// A text with its notes, as a reader page shows them.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The text.
    pub source: &'a Source,
    /// The HTML of `#source`, with marks and note references.
    pub html: String,
    /// The reading text, blocks and headings.
    pub text: &'a Text,
    /// The layers, in order.
    pub layers: Vec<ReaderLayer>,
    /// The notes in the order of their numbers; orphans come last.
    pub notes: Vec<ReaderNote<'a>>,
    /// The works that the page cites.
    pub works: Vec<ListedWork>,
    /// The links in prefaces and notes to other pages and files.
    pub links: PageLinks,
    /// The keys of the works cited in prefaces, bodies and attributes.
    pub cited: Vec<String>,
    /// Links and citations of the notes that this build leaves out.
    pub hidden: HiddenContent,
}

impl Reader<'_> {
    /// The headings of the text.
    pub fn headings(&self) -> &[Heading] {
        &self.text.html.headings
    }
}

/// Links and citations of the layers and notes that a build leaves out. They are checked in every build.
#[derive(Debug, Clone, Default)]
pub struct HiddenContent {
    /// The links to other pages.
    pub links: PageLinks,
    /// The keys of the works cited.
    pub cited: Vec<String>,
}

/// A layer as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderLayer {
    /// The name.
    pub name: String,
    /// The author; may be empty.
    pub author: String,
    /// The date; may be empty.
    pub date: String,
    /// One or two sentences on what the notes conclude; may be empty.
    pub summary: String,
    /// The preface as HTML.
    pub preface: String,
    /// The preface as plain text.
    pub preface_words: String,
    /// The citations in the preface, in reading order.
    pub cites: Vec<Citation>,
}

/// A citation of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The key of the work.
    pub key: String,
    /// The locator as written, such as `p. 3`; may be empty.
    pub locator: String,
}

/// A note as a page shows it.
#[derive(Debug)]
pub struct ReaderNote<'a> {
    /// The note as parsed from its layer.
    pub parsed: &'a Note<'a>,
    /// The number on the page, such as `12` or `12a`.
    pub number: String,
    /// The index of its layer in [`Reader::layers`].
    pub layer: usize,
    /// The audience set by the note or its layer; `None` for everyone.
    pub audience: Option<&'a str>,
    /// The title as HTML.
    pub title: String,
    /// The title as plain text.
    pub title_words: String,
    /// The body as HTML.
    pub body: String,
    /// The body as plain text, without citations.
    pub body_words: String,
    /// The formatted citation of the works that the passage refers to; may be empty.
    pub works: String,
    /// The citations in the body, in reading order.
    pub cites: Vec<Citation>,
    /// The passages, in reading order.
    pub passages: Vec<TextSpan>,
    /// The quotes that were not found, if others of the note were.
    pub unmatched_quotes: Vec<&'a Quote>,
    /// Where the page shows it.
    pub placement: Placement,
}

/// Where a note is shown on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// Above the text: it is about the text as a whole.
    Text,
    /// Beside its passage.
    Passage,
    /// At the end: its passage was not found.
    Orphan,
}

/// Combines a text with its layers.
pub fn read<'a>(
    source: &'a Source,
    text: &'a Text,
    layers: &'a Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> Reader<'a> {
    let mut notes = anchor_notes(source, text, layers, edition, diagnostics);
    sort_notes(&mut notes);
    number_notes(&mut notes);
    let included: Vec<(usize, &Layer<'a>)> = layers
        .iter()
        .enumerate()
        .filter(|(at, layer)| {
            edition.shows(layer.front.audience.as_deref(), layer.front.draft)
                || notes.iter().any(|note| note.layer == *at)
        })
        .collect();
    let hidden = read_hidden(source, layers, edition, diagnostics);
    let mut writer = Writer::new(source, layers, edition);
    let prefaces: Vec<(Cow<'_, [Item<'a>]>, Vec<Citation>)> =
        included.iter().map(|(_, layer)| writer.cite(&layer.preface, layer.file)).collect();
    let bodies: Vec<(Cow<'_, [Item<'a>]>, Option<usize>)> = notes
        .iter_mut()
        .map(|note| {
            let ((body, cites), works) = writer.cite_note(note.parsed, layers.get(note.layer));
            note.cites = cites;
            (body, works)
        })
        .collect();
    let citations = writer.format(diagnostics);
    let reader_layers: Vec<ReaderLayer> = included
        .iter()
        .zip(prefaces)
        .enumerate()
        .map(|(index, ((_, layer), (preface, cites)))| {
            let layer = writer.layer(layer, &preface, index, &citations.clusters, diagnostics);
            ReaderLayer { cites, ..layer }
        })
        .collect();
    for (note, (body, works)) in notes.iter_mut().zip(bodies) {
        let layer = layers.get(note.layer);
        writer.note(note, layer, &body, &citations.clusters, diagnostics);
        note.works = works.and_then(|index| citations.clusters.get(index)).cloned().unwrap_or_default();
        note.layer = included.iter().position(|(at, _)| *at == note.layer).unwrap_or(0);
    }
    let html = weave_notes(text, &notes, edition.site);
    Reader {
        source,
        html,
        text,
        layers: reader_layers,
        works: citations.works,
        links: writer.links,
        cited: writer.citations.keys.into_iter().map(|(key, _)| key).collect(),
        hidden,
        notes,
    }
}

/// The notes that this build includes, with their passages, in the order of the files.
fn anchor_notes<'a>(
    source: &'a Source,
    text: &'a Text,
    layers: &'a Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<ReaderNote<'a>> {
    let searches = |note: &Note<'_>| note.quotes.iter().map(|quote| quote.gaps.len() + 1).sum::<usize>();
    let count = layers.notes().map(|(_, _, note)| searches(note)).sum();
    // With unclosed front matter there is no text to search; that was reported before.
    if layers.notes().next().is_none() || !front_matter::is_closed(&source.file.text) {
        return Vec::new();
    }
    let folded = fold(text.reading());
    let anchors = Anchors::new(source, text, &folded, count, edition.site.orphans);
    let mut notes = Vec::new();
    for (layer_index, layer, note) in layers.notes() {
        let audience = Layers::audience(layer, note);
        let is_included = edition.shows(audience, Layers::is_draft(layer, note));
        // Notes for other audiences are anchored too, so that `check` reports every error that a build for those
        // audiences would report. Drafts are skipped, since they may still be wrong.
        if Layers::is_draft(layer, note) && !edition.drafts {
            continue;
        }
        let passages = anchors.passages(note, layer.file, diagnostics);
        if !is_included {
            continue;
        }
        let placement = match (note.about, passages.is_empty()) {
            (Some(About::Text), _) => Placement::Text,
            (_, true) => Placement::Orphan,
            (_, false) => Placement::Passage,
        };
        notes.push(ReaderNote {
            parsed: note,
            number: String::new(),
            layer: layer_index,
            audience,
            title: String::new(),
            title_words: plain(&note.title),
            body: String::new(),
            body_words: String::new(),
            works: String::new(),
            cites: Vec::new(),
            unmatched_quotes: if note.quotes.len() > 1
                && placement == Placement::Passage
                && edition.site.orphans == Orphans::List
            {
                anchors.lost(note)
            } else {
                Vec::new()
            },
            passages,
            placement,
        });
    }
    notes
}

/// Checks the layers and notes that this build leaves out as if it included them, so that `check` reports every error
/// that a build for another audience would report. The HTML is discarded.
///
/// Drafts may still be wrong, so only their citations are read: a work that a draft cites is not reported as uncited.
fn read_hidden<'a>(
    source: &Source,
    layers: &Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> HiddenContent {
    let mut writer = Writer::new(source, layers, edition);
    for layer in layers.iter() {
        let is_hidden = !edition.shows(layer.front.audience.as_deref(), layer.front.draft);
        if is_hidden {
            let (preface, _) = writer.cite(&layer.preface, layer.file);
            if !layer.front.draft {
                let options = WriteOptions::discarded(layer.front.audience.as_deref());
                writer.write(&preface, layer, options, &[], diagnostics);
            }
        }
        for note in &layer.notes {
            let (audience, draft) = (Layers::audience(layer, note), Layers::is_draft(layer, note));
            if edition.shows(audience, draft) {
                continue;
            }
            let ((body, _), _) = writer.cite_note(note, layer);
            if !draft {
                let options = WriteOptions::discarded(audience);
                writer.write(&note.title, layer, options, &[], diagnostics);
                writer.write(&body, layer, options, &[], diagnostics);
            }
        }
    }
    report_unknown_works(edition.bibliography, &writer.citations.keys, diagnostics);
    HiddenContent {
        links: writer.links,
        cited: writer.citations.keys.into_iter().map(|(key, _)| key).collect(),
    }
}

/// Sorts notes: those about the text as a whole, then by the start of the first passage, the longer passage first, then
/// orphans. The sort is stable, so notes at one place keep the order of layers and of the file.
fn sort_notes(notes: &mut [ReaderNote<'_>]) {
    notes.sort_by_key(|note| {
        let first = note.passages.first().copied().unwrap_or_default();
        (note.placement, first.start, std::cmp::Reverse(first.end))
    });
}

/// Numbers the notes from 1. A note for an audience takes the number of the public note before it and a letter, `12a`,
/// so that every note keeps its number in builds for other audiences.
fn number_notes(notes: &mut [ReaderNote<'_>]) {
    let (mut number, mut letter) = (0_usize, 0_usize);
    for note in notes {
        if note.audience.is_some() {
            letter += 1;
            note.number = format!("{number}{}", letters(letter));
        } else {
            number += 1;
            letter = 0;
            note.number = number.to_string();
        }
    }
}

/// The letters for a number from 1: `a` for 1, `z` for 26, `aa` for 27.
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(b'a' + (number % 26) as u8);
        number /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The HTML of the text with marks and note references.
fn weave_notes(text: &Text, notes: &[ReaderNote<'_>], site: &Site) -> String {
    let labels: Vec<String> = notes.iter().map(|note| reference_label(note, site)).collect();
    let are_placed = notes.len() <= MAX_PLACED_NOTES;
    let marked: Vec<MarkedNote<'_>> = notes
        .iter()
        .zip(&labels)
        .enumerate()
        .map(|(at, (note, label))| MarkedNote {
            id: &note.parsed.id,
            number: &note.number,
            kind: &note.parsed.kind,
            label,
            place: are_placed.then_some(at + 1),
            passages: &note.passages,
        })
        .collect();
    weave(&text.html, &marked)
}

/// The accessible name of a note reference: `Note 3, Marketing claim, Contradicted`.
fn reference_label(note: &ReaderNote<'_>, site: &Site) -> String {
    let kind = site.kind(&note.parsed.kind);
    let verdict = kind.zip(note.parsed.verdict.as_deref()).and_then(|(kind, id)| kind.verdict(id));
    site.words.reference(
        &note.number,
        kind.map_or("", |kind| &kind.label),
        verdict.map_or("", |verdict| &verdict.label),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_continue_after_z() {
        assert_eq!([1, 2, 26, 27, 53].map(letters), ["a", "b", "z", "aa", "ba"]);
    }
}
