//! Writes what covers all texts of a book: the title page, registers, works, navigation and the package document.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::xhtml::{media_type, page_id};
use super::{STYLE, annotations, created, notes_file, open_chapter, page_label, text_file, uuid};
use crate::archive::{Xml, ZipWriter};
use crate::derive::registers::Entry;
use crate::export::format::{ExportContext, Part};
use crate::site::{KindId, direction};
use crate::text::encode_fragment;

/// A chapter that covers several texts: its file, its title, and its contents.
type Chapter = (String, String, Vec<u8>);

/// Puts the parts of all texts together.
pub(super) fn finish(parts: Vec<Part>, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    let site = context.site;
    let selected: Vec<&str> = context.texts().map(|source| source.path.as_str()).collect();
    let identifier = uuid(&format!("{}\n{}\n{}", site.base_url, site.title, selected.join("\n")));
    let mut chapters: Vec<Chapter> = registers(&parts, context);
    chapters.extend(works(&parts, context));
    let title = title_page(context);
    let navigation = navigation(&parts, &chapters, context);
    let pictures: BTreeSet<String> = parts
        .iter()
        .flat_map(|part| &part.files)
        .map(|(path, _)| path.clone())
        .filter(|path| media_type(path).is_some())
        .collect();
    let package = package(&parts, &chapters, &pictures, context, &identifier);
    let items: Vec<serde_json::Value> = parts.iter().flat_map(|part| part.annotations.clone()).collect();

    let mut zip = ZipWriter::new(site.date.as_deref());
    zip.add_stored("mimetype", b"application/epub+zip")?;
    zip.add("META-INF/container.xml", container().as_bytes())?;
    if !items.is_empty() {
        zip.add(annotations::W3C_FILE, &annotations::w3c(&items, context, &identifier))?;
        zip.add(annotations::THORIUM_FILE, &annotations::thorium(&items, context, &identifier))?;
    }
    zip.add("package.opf", package.as_bytes())?;
    zip.add("nav.xhtml", navigation.as_bytes())?;
    zip.add("style.css", STYLE.as_bytes())?;
    zip.add("title.xhtml", title.as_bytes())?;
    let mut written = BTreeSet::new();
    for (path, bytes) in parts.into_iter().flat_map(|part| part.files) {
        // Texts can share a picture.
        if written.insert(path.clone()) {
            zip.add(&path, &bytes)?;
        }
    }
    for (path, _, bytes) in chapters {
        zip.add(&path, &bytes)?;
    }
    zip.finish()
}

fn container() -> String {
    let mut xml = Xml::document();
    let namespace = "urn:oasis:names:tc:opendocument:xmlns:container";
    xml.open("container", &[("version", "1.0"), ("xmlns", namespace)]);
    xml.open("rootfiles", &[]);
    let kind = "application/oebps-package+xml";
    xml.empty("rootfile", &[("full-path", "package.opf"), ("media-type", kind)]);
    xml.finish()
}

/// Title, authors, date, version, notice, licence and contact.
fn title_page(context: &ExportContext<'_>) -> String {
    let site = context.site;
    let mut xml = open_chapter(context, &site.title);
    xml.open("section", &[("epub:type", "titlepage"), ("class", "title-page")]);
    xml.element("h1", &[], &site.title);
    let date = site.words.date(site.date.as_deref().unwrap_or_default());
    let version = match site.version.as_str() {
        "" => String::new(),
        version => format!("{} {version}", context.string("version")),
    };
    let licence = match site.licence.as_str() {
        "" => String::new(),
        licence => format!("{}: {licence}", context.string("notes_licence")),
    };
    let contact = match site.contact.as_str() {
        "" => String::new(),
        contact => format!("{}: {contact}", context.string("contact")),
    };
    let lines = [
        site.description.clone(),
        site.authors.join(", "),
        version,
        date,
        site.notice.clone(),
        licence,
        contact,
    ];
    for line in lines.iter().filter(|line| !line.is_empty()) {
        xml.element("p", &[], line);
    }
    if !site.base_url.is_empty() {
        xml.open("p", &[]);
        xml.element("a", &[("href", &site.base_url)], &site.base_url);
        xml.close();
    }
    xml.finish()
}

/// A link to a note in full.
fn href(entry: &Entry) -> String {
    format!("{}#{}", notes_file(entry.source as usize), encode_fragment(&format!("note-{}", entry.id)))
}

fn title_of<'c>(context: &'c ExportContext<'_>, entry: &Entry) -> &'c str {
    context.library.sources.get(entry.source as usize).map_or("", |source| &source.title)
}

