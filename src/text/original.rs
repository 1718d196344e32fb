//! Compares a text with its original.
//!
//! The words are compared in order. On both sides white space is folded and list markers at the start of a
//! line are dropped. The first difference is reported with its location in both files.
//!
//! If the original is a web page, which also contains menus, notices and advertisements, every word of the
//! text has to occur in the page, in the same order.

use std::sync::Arc;

use ego_tree::iter::Edge;
use scraper::node::Node;
use unicode_normalization::UnicodeNormalization;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, TextSpan};
use crate::html::sanitize::is_page_block as is_block;
use crate::text::Text;
use crate::text::library::Source;

/// Whether an original is a web page, by its file name. Web pages may run scripts and load external
/// resources, so they are never published.
pub(crate) fn is_page(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Compares a text with its original, and reports the first difference.
pub(crate) fn verify(source: &Source, text: &Text, original: &Arc<File>, diagnostics: &mut Diagnostics) {
    if is_page(&original.path) {
        compare_with_page(source, text, original, diagnostics);
        return;
    }
    let mut text_words = words(text.reading()).peekable();
    let mut original_words = words(&original.text).peekable();
    loop {
        let (text_word, original_word) = match (text_words.peek().copied(), original_words.peek().copied()) {
            (None, None) => return,
            (Some((_, a)), Some((_, b))) if a == b => {
                text_words.next();
                original_words.next();
                continue;
            }
            pair => pair,
        };
        // A number with a full stop may be a list marker, or the end of a sentence at the start of a line.
        if text_word.is_some_and(|(at, word)| is_number_mark(text.reading(), at, word)) {
            text_words.next();
            continue;
        }
        if original_word.is_some_and(|(at, word)| is_number_mark(&original.text, at, word)) {
            original_words.next();
            continue;
        }
        let here = text_word.map_or(TextSpan::new(text.reading().len(), text.reading().len()), |(at, w)| {
            TextSpan::new(at, at + w.len())
        });
        let there = original_word
            .map_or(FileSpan::new(original.text.len(), original.text.len()), |(at, w)| {
                FileSpan::new(at, at + w.len())
            });
        let has =
            |word: Option<(usize, &str)>| word.map_or("ends".to_owned(), |(_, word)| format!("has `{word}`"));
        let message = format!("the text {} where the original {}", has(text_word), has(original_word));
        // The words look the same, so the message has to say how they differ.
        let equivalent = text_word
            .zip(original_word)
            .is_some_and(|((_, text_word), (_, original_word))| text_word.nfc().eq(original_word.nfc()));
        let (message, help) = if equivalent {
            (
                format!("{message}: the same letters in different Unicode forms"),
                "save both files in the same Unicode normalization form, preferably NFC, or copy the word from the original",
            )
        } else {
            (message, "correct the text or the original, or remove `original`")
        };
        diagnostics.push(
            Diagnostic::error(Code::SourceDiffers, text.place(source, here), message)
                .label("the text")
                .related(Place::new(original, there), "the original")
                .help(help),
        );
        return;
    }
}

/// Searches for the words of a text in a page, one after the other, and reports the first that is missing.
fn compare_with_page(source: &Source, text: &Text, page: &Arc<File>, diagnostics: &mut Diagnostics) {
    if let Some(span) = missing_in_page(text.reading(), &page.text, 1).into_iter().next() {
        let word = &text.reading()[span.range()];
        diagnostics.push(
            Diagnostic::error(
                Code::SourceDiffers,
                text.place(source, span),
                format!("`{word}` does not come next in the original page"),
            )
            .label("from here on, the words differ from the page")
            .related(Place::of_path(&page.path), "the page")
            .help("use the words of the page, or remove `original`"),
        );
    }
}

/// The first words of `reading`, at most `limit`, that do not follow in the page, which is HTML.
///
/// The page may have more words: menus, advertisements, footnote marks inside a word. Words inside hidden elements
/// may be missing from the text.
pub(crate) fn missing_in_page(reading: &str, html: &str, limit: usize) -> Vec<TextSpan> {
    let visible = missing_words(reading, &Page::new(html, false), limit);
    if visible.is_empty() {
        return visible;
    }
    let all = missing_words(reading, &Page::new(html, true), limit);
    if all.len() < visible.len() { all } else { visible }
}

fn missing_words(reading: &str, page: &Page, limit: usize) -> Vec<TextSpan> {
    let pieces = page.pieces();
    let (mut missing, mut next) = (Vec::new(), 0);
    for (at, word) in words(reading) {
        // A word begins where a word of the page begins, or after parts of it that are skipped.
        let begins = |start: &usize| {
            let first = (0..=*start).rev().find(|index| !pieces[*index].joined).unwrap_or(0);
            first >= next
        };
        match (next..pieces.len()).filter(begins).find_map(|start| match_word(word, &pieces, start)) {
            Some(end) => next = end,
            None => missing.push(TextSpan::new(at, at + word.len())),
        }
        if missing.len() == limit {
            break;
        }
    }
    missing
}

/// The maximum number of pieces of a page that are skipped inside a word.
const MAX_SKIPPED: usize = 24;

/// A run of characters of a page without white space or tags.
struct Piece<'p> {
    words: &'p str,
    /// Whether only a tag separates it from the piece before.
    joined: bool,
}

