//! Lists and reads the files in a site's folder, for the whole program.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::encoding;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// A file of the site, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path relative to the site's folder, with `/` between names.
    pub path: String,
    /// Its path on disk.
    pub on_disk: PathBuf,
}

/// Lists the files in `root/folder`, by their path relative to it. A missing folder has no files.
///
/// Files and folders whose names begin with `.` are skipped. Symbolic links are skipped and reported, because they
/// could lead out of the site or form a cycle.
pub(crate) fn list(root: &Path, folder: &str, diagnostics: &mut Diagnostics) -> BTreeMap<String, Entry> {
    let base = root.join(folder);
    let mut files = BTreeMap::new();
    if base.is_symlink() {
        let message = format!("`{folder}` is a symbolic link, which is not followed");
        diagnostics.push(
            Diagnostic::error(Code::SitePath, Place::of_path(folder), message)
                .help("replace the link with the folder itself; files outside the site are not published"),
        );
        return files;
    }
    if !base.exists() {
        return files;
    }
    let is_visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    for entry in WalkDir::new(&base).into_iter().filter_entry(is_visible) {
        match entry {
            Ok(entry) => {
                if let Some((path, file)) = accept(&entry, &base, folder, diagnostics) {
                    files.insert(path, file);
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(&base).display().to_string();
                let reason = error.io_error().map_or_else(|| error.to_string(), describe);
                diagnostics.push(
                    Diagnostic::error(
                        Code::SiteRead,
                        Place::of_path(path),
                        format!("cannot be read: {reason}"),
                    )
                    .help("make it readable, or remove it"),
                );
            }
        }
    }
    files
}

/// The path and entry of a regular file; `None` for a folder, and for a file that is reported and skipped.
fn accept(
    entry: &walkdir::DirEntry,
    base: &Path,
    folder: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(String, Entry)> {
    let kind = entry.file_type();
    if kind.is_dir() {
        return None;
    }
    let relative = entry.path().strip_prefix(base).ok()?;
    let names: Option<Vec<&str>> = relative.iter().map(|name| name.to_str()).collect();
    let Some(names) = names else {
        let place = Place::of_path(format!("{folder}/{}", relative.display()));
        diagnostics.push(
            Diagnostic::error(Code::SitePath, place, "the file name is not UTF-8").help("rename the file"),
        );
        return None;
    };
    let relative = names.join("/");
    let path = format!("{folder}/{relative}");
    if !kind.is_file() {
        diagnostics.push(
            Diagnostic::warning(
                Code::SitePath,
                Place::of_path(path),
                "symbolic link or special file skipped",
            )
            .help("replace it with a copy of the file"),
        );
        return None;
    }
    Some((relative, Entry { path, on_disk: entry.path().to_owned() }))
}

/// Removes and reports files such as `text.MD` or `text.markdown`, whose extension is a variant of one in `extensions`.
///
/// Otherwise they would be published as assets or ignored, without a message.
pub(crate) fn remove_misnamed(
    files: &mut BTreeMap<String, Entry>,
    extensions: &[&str],
    diagnostics: &mut Diagnostics,
) {
    files.retain(|path, entry| {
        let Some((_, extension)) = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) else {
            return true;
        };
        let standard = match extension.to_ascii_lowercase().as_str() {
            "markdown" | "mdown" | "mkd" => "md".to_owned(),
            other => other.to_owned(),
        };
        let keep = extension == standard || !extensions.contains(&standard.as_str());
        if !keep {
            let message = format!("unsupported file extension `.{extension}`");
            diagnostics.push(
                Diagnostic::error(Code::SitePath, Place::of_path(&entry.path), message)
                    .help(format!("change the extension to `.{standard}`")),
            );
        }
        keep
    });
}

/// Files that editors and systems leave behind, which nobody means to publish.
const LEFTOVERS: [&str; 15] = [
    "*~",
    "~$*",
    "#*#",
    "*.bak",
    "*.orig",
    "*.rej",
    "*.swp",
    "*.swo",
    "*.tmp",
    "*.part",
    "4913",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "Icon\r",
];

/// Removes files that editors and systems leave behind, and those whose name or path matches one of `patterns`.
pub(crate) fn remove_ignored(files: &mut BTreeMap<String, Entry>, patterns: &[String]) {
    let patterns: Vec<&str> = LEFTOVERS.into_iter().chain(patterns.iter().map(String::as_str)).collect();
    files.retain(|path, _| {
        let name = path.rsplit('/').next().unwrap_or(path);
        !patterns.iter().any(|pattern| matches_pattern(pattern, name) || matches_pattern(pattern, path))
    });
}

/// Whether a name matches a pattern, in which `*` stands for any characters. Case does not count.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Reads a file as text. Reports a file that cannot be read, and the place of the first byte that is not UTF-8.
pub(crate) fn read(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Arc<File>> {
    let bytes = read_bytes(entry, diagnostics)?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(File::new(entry.path.as_str(), text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let lossy = File::new(entry.path.as_str(), String::from_utf8_lossy(error.as_bytes()));
            diagnostics.push(
                Diagnostic::error(
                    Code::SiteRead,
                    Place::new(&lossy, valid..valid + 1),
                    "the file is not UTF-8 from here on",
                )
                .help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// Reads the bytes of a file. Reports a file that cannot be read.
pub(crate) fn read_bytes(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    match std::fs::read(&entry.on_disk) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let (message, help) = match error.kind() {
                ErrorKind::NotFound => {
                    (format!("no such file: `{}`", entry.path), "check the path of the file")
                }
                _ => {
                    (format!("cannot be read: {}", describe(&error)), "make the file readable, or remove it")
                }
            };
            let place = Place::of_path(&entry.path);
            diagnostics.push(Diagnostic::error(Code::SiteRead, place, message).help(help));
            None
        }
    }
}

/// Reads a file in any encoding, as it was received, with its bytes. Reports a file that is not text.
pub(crate) fn read_received(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<(Arc<File>, Vec<u8>)> {
    let bytes = read_bytes(entry, diagnostics)?;
    let Some(decoded) = encoding::decode(&bytes) else {
        diagnostics.push(
            Diagnostic::error(Code::SiteRead, Place::of_path(&entry.path), "the file is not text")
                .help("put the text as it was received into a text file or a saved web page"),
        );
        return None;
    };
    Some((File::new(entry.path.as_str(), decoded.text), bytes))
}

/// The reason for an I/O error in lower case and without its number: `permission denied`.
fn describe(error: &std::io::Error) -> String {
    let message = error.to_string();
    message.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Reads `root/path`, a file that is referenced at `reference`. A path that leads out of the site is an error.
pub(crate) fn read_referenced(
    root: &Path,
    path: &str,
    reference: &Place,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<File>> {
    let on_disk = root.join(path);
    let inside = on_disk
        .canonicalize()
        .ok()
        .zip(root.canonicalize().ok())
        .is_some_and(|(file, site)| file.starts_with(site));
    if !inside {
        diagnostics.push(
            Diagnostic::error(
                Code::SiteRead,
                reference.clone(),
                format!("no such file in the site: `{path}`"),
            )
            .help("write the path of a file in the site's folder"),
        );
        return None;
    }
    read(&Entry { path: path.to_owned(), on_disk }, diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_ignored() {
        let entry = |path: &str| (path.to_owned(), Entry { path: path.to_owned(), on_disk: PathBuf::new() });
        let mut files: BTreeMap<String, Entry> = [
            "a/index.md",
            "a/index.md~",
            "a/#index.md#",
            "a/~$b.docx",
            "a/4913",
            "thumbs.DB",
            "drafts/x.png",
            "a/b.png",
        ]
        .map(entry)
        .into();
        remove_ignored(&mut files, &["drafts/*".to_owned()]);
        assert_eq!(files.into_keys().collect::<Vec<_>>(), ["a/b.png", "a/index.md"]);
    }
}
