//! One text through all stages, and all of them some at a time.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::load::LoadedSite;
use super::page_writer::PageWriter;
use super::totals::Totals;
use super::{Watch, site_pages};
use crate::derive::registers::{Entry as Noted, PageCites};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::export::annotations::{self, Sitewide};
use crate::names::address;
use crate::names::path::relative;
use crate::notes::Layers;
use crate::page::{Original, PageSet, ReaderContext, ReaderPage, Summary, layout_rows};
use crate::reader::edition::Edition;
use crate::reader::links::{Known, Needs};
use crate::reader::{self, HiddenNeeds};
use crate::search::{self, Classes};
use crate::site::folder::{self, Entry};
use crate::text;
use crate::text::library::{self, Source};
use crate::text::original;
use crate::theme::Theme;

/// What is kept of a text when its pages are written.
#[derive(Clone)]
pub(super) struct TextOutput {
    pub(super) summary: Summary,
    pub(super) path: String,
    pub(super) known: BTreeMap<String, Known>,
    pub(super) needs: Needs,
    pub(super) cited: Vec<String>,
    pub(super) unseen: HiddenNeeds,
    /// For whom its layers and notes are, if not for everyone.
    pub(super) audiences: BTreeSet<String>,
    /// How many rows its layout has.
    pub(super) rows: usize,
    pub(super) noted: Vec<Noted>,
    pub(super) cites: Option<PageCites>,
    /// Its notes as the site's collection has them; written before the next texts are begun.
    pub(super) annotations: Vec<String>,
    /// Its words, if the site can be searched.
    pub(super) part: Option<search::TextIndex>,
    pub(super) diagnostics: Diagnostics,
}

/// How many texts are on their way at once.
const BATCH: usize = 128;

/// Takes all texts through all stages, some at a time, and keeps what pages across them need.
pub(super) fn texts(
    loaded: &LoadedSite,
    edition: &Edition<'_>,
    present: &PageSet,
    theme: &Theme,
    writer: &PageWriter,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Totals {
    let count = loaded.library.sources.len();
    watch.begin(count);
    let mut totals = Totals::default();
    let mut collection = Sitewide::new(&loaded.site);
    let classes = loaded.site.search.then(|| Classes::of(present.kinds(&loaded.site)));
    totals.search = classes.is_some().then(search::Index::default);
    for start in (0..count).step_by(BATCH) {
        let batch: Vec<TextOutput> = (start..(start + BATCH).min(count))
            .into_par_iter()
            .map(|index| {
                let made = text(index, loaded, edition, classes.as_ref(), theme, writer);
                watch.step();
                made
            })
            .collect();
        let mut scripts = Vec::new();
        for mut made in batch {
            if let (Some(index), Some(part)) = (&mut totals.search, made.part.take()) {
                scripts.extend(index.add(&part));
            }
            for item in std::mem::take(&mut made.annotations) {
                if let Some((path, page)) = collection.add(item) {
                    writer.write(&path, &page, diagnostics);
                }
            }
            totals.add(made, diagnostics);
        }
        writer.scripts(&scripts, diagnostics);
    }
    for (path, json) in collection.finish() {
        writer.write(&path, &json, diagnostics);
    }
    totals
}

/// Takes one text through all stages.
pub(super) fn text(
    index: usize,
    loaded: &LoadedSite,
    edition: &Edition<'_>,
    classes: Option<&Classes>,
    theme: &Theme,
    writer: &PageWriter,
) -> TextOutput {
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
    let noted = Noted::all(index, &reader, &loaded.site, &loaded.bibliography);
    site_pages::source_feed(source, &noted, loaded, writer, &mut diagnostics);

    let known = layers.notes().map(|(_, layer, note)| {
        let audience = Layers::audience(layer, note).map(str::to_owned);
        (note.id.clone(), Known { audience, draft: Layers::is_draft(layer, note) && !edition.drafts })
    });
    TextOutput {
        path: source.path.clone(),
        known: known.collect(),
        part: classes.map(|classes| search::of_text(&reader, classes)),
        summary,
        noted,
        cites: PageCites::of_prefaces(index, &reader, &loaded.bibliography),
        needs: reader.needs,
        annotations: written.items,
        cited: reader.cited,
        unseen: reader.unseen,
        audiences: layers.audiences().map(str::to_owned).collect(),
        rows,
        diagnostics,
    }
}

/// The text as it was received: proven equal, and summed.
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
        let message = format!("there is no file `{name}` beside the text");
        diagnostics.push(
            Diagnostic::error(Code::SourceFrontMatter, source.key_place("original"), message)
                .help(format!("put the text as it was received into {}/{path}", address::SOURCES)),
        );
        return None;
    };
    let entry = Entry { path: format!("{}/{path}", address::SOURCES), on_disk: on_disk.clone() };
    let file = folder::read(&entry, diagnostics)?;
    original::verify(source, text, &file, diagnostics);
    Some(Original {
        href: (!original::is_page(name)).then(|| relative(&source.page(), &path)),
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(file.text.as_bytes())),
    })
}

/// The page that a text came from, by its path from `sources/`; it is no part of the site.
pub(super) fn page_original(source: &Source) -> Option<String> {
    source.original().filter(|path| original::is_page(path))
}

/// Warns where a text has no notes, or has changed since they were reviewed.
fn review(source: &Source, layers: &Layers<'_>, pin: bool, diagnostics: &mut Diagnostics) {
    if layers.notes().next().is_none() {
        diagnostics.push(
            Diagnostic::warning(
                Code::SourceUnannotated,
                library::text_start(source),
                "the text has no notes",
            )
            .help(format!("write notes into {}/{}.md", address::ANNOTATIONS, source.path)),
        );
    }
    let pinned: Vec<_> = layers.iter().filter(|layer| pin || layer.front.reviewed.is_some()).collect();
    if pinned.is_empty() {
        return;
    }
    let now = format!("sha256:{}", hex(&Sha256::digest(source.text().as_bytes())));
    for layer in pinned.into_iter().filter(|layer| layer.front.reviewed.as_ref() != Some(&now)) {
        let (span, written) = layer.pin(&now);
        let message = match layer.front.reviewed {
            Some(_) => "the text has changed since these notes were reviewed",
            None => "these notes are not pinned to the text as it is now",
        };
        diagnostics.push(
            Diagnostic::warning(Code::LayerSourceChanged, Place::new(layer.file, span), message)
                .help("read the notes against the text again, then run `postil check --reviewed`")
                .fix(span, written),
        );
    }
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
