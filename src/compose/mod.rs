//! Composes notes: turns a passage, or the target of an annotation, into a quote in a layer.

pub mod locate;
pub mod quote;
pub mod target;