/// The index after the pieces that spell `word`, beginning with the one at `start`. Pieces in between may be
/// skipped: a footnote mark, or a hidden remark of several words.
fn match_word(word: &str, pieces: &[Piece<'_>], start: usize) -> Option<usize> {
    let rest = word.strip_prefix(pieces.get(start)?.words)?;
    if rest.is_empty() {
        return Some(start + 1);
    }
    let candidates = (start + 1..pieces.len()).take(MAX_SKIPPED);
    if !pieces.get(start + 1)?.joined {
        return None;
    }
    candidates
        .filter(|index| pieces[*index].joined && rest.starts_with(pieces[*index].words))
        .find_map(|index| match_word(rest, pieces, index))
}

/// The text of a page, including menus and forms, with a line break at each block boundary.
struct Page {
    text: String,
    /// The offsets of inline tags.
    tags: Vec<usize>,
}

impl Page {
    fn new(html: &str, with_hidden: bool) -> Self {
        let tree = scraper::Html::parse_document(html);
        let mut page = Self { text: String::new(), tags: Vec::new() };
        let mut ignored = 0_usize;
        let is_ignored = |element: &scraper::node::Element| {
            matches!(element.name(), "script" | "style" | "template") || (!with_hidden && is_hidden(element))
        };
        // Iterative: a page may be nested deeper than the stack allows.
        for edge in tree.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => {
                        ignored += usize::from(is_ignored(element));
                        page.tag(element.name(), true);
                    }
                    Node::Text(words) if ignored == 0 => page.text.push_str(words),
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(element) = node.value() {
                        ignored -= usize::from(is_ignored(element));
                        page.tag(element.name(), false);
                    }
                }
            }
        }
        page
    }

    fn tag(&mut self, name: &str, opens: bool) {
        let breaks = is_block(name) || name == "title" || (opens && matches!(name, "br" | "option"));
        if breaks {
            self.text.push('\n');
        } else {
            self.tags.push(self.text.len());
        }
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut tags = self.tags.iter().copied().peekable();
        for (at, word) in words(&self.text) {
            let end = at + word.len();
            let mut from = at;
            while let Some(tag) = tags.next_if(|tag| *tag < end) {
                if tag > from {
                    pieces.push(Piece { words: &self.text[from..tag], joined: from > at });
                    from = tag;
                }
            }
            pieces.push(Piece { words: &self.text[from..end], joined: from > at });
        }
        pieces
    }
}

/// Whether a page hides an element from its readers.
pub(crate) fn is_hidden(element: &scraper::node::Element) -> bool {
    let style = element.attr("style").unwrap_or_default();
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    element.attr("hidden").is_some()
        || style.contains("display:none")
        || style.contains("visibility:hidden")
        || element.classes().any(|class| {
            matches!(class, "screen-reader-text" | "sr-only" | "visually-hidden" | "visuallyhidden")
        })
}

