//! Writes an edition as an e-book: EPUB 3.3.
//!
//! 1. `chapter` writes each text with its notes as pop-up footnotes, and a chapter with the notes in full.
//! 2. `book` writes what covers all texts: title page, registers, works, navigation and the package.
//! 3. `annotations` writes the notes for reading systems that show annotations on the text.
//!
//! The text of `#source` is the reading text, as on the site: numbers of notes come from the style sheet.

mod annotations;
mod book;
mod chapter;
mod xhtml;

use super::format::{ExportContext, Format, Make};
use crate::archive::Xml;
use crate::notes::review::sha256;
use crate::site::direction;

/// An edition as an e-book.
pub(crate) const FORMAT: Format = Format {
    name: "epub",
    ending: ".epub",
    label: "format_epub",
    about: "all texts as an e-book, with notes that open over the text",
    make: Make::Edition(chapter::write, book::finish),
};

/// The style sheet of all chapters.
const STYLE: &str = include_str!("style.css");

/// The chapter with a text.
fn text_file(index: usize) -> String {
    format!("text-{:04}.xhtml", index + 1)
}

/// The chapter with the notes on a text.
fn notes_file(index: usize) -> String {
    format!("notes-{:04}.xhtml", index + 1)
}

/// What stands before the number of a block in its page label: the number of the text, if there are several.
fn page_label(context: &ExportContext<'_>, index: usize) -> String {
    match (context.selected.len(), context.selected.iter().position(|of| *of == index)) {
        (0 | 1, _) | (_, None) => String::new(),
        (_, Some(at)) => format!("{}.", at + 1),
    }
}

/// Opens a chapter up to its body.
fn open_chapter(context: &ExportContext<'_>, title: &str) -> Xml {
    let language = &context.site.language;
    let mut xml = Xml::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n");
    xml.open(
        "html",
        &[
            ("xmlns", "http://www.w3.org/1999/xhtml"),
            ("xmlns:epub", "http://www.idpf.org/2007/ops"),
            ("lang", language),
            ("xml:lang", language),
            ("dir", direction(language)),
        ],
    );
    xml.open("head", &[]);
    xml.element("title", &[], if title.trim().is_empty() { "-" } else { title });
    xml.empty("link", &[("rel", "stylesheet"), ("type", "text/css"), ("href", "style.css")]);
    xml.close();
    xml.open("body", &[]);
    xml
}

/// A URN made from words, the same for the same words (RFC 9562, version 8).
fn uuid(words: &str) -> String {
    let hash = sha256(words);
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// The start of a day as a point in time; without a day the first that a zip archive can express.
fn created(date: Option<&str>) -> String {
    let day = match date {
        Some(date) if date.len() == 10 => date.to_owned(),
        Some(date) if date.len() == 7 => format!("{date}-01"),
        Some(date) if date.len() == 4 => format!("{date}-01-01"),
        _ => "1980-01-01".to_owned(),
    };
    format!("{day}T00:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_depends_only_on_the_words() {
        assert_eq!(uuid("a"), uuid("a"));
        assert_ne!(uuid("a"), uuid("b"));
        assert_eq!(uuid("a").len(), "urn:uuid:".len() + 36);
    }

    #[test]
    fn a_point_in_time_needs_a_day() {
        let points = [Some("2026-11-21"), Some("2026-11"), Some("2026"), None].map(created);
        assert_eq!(
            points,
            ["2026-11-21T00:00:00Z", "2026-11-01T00:00:00Z", "2026-01-01T00:00:00Z", "1980-01-01T00:00:00Z"]
        );
    }
}
