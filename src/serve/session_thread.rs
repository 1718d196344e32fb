//! The one place that holds the [`Session`]: questions come in, answers and news go out.
//!
//! Questions go before work that nobody waits for. A change of files is taken in when they have been quiet for a
//! moment, since editors write a file in several steps.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{broadcast, oneshot};

use super::new_note::{self, Form, NewNote, Noted};
use super::watch::Watcher;
use crate::diagnostics::render::{self, count, duration, summary, tally};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::pipeline::{Change, Served, Session};

/// How long files have to be quiet before a change is taken in.
const QUIET: Duration = Duration::from_millis(4);
/// How long a change is waited for to be over.
const PATIENCE: Duration = Duration::from_millis(60);
/// How long pages may be asked for after a change before other work goes on.
const PAUSE: Duration = Duration::from_millis(60);
/// How many errors a page shows, and how many new warnings the terminal.
const SHOWN: usize = 12;
/// How many columns it has for them.
const WIDTH: usize = 110;

/// A question to the desk.
pub(super) enum Request {
    /// Files of the site have changed, or may have.
    Touched(Vec<PathBuf>),
    /// What stands at a path, and the number of the last change.
    Page(String, oneshot::Sender<(Option<Served>, u64)>),
    /// Whether the page at a path has changed since a change; and what is wrong with the site.
    News(String, u64, oneshot::Sender<(bool, Arc<str>)>),
    /// What a form for a note on a text offers.
    Form(String, oneshot::Sender<Option<Form>>),
    /// A note to be written.
    Write(NewNote, oneshot::Sender<Result<Noted, String>>),
}

/// What pages are told.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// Pages have changed: those of these texts and all across texts, or all.
    Changed(Change),
    /// What is wrong with the site now, as JSON.
    Problems(Arc<str>),
}

/// Words for the terminal.
pub struct Output {
    /// A line of what happens.
    pub print: fn(&str),
    /// What is wrong.
    pub print_diagnostics: fn(&[Diagnostic]),
}

/// What is wrong, as pages show it.
#[derive(Serialize)]
struct Overlay<'p> {
    errors: usize,
    warnings: usize,
    /// The first errors.
    told: Vec<Told<'p>>,
}

/// One of them.
#[derive(Serialize)]
struct Told<'p> {
    code: &'static str,
    message: &'p str,
    place: String,
    help: Option<&'p str>,
    /// The place with what stands there, as on the terminal.
    excerpt: String,
}

/// The desk.
pub(super) struct Desk {
    session: Session,
    requests: Receiver<Request>,
    news: broadcast::Sender<News>,
    watcher: Watcher,
    output: Output,
    /// Requests that came while a change was waited for.
    waiting: VecDeque<Request>,
    /// What the terminal was last told.
    told: BTreeSet<Known>,
    /// What pages are told of it.
    overlay: Arc<str>,
    /// Whether there may be something new to tell.
    untold: bool,
    /// When something was last asked.
    asked: Instant,
}

impl Desk {
    /// A desk for a session; what it learns goes out as `news`.
    pub(super) fn new(
        session: Session,
        requests: Receiver<Request>,
        news: broadcast::Sender<News>,
        watcher: Watcher,
        output: Output,
    ) -> Self {
        Self {
            session,
            requests,
            news,
            watcher,
            output,
            waiting: VecDeque::new(),
            told: BTreeSet::new(),
            overlay: Arc::from(shown(&[])),
            untold: true,
            asked: Instant::now(),
        }
    }

