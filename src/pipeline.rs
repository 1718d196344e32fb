//! The stages in order; the only place that knows them all.
//!
//! Load, parse, anchor, weave, derive, render, write. A text goes through all of them at once, in
//! parallel with others, and is let go when its pages are written, so that memory does not grow with
//! the site; what other pages need of it is kept small. Pages are written into a folder beside the
//! site that was there before, and nothing is published unless everything was made.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bibliography::{Bibliography, Style};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::edition::Edition;
use crate::export::annotations;
use crate::highlight::Highlighter;
use crate::layer::Layers;
use crate::load::{self, Entry};
use crate::notelink::{self, Index, Known, Promise};
use crate::original;
use crate::output::{self, Staging};
use crate::page::{
    EditionPage, HomePage, LAYOUT, LISTED, Original, ProsePage, ReaderPage, SearchPage, Summary,
    Surroundings, Target, home_page,
};
use crate::path::{Claims, relative};
use crate::prose::{self, Prose};
use crate::reader;
use crate::search::{self, Classes, Part};
use crate::site::{self, Site};
use crate::source::{self, Library, Source};
use crate::span::{File, Place};
use crate::text;
use crate::theme::{self, Theme};

/// What to build, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The site's folder.
    pub site: PathBuf,
    /// Where to write, if not where `site.toml` says.
    pub output: Option<PathBuf>,
    /// The address of the published site, if not the one `site.toml` says.
    pub base_url: Option<String>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// For whom to build, besides everyone.
    pub audience: Option<String>,
    /// Whether pages are made and thrown away.
    pub dry: bool,
    /// Whether layers are to be pinned to the texts as they are now.
    pub pin: bool,
}

/// What came of a build.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// The folder that was published, if it was.
    pub published: Option<PathBuf>,
    /// How many texts there are.
    pub texts: usize,
    /// How many notes they have.
    pub notes: usize,
    /// How many works they cite.
    pub works: usize,
    /// How many files were written.
    pub files: usize,
    /// How many bytes they hold.
    pub bytes: usize,
}

/// Told of each text that is done: how many there are, and that one more is.
pub trait Watch: Sync {
    /// There are `total` texts.
    fn begin(&self, total: usize);
    /// One more is done.
    fn step(&self);
}

/// Builds a site.
pub fn build(options: &Options, watch: &dyn Watch) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let mut outcome = Outcome::default();
    let published = run(options, watch, &mut outcome, &mut diagnostics);
    outcome.published = published;
    outcome.diagnostics = diagnostics.into_sorted();
    outcome
}

fn run(
    options: &Options,
    watch: &dyn Watch,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let loaded = Loaded::read(options, diagnostics)?;
    loaded.claim(diagnostics);
    let sink = Sink::open(options, &loaded, diagnostics);

    let edition = loaded.edition(options);
    let theme = Theme::load(&loaded.site, &loaded.theme, &loaded.shared(), diagnostics)?;
    watch.begin(loaded.library.sources.len());
    let classes = Classes::of(&loaded.site);
    let mut derived = Derived::default();
    let count = loaded.library.sources.len();
    for start in (0..count).step_by(AT_ONCE) {
        let some = start..count.min(start + AT_ONCE);
        for made in texts(some, &loaded, &edition, &classes, &theme, &sink, watch) {
            derived.add(made, diagnostics);
        }
    }
    let pages = prose_pages(&loaded, &edition, diagnostics);
    derived.prove(&loaded, &pages, diagnostics);
    render_pages(&loaded, &theme, &sink, &pages, &derived, diagnostics);
    write_search(&loaded, &classes, &theme, &sink, &mut derived, diagnostics);
    copy_files(&loaded, &theme, &sink, diagnostics);

    derived.count(&loaded, &sink, outcome);
    if diagnostics.has_errors() {
        return None;
    }
    sink.publish(diagnostics)
}

/// A site, loaded.
struct Loaded {
    root: PathBuf,
    site: Site,
    library: Library,
    bibliography: Bibliography,
    layers: BTreeMap<String, Vec<Entry>>,
    prose: Vec<Entry>,
    note_assets: BTreeMap<String, PathBuf>,
    theme: BTreeMap<String, Entry>,
    highlighter: Highlighter,
    pin: bool,
}

