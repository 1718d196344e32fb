//! The command line: one file for each command.

mod build;
mod check;
mod completions;
mod export;
mod fix;
#[cfg(feature = "import")]
mod import;
mod init;
mod report;
#[cfg(feature = "serve")]
mod serve;
mod stats;
mod styles;
mod theme;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// A static site generator for annotated readers: texts beside a layer of critical notes
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "\
A first site:
  postil init reader        creates a small site that shows how notes are written
  cd reader
  postil serve --open       opens it in the browser and reloads pages on every change
  postil build              then open public/index.html

`postil COMMAND --help` shows examples. Set NO_COLOR=1 to disable colour."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a small example site
    Init(init::Init),
    /// Import a text, or notes on a text
    #[cfg(feature = "import")]
    Import(import::Import),
    /// Build the site into a folder of HTML pages
    Build(build::Build),
    /// Report all problems without writing anything
    Check(check::Check),
    /// Export texts and notes: Word, e-book, spreadsheet, and others
    Export(export::Export),
    /// Serve the site locally and reload pages when files change
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
    /// Count texts, notes, verdicts, layers and authors
    Stats(stats::Stats),
    /// List the bundled citation styles
    Styles(styles::Styles),
    /// Write out the built-in theme: templates, styles, scripts and strings
    Theme(theme::Theme),
    /// Generate a shell completion script
    Completions(completions::Completions),
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Init(init) => init.run(),
        #[cfg(feature = "import")]
        Command::Import(import) => import.run(),
        Command::Build(build) => build.run(),
        Command::Check(check) => check.run(),
        Command::Export(export) => export.run(),
        #[cfg(feature = "serve")]
        Command::Serve(serve) => serve.run(),
        Command::Stats(stats) => stats.run(),
        Command::Styles(styles) => styles.run(),
        Command::Theme(theme) => theme.run(),
        Command::Completions(completions) => completions.run(Cli::command()),
    }
}
