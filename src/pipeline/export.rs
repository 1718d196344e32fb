//! Runs `postil export`, and writes the formats that `site.toml` asks for beside the pages.
//!
//! 1. Check the whole site; with errors, nothing is exported.
//! 2. Make the reader of each text again, in parallel and in batches, and pass it to the format.
//! 3. For formats that consist of pages, build the site into memory, without search and without links to exports.

use rayon::prelude::*;

use super::load::LoadedSite;
use super::options::{NoProgress, Options, Outcome, Watch};
use super::page_writer::PageWriter;
use super::render_site;
use super::stages::Stages;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, nearest};
use crate::export::{ExportContext, FORMATS, Files, Format, Make, NoteForm, Part, requested};
use crate::names::address;
use crate::notes::Layers;
use crate::reader::{self, Reader};
use crate::site::Site;

/// The number of texts in a batch.
const BATCH: usize = 128;

/// What to export.
#[derive(Clone, Copy)]
pub(crate) struct Request<'r> {
    /// The format.
    pub format: &'static Format,
    /// The texts as the user names them; empty for all.
    pub texts: &'r [String],
    /// How a Word document contains the notes.
    pub notes: NoteForm,
}

/// The files of an export; empty if there are errors.
pub(crate) struct Exported {
    /// The files: name and contents. A format with one file for each text has the paths of the texts in the names.
    pub files: Vec<(String, Vec<u8>)>,
    /// All problems of the site and of the export, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Exports a site.
pub(crate) fn export(options: &Options, request: Request<'_>, watch: &dyn Watch) -> Exported {
    let mut diagnostics = Diagnostics::default();
    let files = run(options, request, watch, &mut diagnostics);
    let has_errors = diagnostics.has_errors();
    let files = files.filter(|_| !has_errors).unwrap_or_default();
    Exported { files, diagnostics: diagnostics.into_sorted() }
}

fn run(
    options: &Options,
    request: Request<'_>,
    watch: &dyn Watch,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Vec<u8>)>> {
    let mut site = LoadedSite::read(options, diagnostics)?;
    site.site.exports.clear();
    site.site.search &= !request.format.is_for_each_text();
    let selected = select(&site, request.texts, diagnostics);
    let needs_site = request.format.needs_site();
    let writer = if needs_site { PageWriter::memory("") } else { PageWriter::nowhere() };
    render_site(&site, options, &writer, watch, &mut Outcome::default(), diagnostics)?;
    if diagnostics.has_errors() {
        return None;
    }
    let context = context(&site, selected?, request.notes);
    let made = make(&site, options, request.format, &context, &writer.into_kept());
    made.map_err(|error| diagnostics.push(failed(request.format, &error))).ok()
}

/// Writes the formats that `site.toml` asks for beside the pages.
pub(super) fn beside_pages(stages: &Stages<'_>, options: &Options, diagnostics: &mut Diagnostics) {
    let formats = requested(&stages.site.site);
    if formats.is_empty() || diagnostics.has_errors() {
        return;
    }
    let needs_site = formats.iter().any(|format| format.needs_site());
    let files = if needs_site { built_site(options) } else { Files::new() };
    let library = &stages.site.library;
    let context = context(stages.site, (0..library.sources.len()).collect(), NoteForm::default());
    for format in formats {
        match make(stages.site, options, format, &context, &files) {
            Ok(made) if format.is_for_each_text() => {
                for (source, (_, bytes)) in context.texts().zip(made) {
                    stages.writer.write(&format.path_of(source), &bytes, diagnostics);
                }
            }
            Ok(made) => {
                made.iter().for_each(|(path, bytes)| stages.writer.write(path, bytes, diagnostics));
            }
            Err(error) => diagnostics.push(failed(format, &error)),
        }
    }
}

/// Reports unknown formats in `site.toml`.
fn verify(site: &Site, diagnostics: &mut Diagnostics) {
    let names = || FORMATS.iter().map(|format| format.name);
    for (name, place) in site.exports.iter().filter(|(name, _)| !names().any(|known| known == name)) {
        let help = match nearest(name, names()) {
            Some(near) => format!("write `{near}`"),
            None => format!("the formats are {}", names().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("unknown export format `{name}`");
        diagnostics.push(Diagnostic::error(Code::SiteConfig, place.clone(), message).help(help));
    }
}

/// All files of the site without exports.
fn built_site(options: &Options) -> Files {
    // Problems are reported by the build that this is a part of.
    let mut silent = Diagnostics::default();
    let Some(mut site) = LoadedSite::read(options, &mut silent) else { return Files::new() };
    site.site.exports.clear();
    let writer = PageWriter::memory("");
    let _ = render_site(&site, options, &writer, &NoProgress, &mut Outcome::default(), &mut silent);
    writer.into_kept()
}

/// The indices of the texts that the user names, in reading order. A folder stands for all texts in it.
fn select(site: &LoadedSite, texts: &[String], diagnostics: &mut Diagnostics) -> Option<Vec<usize>> {
    let sources = &site.library.sources;
    if texts.is_empty() {
        return Some((0..sources.len()).collect());
    }
    let mut wanted = vec![false; sources.len()];
    let mut all_known = true;
    for given in texts {
        let path = address::as_text_path(given);
        let mut found = false;
        for (source, wanted) in sources.iter().zip(&mut wanted) {
            if source.path == path || address::within(&source.path, path).is_some() {
                (*wanted, found) = (true, true);
            }
        }
        if !found {
            all_known = false;
            let place = Place::of_path(address::in_folder(address::SOURCES, path));
            let message = format!("no such text: `{path}`");
            let help = match nearest(path, sources.iter().map(|source| source.path.as_str())) {
                Some(near) => format!("write `{near}`"),
                None => format!("write the path of a text in {}/", address::SOURCES),
            };
            diagnostics.push(Diagnostic::error(Code::SitePath, place, message).help(help));
        }
    }
    let selected = wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(index, _)| index);
    all_known.then(|| selected.collect())
}

fn context(site: &LoadedSite, selected: Vec<usize>, notes: NoteForm) -> ExportContext<'_> {
    ExportContext {
        site: &site.site,
        library: &site.library,
        bibliography: &site.bibliography,
        note_assets: &site.note_assets,
        strings: &site.strings,
        selected,
        notes,
    }
}

/// Makes the files of a format: one for each selected text in order, or one.
fn make(
    site: &LoadedSite,
    options: &Options,
    format: &Format,
    context: &ExportContext<'_>,
    files: &Files,
) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let library = &site.library;
    let of_text = |index: usize, bytes: Vec<u8>| {
        let path = library.sources.get(index).map_or("", |source| &source.path);
        (format!("{path}{}", format.ending), bytes)
    };
    let of_edition = |bytes: Vec<u8>| vec![(format.file_of_edition(&site.site), bytes)];
    match format.make {
        Make::Text(write) => {
            each(site, options, context, |index, reader| Ok(of_text(index, write(reader, context)?)))
        }
        Make::Page(write) => {
            let page = |&index: &usize| match library.sources.get(index) {
                Some(source) => Ok(of_text(index, write(source, files, context)?)),
                None => Ok(of_text(index, Vec::new())),
            };
            context.selected.par_iter().map(page).collect()
        }
        Make::Edition(part, finish) => {
            let parts = each(site, options, context, |index, reader| {
                part(reader, context).map(|part| Part { index, ..part })
            })?;
            finish(parts, context).map(of_edition)
        }
        Make::Site(write) => write(files, context).map(of_edition),
    }
}

