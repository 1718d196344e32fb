//! The `postil` command.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use postil::cmd;

/// A build makes and drops many small strings on all cores at once. Without huge pages (`no_thp`), which make it no
/// quicker, a large site needs a sixth less memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A static site generator for annotated readers: texts beside a layer of critical notes
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "\
A first site:
  postil init reader        makes a small site that shows how notes are written
  cd reader
  postil serve --open       shows it in the browser, and each change as it is saved
  postil build              then open public/index.html

`postil COMMAND --help` shows examples of each command. Colours go away with NO_COLOR=1."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a small site to begin with
    Init(cmd::init::Init),
    /// Bring a text or notes from elsewhere into a site
    Import(cmd::import::Import),
    /// Build a site into a folder of pages
    Build(cmd::build::Build),
    /// Tell everything that is wrong in a site, and write nothing
    Check(cmd::check::Check),
    /// Show a site in the browser, and show changes as they are saved
    Serve(cmd::serve::Serve),
    /// Count texts, notes, verdicts, layers and authors
    Stats(cmd::stats::Stats),
    /// List the bundled citation styles
    Styles(cmd::styles::Styles),
    /// Write what a shell needs to complete commands and options
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
