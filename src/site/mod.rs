//! What a person writes to configure a site: `site.toml`, front matter, dates, interface strings, and the files in
//! the site's folder.

mod config;
pub mod date;
pub mod folder;
pub mod front_matter;
mod kind;
mod raw;
mod validate;
pub mod words;

pub use config::{Orphans, Site, licence_url};
pub use kind::{Expected, Kind, Verdict, is_id, label_of};
pub use validate::{is_base_url, is_language_tag};
