//! Parses a file of notes into a [`Layer`]: its preface, and its notes with their quotes and bodies.
//!
//! 1. The text before the first second-level heading is the preface.
//! 2. Each second-level heading opens a note; the last braces of its line are attributes.
//! 3. The block quotes directly below are its quotes; the first other block starts the body.
//!
//! Does not look at the text that the notes are about; passages are found in [`crate::anchor`].

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Tag};
use serde::Deserialize;

use super::footnotes::Footnotes;
use super::note::Note;
use super::resolve::Resolver;
use super::{attributes, quote};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place};
use crate::markdown::{self, Item, matching_end};
use crate::names::address;
use crate::site::date::Date;
use crate::site::{Site, front_matter};

/// The front matter of a layer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Front {
    /// The layer's name.
    pub layer: Option<String>,
    /// Who wrote its notes.
    pub author: Option<String>,
    /// The date they were written.
    pub date: Option<Date>,
    /// One or two sentences on what the notes find, shown above the text.
    pub summary: String,
    /// The audience they are for, if not everyone.
    pub audience: Option<String>,
    /// The order among the layers of one text, smaller first.
    pub weight: i64,
    /// Whether it is left out unless drafts are requested.
    pub draft: bool,
    /// The hash of the reviewed text, `sha256:…`.
    pub reviewed: Option<String>,
    /// A free table for templates.
    pub extra: toml::Table,
}

/// A file of notes.
#[derive(Debug)]
pub(crate) struct Layer<'f> {
    /// The file.
    pub file: &'f Arc<File>,
    /// Its front matter.
    pub front: Front,
    /// The offset at which its front matter ends.
    pub body: usize,
    /// The preface: remarks on the text as a whole.
    pub preface: Vec<Item<'f>>,
    /// Its notes, in the order of the file.
    pub notes: Vec<Note<'f>>,
}

impl Layer<'_> {
    /// The layer's name for readers: as given in the front matter, or else the name of its file.
    pub(crate) fn name(&self) -> String {
        self.front
            .layer
            .clone()
            .unwrap_or_else(|| address::text_of(address::name_of(&self.file.path)).to_owned())
    }
}

impl Layer<'_> {
    /// The change that sets `reviewed = "HASH"` in the front matter: the span to replace, and the new text.
    pub(crate) fn pin(&self, hash: &str) -> (FileSpan, String) {
        let line = format!("reviewed = \"{hash}\"");
        let front = &self.file.text[..self.body.min(self.file.text.len())];
        let newline = if self.file.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut at = 0;
        for written in front.split_inclusive('\n') {
            let is_key = written
                .trim_start()
                .strip_prefix("reviewed")
                .is_some_and(|rest| rest.trim_start().starts_with('='));
            if is_key {
                return (FileSpan::new(at, at + written.trim_end().len()), line);
            }
            // A key has to come before the first table.
            if at > 0 && (written.trim_start().starts_with('[') || written.trim_end() == "+++") {
                return (FileSpan::new(at, at), format!("{line}{newline}"));
            }
            at += written.len();
        }
        (FileSpan::new(at, at), format!("+++{newline}{line}{newline}+++{newline}{newline}"))
    }
}

/// Parses a file of notes.
pub(crate) fn parse<'f>(file: &'f Arc<File>, site: &Site, diagnostics: &mut Diagnostics) -> Layer<'f> {
    let (front, body): (Front, usize) = front_matter::read(file, Code::LayerFrontMatter, diagnostics);
    let text = file.text.get(body..).unwrap_or_default();
    let items = markdown::items(text, body);
    let blocks = blocks(&items);
    let sections = sections(&items, &blocks, file, diagnostics);
    let footnotes = Footnotes::find(&items);
    let first = sections.first().map_or(items.len(), |section| section.heading.start);
    let preface = footnotes.complete(&items, 0..first);
    let mut reader = Reader { file, site, items: &items, footnotes: &footnotes, diagnostics };
    let notes = sections.iter().map(|section| reader.note(section)).collect();
    Layer { file, front, body, preface, notes }
}

/// The top-level blocks.
fn blocks(items: &[Item<'_>]) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let end = matching_end(items, at) + 1;
        blocks.push(at..end.min(items.len()));
        at = end;
    }
    blocks
}

/// A note as a sequence of blocks.
struct Section {
    /// The items of the heading.
    heading: Range<usize>,
    /// The blocks under it.
    blocks: Vec<Range<usize>>,
}

