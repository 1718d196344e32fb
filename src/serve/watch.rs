//! The site's folder, watched: which files were touched, and nothing of what that means.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::names::address;

/// How often files are looked at where the system cannot tell of changes.
const POLL: Duration = Duration::from_millis(500);

/// Tells of touched files for as long as it lives.
pub(super) struct Watcher {
    root: PathBuf,
    system: Box<dyn notify::Watcher + Send>,
    /// The folders that are watched.
    followed: BTreeSet<PathBuf>,
    /// Folders besides, of which only the files in them count.
    besides: Vec<PathBuf>,
    /// Why the system cannot tell of changes, if it cannot.
    pub(super) slow: Option<String>,
}

impl Watcher {
    /// Begins to watch the site at `root`, and the folders `besides`, and tells `touched` of files that changed, were added or are gone.
    pub(super) fn new(
        root: &Path,
        besides: Vec<PathBuf>,
        touched: impl Fn(Vec<PathBuf>) + Clone + Send + 'static,
    ) -> notify::Result<Self> {
        let (quick, polled) = (touched.clone(), touched);
        let (here, there) = (root.to_owned(), root.to_owned());
        let system = RecommendedWatcher::new(move |event| hear(event, &here, &quick), Config::default());
        let begun =
            system.map(|system| Self::on(root, &besides, Box::new(system), None)).and_then(Self::begin);
        begun.or_else(|error| {
            let config = Config::default().with_poll_interval(POLL);
            let system = PollWatcher::new(move |event| hear(event, &there, &polled), config)?;
            Self::on(root, &besides, Box::new(system), Some(error.to_string())).begin()
        })
    }

    fn on(
        root: &Path,
        besides: &[PathBuf],
        system: Box<dyn notify::Watcher + Send>,
        slow: Option<String>,
    ) -> Self {
        Self { root: root.to_owned(), system, followed: BTreeSet::new(), besides: besides.to_vec(), slow }
    }

    fn begin(mut self) -> notify::Result<Self> {
        // The output may stand in the site's folder, so only the folders that a site is made of are watched whole.
        self.system.watch(&self.root, RecursiveMode::NonRecursive)?;
        for folder in self.folders() {
            self.watch(&folder)?;
        }
        for folder in &self.besides {
            // A folder that is not there is told of by the site itself.
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

    /// Watches a folder of the site that was made, or made again.
    pub(super) fn follow(&mut self, touched: &BTreeSet<PathBuf>) {
        for folder in self.folders().into_iter().filter(|folder| touched.contains(folder)) {
            if self.followed.remove(&folder) {
                // It may be gone, and then is not watched any more.
                let _ = self.system.unwatch(&folder);
            }
            // A folder that goes away at once is told of again when it comes back.
            let _ = self.watch(&folder);
        }
    }
}

fn hear(event: notify::Result<Event>, root: &Path, touched: &impl Fn(Vec<PathBuf>)) {
    let event = match event {
        Ok(event) if !event.need_rescan() => event,
        // The system has lost count of what changed: all may have.
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
