//! Runs the public test suite of the Citation Style Language.
//!
//! `CSL_TEST_SUITE=FOLDER cargo test --lib csl_suite -- --ignored --nocapture`, where FOLDER contains the files
//! of `processor-tests/humans` from github.com/citation-style-language/test-suite. Citations and reference lists
//! are rendered by the same code as on a page; the HTML elements around entries are not compared.
//! `CSL_TEST_SHOW=PREFIX` shows the failures of tests whose names start with PREFIX.

use std::fs;

use serde_json::Value;

use crate::bibliography::{Bibliography, CitedWork, Cluster, Form, Style};
use crate::diagnostics::{Diagnostics, File};

/// The section of a test file, from `>>===== NAME =====>>` to `<<===== NAME =====<<`.
fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = text.lines().find(|line| line.starts_with(">>=") && line.contains(&format!(" {name} ")))?;
    let end = text.lines().find(|line| line.starts_with("<<=") && line.contains(&format!(" {name} ")))?;
    let from = text.find(start)? + start.len();
    text.get(from..from + text.get(from..)?.find(end)?).map(str::trim)
}

fn cited(item: &Value) -> CitedWork {
    let of = |name: &str| match item.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let label = match of("label").as_str() {
        "" | "page" => "p. ",
        "chapter" => "ch. ",
        "section" => "sec. ",
        "paragraph" => "para. ",
        "volume" => "vol. ",
        "book" => "bk. ",
        "line" => "l. ",
        "figure" => "fig. ",
        "note" => "n. ",
        "part" => "pt. ",
        "verse" => "v. ",
        _ => "",
    };
    let locator = of("locator");
    CitedWork {
        key: of("id"),
        locator: if locator.is_empty() { locator } else { format!("{label}{locator}") },
        prefix: of("prefix").trim_end().to_owned(),
        suffix: of("suffix"),
        author_suppressed: item.get("suppress-author").is_some_and(|value| value == &Value::Bool(true)),
    }
}

fn clusters(text: &str, items: &Value) -> Option<Vec<Cluster>> {
    let list =
        |value: &Value| -> Vec<CitedWork> { value.as_array().into_iter().flatten().map(cited).collect() };
    let groups: Vec<Vec<CitedWork>> = if let Some(groups) = section(text, "CITATION-ITEMS") {
        serde_json::from_str::<Value>(groups).ok()?.as_array()?.iter().map(list).collect()
    } else if section(text, "CITATIONS").is_some() {
        // These tests edit citations interactively, which does not occur on pages.
        return None;
    } else {
        vec![list(items)]
    };
    Some(groups.into_iter().map(|items| Cluster { items, form: Form::Bracketed }).collect())
}

/// HTML without the elements and spaces that only pages or only the suite add.
fn bare(html: &str) -> String {
    let mut out = html
        .replace("&#38;", "&amp;")
        .replace("&#60;", "&lt;")
        .replace("&#62;", "&gt;")
        .replace("&quot;", "\"");
    for (normal, tag) in [("font-style:normal", "i"), ("font-weight:normal", "b")] {
        // Upright text in italics: the suite wraps it in an element, pages close the italics and open them again.
        let open = format!("<span style=\"{normal};\">");
        while let Some(at) = out.find(&open) {
            let Some(end) = out[at..].find("</span>") else { break };
            let inside = out[at + open.len()..at + end].to_owned();
            out = format!("{}</{tag}>{inside}<{tag}>{}", &out[..at], &out[at + end + 7..]);
        }
    }
    for (from, to) in [
        ("<span style=\"font-variant:small-caps;\">", "<sc>"),
        ("<span style=\"text-decoration:underline;\">", "<u>"),
        ("<span class=\"small-caps\">", "<sc>"),
        ("<span class=\"underline\">", "<u>"),
    ] {
        out = out.replace(from, to);
    }
    let mut text = String::new();
    let mut rest = out.as_str();
    while let Some(at) = rest.find('<') {
        text += &rest[..at];
        rest = &rest[at..];
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let tag = &rest[..end];
        if !["<a ", "</a>", "<div", "</div", "<span", "</span"].iter().any(|start| tag.starts_with(start)) {
            text += tag;
        } else if tag.starts_with("<div") || tag.starts_with("</div") {
            text.push('\n');
        }
        rest = &rest[end..];
    }
    text += rest;
    let text = text.replace("</sc>", "").replace("<sc>", "").replace("</u>", "").replace("<u>", "");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn run(text: &str) -> Option<(String, String)> {
    let expected = section(text, "RESULT")?;
    let items: Value = serde_json::from_str(section(text, "INPUT")?).ok()?;
    let csl = section(text, "CSL")?;
    let language =
        csl.split("default-locale=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("en-US");
    let mut diagnostics = Diagnostics::default();
    // Pages put brackets around citations in footnote styles, the suite does not.
    let csl = csl.replace("class=\"note\"", "class=\"in-text\"");
    let style = Style::Csl(File::new("style.csl", csl.clone()));
    let file = File::new("a.json", section(text, "INPUT")?);
    let bibliography = Bibliography::load(&[file], &style, language, &mut diagnostics);
    if diagnostics.has_errors() {
        return Some((bare(expected), "invalid style".to_owned()));
    }
    let list = section(text, "MODE")?.starts_with("bib");
    let clusters = clusters(if list { "" } else { text }, &items)?;
    let found = bibliography.format(&clusters);
    let ours = if list {
        let entry = |work: &crate::bibliography::ListedWork| {
            format!(
                "{}{}",
                work.label.as_ref().map_or_else(String::new, |label| format!("{label}\n")),
                work.html
            )
        };
        found.works.iter().map(entry).collect::<Vec<_>>().join("\n")
    } else {
        found.clusters.join("\n")
    };
    Some((bare(expected).replace('\n', ""), bare(&ours).replace('\n', "")))
}

#[test]
#[ignore = "needs a copy of the CSL test suite"]
fn csl_suite() {
    let folder = std::env::var("CSL_TEST_SUITE").expect("CSL_TEST_SUITE is set to a folder");
    let show = std::env::var("CSL_TEST_SHOW").ok();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), 0);
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        match std::panic::catch_unwind(|| run(&text)) {
            Ok(Some((expected, ours))) if expected == ours => passed += 1,
            Ok(Some((expected, ours))) => {
                if show.as_ref().is_some_and(|show| name.starts_with(show)) {
                    println!("{name}\n  expected {expected}\n  found    {ours}");
                }
                failed.push(name);
            }
            Ok(None) => skipped += 1,
            Err(_) => failed.push(format!("{name} (panic)")),
        }
    }
    println!("{passed} passed, {} failed, {skipped} skipped", failed.len());
    println!("failed: {}", failed.join(" "));
}