fn sections(
    items: &[Item<'_>],
    blocks: &[Range<usize>],
    file: &Arc<File>,
    diagnostics: &mut Diagnostics,
) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for block in blocks {
        let Some(Item::Event(event, span)) = items.get(block.start) else { continue };
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                sections.push(Section { heading: block.clone(), blocks: Vec::new() });
                continue;
            }
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) if !sections.is_empty() => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::NoteHeading,
                        Place::new(file, *span),
                        "a first-level heading after a note",
                    )
                    .help("use `##` for a note, or `###` for a heading inside a note"),
                );
            }
            Event::Start(Tag::Heading { .. }) => {
                let heading = file.text.get(span.range()).unwrap_or_default();
                if heading.lines().next().is_some_and(has_note_attributes) {
                    diagnostics.push(
                        Diagnostic::error(
                            Code::NoteHeading,
                            Place::new(file, *span),
                            "a heading with a note's attributes that is not second-level",
                        )
                        .help("use `##`: a note is a second-level heading"),
                    );
                }
            }
            Event::Start(Tag::Paragraph | Tag::BlockQuote(_) | Tag::List(_)) => {
                let help = "start the line with `## `, and put a blank line before it";
                lost_headings(file, *span, help, diagnostics);
            }
            Event::Start(Tag::HtmlBlock) => {
                let html = file.text.get(span.range()).unwrap_or_default();
                // A note may be commented out on purpose, but not by a comment that is never closed.
                if !(is_comment(html) && html.contains("-->")) {
                    lost_headings(file, *span, "close the HTML element or comment above it", diagnostics);
                }
            }
            _ => {}
        }
        if let Some(section) = sections.last_mut() {
            section.blocks.push(block.clone());
        }
    }
    sections
}

/// Reports lines in other blocks that look like a note's heading: `##Title {#id}`, or one inside a quote or
/// HTML.
fn lost_headings(file: &Arc<File>, span: FileSpan, help: &str, diagnostics: &mut Diagnostics) {
    let text = file.text.get(span.range()).unwrap_or_default();
    if !text.contains('{') {
        return;
    }
    let mut at = span.start;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if bare.starts_with('#') && has_note_attributes(bare) {
            let start = at + line.len() - bare.len();
            let place = Place::new(file, start..start + bare.trim_end().len());
            diagnostics.push(
                Diagnostic::error(
                    Code::NoteHeading,
                    place,
                    "this looks like a note's heading, but does not open a note",
                )
                .help(help),
            );
        }
        at += line.len();
    }
}

/// Whether a line ends in braces with an id or a class.
fn has_note_attributes(line: &str) -> bool {
    attributes::find(line).is_some_and(|at| line[at + 1..].trim_start().starts_with(['#', '.']))
}

/// The attributes of a note, and the offset at which its title ends.
struct Head {
    attributes: Vec<attributes::Attribute>,
    title_end: usize,
}

struct Reader<'r, 'f> {
    file: &'f Arc<File>,
    site: &'r Site,
    items: &'r [Item<'f>],
    footnotes: &'r Footnotes,
    diagnostics: &'r mut Diagnostics,
}

