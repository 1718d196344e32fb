//! `postil build`: builds a site into a folder of HTML pages.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::report::{Bar, eprint, print, print_diagnostics};
use crate::diagnostics::render::{count, duration, summary, tally};
use crate::pipeline::{self, Options, Outcome};
use crate::site::is_base_url;

/// Arguments of `postil build`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil build                                      build this folder's site to public/
  postil build reader -o /srv/www/reader            another site and another output folder
  postil build --base-url https://example.org/lamp/ set the site's public address
  postil build --audience teacher -o teacher        include the notes for teachers")]
pub(super) struct Build {
    /// The folder that contains site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// The output folder [default: the one set in site.toml, or public]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The public address of the site, for canonical links, feeds and exports
    #[arg(long, value_name = "URL", value_parser = address)]
    base_url: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Also include the notes for this audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// The number of threads [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Print only errors and warnings
    #[arg(short, long)]
    quiet: bool,
}

impl Build {
    /// Builds the site and prints the result.
    pub(super) fn run(self) -> ExitCode {
        let start = Instant::now();
        let options = Options {
            site: self.site,
            output: self.output,
            base_url: self.base_url,
            drafts: self.drafts,
            audience: self.audience,
            dry: false,
            pin: false,
            links: false,
        };
        let bar = Bar::new("building", self.quiet);
        let outcome = in_pool(self.jobs, || pipeline::build_watched(&options, &bar));
        print_diagnostics(&outcome.diagnostics);
        let (errors, warnings) = tally(&outcome.diagnostics);
        let Some(folder) = &outcome.published else {
            eprint(&format!("{}; nothing was published", summary(errors.max(1), warnings)));
            return ExitCode::from(1);
        };
        if !self.quiet {
            if warnings > 0 {
                eprint(&summary(errors, warnings));
            }
            print(&format!("built {} in {}", describe(&outcome), duration(start.elapsed())));
            print(&format!("open {} in a browser", folder.join("index.html").display()));
        }
        ExitCode::SUCCESS
    }
}

/// Checks a base URL.
pub(super) fn address(text: &str) -> Result<String, &'static str> {
    if is_base_url(text) { Ok(text.to_owned()) } else { Err("use the form https://example.org/folder/") }
}

/// Runs `work` on `jobs` threads.
pub(super) fn in_pool<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    match jobs.map(|jobs| rayon::ThreadPoolBuilder::new().num_threads(jobs.clamp(1, 1024)).build()) {
        Some(Ok(pool)) => pool.install(work),
        // If no separate pool can be created, the global pool is used.
        _ => work(),
    }
}

fn describe(outcome: &Outcome) -> String {
    format!(
        "{} with {} and {}: {}",
        count(outcome.texts, "text", "texts"),
        count(outcome.notes, "note", "notes"),
        count(outcome.works, "work cited", "works cited"),
        size(outcome.files, outcome.bytes),
    )
}

fn size(files: usize, bytes: usize) -> String {
    let files = count(files, "file", "files");
    match bytes {
        0..10_000 => format!("{files}, {bytes} bytes"),
        10_000..10_000_000 => format!("{files}, {} kB", bytes / 1000),
        _ => format!("{files}, {} MB", bytes / 1_000_000),
    }
}
