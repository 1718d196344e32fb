//! Imports a saved web page as a source: its main content in Markdown, with the page beside it.
//!
//! 1. The main content is found as a browser's reading view finds it; if that fails, `<article>`, `<main>` or
//!    `<body>` is used.
//! 2. It is sanitized: scripts, forms, frames and event handlers are removed. Links keep their target if it
//!    is valid outside the page.
//! 3. It is converted to Markdown, and the words are compared; if they differ, it stays HTML.
//!
//! Images are copied only from the page's folder and its subfolders.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dom_smoothie::{Config, Readability};
use ego_tree::iter::Edge;
use scraper::{Html, Selector};
use url::Url;

use super::format::{Content, FileToImport, ImportFormat, Imported, NewFile};
use super::front_matter::front_matter;
use super::html_to_markdown;
use super::plain::verify;
use crate::diagnostics::render::count;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::html::Ids;
use crate::html::sanitize::{self, Destination, Nesting};
use crate::markdown::escape::one_line;
use crate::names::address;
use crate::names::link::{self, Link};
use crate::names::path::path_error;
use crate::site::date::Date;
use crate::site::is_language_tag;

/// The name of the original page.
const ORIGINAL: &str = "original.html";
/// The maximum nesting depth of elements, the same as in browsers.
const MAX_DEPTH: usize = 512;
/// The image formats that cannot contain scripts.
const IMAGES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "bmp"];

/// The metadata and the main content of a page.
#[derive(Default)]
struct PageContent {
    title: Option<String>,
    author: Option<String>,
    publisher: Option<String>,
    date: Option<String>,
    language: Option<String>,
    url: Option<String>,
    content: String,
}

/// A saved web page.
pub(crate) struct WebPage;

impl ImportFormat for WebPage {
    fn name(&self) -> &'static str {
        "html"
    }

    fn help(&self) -> &'static str {
        "A saved web page"
    }

    fn matches(&self, extension: &str, _: &File) -> bool {
        matches!(extension, "html" | "htm" | "xhtml")
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        import(file.file, file.on_disk, file.path, diagnostics).map(Content::Text)
    }
}

/// Imports the page, whose path is `on_disk`, as the text at `path`.
fn import(file: &Arc<File>, on_disk: &Path, path: &str, diagnostics: &mut Diagnostics) -> Option<Imported> {
    if depth(&file.text) > MAX_DEPTH {
        let message = format!("the page's elements are nested more than {MAX_DEPTH} levels deep");
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), message);
        diagnostics
            .push(problem.help("save the page from a browser, or copy its text into a plain text file"));
        return None;
    }
    let found = find(&file.text);
    let folder = on_disk.parent().unwrap_or(Path::new(""));
    let mut links = Links::new(found.url.as_deref(), folder);
    let clean =
        sanitize::fragment(&found.content, "", &mut Nesting::default(), &mut |to, _| links.resolve(to));
    let reading = sanitize::rebuild(&clean, Ids::None, "").reading;
    if reading.trim().is_empty() {
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), "no text found in the page");
        diagnostics.push(
            problem.help("if a script creates the text, save the page from a browser after it has loaded"),
        );
        return None;
    }
    let front = front_matter(&[
        // If left out, the first heading is used, or else the file's name.
        ("title", found.title.as_deref()),
        ("author", found.author.as_deref()),
        ("publisher", found.publisher.as_deref()),
        ("date", found.date.as_deref()),
        ("url", found.url.as_deref()),
        ("language", found.language.as_deref()),
        ("original", Some(ORIGINAL)),
    ]);
    let words = File::new(&*file.path, reading);
    let text_file =
        |body: &str| File::new(format!("{}/{path}/index.md", address::SOURCES), format!("{front}{body}"));
    let is_equal = |text: &Arc<File>, against: &Arc<File>| verify(text, against, &mut Diagnostics::default());
    let mut text = text_file(&html_to_markdown::to_markdown(&clean));
    if !is_equal(&text, &words) {
        text = text_file(&html_to_markdown::as_html(&clean));
        if !verify(&text, &words, diagnostics) {
            return None;
        }
        links
            .remarks
            .push("the content was kept as HTML, because Markdown would change its words".to_owned());
    }
    let page = File::new(format!("{}/{path}/{ORIGINAL}", address::SOURCES), &*file.text);
    if !verify(&text, &page, diagnostics) {
        return None;
    }
    let mut files = vec![NewFile { path: text.path.clone(), bytes: text.text.clone().into_bytes() }];
    files.push(NewFile { path: page.path.clone(), bytes: file.text.clone().into_bytes() });
    let remarks = links.remarks();
    files.extend(
        links
            .images
            .into_iter()
            .map(|(name, bytes)| NewFile { path: format!("{}/{path}/{name}", address::SOURCES), bytes }),
    );
    Some(Imported { files, remarks })
}

/// The maximum nesting depth of the elements in a page.
fn depth(html: &str) -> usize {
    let tree = Html::parse_document(html);
    let (mut now, mut deepest) = (0_usize, 0);
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(_) => now += 1,
            Edge::Close(_) => now -= 1,
        }
        deepest = deepest.max(now);
    }
    deepest
}

