//! Writes all files of a site: pages, stylesheets, and copied files.

use std::collections::BTreeSet;

use super::load::LoadedSite;
use super::options::Watch;
use super::page_writer::PageWriter;
use super::pages;
use super::stages::Stages;
use super::text::page_original;
use super::texts::texts;
use super::totals::Totals;
use crate::diagnostics::Diagnostics;
use crate::names::address;
use crate::names::path::Claims;
use crate::page::LayoutPage;
use crate::reader::edition::Edition;
use crate::reader::site_page::{self, SitePage};
use crate::search;
use crate::theme::Theme;

/// Processes all texts, then writes pages and files across them.
pub(super) fn pages(
    stages: &Stages<'_>,
    claims: &mut Claims,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Totals {
    let mut totals = texts(stages, watch, diagnostics);
    let site_pages = site_pages(stages.site, stages.edition, diagnostics);
    totals.verify(stages.site, stages.edition, &site_pages, diagnostics);
    pages::write(stages, &mut totals, &site_pages, claims, diagnostics);
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
}
