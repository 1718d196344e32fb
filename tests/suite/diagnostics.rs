//! Tests of diagnostics: each file or folder in `tests/diagnostics/CODE` is a case.
//!
//! A case is the site of [`Site::small`] with added or replaced files: either a TOML file whose keys are
//! their paths, or a folder. `¶` in a file marks a location at which `check` must report the code of the
//! folder; the mark is removed from the file. `at = ["file:line:column"]` does the same where a mark is not
//! possible. `severity` is `error` by default, and `also` are other codes that are reported too. The expected
//! output is in a `.txt` file beside the case.
//!
//! `UPDATE_GOLDEN=1 cargo test --test suite diagnostics` updates the expected output; review the changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::library::Code;
use crate::harness::{Options, Problem, Site, cases, compare, read, tree};

/// Marks an expected location.
const MARK: char = '¶';

/// The file with the expectations of a case that is a folder.
const CASE: &str = "case.toml";

#[test]
fn problems_are_reported_with_their_locations() {
    let mut failures = Vec::new();
    for code in cases("diagnostics") {
        for case in cases(&format!("diagnostics/{}", name(&code))).iter().filter(|case| !is_expected(case)) {
            if let Err(problem) = Case::read(case, &name(&code)).verify(&case.with_extension("txt")) {
                failures.push(format!("{}/{}\n{problem}", name(&code), name(case)));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn every_code_has_a_case() {
    let folders: Vec<String> = cases("diagnostics").iter().map(|folder| name(folder)).collect();
    for code in Code::ALL.iter().map(|code| code.as_str()) {
        assert!(folders.iter().any(|folder| folder == code), "add a case to tests/diagnostics/{code}");
        assert!(!cases(&format!("diagnostics/{code}")).is_empty(), "add a case to tests/diagnostics/{code}");
    }
    for folder in &folders {
        assert!(Code::ALL.iter().any(|code| code.as_str() == folder), "unknown code {folder}");
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_expected(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "txt")
}

/// A site with a problem, and the expectations.
struct Case {
    site: Site,
    code: String,
    severity: String,
    places: Vec<String>,
    also: Vec<String>,
    audience: Option<String>,
    links: bool,
}

impl Case {
    fn read(path: &Path, code: &str) -> Self {
        let (mut table, files) = parts(path);
        let mut list = |key: &str| -> Vec<String> {
            let value = table.remove(key).unwrap_or(toml::Value::Array(Vec::new()));
            value.try_into().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let (mut places, also) = (list("at"), list("also"));
        let audience = table.remove("audience").and_then(|name| name.as_str().map(str::to_owned));
        let links = table.remove("links").is_some();
        let severity = table
            .remove("severity")
            .map_or("error".to_owned(), |value| value.as_str().unwrap_or_default().to_owned());
        let site = Site::small(&[]);
        let written = table
            .into_iter()
            .map(|(path, text)| (path, text.as_str().unwrap_or_default().as_bytes().to_vec()));
        for (path, bytes) in files.into_iter().chain(written) {
            match String::from_utf8(bytes) {
                Ok(text) => {
                    let (text, marks) = without_marks(&text);
                    places.extend(marks.into_iter().map(|(line, column)| format!("{path}:{line}:{column}")));
                    site.write(&path, text);
                }
                Err(error) => site.write(&path, error.as_bytes()),
            }
        }
        places.sort();
        Self { site, code: code.to_owned(), severity, places, also, audience, links }
    }

    fn verify(&self, expected: &Path) -> Result<(), String> {
        let options =
            Options { dry: true, audience: self.audience.clone(), links: self.links, ..Options::default() };
        let report = self.site.build_with(options);
        let (ours, others): (Vec<Problem>, Vec<Problem>) =
            report.problems.into_iter().partition(|problem| problem.code == self.code);
        for problem in &ours {
            self.check_style(problem)?;
        }
        let mut places: Vec<String> =
            ours.iter().map(|p| format!("{}:{}:{}", p.file, p.line, p.column)).collect();
        places.sort();
        equal("places", &self.places, &places)?;
        let mut others: Vec<String> = others.into_iter().map(|problem| problem.code).collect();
        others.sort();
        equal("other codes", &self.also, &others)?;
        let has_errors = self.severity == "error" || report.text.contains("error[");
        equal("errors", &[has_errors.to_string()], &[(report.errors > 0).to_string()])?;
        compare(expected, &report.text)
    }

    /// Messages are in lower case without a full stop, and there is a help.
    fn check_style(&self, problem: &Problem) -> Result<(), String> {
        equal("severities", std::slice::from_ref(&self.severity), std::slice::from_ref(&problem.severity))?;
        let help = problem.help.as_deref().ok_or("no help")?;
        for words in [problem.message.as_str(), help] {
            if words.is_empty() || words.ends_with('.') || words.starts_with(char::is_uppercase) {
                return Err(format!("not in lower case, or with a full stop: {words}"));
            }
        }
        Ok(())
    }
}

fn equal(what: &str, expected: &[String], actual: &[String]) -> Result<(), String> {
    if expected == actual {
        Ok(())
    } else {
        Err(format!("{what}\n  expected: {expected:?}\n    actual: {actual:?}"))
    }
}

/// The expectations and the files of a case.
fn parts(path: &Path) -> (toml::Table, BTreeMap<String, Vec<u8>>) {
    let table = |path: &Path| {
        toml::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    if path.is_file() {
        return (table(path), BTreeMap::new());
    }
    let mut files = tree(path);
    files.remove(CASE);
    let expectations = if fs::exists(path.join(CASE)).unwrap_or(false) {
        table(&path.join(CASE))
    } else {
        toml::Table::new()
    };
    (expectations, files)
}

/// A text without its marks, and the line and column of each.
fn without_marks(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut clean, mut marks) = (String::new(), Vec::new());
    let (mut line, mut column) = (1, 1);
    for c in text.chars() {
        if c == MARK {
            marks.push((line, column));
            continue;
        }
        clean.push(c);
        column += usize::from(c != '\u{feff}');
        if c == '\n' {
            (line, column) = (line + 1, 1);
        }
    }
    (clean, marks)
}
