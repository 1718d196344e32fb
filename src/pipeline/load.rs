//! Loads a site: reads its files, and sorts those in `annotations/` by type.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "links")]
use super::dead_links::{self, Addresses};
use super::options::Options;
use crate::bibliography::{Bibliography, EXTENSIONS, Style, holds_works};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, nearest};
use crate::export::schema;
use crate::html::highlight::Highlighter;
use crate::names::address;
use crate::page::{EditionPage, PageSet, Target};
use crate::reader::edition::Edition;
use crate::site::folder::{self, Entry};
use crate::site::words::Words;
use crate::site::{Site, front_matter};
use crate::text::library::{Library, Source};
use crate::theme;
use crate::theme::Theme;

/// A loaded site.
pub(crate) struct LoadedSite {
    pub(super) root: PathBuf,
    /// The settings in `site.toml`.
    pub(crate) site: Site,
    /// All texts and the files beside them.
    pub(crate) library: Library,
    /// All works.
    pub(crate) bibliography: Bibliography,
    /// The bibliography files, and the CSL file if there is one.
    pub(super) bibliographies: Vec<Arc<File>>,
    /// Each work as schema.org JSON, rendered once because a work can be cited on many pages.
    pub(super) citations: Vec<String>,
    pub(super) layers: BTreeMap<String, Vec<Entry>>,
    pub(super) site_pages: Vec<Arc<File>>,
    pub(super) note_assets: BTreeMap<String, PathBuf>,
    /// Whether some layers belong to no text.
    pub(super) has_strays: bool,
    pub(super) theme: BTreeMap<String, Entry>,
    pub(super) strings: toml::Table,
    /// Highlights code blocks.
    pub(crate) highlighter: Highlighter,
    pub(super) pin: bool,
}

impl LoadedSite {
    /// Reads the site of `options`; `None` if it has no `site.toml`.
    pub(crate) fn read(options: &Options, diagnostics: &mut Diagnostics) -> Option<Self> {
        let root = options.site.clone();
        let entry = Entry { path: address::CONFIG.to_owned(), on_disk: root.join(address::CONFIG) };
        let is_file = std::fs::symlink_metadata(&entry.on_disk).is_ok_and(|found| found.is_file());
        if !is_file {
            let message = format!("no {} in {}", address::CONFIG, root.display());
            diagnostics.push(
                Diagnostic::error(Code::SiteConfig, Place::of_path(address::CONFIG), message)
                    .help("name the folder of a site, or create one with `postil init`"),
            );
            return None;
        }
        let file = folder::read(&entry, diagnostics)?;
        let mut site = Site::read(&file, diagnostics);
        if let Some(base) = &options.base_url {
            site.base_url =
                if base.is_empty() || base.ends_with('/') { base.clone() } else { format!("{base}/") };
        }
        let mut sources = folder::list(&root, address::SOURCES, diagnostics);
        folder::remove_ignored(&mut sources, &site.ignore);
        folder::remove_misnamed(&mut sources, &["md"], diagnostics);
        let library = Library::read(sources, options.drafts, diagnostics);
        library.report_working_files(diagnostics);
        let mut notes = folder::list(&root, address::ANNOTATIONS, diagnostics);
        folder::remove_ignored(&mut notes, &site.ignore);
        let endings: Vec<&str> = std::iter::once("md").chain(EXTENSIONS).collect();
        folder::remove_misnamed(&mut notes, &endings, diagnostics);
        let theme = folder::list(&root, address::THEME, diagnostics);
        let strings = theme::strings(&site, &theme, diagnostics);
        site.localize(Words::read(&strings));
        let mut loaded = Self {
            bibliography: Bibliography::default(),
            bibliographies: Vec::new(),
            citations: Vec::new(),
            layers: BTreeMap::new(),
            site_pages: Vec::new(),
            note_assets: BTreeMap::new(),
            has_strays: false,
            highlighter: Highlighter::default(),
            pin: options.pin,
            root,
            site,
            library,
            theme,
            strings,
        };
        loaded.sort_notes(notes, diagnostics);
        Some(loaded)
    }

