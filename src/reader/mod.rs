//! Combines a text with its notes into what a page shows, and reads the edition's own pages.

mod annotated_text;
mod checks;
pub mod edition;
pub mod links;
pub mod site_page;
pub mod weave;
mod writer;

pub use annotated_text::{
    Citation, HiddenContent, MAX_PLACED_NOTES, Placement, Reader, ReaderLayer, ReaderNote, read,
};
pub use checks::report_unknown_works;
