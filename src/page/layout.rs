//! The stylesheet that places notes beside their passages.

use serde::Serialize;

use crate::reader::MAX_PLACED_NOTES;
use crate::text::Text;

/// The fewest rows that a stylesheet for the layout of reader pages has.
const ROWS: usize = 64;

/// How many rows the stylesheet for the layout of a text has: a power of two, so that texts of about the same
/// length share one.
pub fn layout_rows(text: &Text) -> usize {
    let children = text.html.blocks.last().map_or(0, |block| block.child);
    children.max(ROWS).next_power_of_two()
}

/// What the template of a layout stylesheet receives.
#[derive(Debug, Serialize)]
pub struct LayoutPage {
    rows: usize,
    notes: usize,
}

impl LayoutPage {
    /// The layout of texts of up to `rows` parts.
    pub fn new(rows: usize) -> Self {
        Self { rows, notes: MAX_PLACED_NOTES }
    }
}
