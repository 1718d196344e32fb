//! Imports plain text as a source: paragraphs and lists in Markdown, with the original file beside it.

use super::document::verify;
use super::format::ImportFormat;
use super::{Content, FileToImport, Imported, NewFile, Received, front_matter};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::markdown::escape::{escape, escape_start, paragraph};
use crate::names::address;

/// The name of the original file.
const ORIGINAL: &str = "original.txt";
/// A line with more characters than this is a paragraph of its own.
const MAX_WRAPPED: usize = 100;

/// Plain text.
pub(crate) struct Text;

impl ImportFormat for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn help(&self) -> &'static str {
        "Plain text"
    }

    fn matches(&self, file: &Received) -> bool {
        let start = file.start();
        // An export of Hypothesis is no text to annotate.
        let is_export = start.contains("total annotations:") && start.contains("annotation 1:");
        file.is_text() && matches!(file.extension.as_str(), "txt" | "text") && !is_export
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        import(file.received, file.path, diagnostics).map(Content::text)
    }
}

/// Imports the file as the text at `path`.
pub(crate) fn import(received: &Received, path: &str, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let file = &received.file;
    // Old systems end lines with CR alone.
    let text = file.text.replace("\r\n", "\n").replace('\r', "\n");
    if text.trim().is_empty() {
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), "the file contains no text");
        diagnostics.push(problem.help("import a file that contains text"));
        return None;
    }
    let markdown = to_markdown(&text);
    let folder = format!("{}/{path}", address::SOURCES);
    let with_front = |original: Option<&str>| front_matter(&[("original", original)]) + &markdown;
    let text_path = format!("{folder}/index.md");
    let text_file = File::new(&*text_path, with_front(Some(ORIGINAL)));
    let mut files = Vec::new();
    let mut remarks = Vec::new();
    let original = if verify(&text_file, file, diagnostics) {
        files.push(NewFile { path: format!("{folder}/{ORIGINAL}"), bytes: received.bytes.clone() });
        Some(ORIGINAL)
    } else {
        remarks.push("the original was not kept beside the text, because the words differ".to_owned());
        None
    };
    files.insert(0, NewFile { path: text_path, bytes: with_front(original).into_bytes() });
    Some(Imported { path: path.to_owned(), files, remarks })
}

/// Whether the first of some lines is a title: short, not a sentence, and separated from what follows.
fn has_title(lines: &[&str]) -> bool {
    let Some((first, rest)) = lines.split_first() else { return false };
    let separate = rest.first().is_none_or(|next| next.chars().count() > MAX_WRAPPED);
    separate
        && first.chars().count() <= MAX_WRAPPED
        && !first.ends_with(['.', ':', ';', ',', '#'])
        && item(first).is_none()
}

/// Converts plain text to Markdown: blank lines separate blocks, a long line is a paragraph, lines with
/// bullets are lists.
fn to_markdown(text: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let more = text.lines().filter(|line| !line.trim().is_empty()).nth(1).is_some();
    for line in text.lines().chain([""]) {
        let line = line.trim();
        if !line.is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            let title = usize::from(blocks.is_empty() && more && has_title(&lines));
            blocks.extend(lines[..title].iter().map(|title| format!("# {}", escape(title))));
            block(&lines[title..], &mut blocks);
            lines.clear();
        }
    }
    let mut out = String::new();
    for block in &blocks {
        if !out.is_empty() {
            // Items of a list are not separated by blank lines.
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

/// Converts consecutive lines without blank lines between them.
fn block(lines: &[&str], blocks: &mut Vec<String>) {
    let long = lines.iter().any(|line| line.chars().count() > MAX_WRAPPED);
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
        } else if long || is_numbered(line) {
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

/// Whether text begins with a list marker, which is ignored at the start of a line when a text is compared
/// with its original.
fn begins_with_marker(words: &str) -> bool {
    let alone = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
    let digits = words.trim_start_matches(|c: char| c.is_ascii_digit());
    words.starts_with(['•', '◦', '▪', '‣'])
        || words.strip_prefix(['-', '*', '+']).is_some_and(alone)
        || (digits.len() < words.len() && digits.strip_prefix('.').is_some_and(alone))
}

/// Whether a line begins with a number and a full stop, as numbered rules and sections do.
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.starts_with(". ")
}

/// The text of a line after its bullet.
fn item(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['•', '◦', '▪', '‣', '-', '*'])?;
    let words = rest.trim_start();
    let ascii = line.starts_with(['-', '*']);
    ((rest.len() > words.len() || !ascii) && !words.is_empty() && !begins_with_marker(words)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_paragraphs_and_lists_are_recognized() {
        let long = "word ".repeat(30);
        let long = long.trim();
        for (text, markdown) in [
            ("a\nb\n\nc\n", "a\nb\n\nc\n"),
            ("A *title*\n\nb\n", "# A \\*title\\*\n\nb\n"),
            ("a\n", "a\n"),
            (&format!("Title\n{long}\n{long}\n"), &format!("# Title\n\n{long}\n\n{long}\n")),
            ("• a\n•b\n- c\n", "- a\n- b\n- c\n"),
            ("list:\n- a\n  more\n- b\nc\n", "list:\n\n- a\n  more\n- b\n  c\n"),
            ("1. a\n2. b\n# c\n", "1\\. a\n\n2\\. b\n\n\\# c\n"),
            ("- a\n\n- b\n\nc", "- a\n- b\n\nc\n"),
        ] {
            assert_eq!(to_markdown(text), markdown);
        }
    }

    #[test]
    fn imported_words_equal_the_original() {
        for text in [
            "-5 degrees\n- - a\n* \n*\n1.\n",
            "•\n• •",
            "a\tb\r\nc\u{a0}d\n",
            "***\n---\n+ a\n",
            "    code\n\tx",
            "one\r\rtwo\rthree",
        ] {
            let mut diagnostics = Diagnostics::default();
            let file = Received::new("a.txt", std::path::Path::new("a.txt"), text.as_bytes().to_vec());
            let imported = import(&file, "a", &mut diagnostics);
            assert_eq!(diagnostics.into_sorted(), [], "{text:?}");
            assert_eq!(imported.map(|made| made.files.len()), Some(2));
        }
    }
}
