//! What a page says about itself: title, authors, journal, date, addresses, DOI, licence, language.
//!
//! Scientific journals use `citation_*` (for Google Scholar) and Dublin Core, news sites JSON-LD and Open Graph.

use scraper::{Html, Selector};
use serde_json::Value;

use crate::import::document::Meta;
use crate::import::json::{each, string};
use crate::markdown::escape::one_line;
use crate::site::date::Date;
use crate::site::is_language_tag;

/// Reads the metadata of a page.
pub(super) fn read(tree: &Html, html: &str) -> Meta {
    let tags = Tags::new(tree);
    let linked = linked_data(tree);
    let of_linked = |key: &str| linked.iter().find_map(|object| string(object, key));
    let journal = tags.first(&["citation_journal_title", "prism.publicationname"]);
    let published = [
        tags.first(&[
            "citation_publication_date",
            "citation_date",
            "citation_online_date",
            "dc.date",
            "dcterms.date",
            "dc.date.issued",
            "dcterms.issued",
            "prism.publicationdate",
        ]),
        of_linked("datePublished"),
        tags.first(&["article:published_time", "date", "pubdate"]),
    ];
    let saved = saved_from(html);
    let canonical = attribute(tree, "link[rel=canonical]", "href")
        .or_else(|| tags.first(&["og:url", "citation_fulltext_html_url"]))
        .filter(|url| is_web(url));
    let url = saved.or_else(|| canonical.clone());
    Meta {
        title: title(tree, &tags, &linked),
        authors: authors(&tags, &linked),
        publisher: journal.or_else(|| of_linked_name(&linked, "publisher")).or_else(|| {
            tags.first(&["og:site_name", "dc.publisher", "citation_publisher", "application-name"])
        }),
        date: published.into_iter().flatten().find_map(|date| day(&date)),
        canonical: canonical.filter(|canonical| Some(canonical) != url.as_ref()),
        url,
        doi: doi(&tags, &linked),
        licence: licence(tree, &tags, &linked),
        language: attribute(tree, "html[lang]", "lang")
            .or_else(|| tags.first(&["citation_language", "dc.language"]))
            .filter(|tag| is_language_tag(tag)),
    }
}

/// The `<meta>` elements of a page.
struct Tags {
    tags: Vec<(String, String)>,
}

impl Tags {
    fn new(tree: &Html) -> Self {
        let selector = Selector::parse("meta[content]").ok();
        let tags = selector.iter().flat_map(|selector| tree.select(selector)).filter_map(|tag| {
            let name = tag.attr("name").or_else(|| tag.attr("property"))?;
            Some((name.to_ascii_lowercase(), one_line(tag.attr("content")?)))
        });
        Self { tags: tags.filter(|(_, content)| !content.is_empty()).collect() }
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.all(name).next().map(str::to_owned))
    }

    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.tags.iter().filter(move |(known, _)| known == name).map(|(_, content)| content.as_str())
    }
}

