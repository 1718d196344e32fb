//! Readers in other formats, one file each.

pub mod annotations;
