//! Finds the passage of a text that an annotation's target refers to, and writes a quote that identifies it.
//!
//! Words are compared as in [`crate::anchor`], but without any white space, because pages, documents and PDF
//! viewers differ in it. If there are several matches, prefix and suffix decide. Selectors that depend on a
//! page (positions, paths, ids) are used only if the page is the one that Postil builds for the text.

use std::cell::RefCell;

use scraper::{ElementRef, Html, Selector as Css};

use super::quote::in_context;
use super::target::{Kind, Selector, Target};
use crate::anchor::fold::{Folded, fold};
use crate::anchor::matches::Matches;
use crate::diagnostics::TextSpan;
use crate::text::library::Source;
use crate::text::{self, Text};

/// Quotes shorter than this, in bytes without white space, are accepted only with a matching prefix or
/// suffix.
const MIN_UNIQUE_LEN: usize = 16;
/// The maximum number of words of context on each side of a quote.
const MAX_CONTEXT: usize = 60;

/// Finds passages in one text.
pub(crate) struct Finder<'t> {
    source: &'t Source,
    text: &'t Text,
    folded: &'t Folded,
    places: Matches<'t>,
    /// The folded text without white space.
    dense: String,
    /// The offset in the folded text of each byte of `dense`.
    back: Vec<usize>,
    /// Positions on the annotated page and in this text that belong together, in code points. Pages have menus and
    /// other words before the text, so that positions differ.
    learned: RefCell<Vec<(usize, usize)>>,
}

/// A quote of a passage, for a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quote {
    /// The block quote.
    pub markdown: String,
    /// The number of the match, if context cannot make the quote unique.
    pub occurrence: Option<usize>,
}

impl<'t> Finder<'t> {
    /// Prepares to search in `text`, whose reading text folds to `folded`.
    pub(crate) fn new(source: &'t Source, text: &'t Text, folded: &'t Folded) -> Self {
        let places = Matches::new(text.reading(), folded, 64);
        let (mut dense, mut back) = (String::with_capacity(folded.text.len()), Vec::new());
        for (at, c) in folded.text.char_indices().filter(|(_, c)| *c != ' ') {
            dense.push(c);
            back.extend((0..c.len_utf8()).map(|offset| at + offset));
        }
        Self { source, text, folded, places, dense, back, learned: RefCell::default() }
    }

    /// The passage that `target` refers to, or the reason why there is none.
    pub(crate) fn find(&self, target: &Target) -> Result<TextSpan, String> {
        let whole = TextSpan::new(0, self.text.reading().len());
        let found = self.resolve(&target.selectors, whole, self.is_own(target.source.as_deref()))?;
        let words = &self.text.reading()[found.range()];
        let lead = words.len() - words.trim_start().len();
        if words.trim().is_empty() {
            return Err("its passage contains no words".to_owned());
        }
        Ok(TextSpan::new(found.start + lead, found.start + words.trim_end().len()))
    }

    /// Whether `address` is that of the page that Postil builds for the text.
    pub(crate) fn is_own(&self, address: Option<&str>) -> bool {
        address.is_some_and(|address| {
            address == "index.html"
                || address == self.source.page()
                || address.ends_with(&format!("/{}", self.source.page()))
        })
    }

    /// Learns where the positions of the annotated page are in this text, from a target whose words are unique.
    pub(crate) fn learn(&self, target: &Target) {
        let (Some(position), Some((exact, prefix, suffix))) = (target.position(), target.quote()) else {
            return;
        };
        let whole = TextSpan::new(0, self.text.reading().len());
        if let Ok(found) = self.words(exact, prefix, suffix, whole, None) {
            let own = self.text.reading()[..found.start].chars().count();
            self.learned.borrow_mut().push((position, own));
        }
    }

