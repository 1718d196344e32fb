//! Converts HTML to paragraphs and tables of a Word document.
//!
//! 1. The HTML of a text is walked in document order. Its text nodes joined are the reading text, so the walk knows at
//!    each word its offset, and notes are attached at exactly the ends of their passages.
//! 2. A paragraph is opened when its first word or picture comes, with the properties of the blocks around it.
//! 3. White space is collapsed as a browser does. A space is written only when a word follows it.
//!
//! Numbers of lists and footnotes are Word's own, so the words of the document are the words of the text.

mod footnotes;
mod list;
mod table;

use scraper::Node;
use scraper::node::Element;

use self::footnotes::start_of_footnotes;
use super::package::{Package, Story};
use super::runs::{Run, Runs};
use crate::diagnostics::TextSpan;
use crate::export::dom::{self, NodeRef, has_class};
use crate::export::format::ExportContext;
use crate::site::direction;

/// A passage to which something is attached: a comment, or an endnote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attached {
    /// Its range in the reading text.
    pub span: TextSpan,
    /// The number of the comment or endnote.
    pub id: usize,
}

/// How notes are attached to passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attach {
    /// As comments on a range.
    Comment,
    /// As endnotes after the passage.
    Endnote,
}

/// The properties of paragraphs, from the blocks around them.
#[derive(Debug, Clone, Copy)]
struct Block {
    style: &'static str,
    /// The indentation in twentieths of a point.
    indent: usize,
    pre: bool,
    rtl: bool,
    align: &'static str,
}

/// An item of a list whose marker has not been written, or has.
#[derive(Debug, Clone, Copy)]
struct Item {
    list: usize,
    level: usize,
    marked: bool,
}

/// Writes HTML as Word paragraphs.
pub(super) struct Body<'b> {
    context: &'b ExportContext<'b>,
    /// The path of the page that links in the HTML are relative to.
    page: &'b str,
    package: &'b mut Package,
    runs: Runs,
    block: Block,
    items: Vec<Item>,
    lists: usize,
    attach: Attach,
    starts: Vec<Attached>,
    ends: Vec<Attached>,
    next_start: usize,
    next_end: usize,
    /// The offset in the reading text.
    at: usize,
    in_paragraph: bool,
    paragraphs: usize,
    /// The ids of the footnotes that were referred to, in the order of their numbers.
    referred: Vec<String>,
    in_footnote: bool,
    /// Whether this is the text itself, and not a note on it.
    is_text: bool,
    /// Whether the text's own footnotes are paragraphs at its end, because notes are attached to them: LibreOffice
    /// cannot read comments in footnotes, and Word allows no endnotes in them.
    footnotes_as_list: bool,
}

impl<'b> Body<'b> {
    /// A writer into `story`.
    pub(super) fn new(
        context: &'b ExportContext<'b>,
        page: &'b str,
        package: &'b mut Package,
        story: Story,
        language: &str,
    ) -> Self {
        let rtl = direction(language) == "rtl";
        Self {
            context,
            page,
            package,
            runs: Runs::new(story, rtl),
            block: Block { style: "", indent: 0, pre: false, rtl, align: "" },
            items: Vec::new(),
            lists: 0,
            attach: Attach::Comment,
            starts: Vec::new(),
            ends: Vec::new(),
            next_start: 0,
            next_end: 0,
            at: 0,
            in_paragraph: false,
            paragraphs: 0,
            referred: Vec::new(),
            in_footnote: false,
            is_text: false,
            footnotes_as_list: false,
        }
    }

    /// Writes a paragraph of plain text.
    pub(super) fn paragraph(&mut self, style: &'static str, words: &str) {
        let outer = self.block;
        self.block.style = style;
        self.open_paragraph();
        self.runs.text(words, &Run::default());
        self.close_paragraph();
        self.block = outer;
    }

    /// Opens a paragraph with a style; what is written next goes into it.
    pub(super) fn begin(&mut self, style: &'static str) {
        self.close_paragraph();
        let outer = std::mem::replace(&mut self.block.style, style);
        self.open_paragraph();
        self.block.style = outer;
    }

    /// The writer of runs, to add to the open paragraph.
    pub(super) fn runs(&mut self) -> &mut Runs {
        &mut self.runs
    }

    /// Closes the open paragraph.
    pub(super) fn end(&mut self) {
        self.close_paragraph();
    }

    /// The story that was written.
    pub(super) fn finish(mut self) -> Story {
        self.close_paragraph();
        self.runs.into_story()
    }

    /// Writes HTML that has no passages.
    pub(super) fn html(&mut self, html: &str) {
        let tree = dom::parse(html);
        for child in dom::children(&tree) {
            self.node(child, &Run::default());
        }
    }