impl<'f> Reader<'_, 'f> {
    /// The attributes of a note, from its heading and from a paragraph of braces directly below.
    fn attributes(&mut self, section: &Section) -> Head {
        let heading = self.span(section.heading.start);
        let (mut attributes, mut title_end) = self.heading_braces(heading);
        if let Some(block) = section.blocks.first()
            && let Some(Item::Event(Event::Start(Tag::Paragraph), span)) = self.items.get(block.start)
            && self.is_braces(*span)
        {
            attributes.extend(self.braces_below(*span));
        }
        let is_kind =
            |attribute: &attributes::Attribute| matches!(attribute, attributes::Attribute::Class(_));
        if !attributes.iter().any(is_kind) && title_end == heading.end {
            let line = self.text(heading).lines().next().unwrap_or_default();
            if let Some(braces) = attributes::find_inside(line) {
                let trailing = line[braces.end..].trim();
                let start = heading.start + line.len() - line[braces.end..].trim_start().len();
                let help = format!(
                    "move the braces to the end: `{} {trailing} {}`",
                    line[..braces.start].trim_end(),
                    &line[braces.clone()]
                );
                let place = Place::new(self.file, start..start + trailing.len());
                self.diagnostics.push(
                    Diagnostic::error(Code::NoteAttribute, place, "text after the braces of a heading")
                        .help(help),
                );
                title_end = heading.start + braces.start;
                attributes.extend(attributes::parse(&line[braces], title_end));
            } else if let Some(at) = attributes::find_unclosed(line) {
                title_end = heading.start + at;
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::NoteAttribute,
                        Place::new(self.file, title_end..title_end + 1),
                        "unclosed braces",
                    )
                    .help("add `}` at the end of the heading"),
                );
                // The attributes are parsed anyway, so that this problem does not cause others.
                attributes.extend(attributes::parse(line[at..].trim_end(), title_end));
            }
        }
        Head { attributes, title_end }
    }

    /// The attributes in a paragraph of braces. Several pairs are an error, but each line is parsed anyway.
    fn braces_below(&mut self, span: FileSpan) -> Vec<attributes::Attribute> {
        let text = self.text(span);
        let is_pair = |line: &str| line.trim().starts_with('{') && line.trim().ends_with('}');
        if text.trim().lines().count() < 2 || !text.trim().lines().all(is_pair) {
            return attributes::parse(text, span.start);
        }
        let inner = |line: &str| line.trim().trim_matches(['{', '}']).trim().to_owned();
        let all: Vec<String> = text.trim().lines().map(inner).collect();
        let mut attributes = Vec::new();
        let mut at = span.start;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let start = at + line.len() - line.trim_start().len();
            if number == 1 {
                let place = Place::new(self.file, start..start + line.trim().len());
                self.diagnostics.push(
                    Diagnostic::error(Code::NoteAttribute, place, "a second line of braces under a heading")
                        .help(format!("use one pair of braces: `{{{}}}`", all.join(" "))),
                );
            }
            if is_pair(line) {
                attributes.extend(attributes::parse(line.trim(), start));
            }
            at += line.len();
        }
        attributes
    }

    fn note(&mut self, section: &Section) -> Note<'f> {
        let head = self.attributes(section);
        let heading = self.span(section.heading.start);
        let mut blocks = section.blocks.iter();
        let mut body_at = section.blocks.last().map_or(section.heading.end, |last| last.end);
        let mut quotes = Vec::new();
        for (index, block) in blocks.by_ref().enumerate() {
            let span = self.span(block.start);
            match &self.items[block.start] {
                Item::Event(Event::Start(Tag::Paragraph), _) if index == 0 && self.is_braces(span) => {}
                Item::Event(Event::Start(Tag::BlockQuote(_)), _) => {
                    quotes.push(quote::read(&self.items[block.clone()], span, self.file));
                }
                Item::Event(Event::Start(Tag::HtmlBlock), _) if is_comment(self.text(span)) => {}
                Item::Event(Event::Start(Tag::FootnoteDefinition(_)), _) => {}
                item => {
                    let paragraph = matches!(item, Item::Event(Event::Start(Tag::Paragraph), _));
                    if paragraph && self.is_braces(span) && attributes::find(self.text(span)) == Some(0) {
                        let place = Place::new(self.file, span);
                        self.diagnostics.push(
                            Diagnostic::error(Code::NoteAttribute, place, "attributes below a quote")
                                .help("move the braces into the heading, or directly below it"),
                        );
                    }
                    body_at = block.start;
                    break;
                }
            }
        }
        let end = section.blocks.last().map_or(section.heading.end, |last| last.end);
        let body = self.footnotes.complete(self.items, body_at..end);
        let title = self.title(&section.heading, head.title_end);
        let mut resolver = Resolver { file: self.file, site: self.site, diagnostics: self.diagnostics };
        resolver.note(head.attributes, title, quotes, body, heading)
    }

    fn span(&self, at: usize) -> FileSpan {
        match self.items.get(at) {
            Some(Item::Event(_, span)) => *span,
            _ => FileSpan::default(),
        }
    }

    fn text(&self, span: FileSpan) -> &'f str {
        self.file.text.get(span.range()).unwrap_or_default()
    }

    fn is_braces(&self, span: FileSpan) -> bool {
        let text = self.text(span).trim();
        text.starts_with('{') && text.ends_with('}')
    }

    /// The attributes of a heading, and where its title ends.
    fn heading_braces(&self, heading: FileSpan) -> (Vec<attributes::Attribute>, usize) {
        let text = self.text(heading);
        let words = match text.trim_end().rsplit_once('\n') {
            // In a setext heading, the title is above the underline.
            Some((words, line))
                if !text.trim_start().starts_with('#') && line.trim().trim_matches('-').is_empty() =>
            {
                words
            }
            _ => text.trim_end().trim_end_matches('#'),
        };
        match attributes::find(words) {
            Some(at) => (attributes::parse(words[at..].trim_end(), heading.start + at), heading.start + at),
            None => (Vec::new(), heading.end),
        }
    }

    /// The inline items of a heading before byte `end` of the file.
    fn title(&self, heading: &Range<usize>, end: usize) -> Vec<Item<'f>> {
        let inner = self.items.get(heading.start + 1..heading.end.saturating_sub(1)).unwrap_or_default();
        let mut title: Vec<Item<'f>> = inner
            .iter()
            .filter_map(|item| match item {
                Item::Event(_, span) if span.start >= end => None,
                Item::Event(Event::Text(_), span) if span.end > end => {
                    let span = FileSpan::new(span.start, end);
                    Some(Item::Event(Event::Text(self.text(span).into()), span))
                }
                item => Some(item.clone()),
            })
            .collect();
        if let Some(Item::Event(Event::Text(words), span)) = title.last() {
            let trimmed = words.trim_end().to_owned();
            let span = *span;
            title.pop();
            if !trimmed.is_empty() {
                title.push(Item::Event(Event::Text(trimmed.into()), span));
            }
        }
        title
    }
}

fn is_comment(html: &str) -> bool {
    let mut rest = html.trim();
    while let Some(inner) = rest.strip_prefix("<!--") {
        match inner.split_once("-->") {
            Some((_, tail)) => rest = tail.trim_start(),
            None => return true,
        }
    }
    rest.is_empty()
}
