//! HTML: the builder of `#source`, sanitizing of raw HTML, syntax highlighting, and slugs for ids.

mod builder;
pub mod highlight;
pub mod sanitize;
pub mod scan;
pub mod slug;

pub use builder::*;