/// Passes the reader of each selected text to `work`.
fn each<T: Send>(
    site: &LoadedSite,
    options: &Options,
    context: &ExportContext<'_>,
    work: impl Fn(usize, &Reader<'_>) -> std::io::Result<T> + Sync,
) -> std::io::Result<Vec<T>> {
    let edition = site.edition(options);
    let of_text = |&index: &usize| {
        // Problems are reported by the check before.
        let mut silent = Diagnostics::default();
        let source = &site.library.sources[index];
        let files = site.layer_files(source, &mut silent);
        let text = crate::text::parse(source, &site.library, &site.highlighter, &mut silent);
        let layers = Layers::read(&files, &site.site, &mut silent);
        work(index, &reader::read(source, &text, &layers, &edition, &mut silent))
    };
    let mut all = Vec::with_capacity(context.selected.len());
    for batch in context.selected.chunks(BATCH) {
        let made: std::io::Result<Vec<T>> = batch.par_iter().map(of_text).collect();
        all.extend(made?);
    }
    Ok(all)
}

fn failed(format: &Format, error: &std::io::Error) -> Diagnostic {
    let place = Place::of_path(format!("*{}", format.ending));
    Diagnostic::error(Code::SitePath, place, format!("cannot write the format {}: {error}", format.name))
}

/// Claims the paths of the exports that `build` writes.
pub(super) fn claim(
    site: &LoadedSite,
    diagnostics: &mut Diagnostics,
    mut claim: impl FnMut(&str, Place) -> bool,
) {
    verify(&site.site, diagnostics);
    for format in requested(&site.site) {
        let place = site.site.exports.iter().find(|(name, _)| name == format.name);
        let place = place.map_or_else(|| Place::new(&site.site.file, 0..0), |(_, place)| place.clone());
        if format.is_for_each_text() {
            for source in &site.library.sources {
                // Report one problem for each format.
                if !claim(&format.path_of(source), place.clone()) {
                    break;
                }
            }
        } else {
            claim(&format.file_of_edition(&site.site), place);
        }
    }
}
