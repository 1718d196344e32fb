//! Integration tests: the command, whole sites, diagnostics, imports and the server.
//!
//! There is only one test binary, because linking takes long. Test cases that are files are in the folder of `tests/`
//! that has the name of their module; `UPDATE_GOLDEN=1 cargo test --test suite MODULE` updates their expectations.
//! Sites are built by calling the library; the command is only run in tests of the command.

#![allow(clippy::unwrap_used, reason = "a failed test may panic anywhere")]

mod harness;

mod architecture;
mod atomic;
mod cli;
mod diagnostics;
mod docs;
mod export;
mod hostile;
mod import;
mod numbers;
mod serve;
mod session;
mod sites;
