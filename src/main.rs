//! The `postil` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use postil::cmd;

/// A build makes and drops many small strings on all cores at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A static site generator for annotated readers: texts beside a layer of critical notes
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
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
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Init(init) => init.run(),
        Command::Import(import) => import.run(),
        Command::Build(build) => build.run(),
        Command::Check(check) => check.run(),
    }
}
