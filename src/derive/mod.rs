//! Data derived from readers, for pages across texts and for statistics.

pub mod counts;
pub mod registers;
