//! What is derived from readers: register entries and counts.

pub mod counts;
pub mod registers;
