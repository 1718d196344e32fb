//! Combines a text with its notes into what a page shows, and reads the edition's own pages.

mod checks;
pub mod edition;
pub mod links;
mod model;
mod read;
pub mod site_page;
pub mod weave;
mod writer;

pub use checks::report_unknown_works;
pub use model::{Citation, HiddenContent, MAX_PLACED_NOTES, Placement, Reader, ReaderLayer, ReaderNote};
pub use read::read;
