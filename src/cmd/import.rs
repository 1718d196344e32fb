//! `postil import`: imports a text, or notes on a text.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::report::{eprint, print, print_diagnostics};
use crate::anchor::fold::fold;
use crate::compose::target::Annotation;
use crate::diagnostics::render::{count, summary, tally};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, io_reason};
use crate::html::slug::slug;
use crate::import::format::{FORMATS, detect, named};
use crate::import::layer::{ImportContext, ImportedLayer};
use crate::import::{self, Content, FileToImport, NewFile, Received, destination};
use crate::names::address;
use crate::names::path::path_error;
use crate::notes::Layers;
use crate::output::atomic_write;
use crate::pipeline::{LoadedSite, Options};
use crate::site::folder::{self, Entry};
use crate::site::{Kind, Site};
use crate::text;

/// Arguments of `postil import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil import article.html                  to sources/article/, with the page and its pictures
  postil import talk.txt --into talks/2024    to sources/talks/2024/index.md
  postil import notes.json --into article     to annotations/article.md: notes on that text
  postil import notes.json --into article --as webannotation --kind comment

A text is compared with its original word by word; what is left out is listed. Each note goes to the text whose url, \
canonical or doi it names, to the passage that it quotes; unmatched annotations become comments and are reported. \
Imported again, an export adds what is new; what you have edited stays.")]
pub(super) struct Import {
    /// The file to import
    file: PathBuf,
    /// The format of the file [default: detected from its name and contents]
    #[arg(long = "as", value_name = "FORMAT", value_parser = formats())]
    format: Option<String>,
    /// The path of the new text, or of the text that the notes are about [default: the file's name]
    #[arg(long, value_name = "PATH")]
    into: Option<String>,
    /// The folder that contains site.toml
    #[arg(long, default_value = ".", value_name = "SITE")]
    site: PathBuf,
    /// The kind for notes that name no kind of this site
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Also write the text's list of references as works
    #[arg(long)]
    works: bool,
    /// With --into: import notes on any page as notes on that text
    #[arg(long, requires = "into")]
    any_page: bool,
}

impl Import {
    /// Imports the file and prints the result.
    pub(super) fn run(self) -> ExitCode {
        let mut diagnostics = Diagnostics::default();
        let lines = self.import(&mut diagnostics);
        let diagnostics = diagnostics.into_sorted();
        print_diagnostics(&diagnostics);
        let (errors, warnings) = tally(&diagnostics);
        match lines {
            Some(lines) if errors == 0 => {
                lines.iter().for_each(|line| print(line));
                ExitCode::SUCCESS
            }
            _ => {
                eprint(&format!("{}; nothing was written", summary(errors.max(1), warnings)));
                ExitCode::from(1)
            }
        }
    }

    /// Imports the file; returns the lines to print, or `None` after an error, with nothing written.
    fn import(&self, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
        let options = Options { site: self.site.clone(), drafts: true, ..Options::default() };
        // Other problems of the site are reported by `check`.
        let mut problems = Diagnostics::default();
        let site = LoadedSite::read(&options, &mut problems);
        let of_config = |problem: &Diagnostic| problem.code == Code::SiteConfig;
        problems.into_sorted().into_iter().filter(of_config).for_each(|problem| diagnostics.push(problem));
        let site = site.filter(|_| !diagnostics.has_errors())?;

        let entry = Entry { path: self.file.display().to_string(), on_disk: self.file.clone() };
        let bytes = folder::read_bytes(&entry, diagnostics)?;
        let received = Received::new(&entry.path, &self.file, bytes);
        let path = self.path(diagnostics)?;
        let format = match self.format.as_deref().and_then(named) {
            Some(format) if format.is_binary() || received.is_text() => format,
            Some(_) => {
                diagnostics.push(import::unknown::problem(&received));
                return None;
            }
            None => detect(&received, diagnostics)?,
        };
        received.report_encoding(diagnostics);
        let content = format.import(&FileToImport { received: &received, path: &path }, diagnostics)?;
        let mut lines = content.remarks.clone();
        if !content.texts.is_empty() {
            lines.extend(self.texts(&content, &site, diagnostics)?);
        }
        if let Some(annotations) = &content.annotations {
            // Comments in a document are about the text that has just been written.
            let site = if content.texts.is_empty() {
                site
            } else {
                LoadedSite::read(&options, &mut Diagnostics::default())?
            };
            let path = content.texts.first().map_or(path, |text| text.path.clone());
            lines.extend(self.notes(
                annotations,
                &received.file,
                &site,
                &path,
                !content.texts.is_empty(),
                diagnostics,
            )?);
        }
        Some(lines)
    }

