//! One folder in the place of another.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// How often two builds may get into each other's way before one gives up.
const ATTEMPTS: usize = 100;

/// Puts the folder `new` at `destination`, in one step where `exchange` can.
///
/// What was there is then at `new`, or at `old` where the system has no exchange.
pub(super) fn put(
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
                // Nothing is there to be restored unless an earlier round set it aside.
                let _ = fs::rename(old, destination);
                return Err(error);
            }
        }
        match exchange(new, destination) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Unsupported => set_aside(destination, old)?,
            // Another build has just taken it away to put its own there.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::ResourceBusy, "other builds keep replacing it"))
}

/// Whether a rename failed because something is there already.
fn is_taken(error: &io::Error, destination: &Path) -> bool {
    matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists)
        || (cfg!(windows) && destination.exists())
}

/// Moves what is at `destination` to `old`, in the place of what an earlier round moved there.
fn set_aside(destination: &Path, old: &Path) -> io::Result<()> {
    if old.exists() {
        fs::remove_dir_all(old)?;
    }
    match fs::rename(destination, old) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        moved => moved,
    }
}

/// Exchanges two folders in one step, so that there is no moment without either.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
pub(crate) fn exchange(new: &Path, destination: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, new, CWD, destination, RenameFlags::EXCHANGE) {
        // The system, the file system or a sandbox does not know the call.
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP | Errno::PERM) => Err(ErrorKind::Unsupported.into()),
        done => Ok(done?),
    }
}

/// This system has no way to exchange two folders in one step.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
