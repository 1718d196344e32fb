//! A site kept in memory while people edit it: pages are rendered on request, and again after a change affects them.
//!
//! 1. A change to a source or a layer affects only that text, unless its title, front matter or headings change.
//! 2. Any other change reloads the site. Texts whose files and context are unchanged keep their output.
//! 3. In idle time, [`Session::work`] processes the texts that nobody has requested yet, so that all diagnostics are
//!    known and pages across texts are complete.
//!
//! If a page has errors, its last version without errors is served. This module does not deal with networks or with
//! watching files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::load::LoadedSite;
use super::options::{NoProgress, Options};
use super::page_writer::PageWriter;
use super::stages::Stages;
use super::text::{TextOutput, page_original, text};
use super::totals::Totals;
use super::write::{own_pages, site_pages};
use super::{pages, plan, write};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File};
use crate::names::address;
use crate::names::path::Claims;
use crate::notes::Layers;
use crate::page::{self, EditionPage, LayoutPage, PageSet, Planned, Target};
use crate::reader;
use crate::reader::edition::Edition;
use crate::reader::site_page::SitePage;
use crate::site::Site;
use crate::site::folder::{self, Entry};
use crate::text::library::{self, Source};
use crate::text::{self as reading, Text};
use crate::theme::Theme;

/// How many texts one step of idle work processes.
const AT_ONCE: usize = 32;

/// A site in memory.
pub struct Session {
    options: Options,
    loaded: LoadedSite,
    theme: Theme,
    present: PageSet,
    /// The output of each text, in the order of the library; `None` if it has to be processed.
    texts: Vec<Option<TextOutput>>,
    /// The number of the change that last affected each text.
    since: Vec<u64>,
    /// The number of the last change.
    now: u64,
    /// Diagnostics of the site that belong to no single text.
    general: Vec<Diagnostic>,
    /// Whether the files on disk have errors that prevent loading, so that the session shows an older state.
    behind: bool,
    /// Everything across texts; `None` until all texts are processed.
    settled: Option<Settled>,
    /// The links to the edition's own pages that every page has. A change to one of these pages reloads the site.
    own_pages: Vec<Target>,
    /// The edition's own pages, as they were read with the site; `None` if a text has changed since, because that can
    /// break their links.
    read: Option<ReadPages>,
    /// The totals from before the last change. They are dropped in idle time, because this takes long for a large site.
    stale: Option<Settled>,
    /// Pages rendered since the last change that affected them.
    fresh: BTreeMap<String, Arc<[u8]>>,
    /// The last version of each page that had no errors.
    good: BTreeMap<String, Arc<[u8]>>,
}

/// Everything across texts, once all texts are processed.
struct Settled {
    totals: Totals,
    site_pages: Vec<SitePage>,
    planned: BTreeMap<String, Planned>,
    claims: Claims,
    problems: Vec<Diagnostic>,
}

/// The edition's own pages, with the problems in them.
struct ReadPages {
    pages: Vec<SitePage>,
    problems: Diagnostics,
}

impl ReadPages {
    fn read(loaded: &LoadedSite, options: &Options) -> Self {
        let mut problems = Diagnostics::default();
        let pages = site_pages(loaded, &loaded.edition(options), &mut problems);
        Self { pages, problems }
    }
}

/// The pages that a change to files affects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// None.
    Nothing,
    /// The pages of these texts, and the pages across texts.
    Texts(BTreeSet<String>),
    /// All pages.
    All,
    /// None, because the site on disk cannot be loaded; the session keeps its state.
    Behind,
}

/// A page or another file to serve.
#[derive(Debug, Clone)]
pub enum Served {
    /// Rendered content, and the number of the change it is from.
    Made(Arc<[u8]>, u64),
    /// A file on disk.
    File(PathBuf),
    /// A page that has errors and no earlier version without errors.
    Failed(u64),
}

/// A text with its layers, opened for writing a note.
pub struct Opened<'s> {
    /// The settings in `site.toml`.
    pub site: &'s Site,
    /// The text.
    pub source: &'s Source,
    /// Its reading text.
    pub text: Text,
    /// Its layers in order, freshly read from disk.
    pub layers: Vec<Arc<File>>,
}

