//! Writes single files of the user's site: atomically, and never over a file that has changed in the
//! meantime.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::output::exchange;

/// Replaces the contents `old` of the file at `path` with `new`. Returns `false` and leaves the file
/// unchanged if its contents are no longer `old`.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> io::Result<bool> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("the file is a symbolic link, and links are not followed"));
    }
    if fs::read(path)? != old.as_bytes() {
        return Ok(false);
    }
    // An unpredictable name, so that a link planted at that path is not followed.
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut beside = NamedTempFile::with_prefix_in(".postil-", folder)?;
    beside.write_all(new.as_bytes())?;
    beside.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    match exchange(beside.path(), path) {
        // The file may have changed between the check and the exchange; its previous contents are now in
        // `beside`.
        Ok(()) if fs::read(beside.path())? == old.as_bytes() => Ok(true),
        Ok(()) => {
            exchange(beside.path(), path)?;
            if fs::read(beside.path())? == new.as_bytes() {
                return Ok(false);
            }
            // Concurrent write: keep both versions.
            let (_, kept) = beside.keep().map_err(|error| error.error)?;
            Err(io::Error::other(format!(
                "another program wrote the file at the same time; one version is kept in {}",
                kept.display()
            )))
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            beside.persist(path)?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Writes the file at `path`, and replaces one that is there. Creates the folders it needs.
///
/// # Errors
///
/// Fails if the path is in one of the `protected` folders, or if there is something other than a file.
pub(crate) fn write(path: &Path, bytes: &[u8], protected: &[PathBuf]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let real = folder.canonicalize()?;
    if protected.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder))) {
        return Err(io::Error::other("the folder contains texts or notes; choose another with `-o`"));
    }
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("it exists and is not a file"));
    }
    let mut beside = NamedTempFile::with_prefix_in(".postil-", folder)?;
    beside.write_all(bytes)?;
    #[cfg(unix)]
    beside.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    beside.persist(path)?;
    Ok(())
}

/// Creates a new file at `path` inside the folder `site`.
///
/// # Errors
///
/// Fails with [`ErrorKind::AlreadyExists`] if the path exists, and if the path leads out of the site.
pub(crate) fn create(site: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let path = site.join(path);
    let folder = path.parent().unwrap_or(site);
    fs::create_dir_all(folder)?;
    // A symbolic link in the path could lead out of the site.
    if !folder.canonicalize()?.starts_with(site.canonicalize()?) {
        return Err(io::Error::other("the folder is outside the site"));
    }
    OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_in_the_meantime_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "old").unwrap();
        assert!(replace(&path, "old", "new").unwrap());
        assert!(!replace(&path, "old", "newer").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(replace(&path, "old", "new").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn an_existing_file_is_not_created_again() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), "b/a.md", b"one").unwrap();
        let again = create(folder.path(), "b/a.md", b"two").unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join("b/a.md")).unwrap(), b"one");
    }
}
