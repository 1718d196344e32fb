//! A person's files, written by the program: whole or not at all, and never over what changed meanwhile.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::output::exchange;

/// Puts `new` in the place of `old` in the file at `path`; `false` if it holds something else by now, and is left as
/// it is.
pub fn replace(path: &Path, old: &str, new: &str) -> io::Result<bool> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("it is a symbolic link, and those are not written through"));
    }
    if fs::read(path)? != old.as_bytes() {
        return Ok(false);
    }
    // Under a name that nobody can foresee, and never through a link that lies there.
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut beside = NamedTempFile::with_prefix_in(".postil-", folder)?;
    beside.write_all(new.as_bytes())?;
    beside.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    match exchange(beside.path(), path) {
        // Somebody may have written between the look and the exchange; what was there is beside now.
        Ok(()) if fs::read(beside.path())? == old.as_bytes() => Ok(true),
        Ok(()) => {
            exchange(beside.path(), path)?;
            if fs::read(beside.path())? == new.as_bytes() {
                return Ok(false);
            }
            // Written twice within the blink of an eye: nobody's words are thrown away.
            let (_, kept) = beside.keep().map_err(|error| error.error)?;
            Err(io::Error::other(format!(
                "others wrote it meanwhile; one version is kept in {}",
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

/// Makes a file that is not there yet, at `path` inside the folder `site`.
///
/// Fails with [`ErrorKind::AlreadyExists`] where something stands.
pub fn create(site: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let path = site.join(path);
    let folder = path.parent().unwrap_or(site);
    fs::create_dir_all(folder)?;
    // A link among the folders could lead out of the site.
    if !folder.canonicalize()?.starts_with(site.canonicalize()?) {
        return Err(io::Error::other("the folder leads out of the site"));
    }
    OpenOptions::new().write(true).create_new(true).open(&path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_is_left_as_it_is() {
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
    fn a_file_keeps_who_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(replace(&path, "old", "new").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn what_is_there_is_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), "b/a.md", b"one").unwrap();
        let again = create(folder.path(), "b/a.md", b"two").unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(folder.path().join("b/a.md")).unwrap(), b"one");
    }
}
