//! Exports works as CSL-JSON, for reference managers.
//!
//! The format follows the schema of the Citation Style Language, `csl-data.json`.

use std::io;

use serde_json::{Map, Value, json};

use super::{EditionData, EditionFile};
use crate::bibliography::item::{RangeEnd, kind_name};
use crate::bibliography::{Date, Day, Item, Name};

/// The path of the file with all works.
pub(crate) const FILE: &str = "works/references.json";

/// Writes the file with all works, if the edition has a bibliography.
pub(crate) struct Works;

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

/// One work as a CSL-JSON item.
pub(crate) fn item(work: &Item) -> Value {
    let mut item = Map::new();
    item.insert("id".to_owned(), json!(work.key));
    item.insert("type".to_owned(), json!(kind_name(work.kind)));
    for (variable, text) in work.fields() {
        item.insert(variable.to_string(), json!(text));
    }
    for (role, people) in work.all_names() {
        item.insert(role.to_string(), people.iter().map(person).collect());
    }
    for (variable, value) in work.all_dates() {
        item.insert(variable.to_string(), date(value));
    }
    Value::Object(item)
}

fn person(name: &Name) -> Value {
    if name.others {
        return json!({ "literal": "et al." });
    }
    if name.literal && name.suffix.is_empty() {
        return json!({ "literal": name.family });
    }
    let mut person = Map::new();
    for (key, value) in [
        ("family", &name.family),
        ("given", &name.given),
        ("non-dropping-particle", &name.particle),
        ("dropping-particle", &name.dropping_particle),
        ("suffix", &name.suffix),
    ] {
        if !value.is_empty() {
            person.insert(key.to_owned(), json!(value));
        }
    }
    if name.comma_suffix {
        person.insert("comma-suffix".to_owned(), json!(true));
    }
    Value::Object(person)
}

fn date(date: &Date) -> Value {
    let mut value = Map::new();
    if let Some(start) = date.start {
        let mut days = vec![parts(start)];
        days.extend(match date.end {
            Some(RangeEnd::Day(end)) => Some(parts(end)),
            Some(RangeEnd::Open) => Some(json!([0])),
            None => None,
        });
        value.insert("date-parts".to_owned(), Value::Array(days));
        if let Some(season) = start.season() {
            value.insert("season".to_owned(), json!(season));
        }
    }
    if !date.literal.is_empty() {
        value.insert("literal".to_owned(), json!(date.literal));
    }
    if date.circa {
        value.insert("circa".to_owned(), json!(true));
    }
    Value::Object(value)
}

fn parts(day: Day) -> Value {
    let month = day.month.filter(|month| *month <= 12);
    let mut parts = vec![json!(day.year)];
    parts.extend(month.map(|month| json!(month)));
    parts.extend(month.and(day.day).map(|day| json!(day)));
    Value::Array(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::{Bibliography, Style};
    use crate::diagnostics::{Diagnostics, File, Place};

    fn works(path: &str, text: &str) -> Vec<Item> {
        let file = File::new(path, text);
        let style = Style::Named("vancouver", Place::of_path("site.toml"));
        let bibliography = Bibliography::load(&[file], &style, "en", &mut Diagnostics::default());
        bibliography.works().filter_map(|work| bibliography.record(&work.key)).collect()
    }

    const TEXT: &str = r#"[
      {"id": "a", "type": "article-journal", "title": "A <i>study</i>", "container-title": "Journal",
       "author": [{"family": "Glue", "given": "Paul"}, {"literal": "World Health Organization"},
                  {"family": "Gogh", "non-dropping-particle": "van", "given": "V.", "suffix": "Jr."}],
       "issued": {"date-parts": [[2020, 3], [2020, 4]]}, "page": "3-5", "volume": "2", "DOI": "10.1/a_b"},
      {"id": "b", "type": "book", "title": "B", "issued": {"date-parts": [[1723]], "circa": true},
       "accessed": {"date-parts": [[2001, 2, 3]]}, "collection-title": "S", "collection-number": "14",
       "number-of-volumes": "3", "original-date": {"literal": "long ago"}, "event-date": {"date-parts": [[2001]], "season": 2}}
    ]"#;

    #[test]
    fn items_round_trip() {
        let written: Vec<Value> = works("a.json", TEXT).iter().map(item).collect();
        assert_eq!(Value::Array(written), serde_json::from_str::<Value>(TEXT).unwrap());
    }
}
