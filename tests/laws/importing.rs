//! An imported text has the words of its file, and a composed quote matches its passage.

use crate::anchor::{Anchors, fold::fold};
use crate::compose::locate::Finder;
use crate::diagnostics::{Diagnostics, File, TextSpan};
use crate::text::library::{self, Library};
use crate::{import, notes, site, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::config;
use super::stage::HIGHLIGHTER;

/// Words that look like markup, that change when folded, or that contain each other.
const WORDS: [&str; 30] = [
    "a",
    "a",
    "b",
    "ab",
    "*c*",
    "[x]",
    "[…]",
    "[^1]",
    "1.",
    "1",
    "10",
    "-",
    "—",
    "“q”",
    "#",
    ">",
    "\\",
    "`z`",
    "<b>",
    "&amp;",
    "é",
    "e\u{301}",
    "so\u{ad}ft",
    "|",
    "~~s~~",
    "_u_",
    "…",
    "{#i}",
    "@key",
    "\n\n",
];

proptest! {
    #![proptest_config(config::cases(300))]

    /// Any text is imported with the same words, and the quote composed for a passage matches that passage.
    #[test]
    fn a_composed_quote_matches_its_passage(words in vec(select(&WORDS[..]), 1..40), from in 0..40_usize, count in 1..6_usize) {
        let words = format!("x {}", words.join(" "));
        let received = import::Received::new("in.txt", "in.txt".as_ref(), words.into_bytes());
        let mut problems = Diagnostics::default();
        let made = import::plain::import(&received, "a", &mut problems);
        prop_assert!(!problems.has_errors(), "{:?}", problems.into_sorted());
        let markdown = String::from_utf8(made.unwrap().files.remove(0).bytes).unwrap();
        let source = library::parse(File::new("sources/a/index.md", markdown), &mut problems);
        let text = text::parse(&source, &Library::default(), &HIGHLIGHTER, &mut problems);
        let folded = fold(text.reading());
        let reading = text.reading();
        let places: Vec<(usize, usize)> = reading
            .split_whitespace()
            .map(|word| word.as_ptr() as usize - reading.as_ptr() as usize)
            .zip(reading.split_whitespace().map(str::len))
            .collect();
        let first = from % places.len();
        let last = (first + count).min(places.len()) - 1;
        let span = TextSpan::new(places[first].0, places[last].0 + places[last].1);
        let Some(quote) = Finder::new(&source, &text, &folded).quote(span) else { return Ok(()) };
        let which = quote.occurrence.map_or(String::new(), |number| format!(" occurrence={number}"));
        let note = format!("## T {{#t .marketing-claim{which}}}\n\n{}\nBody.\n", quote.markdown);
        let file = File::new("annotations/a.md", note);
        let site = site::Site::read(&File::new("site.toml", ""), &mut problems);
        let mut problems_of_note = Diagnostics::default();
        let layer = notes::parse(&file, &site, &mut problems_of_note);
        let anchors = Anchors::new(&source, &text, &folded, 1, site.orphans);
        let found = anchors.passages(&layer.notes[0], &file, &mut problems_of_note);
        prop_assert_eq!(&found, &[span], "{:?} in {:?}: {:?}", quote, reading, problems_of_note);
    }
}

/// An annotation for an export: its quote, comment, tag, whether it replies to the one before, and its page.
type Random = (String, String, String, bool, usize);

const PAGES: [&str; 3] = ["https://a.b/text", "https://a.b/other", ""];

/// Exports in every format for notes; with the number of annotations in each.
fn exports(rows: &[Random]) -> Vec<(&'static str, String)> {
    use serde_json::{Value, json};
    let page = |row: &Random| PAGES[row.4];
    let id = |index: usize| format!("id{index}");
    let replies = |index: usize, row: &Random| row.3 && index > 0;
    let list = |one: &dyn Fn(usize, &Random) -> Value| -> Value {
        rows.iter().enumerate().map(|(index, row)| one(index, row)).collect()
    };
    let hypothesis = list(&|index, row| {
        let selector = json!([{"type": "TextQuoteSelector", "exact": row.0}]);
        let references = if replies(index, row) { json!([id(index - 1)]) } else { json!([]) };
        json!({"id": id(index), "uri": page(row), "text": row.1, "tags": [row.2], "references": references,
            "target": [{"source": page(row), "selector": selector}]})
    });
    let w3c = list(&|index, row| {
        let (target, motivation) = match replies(index, row) {
            true => (json!(id(index - 1)), "replying"),
            false => (
                json!({"source": page(row), "selector": {"type": "TextQuoteSelector", "exact": row.0}}),
                "commenting",
            ),
        };
        json!({"id": id(index), "type": "Annotation", "motivation": motivation, "target": target,
            "body": [{"value": row.1, "odd": row.2}]})
    });
    let recogito = list(&|index, row| {
        json!({"id": id(index), "bodies": [{"value": row.1}, {"purpose": "tagging", "value": row.2}],
            "target": {"selector": [{"quote": row.0, "start": 1, "end": 2}]}})
    });
    let zotero = list(&|index, row| {
        json!({"key": id(index), "itemType": "annotation", "annotationText": row.0, "annotationComment": row.1,
            "tags": [{"tag": row.2}]})
    });
    let annotator = list(
        &|index, row| json!({"id": id(index), "uri": page(row), "text": row.1, "quote": row.0, "ranges": []}),
    );
    let lines: Vec<String> = w3c.as_array().unwrap().iter().map(Value::to_string).collect();
    let cell = |words: &str| format!("\"{}\"", words.replace('"', "\"\""));
    let mut table = "Page URL,Type,Quote,Comment,Tags\n".to_owned();
    for row in rows {
        let kind = if row.3 { "Reply" } else { "Annotation" };
        table += &[page(row), kind, &row.0, &row.1, &row.2].map(cell).join(",");
        table.push('\n');
    }
    vec![
        ("a.json", json!({"rows": hypothesis, "total": rows.len()}).to_string()),
        ("a.json", w3c.to_string()),
        ("a.jsonl", lines.join("\n")),
        ("a.json", recogito.to_string()),
        ("a.json", zotero.to_string()),
        ("a.json", annotator.to_string()),
        ("a.csv", table),
    ]
}

proptest! {
    #![proptest_config(config::cases(40))]

    /// Every annotation of an export becomes a note, becomes part of one as a reply, or is listed; imported again,
    /// nothing changes.
    #[test]
    fn no_annotation_is_lost(
        rows in vec((select(&WORDS[..]), select(&WORDS[..]), select(&WORDS[..]), any::<bool>(), 0..PAGES.len()), 1..8),
    ) {
        let rows: Vec<Random> = rows.into_iter().map(|(a, b, c, d, e)| (format!("x{}", a.trim()), format!("n{b}"), format!("t{c}"), d, e)).collect();
        let mut problems = Diagnostics::default();
        let words: Vec<String> = WORDS.iter().map(|word| format!("x{}", word.trim())).collect();
        let text = format!("+++\nurl = \"https://a.b/text\"\n+++\n\n{}\n", crate::markdown::escape::paragraph(&words.join(" ")));
        let source = library::parse(File::new("sources/a.md", text), &mut problems);
        let text = text::parse(&source, &Library::default(), &HIGHLIGHTER, &mut problems);
        let folded = fold(text.reading());
        let site = site::Site::read(&File::new("site.toml", ""), &mut problems);
        for (name, export) in exports(&rows) {
            let received = import::Received::new(name, name.as_ref(), export.into_bytes());
            let format = import::format::detect(&received, &mut problems).unwrap();
            let file = import::FileToImport { received: &received, path: "a" };
            let annotations = format.import(&file, &mut problems).unwrap().annotations.unwrap();
            prop_assert_eq!(annotations.len(), rows.len(), "{}", format.name());
            let sorted = import::destination::sort(&annotations, std::slice::from_ref(&source), "a", false);
            let listed: usize = sorted.elsewhere.values().map(Vec::len).sum();
            let mut own = Vec::new();
            for (path, indices) in &sorted.texts {
                prop_assert_eq!(path, "a");
                own.extend(indices.iter().map(|index| annotations[*index].clone()));
            }
            prop_assert_eq!(own.len() + listed, rows.len());
            let mut layers: Vec<std::sync::Arc<File>> = Vec::new();
            for round in 0..2 {
                let read = notes::Layers::read(&layers, &site, &mut problems);
                let into = import::layer::ImportContext {
                    site: &site,
                    text: Some((&source, &text, &folded)),
                    layers: &layers,
                    ids: read.notes().map(|(_, _, note)| note.id.clone()).collect(),
                    works: Default::default(),
                    kind: None,
                    name: "a",
                    path: "annotations/a.md",
                };
                let made = import::layer::write(&own, &received.file, &into, &mut Diagnostics::default());
                prop_assert_eq!(made.placed + made.replies + made.unmatched, own.len(), "{} {:?}", format.name(), made);
                drop(read);
                if round == 0 {
                    layers = made.files.into_iter().map(|(path, _, text)| File::new(path, text)).collect();
                } else {
                    prop_assert_eq!((made.added, made.updated, made.kept), (0, 0, 0), "{} {:?}", format.name(), layers);
                    prop_assert!(made.files.is_empty());
                }
            }
        }
    }
}
