//! Writes pages: to a staging folder beside the published site, to memory, or nowhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;

use super::load::LoadedSite;
use super::options::Options;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, io_reason};
use crate::names::address;
use crate::output::{self, Staging};
use crate::search::Script;
use crate::theme::Theme;

/// Writes the files of a site, and counts them.
pub(super) struct PageWriter {
    shelf: Destination,
    destination: PathBuf,
    pub(super) files: AtomicUsize,
    pub(super) bytes: AtomicUsize,
}

/// Most pages are shorter than this many bytes.
const PAGE: usize = 64 * 1024;

/// The destination of files.
enum Destination {
    /// Files are discarded.
    Nowhere,
    /// Files go to a staging folder, which is published at the end.
    Folder(Box<Staging>),
    /// Files whose paths start with the prefix are kept in memory.
    Memory(String, Mutex<BTreeMap<String, Vec<u8>>>),
}

impl PageWriter {
    pub(super) fn open(options: &Options, loaded: &LoadedSite, diagnostics: &mut Diagnostics) -> Self {
        let destination = options.output.clone().unwrap_or_else(|| loaded.root.join(&loaded.site.output));
        let protected = address::INPUT_FOLDERS.map(|folder| loaded.root.join(folder));
        let protected: Vec<&Path> = protected.iter().map(PathBuf::as_path).collect();
        // With errors, nothing will be published.
        let begun = if options.dry || diagnostics.has_errors() {
            output::verify(&destination, &loaded.root, &protected).map(|()| None)
        } else {
            Staging::begin(&destination, &loaded.root, &protected, &loaded.site.keep).map(Some)
        };
        let shelf = match begun {
            Ok(Some(staging)) => Destination::Folder(Box::new(staging)),
            Ok(None) => Destination::Nowhere,
            Err(error) => {
                let problem = error.into_diagnostic();
                // If site.toml names the folder, point there.
                let named = options.output.is_none() && !loaded.site.output_place.span.is_empty();
                let place = if named { loaded.site.output_place.clone() } else { problem.place.clone() };
                diagnostics.push(Diagnostic { place, ..problem });
                Destination::Nowhere
            }
        };
        Self::on(shelf, destination)
    }

    /// A writer that discards everything.
    pub(super) fn nowhere() -> Self {
        Self::on(Destination::Nowhere, PathBuf::new())
    }

    /// A writer that keeps files whose paths start with `wanted`.
    pub(super) fn memory(wanted: impl Into<String>) -> Self {
        Self::on(Destination::Memory(wanted.into(), Mutex::default()), PathBuf::new())
    }

    fn on(shelf: Destination, destination: PathBuf) -> Self {
        Self { shelf, destination, files: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        match &self.shelf {
            Destination::Nowhere => {}
            Destination::Folder(staging) => {
                if let Err(error) = staging.write(path, bytes) {
                    diagnostics.push(error.into_diagnostic());
                }
            }
            Destination::Memory(wanted, kept) => {
                if path.starts_with(wanted) {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.insert(path.to_owned(), bytes.to_owned());
                }
            }
        }
    }

    /// Renders each template with the same values, and writes it to its path.
    pub(super) fn render(
        &self,
        theme: &Theme,
        page: &impl Serialize,
        templates: &[(&str, &str)],
        diagnostics: &mut Diagnostics,
    ) {
        let values = match theme.values(page) {
            Ok(values) => values,
            Err(problem) => return diagnostics.push(*problem),
        };
        for (template, path) in templates {
            match theme.render(template, &values, PAGE) {
                Ok(made) => self.write(path, &made, diagnostics),
                Err(problem) => diagnostics.push(*problem),
            }
        }
    }

    /// The files kept in memory, by path.
    pub(super) fn into_kept(self) -> BTreeMap<String, Vec<u8>> {
        match self.shelf {
            Destination::Memory(_, kept) => kept.into_inner().unwrap_or_else(PoisonError::into_inner),
            Destination::Nowhere | Destination::Folder(_) => BTreeMap::new(),
        }
    }

    /// Writes scripts of the search index.
    pub(super) fn scripts(&self, scripts: &[Script], diagnostics: &mut Diagnostics) {
        let problems: Vec<Diagnostics> = scripts
            .par_iter()
            .map(|script| {
                let mut problems = Diagnostics::default();
                self.write(&script.path, &script.bytes, &mut problems);
                problems
            })
            .collect();
        problems.into_iter().for_each(|problems| diagnostics.extend(problems));
    }

    pub(super) fn copy(&self, path: &str, from: &Path, diagnostics: &mut Diagnostics) {
        self.files.fetch_add(1, Ordering::Relaxed);
        let length = std::fs::metadata(from).map_or(0, |file| file.len());
        self.bytes.fetch_add(usize::try_from(length).unwrap_or(usize::MAX), Ordering::Relaxed);
        match &self.shelf {
            Destination::Nowhere => {}
            Destination::Folder(staging) => {
                if let Err(error) = staging.copy(path, from) {
                    diagnostics.push(error.into_diagnostic());
                }
            }
            Destination::Memory(wanted, kept) => {
                if !path.starts_with(wanted) {
                    return;
                }
                match std::fs::read(from) {
                    Ok(bytes) => {
                        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                        kept.insert(path.to_owned(), bytes);
                    }
                    Err(error) => {
                        let message = format!("cannot read the file: {}", io_reason(&error));
                        diagnostics.push(Diagnostic::error(Code::SiteRead, Place::of_path(path), message));
                    }
                }
            }
        }
    }

    pub(super) fn publish(self, diagnostics: &mut Diagnostics) -> Option<PathBuf> {
        let Destination::Folder(staging) = self.shelf else { return None };
        match staging.publish() {
            Ok(()) => Some(self.destination),
            Err(error) => {
                diagnostics.push(error.into_diagnostic());
                None
            }
        }
    }
}