    /// Writes HTML that has no passages, in paragraphs of this style where it has none of its own.
    pub(super) fn html_in(&mut self, style: &'static str, html: &str) {
        let outer = std::mem::replace(&mut self.block.style, style);
        self.html(html);
        self.close_paragraph();
        self.block.style = outer;
    }

    /// Writes HTML into the open paragraph.
    pub(super) fn inline_html(&mut self, html: &str) {
        let tree = dom::parse(html);
        for node in tree.root_element().descendants() {
            if let Node::Text(text) = node.value() {
                let italic = node.ancestors().any(|above| dom::is(above, "em") || dom::is(above, "i"));
                self.runs.text(text, &Run { italic, ..Run::default() });
            }
        }
    }

    /// Sets a bookmark if a link leads to the element `id`.
    pub(super) fn reach(&mut self, id: &str) {
        self.package.reach(id, &mut self.runs);
    }

    /// Writes the HTML of the text, with notes attached to its passages.
    pub(super) fn text(&mut self, html: &str, attached: Vec<Attached>, attach: Attach) {
        self.attach = attach;
        self.is_text = true;
        self.ends.clone_from(&attached);
        self.starts = attached;
        // At one place the longer passage starts first, and the one that started last ends first.
        self.starts.sort_by_key(|one| (one.span.start, std::cmp::Reverse(one.span.end), one.id));
        self.ends.sort_by_key(|one| (one.span.end, std::cmp::Reverse(one.span.start), one.id));
        self.package.note_targets(html);
        let tree = dom::parse(html);
        let footnotes = start_of_footnotes(&tree);
        self.footnotes_as_list = self.ends.iter().any(|one| one.span.end > footnotes);
        for child in dom::children(&tree) {
            self.node(child, &Run::default());
        }
        if self.next_end < self.ends.len() {
            self.open_paragraph();
            self.start_until(usize::MAX);
            self.end_until(usize::MAX);
        }
        self.close_paragraph();
        self.is_text = false;
    }

    fn node(&mut self, node: NodeRef<'_>, run: &Run) {
        match node.value() {
            Node::Text(text) => self.words(text, run),
            Node::Element(element) => self.element(node, element, run),
            _ => {}
        }
    }

    fn children(&mut self, node: NodeRef<'_>, run: &Run) {
        for child in node.children() {
            self.node(child, run);
        }
    }

    fn element(&mut self, node: NodeRef<'_>, element: &Element, run: &Run) {
        if let Some(id) = element.attr("id") {
            self.package.reach(id, &mut self.runs);
        }
        let outer = self.block;
        let mut run = run.clone();
        if let Some(language) = element.attr("lang") {
            language.clone_into(&mut run.language);
        }
        match element.attr("dir") {
            Some("rtl") => (run.rtl, self.block.rtl) = (true, true),
            Some("ltr") => (run.rtl, self.block.rtl) = (false, false),
            _ => {}
        }
        let name = element.name();
        if crate::html::is_block(name) {
            self.block_element(node, element, &run);
            self.block = outer;
        } else {
            self.block.rtl = outer.rtl;
            self.inline(node, element, run);
        }
    }

    fn block_element(&mut self, node: NodeRef<'_>, element: &Element, run: &Run) {
        self.close_paragraph();
        match element.name() {
            "h1" => self.block.style = "Heading1",
            "h2" => self.block.style = "Heading2",
            "h3" => self.block.style = "Heading3",
            "h4" => self.block.style = "Heading4",
            "h5" => self.block.style = "Heading5",
            "h6" => self.block.style = "Heading6",
            "blockquote" => {
                self.block.style = "Quote";
                self.block.indent += 480;
            }
            "pre" => (self.block.style, self.block.pre) = ("Code", true),
            "dt" | "summary" => self.block.style = "Term",
            "dd" => self.block.indent += 360,
            "figcaption" | "caption" => self.block.style = "Caption",
            "center" => self.block.align = "center",
            "ul" | "ol" => return self.list(node, element, run),
            "li" => return self.item(node, element, run),
            "table" => return self.table(node, run),
            "hr" => {
                self.block.style = "Rule";
                self.open_paragraph();
                return self.close_paragraph();
            }
            "section" if has_class(element, "footnotes") => return self.footnotes(node, run),
            _ => {}
        }
        self.children(node, run);
        self.close_paragraph();
    }

    fn inline(&mut self, node: NodeRef<'_>, element: &Element, mut run: Run) {
        match element.name() {
            "em" | "i" | "cite" | "dfn" | "var" => run.italic = true,
            "strong" | "b" => run.bold = true,
            "del" | "s" | "strike" => run.struck = true,
            "ins" | "u" => run.underlined = true,
            "sub" => run.vertical = "subscript",
            "sup" => run.vertical = "superscript",
            "code" | "kbd" | "samp" | "tt" => run.style = "CodeWords",
            "small" | "rt" => run.small = true,
            "br" => {
                self.open_paragraph();
                return self.runs.line_break();
            }
            "img" => return self.picture(element),
            "a" if has_class(element, "footnote-ref") => return self.footnote_reference(element),
            "a" if has_class(element, "footnote-back") => return,
            "a" => {
                if let Some(url) = element.attr("href") {
                    run.link = self.package.link(self.context, self.page, url, self.runs.story());
                }
            }
            _ => {}
        }
        self.children(node, &run);
    }

