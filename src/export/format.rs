//! The formats of `postil export`, and the data that they are made from.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::bibliography::Bibliography;
use crate::derive::registers::Entry;
use crate::names::address;
use crate::names::link;
use crate::reader::Reader;
use crate::site::Site;
use crate::text::library::{Library, Source};

/// The files of a built site, by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A format of `postil export`.
pub(crate) struct Format {
    /// Its name on the command line and in `site.toml`.
    pub name: &'static str,
    /// The end of the names of its files, such as `.docx`.
    pub ending: &'static str,
    /// The string in the theme that labels links to its files.
    pub label: &'static str,
    /// A description for people who choose a format.
    pub about: &'static str,
    /// How its files are made.
    pub make: Make,
}

/// How the files of a format are made.
#[derive(Clone, Copy)]
pub(crate) enum Make {
    /// One file for each text.
    Text(fn(&Reader<'_>, &ExportContext<'_>) -> io::Result<Vec<u8>>),
    /// One file for all texts. Each text is made into a part, and then dropped, to bound memory.
    Edition(
        fn(&Reader<'_>, &ExportContext<'_>) -> io::Result<Part>,
        fn(Vec<Part>, &ExportContext<'_>) -> io::Result<Vec<u8>>,
    ),
    /// One file for each text, from its page in the built site.
    Page(fn(&Source, &Files, &ExportContext<'_>) -> io::Result<Vec<u8>>),
    /// One file, from all files of the built site.
    Site(fn(&Files, &ExportContext<'_>) -> io::Result<Vec<u8>>),
}

impl Format {
    /// Whether there is a file for each text.
    pub(crate) fn is_for_each_text(&self) -> bool {
        matches!(self.make, Make::Text(_) | Make::Page(_))
    }

    /// Whether it needs the files of the built site.
    pub(crate) fn needs_site(&self) -> bool {
        matches!(self.make, Make::Page(_) | Make::Site(_))
    }

    /// The name of its file on `source`.
    pub(crate) fn file_of(&self, source: &Source) -> String {
        format!("{}{}", address::name_of(&source.path), self.ending)
    }

    /// The path of its file on `source` in a built site.
    pub(crate) fn path_of(&self, source: &Source) -> String {
        address::in_folder(&source.path, &self.file_of(source))
    }

    /// The name of its file on the whole edition.
    pub(crate) fn file_of_edition(&self, site: &Site) -> String {
        let name = crate::html::slug::slug(&site.title);
        format!("{}{}", if name.is_empty() { "edition" } else { &name }, self.ending)
    }
}

/// How a Word document contains the notes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum NoteForm {
    /// As comments on their passages.
    #[default]
    Comments,
    /// As endnotes.
    Endnotes,
    /// Not at all.
    None,
}

/// What an edition-wide format keeps of a text.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The index of the text in the library.
    pub index: usize,
    /// Files or pieces, by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// The headings of the text: level, words and the number of their block.
    pub headings: Vec<(u8, String, usize)>,
    /// How many numbered blocks the text has.
    pub blocks: usize,
    /// Its notes.
    pub entries: Vec<Entry>,
    /// The keys of the works it cites, each with its formatted entry.
    pub works: Vec<(String, String)>,
    /// Its notes as annotations.
    pub annotations: Vec<serde_json::Value>,
}

/// The data that all exports are made from.
pub(crate) struct ExportContext<'e> {
    /// The settings in `site.toml`.
    pub site: &'e Site,
    /// All texts, and the files beside them.
    pub library: &'e Library,
    /// All works.
    pub bibliography: &'e Bibliography,
    /// Other files in `annotations/`, by path relative to it.
    pub note_assets: &'e BTreeMap<String, PathBuf>,
    /// The interface strings.
    pub strings: &'e toml::Table,
    /// The indices of the texts to export, in reading order.
    pub selected: Vec<usize>,
    /// How a Word document contains the notes.
    pub notes: NoteForm,
}

impl ExportContext<'_> {
    /// An interface string; its name, if the theme does not define it.
    pub(crate) fn string<'w>(&'w self, name: &'w str) -> &'w str {
        self.strings.get(name).and_then(toml::Value::as_str).unwrap_or(name)
    }

    /// The texts to export.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Source> {
        self.selected.iter().filter_map(|&index| self.library.sources.get(index))
    }

    /// The output path that a relative URL on the page `from` leads to, and its fragment.
    pub(crate) fn target(from: &str, url: &str) -> Option<(String, String)> {
        match link::parse(url) {
            link::Link::Inside { path, fragment } if path.is_empty() => Some((from.to_owned(), fragment)),
            link::Link::Inside { path, fragment } => {
                Some((link::join(address::folder_of(from), &path)?, fragment))
            }
            _ => None,
        }
    }

    /// The contents of a file of the site at an output path, such as a picture.
    pub(crate) fn asset(&self, path: &str) -> Option<Vec<u8>> {
        let on_disk = match address::within(path, address::NOTE_ASSETS) {
            Some(path) => self.note_assets.get(path),
            None => self.library.assets.get(path),
        };
        std::fs::read(on_disk?).ok()
    }

    /// The URL for a link on the page `from`; `None` if it leads to another page of a site without a base URL.
    pub(crate) fn outside(&self, from: &str, url: &str) -> Option<String> {
        match link::parse(url) {
            link::Link::Outside(url) => Some(url),
            link::Link::Inside { .. } if !self.site.base_url.is_empty() => {
                let (path, fragment) = Self::target(from, url)?;
                let path = crate::names::path::relative("", &path);
                let mark = if fragment.is_empty() { "" } else { "#" };
                let fragment = crate::text::encode_fragment(&fragment);
                Some(format!("{}{}{mark}{fragment}", self.site.base_url, address::without_index(&path)))
            }
            _ => None,
        }
    }
}
