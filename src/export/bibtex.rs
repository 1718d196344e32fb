//! Writes works as BibLaTeX, for LaTeX and reference managers.
//!
//! Entry types and fields follow the BibLaTeX manual, section 2. The crate `biblatex` formats and escapes them.

use std::io;

use biblatex::{Chunk, Entry, EntryType, Spanned};

use super::{EditionData, EditionFile};
use crate::bibliography::{Name, Record};

/// The path of the file with all works.
pub const FILE: &str = "works/references.bib";

/// `works/references.bib`, if the edition has a bibliography.
pub struct Works;

impl EditionFile for Works {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        edition.works.iter().map(|_| FILE.to_owned()).collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let entries: Vec<String> = edition.records().iter().map(entry).collect();
        Ok(self.paths(edition).into_iter().map(|path| (path, entries.join("\n").into_bytes())).collect())
    }
}

/// One work as an entry, with a line break at the end.
pub fn entry(record: &Record) -> String {
    let mut entry = Entry::new(key(&record.key), EntryType::new(entry_type(record)));
    let date =
        |day: Option<crate::bibliography::Day>| day.map(crate::bibliography::Day::iso).unwrap_or_default();
    let periodical = matches!(entry_type(record), "article");
    let container = if periodical { "journaltitle" } else { "booktitle" };
    let publisher =
        if matches!(entry_type(record), "report" | "thesis") { "institution" } else { "publisher" };
    for (name, names) in [("author", &record.authors), ("editor", &record.editors)] {
        if !names.is_empty() {
            entry.set(name, format_names(names));
        }
    }
    for (name, value) in [
        ("title", record.title.clone()),
        (container, record.container.clone()),
        ("date", date(record.date)),
        ("volume", record.volume.clone()),
        // BibLaTeX has the issue of a journal in `number`.
        ("number", if record.issue.is_empty() { record.number.clone() } else { record.issue.clone() }),
        ("pages", record.pages.replace('–', "-").replace('-', "--")),
        ("edition", record.edition.clone()),
        (publisher, record.publisher.clone()),
        ("location", record.place.clone()),
        ("type", if publisher == "institution" { record.genre.clone() } else { String::new() }),
        ("doi", record.doi.clone()),
        ("isbn", record.isbn.clone()),
        ("issn", record.issn.clone()),
        ("url", record.url.clone()),
        ("urldate", date(record.visited)),
        ("langid", record.language.clone()),
        ("note", record.note.clone()),
    ] {
        if !value.is_empty() {
            entry.set(name, vec![Spanned::detached(Chunk::Normal(value))]);
        }
    }
    entry.to_biblatex_string() + "\n"
}

/// A key in which characters that BibLaTeX does not allow are replaced by `-`.
fn key(key: &str) -> String {
    key.chars().map(|c| if c.is_whitespace() || "{}(),=\\#%\"'~".contains(c) { '-' } else { c }).collect()
}

/// Names in BibLaTeX form: `van Last, Jr., First and {World Health Organization}`. Braces keep the name of an
/// organization in one piece.
fn format_names(names: &[Name]) -> Vec<Spanned<Chunk>> {
    let mut chunks = Vec::new();
    for (name, first) in names.iter().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
        if !first {
            chunks.push(Chunk::Normal(" and ".to_owned()));
        }
        let family = format!("{} {}", name.particle, name.family).trim().to_owned();
        chunks.push(match () {
            () if name.others => Chunk::Normal("others".to_owned()),
            () if name.given.is_empty() => Chunk::Verbatim(family),
            () if name.suffix.is_empty() => Chunk::Normal(format!("{family}, {}", name.given)),
            () => Chunk::Normal(format!("{family}, {}, {}", name.suffix, name.given)),
        });
    }
    chunks.into_iter().map(Spanned::detached).collect()
}

/// The BibLaTeX entry type of a work.
fn entry_type(record: &Record) -> &'static str {
    match (record.form.as_str(), record.parent_form.as_str()) {
        ("article", "proceedings" | "conference") => "inproceedings",
        ("article", "anthology" | "book") | ("anthos", _) => "incollection",
        ("article", "blog") | ("web" | "blog" | "post" | "thread", _) => "online",
        ("article", _) => "article",
        ("chapter", _) => "inbook",
        ("entry", _) => "inreference",
        ("book", _) => "book",
        ("anthology", _) => "collection",
        ("proceedings", _) => "proceedings",
        ("reference", _) => "reference",
        ("report", _) => "report",
        ("thesis", _) => "thesis",
        ("patent", _) => "patent",
        ("periodical" | "newspaper", _) => "periodical",
        ("manuscript", _) => "unpublished",
        ("repository", _) => "software",
        _ => "misc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::Day;

    #[test]
    fn a_written_entry_can_be_read_again() {
        let name = |family: &str, given: &str| Name {
            family: family.into(),
            given: given.into(),
            ..Name::default()
        };
        let record = Record {
            key: "who & co, 2020".into(),
            form: "article".into(),
            parent_form: "periodical".into(),
            title: "50% of {all} & more".into(),
            container: "Journal_of".into(),
            authors: vec![
                name("Glue", "Paul"),
                name("Health and Care", ""),
                Name { others: true, ..Name::default() },
            ],
            date: Some(Day { year: 2020, month: Some(3), day: None }),
            pages: "3–5".into(),
            doi: "10.1002/a_b(c)".into(),
            ..Record::default()
        };
        let written = entry(&record);
        let read = biblatex::Bibliography::parse(&written).unwrap();
        let read = read.iter().next().unwrap();
        assert_eq!(read.key, "who-&-co--2020");
        assert_eq!(read.get_as::<String>("title").unwrap(), "50% of {all} & more");
        assert_eq!(read.get_as::<String>("journaltitle").unwrap(), "Journal_of");
        assert_eq!(read.get_as::<String>("date").unwrap(), "2020-03");
        assert_eq!(read.doi().unwrap(), "10.1002/a_b(c)");
        let names: Vec<_> = read.author().unwrap().into_iter().map(|person| person.name).collect();
        assert_eq!(names, ["Glue", "Health and Care", "others"]);
        assert!(written.contains("pages = {3--5},"), "{written}");
    }
}
