//! Renders Markdown events to HTML, for sources and for the bodies of notes.
//!
//! 1. Events become elements and text in a [`Builder`].
//! 2. Footnotes are collected and written at the end, including unreferenced ones. Their numbers are
//!    generated content in CSS, so that they are not part of the text.
//! 3. If there is raw HTML, the result is parsed as a browser would parse it, sanitized, and rebuilt.
//!
//! Knows nothing about sites: the caller resolves links.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, LinkType, Tag, TagEnd};

use crate::diagnostics::FileSpan;
use crate::html::highlight::Highlighter;
use crate::html::sanitize::{self, Destination, Nesting};
use crate::html::{Attribute, Builder, Html, Ids};
use crate::markdown;

/// A part of a document: a Markdown event, or a citation.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// A Markdown event and its range in the file.
    Event(Event<'a>, FileSpan),
    /// The citation with this index.
    Citation(usize),
}

/// The items of a Markdown document that begins at byte `base` of its file.
pub(crate) fn items(text: &str, base: usize) -> Vec<Item<'_>> {
    // Prose has fewer than one event per 32 bytes, so the vector rarely has to grow.
    let mut items = Vec::with_capacity(text.len() / 32 + 8);
    items.extend(markdown::events(text, base).map(|(event, span)| Item::Event(event, span)));
    items
}

/// Resolves a destination: returns the address to use in the page, or `None` if there is no valid target.
pub(crate) type Resolve<'r> = dyn FnMut(Destination<'_>, FileSpan) -> Option<String> + 'r;

/// The context in which a document is rendered.
pub(crate) struct Scope<'s> {
    /// The prefix for the ids of its footnotes and of its raw HTML.
    pub prefix: &'s str,
    /// The ids that its blocks and headings get.
    pub ids: Ids,
    /// The number of levels by which its headings are lowered.
    pub heading_shift: u8,
    /// The HTML of its citations.
    pub citations: &'s [String],
    /// Highlights its code blocks.
    pub highlighter: &'s Highlighter,
    /// Resolves its links and images.
    pub resolve: &'s mut Resolve<'s>,
}

/// Renders a document as HTML. `text` is the text of the whole file, to find the origins of words.
pub(crate) fn write(items: &[Item<'_>], text: &str, mut scope: Scope<'_>) -> Html {
    let raw = items.iter().any(|item| matches!(item, Item::Event(Event::Html(_) | Event::InlineHtml(_), _)));
    let ids = std::mem::take(&mut scope.ids);
    let (first_ids, last_ids) = if raw { (Ids::None, ids) } else { (ids, Ids::None) };
    let size =
        items.first().zip(items.last()).map_or(0, |(first, last)| end(last).saturating_sub(start(first)));
    let mut writer = Writer {
        builder: Builder::new(size, first_ids),
        scope,
        items,
        footnotes: Footnotes::default(),
        table: Table::default(),
        frames: Vec::new(),
        nesting: Nesting::default(),
        citations: Vec::new(),
    };
    writer.footnotes.collect(items);
    writer.range(0..items.len());
    writer.footnote_section();
    let html = Html { citations: writer.citations, ..writer.builder.finish() };
    // After a rebuild, the text of citations is part of the reading text.
    if raw { sanitize::rebuild(&html.html, last_ids, text) } else { html }
}

fn start(item: &Item<'_>) -> usize {
    match item {
        Item::Event(_, span) => span.start,
        Item::Citation(_) => 0,
    }
}

fn end(item: &Item<'_>) -> usize {
    match item {
        Item::Event(_, span) => span.end,
        Item::Citation(_) => 0,
    }
}

struct Writer<'i, 's> {
    builder: Builder,
    scope: Scope<'s>,
    items: &'i [Item<'i>],
    footnotes: Footnotes<'i>,
    table: Table,
    /// The number of open elements at the start of each Markdown container.
    frames: Vec<usize>,
    /// The nesting of its raw HTML.
    nesting: Nesting,
    /// The offsets of its citations in the reading text.
    citations: Vec<(usize, usize)>,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    in_head: bool,
    in_body: bool,
    cell: usize,
}

