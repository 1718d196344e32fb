//! Builds HTML and its reading text at the same time.
//!
//! 1. Elements are always balanced, whatever the caller opens and closes.
//! 2. Each run of text is written to the HTML and to the reading text, and both offsets are recorded, so that
//!    marks can be inserted later without parsing.
//! 3. A line break follows each block, table cell and `<br>`.
//! 4. The innermost block that directly contains text gets the id `p-1`, `p-2` …, in the order in which
//!    blocks begin; a table counts as one block. Text after a nested block gets no number.
//!
//! Knows nothing about Markdown, notes, or which elements are allowed.

use std::fmt::Write as _;

use crate::diagnostics::{FileSpan, TextSpan};
use crate::html::scan;
use crate::html::slug::Slugs;

/// The maximum nesting depth of elements. Deeper elements keep their text and lose their tags. Browsers limit
/// the depth to 512.
pub(crate) const MAX_DEPTH: usize = 200;

/// HTML and its reading text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html {
    /// The HTML.
    pub html: String,
    /// The DOM's `textContent` of the HTML.
    pub reading: String,
    /// All runs of text, in order; joined, they are the reading text.
    pub runs: Vec<Run>,
    /// The numbered blocks: block `n` has the id `p-n`, counted from 1.
    pub blocks: Vec<Block>,
    /// The ranges of links in `html`, in order and not nested.
    pub links: Vec<std::ops::Range<usize>>,
    /// The ranges of bold text, in order and not nested.
    pub strong: Vec<TextSpan>,
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// The origins of the reading text in the file, in reading order.
    pub origins: Vec<Origin>,
    /// The citations: the offset in the reading text, which does not contain the citation's own text, and the
    /// number.
    pub citations: Vec<(usize, usize)>,
}

/// A text node of the HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The offset of its HTML.
    pub html: usize,
    /// Its range in the reading text.
    pub text: TextSpan,
    /// Whether it contains escaped characters, so that its lengths in HTML and reading text differ.
    pub escaped: bool,
    /// Whether it is the line break after a block, which cannot be marked.
    pub between: bool,
}

/// A numbered block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The offset of its text in the reading text.
    pub start: usize,
    /// The number of the top-level element that contains it, from 1.
    pub child: usize,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The level, 1 to 6.
    pub level: u8,
    /// Its range in the reading text.
    pub text: TextSpan,
    /// The id that links to it use, made from its words.
    pub id: String,
    /// The number of its block.
    pub block: usize,
}

/// The origin of a range of the reading text in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The start of the range in the reading text.
    pub text: usize,
    /// The range in the file.
    pub file: FileSpan,
    /// Whether text and file have the same bytes, so that offsets inside the range can be mapped.
    pub verbatim: bool,
}

/// How an element affects the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Block,
    TablePart,
    Cell,
    Inline,
}

fn role(name: &str) -> Role {
    match name {
        "table" | "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre" | "blockquote" | "ul" | "ol"
        | "li" | "dl" | "dt" | "dd" | "div" | "section" | "figure" | "figcaption" | "details" | "summary"
        | "center" | "hr" => Role::Block,
        "thead" | "tbody" | "tfoot" | "tr" | "caption" | "colgroup" | "col" => Role::TablePart,
        "td" | "th" => Role::Cell,
        _ => Role::Inline,
    }
}

/// Whether `name` is an element that can be a numbered block.
pub(crate) fn is_numbered(name: &str) -> bool {
    role(name) == Role::Block && name != "hr"
}

/// Whether `name` is a block-level element or a part of a table.
pub(crate) fn is_block(name: &str) -> bool {
    role(name) != Role::Inline
}

#[derive(Debug)]
struct Open {
    name: &'static str,
    role: Role,
    /// The offset at which attributes can be inserted; `None` if the tag was not written.
    attributes: Option<usize>,
    /// Whether it is a numbered block, or inside one.
    numbered: bool,
    /// The offset in the reading text at which it begins.
    start: usize,
    child: usize,
    /// The number of numbered blocks when it was opened.
    blocks: usize,
}

/// The ids that a builder generates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Ids {
    /// No ids.
    #[default]
    None,
    /// Numbers for blocks; headings also get a target `t-` and their words.
    Blocks,
    /// For headings, their words with this prefix; none for blocks.
    Headings(String),
}

