//! Data derived from readers, for pages across texts and for statistics.

pub(crate) mod counts;
pub(crate) mod registers;
