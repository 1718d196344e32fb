//! Finds citations in the Markdown of a layer: `[@key, p. 3; see @other]`, and `@key` in a sentence.
//!
//! Replaces each citation among the Markdown events with an [`Item::Citation`]. Code, links, images, raw HTML
//! and escaped at signs are not changed.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::bibliography::citation::{Placed, parse_cluster, parse_narrative};
use crate::bibliography::cluster::{Cluster, Form};
use crate::diagnostics::{File, FileSpan, Place};
use crate::markdown::Item;

/// The citations of a page, in reading order.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    /// The works of each citation.
    pub clusters: Vec<Cluster>,
    /// Every cited key, with its location in the file.
    pub keys: Vec<(String, Place)>,
}

impl Citations {
    /// Replaces the citations in `items` with their numbers.
    pub(crate) fn extract<'i, 'f>(
        &mut self,
        items: &'i [Item<'f>],
        file: &'f Arc<File>,
    ) -> Cow<'i, [Item<'f>]> {
        if !items.iter().any(|item| matches!(item, Item::Event(Event::Text(words), _) if words.contains('@')))
        {
            return Cow::Borrowed(items);
        }
        let mut taker = Extractor {
            citations: self,
            file,
            out: Vec::with_capacity(items.len()),
            run: Run::new(),
            closed: 0,
        };
        for item in items {
            taker.item(item);
        }
        taker.flush();
        Cow::Owned(taker.out)
    }
}

/// Contiguous text, including emphasis, mapped to its locations in the file.
struct Run<'f> {
    words: String,
    /// The start of each piece in `words`, and its span in the file.
    pieces: Vec<(usize, FileSpan)>,
    /// The bytes of `words` that follow a backslash.
    escaped: Vec<usize>,
    /// The starts and ends of emphasis in `words`.
    marks: VecDeque<(usize, Item<'f>)>,
}

struct Extractor<'c, 'f> {
    citations: &'c mut Citations,
    file: &'f Arc<File>,
    out: Vec<Item<'f>>,
    run: Run<'f>,
    /// The number of open containers, such as links, in which citations are not read.
    closed: usize,
}

impl<'f> Extractor<'_, 'f> {
    fn item(&mut self, item: &Item<'f>) {
        match item {
            Item::Event(Event::Text(words), span) if self.closed == 0 => {
                let behind = span.start.checked_sub(1).and_then(|at| self.file.text.as_bytes().get(at));
                if behind == Some(&b'\\') {
                    self.run.escaped.push(self.run.words.len());
                }
                self.run.pieces.push((self.run.words.len(), *span));
                self.run.words.push_str(words);
            }
            Item::Event(Event::SoftBreak, span) if self.closed == 0 && !self.run.words.is_empty() => {
                self.run.pieces.push((self.run.words.len(), *span));
                self.run.words.push('\n');
            }
            Item::Event(
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
                | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough),
                _,
            ) if self.closed == 0 => self.run.marks.push_back((self.run.words.len(), item.clone())),
            other => {
                self.flush();
                match other {
                    Item::Event(
                        Event::Start(
                            Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock,
                        ),
                        _,
                    ) => {
                        self.closed += 1;
                    }
                    Item::Event(
                        Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock | TagEnd::HtmlBlock),
                        _,
                    ) => {
                        self.closed = self.closed.saturating_sub(1);
                    }
                    _ => {}
                }
                self.out.push(other.clone());
            }
        }
    }

    /// Reads the citations in the text gathered so far.
    fn flush(&mut self) {
        let mut run = std::mem::replace(&mut self.run, Run::new());
        let brackets = Brackets::of(&run);
        let mut kept = 0;
        let mut at = 0;
        while let Some(found) = run.words.get(at..).and_then(|rest| rest.find('@')).map(|i| at + i) {
            at = found + 1;
            let Some((range, items, form)) = citation(&run, &brackets, kept, found) else { continue };
            let mut cluster = Cluster { items: Vec::new(), form };
            for (work, key) in items {
                let place = Place::new(self.file, run.place(key.start, key.end));
                self.citations.keys.push((work.key.clone(), place));
                cluster.items.push(work);
            }
            self.words(&mut run, kept, range.start);
            // The style formats a citation, so emphasis inside it is dropped.
            run.marks.drain(..run.marks.partition_point(|(at, _)| *at < range.end));
            self.out.push(Item::Citation(self.citations.clusters.len()));
            self.citations.clusters.push(cluster);
            (kept, at) = (range.end, range.end);
        }
        let end = run.words.len();
        self.words(&mut run, kept, end);
        self.out.extend(run.marks.into_iter().map(|(_, mark)| mark));
    }

    /// Emits text that is not part of a citation, with its emphasis.
    fn words(&mut self, run: &mut Run<'f>, start: usize, end: usize) {
        let mut from = start;
        let passed = run.marks.partition_point(|(at, _)| *at <= end);
        let mut marks: Vec<(usize, Item<'f>)> = run.marks.drain(..passed).collect();
        for (at, mark) in marks.drain(..).map(|(at, mark)| (at, Some(mark))).chain([(end, None)]) {
            if from < at {
                let words = run.words[from..at].to_owned();
                self.out.push(Item::Event(Event::Text(words.into()), run.place(from, at)));
                from = at;
            }
            self.out.extend(mark);
        }
    }
}

