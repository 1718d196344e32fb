//! Reads notes from a table: a CSV file with a header, as Hypothesis, Readwise and spreadsheets write it.
//!
//! Columns are recognized by their names. Cells of other columns are kept verbatim.

use crate::compose::target::{Annotation, Body, Form, Kind, Selector, Target, day};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, FileSpan, Place};

use super::format::ImportFormat;
use super::{Content, FileToImport, Received};

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Quote,
    Prefix,
    Suffix,
    Start,
    End,
    Comment,
    Kind,
    Verdict,
    Tags,
    Author,
    Page,
    Created,
    Updated,
    Group,
    Type,
    Id,
    Replies,
    /// Metadata of the page, which says nothing about the note.
    Ignored,
    Unknown,
}

impl Column {
    /// The column with this name. `of_reader`: the table lists highlights in books, whose author it names.
    fn named(name: &str, of_reader: bool) -> Self {
        let name: String = name.trim().to_lowercase().replace(['_', '-', '/'], " ");
        match name.as_str() {
            "quote" | "highlight" | "highlights" | "passage" | "exact" | "highlighted text"
            | "quoted text" | "selected text" | "selection" | "quotation" | "annotation text" => Self::Quote,
            "prefix" => Self::Prefix,
            "suffix" => Self::Suffix,
            "start" => Self::Start,
            "end" => Self::End,
            "comment" | "comments" | "note" | "notes" | "body" | "remark" | "annotation comment" => {
                Self::Comment
            }
            "annotation" | "text" | "content" => Self::Comment,
            "kind" | "category" => Self::Kind,
            "verdict" | "rating" | "assessment" => Self::Verdict,
            "tags" | "tag" | "keywords" => Self::Tags,
            "author" | "book author" if of_reader => Self::Ignored,
            "author" | "user" | "username" | "creator" | "annotator" => Self::Author,
            "page url" | "url" | "uri" | "link" | "address" | "source url" | "source" => Self::Page,
            "created at" | "created" | "date" | "highlighted at" | "timestamp" => Self::Created,
            "updated at" | "updated" | "modified" => Self::Updated,
            "group" => Self::Group,
            "type" | "annotation reply type" | "annotation type" => Self::Type,
            "id" | "annotation id" | "key" => Self::Id,
            "replies" | "in reply to" | "references" => Self::Replies,
            "page title" | "book title" | "title" | "document tags" | "amazon book id" => Self::Ignored,
            _ => Self::Unknown,
        }
    }
}

/// A table of notes with a header.
pub(crate) struct Table;

impl ImportFormat for Table {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn help(&self) -> &'static str {
        "A table of notes with a header: Hypothesis, Readwise, or quote, comment, kind, verdict, tags, author"
    }

    fn matches(&self, file: &Received) -> bool {
        file.is_text() && matches!(file.extension.as_str(), "csv" | "tsv")
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        import(file.received, diagnostics).map(Content::notes)
    }
}

/// Reads all rows.
fn import(received: &Received, diagnostics: &mut Diagnostics) -> Option<Vec<Annotation>> {
    let file = &received.file;
    let header = file.text.lines().next().unwrap_or_default();
    let separators = [b',', b';', b'\t'];
    let separator = separators
        .into_iter()
        .max_by_key(|byte| (header.bytes().filter(|b| b == byte).count(), byte == &b','))
        .unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(file.text.as_bytes());
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(str::to_owned).collect(),
        Err(error) => {
            diagnostics.push(problem(received, &error));
            return None;
        }
    };
    let of_reader = names.iter().any(|name| name.trim().eq_ignore_ascii_case("highlight"));
    let columns: Vec<Column> = names.iter().map(|name| Column::named(name, of_reader)).collect();
    if !columns.iter().any(|column| matches!(column, Column::Quote | Column::Comment)) {
        let place = Place::new(file, 0..header.len());
        let message = "no column of the table is a quote or a comment";
        diagnostics.push(Diagnostic::error(Code::SiteRead, place, message).help(
            "name the columns in the first line: quote, comment, kind, verdict, tags, author, page url, date",
        ));
        return None;
    }
    let mut annotations = Vec::new();
    for row in reader.records() {
        match row {
            Ok(row) if row.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(row) => annotations.push(annotation(&row, &names, &columns)),
            Err(error) => {
                diagnostics.push(problem(received, &error));
                return None;
            }
        }
    }
    Some(annotations)
}

fn problem(received: &Received, error: &csv::Error) -> Diagnostic {
    let at = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or_default());
    let at = crate::diagnostics::floor_char_boundary(&received.file.text, at);
    let place = Place::new(&received.file, FileSpan::new(at, at));
    Diagnostic::error(Code::SiteRead, place, "invalid CSV").help("export the table again, as CSV in UTF-8")
}

