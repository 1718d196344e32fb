//! A bar for work that takes a while.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long work may take before people want to see that it goes on.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far some work is, shown on a terminal once it takes a while; gone when dropped.
#[derive(Debug)]
pub struct Progress {
    /// None where nobody would see it.
    bar: Option<ProgressBar>,
    begun: Instant,
    shown: OnceLock<()>,
}

impl Progress {
    /// The bar for `total` steps of what `label` calls them, never shown if `quiet`.
    pub fn new(label: &str, total: usize, quiet: bool) -> Self {
        let watched = !quiet && std::io::stderr().is_terminal();
        let bar = watched.then(|| bar(label, total));
        Self { bar, begun: Instant::now(), shown: OnceLock::new() }
    }

    /// One step is done; any thread may say so.
    pub fn inc(&self) {
        let Some(bar) = &self.bar else { return };
        bar.inc(1);
        if self.shown.get().is_none() && self.begun.elapsed() >= PATIENCE {
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
    bar.set_message(super::harmless_line(label).into_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar as on a terminal, begun some time ago.
    fn begun_ago(ago: Duration) -> Progress {
        let begun = Instant::now().checked_sub(ago).unwrap();
        Progress { bar: Some(bar("pages", 100)), begun, shown: OnceLock::new() }
    }

    #[test]
    fn quick_work_shows_nothing() {
        let progress = begun_ago(Duration::ZERO);
        progress.inc();
        assert!(progress.shown.get().is_none());
        let progress = begun_ago(PATIENCE);
        progress.inc();
        assert!(progress.shown.get().is_some());
    }

    #[test]
    fn a_bar_is_for_a_terminal_that_is_not_quiet() {
        assert!(Progress::new("pages", 100, true).bar.is_none());
        assert_eq!(Progress::new("pages", 100, false).bar.is_some(), std::io::stderr().is_terminal());
    }

    #[test]
    fn steps_are_counted_from_all_threads() {
        let progress = begun_ago(Duration::ZERO);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..25).for_each(|_| progress.inc()));
            }
        });
        assert_eq!(progress.bar.as_ref().unwrap().position(), 100);
    }
}
