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
use crate::html::is_block;
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

/// Searches for the words of a text in a page, one after the other.
fn compare_with_page(source: &Source, text: &Text, page: &Arc<File>, diagnostics: &mut Diagnostics) {
    let shown = page_words(&page.text);
    let mut original_words = words(&shown);
    for (at, word) in words(text.reading()) {
        if original_words.any(|(_, original_word)| original_word == word) {
            continue;
        }
        let span = TextSpan::new(at, at + word.len());
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
        return;
    }
}

/// The text of a page, including menus and forms, with a line break at each block boundary.
fn page_words(html: &str) -> String {
    let tree = scraper::Html::parse_document(html);
    let mut out = String::new();
    let mut ignored = 0_usize;
    // Iterative: a page may be nested deeper than the stack allows.
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    ignored += usize::from(matches!(element.name(), "script" | "style" | "template"));
                    if is_block(element.name()) || matches!(element.name(), "br" | "title" | "option") {
                        out.push('\n');
                    }
                }
                Node::Text(words) if ignored == 0 => out.push_str(words),
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    ignored -= usize::from(matches!(element.name(), "script" | "style" | "template"));
                    if is_block(element.name()) || element.name() == "title" {
                        out.push('\n');
                    }
                }
            }
        }
    }
    out
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
}
