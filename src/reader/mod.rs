//! Combines a text with its notes into what a page shows, and reads the edition's own pages.

mod checks;
pub(crate) mod edition;
pub(crate) mod links;
mod model;
mod read;
pub(crate) mod site_page;
pub(crate) mod weave;
mod writer;

pub(crate) use checks::report_unknown_works;
pub(crate) use model::{Citation, HiddenContent, MAX_PLACED_NOTES, Placement, Reader, ReaderNote};
pub(crate) use read::read;
