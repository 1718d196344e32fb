//! Markdown: parsing into events with ranges, rendering to HTML, and escaping text.

pub mod escape;
mod events;
mod render;

pub use events::{SpannedEvent, events};
pub use render::{Item, Resolve, Scope, items, matching_end, plain, write};
