//! The thread that owns the [`Session`]: it answers requests and sends updates to pages.
//!
//! Requests have priority over background work. A change of files is applied after the files have been quiet
//! for a moment, because editors write a file in several steps.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{broadcast, oneshot};

use super::new_note::{self, Form, NewNote, WrittenNote};
use super::watch::Watcher;
use crate::diagnostics::render::{self, count, duration, summary, tally};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::pipeline::{Change, Served, Session};

/// How long files have to be quiet before a change is applied.
const QUIET: Duration = Duration::from_millis(4);
/// The maximum time to wait for files to be quiet.
const MAX_WAIT: Duration = Duration::from_millis(60);
/// How long to wait for requests after the last one before background work continues.
const PAUSE: Duration = Duration::from_millis(60);
/// The maximum number of errors that a page shows, and of new warnings in the terminal.
const MAX_SHOWN: usize = 12;
/// The width of excerpts in a page, in columns.
const WIDTH: usize = 110;

/// A request to the session thread.
pub(super) enum Request {
    /// Files of the site may have changed.
    Touched(Vec<PathBuf>),
    /// Asks for the file at a path, and the number of the last change.
    Page(String, oneshot::Sender<(Option<Served>, u64)>),
    /// Asks whether the page at a path has changed since a change, and for the current problems as JSON.
    Update(String, u64, oneshot::Sender<(bool, Arc<str>)>),
    /// Asks for the options of the note form for a text.
    Form(String, oneshot::Sender<Option<Form>>),
    /// Writes a note.
    Write(NewNote, oneshot::Sender<Result<WrittenNote, String>>),
}

/// An update that is sent to pages.
#[derive(Debug, Clone)]
pub(super) enum Update {
    /// Pages have changed: those of these texts and all pages across texts, or all pages.
    Changed(Change),
    /// The current problems, as JSON.
    Problems(Arc<str>),
}

/// Functions that print to the terminal.
pub(crate) struct Output {
    /// Prints a line.
    pub print: fn(&str),
    /// Prints diagnostics.
    pub print_diagnostics: fn(&[Diagnostic]),
}

/// The problems shown in pages.
#[derive(Serialize)]
struct ProblemList<'p> {
    errors: usize,
    warnings: usize,
    /// The first errors.
    first: Vec<ProblemEntry<'p>>,
}

/// An error in the list.
#[derive(Serialize)]
struct ProblemEntry<'p> {
    code: &'static str,
    message: &'p str,
    place: String,
    help: Option<&'p str>,
    /// The excerpt of the file, as in the terminal.
    excerpt: String,
}

/// The session thread.
pub(super) struct SessionThread {
    session: Session,
    requests: Receiver<Request>,
    updates: broadcast::Sender<Update>,
    watcher: Watcher,
    output: Output,
    /// Requests that arrived while waiting for files to be quiet.
    waiting: VecDeque<Request>,
    /// The problems that were last printed in the terminal.
    printed: BTreeSet<ProblemKey>,
    /// The problems shown in pages, as JSON.
    problem_list: Arc<str>,
    /// Whether the problems may have changed since they were last reported.
    is_outdated: bool,
    /// The time of the last request.
    last_request: Instant,
}

impl SessionThread {
    /// Creates the thread for a session; updates are sent to `updates`.
    pub(super) fn new(
        session: Session,
        requests: Receiver<Request>,
        updates: broadcast::Sender<Update>,
        watcher: Watcher,
        output: Output,
    ) -> Self {
        Self {
            session,
            requests,
            updates,
            watcher,
            output,
            waiting: VecDeque::new(),
            printed: BTreeSet::new(),
            problem_list: Arc::from(problem_list(&[])),
            is_outdated: true,
            last_request: Instant::now(),
        }
    }

