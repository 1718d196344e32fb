//! Parses a block quote in a layer into a [`Quote`]: its words, the places of omissions, and which of the
//! words are the passage.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::diagnostics::{File, FileSpan};
use crate::markdown;
use crate::markdown::Item;

/// The quoted words of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The words, without the marks for omissions.
    pub words: String,
    /// The offsets in `words` at which words were left out.
    pub gaps: Vec<usize>,
    /// The range of `words` that is the passage, if bold marks it.
    pub bold: Option<Range<usize>>,
    /// Ranges of `words` that equal their bytes in the file: the offset in the words, the offset in the file,
    /// and the length in bytes.
    origins: Vec<(usize, usize, usize)>,
    /// The location of the whole block quote.
    pub span: FileSpan,
    /// Whether it has a lazy continuation line, one without `>`.
    pub lazy: bool,
}

/// Reads a block quote from its events, including its start and end.
pub(crate) fn read(items: &[Item<'_>], span: FileSpan, file: &File) -> Quote {
    let mut reader =
        Reader { file, words: String::new(), origins: Vec::new(), bold: None, bold_depth: 0, image: 0 };
    for item in items {
        if let Item::Event(event, span) = item {
            reader.event(event, *span);
        }
    }
    let lazy = file.text.get(span.range()).is_some_and(|quote| {
        quote.lines().skip(1).any(|line| !line.trim_start().starts_with('>') && !line.trim().is_empty())
    });
    Quote { words: reader.words, gaps: Vec::new(), bold: reader.bold, origins: reader.origins, span, lazy }
        .without_marks()
}

/// Parses `markdown`, which consists of a single block quote.
pub(crate) fn parse(markdown: &str) -> Quote {
    let file = File::new("", markdown);
    let items: Vec<Item<'_>> =
        markdown::events(&file.text, 0).map(|(event, span)| Item::Event(event, span)).collect();
    read(&items, FileSpan::new(0, file.text.len()), &file)
}

struct Reader<'f> {
    file: &'f File,
    words: String,
    origins: Vec<(usize, usize, usize)>,
    bold: Option<Range<usize>>,
    bold_depth: usize,
    image: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: FileSpan) {
        match event {
            Event::Start(Tag::Image { .. }) => self.image += 1,
            Event::End(TagEnd::Image) => self.image = self.image.saturating_sub(1),
            // Alternative text is not part of the reading text.
            _ if self.image > 0 => {}
            Event::Start(Tag::Strong) => self.bold_depth += 1,
            Event::End(TagEnd::Strong) => self.bold_depth = self.bold_depth.saturating_sub(1),
            Event::InlineHtml(tag) => self.tag(tag),
            Event::Html(block) => self.html(block),
            Event::Text(words) => self.text(words, span),
            Event::Code(words) => {
                let written = self.file.text.get(span.range()).unwrap_or_default();
                let lead = written.find(words.as_ref()).unwrap_or_default();
                self.push_from(words, span.start + lead);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) => self.end(event),
            _ => {}
        }
    }

    fn end(&mut self, event: &Event<'_>) {
        let inline = matches!(
            event,
            Event::End(
                TagEnd::Emphasis
                    | TagEnd::Strikethrough
                    | TagEnd::Link
                    | TagEnd::Superscript
                    | TagEnd::Subscript
            )
        );
        if !inline && !self.words.ends_with([' ', '\n']) {
            self.words.push(' ');
        }
    }

    fn tag(&mut self, tag: &str) {
        match tag
            .trim_matches(['<', '>', '/', ' '])
            .split_whitespace()
            .next()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("b" | "strong") if tag.starts_with("</") => {
                self.bold_depth = self.bold_depth.saturating_sub(1);
            }
            Some("b" | "strong") => self.bold_depth += 1,
            Some("br") => self.words.push(' '),
            _ => {}
        }
    }

    /// Adds the words of an HTML block, and handles `<b>` in it.
    fn html(&mut self, block: &str) {
        let mut rest = block;
        while let Some(open) = rest.find('<') {
            let (words, tail) = rest.split_at(open);
            self.push(words);
            let end = if tail.starts_with("<!--") { "-->" } else { ">" };
            let close = tail.find(end).map_or(tail.len(), |close| close + end.len());
            self.tag(&tail[..close]);
            rest = &tail[close..];
        }
        self.push(rest);
    }

    /// Adds Markdown text; handles escaped brackets.
    fn text(&mut self, words: &str, span: FileSpan) {
        // The parser emits each bracket as a separate event: `[`, `…`, `]`.
        let escaped =
            span.start.checked_sub(1).and_then(|at| self.file.text.as_bytes().get(at)) == Some(&b'\\');
        if escaped && words.starts_with(['[', ']']) {
            self.push_from(&words[..1], span.start);
            self.push_escaped_mark();
            return self.text(&words[1..], FileSpan::new(span.start + 1, span.end));
        }
        self.push_from(words, span.start);
    }

    /// Adds words that begin at byte `at` of the file, and records their origin if the file has the same
    /// bytes there.
    fn push_from(&mut self, words: &str, at: usize) {
        if self.file.text.get(at..at + words.len()) == Some(words) {
            self.origins.push((self.words.len(), at, words.len()));
        }
        self.push(words);
    }

    /// Keeps an escaped bracket from being parsed as a mark.
    fn push_escaped_mark(&mut self) {
        self.words.push(ESCAPED);
    }

    fn push(&mut self, words: &str) {
        let start = self.words.len();
        self.words.push_str(words);
        if self.bold_depth > 0 && !words.trim().is_empty() {
            let lead = words.len() - words.trim_start().len();
            let end = start + words.trim_end().len();
            self.bold = Some(match self.bold.take() {
                Some(bold) => bold.start..end,
                None => start + lead..end,
            });
        }
    }
}

