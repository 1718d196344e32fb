//! `postil check`: reports all problems of a site without building it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::fix;
use super::report::{Bar, eprint, print, print_diagnostics, print_result};
use crate::diagnostics::render::{self, count, duration, summary, tally};
use crate::diagnostics::{Code, Diagnostic, io_reason};
use crate::pipeline::{self, Options};

/// Arguments of `postil check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil check                    report all problems, with file, line and help
  postil check --fix              fix quotes and ids, and ask before each change
  postil check --strict           also fail on warnings, for example in CI
  postil check --reviewed         record that the notes were checked against the current texts
  postil check --links            check external links (rate-limited)
  postil check --format json      print JSON for editors and programs")]
pub(super) struct Check {
    /// The folder that contains site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Fail on warnings too, except those in `[check] allow`
    #[arg(long)]
    strict: bool,
    /// Apply automatic fixes: quotes with exactly one close match, and missing ids. Asks before each change
    #[arg(long)]
    fix: bool,
    /// With --fix: apply all changes without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    /// Record that the notes were checked against the current texts
    #[arg(long)]
    reviewed: bool,
    /// Check the external links of texts, notes and works. Needs network access and can take a while
    #[arg(long)]
    links: bool,
    /// Check the edition for this audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
}

/// The output format of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    Human,
    /// A single JSON object
    Json,
}

impl Check {
    /// Checks the site and prints the result.
    pub(super) fn run(self) -> ExitCode {
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
        let mut outcome = pipeline::build_watched(&options, &bar);
        // With JSON, standard output holds the JSON object only.
        let show = if self.format == Format::Json { eprint } else { print };
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
                    outcome = pipeline::build_watched(&Options { pin: false, links: false, ..options }, &bar);
                }
                Err(error) => {
                    eprint(&format!("cannot write the changes: {}", io_reason(&error)));
                    return ExitCode::from(1);
                }
            }
        }
        let (errors, warnings) = tally(&outcome.diagnostics);
        match self.format {
            Format::Json => {
                if !print_result(render::json(&outcome.diagnostics).trim_end()) {
                    return ExitCode::from(1);
                }
            }
            Format::Human => {
                print_diagnostics(&outcome.diagnostics);
                print(&format!(
                    "checked {} with {} in {}: {}",
                    count(outcome.texts, "text", "texts"),
                    count(outcome.notes, "note", "notes"),
                    duration(start.elapsed()),
                    summary(errors, warnings),
                ));
            }
        }
        ExitCode::from(u8::from(errors > 0 || (self.strict && warnings > outcome.allowed)))
    }
}
