//! Replaces one folder with another.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The number of attempts before giving up because concurrent builds replace the same folder.
const ATTEMPTS: usize = 100;

/// Moves the folder `new` to `destination`, atomically if `exchange` is supported.
///
/// The previous folder is then at `new`, or at `old` if the system does not support an exchange.
pub(super) fn replace_folder(
    new: &Path,
    destination: &Path,
    old: &Path,
    exchange: impl Fn(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    for _ in 0..ATTEMPTS {
        match fs::rename(new, destination) {
            Ok(()) => return Ok(()),
            Err(error) if is_taken(&error, destination) => {}
            Err(error) => {
                // There is nothing to restore unless an earlier iteration has moved it to `old`.
                let _ = fs::rename(old, destination);
                return Err(error);
            }
        }
        match exchange(new, destination) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Unsupported => move_away(destination, old)?,
            // A concurrent build has just moved it away, to put its own folder there.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::ResourceBusy, "other builds keep replacing the folder"))
}

/// Whether a rename failed because the destination exists.
fn is_taken(error: &io::Error, destination: &Path) -> bool {
    matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists)
        || (cfg!(windows) && destination.exists())
}

/// Moves the folder at `destination` to `old`, and deletes what an earlier iteration moved there.
fn move_away(destination: &Path, old: &Path) -> io::Result<()> {
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    match fs::rename(destination, old) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

/// Exchanges two folders atomically, so that both paths exist at all times.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
pub(crate) fn exchange(new: &Path, destination: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, destination, RenameFlags::EXCHANGE) {
        // The call is not supported by the system or the file system, or is blocked by a sandbox.
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP | Errno::PERM) => Err(ErrorKind::Unsupported.into()),
        done => Ok(done?),
    }
}

/// This system cannot exchange two folders atomically.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
