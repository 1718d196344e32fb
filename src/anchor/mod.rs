//! Finds the passages of the text that a note's quotes refer to.
//!
//! 1. Text and quotes are folded, so that words are compared instead of bytes ([`mod@fold`]).
//! 2. All matches of a quote are found ([`mod@matches`]). Omitted words are between two matches.
//! 3. `occurrence` selects a match; without it there must be exactly one.
//! 4. For an unmatched quote, the nearest passage is shown ([`nearest`]), with a corrected quote.
//!
//! Does not deal with HTML: passages are ranges of the reading text.

mod facts;
pub mod fold;
pub mod matches;
pub mod nearest;
pub mod ngrams;
mod orphan;
mod quote_fix;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, TextSpan, floor_char_boundary};
use crate::notes::{About, Note, Occurrence, Quote};
use crate::site::Orphans;
use crate::text::Text;
use crate::text::library::Source;
use fold::{Folded, fold};
use matches::{Match, Matches};
use ngrams::Ngrams;

/// Finds `quote` in `text` by its words and returns the ranges of its matches, in bytes.
///
/// White space, quotation marks, dashes and invisible characters are compared as in notes, so a quote that was typed
/// finds one that was typeset. Matches can overlap. `[…]` and emphasis have no special meaning here.
///
/// ```
/// let text = "“Natural” – and safe, they say.";
/// let found = postil::anchor::find(text, "\"Natural\" - and   safe");
/// assert_eq!(&text[found[0].clone()], "“Natural” – and safe");
/// ```
pub fn find(text: &str, quote: &str) -> Vec<Range<usize>> {
    let folded = fold(text);
    let matches = Matches::new(text, &folded, 1);
    let needle = fold(quote.trim());
    let original = |found: &Match| folded.original(found.start, found.end).map(|(start, end)| start..end);
    matches.all(&needle.text).iter().filter_map(original).collect()
}

/// Quotes with more matches than this are cached for other quotes with the same words.
const CACHE_ABOVE: usize = 64;
/// The maximum number of matches that are listed for an ambiguous quote.
const MAX_LISTED: usize = 8;

/// Finds the passages of one text.
#[derive(Debug)]
pub struct Anchors<'t> {
    source: &'t Source,
    text: &'t Text,
    folded: &'t Folded,
    places: Matches<'t>,
    orphans: Orphans,
    grams: OnceCell<Ngrams>,
    found: RefCell<BTreeMap<Key, Rc<[QuoteMatch]>>>,
}

/// The folded words of a quote, split at omissions, and which of them are the passage.
struct Query {
    /// The words between omissions.
    segments: Vec<Segment>,
    /// The start and the end of the passage, each as a segment and a byte offset in it.
    bold: Option<((usize, usize), (usize, usize))>,
}

/// Words of a quote between two omissions.
struct Segment {
    /// The words.
    folded: Folded,
    /// Their offset in the quote's words.
    start: usize,
}

/// A match of the first segments of a quote, or of all of them.
#[derive(Debug, Clone, Copy)]
struct QuoteMatch {
    /// The match of the first segment.
    first: Match,
    /// The match of the last segment so far.
    last: Match,
    /// The match of the segment in which the passage begins.
    from: Match,
    /// The match of the segment in which the passage ends.
    to: Match,
}

impl<'t> Anchors<'t> {
    /// Prepares to find about `count` quotes in `text`, whose reading text folds to `folded`.
    pub fn new(
        source: &'t Source,
        text: &'t Text,
        folded: &'t Folded,
        count: usize,
        orphans: Orphans,
    ) -> Self {
        let places = Matches::new(text.reading(), folded, count);
        Self { source, text, folded, places, orphans, grams: OnceCell::new(), found: RefCell::default() }
    }

