//! Turns a text from any format into the files of a source: Markdown with front matter, and the original beside it.
//!
//! 1. The HTML of the text is sanitized, and its links and images are resolved.
//! 2. It becomes Markdown, block by block. The words are compared; a block whose words Markdown would change stays
//!    HTML.
//! 3. The words are compared with the file. If they differ, they are imported all the same, with a warning.

use std::sync::Arc;

use super::left_out::{LeftOut, beginning};
use super::links::Links;
use super::{Imported, NewFile, front_matter, html_to_markdown};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::html::Ids;
use crate::html::highlight::Highlighter;
use crate::html::sanitize::{self, Nesting};
use crate::names::address;
use crate::text;
use crate::text::library::{self, Library};
use crate::text::original;

/// Encloses the label of a footnote in HTML. Both are noncharacters, which no text contains.
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';
/// The number of differing words that are reported.
const MAX_DIFFERENCES: usize = 8;

/// What a file says about its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meta {
    /// The title.
    pub title: Option<String>,
    /// The authors.
    pub authors: Vec<String>,
    /// The publisher or journal.
    pub publisher: Option<String>,
    /// The date of publication.
    pub date: Option<String>,
    /// The address.
    pub url: Option<String>,
    /// The address that the publisher prefers, if it differs.
    pub canonical: Option<String>,
    /// The DOI.
    pub doi: Option<String>,
    /// The licence.
    pub licence: Option<String>,
    /// The language.
    pub language: Option<String>,
}

/// A text from a file.
pub(super) struct Document<'d> {
    /// What the file says about it.
    pub meta: Meta,
    /// Its HTML, with placeholders for footnote references.
    pub html: String,
    /// Its footnotes: labels and HTML.
    pub footnotes: Vec<(String, String)>,
    /// Its links and images.
    pub links: Links<'d>,
    /// What was left out.
    pub left_out: LeftOut,
    /// Further remarks for the user.
    pub remarks: Vec<String>,
    /// The file as it was received, if it is kept beside the text: its name and its bytes.
    pub original: Option<(&'static str, &'d [u8])>,
}

/// The place of a footnote reference in HTML.
pub(super) fn placeholder(label: &str) -> String {
    format!("{OPEN}{label}{CLOSE}")
}

/// `text` with footnote references as Markdown.
fn with_references(text: &str) -> String {
    text.replace(OPEN, "[^").replace(CLOSE, "]")
}

/// `text` without footnote references.
pub(super) fn without_references(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        rest = after.split_once(CLOSE).map_or("", |(_, rest)| rest);
    }
    out + rest
}

impl Document<'_> {
    /// Writes the files of the text at `path`; `file` is the imported one. `None` if there are no words, which is
    /// reported.
    pub(super) fn into_text(
        mut self,
        path: &str,
        file: &Arc<File>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Imported> {
        let mut clean = |html: &str| {
            sanitize::fragment(html, "", &mut Nesting::default(), &mut |to, _| self.links.resolve(to))
        };
        let body = clean(&self.html);
        let footnotes: Vec<(String, String)> =
            self.footnotes.iter().map(|(label, html)| (label.clone(), clean(html))).collect();
        let mut expected = reading_of_html(&body);
        for (_, html) in &footnotes {
            expected.push('\n');
            expected.push_str(&reading_of_html(html));
        }
        if expected.trim().is_empty() {
            let problem =
                Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), "no text found in the file");
            diagnostics.push(problem.help(
                "if a script creates the text of a page, save the page from a browser after it has loaded",
            ));
            return None;
        }
        let markdown = self.markdown(&body, &footnotes, &expected, diagnostics, file);
        let folder = format!("{}/{path}", address::SOURCES);
        let text_path = format!("{folder}/index.md");
        let (proved, plain) = (
            format!("{}{markdown}", self.front(self.original.map(|(name, _)| name))),
            format!("{}{markdown}", self.front(None)),
        );
        let mut files = Vec::new();
        let mut is_proved = false;
        if let Some((name, bytes)) = self.original {
            let page = File::new(format!("{folder}/{name}"), &*file.text);
            let text_file = File::new(&*text_path, &*proved);
            if proves(&text_file, &page, file, diagnostics) {
                is_proved = true;
                files.push(NewFile { path: page.path.clone(), bytes: bytes.to_vec() });
            } else {
                self.remarks.push(
                    "the original was not kept beside the text, because `postil check` would compare the words again"
                        .to_owned(),
                );
            }
        }
        files.insert(
            0,
            NewFile { path: text_path, bytes: if is_proved { proved } else { plain }.into_bytes() },
        );
        let mut remarks = self.links.remarks();
        remarks.extend(self.left_out.lines());
        remarks.extend(self.remarks);
        let images = std::mem::take(&mut self.links.images);
        files.extend(
            images.into_iter().map(|(name, bytes)| NewFile { path: format!("{folder}/{name}"), bytes }),
        );
        Some(Imported { path: path.to_owned(), files, remarks })
    }

    fn front(&self, original: Option<&str>) -> String {
        let meta = &self.meta;
        let authors = meta.authors.join(", ");
        let web = |url: &Option<String>| {
            url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"))
        };
        front_matter(&[
            ("title", meta.title.as_deref()),
            ("author", Some(&authors)),
            ("publisher", meta.publisher.as_deref()),
            ("date", meta.date.as_deref()),
            ("url", web(&meta.url).as_deref()),
            ("canonical", web(&meta.canonical).as_deref()),
            ("doi", meta.doi.as_deref()),
            ("licence", meta.licence.as_deref()),
            ("language", meta.language.as_deref()),
            ("original", original),
        ])
    }

    /// The Markdown of the text. Blocks whose words Markdown would change stay HTML.
    fn markdown(
        &mut self,
        body: &str,
        footnotes: &[(String, String)],
        expected: &str,
        diagnostics: &mut Diagnostics,
        file: &Arc<File>,
    ) -> String {
        let notes: String = footnotes.iter().map(|(label, html)| footnote(label, html)).collect();
        let mut blocks = html_to_markdown::blocks_with_html(body);
        // The rule that separates footnotes from the text.
        if !footnotes.is_empty() && blocks.last().is_some_and(|block| block.markdown == "***") {
            blocks.pop();
        }
        let join = |blocks: &[html_to_markdown::Block]| {
            let blocks: Vec<&str> = blocks.iter().map(|block| block.markdown.as_str()).collect();
            format!("{}\n{notes}", with_references(&blocks.join("\n\n")))
        };
        let markdown = join(&blocks);
        if difference(&markdown, expected).is_none() {
            return markdown;
        }
        let mut kept = 0;
        for block in &mut blocks {
            if difference(&without_references(&block.markdown), &reading_of_html(&block.html)).is_some() {
                block.markdown = block.html.clone();
                kept += 1;
            }
        }
        let markdown = join(&blocks);
        if kept > 0 {
            self.remarks.push(format!(
                "{} kept as HTML, because Markdown would change the words",
                crate::diagnostics::render::count(kept, "block was", "blocks were")
            ));
        }
        if let Some(difference) = difference(&markdown, expected) {
            diagnostics.push(
                Diagnostic::warning(Code::SourceDiffers, Place::new(file, 0..0), difference)
                    .help("compare the imported text with the file"),
            );
        }
        markdown
    }
}

