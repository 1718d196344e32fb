//! Tests of `import`: each folder in `tests/import/` is a case.
//!
//! `in.*` is the file to import, with the files that it needs beside it. `site/` is copied over an empty
//! site, and `arguments` are additional arguments. `report.txt` is the expected output, and `expected/` are
//! the expected files. The result has to pass `check`, except that the site may lack the text.
//!
//! `UPDATE_GOLDEN=1 cargo test --test suite import` updates the expectations; review the changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::{Options, Site, cases, compare, library, tree};

#[test]
fn cases_are_imported_as_expected() {
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
    let report = library::build(Options { site: place.at("site"), dry: true, ..Options::default() });
    let errors: Vec<String> = report
        .problems
        .iter()
        .filter(|problem| problem.severity == "error" && problem.code != "layer.no-source")
        .map(|problem| format!("{problem}: {}", problem.message))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(format!("check finds\n{}", errors.join("\n"))) }
}

/// Compares the written files with the expected ones.
fn same_files(expected: &Path, made: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (path, bytes) in made {
        compare(&expected.join(path), &text(bytes))?;
    }
    let known: Vec<String> = tree(expected).into_keys().collect();
    let written: Vec<String> = made.keys().cloned().collect();
    if known == written { Ok(()) } else { Err(format!("wrote {written:?}, expected {known:?}")) }
}

/// The parts of a note that an export and import must keep: its id, its bodies other than comments, and its
/// ranges.
type KeptParts = (String, Vec<String>, Vec<(u64, u64)>);

fn kept_parts(json: &str) -> Vec<KeptParts> {
    let collection: serde_json::Value = serde_json::from_str(json).unwrap();
    let items = collection["first"]["items"].as_array().unwrap();
    let mut notes: Vec<_> = items
        .iter()
        .map(|item| {
            let words =
                item["body"].as_array().unwrap().iter().filter(|body| body["purpose"] != "commenting");
            let bodies = words.map(|body| format!("{} {}", body["purpose"], body["value"])).collect();
            let position = |target: &serde_json::Value| {
                let selector = &target["selector"][1];
                Some((selector["start"].as_u64()?, selector["end"].as_u64()?))
            };
            let passages = item["target"].as_array().unwrap().iter().filter_map(position).collect();
            (item["id"].as_str().unwrap().to_owned(), bodies, passages)
        })
        .collect();
    notes.sort();
    notes
}

#[test]
fn an_import_of_an_export_gives_the_same_passages() {
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
    first.build().succeeds();
    let texts: Vec<String> = tree(&first.at("sources"))
        .into_keys()
        .filter_map(|path| path.strip_suffix("/index.md").map(str::to_owned))
        .collect();
    assert_eq!(texts.len(), 3);
    for text in &texts {
        let exported = first.at(&format!("public/{text}/annotations.jsonld"));
        let run = second.run(&["import", &exported.to_string_lossy(), "--into", text]).ends_with(0);
        assert_eq!(run.stderr, "", "every note of {text} is matched");
    }
    second.build().succeeds();
    let mut count = 0;
    for text in &texts {
        let path = format!("public/{text}/annotations.jsonld");
        let (before, after) = (kept_parts(&first.read(&path)), kept_parts(&second.read(&path)));
        assert_eq!(before, after, "{text}");
        count += before.len();
    }
    assert!(count >= 100, "the edition has {count} notes");
}

#[test]
fn import_writes_only_inside_the_site_and_overwrites_nothing() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("site/sources/a/index.md", "A.\n");
    place.write("site/sources/b.md", "B.\n");
    place.write("a.txt", "Words.\n");
    let before = tree(place.path());
    for (into, message) in [
        ("../a", "leads to another folder"),
        ("/etc/x", "it contains an empty name"),
        ("x/../../y", "leads to another folder"),
        ("C:\\x", "Windows does not allow"),
        ("_x", "names that begin with `.` or `_` are reserved"),
        ("a", "the file exists and is not overwritten"),
        ("b", "the file exists and is not overwritten"),
        ("sources/b.md", "the file exists and is not overwritten"),
    ] {
        let run = place.run(&["import", "a.txt", "--site", "site", "--into", into]).ends_with(1);
        assert!(run.stderr.contains(message) && run.stderr.contains("help: "), "{into}: {}", run.stderr);
        assert!(run.stderr.ends_with("1 error; nothing was written\n"), "{}", run.stderr);
        assert_eq!(tree(place.path()), before, "{into}");
    }
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_in_the_path_is_not_followed() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("elsewhere/x", "");
    place.write("a.txt", "Words.\n");
    std::os::unix::fs::symlink(place.at("elsewhere"), place.at("site/sources")).unwrap();
    place.run(&["import", "a.txt", "--site", "site"]).ends_with(1);
    assert!(!place.at("elsewhere/a/index.md").exists());
}