    /// The one of several places that is nearest to a position on the annotated page; `None` if two are about as near.
    fn nearest(&self, places: &[TextSpan], position: usize) -> Option<TextSpan> {
        let learned = self.learned.borrow();
        let near = learned.iter().min_by_key(|(foreign, _)| foreign.abs_diff(position));
        let expected =
            near.map_or(Some(position), |(foreign, own)| (own + position).checked_sub(*foreign))?;
        let mut distances: Vec<(usize, TextSpan)> = places
            .iter()
            .map(|span| (self.text.reading()[..span.start].chars().count().abs_diff(expected), *span))
            .collect();
        distances.sort_unstable();
        match distances.as_slice() {
            [(first, span), (second, _), ..] if first * 2 < *second => Some(*span),
            _ => None,
        }
    }

    fn resolve(&self, selectors: &[Selector], within: TextSpan, own: bool) -> Result<TextSpan, String> {
        // Quotes are more reliable than positions.
        let is_quote = |selector: &&Selector| matches!(selector.kind, Kind::Quote { .. });
        let (quotes, others): (Vec<_>, Vec<_>) = selectors.iter().partition(is_quote);
        let mut reason = "it has no selector".to_owned();
        let position = selectors.iter().find_map(|selector| match selector.kind {
            Kind::Position(start, _) => Some(start),
            _ => None,
        });
        for (index, selector) in quotes.into_iter().chain(others).enumerate() {
            let found = match self.select(&selector.kind, within, own, position) {
                Ok(outer) if selector.refined_by.is_empty() => return Ok(outer),
                Ok(outer) => self.resolve(&selector.refined_by, outer, true),
                // The refined selection may match even if the outer one does not.
                Err(reason) if selector.refined_by.is_empty() => Err(reason),
                Err(_) => self.resolve(&selector.refined_by, within, false),
            };
            match found {
                Ok(found) => return Ok(found),
                Err(why) if index == 0 => reason = why,
                Err(_) => {}
            }
        }
        Err(reason)
    }

    fn select(
        &self,
        kind: &Kind,
        within: TextSpan,
        own: bool,
        position: Option<usize>,
    ) -> Result<TextSpan, String> {
        let foreign = || format!("its {} refers to another page", kind.name());
        let unmatched = || format!("its {} does not match the text", kind.name());
        let reading = &self.text.reading()[within.range()];
        match kind {
            Kind::Quote { exact, prefix, suffix } => self.words(exact, prefix, suffix, within, position),
            Kind::Svg => Err("it selects an area of an image".to_owned()),
            Kind::Unknown(name) => Err(format!("unknown type of selector: {name}")),
            _ if !own => Err(foreign()),
            Kind::Position(start, end) => {
                code_points(reading, *start, *end).map(|span| shift(span, within)).ok_or_else(unmatched)
            }
            Kind::Data(start, end) => reading
                .get(*start..*end)
                .map(|_| TextSpan::new(within.start + start, within.start + end))
                .ok_or_else(unmatched),
            Kind::Fragment(value) => self.fragment(value, within).ok_or_else(unmatched),
            Kind::Css(value) => self.css(value, within).ok_or_else(unmatched),
            Kind::XPath(value) => self.xpath(value, within).ok_or_else(unmatched),
            Kind::Range(start, end) => {
                let start = self.resolve(std::slice::from_ref(start), within, own)?;
                let end = self.resolve(std::slice::from_ref(end), within, own)?;
                if start.start < end.start {
                    Ok(TextSpan::new(start.start, end.start))
                } else {
                    Err(unmatched())
                }
            }
        }
    }

