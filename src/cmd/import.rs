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
use crate::import;
use crate::import::format::{Content, FileToImport, Imported, NewFile};
use crate::import::layer::{ImportContext, ImportedLayer};
use crate::import::{FORMATS, detect, named};
use crate::names::address;
use crate::names::path::path_error;
use crate::notes::Layers;
use crate::output::atomic_write;
use crate::pipeline::{LoadedSite, Options};
use crate::site::Site;
use crate::site::folder::{self, Entry};
use crate::text;

/// Arguments of `postil import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil import article.html                  to sources/article/, with the page and its pictures
  postil import talk.txt --into talks/2024    to sources/talks/2024/index.md
  postil import notes.json --into article     to annotations/article.md: notes on that text
  postil import notes.json --into article --as webannotation --kind comment

A text is compared with its original word by word. Notes are placed by the words they quote; unmatched annotations \
 become comments and are reported. Existing files are never overwritten.")]
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
        let file = folder::read(&entry, diagnostics)?;
        let path = self.path(diagnostics)?;
        let format = self.format.as_deref().and_then(named).unwrap_or_else(|| detect(&file));
        let to_import = FileToImport { file: &file, on_disk: &self.file, path: &path };
        match format.import(&to_import, diagnostics)? {
            Content::Text(text) => self.text(text, &path, diagnostics),
            Content::Notes(annotations) => self.notes(&annotations, &file, &site, &path, diagnostics),
        }
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

    fn text(&self, imported: Imported, path: &str, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
        for other in [format!("{}/{path}.md", address::SOURCES), format!("{}/{path}", address::SOURCES)] {
            if self.site.join(&other).exists() {
                diagnostics.push(already_exists(&other));
                return None;
            }
        }
        self.write(&imported.files, diagnostics)?;
        let mut lines: Vec<String> =
            imported.files.iter().map(|file| format!("wrote {}", file.path)).collect();
        lines.extend(imported.remarks);
        lines.push(format!(
            "next: proofread the text, then write notes in {}/{path}.md",
            address::ANNOTATIONS
        ));
        Some(lines)
    }

    fn notes(
        &self,
        annotations: &[Annotation],
        file: &Arc<File>,
        loaded: &LoadedSite,
        path: &str,
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
        let mut ignored = Diagnostics::default();
        let library = &loaded.library;
        let source = library.source(path).or_else(|| library.source(address::folder_of(path)));
        let read = source.map(|source| {
            let text = text::parse(source, library, &loaded.highlighter, &mut ignored);
            let folded = fold(text.reading());
            (source, text, folded)
        });
        let layers = source.map(|source| loaded.layer_files(source, &mut ignored)).unwrap_or_default();
        let notes = Layers::read(&layers, site, &mut ignored);
        let target = self.layer_path(path, source.map(|source| source.path.as_str()), diagnostics)?;
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let into = ImportContext {
            site,
            text: read.as_ref().map(|(source, text, folded)| (*source, text, folded)),
            ids: notes.notes().map(|(_, _, note)| note.id.clone()).collect(),
            works: loaded.bibliography.works().map(|work| work.key.clone()).collect(),
            kind,
            name: &stem,
        };
        let written = import::layer::write(annotations, file, &into, diagnostics);
        let new = NewFile { path: target.clone(), bytes: written.text.clone().into_bytes() };
        self.write(&[new], diagnostics)?;
        Some(report(&written, &target, path, source.is_some(), site))
    }

    /// The path of the new layer: that of the text, or inside the text's folder of layers if that one exists
    /// already.
    fn layer_path(&self, path: &str, source: Option<&str>, diagnostics: &mut Diagnostics) -> Option<String> {
        let stem = slug(&self.file.file_stem().unwrap_or_default().to_string_lossy());
        let second = format!("{path}/{}.md", if stem.is_empty() { "imported" } else { &stem });
        let wanted = [format!("{path}.md"), second];
        let count = if source == Some(path) { 2 } else { 1 };
        let free = wanted
            .iter()
            .take(count)
            .find(|wanted| !self.site.join(address::ANNOTATIONS).join(wanted).exists());
        match free {
            Some(free) => Some(format!("{}/{free}", address::ANNOTATIONS)),
            None => {
                diagnostics.push(already_exists(&format!("{}/{}", address::ANNOTATIONS, wanted[count - 1])));
                None
            }
        }
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
                    let message = format!("cannot write the file: {}", io_reason(&cause));
                    Diagnostic::error(Code::SitePath, Place::of_path(&file.path), message)
                        .help("make the folder writable")
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

/// The lines that report what became of the annotations.
fn report(written: &ImportedLayer, target: &str, path: &str, has_source: bool, site: &Site) -> Vec<String> {
    let ImportedLayer { total, placed, replies, unmatched, without_kind, drafts, .. } = written;
    let mut lines = vec![
        format!("wrote {target}"),
        format!(
            "{}: {}, {}, {unmatched} unmatched",
            count(*total, "annotation", "annotations"),
            count(*placed, "note", "notes"),
            count(*replies, "reply", "replies"),
        ),
    ];
    if *without_kind > 0 {
        let first = site.kinds.first().map_or("", |kind| &kind.id);
        lines.push(format!(
            "{} no kind of this site and became `{first}`: choose another with `--kind`, or edit the heading",
            count(*without_kind, "annotation names", "annotations name"),
        ));
    }
    if *drafts > 0 {
        lines.push(format!(
            "{}: remove `draft=true` to publish",
            count(*drafts, "private annotation became a draft", "private annotations became drafts")
        ));
    }
    lines.push(if has_source {
        "next: run `postil check` to see what the notes still need".to_owned()
    } else {
        format!("next: add the text `{path}` as {}/{path}/index.md", address::SOURCES)
    });
    lines
}