type Found = (Range<usize>, Vec<Placed>, Form);

/// The citation that contains the at sign at byte `at`; text before byte `from` is already used.
fn citation(run: &Run<'_>, brackets: &Brackets, from: usize, at: usize) -> Option<Found> {
    if run.is_escaped(at) {
        return None;
    }
    let words = &run.words;
    if let Some((open, close)) = brackets.around(at).filter(|(open, _)| *open >= from)
        && run.is_balanced(&(open..close + 1))
        && let Some(items) = parse_cluster(&words[open + 1..close])
    {
        let base = open + 1;
        let items: Vec<Placed> =
            items.into_iter().map(|(work, key)| (work, key.start + base..key.end + base)).collect();
        // Emphasis ends a key.
        if items.iter().all(|(_, key)| run.plain_until(key.start) >= key.end) {
            return Some((open..close + 1, items, Form::Bracketed));
        }
    }
    // An at sign inside a word or a path is part of an email address or a URL.
    let start = if words[..at].ends_with('-') && at > from { at - 1 } else { at };
    let begins = run.marks.binary_search_by_key(&start, |(mark, _)| *mark).is_ok();
    if !begins && words[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '/') {
        return None;
    }
    let word = words[..start].rsplit(char::is_whitespace).next().unwrap_or_default();
    if word.contains("://") || word.starts_with("www.") {
        return None;
    }
    let narrative = parse_narrative(&words[start..run.plain_until(start)])?;
    let items =
        narrative.items.into_iter().map(|(work, key)| (work, key.start + start..key.end + start)).collect();
    Some((start..start + narrative.length, items, Form::InText))
}

/// The square brackets of a run, and the brackets around each at sign.
struct Brackets {
    /// The at signs inside brackets, each with the innermost open bracket, in order.
    signs: Vec<(usize, usize)>,
    /// The closing bracket of each opening one.
    closes: BTreeMap<usize, usize>,
}

impl Brackets {
    fn of(run: &Run<'_>) -> Self {
        let mut brackets = Self { signs: Vec::new(), closes: BTreeMap::new() };
        let mut open: Vec<usize> = Vec::new();
        let bytes = run.words.as_bytes();
        for at in memchr::memchr3_iter(b'[', b']', b'@', bytes) {
            match bytes[at] {
                b'[' if !run.is_escaped(at) => open.push(at),
                b']' if !run.is_escaped(at) => {
                    if let Some(begin) = open.pop() {
                        brackets.closes.insert(begin, at);
                    }
                }
                b'@' => brackets.signs.extend(open.last().map(|&begin| (at, begin))),
                _ => {}
            }
        }
        brackets
    }

    /// The innermost square brackets around the at sign at byte `at`.
    fn around(&self, at: usize) -> Option<(usize, usize)> {
        let index = self.signs.binary_search_by_key(&at, |(sign, _)| *sign).ok()?;
        let open = self.signs[index].1;
        Some((open, *self.closes.get(&open)?))
    }
}