    /// The match of quoted words whose prefix and suffix match best.
    fn words(
        &self,
        exact: &str,
        prefix: &str,
        suffix: &str,
        within: TextSpan,
        position: Option<usize>,
    ) -> Result<TextSpan, String> {
        let dense = |words: &str| fold(words).text.replace(' ', "");
        let (needle, before, after) = (dense(exact), dense(prefix), dense(suffix));
        if needle.is_empty() {
            return Err("its quote is empty".to_owned());
        }
        let mut found: Vec<(TextSpan, usize)> = Vec::new();
        for start in memchr::memmem::find_iter(self.dense.as_bytes(), needle.as_bytes()) {
            let end = start + needle.len();
            let (first, last) = (self.back[start], self.back[end - 1] + 1);
            let (from, to) = self.folded.around(first, last);
            if from < within.start || to > within.end {
                continue;
            }
            let score =
                common_suffix(&self.dense[..start], &before) + common_prefix(&self.dense[end..], &after);
            found.push((TextSpan::new(from, to), score));
        }
        let spaced =
            |span: TextSpan| fold(self.text.reading()[span.range()].trim()).text == fold(exact.trim()).text;
        if found.iter().any(|(span, _)| spaced(*span)) {
            found.retain(|(span, _)| spaced(*span));
        }
        let best = found.iter().map(|(_, score)| *score).max();
        let chosen: Vec<_> = found.iter().filter(|(_, score)| Some(*score) == best).collect();
        match (chosen.as_slice(), best) {
            ([], _) => Err("its quote is not in the text".to_owned()),
            ([_], Some(0)) if needle.len() < MIN_UNIQUE_LEN && !(before.is_empty() && after.is_empty()) => {
                Err("its quote is in the text, but not with the same prefix or suffix".to_owned())
            }
            ([(span, _)], _) => Ok(*span),
            (several, _) => {
                let places: Vec<TextSpan> = several.iter().map(|(span, _)| *span).collect();
                let nearest = position.and_then(|position| self.nearest(&places, position));
                nearest.ok_or_else(|| format!("its quote matches {} places equally well", several.len()))
            }
        }
    }

    /// The element with an id, or a range of characters (RFC 5147).
    fn fragment(&self, value: &str, within: TextSpan) -> Option<TextSpan> {
        if let Some((start, end)) = value.strip_prefix("char=").and_then(|range| range.split_once(',')) {
            let reading = &self.text.reading()[within.range()];
            return code_points(reading, start.parse().ok()?, end.parse().ok()?)
                .map(|span| shift(span, within));
        }
        let id = value.trim_start_matches('#');
        let wanted = [id.to_owned(), text::target_id(id)];
        let headings = &self.text.html.headings;
        if let Some(heading) = headings.iter().find(|heading| wanted.contains(&heading.id)) {
            let inside = within.start <= heading.text.start && heading.text.end <= within.end;
            return inside.then_some(heading.text);
        }
        self.element(within, |tree| {
            tree.root_element().descendants().filter_map(ElementRef::wrap).find(|element| {
                element.value().id().is_some_and(|id| wanted.iter().any(|wanted| wanted == id))
            })
        })
    }

    fn css(&self, value: &str, within: TextSpan) -> Option<TextSpan> {
        let selector = Css::parse(value).ok()?;
        self.element(within, |tree| tree.select(&selector).next())
    }

