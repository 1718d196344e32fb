//! The notes as written in layers: front matter, attributes, quotes and bodies.

pub(crate) mod attributes;
mod footnotes;
mod layer;
mod layers;
mod note;
pub(crate) mod quote;
mod resolve;
pub(crate) mod review;

pub(crate) use layer::{Layer, parse};
pub(crate) use layers::Layers;
pub(crate) use note::{About, Note, Occurrence};
pub(crate) use quote::Quote;
