//! `postil styles`: lists the bundled citation styles.

use std::process::ExitCode;

use clap::Args;

use super::report::{eprint, print};
use crate::bibliography::styles;

/// Arguments of `postil styles`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil styles               all styles, with their names for `citation_style` and their titles
  postil styles vancouver     only styles whose name or title contains `vancouver`")]
pub(super) struct Styles {
    /// Show only styles whose name or title contains this word
    word: Option<String>,
}

impl Styles {
    /// Prints each style: its names on one line, its title on the next. Fails if no style matches.
    pub(super) fn run(self) -> ExitCode {
        let word = self.word.unwrap_or_default().to_lowercase();
        let mut found = false;
        for style in styles() {
            let names = std::iter::once(&style.name).chain(&style.aliases).map(String::as_str);
            let names = names.collect::<Vec<_>>().join(", ");
            if names.contains(&word) || style.title.to_lowercase().contains(&word) {
                found = true;
                print(&format!("{names}\n    {}", style.title));
            }
        }
        if found {
            return ExitCode::SUCCESS;
        }
        eprint(&format!("no style matches `{word}`; `postil styles` lists all of them"));
        ExitCode::from(1)
    }
}
