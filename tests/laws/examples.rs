//! The examples of CommonMark and the other tests of pulldown-cmark: laws 1 and 3 hold for each, and the
//! reading text equals the text of the HTML that pulldown-cmark writes itself.
//!
//! The examples are taken from the source of the parser version in the lock file, so that nothing is copied
//! and both have the same version.

use std::path::{Path, PathBuf};
use std::process::Command;

use ego_tree::iter::Edge;
use proptest::prelude::*;
use pulldown_cmark::{Event, Tag, TagEnd, html::push_html};
use scraper::node::Node;

use crate::diagnostics::File;
use crate::markdown;
use crate::text::library;

use super::stage::{boundaries, parse, placed_notes, range, woven};
use super::{dom, marking};

/// Elements whose content is not part of the text.
const IGNORED: &[&str] =
    &["script", "style", "template", "noscript", "iframe", "noembed", "noframes", "object", "svg"];

#[test]
fn the_laws_hold_for_all_examples() {
    each(|text| {
        let (_, text) = parse(text);
        marking::parses_as_written(&text.html)?;
        marking::ids_are_in_order(&text.html)?;
        for seed in 1..4 {
            let boundaries = boundaries(text.reading());
            let mut random = seed;
            let mut next = || {
                random = (random * 1103 + 12345) % 65537;
                random % boundaries.len()
            };
            let mut passage = || range(text.reading(), &boundaries, next(), next());
            let notes = placed_notes(
                (0..4).map(|_| [passage(), passage()].into_iter().flatten().collect()).collect(),
            );
            marking::check_marks(&text.html, &notes, &woven(&text.html, &notes))?;
        }
        Ok(())
    });
}

#[test]
fn the_reading_text_equals_the_text_of_pulldown_cmarks_html() {
    each(|text| {
        let read = parse(text).1.html.reading;
        let (mut read, mut expected) = (words(&read), words(&reference(text)));
        if text.contains("[^") {
            // Footnotes that are defined inside others are in the order of their references here, not of the
            // file.
            let sorted = |words: &str| {
                let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
                words.sort_unstable();
                words.join(" ")
            };
            (read, expected) = (sorted(&read), sorted(&expected));
        }
        prop_assert_eq!(read, expected);
        Ok(())
    });
}

/// Checks every example, and reports all failures.
fn each(check: impl Fn(&str) -> Result<(), TestCaseError>) {
    let examples = examples();
    assert!(examples.len() > 1000, "there are only {} examples", examples.len());
    let failed: Vec<String> = examples
        .iter()
        .filter_map(|(name, text)| check(text).err().map(|error| format!("{name}: {text:?}\n{error}")))
        .collect();
    assert!(failed.is_empty(), "{} of {} fail:\n\n{}", failed.len(), examples.len(), failed.join("\n\n"));
}

/// All texts that pulldown-cmark is tested with, by the file and their number in it.
fn examples() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(parser().join("tests/suite"))
        .expect("the parser comes with its tests")
        .map(|entry| entry.expect("a folder of the registry can be read").path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| texts(file)).collect()
}

/// The folder of the parser's source.
fn parser() -> PathBuf {
    // Without a platform filter, cargo would request crates that are only needed on other platforms.
    let versions = output(Command::new("rustc").arg("-vV"));
    let host = versions.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc tells its host");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["metadata", "--format-version=1", "--offline", "--filter-platform", host, "--manifest-path"])
        .arg(manifest);
    let metadata: serde_json::Value = serde_json::from_str(&output(&mut cargo)).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    let parser =
        packages.iter().find(|package| package["name"] == "pulldown-cmark").expect("the parser is one");
    let manifest = parser["manifest_path"].as_str().expect("it has a manifest");
    Path::new(manifest).parent().expect("it is in a folder").to_owned()
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("the toolchain is there");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("its output is UTF-8")
}

/// The texts in a test file: `let original = r##"…"##;`.
fn texts(file: &Path) -> Vec<(String, String)> {
    let code = std::fs::read_to_string(file).expect("a file of the registry can be read");
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    code.split("let original = r##\"")
        .skip(1)
        .filter_map(|rest| rest.split_once("\"##;"))
        .enumerate()
        .map(|(index, (text, _))| (format!("{name} {}", index + 1), text.to_owned()))
        .collect()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of the HTML that pulldown-cmark writes: footnotes at the end and without numbers, blocks
/// separated.
fn reference(text: &str) -> String {
    let source =
        library::parse(File::new("sources/a.md", text), &mut crate::diagnostics::Diagnostics::default());
    // The text itself and each footnote, with the names that it refers to.
    let mut parts: Vec<(Option<String>, Vec<Event<'_>>, Vec<String>)> = vec![(None, Vec::new(), Vec::new())];
    let mut within = vec![0];
    for (event, _) in markdown::events(source.text(), source.body) {
        let part = within.last().copied().unwrap_or(0);
        match event {
            Event::Start(Tag::FootnoteDefinition(name)) => {
                within.push(parts.len());
                parts.push((Some(name.to_string()), Vec::new(), Vec::new()));
            }
            Event::End(TagEnd::FootnoteDefinition) => _ = within.pop(),
            Event::FootnoteReference(name) => parts[part].2.push(name.to_string()),
            event => parts[part].1.push(event),
        }
    }
    // Footnotes are in the order in which they are referenced, by the text and then by each other.
    let mut order = vec![0];
    let mut done = 0;
    while order.len() < parts.len() {
        let next = match order.get(done) {
            Some(&part) => parts[part]
                .2
                .iter()
                .filter_map(|name| parts.iter().position(|(other, ..)| other.as_ref() == Some(name)))
                .collect(),
            None => Vec::from_iter((0..parts.len()).find(|part| !order.contains(part))),
        };
        done += usize::from(done < order.len());
        for part in next {
            if !order.contains(&part) {
                order.push(part);
            }
        }
    }
    let mut html = String::new();
    for part in order {
        push_html(&mut html, std::mem::take(&mut parts[part].1).into_iter());
        html.push_str("\n\n");
    }
    visible(&html)
}

/// The visible text of HTML, with blocks separated.
fn visible(html: &str) -> String {
    let tree = scraper::Html::parse_fragment(html);
    let mut words = String::new();
    let mut ignored = 0_usize;
    for edge in tree.root_element().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Element(element) if IGNORED.contains(&element.name()) => {
                ignored = if opens { ignored + 1 } else { ignored - 1 };
            }
            Node::Element(element) if dom::separates_words(element.name()) => words.push('\n'),
            Node::Text(text) if opens && ignored == 0 => words.push_str(text),
            _ => {}
        }
    }
    words.replace('\0', "\u{fffd}")
}
