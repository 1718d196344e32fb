//! A site's folder to the files in it. All reading of the site stands here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// A file of the site that has not been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path from the site's folder, with `/` between names.
    pub path: String,
    /// Where it is.
    pub on_disk: PathBuf,
}

/// Every file in `root/folder`, by path from that folder; hidden ones and links are left out.
///
/// A folder that is not there has no files. Symbolic links are not followed: they could lead out of
/// the site, or in a circle.
pub fn list(root: &Path, folder: &str, diagnostics: &mut Diagnostics) -> BTreeMap<String, Entry> {
    let base = root.join(folder);
    let mut files = BTreeMap::new();
    if base.is_symlink() {
        let message = format!("`{folder}` is a symbolic link, which is not followed");
        diagnostics.push(
            Diagnostic::error(Code::SitePath, Place::of_path(folder), message)
                .help("put the folder itself in its place: what is outside the site must not be published"),
        );
        return files;
    }
    if !base.exists() {
        return files;
    }
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    for entry in WalkDir::new(&base).into_iter().filter_entry(visible) {
        match entry {
            Ok(entry) => {
                if let Some((path, file)) = admit(&entry, &base, folder, diagnostics) {
                    files.insert(path, file);
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(&base).display().to_string();
                let message = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                diagnostics.push(
                    Diagnostic::error(
                        Code::SiteRead,
                        Place::of_path(path),
                        format!("cannot be read: {message}"),
                    )
                    .help("make it readable, or take it away"),
                );
            }
        }
    }
    files
}

fn admit(
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
            Diagnostic::error(Code::SitePath, place, "the file's name is not UTF-8").help("rename the file"),
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
                "a symbolic link or special file is left out",
            )
            .help("put a copy of the file in its place"),
        );
        return None;
    }
    Some((relative, Entry { path, on_disk: entry.path().to_owned() }))
}

/// Takes out the files whose ending is one of `endings` but for its case, or a longer spelling of it: they would be
/// published as they are, or not at all.
pub fn refuse_misnamed(files: &mut BTreeMap<String, Entry>, endings: &[&str], diagnostics: &mut Diagnostics) {
    files.retain(|path, entry| {
        let Some((_, ending)) = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')) else {
            return true;
        };
        let meant = match ending.to_ascii_lowercase().as_str() {
            "markdown" | "mdown" | "mkd" => "md".to_owned(),
            other => other.to_owned(),
        };
        let good = ending == meant || !endings.contains(&meant.as_str());
        if !good {
            let message = format!("a file that ends in `.{ending}` is not read");
            diagnostics.push(
                Diagnostic::error(Code::SitePath, Place::of_path(&entry.path), message)
                    .help(format!("rename it so that it ends in `.{meant}`")),
            );
        }
        good
    });
}

/// Reads a file as text. What is no UTF-8, or cannot be read, is an error with its place.
pub fn read(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Arc<File>> {
    let bytes = match std::fs::read(&entry.on_disk) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(
                    Code::SiteRead,
                    Place::of_path(&entry.path),
                    format!("cannot be read: {error}"),
                )
                .help("make the file readable, or take it away"),
            );
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(File::new(entry.path.as_str(), text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let lossy = File::new(entry.path.as_str(), String::from_utf8_lossy(error.as_bytes()));
            diagnostics.push(
                Diagnostic::error(
                    Code::SiteRead,
                    Place::new(&lossy, at..at + 1),
                    "the file is not UTF-8 from here on",
                )
                .help("save the file as UTF-8"),
            );
            None
        }
    }
}

/// Reads `root/path`, a file that another file names; it must lie inside the site.
pub fn read_named(
    root: &Path,
    path: &str,
    named_at: &Place,
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
                named_at.clone(),
                format!("there is no file `{path}` in the site"),
            )
            .help("name a file that stands in the site's folder"),
        );
        return None;
    }
    read(&Entry { path: path.to_owned(), on_disk }, diagnostics)
}