    /// Writes words, and attaches notes at the ends of their passages.
    fn words(&mut self, words: &str, run: &Run) {
        let (start, end) = (self.at, self.at + words.len());
        let mut at = start;
        while at < end {
            self.end_until(at);
            let after = |list: &[Attached], from: usize, edge: fn(&Attached) -> usize| {
                list.iter().skip(from).map(edge).find(|&edge| edge > at)
            };
            let next_start = after(&self.starts, self.next_start, |one| one.span.start);
            let next_end = after(&self.ends, self.next_end, |one| one.span.end);
            let to = [next_start, next_end].into_iter().flatten().min().unwrap_or(end).min(end);
            let piece = words.get(at - start..to - start).unwrap_or_default();
            self.piece(piece, at, run);
            at = to;
        }
        self.at = end;
        self.end_until(end);
    }

    fn piece(&mut self, piece: &str, at: usize, run: &Run) {
        if self.block.pre {
            if !self.in_paragraph && piece.is_empty() {
                return;
            }
            self.open_paragraph();
            self.runs.before_preformatted(piece);
            self.start_until(at);
            return self.runs.preformatted(piece, run);
        }
        let is_space = piece.chars().all(|c| c.is_ascii_whitespace());
        if is_space && !self.in_paragraph {
            return;
        }
        self.open_paragraph();
        if is_space {
            return self.runs.space(run);
        }
        self.runs.before_words();
        self.start_until(at);
        self.runs.text(piece, run);
    }

    /// Starts the comments of all passages that begin at `at` or before.
    fn start_until(&mut self, at: usize) {
        while let Some(one) = self.starts.get(self.next_start).filter(|one| one.span.start <= at) {
            if self.attach == Attach::Comment {
                self.runs.comment_start(one.id);
            }
            self.next_start += 1;
        }
    }

    /// Ends the comments of all passages that end at `at` or before; or writes their endnotes.
    fn end_until(&mut self, at: usize) {
        while let Some(one) = self.ends.get(self.next_end).filter(|one| one.span.end <= at).copied() {
            if !self.in_paragraph {
                // White space after the paragraph; the passage ends with the next word at the latest.
                return;
            }
            self.start_until(one.span.start);
            match self.attach {
                Attach::Comment => self.runs.comment_end(one.id),
                Attach::Endnote => self.runs.endnote(one.id),
            }
            self.next_end += 1;
        }
    }

    fn open_paragraph(&mut self) {
        if self.in_paragraph {
            return;
        }
        self.in_paragraph = true;
        self.paragraphs += 1;
        let Block { style, indent, rtl, align, .. } = self.block;
        let xml = self.runs.xml();
        xml.open("w:p", &[]);
        xml.open("w:pPr", &[]);
        let style = match (style, self.items.is_empty(), self.in_footnote) {
            ("", _, true) => "FootnoteText",
            ("", false, _) => "ListParagraph",
            (style, ..) => style,
        };
        if !style.is_empty() {
            xml.empty("w:pStyle", &[("w:val", style)]);
        }
        let mut left = indent;
        if let Some(item) = self.items.last_mut() {
            if item.marked {
                left += 360 * (item.level + 1);
            } else {
                item.marked = true;
                xml.open("w:numPr", &[]);
                xml.empty("w:ilvl", &[("w:val", &item.level.to_string())]);
                xml.empty("w:numId", &[("w:val", &item.list.to_string())]);
                xml.close();
                left = 0;
            }
        }
        if rtl {
            xml.empty("w:bidi", &[]);
        }
        if left > 0 {
            xml.empty("w:ind", &[("w:left", &left.to_string())]);
        }
        if !align.is_empty() {
            xml.empty("w:jc", &[("w:val", align)]);
        }
        xml.close();
        self.runs.begin_paragraph(rtl);
    }

    fn close_paragraph(&mut self) {
        if std::mem::take(&mut self.in_paragraph) {
            self.runs.end_paragraph();
        }
    }

    fn picture(&mut self, element: &Element) {
        self.open_paragraph();
        self.runs.before_words();
        let alternative = element.attr("alt").unwrap_or_default();
        let file = element
            .attr("src")
            .and_then(|src| ExportContext::target(self.page, src))
            .and_then(|(path, _)| Some((self.context.asset(&path)?, path)));
        let drawn =
            file.is_some_and(|(bytes, path)| self.package.picture(&path, bytes, alternative, &mut self.runs));
        if !drawn && !alternative.is_empty() {
            self.runs.alternative(alternative);
        }
    }
}
