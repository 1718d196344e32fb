//! What a work is made of, in plain words, for formats other than HTML.

use hayagriva::Entry;
use hayagriva::types::{Date, EntryType, Person};

use super::template::{OTHERS, unmasked};

/// A work, taken apart. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// What it is cited by.
    pub key: String,
    /// What it is, as hayagriva names it: `article`, `book`.
    pub form: String,
    /// What it stands in, as hayagriva names it: `periodical`, `proceedings`.
    pub parent_form: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<Name>,
    /// Who edited it, or what it stands in.
    pub editors: Vec<Name>,
    /// When it was published.
    pub date: Option<Day>,
    /// The journal, book or site it stands in.
    pub container: String,
    /// The volume.
    pub volume: String,
    /// The issue.
    pub issue: String,
    /// The pages.
    pub pages: String,
    /// The edition.
    pub edition: String,
    /// Who published it.
    pub publisher: String,
    /// Where it was published.
    pub place: String,
    /// What kind of report or thesis it is.
    pub genre: String,
    /// Its number, such as a report's.
    pub number: String,
    /// Its DOI, ISBN, ISSN and PubMed id.
    pub doi: String,
    /// Its ISBN.
    pub isbn: String,
    /// The ISSN of what it stands in.
    pub issn: String,
    /// Its number in PubMed.
    pub pmid: String,
    /// Its address.
    pub url: String,
    /// When its address was visited.
    pub visited: Option<Day>,
    /// Its language.
    pub language: String,
    /// What else is to be said of it.
    pub note: String,
}

/// A person or body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// The family name, or the whole name of a body.
    pub family: String,
    /// The given names.
    pub given: String,
    /// What stands before the family name: "van".
    pub particle: String,
    /// What stands after it: "Jr."
    pub suffix: String,
    /// Whether it stands for others who are not named.
    pub others: bool,
}

/// A day, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The year; 0 is 1 BC.
    pub year: i32,
    /// The month, from 1.
    pub month: Option<u8>,
    /// The day, from 1.
    pub day: Option<u8>,
}

impl Day {
    /// The date as ISO 8601 writes it.
    pub fn iso(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            (None, _) => format!("{:04}", self.year),
        }
    }
}

impl Record {
    /// What `entry` is made of, with what it inherits from what it stands in.
    pub(super) fn of(entry: &Entry) -> Self {
        let parent = entry.parents().first();
        fn shown(value: Option<impl ToString>) -> String {
            value.map(|value| unmasked(&value.to_string()).into_owned()).unwrap_or_default()
        }
        fn serial(entry: &Entry, key: &str) -> String {
            let own = entry.keyed_serial_number(key);
            shown(own.or_else(|| entry.parents().iter().find_map(|parent| parent.keyed_serial_number(key))))
        }
        let publisher = entry.publisher().or_else(|| parent.and_then(Entry::publisher));
        let organization = entry.organization().or_else(|| parent.and_then(Entry::organization));
        let editors = entry.editors().or_else(|| parent.and_then(Entry::editors)).unwrap_or_default();
        let url = entry.url_any();
        Self {
            key: entry.key().to_owned(),
            form: form(entry.entry_type()),
            parent_form: parent.map(|parent| form(parent.entry_type())).unwrap_or_default(),
            title: shown(entry.title()),
            authors: entry.authors().unwrap_or_default().iter().map(Name::of).collect(),
            editors: editors.iter().map(Name::of).collect(),
            date: entry.date_any().map(Day::of),
            container: shown(parent.and_then(Entry::title)),
            volume: shown(entry.volume().or_else(|| parent.and_then(Entry::volume))),
            issue: shown(entry.issue().or_else(|| parent.and_then(Entry::issue))),
            pages: shown(entry.page_range()),
            edition: shown(entry.edition().or_else(|| parent.and_then(Entry::edition))),
            publisher: shown(publisher.and_then(|publisher| publisher.name()).or(organization)),
            place: shown(publisher.and_then(|publisher| publisher.location()).or(entry.location())),
            genre: shown(entry.genre()),
            number: serial(entry, "serial"),
            doi: shown(entry.doi()),
            isbn: serial(entry, "isbn"),
            issn: serial(entry, "issn"),
            pmid: serial(entry, "pmid"),
            url: shown(url.map(|url| url.value.as_str())),
            visited: url.and_then(|url| url.visit_date.as_ref()).map(Day::of),
            language: shown(entry.language()),
            note: shown(entry.note()),
        }
    }
}

fn form(form: &EntryType) -> String {
    format!("{form:?}").to_lowercase()
}

impl Name {
    fn of(person: &Person) -> Self {
        let part = |part: &Option<String>| part.as_deref().map(unmasked).unwrap_or_default().into_owned();
        let others = person.name.contains(OTHERS);
        Self {
            family: if others { String::new() } else { unmasked(&person.name).into_owned() },
            given: part(&person.given_name),
            particle: part(&person.prefix),
            suffix: part(&person.suffix),
            others,
        }
    }
}

impl Day {
    fn of(date: &Date) -> Self {
        let next = |number: u8| number.saturating_add(1);
        Self { year: date.year, month: date.month.map(next), day: date.day.map(next) }
    }
}
