//! Writing a note: from a passage, or from an annotation's target, to a quote in a layer.

pub mod locate;
pub mod quote;
pub mod target;