/// Follows an escaped bracket while a quote is parsed; a noncharacter, so it does not occur in text.
const ESCAPED: char = '\u{fdd0}';

/// The length in bytes of the `[…]`, `[...]` or `[^name]` at the start of `words`, and whether it stands for
/// an omission.
fn mark(words: &str) -> Option<(usize, bool)> {
    if let Some(name) = words.strip_prefix("[^") {
        let close = name.find(|c: char| matches!(c, '[' | ']') || c.is_whitespace())?;
        return (close > 0 && name[close..].starts_with(']')).then_some((close + "[^]".len(), false));
    }
    ["[…]", "[...]", "[ … ]", "[ ... ]"]
        .iter()
        .find(|mark| words.starts_with(**mark))
        .map(|mark| (mark.len(), true))
}

impl Quote {
    /// Removes the marks for omissions, references to footnotes and internal markers.
    fn without_marks(self) -> Self {
        let mut words = String::with_capacity(self.words.len());
        let mut gaps = Vec::new();
        let mut bold = self.bold.clone();
        let mut origins = Vec::new();
        let mut at = 0;
        while let Some(found) = self.words[at..].find(['[', ESCAPED]).map(|i| at + i) {
            self.copy_origins(at..found, words.len(), &mut origins);
            words.push_str(&self.words[at..found]);
            let rest = &self.words[found..];
            let (taken, gap) = match mark(rest) {
                Some(mark) => mark,
                None if rest.starts_with(ESCAPED) => (ESCAPED.len_utf8(), false),
                None => {
                    self.copy_origins(found..found + 1, words.len(), &mut origins);
                    words.push('[');
                    at = found + 1;
                    continue;
                }
            };
            let shift =
                |place: usize, old: usize| if old > found { place - taken.min(old - found) } else { place };
            if let (Some(bold), Some(old)) = (&mut bold, &self.bold) {
                *bold = shift(bold.start, old.start)..shift(bold.end, old.end);
            }
            if gap {
                gaps.push(words.len());
            }
            at = found + taken;
        }
        self.copy_origins(at..self.words.len(), words.len(), &mut origins);
        words.push_str(&self.words[at..]);
        Self { words, gaps, bold, origins, ..self }
    }

    /// Copies the origins of `range` of the old words, which begin at `start` in the new words.
    fn copy_origins(&self, range: Range<usize>, start: usize, origins: &mut Vec<(usize, usize, usize)>) {
        for &(at, file, len) in &self.origins {
            let (from, to) = (at.max(range.start), (at + len).min(range.end));
            if from < to {
                origins.push((start + from - range.start, file + from - at, to - from));
            }
        }
    }

    /// The offset in the file of byte `at` of the words.
    pub fn byte(&self, at: usize) -> Option<usize> {
        let after = self.origins.partition_point(|&(start, ..)| start <= at);
        let &(start, file, len) = self.origins.get(after.checked_sub(1)?)?;
        (at < start + len).then_some(file + at - start)
    }

    /// The span in the file of a range of the words, if nothing else is written between them there.
    pub fn place(&self, words: Range<usize>) -> Option<FileSpan> {
        let start = self.byte(words.start)?;
        let end = self.byte(words.end.checked_sub(1)?)? + 1;
        (end.checked_sub(start)? == words.len()).then_some(FileSpan::new(start, end))
    }
}

#[cfg(test)]
mod tests {
    use super::parse as quote;

    fn passage(markdown: &str) -> (String, Option<String>, Vec<usize>) {
        let q = quote(markdown);
        let bold = q.bold.clone().map(|b| q.words[b].to_owned());
        (q.words.trim_end().to_owned(), bold, q.gaps)
    }

    #[test]
    fn the_passage_runs_from_the_first_bold_word_to_the_last() {
        assert_eq!(passage("> a **b** c **d** e\n"), ("a b c d e".into(), Some("b c d".into()), vec![]));
        assert_eq!(passage("> x<b>y</b>z\n"), ("xyz".into(), Some("y".into()), vec![]));
    }

    #[test]
    fn brackets_mark_omissions_unless_escaped() {
        assert_eq!(passage("> a […] b [...] c\n"), ("a  b  c".into(), None, vec![2, 5]));
        assert_eq!(passage("> a \\[…] b\n"), ("a […] b".into(), None, vec![]));
        assert_eq!(passage("> a **b […] c**\n").1.as_deref(), Some("b  c"));
        assert_eq!(passage("> […] a **b […]** c\n").1.as_deref(), Some("b "));
    }

    #[test]
    fn list_markers_and_footnotes_are_ignored() {
        assert_eq!(passage("> - a[^1]\n> - b\n").0, "a b");
        assert_eq!(passage("> a\n>\n> b\n").0, "a b");
        assert_eq!(passage("> <!-- a > b --> c\n").0.trim(), "c");
    }

    #[test]
    fn a_lazy_line_is_detected() {
        assert!(quote("> a\nb\n").lazy);
        assert!(!quote("> a\n> b\n").lazy);
    }
}