/// The role of a file in the site.
enum Role {
    Foreign,
    Layer(usize),
    Source(usize),
    Asset(Option<usize>),
    Template,
    Style,
    Structure,
}

/// Reads a site without the exports that `build` writes: they are made from all texts, so pages do not link to them.
fn read_site(options: &Options, diagnostics: &mut Diagnostics) -> Option<LoadedSite> {
    let mut loaded = LoadedSite::read(options, diagnostics)?;
    loaded.site.exports.clear();
    Some(loaded)
}

impl Session {
    /// Loads a site.
    ///
    /// # Errors
    ///
    /// Returns all diagnostics if there is no site, or its theme cannot be loaded.
    pub fn open(options: Options, begin: u64) -> Result<Self, Vec<Diagnostic>> {
        let mut diagnostics = Diagnostics::default();
        let Some(loaded) = read_site(&options, &mut diagnostics) else {
            return Err(diagnostics.into_sorted());
        };
        let present = plan::page_set(&loaded, &loaded.edition(&options));
        let read = ReadPages::read(&loaded, &options);
        let own_pages = own_pages(&read.pages);
        let Some(theme) = loaded.theme(&present, &own_pages, &mut diagnostics) else {
            return Err(diagnostics.into_sorted());
        };
        let count = loaded.library.sources.len();
        Ok(Self {
            texts: (0..count).map(|_| None).collect(),
            since: vec![begin; count],
            now: begin,
            general: diagnostics.into_sorted(),
            behind: false,
            settled: None,
            own_pages,
            read: Some(read),
            stale: None,
            fresh: BTreeMap::new(),
            good: BTreeMap::new(),
            options,
            loaded,
            theme,
            present,
        })
    }

    /// The site's folder.
    pub fn root(&self) -> &Path {
        &self.loaded.root
    }

    /// The settings in `site.toml`.
    pub fn site(&self) -> &Site {
        &self.loaded.site
    }

    /// The number of the last change.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// How many texts there are.
    pub fn count(&self) -> usize {
        self.texts.len()
    }

