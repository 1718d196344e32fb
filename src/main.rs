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
    /// Build a site into a folder of pages
    Build(cmd::build::Build),
    /// Tell everything that is wrong in a site, and write nothing
    Check(cmd::check::Check),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Build(build) => build.run(),
        Command::Check(check) => check.run(),
    }
}
