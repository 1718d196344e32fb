//! Tests of the README and `docs/`: examples work, and every code and option is documented.

use std::path::Path;

use crate::harness::library::Code;
use crate::harness::{self, Run, Site, commands, compare, postil};

#[test]
fn the_tour_of_the_readme_works() {
    let site = Site::empty();
    let files = files_of_the_tour(&read("README.md"));
    assert_eq!(files.len(), 3, "the tour has three files");
    for (path, text) in &files {
        site.write(path, text);
    }
    site.run(&["check", "--strict"]).ends_with(0);
    site.run(&["build"]).ends_with(0);
    assert!(site.at("public/index.html").is_file());

    // "Change a word in a quote": `check` reports it, and `--fix` corrects it.
    let (path, notes) = files.last().expect("there are three");
    site.write(path, notes.replacen("nine in ten users felt", "nine in ten users feel", 1));
    site.run(&["check"]).ends_with(1);
    site.run(&["check", "--fix", "--yes"]).ends_with(0);
    assert_eq!(site.read(path), *notes);
}

#[test]
fn every_diagnostic_is_documented() {
    let reference = read("docs/diagnostics.md");
    for code in Code::ALL {
        let row = format!("| `{}` |", code.as_str());
        assert!(reference.contains(&row), "docs/diagnostics.md has no row of {}", code.as_str());
    }
}

#[test]
fn every_option_is_documented() {
    let reference = read("docs/commands.md");
    for command in commands() {
        let help = Site::empty().run(&[&command, "--help"]).ends_with(0).stdout;
        let [head, alone] = [format!("`postil {command} "), format!("`postil {command}`")];
        let mut sections = reference.split("\n## ");
        let section = sections.find(|section| section.starts_with(&head) || section.starts_with(&alone));
        let section = section.unwrap_or_else(|| panic!("docs/commands.md has no section of {command}"));
        let words = help.split_whitespace().map(|word| word.trim_end_matches([':', ',', '.']));
        for option in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(section.contains(option), "docs/commands.md does not mention {command} {option}");
        }
    }
}

fn read(path: &str) -> String {
    harness::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

/// The files that are created in the tour: a path at the start of a line, followed by a code block.
fn files_of_the_tour(readme: &str) -> Vec<(String, String)> {
    let mut lines = readme.lines().skip_while(|line| *line != "## A five-minute tour").skip(1);
    let mut files = Vec::new();
    let mut path = None;
    while let Some(line) = lines.next().filter(|line| !line.starts_with("## ")) {
        if line.starts_with("```") {
            let block = lines.by_ref().take_while(|line| *line != "```");
            let text: String = block.map(|line| format!("{line}\n")).collect();
            files.extend(path.take().map(|path| (path, text)));
        } else if let Some((name, _)) = line.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            path = Some(name.to_owned());
        }
    }
    files
}

#[test]
fn the_tutorial_shows_the_output_of_the_commands() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let tutorial = read("docs/tutorial.md");
    let place = Site::empty();
    let (mut folder, mut file, mut out) = (String::new(), None, String::new());
    let mut lines = tutorial.lines();
    while let Some(line) = lines.next() {
        out.push_str(&format!("{line}\n"));
        if line == "```console" {
            for command in
                lines.by_ref().take_while(|line| *line != "```").filter_map(|line| line.strip_prefix("$ "))
            {
                out.push_str(&format!("$ {command}\n"));
                match command.split_once(' ') {
                    Some(("cd", name)) => folder = format!("{folder}{name}/"),
                    Some(("postil", arguments)) => {
                        let run = Run::of(postil().args(arguments.split(' ')).current_dir(place.at(&folder)));
                        out.push_str(&normalized(&format!("{}{}", run.stderr, run.stdout)));
                    }
                    _ => panic!("the tutorial runs `{command}`"),
                }
            }
            out.push_str("```\n");
        } else if line.starts_with("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = format!("{}\n", block.join("\n"));
            out.push_str(&format!("{text}```\n"));
            let name: String = file.take().expect("a block of the tutorial is a file");
            place.write(&format!("{folder}{name}"), text);
        } else if let Some(name) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            file = Some(name.to_owned());
        }
    }
    compare(&path, &out).unwrap();
    assert!(place.at("reader/public/tonic/index.html").is_file());
}

/// The output of a command, without times and sizes.
fn normalized(output: &str) -> String {
    let mut out = String::new();
    for line in output.lines() {
        let line = match (line.split_once(" in "), line.split_once(": ")) {
            (Some(_), Some((built, _))) if line.starts_with("built ") => {
                format!("{built}: … files, … kB in … ms")
            }
            (Some((checked, rest)), _) if line.starts_with("checked ") => {
                let result = rest.split_once(": ").map_or("", |(_, result)| result);
                format!("{checked} in … ms: {result}")
            }
            _ => line.to_owned(),
        };
        out.push_str(&format!("{line}\n"));
    }
    out
}

#[test]
fn pages_conform_to_the_recommended_content_security_policy() {
    let site = Site::empty();
    site.run(&["init", "reader"]).ends_with(0);
    site.run(&["build", "reader", "--quiet"]).ends_with(0);
    let pages: Vec<(String, Vec<u8>)> = harness::tree(&site.at("reader/public"))
        .into_iter()
        .filter(|(path, _)| path.ends_with(".html"))
        .collect();
    assert!(pages.len() >= 3);
    for (path, bytes) in pages {
        let page = String::from_utf8(bytes).unwrap();
        for inline in ["<style", " style=", "javascript:", " onclick=", " onload=", "<base ", "<iframe"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(" src=") || tag.contains("application/ld+json"),
                "{path} has an inline script: {tag}"
            );
        }
    }
}
