//! Random quotes as an editor may write them: words of a text in other characters that fold to the same, with
//! context, with omissions, and with the passage in bold.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::Index;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostics::TextSpan;

use super::naive;
use super::stage::range;

/// Choices for a quote of a text that is not known yet.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// The start.
    from: Index,
    /// The end: anywhere, or a number of graphemes after the start.
    to: Result<Index, usize>,
    /// The omitted range.
    gap: Option<(Index, Index)>,
    /// The bold range.
    bold: Option<(Index, Index)>,
    /// How characters are replaced, in turn; 0 keeps a character.
    dice: Vec<u8>,
}

/// A random choice.
pub(crate) fn choice() -> BoxedStrategy<Choice> {
    let pair = |often| weighted(often, (any::<Index>(), any::<Index>()));
    let to = prop_oneof![1 => any::<Index>().prop_map(Ok), 3 => (1_usize..16).prop_map(Err)];
    let dice = prop_oneof![1 => Just(Vec::new()), 2 => vec(any::<u8>(), 1..24)];
    (any::<Index>(), to, pair(0.3), pair(0.3), dice)
        .prop_map(|(from, to, gap, bold, dice)| Choice { from, to, gap, bold, dice })
        .boxed()
}

/// A quote in parts, with omissions between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quote {
    /// The words of each part.
    pub(crate) parts: Vec<String>,
    /// The part and the offset at which bold begins, and those at which it ends.
    pub(crate) bold: Option<((usize, usize), (usize, usize))>,
}

impl Choice {
    /// The quoted range of a text.
    pub(crate) fn range(&self, reading: &str, boundaries: &[usize]) -> Option<TextSpan> {
        let from = self.from.index(boundaries.len());
        let to = match self.to {
            Ok(to) => to.index(boundaries.len()),
            Err(width) => (from + width).min(boundaries.len() - 1),
        };
        range(reading, boundaries, from, to)
    }

    /// The chosen quote.
    pub(crate) fn quote(&self, reading: &str, boundaries: &[usize]) -> Option<Quote> {
        let whole = self.range(reading, boundaries)?;
        let inner: Vec<usize> =
            boundaries.iter().copied().filter(|at| whole.start <= *at && *at <= whole.end).collect();
        let pair = |(a, b): (Index, Index)| {
            let (a, b) = (a.index(inner.len()), b.index(inner.len()));
            (a.min(b), a.max(b))
        };
        let spans = self.gap.map(pair).and_then(|(a, b)| {
            Some(vec![range(reading, &inner, 0, a)?, range(reading, &inner, b, inner.len() - 1)?])
        });
        let spans = spans.unwrap_or_else(|| vec![whole]);
        let bold = self.bold.map(pair).and_then(|(a, b)| range(reading, &inner, a, b));
        let part = |at: usize| spans.iter().position(|span| span.start <= at && at <= span.end);
        let bold = bold.and_then(|bold| Some((bold, part(bold.start)?, part(bold.end)?)));
        // Bold that begins at the end of a part would contain nothing of that part.
        let bold = bold
            .filter(|(bold, first, last)| bold.start < spans[*first].end && spans[*last].start < bold.end);
        Some(self.written(reading, &spans, bold))
    }

    /// The quote with characters replaced according to the dice.
    fn written(&self, reading: &str, spans: &[TextSpan], bold: Option<(TextSpan, usize, usize)>) -> Quote {
        let mut dice = self.dice.iter().copied().cycle();
        let mut quote = Quote { parts: Vec::new(), bold: None };
        let (mut start, mut end) = (None, None);
        for (index, span) in spans.iter().enumerate() {
            let mut cuts = vec![span.start, span.end];
            cuts.extend(bold.filter(|(_, first, _)| *first == index).map(|(bold, ..)| bold.start));
            cuts.extend(bold.filter(|(.., last)| *last == index).map(|(bold, ..)| bold.end));
            cuts.sort_unstable();
            let mut words = String::new();
            for cut in cuts.windows(2) {
                words.push_str(&changed(&reading[cut[0]..cut[1]], &mut dice));
                start = start.or(bold
                    .filter(|(bold, first, _)| *first == index && bold.start == cut[1])
                    .map(|_| (index, words.len())));
                end = end.or(bold
                    .filter(|(bold, _, last)| *last == index && bold.end == cut[1])
                    .map(|_| (index, words.len())));
            }
            if let Some((bold, first, _)) = bold
                && first == index
                && bold.start == span.start
            {
                start = Some((index, 0));
            }
            quote.parts.push(words);
        }
        quote.bold = start.zip(end);
        quote
    }
}

/// Replaces characters by others that fold to the same.
pub(crate) fn changed(words: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    let mut out = String::new();
    for grapheme in words.graphemes(true) {
        let die = usize::from(dice.next().unwrap_or_default());
        let pick = |among: &[&str]| among[die % among.len()].to_owned();
        let other = match grapheme {
            _ if die == 0 => grapheme.to_owned(),
            _ if grapheme.chars().all(char::is_whitespace) => {
                pick(&[" ", "  ", "\u{a0}", "\u{2009} ", "\t", "\u{3000}"])
            }
            "\"" | "“" | "”" | "„" | "‟" | "«" | "»" => pick(&["\"", "“", "”", "„", "‟", "«", "»"]),
            "'" | "‘" | "’" | "‚" | "‛" | "‹" | "›" => pick(&["'", "‘", "’", "‚", "‛", "‹", "›"]),
            "-" | "‐" | "‑" | "‒" | "–" | "—" | "―" | "−" => {
                pick(&["-", "‐", "‑", "‒", "–", "—", "―", "−"])
            }
            "…" => "...".to_owned(),
            _ if die % 3 == 0 => grapheme.nfd().collect(),
            _ if die % 3 == 1 => grapheme.nfc().collect(),
            _ => {
                grapheme.to_owned()
                    + &pick(&["", "", "", "\u{ad}", "\u{200b}", "\u{2060}", "\u{feff}", "\u{200c}"])
            }
        };
        out.push_str(&other);
    }
    out
}

impl Quote {
    /// The block quote for a layer.
    pub(crate) fn markdown(&self) -> String {
        let mut out = String::from("> ");
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                out.push_str(if index % 2 == 0 { " [...] " } else { " […] " });
            }
            let tag = |place: Option<(usize, usize)>, tag| {
                place.filter(|(part, _)| *part == index).map(|(_, at)| (at, tag))
            };
            let mut copied = 0;
            let (start, end) = (self.bold.map(|bold| bold.0), self.bold.map(|bold| bold.1));
            for (at, tag) in [tag(start, "<b>"), tag(end, "</b>")].into_iter().flatten() {
                out.push_str(&escaped(&part[copied..at]));
                out.push_str(tag);
                copied = at;
            }
            out.push_str(&escaped(&part[copied..]));
        }
        out + "\n"
    }

    /// The passages that it refers to, by the reference search.
    pub(crate) fn passages(&self, reading: &str) -> Vec<TextSpan> {
        let passage = |fit: &Vec<TextSpan>| match self.bold {
            None => Some(TextSpan::new(fit.first()?.start, fit.last()?.end)),
            Some(((first, start), (last, end))) => {
                let (_, start) = naive::ends(reading, fit[first].start, &self.parts[first][..start])?;
                let (end, _) = naive::ends(reading, fit[last].start, &self.parts[last][..end])?;
                Some(TextSpan::new(start, end))
            }
        };
        naive::matches(reading, &self.parts).iter().filter_map(passage).collect()
    }
}

/// Escapes words for Markdown on a single line.
fn escaped(words: &str) -> String {
    let mut out = String::new();
    for c in words.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