    /// Evaluates a simple XPath of names and numbers, from the element that contains the text.
    fn xpath(&self, value: &str, within: TextSpan) -> Option<TextSpan> {
        let steps: Vec<(&str, usize)> = value
            .trim_start_matches(['.', '/'])
            .split('/')
            .map(|step| match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
                Some((name, number)) => number.parse().ok().map(|number| (name, number)),
                None => Some((step, 1)),
            })
            .collect::<Option<_>>()?;
        self.element(within, |tree| {
            steps.iter().try_fold(tree.root_element(), |element, (name, number)| {
                let mut named = element
                    .children()
                    .filter_map(ElementRef::wrap)
                    .filter(|child| child.value().name() == *name);
                named.nth(number.checked_sub(1)?)
            })
        })
    }

    /// The range of an element in the reading text.
    fn element(
        &self,
        within: TextSpan,
        choose: impl for<'h> Fn(&'h Html) -> Option<ElementRef<'h>>,
    ) -> Option<TextSpan> {
        let tree = Html::parse_fragment(&self.text.html.html);
        let chosen = choose(&tree)?.id();
        let (mut at, mut start, mut end) = (0, None, None);
        for edge in tree.root_element().traverse() {
            match edge {
                ego_tree::iter::Edge::Open(node) => {
                    if node.id() == chosen {
                        start = Some(at);
                    }
                    at += node.value().as_text().map_or(0, |words| words.len());
                }
                ego_tree::iter::Edge::Close(node) if node.id() == chosen => end = Some(at),
                ego_tree::iter::Edge::Close(_) => {}
            }
        }
        // The text nodes have to join to the reading text; otherwise the offsets would be wrong.
        (at == self.text.reading().len()).then_some(())?;
        let span = TextSpan::new(start?, end?);
        (within.start <= span.start && span.end <= within.end).then_some(span)
    }

    /// A quote that matches `span` and nothing else, with as little context as possible.
    pub(crate) fn quote(&self, span: TextSpan) -> Option<Quote> {
        let reading = self.text.reading();
        if self.matches(span) == [span] {
            return Some(Quote { markdown: self.markdown(span, span), occurrence: None });
        }
        let mut outer = self.to_words(span);
        for step in 0..=2 * MAX_CONTEXT {
            if self.matches(outer) == [outer] {
                return Some(Quote { markdown: self.markdown(span, outer), occurrence: None });
            }
            let wider = if step % 2 == 0 {
                let before = reading[..outer.start].trim_end();
                self.to_words(TextSpan::new(before.len().saturating_sub(1), outer.end))
            } else {
                let after = &reading[outer.end..];
                let next = outer.end + (after.len() - after.trim_start().len());
                self.to_words(TextSpan::new(outer.start, next.saturating_add(1)))
            };
            outer = wider;
        }
        let matches = self.matches(span);
        let number = matches.iter().position(|found| *found == span)? + 1;
        Some(Quote { markdown: self.markdown(span, span), occurrence: Some(number) })
    }

    /// All matches of the words at `span`.
    fn matches(&self, span: TextSpan) -> Vec<TextSpan> {
        let needle = fold(self.text.reading()[span.range()].trim()).text;
        self.places.all(&needle).iter().filter_map(|found| self.places.span(*found)).collect()
    }

    /// The range, extended to whole words.
    fn to_words(&self, span: TextSpan) -> TextSpan {
        let reading = self.text.reading();
        let start = crate::diagnostics::floor_char_boundary(reading, span.start);
        let end = (span.end.min(reading.len())..=reading.len())
            .find(|at| reading.is_char_boundary(*at))
            .unwrap_or(reading.len());
        let from = reading[..start]
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + reading[at..].chars().next().map_or(0, char::len_utf8));
        let to = reading[end..].find(char::is_whitespace).map_or(reading.len(), |at| end + at);
        // A range that ends with white space already ends with a whole word.
        let to = if reading[..end].ends_with(char::is_whitespace) { end } else { to };
        TextSpan::new(from, to)
    }

    fn markdown(&self, span: TextSpan, outer: TextSpan) -> String {
        let reading = self.text.reading();
        let (before, after) = (&reading[outer.start..span.start], &reading[span.end..outer.end]);
        in_context(before, &reading[span.range()], after)
    }
}

/// The byte range of code points `start..end` of `reading`.
pub(crate) fn code_points(reading: &str, start: usize, end: usize) -> Option<TextSpan> {
    let mut ends = reading.char_indices().map(|(at, _)| at).chain([reading.len()]);
    let from = ends.nth(start)?;
    let to = match end.checked_sub(start)? {
        0 => from,
        more => ends.nth(more - 1)?,
    };
    Some(TextSpan::new(from, to))
}

fn shift(span: TextSpan, within: TextSpan) -> TextSpan {
    TextSpan::new(within.start + span.start, within.start + span.end)
}

/// The length of the common end, in characters.
fn common_suffix(a: &str, b: &str) -> usize {
    a.chars().rev().zip(b.chars().rev()).take_while(|(a, b)| a == b).count()
}