/// Builds [`Html`].
#[derive(Debug)]
pub(crate) struct Builder {
    out: Html,
    stack: Vec<Open>,
    ids: Ids,
    slugs: Slugs,
    children: usize,
    /// Whether the last output was a block boundary.
    at_border: bool,
    link_start: Option<usize>,
}

impl Builder {
    /// A builder with capacity for a text of about `size` bytes.
    pub(crate) fn new(size: usize, ids: Ids) -> Self {
        let mut out = Html::default();
        out.html.reserve(size + size / 4);
        out.reading.reserve(size);
        Self {
            out,
            stack: Vec::new(),
            ids,
            slugs: Slugs::default(),
            children: 0,
            at_border: true,
            link_start: None,
        }
    }

    /// Opens an element. `attributes` are written as given, so each has to start with a space.
    pub(crate) fn open(&mut self, name: &'static str, attributes: std::fmt::Arguments<'_>) {
        let role = role(name);
        if role != Role::Inline {
            self.border_before();
        }
        if self.stack.is_empty() {
            self.children += 1;
        }
        let parent_numbered = self.stack.last().is_some_and(|open| open.numbered);
        let numbered = parent_numbered && role != Role::Block;
        let attributes_at = (self.stack.len() < MAX_DEPTH).then(|| {
            self.out.html.push('<');
            self.out.html.push_str(name);
            let at = self.out.html.len();
            write_all(&mut self.out.html, attributes);
            self.out.html.push('>');
            at
        });
        if name == "a" && self.link_start.is_none() && attributes_at.is_some() {
            self.link_start = Some(self.out.html.len());
        }
        let start = self.out.reading.len();
        self.stack.push(Open {
            name,
            role,
            attributes: attributes_at,
            numbered,
            start,
            child: self.children,
            blocks: self.out.blocks.len(),
        });
    }

    /// Numbers the innermost block before it has any text, so that its number precedes those of the blocks in
    /// it.
    pub(crate) fn number_now(&mut self) {
        self.number();
    }

    /// Closes the innermost element.
    pub(crate) fn close(&mut self) {
        self.heading();
        let Some(open) = self.stack.pop() else { return };
        if open.attributes.is_some() {
            self.out.html.push_str("</");
            self.out.html.push_str(open.name);
            self.out.html.push('>');
        }
        let bold = |name: &str| matches!(name, "strong" | "b");
        if bold(open.name) && !self.stack.iter().any(|outer| bold(outer.name)) {
            self.out.strong.push(TextSpan::new(open.start, self.out.reading.len()));
        }
        if open.name == "a"
            && !self.stack.iter().any(|outer| outer.name == "a")
            && let Some(start) = self.link_start.take()
        {
            self.out.links.push(start..self.out.html.len());
        }
        if open.role != Role::Inline {
            self.border();
        }
    }

