//! Zip archives and XML, which Word documents, e-books and course packages consist of.

mod xml_writer;
mod zip_writer;

pub(crate) use xml_writer::Xml;
pub(crate) use zip_writer::ZipWriter;
