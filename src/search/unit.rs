//! A place that a search can find.

/// A place that a search can find.
#[derive(Debug)]
pub(crate) struct Unit<'u> {
    /// The id of the element; empty for the page as a whole.
    pub(super) fragment: String,
    /// Its own title; may be empty.
    pub(super) title: &'u str,
    /// Its text.
    pub(super) words: &'u str,
    /// `None` for the words of a text.
    pub(super) class: Option<u8>,
    /// Whether it is a heading.
    pub(super) heading: bool,
}
