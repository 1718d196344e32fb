//! Writes a built site to disk, all or nothing.
//!
//! 1. [`Staging::begin`] checks the output folder and creates a staging folder beside it.
//! 2. [`Staging::write`] writes files there, from many threads, while pages are rendered.
//! 3. [`Staging::publish`] exchanges the new tree with the old one, and removes the old one.
//!
//! An interruption before the exchange, even `kill -9`, leaves the old site unchanged. The next build removes
//! the abandoned staging folder. Does not depend on the contents of the files.

pub(crate) mod atomic_write;
mod destination;
mod exchange;
mod foreign;
mod staging;

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::diagnostics::{Code, Diagnostic, Place, io_reason};
use crate::names::address::MARKER;
use crate::names::path;
use destination::Destination;
pub(crate) use exchange::exchange;
use staging::StagingFolder;

/// The first line of the marker file; the names at the top of the output folder follow.
const MARK: &str = concat!("postil ", env!("CARGO_PKG_VERSION"), "\n");

/// The permissions of a folder that everyone can read.
const PUBLIC_MODE: u32 = 0o755;

/// A site while it is being written. Deleted if it is dropped before it is published.
#[derive(Debug)]
pub(crate) struct Staging {
    destination: Destination,
    /// The names at the top of the destination that do not come from a build, and stay.
    keep: Vec<String>,
    folder: StagingFolder,
    /// The folders created so far.
    folders: Mutex<HashSet<String>>,
}

impl Staging {
    /// Creates a staging folder beside `destination`.
    ///
    /// # Errors
    ///
    /// Refuses a destination that is inside or above one of the `protected` folders, that contains the site,
    /// that is a file, or that contains files that were not created by Postil and are not in `keep`.
    pub(crate) fn begin(
        destination: &Path,
        site_root: &Path,
        protected: &[&Path],
        keep: &[String],
    ) -> Result<Self, OutputError> {
        let destination = examine(destination, site_root, protected)?;
        destination.refuse_foreign_files(keep)?;
        let folder = StagingFolder::create(&destination)?;
        Ok(Self { destination, keep: keep.to_vec(), folder, folders: Mutex::default() })
    }

    /// Writes the new file `path`, and creates the folders it needs.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let mut file = self.create(path)?;
        file.write_all(bytes).map_err(|cause| self.failed(path, cause))
    }

    /// Copies the contents of the file `from` to the new file `path`, without its permissions or times.
    pub(crate) fn copy(&self, path: &str, from: &Path) -> Result<(), OutputError> {
        let mut from = File::open(from).map_err(OutputError::system("read", from))?;
        let mut file = self.create(path)?;
        io::copy(&mut from, &mut file).map_err(|cause| self.failed(path, cause))?;
        Ok(())
    }

    /// Moves the site to its destination and replaces the previous one.
    pub(crate) fn publish(self) -> Result<(), OutputError> {
        let (real, staging) = (&self.destination.real, &self.folder);
        let names = foreign::names(&staging.site).map_err(OutputError::system("read", &staging.site))?;
        self.write(MARKER, foreign::marker(MARK, &names).as_bytes())?;
        self.destination.refuse_foreign_files(&self.keep)?;
        foreign::carry_over(&self.keep, real, &staging.site)
            .map_err(OutputError::system("keep the files of", Path::new(&self.destination.shown)))?;
        keep_permissions(real, &staging.site);
        exchange::replace_folder(&staging.site, real, &staging.old, exchange::exchange)
            .map_err(OutputError::system("replace", Path::new(&self.destination.shown)))
    }

    fn create(&self, path: &str) -> Result<File, OutputError> {
        if let Some(fault) = path::path_error(path) {
            let message = format!("invalid output path `{path}`: {fault}");
            return Err(OutputError::refused(
                Place::of_path(path),
                message,
                "rename the file that it comes from",
            ));
        }
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder).map_err(|cause| self.failed(folder, cause))?;
        }
        new_file(&self.folder.site.join(path)).map_err(|cause| self.failed(path, cause))
    }

    /// Creates `folder` and its parents, each only once.
    fn make_folder(&self, folder: &str) -> io::Result<()> {
        if self.folders.lock().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            return Ok(());
        }
        if let Some((above, _)) = folder.rsplit_once('/') {
            self.make_folder(above)?;
        }
        match new_folder(&self.folder.site.join(folder), PUBLIC_MODE) {
            // Another thread created it first.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        Ok(())
    }

    /// The error for the output `path`, which is shown relative to the output folder as the user wrote it.
    fn failed(&self, path: &str, cause: io::Error) -> OutputError {
        OutputError::system("write", &Path::new(&self.destination.shown).join(path))(cause)
    }
}

