//! Postil renders source texts together with a separate layer of critical notes, as a static site.
//!
//! ```no_run
//! use postil::{Options, Severity, build};
//!
//! let outcome = build(&Options { site: "reader".into(), ..Options::default() });
//! for diagnostic in &outcome.diagnostics {
//!     let (line, column) = diagnostic.place.line_column();
//!     eprintln!("{}:{line}:{column}: {}", diagnostic.place.file.path, diagnostic.message);
//! }
//! assert!(outcome.published.is_some() || outcome.diagnostics.iter().any(|d| d.severity == Severity::Error));
//! ```
//!
//! [`check`] reports the problems of a site without writing it, [`Session`] keeps a site in memory and renders pages on
//! request, and [`anchor::find`] finds a quote in a text. [`run`] is the command-line program.
//!
//! Data flows one way: load, parse, anchor, weave, derive, render, write. Each folder imports only folders above it in
//! this list; see `ARCHITECTURE.md`.

// Without some features, some functions are unused. Builds with all features report dead code.
#![cfg_attr(
    not(all(feature = "import", feature = "links", feature = "serve")),
    allow(dead_code, unused_imports, reason = "only some features use them")
)]

mod diagnostics;
mod html;
mod names;
mod markdown;
mod site;
mod archive;
mod text;
mod bibliography;
mod theme;
mod output;
mod notes;
pub mod anchor;
mod reader;
#[cfg(any(feature = "import", feature = "serve"))]
mod compose;
mod derive;
mod export;
#[cfg(feature = "import")]
mod import;
mod search;
mod page;
mod pipeline;
#[cfg(feature = "serve")]
mod serve;
mod cmd;

#[cfg(test)]
#[path = "../tests/laws/mod.rs"]
mod laws;

pub use cmd::run;
pub use diagnostics::{Code, Diagnostic, File, FileSpan, Fix, Place, Related, Severity, render};
pub use pipeline::{Change, Options, Outcome, Served, Session, Watch, build, build_watched, check};
pub use site::Site;