#[test]
fn unreadable_files_are_reported_with_their_location() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\r");
    place.write("empty.txt", " \n");
    place.write("empty.html", "<script>document.write('x')</script>");
    place.write("broken.json", "{\n  \"rows\": [,]\n}\n");
    place.write("shape.json", "{\"a\": 1}");
    place.write("deep.html", "<div>".repeat(2000) + "x");
    for (file, message) in [
        ("picture.txt", "this file, which is not text, cannot be imported"),
        ("empty.txt", "the file contains no text"),
        ("empty.html", "no text found in the file"),
        ("broken.json", "--> broken.json:2:12"),
        ("shape.json", "no Web Annotations found"),
        ("missing.txt", "no such file: `missing.txt`"),
    ] {
        let run = place.run(&["import", file, "--site", "site"]).ends_with(1);
        assert!(
            run.stderr.contains("error[site.read]") && run.stderr.contains(message),
            "{file}: {}",
            run.stderr
        );
    }
    let run = place.run(&["import", "empty.txt"]).ends_with(1);
    assert!(run.stderr.contains("error[site.config]: no site.toml in ."), "{}", run.stderr);
    let run = place.run(&["import", "shape.json", "--site", "site", "--as", "hypothesis"]).ends_with(1);
    assert!(run.stderr.contains("no Hypothesis annotations found"), "{}", run.stderr);
    place.run(&["import", "empty.txt", "--as", "xml"]).ends_with(2);
    let run = place.run(&["import", "picture.txt", "--site", "site", "--as", "text"]).ends_with(1);
    assert!(run.stderr.contains("not text") && !run.stderr.contains("PNG"), "{}", run.stderr);
    assert_eq!(
        place.names(),
        ["broken.json", "deep.html", "empty.html", "empty.txt", "picture.txt", "shape.json", "site"]
    );
    assert_eq!(tree(&place.at("site")).len(), 1);
    place.run(&["import", "deep.html", "--site", "site"]).ends_with(0);
}

#[test]
fn an_export_that_is_imported_again_changes_only_what_is_new() {
    let place = Site::empty();
    place.write("site/site.toml", "");
    place.write("site/sources/a.md", "+++\nurl = \"https://a.b/\"\n+++\n\nOne two three four five.\n");
    let row = |id: &str, quote: &str, text: &str| {
        format!(
            "{{\"id\": \"{id}\", \"uri\": \"https://a.b/\", \"user\": \"acct:ann@b.c\", \"text\": \"{text}\", \"target\": \
             [{{\"source\": \"https://a.b/\", \"selector\": [{{\"type\": \"TextQuoteSelector\", \"exact\": \"{quote}\"}}]}}]}}"
        )
    };
    let import = |rows: &[String]| {
        place.write("notes.json", format!("[{}]", rows.join(",")));
        place.run(&["import", "notes.json", "--site", "site"]).ends_with(0).stdout.clone()
    };
    let layer = "site/annotations/a.md";
    import(&[row("x", "One two", "first"), row("y", "three four", "second"), row("z", "four five", "third")]);
    let before = place.read(layer);
    let again = import(&[
        row("x", "One two", "first"),
        row("y", "three four", "second"),
        row("z", "four five", "third"),
    ]);
    assert!(
        again.contains("3 unchanged, 0 updated, 0 edited or removed here and left alone; 0 new"),
        "{again}"
    );
    assert_eq!(place.read(layer), before);
    place.write(layer, before.replace("\nsecond\n", "\nsecond, edited\n"));
    let again = import(&[
        row("x", "One two", "first, changed"),
        row("y", "three four", "second, changed"),
        row("z", "four five", "third"),
        row("w", "two three", "fourth"),
    ]);
    assert!(
        again.contains("1 unchanged, 1 updated, 1 edited or removed here and left alone; 1 new"),
        "{again}"
    );
    let after = place.read(layer);
    for words in ["\nfirst, changed\n", "\nsecond, edited\n", "\nthird\n", "\nfourth\n"] {
        assert!(after.contains(words), "{words} in {after}");
    }
    assert!(!after.contains("second, changed"));
    assert_eq!(after.matches("postil import:").count(), 1);
}