impl Loaded {
    fn read(options: &Options, diagnostics: &mut Diagnostics) -> Option<Self> {
        let root = options.site.clone();
        let entry = Entry { path: site::FILE.to_owned(), on_disk: root.join(site::FILE) };
        if !entry.on_disk.is_file() {
            let message = format!("there is no {} in {}", site::FILE, root.display());
            diagnostics.push(
                Diagnostic::error(Code::SiteConfig, Place::of_path(site::FILE), message)
                    .help("name the folder of a site, or make one with `postil init`"),
            );
            return None;
        }
        let file = load::read(&entry, diagnostics)?;
        let mut site = Site::read(&file, diagnostics);
        if let Some(base) = &options.base_url {
            site.base_url =
                if base.is_empty() || base.ends_with('/') { base.clone() } else { format!("{base}/") };
        }
        let sources = load::list(&root, source::FOLDER, diagnostics);
        let library = Library::read(sources, options.drafts, diagnostics);
        let notes = load::list(&root, notelink::FOLDER, diagnostics);
        let theme = load::list(&root, theme::FOLDER, diagnostics);
        let mut loaded = Self {
            bibliography: Bibliography::default(),
            layers: BTreeMap::new(),
            prose: Vec::new(),
            note_assets: BTreeMap::new(),
            highlighter: Highlighter::default(),
            pin: options.pin,
            root,
            site,
            library,
            theme,
        };
        loaded.sort_notes(notes, diagnostics);
        Some(loaded)
    }

    /// Sorts the files of `annotations/` into layers, pages, bibliographies and other files.
    fn sort_notes(&mut self, files: BTreeMap<String, Entry>, diagnostics: &mut Diagnostics) {
        let mut bibliographies = Vec::new();
        for (path, entry) in files {
            let name = path.rsplit('/').next().unwrap_or(&path);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension {
                "md" if prose::page_of(&path).is_some() => self.prose.push(entry),
                "md" if path.split('/').any(|name| name.starts_with('_')) => {}
                "md" => self.sort_layer(path.trim_end_matches(".md"), entry, diagnostics),
                "yaml" | "yml" | "bib" => bibliographies.extend(load::read(&entry, diagnostics)),
                _ => _ = self.note_assets.insert(path, entry.on_disk),
            }
        }
        let csl = self.site.citation_style.ends_with(".csl").then(|| {
            load::read_named(
                &self.root,
                &self.site.citation_style,
                &self.site.citation_style_place,
                diagnostics,
            )
        });
        let style = match csl {
            None => Style::Named(&self.site.citation_style, self.site.citation_style_place.clone()),
            Some(Some(file)) => Style::Csl(file),
            // The file was reported; a known style lets the rest be checked.
            Some(None) => Style::Named("vancouver", self.site.citation_style_place.clone()),
        };
        self.bibliography = Bibliography::load(&bibliographies, &style, &self.site.language, diagnostics);
    }

    /// A layer belongs to the text with its own path, else to the one with its folder's.
    fn sort_layer(&mut self, path: &str, entry: Entry, diagnostics: &mut Diagnostics) {
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        let own = self.library.source(path).or_else(|| folder.and_then(|folder| self.library.source(folder)));
        if let Some(source) = own {
            self.layers.entry(source.path.clone()).or_default().push(entry);
            return;
        }
        if self.library.drafts.iter().any(|draft| draft == path || Some(draft.as_str()) == folder) {
            return;
        }
        let known = self.library.sources.iter().map(|source| source.path.as_str());
        let help = match nearest(path, known) {
            Some(near) => {
                format!("rename it to {}/{near}.md: the nearest text is `{near}`", notelink::FOLDER)
            }
            None => {
                format!("put the text at {}/{path}.md, or move the layer to a text's path", source::FOLDER)
            }
        };
        let place = Place::of_path(entry.path);
        diagnostics
            .push(Diagnostic::error(Code::LayerNoSource, place, "the layer belongs to no text").help(help));
    }

    fn edition<'l>(&'l self, options: &'l Options) -> Edition<'l> {
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

    /// What all pages say of the edition.
    fn shared(&self) -> EditionPage<'_> {
        let mut pages: Vec<(i64, Target)> = Vec::new();
        for entry in &self.prose {
            let mut silent = Diagnostics::default();
            let path = entry.path.trim_start_matches(notelink::FOLDER).trim_start_matches('/');
            let Some((page, file)) = prose::page_of(path).zip(load::read(entry, &mut silent)) else {
                continue;
            };
            if path.starts_with("_pages/") {
                let (weight, title) = prose::heading(&file);
                pages.push((weight, Target { title, href: page }));
            }
        }
        pages.sort_by(|a, b| (a.0, &a.1.href).cmp(&(b.0, &b.1.href)));
        EditionPage::new(&self.site, pages.into_iter().map(|(_, page)| page).collect())
    }