/// A chapter for each kind that has notes: its notes by verdict.
fn registers(parts: &[Part], context: &ExportContext<'_>) -> Vec<Chapter> {
    let mut by_kind: BTreeMap<KindId, Vec<&Entry>> = BTreeMap::new();
    for entry in parts.iter().flat_map(|part| &part.entries) {
        if let Some(kind) = entry.kind {
            by_kind.entry(kind).or_default().push(entry);
        }
    }
    let mut chapters = Vec::new();
    for (kind, entries) in by_kind {
        let Some(kind) = context.site.kind(kind) else { continue };
        let mut xml = open_chapter(context, &kind.plural);
        xml.open("section", &[("epub:type", "index"), ("role", "doc-index"), ("aria-labelledby", "title")]);
        xml.element("h1", &[("id", "title")], &kind.plural);
        let mut by_verdict: BTreeMap<Option<crate::site::VerdictId>, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            by_verdict.entry(entry.verdict).or_default().push(entry);
        }
        for (verdict, entries) in by_verdict {
            let verdict = verdict.and_then(|verdict| kind.verdict(verdict));
            let label = verdict.map_or(context.site.words.tone(None), |verdict| &verdict.label);
            xml.element("h2", &[], &format!("{label} ({})", entries.len()));
            xml.open("ul", &[]);
            for entry in entries {
                xml.open("li", &[]);
                xml.element("a", &[("href", &href(entry))], &entry.title);
                xml.text(&format!(" ({}, {})", title_of(context, entry), entry.number));
                xml.close();
            }
            xml.close();
        }
        chapters.push((
            format!("register-{}.xhtml", kind.register),
            kind.plural.clone(),
            xml.finish().into_bytes(),
        ));
    }
    chapters
}

/// A chapter with all works, each with the notes that refer to it or cite it.
fn works(parts: &[Part], context: &ExportContext<'_>) -> Option<Chapter> {
    let keys: BTreeSet<&str> =
        parts.iter().flat_map(|part| &part.works).map(|(key, _)| key.as_str()).collect();
    if keys.is_empty() {
        return None;
    }
    let title = context.string("works_all");
    let mut xml = open_chapter(context, title);
    xml.open(
        "section",
        &[("epub:type", "bibliography"), ("role", "doc-bibliography"), ("aria-labelledby", "title")],
    );
    xml.element("h1", &[("id", "title")], title);
    let entries: Vec<&Entry> = parts.iter().flat_map(|part| &part.entries).collect();
    for work in context.bibliography.works_as_listed().filter(|work| keys.contains(work.key.as_str())) {
        let id = crate::bibliography::work_anchor(&work.key);
        xml.open("section", &[("id", &id), ("class", "work")]);
        let formatted = context.bibliography.entry(&work.key).unwrap_or_default();
        xml.element("p", &[], &crate::export::dom::plain(&formatted));
        let place = context.bibliography.place(&work.key).and_then(|place| u32::try_from(place).ok());
        let citing = entries.iter().filter(|entry| {
            place.is_some_and(|place| {
                entry.passage_works.contains(&place)
                    || entry.cites.iter().any(|(cited, _)| *cited == place)
                    || entry.guidelines.iter().any(|claim| claim.work == place)
            })
        });
        let citing: Vec<_> = citing.collect();
        if !citing.is_empty() {
            xml.open("ul", &[]);
            for entry in citing {
                xml.open("li", &[]);
                xml.element("a", &[("href", &href(entry))], &entry.title);
                xml.text(&format!(" ({}, {})", title_of(context, entry), entry.number));
                xml.close();
            }
            xml.close();
        }
        xml.close();
    }
    Some(("works.xhtml".to_owned(), title.to_owned(), xml.finish().into_bytes()))
}

/// The navigation document: contents, page list and landmarks.
fn navigation(parts: &[Part], chapters: &[Chapter], context: &ExportContext<'_>) -> String {
    let contents = context.string("contents");
    let mut xml = open_chapter(context, contents);
    xml.open("nav", &[("epub:type", "toc"), ("role", "doc-toc"), ("id", "toc")]);
    xml.element("h1", &[], contents);
    xml.open("ol", &[]);
    item(&mut xml, "title.xhtml", &context.site.title);
    for part in parts {
        let source = context.library.sources.get(part.index);
        let title = source.map_or("", |source| &source.title);
        xml.open("li", &[]);
        xml.element("a", &[("href", &text_file(part.index))], title);
        xml.open("ol", &[]);
        for (_, words, block) in
            part.headings.iter().filter(|(level, words, _)| *level <= 3 && !words.is_empty())
        {
            item(&mut xml, &format!("{}#p-{block}", text_file(part.index)), words);
        }
        item(&mut xml, &notes_file(part.index), &context.string("note_page").replace("{title}", title));
        xml.close();
        xml.close();
    }
    for (file, title, _) in chapters {
        item(&mut xml, file, title);
    }
    xml.close();
    xml.close();
    if parts.iter().any(|part| part.blocks > 0) {
        xml.open("nav", &[("epub:type", "page-list"), ("role", "doc-pagelist"), ("hidden", "")]);
        xml.element("h2", &[], context.string("list_pages"));
        xml.open("ol", &[]);
        for part in parts {
            let before = page_label(context, part.index);
            for block in 1..=part.blocks {
                let href = format!("{}#{}", text_file(part.index), page_id(block));
                item(&mut xml, &href, &format!("{before}{block}"));
            }
        }
        xml.close();
        xml.close();
    }
    xml.open("nav", &[("epub:type", "landmarks"), ("hidden", "")]);
    xml.element("h2", &[], context.string("pages"));
    xml.open("ol", &[]);
    let mut landmark = |kind: &str, file: &str, words: &str| {
        xml.open("li", &[]);
        xml.element("a", &[("epub:type", kind), ("href", file)], words);
        xml.close();
    };
    landmark("toc", "#toc", contents);
    if let Some(part) = parts.first() {
        landmark("bodymatter", &text_file(part.index), context.string("texts"));
    }
    if let Some((file, title, _)) = chapters.iter().find(|(file, _, _)| file == "works.xhtml") {
        landmark("bibliography", file, title);
    }
    xml.finish()
}

