//! `postil completions`: generates shell completion scripts.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

/// Arguments of `postil completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil completions bash > ~/.local/share/bash-completion/completions/postil
  postil completions zsh > ~/.zfunc/_postil
  postil completions fish > ~/.config/fish/completions/postil.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Writes the script for `command` to standard output.
    pub(super) fn run(self, mut command: Command) -> ExitCode {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "postil", &mut script);
        // A closed pipe is not an error.
        let _ = std::io::stdout().write_all(&script);
        ExitCode::SUCCESS
    }
}
