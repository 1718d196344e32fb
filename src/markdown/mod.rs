//! Reading Markdown as events with places, rendering it to HTML, and escaping words for it.

pub mod escape;
mod events;
mod render;

pub use events::{Placed, events};
pub use render::{Item, Resolve, Scope, items, matching_end, plain, write};
