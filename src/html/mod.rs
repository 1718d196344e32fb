//! Writing HTML: the builder of `#source`, sanitizing raw HTML, highlighting code, and names for places in a page.

mod builder;
pub mod highlight;
pub mod sanitize;
pub mod scan;
pub mod slug;

pub use builder::*;
