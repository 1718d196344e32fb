//! Plain text as a source: paragraphs and lists in Markdown, beside the text as it was received.

use std::sync::Arc;

use super::markdown::{escape, escape_start, paragraph};
use super::{Imported, NewFile, front_matter};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::highlight::Highlighter;
use crate::original;
use crate::source::{self, Library};
use crate::span::{File, Place};
use crate::text;

/// The name of the text as it was received.
const ORIGINAL: &str = "original.txt";
/// A longer line is taken for a paragraph of its own.
const WRAPPED: usize = 100;

/// Makes the text at `path` of the file.
pub fn import(file: &Arc<File>, path: &str, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let text = file.text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), "the file holds no words");
        diagnostics.push(problem.help("name a file with a text in it"));
        return None;
    }
    let title = title(text).unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path).replace('-', " "));
    let front = front_matter(&[("title", Some(&title)), ("original", Some(ORIGINAL))]);
    let made = File::new(format!("{}/{path}/index.md", source::FOLDER), front + &to_markdown(text));
    prove(&made, file, diagnostics).then(|| Imported {
        files: vec![
            NewFile { path: made.path.clone(), bytes: made.text.clone().into_bytes() },
            NewFile {
                path: format!("{}/{path}/{ORIGINAL}", source::FOLDER),
                bytes: file.text.clone().into_bytes(),
            },
        ],
        remarks: Vec::new(),
    })
}

/// Whether the text that was made has the words of `original`; reports where not.
pub(super) fn prove(made: &Arc<File>, original: &Arc<File>, diagnostics: &mut Diagnostics) -> bool {
    let mut silent = Diagnostics::default();
    let source = source::parse(Arc::clone(made), &mut silent);
    let text = text::parse(&source, &Library::default(), &Highlighter::default(), &mut silent);
    let mut problems = Diagnostics::default();
    original::prove(&source, &text, original, &mut problems);
    let holds = !problems.has_errors();
    diagnostics.extend(problems);
    holds
}

/// A short first line with nothing but a title in it.
fn title(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    (line.chars().count() <= WRAPPED && !line.ends_with(['.', ':', ';', ','])).then(|| line.to_owned())
}

/// Plain text as Markdown: blank lines part blocks, a long line is a paragraph, lines with bullets are lists.
fn to_markdown(text: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        let line = line.trim();
        if !line.is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            block(&lines, &mut blocks);
            lines.clear();
        }
    }
    let mut out = String::new();
    for block in &blocks {
        if !out.is_empty() {
            // The items of a list stand together.
            out.push_str(if block.starts_with("- ") && last_is_item(&out) { "\n" } else { "\n\n" });
        }
        out.push_str(block);
    }
    out.push('\n');
    out
}

fn last_is_item(out: &str) -> bool {
    out.rsplit("\n\n").next().is_some_and(|block| block.starts_with("- "))
}

/// Lines without a blank one between them.
fn block(lines: &[&str], blocks: &mut Vec<String>) {
    let long = lines.iter().any(|line| line.chars().count() > WRAPPED);
    let mut wrapped: Vec<&str> = Vec::new();
    let mut in_item = false;
    let flush = |wrapped: &mut Vec<&str>, blocks: &mut Vec<String>| {
        if !wrapped.is_empty() {
            blocks.push(paragraph(&wrapped.join("\n")));
            wrapped.clear();
        }
    };
    for line in lines {
        if let Some(words) = item(line) {
            flush(&mut wrapped, blocks);
            blocks.push(format!("- {}", escape_start(&escape(words))));
            in_item = true;
        } else if long {
            flush(&mut wrapped, blocks);
            blocks.push(paragraph(line));
            in_item = false;
        } else if in_item && let Some(last) = blocks.last_mut() {
            last.push_str(&format!("\n  {}", escape_start(&escape(line))));
        } else {
            wrapped.push(line);
        }
    }
    flush(&mut wrapped, blocks);
}

/// The words of a line that begins with a bullet.
fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['•', '◦', '▪', '‣', '-', '*'])?;
    let words = rest.trim_start();
    let sign = line.starts_with(['-', '*']);
    ((rest.len() > words.len() || !sign) && !words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_long_lines_and_bullets_are_seen() {
        let long = "word ".repeat(30);
        let long = long.trim();
        for (text, markdown) in [
            ("a\nb\n\nc\n", "a\nb\n\nc\n"),
            (&format!("Title\n{long}\n{long}\n"), &format!("Title\n\n{long}\n\n{long}\n")),
            ("• a\n•b\n- c\n", "- a\n- b\n- c\n"),
            ("list:\n- a\n  more\n- b\nc\n", "list:\n\n- a\n  more\n- b\n  c\n"),
            ("1. a\n# b\n", "1\\. a\n\\# b\n"),
            ("- a\n\n- b\n\nc", "- a\n- b\n\nc\n"),
        ] {
            assert_eq!(to_markdown(text), markdown);
        }
    }

    #[test]
    fn the_words_are_proven() {
        for text in ["-5 degrees\n- - a\n* \n*\n1.\n", "•\n• •", "a\tb\r\nc\u{a0}d\n", "***\n---\n+ a\n", "    code\n\tx"] {
            let mut diagnostics = Diagnostics::default();
            let file = File::new("a.txt", text);
            let imported = import(&file, "a", &mut diagnostics);
            assert_eq!(diagnostics.into_sorted(), [], "{text:?}");
            assert_eq!(imported.map(|made| made.files.len()), Some(2));
        }
    }

    #[test]
    fn a_title_is_a_short_first_line() {
        assert_eq!(title("\n A title \nText.").as_deref(), Some("A title"));
        assert_eq!(title("A sentence."), None);
    }
}
