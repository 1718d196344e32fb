//! A text with its notes, ready for a page, and the edition's own pages.

pub mod edition;
pub mod links;
mod reader;
pub mod site_page;
pub mod weave;

pub use reader::*;
