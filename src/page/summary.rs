//! The summary of a text for lists of texts: its counts, and where its notes are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::diagnostics::TextSpan;
use crate::reader::{Reader, ReaderNote};
use crate::site::{KindId, Site, Tone, VerdictId};
use crate::text::first_words::first_words;

/// The number of notes of a kind, in total and by verdict.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Count<'p> {
    #[serde(skip)]
    pub(super) kind_id: KindId,
    kind: &'p str,
    label: &'p str,
    plural: &'p str,
    symbol: &'p str,
    count: usize,
    verdicts: Vec<VerdictCount<'p>>,
}

/// The number of notes with a verdict.
#[derive(Debug, Clone, Serialize)]
struct VerdictCount<'p> {
    id: &'p str,
    label: &'p str,
    tone: &'static str,
    count: usize,
}

/// The passages of a text whose notes have the same colour.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Lane<'p> {
    tone: &'static str,
    kind: &'p str,
    path: &'p str,
}

/// The data of a text that lists of texts show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Summary {
    /// The text's path.
    pub path: String,
    /// The number of notes by kind and verdict.
    pub verdicts: BTreeMap<(KindId, Option<VerdictId>), usize>,
    /// The number of notes.
    pub notes: usize,
    /// The positions of the passages, as an SVG path in a drawing 100 wide and 10 high: one for each tone, and for notes
    /// without a tone one for each kind.
    pub lanes: BTreeMap<(Option<Tone>, Option<KindId>), String>,
    /// The number of passages that start in each quarter of the text.
    pub spread: [usize; 4],
    /// The newest date of a note; `None` if no note has one.
    pub newest: Option<String>,
    /// The summary of the first layer that has one, else the first words of the first preface.
    pub preface: String,
}

impl Summary {
    /// Makes the summary of a reader, so that the reader can be dropped after its page is written.
    pub(crate) fn of(reader: &Reader<'_>, site: &Site) -> Self {
        let summary =
            reader.layers.iter().map(|layer| layer.summary.as_str()).find(|summary| !summary.is_empty());
        let preface = reader.layers.iter().find(|layer| !layer.preface_words.trim().is_empty());
        let mut result = Self {
            path: reader.source.path.clone(),
            notes: reader.notes.len(),
            verdicts: BTreeMap::new(),
            lanes: BTreeMap::new(),
            spread: [0; 4],
            newest: newest(reader),
            preface: summary.map(str::to_owned).unwrap_or_else(|| {
                preface.map(|layer| first_words(&layer.preface_words)).unwrap_or_default()
            }),
        };
        let length = reader.text.reading().len();
        for note in &reader.notes {
            // An unknown kind was reported when the layer was read.
            let Some(kind) = note.parsed.kind else { continue };
            *result.verdicts.entry((kind, note.parsed.verdict)).or_insert(0) += 1;
            let tone = note.parsed.tone(site);
            let lane = result.lanes.entry((tone, tone.is_none().then_some(kind))).or_default();
            for passage in &note.passages {
                draw(lane, *passage, length);
                let quarter = (passage.start.saturating_mul(4) / length.max(1)).min(3);
                if let Some(count) = result.spread.get_mut(quarter) {
                    *count += 1;
                }
            }
        }
        result
    }

    /// The positions of the passages for templates.
    pub(super) fn lanes<'p>(&'p self, site: &'p Site) -> Vec<Lane<'p>> {
        let lanes = self.lanes.iter().map(|((tone, kind), path)| Lane {
            tone: tone.map_or("", Tone::as_str),
            kind: kind.and_then(|kind| site.kind(kind)).map_or("", |kind| &kind.id),
            path,
        });
        lanes.collect()
    }

    /// The numbers of notes for templates, without kinds that have none.
    pub(super) fn counts<'p>(&self, site: &'p Site) -> Vec<Count<'p>> {
        let count = |kind, verdict| self.verdicts.get(&(kind, verdict)).copied().unwrap_or(0);
        site.kinds()
            .map(|(at, kind)| {
                let verdicts: Vec<VerdictCount<'p>> = kind
                    .verdicts()
                    .map(|(verdict, known)| VerdictCount {
                        id: &known.id,
                        label: &known.label,
                        tone: known.tone.map_or("", Tone::as_str),
                        count: count(at, Some(verdict)),
                    })
                    .filter(|verdict| verdict.count > 0)
                    .collect();
                Count {
                    kind_id: at,
                    kind: &kind.id,
                    label: &kind.label,
                    plural: &kind.plural,
                    symbol: &kind.symbol,
                    count: count(at, None) + verdicts.iter().map(|verdict| verdict.count).sum::<usize>(),
                    verdicts,
                }
            })
            .filter(|count| count.count > 0)
            .collect()
    }
}

/// Appends the SVG path of a passage, a rectangle in a vertical drawing of the whole text, 10 wide and 100 high.
pub(super) fn draw_down(out: &mut String, passage: TextSpan, length: usize) {
    let [start, end] = [passage.start, passage.end].map(|at| at.saturating_mul(10_000) / length.max(1));
    let path = format_args!("M0 {}.{:02}H10V{}.{:02}H0z", start / 100, start % 100, end / 100, end % 100);
    out.write_fmt(path).expect("writing to a string cannot fail");
}

/// Appends the SVG path of a passage, a rectangle in a drawing of the whole text that is 100 wide and 10 high.
///
/// Computes in integers, hundredths of a per cent, so that the result is the same on every machine.
pub(super) fn draw(out: &mut String, passage: TextSpan, length: usize) {
    let [start, end] = [passage.start, passage.end].map(|at| at.saturating_mul(10_000) / length.max(1));
    let path = format_args!("M{}.{:02} 0V10H{}.{:02}V0z", start / 100, start % 100, end / 100, end % 100);
    out.write_fmt(path).expect("writing to a string cannot fail");
}

/// The newest date of a note, or of its layer if the note has none.
fn newest(reader: &Reader<'_>) -> Option<String> {
    let of_note = |note: &ReaderNote<'_>| {
        let date = note.parsed.updated.as_ref().or(note.parsed.date.as_ref());
        date.map(|date| date.as_str().to_owned())
            .or_else(|| reader.layers.get(note.layer).map(|layer| layer.date.clone()))
    };
    reader.notes.iter().filter_map(of_note).filter(|date| !date.is_empty()).max()
}
