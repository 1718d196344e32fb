//! Tests of whole sites: each folder of `tests/sites` is a case.
//!
//! A case is a site with a folder `expected`. Of a reader page, only the parts that programs can rely on are
//! compared: the HTML of `#source`, with a line for each mark and note reference, and the attributes of each note
//! with the links to its passages. `editions.toml` defines several builds of one site, each with `audience`,
//! `base_url` or `drafts`, and optionally `absent`, a list of words that must not occur in the output. A file
//! `pages` lists other outputs to compare, one per line: of a page, the text of `main` with its links; of other
//! files, the complete contents. `expected/files` lists the output, without the files that every site has, which are
//! listed in `tests/every-site.txt`.
//!
//! `UPDATE_GOLDEN=1 cargo test --test suite sites` updates `expected`; review the changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Options, Site, cases, compare, read, tree, updating};
use scraper::{ElementRef, Html, Selector};

#[test]
fn sites_are_built_as_expected() {
    let mut failures = Vec::new();
    let cases: Vec<(PathBuf, Editions)> =
        cases("sites").into_iter().map(|case| (case.clone(), editions(&case))).collect();
    let built: Vec<Vec<Result<Built, String>>> = cases
        .iter()
        .map(|(case, editions)| editions.values().map(|edition| build(case, edition)).collect())
        .collect();
    // The files that every site has are listed once, so that a new one does not change all cases.
    let listings = built.iter().flatten().flatten().map(|(_, files)| listing(files));
    let common = listings.reduce(|all, some| &all & &some).unwrap_or_default();
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/every-site.txt");
    failures.extend(compare(&list, &lines(&common)).err());
    for ((case, editions), built) in cases.iter().zip(built) {
        if let Err(problems) = run(case, editions, built, &common) {
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
    audience: Option<String>,
    base_url: Option<String>,
    drafts: bool,
    absent: Vec<String>,
}

impl Edition {
    fn options(&self) -> Options {
        let (audience, base_url) = (self.audience.clone(), self.base_url.clone());
        Options { audience, base_url, drafts: self.drafts, ..Options::default() }
    }
}

fn run(
    case: &Path,
    editions: &Editions,
    built: Vec<Result<Built, String>>,
    common: &BTreeSet<String>,
) -> Result<(), Vec<String>> {
    let expected = case.join("expected");
    if updating() {
        let _ = fs::remove_dir_all(&expected);
    }
    let mut problems = Vec::new();
    for ((name, edition), built) in editions.iter().zip(built) {
        let (mut compared, files) = match built {
            Ok(built) => built,
            Err(problem) => {
                problems.push(format!("{name} {problem}"));
                continue;
            }
        };
        compared.insert("files".to_owned(), lines(&(&listing(&files) - common)));
        for words in &edition.absent {
            for (path, _) in files.iter().filter(|(_, bytes)| contains(bytes, words.as_bytes())) {
                problems.push(format!("{name} {path}: contains `{words}`, which must be absent"));
            }
        }
        let folder = expected.join(name);
        problems.extend(compared.iter().filter_map(|(path, text)| compare(&folder.join(path), text).err()));
        let strays = tree(&folder).into_keys().filter(|path| !compared.contains_key(path));
        problems.extend(strays.map(|path| format!("{name} {path}: expected, but not written")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The ways to build a case, by name.
type Editions = BTreeMap<String, Edition>;

fn editions(case: &Path) -> Editions {
    match fs::read_to_string(case.join("editions.toml")) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display())),
        Err(_) => BTreeMap::from([(String::new(), Edition::default())]),
    }
}

/// The text to compare, by path, and all output files.
type Built = (BTreeMap<String, String>, BTreeMap<String, Vec<u8>>);

/// Builds a copy of the case twice.
fn build(case: &Path, edition: &Edition) -> Result<Built, String> {
    let site = Site::of_case(case);
    let build = || {
        let report = site.build_with(edition.options());
        if report.published.is_some() { Ok(tree(&site.at("public"))) } else { Err(report.text) }
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
    if let Some(problems) = problems(&site, edition) {
        compared.insert("problems".to_owned(), problems);
    }
    Ok((compared, files))
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// The files of a site except those of the theme and the search.
fn listing(files: &BTreeMap<String, Vec<u8>>) -> BTreeSet<String> {
    let is_listed = |path: &&String| !path.starts_with("_theme/") && !path.starts_with("_search/");
    files.keys().filter(is_listed).cloned().collect()
}

fn lines(paths: &BTreeSet<String>) -> String {
    paths.iter().fold(String::new(), |list, path| list + path + "\n")
}

/// The problems that a check of the edition reports, one per line.
fn problems(site: &Site, edition: &Edition) -> Option<String> {
    let audience = edition.audience.clone();
    let report = site.build_with(Options { dry: true, audience, ..Options::default() });
    let lines = report.problems.iter().fold(String::new(), |lines, problem| format!("{lines}{problem}\n"));
    (!lines.is_empty()).then_some(lines)
}

/// The part of a reader page that programs can rely on.
fn page_contract(html: &str) -> String {
    let start = html.find("<article id=\"source\"").expect("the page has a source");
    let end = start + html[start..].find("</article>").expect("the source is closed") + "</article>".len();
    let mut out = format!("{}\n", with_line_breaks(&html[start..end]));
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

/// The HTML of a text with a line break before each mark and note reference, to make differences readable. Different
/// texts stay different, because every mark and reference gets a break.
fn with_line_breaks(html: &str) -> String {
    html.replace("<mark", "\n<mark").replace("<a class=\"note-ref\"", "\n<a class=\"note-ref\"")
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
fn the_theme_of_a_site_overrides_the_built_in_theme() {
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

#[test]
fn works_cited_on_the_home_page_are_listed_there() {
    let site = Site::small(&[
        ("annotations/_index.md", "As @fox-2020 says.\n"),
        (
            "annotations/works.yaml",
            "fox-2020:\n  type: book\n  title: On foxes\n  author: Reynard, A.\n  date: 2020\n",
        ),
    ]);
    site.build().succeeds();
    let home = site.read("public/index.html");
    assert!(home.contains("href=\"#work-fox-2020\"") && home.contains("id=\"work-fox-2020\""), "{home}");
}

#[test]
fn an_unmatched_quote_of_a_note_with_other_quotes_is_shown() {
    let note = "## Quick? {#quick .marketing-claim}\n\n> quick brown\n\n> lazy cat\n\nIt is not.\n";
    let list = "title = \"T\"\n[build]\norphans = \"list\"\n";
    let site = Site::small(&[("annotations/a.md", note), ("site.toml", list)]);
    site.build().succeeds();
    let page = site.read("public/a/index.html");
    assert!(page.contains("<blockquote class=\"quoted\">lazy cat</blockquote>"), "{page}");
}

#[test]
fn an_excerpt_of_a_preface_keeps_its_citations() {
    let layer = "Preface with @fox-2020 and [@fox-2020, p. 3]. Then on.\n\n\
                 ## Quick? {#quick .marketing-claim}\n\n> quick brown\n\nIt is not.\n";
    let works = "fox-2020: { type: book, title: Foxes, author: \"Fox, Ann\", date: 2020 }\n";
    let arabic = "+++\ntitle = \"ثعلب\"\nlanguage = \"ar\"\n+++\nثعلب\n";
    let site = Site::small(&[
        ("annotations/a.md", layer),
        ("annotations/references.yaml", works),
        ("sources/b.md", arabic),
    ]);
    site.build().succeeds();
    let page = site.read("public/index.html");
    assert!(page.contains("Preface with Fox (1) and (1, p. 3). Then on."), "{page}");
    // A title has a `lang` attribute if its language differs from that of the edition.
    assert!(page.contains("<h3 lang=\"ar\" dir=\"rtl\"><a") && page.contains("<h3><a"), "{page}");
}
