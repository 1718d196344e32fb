//! Processes one text: runs all stages for it.

use std::collections::{BTreeMap, BTreeSet};

use super::load::LoadedSite;
use super::stages::Stages;
use crate::derive::registers::{self, PageCitations};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::export::{annotations, feed};
use crate::names::address;
use crate::names::path::relative;
use crate::notes::Layers;
use crate::notes::review::{review, sha256};
use crate::page::{Original, ReaderContext, ReaderPage, Summary, layout_rows};
use crate::reader::links::{NoteStatus, PageLinks};
use crate::reader::{self, HiddenContent};
use crate::search::{self, Classes};
use crate::site::folder::{self, Entry};
use crate::text;
use crate::text::library::Source;
use crate::text::original;

/// The data of a text that is kept after its pages are written.
#[derive(Clone)]
pub(super) struct TextOutput {
    pub(super) summary: Summary,
    pub(super) path: String,
    pub(super) known: BTreeMap<String, NoteStatus>,
    pub(super) needs: PageLinks,
    pub(super) cited: Vec<String>,
    pub(super) hidden: HiddenContent,
    /// The audiences of its layers and notes, besides everyone.
    pub(super) audiences: BTreeSet<String>,
    /// How many rows its layout has.
    pub(super) rows: usize,
    pub(super) entries: Vec<registers::Entry>,
    pub(super) cites: Option<PageCitations>,
    /// Its notes for the annotation collection of the whole site, which is written batch by batch.
    pub(super) annotations: Vec<String>,
    /// Its words, if the site has a search.
    pub(super) index: Option<search::TextIndex>,
    pub(super) diagnostics: Diagnostics,
}

/// Runs all stages for one text.
pub(super) fn text(stages: &Stages<'_>, index: usize, classes: Option<&Classes>) -> TextOutput {
    let Stages { site: loaded, edition, theme, writer, .. } = *stages;
    let mut diagnostics = Diagnostics::default();
    let source = &loaded.library.sources[index];
    let files = loaded.layer_files(source, &mut diagnostics);
    let text = text::parse(source, &loaded.library, &loaded.highlighter, &mut diagnostics);
    let original = original(source, &text, loaded, &mut diagnostics);
    let layers = Layers::read(&files, &loaded.site, &mut diagnostics);
    review(source, &layers, loaded.pin, &mut diagnostics);

    let reader = reader::read(source, &text, &layers, edition, &mut diagnostics);
    let summary = Summary::of(&reader, &loaded.site);
    let surroundings = ReaderContext {
        site: &loaded.site,
        library: &loaded.library,
        bibliography: &loaded.bibliography,
        citations: &loaded.citations,
        index,
        original,
        summary: &summary,
    };
    let rows = layout_rows(&text);
    let page = ReaderPage::new(&reader, surroundings);
    let page_file = source.page();
    writer.render(theme, &page, &[("reader.html", &page_file)], &mut diagnostics);
    let written = annotations::write(&reader, &loaded.site);
    writer.write(&address::in_folder(&source.path, annotations::FILE), &written.json, &mut diagnostics);
    let entries = registers::Entry::from_reader(index, &reader, &loaded.site, &loaded.bibliography);
    match feed::of_text(source, &entries, &loaded.site, &loaded.library) {
        Ok(feed) => feed.iter().for_each(|(path, xml)| writer.write(path, xml, &mut diagnostics)),
        Err(error) => diagnostics.push(write_error(source, &error)),
    }

    let known = layers.notes().map(|(_, layer, note)| {
        let audience = Layers::audience(layer, note).map(str::to_owned);
        (note.id.clone(), NoteStatus { audience, draft: Layers::is_draft(layer, note) && !edition.drafts })
    });
    TextOutput {
        path: source.path.clone(),
        known: known.collect(),
        index: classes.map(|classes| search::of_text(&reader, classes)),
        summary,
        entries,
        cites: PageCitations::of_prefaces(index, &reader, &loaded.bibliography),
        needs: reader.links,
        annotations: written.items,
        cited: reader.cited,
        hidden: reader.hidden,
        audiences: layers.audiences().map(str::to_owned).collect(),
        rows,
        diagnostics,
    }
}

/// The error for a feed that could not be created.
fn write_error(source: &Source, error: &std::io::Error) -> Diagnostic {
    let place = Place::of_path(address::in_folder(&source.path, feed::FILE));
    Diagnostic::error(Code::SitePath, place, format!("this file could not be written: {error}"))
}

/// Checks a source against its original, and computes the hash of the original.
fn original(
    source: &Source,
    text: &text::Text,
    loaded: &LoadedSite,
    diagnostics: &mut Diagnostics,
) -> Option<Original> {
    let name = source.front.original.as_deref()?;
    let path = source.original()?;
    let on_disk = loaded.library.assets.get(&path);
    let Some(on_disk) = on_disk else {
        let message = format!("no file `{name}` beside the text");
        diagnostics.push(
            Diagnostic::error(Code::SourceFrontMatter, source.key_place("original"), message)
                .help(format!("put the original text at {}/{path}, or remove the key", address::SOURCES)),
        );
        return None;
    };
    let entry = Entry { path: format!("{}/{path}", address::SOURCES), on_disk: on_disk.clone() };
    let (file, bytes) = folder::read_received(&entry, diagnostics)?;
    original::verify(source, text, &file, diagnostics);
    Some(Original {
        href: (!original::is_page(name)).then(|| relative(&source.page(), &path)),
        name: name.to_owned(),
        sha256: sha256(&bytes),
    })
}

/// The path, relative to `sources/`, of the saved web page that is the text's original. It is not published.
pub(super) fn page_original(source: &Source) -> Option<String> {
    source.original().filter(|path| original::is_page(path))
}
