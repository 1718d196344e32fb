//! Writes all files of a site: pages, stylesheets, and copied files.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::load::LoadedSite;
use super::options::Watch;
use super::page_writer::PageWriter;
use super::pages;
use super::stages::Stages;
use super::text::page_original;
use super::texts::texts;
use super::totals::Totals;
use crate::bibliography::EXTENSIONS;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::names::address;
use crate::names::path::Claims;
use crate::page::{LayoutPage, Target};
use crate::reader::edition::Edition;
use crate::reader::site_page::{self, SitePage};
use crate::search;
use crate::site::folder;
use crate::theme::Theme;

/// Processes all texts, then writes pages and files across them.
pub(super) fn pages(
    stages: &Stages<'_>,
    site_pages: &[SitePage],
    claims: &mut Claims,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Totals {
    let mut totals = texts(stages, watch, diagnostics);
    totals.verify(stages.site, stages.edition, site_pages, diagnostics);
    pages::write(stages, &mut totals, site_pages, claims, diagnostics);
    totals
}

/// Reads the edition's own pages and introductions.
pub(super) fn site_pages(
    site: &LoadedSite,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<SitePage> {
    site.site_pages.iter().map(|file| site_page::read(file, edition, diagnostics)).collect()
}

/// The links to the edition's own pages that every page has.
pub(super) fn own_pages(site_pages: &[SitePage]) -> Vec<Target> {
    let target = |page: &SitePage| Target { title: page.title.clone(), href: page.page.clone() };
    site_page::in_header(site_pages).into_iter().map(target).collect()
}

/// Writes the stylesheets that place notes beside passages. Texts of similar length share one.
pub(super) fn layouts(
    rows: &BTreeSet<usize>,
    theme: &Theme,
    writer: &PageWriter,
    diagnostics: &mut Diagnostics,
) {
    for &rows in rows {
        let file = address::layout(rows);
        // A theme can replace it.
        if !theme.copied.contains_key(&file) {
            writer.render(theme, &LayoutPage::new(rows), &[("layout.css", &file)], diagnostics);
        }
    }
}

/// Copies the files of the theme, the assets of texts, and those assets of notes that a page links to.
pub(super) fn copy_files(
    loaded: &LoadedSite,
    theme: &Theme,
    writer: &PageWriter,
    needed: &BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) {
    let is_search = |path: &str| !loaded.site.search && search::SCRIPTS.contains(&path);
    for (path, text) in theme.generated.iter().filter(|(path, _)| !is_search(path)) {
        writer.write(path, text.as_bytes(), diagnostics);
    }
    let pages = loaded.library.sources.iter().filter_map(page_original).collect::<BTreeSet<_>>();
    let assets = loaded.library.assets.iter().filter(|(path, _)| !pages.contains(path.as_str()));
    for (path, from) in theme.copied.iter().chain(assets) {
        writer.copy(path, from, diagnostics);
    }
    for (path, from) in loaded.note_assets.iter().filter(|(path, _)| needed.contains(*path)) {
        writer.copy(&address::in_folder(address::NOTE_ASSETS, path), from, diagnostics);
    }
    warn_about_unused_files(loaded, needed, diagnostics);
}

/// Warns about unused files in `annotations/`, such as a bibliography with an unknown extension.
fn warn_about_unused_files(loaded: &LoadedSite, needed: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    let unused: Vec<&str> = loaded
        .note_assets
        .keys()
        .map(String::as_str)
        .filter(|path| !needed.contains(*path) && !is_media(path))
        .collect();
    if unused.is_empty() {
        return;
    }
    // Drafts and notes for another audience mention files too. Unreadable layers are reported elsewhere.
    let mut ignored = Diagnostics::default();
    let layers = loaded.layers.values().flatten().filter_map(|entry| folder::read(entry, &mut ignored));
    let files: Vec<Arc<File>> = layers.chain(loaded.site_pages.iter().cloned()).collect();
    for path in unused {
        if files.iter().any(|file| file.text.contains(address::name_of(path))) {
            continue;
        }
        let place = Place::of_path(address::in_folder(address::ANNOTATIONS, path));
        let help = format!(
            "link to it from a note, or remove it; bibliographies end in .{}",
            EXTENSIONS.join(", .")
        );
        let message = "unused file: it is not read, and no page links to it";
        diagnostics.push(Diagnostic::warning(Code::AssetUnused, place, message).help(help));
    }
}

/// Whether a file is an image, a recording, a font or a PDF. Such files are often kept beside notes.
fn is_media(path: &str) -> bool {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    matches!(kind.type_().as_str(), "image" | "audio" | "video" | "font") || kind.subtype() == "pdf"
}
