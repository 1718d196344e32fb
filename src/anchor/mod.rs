//! A note's quotes to the passages of the text that they quote.
//!
//! 1. Text and quotes are folded, so that words are compared and not bytes ([`mod@fold`]).
//! 2. Every place where a quote fits is found ([`matches`]); words left out lie between two fits.
//! 3. `occurrence` chooses; without it there must be exactly one place.
//! 4. For a quote that fits nowhere the nearest passage is shown ([`nearest`]), and the quote to write instead.
//!
//! Knows nothing of HTML: passages are runs of the reading text.

pub mod fold;
pub mod matches;
pub mod nearest;
pub mod ngrams;
mod orphan;
mod quote_fix;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
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

/// More places than this are remembered for the next quote of the same words.
const MANY: usize = 64;
/// How many places of an ambiguous quote are listed.
const LISTED: usize = 8;

/// Finds the passages of one text.
#[derive(Debug)]
pub struct Anchors<'t> {
    source: &'t Source,
    text: &'t Text,
    folded: &'t Folded,
    places: Matches<'t>,
    orphans: Orphans,
    grams: OnceCell<Ngrams>,
    found: RefCell<BTreeMap<Key, Rc<[Fit]>>>,
}

/// A quote's words in parts, folded, with the part that is the passage.
struct Sought {
    /// The words between marks for words left out.
    segments: Vec<Segment>,
    /// The passage: segment and byte in it where it begins, and where it ends.
    bold: Option<((usize, usize), (usize, usize))>,
}

/// Words of a quote between two marks for words left out.
struct Segment {
    /// The words.
    folded: Folded,
    /// Where they begin in the quote's words.
    start: usize,
}

/// A fit of a quote, as far as it was read.
#[derive(Debug, Clone, Copy)]
struct Fit {
    /// Where its first words stand.
    first: Match,
    /// Where its last words stand.
    last: Match,
    /// Where the words stand that the passage begins with.
    from: Match,
    /// Where the words stand that it ends with.
    to: Match,
}

impl<'t> Anchors<'t> {
    /// Prepares to find quotes of about `count` parts together in `text`, whose reading text folds to `folded`.
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

    /// The passages of `note`, in reading order, each once; none if any of its quotes has no place.
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

    /// Which quotes of a note are nowhere.
    pub fn lost<'n>(&self, note: &'n Note<'_>) -> Vec<&'n Quote> {
        let is_lost = |quote: &&Quote| {
            let fits = self.fits(&Sought::new(quote));
            !fits.iter().any(|fit| {
                note.about != Some(About::Heading) || self.in_heading(fit.first.start, fit.last.end)
            })
        };
        note.quotes.iter().filter(is_lost).collect()
    }