    /// All diagnostics known so far, sorted by place.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let mut all = Diagnostics::default();
        let texts = self.texts.iter().flatten().map(|made| made.diagnostics.clone());
        texts.for_each(|problems| all.extend(problems));
        let settled = self.settled.iter().flat_map(|settled| &settled.problems);
        settled.chain(&self.general).for_each(|problem| all.push(problem.clone()));
        all.into_sorted()
    }

    /// Whether all texts are processed and everything across them is known.
    pub fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    /// Processes some texts that nobody has requested yet, or everything across texts once all are processed.
    ///
    /// Returns the affected pages: all of them, if a kind of note has appeared or disappeared, since every page links to
    /// the registers.
    pub fn work(&mut self) -> Change {
        self.stale = None;
        let waiting: Vec<usize> =
            (0..self.texts.len()).filter(|&index| self.texts[index].is_none()).take(AT_ONCE).collect();
        if waiting.is_empty() {
            return self.settle();
        }
        let edition = self.loaded.edition(&self.options);
        let writer = PageWriter::nowhere();
        let made: Vec<(usize, TextOutput)> =
            waiting.into_par_iter().map(|index| (index, self.process(index, &edition, &writer))).collect();
        for (index, made) in made {
            self.texts[index] = Some(made);
        }
        Change::Nothing
    }

    /// Whether the page at `path` has changed since the change numbered `since`.
    pub fn has_changed(&self, path: &str, since: u64) -> bool {
        self.last_change(path) > since
    }

    /// The number of the change that last affected a page.
    fn last_change(&self, path: &str) -> u64 {
        self.text_at(path).map_or(self.now, |index| self.since[index])
    }

    /// The text whose page, annotations or feed is at `path`.
    fn text_at(&self, path: &str) -> Option<usize> {
        let (folder, _) = path.rsplit_once('/')?;
        let index = self.loaded.library.position(folder)?;
        (!self.loaded.library.assets.contains_key(path)).then_some(index)
    }

    /// The page or file at `path`, if the site has one.
    pub fn serve(&mut self, path: &str) -> Option<Served> {
        if let Some(text) = self.theme.generated.get(path) {
            return Some(Served::Made(Arc::from(text.as_bytes()), self.now));
        }
        if let Some(file) = self.theme.copied.get(path).or_else(|| self.asset(path)) {
            return Some(Served::File(file.clone()));
        }
        if !self.fresh.contains_key(path) {
            if let Some(index) = self.text_at(path) {
                self.process_and_keep(index);
            } else if path.starts_with(&format!("{}/", address::THEME_FILES)) {
                self.render_layout(path);
            } else {
                self.render_cross_page(path);
            }
        }
        let stamp = self.last_change(path);
        let fresh = self.fresh.get(path);
        let broken = self.text_at(path).is_some_and(|index| self.is_broken(index));
        // A removed page must not be served from an earlier version.
        let good = self.good.get(path).filter(|_| broken || (fresh.is_none() && self.is_page(path)));
        if let Some(page) = good.or(fresh) {
            return Some(Served::Made(Arc::clone(page), stamp));
        }
        self.is_page(path).then_some(Served::Failed(stamp))
    }

    /// Whether the site has a page at `path`.
    fn is_page(&self, path: &str) -> bool {
        let text = self.text_at(path).map(|index| self.loaded.library.sources[index].page());
        let is_cross_page = self.settled.as_ref().is_some_and(|settled| settled.planned.contains_key(path));
        is_cross_page || text.as_deref() == Some(path)
    }

    fn stages<'s>(&'s self, edition: &'s Edition<'s>, writer: &'s PageWriter) -> Stages<'s> {
        Stages { site: &self.loaded, edition, page_set: &self.present, theme: &self.theme, writer }
    }

    fn asset(&self, path: &str) -> Option<&PathBuf> {
        let asset = self.loaded.library.assets.get(path).filter(|_| {
            !self.loaded.library.sources.iter().any(|source| page_original(source).as_deref() == Some(path))
        });
        let note = || path.strip_prefix(address::NOTE_ASSETS)?.strip_prefix('/');
        asset.or_else(|| self.loaded.note_assets.get(note()?))
    }

    fn is_broken(&self, index: usize) -> bool {
        self.texts[index].as_ref().is_some_and(|made| made.diagnostics.has_errors())
    }

    /// Processes a text. Its annotations are dropped: files across texts process all texts again.
    fn process(&self, index: usize, edition: &Edition<'_>, writer: &PageWriter) -> TextOutput {
        let made = text(&self.stages(edition, writer), index, None);
        TextOutput { annotations: Vec::new(), ..made }
    }

    /// Processes a text and keeps its pages.
    fn process_and_keep(&mut self, index: usize) {
        let edition = self.loaded.edition(&self.options);
        let writer = PageWriter::memory("");
        let made = self.process(index, &edition, &writer);
        let broken = made.diagnostics.has_errors();
        self.texts[index] = Some(made);
        self.keep_pages(writer, broken);
    }

    fn render_layout(&mut self, path: &str) {
        let rows = |session: &Self| {
            session.texts.iter().flatten().map(|made| made.rows).find(|&rows| address::layout(rows) == path)
        };
        // A browser requests it after the page of a text, so the text is processed or soon will be.
        while rows(self).is_none() && !self.is_settled() {
            self.work();
        }
        let Some(rows) = rows(self) else { return };
        let writer = PageWriter::memory("");
        let mut problems = Diagnostics::default();
        writer.render(&self.theme, &LayoutPage::new(rows), &[("layout.css", path)], &mut problems);
        self.keep_pages(writer, problems.has_errors());
    }

    fn keep_pages(&mut self, writer: PageWriter, broken: bool) {
        for (path, page) in writer.into_kept() {
            let page: Arc<[u8]> = Arc::from(page);
            if !broken {
                self.good.insert(path.clone(), Arc::clone(&page));
            }
            self.fresh.insert(path, page);
        }
    }

    /// Renders a page across texts. Other files, such as parts of the search index, need a full build.
    fn render_cross_page(&mut self, path: &str) {
        while !self.is_settled() {
            self.work();
        }
        let Some(settled) = &self.settled else { return };
        let mut problems = Diagnostics::default();
        let prefix = path.split_once('/').map_or(path, |(folder, _)| folder);
        let writer = match settled.planned.get(path) {
            Some(planned) => {
                let writer = PageWriter::memory(path);
                let edition = self.loaded.edition(&self.options);
                let stages = self.stages(&edition, &writer);
                let context = pages::context(&stages, &settled.totals, &settled.site_pages);
                let write =
                    |path: &str, page: &[u8], problems: &mut Diagnostics| writer.write(path, page, problems);
                problems.extend(page::render(&context, planned, &write));
                writer
            }
            None if settled.claims.holds(path) => {
                let wanted = if prefix.starts_with('_') { format!("{prefix}/") } else { path.to_owned() };
                let writer = PageWriter::memory(wanted);
                let mut claims = plan::claim_inputs(&self.loaded, &mut Diagnostics::default());
                let edition = self.loaded.edition(&self.options);
                let stages = self.stages(&edition, &writer);
                write::pages(&stages, &settled.site_pages, &mut claims, &NoProgress, &mut problems);
                writer
            }
            None => return,
        };
        self.keep_pages(writer, problems.has_errors());
    }

    /// Computes everything across texts, once all texts are processed.
    fn settle(&mut self) -> Change {
        let mut diagnostics = Diagnostics::default();
        let mut totals = Totals::default();
        for made in self.texts.iter().flatten() {
            // The diagnostics of a text are kept with its output.
            totals.add(made.clone(), &mut Diagnostics::default());
        }
        let change = self.update_page_set(&totals);
        let read = self.read.take().unwrap_or_else(|| ReadPages::read(&self.loaded, &self.options));
        let site_pages = read.pages;
        diagnostics.extend(read.problems);
        let edition = self.loaded.edition(&self.options);
        totals.verify(&self.loaded, &edition, &site_pages, &mut diagnostics);
        let mut claims = plan::claim_inputs(&self.loaded, &mut diagnostics);
        let writer = PageWriter::nowhere();
        let stages = self.stages(&edition, &writer);
        let context = pages::context(&stages, &totals, &site_pages);
        let all = page::plan(&context);
        plan::claim_cross_pages(&self.loaded, &context, &all, &mut claims, &mut diagnostics);
        let planned = all.into_iter().map(|planned| (planned.1.path.clone(), planned)).collect();
        let problems = diagnostics.into_sorted();
        self.settled = Some(Settled { totals, site_pages, planned, claims, problems });
        change
    }

    /// Updates the set of kinds of page, which the header of every page links to.
    fn update_page_set(&mut self, totals: &Totals) -> Change {
        let entries = &totals.registers.entries;
        let kinds = entries.iter().filter_map(|entry| entry.kind).collect();
        let guidelines = entries.iter().any(|entry| !entry.guidelines.is_empty());
        let present = PageSet { kinds, guidelines, works: self.present.works };
        if present == self.present {
            return Change::Nothing;
        }
        self.present = present;
        let shared = EditionPage::new(&self.loaded.site, self.own_pages.clone(), &self.present);
        self.theme.set_edition(&shared);
        self.fresh.clear();
        self.now += 1;
        self.since.iter_mut().for_each(|since| *since = self.now);
        Change::All
    }

    /// Updates the session after files were changed, added or removed; `files` are paths on disk.
    pub fn change(&mut self, files: &BTreeSet<PathBuf>) -> Change {
        let mut texts = BTreeSet::new();
        let (mut all, mut must_reload, mut templates) = (false, self.behind, false);
        let relative: BTreeSet<String> = files.iter().filter_map(|file| self.relative(file)).collect();
        let mut seen = false;
        for path in &relative {
            let role = self.role(path);
            seen |= !matches!(role, Role::Foreign);
            match role {
                Role::Foreign => {}
                Role::Layer(index) | Role::Asset(Some(index)) => _ = texts.insert(index),
                Role::Asset(None) | Role::Style => all = true,
                Role::Template => templates = true,
                Role::Structure => must_reload = true,
                Role::Source(index) => {
                    texts.insert(index);
                    must_reload |= !self.reread(index);
                }
            }
        }
        if !seen {
            return Change::Nothing;
        }
        self.now += 1;
        let names: BTreeSet<String> =
            texts.iter().map(|&index| self.loaded.library.sources[index].path.clone()).collect();
        if must_reload && self.reload(&names) {
            return Change::All;
        }
        // Even if the site cannot be reloaded, a changed text can be processed with the previous state.
        if must_reload && texts.is_empty() {
            return Change::Behind;
        }
        // Dropping the totals of a large site takes long, so it is left to idle time.
        self.stale = self.settled.take();
        self.read = None;
        self.drop_cross_pages();
        for &index in &texts {
            self.since[index] = self.now;
            self.texts[index] = None;
            self.drop_pages(index);
        }
        if templates || all {
            self.reload_theme(templates);
            return Change::All;
        }
        if texts.len() <= AT_ONCE {
            texts.iter().for_each(|&index| self.process_and_keep(index));
        }
        Change::Texts(names)
    }

    /// Drops the rendered pages of a text.
    fn drop_pages(&mut self, index: usize) {
        let folder = format!("{}/", self.loaded.library.sources[index].path);
        let own: Vec<String> = self
            .fresh
            .range(folder.clone()..)
            .take_while(|(path, _)| path.starts_with(&folder))
            .map(|(path, _)| path.clone())
            .collect();
        own.iter().for_each(|path| _ = self.fresh.remove(path));
    }

    /// Drops the rendered pages across texts.
    fn drop_cross_pages(&mut self) {
        let library = &self.loaded.library;
        self.fresh.retain(|path, _| {
            path.rsplit_once('/').is_some_and(|(folder, _)| library.position(folder).is_some())
        });
    }

    /// The path of a file from the site's folder.
    fn relative(&self, file: &Path) -> Option<String> {
        let relative = file.strip_prefix(&self.loaded.root).ok()?;
        let names: Option<Vec<&str>> = relative.iter().map(|name| name.to_str()).collect();
        Some(names?.join("/"))
    }

    fn role(&self, path: &str) -> Role {
        if path.split('/').any(|name| name.starts_with('.')) {
            return Role::Foreign;
        }
        let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
        // The system reports the whole folder if it dropped events.
        if path.is_empty() {
            return Role::Structure;
        }
        let is_there = self.loaded.root.join(path).is_file();
        // Editors write a temporary file and rename it. A file that no longer exists is not part of the site.
        if !is_there && !self.includes(path) && !self.loaded.root.join(path).is_dir() {
            return Role::Foreign;
        }
        let style = self.loaded.site.citation_style == path;
        match folder {
            _ if path == address::CONFIG || style => Role::Structure,
            address::SOURCES | address::ANNOTATIONS | address::THEME if !is_there => Role::Structure,
            address::SOURCES => self.source_role(path, rest),
            address::ANNOTATIONS => self.layer_role(path, rest),
            address::THEME if !self.loaded.theme.contains_key(rest) => Role::Structure,
            address::THEME if rest.starts_with("templates/") => Role::Template,
            address::THEME if rest.starts_with("strings/") => Role::Structure,
            address::THEME => Role::Style,
            _ => Role::Foreign,
        }
    }

    /// Whether the loaded site includes a file at `path`, or in a folder of that name.
    fn includes(&self, path: &str) -> bool {
        let loaded = &self.loaded;
        let at = |known: &str| {
            known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let below = |folder: &str, known: &str| at(&format!("{folder}/{known}"));
        at(address::CONFIG)
            || loaded.library.sources.iter().any(|source| at(&source.file.path))
            || loaded.library.assets.keys().any(|known| below(address::SOURCES, known))
            || loaded.library.drafts.iter().chain(&loaded.library.unread).any(|known| {
                at(&format!("{}/{known}.md", address::SOURCES)) || below(address::SOURCES, &format!("{known}/index.md"))
            })
            || loaded.layers.values().flatten().any(|entry| at(&entry.path))
            || loaded.site_pages.iter().chain(&loaded.bibliographies).any(|file| at(&file.path))
            || loaded.note_assets.keys().any(|known| below(address::ANNOTATIONS, known))
            || loaded.theme.keys().any(|known| below(address::THEME, known))
            // A file that could not be loaded is found by its diagnostic.
            || self.general.iter().any(|problem| at(&problem.place.file.path))
    }

    fn source_role(&self, path: &str, rest: &str) -> Role {
        let library = &self.loaded.library;
        let text = library.position(&library::path_of(path));
        if let Some(index) = text.filter(|&index| library.sources[index].file.path == path) {
            return Role::Source(index);
        }
        if library.assets.contains_key(rest) {
            let folder = rest.rsplit_once('/').map_or("", |(folder, _)| folder);
            return Role::Asset(library.position(folder));
        }
        Role::Structure
    }

    fn layer_role(&self, path: &str, rest: &str) -> Role {
        let stem = rest.strip_suffix(".md").unwrap_or(rest);
        let own = [stem, stem.rsplit_once('/').map_or("", |(folder, _)| folder)];
        for text in own {
            let entries = self.loaded.layers.get(text).map(Vec::as_slice).unwrap_or_default();
            if entries.iter().any(|entry| entry.path == path) {
                return self.loaded.library.position(text).map_or(Role::Structure, Role::Layer);
            }
        }
        if self.loaded.note_assets.contains_key(rest) { Role::Asset(None) } else { Role::Structure }
    }

    /// Reads a text again. Returns whether the data that other pages show about it is unchanged.
    fn reread(&mut self, index: usize) -> bool {
        let old = &self.loaded.library.sources[index];
        let entry = Entry { path: old.file.path.clone(), on_disk: self.loaded.root.join(&old.file.path) };
        let mut problems = Diagnostics::default();
        let Some(file) = folder::read(&entry, &mut problems) else { return false };
        let new = library::parse(file, &mut problems);
        if !problems.is_empty() || new.front != old.front || new.title != old.title {
            return false;
        }
        let highlighter = &self.loaded.highlighter;
        if reading::link_targets(&new, highlighter) != reading::link_targets(old, highlighter) {
            return false;
        }
        if self.general.iter().any(|problem| problem.place.file.path == entry.path) {
            return false;
        }
        self.loaded.library.sources[index] = new;
        true
    }

    /// Reloads the site and keeps the output of unaffected texts. Returns whether the site could be loaded.
    fn reload(&mut self, changed: &BTreeSet<String>) -> bool {
        let mut diagnostics = Diagnostics::default();
        let loaded = read_site(&self.options, &mut diagnostics);
        let Some(loaded) = loaded.filter(|_| diagnostics.errors().all(is_local)) else {
            // Keep the previous state and report the errors.
            self.behind = true;
            self.general = diagnostics.into_sorted();
            self.settled = None;
            return false;
        };
        self.behind = false;
        let old = std::mem::replace(&mut self.loaded, loaded);
        self.reuse_output(&old, changed);
        self.present = plan::page_set(&self.loaded, &self.loaded.edition(&self.options));
        let read = ReadPages::read(&self.loaded, &self.options);
        self.own_pages = own_pages(&read.pages);
        self.read = Some(read);
        if let Some(theme) = self.loaded.theme(&self.present, &self.own_pages, &mut diagnostics) {
            self.theme = theme;
        }
        self.general = diagnostics.into_sorted();
        self.settled = None;
        self.fresh.clear();
        let library = &self.loaded.library;
        self.good.retain(|path, _| match path.rsplit_once('/') {
            Some((folder, _)) => library.position(folder).is_some(),
            None => true,
        });
        true
    }

    /// Moves the output of unaffected texts to their indices in the new library.
    fn reuse_output(&mut self, old: &LoadedSite, changed: &BTreeSet<String>) {
        let alike = self.loaded.is_like(old);
        let mut made: BTreeMap<&str, (Option<TextOutput>, u64)> = BTreeMap::new();
        let texts = std::mem::take(&mut self.texts);
        for ((source, text), since) in old.library.sources.iter().zip(texts).zip(&self.since) {
            let kept = text.filter(|_| alike && !changed.contains(&source.path));
            made.insert(&source.path, (kept, *since));
        }
        let mut since = Vec::with_capacity(self.loaded.library.sources.len());
        for source in &self.loaded.library.sources {
            let before = made.remove(source.path.as_str());
            let layers = |loaded: &LoadedSite| loaded.layers.get(&source.path).cloned().unwrap_or_default();
            let same = layers(old) == layers(&self.loaded);
            match before {
                Some((Some(made), at)) if same => {
                    self.texts.push(Some(made));
                    since.push(at);
                }
                _ => {
                    self.texts.push(None);
                    since.push(self.now);
                }
            }
        }
        self.since = since;
    }

    /// Reloads the theme. If templates changed, all pages have to be rendered again.
    fn reload_theme(&mut self, templates: bool) {
        let mut diagnostics = Diagnostics::default();
        let theme = self.loaded.theme(&self.present, &self.own_pages, &mut diagnostics);
        let is_of_theme = |problem: &Diagnostic| problem.place.file.path.starts_with("theme/");
        self.general.retain(|problem| !is_of_theme(problem));
        let failed = diagnostics.has_errors();
        self.general.extend(diagnostics.into_sorted());
        if let Some(theme) = theme.filter(|_| !failed) {
            self.theme = theme;
        }
        if templates && !failed {
            self.fresh.clear();
            self.texts.iter_mut().for_each(|text| *text = None);
            self.since.iter_mut().for_each(|since| *since = self.now);
        }
    }

    /// Opens the text at `path` for writing a note.
    pub fn text(&self, path: &str) -> Option<Opened<'_>> {
        let source = self.loaded.library.source(path)?;
        let mut silent = Diagnostics::default();
        let text = reading::parse(source, &self.loaded.library, &self.loaded.highlighter, &mut silent);
        let files = self.loaded.layer_files(source, &mut silent);
        let layers = Layers::read(&files, &self.loaded.site, &mut silent);
        let layers = layers.iter().map(|layer| Arc::clone(layer.file)).collect();
        Some(Opened { site: &self.loaded.site, layers, source, text })
    }

    /// The diagnostics that a text would have with these layers.
    pub fn trial(&self, opened: &Opened<'_>, layers: &[Arc<File>]) -> Vec<Diagnostic> {
        let mut diagnostics = Diagnostics::default();
        let edition = self.loaded.edition(&self.options);
        let layers = Layers::read(layers, &self.loaded.site, &mut diagnostics);
        let read = reader::read(opened.source, &opened.text, &layers, &edition, &mut diagnostics);
        if let Some(settled) = &self.settled {
            for link in read.links.pending {
                link.verify(&settled.totals.index, &mut diagnostics);
            }
        }
        diagnostics.into_sorted()
    }
}

/// Whether the rest of the site can be loaded despite an error: an unassigned layer, or two outputs at one path.
fn is_local(problem: &Diagnostic) -> bool {
    matches!(problem.code, Code::LayerNoSource | Code::SitePath)
}

impl LoadedSite {
    /// Whether everything that affects all texts is the same as in `other`.
    fn is_like(&self, other: &Self) -> bool {
        let texts = |loaded: &Self| {
            let sources = loaded.library.sources.iter();
            sources.map(|source| Arc::clone(&source.file)).collect::<Vec<_>>()
        };
        let same_texts = texts(self) == texts(other);
        let pages =
            |loaded: &Self| loaded.site_pages.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
        same_texts
            && pages(self) == pages(other)
            && self.site.file == other.site.file
            && self.strings == other.strings
            && self.theme.keys().eq(other.theme.keys())
            && self.library.assets == other.library.assets
            && self.note_assets == other.note_assets
            && self.bibliographies == other.bibliographies
    }
}
