//! Writes all notes as a table for spreadsheets: CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel
//! reads another encoding.

use std::io;

use super::dom::plain;
use super::format::{ExportContext, Format, Make, Part};
use crate::notes::About;
use crate::reader::{Reader, ReaderNote};
use crate::site::date::Date;
use crate::site::{Site, Tone};

/// All notes as a table.
pub(crate) const FORMAT: Format = Format {
    name: "csv",
    ending: ".csv",
    label: "format_csv",
    about: "all notes as a table for spreadsheets",
    make: Make::Edition(part, finish),
};

/// The names of the columns.
const COLUMNS: [&str; 23] = [
    "text",
    "text_title",
    "number",
    "id",
    "kind",
    "verdict",
    "tone",
    "title",
    "passage",
    "block",
    "about",
    "note",
    "refers_to",
    "cites",
    "guidelines",
    "tags",
    "layer",
    "author",
    "audience",
    "date",
    "updated",
    "placement",
    "url",
];

fn part(reader: &Reader<'_>, context: &ExportContext<'_>) -> io::Result<Part> {
    let mut rows = String::new();
    for note in &reader.notes {
        write_row(&mut rows, &row(reader, note, context.site));
    }
    Ok(Part { files: vec![(String::new(), rows.into_bytes())], ..Part::default() })
}

fn finish(parts: Vec<Part>, _: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    let mut out = "\u{feff}".to_owned();
    write_row(&mut out, &COLUMNS.map(str::to_owned));
    let mut out = out.into_bytes();
    out.extend(parts.into_iter().flat_map(|part| part.files).flat_map(|(_, rows)| rows));
    Ok(out)
}

/// The cells of a note.
fn row(reader: &Reader<'_>, note: &ReaderNote<'_>, site: &Site) -> [String; COLUMNS.len()] {
    let parsed = note.parsed;
    let layer = reader.layers.get(note.layer);
    let of_date =
        |date: &Option<Date>| date.as_ref().map_or_else(String::new, |date| date.as_str().to_owned());
    let reading = reader.text.reading();
    let mut passages: Vec<String> =
        note.passages.iter().map(|span| one_line(reading.get(span.range()).unwrap_or_default())).collect();
    // An orphan has no passages, only quotes.
    if passages.is_empty() {
        passages.extend(parsed.quotes.iter().map(|quote| one_line(&quote.words)));
    }
    let guidelines = parsed.guidelines.iter().map(|guideline| {
        let stance = guideline.stance.as_ref().map(|stance| format!(":{stance}")).unwrap_or_default();
        let subject = guideline.subject.as_ref().map(|subject| format!(" ({subject})")).unwrap_or_default();
        format!("{}{stance}{subject}", guideline.key.text)
    });
    let date = match &parsed.date {
        None => layer.map_or_else(String::new, |layer| layer.date.clone()),
        date => of_date(date),
    };
    let url = match site.base_url.as_str() {
        "" => String::new(),
        base => {
            format!("{base}{}#note-{}", crate::names::path::relative("", &reader.source.page()), parsed.id)
        }
    };
    [
        reader.source.path.clone(),
        reader.source.title.clone(),
        note.number.clone(),
        parsed.id.clone(),
        parsed.kind(site).map_or_else(String::new, |kind| kind.label.clone()),
        parsed.verdict(site).map_or_else(String::new, |verdict| verdict.label.clone()),
        parsed.tone(site).map_or("", Tone::as_str).to_owned(),
        note.title_words.clone(),
        passages.join(" […] "),
        note.passages.first().map_or_else(String::new, |span| reader.text.block_at(span.start).0.to_string()),
        parsed.about.map_or("", About::as_str).to_owned(),
        plain(&note.body),
        list(parsed.works.iter().map(|work| work.text.clone())),
        list(note.cites.iter().map(|cite| cite.key.clone())),
        list(guidelines),
        list(parsed.tags.iter().cloned()),
        layer.map_or_else(String::new, |layer| layer.name.clone()),
        layer.map_or_else(String::new, |layer| layer.author.clone()),
        note.audience.unwrap_or_default().to_owned(),
        date,
        of_date(&parsed.updated),
        note.placement.as_str().to_owned(),
        url,
    ]
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The items without repetitions, with semicolons between them.
fn list(items: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for item in items {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all.join("; ")
}

fn write_row(out: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_cell(out, cell);
    }
    out.push_str("\r\n");
}

/// Writes a cell. A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, so such a cell gets an
/// apostrophe, which spreadsheets read as "text".
fn write_cell(out: &mut String, cell: &str) {
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r']);
    let quoted = cell.contains(['"', ',', '\n', '\r', ';']) || is_formula;
    if !quoted {
        out.push_str(cell);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(words: &str) -> String {
        let mut out = String::new();
        write_cell(&mut out, words);
        out
    }

    #[test]
    fn special_characters_are_quoted() {
        assert_eq!(cell("a b"), "a b");
        assert_eq!(cell("a, \"b\"\nc"), "\"a, \"\"b\"\"\nc\"");
    }

    #[test]
    fn formulas_are_made_harmless() {
        for words in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"] {
            assert_eq!(cell(words), format!("\"'{words}\""));
        }
        assert_eq!(cell("1-1"), "1-1");
    }
}
