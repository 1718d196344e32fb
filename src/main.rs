//! The `postil` command.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use postil::cmd;

/// A build allocates and frees many small strings on all cores at once. Huge pages are disabled (`no_thp`), because
/// they do not make a build faster, and without them a large site needs a sixth less memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    Init(cmd::init::Init),
    /// Import a text, or notes on a text
    Import(cmd::import::Import),
    /// Build the site into a folder of HTML pages
    Build(cmd::build::Build),
    /// Report all problems without writing anything
    Check(cmd::check::Check),
    /// Serve the site locally and reload pages when files change
    Serve(cmd::serve::Serve),
    /// Count texts, notes, verdicts, layers and authors
    Stats(cmd::stats::Stats),
    /// List the bundled citation styles
    Styles(cmd::styles::Styles),
    /// Generate a shell completion script
    Completions(cmd::completions::Completions),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Init(init) => init.run(),
        Command::Import(import) => import.run(),
        Command::Build(build) => build.run(),
        Command::Check(check) => check.run(),
        Command::Serve(serve) => serve.run(),
        Command::Stats(stats) => stats.run(),
        Command::Styles(styles) => styles.run(),
        Command::Completions(completions) => completions.run(Cli::command()),
    }
}
