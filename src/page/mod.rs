//! What templates receive: the contract of a theme, kept in `docs/theming.md`.
//!
//! Every value that a template may name is there, empty if nothing is known, since an unknown name is an error in a
//! template. A reader page is made from one text; pages across texts are in [`CROSS_PAGES`].

mod cross_page;
mod cross_pages;
mod edition;
mod guideline;
mod head;
mod home;
mod layout;
mod list;
mod reader;
mod register;
mod search;
mod sections;
mod site_page;
mod summary;
mod work;

pub use self::cross_page::{CrossContext, CrossPage, CrossParts, PlannedPage};
pub use self::cross_pages::{CROSS_PAGES, Planned, plan, render, render_all};
pub use self::edition::{EditionPage, PageSet, Target};
pub use self::layout::{LayoutPage, layout_rows};
pub use self::list::{LISTED, pages_of, work_folder};
pub use self::reader::{Original, ReaderContext, ReaderPage};
pub use self::summary::Summary;