    /// Closes elements until only `depth` are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.close();
        }
    }

    /// The number of open elements.
    pub(crate) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Whether a link is open.
    pub(crate) fn in_link(&self) -> bool {
        self.link_start.is_some()
    }

    /// Writes a void element.
    pub(crate) fn void(&mut self, name: &'static str, attributes: std::fmt::Arguments<'_>) {
        let block = is_block(name);
        if block {
            self.border_before();
        } else {
            self.number();
        }
        if self.stack.is_empty() {
            self.children += 1;
        }
        self.out.html.push('<');
        self.out.html.push_str(name);
        write_all(&mut self.out.html, attributes);
        self.out.html.push_str(" />");
        if block || name == "br" {
            self.border();
        } else {
            self.at_border = false;
        }
    }

    /// Writes a link target in front of the next block; the block's own id is its number.
    pub(crate) fn link_target(&mut self, id: &str) {
        self.border_before();
        if self.stack.is_empty() {
            self.children += 1;
        }
        write_all(&mut self.out.html, format_args!("<span id=\"{}\"></span>", Attribute(id)));
    }

    /// Writes markup without text, such as an empty element with its end tag.
    pub(crate) fn empty(&mut self, markup: std::fmt::Arguments<'_>) {
        write_all(&mut self.out.html, markup);
    }

    /// Writes ready-made markup whose text is not part of the reading text.
    pub(crate) fn markup(&mut self, markup: &str) {
        self.number();
        self.out.html.push_str(markup);
        self.at_border = false;
    }

    /// The name of the innermost element.
    pub(crate) fn innermost(&self) -> Option<&'static str> {
        self.stack.last().map(|open| open.name)
    }

    /// Writes text; `origin` is its range in the file, if known.
    pub(crate) fn text(&mut self, words: &str, origin: Option<FileSpan>) {
        if words.is_empty() {
            return;
        }
        if memchr::memchr2(0, b'\r', words.as_bytes()).is_some() {
            // Browsers drop NUL and read CR as a line break (CommonMark, 2.1 and 2.3).
            let words = words.replace('\0', "\u{fffd}").replace("\r\n", "\n").replace('\r', "\n");
            return self.text(&words, origin);
        }
        self.number();
        if let Some(file) = origin {
            let verbatim = file.end - file.start == words.len();
            self.out.origins.push(Origin { text: self.out.reading.len(), file, verbatim });
        }
        if words.starts_with('\n') && self.right_after_pre() {
            // The HTML parser drops a line break directly after `<pre>` (HTML, 13.2.6.4.7).
            self.out.html.push('\n');
        }
        self.run(words, false);
        self.at_border = false;
    }

    /// Whether the last output was a `<pre>` tag.
    fn right_after_pre(&self) -> bool {
        self.out.html.ends_with('>')
            && self.out.html.rfind('<').is_some_and(|at| self.out.html[at..].starts_with("<pre"))
    }

    /// The length of the reading text so far, in bytes.
    pub(crate) fn reading_len(&self) -> usize {
        self.out.reading.len()
    }

    /// Records that the text at byte `text` of the reading text equals the bytes at `file`.
    pub(crate) fn origin(&mut self, text: usize, file: FileSpan) {
        self.out.origins.push(Origin { text, file, verbatim: true });
    }

    /// Numbers the innermost block, unless it has a number already.
    fn number(&mut self) {
        if self.ids != Ids::Blocks || self.stack.last().is_none_or(|open| open.numbered) {
            return;
        }
        let in_table = self.stack.iter().rposition(|open| open.role == Role::Block);
        let Some(index) = in_table else { return };
        let numbered = self.stack[index].numbered;
        for open in &mut self.stack[index..] {
            open.numbered = true;
        }
        // Text after a nested block gets no number, because the number would be higher than those inside the
        // block.
        let after_nested = self.out.blocks.len() > self.stack[index].blocks;
        let Some(at) = self.stack[index].attributes.filter(|_| !numbered && !after_nested) else { return };
        let child = self.stack[index].child;
        self.out.blocks.push(Block { start: self.out.reading.len(), child });
        let mut id = String::with_capacity(12);
        write_all(&mut id, format_args!(" id=\"p-{}\"", self.out.blocks.len()));
        self.insert(at, &id);
    }

    /// Inserts `markup` at an earlier offset and adjusts all offsets after it.
    fn insert(&mut self, at: usize, markup: &str) {
        self.out.html.insert_str(at, markup);
        let shift = markup.len();
        for run in self.out.runs.iter_mut().rev().take_while(|run| run.html >= at) {
            run.html += shift;
        }
        for open in self.stack.iter_mut().rev() {
            match &mut open.attributes {
                Some(place) if *place > at => *place += shift,
                Some(_) => break,
                None => {}
            }
        }
        for link in self.out.links.iter_mut().rev().take_while(|link| link.end > at) {
            link.start += if link.start > at { shift } else { 0 };
            link.end += shift;
        }
        if let Some(start) = &mut self.link_start
            && *start > at
        {
            *start += shift;
        }
    }

    /// Writes a block boundary between text and a block that follows directly.
    fn border_before(&mut self) {
        if !self.at_border && !self.out.reading.ends_with('\n') {
            self.border();
        }
        self.at_border = true;
    }

    /// Whether the last output was a block boundary, with no text after it.
    pub(crate) fn at_border(&self) -> bool {
        self.at_border
    }

    /// Whether the last output was a line break.
    pub(crate) fn ends_line(&self) -> bool {
        self.out.html.ends_with('\n')
    }

    fn border(&mut self) {
        self.run("\n", true);
        self.at_border = true;
    }

    fn run(&mut self, words: &str, between: bool) {
        let start = self.out.reading.len();
        let html = self.out.html.len();
        self.out.reading.push_str(words);
        escape_text(&mut self.out.html, words);
        let end = self.out.reading.len();
        let escaped = self.out.html.len() - html != words.len();
        if let Some(last) = self.out.runs.last_mut() {
            let adjacent = !last.escaped && last.html + (last.text.end - last.text.start) == html;
            if adjacent && !escaped && last.between == between {
                last.text.end = end;
                return;
            }
        }
        self.out.runs.push(Run { html, text: TextSpan::new(start, end), escaped, between });
    }

    /// Generates the id of the innermost element and records it, if it is a heading.
    fn heading(&mut self) {
        let Some(open) = self.stack.last() else { return };
        let level = match open.name.as_bytes() {
            [b'h', digit @ b'1'..=b'6'] => digit - b'0',
            _ => return,
        };
        let Some(at) = open.attributes.filter(|_| self.ids != Ids::None) else { return };
        let text = TextSpan::new(open.start, self.out.reading.len());
        let slug = self.slugs.unique(&self.out.reading[text.range()], "section");
        let id = match &self.ids {
            Ids::Headings(prefix) => {
                let id = format!("{prefix}{slug}");
                self.insert(at, &format!(" id=\"{id}\""));
                id
            }
            Ids::Blocks | Ids::None => {
                let id = format!("t-{slug}");
                if let Some(end) = self.out.html[at..].find('>') {
                    self.insert(at + end + 1, &format!("<span id=\"{id}\"></span>"));
                }
                id
            }
        };
        self.out.headings.push(Heading { level, text, id, block: self.out.blocks.len() });
    }

    /// Closes all elements and returns the result.
    pub(crate) fn finish(mut self) -> Html {
        self.close_to(0);
        self.out
    }
}

