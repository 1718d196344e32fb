//! `postil serve`: serves a site locally and reloads pages when files change.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::report::{eprint, print, print_diagnostics};
use crate::diagnostics::render::{count, summary, tally};
use crate::pipeline::{Options, Session};
use crate::serve::{self, Output, Settings};

/// Arguments of `postil serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil serve                       serve this folder's site at http://127.0.0.1:1111/
  postil serve --open                also open it in the browser
  postil serve --edit                write notes on words selected in a page
  postil serve reader --port 0       another site, at any free port

Pages are reloaded when a file that they use is saved. While the site has errors, a page keeps its last version \
 without errors and shows what is wrong. Listens on localhost only. Press Ctrl-C to stop.")]
pub(super) struct Serve {
    /// The folder that contains site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// The port; 0 for any free port
    #[arg(short, long, default_value_t = 1111)]
    port: u16,
    /// Open the site in the browser
    #[arg(long)]
    open: bool,
    /// Allow writing notes on words selected in a page
    #[arg(long)]
    edit: bool,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// Also include the notes for this audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
}

impl Serve {
    /// Serves the site until stopped.
    pub(super) fn run(self) -> ExitCode {
        // The file watcher reports absolute paths.
        let site = self.site.canonicalize().unwrap_or(self.site);
        let options =
            Options { site, drafts: self.drafts, audience: self.audience, dry: true, ..Options::default() };
        let session = match Session::open(options, first_change()) {
            Ok(session) => session,
            Err(problems) => {
                print_diagnostics(&problems);
                let (errors, warnings) = tally(&problems);
                eprint(&format!("{}; cannot serve the site", summary(errors.max(1), warnings)));
                return ExitCode::from(1);
            }
        };
        let settings = Settings { port: self.port, edit: self.edit };
        let output = Output { print, print_diagnostics };
        let ready = |address: &str, session: &Session| {
            print(&format!(
                "serving {} at {address} (press Ctrl-C to stop)",
                count(session.count(), "text", "texts")
            ));
            if self.edit {
                print("select words in a page to write a note");
            }
            if self.open
                && let Err(error) = open::that_detached(address)
            {
                eprint(&format!("cannot open a browser ({error}): open {address} manually"));
            }
        };
        match serve::run(session, settings, output, ready) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                eprint(&format!(
                    "port {} is in use: choose another with `--port`, or use `--port 0` for any free port",
                    self.port
                ));
                ExitCode::from(1)
            }
            Err(error) => {
                eprint(&format!("cannot serve: {error}"));
                ExitCode::from(1)
            }
        }
    }
}

/// The number of the first change: higher than those of any earlier server, so that open pages of an earlier
/// server are reloaded.
fn first_change() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or_default()
}
