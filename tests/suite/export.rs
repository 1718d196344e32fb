//! Tests of `postil export`, and of what `build` writes for hosts and beside the pages.
//!
//! `tests/export/hard` is a site with all features of Markdown, three scripts, and a note for teachers. Each file is
//! read back here with other code than that which wrote it; outside programs are named in `docs/exporting.md`.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;
use scraper::{Html, Selector};

use crate::harness::{Run, Site, postil, tree};

/// All formats, each with the end of the names of its files.
const FORMATS: [&str; 8] = ["cartridge", "csv", "docx", "epub", "gift", "html", "worksheet", "zip"];
/// The words of the note for teachers, its id, and the work that only it cites.
const SECRET: [&str; 4] = ["Xylophone", "zanzibar", "For teachers only", "Quokka"];

fn hard() -> Site {
    Site::of_case(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/hard"))
}

/// The files of an export.
fn export(site: &Site, arguments: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let output = format!("{}/", folder.path().display());
    let run = site.run(&[&["export", "--site", ".", "-o", &output] as &[&str], arguments].concat());
    run.ends_with(0);
    tree(folder.path())
}

fn only(mut files: BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    assert_eq!(files.len(), 1, "{:?}", files.keys());
    files.pop_first().unwrap().1
}

/// The files in a zip archive.
fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().to_string(), bytes);
    }
    files
}

/// All bytes of an export, with the files in archives unpacked, and archives in them.
fn everything(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(b"PK") {
        return bytes.to_vec();
    }
    unzip(bytes)
        .into_iter()
        .flat_map(|(name, bytes)| [name.into_bytes(), everything(&bytes)].concat())
        .collect()
}

fn contains(bytes: &[u8], words: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(words)
}

fn fold(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The reading text of a text in the built site.
fn reading(site: &Site, text: &str) -> String {
    site.build().succeeds();
    let page = Html::parse_document(&site.read(&format!("public/{text}/index.html")));
    let source = Selector::parse("#source").unwrap();
    page.select(&source).next().unwrap().text().collect()
}

/// An event of an XML part of a Word document: a tag with its attributes, or text.
enum Part {
    Start(String, BTreeMap<String, String>),
    End(String),
    Text(String),
}

fn parts(xml: &[u8]) -> Vec<Part> {
    let text = std::str::from_utf8(xml).unwrap();
    let mut reader = Reader::from_str(text);
    let mut all = Vec::new();
    let start = |tag: &quick_xml::events::BytesStart<'_>| {
        let attributes = tag.attributes().map(|attribute| attribute.unwrap());
        let attributes =
            attributes.map(|one| (one.key.as_ref().to_string(), one.value.to_string())).collect();
        (tag.name().as_ref().to_string(), attributes)
    };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let (name, attributes) = start(&tag);
                all.push(Part::Start(name, attributes));
            }
            Event::Empty(tag) => {
                let (name, attributes) = start(&tag);
                all.push(Part::Start(name.clone(), attributes));
                all.push(Part::End(name));
            }
            Event::End(tag) => all.push(Part::End(tag.name().as_ref().to_string())),
            Event::Text(words) => all.push(Part::Text(words.to_string())),
            Event::GeneralRef(reference) => all.push(Part::Text(
                match reference.to_string().as_str() {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    other => panic!("unexpected reference {other}"),
                }
                .to_owned(),
            )),
            Event::Eof => return all,
            _ => {}
        }
    }
}

/// Paragraph and character styles of what Postil adds to a text.
const ADDED: [&str; 8] = [
    "Title",
    "Subtitle",
    "WorksHeading",
    "Work",
    "AfterTable",
    "FootnoteReference",
    "Alternative",
    "CommentReference",
];

/// The words of a Word document's body without what Postil adds, and the words in the range of each comment.
fn words(document: &[u8]) -> (String, BTreeMap<String, String>) {
    let mut words = String::new();
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    let mut ranges = BTreeMap::new();
    let (mut of_paragraph, mut of_run, mut in_text) = (String::new(), String::new(), false);
    for part in parts(document) {
        match part {
            Part::Start(name, attributes) => {
                let value = |key: &str| attributes.get(key).cloned().unwrap_or_default();
                match name.as_str() {
                    "w:p" => of_paragraph.clear(),
                    "w:r" => of_run.clear(),
                    "w:pStyle" => of_paragraph = value("w:val"),
                    "w:rStyle" => of_run = value("w:val"),
                    "w:t" => in_text = true,
                    "w:br" | "w:tab" => {
                        words.push('\n');
                        open.values_mut().for_each(|range| range.push('\n'));
                    }
                    "w:commentRangeStart" => _ = open.insert(value("w:id"), String::new()),
                    "w:commentRangeEnd" => {
                        let range = open.remove(&value("w:id")).expect("an end has a start");
                        ranges.insert(value("w:id"), range);
                    }
                    _ => {}
                }
            }
            Part::End(name) => match name.as_str() {
                "w:t" => in_text = false,
                "w:p" => {
                    words.push('\n');
                    open.values_mut().for_each(|range| range.push('\n'));
                }
                _ => {}
            },
            Part::Text(text) if in_text => {
                open.values_mut().for_each(|range| range.push_str(&text));
                if ![&of_paragraph, &of_run].iter().any(|style| ADDED.contains(&style.as_str())) {
                    words.push_str(&text);
                }
            }
            Part::Text(_) => {}
        }
    }
    assert!(open.is_empty(), "a comment has no end");
    (words, ranges)
}

