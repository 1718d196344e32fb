//! What the README and `docs/` say is true: the tour works, and nothing that can be asked for is left out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod harness;

use std::path::Path;

use harness::Site;
use postil::diagnostic::Code;

#[test]
fn the_tour_of_the_readme_works() {
    let site = Site::empty();
    let files = files_of_the_tour(&read("README.md"));
    assert_eq!(files.len(), 3, "the tour has three files");
    for (path, text) in &files {
        site.write(path, text);
    }
    site.run(&["check", "--strict"]).ends_with(0);
    site.build().ends_with(0);
    assert!(site.at("public/index.html").is_file());

    // "Change a word in a quote": `check` finds it out, and `--fix` mends it.
    let (path, notes) = files.last().expect("there are three");
    site.write(path, notes.replacen("nine in ten users felt", "nine in ten users feel", 1));
    site.check().ends_with(1);
    site.run(&["check", "--fix", "--yes"]).ends_with(0);
    assert_eq!(site.read(path), *notes);
}

#[test]
fn every_diagnostic_is_in_the_reference() {
    let reference = read("docs/diagnostics.md");
    for code in Code::ALL {
        let row = format!("| `{}` |", code.as_str());
        assert!(reference.contains(&row), "docs/diagnostics.md has no row of {}", code.as_str());
    }
}

#[test]
fn every_option_is_in_the_reference() {
    let reference = read("docs/commands.md");
    for command in ["build", "check"] {
        let help = Site::empty().run(&[command, "--help"]).ends_with(0).stdout;
        let head = format!("`postil {command} ");
        let section = reference.split("\n## ").find(|section| section.starts_with(&head));
        let section = section.unwrap_or_else(|| panic!("docs/commands.md has no section of {command}"));
        let words = help.split_whitespace().map(|word| word.trim_end_matches([':', ',', '.']));
        for option in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(section.contains(option), "docs/commands.md does not tell of {command} {option}");
        }
    }
}

fn read(path: &str) -> String {
    harness::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
}

/// The files that the tour has written: a path at the start of a line, then a block of code.
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
