//! Resolves links in notes: to other notes, to texts, to files, to URLs.
//!
//! Links are relative to the layer's file. A link to another page cannot be checked until all pages have been read, so
//! it is kept as a [`PendingLink`].

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
use crate::text::{encode_fragment, link_targets, target_id};

/// The prefix of heading ids in the edition's own pages.
pub(crate) const PAGE_PREFIX: &str = "s-";

/// The target of a link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    /// A note on another text.
    Note {
        /// The path of the text.
        source: String,
        /// The id of the note.
        note: String,
    },
    /// One of the edition's own pages, or a heading on it.
    Page {
        /// The path of its output file.
        page: String,
        /// The heading as it is written in the link; empty for the page itself.
        heading: String,
    },
}

/// A link to another page, to be checked when all pages have been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingLink {
    /// The target, which must exist.
    pub target: LinkTarget,
    /// The audience of the note with the link; `None` for everyone.
    pub audience: Option<String>,
    /// Where the link is written.
    pub place: Place,
}

/// What must exist so that no link on a page is broken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageLinks {
    /// Links to notes on other texts, and to the edition's own pages.
    pub pending: Vec<PendingLink>,
    /// Linked files in `annotations/`, by path relative to it; these are copied to the output.
    pub files: BTreeSet<String>,
}

/// Whether a note is visible to the readers of a link to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoteStatus {
    /// The audience of the note; `None` for everyone.
    pub audience: Option<String>,
    /// Whether it is a draft that this build leaves out.
    pub draft: bool,
}

/// All targets that links between pages can have.
#[derive(Debug, Default)]
pub(crate) struct LinkIndex {
    /// Notes, by the path of their text and by id.
    pub notes: BTreeMap<String, BTreeMap<String, NoteStatus>>,
    /// Element ids on the edition's own pages, by output path.
    pub pages: BTreeMap<String, BTreeSet<String>>,
}

impl PendingLink {
    /// Reports the link if its target does not exist, or is not visible to the readers of the link.
    pub(crate) fn verify(self, index: &LinkIndex, diagnostics: &mut Diagnostics) {
        let problem = match &self.target {
            LinkTarget::Note { source, note } => {
                let notes = index.notes.get(source);
                let found = notes.and_then(|notes| notes.get(note));
                let ids = notes.into_iter().flat_map(|notes| notes.keys().map(String::as_str));
                check_note_link(found, note, self.audience.as_deref(), ids, self.place)
            }
            LinkTarget::Page { page, heading } => check_page_link(index.pages.get(page), heading, self.place),
        };
        if let Some(problem) = problem {
            diagnostics.push(problem);
        }
    }
}

/// The diagnostic for a link to one of the edition's own pages, if the page or the heading does not exist.
///
/// `ids` are the element ids of the page; `None` if there is no such page.
fn check_page_link(ids: Option<&BTreeSet<String>>, heading: &str, place: Place) -> Option<Diagnostic> {
    let problem =
        |message: String, help: String| Some(Diagnostic::error(Code::LinkBroken, place, message).help(help));
    let Some(ids) = ids else {
        return problem(
            "no such page".to_owned(),
            format!("link to a file in {}/_pages/, or create this one", address::ANNOTATIONS),
        );
    };
    if heading.is_empty() || ids.contains(&format!("{PAGE_PREFIX}{heading}")) {
        return None;
    }
    let headings = ids.iter().filter_map(|id| id.strip_prefix(PAGE_PREFIX));
    let help = match nearest(heading, headings) {
        Some(near) => format!("write `#{near}`"),
        None => "write the words of a heading in lower case, joined by `-`".to_owned(),
    };
    problem(format!("the page has no heading `#{heading}`"), help)
}

/// The diagnostic for a link to a note that does not exist, or is not visible to the readers of the link.
///
/// `audience` is the audience of the note with the link; `ids` are the ids of all notes on the linked text.
fn check_note_link<'k>(
    found: Option<&NoteStatus>,
    id: &str,
    audience: Option<&str>,
    ids: impl Iterator<Item = &'k str>,
    place: Place,
) -> Option<Diagnostic> {
    let broken =
        |message: String, help: String| Some(Diagnostic::error(Code::LinkBroken, place, message).help(help));
    match found {
        None => {
            let help = match nearest(id, ids) {
                Some(near) => format!("write `#{near}`"),
                None => "write the id of a note on that text".to_owned(),
            };
            broken(format!("no such note: `{id}`"), help)
        }
        Some(note) if note.audience.is_some() && note.audience.as_deref() != audience => broken(
            format!("the note `{id}` is for `{}` only", note.audience.as_deref().unwrap_or_default()),
            "remove the link, or set the same audience for this note".to_owned(),
        ),
        Some(note) if note.draft => {
            broken(format!("the note `{id}` is a draft"), "remove the link, or publish the draft".to_owned())
        }
        Some(_) => None,
    }
}

/// Resolves the links in a note, a preface or one of the edition's own pages.
pub(crate) struct LinkResolver<'l> {
    /// The output path of the page with the links.
    pub(crate) page: String,
    /// The path of the page's text, and its layers; `None` on the edition's own pages.
    pub(crate) layers: Option<(&'l str, &'l Layers<'l>)>,
    /// What all pages share.
    pub(crate) edition: &'l Edition<'l>,
    /// The file that the links are written in.
    pub(crate) file: &'l Arc<File>,
    /// The audience of the note with the links; `None` for everyone.
    pub(crate) audience: Option<&'l str>,
    /// Collects the links to other pages and files.
    pub(crate) links: &'l mut PageLinks,
    /// Receives broken links.
    pub(crate) diagnostics: &'l mut Diagnostics,
}