#[test]
fn exports_do_not_depend_on_the_surroundings() {
    let site = hard();
    for format in FORMATS {
        let written = |zone: &str, language: &str, threads: &str| {
            let folder = tempfile::tempdir().unwrap();
            let output = format!("{}/", folder.path().display());
            let mut command = postil();
            command.current_dir(site.path()).args(["export", "--to", format, "-o", &output]);
            command.env("TZ", zone).env("LC_ALL", language).env("RAYON_NUM_THREADS", threads);
            Run::of(&mut command).ends_with(0);
            tree(folder.path())
        };
        let first = written("UTC", "C", "1");
        assert!(!first.is_empty());
        assert!(first == written("Asia/Tokyo", "de_DE.UTF-8", "4"), "{format} differs");
    }
}

#[test]
fn notes_for_another_audience_leave_no_trace() {
    let site = hard();
    for format in FORMATS {
        for (path, bytes) in export(&site, &["--to", format]) {
            let bytes = everything(&bytes);
            for words in SECRET {
                assert!(!contains(&bytes, words), "{format} {path} contains `{words}`");
            }
        }
        if format != "worksheet" {
            let files = export(&site, &["--to", format, "--audience", "teacher"]);
            let all: Vec<u8> = files.values().flat_map(|bytes| everything(bytes)).collect();
            assert!(contains(&all, "Xylophone"), "{format} lacks the note for teachers");
        }
    }
}

#[test]
fn word_documents_have_the_words_of_the_text() {
    let site = hard();
    let files = export(&site, &["--to", "docx"]);
    for text in ["hard", "rtl", "cjk"] {
        let document = unzip(&files[&format!("{text}.docx")]);
        let (words, _) = words(&document["word/document.xml"]);
        assert_eq!(fold(&words), fold(&reading(&site, text)), "{text}");
    }
    for form in ["none", "endnotes"] {
        let files = export(&site, &["--to", "docx", "--notes", form, "rtl"]);
        let document = unzip(&files["rtl.docx"]);
        assert_eq!(fold(&words(&document["word/document.xml"]).0), fold(&reading(&site, "rtl")), "{form}");
        assert_eq!(document.contains_key("word/endnotes.xml"), form == "endnotes");
        assert!(!document.contains_key("word/comments.xml"));
    }
}

#[test]
fn comments_are_on_the_exact_words() {
    let site = hard();
    let files = export(&site, &["--to", "docx"]);
    for text in ["hard", "rtl", "cjk"] {
        let document = unzip(&files[&format!("{text}.docx")]);
        let (_, ranges) = words(&document["word/document.xml"]);
        let mut found: Vec<String> = ranges.values().map(|range| fold(range)).collect();
        site.build().succeeds();
        let json = site.read(&format!("public/{text}/annotations.jsonld"));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let targets = json["first"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|item| item["target"].as_array().unwrap());
        for exact in targets.filter_map(|target| target["selector"][0]["exact"].as_str()) {
            let at = found.iter().position(|range| *range == fold(exact));
            found.remove(at.unwrap_or_else(|| panic!("{text}: no comment on `{exact}`")));
        }
        // What is left is on the title: the preface, and notes on the text as a whole.
        let comments = String::from_utf8(document["word/comments.xml"].clone()).unwrap();
        assert_eq!(comments.matches("<w:comment ").count(), ranges.len());
        assert_eq!(found.len(), if text == "hard" { 2 } else { 0 }, "{found:?}");
        assert!(comments.contains("w:author=") && comments.contains("w:date=\"2026-"));
    }
}

