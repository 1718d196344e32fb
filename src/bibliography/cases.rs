//! Snapshot tests: reads each bibliography in `tests/bibliography/` and renders it in several styles.
//!
//! To add a test, add a bibliography. The expected output is in a `.txt` file of the same name: for each style
//! and each work, the entry in the reference list as plain text, then the citation in brackets.
//! `UPDATE_GOLDEN=1 cargo test --lib bibliography::cases` updates these files; review the diff before committing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::{Bibliography, CitedWork, Cluster, EXTENSIONS, Form, Style};
use crate::diagnostics::{Diagnostics, File, Place};

const STYLES: [&str; 3] = ["vancouver", "apa", "chicago-author-date"];

/// HTML as plain text.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for (at, part) in html.split('<').enumerate() {
        text += if at == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) };
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn rendered(name: &str, text: &str) -> String {
    let mut out = String::new();
    for style in STYLES {
        let file = File::new(name, text);
        let named = Style::Named(style, Place::of_path("site.toml"));
        let mut diagnostics = Diagnostics::default();
        let bibliography = Bibliography::load(&[file], &named, "en", &mut diagnostics);
        if out.is_empty() {
            for problem in diagnostics.into_sorted() {
                writeln!(out, "{}: {}", problem.severity.as_str(), problem.message).unwrap();
            }
        }
        writeln!(out, "# {style}").unwrap();
        let mut keys: Vec<&str> = bibliography.works().map(|work| work.key.as_str()).collect();
        keys.sort_by_key(|key| text.find(key));
        for key in keys {
            let items = vec![CitedWork { key: key.to_owned(), ..CitedWork::default() }];
            let cited = bibliography.format(&[Cluster { items, form: Form::Bracketed }]).clusters.remove(0);
            writeln!(out, "{}\n    {}", plain(&bibliography.entry(key).unwrap()), plain(&cited)).unwrap();
        }
    }
    out
}

#[test]
fn rendered_works_match_the_expected_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bibliography");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut cases = 0;
    for path in paths {
        let extension = path.extension().unwrap().to_string_lossy().into_owned();
        if !EXTENSIONS.contains(&extension.as_str()) {
            continue;
        }
        cases += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let found = rendered(&name, &fs::read_to_string(&path).unwrap());
        let expected = path.with_file_name(format!("{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        for (line, (expected, found)) in (1..).zip(expected.lines().zip(found.lines())) {
            assert_eq!(found, expected, "{name}.txt, line {line}");
        }
        assert_eq!(found.lines().count(), expected.lines().count(), "{name}.txt");
    }
    assert!(cases > 10);
}
