//! Proof that a text says what its original says.
//!
//! Words are compared after white space is folded and list markers at the start of a line are
//! dropped, on both sides; the first difference is shown with its place in both files.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Source;
use crate::span::{File, FileSpan, Place, TextSpan};
use crate::text::Text;

/// Compares a text with its original, and reports where they first differ.
pub fn prove(source: &Source, text: &Text, original: &Arc<File>, diagnostics: &mut Diagnostics) {
    let mut ours = words(text.reading());
    let mut theirs = words(&original.text);
    loop {
        let (our, their) = (ours.next(), theirs.next());
        let (our, their) = match (our, their) {
            (None, None) => return,
            (Some((_, a)), Some((_, b))) if a == b => continue,
            pair => pair,
        };
        let here = our.map_or(TextSpan::new(text.reading().len(), text.reading().len()), |(at, w)| {
            TextSpan::new(at, at + w.len())
        });
        let there = their.map_or(FileSpan::new(original.text.len(), original.text.len()), |(at, w)| {
            FileSpan::new(at, at + w.len())
        });
        let said = |word: Option<(usize, &str)>| {
            word.map_or("nothing more".to_owned(), |(_, word)| format!("`{word}`"))
        };
        diagnostics.push(
            Diagnostic::error(
                Code::SourceDiffers,
                text.place(source, here),
                format!("the text has {} where its original has {}", said(our), said(their)),
            )
            .label("the text")
            .related(Place::new(original, there), "the original")
            .help(
                "make the words equal; where the text is right, mend the original, or leave `original` out",
            ),
        );
        return;
    }
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
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match line[digits..].strip_prefix('.') {
        Some(rest)
            if (1..=9).contains(&digits) && (rest.is_empty() || rest.starts_with(char::is_whitespace)) =>
        {
            rest
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::highlight::Highlighter;
    use crate::source::{self, Library};

    fn first_difference(markdown: &str, original: &str) -> Option<String> {
        let mut diagnostics = Diagnostics::default();
        let source = source::parse(File::new("sources/a.md", markdown), &mut diagnostics);
        let text =
            crate::text::parse(&source, &Library::default(), &Highlighter::default(), &mut diagnostics);
        prove(&source, &text, &File::new("sources/a.txt", original), &mut diagnostics);
        diagnostics.into_sorted().pop().map(|problem| problem.message)
    }

    #[test]
    fn space_and_markers_do_not_count() {
        assert_eq!(first_difference("# A b\n\n- c\n- d\n\n1. e\n", "A  b\n • c\n\u{25e6}d\n1. e"), None);
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
}
