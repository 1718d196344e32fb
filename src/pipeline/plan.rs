//! Plans the output of a site before anything is written: finds its kinds of page, and claims the path of every output.

use std::collections::BTreeSet;

use memchr::memmem;

use super::load::LoadedSite;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::export::{EDITION_FILES, EditionData, annotation_pages, annotations, feed};
use crate::names::address;
use crate::names::path::Claims;
use crate::notes::Layers;
use crate::page::{CrossContext, LISTED, PageSet, Planned};
use crate::reader::Placement;
use crate::reader::edition::Edition;
use crate::reader::site_page::SitePage;
use crate::site::{KindId, folder};
use crate::text::library;

/// Finds out which kinds of page the site has. This is needed before texts are processed, because the header of every
/// page links to them.
///
/// Reads layers only until all kinds of page are known, which usually takes one or two.
pub(super) fn page_set(site: &LoadedSite, edition: &Edition<'_>) -> PageSet {
    let mut page_set = PageSet {
        kinds: BTreeSet::new(),
        works: site.bibliography.works().next().is_some(),
        guidelines: false,
    };
    let mut sought: Vec<(KindId, String)> =
        site.site.kinds().map(|(at, kind)| (at, format!(".{}", kind.id))).collect();
    let mut silent = Diagnostics::default();
    for entries in site.layers.values() {
        if sought.is_empty() && (page_set.guidelines || !page_set.works) {
            break;
        }
        let files: Vec<_> = entries.iter().filter_map(|entry| folder::read(entry, &mut silent)).collect();
        let says = |words: &str| {
            files.iter().any(|file| memmem::find(file.text.as_bytes(), words.as_bytes()).is_some())
        };
        let seeks_guidelines = page_set.works && !page_set.guidelines && says("guidelines=");
        if !seeks_guidelines && !sought.iter().any(|(_, words)| says(words)) {
            continue;
        }
        let layers = Layers::read(&files, &site.site, &mut silent);
        for (_, layer, note) in layers.notes() {
            if !edition.shows(Layers::audience(layer, note), Layers::is_draft(layer, note)) {
                continue;
            }
            page_set.guidelines |= !note.guidelines.is_empty();
            page_set.kinds.extend(note.kind);
            sought.retain(|(kind, _)| Some(*kind) != note.kind);
        }
    }
    page_set
}

/// Claims the paths that are known when the site is loaded, and reports conflicts and invalid names.
pub(super) fn claim_inputs(site: &LoadedSite, diagnostics: &mut Diagnostics) -> Claims {
    let mut claims = Claims::default();
    let mut problems = Diagnostics::default();
    let mut claim = |path: &str, place: Place| match claims.claim(path, place) {
        Ok(()) => true,
        Err(problem) => {
            diagnostics.push(*problem);
            false
        }
    };
    for source in &site.library.sources {
        let place = library::text_start(source);
        // Report one problem for each text.
        let _ = claim(&source.page(), place.clone())
            && claim(&address::in_folder(&source.path, annotations::FILE), place.clone())
            && (site.site.base_url.is_empty() || claim(&address::in_folder(&source.path, feed::FILE), place));
    }
    for path in site.library.assets.keys() {
        claim(path, Place::of_path(format!("{}/{path}", address::SOURCES)));
    }
    for path in site.note_assets.keys() {
        claim(
            &address::in_folder(address::NOTE_ASSETS, path),
            Place::of_path(format!("{}/{path}", address::ANNOTATIONS)),
        );
    }
    for entry in &site.site_pages {
        let path = address::below(address::ANNOTATIONS, &entry.path);
        if let Some(page) = address::site_page(path).filter(|page| *page != address::home(1)) {
            claim(&page, Place::of_path(&entry.path));
        }
    }
    claim(&address::home(1), Place::of_path(format!("{}/_index.md", address::ANNOTATIONS)));
    for number in 2..=site.library.sources.len().div_ceil(LISTED) {
        claim(&address::home(number), Place::new(&site.site.file, 0..0));
    }
    if site.site.search {
        let place = Place::new(&site.site.file, 0..0);
        // Claiming the folder keeps all other outputs out of it.
        let _ = claim(address::SEARCH, place.clone()) && claim(address::SEARCH_INDEX, place);
    }
    // Two kinds with one register are reported on loading site.toml.
    let mut registers = BTreeSet::new();
    for kind in site.site.kinds.iter().filter(|kind| registers.insert(kind.register.to_lowercase())) {
        let place = kind.register_place.clone().unwrap_or_else(|| Place::new(&site.site.file, 0..0));
        claim(&address::list(&kind.register, 1), place);
    }
    super::export::claim(site, &mut problems, &mut claim);
    for path in
        site.theme.keys().filter(|path| !path.starts_with("templates/") && !path.starts_with("strings/"))
    {
        claim(
            &address::in_folder(address::THEME_FILES, path),
            Place::of_path(format!("{}/{path}", address::THEME)),
        );
    }
    diagnostics.extend(problems);
    claims
}

