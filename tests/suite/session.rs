//! Tests that a session serves the same files as a new build, after any change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::harness::library::{self, Change, Options, Served, Session};
use crate::harness::{Site, cases, tree};

fn open(site: &Site) -> Session {
    // On some systems the path of the temporary folder contains symbolic links.
    let root = site.path().canonicalize().unwrap();
    library::open(Options { site: root, dry: true, ..Options::default() })
}

/// Reports the change of a file to the session.
fn touch(session: &mut Session, path: &str) -> Change {
    session.change(&BTreeSet::from([session.root().join(path)]))
}

fn settle(session: &mut Session) {
    while !session.is_settled() {
        session.work();
    }
}

fn page(session: &mut Session, path: &str) -> Option<Vec<u8>> {
    match session.serve(path)? {
        Served::Made(bytes, _) => Some(bytes.to_vec()),
        Served::File(path) => fs::read(path).ok(),
        Served::Failed(_) => None,
    }
}

/// All files of a new build, except for the marker.
fn built(site: &Site) -> BTreeMap<String, Vec<u8>> {
    site.build().succeeds();
    let mut files = tree(&site.at("public"));
    files.remove(".postil");
    files
}

/// Asserts that the session serves the same files as a new build, and no others.
fn same(session: &mut Session, site: &Site, name: &str) {
    let files = built(site);
    for (path, bytes) in &files {
        let served = page(session, path);
        assert!(served.is_some(), "{name}: {path} is missing");
        assert!(served.as_ref() == Some(bytes), "{name}: {path} differs");
    }
    for path in
        ["nothing/index.html", "favicon.ico", "site.toml", "../site.toml", "annotations/a.md", ".postil"]
    {
        assert!(page(session, path).is_none(), "{name}: {path} exists");
    }
}

#[test]
fn served_files_equal_built_files() {
    for case in cases("sites") {
        let site = Site::of_case(&case);
        same(&mut open(&site), &site, &case.display().to_string());
    }
}

/// A site of three texts with notes of two kinds, a work, a page and an asset.
fn edition() -> Site {
    let note =
        |id: &str, kind: &str| format!("## Note {id} {{#{id} .{kind}}}\n\n> brown fox\n\nNo [@one].\n");
    Site::of(&[
        ("site.toml", "title = \"Test\"\nbase_url = \"https://example.org/\"\ndate = 2026-01-02\n"),
        ("sources/a.md", "# A\n\nThe quick brown fox.\n\n## Below\n\nSee [b](b/index.md).\n"),
        ("sources/b/index.md", "# B\n\nA brown fox again, and ![a](a.png).\n"),
        ("sources/b/a.png", "no picture"),
        ("sources/c.md", "# C\n\nNo brown fox here.\n"),
        ("annotations/a.md", &note("one", "marketing-claim")),
        ("annotations/b.md", &note("two", "cited-study")),
        ("annotations/c.md", &note("three", "marketing-claim")),
        ("annotations/_index.md", "What this is.\n"),
        ("annotations/_pages/about.md", "+++\ntitle = \"About\"\n+++\n\nWords.\n"),
        ("annotations/works.yaml", "one:\n  type: book\n  title: A book\n  date: 2001\n"),
    ])
}

