//! Law 6: two builds of the same files are byte-identical, regardless of the number of threads and the order
//! in which the files were created. (Clock, time zone and locale are tested in `tests/suite/cli.rs`.)

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::pipeline::{self, Options, Outcome};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::harness::tree;
use super::notes::Layer;
use super::quoting::{Choice, choice};
use super::stage::parse;
use super::{config, texts};

/// A text, and the choices for the notes on it.
type Entry = (String, Vec<(Vec<Choice>, bool)>);

proptest! {
    // Shrinking a whole site takes long.
    #![proptest_config(Config { max_shrink_iters: 100, ..config::cases(4) })]

    #[test]
    fn builds_of_the_same_site_are_identical(
        entries in vec((texts::text(), vec((vec(choice(), 1..3), Just(true)), 1..5)), 4..12),
        order in any::<prop::sample::Index>(),
    ) {
        let files = files(&entries);
        let (outcome, site) = built(files.iter(), 1);
        let (again, other) = built(shuffled(&files, order), 4);
        prop_assert_eq!(format!("{:?}", outcome.diagnostics), format!("{:?}", again.diagnostics));
        prop_assert!(outcome.published.is_some(), "{:#?}", outcome.diagnostics);
        let differ: Vec<&String> = site.keys().chain(other.keys()).filter(|path| site.get(*path) != other.get(*path)).collect();
        prop_assert!(differ.is_empty(), "these files differ: {differ:?}");
        every_note_is_on_its_page(&entries, &site)?;
    }
}

/// The files of a site, by path.
fn files(entries: &[Entry]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([
        ("site.toml".to_owned(), "title = \"Random texts\"\n[build]\norphans = \"list\"\n".to_owned()),
        ("annotations/_index.md".to_owned(), "Introduction.\n".to_owned()),
    ]);
    for (index, (text, notes)) in entries.iter().enumerate() {
        let layer = layer(text, notes);
        files.insert(format!("sources/{}.md", name(index)), format!("{}{text}", front(index)));
        files.insert(format!("annotations/{}.md", name(index)), layer.text);
    }
    files
}

/// The path of a text; texts are in three folders.
fn name(index: usize) -> String {
    format!("folder-{}/text-{index}", index % 3)
}

fn front(index: usize) -> String {
    format!("+++\ntitle = \"Text {index}\"\nweight = {}\n+++\n", index % 2)
}

fn layer(text: &str, notes: &[(Vec<Choice>, bool)]) -> Layer {
    Layer::of(parse(&format!("{}{text}", front(0))).1.reading(), notes)
}

/// The files in another order.
fn shuffled(
    files: &BTreeMap<String, String>,
    order: prop::sample::Index,
) -> impl Iterator<Item = (&String, &String)> {
    let at = order.index(files.len());
    let (first, last): (Vec<_>, Vec<_>) = files.iter().enumerate().partition(|(index, _)| *index < at);
    last.into_iter().rev().chain(first).map(|(_, file)| file)
}

/// Creates the files in the given order and builds the site; returns the outcome and the output.
fn built<'f>(
    files: impl Iterator<Item = (&'f String, &'f String)>,
    threads: usize,
) -> (Outcome, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    }
    let options = Options { site: folder.path().to_owned(), ..Options::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let outcome = pool.install(|| pipeline::build(&options));
    let site = tree(&folder.path().join("public"));
    (outcome, site)
}

/// Law 2 on the output pages.
fn every_note_is_on_its_page(
    entries: &[Entry],
    site: &BTreeMap<String, Vec<u8>>,
) -> Result<(), TestCaseError> {
    for (index, (text, notes)) in entries.iter().enumerate() {
        let page = site.get(&format!("{}/index.html", name(index)));
        let page = String::from_utf8_lossy(page.map_or(&[][..], Vec::as_slice));
        for (number, note) in layer(text, notes).notes.iter().enumerate() {
            prop_assert!(
                page.contains(&format!(" id=\"note-n{number}\"")),
                "n{number} is not on the page of {text:?}"
            );
            // If one quote of a note is unmatched, the others have their marks.
            let marked = page.contains(&format!("id=\"passage-n{number}\""));
            prop_assert!(marked || !note.reported.is_empty(), "n{number} has no mark on {text:?}");
        }
    }
    Ok(())
}
