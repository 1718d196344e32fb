//! Source texts: the library of all of them, the reading text of one, its original, and excerpts.

pub mod excerpt;
pub mod library;
pub mod original;
mod reading;

pub use reading::*;
