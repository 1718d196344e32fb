//! The options of a build, and its result.

use std::path::PathBuf;

use crate::diagnostics::Diagnostic;

/// Options of a build.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The site's folder.
    pub site: PathBuf,
    /// The output folder; overrides `site.toml`.
    pub output: Option<PathBuf>,
    /// The address of the published site; overrides `site.toml`.
    pub base_url: Option<String>,
    /// Whether to include drafts.
    pub drafts: bool,
    /// Audience to include, besides everyone.
    pub audience: Option<String>,
    /// Whether to check only: pages are rendered and discarded.
    pub dry: bool,
    /// Whether to offer the hash of the current text as a fix for layers that do not have it in `reviewed`.
    pub pin: bool,
    /// Whether to check external links.
    pub links: bool,
}

/// The result of a build.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All problems, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The published folder; `None` if nothing was published.
    pub published: Option<PathBuf>,
    /// The number of texts.
    pub texts: usize,
    /// The number of notes.
    pub notes: usize,
    /// The number of works cited.
    pub works: usize,
    /// The number of files written.
    pub files: usize,
    /// The size of these files, in bytes.
    pub bytes: usize,
    /// The number of warnings that `[check] allow` lets pass.
    pub allowed: usize,
}

/// Watches the progress of a build.
pub trait Watch: Sync {
    /// Called once, with the number of texts.
    fn begin(&self, total: usize);
    /// Called after each text.
    fn step(&self);
}

/// No-op progress watcher.
pub(super) struct NoProgress;

impl Watch for NoProgress {
    fn begin(&self, _: usize) {}
    fn step(&self) {}
}