/// Claims the pages and files across texts, whose number is only known after all texts are processed.
pub(super) fn claim_cross_pages(
    site: &LoadedSite,
    context: &CrossContext<'_>,
    planned: &[Planned],
    claims: &mut Claims,
    diagnostics: &mut Diagnostics,
) {
    verify_sections(site, context.site_pages, diagnostics);
    let mut claim = |path: &str, place: Place| {
        if let Err(problem) = claims.claim(path, place) {
            diagnostics.push(*problem);
        }
    };
    for (_, page) in planned {
        if let Some(place) = &page.claim {
            claim(&page.path, place.clone());
        }
    }
    let place = Place::new(&site.site.file, 0..0);
    claim(annotations::FILE, place.clone());
    let placed =
        context.registers.entries.iter().filter(|entry| entry.placement != Placement::Orphan).count();
    for number in 1..=placed.div_ceil(annotation_pages::ITEMS_PER_PAGE) {
        claim(&annotation_pages::page_path(number), place.clone());
    }
    let edition = edition_data(context, planned);
    for path in EDITION_FILES.iter().flat_map(|file| file.paths(&edition)) {
        claim(&path, place.clone());
    }
}

/// The data for the files about the whole edition.
pub(super) fn edition_data<'s>(context: &'s CrossContext<'s>, planned: &[Planned]) -> EditionData<'s> {
    let mut pages: Vec<_> = planned.iter().map(|(_, page)| (page.path.clone(), None)).collect();
    let sources = context.library.sources.iter().zip(context.summaries);
    pages.extend(sources.map(|(source, summary)| {
        (source.page(), summary.newest.clone().or_else(|| context.site.date.clone()))
    }));
    EditionData {
        site: context.site,
        library: context.library,
        bibliography: context.bibliography,
        works: context.page_set.works.then(|| context.works.iter().map(|mentioned| mentioned.work).collect()),
        entries: &context.registers.entries,
        pages,
    }
}

/// Reports introductions to folders without texts.
fn verify_sections(site: &LoadedSite, site_pages: &[SitePage], diagnostics: &mut Diagnostics) {
    let library = &site.library;
    for page in site_pages {
        let path = address::below(address::ANNOTATIONS, &page.file.path);
        let Some(folder) = address::introduced_folder(path) else { continue };
        let holds = |path: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // An introduction at the path of a text is reported as two outputs at one path.
        let known = library.is_section(folder) || library.source(folder).is_some();
        if !known && !library.drafts.iter().any(|draft| holds(draft)) {
            let message = format!("no texts in {}/{folder} to introduce", address::SOURCES);
            diagnostics.push(
                Diagnostic::error(Code::LayerNoSource, Place::of_path(&page.file.path), message).help(
                    "move the introduction to the path of a folder of texts, or to annotations/_pages/",
                ),
            );
        }
    }
}
