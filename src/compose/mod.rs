//! Composes notes: turns a passage, or the target of an annotation, into a quote in a layer.

pub(crate) mod locate;
pub(crate) mod quote;
pub(crate) mod target;
