//! Writes a text as a Word document (Office Open XML, ECMA-376), with its notes as comments or endnotes, or as a
//! worksheet.
//!
//! 1. `body` converts HTML to paragraphs; `runs` writes what is in a paragraph.
//! 2. `notes` writes the comments or endnotes.
//! 3. `package` puts the parts together.
//!
//! The words of the document's body in its ordinary styles are the words of the text; everything that Postil adds has a
//! style of its own.

mod body;
mod notes;
mod numbering;
mod package;
mod picture;
mod runs;
mod table;

use std::io;

use self::body::{Attach, Attached, Body};
use self::package::{MAIN, NAMESPACES, Package, Story};
use self::runs::{Link, Run};
use super::format::{ExportContext, NoteForm};
use crate::archive::Xml;
use crate::diagnostics::TextSpan;
use crate::reader::Reader;
use crate::site::date::Date;
use crate::site::direction;
use crate::text::library::Source;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The text with notes in this form.
    Read(NoteForm),
    /// A worksheet: numbered lines, a wide margin, and a table to fill in.
    Work,
}

/// Writes a text as a Word document.
pub(super) fn write(
    reader: &Reader<'_>,
    context: &ExportContext<'_>,
    purpose: Purpose,
) -> io::Result<Vec<u8>> {
    let source = reader.source;
    let page = source.page();
    let language = source.language(&context.site.language);
    let form = match purpose {
        Purpose::Read(form) => form,
        Purpose::Work => NoteForm::None,
    };
    let (attached, of_title) = attach(reader, form);
    let mut package = Package::default();
    let mut document = Story::default();
    open_root(&mut document, "w:document");
    document.xml.open("w:body", &[]);
    if form != NoteForm::None {
        notes::note_targets(&mut package, reader);
    }

    let mut body = Body::new(context, &page, &mut package, document, language);
    body.begin("Title");
    let comments_title = form == NoteForm::Comments;
    of_title.iter().filter(|_| comments_title).for_each(|id| body.runs().comment_start(*id));
    body.runs().text(&source.title, &Run::default());
    for id in &of_title {
        match form {
            NoteForm::Comments => body.runs().comment_end(*id),
            NoteForm::Endnotes => body.runs().endnote(*id),
            NoteForm::None => {}
        }
    }
    body.end();
    facts(&mut body, source, context);
    if purpose == Purpose::Work {
        table::name_line(&mut body, context);
    }
    let attach_as = if form == NoteForm::Endnotes { Attach::Endnote } else { Attach::Comment };
    body.text(&reader.text.html.html, attached, attach_as);
    if form != NoteForm::None {
        notes::works(&mut body, reader, context);
    }
    if purpose == Purpose::Work {
        table::to_fill_in(&mut body, context);
    }
    let mut document = body.finish();

    let mut stories = Vec::new();
    if !package.footnotes_are_empty() {
        stories.push(("footnotes", package.take_footnotes()));
    }
    match form {
        NoteForm::Comments if !reader.notes.is_empty() || !reader.layers.is_empty() => {
            stories.push(("comments", notes::comments(reader, context, &page, &mut package)));
        }
        NoteForm::Endnotes if !reader.notes.is_empty() => {
            stories.push(("endnotes", notes::endnotes(reader, context, &page, &mut package)));
        }
        _ => {}
    }
    stories.push(("footer1", footer(context)));
    let footer_id = document.relate("footer", "footer1.xml", false);
    let has = |name: &str| stories.iter().any(|(known, _)| *known == name);
    // Word's default of roman numbers for endnotes tells them from footnotes.
    let decimal = has("endnotes") && !has("footnotes");
    section(&mut document, &footer_id, purpose, decimal, direction(language) == "rtl");
    let mut others = vec![
        ("styles", styles(language)),
        ("numbering", package.lists.write()),
        ("settings", settings(has("footnotes"), has("endnotes"))),
    ];
    if has("comments") {
        others.push(("people", notes::people(reader, context)));
    }
    package.write(context, document, stories, others, &core(source, context))
}

/// The passages of all notes, each with the number of its comment or endnote; and the numbers of those that go on the
/// title, because they are about the text as a whole or their passage was not found.
fn attach(reader: &Reader<'_>, form: NoteForm) -> (Vec<Attached>, Vec<usize>) {
    let mut of_title: Vec<usize> = Vec::new();
    let mut attached = Vec::new();
    if form == NoteForm::None {
        return (attached, of_title);
    }
    for entry in notes::entries(reader, form) {
        match entry.span {
            Some(span) => attached.push(Attached { span, id: entry.id }),
            None => of_title.push(entry.id),
        }
    }
    attached.retain(|one: &Attached| one.span != TextSpan::default());
    (attached, of_title)
}

fn open_root(story: &mut Story, name: &'static str) {
    story.xml = Xml::document();
    story.xml.open(name, &NAMESPACES);
}

