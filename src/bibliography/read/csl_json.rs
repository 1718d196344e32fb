//! Reads CSL-JSON as written by Zotero, pandoc and citation services.
//!
//! Names, dates and variables are those of the schema `csl-data.json`. Numbers may be written as strings and
//! strings as numbers. Variables in `note` are read too, one per line: `original-date: 1900`.

use std::ops::Range;
use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{Kind, NumberVariable, StandardVariable, Variable};
use serde_json::{Map, Value};

use super::dates;
use super::found::Found;
use crate::bibliography::item::{Date, Day, Item, Name, RangeEnd, variable};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};

/// Reads the items of a file, with the location of each id.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let text = file.text.trim_start_matches('\u{feff}');
    let start = file.text.len() - text.len();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let invalid = |span: Range<usize>, message: String| {
        Diagnostic::error(Code::WorkInvalid, Place::new(file, span), message).help(
            "write a list of items as CSL-JSON: `[{ \"id\": \"…\", \"type\": \"book\", \"title\": \"…\" }]`",
        )
    };
    let items = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => items,
        Ok(Value::Object(mut whole)) => match whole.remove("items").or_else(|| whole.remove("references")) {
            Some(Value::Array(items)) => items,
            _ => vec![Value::Object(whole)],
        },
        Ok(_) => {
            diagnostics.push(invalid(start..start, "expected a list of items".to_owned()));
            return Vec::new();
        }
        Err(error) => {
            let at = start + offset(text, error.line(), error.column());
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            diagnostics.push(invalid(at..at, format!("invalid JSON: {message}")));
            return Vec::new();
        }
    };
    let mut from = 0;
    let mut found = Vec::with_capacity(items.len());
    for value in items {
        let Value::Object(fields) = value else {
            diagnostics.push(invalid(start + from..start + from, "an item is not an object".to_owned()));
            continue;
        };
        let Some(key) = fields.get("id").map(scalar).filter(|key| !key.is_empty()) else {
            diagnostics.push(invalid(start + from..start + from, "an item has no `id`".to_owned()));
            continue;
        };
        let span = key_span(text, &key, from);
        from = span.end;
        let place = Place::new(file, start + span.start..start + span.end);
        let name = fields.get("type").map(scalar).unwrap_or_default();
        let kind = kind(&name);
        if kind.is_none() && !name.is_empty() {
            let message = format!("`{key}`: unknown type `{name}`");
            let known = KINDS.iter().copied();
            diagnostics.push(
                Diagnostic::warning(Code::WorkInvalid, place.clone(), message)
                    .help(did_you_mean(&name, known)),
            );
        }
        found.push(Found { item: item(&key, kind.unwrap_or(Kind::Document), &fields), place });
    }
    found
}

/// Whether text looks like CSL-JSON: items with ids, or invalid JSON.
pub(super) fn is_csl(text: &str) -> bool {
    let list = match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Array(list)) => list,
        Ok(Value::Object(mut whole)) => match whole.remove("items").or_else(|| whole.remove("references")) {
            Some(Value::Array(list)) => list,
            _ => vec![Value::Object(whole)],
        },
        Ok(_) => return false,
        Err(_) => return text.contains("\"id\"") && text.contains("\"type\""),
    };
    let described =
        |item: &Value| ["type", "title", "author", "issued"].iter().any(|name| item.get(*name).is_some());
    list.first().is_some_and(|item| item.get("id").is_some() && described(item))
}

const KINDS: [&str; 12] = [
    "article",
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "book",
    "chapter",
    "dataset",
    "paper-conference",
    "report",
    "thesis",
    "webpage",
    "document",
];

fn kind(name: &str) -> Option<Kind> {
    name.parse().ok().or(match name {
        "legal_commentary" => Some(Kind::Document),
        "article-preprint" | "preprint" => Some(Kind::Article),
        _ => None,
    })
}

/// Converts the line and column of an error to a byte offset; columns count bytes from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    crate::diagnostics::floor_char_boundary(text, (before + column.saturating_sub(1)).min(text.len()))
}

/// Finds an id, starting at byte `from`.
fn key_span(text: &str, key: &str, from: usize) -> Range<usize> {
    let written = serde_json::to_string(key).unwrap_or_default();
    let rest = text.get(from..).unwrap_or_default();
    let found = rest.match_indices("\"id\"").find_map(|(at, _)| {
        let after = rest.get(at + 4..)?.trim_start().strip_prefix(':')?.trim_start();
        let value = from + rest.len() - after.len();
        if after.starts_with(&written) {
            Some(value + 1..value + written.len() - 1)
        } else {
            after.starts_with(key).then(|| value..value + key.len())
        }
    });
    found.unwrap_or(from..from)
}

