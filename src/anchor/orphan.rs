//! What is told of a quote that fits nowhere: the passage nearest to it, what differs, and the quote to write instead.
//!
//! A quote to write is only shown if, read again, it fits that passage; `check --fix` writes it if the passage is
//! close and the only one.

use unicode_normalization::UnicodeNormalization;

use super::nearest::{self, Nearest};
use super::{Anchors, Fit, Ngrams, Segment, Sought, quote_fix};
use crate::diagnostics::{Code, Diagnostic, Place, TextSpan};
use crate::notes::{About, Note, Occurrence, Quote, quote};
use crate::site::Orphans;

/// How many parts of one quote are looked for.
const LOST: usize = 4;

/// A word or a run of words longer than this is told by both its ends.
const TOLD: usize = 12;

/// A part of a quote that is nowhere, and what is nearest to it.
struct Lost<'s> {
    segment: &'s Segment,
    near: Nearest,
}

/// A quote with the words of the text.
struct Mended {
    written: String,
    /// Whether it fits one place only.
    single: bool,
}

impl Anchors<'_> {
    pub(super) fn orphan(&self, note: &Note<'_>, quote: &Quote, sought: &Sought, place: Place) -> Diagnostic {
        let message = "the quote is not in the text";
        let problem = match self.orphans {
            Orphans::Error => Diagnostic::error(Code::AnchorOrphan, place, message),
            Orphans::List => Diagnostic::warning(Code::AnchorOrphan, place, message),
        };
        let problem = self.near_miss(note, quote, sought, problem);
        if quote.lazy {
            let help = "put a blank line under the quote: a line right under it belongs to it";
            return Diagnostic { fix: None, ..problem.help(help) };
        }
        problem
    }

    fn near_miss(&self, note: &Note<'_>, quote: &Quote, sought: &Sought, problem: Diagnostic) -> Diagnostic {
        let lost: Vec<&Segment> =
            sought.segments.iter().filter(|segment| self.is_lost(note, segment)).take(LOST).collect();
        let near: Vec<Lost<'_>> = lost
            .iter()
            .filter_map(|&segment| Some(Lost { segment, near: self.nearest(note, segment)? }))
            .collect();
        if lost.is_empty() {
            return problem
                .label("its parts stand in the text, but not in this order")
                .help("quote the parts in the order of the text, or as passages of their own");
        }
        let Some(first) = near.first() else { return nothing_near(note, problem) };
        let mended = (near.len() == lost.len())
            .then(|| self.mended(note, quote, sought, &near, &problem.place))
            .flatten();
        let problem = self.told(first, problem);
        let Some(Mended { written, single }) = mended else {
            return self.advised(quote, sought, first, problem);
        };
        let shown = quote_fix::on_one_line(&written);
        let close = near.iter().all(|Lost { segment, near }| {
            near.unique && near.distance > 0 && near.distance * 5 <= segment.folded.text.chars().count()
        });
        if single && close {
            return problem
                .help(format!("write `{shown}`; `postil check --fix` does"))
                .fix(quote.span, written);
        }
        problem.help(format!("write `{shown}`"))
    }

    /// Whether a part of a quote stands nowhere that the note looks in.
    fn is_lost(&self, note: &Note<'_>, segment: &Segment) -> bool {
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
            return nearest::among(text, parts, words);
        }
        nearest::nearest(self.grams.get_or_init(|| Ngrams::new(text, 4)), text, words)
    }

    /// The same problem with what differs and where.
    fn told(&self, lost: &Lost<'_>, problem: Diagnostic) -> Diagnostic {
        let range = lost.near.range.clone();
        let (start, end) = self.folded.around(range.start, range.end);
        let place = self.text.place(self.source, TextSpan::new(start, end));
        if !lost.near.whole {
            return problem
                .label("the text begins like this and goes on otherwise")
                .related(place, "the nearest passage");
        }
        let (wrong, right) = nearest::difference(&lost.segment.folded.text, &self.folded.text[range]);
        let label = match (shortened(wrong).as_str(), shortened(right).as_str()) {
            ("", "") if lost.segment.folded.text.contains(char::is_numeric) => {
                "the words begin or end inside a longer number".to_owned()
            }
            ("", "") => "the words begin or end inside what is one character for readers".to_owned(),
            ("", right) => format!("the text has `{right}` besides"),
            (wrong, "") => format!("the text has no `{wrong}`"),
            (wrong, right) if wrong.nfkc().eq(right.nfkc()) => {
                format!("the text has `{right}`, the quote `{wrong}`: the same letters as other characters")
            }
            (wrong, right) => format!("the text has `{right}`, the quote `{wrong}`"),
        };
        problem.label(label).related(place, "the nearest passage")
    }

    /// The same problem with what to do where no quote can be shown.
    fn advised(&self, quote: &Quote, sought: &Sought, lost: &Lost<'_>, problem: Diagnostic) -> Diagnostic {
        let text = &self.folded.text[lost.near.range.clone()];
        if !lost.near.whole {
            return problem.help("compare the quote with the text from there on, and copy its words anew");
        }
        if lost.segment.folded.text == text {
            return problem.help("quote the whole number or character, as it stands in the text");
        }
        if quote.bold.is_some() || sought.segments.len() > 1 {
            return problem
                .help("copy the words from there, and keep the bold and the marks for words left out");
        }
        let words = quote_fix::quoted(self.text.reading(), self.folded, lost.near.range.clone());
        problem.help(format!("write `{}`", quote_fix::escape(words.trim())))
    }

    /// The quote with the words of the nearest passage, if it then fits there.
    fn mended(
        &self,
        note: &Note<'_>,
        quote: &Quote,
        sought: &Sought,
        lost: &[Lost<'_>],
        place: &Place,
    ) -> Option<Mended> {
        if !lost.iter().all(|lost| lost.near.whole) {
            return None;
        }
        let mut changes = Vec::new();
        for Lost { segment, near } in lost {
            let start = near.range.start;
            for edit in nearest::edits(&segment.folded.text, &self.folded.text[near.range.clone()])? {
                let range = start + edit.right.start..start + edit.right.end;
                let right = quote_fix::quoted(self.text.reading(), self.folded, range);
                let right = if edit.right.is_empty() { "" } else { &right };
                changes.push(quote_fix::change(quote, segment, &edit, right)?);
            }
        }
        let written = quote_fix::written_anew(quote, &place.file, changes)?;
        let again = quote::parse(&written);
        let same = again.gaps.len() == quote.gaps.len() && again.bold.is_some() == quote.bold.is_some();
        let read = Sought::new(&again);
        let mut fits = self.fits(&read);
        if note.about == Some(About::Heading) {
            fits =
                fits.iter().filter(|fit| self.in_heading(fit.first.start, fit.last.end)).copied().collect();
        }
        let holds = |fit: &Fit| {
            lost.iter().all(|Lost { near, .. }| {
                fit.first.start <= near.range.start && near.range.end <= fit.last.end
            })
        };
        let single = fits.len() == 1
            && matches!(note.occurrence, None | Some(Occurrence::All | Occurrence::Number(1, _)));
        let kept = same && read.segments.len() == sought.segments.len() && fits.iter().any(holds);
        kept.then_some(Mended { written, single })
    }
}

fn nothing_near(note: &Note<'_>, problem: Diagnostic) -> Diagnostic {
    if note.about == Some(About::Heading) {
        return problem
            .label("no heading has these words")
            .help("quote a heading of the text; `about=heading` looks nowhere else");
    }
    problem.help("copy the words from the text; nothing there is like these")
}

/// Many words by their beginning and their end.
fn shortened(words: &str) -> String {
    let all: Vec<&str> = words.split(' ').collect();
    if all.len() <= TOLD {
        return words.to_owned();
    }
    let half = TOLD / 2;
    format!("{} … {}", all[..half].join(" "), all[all.len() - half..].join(" "))
}
