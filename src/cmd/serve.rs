//! `postil serve`: a site in a browser while it is worked on.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::report::{say, tell, warn};
use crate::diagnostics::render::{count, summary, tally};
use crate::pipeline::{Options, Session};
use crate::serve::{self, Settings, Voice};

/// What `postil serve` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil serve                       the site in this folder, at http://127.0.0.1:1111/
  postil serve --open                and opens it in the browser
  postil serve --edit                lets you write notes on words you select in a page
  postil serve reader --port 0       another site, at any port that is free

A page is loaded again as soon as a file that it shows is saved. While something is wrong, the page stays as it was \
last without errors, and tells what to do. Only this machine is answered. Ctrl-C ends it.")]
pub struct Serve {
    /// The folder with site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// The port on this machine; 0 for any that is free
    #[arg(short, long, default_value_t = 1111)]
    port: u16,
    /// Open the site in the browser
    #[arg(long)]
    open: bool,
    /// Let notes be written on words selected in a page
    #[arg(long)]
    edit: bool,
    /// Show drafts
    #[arg(long)]
    drafts: bool,
    /// Show the notes for this audience too
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
}

impl Serve {
    /// Serves until it is stopped.
    pub fn run(self) -> ExitCode {
        // Changes are told by whole paths.
        let site = self.site.canonicalize().unwrap_or(self.site);
        let options =
            Options { site, drafts: self.drafts, audience: self.audience, dry: true, ..Options::default() };
        let session = match Session::open(options, begin()) {
            Ok(session) => session,
            Err(problems) => {
                tell(&problems);
                let (errors, warnings) = tally(&problems);
                warn(&format!("{}; there is nothing to serve", summary(errors.max(1), warnings)));
                return ExitCode::from(1);
            }
        };
        let settings = Settings { port: self.port, edit: self.edit };
        let voice = Voice { say, tell };
        let ready = |address: &str, session: &Session| {
            say(&format!(
                "serving {} at {address} (Ctrl-C ends it)",
                count(session.count(), "text", "texts")
            ));
            if self.edit {
                say("select words in a page to write a note on them");
            }
            if self.open
                && let Err(error) = open::that_detached(address)
            {
                warn(&format!("no browser could be opened ({error}): open {address} yourself"));
            }
        };
        match serve::run(session, settings, voice, ready) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                warn(&format!(
                    "port {} is taken: name another with `--port`, or `--port 0` for any that is free",
                    self.port
                ));
                ExitCode::from(1)
            }
            Err(error) => {
                warn(&format!("cannot serve: {error}"));
                ExitCode::from(1)
            }
        }
    }
}

/// The number of the first change: later than that of any server before, so that its pages are loaded again.
fn begin() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}
