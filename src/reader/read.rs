//! Combines a text and its layers into a [`Reader`].
//!
//! 1. Anchor the notes of all layers that this build includes, sort them and number them.
//! 2. Check the notes that this build leaves out, so that errors in them are reported by every build.
//! 3. Number the citations over the whole page, then write prefaces, titles and bodies.
//! 4. Insert the marks and note references into the text.

use std::borrow::Cow;

use super::checks::report_unknown_works;
use super::edition::Edition;
use super::model::{Citation, HiddenContent, MAX_PLACED_NOTES, Placement, Reader, ReaderLayer, ReaderNote};
use super::weave::{MarkedNote, weave};
use super::writer::{WriteOptions, Writer};
use crate::anchor::Anchors;
use crate::anchor::fold::fold;
use crate::diagnostics::Diagnostics;
use crate::markdown::{Item, plain};
use crate::notes::{About, Layer, Layers, Note};
use crate::site::{Orphans, Site, front_matter};
use crate::text::Text;
use crate::text::library::Source;

/// Combines a text with its layers.
pub(crate) fn read<'a>(
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
                anchors.unmatched(note)
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
            kind: note.parsed.kind(site).map_or("", |kind| &kind.id),
            tone: note.parsed.tone(site),
            label,
            place: are_placed.then_some(at + 1),
            passages: &note.passages,
        })
        .collect();
    weave(&text.html, &marked)
}

/// The accessible name of a note reference: `Note 3, Marketing claim, Contradicted`.
fn reference_label(note: &ReaderNote<'_>, site: &Site) -> String {
    site.words.reference(
        &note.number,
        note.parsed.kind(site).map_or("", |kind| &kind.label),
        note.parsed.verdict(site).map_or("", |verdict| &verdict.label),
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
