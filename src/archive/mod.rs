//! Zip archives and XML, which Word documents, e-books, course packages and scientific articles consist of.

#[cfg(feature = "import")]
mod xml_reader;
mod xml_writer;
#[cfg(feature = "import")]
mod zip_reader;
mod zip_writer;

#[cfg(feature = "import")]
pub(crate) use xml_reader::{Element, Node, XmlError};
pub(crate) use xml_writer::Xml;
#[cfg(feature = "import")]
pub(crate) use zip_reader::Archive;
pub(crate) use zip_writer::ZipWriter;
