//! The parts of a Word document and how they refer to each other (ECMA-376, parts 1 and 2).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::numbering::Lists;
use super::picture::measure;
use super::runs::{Link, Runs};
use crate::archive::{Xml, ZipWriter};
use crate::export::format::ExportContext;

/// The namespace of WordprocessingML.
pub(super) const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
/// The namespace of relationships between parts.
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// The namespaces of the stories.
pub(super) const NAMESPACES: [(&str, &str); 8] = [
    ("xmlns:w", MAIN),
    ("xmlns:r", RELATIONS),
    ("xmlns:wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
    ("xmlns:a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    ("xmlns:pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
    ("xmlns:w14", "http://schemas.microsoft.com/office/word/2010/wordml"),
    ("xmlns:w15", "http://schemas.microsoft.com/office/word/2012/wordml"),
    ("xmlns:mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
];
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";
/// The size of a CSS pixel in English Metric Units.
const EMU: u64 = 9525;
/// The largest size of a picture, in CSS pixels.
const LARGEST: (u64, u64) = (600, 800);
/// A grey picture of one pixel, which programs that cannot draw SVG show instead.
const PIXEL: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x9c\x63\x38\x71\xe2\xc4\x7f\x00\x08\x0c\x03\x58\x1f\xff\xb6\xf3\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// A part with text: the document, its comments, footnotes or endnotes.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// Its contents.
    pub xml: Xml,
    /// Its relationships: type, target, and whether the target is a URL.
    relations: Vec<(&'static str, String, bool)>,
}

impl Story {
    /// Whether nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.xml.is_empty()
    }

    /// The id of a relationship.
    pub(super) fn relate(&mut self, kind: &'static str, target: &str, is_url: bool) -> String {
        let known = self.relations.iter().position(|(of, to, _)| *of == kind && to == target);
        let index = known.unwrap_or_else(|| {
            self.relations.push((kind, target.to_owned(), is_url));
            self.relations.len() - 1
        });
        format!("rId{}", index + 1)
    }
}

/// A Word document that is being written.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// All lists.
    pub lists: Lists,
    /// The text's own footnotes.
    pub footnotes: Story,
    /// Pictures by the path of their file: the name of their part and their contents.
    media: BTreeMap<String, (String, Vec<u8>)>,
    /// The ids that links within the document lead to, each with the number of its bookmark.
    targets: BTreeMap<String, usize>,
    reached: BTreeSet<usize>,
    drawings: usize,
}

impl Package {
    /// Whether no footnote was written.
    pub(super) fn footnotes_are_empty(&self) -> bool {
        self.footnotes.is_empty()
    }

    /// The part with the text's own footnotes.
    pub(super) fn take_footnotes(&mut self) -> Story {
        let written = std::mem::take(&mut self.footnotes);
        let mut story = Story::default();
        super::open_root(&mut story, "w:footnotes");
        super::notes::separators(&mut story.xml, "w:footnote");
        story.xml.raw(&written.xml.finish());
        Story { relations: written.relations, ..story }
    }

    /// Notes the targets of links within the document.
    pub(super) fn note_targets(&mut self, html: &str) {
        for rest in html.split(" href=\"#").skip(1) {
            let Some(id) = rest.split('"').next() else { continue };
            if ["t-", "p-", "work-"].iter().any(|prefix| id.starts_with(prefix)) {
                let number = self.targets.len() + 1;
                self.targets.entry(id.to_owned()).or_insert(number);
            }
        }
    }

    /// Sets a bookmark if a link leads to the element `id`.
    pub(super) fn reach(&mut self, id: &str, runs: &mut Runs) {
        if let Some(&number) = self.targets.get(id)
            && self.reached.insert(number)
        {
            runs.bookmark(number, format!("b{number}"));
        }
    }

    /// The target of a link; `None` if it leads to no place that a Word document can link to.
    pub(super) fn link(
        &self,
        context: &ExportContext<'_>,
        page: &str,
        url: &str,
        story: &mut Story,
    ) -> Option<Link> {
        if let Some(id) = url.strip_prefix('#') {
            return self.targets.get(id).map(|number| Link::Inside(format!("b{number}")));
        }
        context.outside(page, url).map(|url| Link::Outside(story.relate("hyperlink", &url, true)))
    }

    /// Draws the picture of the file `path`. Returns `false` if Word cannot show it.
    pub(super) fn picture(&mut self, path: &str, bytes: Vec<u8>, alternative: &str, runs: &mut Runs) -> bool {
        let Some(picture) = measure(&bytes) else { return false };
        let number = self.media.len() + 1;
        let is_svg = picture.extension == "svg";
        let entry = || (format!("media/image{number}.{}", picture.extension), bytes);
        let part = self.media.entry(path.to_owned()).or_insert_with(entry).0.clone();
        let main = if is_svg {
            let pixel = || ("media/pixel.png".to_owned(), PIXEL.to_vec());
            self.media.entry(String::new()).or_insert_with(pixel).0.clone()
        } else {
            part.clone()
        };
        self.drawings += 1;
        let id = self.drawings.to_string();
        let (width, height) = (u64::from(picture.width), u64::from(picture.height));
        // Scaled down to the page, in thousandths.
        let scale = 1000.min(LARGEST.0 * 1000 / width).min(LARGEST.1 * 1000 / height).max(1);
        let (cx, cy) = ((width * scale * EMU / 1000).to_string(), (height * scale * EMU / 1000).to_string());
        let main = runs.story().relate("image", &main, false);
        let mut xml = Xml::default();
        xml.open("w:r", &[]);
        xml.open("w:drawing", &[]);
        xml.open("wp:inline", &[("distT", "0"), ("distB", "0"), ("distL", "0"), ("distR", "0")]);
        xml.empty("wp:extent", &[("cx", &cx), ("cy", &cy)]);
        xml.empty("wp:docPr", &[("id", &id), ("name", &format!("Picture {id}")), ("descr", alternative)]);
        xml.open("a:graphic", &[]);
        xml.open("a:graphicData", &[("uri", "http://schemas.openxmlformats.org/drawingml/2006/picture")]);
        xml.open("pic:pic", &[]);
        xml.open("pic:nvPicPr", &[]);
        xml.empty("pic:cNvPr", &[("id", &id), ("name", &format!("Picture {id}")), ("descr", alternative)]);
        xml.empty("pic:cNvPicPr", &[]);
        xml.close();
        xml.open("pic:blipFill", &[]);
        xml.open("a:blip", &[("r:embed", &main)]);
        if is_svg {
            let svg = runs.story().relate("image", &part, false);
            xml.open("a:extLst", &[]);
            xml.open("a:ext", &[("uri", "{96DAC541-7B7A-43D3-8B79-37D633B846F1}")]);
            let namespace = "http://schemas.microsoft.com/office/drawing/2016/SVG/main";
            xml.empty("asvg:svgBlip", &[("xmlns:asvg", namespace), ("r:embed", &svg)]);
            xml.close();
            xml.close();
        }
        xml.close();
        xml.raw("<a:stretch><a:fillRect/></a:stretch>");
        xml.close();
        xml.open("pic:spPr", &[]);
        xml.open("a:xfrm", &[]);
        xml.empty("a:off", &[("x", "0"), ("y", "0")]);
        xml.empty("a:ext", &[("cx", &cx), ("cy", &cy)]);
        xml.close();
        xml.raw("<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>");
        runs.drawing(&xml.finish());
        true
    }

    /// Writes the archive. `parts` are the stories by name, the document first, then the parts without text.
    pub(super) fn write(
        self,
        context: &ExportContext<'_>,
        mut document: Story,
        stories: Vec<(&'static str, Story)>,
        others: Vec<(&'static str, String)>,
        core: &str,
    ) -> io::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(context.site.date.as_deref());
        for (name, _) in &stories {
            document.relate(name, &format!("{name}.xml"), false);
        }
        for (name, _) in &others {
            document.relate(relation_of(name), &format!("{name}.xml"), false);
        }
        let names = stories.iter().map(|(name, _)| *name).chain(others.iter().map(|(name, _)| *name));
        zip.add("[Content_Types].xml", content_types(names).as_bytes())?;
        zip.add("_rels/.rels", root_relations().as_bytes())?;
        zip.add("docProps/core.xml", core.as_bytes())?;
        for (name, story) in std::iter::once(("document", document)).chain(stories) {
            let relations = story_relations(&story);
            zip.add(&format!("word/{name}.xml"), story.xml.finish().as_bytes())?;
            if let Some(relations) = relations {
                zip.add(&format!("word/_rels/{name}.xml.rels"), relations.as_bytes())?;
            }
        }
        for (name, xml) in others {
            zip.add(&format!("word/{name}.xml"), xml.as_bytes())?;
        }
        let media: BTreeMap<String, Vec<u8>> = self.media.into_values().collect();
        for (name, bytes) in media {
            zip.add(&format!("word/{name}"), &bytes)?;
        }
        zip.finish()
    }
}

/// The type of the relationship to the part `name`.
fn relation_of(name: &'static str) -> &'static str {
    match name {
        "footer1" => "footer",
        name => name,
    }
}

fn story_relations(story: &Story) -> Option<String> {
    if story.relations.is_empty() {
        return None;
    }
    let mut xml = Xml::document();
    xml.open("Relationships", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")]);
    for ((kind, target, is_url), number) in story.relations.iter().zip(1..) {
        let id = format!("rId{number}");
        let kind = match *kind {
            "people" => "http://schemas.microsoft.com/office/2011/relationships/people".to_owned(),
            kind => format!("{RELATIONS}/{kind}"),
        };
        let mut attributes = vec![("Id", id.as_str()), ("Type", &kind), ("Target", target)];
        if *is_url {
            attributes.push(("TargetMode", "External"));
        }
        xml.empty("Relationship", &attributes);
    }
    Some(xml.finish())
}

fn root_relations() -> String {
    let mut xml = Xml::document();
    let namespace = "http://schemas.openxmlformats.org/package/2006/relationships";
    xml.open("Relationships", &[("xmlns", namespace)]);
    let document = format!("{RELATIONS}/officeDocument");
    xml.empty("Relationship", &[("Id", "rId1"), ("Type", &document), ("Target", "word/document.xml")]);
    let core = format!("{namespace}/metadata/core-properties");
    xml.empty("Relationship", &[("Id", "rId2"), ("Type", &core), ("Target", "docProps/core.xml")]);
    xml.finish()
}

fn content_types(names: impl Iterator<Item = &'static str>) -> String {
    let mut xml = Xml::document();
    xml.open("Types", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/content-types")]);
    for (extension, kind) in [
        ("gif", "image/gif"),
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("svg", "image/svg+xml"),
        ("webp", "image/webp"),
        ("xml", "application/xml"),
    ] {
        xml.empty("Default", &[("Extension", extension), ("ContentType", kind)]);
    }
    let mut part = |name: &str, kind: &str| {
        xml.empty("Override", &[("PartName", name), ("ContentType", kind)]);
    };
    part("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml");
    part("/word/document.xml", &format!("{WORD}document.main+xml"));
    for name in names {
        part(&format!("/word/{name}.xml"), &format!("{WORD}{}+xml", relation_of(name)));
    }
    xml.finish()
}
