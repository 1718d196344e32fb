//! `postil import`: a text or notes from elsewhere into a site.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::report::{say, tell, warn};
use crate::anchor::fold::fold;
use crate::bibliography::{Bibliography, EXTENSIONS, Style};
use crate::compose::target::Annotation;
use crate::diagnostics::render::{count, summary, tally};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};
use crate::html::highlight::Highlighter;
use crate::html::slug::slug;
use crate::import::layer::{Into, Written};
use crate::import::{self, Format, Imported, NewFile};
use crate::names::path::fault;
use crate::notes::Layers;
use crate::output::atomic_write;
use crate::reader::links;
use crate::site::folder::{self, Entry};
use crate::site::{self, Site};
use crate::text;
use crate::text::library::{self, Library};

/// What `postil import` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil import article.html                  sources/article/, with the page and its pictures
  postil import talk.txt --into talks/2024    sources/talks/2024/index.md
  postil import notes.json --into article     annotations/article.md: notes on that text
  postil import notes.json --into article --as webannotation --kind comment

A text is proven to have the words it came from. Notes find their passages by their words; what has no place \
is kept in a comment, and told. Nothing that stands in the site is ever overwritten.")]
pub struct Import {
    /// The file to bring in
    file: PathBuf,
    /// What the file is; told from its name and what it holds, if left out
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// The path of the text: the new one, or the one that the notes are on; made from the file's name, if left out
    #[arg(long, value_name = "PATH")]
    into: Option<String>,
    /// The folder with site.toml
    #[arg(long, default_value = ".", value_name = "SITE")]
    site: PathBuf,
    /// The kind of notes that name none of the site's
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

impl Import {
    /// Imports, and tells what came of it.
    pub fn run(self) -> ExitCode {
        let mut diagnostics = Diagnostics::default();
        let told = self.import(&mut diagnostics);
        let diagnostics = diagnostics.into_sorted();
        tell(&diagnostics);
        let (errors, warnings) = tally(&diagnostics);
        match told {
            Some(lines) if errors == 0 => {
                lines.iter().for_each(|line| say(line));
                ExitCode::SUCCESS
            }
            _ => {
                warn(&format!("{}; nothing was written", summary(errors.max(1), warnings)));
                ExitCode::from(1)
            }
        }
    }