    /// Answers until nobody can ask any more.
    pub(super) fn run(mut self) {
        loop {
            match self.next() {
                Ok(request) => {
                    self.answer(request);
                    self.asked = Instant::now();
                }
                Err(RecvTimeoutError::Timeout) if self.session.is_settled() => self.tell(),
                Err(RecvTimeoutError::Timeout) => self.work(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// The next request; a timeout where there is work and nobody asks.
    fn next(&mut self) -> Result<Request, RecvTimeoutError> {
        if let Some(request) = self.waiting.pop_front() {
            return Ok(request);
        }
        if self.session.is_settled() && !self.untold {
            return self.requests.recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        self.requests.recv_timeout(PAUSE.saturating_sub(self.asked.elapsed()))
    }

    fn answer(&mut self, request: Request) {
        // Who asked may have gone away, and then needs no answer.
        match request {
            Request::Touched(files) => self.take_in(files),
            Request::Page(path, reply) => {
                let served = self.session.serve(&path);
                _ = reply.send((served, self.session.now()));
            }
            Request::News(path, since, reply) => {
                let changed = self.session.has_changed(&path, since);
                _ = reply.send((changed, Arc::clone(&self.overlay)));
            }
            Request::Form(path, reply) => _ = reply.send(new_note::form(&self.session, &path)),
            Request::Write(note, reply) => _ = reply.send(new_note::write(&self.session, &note)),
        }
    }

    /// Takes a change in, once the files are quiet, and tells pages.
    fn take_in(&mut self, files: Vec<PathBuf>) {
        let files = self.gather(files);
        self.watcher.follow(&files);
        let start = Instant::now();
        let change = self.session.change(&files);
        if change == Change::Nothing {
            return;
        }
        let time = duration(start.elapsed());
        let what = match &change {
            Change::Texts(texts) => format!("{} made again in {time}", count(texts.len(), "text", "texts")),
            Change::Behind => "the site cannot be read like this, and stays as it was".to_owned(),
            Change::All | Change::Nothing => format!("the site made again in {time}"),
        };
        (self.output.print)(&format!("{}: {what}", named(&files, self.session.root())));
        // Without a page there is nobody to be told.
        let _ = self.news.send(News::Changed(change));
        self.untold = true;
    }

    /// Does some of what nobody waits for.
    fn work(&mut self) {
        let change = self.session.work();
        if change != Change::Nothing {
            // Without a page there is nobody to be told.
            let _ = self.news.send(News::Changed(change));
        }
    }

    /// All files that change until they are quiet.
    fn gather(&mut self, files: Vec<PathBuf>) -> BTreeSet<PathBuf> {
        let mut all: BTreeSet<PathBuf> = files.into_iter().collect();
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.requests.recv_timeout(QUIET) {
                Ok(Request::Touched(more)) => all.extend(more),
                Ok(request) => self.waiting.push_back(request),
                Err(_) => break,
            }
        }
        all
    }

    /// Tells the terminal and the pages what is wrong now.
    fn tell(&mut self) {
        self.untold = false;
        let problems = self.session.problems();
        self.overlay = Arc::from(shown(&problems));
        let _ = self.news.send(News::Problems(Arc::clone(&self.overlay)));
        let now: BTreeSet<Known> = problems.iter().map(known).collect();
        if now == self.told {
            return;
        }
        let new = problems.iter().filter(|problem| !self.told.contains(&known(problem)));
        let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            new.partition(|problem| problem.severity == Severity::Error);
        let more = warnings.len().saturating_sub(SHOWN);
        let shown: Vec<Diagnostic> =
            errors.into_iter().chain(warnings.into_iter().take(SHOWN)).cloned().collect();
        (self.output.print_diagnostics)(&shown);
        if more > 0 {
            (self.output.print)(&format!(
                "and {}: `postil check` tells all",
                count(more, "more warning", "more warnings")
            ));
        }
        let (errors, warnings) = tally(&problems);
        (self.output.print)(&summary(errors, warnings));
        self.told = now;
    }
}

/// What tells a problem from others: its file, its place there, its code and its message.
type Known = (String, usize, Code, String);

fn known(problem: &Diagnostic) -> Known {
    let Diagnostic { place, code, message, .. } = problem;
    (place.file.path.clone(), place.span.start, *code, message.clone())
}

/// The files of a change, in few words.
fn named(files: &BTreeSet<PathBuf>, root: &Path) -> String {
    let first = files.iter().next().map(|file| file.strip_prefix(root).unwrap_or(file).display().to_string());
    match (first, files.len()) {
        (Some(first), 1) => first,
        (Some(first), more) => format!("{first} and {}", count(more - 1, "other file", "other files")),
        (None, _) => "the site".to_owned(),
    }
}

/// What is wrong, for pages.
fn shown(problems: &[Diagnostic]) -> String {
    let (errors, warnings) = tally(problems);
    let first = problems.iter().filter(|problem| problem.severity == Severity::Error).take(SHOWN);
    let told = first.map(|problem| {
        let (line, column) = problem.place.file.line_column(problem.place.span.start);
        // What to do stands apart, where it is not cut off.
        let bare = Diagnostic { help: None, ..problem.clone() };
        Told {
            code: problem.code.as_str(),
            message: &problem.message,
            place: format!("{}:{line}:{column}", problem.place.file.path),
            help: problem.help.as_deref(),
            excerpt: render::human(&[bare], false, WIDTH).lines().skip(1).collect::<Vec<_>>().join("\n"),
        }
    });
    let told = told.collect();
    serde_json::to_string(&Overlay { errors, warnings, told }).expect("strings and numbers are always JSON")
}