    /// Sorts the files of `annotations/` into layers, pages, bibliographies and other files.
    pub(super) fn sort_notes(&mut self, files: BTreeMap<String, Entry>, diagnostics: &mut Diagnostics) {
        let mut bibliographies = Vec::new();
        for (path, entry) in files {
            let name = address::name_of(&path);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension {
                "md" if address::site_page(&path).is_some() => {
                    self.site_pages.extend(folder::read(&entry, diagnostics));
                }
                "md" if path.split('/').any(|name| name.starts_with('_')) => {
                    let message = "a layer cannot have a name that begins with `_`";
                    diagnostics.push(
                        Diagnostic::error(Code::LayerNoSource, Place::of_path(&entry.path), message)
                            .help("rename it, or use `draft = true` in its front matter to hide its notes"),
                    );
                }
                "md" => self.sort_layer(path.strip_suffix(".md").unwrap_or(&path), entry, diagnostics),
                // JSON without works is an asset that notes can link to.
                "json" => match folder::read(&entry, diagnostics) {
                    Some(file) if holds_works(&file) => bibliographies.push(file),
                    _ => _ = self.note_assets.insert(path, entry.on_disk),
                },
                extension if EXTENSIONS.contains(&extension) => {
                    bibliographies.extend(folder::read(&entry, diagnostics));
                }
                _ => _ = self.note_assets.insert(path, entry.on_disk),
            }
        }
        let csl = self.site.citation_style.ends_with(".csl").then(|| {
            folder::read_referenced(
                &self.root,
                &self.site.citation_style,
                &self.site.citation_style_place,
                diagnostics,
            )
        });
        let style = match csl {
            None => Style::Named(&self.site.citation_style, self.site.citation_style_place.clone()),
            Some(Some(file)) => {
                self.bibliographies.push(Arc::clone(&file));
                Style::Csl(file)
            }
            // The file is reported; a bundled style is used so that the rest of the site can be checked.
            Some(None) => Style::Named("vancouver", self.site.citation_style_place.clone()),
        };
        self.bibliography = Bibliography::load(&bibliographies, &style, &self.site.language, diagnostics);
        self.bibliographies.extend(bibliographies);
        self.citations = schema::citations(&self.bibliography);
    }

    /// Assigns a layer to the text with the same path, or else to the text with the path of its folder.
    pub(super) fn sort_layer(&mut self, path: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        let own = self.library.source(path).or_else(|| folder.and_then(|folder| self.library.source(folder)));
        if let Some(source) = own {
            self.layers.entry(source.path.clone()).or_default().push(entry);
            return;
        }
        let mut absent = self.library.drafts.iter().chain(&self.library.unread);
        if absent.any(|draft| draft == path || Some(draft.as_str()) == folder) {
            return;
        }
        let known = self.library.sources.iter().map(|source| source.path.as_str());
        let help = match nearest(path, known) {
            Some(near) => {
                format!("rename it to {}/{near}.md: the nearest text is `{near}`", address::ANNOTATIONS)
            }
            None => {
                format!(
                    "put the text at {}/{path}.md, or move the layer to the path of a text",
                    address::SOURCES
                )
            }
        };
        let place = Place::of_path(entry.path);
        diagnostics
            .push(Diagnostic::error(Code::LayerNoSource, place, "the layer belongs to no text").help(help));
        self.has_strays = true;
    }

    /// Reads the layers of a text.
    pub(crate) fn layer_files(&self, source: &Source, diagnostics: &mut Diagnostics) -> Vec<Arc<File>> {
        let entries = self.layers.get(&source.path).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| folder::read(entry, diagnostics)).collect()
    }

    /// The external addresses that texts, notes, pages and works link to.
    #[cfg(feature = "links")]
    pub(super) fn addresses(&self) -> Addresses {
        let mut addresses = Addresses::new();
        for source in &self.library.sources {
            dead_links::gather(&source.file, source.body, &mut addresses);
        }
        // Unreadable files are reported on loading.
        let mut silent = Diagnostics::default();
        let layers = self.layers.values().flatten().filter_map(|entry| folder::read(entry, &mut silent));
        for file in layers.chain(self.site_pages.iter().cloned()) {
            dead_links::gather(&file, front_matter::body_start(&file.text), &mut addresses);
        }
        for work in self.bibliography.works() {
            if let Some(address) = work.href() {
                addresses.entry(address).or_insert_with(|| work.place.clone());
            }
        }
        addresses
    }

    pub(super) fn edition<'l>(&'l self, options: &'l Options) -> Edition<'l> {
        Edition {
            site: &self.site,
            library: &self.library,
            bibliography: &self.bibliography,
            note_assets: &self.note_assets,
            highlighter: &self.highlighter,
            audience: options.audience.as_deref(),
            drafts: options.drafts,
        }
    }

    /// Loads the theme, with the template values that all pages share.
    pub(super) fn theme(
        &self,
        present: &PageSet,
        own_pages: &[Target],
        diagnostics: &mut Diagnostics,
    ) -> Option<Theme> {
        let shared = EditionPage::new(&self.site, own_pages.to_vec(), present);
        Theme::load(&self.site, &self.theme, &self.strings, &shared, diagnostics)
    }
}
