//! Reads `sources/` into a [`Library`]: all texts with their front matter, and the files beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pulldown_cmark::{Event, Tag, TagEnd};
use rayon::prelude::*;
use serde::Deserialize;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place};
use crate::markdown;
use crate::names::address;
use crate::site::date::Date;
use crate::site::folder::{self, Entry};
use crate::site::{front_matter, is_language_tag};

/// The front matter of a source.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Front {
    /// Its title.
    pub title: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// The date of publication, if known.
    pub date: Option<Date>,
    /// The date on which the copy was taken.
    pub retrieved: Option<Date>,
    /// The address it was published at, if known.
    pub url: Option<String>,
    /// The address that its publisher prefers, if it differs from `url`.
    pub canonical: Option<String>,
    /// Its DOI, without `https://doi.org/`.
    pub doi: Option<String>,
    /// Its publisher.
    pub publisher: Option<String>,
    /// The licence or terms under which it is reproduced.
    pub licence: Option<String>,
    /// The language of the text.
    pub language: Option<String>,
    /// The path of the original file as it was received.
    pub original: Option<String>,
    /// Its order within its folder, smaller first.
    pub weight: i64,
    /// Which warnings about it `check --strict` lets pass.
    pub check: Check,
    /// Whether it is left out unless drafts are requested.
    pub draft: bool,
    /// A free table for templates.
    pub extra: toml::Table,
}

/// The table `[check]` of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    /// The codes of warnings about this text and its notes that `check --strict` lets pass.
    pub allow: Vec<String>,
}

/// A source text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path without `.md` or `/index.md`, such as `kratom-gad`.
    pub path: String,
    /// The file.
    pub file: Arc<File>,
    /// The offset in the file at which the text begins, after the front matter.
    pub body: usize,
    /// Its front matter.
    pub front: Front,
    /// Its title, from the front matter, the first heading or the file's name.
    pub title: String,
    /// The ids that links from elsewhere can lead to, computed when the first such link is resolved.
    pub(crate) link_targets: OnceLock<BTreeSet<String>>,
}

impl Source {
    /// The output path of its page.
    pub fn page(&self) -> String {
        address::page_in(&self.path)
    }

    /// The language of the text, or else the language of the edition.
    pub fn language<'a>(&'a self, edition: &'a str) -> &'a str {
        self.front.language.as_deref().unwrap_or(edition)
    }

    /// The text without front matter.
    pub fn text(&self) -> &str {
        self.file.text.get(self.body..).unwrap_or_default()
    }

    /// The folder of its file, relative to `sources/`, without a trailing slash.
    pub fn folder(&self) -> &str {
        address::folder_of(address::below(address::SOURCES, &self.file.path))
    }

    /// The path of the original file, relative to `sources/`, if there is one.
    pub fn original(&self) -> Option<String> {
        let (name, folder) = (self.front.original.as_deref()?, self.folder());
        Some(address::in_folder(folder, name))
    }

    /// The location of a key's line in the front matter, or else of the start of the file.
    pub fn key_place(&self, key: &str) -> Place {
        let front = &self.file.text[..self.body.min(self.file.text.len())];
        let mut at = 0;
        for line in front.split_inclusive('\n') {
            let rest = line.trim_start().strip_prefix(key).map(str::trim_start);
            if rest.is_some_and(|rest| rest.starts_with('=')) {
                return Place::new(&self.file, at..at + line.trim_end().len());
            }
            at += line.len();
        }
        Place::new(&self.file, 0..0)
    }
}

/// All texts and assets in `sources/`.
#[derive(Debug, Default)]
pub(crate) struct Library {
    /// The texts in reading order: by folder, then by weight, then by path.
    pub sources: Vec<Source>,
    /// All other files, by path relative to `sources/`, which is also their output path.
    pub assets: BTreeMap<String, PathBuf>,
    /// The paths of drafts that were left out.
    pub drafts: Vec<String>,
    /// The paths of texts that cannot be read.
    pub unread: Vec<String>,
    by_path: BTreeMap<String, usize>,
}

