//! HTML: the builder of `#source`, sanitizing of raw HTML, syntax highlighting, and slugs for ids.

mod builder;
pub(crate) mod highlight;
pub(crate) mod sanitize;
pub(crate) mod scan;
pub(crate) mod slug;

pub(crate) use builder::*;
