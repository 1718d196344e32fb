//! The hidden folder beside the destination in which a site is made.
//!
//! It holds the new tree, for a moment the old one, and a marker that stays locked for as long as
//! the build lives. The system drops the lock of a build that was killed, and so the next one can
//! tell what was left behind from what is in use.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::{FOR_ALL, MARK, OutputError, new_folder};
use crate::diagnostics::floor_char_boundary;
use crate::names::address::MARKER;

/// How many bytes of the destination's name begin the workshop's, which has to stay under 255.
const NAME_KEPT: usize = 200;

/// How often a workshop is tried to be made.
const ATTEMPTS: usize = 8;

/// The tree, in the workshop.
const SITE: &str = "site";

/// The tree set aside, in the workshop.
const OLD: &str = "old";

/// A folder to build in; dropped, it is removed with all it holds.
#[derive(Debug)]
pub(super) struct Workshop {
    folder: PathBuf,
    /// The tree being written; after an exchange, the one that was published before.
    pub(super) site: PathBuf,
    /// Where the published tree is set aside if the two cannot be exchanged.
    pub(super) old: PathBuf,
    /// Folders above the destination that were not there, the deepest first.
    made_above: Vec<PathBuf>,
    /// The marker, locked.
    _lock: File,
}

impl Workshop {
    /// Opens a workshop for `destination`, and removes those that killed builds left behind.
    pub(super) fn open(destination: &Destination) -> Result<Self, OutputError> {
        let parent = &destination.parent;
        let missing = parent.ancestors().take_while(|folder| !folder.exists());
        let made_above = missing.map(Path::to_owned).collect();
        fs::create_dir_all(parent).map_err(OutputError::system("make", parent))?;

        let prefix = format!(".{}.postil-", kept(&destination.name));
        remove_left_behind(destination, &prefix);

        let (folder, lock) = furnish_anew(parent, &prefix)?;
        Ok(Self { site: folder.join(SITE), old: folder.join(OLD), folder, made_above, _lock: lock })
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        remove(&self.folder);
        for folder in &self.made_above {
            // Fails, as it should, once the site is published in it.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The beginning of the destination's name.
fn kept(name: &str) -> &str {
    &name[..floor_char_boundary(name, NAME_KEPT)]
}

/// A number that no other build has. Nothing of it reaches the output.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Makes a workshop under a name that no other has.
fn furnish_anew(parent: &Path, prefix: &str) -> Result<(PathBuf, File), OutputError> {
    let mut attempts = 0;
    loop {
        let folder = parent.join(format!("{prefix}{:016x}", random()));
        attempts += 1;
        match furnish(&folder) {
            Ok(lock) => return Ok((folder, lock)),
            // Another build took the folder, still empty, for one left behind.
            Err(error) if error.kind() == ErrorKind::NotFound && attempts < ATTEMPTS => {}
            Err(cause) => return Err(OutputError::system("make", &folder)(cause)),
        }
    }
}

/// Makes the folder with its marker, which is returned locked, and an empty tree.
fn furnish(folder: &Path) -> io::Result<File> {
    // Nobody else has to see a site that may be a private one.
    new_folder(folder, 0o700)?;
    let furnished =
        mark(&folder.join(MARKER)).and_then(|lock| new_folder(&folder.join(SITE), FOR_ALL).map(|()| lock));
    if furnished.is_err() {
        remove(folder);
    }
    furnished
}

/// Writes a marker, locked before it says anything, so that nobody finds it whole and unlocked.
fn mark(path: &Path) -> io::Result<File> {
    let mut file = File::options().read(true).write(true).create_new(true).open(path)?;
    // Some file systems have no locks. What is left behind on them is never taken for ours.
    let _ = file.lock();
    file.write_all(MARK.as_bytes())?;
    Ok(file)
}

/// Removes a workshop, the marker last, so that a removal cut short can be resumed.
fn remove(folder: &Path) {
    // What cannot be removed now is left for the next build to try.
    for tree in [SITE, OLD] {
        let _ = fs::remove_dir_all(folder.join(tree));
    }
    if !folder.join(SITE).exists() && !folder.join(OLD).exists() {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Removes the workshops of builds that are no more.
fn remove_left_behind(destination: &Destination, prefix: &str) {
    let Ok(entries) = fs::read_dir(&destination.parent) else { return };
    for entry in entries.flatten() {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && entry.file_name().to_string_lossy().starts_with(prefix) {
            remove_if_abandoned(&entry.path(), &destination.real);
        }
    }
}

/// Removes the workshop if it is surely one and its build is no more.
fn remove_if_abandoned(folder: &Path, destination: &Path) {
    let marker = folder.join(MARKER);
    match lock_and_read(&marker) {
        Ok((_lock, mark)) if mark.starts_with("postil ") => {
            // A build that could not exchange the trees was killed between its two renames.
            if !destination.exists() {
                let _ = fs::rename(folder.join(OLD), destination);
            }
            remove(folder);
        }
        // Killed before it could say whose it is.
        Ok((_lock, mark)) if mark.is_empty() && is_alone(&marker) => {
            let _ = fs::remove_file(&marker);
            let _ = fs::remove_dir(folder);
        }
        // Killed before or after there was a marker. Only an empty folder goes this way.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let _ = fs::remove_dir(folder);
        }
        _ => {}
    }
}

/// Locks a marker that no build holds, and reads it.
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

/// Whether nothing else is in its folder.
fn is_alone(file: &Path) -> bool {
    file.parent().and_then(|folder| fs::read_dir(folder).ok()).is_some_and(|entries| entries.count() == 1)
}
