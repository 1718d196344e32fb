//! Source texts: the library of all texts, the reading text of one, comparison with its original, and
//! excerpts.

pub(crate) mod excerpt;
pub(crate) mod first_words;
pub(crate) mod library;
pub(crate) mod original;
mod reading;

pub(crate) use reading::*;