    /// The passages of `note` in reading order, without duplicates; empty if any of its quotes is unmatched.
    pub fn passages(
        &self,
        note: &Note<'_>,
        file: &Arc<File>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<TextSpan> {
        let mut passages = Vec::new();
        let mut complete = true;
        for quote in note.quotes.iter().filter(|quote| !quote.words.trim().is_empty()) {
            match self.quote(note, quote, file, diagnostics) {
                Some(found) => passages.extend(found),
                None => complete = false,
            }
        }
        if !complete && self.orphans == Orphans::Error {
            return Vec::new();
        }
        passages.sort_unstable();
        passages.dedup();
        passages
    }

    /// The quotes of a note that match nowhere.
    pub fn unmatched<'n>(&self, note: &'n Note<'_>) -> Vec<&'n Quote> {
        let is_unmatched = |quote: &&Quote| {
            let matches = self.quote_matches(&Query::new(quote));
            !matches.iter().any(|candidate| {
                note.about != Some(About::Heading)
                    || self.in_heading(candidate.first.start, candidate.last.end)
            })
        };
        note.quotes.iter().filter(is_unmatched).collect()
    }

    fn quote(
        &self,
        note: &Note<'_>,
        quote: &Quote,
        file: &Arc<File>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<TextSpan>> {
        let query = Query::new(quote);
        let mut matches = self.quote_matches(&query);
        if note.about == Some(About::Heading) {
            matches = matches
                .iter()
                .filter(|candidate| self.in_heading(candidate.first.start, candidate.last.end))
                .copied()
                .collect();
        }
        let place = Place::new(file, quote.span);
        let chosen = match (matches.len(), note.occurrence) {
            (0, _) => {
                diagnostics.push(self.orphan(note, quote, &query, place));
                return None;
            }
            (_, Some(Occurrence::All)) | (1, None) => matches.to_vec(),
            (count, Some(Occurrence::Number(number, span))) => {
                if number > count {
                    let message =
                        format!("no occurrence {number}: the quote matches {count} {}", places_word(count));
                    let problem = Diagnostic::error(Code::AnchorOccurrence, Place::new(file, span), message);
                    let help = match count {
                        1 => "remove `occurrence`".to_owned(),
                        _ => format!("use a number up to {count}, or `occurrence=all`"),
                    };
                    diagnostics.push(self.list(problem, &matches, &query).help(help));
                    return None;
                }
                vec![matches[number - 1]]
            }
            (count, None) => {
                let message = format!("the quote matches {count} places");
                let problem =
                    Diagnostic::error(Code::AnchorAmbiguous, place, message).label("which one is meant?");
                diagnostics.push(self.list(problem, &matches, &query).help(
                    "quote more of the surrounding words and mark the passage in **bold**, or add `occurrence=N` or `occurrence=all` to the heading",
                ));
                return None;
            }
        };
        let spans: Vec<TextSpan> = chosen.iter().map(|candidate| self.passage(&query, candidate)).collect();
        if quote.bold.is_some() && spans.iter().any(|span| self.is_bold(*span)) {
            diagnostics.push(
                Diagnostic::warning(Code::AnchorBold, place, "the text itself is bold here")
                    .label("bold in a quote marks the passage")
                    .help("remove the bold if it was copied with the words; use `<b>…</b>` if it marks the passage"),
            );
        }
        Some(spans)
    }

    /// All matches of a quote; if there are many, they are cached for other quotes with the same words.
    fn quote_matches(&self, query: &Query) -> Rc<[QuoteMatch]> {
        let known = (!self.found.borrow().is_empty()).then(|| self.found.borrow().get(&query.key()).cloned());
        if let Some(matches) = known.flatten() {
            return matches;
        }
        let matches: Rc<[QuoteMatch]> = self.find(query).into();
        if matches.len() > CACHE_ABOVE {
            self.found.borrow_mut().insert(query.key(), Rc::clone(&matches));
        }
        matches
    }

    /// Finds all matches of the segments, one after the other.
    fn find(&self, query: &Query) -> Vec<QuoteMatch> {
        let Some((first, rest)) = query.segments.split_first() else { return Vec::new() };
        let first_match = |&found: &Match| QuoteMatch { first: found, last: found, from: found, to: found };
        let mut matches: Vec<QuoteMatch> =
            self.places.all(&first.folded.text).iter().map(first_match).collect();
        for (index, segment) in (1..).zip(rest) {
            let next = self.places.all(&segment.folded.text);
            let mut extended: Vec<QuoteMatch> = Vec::with_capacity(matches.len());
            // Both lists are sorted, so a single pass over both finds the next match for each.
            let mut following = next.iter().copied().peekable();
            for mut candidate in matches {
                while following.next_if(|found| found.start < candidate.last.end).is_some() {}
                let Some(&found) = following.peek() else { break };
                candidate.extend(index, found, query);
                // If two starts have the same end, the later one is used.
                match extended.last_mut() {
                    Some(before) if before.last == found => *before = candidate,
                    _ => extended.push(candidate),
                }
            }
            matches = extended;
        }
        matches
    }

    /// The passage of a match, in the reading text.
    fn passage(&self, query: &Query, candidate: &QuoteMatch) -> TextSpan {
        let (start, end) = match query.bold {
            Some(((_, start), (_, end))) => (candidate.from.start + start, candidate.to.start + end),
            None => (candidate.first.start, candidate.last.end),
        };
        self.places.span(Match { start, end }).unwrap_or_else(|| {
            let (start, end) = self.folded.around(start, end);
            TextSpan::new(start, end)
        })
    }

    /// Whether folded bytes `start..end` are inside a single heading.
    fn in_heading(&self, start: usize, end: usize) -> bool {
        let (start, end) = self.folded.around(start, end);
        let headings = &self.text.html.headings;
        let after = headings.partition_point(|heading| heading.text.start <= start);
        after.checked_sub(1).is_some_and(|at| end <= headings[at].text.end)
    }

    fn is_bold(&self, passage: TextSpan) -> bool {
        let strong = &self.text.html.strong;
        let after = strong.partition_point(|strong| strong.start <= passage.start);
        after.checked_sub(1).is_some_and(|at| passage.end <= strong[at].end)
    }

    /// Adds the matches in the text to a diagnostic.
    fn list(&self, mut problem: Diagnostic, matches: &[QuoteMatch], query: &Query) -> Diagnostic {
        for (index, candidate) in matches.iter().take(MAX_LISTED).enumerate() {
            let span = self.passage(query, candidate);
            let label = format!("{}: {}", index + 1, self.context(span));
            problem = problem.related(self.text.place(self.source, span), label);
        }
        if let Some(more) = matches.len().checked_sub(MAX_LISTED + 1) {
            problem
                .message
                .push_str(&format!("; the first {MAX_LISTED} are shown, {} are omitted", more + 1));
        }
        problem
    }

    /// A passage with a few words before and after it, on one line.
    fn context(&self, span: TextSpan) -> String {
        let reading = self.text.reading();
        let from = floor_char_boundary(reading, span.start.saturating_sub(24));
        let to = floor_char_boundary(reading, span.end + 24);
        let line = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = if from > 0 { "…" } else { "" };
        let after = if to < reading.trim_end().len() { "…" } else { "" };
        format!("{before}{}{after}", line(&reading[from..to]))
    }
}

fn places_word(count: usize) -> &'static str {
    if count == 1 { "place" } else { "places" }
}

/// The segments of a quote, and the indices of those in which its passage begins and ends.
type Key = (Vec<String>, Option<(usize, usize)>);

impl QuoteMatch {
    /// Adds the match `found` of segment `index`.
    fn extend(&mut self, index: usize, found: Match, query: &Query) {
        self.last = found;
        if let Some(((from, _), (to, _))) = query.bold {
            self.from = if index <= from { found } else { self.from };
            self.to = if index <= to { found } else { self.to };
        }
    }
}

impl Query {
    /// The cache key: everything that affects the matches of a quote.
    fn key(&self) -> Key {
        let words = self.segments.iter().map(|segment| segment.folded.text.clone()).collect();
        (words, self.bold.map(|((from, _), (to, _))| (from, to)))
    }