fn write_all(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    match arguments.as_str() {
        Some(text) => out.push_str(text),
        None => out.write_fmt(arguments).expect("writing to a string cannot fail"),
    }
}

/// Appends `words`, escaped as HTML text.
pub(crate) fn escape_text(out: &mut String, words: &str) {
    let mut copied = 0;
    for at in memchr::memchr3_iter(b'&', b'<', b'>', words.as_bytes()) {
        escape_returns(out, &words[copied..at]);
        out.push_str(match words.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        copied = at + 1;
    }
    escape_returns(out, &words[copied..]);
}

/// Appends text without `&`, `<` and `>`. A bare carriage return would become a line feed in the DOM, so it
/// is escaped.
fn escape_returns(out: &mut String, words: &str) {
    let mut copied = 0;
    for at in memchr::memchr_iter(b'\r', words.as_bytes()) {
        out.push_str(&words[copied..at]);
        out.push_str("&#13;");
        copied = at + 1;
    }
    out.push_str(&words[copied..]);
}

/// The number of bytes that [`escape_text`] writes for `c`.
pub(crate) fn escaped_len(c: char) -> usize {
    match c {
        '&' | '\r' => 5,
        '<' | '>' => 4,
        _ => c.len_utf8(),
    }
}

/// Displays a value escaped for an attribute in double quotes.
pub(crate) struct Attribute<'a>(pub &'a str);

impl std::fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        each_piece(self.0, |piece| f.write_str(piece))
    }
}

/// Appends a value, escaped for an attribute in double quotes.
pub(crate) fn escape_attribute(out: &mut String, value: &str) {
    let Ok(()) = each_piece(value, |piece| {
        out.push_str(piece);
        Ok::<(), std::convert::Infallible>(())
    });
}

/// Passes the escaped pieces of an attribute value to `write`.
fn each_piece<E>(value: &str, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let mut copied = 0;
    while let Some(at) = first_special(&value.as_bytes()[copied..]).map(|at| copied + at) {
        write(&value[copied..at])?;
        write(match value.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#13;",
        })?;
        copied = at + 1;
    }
    write(&value[copied..])
}

