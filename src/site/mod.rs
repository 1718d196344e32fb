//! The site as people write it: `site.toml`, front matter, dates, interface words, and the files in its folder.

mod config;
pub mod date;
pub mod folder;
pub mod front_matter;
pub mod words;

pub use config::*;
