//! Links in notes: to other notes, to texts, to files, to the outside.
//!
//! A link is relative to the layer's file. One that leads to another text is promised here and
//! proven when all texts are known ([`PendingLink`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, nearest};
use crate::html::sanitize::Destination;
use crate::names::address;
use crate::names::link::{self, Link};
use crate::names::path::relative;
use crate::notes::Layers;
use crate::reader::edition::Edition;
use crate::text::library::Source;
use crate::text::{encode_fragment, place_id, places};

/// What the ids of headings in the edition's own pages begin with.
pub const PAGE_PREFIX: &str = "s-";

/// What a link needs that stands on another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// A note on another text.
    Note {
        /// The path of the text.
        source: String,
        /// The id of the note.
        note: String,
    },
    /// One of the edition's own pages.
    Page {
        /// Its output file.
        page: String,
        /// A heading on it, as the link names it; empty for the page itself.
        heading: String,
    },
}

/// A link to what has to be there when all pages are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLink {
    /// What has to be there.
    pub promised: LinkTarget,
    /// For whom the link is.
    pub audience: Option<String>,
    /// The link.
    pub place: Place,
}

/// What links of a page need, to lead somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Notes on other texts.
    pub promises: Vec<PendingLink>,
    /// Files beside the notes, by path from `annotations/`.
    pub files: BTreeSet<String>,
}

/// What is known of a note when links to it are proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// For whom it is.
    pub audience: Option<String>,
    /// Whether it is left out as a draft.
    pub draft: bool,
}

/// What links between pages can lead to.
#[derive(Debug, Default)]
pub struct Index {
    /// The notes of all texts, by the path of the text and by id.
    pub notes: BTreeMap<String, BTreeMap<String, Known>>,
    /// The ids on the edition's own pages, by output file.
    pub pages: BTreeMap<String, BTreeSet<String>>,
}

impl PendingLink {
    /// Reports the link if it leads nowhere, or to what its readers do not have.
    pub fn verify(self, index: &Index, diagnostics: &mut Diagnostics) {
        let problem = match &self.promised {
            LinkTarget::Note { source, note } => {
                let notes = index.notes.get(source);
                let found = notes.and_then(|notes| notes.get(note));
                let known = notes.into_iter().flat_map(|notes| notes.keys().map(String::as_str));
                judge(found, note, self.audience.as_deref(), known, self.place)
            }
            LinkTarget::Page { page, heading } => judge_page(index.pages.get(page), heading, self.place),
        };
        if let Some(problem) = problem {
            diagnostics.push(problem);
        }
    }
}

/// What is wrong with a link to a page of the edition's own, or to a heading on it.
fn judge_page(ids: Option<&BTreeSet<String>>, heading: &str, place: Place) -> Option<Diagnostic> {
    let problem =
        |message: String, help: String| Some(Diagnostic::error(Code::LinkBroken, place, message).help(help));
    let Some(ids) = ids else {
        return problem(
            "there is no such page".to_owned(),
            format!("name a file in {}/_pages/, or write that page", address::ANNOTATIONS),
        );
    };
    if heading.is_empty() || ids.contains(&format!("{PAGE_PREFIX}{heading}")) {
        return None;
    }
    let known = ids.iter().filter_map(|id| id.strip_prefix(PAGE_PREFIX));
    let help = match nearest(heading, known) {
        Some(near) => format!("write `#{near}`"),
        None => "write the words of a heading, in lower case with `-` between".to_owned(),
    };
    problem(format!("the page has no place `#{heading}`"), help)
}

