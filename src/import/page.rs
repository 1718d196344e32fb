//! A saved web page as a source: its main content in Markdown, beside the page as it was received.
//!
//! 1. The main content is found as reading views find it; where that fails, `<article>`, `<main>` or `<body>` is.
//! 2. It is cleaned: no scripts, forms, frames or handlers; links lead where they led, or lose their target.
//! 3. It becomes Markdown, and the words are proven to be the same; where they are not, it stays HTML.
//!
//! Pictures are taken along only from the folder of the page and those below it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dom_smoothie::{Config, Readability};
use ego_tree::iter::Edge;
use scraper::{Html, Selector};
use url::Url;

use super::plain::verify;
use super::{Imported, NewFile, convert, front_matter};
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

/// The name of the page as it was received.
const ORIGINAL: &str = "original.html";
/// Browsers stop here as well.
const DEEPEST: usize = 512;
/// Pictures that run no script when they are opened.
const PICTURES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "bmp"];

/// What is known of a page, and its main content.
#[derive(Default)]
struct Found {
    title: Option<String>,
    author: Option<String>,
    publisher: Option<String>,
    date: Option<String>,
    language: Option<String>,
    url: Option<String>,
    content: String,
}

/// Makes the text at `path` of the page, which stands at `on_disk`.
pub fn import(
    file: &Arc<File>,
    on_disk: &Path,
    path: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Imported> {
    if depth(&file.text) > DEEPEST {
        let message = format!("the page's elements are nested more than {DEEPEST} deep");
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), message);
        diagnostics.push(problem.help("save the page from a browser, or copy its words into a text file"));
        return None;
    }
    let found = find(&file.text);
    let folder = on_disk.parent().unwrap_or(Path::new(""));
    let mut links = Links::new(found.url.as_deref(), folder);
    let clean =
        sanitize::fragment(&found.content, "", &mut Nesting::default(), &mut |to, _| links.resolve(to));
    let reading = sanitize::rebuild(&clean, Ids::None, "").reading;
    if reading.trim().is_empty() {
        let problem = Diagnostic::error(Code::SiteRead, Place::new(file, 0..0), "the page holds no words");
        diagnostics
            .push(problem.help("if a script writes them, save the page from a browser that has shown it"));
        return None;
    }
    let front = front_matter(&[
        // Left out, the first heading serves, or else the file's name.
        ("title", found.title.as_deref()),
        ("author", found.author.as_deref()),
        ("publisher", found.publisher.as_deref()),
        ("date", found.date.as_deref()),
        ("url", found.url.as_deref()),
        ("language", found.language.as_deref()),
        ("original", Some(ORIGINAL)),
    ]);
    let words = File::new(&*file.path, reading);
    let made =
        |body: &str| File::new(format!("{}/{path}/index.md", address::SOURCES), format!("{front}{body}"));
    let holds = |text: &Arc<File>, against: &Arc<File>| verify(text, against, &mut Diagnostics::default());
    let mut text = made(&convert::to_markdown(&clean));
    if !holds(&text, &words) {
        text = made(&convert::as_html(&clean));
        if !verify(&text, &words, diagnostics) {
            return None;
        }
        links.remarks.push("the content stays HTML: Markdown would change its words".to_owned());
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
            .pictures
            .into_iter()
            .map(|(name, bytes)| NewFile { path: format!("{}/{path}/{name}", address::SOURCES), bytes }),
    );
    Some(Imported { files, remarks })
}

/// How deep the elements of a page are nested.
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

/// The main content of a page, and what it says of itself.
fn find(html: &str) -> Found {
    let address = address(html);
    // Without an address, links stay as they are, and pictures beside the page can be told from others.
    let config = Config { max_elements_to_parse: 0, ..Config::default() };
    let article = Readability::new(html, None, Some(config)).and_then(|mut page| page.parse());
    let Ok(article) = article else {
        return Found { title: title(html), content: main(html), url: address, ..Found::default() };
    };
    let date = article.published_time.as_deref().and_then(|time| time.get(..10)).and_then(Date::parse);
    Found {
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

/// Where the page stood: as the browser that saved it noted, or as the page says.
fn address(html: &str) -> Option<String> {
    let noted = ["saved from url=", "Page saved with SingleFile"].iter().find_map(|sign| {
        let after = &html[html.find(sign)?..];
        let start = after.find("http")?;
        let end = after[start..].find(|c: char| c.is_whitespace() || matches!(c, '>' | '"' | '<'))?;
        (start < 80).then(|| after[start..start + end].trim_end_matches("--").to_owned())
    });
    let tree = Html::parse_document(html);
    let canonical = || attribute(&tree, "link[rel=canonical]", "href");
    let shared = || attribute(&tree, "meta[property='og:url']", "content");
    noted.or_else(canonical).or_else(shared).filter(|url| is_web(url))
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

/// The element that a page itself calls its main content.
fn main(html: &str) -> String {
    let tree = Html::parse_document(html);
    let found = ["article", "main", "[role=main]", "body"].iter().find_map(|name| {
        let selector = Selector::parse(name).ok()?;
        tree.select(&selector).next().map(|element| element.inner_html())
    });
    found.unwrap_or_default()
}

/// Where links and images of a page lead, and the pictures taken along.
struct Links<'p> {
    base: Option<Url>,
    folder: &'p Path,
    pictures: BTreeMap<String, Vec<u8>>,
    /// The name that each picture was given, by how the page names it.
    names: BTreeMap<String, String>,
    untargeted: usize,
    unseen: usize,
    remarks: Vec<String>,
}

impl<'p> Links<'p> {
    fn new(url: Option<&str>, folder: &'p Path) -> Self {
        let base = url.and_then(|url| Url::parse(url).ok());
        let (pictures, names, remarks) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { base, folder, pictures, names, untargeted: 0, unseen: 0, remarks }
    }

    fn resolve(&mut self, to: Destination<'_>) -> Option<String> {
        match to {
            Destination::Link(written) => {
                let target = self.outside(written);
                self.untargeted += usize::from(target.is_none());
                target
            }
            Destination::Image(written) => {
                let target = self.picture(written).or_else(|| self.outside(written));
                self.unseen += usize::from(target.is_none());
                target
            }
        }
    }

    /// The address of what stands elsewhere.
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

    /// Takes along a picture that stands in the page's folder or below it.
    fn picture(&mut self, written: &str) -> Option<String> {
        let Link::Inside { path, .. } = link::parse(written) else { return None };
        if let Some(name) = self.names.get(&path) {
            return Some(name.clone());
        }
        let within = link::join("", &path)?;
        let name = within.rsplit('/').next()?.to_owned();
        let extension =
            name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
        if !PICTURES.contains(&extension.as_str())
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
        self.pictures.insert(name.clone(), bytes);
        self.names.insert(path, name.clone());
        Some(name)
    }

    /// A name that no other picture has.
    fn unused(&self, name: String) -> String {
        let taken = |name: &str| self.pictures.keys().any(|key| key.eq_ignore_ascii_case(name));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let numbered = (2..).map(|number| format!("{stem}-{number}.{extension}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(name)
    }

    fn remarks(&mut self) -> Vec<String> {
        let mut remarks = std::mem::take(&mut self.remarks);
        if self.untargeted > 0 {
            let links = count(
                self.untargeted,
                "link keeps its words and loses its",
                "links keep their words and lose their",
            );
            remarks.push(format!("{links} target, which leads nowhere from here"));
        }
        if self.unseen > 0 {
            remarks.push(format!("{} not beside the page", count(self.unseen, "image is", "images are")));
        }
        remarks
    }
}
