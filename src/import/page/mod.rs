//! Imports a saved web page as a source: its main content in Markdown, with the page beside it.
//!
//! 1. [`content`] finds the text among menus and boxes; [`metadata`] reads title, authors and dates.
//! 2. [`super::document`] turns it into Markdown and compares the words with the page.
//!
//! Images are copied only from the page's folder and its subfolders.

mod boxes;
pub(super) mod content;
mod footnotes;
pub(super) mod metadata;

use scraper::Html;

use super::document::Document;
use super::format::ImportFormat;
use super::links::{Files, Links};
use super::{Content, FileToImport, Received};
use crate::diagnostics::Diagnostics;

/// The name of the original page.
const ORIGINAL: &str = "original.html";

/// A saved web page.
pub(crate) struct WebPage;

impl ImportFormat for WebPage {
    fn name(&self) -> &'static str {
        "html"
    }

    fn help(&self) -> &'static str {
        "A saved web page"
    }

    fn matches(&self, file: &Received) -> bool {
        let text = file.start();
        file.is_text()
            && (matches!(file.extension.as_str(), "html" | "htm" | "xhtml")
                || text.starts_with("<!doctype html")
                || text.starts_with("<html"))
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        let received = file.received;
        let html = &received.file.text;
        let tree = Html::parse_document(html);
        let meta = metadata::read(&tree, html);
        let found = content::find(&tree, meta.title.as_deref(), false);
        let folder = received.on_disk.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        let document = Document {
            links: Links::new(meta.url.as_deref(), Files::Folder(folder), found.targets),
            meta,
            html: found.html,
            footnotes: found.footnotes,
            left_out: found.left_out,
            remarks: Vec::new(),
            original: Some((ORIGINAL, &received.bytes)),
        };
        document.into_text(file.path, &received.file, diagnostics).map(Content::text)
    }
}
