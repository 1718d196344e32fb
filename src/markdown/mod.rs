//! Markdown: parsing into events with ranges, rendering to HTML, and escaping text.

pub(crate) mod escape;
mod events;
mod render;

pub(crate) use events::events;
pub(crate) use render::{Item, Resolve, Scope, items, matching_end, plain, write};