fn item(xml: &mut Xml, file: &str, words: &str) {
    xml.open("li", &[]);
    xml.element("a", &[("href", file)], words);
    xml.close();
}

/// The package document (EPUB 3.3, section 5).
fn package(
    parts: &[Part],
    chapters: &[Chapter],
    pictures: &BTreeSet<String>,
    context: &ExportContext<'_>,
    identifier: &str,
) -> String {
    let site = context.site;
    let mut xml = Xml::document();
    xml.open(
        "package",
        &[
            ("xmlns", "http://www.idpf.org/2007/opf"),
            ("version", "3.0"),
            ("unique-identifier", "id"),
            ("xml:lang", &site.language),
            ("dir", direction(&site.language)),
        ],
    );
    xml.open("metadata", &[("xmlns:dc", "http://purl.org/dc/elements/1.1/")]);
    xml.element("dc:identifier", &[("id", "id")], identifier);
    xml.element("dc:title", &[], &site.title);
    let mut languages = vec![site.language.as_str()];
    languages.extend(context.texts().map(|source| source.language(&site.language)));
    let mut seen = BTreeSet::new();
    for language in languages.into_iter().filter(|language| seen.insert(*language)) {
        xml.element("dc:language", &[], language);
    }
    site.authors.iter().for_each(|author| xml.element("dc:creator", &[], author));
    if let Some(date) = &site.date {
        xml.element("dc:date", &[], date);
    }
    for (name, value) in [("dc:description", &site.description), ("dc:rights", &site.licence)] {
        if !value.is_empty() {
            xml.element(name, &[], value);
        }
    }
    let has_pictures = !pictures.is_empty();
    let mut meta = vec![
        ("dcterms:modified", created(site.date.as_deref())),
        ("schema:accessMode", "textual".to_owned()),
        ("schema:accessModeSufficient", "textual".to_owned()),
        ("schema:accessibilityFeature", "structuralNavigation".to_owned()),
        ("schema:accessibilityFeature", "tableOfContents".to_owned()),
        ("schema:accessibilityFeature", "readingOrder".to_owned()),
        ("schema:accessibilityFeature", "displayTransformability".to_owned()),
        ("schema:accessibilityHazard", "none".to_owned()),
        ("schema:accessibilitySummary", context.string("accessibility").to_owned()),
    ];
    if has_pictures {
        meta.push(("schema:accessMode", "visual".to_owned()));
        meta.push(("schema:accessibilityFeature", "alternativeText".to_owned()));
    }
    if parts.iter().any(|part| part.blocks > 0) {
        meta.push(("schema:accessibilityFeature", "pageNavigation".to_owned()));
        meta.push(("schema:accessibilityFeature", "pageBreakMarkers".to_owned()));
        // The numbers of paragraphs come from no printed book.
        meta.push(("pageBreakSource", "none".to_owned()));
    }
    for (property, value) in &meta {
        xml.element("meta", &[("property", property)], value);
    }
    xml.close();

    let spine: Vec<(String, String)> = std::iter::once("title.xhtml".to_owned())
        .chain(parts.iter().flat_map(|part| [text_file(part.index), notes_file(part.index)]))
        .chain(chapters.iter().map(|(file, _, _)| file.clone()))
        .zip(1..)
        .map(|(file, number)| (format!("c{number}"), file))
        .collect();
    xml.open("manifest", &[]);
    let page = "application/xhtml+xml";
    xml.empty("item", &[("id", "nav"), ("href", "nav.xhtml"), ("media-type", page), ("properties", "nav")]);
    xml.empty("item", &[("id", "style"), ("href", "style.css"), ("media-type", "text/css")]);
    for (id, file) in &spine {
        xml.empty("item", &[("id", id), ("href", file), ("media-type", page)]);
    }
    for (path, number) in pictures.iter().zip(1..) {
        let id = format!("m{number}");
        xml.empty(
            "item",
            &[("id", &id), ("href", path), ("media-type", media_type(path).unwrap_or_default())],
        );
    }
    xml.close();
    xml.open("spine", &[("page-progression-direction", direction(&site.language))]);
    for ((id, _), at) in spine.iter().zip(0..) {
        xml.empty("itemref", &[("idref", id)]);
        if at == 0 {
            xml.empty("itemref", &[("idref", "nav")]);
        }
    }
    xml.finish()
}