    /// Reports outputs at one path, and names that some system cannot hold.
    fn claim(&self, diagnostics: &mut Diagnostics) {
        let mut claims = Claims::default();
        let mut claim = |path: &str, place: Place| match claims.claim(path, place) {
            Ok(()) => true,
            Err(problem) => {
                diagnostics.push(*problem);
                false
            }
        };
        for source in &self.library.sources {
            let place = source::whole(source);
            // One problem for a text is enough.
            let _ = claim(&source.page(), place.clone())
                && claim(&format!("{}/{}", source.path, annotations::FILE), place.clone())
                && claim(&format!("{}/{LAYOUT}", source.path), place);
        }
        for path in self.library.assets.keys() {
            claim(path, Place::of_path(format!("{}/{path}", source::FOLDER)));
        }
        for path in self.note_assets.keys() {
            claim(
                &format!("{}/{path}", notelink::ASSETS),
                Place::of_path(format!("{}/{path}", notelink::FOLDER)),
            );
        }
        for entry in &self.prose {
            let path = entry.path.trim_start_matches(notelink::FOLDER).trim_start_matches('/');
            if let Some(page) = prose::page_of(path).filter(|page| *page != home_page(1)) {
                claim(&page, Place::of_path(&entry.path));
            }
        }
        claim(&home_page(1), Place::of_path(format!("{}/_index.md", notelink::FOLDER)));
        if self.library.sources.len() > LISTED {
            claim(&home_page(2), Place::new(&self.site.file, 0..0));
        }
        if self.site.search {
            let place = Place::new(&self.site.file, 0..0);
            // The index is whole: nothing else can stand in its folder.
            let _ = claim(search::PAGE, place.clone()) && claim(search::FOLDER, place);
        }
        for kind in &self.site.kinds {
            claim(&format!("{}/index.html", kind.register), Place::new(&self.site.file, 0..0));
        }
        for path in
            self.theme.keys().filter(|path| !path.starts_with("templates/") && !path.starts_with("strings/"))
        {
            claim(&format!("{}/{path}", theme::OUTPUT), Place::of_path(format!("{}/{path}", theme::FOLDER)));
        }
    }
}

/// Where pages go: into a folder beside the old site, or nowhere.
struct Sink {
    staging: Option<Staging>,
    destination: PathBuf,
    files: AtomicUsize,
    bytes: AtomicUsize,
}

