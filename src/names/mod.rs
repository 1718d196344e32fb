//! Paths and links: where every page is in the output, which paths are valid, and how written links are parsed.

pub(crate) mod address;
pub(crate) mod link;
pub(crate) mod path;
