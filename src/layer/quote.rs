//! A block quote in a layer to a [`Quote`]: its words, what stands for words left out, and which of
//! the words are the passage.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::markup::Item;
use crate::span::{File, FileSpan};

/// The words of a passage, as an editor quoted them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The words, with marks for words left out taken out.
    pub words: String,
    /// Where in `words` some were left out.
    pub gaps: Vec<usize>,
    /// The part of `words` that is the passage, where bold singles it out.
    pub bold: Option<Range<usize>>,
    /// The place of the whole block quote.
    pub span: FileSpan,
    /// Whether a line belongs to it that does not begin with `>`.
    pub lazy: bool,
}

/// Reads the events of a block quote, its own start and end included.
pub fn read(items: &[Item<'_>], span: FileSpan, file: &File) -> Quote {
    let mut reader = Reader { file, words: String::new(), bold: None, bold_depth: 0, image: 0 };
    for item in items {
        if let Item::Event(event, span) = item {
            reader.event(event, *span);
        }
    }
    let lazy = file.text.get(span.range()).is_some_and(|quote| {
        quote.lines().skip(1).any(|line| !line.trim_start().starts_with('>') && !line.trim().is_empty())
    });
    Quote { words: reader.words, gaps: Vec::new(), bold: reader.bold, span, lazy }.settle()
}

struct Reader<'f> {
    file: &'f File,
    words: String,
    bold: Option<Range<usize>>,
    bold_depth: usize,
    image: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: FileSpan) {
        match event {
            Event::Start(Tag::Image { .. }) => self.image += 1,
            Event::End(TagEnd::Image) => self.image = self.image.saturating_sub(1),
            // Alternative text is no text of the page.
            _ if self.image > 0 => {}
            Event::Start(Tag::Strong) => self.bold_depth += 1,
            Event::End(TagEnd::Strong) => self.bold_depth = self.bold_depth.saturating_sub(1),
            Event::InlineHtml(tag) => self.tag(tag),
            Event::Html(block) => self.html(block),
            Event::Text(words) => self.text(words, span),
            Event::Code(words) => self.push(words),
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

    /// The words of an HTML block, and `<b>` in it.
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

    /// Words of Markdown text; marks for words left out and references to footnotes are no words.
    fn text(&mut self, words: &str, span: FileSpan) {
        // The parser hands out each bracket on its own: `[`, `…`, `]`.
        let escaped =
            span.start.checked_sub(1).and_then(|at| self.file.text.as_bytes().get(at)) == Some(&b'\\');
        if escaped && words.starts_with(['[', ']']) {
            self.push(&words[..1]);
            self.push_escaped_mark();
            return self.text(&words[1..], FileSpan::new(span.start + 1, span.end));
        }
        self.push(words);
    }

    /// Keeps a bracket that was written with a backslash from being read as a mark.
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

/// Stands behind an escaped bracket while a quote is read; a noncharacter, so no text holds it.
const ESCAPED: char = '\u{fdd0}';

/// How many bytes of `words`, which begin with `[`, are `[…]`, `[...]` or `[^name]`, and whether they stand for
/// words left out.
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
    /// Takes out the marks, and what only served the reading.
    fn settle(self) -> Self {
        let mut words = String::with_capacity(self.words.len());
        let mut gaps = Vec::new();
        let mut bold = self.bold.clone();
        let mut at = 0;
        while let Some(found) = self.words[at..].find(['[', ESCAPED]).map(|i| at + i) {
            words.push_str(&self.words[at..found]);
            let rest = &self.words[found..];
            let (taken, gap) = match mark(rest) {
                Some(mark) => mark,
                None if rest.starts_with(ESCAPED) => (ESCAPED.len_utf8(), false),
                None => {
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
        words.push_str(&self.words[at..]);
        Self { words, gaps, bold, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;
    use crate::span::File;

    fn quote(markdown: &str) -> Quote {
        let file = File::new("a.md", markdown);
        let items: Vec<_> = markdown::events(&file.text, 0).map(|(e, s)| Item::Event(e, s)).collect();
        read(&items, FileSpan::new(0, file.text.len()), &file)
    }

    fn passage(markdown: &str) -> (String, Option<String>, Vec<usize>) {
        let q = quote(markdown);
        let bold = q.bold.clone().map(|b| q.words[b].to_owned());
        (q.words.trim_end().to_owned(), bold, q.gaps)
    }

    #[test]
    fn bold_is_the_passage_from_first_to_last() {
        assert_eq!(passage("> a **b** c **d** e\n"), ("a b c d e".into(), Some("b c d".into()), vec![]));
        assert_eq!(passage("> x<b>y</b>z\n"), ("xyz".into(), Some("y".into()), vec![]));
    }

    #[test]
    fn brackets_stand_for_words_left_out_unless_escaped() {
        assert_eq!(passage("> a […] b [...] c\n"), ("a  b  c".into(), None, vec![2, 5]));
        assert_eq!(passage("> a \\[…] b\n"), ("a […] b".into(), None, vec![]));
        assert_eq!(passage("> a **b […] c**\n").1.as_deref(), Some("b  c"));
        assert_eq!(passage("> […] a **b […]** c\n").1.as_deref(), Some("b "));
    }

    #[test]
    fn markers_and_footnotes_do_not_count() {
        assert_eq!(passage("> - a[^1]\n> - b\n").0, "a b");
        assert_eq!(passage("> a\n>\n> b\n").0, "a b");
        assert_eq!(passage("> <!-- a > b --> c\n").0.trim(), "c");
    }

    #[test]
    fn a_lazy_line_is_noticed() {
        assert!(quote("> a\nb\n").lazy);
        assert!(!quote("> a\n> b\n").lazy);
    }
}
