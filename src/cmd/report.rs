//! How a command tells people and programs what came of it.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::{self, Progress};
use crate::pipeline::Watch;

/// Writes diagnostics to standard error for people.
pub fn tell(diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let stderr = std::io::stderr();
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let text = render::human(diagnostics, colour, width());
    // Nobody is left to be told that standard error is closed.
    let _ = stderr.lock().write_all(text.as_bytes());
}

/// Writes a line to standard error; a reader that has gone away is no error.
pub fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a line to standard output; a reader that has gone away is no error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes what a program waits for to standard output, and tells whether all of it arrived; a reader that has gone
/// away wanted no more.
pub fn deliver(text: &str) -> bool {
    let mut stdout = std::io::stdout();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => true,
        Err(error) => {
            warn(&format!("standard output takes no more: {error}"));
            false
        }
    }
}

fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(140)
}

/// A progress bar that begins when it is known how much there is to do.
pub struct Bar {
    label: &'static str,
    quiet: bool,
    progress: OnceLock<Progress>,
}

impl Bar {
    /// A bar with a word before it.
    pub fn new(label: &'static str, quiet: bool) -> Self {
        Self { label, quiet, progress: OnceLock::new() }
    }
}

impl Watch for Bar {
    fn begin(&self, total: usize) {
        self.progress.get_or_init(|| Progress::new(self.label, total, self.quiet));
    }

    fn step(&self) {
        if let Some(progress) = self.progress.get() {
            progress.inc();
        }
    }
}