impl Writer<'_, '_> {
    fn range(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.item(at);
        }
    }

    /// Writes the item at `at`, and returns the index of the next one.
    fn item(&mut self, at: usize) -> usize {
        let items = self.items;
        let Some(Item::Event(event, span)) = items.get(at) else {
            if let Some(Item::Citation(index)) = items.get(at)
                && let Some(html) = self.scope.citations.get(*index)
            {
                self.citations.push((self.builder.reading_len(), *index));
                self.builder.markup(html);
            }
            return at + 1;
        };
        match event {
            Event::Start(Tag::FootnoteDefinition(_)) => return matching_end(items, at) + 1,
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                let end = matching_end(items, at);
                self.image(dest_url, title, &plain(&items[at..end]), *span);
                return end + 1;
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let end = matching_end(items, at);
                self.code_block(kind, at + 1..end);
                return end + 1;
            }
            Event::Start(Tag::HtmlBlock) => {
                let end = matching_end(items, at);
                self.html_block(at + 1..end);
                return end + 1;
            }
            Event::Start(tag) => self.start(tag, *span),
            Event::End(tag) => self.end(*tag),
            Event::Text(words) => self.builder.text(words, Some(*span)),
            Event::Code(words) => self.code(words, *span),
            Event::InlineHtml(raw) | Event::Html(raw) => self.raw(raw, &[(0, *span)]),
            Event::SoftBreak => self.builder.text("\n", Some(*span)),
            Event::HardBreak => self.builder.void("br", format_args!("")),
            Event::Rule => self.builder.void("hr", format_args!("")),
            Event::FootnoteReference(name) => self.footnote_reference(name),
            Event::TaskListMarker(done) => {
                // Symbols instead of words, because the text can be in any language.
                let label = if *done { "☑" } else { "☐" };
                self.builder.empty(format_args!(
                    "<span class=\"task\" role=\"img\" aria-label=\"{label}\" data-done=\"{done}\"></span>"
                ));
            }
            Event::InlineMath(words) | Event::DisplayMath(words) => self.builder.text(words, Some(*span)),
        }
        at + 1
    }

    fn start(&mut self, tag: &Tag<'_>, span: FileSpan) {
        self.frames.push(self.builder.depth());
        let b = &mut self.builder;
        match tag {
            Tag::Paragraph => b.open("p", format_args!("")),
            Tag::Heading { level, .. } => {
                b.open(heading_name(*level, self.scope.heading_shift), format_args!(""));
            }
            Tag::BlockQuote(kind) => match kind.map(alert_class) {
                Some(class) => b.open("blockquote", format_args!(" class=\"{class}\"")),
                None => b.open("blockquote", format_args!("")),
            },
            Tag::List(Some(1)) => b.open("ol", format_args!("")),
            Tag::List(Some(first)) => b.open("ol", format_args!(" start=\"{first}\"")),
            Tag::List(None) => b.open("ul", format_args!("")),
            Tag::Item => b.open("li", format_args!("")),
            Tag::Table(alignments) => {
                self.table = Table { alignments: alignments.clone(), ..Table::default() };
                b.open("table", format_args!(""));
            }
            Tag::TableHead => {
                b.open("thead", format_args!(""));
                b.open("tr", format_args!(""));
                self.table.in_head = true;
                self.table.cell = 0;
            }
            Tag::TableRow => {
                if !std::mem::replace(&mut self.table.in_body, true) {
                    // The body stays open until the end of the table.
                    b.open("tbody", format_args!(""));
                    if let Some(frame) = self.frames.last_mut() {
                        *frame += 1;
                    }
                }
                b.open("tr", format_args!(""));
                self.table.cell = 0;
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => b.open("em", format_args!("")),
            Tag::Strong => b.open("strong", format_args!("")),
            Tag::Strikethrough => b.open("del", format_args!("")),
            Tag::Superscript => b.open("sup", format_args!("")),
            Tag::Subscript => b.open("sub", format_args!("")),
            Tag::Link { link_type, dest_url, title, .. } => self.link(*link_type, dest_url, title, span),
            Tag::DefinitionList => b.open("dl", format_args!("")),
            Tag::DefinitionListTitle => b.open("dt", format_args!("")),
            Tag::DefinitionListDefinition => b.open("dd", format_args!("")),
            Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::Image { .. }
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if tag == TagEnd::TableHead {
            self.table.in_head = false;
        }
        if let Some(depth) = self.frames.pop() {
            self.builder.close_to(depth);
        }
    }

    fn cell(&mut self) {
        let name = if self.table.in_head { "th" } else { "td" };
        let class = match self.table.alignments.get(self.table.cell) {
            Some(Alignment::Left) => " class=\"left\"",
            Some(Alignment::Center) => " class=\"centre\"",
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::None) | None => "",
        };
        self.builder.open(name, format_args!("{class}"));
        self.table.cell += 1;
    }

    fn link(&mut self, kind: LinkType, destination: &str, title: &str, span: FileSpan) {
        if self.builder.in_link() {
            // For `[<https://…>](…)`: a nested link would close the outer one.
            return self.builder.open("span", format_args!(""));
        }
        let address = match kind {
            LinkType::Email => Some(format!("mailto:{destination}")),
            _ => (self.scope.resolve)(Destination::Link(destination), span),
        };
        let title = Optional("title", title);
        match address {
            Some(address) => self.builder.open("a", format_args!(" href=\"{}\"{title}", Attribute(&address))),
            None => self.builder.open("span", format_args!(" class=\"no-target\"{title}")),
        }
    }

    fn image(&mut self, destination: &str, title: &str, alternative: &str, span: FileSpan) {
        let address = (self.scope.resolve)(Destination::Image(destination), span);
        image(&mut self.builder, address.as_deref(), alternative, title);
    }

    fn code(&mut self, words: &str, span: FileSpan) {
        self.builder.open("code", format_args!(""));
        self.builder.text(words, Some(without_backticks(words, span)));
        self.builder.close();
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let mut code = String::new();
        let mut origins: Vec<(usize, FileSpan)> = Vec::new();
        for item in &self.items[range] {
            if let Item::Event(Event::Text(words), span) = item {
                origins.push((code.len(), *span));
                code.push_str(words);
            }
        }
        self.builder.open("pre", format_args!(""));
        match language {
            "" => self.builder.open("code", format_args!("")),
            _ => self.builder.open("code", format_args!(" class=\"language-{}\"", Attribute(language))),
        }
        let mut at = 0;
        for (class, words) in self.scope.highlighter.parts(language, &code) {
            let line = origins.partition_point(|(start, _)| *start <= at).checked_sub(1).map(|i| origins[i]);
            let origin = line.map(|(start, span)| {
                let begin = (span.start + at - start).min(span.end);
                FileSpan::new(begin, (begin + words.len()).max(begin))
            });
            match class {
                Some(class) => {
                    self.builder.open("span", format_args!(" class=\"{class}\""));
                    self.builder.text(words, origin);
                    self.builder.close();
                }
                None => self.builder.text(words, origin),
            }
            at += words.len();
        }
        self.builder.close();
        self.builder.close();
    }

    fn html_block(&mut self, range: Range<usize>) {
        let mut raw = String::new();
        let mut lines: Vec<(usize, FileSpan)> = Vec::new();
        for item in &self.items[range] {
            if let Item::Event(Event::Html(line) | Event::Text(line), span) = item {
                lines.push((raw.len(), *span));
                raw.push_str(line);
            }
        }
        self.raw(&raw, &lines);
    }

    /// Writes raw HTML; `lines` are the starts of its lines, in `raw` and in the file.
    fn raw(&mut self, raw: &str, lines: &[(usize, FileSpan)]) {
        let resolve = &mut *self.scope.resolve;
        let at = |at: usize| {
            let line =
                lines.partition_point(|(begin, _)| *begin <= at).checked_sub(1).and_then(|i| lines.get(i));
            line.map_or(0, |(begin, span)| (span.start + at - begin).min(span.end))
        };
        let clean =
            sanitize::fragment(raw, self.scope.prefix, &mut self.nesting, &mut |destination, place| {
                resolve(destination, FileSpan::new(at(place.start), at(place.end)))
            });
        self.builder.markup(&clean);
    }

    fn footnote_reference(&mut self, name: &str) {
        let Some((number, again)) = self.footnotes.refer(name) else { return };
        let prefix = self.scope.prefix;
        let id = if again == 1 { format!("{number}") } else { format!("{number}-{again}") };
        if self.builder.in_link() {
            // A nested link would close the outer one.
            self.builder.empty(format_args!(
                "<span class=\"footnote-ref\" id=\"{prefix}fnref-{id}\" data-number=\"{number}\"></span>"
            ));
            return;
        }
        // The role lets screen readers announce a footnote in the user's language; a word here would be in a
        // fixed language.
        self.builder.empty(format_args!(
            "<a class=\"footnote-ref\" id=\"{prefix}fnref-{id}\" href=\"#{prefix}fn-{number}\" role=\"doc-noteref\" data-number=\"{number}\" aria-label=\"{number}\"></a>"
        ));
    }

    fn footnote_section(&mut self) {
        if self.footnotes.definitions.is_empty() {
            return;
        }
        let prefix = self.scope.prefix;
        self.builder.open("section", format_args!(" class=\"footnotes\" role=\"doc-endnotes\""));
        self.builder.open("ol", format_args!(""));
        while let Some((index, number)) = self.footnotes.next() {
            let start = self.footnotes.definitions[index];
            self.builder.open("li", format_args!(" value=\"{number}\""));
            self.builder.empty(format_args!("<span id=\"{prefix}fn-{number}\"></span>"));
            self.range(start + 1..matching_end(self.items, start));
            if self.footnotes.is_referenced(index) {
                self.builder.empty(format_args!(
                    "<a class=\"footnote-back\" href=\"#{prefix}fnref-{number}\" role=\"doc-backlink\" aria-label=\"↩ {number}\"></a>"
                ));
            }
            self.builder.close();
        }
        self.builder.close();
        self.builder.close();
    }
}

