//! Writes works as CSL-JSON, for reference managers.
//!
//! Follows the schema `csl-data.json` of the Citation Style Language.

use std::io;

use serde_json::{Map, Value, json};

use super::{EditionData, EditionFile};
use crate::bibliography::{Day, Name, Record};

/// The path of the file with all works.
pub const FILE: &str = "works/references.json";

/// `works/references.json`, if the edition has a bibliography.
pub struct Works;

impl EditionFile for Works {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        edition.works.iter().map(|_| FILE.to_owned()).collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let items = Value::Array(edition.records().iter().map(item).collect());
        let json = format!("{items:#}\n").into_bytes();
        Ok(self.paths(edition).into_iter().map(|path| (path, json.clone())).collect())
    }
}

/// One work as a CSL item.
pub fn item(record: &Record) -> Value {
    let mut item = Map::new();
    item.insert("id".to_owned(), json!(record.key));
    item.insert("type".to_owned(), json!(item_type(record)));
    for (name, value) in [
        ("title", &record.title),
        ("container-title", &record.container),
        ("volume", &record.volume),
        ("issue", &record.issue),
        ("page", &record.pages),
        ("edition", &record.edition),
        ("publisher", &record.publisher),
        ("publisher-place", &record.place),
        ("genre", &record.genre),
        ("number", &record.number),
        ("DOI", &record.doi),
        ("ISBN", &record.isbn),
        ("ISSN", &record.issn),
        ("PMID", &record.pmid),
        ("URL", &record.url),
        ("language", &record.language),
        ("note", &record.note),
    ] {
        if !value.is_empty() {
            item.insert(name.to_owned(), json!(value));
        }
    }
    for (name, people) in [("author", &record.authors), ("editor", &record.editors)] {
        if !people.is_empty() {
            item.insert(name.to_owned(), people.iter().map(person).collect());
        }
    }
    for (name, day) in [("issued", record.date), ("accessed", record.visited)] {
        if let Some(day) = day {
            item.insert(name.to_owned(), date(day));
        }
    }
    Value::Object(item)
}

fn person(name: &Name) -> Value {
    let mut person = Map::new();
    if name.others {
        person.insert("literal".to_owned(), json!("et al."));
    } else if name.given.is_empty() && name.particle.is_empty() {
        person.insert("literal".to_owned(), json!(name.family));
    } else {
        person.insert("family".to_owned(), json!(name.family));
        for (key, value) in
            [("given", &name.given), ("non-dropping-particle", &name.particle), ("suffix", &name.suffix)]
        {
            if !value.is_empty() {
                person.insert(key.to_owned(), json!(value));
            }
        }
    }
    Value::Object(person)
}

fn date(day: Day) -> Value {
    let mut parts = vec![json!(day.year)];
    parts.extend(day.month.map(|month| json!(month)));
    parts.extend(day.month.and(day.day).map(|day| json!(day)));
    json!({ "date-parts": [parts] })
}

/// The CSL item type of a work.
fn item_type(record: &Record) -> &'static str {
    match (record.form.as_str(), record.parent_form.as_str()) {
        ("article", "newspaper") => "article-newspaper",
        ("article" | "entry", "blog") => "post-weblog",
        ("article", "proceedings" | "conference") => "paper-conference",
        ("article", "anthology" | "book") | ("anthos" | "chapter", _) => "chapter",
        ("article", "") => "article",
        ("article", _) => "article-journal",
        ("entry", _) => "entry-encyclopedia",
        ("book" | "anthology" | "proceedings" | "reference", _) => "book",
        ("report", _) => "report",
        ("thesis", _) => "thesis",
        ("web" | "blog", _) => "webpage",
        ("patent", _) => "patent",
        ("case", _) => "legal_case",
        ("legislation", _) => "legislation",
        ("manuscript", _) => "manuscript",
        ("post" | "thread", _) => "post",
        ("periodical" | "newspaper", _) => "periodical",
        ("repository", _) => "software",
        ("video", _) => "motion_picture",
        ("audio", _) => "song",
        ("artwork", _) => "graphic",
        ("performance" | "scene", _) => "performance",
        ("conference", _) => "event",
        _ => "document",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_has_all_its_fields() {
        let name = |family: &str, given: &str| Name {
            family: family.into(),
            given: given.into(),
            ..Name::default()
        };
        let record = Record {
            key: "glue-2020".into(),
            form: "article".into(),
            parent_form: "periodical".into(),
            title: "A \"study\"".into(),
            container: "Journal".into(),
            authors: vec![name("Glue", "Paul"), name("World Health Organization", "")],
            date: Some(Day { year: 2020, month: Some(3), day: None }),
            ..Record::default()
        };
        assert_eq!(
            item(&record),
            json!({
                "id": "glue-2020", "type": "article-journal", "title": "A \"study\"",
                "container-title": "Journal",
                "author": [{"family": "Glue", "given": "Paul"}, {"literal": "World Health Organization"}],
                "issued": {"date-parts": [[2020, 3]]},
            })
        );
    }
}