/// What is wrong with a link to a note.
fn judge<'k>(
    found: Option<&Known>,
    id: &str,
    audience: Option<&str>,
    known: impl Iterator<Item = &'k str>,
    place: Place,
) -> Option<Diagnostic> {
    let broken =
        |message: String, help: String| Some(Diagnostic::error(Code::LinkBroken, place, message).help(help));
    match found {
        None => {
            let help = match nearest(id, known) {
                Some(near) => format!("write `#{near}`"),
                None => "write the id of a note on that text".to_owned(),
            };
            broken(format!("there is no note `{id}`"), help)
        }
        Some(note) if note.audience.is_some() && note.audience.as_deref() != audience => broken(
            format!("the note `{id}` is for `{}` only", note.audience.as_deref().unwrap_or_default()),
            "take the link away, or keep this note for the same audience".to_owned(),
        ),
        Some(note) if note.draft => broken(
            format!("the note `{id}` is a draft"),
            "take the link away, or finish the draft".to_owned(),
        ),
        Some(_) => None,
    }
}

/// Where the links of a note or preface lead.
pub(crate) struct NoteLinks<'l> {
    /// The output file that the links stand on.
    pub(crate) page: String,
    /// The text that the page is of, with its layers.
    pub(crate) layers: Option<(&'l str, &'l Layers<'l>)>,
    pub(crate) edition: &'l Edition<'l>,
    pub(crate) file: &'l Arc<File>,
    pub(crate) audience: Option<&'l str>,
    pub(crate) needs: &'l mut Needs,
    pub(crate) diagnostics: &'l mut Diagnostics,
}