/// A string, number or boolean as text.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "true".to_owned(),
        _ => String::new(),
    }
}

/// Converts a CSL-JSON object to an item.
pub(super) fn item(key: &str, kind: Kind, fields: &Map<String, Value>) -> Item {
    let mut item = Item::new(key, kind);
    for (name, value) in fields {
        let name = match name.as_str() {
            "journalAbbreviation" => "container-title-short",
            "shortTitle" => "title-short",
            "event" => "event-title",
            other => other,
        };
        set(&mut item, name, value);
    }
    in_note(&mut item);
    item
}

fn set(item: &mut Item, name: &str, value: &Value) {
    match (variable(name), value) {
        (Some(Variable::Name(role)), Value::Array(people)) => {
            item.set_names(role, people.iter().filter_map(person).collect());
        }
        (Some(Variable::Date(variable)), value) => {
            if let Some(date) = date(value) {
                item.set_date(variable, date);
            }
        }
        (Some(Variable::Name(_) | Variable::Number(NumberVariable::CitationNumber)), _) | (None, _) => {}
        (Some(variable), Value::Array(parts)) => {
            item.set(variable, parts.iter().map(scalar).collect::<Vec<_>>().join(", "));
        }
        (Some(variable), value) => item.set_missing(variable, scalar(value)),
    }
}

/// Reads the variables that Zotero stores in a note, one per line: `PMID: 123`.
fn in_note(item: &mut Item) {
    let note = item.text(StandardVariable::Note).to_owned();
    if !note.contains(':') {
        return;
    }
    let mut rest = Vec::new();
    for line in note.lines() {
        let pair = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let known = pair.and_then(|(name, value)| {
            let lower = name.to_lowercase().replace(' ', "-");
            Some((variable(name).or_else(|| variable(&lower)).filter(|known| !is_prose(*known))?, value))
        });
        match known {
            Some((Variable::Date(known), value)) => {
                if item.date(known).is_none() {
                    item.set_date(known, dates::words(value));
                }
            }
            Some((Variable::Name(role), value)) => {
                let mut people = item.names(role).to_vec();
                people.push(match value.split_once("||") {
                    Some((family, given)) => Name {
                        family: family.trim().to_owned(),
                        given: given.trim().to_owned(),
                        ..Name::default()
                    },
                    None => Name::literal(value),
                });
                item.set_names(role, people);
            }
            Some((known, value)) => item.set_missing(known, value),
            None => rest.push(line),
        }
    }
    item.set(StandardVariable::Note, rest.join("\n"));
}

/// Whether the name of a variable is also a common word at the start of a line: "Note: …".
fn is_prose(variable: Variable) -> bool {
    use StandardVariable::{Abstract, Annote, Event, Language, Note, References, Source, Title};
    [Abstract, Annote, Event, Language, Note, References, Source, Title]
        .map(Variable::Standard)
        .contains(&variable)
}

fn person(value: &Value) -> Option<Name> {
    let Value::Object(parts) = value else {
        return value.as_str().map(super::names::inverted);
    };
    let of = |name: &str| parts.get(name).map(scalar).unwrap_or_default().trim().to_owned();
    let literal = of("literal");
    if ["et al.", "et al", "others"].contains(&literal.to_lowercase().as_str()) {
        return Some(Name::others());
    }
    if !literal.is_empty() {
        return Some(Name::literal(literal));
    }
    let mut name = Name {
        family: of("family"),
        given: of("given"),
        particle: of("non-dropping-particle"),
        dropping_particle: of("dropping-particle"),
        suffix: of("suffix"),
        comma_suffix: ["true", "1"].contains(&of("comma-suffix").as_str()),
        ..Name::default()
    };
    if name.particle.is_empty() && name.dropping_particle.is_empty() {
        move_particles(&mut name);
    }
    if name.family.starts_with('"') && name.family.ends_with('"') && name.family.len() > 2 {
        name.family = name.family.trim_matches('"').to_owned();
    }
    if name.family.is_empty() && !name.given.is_empty() {
        return Some(Name { family: String::new(), ..name });
    }
    (!name.family.is_empty()).then_some(name)
}

