//! A progress bar for long-running work.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long work may take before a progress bar is shown.
const SHOW_AFTER: Duration = Duration::from_millis(500);

/// A progress bar that appears on a terminal once the work takes a while, and is removed on drop.
#[derive(Debug)]
pub struct Progress {
    /// `None` if nobody would see it: in quiet mode, or without a terminal.
    bar: Option<ProgressBar>,
    started: Instant,
    shown: OnceLock<()>,
}

impl Progress {
    /// A bar for `total` steps, with `label` in front; never shown if `quiet`.
    pub fn new(label: &str, total: usize, quiet: bool) -> Self {
        let watched = !quiet && std::io::stderr().is_terminal();
        let bar = watched.then(|| bar(label, total));
        Self { bar, started: Instant::now(), shown: OnceLock::new() }
    }

    /// Counts one finished step; may be called from any thread.
    pub fn inc(&self) {
        let Some(bar) = &self.bar else { return };
        bar.inc(1);
        if self.shown.get().is_none() && self.started.elapsed() >= SHOW_AFTER {
            self.shown.get_or_init(|| bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar that is not drawn yet.
fn bar(label: &str, total: usize) -> ProgressBar {
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(super::escape_line(label).into_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A visible bar that was started `ago`.
    fn started_ago(ago: Duration) -> Progress {
        let started = Instant::now().checked_sub(ago).unwrap();
        Progress { bar: Some(bar("pages", 100)), started, shown: OnceLock::new() }
    }

    #[test]
    fn a_bar_appears_only_after_a_while() {
        let progress = started_ago(Duration::ZERO);
        progress.inc();
        assert!(progress.shown.get().is_none());
        let progress = started_ago(SHOW_AFTER);
        progress.inc();
        assert!(progress.shown.get().is_some());
    }

    #[test]
    fn a_bar_needs_a_terminal_and_no_quiet_mode() {
        assert!(Progress::new("pages", 100, true).bar.is_none());
        assert_eq!(Progress::new("pages", 100, false).bar.is_some(), std::io::stderr().is_terminal());
    }

    #[test]
    fn steps_are_counted_from_all_threads() {
        let progress = started_ago(Duration::ZERO);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|_| progress.inc()));
            }
        });
        assert_eq!(progress.bar.as_ref().unwrap().position(), 100);
    }
}