/// The length of the common start, in characters.
fn common_prefix(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::diagnostics::File;
    use crate::html::highlight::Highlighter;
    use crate::text::library::{self, Library};

    const TEXT: &str = "# One two\n\nA cat and a dog. A cat and a *bird*, 10 of 100.\n\n- a a a a\n- cat\n";

    fn with<T>(work: impl FnOnce(&Finder<'_>) -> T) -> T {
        let mut diagnostics = Diagnostics::default();
        let source = library::parse(File::new("sources/a.md", TEXT), &mut diagnostics);
        let text =
            crate::text::parse(&source, &Library::default(), &Highlighter::default(), &mut diagnostics);
        let folded = fold(text.reading());
        work(&Finder::new(&source, &text, &folded))
    }

    fn quote(exact: &str, prefix: &str, suffix: &str) -> Selector {
        let kind = Kind::Quote { exact: exact.into(), prefix: prefix.into(), suffix: suffix.into() };
        Selector { kind, refined_by: Vec::new() }
    }

    /// The passage and the quote that identifies it, or the reason why there is none.
    fn found(source: &str, selectors: Vec<Selector>) -> Result<(String, String), String> {
        with(|finder| {
            let span = finder.find(&Target { source: Some(source.into()), selectors })?;
            let quote = finder.quote(span).ok_or("no quote")?;
            Ok((finder.text.reading()[span.range()].to_owned(), quote.markdown))
        })
    }

    #[test]
    fn prefix_and_suffix_decide_between_matches() {
        let words = |exact, prefix, suffix| found("x", vec![quote(exact, prefix, suffix)]);
        assert_eq!(words("dog", "and a ", ". A").unwrap().1, "> dog\n");
        assert_eq!(words("cat", "dog.  A", "and").unwrap(), ("cat".into(), "> dog. A **cat** and\n".into()));
        assert_eq!(words("One twoA", "", "cat").unwrap().0, "One two\nA");
        assert_eq!(
            words("at", "dog. A c", "").unwrap().1,
            "> dog. A <b>c</b>at and\n".replace("<b>c</b>at", "c<b>at</b>")
        );
        assert!(words("cat", "", "").unwrap_err().contains("3 places"));
        assert!(words("dog", "white", "runs").unwrap_err().contains("not with the same prefix or suffix"));
        assert!(words("fish", "", "").unwrap_err().contains("not in the text"));
        let placed = |at| {
            let position = Selector { kind: Kind::Position(at, at + 3), refined_by: Vec::new() };
            found("x", vec![quote("cat", "", ""), position]).map(|found| found.1)
        };
        assert_eq!(placed(11).unwrap(), "> two A **cat** and\n");
        assert!(placed(19).is_err(), "two places are about as near");
    }

    #[test]
    fn context_is_added_until_the_quote_is_unique() {
        with(|finder| {
            let at = finder.text.reading().find("a a a a").unwrap();
            let quote = finder.quote(TextSpan::new(at + 2, at + 3)).unwrap();
            assert!(quote.occurrence.is_none() && quote.markdown.contains("**"), "{quote:?}");
        });
    }

    #[test]
    fn positions_are_used_only_for_the_texts_own_page() {
        let one = |kind| vec![Selector { kind, refined_by: Vec::new() }];
        for (kind, words) in [
            (Kind::Position(0, 3), "One"),
            (Kind::Data(4, 7), "two"),
            (Kind::Fragment("p-1".into()), "One two"),
            (Kind::Fragment("one-two".into()), "One two"),
            (Kind::Fragment("char=4,7".into()), "two"),
            (Kind::Css("li:nth-child(2)".into()), "cat"),
            (Kind::XPath("/ul[1]/li[2]".into()), "cat"),
            (Kind::Range(Box::new(quote("One", "", "")), Box::new(quote("two", "", ""))), "One"),
        ] {
            assert_eq!(found("index.html", one(kind.clone())).unwrap().0, words, "{kind:?}");
            let elsewhere = found("https://b.c/", one(kind.clone()));
            assert!(elsewhere.is_err(), "{kind:?}");
        }
        for kind in [
            Kind::Position(0, 999),
            Kind::Data(7, 4),
            Kind::Fragment("xywh=1,2,3,4".into()),
            Kind::Css("][".into()),
            Kind::XPath("/ul[0]".into()),
            Kind::Svg,
            Kind::Unknown("x".into()),
        ] {
            assert!(found("index.html", one(kind.clone())).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn selections_can_be_refined() {
        let refined = |kind, inner| vec![Selector { kind, refined_by: vec![inner] }];
        let within = refined(Kind::Css("li:nth-child(2)".into()), quote("cat", "", ""));
        assert_eq!(found("index.html", within).unwrap().0, "cat");
        let unknown = refined(Kind::Fragment("page.4".into()), quote("dog", "and a", ""));
        assert_eq!(found("urn:x", unknown).unwrap().0, "dog");
    }
}