/// Checks a destination as [`Staging::begin`] does, but without looking at its contents.
pub(crate) fn verify(destination: &Path, site_root: &Path, protected: &[&Path]) -> Result<(), OutputError> {
    examine(destination, site_root, protected).map(drop)
}

fn examine(destination: &Path, site_root: &Path, protected: &[&Path]) -> Result<Destination, OutputError> {
    let destination = Destination::find(destination)?;
    destination.refuse_input_folders(site_root, protected)?;
    Ok(destination)
}

/// Creates a file that everyone can read; fails if it exists.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
}

/// Creates a folder with the permissions `mode` (on Unix); fails if it exists.
#[cfg_attr(not(unix), expect(unused_mut, unused_variables, reason = "only Unix has modes"))]
fn new_folder(path: &Path, mode: u32) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
    builder.create(path)
}

/// Gives the folder `new` the permissions of `old`, so that a private site stays private.
fn keep_permissions(old: &Path, new: &Path) {
    if cfg!(unix)
        && let Ok(metadata) = fs::metadata(old)
    {
        // Not every file system supports permissions.
        let _ = fs::set_permissions(new, metadata.permissions());
    }
}

/// The reason why a site could not be written.
#[derive(Debug)]
pub(crate) enum OutputError {
    /// Postil refuses to write there.
    Refused(Box<Diagnostic>),
    /// An I/O error.
    System {
        /// The attempted action, as a verb.
        action: &'static str,
        /// The file or folder concerned.
        path: PathBuf,
        /// The error.
        cause: io::Error,
    },
}

impl OutputError {
    fn refused(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused(Box::new(Diagnostic::error(Code::SitePath, place, message).help(help)))
    }

    fn system(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |cause| Self::System { action, path, cause }
    }

    /// The error as a diagnostic.
    pub(crate) fn into_diagnostic(self) -> Diagnostic {
        let message = self.to_string();
        match self {
            Self::Refused(diagnostic) => *diagnostic,
            Self::System { path, cause, .. } => {
                let error =
                    Diagnostic::error(Code::SitePath, Place::of_path(path.to_string_lossy()), message);
                error.help(remedy(cause.kind()))
            }
        }
    }
}

/// The help for an I/O error.
fn remedy(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind::{
        CrossesDevices, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        ResourceBusy, StorageFull,
    };
    match kind {
        StorageFull | QuotaExceeded => "free some space, or choose another folder with `-o`",
        PermissionDenied | ReadOnlyFilesystem => {
            "choose a folder with `-o` that is writable and inside a writable folder"
        }
        ResourceBusy | CrossesDevices => {
            "choose a folder inside it with `-o`: a mount point cannot be replaced"
        }
        NotFound | NotADirectory => {
            "choose another folder with `-o`: every part of its path must be a folder"
        }
        _ => "choose another folder with `-o`",
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(diagnostic) => f.write_str(&diagnostic.message),
            Self::System { action, path, cause } => {
                write!(f, "cannot {action} `{}`: {}", path.display(), io_reason(cause))
            }
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::System { cause, .. } => Some(cause),
        }
    }
}

#[cfg(test)]
mod tests;