#[test]
fn all_parts_of_a_word_document_are_well_formed_and_known() {
    let site = hard();
    for arguments in [["--to", "docx", "--notes", "comments"], ["--to", "docx", "--notes", "endnotes"]] {
        let document = unzip(&export(&site, &arguments)["hard.docx"]);
        let types = String::from_utf8(document["[Content_Types].xml"].clone()).unwrap();
        for (name, bytes) in
            document.iter().filter(|(name, _)| name.ends_with(".xml") || name.ends_with(".rels"))
        {
            assert!(!parts(bytes).is_empty(), "{name}");
            let is_listed = types.contains(&format!("PartName=\"/{name}\""));
            assert!(is_listed || name.ends_with(".rels") || name.starts_with('['), "{name}");
        }
        // Every relationship leads to a part.
        for (name, bytes) in document.iter().filter(|(name, _)| name.starts_with("word/_rels/")) {
            for part in parts(bytes) {
                let Part::Start(tag, attributes) = part else { continue };
                if tag == "Relationship" && !attributes.contains_key("TargetMode") {
                    let target = format!("word/{}", attributes["Target"]);
                    assert!(document.contains_key(&target), "{name}: {target}");
                }
            }
        }
    }
}

#[test]
fn a_worksheet_has_numbered_lines_and_no_note() {
    let site = hard();
    let document = unzip(&export(&site, &["--to", "worksheet", "hard"])["hard-worksheet.docx"]);
    let all: Vec<u8> = document.values().flat_map(|bytes| everything(bytes)).collect();
    assert!(contains(&all, "<w:lnNumType") && contains(&all, "Misleading"));
    for words in ["Body of the note", "About the text as a whole", "Smith", "w:comment", "E. Ditor"] {
        assert!(!contains(&all, words), "{words}");
    }
}

#[test]
fn a_book_is_packed_as_epub_requires_and_its_links_lead_somewhere() {
    let site = hard();
    let bytes = only(export(&site, &["--to", "epub"]));
    assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
    let files = unzip(&bytes);
    let mut targets = std::collections::BTreeSet::new();
    let mut links = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".xhtml")) {
        for part in parts(bytes) {
            let Part::Start(_, attributes) = part else { continue };
            if let Some(id) = attributes.get("id") {
                assert!(targets.insert(format!("{name}#{id}")), "{name}: duplicate id {id}");
            }
            let urls = ["href", "src"].iter().filter_map(|key| attributes.get(*key)).cloned();
            links.extend(urls.filter(|url| !url.contains(':')).map(|url| (name.clone(), url)));
        }
        targets.insert(name.clone());
    }
    targets.extend(files.keys().cloned());
    for (from, url) in &links {
        let url = percent_encoding::percent_decode_str(url).decode_utf8().unwrap();
        let target = if url.starts_with('#') { format!("{from}{url}") } else { url.to_string() };
        assert!(targets.contains(&target), "{from}: no {target}");
    }
    for (number, text) in ["cjk", "hard", "rtl"].into_iter().enumerate() {
        let chapter = String::from_utf8(files[&format!("text-{:04}.xhtml", number + 1)].clone()).unwrap();
        let inner = chapter.split_once("<div id=\"source\"").unwrap().1.split_once('>').unwrap().1;
        let inner = inner.split_once("</div><section epub:type=\"footnotes\"").unwrap().0;
        let words: String = Html::parse_fragment(inner).root_element().text().collect();
        assert_eq!(words, reading(&site, text), "{text}");
    }
    for name in ["META-INF/my.annotation", "META-INF/annotations.ann"] {
        let set: serde_json::Value = serde_json::from_slice(&files[name]).unwrap();
        for item in set["items"].as_array().unwrap() {
            let (target, selectors) = (&item["target"], &item["target"]["selector"]);
            let text = match target["source"].as_str().unwrap() {
                "text-0001.xhtml" => "cjk",
                "text-0002.xhtml" => "hard",
                _ => "rtl",
            };
            let position = &selectors[1]["refinedBy"];
            let at = |key: &str| usize::try_from(position[key].as_u64().unwrap()).unwrap();
            let page = site.read(&format!("public/{text}/index.html"));
            let page = Html::parse_document(&page);
            let words: String =
                page.select(&Selector::parse("#source").unwrap()).next().unwrap().text().collect();
            let found: String = words.chars().skip(at("start")).take(at("end") - at("start")).collect();
            assert_eq!(selectors[0]["exact"], found.as_str());
        }
    }
}

