//! Diagnostic for an unmatched quote: the nearest passage, the differences, and a corrected quote.
//!
//! A corrected quote is suggested only if it matches that passage when it is parsed again. `check --fix`
//! writes it only if the passage is similar enough and unique.

use unicode_normalization::UnicodeNormalization;

use super::facts::changes_facts;
use super::nearest::{self, Nearest};
use super::{Anchors, Ngrams, Query, QuoteMatch, Segment, quote_fix};
use crate::diagnostics::{Code, Diagnostic, Place, TextSpan};
use crate::notes::{About, Note, Occurrence, Quote, quote};
use crate::site::Orphans;

/// The maximum number of unmatched segments of a quote that are searched for.
const MAX_UNMATCHED: usize = 4;

/// Longer runs of words are shortened to their start and end. In words.
const MAX_WORDS: usize = 12;

/// A segment of a quote that matches nowhere, and the passage nearest to it.
struct Unmatched<'s> {
    segment: &'s Segment,
    near: Nearest,
}

/// A quote corrected to the words of the text.
struct Corrected {
    written: String,
    /// Whether it matches exactly one place.
    single: bool,
}

impl Anchors<'_> {
    pub(super) fn orphan(&self, note: &Note<'_>, quote: &Quote, query: &Query, place: Place) -> Diagnostic {
        let message = "the quote is not in the text";
        let problem = match self.orphans {
            Orphans::Error => Diagnostic::error(Code::AnchorOrphan, place, message),
            Orphans::List => Diagnostic::warning(Code::AnchorOrphan, place, message),
        };
        let problem = self.near_miss(note, quote, query, problem);
        if quote.lazy {
            let help = "put a blank line after the quote: a line directly below it is part of the quote";
            return Diagnostic { fix: None, ..problem.help(help) };
        }
        problem
    }

    fn near_miss(&self, note: &Note<'_>, quote: &Quote, query: &Query, problem: Diagnostic) -> Diagnostic {
        let unmatched: Vec<&Segment> = query
            .segments
            .iter()
            .filter(|segment| self.is_unmatched(note, segment))
            .take(MAX_UNMATCHED)
            .collect();
        let near: Vec<Unmatched<'_>> = unmatched
            .iter()
            .filter_map(|&segment| Some(Unmatched { segment, near: self.nearest(note, segment)? }))
            .collect();
        if unmatched.is_empty() {
            return problem
                .label("its parts are in the text, but not in this order")
                .help("quote the parts in the order of the text, or as separate quotes");
        }
        let Some(first) = near.first() else { return nothing_similar(note, problem) };
        let corrected = (near.len() == unmatched.len())
            .then(|| self.corrected(note, quote, query, &near, &problem.place))
            .flatten();
        let problem = self.explain(first, problem);
        let Some(Corrected { written, single }) = corrected else {
            return self.advise(quote, query, first, problem);
        };
        let shown = quote_fix::on_one_line(&written);
        let close = near.iter().all(|Unmatched { segment, near }| {
            near.unique && near.distance > 0 && near.distance * 5 <= segment.folded.text.chars().count()
        });
        let facts_differ = near.iter().any(|Unmatched { segment, near }| {
            changes_facts(&segment.folded.text, &self.folded.text[near.range.clone()])
        });
        if single && close && facts_differ {
            return problem.help(format!(
                "a number, a unit or a negation differs: check that the note is still true, then write `{shown}`"
            ));
        }
        if single && close {
            return problem
                .help(format!("write `{shown}`, or run `postil check --fix`"))
                .fix(quote.span, written);
        }
        problem.help(format!("write `{shown}`"))
    }

    /// Whether a segment has no match in the part of the text that the note is about.
    fn is_unmatched(&self, note: &Note<'_>, segment: &Segment) -> bool {
        let places = self.places.all(&segment.folded.text);
        match note.about {
            Some(About::Heading) => !places.iter().any(|found| self.in_heading(found.start, found.end)),
            _ => places.is_empty(),
        }
    }

    fn nearest(&self, note: &Note<'_>, segment: &Segment) -> Option<Nearest> {
        let (text, words) = (&self.folded.text, &segment.folded.text);
        if note.about == Some(About::Heading) {
            let headings = self.text.html.headings.iter().map(|heading| heading.text);
            let parts =
                headings.map(|span| self.folded.folded_at(span.start)..self.folded.folded_at(span.end));
            return nearest::nearest_in(text, parts, words);
        }
        nearest::nearest(self.grams.get_or_init(|| Ngrams::new(text, 4)), text, words)
    }

    /// Adds what differs, and where.
    fn explain(&self, unmatched: &Unmatched<'_>, problem: Diagnostic) -> Diagnostic {
        let range = unmatched.near.range.clone();
        let (start, end) = self.folded.around(range.start, range.end);
        let place = self.text.place(self.source, TextSpan::new(start, end));
        if !unmatched.near.whole {
            return problem
                .label("the text matches the start, then differs")
                .related(place, "the nearest passage");
        }
        let (wrong, right) = nearest::difference(&unmatched.segment.folded.text, &self.folded.text[range]);
        let label = match (shortened(wrong).as_str(), shortened(right).as_str()) {
            ("", "") if unmatched.segment.folded.text.contains(char::is_numeric) => {
                "the quote begins or ends inside a longer number".to_owned()
            }
            ("", "") => "the quote begins or ends inside a character made of several code points".to_owned(),
            ("", right) => format!("the quote leaves out `{right}`"),
            (wrong, "") => format!("the text does not have `{wrong}`"),
            (wrong, right) if wrong.nfkc().eq(right.nfkc()) => {
                format!(
                    "the text has `{right}`, the quote `{wrong}`: they look alike but are different characters"
                )
            }
            (wrong, right) => format!("the text has `{right}`, the quote `{wrong}`"),
        };
        problem.label(label).related(place, "the nearest passage")
    }

    /// Adds what to do when no corrected quote can be suggested.
    fn advise(
        &self,
        quote: &Quote,
        query: &Query,
        unmatched: &Unmatched<'_>,
        problem: Diagnostic,
    ) -> Diagnostic {
        let text = &self.folded.text[unmatched.near.range.clone()];
        if !unmatched.near.whole {
            return problem.help("compare the quote with the text from there, and copy the words again");
        }
        if unmatched.segment.folded.text == text {
            return problem.help("quote the whole number or character");
        }
        if quote.bold.is_some() || query.segments.len() > 1 {
            return problem.help("copy the words from there, and keep the bold and the `[…]`");
        }
        let words = quote_fix::text_words(self.text.reading(), self.folded, unmatched.near.range.clone());
        problem.help(format!("write `{}`", quote_fix::escape(words.trim())))
    }

    /// The quote with the words of the nearest passage, if it then matches that passage.
    fn corrected(
        &self,
        note: &Note<'_>,
        quote: &Quote,
        query: &Query,
        unmatched: &[Unmatched<'_>],
        place: &Place,
    ) -> Option<Corrected> {
        if !unmatched.iter().all(|unmatched| unmatched.near.whole) {
            return None;
        }
        let mut changes = Vec::new();
        for Unmatched { segment, near } in unmatched {
            let start = near.range.start;
            for edit in nearest::edits(&segment.folded.text, &self.folded.text[near.range.clone()])? {
                let range = start + edit.right.start..start + edit.right.end;
                let right = quote_fix::text_words(self.text.reading(), self.folded, range);
                let right = if edit.right.is_empty() { "" } else { &right };
                changes.push(quote_fix::change(quote, segment, &edit, right)?);
            }
        }
        let written = quote_fix::apply(quote, &place.file, changes)?;
        let again = quote::parse(&written);
        let same = again.gaps.len() == quote.gaps.len() && again.bold.is_some() == quote.bold.is_some();
        let read = Query::new(&again);
        let mut matches = self.quote_matches(&read);
        if note.about == Some(About::Heading) {
            matches = matches
                .iter()
                .filter(|candidate| self.in_heading(candidate.first.start, candidate.last.end))
                .copied()
                .collect();
        }
        let covers = |candidate: &QuoteMatch| {
            unmatched.iter().all(|Unmatched { near, .. }| {
                candidate.first.start <= near.range.start && near.range.end <= candidate.last.end
            })
        };
        let single = matches.len() == 1
            && matches!(note.occurrence, None | Some(Occurrence::All | Occurrence::Number(1, _)));
        let kept = same && read.segments.len() == query.segments.len() && matches.iter().any(covers);
        kept.then_some(Corrected { written, single })
    }
}

fn nothing_similar(note: &Note<'_>, problem: Diagnostic) -> Diagnostic {
    if note.about == Some(About::Heading) {
        return problem
            .label("no heading has these words")
            .help("quote a heading: `about=heading` searches nothing else");
    }
    problem.help("no similar passage found: copy the words from the text")
}

/// Shortens many words to their start and end.
fn shortened(words: &str) -> String {
    let all: Vec<&str> = words.split(' ').collect();
    if all.len() <= MAX_WORDS {
        return words.to_owned();
    }
    let half = MAX_WORDS / 2;
    format!("{} … {}", all[..half].join(" "), all[all.len() - half..].join(" "))
}
