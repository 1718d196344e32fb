//! Watches the site's folder and reports which files changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::names::address;

/// The polling interval if the system does not support file watching.
const POLL: Duration = Duration::from_millis(500);

/// Reports changed files until it is dropped.
pub(super) struct Watcher {
    root: PathBuf,
    system: Box<dyn notify::Watcher + Send>,
    /// The folders of the site that are watched recursively.
    followed: BTreeSet<PathBuf>,
    /// Other folders, watched without their subfolders.
    extra: Vec<PathBuf>,
    /// Why polling is used instead of file watching, if it is.
    pub(super) slow: Option<String>,
}

impl Watcher {
    /// Starts to watch the site at `root` and the folders `extra`. Calls `touched` with files that were
    /// changed, created or deleted.
    pub(super) fn new(
        root: &Path,
        extra: Vec<PathBuf>,
        touched: impl Fn(Vec<PathBuf>) + Clone + Send + 'static,
    ) -> notify::Result<Self> {
        let (quick, polled) = (touched.clone(), touched);
        let (here, there) = (root.to_owned(), root.to_owned());
        let system = RecommendedWatcher::new(move |event| handle(event, &here, &quick), Config::default());
        let started =
            system.map(|system| Self::with(root, &extra, Box::new(system), None)).and_then(Self::start);
        started.or_else(|error| {
            let config = Config::default().with_poll_interval(POLL);
            let system = PollWatcher::new(move |event| handle(event, &there, &polled), config)?;
            Self::with(root, &extra, Box::new(system), Some(error.to_string())).start()
        })
    }

    fn with(
        root: &Path,
        extra: &[PathBuf],
        system: Box<dyn notify::Watcher + Send>,
        slow: Option<String>,
    ) -> Self {
        Self { root: root.to_owned(), system, followed: BTreeSet::new(), extra: extra.to_vec(), slow }
    }

    fn start(mut self) -> notify::Result<Self> {
        // The output folder may be inside the site's folder, so only the input folders are watched
        // recursively.
        self.system.watch(&self.root, RecursiveMode::NonRecursive)?;
        for folder in self.folders() {
            self.watch(&folder)?;
        }
        for folder in &self.extra {
            // If the folder does not exist, this is reported elsewhere.
            let _ = self.system.watch(folder, RecursiveMode::NonRecursive);
        }
        Ok(self)
    }

    fn folders(&self) -> [PathBuf; 3] {
        address::INPUT_FOLDERS.map(|folder| self.root.join(folder))
    }

    fn watch(&mut self, folder: &Path) -> notify::Result<()> {
        if folder.is_dir() {
            self.system.watch(folder, RecursiveMode::Recursive)?;
            self.followed.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Watches input folders that were created or replaced.
    pub(super) fn follow(&mut self, touched: &BTreeSet<PathBuf>) {
        for folder in self.folders().into_iter().filter(|folder| touched.contains(folder)) {
            if self.followed.remove(&folder) {
                // Fails if the folder no longer exists; then it is not watched any more.
                let _ = self.system.unwatch(&folder);
            }
            // If the folder has been deleted again, it is reported when it is created again.
            let _ = self.watch(&folder);
        }
    }
}

fn handle(event: notify::Result<Event>, root: &Path, touched: &impl Fn(Vec<PathBuf>)) {
    let event = match event {
        Ok(event) if !event.need_rescan() => event,
        // The system lost events, so any file may have changed.
        _ => return touched(vec![root.to_owned()]),
    };
    let is_written = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Modify(ModifyKind::Metadata(_)) => false,
        _ => true,
    };
    if is_written && !event.paths.is_empty() {
        touched(event.paths);
    }
}
