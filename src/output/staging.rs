//! The hidden staging folder beside the destination in which a site is built.
//!
//! It contains the new tree, for a moment the old one, and a marker file that is locked while the build is
//! running. The system releases the lock when a build is killed, so the next build can distinguish abandoned
//! staging folders from those in use.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::{MARK, OutputError, PUBLIC_MODE, new_folder};
use crate::diagnostics::floor_char_boundary;
use crate::names::address::MARKER;

/// The maximum number of bytes of the destination's name in the staging folder's name, which must stay under
/// 255 bytes.
const MAX_NAME: usize = 200;

/// The number of attempts to create a staging folder.
const ATTEMPTS: usize = 8;

/// The name of the new tree in the staging folder.
const SITE: &str = "site";

/// The name of the previous tree in the staging folder, if it was moved there.
const OLD: &str = "old";

/// A staging folder; deleted with its contents on drop.
#[derive(Debug)]
pub(super) struct StagingFolder {
    folder: PathBuf,
    /// The tree being written; after an exchange, the previously published tree.
    pub(super) site: PathBuf,
    /// The path to which the published tree is moved if the two cannot be exchanged.
    pub(super) old: PathBuf,
    /// The parent folders of the destination that had to be created, the deepest first.
    created_parents: Vec<PathBuf>,
    /// The locked marker file.
    _lock: File,
}

impl StagingFolder {
    /// Creates a staging folder for `destination`, and removes those of killed builds.
    pub(super) fn create(destination: &Destination) -> Result<Self, OutputError> {
        let parent = &destination.parent;
        let missing = parent.ancestors().take_while(|folder| !folder.exists());
        let created_parents = missing.map(Path::to_owned).collect();
        fs::create_dir_all(parent).map_err(OutputError::system("create", parent))?;

        let prefix = format!(".{}.postil-", shortened(&destination.name));
        remove_all_abandoned(destination, &prefix);

        let (folder, lock) = create_unique(parent, &prefix)?;
        Ok(Self { site: folder.join(SITE), old: folder.join(OLD), folder, created_parents, _lock: lock })
    }
}

impl Drop for StagingFolder {
    fn drop(&mut self) {
        remove(&self.folder);
        for folder in &self.created_parents {
            // Fails if the site was published in it, as intended.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The start of the destination's name.
fn shortened(name: &str) -> &str {
    &name[..floor_char_boundary(name, MAX_NAME)]
}

/// A random number. It does not affect the output.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Creates a staging folder with a unique name.
fn create_unique(parent: &Path, prefix: &str) -> Result<(PathBuf, File), OutputError> {
    let mut attempts = 0;
    loop {
        let folder = parent.join(format!("{prefix}{:016x}", random()));
        attempts += 1;
        match create(&folder) {
            Ok(lock) => return Ok((folder, lock)),
            // A concurrent build took the folder, while it was still empty, for an abandoned one.
            Err(error) if error.kind() == ErrorKind::NotFound && attempts < ATTEMPTS => {}
            Err(cause) => return Err(OutputError::system("create", &folder)(cause)),
        }
    }
}

/// Creates the folder with an empty tree and a marker file, and returns the locked marker file.
fn create(folder: &Path) -> io::Result<File> {
    // Private until it is published, because the site may be private.
    new_folder(folder, 0o700)?;
    let created = create_marker(&folder.join(MARKER))
        .and_then(|lock| new_folder(&folder.join(SITE), PUBLIC_MODE).map(|()| lock));
    if created.is_err() {
        remove(folder);
    }
    created
}

/// Creates a marker file and locks it before writing, so that a complete marker is never found unlocked.
fn create_marker(path: &Path) -> io::Result<File> {
    let mut file = File::options().read(true).write(true).create_new(true).open(path)?;
    // Some file systems do not support locks. Abandoned folders on them are never removed.
    let _ = file.lock();
    file.write_all(MARK.as_bytes())?;
    Ok(file)
}

/// Deletes a staging folder, the marker last, so that an interrupted deletion can be resumed.
fn remove(folder: &Path) {
    // What cannot be deleted now is left for the next build.
    for tree in [SITE, OLD] {
        let _ = fs::remove_dir_all(folder.join(tree));
    }
    if !folder.join(SITE).exists() && !folder.join(OLD).exists() {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Deletes the staging folders of builds that are no longer running.
fn remove_all_abandoned(destination: &Destination, prefix: &str) {
    let Ok(entries) = fs::read_dir(&destination.parent) else { return };
    for entry in entries.flatten() {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && entry.file_name().to_string_lossy().starts_with(prefix) {
            remove_if_abandoned(&entry.path(), &destination.real);
        }
    }
}

/// Deletes a staging folder if it is certainly one and its build is no longer running.
fn remove_if_abandoned(folder: &Path, destination: &Path) {
    let marker = folder.join(MARKER);
    match lock_and_read(&marker) {
        Ok((_lock, mark)) if mark.starts_with("postil ") => {
            // A build without an atomic exchange was killed between its two renames.
            if !destination.exists() {
                let _ = fs::rename(folder.join(OLD), destination);
            }
            remove(folder);
        }
        // Killed before the marker was written.
        Ok((_lock, mark)) if mark.is_empty() && is_alone(&marker) => {
            let _ = fs::remove_file(&marker);
            let _ = fs::remove_dir(folder);
        }
        // Killed before the marker was created or after it was deleted. Only an empty folder is deleted here.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let _ = fs::remove_dir(folder);
        }
        _ => {}
    }
}

/// Locks and reads a marker file; fails if a running build holds the lock.
fn lock_and_read(marker: &Path) -> io::Result<(File, String)> {
    if !fs::symlink_metadata(marker)?.is_file() {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut file = File::options().read(true).write(true).open(marker)?;
    file.try_lock()?;
    let mut mark = String::new();
    (&mut file).take(64).read_to_string(&mut mark)?;
    Ok((file, mark))
}

/// Whether the file is the only entry of its folder.
fn is_alone(file: &Path) -> bool {
    file.parent().and_then(|folder| fs::read_dir(folder).ok()).is_some_and(|entries| entries.count() == 1)
}
