//! `postil theme`: writes out the built-in theme.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::report::{eprint, print};
use crate::diagnostics::io_reason;
use crate::diagnostics::render::count;
use crate::output::atomic_write;
use crate::theme;

/// Arguments of `postil theme`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil theme                     write all files of the built-in theme into the folder theme/
  postil theme --into /tmp/theme   the same into another folder, to compare with your own

Files that exist are not overwritten. Keep only the files that you change: all others come from the built-in
theme, so they improve with each version.")]
pub(super) struct Theme {
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "theme")]
    into: PathBuf,
}

impl Theme {
    /// Writes the files and prints how many.
    pub(super) fn run(self) -> ExitCode {
        if let Err(error) = std::fs::create_dir_all(&self.into) {
            eprint(&format!("cannot create `{}`: {}", self.into.display(), io_reason(&error)));
            return ExitCode::from(1);
        }
        let (mut written, mut kept) = (0, 0);
        for (path, text) in theme::built_in_files() {
            match atomic_write::create(&self.into, path, text.as_bytes()) {
                Ok(()) => written += 1,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => kept += 1,
                Err(error) => {
                    eprint(&format!(
                        "cannot write `{}`: {}",
                        self.into.join(path).display(),
                        io_reason(&error)
                    ));
                    return ExitCode::from(1);
                }
            }
        }
        print(&format!("wrote {} into {}", count(written, "file", "files"), self.into.display()));
        if kept > 0 {
            print(&format!("{} already there and not changed", count(kept, "file was", "files were")));
        }
        ExitCode::SUCCESS
    }
}
