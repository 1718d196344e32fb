//! Writes the built site as an IMS Common Cartridge 1.1, for learning platforms.
//!
//! The manifest lists the home page, the texts, the registers and the works as items, each a web page. All other files
//! are one resource that the pages depend on. Only what the site shows is in it: platforms show everything in a cartridge
//! to students.

use std::io;

use super::format::{ExportContext, Files, Format, Make};
use crate::archive::{Xml, ZipWriter};
use crate::names::address;
use crate::names::path::relative;

/// The built site as a course package.
pub(crate) const FORMAT: Format = Format {
    name: "cartridge",
    ending: ".imscc",
    label: "format_cartridge",
    about: "the built site as a Common Cartridge, for Moodle, Canvas and Brightspace",
    make: Make::Site(write),
};

/// The folder of the site in the cartridge.
const FOLDER: &str = "site";
/// The namespaces of the manifest and of its metadata.
const MANIFEST: &str = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1";
const RESOURCE: &str = "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource";
const METADATA: &str = "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest";
const SCHEMAS: &str = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1 http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_imscp_v1p2_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lommanifest_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lomresource_v1p0.xsd";

/// A heading of the cartridge with the pages below it: titles and paths.
type Module = (String, Vec<(String, String)>);

fn write(files: &Files, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    let modules = modules(files, context);
    let mut zip = ZipWriter::new(context.site.date.as_deref());
    zip.add("imsmanifest.xml", manifest(files, &modules, context).as_bytes())?;
    for (path, bytes) in published(files) {
        zip.add(&address::in_folder(FOLDER, path), bytes)?;
    }
    zip.finish()
}

/// The files that a learning platform needs; names that begin with a dot are for web hosts.
fn published(files: &Files) -> impl Iterator<Item = (&String, &Vec<u8>)> {
    files
        .iter()
        .filter(|(path, _)| !path.starts_with('.') && !["404.html", "robots.txt"].contains(&path.as_str()))
}

/// The pages that the cartridge lists.
fn modules(files: &Files, context: &ExportContext<'_>) -> Vec<Module> {
    let site = context.site;
    let mut texts = vec![(site.title.clone(), address::home(1))];
    texts.extend(context.texts().map(|source| (source.title.clone(), source.page())));
    let mut lists: Vec<(String, String)> =
        site.kinds.iter().map(|kind| (kind.plural.clone(), address::list(&kind.register, 1))).collect();
    lists.push((context.string("guidelines").to_owned(), address::list(address::GUIDELINES, 1)));
    lists.push((context.string("works_all").to_owned(), address::list(address::WORKS, 1)));
    let modules = [(context.string("texts").to_owned(), texts), (context.string("notes").to_owned(), lists)];
    let existing = |(name, pages): Module| {
        let pages: Vec<_> = pages.into_iter().filter(|(_, path)| files.contains_key(path)).collect();
        (!pages.is_empty()).then_some((name, pages))
    };
    modules.into_iter().filter_map(existing).collect()
}

/// The manifest (IMS Common Cartridge 1.1, section 4).
fn manifest(files: &Files, modules: &[Module], context: &ExportContext<'_>) -> String {
    let site = context.site;
    let mut xml = Xml::document();
    let names = [
        ("identifier", "postil"),
        ("xmlns", MANIFEST),
        ("xmlns:lom", RESOURCE),
        ("xmlns:lomimscc", METADATA),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        ("xsi:schemaLocation", SCHEMAS),
    ];
    xml.open("manifest", &names);
    xml.open("metadata", &[]);
    xml.element("schema", &[], "IMS Common Cartridge");
    xml.element("schemaversion", &[], "1.1.0");
    xml.open("lomimscc:lom", &[]);
    xml.open("lomimscc:general", &[]);
    for (name, words) in [("lomimscc:title", &site.title), ("lomimscc:description", &site.description)] {
        if !words.is_empty() {
            xml.open(name, &[]);
            xml.element("lomimscc:string", &[("language", &site.language)], words);
            xml.close();
        }
    }
    xml.close();
    xml.close();
    xml.close();

    xml.open("organizations", &[]);
    xml.open("organization", &[("identifier", "contents"), ("structure", "rooted-hierarchy")]);
    xml.open("item", &[("identifier", "root")]);
    let mut number = 0;
    for (module, (name, pages)) in modules.iter().enumerate() {
        xml.open("item", &[("identifier", &format!("module{}", module + 1))]);
        xml.element("title", &[], name);
        for (title, _) in pages {
            number += 1;
            let (item, resource) = (format!("item{number}"), format!("page{number}"));
            xml.open("item", &[("identifier", &item), ("identifierref", &resource)]);
            xml.element("title", &[], title);
            xml.close();
        }
        xml.close();
    }
    xml.close();
    xml.close();
    xml.close();

    xml.open("resources", &[]);
    let listed: Vec<&str> =
        modules.iter().flat_map(|(_, pages)| pages).map(|(_, path)| path.as_str()).collect();
    for (path, number) in listed.iter().zip(1..) {
        let href = relative("", &address::in_folder(FOLDER, path));
        let id = format!("page{number}");
        xml.open("resource", &[("identifier", &id), ("type", "webcontent"), ("href", &href)]);
        xml.empty("file", &[("href", &href)]);
        xml.empty("dependency", &[("identifierref", "files")]);
        xml.close();
    }
    xml.open("resource", &[("identifier", "files"), ("type", "webcontent")]);
    for (path, _) in published(files).filter(|(path, _)| !listed.contains(&path.as_str())) {
        xml.empty("file", &[("href", &relative("", &address::in_folder(FOLDER, path)))]);
    }
    xml.finish()
}
