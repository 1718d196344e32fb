//! Writes the chapters of a text: the text with its notes as pop-up footnotes, and a chapter with the notes in full.

use std::io;

use super::xhtml::{Html, Pictures};
use super::{annotations, notes_file, open_chapter, page_label, text_file};
use crate::archive::Xml;
use crate::bibliography::work_anchor;
use crate::derive::registers::Entry;
use crate::export::dom::plain;
use crate::export::format::{ExportContext, Part};
use crate::markdown::escape::one_line;
use crate::reader::weave::passage_id;
use crate::reader::{Placement, Reader, ReaderNote};
use crate::site::date::Date;
use crate::site::direction;
use crate::text::encode_fragment;

/// Writes the chapters of a text.
pub(super) fn write(reader: &Reader<'_>, context: &ExportContext<'_>) -> io::Result<Part> {
    let index = context.library.position(&reader.source.path).unwrap_or_default();
    let chapters = Chapters { reader, context, index, page: reader.source.page() };
    let mut pictures = Pictures::new();
    let text = chapters.text(&mut pictures);
    let notes = chapters.notes(&mut pictures);
    let mut files = vec![(text_file(index), text.into_bytes()), (notes_file(index), notes.into_bytes())];
    files.extend(pictures);
    let reading = reader.text.reading();
    Ok(Part {
        index,
        files,
        headings: reader
            .headings()
            .iter()
            .map(|heading| {
                let words = reading.get(heading.text.range()).unwrap_or_default();
                (heading.level, one_line(words), heading.block)
            })
            .collect(),
        blocks: reader.text.html.blocks.len(),
        entries: Entry::from_reader(index, reader, context.site, context.bibliography),
        works: reader.works.iter().map(|work| (work.key.clone(), work.html.clone())).collect(),
        annotations: annotations::of_text(reader, context, &text_file(index)),
    })
}

struct Chapters<'c> {
    reader: &'c Reader<'c>,
    context: &'c ExportContext<'c>,
    index: usize,
    page: String,
}

