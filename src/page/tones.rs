//! The number of notes of each tone, for bars and their legends.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::site::{KindId, Site, Tone, VerdictId};

/// The attribute value that stands for no tone.
const NONE: &str = "none";

/// The number of notes of a tone.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ToneCount<'p> {
    id: &'static str,
    label: &'p str,
    count: usize,
    /// The number of notes before it in the bar.
    start: usize,
}

/// The numbers of notes by tone, from those by kind and verdict. Tones without notes are left out; notes without a tone
/// come last.
pub(super) fn tones<'p>(
    verdicts: &BTreeMap<(KindId, Option<VerdictId>), usize>,
    site: &'p Site,
) -> Vec<ToneCount<'p>> {
    let tone = |(kind, verdict): (KindId, Option<VerdictId>)| site.kind(kind)?.verdict(verdict?)?.tone;
    let mut start = 0;
    let mut counts = Vec::new();
    for wanted in Tone::ALL.map(Some).into_iter().chain([None]) {
        let count = verdicts.iter().filter(|(key, _)| tone(**key) == wanted).map(|(_, count)| count).sum();
        if count > 0 {
            counts.push(ToneCount {
                id: wanted.map_or(NONE, Tone::as_str),
                label: site.words.tone(wanted),
                count,
                start,
            });
            start += count;
        }
    }
    counts
}
