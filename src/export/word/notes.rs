//! Writes notes as Word comments or endnotes, and the list of works cited.

use std::collections::BTreeSet;

use super::body::Body;
use super::package::{MAIN, Package, Story};
use super::runs::Run;
use super::{Link, open_root};
use crate::archive::Xml;
use crate::bibliography::work_anchor;
use crate::diagnostics::TextSpan;
use crate::export::dom::plain;
use crate::export::format::{ExportContext, NoteForm};
use crate::reader::{Placement, Reader, ReaderNote};
use crate::site::Site;
use crate::site::date::Date;

/// A comment or an endnote.
pub(super) struct Entry {
    /// Its number in the document.
    pub id: usize,
    /// Its passage; `None` if it goes on the title.
    pub span: Option<TextSpan>,
    /// What it contains.
    pub content: Content,
}

/// What a comment or an endnote contains.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// The preface of the layer with this index.
    Preface(usize),
    /// The note with this index.
    Note(usize),
    /// A reference to the note with this index, on a passage after its first.
    Again(usize),
}

/// All comments or endnotes of a document. Word allows one passage for each, so further passages have entries of their
/// own.
pub(super) fn entries(reader: &Reader<'_>, form: NoteForm) -> Vec<Entry> {
    let first = usize::from(form == NoteForm::Endnotes);
    let mut all: Vec<(Option<TextSpan>, Content)> = Vec::new();
    for (index, layer) in reader.layers.iter().enumerate() {
        if !layer.preface.is_empty() || !layer.summary.is_empty() {
            all.push((None, Content::Preface(index)));
        }
    }
    for (index, note) in reader.notes.iter().enumerate() {
        if note.passages.is_empty() {
            all.push((None, Content::Note(index)));
        }
        for (at, span) in note.passages.iter().enumerate() {
            all.push((Some(*span), if at == 0 { Content::Note(index) } else { Content::Again(index) }));
        }
    }
    let numbered = all.into_iter().zip(first..);
    numbered.map(|((span, content), id)| Entry { id, span, content }).collect()
}

/// Notes the works that notes link to.
pub(super) fn note_targets(package: &mut Package, reader: &Reader<'_>) {
    reader.layers.iter().for_each(|layer| package.note_targets(&layer.preface));
    for note in &reader.notes {
        package.note_targets(&note.body);
        package.note_targets(&note.works);
    }
}

/// Writes all notes as comments.
pub(super) fn comments(
    reader: &Reader<'_>,
    context: &ExportContext<'_>,
    page: &str,
    package: &mut Package,
) -> Story {
    let mut story = Story::default();
    open_root(&mut story, "w:comments");
    let mut body = Body::new(context, page, package, story, &context.site.language);
    for entry in entries(reader, NoteForm::Comments) {
        let (author, date) = byline(reader, entry.content, context.site);
        let id = entry.id.to_string();
        let initials = initials(&author);
        let date = date.map(|date| format!("{date}T00:00:00Z"));
        let mut attributes = vec![("w:id", id.as_str()), ("w:author", &author), ("w:initials", &initials)];
        if let Some(date) = &date {
            attributes.push(("w:date", date));
        }
        body.runs().xml().open("w:comment", &attributes);
        body.begin("CommentText");
        body.runs().comment_number();
        content(&mut body, reader, entry.content, context, "CommentText");
        body.runs().xml().close();
    }
    body.finish()
}

/// Writes all notes as endnotes.
pub(super) fn endnotes(
    reader: &Reader<'_>,
    context: &ExportContext<'_>,
    page: &str,
    package: &mut Package,
) -> Story {
    let mut story = Story::default();
    open_root(&mut story, "w:endnotes");
    separators(&mut story.xml, "w:endnote");
    let mut body = Body::new(context, page, package, story, &context.site.language);
    for entry in entries(reader, NoteForm::Endnotes) {
        body.runs().xml().open("w:endnote", &[("w:id", &entry.id.to_string())]);
        body.begin("EndnoteText");
        body.runs().endnote_number();
        content(&mut body, reader, entry.content, context, "EndnoteText");
        body.runs().xml().close();
    }
    body.finish()
}

/// Writes the lines above footnotes or endnotes, which Word requires.
pub(super) fn separators(xml: &mut Xml, name: &'static str) {
    for (id, kind, mark) in
        [("-1", "separator", "w:separator"), ("0", "continuationSeparator", "w:continuationSeparator")]
    {
        xml.open(name, &[("w:type", kind), ("w:id", id)]);
        xml.raw(&format!("<w:p><w:r><{mark}/></w:r></w:p>"));
        xml.close();
    }
}