/// The descriptions of articles as JSON-LD, best first.
fn linked_data(tree: &Html) -> Vec<Value> {
    let Ok(selector) = Selector::parse("script[type='application/ld+json']") else { return Vec::new() };
    let mut found = Vec::new();
    for script in tree.select(&selector) {
        let text: String = script.text().collect();
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        for object in each(Some(&value)) {
            found.push(object.clone());
            found.extend(each(object.get("@graph")).iter().cloned());
        }
    }
    let types = |object: &Value| {
        each(object.get("@type")).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    found.retain(|object| {
        types(object).iter().any(|name| {
            name.ends_with("Article")
                || matches!(name.as_str(), "BlogPosting" | "Report" | "WebPage" | "Book")
        })
    });
    found.sort_by_key(|object| types(object).iter().any(|name| name == "WebPage"));
    found
}

fn of_linked_name(linked: &[Value], key: &str) -> Option<String> {
    linked.iter().find_map(|object| names(object.get(key)).into_iter().next())
}

fn names(value: Option<&Value>) -> Vec<String> {
    let of_one = |one: &Value| one.as_str().map(str::to_owned).or_else(|| string(one, "name"));
    each(value).iter().filter_map(of_one).filter(|name| !is_web(name)).collect()
}

fn title(tree: &Html, tags: &Tags, linked: &[Value]) -> Option<String> {
    let stated = tags
        .first(&["citation_title", "dc.title", "dcterms.title"])
        .or_else(|| linked.iter().find_map(|object| string(object, "headline")))
        .or_else(|| tags.first(&["og:title"]));
    if let Some(stated) = stated {
        return Some(one_line(&stated));
    }
    let whole = element_text(tree, "title").filter(|title| !title.is_empty());
    // Google Docs writes titles as paragraphs.
    let heading = element_text(tree, "p.title, p.MsoTitle")
        .or_else(|| element_text(tree, "h1"))
        .filter(|heading| !heading.is_empty());
    match (whole, heading) {
        // Pages add the name of the site to the title.
        (Some(whole), Some(heading)) if whole.contains(&heading) => Some(heading),
        (whole, heading) => whole.or(heading),
    }
}

fn element_text(tree: &Html, name: &str) -> Option<String> {
    let selector = Selector::parse(name).ok()?;
    tree.select(&selector).next().map(|element| one_line(&element.text().collect::<String>()))
}

fn authors(tags: &Tags, linked: &[Value]) -> Vec<String> {
    let listed = ["citation_author", "dc.creator", "dcterms.creator"]
        .iter()
        .map(|name| tags.all(name).map(natural_order).collect::<Vec<_>>())
        .find(|found| !found.is_empty());
    let listed = listed.or_else(|| {
        tags.first(&["citation_authors"])
            .map(|all| all.split(';').map(|name| natural_order(name.trim())).collect())
    });
    let listed = listed.or_else(|| {
        let found = linked.iter().map(|object| names(object.get("author"))).find(|found| !found.is_empty());
        found.map(|names| names.iter().map(|name| one_line(name)).collect())
    });
    let single = || {
        let byline = tags
            .first(&["author", "byl", "article:author", "parsely-author"])
            .filter(|name| !is_web(name))?;
        let name = byline.strip_prefix("By ").or_else(|| byline.strip_prefix("by ")).unwrap_or(&byline);
        Some(vec![name.to_owned()])
    };
    let mut authors: Vec<String> = listed.or_else(single).unwrap_or_default();
    let mut seen = std::collections::BTreeSet::new();
    authors.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    authors
}

/// `Roe, Jane` as `Jane Roe`.
fn natural_order(name: &str) -> String {
    match name.split_once(',') {
        Some((family, given)) if !given.contains(',') => format!("{} {}", given.trim(), family.trim()),
        _ => name.trim().to_owned(),
    }
}

/// A date in one of the forms that pages use: `2024-03-05T09:12`, `2024/03/05`, `2024/3`.
pub(in crate::import) fn day(date: &str) -> Option<String> {
    let date = date.split(['T', ' ']).next().unwrap_or_default().replace('/', "-");
    let parts: Vec<String> = date
        .split('-')
        .map(|part| if part.len() == 1 { format!("0{part}") } else { part.to_owned() })
        .collect();
    (1..=parts.len().min(3))
        .rev()
        .find_map(|count| Date::parse(&parts[..count].join("-")).map(|date| date.as_str().to_owned()))
}

fn doi(tags: &Tags, linked: &[Value]) -> Option<String> {
    let tagged = [
        "citation_doi",
        "prism.doi",
        "bepress_citation_doi",
        "dc.identifier",
        "dc.identifier.doi",
        "dcterms.identifier",
    ];
    let stated = tagged.iter().flat_map(|name| tags.all(name)).find_map(bare_doi);
    stated.or_else(|| {
        linked
            .iter()
            .find_map(|object| bare_doi(&string(object, "identifier").or_else(|| string(object, "doi"))?))
    })
}

/// A DOI without its resolver, if `text` is one.
pub(in crate::import) fn bare_doi(text: &str) -> Option<String> {
    let at = text.find("10.").filter(|at| *at == 0 || text[..*at].ends_with(['/', ':', ' ']))?;
    let doi = text[at..].split_whitespace().next()?.trim_end_matches(['.', ',', ';']);
    let registrant = doi[3..].split('/').next()?;
    let valid = (4..=9).contains(&registrant.len())
        && registrant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && doi.len() > registrant.len() + 4;
    valid.then(|| doi.to_owned())
}

fn licence(tree: &Html, tags: &Tags, linked: &[Value]) -> Option<String> {
    attribute(tree, "link[rel~=license]", "href")
        .or_else(|| attribute(tree, "a[rel~=license]", "href"))
        .or_else(|| linked.iter().find_map(|object| string(object, "license")))
        .or_else(|| tags.first(&["dc.rights", "dcterms.license", "citation_license", "dcterms.rights"]))
}

/// The address that the browser which saved the page recorded.
fn saved_from(html: &str) -> Option<String> {
    let recorded = ["saved from url=", "Page saved with SingleFile"].iter().find_map(|sign| {
        let after = &html[html.find(sign)?..];
        let start = after.find("http")?;
        let end = after[start..].find(|c: char| c.is_whitespace() || matches!(c, '>' | '"' | '<'))?;
        (start < 80).then(|| after[start..start + end].trim_end_matches("--").to_owned())
    });
    recorded.filter(|url| is_web(url))
}

fn attribute(tree: &Html, selector: &str, key: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    tree.select(&selector).find_map(|element| element.attr(key)).map(|value| value.trim().to_owned())
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journals_state_their_metadata_in_tags() {
        let html = "<html lang=en><head><title>T | J</title><meta name=citation_title content='A  study'>\
            <meta name=citation_author content='Roe, Jane'><meta name=citation_author content='John Doe'>\
            <meta name=citation_journal_title content=J><meta name=citation_publication_date content='2024/3/5'>\
            <meta name='DC.Identifier' content='doi:10.1234/x.y'><link rel=canonical href='https://j.example/a'>\
            <link rel=license href='https://creativecommons.org/licenses/by/4.0/'>";
        let meta = read(&Html::parse_document(html), html);
        assert_eq!(meta.title.as_deref(), Some("A study"));
        assert_eq!(meta.authors, ["Jane Roe", "John Doe"]);
        assert_eq!((meta.publisher.as_deref(), meta.date.as_deref()), (Some("J"), Some("2024-03-05")));
        assert_eq!((meta.doi.as_deref(), meta.canonical), (Some("10.1234/x.y"), None));
        assert_eq!(meta.url.as_deref(), Some("https://j.example/a"));
        assert!(meta.licence.is_some_and(|licence| licence.contains("by/4.0")));
    }

    #[test]
    fn news_pages_state_their_metadata_as_linked_data() {
        let html = "<title>T - Site</title><h1>T</h1><meta property='article:author' content='https://x.example/a'>\
            <script type='application/ld+json'>{\"@graph\": [{\"@type\": \"WebPage\"}, {\"@type\": \"NewsArticle\", \
            \"datePublished\": \"2025-06-01T06:00Z\", \"author\": [{\"name\": \"Sam\"}], \"publisher\": {\"name\": \"P\"}}]}</script>";
        let meta = read(&Html::parse_document(html), html);
        assert_eq!((meta.title.as_deref(), meta.authors), (Some("T"), vec!["Sam".to_owned()]));
        assert_eq!((meta.publisher.as_deref(), meta.date.as_deref()), (Some("P"), Some("2025-06-01")));
    }

    #[test]
    fn dois_are_recognized() {
        for (text, doi) in [
            ("10.1234/ab", Some("10.1234/ab")),
            ("https://doi.org/10.1234/ab.", Some("10.1234/ab")),
            ("doi:10.1234/ab", Some("10.1234/ab")),
            ("10.5", None),
            ("version 10.1234", None),
        ] {
            assert_eq!(bare_doi(text).as_deref(), doi, "{text}");
        }
    }
}
