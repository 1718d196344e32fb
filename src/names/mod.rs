//! Paths and links: where every page is in the output, which paths are valid, and how written links are parsed.

pub mod address;
pub mod link;
pub mod path;
