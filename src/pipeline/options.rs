//! What a build is asked for, and what comes of it.

use std::path::PathBuf;

use crate::diagnostics::Diagnostic;

/// What to build, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The site's folder.
    pub site: PathBuf,
    /// Where to write, if not where `site.toml` says.
    pub output: Option<PathBuf>,
    /// The address of the published site, if not the one `site.toml` says.
    pub base_url: Option<String>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// For whom to build, besides everyone.
    pub audience: Option<String>,
    /// Whether pages are made and thrown away.
    pub dry: bool,
    /// Whether layers are to be pinned to the texts as they are now.
    pub pin: bool,
    /// Whether addresses outside the site are tried.
    pub links: bool,
}

/// What came of a build.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// The folder that was published, if it was.
    pub published: Option<PathBuf>,
    /// How many texts there are.
    pub texts: usize,
    /// How many notes they have.
    pub notes: usize,
    /// How many works they cite.
    pub works: usize,
    /// How many files were written.
    pub files: usize,
    /// How many bytes they hold.
    pub bytes: usize,
}

/// Told of each text that is done: how many there are, and that one more is.
pub trait Watch: Sync {
    /// There are `total` texts.
    fn begin(&self, total: usize);
    /// One more is done.
    fn step(&self);
}
