//! Tests of whole sites: each folder of `tests/sites` is a case.
//!
//! A case is a site with a folder `expected`. Of a reader page, only what programs rely on is compared: the
//! HTML of `#source`, and the attributes of each note with the links to its passages. `editions.toml` defines
//! several builds of one site, with `arguments`, and with `absent`, words that must not occur in the output.
//! A file `pages` lists other outputs to compare, one per line: of a page, the text of `main` with its links;
//! other files completely.
//!
//! `UPDATE_GOLDEN=1 cargo test --test sites` updates `expected`; review the changes.

#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod harness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use harness::{Problem, Run, Site, cases, compare, postil, read, tree, updating};
use scraper::{ElementRef, Html, Selector};

#[test]
fn sites_are_built_as_expected() {
    let mut failures = Vec::new();
    for case in cases("sites") {
        if let Err(problems) = run(&case) {
            let name = case.file_name().unwrap_or_default().to_string_lossy();
            failures.push(format!("{name}\n{}", problems.join("\n")));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

/// One way to build a case.
#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Edition {
    arguments: Vec<String>,
    absent: Vec<String>,
}

fn run(case: &Path) -> Result<(), Vec<String>> {
    let expected = case.join("expected");
    if updating() {
        let _ = fs::remove_dir_all(&expected);
    }
    let mut problems = Vec::new();
    for (name, edition) in editions(case) {
        let (compared, files) = match build(case, &edition) {
            Ok(built) => built,
            Err(problem) => {
                problems.push(format!("{name} {problem}"));
                continue;
            }
        };
        for words in &edition.absent {
            for (path, _) in files.iter().filter(|(_, bytes)| contains(bytes, words.as_bytes())) {
                problems.push(format!("{name} {path}: contains `{words}`, which must be absent"));
            }
        }
        let folder = expected.join(&name);
        problems.extend(compared.iter().filter_map(|(path, text)| compare(&folder.join(path), text).err()));
        let strays = tree(&folder).into_keys().filter(|path| !compared.contains_key(path));
        problems.extend(strays.map(|path| format!("{name} {path}: expected, but not written")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn editions(case: &Path) -> BTreeMap<String, Edition> {
    match fs::read_to_string(case.join("editions.toml")) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display())),
        Err(_) => BTreeMap::from([(String::new(), Edition::default())]),
    }
}

/// The text to compare, by path, and all output files.
type Built = (BTreeMap<String, String>, BTreeMap<String, Vec<u8>>);

/// Builds a copy of the case twice.
fn build(case: &Path, edition: &Edition) -> Result<Built, String> {
    let site = Site::empty();
    for (path, bytes) in tree(case) {
        if !path.starts_with("expected/") && path != "editions.toml" && path != "pages" {
            site.write(&path, bytes);
        }
    }
    let build = || {
        let run = Run::of(postil().arg("build").args(&edition.arguments).current_dir(site.path()));
        if run.status == Some(0) { Ok(tree(&site.at("public"))) } else { Err(run.stderr) }
    };
    let files = build()?;
    if files != build()? {
        return Err("a second build of the same files differs".to_owned());
    }
    let mut compared: BTreeMap<String, String> = BTreeMap::new();
    for (path, bytes) in &files {
        let text = || String::from_utf8(bytes.clone()).expect("postil writes UTF-8");
        if let Some(page) =
            path.strip_suffix("/index.html").filter(|_| contains(bytes, b"<article id=\"source\""))
        {
            compared.insert(format!("{page}.html"), page_contract(&text()));
        } else if let Some(page) = path.strip_suffix("/annotations.jsonld") {
            let value: serde_json::Value = serde_json::from_str(&text()).expect("the annotations are JSON");
            let pretty = serde_json::to_string_pretty(&value).expect("a value can be serialized");
            compared.insert(format!("{page}.jsonld"), pretty + "\n");
        }
    }
    for path in fs::read_to_string(case.join("pages")).unwrap_or_default().lines() {
        let Some(bytes) = files.get(path) else { continue };
        let text = String::from_utf8(bytes.clone()).expect("postil writes UTF-8");
        let (name, text) = match path.strip_suffix(".html") {
            Some(page) => (format!("{page}.txt"), outline(&text)),
            None => (path.to_owned(), text),
        };
        compared.insert(format!("pages/{name}"), text);
    }
    compared.insert("files".to_owned(), listing(&files));
    if let Some(problems) = problems(&site, edition) {
        compared.insert("problems".to_owned(), problems);
    }
    Ok((compared, files))
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// The files of a site except those of the theme and the search, one per line.
fn listing(files: &BTreeMap<String, Vec<u8>>) -> String {
    files
        .keys()
        .filter(|path| !path.starts_with("_theme/") && !path.starts_with("_search/"))
        .fold(String::new(), |list, path| list + path + "\n")
}

fn problems(site: &Site, edition: &Edition) -> Option<String> {
    let is_for_build = |argument: &String| argument == "--drafts" || argument.starts_with("--base-url=");
    let for_check = edition.arguments.iter().filter(|argument| !is_for_build(argument));
    let found: Vec<Problem> =
        Run::of(postil().args(["check", "--format", "json"]).args(for_check).current_dir(site.path()))
            .problems();
    (!found.is_empty())
        .then(|| found.iter().fold(String::new(), |list, problem| format!("{list}{problem}\n")))
}

/// The part of a reader page that programs can rely on.
fn page_contract(html: &str) -> String {
    let start = html.find("<article id=\"source\"").expect("the page has a source");
    let end = start + html[start..].find("</article>").expect("the source is closed") + "</article>".len();
    let mut out = format!("{}\n", &html[start..end]);
    let page = Html::parse_document(html);
    for note in page.select(&selector("[id^='note-'][data-note]")) {
        assert!(!is_within(note, "source"), "a note is inside the source");
        let place = if is_within(note, "orphans") { " in #orphans" } else { "" };
        writeln!(out, "\nnote{place}").expect("writing to a string cannot fail");
        for name in CONTRACT {
            if let Some(value) = note.attr(name) {
                writeln!(out, "  {name}={value}").expect("writing to a string cannot fail");
            }
        }
        let mut last = "";
        for link in note.select(&selector("a[href^='#passage-']")) {
            let href = link.attr("href").unwrap_or_default();
            if href != last {
                writeln!(out, "  {href}").expect("writing to a string cannot fail");
            }
            last = href;
        }
    }
    out
}

/// The text of `main` with the targets of its links, one line for each block.
fn outline(html: &str) -> String {
    let page = Html::parse_document(html);
    let main = page.select(&selector("main")).next().expect("a page has a main part");
    let mut lines = String::new();
    write_outline(*main, &mut lines);
    let lines = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).fold(String::new(), |all, line| all + &line + "\n")
}

fn write_outline(node: ego_tree::NodeRef<'_, scraper::Node>, out: &mut String) {
    const BLOCKS: [&str; 15] = [
        "h1", "h2", "h3", "p", "li", "section", "nav", "tr", "th", "td", "article", "details", "summary",
        "dl", "div",
    ];
    if let Some(text) = node.value().as_text() {
        // Line breaks in a preformatted block are kept.
        let is_pre = |parent: ego_tree::NodeRef<'_, scraper::Node>| {
            parent.value().as_element().is_some_and(|element| element.name() == "pre")
        };
        if node.parent().is_some_and(is_pre) {
            out.push_str(text);
        } else {
            out.push_str(&text.replace('\n', " "));
        }
        return;
    }
    let Some(element) = node.value().as_element() else { return };
    let name = element.name();
    let is_block = BLOCKS.contains(&name);
    if is_block {
        out.push('\n');
    }
    if let Some(id) = element.attr("id") {
        out.push_str(&format!("#{id} "));
    }
    if name == "mark" {
        out.push('{');
    }
    if let Some(label) = element.attr("aria-label").filter(|_| name == "svg") {
        out.push_str(&format!("\n[{label}] "));
    }
    for child in node.children() {
        write_outline(child, out);
    }
    if name == "mark" {
        out.push('}');
    }
    if let Some(href) = element.attr("href") {
        out.push_str(&format!(" <{href}>"));
    }
    if is_block {
        out.push('\n');
    }
}

/// The attributes of a note that programs can rely on.
const CONTRACT: [&str; 9] = [
    "id",
    "data-note",
    "data-kind",
    "data-number",
    "data-verdict",
    "data-layer",
    "data-tags",
    "data-audience",
    "data-about",
];

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("the selector is well formed")
}

fn is_within(note: ElementRef<'_>, id: &str) -> bool {
    note.ancestors().filter_map(ElementRef::wrap).any(|element| element.attr("id") == Some(id))
}

#[test]
fn a_sites_theme_overrides_the_built_in_one() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/theme-override");
    let (_, files) = build(&case, &Edition::default()).unwrap();
    let text = |path: &str| String::from_utf8_lossy(&files[path]).into_owned();
    assert_eq!(
        text("index.html").trim_end(),
        read(&case.join("theme/templates/home.html")).trim_end().replace("{{ edition.title }}", "Own theme")
    );
    assert!(
        text("a/index.html").contains("<article id=\"source\""),
        "the other templates are the built-in ones"
    );
    assert_eq!(text("_theme/own.txt"), "a file of the theme\n");
}
