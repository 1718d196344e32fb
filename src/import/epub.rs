//! Imports an e-book: a text for each chapter, or one text.

use scraper::Html;

use super::document::{Document, Meta};
use super::format::ImportFormat;
use super::links::{Files, Links};
use super::page::{content, metadata};
use super::{Content, FileToImport, Received};
use crate::archive::{Archive, Element};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::html::slug::slug;
use crate::markdown::escape::one_line;
use crate::names::link;
use crate::site::is_language_tag;

/// An e-book.
pub(crate) struct Epub;

impl ImportFormat for Epub {
    fn name(&self) -> &'static str {
        "epub"
    }

    fn help(&self) -> &'static str {
        "An e-book (EPUB): a text for each chapter"
    }

    fn is_binary(&self) -> bool {
        true
    }

    fn matches(&self, file: &Received) -> bool {
        Archive::is_archive(&file.bytes)
            && Archive::open(&file.bytes).is_ok_and(|archive| archive.has("META-INF/container.xml"))
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        match import(file, diagnostics) {
            Ok(content) => content,
            Err(reason) => {
                let message = format!("the e-book cannot be read: {reason}");
                diagnostics.push(
                    Diagnostic::error(Code::SiteRead, Place::of_path(&file.received.file.path), message)
                        .help(
                            "open it in an e-book editor and save it again, or convert it to .docx or .html",
                        ),
                );
                None
            }
        }
    }
}

/// The path of a chapter in the archive.
struct Chapter {
    path: String,
}

fn import(file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Result<Option<Content>, String> {
    let bytes = &file.received.bytes;
    let mut archive = Archive::open(bytes)?;
    let package_path = package_path(&mut archive).ok_or("META-INF/container.xml names no package")?;
    let package = archive
        .xml(&package_path)
        .ok_or(format!("there is no {package_path}"))?
        .map_err(|error| error.message)?;
    let book = meta(&package);
    let folder = package_path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let chapters = chapters(&package, folder);
    let mut found = Vec::new();
    for chapter in &chapters {
        let Some(page) = archive.read(&chapter.path) else { continue };
        let Some(decoded) = crate::site::encoding::decode(&page) else { continue };
        let tree = Html::parse_document(&decoded.text);
        let content = content::find(&tree, None, true);
        if tree.root_element().text().all(|words| words.trim().is_empty()) {
            continue;
        }
        let title = heading(&tree);
        found.push((chapter, content, title));
    }
    let single = found.len() == 1;
    let mut out = Content::default();
    for (number, (chapter, content, title)) in found.into_iter().enumerate() {
        let inner = chapter.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let name = title.clone().unwrap_or_else(|| format!("Part {}", number + 1));
        let path = match single {
            true => file.path.to_owned(),
            false => {
                let slug: String = slug(&name).chars().take(48).collect();
                format!("{}/{:03}-{}", file.path, number + 1, slug.trim_end_matches('-'))
            }
        };
        let title = if single { book.title.clone().or(title) } else { title.or(Some(name)) };
        let document = Document {
            meta: Meta { title, ..book.clone() },
            html: content.html,
            footnotes: content.footnotes,
            links: Links::new(None, Files::Archive(Box::new(Archive::open(bytes)?), inner), content.targets),
            left_out: content.left_out,
            remarks: Vec::new(),
            original: None,
        };
        // A chapter without words is a picture, such as a cover.
        let mut ignored = Diagnostics::default();
        if let Some(text) = document.into_text(&path, &File::new(&*file.received.file.path, ""), &mut ignored)
        {
            diagnostics.extend(ignored);
            out.texts.push(text);
        }
    }
    if out.texts.is_empty() {
        return Err("it has no chapters with text".to_owned());
    }
    Ok(Some(out))
}

fn package_path(archive: &mut Archive<'_>) -> Option<String> {
    let container = archive.xml("META-INF/container.xml")?.ok()?;
    container.all("rootfile").first()?.attribute("full-path").map(str::to_owned)
}

/// The chapters in reading order.
fn chapters(package: &Element, folder: &str) -> Vec<Chapter> {
    let items = package.all("item");
    package
        .all("itemref")
        .into_iter()
        .filter_map(|reference| {
            let id = reference.attribute("idref")?;
            let item = items.iter().find(|item| item.attribute("id") == Some(id))?;
            let is_contents =
                item.attribute("properties").is_some_and(|words| words.split(' ').any(|word| word == "nav"));
            let to = item.attribute("href").filter(|_| !is_contents)?;
            let to = percent_encoding::percent_decode_str(to).decode_utf8_lossy();
            Some(Chapter { path: link::join(folder, &to)? })
        })
        .collect()
}

fn meta(package: &Element) -> Meta {
    let all = |name: &str| -> Vec<String> {
        let found = package.child("metadata").map(|metadata| metadata.all(name)).unwrap_or_default();
        found.iter().map(|element| one_line(&element.text())).filter(|text| !text.is_empty()).collect()
    };
    let first = |name: &str| all(name).into_iter().next();
    Meta {
        title: first("title"),
        authors: all("creator"),
        publisher: first("publisher"),
        date: first("date").and_then(|date| metadata::day(&date)),
        licence: first("rights"),
        language: first("language").filter(|tag| is_language_tag(tag)),
        doi: all("identifier").iter().find_map(|id| metadata::bare_doi(id)),
        ..Meta::default()
    }
}

/// The first heading of a chapter, or else its title.
fn heading(tree: &Html) -> Option<String> {
    ["h1", "h2", "h3", "title"].iter().find_map(|name| {
        let selector = scraper::Selector::parse(name).ok()?;
        let text = tree.select(&selector).next()?.text().collect::<String>();
        Some(one_line(&text)).filter(|text| !text.is_empty())
    })
}