impl Sink {
    fn open(options: &Options, loaded: &Loaded, diagnostics: &mut Diagnostics) -> Self {
        let destination = options.output.clone().unwrap_or_else(|| loaded.root.join(&loaded.site.output));
        let protected =
            [source::FOLDER, notelink::FOLDER, theme::FOLDER].map(|folder| loaded.root.join(folder));
        let protected: Vec<&Path> = protected.iter().map(PathBuf::as_path).collect();
        // Where there are errors already, nothing will be published.
        let begun = if options.dry || diagnostics.has_errors() {
            output::prove(&destination, &loaded.root, &protected).map(|()| None)
        } else {
            Staging::begin(&destination, &loaded.root, &protected).map(Some)
        };
        let staging = match begun {
            Ok(staging) => staging,
            Err(error) => {
                diagnostics.push(error.into_diagnostic());
                None
            }
        };
        Self { staging, destination, files: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    fn write(&self, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        if let Some(Err(error)) = self.staging.as_ref().map(|staging| staging.write(path, bytes)) {
            diagnostics.push(error.into_diagnostic());
        }
    }

    /// Renders templates with the same values, each to its file.
    fn render(
        &self,
        theme: &Theme,
        page: &impl Serialize,
        templates: &[(&str, &str)],
        diagnostics: &mut Diagnostics,
    ) {
        let values = match theme.values(page) {
            Ok(values) => values,
            Err(problem) => return diagnostics.push(*problem),
        };
        for (template, path) in templates {
            match theme.render(template, &values) {
                Ok(made) => self.write(path, made.as_bytes(), diagnostics),
                Err(problem) => diagnostics.push(*problem),
            }
        }
    }

    fn copy(&self, path: &str, from: &Path, diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        if let Some(Err(error)) = self.staging.as_ref().map(|staging| staging.copy(path, from)) {
            diagnostics.push(error.into_diagnostic());
        }
    }

    fn publish(self, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
        match self.staging?.publish() {
            Ok(()) => Some(self.destination),
            Err(error) => {
                diagnostics.push(error.into_diagnostic());
                None
            }
        }
    }
}

/// What is kept of a text when its pages are written.
struct Made {
    summary: Summary,
    path: String,
    known: BTreeMap<String, Known>,
    promises: Vec<Promise>,
    cited: Vec<String>,
    part: Part,
    diagnostics: Diagnostics,
}

/// How many texts are read before what is kept of them is put together, so that the parts of all texts are never
/// held at once.
const AT_ONCE: usize = 512;

fn texts(
    some: Range<usize>,
    loaded: &Loaded,
    edition: &Edition<'_>,
    classes: &Classes,
    theme: &Theme,
    sink: &Sink,
    watch: &dyn Watch,
) -> Vec<Made> {
    some.into_par_iter()
        .map(|index| {
            let made = text(index, loaded, edition, classes, theme, sink);
            watch.step();
            made
        })
        .collect()
}

/// Takes one text through all stages.
fn text(
    index: usize,
    loaded: &Loaded,
    edition: &Edition<'_>,
    classes: &Classes,
    theme: &Theme,
    sink: &Sink,
) -> Made {
    let mut diagnostics = Diagnostics::default();
    let source = &loaded.library.sources[index];
    let entries = loaded.layers.get(&source.path).map(Vec::as_slice).unwrap_or_default();
    let files: Vec<Arc<File>> =
        entries.iter().filter_map(|entry| load::read(entry, &mut diagnostics)).collect();
    let text = text::parse(source, &loaded.library, &loaded.highlighter, &mut diagnostics);
    let original = original(source, &text, loaded, &mut diagnostics);
    let layers = Layers::read(&files, &loaded.site, &mut diagnostics);
    review(source, &layers, loaded.pin, &mut diagnostics);

    let reader = reader::read(source, &text, &layers, edition, &mut diagnostics);
    let summary = Summary::of(&reader);
    let surroundings = Surroundings {
        site: &loaded.site,
        library: &loaded.library,
        bibliography: &loaded.bibliography,
        index,
        original,
        summary: &summary,
    };
    let page = ReaderPage::new(&reader, surroundings);
    let page_file = source.page();
    let layout_file = format!("{}/{LAYOUT}", source.path);
    sink.render(theme, &page, &[("reader.html", &page_file), ("layout.css", &layout_file)], &mut diagnostics);
    let json = annotations::write(&reader, &loaded.site);
    sink.write(&format!("{}/{}", source.path, annotations::FILE), &json, &mut diagnostics);

    let mut part = Part::default();
    if loaded.site.search {
        let scripts;
        (part, scripts) = Part::of(&reader, index, classes);
        for script in scripts {
            sink.write(&script.path, &script.bytes, &mut diagnostics);
        }
    }

    let known = layers.notes().map(|(_, layer, note)| {
        let audience = Layers::audience(layer, note).map(str::to_owned);
        (note.id.clone(), Known { audience, draft: Layers::is_draft(layer, note) && !edition.drafts })
    });
    Made {
        path: source.path.clone(),
        known: known.collect(),
        summary,
        promises: reader.promises,
        cited: reader.cited,
        part,
        diagnostics,
    }
}

/// The text as it was received: proven equal, and summed.
fn original(
    source: &Source,
    text: &text::Text,
    loaded: &Loaded,
    diagnostics: &mut Diagnostics,
) -> Option<Original> {
    let name = source.front.original.as_deref()?;
    let folder = source.folder();
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let on_disk = loaded.library.assets.get(&path);
    let Some(on_disk) = on_disk else {
        let message = format!("there is no file `{name}` beside the text");
        diagnostics.push(
            Diagnostic::error(Code::SourceFrontMatter, source.key_place("original"), message)
                .help(format!("put the text as it was received into {}/{path}", source::FOLDER)),
        );
        return None;
    };
    let entry = Entry { path: format!("{}/{path}", source::FOLDER), on_disk: on_disk.clone() };
    let file = load::read(&entry, diagnostics)?;
    original::prove(source, text, &file, diagnostics);
    Some(Original {
        href: relative(&source.page(), &path),
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(file.text.as_bytes())),
    })
}

/// Warns where a text has no notes, or has changed since they were reviewed.
fn review(source: &Source, layers: &Layers<'_>, pin: bool, diagnostics: &mut Diagnostics) {
    if layers.notes().next().is_none() {
        diagnostics.push(
            Diagnostic::warning(Code::SourceUnannotated, source::whole(source), "the text has no notes")
                .help(format!("write notes into {}/{}.md", notelink::FOLDER, source.path)),
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

/// What is derived from all texts together.
#[derive(Default)]
struct Derived {
    summaries: Vec<Summary>,
    index: Index,
    promises: Vec<Promise>,
    cited: BTreeSet<String>,
    /// The first page that lists each work.
    shown_at: BTreeMap<String, String>,
    search: search::Index,
}

impl Derived {
    fn add(&mut self, made: Made, diagnostics: &mut Diagnostics) {
        diagnostics.extend(made.diagnostics);
        self.summaries.push(made.summary);
        self.promises.extend(made.promises);
        self.search.add(&made.part);
        for key in made.cited {
            if !self.cited.contains(&key) {
                self.shown_at.insert(key.clone(), relative("", &format!("{}/index.html", made.path)));
                self.cited.insert(key);
            }
        }
        self.index.insert(made.path, made.known);
    }

    /// What only shows when all texts are known: links between them, and works that nobody cites.
    fn prove(&mut self, loaded: &Loaded, pages: &[Prose], diagnostics: &mut Diagnostics) {
        for page in pages {
            self.promises.extend(page.promises.iter().cloned());
            self.cited.extend(page.cited.iter().cloned());
        }
        for promise in std::mem::take(&mut self.promises) {
            promise.prove(&self.index, diagnostics);
        }
        for work in loaded.bibliography.works().filter(|work| !self.cited.contains(&work.key)) {
            let message = format!("nobody cites the work `{}`", work.key);
            diagnostics.push(
                Diagnostic::warning(Code::WorkUncited, work.place.clone(), message)
                    .help(format!("cite it as `[@{}]`, or take it out", work.key)),
            );
        }
    }

    fn count(&self, loaded: &Loaded, sink: &Sink, outcome: &mut Outcome) {
        outcome.texts = loaded.library.sources.len();
        outcome.notes = self.summaries.iter().map(|summary| summary.notes).sum();
        outcome.works = self.cited.iter().filter(|key| loaded.bibliography.work(key).is_some()).count();
        outcome.files = sink.files.load(Ordering::Relaxed);
        outcome.bytes = sink.bytes.load(Ordering::Relaxed);
    }
}

fn prose_pages(loaded: &Loaded, edition: &Edition<'_>, diagnostics: &mut Diagnostics) -> Vec<Prose> {
    let mut pages = Vec::new();
    for entry in &loaded.prose {
        if let Some(file) = load::read(entry, diagnostics) {
            pages.push(prose::read(&file, edition, diagnostics));
        }
    }
    pages
}

fn render_pages(
    loaded: &Loaded,
    theme: &Theme,
    sink: &Sink,
    pages: &[Prose],
    derived: &Derived,
    diagnostics: &mut Diagnostics,
) {
    let home = pages.iter().find(|page| page.page == "index.html");
    let introduction = home.map(|page| page.html.as_str()).unwrap_or_default();
    for number in 1..=derived.summaries.len().div_ceil(LISTED).max(1) {
        let home = HomePage::new(&loaded.site, &loaded.library, introduction, &derived.summaries, number);
        sink.render(theme, &home, &[("home.html", &home_page(number))], diagnostics);
    }
    for page in pages.iter().filter(|page| page.page != "index.html") {
        sink.render(theme, &ProsePage::new(&loaded.site, page), &[("page.html", &page.page)], diagnostics);
    }
}

/// Writes the page that searches, and the index. Words of all texts are let go as they are written.
fn write_search(
    loaded: &Loaded,
    classes: &Classes,
    theme: &Theme,
    sink: &Sink,
    derived: &mut Derived,
    diagnostics: &mut Diagnostics,
) {
    if !loaded.site.search {
        return;
    }
    let page = SearchPage::new(&loaded.site, theme.string("search"), &[]);
    sink.render(theme, &page, &[("search.html", search::PAGE)], diagnostics);
    let mut index = std::mem::take(&mut derived.search);
    for script in index.add_works(&loaded.bibliography, &derived.shown_at) {
        sink.write(&script.path, &script.bytes, diagnostics);
    }
    index.write(&loaded.site.language, classes, |script| {
        sink.write(&script.path, &script.bytes, diagnostics);
    });
}

fn copy_files(loaded: &Loaded, theme: &Theme, sink: &Sink, diagnostics: &mut Diagnostics) {
    for (path, text) in &theme.made {
        sink.write(path, text.as_bytes(), diagnostics);
    }
    for (path, from) in theme.copied.iter().chain(&loaded.library.assets) {
        sink.copy(path, from, diagnostics);
    }
    for (path, from) in &loaded.note_assets {
        sink.copy(&format!("{}/{path}", notelink::ASSETS), from, diagnostics);
    }
}