    fn quote(
        &self,
        note: &Note<'_>,
        quote: &Quote,
        file: &Arc<File>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<TextSpan>> {
        let sought = Sought::new(quote);
        let mut fits = self.fits(&sought);
        if note.about == Some(About::Heading) {
            fits =
                fits.iter().filter(|fit| self.in_heading(fit.first.start, fit.last.end)).copied().collect();
        }
        let place = Place::new(file, quote.span);
        let chosen = match (fits.len(), note.occurrence) {
            (0, _) => {
                diagnostics.push(self.orphan(note, quote, &sought, place));
                return None;
            }
            (_, Some(Occurrence::All)) | (1, None) => fits.to_vec(),
            (count, Some(Occurrence::Number(number, span))) => {
                if number > count {
                    let message = format!(
                        "there is no occurrence {number}: the quote fits {count} {}",
                        places_word(count)
                    );
                    let problem = Diagnostic::error(Code::AnchorOccurrence, Place::new(file, span), message);
                    let help = match count {
                        1 => "take `occurrence` away".to_owned(),
                        _ => format!("write a number up to {count}, or `occurrence=all`"),
                    };
                    diagnostics.push(self.list(problem, &fits, &sought).help(help));
                    return None;
                }
                vec![fits[number - 1]]
            }
            (count, None) => {
                let message = format!("the quote fits {count} places");
                let problem =
                    Diagnostic::error(Code::AnchorAmbiguous, place, message).label("which one is meant?");
                diagnostics.push(self.list(problem, &fits, &sought).help(
                    "quote more of the words around it and set the passage in **bold**, or write `occurrence=N` or `occurrence=all` into the heading",
                ));
                return None;
            }
        };
        let spans: Vec<TextSpan> = chosen.iter().map(|fit| self.passage(&sought, fit)).collect();
        if quote.bold.is_some() && spans.iter().any(|span| self.is_bold(*span)) {
            diagnostics.push(
                Diagnostic::warning(Code::AnchorBold, place, "the text itself is bold here")
                    .label("bold marks the passage, whatever the text's own type")
                    .help("if the bold was copied with the words, take it away; if the passage is meant, write `<b>…</b>` to say so"),
            );
        }
        Some(spans)
    }

    /// Every place where the segments fit; where they are many, they are found once for all quotes of these words.
    fn fits(&self, sought: &Sought) -> Rc<[Fit]> {
        let known =
            (!self.found.borrow().is_empty()).then(|| self.found.borrow().get(&sought.key()).cloned());
        if let Some(fits) = known.flatten() {
            return fits;
        }
        let fits: Rc<[Fit]> = self.find(sought).into();
        if fits.len() > MANY {
            self.found.borrow_mut().insert(sought.key(), Rc::clone(&fits));
        }
        fits
    }

    /// Every place where the segments fit, one after the other.
    fn find(&self, sought: &Sought) -> Vec<Fit> {
        let Some((first, rest)) = sought.segments.split_first() else { return Vec::new() };
        let begun = |&found: &Match| Fit { first: found, last: found, from: found, to: found };
        let mut fits: Vec<Fit> = self.places.all(&first.folded.text).iter().map(begun).collect();
        for (index, segment) in (1..).zip(rest) {
            let next = self.places.all(&segment.folded.text);
            let mut extended: Vec<Fit> = Vec::with_capacity(fits.len());
            // Both are in order, so that one reading of both finds what follows what.
            let mut following = next.iter().copied().peekable();
            for mut fit in fits {
                while following.next_if(|found| found.start < fit.last.end).is_some() {}
                let Some(&found) = following.peek() else { break };
                fit.extend(index, found, sought);
                // Of two beginnings with one end the later counts.
                match extended.last_mut() {
                    Some(before) if before.last == found => *before = fit,
                    _ => extended.push(fit),
                }
            }
            fits = extended;
        }
        fits
    }

    /// The passage of a fit, in the reading text.
    fn passage(&self, sought: &Sought, fit: &Fit) -> TextSpan {
        let (start, end) = match sought.bold {
            Some(((_, start), (_, end))) => (fit.from.start + start, fit.to.start + end),
            None => (fit.first.start, fit.last.end),
        };
        self.places.span(Match { start, end }).unwrap_or_else(|| {
            let (start, end) = self.folded.around(start, end);
            TextSpan::new(start, end)
        })
    }

    /// Whether bytes `start..end` of the folded text stand in one heading.
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

    /// The same problem with the places of the text that the quote fits.
    fn list(&self, mut problem: Diagnostic, fits: &[Fit], sought: &Sought) -> Diagnostic {
        for (index, fit) in fits.iter().take(LISTED).enumerate() {
            let span = self.passage(sought, fit);
            let label = format!("{}: {}", index + 1, self.context(span));
            problem = problem.related(self.text.place(self.source, span), label);
        }
        if let Some(more) = fits.len().checked_sub(LISTED + 1) {
            problem
                .message
                .push_str(&format!("; the first {LISTED} of them are shown, {} are not", more + 1));
        }
        problem
    }

    /// A passage with a few words on both sides, on one line.
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

/// The words that a quote seeks, and the segments in which its passage begins and ends.
type Key = (Vec<String>, Option<(usize, usize)>);

impl Fit {
    /// The words of segment `index` follow at `found`.
    fn extend(&mut self, index: usize, found: Match, sought: &Sought) {
        self.last = found;
        if let Some(((from, _), (to, _))) = sought.bold {
            self.from = if index <= from { found } else { self.from };
            self.to = if index <= to { found } else { self.to };
        }
    }
}

impl Sought {
    /// What the places of the quote depend on.
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

    /// The passages of one note on a text, or the codes and labels of what is wrong.
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
    fn words_are_found_across_markup_and_blocks() {
        assert_eq!(found("a *b* c\n\n- d\n", "> b c d"), ["b c\nd"]);
        assert_eq!(found("it’s “so”", "> it's \"so\""), ["it’s “so”"]);
    }

    #[test]
    fn bold_in_context_is_the_passage() {
        assert_eq!(found("one x. two x.", "> two **x**."), ["x"]);
        assert_eq!(found("a b c d", "> a **b** […] **d**"), ["b c d"]);
    }

    #[test]
    fn words_left_out_lie_between_the_nearest_fits() {
        assert_eq!(found("a x a y b z b", "> a […] b"), ["a y b"]);
        assert_eq!(found("a 1 b. c", "> a […] c"), ["a 1 b. c"]);
    }

    #[test]
    fn several_places_ask_for_a_choice() {
        assert_eq!(code("x y x", "", "> x"), "anchor.ambiguous");
        assert_eq!(code("x y x", "occurrence=3", "> x"), "anchor.occurrence");
        assert_eq!(anchor("x y x", &note("occurrence=2", "> x")).unwrap(), ["x"]);
        assert_eq!(anchor("x y x", &note("occurrence=all", "> x")).unwrap(), ["x", "x"]);
    }

    #[test]
    fn an_orphan_shows_the_nearest_passage_and_a_fix() {
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
    fn about_heading_looks_in_headings_only() {
        assert_eq!(anchor("# Dose\n\nDose\n", &note("about=heading", "> Dose")).unwrap(), ["Dose"]);
        assert_eq!(code("# Dose\n\nother\n", "about=heading", "> other"), "anchor.orphan");
    }

    #[test]
    fn bold_of_the_text_itself_is_a_warning() {
        assert_eq!(code("a **b** c", "", "> a **b** c"), "anchor.bold");
    }
}
