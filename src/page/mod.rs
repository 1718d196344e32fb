//! The values that templates receive. They are a contract with themes, documented in `docs/theming.md`.
//!
//! Every documented value is always present, and empty if there is nothing to show, because Tera reports unknown names
//! as errors. A reader page is made from one text; pages across texts are listed in [`CROSS_PAGES`].

mod cited_works;
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
mod tones;
mod work;

pub(crate) use self::cross_page::{CrossContext, CrossParts};
pub(crate) use self::cross_pages::{Planned, plan, render, render_all};
pub(crate) use self::edition::{EditionPage, PageSet, Target};
pub(crate) use self::layout::{LayoutPage, layout_rows};
pub(crate) use self::list::{LISTED, work_folder};
pub(crate) use self::reader::{Original, ReaderContext, ReaderPage};
pub(crate) use self::summary::Summary;