/// Moves particles out of the family and given names, where Zotero writes them. A family name in quotation marks
/// is not split.
fn move_particles(name: &mut Name) {
    let is_particle = |word: &str| {
        word.chars().next().is_some_and(char::is_lowercase)
            && word.chars().all(|c| c.is_lowercase() || "'’-.".contains(c))
    };
    if !name.family.starts_with('"') {
        let words: Vec<&str> = name.family.split(' ').collect();
        let end =
            words.iter().take(words.len().saturating_sub(1)).take_while(|word| is_particle(word)).count();
        if end > 0 {
            (name.particle, name.family) = (words[..end].join(" "), words[end..].join(" "));
        } else if let Some(at) = name.family.find(['’', '\'']).filter(|at| *at < 4) {
            let length = name.family[at..].chars().next().map_or(1, char::len_utf8);
            if is_particle(&name.family[..at]) {
                name.particle = name.family[..at + length].to_owned();
                name.family = name.family[at + length..].to_owned();
            }
        }
    }
    let words: Vec<&str> = name.given.split(' ').collect();
    let start = words.iter().rposition(|word| !is_particle(word)).map_or(0, |at| at + 1);
    if start > 0 && start < words.len() {
        (name.dropping_particle, name.given) = (words[start..].join(" "), words[..start].join(" "));
    }
    if name.suffix.is_empty()
        && let Some((given, suffix)) = name.given.clone().split_once(',')
    {
        let (suffix, comma) =
            suffix.trim().strip_prefix('!').map_or((suffix, false), |suffix| (suffix, true));
        (name.given, name.suffix, name.comma_suffix) = (given.to_owned(), suffix.trim().to_owned(), comma);
    }
}

fn date(value: &Value) -> Option<Date> {
    let Value::Object(parts) = value else {
        return Some(dates::words(&scalar(value)))
            .filter(|date| date.start.is_some() || !date.literal.is_empty());
    };
    let text = |name: &str| parts.get(name).map(scalar).unwrap_or_default();
    let circa =
        !matches!(parts.get("circa"), None | Some(Value::Null | Value::Bool(false))) && text("circa") != "0";
    let mut date = if let Some(Value::Array(days)) = parts.get("date-parts") {
        let mut days = days.iter().filter_map(day);
        let start = days.next();
        let end = days.next().map(|end| if end.year == 0 { RangeEnd::Open } else { RangeEnd::Day(end) });
        Date { start, end, ..Date::default() }
    } else if !text("raw").is_empty() {
        dates::words(&text("raw"))
    } else {
        Date::default()
    };
    if date.start.is_none() {
        let words = [text("literal"), date.literal].into_iter().find(|words| !words.is_empty())?;
        date = Date::literal(&words);
    }
    let season = text("season");
    if let Some(start) = date.start.as_mut().filter(|start| start.month.is_none() && !season.is_empty()) {
        start.month = match season.parse::<u8>() {
            Ok(season @ 1..=4) => Some(season + 12),
            _ => dates::month(&season).0,
        };
    }
    Some(Date { circa: circa || date.circa, ..date })
}

/// A day as a list of numbers or strings: a year, a month or season, a day.
fn day(value: &Value) -> Option<Day> {
    let parts: Vec<i32> =
        value.as_array()?.iter().map_while(|part| scalar(part).trim().parse().ok()).collect();
    let small =
        |at: usize| parts.get(at).and_then(|number| u8::try_from(*number).ok()).filter(|number| *number > 0);
    let month = small(1).map(|month| if month > 20 { month - 8 } else { month });
    Some(Day { year: *parts.first()?, month, day: small(2) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayagriva::citationberg::taxonomy::{DateVariable, NameVariable};

    fn load(text: &str) -> (Vec<Found>, Vec<String>) {
        let mut diagnostics = Diagnostics::default();
        let found = read(&File::new("a.json", text), &mut diagnostics);
        (found, diagnostics.into_sorted().iter().map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn items_are_read_with_their_locations() {
        let (found, problems) = load(
            r#"[{"id": "x", "type": "article-journal", "title": "T <i>x</i>", "volume": 3, "journalAbbreviation": "J",
            "author": [{"family": "van Gogh", "given": "Vincent"}, {"literal": "WHO"}],
            "issued": {"date-parts": [["2010", 3], [2010, 4]]}, "note": "PMID: 12\nplain"},
            {"id": 5, "type": "book"}]"#,
        );
        assert_eq!((found.len(), problems), (2, vec![]));
        let item = &found[0].item;
        assert_eq!(item.text(StandardVariable::ContainerTitleShort), "J");
        assert_eq!(item.text(StandardVariable::PMID), "12");
        assert_eq!(item.text(StandardVariable::Note), "plain");
        assert_eq!(item.names(NameVariable::Author)[0].particle, "van");
        assert!(item.date(DateVariable::Issued).unwrap().end.is_some());
        assert_eq!(found[0].place.line_column(), (1, 10));
        assert_eq!(found[1].item.key, "5");
    }

    #[test]
    fn invalid_json_is_reported() {
        assert_eq!(load("[{]").1, ["invalid JSON: key must be a string"]);
        assert_eq!(load("[{}]").1, ["an item has no `id`"]);
        assert_eq!(load("3").1, ["expected a list of items"]);
        assert_eq!(load(r#"[{"id":"a","type":"bok"}]"#).1, ["`a`: unknown type `bok`"]);
    }
}