/// A footnote as Markdown.
fn footnote(label: &str, html: &str) -> String {
    let blocks: Vec<String> =
        html_to_markdown::blocks_with_html(html).into_iter().map(|block| block.markdown).collect();
    let text = with_references(blocks.join("\n\n").trim_start());
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        match (index, line) {
            (0, line) => out.push_str(&format!("\n[^{label}]: {line}\n")),
            (_, "") => out.push('\n'),
            (_, line) => out.push_str(&format!("    {line}\n")),
        }
    }
    out
}

/// The reading text of sanitized HTML, without footnote references.
pub(super) fn reading_of_html(html: &str) -> String {
    without_references(&sanitize::rebuild(html, Ids::None, "").reading)
}

/// The first difference between the words of Markdown and the expected ones.
fn difference(markdown: &str, expected: &str) -> Option<String> {
    let text = File::new("sources/text.md", markdown);
    let mut problems = Diagnostics::default();
    verify(&text, &File::new("original.txt", expected), &mut problems);
    problems.into_sorted().pop().map(|problem| problem.message)
}

/// Compares an imported text with its original; reports the first difference as a warning.
pub(super) fn verify(text_file: &Arc<File>, original: &Arc<File>, diagnostics: &mut Diagnostics) -> bool {
    let mut ignored = Diagnostics::default();
    let source = library::parse(Arc::clone(text_file), &mut ignored);
    let text = text::parse(&source, &Library::default(), &Highlighter::default(), &mut ignored);
    let mut problems = Diagnostics::default();
    original::verify(&source, &text, original, &mut problems);
    let problems = problems.into_sorted();
    let is_equal = problems.is_empty();
    for problem in problems {
        diagnostics.push(Diagnostic { severity: crate::diagnostics::Severity::Warning, ..problem });
    }
    is_equal
}

/// Whether the words of the text follow in the page; warns of those that do not.
fn proves(text_file: &Arc<File>, page: &Arc<File>, file: &Arc<File>, diagnostics: &mut Diagnostics) -> bool {
    let mut ignored = Diagnostics::default();
    let source = library::parse(Arc::clone(text_file), &mut ignored);
    let text = text::parse(&source, &Library::default(), &Highlighter::default(), &mut ignored);
    let missing = original::missing_in_page(text.reading(), &page.text, MAX_DIFFERENCES);
    if missing.is_empty() {
        return true;
    }
    let words: Vec<String> = missing
        .iter()
        .map(|span| {
            let place = text.place(&source, *span);
            let (line, _) = place.line_column();
            format!("`{}` (line {line})", beginning(&text.reading()[span.range()]))
        })
        .collect();
    let message = format!("the text has words that do not come next in the page: {}", words.join(", "));
    diagnostics.push(
        Diagnostic::warning(Code::SourceDiffers, Place::new(file, 0..0), message)
            .help(format!("compare {} with the page at these lines", text_file.path)),
    );
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn footnotes_stay_footnotes() {
        let text = footnote("1", "<p>a</p><p>b <i>c</i></p>");
        assert_eq!(text, "\n[^1]: a\n\n    b *c*\n");
        let html = format!("<p>x{}.</p>", placeholder("1"));
        assert_eq!(reading_of_html(&html).trim(), "x.");
        assert_eq!(difference(&format!("x[^1].\n{text}"), "x.\na\nb c"), None);
    }
}
