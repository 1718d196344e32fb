//! The data that all stages of a build share.

use super::load::LoadedSite;
use super::page_writer::PageWriter;
use crate::page::PageSet;
use crate::reader::edition::Edition;
use crate::theme::Theme;

/// The data that all stages of a build share.
#[derive(Clone, Copy)]
pub(super) struct Stages<'s> {
    pub(super) site: &'s LoadedSite,
    pub(super) edition: &'s Edition<'s>,
    pub(super) page_set: &'s PageSet,
    pub(super) theme: &'s Theme,
    pub(super) writer: &'s PageWriter,
}
