//! Where a site goes, and whether it may.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::OutputError;
use crate::diagnostics::Place;
use crate::names::address::MARKER;

/// The folder a site is published as.
#[derive(Debug)]
pub(super) struct Destination {
    /// As it was asked for.
    pub(super) shown: String,
    /// Where it really is: absolute, and with no symbolic link in it.
    pub(super) real: PathBuf,
    /// The real folder it stands in.
    pub(super) parent: PathBuf,
    /// Its own name there.
    pub(super) name: String,
}

impl Destination {
    /// Finds out where `path` leads; it need not be there yet.
    pub(super) fn find(path: &Path) -> Result<Self, OutputError> {
        let shown = path.display().to_string();
        let real = real_path(path)?;
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(refused(&shown, "is the root of a file system", "choose a folder in it with `-o`"));
        };
        let (parent, name) = (parent.to_owned(), name.to_string_lossy().into_owned());
        Ok(Self { shown, parent, name, real })
    }

    /// Refuses a destination where a build would overwrite what it is made from.
    pub(super) fn keep_clear_of(&self, site_root: &Path, protected: &[&Path]) -> Result<(), OutputError> {
        let help = "choose another folder, such as `public`, with `-o` or in site.toml";
        if real_path(site_root)?.starts_with(&self.real) {
            return Err(refused(&self.shown, "holds the site itself", help));
        }
        for &folder in protected {
            let real = real_path(folder)?;
            if self.real.starts_with(&real) {
                return Err(refused(&self.shown, &format!("is inside `{}`", folder.display()), help));
            }
            if real.starts_with(&self.real) {
                return Err(refused(&self.shown, &format!("holds `{}`", folder.display()), help));
            }
        }
        Ok(())
    }

    /// Refuses a destination that holds anything but a site of ours.
    pub(super) fn must_be_ours(&self) -> Result<(), OutputError> {
        let problem = OutputError::system("read", Path::new(&self.shown));
        match self.what_is_there() {
            Ok(None) => Ok(()),
            Ok(Some((what, help))) => Err(refused(&self.shown, what, help)),
            Err(cause) => Err(problem(cause)),
        }
    }

    /// What stands at the destination and must stay, with what to do about it.
    fn what_is_there(&self) -> io::Result<Option<(&'static str, &'static str)>> {
        match fs::symlink_metadata(&self.real) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(found) if !found.is_dir() => {
                return Ok(Some(("is a file", "choose another folder with `-o`, or remove the file")));
            }
            Ok(_) => {}
        }
        if fs::read_dir(&self.real)?.next().is_none() {
            return Ok(None);
        }
        if !is_mark(&self.real.join(MARKER)) {
            let help = "choose another folder with `-o`, or empty this one yourself";
            return Ok(Some(("is not empty, and not made by Postil", help)));
        }
        if fs::symlink_metadata(self.real.join(".git")).is_ok() {
            let help = "build into another folder with `-o` and copy the site into the repository";
            return Ok(Some(("is a Git repository, which a build would replace", help)));
        }
        Ok(None)
    }
}

/// Whether the file at `path` is one that Postil puts into the folders it makes.
fn is_mark(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|marker| marker.is_file() && marker.len() < 100);
    is_file && fs::read(path).is_ok_and(|mark| mark.starts_with(b"postil "))
}

fn refused(shown: &str, what: &str, help: &str) -> OutputError {
    OutputError::refused(Place::of_path(shown), format!("the output folder `{shown}` {what}"), help)
}

/// Where `path` leads, every symbolic link followed; its last names need not exist.
fn real_path(path: &Path) -> Result<PathBuf, OutputError> {
    follow(path).map_err(OutputError::system("follow", path))
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
                        return Err(io::Error::new(
                            ErrorKind::NotFound,
                            "a symbolic link that leads nowhere",
                        ));
                    }
                    Err(_) => {}
                }
            }
        }
    }
    Ok(real)
}