impl Chapters<'_> {
    /// The text, and its notes as footnotes that open over it.
    fn text(&self, pictures: &mut Pictures) -> String {
        let Self { reader, context, .. } = self;
        let source = reader.source;
        let language = source.language(&context.site.language);
        let mut xml = open_chapter(context, &source.title);
        xml.open(
            "section",
            &[("epub:type", "chapter"), ("role", "doc-chapter"), ("aria-labelledby", "title")],
        );
        let of_text = [("lang", language), ("xml:lang", language), ("dir", direction(language))];
        xml.open("header", &[]);
        xml.element("h1", &[&[("id", "title")] as &[_], &of_text].concat(), &source.title);
        let front = &source.front;
        let given =
            |value: &Option<String>| value.clone().filter(|value| value != "unknown").unwrap_or_default();
        let date = context.site.words.date(front.date.as_ref().map_or("", Date::as_str));
        let facts = [given(&front.author), given(&front.publisher), date, given(&front.licence)];
        let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        if !facts.is_empty() {
            xml.element("p", &[("class", "facts")], &facts.join(" · "));
        }
        if let Some(url) = &front.url {
            xml.open("p", &[("class", "facts")]);
            xml.element("a", &[("href", url)], url);
            xml.close();
        }
        xml.close();
        xml.open("div", &[&[("id", "source")] as &[_], &of_text].concat());
        let link = |url: &str| self.link(url, true);
        let pages = page_label(context, self.index);
        let mut html = Html { context, page: &self.page, link: &link, pictures, pages: Some(&pages) };
        html.write(&mut xml, &reader.html);
        html.pages = None;
        xml.close();
        let popups: Vec<&ReaderNote<'_>> = reader.notes.iter().collect();
        if !popups.is_empty() {
            xml.open("section", &[("epub:type", "footnotes"), ("role", "doc-endnotes"), ("class", "popups")]);
            xml.element("h2", &[], context.string("notes"));
            for note in popups {
                let id = format!("note-{}", note.parsed.id);
                xml.open("aside", &[("epub:type", "footnote"), ("role", "doc-footnote"), ("id", &id)]);
                self.label(&mut xml, note);
                xml.open("p", &[("class", "note-title")]);
                html.write(&mut xml, &note.title);
                xml.close();
                html.write(&mut xml, &note.body);
                xml.open("p", &[("class", "more")]);
                let href = format!("{}#{}", notes_file(self.index), encode_fragment(&id));
                let label = format!("{}: {}", context.string("to_note"), note.number);
                xml.element("a", &[("href", &href), ("aria-label", &label)], context.string("to_note"));
                xml.close();
                xml.close();
            }
            xml.close();
        }
        xml.finish()
    }

    /// All notes in full, with their passages, and the works they cite.
    fn notes(&self, pictures: &mut Pictures) -> String {
        let Self { reader, context, .. } = self;
        let source = reader.source;
        let language = source.language(&context.site.language);
        let title = context.string("note_page").replace("{title}", &source.title);
        let mut xml = open_chapter(context, &title);
        xml.open(
            "section",
            &[("epub:type", "chapter"), ("role", "doc-chapter"), ("aria-labelledby", "title")],
        );
        xml.element("h1", &[("id", "title")], &title);
        let link = |url: &str| self.link(url, false);
        let mut html = Html { context, page: &self.page, link: &link, pictures, pages: None };
        for layer in
            reader.layers.iter().filter(|layer| !layer.preface.is_empty() || !layer.summary.is_empty())
        {
            xml.open("section", &[("class", "preface")]);
            let name = if layer.name.is_empty() { context.string("editors") } else { &layer.name };
            xml.element("h2", &[], name);
            let by = [layer.author.clone(), context.site.words.date(&layer.date)];
            let by: Vec<String> = by.into_iter().filter(|part| !part.is_empty()).collect();
            if !by.is_empty() {
                xml.element("p", &[("class", "facts")], &by.join(", "));
            }
            if !layer.summary.is_empty() {
                xml.element("p", &[("class", "summary")], &layer.summary);
            }
            html.write(&mut xml, &layer.preface);
            xml.close();
        }
        for note in &reader.notes {
            let id = format!("note-{}", note.parsed.id);
            xml.open("section", &[("id", &id), ("class", "note")]);
            xml.open("h2", &[]);
            xml.text(&format!("{}. ", note.number));
            html.write(&mut xml, &note.title);
            xml.close();
            self.label(&mut xml, note);
            self.passages(&mut xml, note, language);
            html.write(&mut xml, &note.body);
            if !note.works.is_empty() {
                html.write(&mut xml, &format!("<p>{} {}</p>", context.string("means"), note.works));
            }
            self.guidelines(&mut xml, note);
            xml.close();
        }
        if !reader.works.is_empty() {
            xml.open("section", &[("role", "doc-bibliography"), ("epub:type", "bibliography")]);
            xml.element("h2", &[], context.string("works"));
            for work in &reader.works {
                xml.open("p", &[("id", &work_anchor(&work.key)), ("class", "work")]);
                if let Some(label) = &work.label {
                    xml.text(&format!("{label} "));
                }
                html.write(&mut xml, &work.html);
                let url = context.bibliography.work(&work.key).and_then(|work| work.href());
                // Many styles write the URL in the entry.
                if let Some(url) = url.filter(|url| !plain(&work.html).contains(url.as_str())) {
                    xml.text(" ");
                    xml.element("a", &[("href", &url)], &url);
                }
                xml.close();
            }
            xml.close();
        }
        xml.finish()
    }

    /// Writes number, kind and verdict.
    fn label(&self, xml: &mut Xml, note: &ReaderNote<'_>) {
        let site = self.context.site;
        let kind = note.parsed.kind(site).map_or("", |kind| &kind.label);
        let verdict = note.parsed.verdict(site).map_or("", |verdict| &verdict.label);
        xml.element("p", &[("class", "label")], &site.words.reference(&note.number, kind, verdict));
    }

    /// Writes the passages of a note as quotations that lead to them.
    fn passages(&self, xml: &mut Xml, note: &ReaderNote<'_>, language: &str) {
        let reading = self.reader.text.reading();
        let of_text = [("lang", language), ("xml:lang", language), ("dir", direction(language))];
        for (index, span) in note.passages.iter().enumerate() {
            let words = one_line(reading.get(span.range()).unwrap_or_default());
            let id = encode_fragment(&passage_id(&note.parsed.id, index)).to_string();
            let href = format!("{}#{id}", text_file(self.index));
            xml.open("blockquote", &of_text);
            xml.open("p", &[]);
            xml.element("a", &[("href", &href)], &words);
            xml.text(&format!("\u{a0}¶\u{a0}{}", self.reader.text.block_at(span.start).0));
            xml.close();
            xml.close();
        }
        if note.placement == Placement::Orphan {
            xml.element("p", &[], self.context.string("notes_orphaned"));
        }
        let quotes = note.parsed.quotes.iter().filter(|_| note.placement == Placement::Orphan);
        for quote in quotes {
            xml.open("blockquote", &of_text);
            xml.element("p", &[], &one_line(&quote.words));
            xml.close();
        }
    }

    fn guidelines(&self, xml: &mut Xml, note: &ReaderNote<'_>) {
        let context = self.context;
        if note.parsed.guidelines.is_empty() {
            return;
        }
        xml.open("ul", &[]);
        for guideline in &note.parsed.guidelines {
            let key = guideline.key.text.as_str();
            let mut line = context.bibliography.work(key).map_or(key, |work| &work.title).to_owned();
            if let Some(stance) = &guideline.stance {
                line += &format!(": {}", context.site.stance_label(stance));
            }
            if let Some(subject) = &guideline.subject {
                line += &format!(" ({subject})");
            }
            xml.element("li", &[], &line);
        }
        xml.close();
    }

    /// The target of a link in the book; `in_text` says in which of the two chapters it stands.
    fn link(&self, url: &str, in_text: bool) -> Option<String> {
        let (path, fragment) = match ExportContext::target(&self.page, url) {
            Some(target) => target,
            None => return self.context.outside(&self.page, url),
        };
        let index = self.context.library.sources.iter().position(|source| source.page() == path);
        let index = index.filter(|index| self.context.selected.contains(index));
        let Some(index) = index else { return self.context.outside(&self.page, url) };
        let is_own = index == self.index;
        let of_notes =
            fragment.starts_with("work-") || (fragment.starts_with("note-") && !(is_own && in_text));
        let file = if of_notes { notes_file(index) } else { text_file(index) };
        let is_here = is_own && of_notes != in_text;
        let fragment =
            if fragment.is_empty() { String::new() } else { format!("#{}", encode_fragment(&fragment)) };
        match (is_here, fragment.is_empty()) {
            (true, false) => Some(fragment),
            _ => Some(format!("{file}{fragment}")),
        }
    }
}