/// The footnotes of a document: their definitions, and the order in which they are numbered.
#[derive(Default)]
struct Footnotes<'i> {
    /// The indices of the items that begin a definition.
    definitions: Vec<usize>,
    /// The first definition for each name.
    by_name: BTreeMap<&'i str, usize>,
    /// The number of each definition that has one.
    numbers: BTreeMap<usize, usize>,
    /// The number of references to each definition.
    references: BTreeMap<usize, usize>,
    queue: VecDeque<usize>,
    /// The index of the first definition that may not have a number yet.
    unnumbered: usize,
}

impl<'i> Footnotes<'i> {
    fn collect(&mut self, items: &'i [Item<'i>]) {
        for (at, item) in items.iter().enumerate() {
            if let Item::Event(Event::Start(Tag::FootnoteDefinition(name)), _) = item {
                self.by_name.entry(name).or_insert(self.definitions.len());
                self.definitions.push(at);
            }
        }
    }

    /// The number of a footnote, and the ordinal of this reference to it.
    fn refer(&mut self, name: &str) -> Option<(usize, usize)> {
        let index = *self.by_name.get(name)?;
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(index).or_insert_with(|| {
            self.queue.push_back(index);
            next
        });
        let count = self.references.entry(index).or_insert(0);
        *count += 1;
        Some((number, *count))
    }

    fn is_referenced(&self, index: usize) -> bool {
        self.references.contains_key(&index)
    }

    /// The next definition to write: referenced ones in order, then the others.
    fn next(&mut self) -> Option<(usize, usize)> {
        if self.queue.is_empty() {
            let index =
                (self.unnumbered..self.definitions.len()).find(|index| !self.numbers.contains_key(index))?;
            self.unnumbered = index + 1;
            self.numbers.insert(index, self.numbers.len() + 1);
            self.queue.push_back(index);
        }
        let index = self.queue.pop_front()?;
        self.numbers.get(&index).map(|&number| (index, number))
    }
}

