//! The `postil` command.

use std::process::ExitCode;

/// A build allocates and frees many small strings on all cores at once. Huge pages are disabled (`no_thp`), because
/// they do not make a build faster, and without them a large site needs a sixth less memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    postil::run()
}