#[test]
fn one_html_file_has_the_text_and_loads_nothing() {
    let site = hard();
    for (path, bytes) in export(&site, &["--to", "html"]) {
        let page = Html::parse_document(std::str::from_utf8(&bytes).unwrap());
        let source: String =
            page.select(&Selector::parse("#source").unwrap()).next().unwrap().text().collect();
        let text = path.trim_end_matches(".html");
        assert_eq!(source, reading(&site, text));
        for element in page.select(&Selector::parse("[src], link[href], [srcset], [poster]").unwrap()) {
            let url = element.attr("src").or(element.attr("href")).unwrap_or("missing");
            assert!(url.starts_with("data:"), "{path}: {}", element.html());
        }
        for link in page.select(&Selector::parse("a[href]").unwrap()) {
            let url = link.attr("href").unwrap();
            assert!(url.starts_with(['#']) || url.contains(':'), "{path}: {url}");
        }
        assert!(!contains(&bytes, "url(_") && !contains(&bytes, "@import"));
    }
}

#[test]
fn the_site_is_packed_under_one_folder() {
    let site = hard();
    site.build().succeeds();
    let mut built = tree(&site.at("public"));
    built.remove(".postil");
    let packed = unzip(&only(export(&site, &["--to", "zip"])));
    let packed: BTreeMap<String, Vec<u8>> =
        packed.into_iter().map(|(path, bytes)| (path.split_once('/').unwrap().1.to_owned(), bytes)).collect();
    assert!(packed == built, "{:?}", packed.keys().zip(built.keys()).find(|(one, other)| one != other));
}

#[test]
fn a_cartridge_lists_every_file() {
    let site = hard();
    let files = unzip(&only(export(&site, &["--to", "cartridge"])));
    let mut listed = Vec::new();
    let (mut needed, mut resources) = (Vec::new(), Vec::new());
    for part in parts(&files["imsmanifest.xml"]) {
        let Part::Start(name, attributes) = part else { continue };
        match name.as_str() {
            "file" => {
                let href = percent_encoding::percent_decode_str(&attributes["href"]).decode_utf8().unwrap();
                listed.push(href.into_owned());
            }
            "resource" => resources.push(attributes["identifier"].clone()),
            _ => needed.extend(attributes.get("identifierref").cloned()),
        }
    }
    listed.push("imsmanifest.xml".to_owned());
    listed.sort();
    assert_eq!(listed, files.into_keys().collect::<Vec<_>>());
    assert!(needed.len() > 6 && needed.iter().all(|id| resources.contains(id)), "{needed:?}");
}

#[test]
fn a_table_has_a_row_for_each_note() {
    let site = Site::small(&[(
        "annotations/a.md",
        "## =1+1, \"quoted\" {#quick .marketing-claim verdict=supported}\n\n> quick brown\n\n- one\n- two\n",
    )]);
    let csv = String::from_utf8(only(export(&site, &["--to", "csv"]))).unwrap();
    let (head, rows) = csv.split_once("\r\n").unwrap();
    assert!(head.starts_with("\u{feff}text,text_title,number,id,kind,"), "{head}");
    assert_eq!(
        rows,
        "a,Fox,1,quick,Marketing claim,Supported,sound,\"'=1+1, \"\"quoted\"\"\",quick brown,2,,\"one\ntwo\",,,,,a,,,,,passage,\r\n"
    );
}

#[test]
fn questions_have_one_right_answer() {
    let site = hard();
    let questions = String::from_utf8(only(export(&site, &["--to", "gift"]))).unwrap();
    let blocks: Vec<&str> = questions.split("\n\n").filter(|block| block.starts_with("::")).collect();
    assert!(blocks.len() > 20, "{questions}");
    for block in blocks {
        let count = |mark: &str| block.lines().filter(|line| line.starts_with(mark)).count();
        assert_eq!((count("\t="), count("\t####")), (1, 1), "{block}");
        assert!(count("\t~") >= 1, "{block}");
    }
}

#[test]
fn texts_are_chosen_by_path() {
    let site = Site::small(&[("sources/b/c.md", "C.\n"), ("sources/b/d.md", "D.\n")]);
    assert_eq!(export(&site, &["--to", "docx", "sources/a.md"]).into_keys().collect::<Vec<_>>(), ["a.docx"]);
    assert_eq!(
        export(&site, &["--to", "docx", "b"]).into_keys().collect::<Vec<_>>(),
        ["b/c.docx", "b/d.docx"]
    );
    let run = site.run(&["export", "--to", "docx", "bb/c"]).ends_with(1);
    assert!(
        run.stderr.contains("no such text: `bb/c`") && run.stderr.contains("write `b/c`"),
        "{}",
        run.stderr
    );
    site.run(&["export", "--to", "nothing"]).ends_with(2);
    site.run(&["export", "--to", "docx", "--notes", "margin"]).ends_with(2);
}

