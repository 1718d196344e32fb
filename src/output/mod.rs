//! A built site to disk, all or nothing.
//!
//! 1. [`Staging::begin`] refuses a folder that must not be written, and opens a workshop beside it.
//! 2. [`Staging::write`] puts files there, from many threads, while pages are being made.
//! 3. [`Staging::publish`] exchanges the new tree with the old one, and the old one is removed.
//!
//! Whatever happens before the exchange, even `kill -9`, leaves the old site as it was; a workshop
//! that was left behind is removed by the next build. Knows nothing of what the files mean.

pub mod atomic_write;
mod destination;
mod exchange;
mod workshop;

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::diagnostics::{Code, Diagnostic, Place};
use crate::names::address::MARKER;
use crate::names::path;
use destination::Destination;
pub(crate) use exchange::exchange;
use workshop::Workshop;

/// What the marker says; the same in every build by one version.
const MARK: &str = concat!("postil ", env!("CARGO_PKG_VERSION"), "\n");

/// The permissions of a folder that all may read.
const FOR_ALL: u32 = 0o755;

/// A site while it is being written, seen by nobody yet. Dropped unpublished, it is gone.
#[derive(Debug)]
pub struct Staging {
    destination: Destination,
    workshop: Workshop,
    /// The folders made so far.
    folders: Mutex<HashSet<String>>,
}

impl Staging {
    /// Opens a staging folder beside `destination`.
    ///
    /// Refuses a destination that is inside one of the `protected` folders or above one or above
    /// the site, that is a file, or that holds something Postil did not make.
    pub fn begin(destination: &Path, site_root: &Path, protected: &[&Path]) -> Result<Self, OutputError> {
        let destination = examine(destination, site_root, protected)?;
        destination.must_be_ours()?;
        let workshop = Workshop::open(&destination)?;
        Ok(Self { destination, workshop, folders: Mutex::default() })
    }

    /// Writes the file `path`, which no one has written before, and the folders it needs.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let mut file = self.create(path)?;
        file.write_all(bytes).map_err(|cause| self.failed(path, cause))
    }

    /// Writes the file `path` with the bytes of the file `from`, and nothing else of it.
    pub fn copy(&self, path: &str, from: &Path) -> Result<(), OutputError> {
        let mut from = File::open(from).map_err(OutputError::system("read", from))?;
        let mut file = self.create(path)?;
        io::copy(&mut from, &mut file).map_err(|cause| self.failed(path, cause))?;
        Ok(())
    }

    /// Puts the whole at its destination, in the place of what was there.
    pub fn publish(self) -> Result<(), OutputError> {
        self.write(MARKER, MARK.as_bytes())?;
        self.destination.must_be_ours()?;
        let (real, workshop) = (&self.destination.real, &self.workshop);
        keep_permissions(real, &workshop.site);
        exchange::put(&workshop.site, real, &workshop.old, exchange::exchange)
            .map_err(OutputError::system("replace", Path::new(&self.destination.shown)))
    }

    fn create(&self, path: &str) -> Result<File, OutputError> {
        if let Some(fault) = path::path_error(path) {
            let message = format!("the output `{path}` cannot be written: {fault}");
            return Err(OutputError::refused(Place::of_path(path), message, "rename what it comes from"));
        }
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder).map_err(|cause| self.failed(folder, cause))?;
        }
        new_file(&self.workshop.site.join(path)).map_err(|cause| self.failed(path, cause))
    }

    /// Makes `folder` and those above it, each once.
    fn make_folder(&self, folder: &str) -> io::Result<()> {
        if self.folders.lock().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            return Ok(());
        }
        if let Some((above, _)) = folder.rsplit_once('/') {
            self.make_folder(above)?;
        }
        match new_folder(&self.workshop.site.join(folder), FOR_ALL) {
            // Another thread was quicker.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        Ok(())
    }

    /// The error for the output `path`, by the name that people know it under.
    fn failed(&self, path: &str, cause: io::Error) -> OutputError {
        OutputError::system("write", &Path::new(&self.destination.shown).join(path))(cause)
    }
}

/// Refuses a destination that no build may write, whatever is there, as [`Staging::begin`] would.
pub fn verify(destination: &Path, site_root: &Path, protected: &[&Path]) -> Result<(), OutputError> {
    examine(destination, site_root, protected).map(drop)
}

fn examine(destination: &Path, site_root: &Path, protected: &[&Path]) -> Result<Destination, OutputError> {
    let destination = Destination::find(destination)?;
    destination.keep_clear_of(site_root, protected)?;
    Ok(destination)
}

/// Opens a file that was not there, for all to read.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
}

/// Makes a folder that was not there, with the permissions `mode` where there is such a thing.
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
        // Not every file system has permissions to keep.
        let _ = fs::set_permissions(new, metadata.permissions());
    }
}

/// Why a site could not be written.
#[derive(Debug)]
pub enum OutputError {
    /// Postil will not write there.
    Refused(Box<Diagnostic>),
    /// The system would not let it be done.
    System {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// The system's own reason.
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

    /// The error as people and programs are told of it.
    pub fn into_diagnostic(self) -> Diagnostic {
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

/// What to do about a refusal of the system.
fn remedy(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind::{
        CrossesDevices, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
        ResourceBusy, StorageFull,
    };
    match kind {
        StorageFull | QuotaExceeded => "make room there, or choose another folder with `-o`",
        PermissionDenied | ReadOnlyFilesystem => {
            "choose a folder with `-o` that you may write, as you must the folder it stands in"
        }
        ResourceBusy | CrossesDevices => {
            "the folder seems to be a mount point, which cannot be replaced; choose one inside it with `-o`"
        }
        NotFound | NotADirectory => {
            "choose a folder that is there, or can be made, with `-o`; what its path leads through must be folders"
        }
        _ => "choose another folder with `-o`",
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(diagnostic) => f.write_str(&diagnostic.message),
            Self::System { action, path, cause } => {
                write!(f, "cannot {action} `{}`: {cause}", path.display())
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