impl Library {
    /// Divides the files of `sources/` into texts and assets, and reads the texts.
    pub(crate) fn read(
        files: BTreeMap<String, Entry>,
        with_drafts: bool,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut library = Self::default();
        let mut texts = Vec::new();
        for (path, entry) in files {
            if path.split('/').any(|name| name.starts_with('_')) {
                continue;
            }
            if path.ends_with(".md") {
                texts.push(entry);
            } else {
                library.assets.insert(path, entry.on_disk);
            }
        }
        let read: Vec<(Option<Source>, Diagnostics)> = texts.par_iter().map(read_source).collect();
        let mut left_out = Vec::new();
        for (entry, (source, problems)) in texts.iter().zip(read) {
            diagnostics.extend(problems);
            match source {
                Some(source) if source.front.draft && !with_drafts => left_out.push(source),
                Some(source) => library.sources.push(source),
                None => library.unread.push(path_of(&entry.path)),
            }
        }
        library.leave_out(left_out);
        library.order();
        library.index(diagnostics);
        library
    }

    /// Warns of files that are published although no text names them, and that are usually working files.
    pub(crate) fn report_working_files(&self, diagnostics: &mut Diagnostics) {
        const WORKING: [&str; 13] = [
            "docx", "doc", "odt", "rtf", "xlsx", "xls", "ods", "csv", "tsv", "json", "jsonl", "psd", "sqlite",
        ];
        for path in self.assets.keys() {
            let name = address::name_of(path);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
            if !WORKING.contains(&extension.as_str()) {
                continue;
            }
            let encoded = name.replace(' ', "%20");
            let is_named = self
                .sources
                .iter()
                .any(|source| source.file.text.contains(name) || source.file.text.contains(&encoded));
            if !is_named {
                let place = Place::of_path(format!("{}/{path}", address::SOURCES));
                diagnostics.push(
                    Diagnostic::warning(Code::SiteRead, place, "the file is published, but no text links to it").help(
                        "move it out of sources/, list it in `ignore` under `[build]` in site.toml, or link to it from a text",
                    ),
                );
            }
        }
    }

    /// The text at `path`.
    pub(crate) fn source(&self, path: &str) -> Option<&Source> {
        self.position(path).and_then(|index| self.sources.get(index))
    }

    /// The index of the text at `path`.
    pub(crate) fn position(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Whether `folder` contains texts, but is not a text itself.
    pub(crate) fn is_section(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let first = self.by_path.range(below.clone()..).next();
        !self.by_path.contains_key(folder) && first.is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// The texts before and after the one with this index.
    pub(crate) fn neighbours(&self, index: usize) -> (Option<&Source>, Option<&Source>) {
        (index.checked_sub(1).and_then(|i| self.sources.get(i)), self.sources.get(index + 1))
    }

    /// Removes drafts, and the files in their folders unless these belong to a text deeper inside.
    fn leave_out(&mut self, drafts: Vec<Source>) {
        let folder = |source: &Source| (source.folder() == source.path).then(|| format!("{}/", source.path));
        let hidden: Vec<String> = drafts.iter().filter_map(folder).collect();
        if !hidden.is_empty() {
            let shown: Vec<String> = self.sources.iter().filter_map(folder).collect();
            let depth = |folders: &[String], path: &str| {
                folders.iter().filter(|folder| path.starts_with(folder.as_str())).map(String::len).max()
            };
            self.assets.retain(|path, _| depth(&hidden, path) <= depth(&shown, path));
        }
        self.drafts = drafts.into_iter().map(|draft| draft.path).collect();
    }

    fn order(&mut self) {
        // A folder is sorted by its name among the texts beside it; weights apply within a folder.
        self.sources.sort_by_cached_key(|source| {
            let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
            (folder.to_owned(), source.front.weight, name.to_owned())
        });
    }

    fn index(&mut self, diagnostics: &mut Diagnostics) {
        let mut by_path: BTreeMap<String, usize> = BTreeMap::new();
        let mut duplicates = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            if let Some(&first) = by_path.get(&source.path) {
                let first = &self.sources[first];
                diagnostics.push(
                    Diagnostic::error(
                        Code::SitePath,
                        Place::new(&source.file, 0..0),
                        format!("two files for the text `{}`", source.path),
                    )
                    .related(Place::new(&first.file, 0..0), "the other file")
                    .help("rename one of them"),
                );
                duplicates.push(index);
            } else {
                by_path.insert(source.path.clone(), index);
            }
        }
        for index in duplicates.into_iter().rev() {
            self.sources.remove(index);
        }
        self.by_path = self.sources.iter().enumerate().map(|(i, s)| (s.path.clone(), i)).collect();
    }
}

fn read_source(entry: &Entry) -> (Option<Source>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let source = folder::read(entry, &mut diagnostics).map(|file| parse(file, &mut diagnostics));
    (source, diagnostics)
}

/// Splits a file into front matter and text.
pub(crate) fn parse(file: Arc<File>, diagnostics: &mut Diagnostics) -> Source {
    let (front, body): (Front, usize) = front_matter::read(&file, Code::SourceFrontMatter, diagnostics);
    let path = path_of(&file.path);
    let link_targets = OnceLock::new();
    let mut source = Source { title: String::new(), path, body, front, file, link_targets };
    check_front(&source, diagnostics);
    source.front.original = source.front.original.take().filter(|original| is_in_folder(original));
    let title = source
        .front
        .title
        .clone()
        .filter(|title| !title.trim().is_empty())
        .or_else(|| first_heading(source.text()))
        .unwrap_or_else(|| source.path.rsplit('/').next().unwrap_or_default().replace('-', " "));
    Source { title, ..source }
}

/// The path of the text in the file at `file`, which is relative to the site's folder.
pub(crate) fn path_of(file: &str) -> String {
    address::text_of(address::below(address::SOURCES, file)).to_owned()
}

fn check_front(source: &Source, diagnostics: &mut Diagnostics) {
    let mut error = |key: &str, message: String, help: &str| {
        let place = source.key_place(key);
        diagnostics.push(Diagnostic::error(Code::SourceFrontMatter, place, message).help(help));
    };
    if let Some(language) = source.front.language.as_deref().filter(|tag| !is_language_tag(tag)) {
        let message = format!("invalid language tag `{language}`");
        error("language", message, "use a tag such as `en`, `de` or `pt-BR`");
    }
    if let Some(url) = &source.front.url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        error(
            "url",
            format!("invalid URL `{url}`"),
            "use an address that starts with `https://`, or remove the key",
        );
    }
    let is_code = |code: &&String| !Code::ALL.iter().any(|known| known.as_str() == code.as_str());
    if let Some(code) = source.front.check.allow.iter().find(is_code) {
        error("allow", format!("unknown code `{code}`"), "use the code of a warning, such as `asset.remote`");
    }
    if let Some(original) = source.front.original.as_deref().filter(|path| !is_in_folder(path)) {
        let message = format!("`{original}` is outside the text's folder");
        error("original", message, "put the file beside the text, and use its path relative to the text");
    }
}