/// An attribute that is omitted if its value is empty.
struct Optional<'a>(&'static str, &'a str);

impl std::fmt::Display for Optional<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.1.is_empty() { Ok(()) } else { write!(f, " {}=\"{}\"", self.0, Attribute(self.1)) }
    }
}

/// Writes an image. Without an address it keeps its position and alternative text, and loads nothing. It is a `span`
/// then, since an `img` must have an address (HTML, section 4.8.3).
fn image(builder: &mut Builder, address: Option<&str>, alternative: &str, title: &str) {
    let (alternative, title) = (Attribute(alternative), Optional("title", title));
    match address {
        Some(address) => builder.void(
            "img",
            format_args!(" src=\"{}\" alt=\"{alternative}\"{title} loading=\"lazy\"", Attribute(address)),
        ),
        None => {
            builder.open(
                "span",
                format_args!(" class=\"unavailable\" role=\"img\" aria-label=\"{alternative}\"{title}"),
            );
            builder.close();
        }
    }
}

/// The index of the item that closes the container opened at `at`.
pub(crate) fn matching_end(items: &[Item<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, item) in items.iter().enumerate().skip(at) {
        match item {
            Item::Event(Event::Start(_), _) => depth += 1,
            Item::Event(Event::End(_), _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    items.len()
}

/// The text of some items, without markup.
pub(crate) fn plain(items: &[Item<'_>]) -> String {
    let mut words = String::new();
    for item in items {
        match item {
            Item::Event(Event::Text(text) | Event::Code(text), _) => words.push_str(text),
            Item::Event(Event::SoftBreak | Event::HardBreak, _) => words.push(' '),
            _ => {}
        }
    }
    words
}

/// The range of a code span's words: its range without backticks, if the words are written there verbatim.
fn without_backticks(words: &str, span: FileSpan) -> FileSpan {
    let around = (span.end - span.start).saturating_sub(words.len());
    FileSpan::new(span.start + around / 2, span.end - (around - around / 2))
}

fn heading_name(level: HeadingLevel, shift: u8) -> &'static str {
    match level as u8 + shift {
        0 | 1 => "h1",
        2 => "h2",
        3 => "h3",
        4 => "h4",
        5 => "h5",
        _ => "h6",
    }
}

fn alert_class(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "alert-note",
        BlockQuoteKind::Tip => "alert-tip",
        BlockQuoteKind::Important => "alert-important",
        BlockQuoteKind::Warning => "alert-warning",
        BlockQuoteKind::Caution => "alert-caution",
    }
}
