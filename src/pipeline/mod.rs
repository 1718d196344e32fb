//! The stages in order; the only place that knows them all.
//!
//! Load, parse, anchor, weave, derive, render, write. A text goes through all of them at once, in
//! parallel with others, and is let go when its pages are written, so that memory does not grow with
//! the site; what other pages need of it is kept small. Pages are written into a folder beside the
//! site that was there before, and nothing is published unless everything was made.

mod dead_links;
mod load;
mod page_writer;
mod session;
mod site_pages;
mod text;
mod totals;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rayon::prelude::*;

use self::load::Loaded;
use self::page_writer::Sink;
use self::text::{page_original, texts};
use self::totals::Derived;
use crate::bibliography::EXTENSIONS;
use crate::derive::counts::{self, TextCounts};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::names::path::Claims;
use crate::notes::Layers;
use crate::page::{LayoutPage, Present, layout_file};
use crate::reader::edition::Edition;
use crate::reader::links;
use crate::reader::site_page::{self, Prose};
use crate::theme::Theme;
use crate::{reader, search};

pub use self::session::{Change, Opened, Served, Session};

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
            let text = crate::text::parse(source, &loaded.library, &loaded.highlighter, &mut diagnostics);
            let layers = Layers::read(&files, &loaded.site, &mut diagnostics);
            let counts = counts::of(&reader::read(source, &text, &layers, &edition, &mut diagnostics));
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
    let present = site_pages::present(&loaded, &edition);
    let theme = loaded.theme(&present, diagnostics)?;
    let derived = pages(&loaded, &edition, &theme, &present, &sink, &mut claims, watch, diagnostics);
    layouts(&derived.rows, &theme, &sink, diagnostics);
    copy_files(&loaded, &theme, &sink, &derived.needs.files, diagnostics);
    if options.links {
        dead_links::prove(&loaded.addresses(), diagnostics);
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

fn prose_pages(loaded: &Loaded, edition: &Edition<'_>, diagnostics: &mut Diagnostics) -> Vec<Prose> {
    loaded.prose.iter().map(|file| site_page::read(file, edition, diagnostics)).collect()
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

/// Whether any layer or page names a file, though no page that is shown links to it.
fn is_named(loaded: &Loaded, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let layers = loaded.layers.values().flatten();
    loaded.prose.iter().any(|file| file.text.contains(name))
        || layers
            .filter_map(|entry| std::fs::read_to_string(&entry.on_disk).ok())
            .any(|text| text.contains(name))
}

/// Whether a file is a picture, a recording or a document to show, which a hidden note may use.
fn is_media(path: &str) -> bool {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    matches!(kind.type_().as_str(), "image" | "audio" | "video" | "font") || kind.subtype() == "pdf"
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
    for (path, from) in &loaded.note_assets {
        if needed.contains(path) {
            sink.copy(&format!("{}/{path}", links::ASSETS), from, diagnostics);
        } else if !is_media(path) && !is_named(loaded, path) {
            let place = Place::of_path(format!("{}/{path}", links::FOLDER));
            let help = format!(
                "link to it from a note, or remove it; bibliographies end in .{}",
                EXTENSIONS.join(", .")
            );
            let message = "nothing reads this file or links to it";
            diagnostics.push(Diagnostic::warning(Code::SiteRead, place, message).help(help));
        }
    }
}
