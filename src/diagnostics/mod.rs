//! Diagnostics as data, the locations they point at, and their rendering for people and programs.

mod diagnostic;
pub mod render;
mod span;

pub use diagnostic::{Code, Diagnostic, Fix, Related, Severity};
pub(crate) use diagnostic::{Diagnostics, did_you_mean, io_reason, nearest};
pub use span::{File, FileSpan, Place};
pub(crate) use span::{TextSpan, floor_char_boundary};