/// Writes where the text comes from, in one line.
fn facts(body: &mut Body<'_>, source: &Source, context: &ExportContext<'_>) {
    let front = &source.front;
    let date = front.date.as_ref().map_or("", Date::as_str);
    let date = context.site.words.date(date);
    let text = |value: &Option<String>| value.clone().filter(|value| value != "unknown").unwrap_or_default();
    let parts = [text(&front.author), text(&front.publisher), date, text(&front.url), text(&front.licence)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if !parts.is_empty() {
        body.paragraph("Subtitle", &parts.join(" · "));
    }
}

/// The footer: the edition's notice, its title and date, and the page number.
fn footer(context: &ExportContext<'_>) -> Story {
    let site = context.site;
    let mut story = Story::default();
    open_root(&mut story, "w:ftr");
    let date = site.date.as_deref().map(|date| site.words.date(date)).unwrap_or_default();
    let edition: Vec<&str> = [&site.title, &date, &site.licence]
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let lines = [edition.join(" · "), site.notice.clone()];
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let xml = &mut story.xml;
        xml.raw("<w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr><w:r>");
        xml.element("w:t", &[("xml:space", "preserve")], line);
        xml.raw("</w:r>");
        if at == 0 {
            xml.raw(
                "<w:r><w:tab/></w:r><w:fldSimple w:instr=\" PAGE \"><w:r><w:t>1</w:t></w:r></w:fldSimple>",
            );
        }
        xml.raw("</w:p>");
    }
    story
}

/// Writes the properties of the only section: A4 paper, margins and the footer.
fn section(document: &mut Story, footer: &str, purpose: Purpose, decimal: bool, rtl: bool) {
    let xml = &mut document.xml;
    let right = if purpose == Purpose::Work { "3402" } else { "1418" };
    xml.open("w:sectPr", &[]);
    xml.empty("w:footerReference", &[("w:type", "default"), ("r:id", footer)]);
    if decimal {
        xml.raw("<w:endnotePr><w:numFmt w:val=\"decimal\"/></w:endnotePr>");
    }
    xml.empty("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")]);
    let sides = [
        ("w:top", "1304"),
        ("w:right", right),
        ("w:bottom", "1304"),
        ("w:left", "1418"),
        ("w:header", "709"),
        ("w:footer", "567"),
        ("w:gutter", "0"),
    ];
    xml.empty("w:pgMar", &sides);
    if purpose == Purpose::Work {
        xml.empty("w:lnNumType", &[("w:countBy", "1"), ("w:restart", "continuous")]);
    }
    if rtl {
        xml.empty("w:bidi", &[]);
    }
    xml.close();
}

fn styles(language: &str) -> String {
    let mut xml = Xml::default();
    let primary = language.split('-').next().unwrap_or_default();
    match primary {
        "ja" | "ko" | "zh" => xml.empty("w:lang", &[("w:val", "en"), ("w:eastAsia", language)]),
        _ if direction(language) == "rtl" => xml.empty("w:lang", &[("w:val", "en"), ("w:bidi", language)]),
        _ => xml.empty("w:lang", &[("w:val", language)]),
    }
    include_str!("styles.xml").replace("{lang}", &xml.finish())
}

fn settings(footnotes: bool, endnotes: bool) -> String {
    let mut xml = Xml::document();
    xml.open("w:settings", &[("xmlns:w", MAIN)]);
    for (is_used, name, mark) in
        [(footnotes, "w:footnotePr", "w:footnote"), (endnotes, "w:endnotePr", "w:endnote")]
    {
        if is_used {
            xml.raw(&format!("<{name}>"));
            xml.empty(mark, &[("w:id", "-1")]);
            xml.empty(mark, &[("w:id", "0")]);
            xml.raw(&format!("</{name}>"));
        }
    }
    xml.open("w:compat", &[]);
    let uri = "http://schemas.microsoft.com/office/word";
    xml.empty("w:compatSetting", &[("w:name", "compatibilityMode"), ("w:uri", uri), ("w:val", "15")]);
    xml.finish()
}

/// The metadata of the document (ECMA-376, part 2, 11).
fn core(source: &Source, context: &ExportContext<'_>) -> String {
    let site = context.site;
    let mut xml = Xml::document();
    xml.open(
        "cp:coreProperties",
        &[
            ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            ("xmlns:dcterms", "http://purl.org/dc/terms/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ],
    );
    xml.element("dc:title", &[], &source.title);
    xml.element("dc:creator", &[], source.front.author.as_deref().unwrap_or_default());
    xml.element("dc:description", &[], &site.title);
    xml.element("dc:language", &[], source.language(&site.language));
    xml.element("cp:lastModifiedBy", &[], &site.authors.join(", "));
    if let Some(date) = site.date.as_deref().filter(|date| date.len() == 10) {
        let instant = format!("{date}T00:00:00Z");
        for name in ["dcterms:created", "dcterms:modified"] {
            xml.element(name, &[("xsi:type", "dcterms:W3CDTF")], &instant);
        }
    }
    xml.finish()
}