impl NoteLinks<'_> {
    pub(crate) fn resolve(&mut self, to: Destination<'_>, span: FileSpan) -> Option<String> {
        match to {
            Destination::Link(written) => self.link(written, span),
            Destination::Image(written) => self.image(written, span),
        }
    }

    fn broken(&mut self, span: FileSpan, message: String, help: String) -> Option<String> {
        let place = Place::new(self.file, span);
        self.diagnostics.push(Diagnostic::error(Code::LinkBroken, place, message).help(help));
        None
    }

    fn link(&mut self, written: &str, span: FileSpan) -> Option<String> {
        match link::parse(written) {
            Link::Outside(address) => Some(address),
            Link::Inside { path, fragment } if path.is_empty() => self.same_page(&fragment, span),
            Link::Inside { path, fragment } => self.inside(&path, &fragment, span),
            Link::Hosted(_) | Link::Refused => self.broken(
                span,
                format!("the link to `{written}` leads nowhere"),
                "write a path from this file, or an address with `https://`".to_owned(),
            ),
        }
    }

    fn same_page(&mut self, fragment: &str, span: FileSpan) -> Option<String> {
        if fragment.is_empty() {
            return Some("#notes".to_owned());
        }
        let Some((_, layers)) = self.layers else {
            return Some(format!("#{}{}", PAGE_PREFIX, encode_fragment(fragment)));
        };
        let found = layers.find(fragment).map(|(layer, note)| Known {
            audience: Layers::audience(layer, note).map(str::to_owned),
            draft: Layers::is_draft(layer, note) && !self.edition.drafts,
        });
        let known = layers.notes().map(|(_, _, note)| note.id.as_str());
        let place = Place::new(self.file, span);
        match judge(found.as_ref(), fragment, self.audience, known, place) {
            Some(problem) => {
                self.diagnostics.push(problem);
                None
            }
            None => Some(format!("#note-{}", encode_fragment(fragment))),
        }
    }

    fn inside(&mut self, path: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let folder = address::folder_of(&self.file.path);
        let joined = link::join(folder, path);
        let target = joined.as_deref().and_then(|joined| self.target(joined, fragment, span));
        if target.is_none() {
            let help =
                "name a layer, a text, a page or a file of the site by its path from this file".to_owned();
            return self.broken(span, format!("there is nothing at `{path}`"), help);
        }
        target
    }

    /// The page or file of the site at `path`, from the site's folder.
    fn target(&mut self, path: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let page = self.page.clone();
        if let Some(asset) = address::within(path, address::SOURCES) {
            if self.edition.library.assets.contains_key(asset) {
                return Some(relative(&page, asset));
            }
            let target = self.edition.library.source(address::text_of(asset))?;
            return Some(self.text_place(target, fragment, span));
        }
        let path = address::within(path, address::ANNOTATIONS)?;
        if let Some(address) = self.file_beside(path) {
            return Some(address);
        }
        if let Some(folder) =
            address::introduced_folder(path).filter(|folder| self.edition.library.is_section(folder))
        {
            return Some(relative(&page, &address::page_in(folder)));
        }
        if let Some(target) = address::site_page(path) {
            return Some(self.own_page(target, fragment, span));
        }
        self.note_on_other(path.strip_suffix(".md")?, fragment, span)
    }

    fn text_place(&mut self, target: &Source, fragment: &str, span: FileSpan) -> String {
        let page = relative(&self.page, &target.page());
        if !fragment.is_empty() && !places(target, self.edition.highlighter).contains(fragment) {
            let message = format!("the text `{}` has no place `#{fragment}`", target.path);
            let _ = self.broken(
                span,
                message,
                "write the words of a heading, in lower case with `-` between".to_owned(),
            );
        }
        if fragment.is_empty() { page } else { with_fragment(page, &place_id(fragment)) }
    }

    /// A link to a page of the edition's own.
    fn own_page(&mut self, target: String, heading: &str, span: FileSpan) -> String {
        let address = relative(&self.page, &target);
        let id = if heading.is_empty() { String::new() } else { format!("{PAGE_PREFIX}{heading}") };
        self.promise(LinkTarget::Page { page: target, heading: heading.to_owned() }, span);
        with_fragment(address, &id)
    }

    fn promise(&mut self, promised: LinkTarget, span: FileSpan) {
        self.needs.promises.push(PendingLink {
            promised,
            audience: self.audience.map(str::to_owned),
            place: Place::new(self.file, span),
        });
    }

    /// A link to a layer: to the page of its text, and to a note there.
    fn note_on_other(&mut self, layer: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let library = self.edition.library;
        let target = library.source(layer).or_else(|| library.source(address::folder_of(layer)))?;
        if self.layers.is_some_and(|(path, _)| path == target.path) {
            return self.same_page(fragment, span);
        }
        let page = relative(&self.page, &target.page());
        if fragment.is_empty() {
            return Some(page);
        }
        let promised = LinkTarget::Note { source: target.path.clone(), note: fragment.to_owned() };
        self.promise(promised, span);
        Some(with_fragment(page, &format!("note-{fragment}")))
    }

    fn image(&mut self, written: &str, span: FileSpan) -> Option<String> {
        if let Link::Inside { path, .. } = link::parse(written) {
            let folder = address::folder_of(&self.file.path);
            let joined = link::join(folder, &path);
            let asset = joined.as_deref().and_then(|joined| self.asset(joined));
            if asset.is_some() {
                return asset;
            }
        }
        self.broken(
            span,
            format!("there is no image `{written}` in the site"),
            "put the file beside the notes and name it by its path".to_owned(),
        )
    }

    fn asset(&mut self, path: &str) -> Option<String> {
        let page = self.page.clone();
        if let Some(asset) = address::within(path, address::SOURCES) {
            return self.edition.library.assets.contains_key(asset).then(|| relative(&page, asset));
        }
        self.file_beside(address::within(path, address::ANNOTATIONS)?)
    }

    /// The address of a file beside the notes; `path` is from `annotations/`.
    fn file_beside(&mut self, path: &str) -> Option<String> {
        let known = self.edition.note_assets.contains_key(path);
        known.then(|| {
            self.needs.files.insert(path.to_owned());
            relative(&self.page, &address::in_folder(address::NOTE_ASSETS, path))
        })
    }
}

fn with_fragment(page: String, fragment: &str) -> String {
    if fragment.is_empty() { page } else { format!("{page}#{}", encode_fragment(fragment)) }
}
