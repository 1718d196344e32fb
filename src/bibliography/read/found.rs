//! What every reader of a bibliography format returns.

use crate::bibliography::item::Item;
use crate::diagnostics::Place;

/// An entry read from a file.
#[derive(Debug)]
pub(in crate::bibliography) struct Found {
    pub(in crate::bibliography) item: Item,
    /// The location of the key.
    pub(in crate::bibliography) place: Place,
}
