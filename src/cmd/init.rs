//! `postil init`: a small complete site to begin with.
//!
//! Its files stand in `src/init/` and explain themselves; a test builds them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::report::{say, tell};
use crate::diagnostics::render::count;
use crate::diagnostics::{Code, Diagnostic, Place};

/// Each file of the site with its path in it.
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

/// What `postil init` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil init reader      a new folder, reader/, with a site in it
  postil init .           the current folder, if it is empty

The site holds one text, notes of each kind and the works they cite, and its files tell how to go on.")]
pub struct Init {
    /// The folder to make, or an empty one
    dir: PathBuf,
}

impl Init {
    /// Writes the site, and tells what to do next.
    pub fn run(self) -> ExitCode {
        if let Err(problem) = write(&self.dir) {
            tell(&[*problem]);
            return ExitCode::from(1);
        }
        let here = self.dir.as_os_str() == ".";
        say(&format!("made a site in {}: {}", self.dir.display(), count(FILES.len(), "file", "files")));
        say("");
        if !here {
            say(&format!("  cd {}", self.dir.display()));
        }
        say("  postil serve --edit   shows it in the browser; select words there to write a note");
        say("  postil check          tells whether every note finds its passage");
        say("  postil build          writes the pages; then open public/index.html");
        say("");
        say("read annotations/window-lamp.md beside its page: it shows how notes are written");
        ExitCode::SUCCESS
    }
}

/// Writes all files into `folder`, which may hold nothing.
fn write(folder: &Path) -> Result<(), Box<Diagnostic>> {
    let failed = |path: &Path, cause: io::Error| {
        let message = format!("cannot be written: {cause}");
        let place = Place::of_path(path.display().to_string());
        Box::new(Diagnostic::error(Code::SitePath, place, message).help("name a folder that you may write"))
    };
    if let Some(name) = holds(folder).map_err(|cause| failed(folder, cause))? {
        let message = format!("the folder holds something already: `{name}`");
        let place = Place::of_path(folder.display().to_string());
        return Err(Box::new(
            Diagnostic::error(Code::SitePath, place, message)
                .help("name a folder that is empty, or one that does not exist yet"),
        ));
    }
    for (path, text) in FILES {
        let file = folder.join(path);
        file.parent().map_or(Ok(()), fs::create_dir_all).map_err(|cause| failed(&file, cause))?;
        // What came there meanwhile is not overwritten.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file)
            .and_then(|mut new| new.write_all(text.as_bytes()))
            .map_err(|cause| failed(&file, cause))?;
    }
    Ok(())
}

/// The name of something that stands in `folder`, the first by name.
fn holds(folder: &Path) -> io::Result<Option<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let names: io::Result<Vec<String>> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    Ok(names?.into_iter().min())
}
