//! Chooses passages to quote: ranges of words that match exactly once in a text.

use std::ops::Range;

use memchr::memmem;

use super::article::Article;
use super::prose::ProseStyle;
use super::random::Random;

/// A range of words in a text, and how a note quotes it.
pub(crate) struct Passage {
    /// The quoted words.
    pub(crate) words: Range<usize>,
    /// The words of the passage; the rest is context.
    bold: Option<Range<usize>>,
    /// The omitted words.
    gap: Option<Range<usize>>,
}

/// Chooses passages in one text.
pub(crate) struct Passages<'a> {
    article: &'a Article,
    reading: String,
    places: Vec<Range<usize>>,
    quotable: Vec<Range<usize>>,
}

/// The number of attempts to find a passage.
const TRIES: usize = 10_000;

impl<'a> Passages<'a> {
    /// Prepares to choose passages in `article`.
    pub(crate) fn new(article: &'a Article) -> Self {
        let (reading, places) = article.reading();
        let quotable = article.quotable().into_iter().filter(|run| run.len() >= 6).collect();
        Self { article, reading, places, quotable }
    }

    /// Chooses `count` passages, in reading order.
    pub(crate) fn choose(&self, count: usize, random: &mut Random) -> Vec<Passage> {
        let mut passages: Vec<Passage> = (0..count).filter_map(|_| self.one(random)).collect();
        passages.sort_by_key(|passage| (passage.words.start, passage.words.end));
        passages
    }

    fn one(&self, random: &mut Random) -> Option<Passage> {
        for _ in 0..TRIES {
            let run = random.pick(&self.quotable);
            let candidate = if random.one_in(8) { gapped(run, random) } else { plain(run, random) };
            if let Some(passage) = candidate.filter(|passage| self.fits_once(passage)) {
                return Some(passage);
            }
        }
        None
    }

    /// Whether the words before the omission match once; then the rest has a single match too.
    fn fits_once(&self, passage: &Passage) -> bool {
        let head = passage.words.start..passage.gap.as_ref().map_or(passage.words.end, |gap| gap.start);
        let words = &self.reading[self.places[head.start].start..self.places[head.end - 1].end];
        // A quote that begins with a number would be parsed as a list item.
        let begins_well = |at: usize| {
            let first = self.reading[self.places[at].clone()].chars().next();
            first.is_some_and(|c| c.is_alphabetic() || c == '“')
        };
        let tail = passage.gap.as_ref().map_or(head.start, |gap| gap.end);
        begins_well(head.start)
            && begins_well(tail)
            && memmem::find_iter(self.reading.as_bytes(), words.as_bytes()).take(2).count() == 1
    }

    /// The source of a quote of `passage`.
    pub(crate) fn quote(&self, passage: &Passage, random: &mut Random) -> String {
        let (open, close) =
            if self.article.prose == ProseStyle::Chinese { ("<b>", "</b>") } else { ("**", "**") };
        let mut quote = String::new();
        for (at, word) in passage.words.clone().zip(self.article.words(passage.words.clone())) {
            let gap = passage.gap.as_ref().filter(|gap| gap.contains(&at));
            if gap.is_some_and(|gap| at > gap.start) {
                continue;
            }
            if at > passage.words.start {
                quote.push_str(if gap.is_some() { " " } else { self.article.prose.joiner() });
            }
            let opens = passage.bold.as_ref().is_some_and(|bold| at == bold.start);
            let closes = passage.bold.as_ref().is_some_and(|bold| at + 1 == bold.end);
            let word = if gap.is_some() { "[…]" } else { word };
            quote.extend([if opens { open } else { "" }, word, if closes { close } else { "" }]);
        }
        // Editors use the characters on their keyboards.
        if random.one_in(2) {
            quote.replace(['“', '”'], "\"").replace('’', "'").replace('\u{a0}', " ")
        } else {
            quote
        }
    }
}

fn plain(run: &Range<usize>, random: &mut Random) -> Option<Passage> {
    let words = window(run, random.within(6..=15), random)?;
    let bold = random.one_in(5).then(|| {
        let len = random.within(2..=words.len() - 1);
        window(&words, len, random)
    });
    Some(Passage { words, bold: bold.flatten(), gap: None })
}

fn gapped(run: &Range<usize>, random: &mut Random) -> Option<Passage> {
    let (head, left_out, tail) = (random.within(4..=8), random.within(2..=20), random.within(3..=7));
    let words = window(run, head + left_out + tail, random)?;
    let gap = words.start + head..words.end - tail;
    Some(Passage { words, bold: None, gap: Some(gap) })
}

fn window(run: &Range<usize>, len: usize, random: &mut Random) -> Option<Range<usize>> {
    let start = run.start + random.below((run.len() + 1).checked_sub(len)?);
    (start + len <= run.end).then_some(start..start + len)
}
