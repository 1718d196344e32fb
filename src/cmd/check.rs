//! `postil check`: everything that is wrong in a site, without writing it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::fix;
use super::report::{Bar, deliver, say, tell, warn};
use crate::diagnostics::render::{self, count, duration, summary, tally};
use crate::diagnostics::{Code, Diagnostic};
use crate::pipeline::{self, Options};

/// What `postil check` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil check                    what is wrong, each with its file, line and what to do
  postil check --fix              mends quotes and ids, and asks before each change
  postil check --strict           fails on warnings too, for pull requests
  postil check --reviewed         records that the notes were read against the texts as they are now
  postil check --links            tries addresses outside the site, politely
  postil check --format json      for editors and programs")]
pub struct Check {
    /// The folder with site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// For people, or one JSON object for programs
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Let warnings fail the check
    #[arg(long)]
    strict: bool,
    /// Mend what can be mended: quotes with a near and single fit, ids left out; asks on a terminal
    #[arg(long)]
    fix: bool,
    /// With --fix: write every change without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    /// Record that the notes were read against the texts as they are now
    #[arg(long)]
    reviewed: bool,
    /// Try the addresses that texts, notes and works link to; needs the network, and takes its time
    #[arg(long)]
    links: bool,
    /// Check the edition for this audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
}

/// For whom a command writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
}

impl Check {
    /// Checks, and tells what came of it.
    pub fn run(self) -> ExitCode {
        let start = Instant::now();
        let options = Options {
            site: self.site,
            audience: self.audience,
            dry: true,
            pin: self.reviewed,
            links: self.links,
            ..Options::default()
        };
        let bar = Bar::new("checking", self.format == Format::Json);
        let mut outcome = pipeline::build(&options, &bar);
        // Standard output holds one object, if it is for a program.
        let show = if self.format == Format::Json { warn } else { say };
        if self.fix || self.reviewed {
            let wanted: Vec<&Diagnostic> = outcome
                .diagnostics
                .iter()
                .filter(
                    |problem| if problem.code == Code::LayerSourceChanged { self.reviewed } else { self.fix },
                )
                .collect();
            match fix::apply(&options.site, &wanted, self.yes || (self.reviewed && !self.fix), show) {
                Ok(0) => {}
                Ok(count) => {
                    show(&format!("wrote {}", render::count(count, "change", "changes")));
                    outcome = pipeline::build(&Options { pin: false, links: false, ..options }, &bar);
                }
                Err(error) => {
                    warn(&format!("the changes could not be written: {error}"));
                    return ExitCode::from(1);
                }
            }
        }
        let (errors, warnings) = tally(&outcome.diagnostics);
        match self.format {
            Format::Json => {
                if !deliver(render::json(&outcome.diagnostics).trim_end()) {
                    return ExitCode::from(1);
                }
            }
            Format::Human => {
                tell(&outcome.diagnostics);
                say(&format!(
                    "checked {} with {} in {}: {}",
                    count(outcome.texts, "text", "texts"),
                    count(outcome.notes, "note", "notes"),
                    duration(start.elapsed()),
                    summary(errors, warnings),
                ));
            }
        }
        ExitCode::from(u8::from(errors > 0 || (self.strict && warnings > 0)))
    }
}