    /// The path of the text, relative to `sources/`.
    fn path(&self, diagnostics: &mut Diagnostics) -> Option<String> {
        let path = match &self.into {
            Some(into) => address::as_text_path(into).to_owned(),
            None => slug(&self.file.file_stem().unwrap_or_default().to_string_lossy()),
        };
        let hidden = path.split('/').any(|name| name.starts_with(['.', '_']));
        let why = path_error(&path)
            .or_else(|| hidden.then(|| "names that begin with `.` or `_` are reserved".to_owned()));
        let Some(why) = why else { return Some(path) };
        let message = format!("invalid path `{}` for a text: {why}", self.into.as_deref().unwrap_or(&path));
        diagnostics.push(
            Diagnostic::error(Code::SitePath, Place::of_path(address::SOURCES), message)
                .help("set a path relative to sources/ with `--into`, such as `folder/text`"),
        );
        None
    }

    /// Writes texts and, if wanted, the works that they refer to.
    fn texts(
        &self,
        content: &Content,
        site: &LoadedSite,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<String>> {
        let mut files: Vec<NewFile> = Vec::new();
        for text in &content.texts {
            for other in [
                format!("{}/{}.md", address::SOURCES, text.path),
                format!("{}/{}", address::SOURCES, text.path),
            ] {
                if self.site.join(&other).exists() {
                    diagnostics.push(already_exists(&other));
                    return None;
                }
            }
            files.extend(text.files.iter().cloned());
        }
        let known = |key: &str| site.bibliography.works().any(|work| work.key == key);
        let path = content.texts.first().map_or("", |text| text.path.as_str());
        files.extend(Some(&content.works).filter(|works| self.works && !works.is_empty()).map(|works| {
            let path = format!("{}/{path}-references.json", address::ANNOTATIONS);
            NewFile { path, bytes: import::works::write(works, &known).into_bytes() }
        }));
        self.write(&files, diagnostics)?;
        let mut lines: Vec<String> = files.iter().map(|file| format!("wrote {}", file.path)).collect();
        lines.extend(content.texts.iter().flat_map(|text| text.remarks.iter().cloned()));
        if self.works && content.works.is_empty() {
            lines.push("the file has no list of references that could become works".to_owned());
        } else if !self.works && !content.works.is_empty() {
            let works = count(content.works.len(), "reference", "references");
            lines.push(format!("{works} can become works: import with `--works`"));
        }
        lines.push(format!(
            "next: proofread the text, then write notes in {}/{path}.md",
            address::ANNOTATIONS
        ));
        Some(lines)
    }

    /// Writes notes into the layers of the texts that they are about.
    fn notes(
        &self,
        annotations: &[Annotation],
        file: &Arc<File>,
        loaded: &LoadedSite,
        path: &str,
        of_text: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<String>> {
        let site = &loaded.site;
        let kind = match &self.kind {
            None => None,
            Some(id) => match site.find_kind(id) {
                Some((_, kind)) => Some(kind),
                None => {
                    let known = site.kinds.iter().map(|kind| kind.id.as_str());
                    let problem = Diagnostic::error(
                        Code::NoteKind,
                        Place::of_path(address::CONFIG),
                        format!("unknown kind `{id}`"),
                    );
                    diagnostics.push(problem.help(did_you_mean(id, known)));
                    return None;
                }
            },
        };
        let library = &loaded.library;
        let mut default = library.source(path).map_or(path, |source| source.path.as_str());
        if let (None, None, [only]) = (&self.into, library.source(path), library.sources.as_slice()) {
            default = &only.path;
        }
        let any_page = of_text || (self.any_page && self.into.is_some());
        let destinations = destination::sort(annotations, &library.sources, default, any_page);
        let mut lines = Vec::new();
        let mut writes: Vec<(String, Option<String>, String)> = Vec::new();
        let (mut sum, mut missing) = (ImportedLayer::default(), Vec::new());
        for (path, indices) in &destinations.texts {
            let own: Vec<Annotation> = indices.iter().map(|index| annotations[*index].clone()).collect();
            let source = library.source(path).or_else(|| library.source(address::folder_of(path)));
            if source.is_none() {
                missing.push(path.clone());
            }
            let mut written = self.layer(&own, file, loaded, path, kind, diagnostics);
            writes.append(&mut written.files);
            sum.add(&written);
        }
        let listed: usize = destinations.elsewhere.values().map(Vec::len).sum();
        for (path, previous, text) in &writes {
            let result = match previous {
                None => atomic_write::create(&self.site, path, text.as_bytes()),
                Some(previous) => {
                    atomic_write::replace(&self.site.join(path), previous, text).and_then(|done| {
                        if done { Ok(()) } else { Err(io::Error::other("the file changed in the meantime")) }
                    })
                }
            };
            if let Err(cause) = result {
                diagnostics.push(match cause.kind() {
                    io::ErrorKind::AlreadyExists => already_exists(path),
                    _ => write_error(path, &cause),
                });
                return None;
            }
            lines.push(format!("{} {path}", if previous.is_some() { "updated" } else { "wrote" }));
        }
        lines.extend(report(&sum, annotations.len(), listed, site));
        for (page, indices) in &destinations.elsewhere {
            lines.push(format!(
                "not imported: {} on {page}, which is the `url`, `canonical` or `doi` of no text",
                count(indices.len(), "annotation", "annotations")
            ));
        }
        if listed > 0 {
            lines.push(format!(
                "to import {} as notes on one text, add `--into TEXT --any-page`",
                if listed == 1 { "it" } else { "them" }
            ));
        }
        lines.push(match missing.first() {
            Some(path) => format!("next: add the text `{path}` as {}/{path}/index.md", address::SOURCES),
            None => "next: run `postil check` to see what the notes still need".to_owned(),
        });
        Some(lines)
    }

    /// Writes the annotations on one text as notes in its layers.
    fn layer(
        &self,
        annotations: &[Annotation],
        file: &Arc<File>,
        loaded: &LoadedSite,
        path: &str,
        kind: Option<&Kind>,
        diagnostics: &mut Diagnostics,
    ) -> ImportedLayer {
        let mut ignored = Diagnostics::default();
        let library = &loaded.library;
        let source = library.source(path).or_else(|| library.source(address::folder_of(path)));
        let read = source.map(|source| {
            let text = text::parse(source, library, &loaded.highlighter, &mut ignored);
            let folded = fold(text.reading());
            (source, text, folded)
        });
        let mut layers = source.map(|source| loaded.layer_files(source, &mut ignored)).unwrap_or_default();
        if source.is_none() {
            let own = format!("{}/{path}.md", address::ANNOTATIONS);
            let entry = Entry { on_disk: self.site.join(&own), path: own };
            layers.extend(folder::read(&entry, &mut ignored));
        }
        let notes = Layers::read(&layers, &loaded.site, &mut ignored);
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let into = ImportContext {
            site: &loaded.site,
            text: read.as_ref().map(|(source, text, folded)| (*source, text, folded)),
            layers: &layers,
            ids: notes.notes().map(|(_, _, note)| note.id.clone()).collect(),
            works: loaded.bibliography.works().map(|work| work.key.clone()).collect(),
            kind,
            name: &stem,
            path: &self.layer_path(path),
        };
        import::layer::write(annotations, file, &into, diagnostics)
    }

    /// The path of a new layer: that of the text, or a free one inside the text's folder of layers.
    fn layer_path(&self, path: &str) -> String {
        let stem = slug(&self.file.file_stem().unwrap_or_default().to_string_lossy());
        let stem = if stem.is_empty() { "imported".to_owned() } else { stem };
        let numbered = (2..).map(|number| format!("{path}/{stem}-{number}.md"));
        let wanted = [format!("{path}.md"), format!("{path}/{stem}.md")].into_iter().chain(numbered);
        let free = |wanted: &String| !self.site.join(address::ANNOTATIONS).join(wanted).exists();
        let free = wanted.into_iter().find(free).unwrap_or_default();
        format!("{}/{free}", address::ANNOTATIONS)
    }

    /// Creates all files, or none if one of them exists.
    fn write(&self, files: &[NewFile], diagnostics: &mut Diagnostics) -> Option<()> {
        for (index, file) in files.iter().enumerate() {
            if let Err(cause) = atomic_write::create(&self.site, &file.path, &file.bytes) {
                for done in &files[..index] {
                    let _ = fs::remove_file(self.site.join(&done.path));
                }
                let problem = if cause.kind() == io::ErrorKind::AlreadyExists {
                    already_exists(&file.path)
                } else {
                    write_error(&file.path, &cause)
                };
                diagnostics.push(problem);
                return None;
            }
        }
        Some(())
    }
}

/// The values of `--as`.
fn formats() -> PossibleValuesParser {
    FORMATS.map(|format| PossibleValue::new(format.name()).help(format.help())).into()
}

fn already_exists(path: &str) -> Diagnostic {
    Diagnostic::error(Code::SitePath, Place::of_path(path), "the file exists and is not overwritten")
        .help("choose another path with `--into`, or remove the existing file")
}

fn write_error(path: &str, cause: &io::Error) -> Diagnostic {
    let message = format!("cannot write the file: {}", io_reason(cause));
    Diagnostic::error(Code::SitePath, Place::of_path(path), message).help("make the folder writable")
}

/// The lines that report what became of the annotations: notes, replies and listed ones add up to all of them.
fn report(sum: &ImportedLayer, total: usize, elsewhere: usize, site: &Site) -> Vec<String> {
    let again = sum.updated + sum.kept + sum.unchanged > 0;
    let listed = sum.unmatched + elsewhere;
    let mut lines = vec![format!(
        "{}: {}, {}, {listed} listed{}",
        count(total, "annotation", "annotations"),
        count(sum.placed, "note", "notes"),
        count(sum.replies, "reply", "replies"),
        match (sum.unmatched, elsewhere) {
            (0, 0) => String::new(),
            (unmatched, 0) => format!(" ({unmatched} unmatched)"),
            (0, elsewhere) => format!(" ({elsewhere} on other pages)"),
            (unmatched, elsewhere) => format!(" ({unmatched} unmatched, {elsewhere} on other pages)"),
        }
    )];
    if again {
        lines.push(format!(
            "imported before: {} unchanged, {} updated, {} edited or removed here and left alone; {} new",
            sum.unchanged, sum.updated, sum.kept, sum.added
        ));
    }
    if sum.remainders > 0 {
        lines.push(format!(
            "{} not understood as a whole; the rest is kept verbatim in comments",
            count(sum.remainders, "annotation was", "annotations were")
        ));
    }
    if sum.without_kind > 0 {
        let first = site.kinds.first().map_or("", |kind| &kind.id);
        lines.push(format!(
            "{} no kind of this site and became `{first}`: choose another with `--kind`, or edit the heading",
            count(sum.without_kind, "annotation names", "annotations name"),
        ));
    }
    if sum.drafts > 0 {
        lines.push(format!(
            "{}: remove `draft=true` to publish",
            count(sum.drafts, "private annotation became a draft", "private annotations became drafts")
        ));
    }
    lines
}
