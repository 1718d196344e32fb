//! A site, read into memory, and which outputs it claims.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::Options;
use crate::bibliography::{Bibliography, EXTENSIONS, Style, holds_works};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, nearest};
use crate::export::{annotations, feed, schema};
use crate::html::highlight::Highlighter;
use crate::names::path::Claims;
use crate::page::{EditionPage, LISTED, Present, Target, home_page, list_page};
use crate::pipeline::dead_links::{self, Addresses};
use crate::reader::edition::Edition;
use crate::reader::{links, site_page};
use crate::site::folder::{self, Entry};
use crate::site::words::Words;
use crate::site::{self, Site, front_matter};
use crate::text::library::{self, Library, Source};
use crate::theme::Theme;
use crate::{search, theme};

/// A site, loaded.
pub(super) struct Loaded {
    pub(super) root: PathBuf,
    pub(super) site: Site,
    pub(super) library: Library,
    pub(super) bibliography: Bibliography,
    /// The files that works and their style were read from.
    pub(super) bibliographies: Vec<Arc<File>>,
    /// The works as search engines are told of them; a popular work stands on many pages.
    pub(super) citations: Vec<String>,
    pub(super) layers: BTreeMap<String, Vec<Entry>>,
    pub(super) prose: Vec<Arc<File>>,
    pub(super) note_assets: BTreeMap<String, PathBuf>,
    /// Whether there are layers that belong to no text.
    pub(super) has_strays: bool,
    pub(super) theme: BTreeMap<String, Entry>,
    pub(super) strings: toml::Table,
    pub(super) highlighter: Highlighter,
    pub(super) pin: bool,
}

