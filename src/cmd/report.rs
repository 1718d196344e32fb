//! How commands print their results.

use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::{self, Progress};
use crate::pipeline::Watch;

/// Prints diagnostics for people to standard error.
pub(super) fn print_diagnostics(diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let stderr = std::io::stderr();
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let text = render::human(diagnostics, colour, width());
    // If standard error is closed, there is nowhere left to report it.
    let _ = stderr.lock().write_all(text.as_bytes());
}

/// Prints a line to standard error; a closed pipe is not an error.
pub(super) fn eprint(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints a line to standard output; a closed pipe is not an error.
pub(super) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a complete result for a program to standard output, and returns whether that succeeded; a closed
/// pipe counts as success.
pub(super) fn print_result(text: &str) -> bool {
    let mut stdout = std::io::stdout();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => true,
        Err(error) => {
            eprint(&format!("cannot write to standard output: {error}"));
            false
        }
    }
}

fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(140)
}

/// A progress bar that starts once the total is known.
pub(super) struct Bar {
    label: &'static str,
    quiet: bool,
    progress: OnceLock<Progress>,
}

impl Bar {
    /// A progress bar with a label.
    pub(super) fn new(label: &'static str, quiet: bool) -> Self {
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
