//! Notes as people write them: layers, attributes, quotes, and the review of a layer against its text.

pub mod attributes;
mod footnotes;
mod layer;
mod layers;
mod note;
pub mod quote;
mod resolve;
pub mod review;

pub use layer::{Front, Layer, parse};
pub use layers::Layers;
pub use note::{About, GuidelineRef, Note, Occurrence};
pub use quote::Quote;
