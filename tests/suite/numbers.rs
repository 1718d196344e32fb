//! Tests of the numbers and the order of notes on a page.

use crate::harness::{Options, Site};

const TEXT: &str = "# Words\n\nAlpha beta gamma delta epsilon zeta.\n";

/// The ids of the notes on the page of `a`, each with its number, in the order of the page.
fn numbers(site: &Site, audience: Option<&str>) -> Vec<String> {
    let options = Options { audience: audience.map(str::to_owned), ..Options::default() };
    site.build_with(options).succeeds();
    let page = site.read("public/a/index.html");
    let notes = page.split("data-note=\"").skip(1);
    let value = |text: &str| text.split('"').next().unwrap_or_default().to_owned();
    notes
        .map(|note| {
            let number = note.split("data-number=\"").nth(1).map(value).unwrap();
            format!("{} {number}", value(note))
        })
        .collect()
}

fn note(id: &str, quote: &str, more: &str) -> String {
    format!("## {id} {{#{id} .marketing-claim{more}}}\n\n> {quote}\n\nSo.\n\n")
}

#[test]
fn letters_start_again_after_each_public_note() {
    let teacher = " audience=teacher";
    let layer = [
        note("one", "Alpha", ""),
        note("one-a", "beta", teacher),
        note("one-b", "gamma", teacher),
        note("two", "delta", ""),
        note("two-a", "epsilon", teacher),
        note("three", "zeta", ""),
    ];
    let site = Site::of(&[("sources/a.md", TEXT), ("annotations/a.md", &layer.concat())]);
    assert_eq!(
        numbers(&site, Some("teacher")),
        ["one 1", "one-a 1a", "one-b 1b", "two 2", "two-a 2a", "three 3"]
    );
    assert_eq!(numbers(&site, None), ["one 1", "two 2", "three 3"]);
}

#[test]
fn layers_are_ordered_by_weight_before_path() {
    let layer = |weight: i64, id: &str| format!("+++\nweight = {weight}\n+++\n\n{}", note(id, "Alpha", ""));
    let site = Site::of(&[
        ("sources/a.md", TEXT),
        ("annotations/a/first.md", &layer(2, "heavy")),
        ("annotations/a/second.md", &layer(1, "light")),
    ]);
    assert_eq!(numbers(&site, None), ["light 1", "heavy 2"]);
}
