//! The output folder, and the checks that it may be written to.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::{OutputError, foreign};
use crate::diagnostics::Place;
use crate::names::address::MARKER;

/// The folder in which a site is published.
#[derive(Debug)]
pub(super) struct Destination {
    /// The path as the user wrote it.
    pub(super) shown: String,
    /// The absolute path with all symbolic links resolved.
    pub(super) real: PathBuf,
    /// The parent folder of `real`.
    pub(super) parent: PathBuf,
    /// The name of the folder in `parent`.
    pub(super) name: String,
}

impl Destination {
    /// Resolves `path`, which does not have to exist.
    pub(super) fn find(path: &Path) -> Result<Self, OutputError> {
        let shown = path.display().to_string();
        let real = real_path(path)?;
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(refused(
                &shown,
                "is the root of a file system",
                "choose a folder inside it with `-o`",
            ));
        };
        let (parent, name) = (parent.to_owned(), name.to_string_lossy().into_owned());
        Ok(Self { shown, parent, name, real })
    }

    /// Refuses a destination in which a build would overwrite its own input.
    pub(super) fn refuse_input_folders(
        &self,
        site_root: &Path,
        protected: &[&Path],
    ) -> Result<(), OutputError> {
        let help = "choose another folder, such as `public`, with `-o` or in site.toml";
        if real_path(site_root)?.starts_with(&self.real) {
            return Err(refused(&self.shown, "contains the site itself", help));
        }
        for &folder in protected {
            let real = real_path(folder)?;
            if self.real.starts_with(&real) {
                return Err(refused(&self.shown, &format!("is inside `{}`", folder.display()), help));
            }
            if real.starts_with(&self.real) {
                return Err(refused(&self.shown, &format!("contains `{}`", folder.display()), help));
            }
        }
        Ok(())
    }

    /// Refuses a destination that contains anything other than a site built by Postil.
    pub(super) fn refuse_foreign_files(&self, keep: &[String]) -> Result<(), OutputError> {
        let problem = OutputError::system("read", Path::new(&self.shown));
        match self.foreign_files(keep) {
            Ok(None) => Ok(()),
            Ok(Some((what, help))) => Err(refused(&self.shown, &what, &help)),
            Err(cause) => Err(problem(cause)),
        }
    }

    /// What is at the destination that must not be replaced, and what the user can do about it.
    fn foreign_files(&self, keep: &[String]) -> io::Result<Option<(String, String)>> {
        let fault = |what: &str, help: &str| Ok(Some((what.to_owned(), help.to_owned())));
        match fs::symlink_metadata(&self.real) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(found) if !found.is_dir() => {
                return fault("is a file", "choose another folder with `-o`, or remove the file");
            }
            Ok(_) => {}
        }
        let names = foreign::names(&self.real)?;
        if names.iter().all(|name| keep.contains(name)) {
            return Ok(None);
        }
        let Some(marker) = marker(&self.real.join(MARKER)) else {
            let help = "choose another folder with `-o`, or empty this folder";
            return fault("is not empty and was not created by Postil", help);
        };
        if names.contains(".git") && !keep.iter().any(|kept| kept == ".git") {
            let help = "add `.git` to `keep` in the table [build] of site.toml, or build into another folder with `-o`";
            return fault("is a Git repository, which a build would replace", help);
        }
        let foreign = foreign::first_foreign(&marker, &names, keep);
        Ok(foreign.map(|name| {
            let what = format!("contains `{name}`, which no build wrote");
            let help = format!("add `{name}` to `keep` in the table [build] of site.toml, or move it away");
            (what, help)
        }))
    }
}

/// The contents of the marker file that Postil writes into its output folders.
fn marker(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).is_ok_and(|marker| marker.is_file()) {
        return None;
    }
    fs::read_to_string(path).ok().filter(|mark| mark.starts_with("postil "))
}

fn refused(shown: &str, what: &str, help: &str) -> OutputError {
    OutputError::refused(Place::of_path(shown), format!("the output folder `{shown}` {what}"), help)
}

/// Resolves `path` and all symbolic links in it; its last components do not have to exist.
fn real_path(path: &Path) -> Result<PathBuf, OutputError> {
    follow(path).map_err(OutputError::system("resolve", path))
}

fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    for component in std::path::absolute(path)?.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
            }
            Component::Prefix(_) => real.push(component),
            Component::RootDir | Component::Normal(_) => {
                real.push(component);
                match fs::canonicalize(&real) {
                    Ok(found) => real = found,
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    Err(_) if real.is_symlink() => {
                        return Err(io::Error::new(ErrorKind::NotFound, "a broken symbolic link"));
                    }
                    Err(_) => {}
                }
            }
        }
    }
    Ok(real)
}