/// Writes what a comment or endnote says; its first paragraph is open.
fn content(
    body: &mut Body<'_>,
    reader: &Reader<'_>,
    content: Content,
    context: &ExportContext<'_>,
    style: &'static str,
) {
    let bold = Run { bold: true, ..Run::default() };
    match content {
        Content::Preface(index) => {
            let Some(layer) = reader.layers.get(index) else { return };
            let title = if layer.name.is_empty() { context.string("editors") } else { &layer.name };
            body.runs().text(title, &bold);
            body.end();
            if !layer.summary.is_empty() {
                body.paragraph(style, &layer.summary);
            }
            body.html_in(style, &layer.preface);
        }
        Content::Again(index) => {
            let Some(note) = reader.notes.get(index) else { return };
            body.runs().text(&label(note, context.site), &Run::default());
            body.runs().text(&format!(". {}", note.title_words), &bold);
            body.end();
        }
        Content::Note(index) => {
            let Some(note) = reader.notes.get(index) else { return };
            body.runs().text(&label(note, context.site), &Run::default());
            body.end();
            body.begin(style);
            body.runs().text(&note.title_words, &bold);
            body.end();
            if note.placement == Placement::Orphan {
                body.paragraph(style, context.string("notes_orphaned"));
                for quote in &note.parsed.quotes {
                    body.paragraph("Quote", &quote.words);
                }
            }
            body.html_in(style, &note.body);
            if !note.works.is_empty() {
                body.html_in(style, &format!("<p>{} {}</p>", context.string("means"), note.works));
            }
            for guideline in &note.parsed.guidelines {
                let key = guideline.key.text.as_str();
                let name = context.bibliography.work(key).map_or(key, |work| &work.title);
                let stance = guideline.stance.as_deref().unwrap_or_default();
                let mut line = name.to_owned();
                if !stance.is_empty() {
                    line += &format!(": {}", context.site.stance_label(stance));
                }
                if let Some(subject) = &guideline.subject {
                    line += &format!(" ({subject})");
                }
                body.paragraph(style, &line);
            }
        }
    }
}

/// `Note 3, Marketing claim, Contradicted`.
fn label(note: &ReaderNote<'_>, site: &Site) -> String {
    let kind = note.parsed.kind(site).map_or("", |kind| &kind.label);
    let verdict = note.parsed.verdict(site).map_or("", |verdict| &verdict.label);
    site.words.reference(&note.number, kind, verdict)
}

/// The author and the date of a comment.
fn byline(reader: &Reader<'_>, content: Content, site: &Site) -> (String, Option<String>) {
    let (layer, date) = match content {
        Content::Preface(index) => (reader.layers.get(index), None),
        Content::Note(index) | Content::Again(index) => {
            let note = reader.notes.get(index);
            let date = note.and_then(|note| note.parsed.updated.as_ref().or(note.parsed.date.as_ref()));
            (note.and_then(|note| reader.layers.get(note.layer)), date.map(Date::as_str))
        }
    };
    let author = layer.map_or("", |layer| &layer.author);
    let author = match (author, site.authors.is_empty()) {
        ("", true) => site.title.clone(),
        ("", false) => site.authors.join(", "),
        (author, _) => author.to_owned(),
    };
    let of_layer = layer.map(|layer| layer.date.as_str()).filter(|date| !date.is_empty());
    let date = date.or(of_layer).or(site.date.as_deref());
    (author, date.filter(|date| date.len() == 10).map(str::to_owned))
}

/// The first letters of a name.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    letters.take(4).collect()
}

/// The people who wrote comments.
pub(super) fn people(reader: &Reader<'_>, context: &ExportContext<'_>) -> String {
    let authors = entries(reader, NoteForm::Comments).into_iter();
    let authors: BTreeSet<String> =
        authors.map(|entry| byline(reader, entry.content, context.site).0).collect();
    let mut xml = Xml::document();
    let namespace = "http://schemas.microsoft.com/office/word/2012/wordml";
    xml.open("w15:people", &[("xmlns:w15", namespace), ("xmlns:w", MAIN)]);
    for author in &authors {
        xml.open("w15:person", &[("w15:author", author)]);
        xml.empty("w15:presenceInfo", &[("w15:providerId", "None"), ("w15:userId", author)]);
        xml.close();
    }
    xml.finish()
}

/// Writes the works that the notes cite, as the page lists them.
pub(super) fn works(body: &mut Body<'_>, reader: &Reader<'_>, context: &ExportContext<'_>) {
    if reader.works.is_empty() {
        return;
    }
    body.paragraph("WorksHeading", context.string("works"));
    for work in &reader.works {
        body.begin("Work");
        body.reach(&work_anchor(&work.key));
        if let Some(label) = &work.label {
            body.runs().text(&format!("{label} "), &Run::default());
        }
        body.inline_html(&work.html);
        let url = context.bibliography.work(&work.key).and_then(|work| work.href());
        // Many styles write the URL in the entry.
        if let Some(url) = url.filter(|url| !plain(&work.html).contains(url.as_str())) {
            let id = body.runs().story().relate("hyperlink", &url, true);
            body.runs().text(" ", &Run::default());
            body.runs().text(&url, &Run { link: Some(Link::Outside(id)), ..Run::default() });
        }
        body.end();
    }
}
