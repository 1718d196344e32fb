//! The library as the suite calls it. No other file of the suite names its modules.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use postil::render;
pub(crate) use postil::{Change, Code, Options, Served, Session};

use super::Problem;

/// How long a build may take before the test fails.
const LIMIT: Duration = Duration::from_secs(120);

/// The stack of a program's first thread on Linux, where the command runs.
const STACK: usize = 8 << 20;

/// The width of the terminal that diagnostics are formatted for.
const WIDTH: usize = 100;

/// The result of a build or check that was run in this process.
#[derive(Debug)]
pub(crate) struct Report {
    /// The folder that was published, if any.
    pub(crate) published: Option<PathBuf>,
    /// The diagnostics as people see them, with `.` for the site's folder.
    pub(crate) text: String,
    /// The diagnostics as programs read them.
    pub(crate) problems: Vec<Problem>,
    /// How many of them are errors.
    pub(crate) errors: usize,
}

impl Report {
    /// The same report, after checking that there are no errors.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.errors, 0, "{}", self.text);
        self
    }

    /// The same report, after checking that there are errors and that nothing was published.
    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(self.errors > 0, "no errors");
        assert_eq!(self.published, None, "published in spite of errors: {}", self.text);
        self
    }
}

/// Builds a site as the command does: in a thread with the same stack, and in limited time.
pub(crate) fn build(options: Options) -> Report {
    let site = options.site.display().to_string();
    let (sender, receiver) = mpsc::channel();
    let work = thread::Builder::new().stack_size(STACK).spawn(move || {
        let outcome = postil::build(&options);
        // The receiver is gone if the time is over.
        let _ = sender.send(());
        outcome
    });
    let work = work.expect("a thread can be started");
    if receiver.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("the build took more than {LIMIT:?}");
    }
    let outcome = work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let (errors, _) = render::tally(&outcome.diagnostics);
    Report {
        published: outcome.published,
        text: render::human(&outcome.diagnostics, false, WIDTH).replace(&site, "."),
        problems: Problem::all(&render::json(&outcome.diagnostics)),
        errors,
    }
}

/// Opens a site to serve it.
pub(crate) fn open(options: Options) -> Session {
    Session::open(options, 1).unwrap_or_else(|problems| panic!("{problems:?}"))
}
