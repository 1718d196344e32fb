//! Helpers for integration tests: a temporary site, the `postil` command, and comparison with expected files.

#![allow(dead_code, reason = "not every test crate uses everything")]

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The `postil` command, without environment variables that change its output.
pub(crate) fn postil() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postil"));
    command.env_remove("NO_COLOR").env("COLUMNS", "100").stdin(std::process::Stdio::null());
    command
}

/// A site in a temporary folder, which is deleted on drop.
pub(crate) struct Site(TempDir);

impl Site {
    /// An empty folder, without `site.toml`.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be created"))
    }

    /// A site of these files, with a minimal `site.toml` unless there is one among them.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let site = Self::empty();
        site.write("site.toml", "title = \"Test\"\n");
        for (path, text) in files {
            site.write(path, text);
        }
        site
    }

    /// A site of one text, `the quick brown fox`, with one valid note, and of these files.
    pub(crate) fn small(files: &[(&str, &str)]) -> Self {
        let site = Self::of(&[
            ("sources/a.md", "# Fox\n\nThe quick brown fox jumps over the lazy dog.\n"),
            ("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> quick brown\n\nIt is not.\n"),
        ]);
        for (path, text) in files {
            site.write(path, text);
        }
        site
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be created");
        fs::write(path, bytes).expect("the file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        read(&self.at(path))
    }

    /// Runs a command in the site's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(postil().args(arguments).current_dir(self.path()))
    }

    pub(crate) fn build(&self) -> Run {
        self.run(&["build"])
    }

    pub(crate) fn check(&self) -> Run {
        self.run(&["check"])
    }

    /// The diagnostics of `check`.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.run(&["check", "--format", "json"]).problems()
    }

    /// The names in the site's folder, including hidden ones.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path())
            .expect("the site can be read")
            .map(|entry| entry.expect("the site can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// The result of a command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("postil can be run"))
    }

    /// Asserts the exit status.
    #[track_caller]
    pub(crate) fn ends_with(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        self
    }

    /// The diagnostics of `check --format json`.
    #[track_caller]
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let report: serde_json::Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        let list = report["diagnostics"].as_array().expect("diagnostics are a list");
        list.iter().map(Problem::from).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("postil writes UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A diagnostic from JSON output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl From<&serde_json::Value> for Problem {
    fn from(value: &serde_json::Value) -> Self {
        let text = |key: &str| value[key].as_str().expect("a string").to_owned();
        let number = |key: &str| value[key].as_u64().expect("a number");
        Self {
            file: text("file"),
            line: number("line"),
            column: number("column"),
            severity: text("severity"),
            code: text("code"),
            message: text("message"),
            help: value["help"].as_str().map(str::to_owned),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}:{}:{}", self.severity, self.code, self.file, self.line, self.column)
    }
}

/// All files below `folder` by path, with `/` as separator; empty if the folder does not exist.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        entries => entries.expect("the folder can be read"),
    };
    for entry in entries {
        let entry = entry.expect("the folder can be read");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).expect("the file can be read"));
        }
    }
}

/// All entries of a folder of cases, sorted.
pub(crate) fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the cases can be read").path())
        .collect();
    cases.sort();
    cases
}

/// Whether expected files are updated instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// Compares `actual` with the expected file, or updates that file.
pub(crate) fn compare(expected: &Path, actual: &str) -> Result<(), String> {
    if updating() {
        fs::create_dir_all(expected.parent().expect("a file is in a folder"))
            .expect("the folder can be created");
        fs::write(expected, actual).expect("the expected file can be written");
        return Ok(());
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    if wanted == actual {
        return Ok(());
    }
    let (mut ours, mut theirs) = (wanted.lines(), actual.lines());
    let mut line = 1;
    loop {
        match (ours.next(), theirs.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            (a, b) => {
                let (a, b) = (a.unwrap_or("(end of file)"), b.unwrap_or("(end of file)"));
                return Err(format!(
                    "{}:{line}\n  expected: {a}\n    actual: {b}\nset UPDATE_GOLDEN=1 to update it, and review the change",
                    expected.display()
                ));
            }
        }
    }
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