    /// Imports; `None` after an error, with nothing written.
    fn import(&self, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
        let site = self.open(diagnostics)?;
        let entry = Entry { path: self.file.display().to_string(), on_disk: self.file.clone() };
        let file = folder::read(&entry, diagnostics)?;
        let path = self.path(diagnostics)?;
        let format = self.format.unwrap_or_else(|| import::guess(&file));
        let annotations = match format {
            Format::Text => {
                let made = import::plain::import(&file, &path, diagnostics)?;
                return self.text(made, &path, diagnostics);
            }
            Format::Html => {
                let made = import::page::import(&file, &self.file, &path, diagnostics)?;
                return self.text(made, &path, diagnostics);
            }
            Format::Hypothesis => import::hypothesis::import(&file),
            Format::Webannotation => import::webannotation::import(&file),
        };
        match annotations {
            Ok(annotations) => self.notes(&annotations, &file, &site, &path, diagnostics),
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }

    fn open(&self, diagnostics: &mut Diagnostics) -> Option<Site> {
        let entry = Entry { path: site::FILE.to_owned(), on_disk: self.site.join(site::FILE) };
        if !entry.on_disk.is_file() {
            let message = format!("there is no {} in {}", site::FILE, self.site.display());
            diagnostics.push(
                Diagnostic::error(Code::SiteConfig, Place::of_path(site::FILE), message)
                    .help("name the folder of a site with `--site`, or make one with `postil init`"),
            );
            return None;
        }
        let file = folder::read(&entry, diagnostics)?;
        let site = Site::read(&file, diagnostics);
        (!diagnostics.has_errors()).then_some(site)
    }

    /// The path of the text, from `sources/`.
    fn path(&self, diagnostics: &mut Diagnostics) -> Option<String> {
        let path = match &self.into {
            Some(into) => named(into),
            None => slug(&self.file.file_stem().unwrap_or_default().to_string_lossy()),
        };
        let hidden = path.split('/').any(|name| name.starts_with(['.', '_']));
        let why = fault(&path)
            .or_else(|| hidden.then(|| "names that begin with `.` or `_` are never texts".to_owned()));
        let Some(why) = why else { return Some(path) };
        let message =
            format!("`{}` cannot be the path of a text: {why}", self.into.as_deref().unwrap_or(&path));
        diagnostics.push(
            Diagnostic::error(Code::SitePath, Place::of_path(library::FOLDER), message)
                .help("name it with `--into`, by its path from sources/, such as `folder/text`"),
        );
        None
    }

    fn text(&self, made: Imported, path: &str, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
        for other in [format!("{}/{path}.md", library::FOLDER), format!("{}/{path}", library::FOLDER)] {
            if self.site.join(&other).exists() {
                diagnostics.push(taken(&other));
                return None;
            }
        }
        self.write(&made.files, diagnostics)?;
        let mut told: Vec<String> = made.files.iter().map(|file| format!("wrote {}", file.path)).collect();
        told.extend(made.remarks);
        told.push(format!("next: look the text over, then write notes into {}/{path}.md", links::FOLDER));
        Some(told)
    }

    fn notes(
        &self,
        annotations: &[Annotation],
        file: &Arc<File>,
        site: &Site,
        path: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<String>> {
        let kind = match &self.kind {
            None => None,
            Some(id) => match site.kind(id) {
                Some(kind) => Some(kind),
                None => {
                    let known = site.kinds.iter().map(|kind| kind.id.as_str());
                    let problem = Diagnostic::error(
                        Code::NoteKind,
                        Place::of_path(site::FILE),
                        format!("the site has no kind `{id}`"),
                    );
                    diagnostics.push(problem.help(did_you_mean(id, known)));
                    return None;
                }
            },
        };
        // What is wrong with the site itself is for `check` to tell.
        let mut silent = Diagnostics::default();
        let library =
            Library::read(folder::list(&self.site, library::FOLDER, &mut silent), true, &mut silent);
        let parent = path.rsplit_once('/').map(|(folder, _)| folder);
        let source = library.source(path).or_else(|| parent.and_then(|parent| library.source(parent)));
        let read = source.map(|source| {
            let text = text::parse(source, &library, &Highlighter::default(), &mut silent);
            let folded = fold(text.reading());
            (source, text, folded)
        });
        let layers = folder::list(&self.site, links::FOLDER, &mut silent);
        let target =
            self.layer_path(path, source.map(|source| source.path.as_str()), &layers, diagnostics)?;
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let into = Into {
            site,
            text: read.as_ref().map(|(source, text, folded)| (*source, text, folded)),
            ids: source.map(|source| ids(&source.path, &layers, site)).unwrap_or_default(),
            works: works(&layers),
            kind,
            name: &stem,
        };
        let written = import::layer::write(annotations, file, &into, diagnostics);
        let new = NewFile { path: target.clone(), bytes: written.text.clone().into_bytes() };
        self.write(&[new], diagnostics)?;
        Some(report(&written, &target, path, source.is_some(), site))
    }

    /// Where the layer goes: to the path of the text, or into its folder where it has a layer already.
    fn layer_path(
        &self,
        path: &str,
        source: Option<&str>,
        layers: &std::collections::BTreeMap<String, Entry>,
        diagnostics: &mut Diagnostics,
    ) -> Option<String> {
        let stem = slug(&self.file.file_stem().unwrap_or_default().to_string_lossy());
        let second = format!("{path}/{}.md", if stem.is_empty() { "imported" } else { &stem });
        let wanted = [format!("{path}.md"), second];
        let count = if source == Some(path) { 2 } else { 1 };
        let free = wanted.iter().take(count).find(|wanted| !layers.contains_key(wanted.as_str()));
        match free {
            Some(free) => Some(format!("{}/{free}", links::FOLDER)),
            None => {
                diagnostics.push(taken(&format!("{}/{}", links::FOLDER, wanted[count - 1])));
                None
            }
        }
    }

    /// Writes files where nothing stands yet, all or none.
    fn write(&self, files: &[NewFile], diagnostics: &mut Diagnostics) -> Option<()> {
        for (index, file) in files.iter().enumerate() {
            if let Err(cause) = atomic_write::create(&self.site, &file.path, &file.bytes) {
                for done in &files[..index] {
                    let _ = fs::remove_file(self.site.join(&done.path));
                }
                let problem = if cause.kind() == io::ErrorKind::AlreadyExists {
                    taken(&file.path)
                } else {
                    let message = format!("cannot be written: {cause}");
                    Diagnostic::error(Code::SitePath, Place::of_path(&file.path), message)
                        .help("make the folder one that you may write")
                };
                diagnostics.push(problem);
                return None;
            }
        }
        Some(())
    }
}

/// A path as people name texts: with `sources/`, `annotations/`, `index.md` and `.md`, or without.
fn named(into: &str) -> String {
    let path = into.trim().trim_start_matches("./");
    let path = [library::FOLDER, links::FOLDER]
        .iter()
        .find_map(|folder| path.strip_prefix(folder)?.strip_prefix('/'))
        .unwrap_or(path);
    let path = path.strip_suffix(".md").unwrap_or(path);
    path.strip_suffix("/index").unwrap_or(path).trim_end_matches('/').to_owned()
}

fn taken(path: &str) -> Diagnostic {
    Diagnostic::error(
        Code::SitePath,
        Place::of_path(path),
        "something stands here already, and is not overwritten",
    )
    .help("name another path with `--into`, or take away what is there")
}

/// The ids of all notes on the text at `path`.
fn ids(path: &str, layers: &std::collections::BTreeMap<String, Entry>, site: &Site) -> BTreeSet<String> {
    let mut silent = Diagnostics::default();
    let is_own = |name: &str| {
        let stem = name.strip_suffix(".md").unwrap_or_default();
        stem == path || stem.rsplit_once('/').is_some_and(|(folder, _)| folder == path)
    };
    let files: Vec<Arc<File>> = layers
        .iter()
        .filter(|(name, _)| is_own(name))
        .filter_map(|(_, entry)| folder::read(entry, &mut silent))
        .collect();
    Layers::read(&files, site, &mut silent).notes().map(|(_, _, note)| note.id.clone()).collect()
}

/// The keys of the site's works.
fn works(layers: &std::collections::BTreeMap<String, Entry>) -> BTreeSet<String> {
    let mut silent = Diagnostics::default();
    let files: Vec<Arc<File>> = layers
        .iter()
        .filter(|(path, _)| path.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.contains(&end)))
        .filter_map(|(_, entry)| folder::read(entry, &mut silent))
        .collect();
    let style = Style::Named("vancouver", Place::of_path(site::FILE));
    let bibliography = Bibliography::load(&files, &style, "en", &mut silent);
    bibliography.works().map(|work| work.key.clone()).collect()
}

/// What became of the annotations, in words and numbers.
fn report(written: &Written, target: &str, path: &str, has_source: bool, site: &Site) -> Vec<String> {
    let Written { total, placed, replies, unplaced, unkind, drafts, .. } = written;
    let mut told = vec![
        format!("wrote {target}"),
        format!(
            "{}: {}, {}, {unplaced} without a place",
            count(*total, "annotation", "annotations"),
            count(*placed, "note", "notes"),
            count(*replies, "reply", "replies"),
        ),
    ];
    if *unkind > 0 {
        let first = site.kinds.first().map_or("", |kind| &kind.id);
        told.push(format!(
            "{} no kind of the site and became `{first}`: name another with `--kind`, or change the class in the heading",
            count(*unkind, "annotation names", "annotations name"),
        ));
    }
    if *drafts > 0 {
        told.push(format!(
            "{} private and a draft: take `draft=true` away to publish",
            count(*drafts, "annotation is", "annotations are")
        ));
    }
    told.push(if has_source {
        "next: `postil check` tells what the notes still lack".to_owned()
    } else {
        format!("next: the site has no text `{path}` yet; put it at {}/{path}/index.md", library::FOLDER)
    });
    told
}
