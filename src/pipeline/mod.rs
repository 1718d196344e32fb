//! The stages of a build in order: load, parse, anchor, weave, derive, render, write.
//!
//! 1. `load` reads the site; `plan` claims the path of every output.
//! 2. `texts` processes the texts in parallel, in batches. A text is dropped after its pages are written, to bound
//!    memory; `totals` keeps the data that other pages need.
//! 3. `pages` writes pages and files across texts.
//! 4. `page_writer` publishes the result, unless there are errors.
//!
//! `session` keeps a site in memory and repeats only what a change affects.

mod allowed;
#[cfg(feature = "links")]
mod dead_links;
mod export;
mod load;
mod options;
mod page_writer;
mod pages;
mod plan;
mod session;
mod stages;
mod text;
mod texts;
mod totals;
mod write;

use std::path::PathBuf;

use rayon::prelude::*;

use self::allowed::Allowed;
use self::page_writer::PageWriter;
use self::stages::Stages;
use crate::derive::counts::{self, TextCounts};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::names::path::Claims;
use crate::notes::Layers;
use crate::reader;
use crate::site::Site;

pub(crate) use self::export::{Exported, Request, export};
pub(crate) use self::load::LoadedSite;
use self::options::NoProgress;
pub use self::options::{Options, Outcome, Watch};
#[cfg(feature = "serve")]
pub(crate) use self::session::Opened;
pub use self::session::{Change, Served, Session};

/// Builds a site and publishes it, unless there are errors. All problems are in the outcome.
///
/// ```no_run
/// let options = postil::Options { site: "reader".into(), ..postil::Options::default() };
/// if let Some(folder) = postil::build(&options).published {
///     println!("open {}/index.html", folder.display());
/// }
/// ```
pub fn build(options: &Options) -> Outcome {
    build_watched(options, &NoProgress)
}

/// Reports the problems of a site, and writes nothing.
///
/// ```no_run
/// let options = postil::Options { site: "reader".into(), ..postil::Options::default() };
/// print!("{}", postil::render::human(&postil::check(&options).diagnostics, false, 100));
/// ```
pub fn check(options: &Options) -> Outcome {
    build(&Options { dry: true, ..options.clone() })
}

/// Builds a site as [`build`] does, and calls `watch` after each text.
pub fn build_watched(options: &Options, watch: &dyn Watch) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let mut outcome = Outcome::default();
    let mut allowed = Allowed::default();
    let published = run(options, watch, &mut outcome, &mut allowed, &mut diagnostics);
    outcome.published = published;
    outcome.diagnostics = diagnostics.into_sorted();
    outcome.allowed = outcome.diagnostics.iter().filter(|problem| allowed.covers(problem)).count();
    outcome
}

/// Counts the texts and notes of a site.
pub(crate) fn survey(options: &Options, watch: &dyn Watch) -> (Vec<TextCounts>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let Some(loaded) = LoadedSite::read(options, &mut diagnostics) else {
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
            let reader = reader::read(source, &text, &layers, &edition, &mut diagnostics);
            let counts = counts::count(&reader, &loaded.site);
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
    allowed: &mut Allowed,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let site = LoadedSite::read(options, diagnostics)?;
    *allowed = Allowed::new(&site);
    let claims = plan::claim_inputs(&site, diagnostics);
    let writer = PageWriter::open(options, &site, diagnostics);
    render_claimed(&site, claims, options, &writer, watch, outcome, diagnostics)?;
    if diagnostics.has_errors() { None } else { writer.publish(diagnostics) }
}

/// Renders a site and passes all its files to `writer`; `None` if the theme cannot be loaded.
fn render_site(
    site: &LoadedSite,
    options: &Options,
    writer: &PageWriter,
    watch: &dyn Watch,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let claims = plan::claim_inputs(site, diagnostics);
    render_claimed(site, claims, options, writer, watch, outcome, diagnostics)
}

fn render_claimed(
    site: &LoadedSite,
    mut claims: Claims,
    options: &Options,
    writer: &PageWriter,
    watch: &dyn Watch,
    outcome: &mut Outcome,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let edition = site.edition(options);
    let page_set = plan::page_set(site, &edition);
    let site_pages = write::site_pages(site, &edition, diagnostics);
    let theme = site.theme(&page_set, &write::own_pages(&site_pages), diagnostics)?;

    let stages = Stages { site, edition: &edition, page_set: &page_set, theme: &theme, writer };
    let totals = write::pages(&stages, &site_pages, &mut claims, watch, diagnostics);
    write::layouts(&totals.rows, &theme, writer, diagnostics);
    write::copy_files(site, &theme, writer, &totals.needs.files, diagnostics);
    export::beside_pages(&stages, options, diagnostics);
    #[cfg(feature = "links")]
    if options.links {
        dead_links::verify(&site.addresses(), diagnostics);
    }
    totals.count(site, writer, outcome);
    warn_about_size(&site.site, outcome, diagnostics);
    Some(())
}

/// Warns about a site with more files or bytes than `site.toml` allows, because hosts have limits.
fn warn_about_size(site: &Site, outcome: &Outcome, diagnostics: &mut Diagnostics) {
    const MEGABYTE: usize = 1_000_000;
    let size = outcome.bytes.div_ceil(MEGABYTE);
    let place = || Place::new(&site.file, 0..0);
    if let Some(limit) = site.max_files.filter(|limit| outcome.files > *limit) {
        let message = format!("the site has more than {limit} files");
        let help = "divide the edition into several sites, or raise `max_files` if your host allows it";
        diagnostics.push(Diagnostic::warning(Code::SiteSize, place(), message).help(help));
    }
    if let Some(limit) = site.max_size.filter(|limit| size > *limit) {
        let message = format!("the site has more than {limit} MB");
        let help =
            "use smaller pictures and fewer export formats, or raise `max_size` if your host allows it";
        diagnostics.push(Diagnostic::warning(Code::SiteSize, place(), message).help(help));
    }
}