#[test]
fn exports_do_not_overwrite_texts_or_notes() {
    let site = Site::small(&[]);
    let run = site.run(&["export", "--to", "csv", "-o", "sources/a.md"]).ends_with(1);
    assert!(run.stderr.contains("contains texts or notes"), "{}", run.stderr);
    assert!(site.read("sources/a.md").starts_with("# Fox"));
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> slow\n\nIt is not.\n");
    let run = site.run(&["export", "--to", "csv", "-o", "x.csv"]).ends_with(1);
    assert!(run.stderr.contains("nothing was exported"), "{}", run.stderr);
    assert!(!site.at("x.csv").exists());
}

#[test]
fn build_writes_the_formats_of_site_toml_and_links_them() {
    let formats: Vec<String> = FORMATS.iter().map(|format| format!("\"{format}\"")).collect();
    let table = format!("title = \"Test\"\n[export]\nformats = [{}]\n", formats.join(", "));
    let site = Site::small(&[("site.toml", &table)]);
    site.build().succeeds();
    let files = tree(&site.at("public"));
    for path in [
        "a/a.docx",
        "a/a-worksheet.docx",
        "a/a.html",
        "test.csv",
        "test.epub",
        "test.gift.txt",
        "test.zip",
        "test.imscc",
    ] {
        assert!(files.contains_key(path), "{path}");
    }
    let page = site.read("public/a/index.html");
    for link in ["href=\"a.docx\"", "href=\"a-worksheet.docx\"", "href=\"../test.epub\""] {
        assert!(page.contains(link), "{link}");
    }
    assert!(site.read("public/index.html").contains("href=\"test.epub\""));
    // The exported pages do not link to exports that they come without.
    assert!(!contains(&files["a/a.html"], "a.docx"));
    let wrong = Site::small(&[("site.toml", "[export]\nformats = [\"epup\"]\n")]);
    let run = wrong.run(&["check"]).ends_with(1);
    assert!(run.stderr.contains("unknown export format `epup`") && run.stderr.contains("write `epub`"));
}

#[test]
fn a_build_writes_what_hosts_look_for() {
    let site = Site::small(&[]);
    site.build().succeeds();
    assert!(site.at("public/.nojekyll").exists() && !site.at("public/robots.txt").exists());
    assert!(site.read("public/404.html").contains("Page not found"));
    site.write("site.toml", "title = \"Test\"\nbase_url = \"https://example.org/x/\"\n");
    site.build().succeeds();
    assert!(site.read("public/robots.txt").contains("Sitemap: https://example.org/x/sitemap.xml"));
    assert!(site.read("public/404.html").contains("href=\"https://example.org/x/\""));
}

#[test]
fn files_of_others_in_the_output_stay_or_are_named() {
    let site = Site::small(&[("site.toml", "title = \"Test\"\n[build]\nkeep = [\"CNAME\", \".git\"]\n")]);
    site.build().succeeds();
    site.write("public/CNAME", "example.org\n");
    site.write("public/.git/HEAD", "ref\n");
    site.write("public/.DS_Store", "x");
    site.build().succeeds();
    assert_eq!(site.read("public/CNAME"), "example.org\n");
    assert_eq!(site.read("public/.git/HEAD"), "ref\n");
    assert!(!site.at("public/.DS_Store").exists());
    site.write("public/google.html", "mine\n");
    let run = site.run(&["build"]).ends_with(1);
    assert!(run.stderr.contains("contains `google.html`, which no build wrote"), "{}", run.stderr);
    assert_eq!(site.read("public/google.html"), "mine\n");
    site.write("site.toml", "[build]\nkeep = [\"../x\"]\n");
    assert!(site.run(&["check"]).ends_with(1).stderr.contains("invalid name `../x` in `keep`"));
}

#[test]
fn an_empty_site_builds_and_takes_the_built_in_theme() {
    let site = Site::empty();
    site.run(&["init", "book", "--empty"]).ends_with(0);
    let run = site.run(&["build", "book"]).ends_with(0);
    assert_eq!(run.stderr, "");
    let run = site.run(&["theme", "--into", "book/theme"]).ends_with(0);
    assert!(run.stdout.starts_with("wrote "), "{}", run.stdout);
    let run = site.run(&["build", "book"]).ends_with(0);
    assert_eq!(run.stderr, "");
    site.write("book/theme/style.css", "body{}\n");
    let run = site.run(&["theme", "--into", "book/theme"]).ends_with(0);
    assert!(run.stdout.starts_with("wrote 0 files"), "{}", run.stdout);
    assert_eq!(site.read("book/theme/style.css"), "body{}\n");
}