impl Run<'_> {
    fn new() -> Self {
        Self { words: String::new(), pieces: Vec::new(), escaped: Vec::new(), marks: VecDeque::new() }
    }

    /// Whether all emphasis that begins in a range ends in it.
    fn is_balanced(&self, range: &Range<usize>) -> bool {
        let mut depth = 0_i32;
        let first = self.marks.partition_point(|(at, _)| *at <= range.start);
        for (_, mark) in self.marks.range(first..).take_while(|(at, _)| *at < range.end) {
            depth += if matches!(mark, Item::Event(Event::Start(_), _)) { 1 } else { -1 };
            if depth < 0 {
                return false;
            }
        }
        depth == 0
    }

    /// The next byte after `from` where emphasis starts or ends.
    fn plain_until(&self, from: usize) -> usize {
        let next = self.marks.partition_point(|(at, _)| *at <= from);
        let next = self.marks.get(next).map(|(at, _)| *at);
        next.unwrap_or(self.words.len())
    }

    /// Whether byte `at` of the text follows a backslash.
    fn is_escaped(&self, at: usize) -> bool {
        self.escaped.binary_search(&at).is_ok()
    }

    /// The span in the file of bytes `start..end` of the text.
    fn place(&self, start: usize, end: usize) -> FileSpan {
        let place = |at: usize| {
            let index = self.pieces.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
            self.pieces.get(index).map_or(0, |(begin, span)| (span.start + at - begin).min(span.end))
        };
        let first = place(start);
        FileSpan::new(first, if end > start { place(end - 1).max(first) + 1 } else { first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;
    use crate::markdown::plain;

    fn cited(markdown: &str) -> (String, Vec<String>, Vec<(String, usize)>) {
        let file = File::new("a.md", markdown);
        let items: Vec<_> = markdown::events(&file.text, 0).map(|(e, s)| Item::Event(e, s)).collect();
        let mut citations = Citations::default();
        let left = citations.extract(&items, &file);
        let clusters = citations
            .clusters
            .iter()
            .map(|c| c.items.iter().map(|i| i.key.as_str()).collect::<Vec<_>>().join("+"))
            .collect();
        let keys = citations.keys.iter().map(|(k, p)| (k.clone(), p.line_column().1)).collect();
        (plain(&left), clusters, keys)
    }

    #[test]
    fn citations_are_replaced_and_located() {
        let (left, clusters, keys) = cited("One [@a, p. 3; see @b] two, as @c says.");
        assert_eq!(
            (left.as_str(), clusters),
            ("One  two, as  says.", vec!["a+b".to_owned(), "c".to_owned()])
        );
        let columns: Vec<_> = keys.iter().map(|(key, column)| (key.as_str(), *column)).collect();
        assert!(columns[0].0 == "a" && (6..=7).contains(&columns[0].1), "{columns:?}");
    }

    #[test]
    fn a_citation_may_contain_a_line_break() {
        assert_eq!(cited("x [@a;\n@b] y").1, ["a+b"]);
    }

    #[test]
    fn a_citation_may_contain_emphasis() {
        let (left, clusters, _) = cited("One [*see* @a, p. 3, and **x** y; @b] *two [@c]*.");
        assert_eq!((left.as_str(), clusters), ("One  two .", vec!["a+b".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn emphasis_around_citations_stays_balanced() {
        let events = |markdown: &str| {
            let file = File::new("a.md", markdown);
            let items: Vec<_> = markdown::events(&file.text, 0).map(|(e, s)| Item::Event(e, s)).collect();
            let mut citations = Citations::default();
            let shown = |item: &Item<'_>| match item {
                Item::Event(Event::Text(words), _) => words.to_string(),
                Item::Event(Event::Start(Tag::Paragraph), _)
                | Item::Event(Event::End(TagEnd::Paragraph), _) => String::new(),
                Item::Event(Event::Start(_), _) => "<".to_owned(),
                Item::Event(..) => ">".to_owned(),
                Item::Citation(number) => number.to_string(),
            };
            citations.extract(&items, &file).iter().map(shown).collect::<String>()
        };
        assert_eq!(events("*a [@b]* c *@d* e **f** @g"), "<a 0> c <1> e <f> 2");
        assert_eq!(events("*[@b]*[@c] *x*@d"), "<0>1 <x>2");
        assert_eq!(events("[*a @b] c*"), "[<a 0] c>");
        assert_eq!(events("[@a *b*]"), "0");
    }

    #[test]
    fn code_links_addresses_and_escapes_are_not_citations() {
        for text in [
            "`@a`",
            "[x @a](https://y)",
            "me@example.org",
            "<me@example.org>",
            "https://x.y/@a",
            "https://x.y/z?q=@a",
            "www.x.y/-@a",
            "\\@a",
            "[\\@a]",
            "    @a\n",
        ] {
            assert!(cited(text).1.is_empty(), "{text}");
        }
    }
}
