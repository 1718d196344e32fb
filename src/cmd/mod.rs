//! The commands, one file each.

pub mod build;
pub mod check;
pub mod completions;
pub mod fix;
pub mod import;
pub mod init;
pub mod report;
pub mod serve;
pub mod stats;
pub mod styles;
