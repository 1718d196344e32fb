//! Readers, works and the whole site in other formats, one file each.

pub mod annotations;
pub mod bibtex;
pub mod csl_json;
pub mod feed;
pub(crate) mod json;
pub mod ris;
pub mod schema;
pub mod sitemap;
