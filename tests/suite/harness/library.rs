//! Calls the library. No other file of the suite uses its modules.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use postil::render;
pub(crate) use postil::{Change, Code, Options, Served, Session};

use super::Problem;

/// How long a build may take before the test fails.
const LIMIT: Duration = Duration::from_secs(120);

/// The stack size of the main thread on Linux, in which the command runs.
const STACK: usize = 8 << 20;

/// The terminal width for formatting diagnostics.
const WIDTH: usize = 100;

/// The result of a build or check in this process.
#[derive(Debug)]
pub(crate) struct Report {
    /// The folder that was published, if any.
    pub(crate) published: Option<PathBuf>,
    /// The diagnostics as text, with `.` for the site's folder.
    pub(crate) text: String,
    /// The diagnostics as JSON.
    pub(crate) problems: Vec<Problem>,
    /// The number of errors.
    pub(crate) errors: usize,
}

impl Report {
    /// Asserts that there are no errors and returns the report.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.errors, 0, "{}", self.text);
        self
    }

    /// Asserts that there are errors and nothing was published, and returns the report.
    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert!(self.errors > 0, "no errors");
        assert_eq!(self.published, None, "published in spite of errors: {}", self.text);
        self
    }
}

/// Builds a site like the command does: in a thread with the same stack size, and with a time limit.
pub(crate) fn build(options: Options) -> Report {
    let site = options.site.display().to_string();
    let (sender, receiver) = mpsc::channel();
    let work = thread::Builder::new().stack_size(STACK).spawn(move || {
        let outcome = postil::build(&options);
        // After the time limit, the receiver no longer exists.
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