    /// Handles requests until all senders are dropped.
    pub(super) fn run(mut self) {
        loop {
            match self.next() {
                Ok(request) => {
                    self.answer(request);
                    self.last_request = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) if self.session.is_settled() => self.report(),
                Err(RecvTimeoutError::Timeout) => self.work_in_background(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// The next request; times out if there is background work and no request.
    fn next(&mut self) -> Result<Request, RecvTimeoutError> {
        if let Some(request) = self.waiting.pop_front() {
            return Ok(request);
        }
        if self.session.is_settled() && !self.is_outdated {
            return self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        self.requests.recv_timeout(PAUSE.saturating_sub(self.last_request.elapsed()))
    }

    fn answer(&mut self, request: Request) {
        // If the receiver is gone, no answer is needed.
        match request {
            Request::Touched(files) => self.apply(files),
            Request::Page(path, reply) => {
                let served = self.session.serve(&path);
                _ = reply.send((served, self.session.now()));
            }
            Request::Update(path, since, reply) => {
                let changed = self.session.has_changed(&path, since);
                _ = reply.send((changed, Arc::clone(&self.problem_list)));
            }
            Request::Form(path, reply) => _ = reply.send(new_note::form(&self.session, &path)),
            Request::Write(note, reply) => _ = reply.send(new_note::write(&self.session, &note)),
        }
    }

    /// Waits until the files are quiet, applies the change, and notifies pages.
    fn apply(&mut self, files: Vec<PathBuf>) {
        let files = self.collect_changes(files);
        self.watcher.follow(&files);
        let start = Instant::now();
        let change = self.session.change(&files);
        if change == Change::Nothing {
            return;
        }
        let time = duration(start.elapsed());
        let what = match &change {
            Change::Texts(texts) => format!("rebuilt {} in {time}", count(texts.len(), "text", "texts")),
            Change::Behind => "the site has errors, keeping the last valid version".to_owned(),
            Change::All | Change::Nothing => format!("rebuilt the site in {time}"),
        };
        (self.output.print)(&format!("{}: {what}", describe(&files, self.session.root())));
        // Sending fails if no page is open.
        let _ = self.updates.send(Update::Changed(change));
        self.is_outdated = true;
    }

    /// Does one step of background work.
    fn work_in_background(&mut self) {
        let change = self.session.work();
        if change != Change::Nothing {
            // Sending fails if no page is open.
            let _ = self.updates.send(Update::Changed(change));
        }
    }

    /// Collects changed files until they are quiet.
    fn collect_changes(&mut self, files: Vec<PathBuf>) -> BTreeSet<PathBuf> {
        let mut all: BTreeSet<PathBuf> = files.into_iter().collect();
        let start = Instant::now();
        while start.elapsed() < MAX_WAIT {
            match self.requests.recv_timeout(QUIET) {
                Ok(Request::Touched(more)) => all.extend(more),
                Ok(request) => self.waiting.push_back(request),
                Err(_) => break,
            }
        }
        all
    }

    /// Reports the current problems to the terminal and the pages.
    fn report(&mut self) {
        self.is_outdated = false;
        let problems = self.session.problems();
        self.problem_list = Arc::from(problem_list(&problems));
        let _ = self.updates.send(Update::Problems(Arc::clone(&self.problem_list)));
        let now: BTreeSet<ProblemKey> = problems.iter().map(problem_key).collect();
        if now == self.printed {
            return;
        }
        let new = problems.iter().filter(|problem| !self.printed.contains(&problem_key(problem)));
        let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            new.partition(|problem| problem.severity == Severity::Error);
        let more = warnings.len().saturating_sub(MAX_SHOWN);
        let listed: Vec<Diagnostic> =
            errors.into_iter().chain(warnings.into_iter().take(MAX_SHOWN)).cloned().collect();
        (self.output.print_diagnostics)(&listed);
        if more > 0 {
            (self.output.print)(&format!(
                "and {}: run `postil check` to see all",
                count(more, "more warning", "more warnings")
            ));
        }
        let (errors, warnings) = tally(&problems);
        (self.output.print)(&summary(errors, warnings));
        self.printed = now;
    }
}

/// Identifies a problem: its file, its offset there, its code and its message.
type ProblemKey = (String, usize, Code, String);

fn problem_key(problem: &Diagnostic) -> ProblemKey {
    let Diagnostic { place, code, message, .. } = problem;
    (place.file.path.clone(), place.span.start, *code, message.clone())
}

/// Describes the changed files in a few words.
fn describe(files: &BTreeSet<PathBuf>, root: &Path) -> String {
    let first = files.iter().next().map(|file| file.strip_prefix(root).unwrap_or(file).display().to_string());
    match (first, files.len()) {
        (Some(first), 1) => first,
        (Some(first), more) => format!("{first} and {}", count(more - 1, "other file", "other files")),
        (None, _) => "the site".to_owned(),
    }
}

/// The list of problems for pages, as JSON.
fn problem_list(problems: &[Diagnostic]) -> String {
    let (errors, warnings) = tally(problems);
    let first = problems.iter().filter(|problem| problem.severity == Severity::Error).take(MAX_SHOWN);
    let entries = first.map(|problem| {
        let (line, column) = problem.place.file.line_column(problem.place.span.start);
        // The help is shown separately, where it is not cut off.
        let bare = Diagnostic { help: None, ..problem.clone() };
        ProblemEntry {
            code: problem.code.as_str(),
            message: &problem.message,
            place: format!("{}:{line}:{column}", problem.place.file.path),
            help: problem.help.as_deref(),
            excerpt: render::human(&[bare], false, WIDTH).lines().skip(1).collect::<Vec<_>>().join("\n"),
        }
    });
    let first = entries.collect();
    serde_json::to_string(&ProblemList { errors, warnings, first })
        .expect("strings and numbers are always JSON")
}
