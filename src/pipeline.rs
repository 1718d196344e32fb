//! The stages in order; the only place that knows them all.
//!
//! Load, parse, anchor, weave, derive, render, write. A text goes through all of them at once, in
//! parallel with others, and is let go when its pages are written, so that memory does not grow with
//! the site; what other pages need of it is kept small. Pages are written into a folder beside the
//! site that was there before, and nothing is published unless everything was made.

mod across;
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bibliography::{Bibliography, Style};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::edition::Edition;
use crate::export::annotations::{self, Sitewide};
use crate::export::{feed, schema};
use crate::front_matter;
use crate::highlight::Highlighter;
use crate::layer::Layers;
use crate::links::{self, Addresses};
use crate::load::{self, Entry};
use crate::notelink::{self, Index, Known, Needs};
use crate::original;
use crate::output::{self, Staging};
use crate::page::{
    EditionPage, LISTED, LayoutPage, Original, Present, ReaderPage, Summary, Surroundings, Target, home_page,
    layout_file, layout_rows, list_page,
};
use crate::path::{Claims, relative};
use crate::prose::{self, Prose};
use crate::reader::{self, Unseen};
use crate::register::{Citing, Entry as Noted, PageCites, Registers};
use crate::search::{self, Classes, Script};
use crate::site::{self, Site};
use crate::source::{self, Library, Source};
use crate::span::{File, Place};
use crate::stats::{self, TextCounts};
use crate::text;
use crate::theme::{self, Theme};
use crate::words::Words;
pub use session::{Change, Opened, Served, Session};

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
    /// Whether addresses outside the site are tried.
    pub links: bool,
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

/// Counts a site's texts and notes, and writes nothing.
pub fn survey(options: &Options, watch: &dyn Watch) -> (Vec<TextCounts>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let Some(loaded) = Loaded::read(options, &mut diagnostics) else {
        return (Vec::new(), diagnostics.into_sorted());
    };
    let edition = loaded.edition(options);
    watch.begin(loaded.library.sources.len());
    let counted: Vec<(TextCounts, Diagnostics)> = loaded
        .library
        .sources
        .par_iter()
        .map(|source| {
            let mut diagnostics = Diagnostics::default();
            let files = loaded.layer_files(source, &mut diagnostics);
            let text = text::parse(source, &loaded.library, &loaded.highlighter, &mut diagnostics);
            let layers = Layers::read(&files, &loaded.site, &mut diagnostics);
            let counts = stats::of(&reader::read(source, &text, &layers, &edition, &mut diagnostics));
            watch.step();
            (counts, diagnostics)
        })
        .collect();
    let mut texts = Vec::with_capacity(counted.len());
    for (counts, problems) in counted {
        texts.push(counts);
        diagnostics.extend(problems);
    }
    (texts, diagnostics.into_sorted())
}

fn run(
    options: &Options,
    watch: &dyn Watch,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let loaded = Loaded::read(options, diagnostics)?;
    let mut claims = loaded.claim(diagnostics);
    let sink = Sink::open(options, &loaded, diagnostics);

    let edition = loaded.edition(options);
    let present = across::present(&loaded, &edition);
    let theme =
        Theme::load(&loaded.site, &loaded.theme, &loaded.strings, &loaded.shared(&present), diagnostics)?;
    let derived = pages(&loaded, &edition, &theme, &present, &sink, &mut claims, watch, diagnostics);
    layouts(&derived.rows, &theme, &sink, diagnostics);
    copy_files(&loaded, &theme, &sink, &derived.needs.files, diagnostics);
    if options.links {
        links::prove(&loaded.addresses(), diagnostics);
    }

    derived.count(&loaded, &sink, outcome);
    if diagnostics.has_errors() {
        return None;
    }
    sink.publish(diagnostics)
}