    fn new(quote: &Quote) -> Self {
        let mut segments = Vec::new();
        let mut bold_start = None;
        let mut bold_end = None;
        let ends = quote.gaps.iter().copied().chain([quote.words.len()]);
        let mut from = 0;
        for end in ends {
            let words = &quote.words[from..end];
            let lead = from + words.len() - words.trim_start().len();
            let folded = fold(words.trim());
            let trimmed_end = lead + words.trim().len();
            if !folded.text.is_empty() {
                if let Some(bold) = &quote.bold {
                    let index = segments.len();
                    if bold_start.is_none() && bold.start < trimmed_end {
                        bold_start = Some((index, folded.folded_at(bold.start.saturating_sub(lead))));
                    }
                    if bold.end > lead {
                        bold_end = Some((index, folded.folded_at(bold.end.saturating_sub(lead))));
                    }
                }
                segments.push(Segment { folded, start: lead });
            }
            from = end;
        }
        Self { segments, bold: bold_start.zip(bold_end).filter(|(start, end)| start < end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::highlight::Highlighter;
    use crate::notes;
    use crate::site::Site;
    use crate::text;
    use crate::text::library::{self, Library};

    /// The passages of one note on a text, or the diagnostics.
    fn anchor(text: &str, note: &str) -> Result<Vec<String>, Vec<Diagnostic>> {
        let mut diagnostics = Diagnostics::default();
        let site = Site::read(&File::new("site.toml", ""), &mut diagnostics);
        let source = library::parse(File::new("sources/a.md", text), &mut diagnostics);
        let text = text::parse(&source, &Library::default(), &Highlighter::default(), &mut diagnostics);
        let file = File::new("annotations/a.md", note);
        let layer = notes::parse(&file, &site, &mut diagnostics);
        let folded = fold(text.reading());
        let anchors = Anchors::new(&source, &text, &folded, 1, Orphans::Error);
        let spans = anchors.passages(&layer.notes[0], &file, &mut diagnostics);
        if diagnostics.is_empty() {
            Ok(spans.into_iter().map(|span| text.reading()[span.range()].to_owned()).collect())
        } else {
            Err(diagnostics.into_sorted())
        }
    }

    fn note(attributes: &str, quotes: &str) -> String {
        format!("## T {{#t .marketing-claim {attributes}}}\n\n{quotes}\n\nBody.\n")
    }

    fn found(text: &str, quote: &str) -> Vec<String> {
        anchor(text, &note("", quote)).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn code(text: &str, attributes: &str, quote: &str) -> &'static str {
        anchor(text, &note(attributes, quote)).unwrap_err()[0].code.as_str()
    }

    #[test]
    fn quotes_match_across_markup_and_blocks() {
        assert_eq!(found("a *b* c\n\n- d\n", "> b c d"), ["b c\nd"]);
        assert_eq!(found("it’s “so”", "> it's \"so\""), ["it’s “so”"]);
    }

    #[test]
    fn bold_in_context_is_the_passage() {
        assert_eq!(found("one x. two x.", "> two **x**."), ["x"]);
        assert_eq!(found("a b c d", "> a **b** […] **d**"), ["b c d"]);
    }

    #[test]
    fn an_omission_lies_between_the_nearest_matches() {
        assert_eq!(found("a x a y b z b", "> a […] b"), ["a y b"]);
        assert_eq!(found("a 1 b. c", "> a […] c"), ["a 1 b. c"]);
    }

    #[test]
    fn several_matches_need_an_occurrence() {
        assert_eq!(code("x y x", "", "> x"), "anchor.ambiguous");
        assert_eq!(code("x y x", "occurrence=3", "> x"), "anchor.occurrence");
        assert_eq!(anchor("x y x", &note("occurrence=2", "> x")).unwrap(), ["x"]);
        assert_eq!(anchor("x y x", &note("occurrence=all", "> x")).unwrap(), ["x", "x"]);
    }

    #[test]
    fn an_unmatched_quote_shows_the_nearest_passage_and_a_fix() {
        let problems = anchor(
            "We sell due to its lack of addictive properties.",
            &note("", "> due to its **lack of addicitve properties**"),
        );
        let problem = &problems.unwrap_err()[0];
        assert_eq!(problem.code.as_str(), "anchor.orphan");
        assert_eq!(problem.label, "the text has `addictive`, the quote `addicitve`");
        assert_eq!(
            problem.fix.as_ref().map(|fix| fix.replacement.as_str()),
            Some("> due to its **lack of addictive properties**\n")
        );
        assert_eq!(code("a b", "", "> completely other words"), "anchor.orphan");
    }

    #[test]
    fn about_heading_searches_headings_only() {
        assert_eq!(anchor("# Dose\n\nDose\n", &note("about=heading", "> Dose")).unwrap(), ["Dose"]);
        assert_eq!(code("# Dose\n\nother\n", "about=heading", "> other"), "anchor.orphan");
    }

    #[test]
    fn bold_in_the_text_itself_is_a_warning() {
        assert_eq!(code("a **b** c", "", "> a **b** c"), "anchor.bold");
    }
}