/// The offset of the first byte that has to be escaped in an attribute in double quotes.
fn first_special(bytes: &[u8]) -> Option<usize> {
    scan::first(bytes, |byte| {
        (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"') | (byte == b'\r')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs() -> Html {
        let mut b = Builder::new(0, Ids::Blocks);
        b.open("blockquote", format_args!(""));
        b.open("p", format_args!(""));
        b.text("a & ", None);
        b.open("em", format_args!(""));
        b.text("b", None);
        b.close();
        b.close();
        b.close();
        b.open("ul", format_args!(""));
        b.open("li", format_args!(""));
        b.text("c", None);
        b.open("ul", format_args!(""));
        b.open("li", format_args!(""));
        b.text("d", None);
        b.finish()
    }

    #[test]
    fn innermost_blocks_with_words_are_numbered() {
        let html = paragraphs();
        assert_eq!(
            html.html,
            "<blockquote><p id=\"p-1\">a &amp; <em>b</em></p>\n</blockquote>\n<ul><li id=\"p-2\">c\n<ul><li id=\"p-3\">d</li>\n</ul>\n</li>\n</ul>\n"
        );
        assert_eq!(html.reading, "a & b\n\nc\nd\n\n\n\n");
        assert_eq!(html.blocks.iter().map(|b| b.child).collect::<Vec<_>>(), [1, 2, 2]);
    }

    #[test]
    fn runs_join_to_the_reading_text_and_point_into_the_html() {
        let html = paragraphs();
        let joined: String = html.runs.iter().map(|r| &html.reading[r.text.range()]).collect();
        assert_eq!(joined, html.reading);
        for run in html.runs.iter().filter(|r| !r.escaped) {
            let words = &html.reading[run.text.range()];
            assert_eq!(&html.html[run.html..run.html + words.len()], words);
        }
    }

    #[test]
    fn no_block_has_a_lower_number_than_its_parent() {
        let mut b = Builder::new(0, Ids::Blocks);
        b.open("ul", format_args!(""));
        b.open("li", format_args!(""));
        b.open("blockquote", format_args!(""));
        b.text("q", None);
        b.close();
        b.text("after", None);
        b.close();
        b.open("li", format_args!(""));
        b.text("next", None);
        let html = b.finish();
        assert!(html.html.contains("<li><blockquote id=\"p-1\">q</blockquote>\nafter</li>"), "{}", html.html);
        assert!(html.html.contains("<li id=\"p-2\">next"), "{}", html.html);
    }

    #[test]
    fn a_table_is_one_block() {
        let mut b = Builder::new(0, Ids::Blocks);
        b.open("table", format_args!(""));
        for _ in 0..2 {
            b.open("tr", format_args!(""));
            b.open("td", format_args!(""));
            b.text("x", None);
            b.close_to(1);
        }
        let html = b.finish();
        assert_eq!(html.html, "<table id=\"p-1\"><tr><td>x</td>\n</tr>\n<tr><td>x</td>\n</tr>\n</table>\n");
    }

    #[test]
    fn headings_can_be_linked_by_number_and_by_words() {
        for (ids, expected) in [
            (Ids::Blocks, "<h2 id=\"p-1\"><span id=\"t-a-b\"></span>A b</h2>\n"),
            (Ids::Headings("note-x-".to_owned()), "<h2 id=\"note-x-a-b\">A b</h2>\n"),
        ] {
            let mut b = Builder::new(0, ids);
            b.open("h2", format_args!(""));
            b.text("A b", None);
            assert_eq!(b.finish().html, expected);
        }
    }

    #[test]
    fn deep_nesting_keeps_the_text() {
        let mut b = Builder::new(0, Ids::Blocks);
        for _ in 0..10_000 {
            b.open("blockquote", format_args!(""));
        }
        b.text("deep", None);
        let html = b.finish();
        assert_eq!(html.html.matches("<blockquote").count(), MAX_DEPTH);
        assert_eq!(html.reading.trim(), "deep");
    }

    #[test]
    fn a_line_break_at_the_start_of_pre_is_kept() {
        let mut b = Builder::new(0, Ids::None);
        b.open("pre", format_args!(""));
        b.text("\na", None);
        let html = b.finish();
        assert_eq!((html.html.as_str(), html.reading.as_str()), ("<pre>\n\na</pre>\n", "\na\n"));
    }
}