impl LinkResolver<'_> {
    /// The address to write for a destination; `None` if it is broken, which is reported.
    pub(crate) fn resolve(&mut self, to: Destination<'_>, span: FileSpan) -> Option<String> {
        match to {
            Destination::Link(written) => self.link(written, span),
            Destination::Image(written) => self.image(written, span),
        }
    }

    /// Reports a broken link.
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
                format!("broken link to `{written}`"),
                "write a path relative to this file, or a URL with `https://`".to_owned(),
            ),
        }
    }

    /// A link to a note or heading on the same page.
    fn same_page(&mut self, fragment: &str, span: FileSpan) -> Option<String> {
        if fragment.is_empty() {
            return Some("#notes".to_owned());
        }
        let Some((_, layers)) = self.layers else {
            return Some(format!("#{}{}", PAGE_PREFIX, encode_fragment(fragment)));
        };
        let found = layers.find(fragment).map(|(layer, note)| NoteStatus {
            audience: Layers::audience(layer, note).map(str::to_owned),
            draft: Layers::is_draft(layer, note) && !self.edition.drafts,
        });
        let ids = layers.notes().map(|(_, _, note)| note.id.as_str());
        let place = Place::new(self.file, span);
        match check_note_link(found.as_ref(), fragment, self.audience, ids, place) {
            Some(problem) => {
                self.diagnostics.push(problem);
                None
            }
            None => Some(format!("#note-{}", encode_fragment(fragment))),
        }
    }

    /// A link to a file of the site; `path` is relative to the file with the link.
    fn inside(&mut self, path: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let folder = address::folder_of(&self.file.path);
        let joined = link::join(folder, path);
        let target = joined.as_deref().and_then(|joined| self.target(joined, fragment, span));
        if target.is_none() {
            let help = "write the path of a layer, text, page or file, relative to this file".to_owned();
            return self.broken(span, format!("no such file: `{path}`"), help);
        }
        target
    }

    /// The address of a text, page, note or file; `path` is relative to the site's folder.
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
        if let Some(address) = self.note_asset(path) {
            return Some(address);
        }
        if let Some(folder) =
            address::introduced_folder(path).filter(|folder| self.edition.library.is_section(folder))
        {
            return Some(relative(&page, &address::page_in(folder)));
        }
        if let Some(target) = address::site_page(path) {
            return Some(self.site_page(target, fragment, span));
        }
        self.layer_link(path.strip_suffix(".md")?, fragment, span)
    }

    /// A link to a text, or to a heading in it.
    fn text_place(&mut self, target: &Source, fragment: &str, span: FileSpan) -> String {
        let page = relative(&self.page, &target.page());
        if !fragment.is_empty() && !link_targets(target, self.edition.highlighter).contains(fragment) {
            let message = format!("the text `{}` has no heading `#{fragment}`", target.path);
            let _ = self.broken(
                span,
                message,
                "write the words of a heading in lower case, joined by `-`".to_owned(),
            );
        }
        if fragment.is_empty() { page } else { with_fragment(page, &target_id(fragment)) }
    }

    /// A link to one of the edition's own pages, or to a heading on it.
    fn site_page(&mut self, target: String, heading: &str, span: FileSpan) -> String {
        let address = relative(&self.page, &target);
        let id = if heading.is_empty() { String::new() } else { format!("{PAGE_PREFIX}{heading}") };
        self.add_pending(LinkTarget::Page { page: target, heading: heading.to_owned() }, span);
        with_fragment(address, &id)
    }

    fn add_pending(&mut self, target: LinkTarget, span: FileSpan) {
        self.links.pending.push(PendingLink {
            target,
            audience: self.audience.map(str::to_owned),
            place: Place::new(self.file, span),
        });
    }

    /// A link to a layer: the page of its text, or a note on that page.
    fn layer_link(&mut self, layer: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let library = self.edition.library;
        let target = library.source(layer).or_else(|| library.source(address::folder_of(layer)))?;
        if self.layers.is_some_and(|(path, _)| path == target.path) {
            return self.same_page(fragment, span);
        }
        let page = relative(&self.page, &target.page());
        if fragment.is_empty() {
            return Some(page);
        }
        let note = LinkTarget::Note { source: target.path.clone(), note: fragment.to_owned() };
        self.add_pending(note, span);
        Some(with_fragment(page, &format!("note-{fragment}")))
    }

    /// The address of an image in the site.
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
            format!("no such image in the site: `{written}`"),
            "put the file in the folder of the notes and write its path".to_owned(),
        )
    }

    /// The address of a file in `sources/` or `annotations/`; `path` is relative to the site's folder.
    fn asset(&mut self, path: &str) -> Option<String> {
        let page = self.page.clone();
        if let Some(asset) = address::within(path, address::SOURCES) {
            return self.edition.library.assets.contains_key(asset).then(|| relative(&page, asset));
        }
        self.note_asset(address::within(path, address::ANNOTATIONS)?)
    }

    /// The address of a file in `annotations/` that is not Markdown; `path` is relative to that folder.
    fn note_asset(&mut self, path: &str) -> Option<String> {
        let exists = self.edition.note_assets.contains_key(path);
        exists.then(|| {
            self.links.files.insert(path.to_owned());
            relative(&self.page, &address::in_folder(address::NOTE_ASSETS, path))
        })
    }
}

fn with_fragment(page: String, fragment: &str) -> String {
    if fragment.is_empty() { page } else { format!("{page}#{}", encode_fragment(fragment)) }
}