fn annotation(row: &csv::StringRecord, names: &[String], columns: &[Column]) -> Annotation {
    let cells = |wanted: Column| {
        let pairs = columns.iter().zip(row.iter());
        pairs
            .filter(move |(column, cell)| **column == wanted && !cell.trim().is_empty())
            .map(|(_, cell)| cell.trim().to_owned())
    };
    let first = |wanted: Column| cells(wanted).next();
    let body = |value: String, purpose: Option<&str>| Body {
        value,
        form: Form::Plain,
        purpose: purpose.map(str::to_owned),
    };
    let mut bodies: Vec<Body> = cells(Column::Comment).map(|value| body(value, None)).collect();
    bodies.extend(cells(Column::Kind).map(|value| body(value, Some("classifying"))));
    bodies.extend(cells(Column::Verdict).map(|value| body(value, Some("assessing"))));
    let tags = cells(Column::Tags)
        .flat_map(|cell| cell.split([',', ';']).map(|tag| tag.trim().to_owned()).collect::<Vec<_>>());
    bodies.extend(tags.filter(|tag| !tag.is_empty()).map(|tag| body(tag, Some("tagging"))));
    let quote = first(Column::Quote).map(|exact| Kind::Quote {
        exact,
        prefix: first(Column::Prefix).unwrap_or_default(),
        suffix: first(Column::Suffix).unwrap_or_default(),
    });
    let number = |column: Column| first(column).and_then(|cell| cell.parse().ok());
    let position =
        number(Column::Start).zip(number(Column::End)).map(|(start, end)| Kind::Position(start, end));
    let selectors =
        quote.into_iter().chain(position).map(|kind| Selector { kind, refined_by: Vec::new() }).collect();
    let kind = first(Column::Type).unwrap_or_default().to_lowercase();
    let parent = first(Column::Replies);
    let is_reply = kind == "reply";
    let reply_to =
        parent.or_else(|| is_reply.then(|| "an annotation that the table does not name".to_owned()));
    let time = |column: Column| first(column).and_then(|cell| day(&cell));
    let known = |column: Column| {
        let is_bad_date = column == Column::Created && first(column).is_some() && time(column).is_none();
        column != Column::Unknown && !is_bad_date
    };
    let extra = names
        .iter()
        .zip(columns)
        .zip(row.iter().map(str::trim))
        .filter(|((_, column), cell)| !cell.is_empty() && !known(**column));
    let mut remainder: Vec<String> = extra.map(|((name, _), cell)| format!("{name}: {cell}")).collect();
    // Cells beyond the header.
    remainder.extend(
        row.iter().skip(names.len()).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned),
    );
    Annotation {
        id: first(Column::Id),
        author: first(Column::Author),
        created: time(Column::Created),
        updated: time(Column::Updated),
        group: first(Column::Group)
            .filter(|group| !group.eq_ignore_ascii_case("public") && group != "__world__"),
        bodies,
        targets: if is_reply { Vec::new() } else { vec![Target { source: first(Column::Page), selectors }] },
        reply_to,
        remainder,
        ..Annotation::default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(csv: &str) -> Option<Vec<Annotation>> {
        let file = Received::new("a.csv", Path::new("a.csv"), csv.as_bytes().to_vec());
        import(&file, &mut Diagnostics::default())
    }

    #[test]
    fn columns_are_recognized_by_name() {
        let found = read("Quote;Comment;Verdict;Mood\n\"a; b\";why?;unsupported;glum\n;;;\n").unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].targets[0].quote(), Some(("a; b", "", "")));
        assert_eq!(found[0].bodies[1].purpose.as_deref(), Some("assessing"));
        assert_eq!(found[0].remainder, ["Mood: glum"]);
        assert_eq!(read("a,b\n1,2\n"), None);
    }

    #[test]
    fn the_author_of_a_book_did_not_write_the_note() {
        let found = read("Highlight,Book Title,Author,Note,Color\nq,T,Someone,n,yellow\n").unwrap();
        assert_eq!(
            (found[0].author.as_deref(), found[0].remainder.as_slice()),
            (None, &["Color: yellow".to_owned()][..])
        );
    }

    #[test]
    fn hypothesis_replies_are_replies() {
        let found = read("Author,Page URL,Type,Quote,Comment,Tags\nann,https://a.b/,Reply,,yes,\nann,https://a.b/,Annotation,q,c,\"x,y\"\n").unwrap();
        assert!(found[0].reply_to.is_some() && found[1].reply_to.is_none());
        assert_eq!(found[1].bodies.len(), 3);
        assert_eq!(found[1].author.as_deref(), Some("ann"));
    }
}