/// Whether a relative path stays within its folder.
fn is_in_folder(path: &str) -> bool {
    !path.contains('\\') && path.split('/').all(|name| !matches!(name, "" | "." | ".."))
}

/// The text of the first heading.
fn first_heading(text: &str) -> Option<String> {
    let mut words: Option<String> = None;
    for (event, _) in markdown::events(text, 0) {
        match (event, &mut words) {
            (Event::Start(Tag::Heading { .. }), words) => *words = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(words)) => {
                return Some(std::mem::take(words)).filter(|w| !w.is_empty());
            }
            (Event::Text(text) | Event::Code(text), Some(words)) => words.push_str(&text),
            (Event::SoftBreak | Event::HardBreak, Some(words)) => words.push(' '),
            _ => {}
        }
    }
    None
}

/// The location at which problems that concern a whole text are reported: its first words.
pub(crate) fn text_start(source: &Source) -> Place {
    let text = source.text();
    let blank = text.len() - text.trim_start().len();
    let start = source.body + if blank < text.len() { blank } else { 0 };
    Place::new(&source.file, FileSpan::new(start, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> (Source, Vec<Diagnostic>) {
        let mut diagnostics = Diagnostics::default();
        let source = parse(File::new(path, text), &mut diagnostics);
        (source, diagnostics.into_sorted())
    }

    #[test]
    fn the_id_of_a_text_is_its_path() {
        assert_eq!(source("sources/a/b/index.md", "").0.path, "a/b");
        assert_eq!(source("sources/a/b.md", "").0.path, "a/b");
        assert_eq!(source("sources/a/b/index.md", "").0.folder(), "a/b");
        assert_eq!(source("sources/a/b.md", "").0.folder(), "a");
    }

    #[test]
    fn the_title_falls_back_to_the_heading_and_the_file_name() {
        assert_eq!(source("sources/a.md", "+++\ntitle = \"T\"\n+++\n# H").0.title, "T");
        assert_eq!(source("sources/a.md", "x\n\n## H *e*\n").0.title, "H e");
        assert_eq!(source("sources/my-text.md", "x").0.title, "my text");
    }

    #[test]
    fn front_matter_is_checked() {
        let (_, problems) = source(
            "sources/a.md",
            "+++\nlanguage = \"x\"\nurl = \"javascript:x\"\noriginal = \"../b\"\n+++\n",
        );
        let lines: Vec<_> = problems.iter().map(|p| p.place.line_column().0).collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