#[test]
fn served_files_equal_built_files_after_any_change() {
    let site = edition();
    let mut session = open(&site);
    same(&mut session, &site, "at first");
    let long = "## Note one {#one .marketing-claim verdict=supported}\n\n> quick brown\n\nYes [@one].\n";
    let steps: &[(&str, Option<&str>)] = &[
        ("annotations/a.md", Some(long)),
        ("sources/a.md", Some("# A\n\nThe quick brown fox.\n\n## Below\n\nChanged [b](b/index.md).\n")),
        ("sources/a.md", Some("# Another title\n\nThe quick brown fox.\n\nSee [b](b/index.md).\n")),
        ("sources/d.md", Some("# D\n\nA new text with a brown fox.\n")),
        ("annotations/d/first.md", Some("## New {#new .guideline-gap}\n\n> new text\n\nWords.\n")),
        ("annotations/d/second.md", Some("## Newer {#newer .guideline-gap}\n\n> brown fox\n\nWords.\n")),
        ("annotations/d/first.md", None),
        ("annotations/works.yaml", Some("one:\n  type: book\n  title: Another book\n  date: 2002\n")),
        ("annotations/_index.md", Some("What else this is.\n")),
        ("annotations/_pages/about.md", Some("+++\ntitle = \"Else\"\n+++\n\nOther words.\n")),
        ("annotations/_pages/more.md", Some("More.\n")),
        ("sources/b/a.png", Some("another picture")),
        ("sources/b/b.txt", Some("a file")),
        ("theme/style.css", Some("body { color: red }\n")),
        ("theme/templates/pager.html", Some("<!-- no pager -->\n")),
        ("theme/templates/pager.html", Some("<!-- none at all -->\n")),
        ("theme/strings/en.toml", Some("works_all = \"Books\"\n")),
        ("theme/templates/pager.html", None),
        ("site.toml", Some("title = \"Other\"\n")),
        ("annotations/c.md", None),
        ("sources/c.md", None),
        ("annotations/b.md", Some("## Note two {#two .marketing-claim}\n\n> brown fox\n\nNo [@one].\n")),
    ];
    for (number, (path, text)) in steps.iter().enumerate() {
        match text {
            Some(text) => site.write(path, text),
            None => fs::remove_file(site.at(path)).unwrap(),
        }
        touch(&mut session, path);
        // After every second step, some pages are requested before the background work is done.
        if number % 2 == 0 {
            for page_file in ["a/index.html", "b/index.html", "index.html"] {
                page(&mut session, page_file);
            }
        }
        settle(&mut session);
        same(&mut session, &site, &format!("step {number}, {path}"));
    }
}

#[test]
fn simultaneous_changes_are_applied_together() {
    let site = edition();
    site.write("theme/style.css", "body { color: blue }\n");
    let mut session = open(&site);
    same(&mut session, &site, "at first");
    let others: &[(&str, &str)] = &[
        ("theme/style.css", "body { color: red }\n"),
        ("theme/templates/pager.html", "<!-- no pager -->\n"),
        ("annotations/works.yaml", "one:\n  type: book\n  title: Another\n  date: 2002\n"),
        ("sources/b/a.png", "another picture"),
        ("annotations/b.md", "## Note two {#two .cited-study}\n\n> again\n\nNo [@one].\n"),
        ("annotations/_index.md", "Something else.\n"),
    ];
    for (number, (path, text)) in others.iter().enumerate() {
        let layer = format!("## Note one {{#one .marketing-claim}}\n\n> quick\n\nThe {number}th [@one].\n");
        site.write("annotations/a.md", layer);
        site.write(path, text);
        let root = session.root().to_owned();
        session.change(&BTreeSet::from([root.join("annotations/a.md"), root.join(path)]));
        settle(&mut session);
        same(&mut session, &site, path);
    }
}

#[test]
fn writing_a_temporary_file_and_renaming_it_is_one_change() {
    let site = edition();
    let mut session = open(&site);
    same(&mut session, &site, "at first");
    site.write("annotations/a.md", "## Note one {#one .marketing-claim}\n\n> quick\n\nNo [@one].\n");
    let root = session.root().to_owned();
    let touched = BTreeSet::from([root.join("annotations/4913"), root.join("annotations/a.md")]);
    assert_eq!(session.change(&touched), Change::Texts(BTreeSet::from(["a".to_owned()])));
    same(&mut session, &site, "renamed over");
}

#[test]
fn a_layer_without_a_text_does_not_block_others() {
    let site = Site::small(&[]);
    let mut session = open(&site);
    page(&mut session, "a/index.html").unwrap();
    site.write("annotations/ghost.md", "## G {#g .marketing-claim}\n\n> x\n\ny\n");
    touch(&mut session, "annotations/ghost.md");
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> lazy dog\n\nIt sleeps.\n");
    touch(&mut session, "annotations/a.md");
    let now = String::from_utf8(page(&mut session, "a/index.html").unwrap()).unwrap();
    assert!(now.contains("It sleeps."));
    settle(&mut session);
    assert_eq!(session.problems().len(), 1, "{:?}", session.problems());
}

#[test]
fn a_page_with_errors_keeps_its_last_valid_version() {
    let site = Site::small(&[]);
    let mut session = open(&site);
    let good = page(&mut session, "a/index.html").unwrap();
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> slow brown\n\nIt is not.\n");
    assert_eq!(touch(&mut session, "annotations/a.md"), Change::Texts(BTreeSet::from(["a".to_owned()])));
    assert_eq!(page(&mut session, "a/index.html").unwrap(), good);
    assert_eq!(session.problems().len(), 1, "{:?}", session.problems());
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> lazy dog\n\nIt is not.\n");
    touch(&mut session, "annotations/a.md");
    assert_ne!(page(&mut session, "a/index.html").unwrap(), good);
    settle(&mut session);
    assert_eq!(session.problems(), []);
}

