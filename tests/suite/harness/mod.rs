//! Support for integration tests: temporary sites, the `postil` command, calls of the library, and comparison with
//! expected files.

pub(crate) mod files;
pub(crate) mod library;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub(crate) use files::{cases, compare, read, tree, updating};
pub(crate) use library::{Options, Report};

/// The path of the `postil` command.
pub(crate) const POSTIL: &str = env!("CARGO_BIN_EXE_postil");

/// The commands of the program, in the order of its help.
pub(crate) fn commands() -> Vec<String> {
    let help = Run::of(postil().arg("--help")).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.map_while(|line| line.split_whitespace().next().map(str::to_owned));
    names.filter(|name| name != "help").collect()
}

/// The `postil` command, without the environment variables that change its output.
pub(crate) fn postil() -> Command {
    let mut command = Command::new(POSTIL);
    command.env_remove("NO_COLOR").env("COLUMNS", "100").stdin(std::process::Stdio::null());
    command
}

/// A site in a temporary folder, which is deleted when the site is dropped.
pub(crate) struct Site(TempDir);

impl Site {
    /// An empty folder, without `site.toml`.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be created"))
    }

    /// A site of these files, with a minimal `site.toml` unless they include one.
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

    /// A copy of the site in a folder of cases, without the files with expectations.
    pub(crate) fn of_case(case: &Path) -> Self {
        let site = Self::empty();
        for (path, bytes) in tree(case) {
            if !path.starts_with("expected/") && path != "editions.toml" && path != "pages" {
                site.write(&path, bytes);
            }
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
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be created");
        fs::write(path, bytes).expect("the file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        read(&self.at(path))
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

    /// Builds the site with the library, in this process.
    pub(crate) fn build(&self) -> Report {
        self.build_with(Options::default())
    }

    /// Builds the site with the library and these options.
    pub(crate) fn build_with(&self, options: Options) -> Report {
        library::build(Options { site: self.path().to_owned(), ..options })
    }

    /// Checks the site with the library, in this process.
    pub(crate) fn check(&self) -> Report {
        self.build_with(Options { dry: true, ..Options::default() })
    }

    /// Runs the `postil` command in the site's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(postil().args(arguments).current_dir(self.path()))
    }
}

/// The exit status and output of a command.
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

    /// Asserts the exit status and returns the run.
    #[track_caller]
    pub(crate) fn ends_with(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self:#?}");
        self
    }

    /// The diagnostics of `check --format json`.
    #[track_caller]
    pub(crate) fn problems(&self) -> Vec<Problem> {
        Problem::all(&self.stdout)
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

impl Problem {
    /// The problems in a JSON report.
    #[track_caller]
    pub(crate) fn all(json: &str) -> Vec<Self> {
        let report: serde_json::Value =
            serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
        let list = report["diagnostics"].as_array().expect("diagnostics are a list");
        list.iter().map(Self::from).collect()
    }
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
