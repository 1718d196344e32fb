//! What templates receive: the contract of a theme, kept in `docs/theming.md`.
//!
//! Every value that a template may name is there, empty when nothing is known of it, since an
//! unknown name is an error in a template.

mod edition;
mod guideline;
mod head;
mod home;
mod layout;
mod list;
mod reader;
mod register;
mod search;
mod site_page;
mod summary;
mod work;

pub use self::edition::{EditionPage, PageSet, Target};
pub use self::guideline::{GuidelinesPage, columns};
pub use self::home::{HomePage, SectionPage, SectionParts, Sections};
pub use self::layout::{LayoutPage, layout_rows};
pub use self::list::{Across, ItemPage, LISTED, pages_of, work_folder};
pub use self::reader::{Original, ReaderContext, ReaderPage};
pub use self::register::{Register, RegisterPage, register_folder};
pub use self::search::SearchPage;
pub use self::site_page::SitePageValues;
pub use self::summary::Summary;
pub use self::work::{MentionedWork, WorkPage, WorksPage};
