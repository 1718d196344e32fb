//! Proof that a text says what its original says.
//!
//! Words are compared after white space is folded and list markers at the start of a line are
//! dropped, on both sides; the first difference is shown with its place in both files.
//!
//! A web page also holds menus, notices and advertisements, so there the proof is another: every word
//! of the text stands in the page, in this order.

use std::sync::Arc;

use ego_tree::iter::Edge;
use scraper::node::Node;
use unicode_normalization::UnicodeNormalization;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, TextSpan};
use crate::html::is_block;
use crate::text::Text;
use crate::text::library::Source;

/// Whether an original is a web page, by its name. Pages may run script and load what they like, so they are
/// never published.
pub fn is_page(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["html", "htm", "xhtml"].iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Compares a text with its original, and reports where they first differ.
pub fn verify(source: &Source, text: &Text, original: &Arc<File>, diagnostics: &mut Diagnostics) {
    if is_page(&original.path) {
        prove_in_page(source, text, original, diagnostics);
        return;
    }
    let mut ours = words(text.reading()).peekable();
    let mut theirs = words(&original.text).peekable();
    loop {
        let (our, their) = match (ours.peek().copied(), theirs.peek().copied()) {
            (None, None) => return,
            (Some((_, a)), Some((_, b))) if a == b => {
                ours.next();
                theirs.next();
                continue;
            }
            pair => pair,
        };
        // A number may mark an item of a list, or end a sentence where a line begins.
        if our.is_some_and(|(at, word)| is_number_mark(text.reading(), at, word)) {
            ours.next();
            continue;
        }
        if their.is_some_and(|(at, word)| is_number_mark(&original.text, at, word)) {
            theirs.next();
            continue;
        }
        let here = our.map_or(TextSpan::new(text.reading().len(), text.reading().len()), |(at, w)| {
            TextSpan::new(at, at + w.len())
        });
        let there = their.map_or(FileSpan::new(original.text.len(), original.text.len()), |(at, w)| {
            FileSpan::new(at, at + w.len())
        });
        let said = |word: Option<(usize, &str)>| {
            word.map_or("nothing more".to_owned(), |(_, word)| format!("`{word}`"))
        };
        let message = format!("the text has {} where its original has {}", said(our), said(their));
        // Such words look alike, so that it has to be said what differs.
        let alike = our.zip(their).is_some_and(|((_, our), (_, their))| our.nfc().eq(their.nfc()));
        let (message, help) = if alike {
            (
                format!("{message}: the same letters, composed differently"),
                "save both files in one Unicode form, best NFC, or copy the word from the original",
            )
        } else {
            (
                message,
                "make the words equal; where the text is right, mend the original, or leave `original` out",
            )
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

/// Looks for the words of a text in a page, one after the other.
fn prove_in_page(source: &Source, text: &Text, page: &Arc<File>, diagnostics: &mut Diagnostics) {
    let shown = page_words(&page.text);
    let mut theirs = words(&shown);
    for (at, word) in words(text.reading()) {
        if theirs.any(|(_, their)| their == word) {
            continue;
        }
        let span = TextSpan::new(at, at + word.len());
        diagnostics.push(
            Diagnostic::error(
                Code::SourceDiffers,
                text.place(source, span),
                format!("the page that this text came from does not go on with `{word}`"),
            )
            .label("from here on, the words are not those of the page")
            .related(Place::of_path(&page.path), "the page")
            .help("write the words of the page, or leave `original` out"),
        );
        return;
    }
}

/// The words that a page shows, and those of its menus and forms, with a line break at the border of each block.
fn page_words(html: &str) -> String {
    let tree = scraper::Html::parse_document(html);
    let mut out = String::new();
    let mut silent = 0_usize;
    // Without recursion: a page may nest deeper than the stack is long.
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    silent += usize::from(matches!(element.name(), "script" | "style" | "template"));
                    if is_block(element.name()) || matches!(element.name(), "br" | "title" | "option") {
                        out.push('\n');
                    }
                }
                Node::Text(words) if silent == 0 => out.push_str(words),
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    silent -= usize::from(matches!(element.name(), "script" | "style" | "template"));
                    if is_block(element.name()) || element.name() == "title" {
                        out.push('\n');
                    }
                }
            }
        }
    }
    out
}

/// The words of a text with their places, list markers left out.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').flat_map(move |line| {
        let mut rest = line.trim_start_matches('\u{feff}').trim_start();
        rest = unmarked(rest);
        rest.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
    })
}

/// A line without the list marker it may begin with.
fn unmarked(line: &str) -> &str {
    if let Some(rest) = line.strip_prefix(['•', '◦', '▪', '‣', '-', '*', '+']) {
        if rest.is_empty() || rest.starts_with(char::is_whitespace) || line.starts_with(['•', '◦', '▪', '‣'])
        {
            return rest;
        }
        return line;
    }
    line
}

/// Whether `word`, at byte `at` of `text`, is a number and a full stop at the start of a line.
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
    fn space_and_markers_do_not_count() {
        assert_eq!(first_difference("# A b\n\n- c\n- d\n\n1. e\n", "A  b\n • c\n\u{25e6}d\n1. e"), None);
    }

    #[test]
    fn a_number_that_ends_a_sentence_is_no_marker() {
        assert_eq!(first_difference("It began in 2019. Then", "It began in\n2019. Then"), None);
        assert_eq!(first_difference("1. a\n2. b", "1. a\n2. b"), None);
        assert!(first_difference("In 2019. Then", "In\n2020. Then").is_some());
    }

    #[test]
    fn words_do() {
        assert_eq!(
            first_difference("a b c", "a x c").as_deref(),
            Some("the text has `b` where its original has `x`")
        );
        assert_eq!(
            first_difference("a", "a b").as_deref(),
            Some("the text has nothing more where its original has `b`")
        );
        assert_eq!(
            first_difference("-5 degrees", "5 degrees").as_deref(),
            Some("the text has `-5` where its original has `5`")
        );
    }

    #[test]
    fn words_that_look_alike_are_told_apart() {
        let told = first_difference("b\u{e9}ta", "be\u{301}ta").unwrap_or_default();
        assert!(told.ends_with(": the same letters, composed differently"), "{told}");
    }

    #[test]
    fn a_page_holds_the_words_of_its_text_and_more() {
        let page =
            "<title>T</title><nav>a menu</nav><p>one <b>t</b>wo<p>three<script>four</script><br>five</p>";
        let differs = |markdown: &str| difference(markdown, "sources/a.HTML", page);
        assert_eq!(differs("one two\n\nthree five"), None);
        assert_eq!(
            differs("one two four").as_deref(),
            Some("the page that this text came from does not go on with `four`")
        );
        assert!(differs("three two").is_some() && differs("threefive").is_some());
    }
}