#[test]
fn a_site_with_errors_keeps_its_last_valid_version() {
    let site = Site::small(&[]);
    let mut session = open(&site);
    same(&mut session, &site, "at first");
    let good = page(&mut session, "index.html").unwrap();
    for (path, bad, corrected) in [
        ("site.toml", "titel = \"Test\"\n", "title = \"Test\"\n"),
        (
            "sources/a.md",
            "+++\ntitel = 1\n+++\n\nThe quick brown fox.\n",
            "# Fox\n\nThe quick brown fox jumps over the lazy dog.\n",
        ),
        ("theme/templates/home.html", "{{ nothing", "{% extends \"builtin/home.html\" %}"),
        ("annotations/works.yaml", "a: [", ""),
    ] {
        site.write(path, bad);
        touch(&mut session, path);
        settle(&mut session);
        assert!(session.problems().iter().any(|problem| problem.place.file.path == path), "{path}");
        assert_eq!(page(&mut session, "index.html").unwrap(), good, "{path}");
        assert!(page(&mut session, "a/index.html").is_some(), "{path}");
        site.write(path, corrected);
        touch(&mut session, path);
        settle(&mut session);
        assert_eq!(session.problems(), [], "{path}");
        assert_eq!(page(&mut session, "index.html").unwrap(), good, "{path}");
    }
}

#[test]
fn an_invalid_site_toml_does_not_block_a_note() {
    let site = Site::small(&[]);
    let mut session = open(&site);
    page(&mut session, "a/index.html").unwrap();
    site.write("site.toml", "titel = \"Test\"\n");
    assert_eq!(touch(&mut session, "site.toml"), Change::Behind);
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> lazy dog\n\nIt sleeps.\n");
    assert_eq!(touch(&mut session, "annotations/a.md"), Change::Texts(BTreeSet::from(["a".to_owned()])));
    let now = String::from_utf8(page(&mut session, "a/index.html").unwrap()).unwrap();
    assert!(now.contains("It sleeps."));
    site.write("site.toml", "title = \"Test\"\n");
    assert_eq!(touch(&mut session, "site.toml"), Change::All);
    settle(&mut session);
    same(&mut session, &site, "corrected");
}

#[test]
fn a_change_affects_only_the_pages_it_must() {
    let site = edition();
    let mut session = open(&site);
    same(&mut session, &site, "at first");
    let one = |name: &str| Change::Texts(BTreeSet::from([name.to_owned()]));
    site.write("annotations/a.md", "## Note one {#one .marketing-claim}\n\n> quick\n\nNo [@one].\n");
    assert_eq!(touch(&mut session, "annotations/a.md"), one("a"));
    assert!(session.has_changed("a/index.html", 1) && !session.has_changed("b/index.html", 1));
    assert!(session.has_changed("index.html", 1));
    site.write("sources/b/index.md", "# B\n\nA brown fox again and again, and ![a](a.png).\n");
    assert_eq!(touch(&mut session, "sources/b/index.md"), one("b"));
    site.write("annotations/a/more.md", "## More {#more .marketing-claim}\n\n> quick\n\nWords.\n");
    assert_eq!(touch(&mut session, "annotations/a/more.md"), Change::All);
    assert!(!session.has_changed("c/index.html", 1), "a new layer of one text does not affect others");
    for path in ["public/index.html", ".git/index", "sources/.a.md.swp", "notes.txt"] {
        site.write(path, "x");
        assert_eq!(touch(&mut session, path), Change::Nothing, "{path}");
    }
}

#[test]
fn a_changed_original_is_compared_again() {
    let site = Site::small(&[
        ("sources/b/index.md", "+++\noriginal = \"original.txt\"\n+++\n\nOne two three.\n"),
        ("sources/b/original.txt", "One two three.\n"),
    ]);
    let mut session = open(&site);
    settle(&mut session);
    let differs = |session: &Session| {
        session.problems().iter().any(|problem| problem.code == library::Code::SourceDiffers)
    };
    assert!(!differs(&session));
    site.write("sources/b/original.txt", "One two four.\n");
    touch(&mut session, "sources/b/original.txt");
    settle(&mut session);
    assert!(differs(&session), "the difference is not reported");
    site.write("sources/b/original.txt", "One two three.\n");
    touch(&mut session, "sources/b/original.txt");
    settle(&mut session);
    assert!(!differs(&session), "the difference is still reported");
}
