//! Postil as its users meet it: the command, whole sites, diagnostics, imports and the server.
//!
//! One test binary, since each takes long to link. Cases that are files are in the folders of `tests/` with the name
//! of their module; `UPDATE_GOLDEN=1 cargo test --test suite MODULE` writes what they expect again.
//! Sites are built by calls of the library, and the command is started only where the test is about the command.

#![allow(clippy::unwrap_used, reason = "a failed test may panic anywhere")]

mod harness;

mod architecture;
mod atomic;
mod cli;
mod diagnostics;
mod docs;
mod hostile;
mod import;
mod numbers;
mod serve;
mod session;
mod sites;
