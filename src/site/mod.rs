//! What a person writes to configure a site: `site.toml`, front matter, dates, interface strings, and the files in
//! the site's folder.

mod config;
pub(crate) mod date;
mod direction;
pub(crate) mod encoding;
pub(crate) mod folder;
pub(crate) mod front_matter;
mod kind;
mod raw;
mod tone;
mod validate;
pub(crate) mod words;

pub use config::Site;
pub(crate) use config::{Orphans, Specimen, licence_url};
pub(crate) use direction::direction;
pub(crate) use kind::{Expected, Kind, KindId, Verdict, VerdictId, is_id, label_of};
pub(crate) use tone::Tone;
pub(crate) use validate::{is_base_url, is_language_tag};
