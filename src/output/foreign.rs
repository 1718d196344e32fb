//! Files in the output folder that no build wrote: those that stay, and those that must be named first.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Files that systems write into any folder; they go without a word.
const IGNORED: [&str; 4] = [".DS_Store", ".directory", "Thumbs.db", "desktop.ini"];

/// The names in a folder, sorted.
pub(super) fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// The contents of the marker file: the version, and the names at the top of the output folder.
pub(super) fn marker(version: &str, names: &BTreeSet<String>) -> String {
    let mut text = version.to_owned();
    for name in names {
        text.push_str(name);
        text.push('\n');
    }
    text
}

/// The first name in `found` that the build that wrote `marker` did not write, and that does not stay. A marker of an
/// older version has no names, so nothing is known.
pub(super) fn first_foreign(marker: &str, found: &BTreeSet<String>, keep: &[String]) -> Option<String> {
    let written: BTreeSet<&str> = marker.lines().skip(1).collect();
    if written.is_empty() {
        return None;
    }
    let is_known = |name: &str| {
        written.contains(name)
            || name == crate::names::address::MARKER
            || IGNORED.contains(&name)
            || keep.iter().any(|kept| kept == name)
    };
    found.iter().find(|name| !is_known(name)).cloned()
}

/// Copies what stays from the old output folder to the new one, unless the build wrote a file of that name. Files are
/// linked where the file system can, so a repository is not copied byte by byte.
pub(super) fn carry_over(keep: &[String], old: &Path, new: &Path) -> io::Result<()> {
    for name in keep {
        let (from, to) = (old.join(name), new.join(name));
        if fs::symlink_metadata(&from).is_ok() && fs::symlink_metadata(&to).is_err() {
            copy(&from, &to)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?.file_type();
    if kind.is_symlink() {
        return copy_link(&fs::read_link(from)?, to);
    }
    if !kind.is_dir() {
        return fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop));
    }
    match fs::create_dir(to) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

#[cfg(unix)]
fn copy_link(target: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, to)
}

/// Other systems need to know what a link leads to, and seldom have any.
#[cfg(not(unix))]
fn copy_link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_those_that_no_build_wrote() {
        let found: BTreeSet<String> =
            [".DS_Store", ".postil", "CNAME", "a", "index.html"].map(str::to_owned).into();
        let written: BTreeSet<String> = ["a", "index.html"].map(str::to_owned).into();
        let marker = marker("postil 1\n", &written);
        assert_eq!(first_foreign(&marker, &found, &[]).as_deref(), Some("CNAME"));
        assert_eq!(first_foreign(&marker, &found, &["CNAME".to_owned()]), None);
        assert_eq!(first_foreign("postil 0\n", &found, &[]), None);
    }
}
