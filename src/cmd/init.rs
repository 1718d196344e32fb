//! `postil init`: creates a small complete example site.
//!
//! Its files are in `src/init/`. They explain themselves, and a test builds them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::report::{print, print_diagnostics};
use crate::diagnostics::render::count;
use crate::diagnostics::{Code, Diagnostic, Place, io_reason};

/// The files of the site: path and contents.
const FILES: [(&str, &str); 8] = [
    (".gitignore", include_str!("../init/gitignore")),
    ("annotations/_index.md", include_str!("../init/annotations/_index.md")),
    ("annotations/_pages/making.md", include_str!("../init/annotations/_pages/making.md")),
    ("annotations/references.yaml", include_str!("../init/annotations/references.yaml")),
    ("annotations/window-lamp.md", include_str!("../init/annotations/window-lamp.md")),
    ("site.toml", include_str!("../init/site.toml")),
    ("sources/window-lamp/index.md", include_str!("../init/sources/window-lamp/index.md")),
    ("sources/window-lamp/original.txt", include_str!("../init/sources/window-lamp/original.txt")),
];

/// The files of a site without texts and notes.
const EMPTY: [(&str, &str); 4] = [
    (".gitignore", include_str!("../init/gitignore")),
    ("annotations/_index.md", include_str!("../init/empty/_index.md")),
    ("site.toml", include_str!("../init/empty/site.toml")),
    ("sources/.gitkeep", ""),
];

/// Arguments of `postil init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil init reader        create the folder reader/ with a site in it
  postil init .             use the current folder, which must be empty
  postil init book --empty  only the folders and a short site.toml

Without --empty, the site contains one text, notes of each kind, and the works they cite. Comments in the files explain them.")]
pub(super) struct Init {
    /// The folder to create, or an existing empty folder
    dir: PathBuf,
    /// Leave out the example text and its notes
    #[arg(long)]
    empty: bool,
}

impl Init {
    /// Writes the site and prints the next steps.
    pub(super) fn run(self) -> ExitCode {
        let files: &[(&str, &str)] = if self.empty { &EMPTY } else { &FILES };
        if let Err(problem) = write(&self.dir, files) {
            print_diagnostics(&[*problem]);
            return ExitCode::from(1);
        }
        let here = self.dir.as_os_str() == ".";
        print(&format!("created a site in {}: {}", self.dir.display(), count(files.len(), "file", "files")));
        print("");
        if !here {
            print(&format!("  cd {}", self.dir.display()));
        }
        if self.empty {
            print("  postil import FILE     import a text, or put one into sources/");
        }
        print("  postil serve --edit   serve the site; select words in a page to write a note");
        print("  postil check          check that every note matches its passage");
        print("  postil build          build the pages, then open public/index.html");
        if self.empty {
            return ExitCode::SUCCESS;
        }
        print("");
        print("to see how notes are written, compare annotations/window-lamp.md with its page");
        ExitCode::SUCCESS
    }
}

/// Writes all files into `folder`, which must be empty or not exist.
fn write(folder: &Path, files: &[(&str, &str)]) -> Result<(), Box<Diagnostic>> {
    let failed = |path: &Path, cause: io::Error| {
        let message = format!("cannot write the file: {}", io_reason(&cause));
        let place = Place::of_path(path.display().to_string());
        Box::new(
            Diagnostic::error(Code::SitePath, place, message).help("choose a folder that you can write to"),
        )
    };
    if let Some(name) = first_entry(folder).map_err(|cause| failed(folder, cause))? {
        let message = format!("the folder is not empty: it contains `{name}`");
        let place = Place::of_path(folder.display().to_string());
        return Err(Box::new(
            Diagnostic::error(Code::SitePath, place, message)
                .help("choose an empty folder, or one that does not exist yet"),
        ));
    }
    for (path, text) in files {
        let file = folder.join(path);
        file.parent().map_or(Ok(()), fs::create_dir_all).map_err(|cause| failed(&file, cause))?;
        // `create_new`, so that a file created in the meantime is not overwritten.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file)
            .and_then(|mut new| new.write_all(text.as_bytes()))
            .map_err(|cause| failed(&file, cause))?;
    }
    Ok(())
}

/// The name of an entry of `folder`, the first in alphabetical order; `None` if the folder is empty or does
/// not exist.
fn first_entry(folder: &Path) -> io::Result<Option<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let names: io::Result<Vec<String>> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    Ok(names?.into_iter().min())
}