impl Loaded {
    pub(super) fn read(options: &Options, diagnostics: &mut Diagnostics) -> Option<Self> {
        let root = options.site.clone();
        let entry = Entry { path: site::FILE.to_owned(), on_disk: root.join(site::FILE) };
        let is_file = std::fs::symlink_metadata(&entry.on_disk).is_ok_and(|found| found.is_file());
        if !is_file {
            let message = format!("there is no {} in {}", site::FILE, root.display());
            diagnostics.push(
                Diagnostic::error(Code::SiteConfig, Place::of_path(site::FILE), message)
                    .help("name the folder of a site, or make one with `postil init`"),
            );
            return None;
        }
        let file = folder::read(&entry, diagnostics)?;
        let mut site = Site::read(&file, diagnostics);
        if let Some(base) = &options.base_url {
            site.base_url =
                if base.is_empty() || base.ends_with('/') { base.clone() } else { format!("{base}/") };
        }
        let mut sources = folder::list(&root, library::FOLDER, diagnostics);
        folder::refuse_misnamed(&mut sources, &["md"], diagnostics);
        let library = Library::read(sources, options.drafts, diagnostics);
        let mut notes = folder::list(&root, links::FOLDER, diagnostics);
        let endings: Vec<&str> = std::iter::once("md").chain(EXTENSIONS).collect();
        folder::refuse_misnamed(&mut notes, &endings, diagnostics);
        let theme = folder::list(&root, theme::FOLDER, diagnostics);
        let strings = theme::strings(&site, &theme, diagnostics);
        site.speak(Words::read(&strings));
        let mut loaded = Self {
            bibliography: Bibliography::default(),
            bibliographies: Vec::new(),
            citations: Vec::new(),
            layers: BTreeMap::new(),
            prose: Vec::new(),
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
            let name = path.rsplit('/').next().unwrap_or(&path);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension {
                "md" if links::page_of(&path).is_some() => {
                    self.prose.extend(folder::read(&entry, diagnostics));
                }
                "md" if path.split('/').any(|name| name.starts_with('_')) => {
                    let message = "a name that begins with `_` is no layer's";
                    diagnostics.push(
                        Diagnostic::error(Code::LayerNoSource, Place::of_path(&entry.path), message).help(
                            "rename it, or write `draft = true` into its front matter to leave its notes out",
                        ),
                    );
                }
                "md" => self.sort_layer(path.trim_end_matches(".md"), entry, diagnostics),
                // JSON that holds no works is a file that notes may link to.
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
            folder::read_named(
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
            // The file was reported; a known style lets the rest be checked.
            Some(None) => Style::Named("vancouver", self.site.citation_style_place.clone()),
        };
        self.bibliography = Bibliography::load(&bibliographies, &style, &self.site.language, diagnostics);
        self.bibliographies.extend(bibliographies);
        self.citations = schema::citations(&self.bibliography);
    }

    /// A layer belongs to the text with its own path, else to the one with its folder's.
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
                format!("rename it to {}/{near}.md: the nearest text is `{near}`", links::FOLDER)
            }
            None => {
                format!("put the text at {}/{path}.md, or move the layer to a text's path", library::FOLDER)
            }
        };
        let place = Place::of_path(entry.path);
        diagnostics
            .push(Diagnostic::error(Code::LayerNoSource, place, "the layer belongs to no text").help(help));
        self.has_strays = true;
    }

    /// The layers of a text, read.
    pub(super) fn layer_files(&self, source: &Source, diagnostics: &mut Diagnostics) -> Vec<Arc<File>> {
        let entries = self.layers.get(&source.path).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| folder::read(entry, diagnostics)).collect()
    }

    /// The addresses outside the site that texts, notes, pages and works link to.
    pub(super) fn addresses(&self) -> Addresses {
        let mut addresses = Addresses::new();
        for source in &self.library.sources {
            dead_links::gather(&source.file, source.body, &mut addresses);
        }
        // What cannot be read was reported before.
        let mut silent = Diagnostics::default();
        let layers = self.layers.values().flatten().filter_map(|entry| folder::read(entry, &mut silent));
        for file in layers.chain(self.prose.iter().cloned()) {
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
            layers: &self.layers,
            highlighter: &self.highlighter,
            audience: options.audience.as_deref(),
            drafts: options.drafts,
        }
    }

    /// The theme, with what all pages say of the edition.
    pub(super) fn theme(&self, present: &Present, diagnostics: &mut Diagnostics) -> Option<Theme> {
        Theme::load(&self.site, &self.theme, &self.strings, &self.shared(present), diagnostics)
    }

    /// What all pages say of the edition.
    pub(super) fn shared(&self, present: &Present) -> EditionPage<'_> {
        let mut pages: Vec<(i64, Target)> = Vec::new();
        for file in &self.prose {
            let path = file.path.trim_start_matches(links::FOLDER).trim_start_matches('/');
            if let Some(page) = links::page_of(path).filter(|_| path.starts_with("_pages/")) {
                let (weight, title) = site_page::heading(file);
                pages.push((weight, Target { title, href: page }));
            }
        }
        pages.sort_by(|a, b| (a.0, &a.1.href).cmp(&(b.0, &b.1.href)));
        EditionPage::new(&self.site, pages.into_iter().map(|(_, page)| page).collect(), present)
    }

    /// Reports outputs at one path, and names that some system cannot hold.
    pub(super) fn claim(&self, diagnostics: &mut Diagnostics) -> Claims {
        let mut claims = Claims::default();
        let mut claim = |path: &str, place: Place| match claims.claim(path, place) {
            Ok(()) => true,
            Err(problem) => {
                diagnostics.push(*problem);
                false
            }
        };
        for source in &self.library.sources {
            let place = library::whole(source);
            // One problem for a text is enough.
            let _ = claim(&source.page(), place.clone())
                && claim(&format!("{}/{}", source.path, annotations::FILE), place.clone())
                && (self.site.base_url.is_empty()
                    || claim(&format!("{}/{}", source.path, feed::FILE), place));
        }
        for path in self.library.assets.keys() {
            claim(path, Place::of_path(format!("{}/{path}", library::FOLDER)));
        }
        for path in self.note_assets.keys() {
            claim(&format!("{}/{path}", links::ASSETS), Place::of_path(format!("{}/{path}", links::FOLDER)));
        }
        for entry in &self.prose {
            let path = entry.path.trim_start_matches(links::FOLDER).trim_start_matches('/');
            if let Some(page) = links::page_of(path).filter(|page| *page != home_page(1)) {
                claim(&page, Place::of_path(&entry.path));
            }
        }
        claim(&home_page(1), Place::of_path(format!("{}/_index.md", links::FOLDER)));
        for number in 2..=self.library.sources.len().div_ceil(LISTED) {
            claim(&home_page(number), Place::new(&self.site.file, 0..0));
        }
        if self.site.search {
            let place = Place::new(&self.site.file, 0..0);
            // The index is whole: nothing else can stand in its folder.
            let _ = claim(search::PAGE, place.clone()) && claim(search::FOLDER, place);
        }
        // Two kinds with one register were reported where they stand.
        let mut registers = BTreeSet::new();
        for kind in self.site.kinds.iter().filter(|kind| registers.insert(kind.register.to_lowercase())) {
            let place = kind.register_place.clone().unwrap_or_else(|| Place::new(&self.site.file, 0..0));
            claim(&list_page(&kind.register, 1), place);
        }
        for path in
            self.theme.keys().filter(|path| !path.starts_with("templates/") && !path.starts_with("strings/"))
        {
            claim(&format!("{}/{path}", theme::OUTPUT), Place::of_path(format!("{}/{path}", theme::FOLDER)));
        }
        claims
    }
}