/// Makes all pages: those of texts, and those that go across them.
#[expect(clippy::too_many_arguments, reason = "all that a build has, once")]
fn pages(
    loaded: &Loaded,
    edition: &Edition<'_>,
    theme: &Theme,
    present: &Present,
    sink: &Sink,
    claims: &mut Claims,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Derived {
    let mut derived = texts(loaded, edition, present, theme, sink, watch, diagnostics);
    let pages = prose_pages(loaded, edition, diagnostics);
    derived.prove(loaded, edition, &pages, diagnostics);
    let index = derived.search.take();
    let site = derived.across(loaded, theme, present, sink, &pages);
    site.write(claims, diagnostics);
    site.search(index, diagnostics);
    derived
}

/// A site, loaded.
struct Loaded {
    root: PathBuf,
    site: Site,
    library: Library,
    bibliography: Bibliography,
    /// The files that works and their style were read from.
    bibliographies: Vec<Arc<File>>,
    /// The works as search engines are told of them; a popular work stands on many pages.
    citations: Vec<String>,
    layers: BTreeMap<String, Vec<Entry>>,
    prose: Vec<Arc<File>>,
    note_assets: BTreeMap<String, PathBuf>,
    theme: BTreeMap<String, Entry>,
    strings: toml::Table,
    highlighter: Highlighter,
    pin: bool,
}

impl Loaded {
    fn read(options: &Options, diagnostics: &mut Diagnostics) -> Option<Self> {
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
        let file = load::read(&entry, diagnostics)?;
        let mut site = Site::read(&file, diagnostics);
        if let Some(base) = &options.base_url {
            site.base_url =
                if base.is_empty() || base.ends_with('/') { base.clone() } else { format!("{base}/") };
        }
        let mut sources = load::list(&root, source::FOLDER, diagnostics);
        load::refuse_misnamed(&mut sources, &["md"], diagnostics);
        let library = Library::read(sources, options.drafts, diagnostics);
        let mut notes = load::list(&root, notelink::FOLDER, diagnostics);
        load::refuse_misnamed(&mut notes, &["md", "yaml", "yml", "bib"], diagnostics);
        let theme = load::list(&root, theme::FOLDER, diagnostics);
        let strings = theme::strings(&site, &theme, diagnostics);
        site.words = Words::read(&strings);
        let mut loaded = Self {
            bibliography: Bibliography::default(),
            bibliographies: Vec::new(),
            citations: Vec::new(),
            layers: BTreeMap::new(),
            prose: Vec::new(),
            note_assets: BTreeMap::new(),
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
    fn sort_notes(&mut self, files: BTreeMap<String, Entry>, diagnostics: &mut Diagnostics) {
        let mut bibliographies = Vec::new();
        for (path, entry) in files {
            let name = path.rsplit('/').next().unwrap_or(&path);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension {
                "md" if notelink::page_of(&path).is_some() => {
                    self.prose.extend(load::read(&entry, diagnostics));
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
    fn sort_layer(&mut self, path: &str, entry: Entry, diagnostics: &mut Diagnostics) {
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

    /// The layers of a text, read.
    fn layer_files(&self, source: &Source, diagnostics: &mut Diagnostics) -> Vec<Arc<File>> {
        let entries = self.layers.get(&source.path).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter_map(|entry| load::read(entry, diagnostics)).collect()
    }

    /// The addresses outside the site that texts, notes, pages and works link to.
    fn addresses(&self) -> Addresses {
        let mut addresses = Addresses::new();
        for source in &self.library.sources {
            links::gather(&source.file, source.body, &mut addresses);
        }
        // What cannot be read was reported before.
        let mut silent = Diagnostics::default();
        let layers = self.layers.values().flatten().filter_map(|entry| load::read(entry, &mut silent));
        for file in layers.chain(self.prose.iter().cloned()) {
            links::gather(&file, front_matter::body_start(&file.text), &mut addresses);
        }
        for work in self.bibliography.works() {
            if let Some(address) = work.href() {
                addresses.entry(address).or_insert_with(|| work.place.clone());
            }
        }
        addresses
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
    fn shared(&self, present: &Present) -> EditionPage<'_> {
        let mut pages: Vec<(i64, Target)> = Vec::new();
        for file in &self.prose {
            let path = file.path.trim_start_matches(notelink::FOLDER).trim_start_matches('/');
            if let Some(page) = notelink::page_of(path).filter(|_| path.starts_with("_pages/")) {
                let (weight, title) = prose::heading(file);
                pages.push((weight, Target { title, href: page }));
            }
        }
        pages.sort_by(|a, b| (a.0, &a.1.href).cmp(&(b.0, &b.1.href)));
        EditionPage::new(&self.site, pages.into_iter().map(|(_, page)| page).collect(), present)
    }

    /// Reports outputs at one path, and names that some system cannot hold.
    fn claim(&self, diagnostics: &mut Diagnostics) -> Claims {
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
                && (self.site.base_url.is_empty()
                    || claim(&format!("{}/{}", source.path, feed::FILE), place));
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
            if let Some(page) = notelink::page_of(path).filter(|page| *page != home_page(1)) {
                claim(&page, Place::of_path(&entry.path));
            }
        }
        claim(&home_page(1), Place::of_path(format!("{}/_index.md", notelink::FOLDER)));
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

/// Where pages go.
struct Sink {
    shelf: Shelf,
    destination: PathBuf,
    files: AtomicUsize,
    bytes: AtomicUsize,
}

/// What becomes of a page that was made.
enum Shelf {
    /// It is thrown away.
    Nowhere,
    /// It goes into a folder beside the old site.
    Folder(Staging),
    /// It is kept in memory, if its path begins so.
    Memory(String, Mutex<BTreeMap<String, Vec<u8>>>),
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
        let shelf = match begun {
            Ok(Some(staging)) => Shelf::Folder(staging),
            Ok(None) => Shelf::Nowhere,
            Err(error) => {
                let problem = error.into_diagnostic();
                // Where site.toml names the folder, that is the place to mend.
                let named = options.output.is_none() && !loaded.site.output_place.span.is_empty();
                let place = if named { loaded.site.output_place.clone() } else { problem.place.clone() };
                diagnostics.push(Diagnostic { place, ..problem });
                Shelf::Nowhere
            }
        };
        Self::on(shelf, destination)
    }

    fn on(shelf: Shelf, destination: PathBuf) -> Self {
        Self { shelf, destination, files: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    fn write(&self, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        match &self.shelf {
            Shelf::Nowhere => {}
            Shelf::Folder(staging) => {
                if let Err(error) = staging.write(path, bytes) {
                    diagnostics.push(error.into_diagnostic());
                }
            }
            Shelf::Memory(wanted, kept) => {
                if path.starts_with(wanted) {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.insert(path.to_owned(), bytes.to_owned());
                }
            }
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

    /// What was kept in memory, by path.
    fn into_kept(self) -> BTreeMap<String, Vec<u8>> {
        match self.shelf {
            Shelf::Memory(_, kept) => kept.into_inner().unwrap_or_else(PoisonError::into_inner),
            Shelf::Nowhere | Shelf::Folder(_) => BTreeMap::new(),
        }
    }

    /// Writes files of the search.
    fn scripts(&self, scripts: &[Script], diagnostics: &mut Diagnostics) {
        let problems: Vec<Diagnostics> = scripts
            .par_iter()
            .map(|script| {
                let mut problems = Diagnostics::default();
                self.write(&script.path, &script.bytes, &mut problems);
                problems
            })
            .collect();
        problems.into_iter().for_each(|problems| diagnostics.extend(problems));
    }

    fn copy(&self, path: &str, from: &Path, diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        if let Shelf::Folder(staging) = &self.shelf
            && let Err(error) = staging.copy(path, from)
        {
            diagnostics.push(error.into_diagnostic());
        }
    }

    fn publish(self, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
        let Shelf::Folder(staging) = self.shelf else { return None };
        match staging.publish() {
            Ok(()) => Some(self.destination),
            Err(error) => {
                diagnostics.push(error.into_diagnostic());
                None
            }
        }
    }
}

/// What is kept of a text when its pages are written.
#[derive(Clone)]
struct Made {
    summary: Summary,
    path: String,
    known: BTreeMap<String, Known>,
    needs: Needs,
    cited: Vec<String>,
    unseen: Unseen,
    /// For whom its layers and notes are, if not for everyone.
    audiences: BTreeSet<String>,
    /// How many rows its layout has.
    rows: usize,
    noted: Vec<Noted>,
    cites: Option<PageCites>,
    /// Its notes as the site's collection has them; written before the next texts are begun.
    annotations: Vec<String>,
    /// Its words, if the site can be searched.
    part: Option<search::Part>,
    diagnostics: Diagnostics,
}

/// How many texts are on their way at once.
const BATCH: usize = 128;

/// Takes all texts through all stages, some at a time, and keeps what pages across them need.
fn texts(
    loaded: &Loaded,
    edition: &Edition<'_>,
    present: &Present,
    theme: &Theme,
    sink: &Sink,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Derived {
    let count = loaded.library.sources.len();
    watch.begin(count);
    let mut derived = Derived::default();
    let mut collection = Sitewide::new(&loaded.site);
    let classes = loaded.site.search.then(|| Classes::of(present.kinds(&loaded.site)));
    derived.search = classes.is_some().then(search::Index::default);
    for start in (0..count).step_by(BATCH) {
        let batch: Vec<Made> = (start..(start + BATCH).min(count))
            .into_par_iter()
            .map(|index| {
                let made = text(index, loaded, edition, classes.as_ref(), theme, sink);
                watch.step();
                made
            })
            .collect();
        let mut scripts = Vec::new();
        for mut made in batch {
            if let (Some(index), Some(part)) = (&mut derived.search, made.part.take()) {
                scripts.extend(index.add(&part));
            }
            for item in std::mem::take(&mut made.annotations) {
                if let Some((path, page)) = collection.add(item) {
                    sink.write(&path, &page, diagnostics);
                }
            }
            derived.add(made, diagnostics);
        }
        sink.scripts(&scripts, diagnostics);
    }
    for (path, json) in collection.finish() {
        sink.write(&path, &json, diagnostics);
    }
    derived
}

/// Takes one text through all stages.
fn text(
    index: usize,
    loaded: &Loaded,
    edition: &Edition<'_>,
    classes: Option<&Classes>,
    theme: &Theme,
    sink: &Sink,
) -> Made {
    let mut diagnostics = Diagnostics::default();
    let source = &loaded.library.sources[index];
    let files = loaded.layer_files(source, &mut diagnostics);
    let text = text::parse(source, &loaded.library, &loaded.highlighter, &mut diagnostics);
    let original = original(source, &text, loaded, &mut diagnostics);
    let layers = Layers::read(&files, &loaded.site, &mut diagnostics);
    review(source, &layers, loaded.pin, &mut diagnostics);

    let reader = reader::read(source, &text, &layers, edition, &mut diagnostics);
    let summary = Summary::of(&reader, &loaded.site);
    let surroundings = Surroundings {
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
    sink.render(theme, &page, &[("reader.html", &page_file)], &mut diagnostics);
    let written = annotations::write(&reader, &loaded.site);
    sink.write(&format!("{}/{}", source.path, annotations::FILE), &written.json, &mut diagnostics);
    let noted = Noted::all(index, &reader, &loaded.site, &loaded.bibliography);
    across::source_feed(source, &noted, loaded, sink, &mut diagnostics);

    let known = layers.notes().map(|(_, layer, note)| {
        let audience = Layers::audience(layer, note).map(str::to_owned);
        (note.id.clone(), Known { audience, draft: Layers::is_draft(layer, note) && !edition.drafts })
    });
    Made {
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
    loaded: &Loaded,
    diagnostics: &mut Diagnostics,
) -> Option<Original> {
    let name = source.front.original.as_deref()?;
    let path = source.original()?;
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
        href: (!original::is_page(name)).then(|| relative(&source.page(), &path)),
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(file.text.as_bytes())),
    })
}

/// The page that a text came from, by its path from `sources/`; it is no part of the site.
fn page_original(source: &Source) -> Option<String> {
    source.original().filter(|path| original::is_page(path))
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
    needs: Needs,
    cited: BTreeSet<String>,
    unseen: Unseen,
    audiences: BTreeSet<String>,
    /// How many rows the layouts of the texts have.
    rows: BTreeSet<usize>,
    registers: Registers,
    /// The words of all texts, if the site can be searched.
    search: Option<search::Index>,
}

impl Derived {
    fn add(&mut self, made: Made, diagnostics: &mut Diagnostics) {
        diagnostics.extend(made.diagnostics);
        self.summaries.push(made.summary);
        self.index.notes.insert(made.path, made.known);
        self.need(made.needs);
        self.cited.extend(made.cited);
        self.registers.entries.extend(made.noted);
        self.registers.pages.extend(made.cites);
        self.audiences.extend(made.audiences);
        self.rows.insert(made.rows);
        self.unseen.needs.promises.extend(made.unseen.needs.promises);
        self.unseen.cited.extend(made.unseen.cited);
    }

    fn need(&mut self, needs: Needs) {
        self.needs.promises.extend(needs.promises);
        self.needs.files.extend(needs.files);
    }

    /// What only shows when all texts are known: links between them, and works that nobody cites.
    fn prove(
        &mut self,
        loaded: &Loaded,
        edition: &Edition<'_>,
        pages: &[Prose],
        diagnostics: &mut Diagnostics,
    ) {
        prove_audience(edition.audience, &self.audiences, diagnostics);
        for page in pages {
            self.index.pages.insert(page.page.clone(), page.ids.clone());
            self.need(page.needs.clone());
            self.cited.extend(page.cited.iter().cloned());
            let from = Citing::Page(page.page.clone(), page.title.clone());
            self.registers.pages.extend(PageCites::of(from, &page.cites, &loaded.bibliography));
        }
        let unseen = std::mem::take(&mut self.unseen);
        for promise in std::mem::take(&mut self.needs.promises).into_iter().chain(unseen.needs.promises) {
            promise.prove(&self.index, diagnostics);
        }
        let unseen: BTreeSet<String> = unseen.cited.into_iter().collect();
        let known = |key: &str| self.cited.contains(key) || unseen.contains(key);
        for work in loaded.bibliography.works().filter(|work| !known(&work.key)) {
            let message = format!("nobody cites the work `{}`", work.key);
            diagnostics.push(
                Diagnostic::warning(Code::WorkUncited, work.place.clone(), message)
                    .help(format!("cite it as `[@{}]`, or take it out", work.key)),
            );
        }
    }

    /// What the pages across texts are made from.
    fn across<'s>(
        &'s self,
        loaded: &'s Loaded,
        theme: &'s Theme,
        present: &'s Present,
        sink: &'s Sink,
        pages: &'s [Prose],
    ) -> across::Site<'s> {
        let (summaries, registers) = (self.summaries.as_slice(), &self.registers);
        across::Site { loaded, theme, sink, present, pages, summaries, registers }
    }

    fn count(&self, loaded: &Loaded, sink: &Sink, outcome: &mut Outcome) {
        outcome.texts = loaded.library.sources.len();
        outcome.notes = self.summaries.iter().map(|summary| summary.notes).sum();
        outcome.works = self.cited.iter().filter(|key| loaded.bibliography.work(key).is_some()).count();
        outcome.files = sink.files.load(Ordering::Relaxed);
        outcome.bytes = sink.bytes.load(Ordering::Relaxed);
    }
}

/// Reports an audience that nothing is for: the edition for it would be the public one, under another name.
fn prove_audience(wanted: Option<&str>, known: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    let Some(wanted) = wanted.filter(|wanted| !known.contains(*wanted)) else { return };
    let place = Place::of_path(notelink::FOLDER);
    let message = format!("no layer and no note is for the audience `{wanted}`");
    let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let help = match (nearest(wanted, known.iter().map(String::as_str)), all.as_slice()) {
        (_, []) => "leave `--audience` out: all notes are for everyone".to_owned(),
        (Some(near), [_]) => format!("write `--audience {near}`"),
        (Some(near), _) => format!("write `--audience {near}`; there are notes for {}", all.join(", ")),
        (None, _) => format!("name one that there are notes for: {}", all.join(", ")),
    };
    diagnostics.push(Diagnostic::error(Code::SiteAudience, place, message).help(help));
}

fn prose_pages(loaded: &Loaded, edition: &Edition<'_>, diagnostics: &mut Diagnostics) -> Vec<Prose> {
    loaded.prose.iter().map(|file| prose::read(file, edition, diagnostics)).collect()
}

/// Writes the stylesheets that place notes beside their passages, one for texts of about the same length.
fn layouts(rows: &BTreeSet<usize>, theme: &Theme, sink: &Sink, diagnostics: &mut Diagnostics) {
    for &rows in rows {
        let file = layout_file(rows);
        // A theme may bring its own.
        if !theme.copied.contains_key(&file) {
            sink.render(theme, &LayoutPage::new(rows), &[("layout.css", &file)], diagnostics);
        }
    }
}

/// Copies what stands beside the texts, and of what stands beside the notes what a page that is shown leads to.
fn copy_files(
    loaded: &Loaded,
    theme: &Theme,
    sink: &Sink,
    needed: &BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) {
    let is_search = |path: &str| !loaded.site.search && search::SCRIPTS.contains(&path);
    for (path, text) in theme.made.iter().filter(|(path, _)| !is_search(path)) {
        sink.write(path, text.as_bytes(), diagnostics);
    }
    let pages = loaded.library.sources.iter().filter_map(page_original).collect::<BTreeSet<_>>();
    let assets = loaded.library.assets.iter().filter(|(path, _)| !pages.contains(path.as_str()));
    for (path, from) in theme.copied.iter().chain(assets) {
        sink.copy(path, from, diagnostics);
    }
    for (path, from) in loaded.note_assets.iter().filter(|(path, _)| needed.contains(*path)) {
        sink.copy(&format!("{}/{path}", notelink::ASSETS), from, diagnostics);
    }
}
