//! Names of outputs: their paths, the addresses of all pages, and what a written link names.

pub mod address;
pub mod link;
pub mod path;
