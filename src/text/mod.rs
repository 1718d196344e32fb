//! Source texts: the library of all texts, the reading text of one, comparison with its original, and
//! excerpts.

pub mod excerpt;
pub mod library;
pub mod original;
mod reading;

pub use reading::*;
