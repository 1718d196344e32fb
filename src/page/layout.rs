//! The values of the stylesheet that places notes beside their passages.

use serde::Serialize;

use crate::reader::MAX_PLACED_NOTES;
use crate::text::Text;

/// The fewest rows of a layout stylesheet.
const MIN_ROWS: usize = 64;

/// The number of rows of a text's layout stylesheet: at least the number of its top-level blocks, rounded up to a power
/// of two so that texts of similar length share a stylesheet.
pub(crate) fn layout_rows(text: &Text) -> usize {
    let children = text.html.blocks.last().map_or(0, |block| block.child);
    children.max(MIN_ROWS).next_power_of_two()
}

/// The values of a layout stylesheet.
#[derive(Debug, Serialize)]
pub(crate) struct LayoutPage {
    rows: usize,
    notes: usize,
}

impl LayoutPage {
    /// The layout of texts with up to `rows` top-level blocks.
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, notes: MAX_PLACED_NOTES }
    }
}
