//! Imports a scientific article in JATS XML, as PubMed Central gives it.
//!
//! [`body`] writes sections, tables, formulae and references as HTML, [`references`] reads the list of references as
//! works.

mod body;
mod references;

use std::collections::BTreeSet;

use super::document::{Document, Meta};
use super::format::ImportFormat;
use super::links::{Files, Links};
use super::{Content, FileToImport, Received};
use crate::archive::{Element, XmlError};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, FileSpan, Place, floor_char_boundary};
use crate::markdown::escape::one_line;
use crate::site::date::Date;

/// An article in JATS XML.
pub(crate) struct Jats;

impl ImportFormat for Jats {
    fn name(&self) -> &'static str {
        "jats"
    }

    fn help(&self) -> &'static str {
        "An article in JATS XML, as from PubMed Central"
    }

    fn matches(&self, file: &Received) -> bool {
        let start = file.start();
        file.is_text()
            && matches!(file.extension.as_str(), "xml" | "nxml" | "jats" | "")
            && (start.contains("<article ")
                || start.contains("<article>")
                || start.contains("<pmc-articleset"))
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        let received = file.received;
        let root = match Element::parse(&received.file.text) {
            Ok(root) => root,
            Err(error) => {
                diagnostics.push(syntax_error(received, &error));
                return None;
            }
        };
        let Some(article) = root.all("article").into_iter().next() else {
            let problem = Diagnostic::error(
                Code::SiteRead,
                Place::new(&received.file, 0..0),
                "no article found in the XML",
            );
            diagnostics.push(problem.help("import a file whose root element is <article>"));
            return None;
        };
        let meta = meta(article);
        let written = body::write(article);
        let folder = received.on_disk.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        let document = Document {
            links: Links::new(None, Files::Folder(folder), written.targets),
            meta,
            html: written.html,
            footnotes: written.footnotes,
            left_out: written.left_out,
            remarks: Vec::new(),
            original: None,
        };
        let text = document.into_text(file.path, &received.file, diagnostics)?;
        Some(Content { works: references::read(article), ..Content::text(text) })
    }
}

fn syntax_error(received: &Received, error: &XmlError) -> Diagnostic {
    let at = floor_char_boundary(&received.file.text, error.at);
    let place = Place::new(&received.file, FileSpan::new(at, at));
    Diagnostic::error(Code::SiteRead, place, format!("invalid XML: {}", error.message))
        .help("download the article again")
}

fn meta(article: &Element) -> Meta {
    let empty = Element::default();
    let front = article.child("front").or(article.child("front-stub")).unwrap_or(&empty);
    let meta = front.child("article-meta").unwrap_or(front);
    let text = |element: Option<&Element>| {
        element.map(|found| one_line(&found.text())).filter(|text| !text.is_empty())
    };
    let authors = meta
        .all("contrib")
        .into_iter()
        .filter(|contrib| contrib.attribute("contrib-type").is_none_or(|kind| kind == "author"));
    let mut seen = BTreeSet::new();
    let authors: Vec<String> = authors.filter_map(name).filter(|name| seen.insert(name.clone())).collect();
    let licence = meta.at(&["permissions", "license"]);
    let licence_address = licence.and_then(|found| {
        let inner = found.all("license_ref").into_iter().next().map(|found| one_line(&found.text()));
        let link =
            || found.all("ext-link").into_iter().find_map(|link| link.attribute("href").map(str::to_owned));
        found.attribute("href").map(str::to_owned).or(inner).or_else(link)
    });
    let id = |kind: &str| {
        let ids = meta
            .elements()
            .filter(|id| id.local() == "article-id" && id.attribute("pub-id-type") == Some(kind));
        text(ids.into_iter().next())
    };
    let doi = id("doi");
    let pmc = id("pmc")
        .or_else(|| id("pmcid"))
        .map(|id| format!("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC{}/", id.trim_start_matches("PMC")));
    let by_doi = doi.as_ref().map(|doi| format!("https://doi.org/{doi}"));
    Meta {
        title: text(meta.at(&["title-group", "article-title"])),
        authors,
        publisher: text(front.all("journal-title").into_iter().next())
            .or_else(|| text(front.all("publisher-name").into_iter().next())),
        date: date(meta),
        url: pmc.clone().or(by_doi.clone()),
        canonical: by_doi.filter(|_| pmc.is_some()),
        doi,
        licence: licence_address.or_else(|| text(licence)),
        language: article
            .attribute("lang")
            .filter(|tag| crate::site::is_language_tag(tag))
            .map(str::to_owned),
    }
}

/// The name of an author.
fn name(contrib: &Element) -> Option<String> {
    let found = contrib.all("name").into_iter().next();
    let of_person = found.map(|name| {
        let part = |key: &str| name.child(key).map(|part| one_line(&part.text())).unwrap_or_default();
        one_line(&format!("{} {} {}", part("given-names"), part("surname"), part("suffix")))
    });
    of_person
        .or_else(|| contrib.child("collab").map(|collab| one_line(&collab.text())))
        .filter(|name| !name.is_empty())
}

/// The earliest date of publication, as precise as it is given.
fn date(meta: &Element) -> Option<String> {
    let dates = meta.all("pub-date").into_iter().filter_map(|date| {
        let part = |key: &str| date.child(key).map(|part| one_line(&part.text()));
        let padded = |text: String| if text.len() == 1 { format!("0{text}") } else { text };
        let parts: Vec<String> = [part("year"), part("month").map(padded), part("day").map(padded)]
            .into_iter()
            .map_while(|part| part)
            .collect();
        (1..=parts.len()).rev().find_map(|count| Date::parse(&parts[..count].join("-")))
    });
    let mut dates: Vec<Date> = dates.collect();
    dates.sort();
    // Of a year and a day in it, the day says more.
    let year = dates.first()?.as_str().get(..4)?.to_owned();
    let precise =
        dates.iter().filter(|date| date.as_str().starts_with(&year)).max_by_key(|date| date.as_str().len());
    precise.map(|date| date.as_str().to_owned())
}
