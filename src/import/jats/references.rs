//! Reads the list of references of an article as works, in CSL-JSON.

use serde_json::{Map, Value, json};

use crate::archive::Element;
use crate::import::page::metadata::bare_doi;
use crate::markdown::escape::one_line;

/// The works that an article refers to.
pub(super) fn read(article: &Element) -> Vec<Value> {
    let citations = article.all("ref").into_iter().filter_map(|reference| {
        let names = ["element-citation", "mixed-citation", "nlm-citation"];
        names.iter().find_map(|name| reference.all(name).into_iter().next())
    });
    citations.filter_map(work).collect()
}

fn work(citation: &Element) -> Option<Value> {
    let text = |name: &str| {
        citation.all(name).first().map(|found| one_line(&found.text())).filter(|text| !text.is_empty())
    };
    let mut work = Map::new();
    let kind =
        citation.attribute("publication-type").or(citation.attribute("citation-type")).unwrap_or("other");
    let inner = text("article-title").or_else(|| text("chapter-title")).or_else(|| text("part-title"));
    let source = text("source");
    let kind = match (kind, inner.is_some()) {
        ("journal", _) => "article-journal",
        ("book", true) => "chapter",
        ("book", false) => "book",
        ("confproc" | "conference", _) => "paper-conference",
        ("thesis", _) => "thesis",
        ("web" | "website" | "webpage", _) => "webpage",
        ("report" | "gov", _) => "report",
        ("preprint", _) => "article",
        _ if inner.is_some() && source.is_some() => "article-journal",
        _ => "document",
    };
    work.insert("type".into(), json!(kind));
    let title = inner.clone().or_else(|| source.clone());
    let title = title.or_else(|| Some(one_line(&citation.text())).filter(|text| !text.is_empty()))?;
    work.insert("title".into(), json!(title));
    if inner.is_some() {
        work.extend(source.map(|source| ("container-title".to_owned(), json!(source))));
    }
    let people = |group: &str| -> Vec<Value> {
        let groups: Vec<&Element> = citation.all("person-group");
        let in_group: Vec<&Element> = groups
            .iter()
            .filter(|found| found.attribute("person-group-type") == Some(group))
            .flat_map(|found| {
                found.all("name").into_iter().chain(found.all("string-name")).chain(found.all("collab"))
            })
            .collect();
        let all = if groups.is_empty() && group == "author" {
            citation
                .all("name")
                .into_iter()
                .chain(citation.all("string-name"))
                .chain(citation.all("collab"))
                .collect()
        } else {
            in_group
        };
        all.into_iter().filter_map(person).collect()
    };
    for (key, group) in [("author", "author"), ("editor", "editor")] {
        let people = people(group);
        if !people.is_empty() {
            work.insert(key.into(), json!(people));
        }
    }
    for (key, name) in [
        ("volume", "volume"),
        ("issue", "issue"),
        ("publisher", "publisher-name"),
        ("publisher-place", "publisher-loc"),
        ("edition", "edition"),
    ] {
        work.extend(text(name).map(|value| (key.to_owned(), json!(value))));
    }
    let pages = match (text("fpage"), text("lpage")) {
        (Some(first), Some(last)) if first != last => Some(format!("{first}-{last}")),
        (first, _) => first.or_else(|| text("elocation-id")).or_else(|| text("page-range")),
    };
    work.extend(pages.map(|pages| ("page".to_owned(), json!(pages))));
    let year = text("year").and_then(|year| year.get(..4).and_then(|year| year.parse::<i64>().ok()));
    work.extend(year.map(|year| ("issued".to_owned(), json!({ "date-parts": [[year]] }))));
    let ids = citation.all("pub-id");
    let id = |kind: &str| {
        ids.iter().find(|id| id.attribute("pub-id-type") == Some(kind)).map(|id| one_line(&id.text()))
    };
    let links: Vec<&str> = citation
        .all("ext-link")
        .into_iter()
        .chain(citation.all("uri"))
        .filter_map(|link| link.attribute("href"))
        .collect();
    let doi =
        id("doi").and_then(|doi| bare_doi(&doi)).or_else(|| links.iter().find_map(|link| bare_doi(link)));
    work.extend(doi.map(|doi| ("DOI".to_owned(), json!(doi))));
    work.extend(id("pmid").map(|pmid| ("PMID".to_owned(), json!(pmid))));
    let web = links.iter().find(|link| link.starts_with("http") && !link.contains("doi.org"));
    work.extend(web.map(|link| ("URL".to_owned(), json!(link))));
    Some(Value::Object(work))
}

fn person(name: &Element) -> Option<Value> {
    let part = |key: &str| name.child(key).map(|part| one_line(&part.text())).filter(|text| !text.is_empty());
    match part("surname") {
        Some(family) => Some(match part("given-names") {
            Some(given) => json!({ "family": family, "given": given }),
            None => json!({ "family": family }),
        }),
        None => Some(one_line(&name.text()))
            .filter(|text| !text.is_empty())
            .map(|text| json!({ "literal": text })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_works() {
        let article = Element::parse(
            "<article><ref-list><ref><element-citation publication-type=\"journal\"><person-group person-group-type=\"author\">\
             <name><surname>Roe</surname><given-names>J</given-names></name></person-group><article-title>T</article-title>\
             <source>S</source><year>2019a</year><fpage>1</fpage><lpage>9</lpage><pub-id pub-id-type=\"doi\">10.1234/x</pub-id>\
             </element-citation></ref></ref-list></article>",
        )
        .unwrap();
        let works = read(&article);
        assert_eq!(works[0]["author"][0]["family"], "Roe");
        assert_eq!(works[0]["issued"]["date-parts"][0][0], 2019);
        assert_eq!((&works[0]["page"], &works[0]["container-title"]), (&json!("1-9"), &json!("S")));
    }
}