/// The words of a text with their offsets, without list markers.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').flat_map(move |line| {
        let mut rest = line.trim_start_matches('\u{feff}').trim_start();
        rest = without_list_marker(rest);
        rest.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
    })
}

/// A line without its list marker.
fn without_list_marker(line: &str) -> &str {
    if let Some(rest) = line.strip_prefix(['•', '◦', '▪', '‣', '-', '*', '+']) {
        if rest.is_empty() || rest.starts_with(char::is_whitespace) || line.starts_with(['•', '◦', '▪', '‣'])
        {
            return rest;
        }
        return line;
    }
    line
}

/// Whether `word`, at byte `at` of `text`, is a number with a full stop at the start of a line.
fn is_number_mark(text: &str, at: usize, word: &str) -> bool {
    let number = word.strip_suffix('.').unwrap_or_default();
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    (1..=9).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && line.trim_start_matches('\u{feff}').trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::highlight::Highlighter;
    use crate::text::library::{self, Library};

    fn first_difference(markdown: &str, original: &str) -> Option<String> {
        difference(markdown, "sources/a.txt", original)
    }

    fn difference(markdown: &str, path: &str, original: &str) -> Option<String> {
        let mut diagnostics = Diagnostics::default();
        let source = library::parse(File::new("sources/a.md", markdown), &mut diagnostics);
        let text =
            crate::text::parse(&source, &Library::default(), &Highlighter::default(), &mut diagnostics);
        verify(&source, &text, &File::new(path, original), &mut diagnostics);
        diagnostics.into_sorted().pop().map(|problem| problem.message)
    }

    #[test]
    fn white_space_and_list_markers_are_ignored() {
        assert_eq!(first_difference("# A b\n\n- c\n- d\n\n1. e\n", "A  b\n • c\n\u{25e6}d\n1. e"), None);
    }

    #[test]
    fn a_number_that_ends_a_sentence_is_not_a_list_marker() {
        assert_eq!(first_difference("It began in 2019. Then", "It began in\n2019. Then"), None);
        assert_eq!(first_difference("1. a\n2. b", "1. a\n2. b"), None);
        assert!(first_difference("In 2019. Then", "In\n2020. Then").is_some());
    }

    #[test]
    fn different_words_are_reported() {
        assert_eq!(
            first_difference("a b c", "a x c").as_deref(),
            Some("the text has `b` where the original has `x`")
        );
        assert_eq!(first_difference("a", "a b").as_deref(), Some("the text ends where the original has `b`"));
        assert_eq!(
            first_difference("-5 degrees", "5 degrees").as_deref(),
            Some("the text has `-5` where the original has `5`")
        );
    }

    #[test]
    fn words_in_different_unicode_forms_are_reported() {
        let message = first_difference("b\u{e9}ta", "be\u{301}ta").unwrap_or_default();
        assert!(message.ends_with(": the same letters in different Unicode forms"), "{message}");
    }

    #[test]
    fn a_page_contains_the_words_of_its_text_in_order() {
        let page =
            "<title>T</title><nav>a menu</nav><p>one <b>t</b>wo<p>three<script>four</script><br>five</p>";
        let differs = |markdown: &str| difference(markdown, "sources/a.HTML", page);
        assert_eq!(differs("one two\n\nthree five"), None);
        assert_eq!(
            differs("one two four").as_deref(),
            Some("`four` does not come next in the original page")
        );
        assert!(differs("three two").is_some() && differs("threefive").is_some());
    }

    #[test]
    fn hidden_and_omitted_inline_elements_do_not_join_words() {
        let page = "<p>late 2015<sup style='display: none'>[needs an update]</sup>, a &lt;img&gt; x&lt;y<sup>[1]</sup>. \
                    5&amp;nbsp;g <b>a</b>b</p>";
        for (reading, missing) in [
            ("late 2015, a <img> x<y. 5&nbsp;g ab", &[][..]),
            ("late 2015[needs an update], a <img> x<y[1].", &[]),
            ("late 2015 and b", &["and"]),
        ] {
            let found = missing_in_page(reading, page, 9);
            let found: Vec<&str> = found.iter().map(|span| &reading[span.range()]).collect();
            assert_eq!(found, missing, "{reading}");
        }
    }
}
