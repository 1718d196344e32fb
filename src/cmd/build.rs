//! `postil build`: a site to a folder of pages.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::report::{Bar, say, tell, warn};
use crate::diagnostics::render::{count, duration, summary, tally};
use crate::pipeline::{self, Options, Outcome};
use crate::site::is_base_url;

/// What `postil build` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil build                                      the site in this folder, to public/
  postil build reader -o /srv/www/reader            another site, to another folder
  postil build --base-url https://example.org/lamp/ with the address where it will stand
  postil build --audience teacher -o teacher        the edition with the notes for teachers")]
pub struct Build {
    /// The folder with site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// Where to write the pages, instead of the folder that site.toml names
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The address where the site will stand, for canonical links and exports
    #[arg(long, value_name = "URL", value_parser = address)]
    base_url: Option<String>,
    /// Show drafts
    #[arg(long)]
    drafts: bool,
    /// Show the notes for this audience too
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// How many threads to use; as many as there are cores, if left out
    #[arg(short, long, value_name = "N")]
    jobs: Option<usize>,
    /// Say nothing but what is wrong
    #[arg(short, long)]
    quiet: bool,
}

impl Build {
    /// Builds, and tells what came of it.
    pub fn run(self) -> ExitCode {
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
        let outcome = in_pool(self.jobs, || pipeline::build(&options, &bar));
        tell(&outcome.diagnostics);
        let (errors, warnings) = tally(&outcome.diagnostics);
        let Some(folder) = &outcome.published else {
            warn(&format!("{}; nothing was published", summary(errors.max(1), warnings)));
            return ExitCode::from(1);
        };
        if !self.quiet {
            if warnings > 0 {
                warn(&summary(errors, warnings));
            }
            say(&format!("built {} in {}", built(&outcome), duration(start.elapsed())));
            say(&format!("open {} in a browser", folder.join("index.html").display()));
        }
        ExitCode::SUCCESS
    }
}

fn address(text: &str) -> Result<String, &'static str> {
    if is_base_url(text) { Ok(text.to_owned()) } else { Err("write it as https://example.org/folder/") }
}

/// Runs `work` on as many threads as asked for.
pub(super) fn in_pool<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    match jobs.map(|jobs| rayon::ThreadPoolBuilder::new().num_threads(jobs.clamp(1, 1024)).build()) {
        Some(Ok(pool)) => pool.install(work),
        // Without a pool of its own, the work goes to the one that all share.
        _ => work(),
    }
}

fn built(outcome: &Outcome) -> String {
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