/// The main content and the metadata of a page.
fn find(html: &str) -> PageContent {
    let address = address(html);
    // Readability is not given the address, so that links stay unchanged and local images can be recognized.
    let config = Config { max_elements_to_parse: 0, ..Config::default() };
    let article = Readability::new(html, None, Some(config)).and_then(|mut page| page.parse());
    let Ok(article) = article else {
        return PageContent {
            title: title(html),
            content: main(html),
            url: address,
            ..PageContent::default()
        };
    };
    let date = article.published_time.as_deref().and_then(|time| time.get(..10)).and_then(Date::parse);
    PageContent {
        title: Some(article.title).filter(|title| !title.trim().is_empty()).or_else(|| title(html)),
        author: article.byline,
        publisher: article.site_name,
        date: date.map(|date| date.as_str().to_owned()),
        language: article.lang.filter(|tag| is_language_tag(tag)),
        url: address.or(article.url).filter(|url| is_web(url)),
        content: article.content.to_string(),
    }
}

fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The page's address: as recorded by the browser that saved it, or as stated in the page.
fn address(html: &str) -> Option<String> {
    let recorded = ["saved from url=", "Page saved with SingleFile"].iter().find_map(|sign| {
        let after = &html[html.find(sign)?..];
        let start = after.find("http")?;
        let end = after[start..].find(|c: char| c.is_whitespace() || matches!(c, '>' | '"' | '<'))?;
        (start < 80).then(|| after[start..start + end].trim_end_matches("--").to_owned())
    });
    let tree = Html::parse_document(html);
    let canonical = || attribute(&tree, "link[rel=canonical]", "href");
    let shared = || attribute(&tree, "meta[property='og:url']", "content");
    recorded.or_else(canonical).or_else(shared).filter(|url| is_web(url))
}

fn attribute(tree: &Html, selector: &str, key: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    tree.select(&selector).find_map(|element| element.attr(key)).map(str::to_owned)
}

fn title(html: &str) -> Option<String> {
    let tree = Html::parse_document(html);
    let title = Selector::parse("title").ok()?;
    tree.select(&title).next().map(|title| one_line(&title.text().collect::<String>()))
}

/// The inner HTML of the element that the page marks as its main content.
fn main(html: &str) -> String {
    let tree = Html::parse_document(html);
    let found = ["article", "main", "[role=main]", "body"].iter().find_map(|name| {
        let selector = Selector::parse(name).ok()?;
        tree.select(&selector).next().map(|element| element.inner_html())
    });
    found.unwrap_or_default()
}

/// Resolves the links and images of a page, and collects images to copy.
struct Links<'p> {
    base: Option<Url>,
    folder: &'p Path,
    images: BTreeMap<String, Vec<u8>>,
    /// The new name of each image, by its path in the page.
    names: BTreeMap<String, String>,
    broken_links: usize,
    missing_images: usize,
    remarks: Vec<String>,
}

impl<'p> Links<'p> {
    fn new(url: Option<&str>, folder: &'p Path) -> Self {
        let base = url.and_then(|url| Url::parse(url).ok());
        let (images, names, remarks) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { base, folder, images, names, broken_links: 0, missing_images: 0, remarks }
    }

    fn resolve(&mut self, to: Destination<'_>) -> Option<String> {
        match to {
            Destination::Link(written) => {
                let target = self.outside(written);
                self.broken_links += usize::from(target.is_none());
                target
            }
            Destination::Image(written) => {
                let target = self.image(written).or_else(|| self.outside(written));
                self.missing_images += usize::from(target.is_none());
                target
            }
        }
    }

    /// The address of an external link or image.
    fn outside(&self, written: &str) -> Option<String> {
        match link::parse(written) {
            Link::Outside(address) => Some(address),
            Link::Refused => None,
            Link::Inside { path, .. } if path.is_empty() => None,
            Link::Inside { .. } | Link::Hosted(_) => {
                let address = self.base.as_ref()?.join(written.trim()).ok()?;
                matches!(address.scheme(), "http" | "https").then(|| address.to_string())
            }
        }
    }

    /// Copies an image from the page's folder or a subfolder, and returns its new name.
    fn image(&mut self, written: &str) -> Option<String> {
        let Link::Inside { path, .. } = link::parse(written) else { return None };
        if let Some(name) = self.names.get(&path) {
            return Some(name.clone());
        }
        let within = link::join("", &path)?;
        let name = within.rsplit('/').next()?.to_owned();
        let extension =
            name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
        if !IMAGES.contains(&extension.as_str())
            || path_error(&name).is_some()
            || name.starts_with(['.', '_'])
        {
            return None;
        }
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder };
        let folder = folder.canonicalize().ok()?;
        let on_disk = folder.join(&within).canonicalize().ok().filter(|file| file.starts_with(&folder))?;
        let bytes = std::fs::read(on_disk).ok()?;
        let name = self.unused(name);
        self.images.insert(name.clone(), bytes);
        self.names.insert(path, name.clone());
        Some(name)
    }

    /// A file name that no other image has.
    fn unused(&self, name: String) -> String {
        let taken = |name: &str| self.images.keys().any(|key| key.eq_ignore_ascii_case(name));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let numbered = (2..).map(|number| format!("{stem}-{number}.{extension}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(name)
    }

    fn remarks(&mut self) -> Vec<String> {
        let mut remarks = std::mem::take(&mut self.remarks);
        if self.broken_links > 0 {
            let links = count(
                self.broken_links,
                "link has no valid target and was replaced by its words",
                "links have no valid target and were replaced by their words",
            );
            remarks.push(links);
        }
        if self.missing_images > 0 {
            remarks.push(format!(
                "{} not found beside the page",
                count(self.missing_images, "image was", "images were")
            ));
        }
        remarks
    }
}
