//! Texts and notes from elsewhere: each folder in `tests/import/` is a case.
//!
//! `in.*` is the file to import, beside what it needs; `site/` is put over an empty site; `arguments`
//! are more words of the command line. `report.txt` is what the command says, `expected/` what it writes.
//! What was imported has to pass `check`, but for a text that the site does not have.
//! `UPDATE_GOLDEN=1 cargo test --test import` writes the expectations anew: read them as prose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use harness::{Site, cases, compare, tree};
use postil::anchor::{Anchors, fold::fold};
use postil::compose::locate::Finder;
use postil::diagnostics::{Diagnostics, File, TextSpan};
use postil::html::highlight::Highlighter;
use postil::text::library::{self, Library};
use postil::{import, notes, site, text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

#[test]
fn what_is_imported_is_what_was_meant() {
    let mut failures = Vec::new();
    for case in cases("import") {
        if let Err(problem) = verify(&case) {
            failures.push(format!("{}: {problem}", case.display()));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

fn verify(case: &Path) -> Result<(), String> {
    let place = Site::empty();
    place.write("site/site.toml", "title = \"Test\"\n");
    for (path, bytes) in tree(case) {
        if !path.starts_with("expected/") && path != "report.txt" {
            place.write(&path, bytes);
        }
    }
    let before = tree(&place.at("site"));
    let input = place.names().into_iter().find(|name| name.starts_with("in.")).ok_or("no file `in.*`")?;
    let more = fs::read_to_string(case.join("arguments")).unwrap_or_default();
    let mut arguments = vec!["import", &input, "--site", "site"];
    arguments.extend(more.split_whitespace());
    let run = place.run(&arguments);
    compare(
        &case.join("report.txt"),
        &format!("{}{}status {:?}\n", run.stderr, run.stdout, run.status.unwrap_or(-1)),
    )?;

    let mut made = tree(&place.at("site"));
    for (path, bytes) in &before {
        if made.remove(path).as_ref() != Some(bytes) {
            return Err(format!("{path} was changed"));
        }
    }
    same_files(&case.join("expected"), &made)?;
    let problems = place.run(&["check", "site", "--format", "json"]).problems();
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.severity == "error" && problem.code != "layer.no-source")
        .map(|problem| format!("{problem}: {}", problem.message))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("check finds\n{}", errors.join("\n"))) }
}

/// Compares what was written with what is expected; the file that was received is its own expectation.
fn same_files(expected: &Path, made: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (path, bytes) in made {
        compare(&expected.join(path), &text(bytes))?;
    }
    let known: Vec<String> = tree(expected).into_keys().collect();
    let written: Vec<String> = made.keys().cloned().collect();
    if known == written { Ok(()) } else { Err(format!("wrote {written:?}, expected {known:?}")) }
}

/// What is the same about a note before and after a journey: its id, what is said of it, and its ranges.
type Essence = (String, Vec<String>, Vec<(u64, u64)>);

fn essence(json: &str) -> Vec<Essence> {
    let collection: serde_json::Value = serde_json::from_str(json).unwrap();
    let items = collection["first"]["items"].as_array().unwrap();
    let mut notes: Vec<_> = items
        .iter()
        .map(|item| {
            let words =
                item["body"].as_array().unwrap().iter().filter(|body| body["purpose"] != "commenting");
            let says = words.map(|body| format!("{} {}", body["purpose"], body["value"])).collect();
            let position = |target: &serde_json::Value| {
                let selector = &target["selector"][1];
                Some((selector["start"].as_u64()?, selector["end"].as_u64()?))
            };
            let passages = item["target"].as_array().unwrap().iter().filter_map(position).collect();
            (item["id"].as_str().unwrap().to_owned(), says, passages)
        })
        .collect();
    notes.sort();
    notes
}

#[test]
fn what_is_exported_comes_back_passage_for_passage() {
    let edition = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (first, second) = (Site::empty(), Site::empty());
    for (folder, wanted) in [("sources", ""), ("annotations", "")] {
        for (path, bytes) in
            tree(&edition.join(folder)).into_iter().filter(|(path, _)| path.ends_with(wanted))
        {
            first.write(&format!("{folder}/{path}"), &bytes);
            if folder == "sources" || path == "references.yaml" {
                second.write(&format!("{folder}/{path}"), &bytes);
            }
        }
    }
    for site in [&first, &second] {
        site.write("site.toml", fs::read(edition.join("site.toml")).unwrap());
    }
    first.run(&["build", "--quiet"]).ends_with(0);
    let texts: Vec<String> = tree(&first.at("sources"))
        .into_keys()
        .filter_map(|path| path.strip_suffix("/index.md").map(str::to_owned))
        .collect();
    assert_eq!(texts.len(), 3);
    for text in &texts {
        let exported = first.at(&format!("public/{text}/annotations.jsonld"));
        let run = second.run(&["import", &exported.to_string_lossy(), "--into", text]).ends_with(0);
        assert_eq!(run.stderr, "", "every note of {text} has a place");
    }
    let run = second.run(&["build", "--quiet"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut count = 0;
    for text in &texts {
        let path = format!("public/{text}/annotations.jsonld");
        let (before, after) = (essence(&first.read(&path)), essence(&second.read(&path)));
        assert_eq!(before, after, "{text}");
        count += before.len();
    }
    assert!(count >= 100, "the edition has its notes: {count}");
}

#[test]
fn nothing_is_written_outside_the_site_or_over_what_is_there() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("site/sources/a/index.md", "A.\n");
    place.write("site/sources/b.md", "B.\n");
    place.write("a.txt", "Words.\n");
    let before = tree(place.path());
    for (into, says) in [
        ("../a", "leads to another folder"),
        ("/etc/x", "it contains an empty name"),
        ("x/../../y", "leads to another folder"),
        ("C:\\x", "Windows does not allow"),
        ("_x", "never texts"),
        ("a", "something stands here already"),
        ("b", "something stands here already"),
        ("sources/b.md", "something stands here already"),
    ] {
        let run = place.run(&["import", "a.txt", "--site", "site", "--into", into]).ends_with(1);
        assert!(run.stderr.contains(says) && run.stderr.contains("help: "), "{into}: {}", run.stderr);
        assert!(run.stderr.ends_with("1 error; nothing was written\n"), "{}", run.stderr);
        assert_eq!(tree(place.path()), before, "{into}");
    }
}

#[test]
#[cfg(unix)]
fn a_link_among_the_folders_leads_nowhere() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("elsewhere/x", "");
    place.write("a.txt", "Words.\n");
    std::os::unix::fs::symlink(place.at("elsewhere"), place.at("site/sources")).unwrap();
    place.run(&["import", "a.txt", "--site", "site"]).ends_with(1);
    assert!(!place.at("elsewhere/a/index.md").exists());
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("latin.txt", b"caf\xe9\n");
    place.write("empty.txt", " \n");
    place.write("empty.html", "<script>document.write('x')</script>");
    place.write("broken.json", "{\n  \"rows\": [,]\n}\n");
    place.write("shape.json", "{\"a\": 1}");
    place.write("deep.html", "<div>".repeat(2000) + "x");
    for (file, says) in [
        ("latin.txt", "--> latin.txt:1:4"),
        ("empty.txt", "the file holds no words"),
        ("empty.html", "the page holds no words"),
        ("broken.json", "--> broken.json:2:12"),
        ("shape.json", "there are no Web Annotations here"),
        ("missing.txt", "cannot be read"),
        ("deep.html", "nested more than"),
    ] {
        let run = place.run(&["import", file, "--site", "site"]).ends_with(1);
        assert!(
            run.stderr.contains("error[site.read]") && run.stderr.contains(says),
            "{file}: {}",
            run.stderr
        );
    }
    let run = place.run(&["import", "empty.txt"]).ends_with(1);
    assert!(run.stderr.contains("error[site.config]: there is no site.toml in ."), "{}", run.stderr);
    let run = place.run(&["import", "shape.json", "--site", "site", "--as", "hypothesis"]).ends_with(1);
    assert!(run.stderr.contains("there are no annotations of Hypothesis here"), "{}", run.stderr);
    place.run(&["import", "empty.txt", "--as", "xml"]).ends_with(2);
    assert_eq!(
        place.names(),
        ["broken.json", "deep.html", "empty.html", "empty.txt", "latin.txt", "shape.json", "site"]
    );
    assert_eq!(tree(&place.at("site")).len(), 1);
}

/// Words that look like markup, that fold, or that stand in one another.
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
    #![proptest_config(ProptestConfig { cases: 300, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever words a text has, it is imported word for word, and a quote made for a passage means that passage.
    #[test]
    fn a_quote_means_its_passage(words in vec(select(&WORDS[..]), 1..40), from in 0..40_usize, count in 1..6_usize) {
        let received = File::new("in.txt", format!("x {}", words.join(" ")));
        let mut problems = Diagnostics::default();
        let made = import::plain::import(&received, "a", &mut problems);
        prop_assert!(!problems.has_errors(), "{:?}", problems.into_sorted());
        let markdown = String::from_utf8(made.unwrap().files.remove(0).bytes).unwrap();
        let source = library::parse(File::new("sources/a/index.md", markdown), &mut problems);
        let text = text::parse(&source, &Library::default(), &Highlighter::default(), &mut problems);
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
        let mut told = Diagnostics::default();
        let layer = notes::parse(&file, &site, &mut told);
        let anchors = Anchors::new(&source, &text, &folded, 1, site.orphans);
        let found = anchors.passages(&layer.notes[0], &file, &mut told);
        prop_assert_eq!(&found, &[span], "{:?} in {:?}: {:?}", quote, reading, told);
    }
}
