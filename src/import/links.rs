//! Resolves the links and images of an imported text, and collects the images to copy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use url::Url;

use crate::archive::Archive;
use crate::diagnostics::render::count;
use crate::html::sanitize::Destination;
use crate::names::link::{self, Link};
use crate::names::path::path_error;

/// The image formats that cannot contain scripts.
const IMAGES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "avif", "bmp"];
/// The number of missing images that are named.
const MAX_NAMED: usize = 8;

/// Where the files of a text are.
pub(super) enum Files<'f> {
    /// In a folder on disk.
    Folder(PathBuf),
    /// In an archive, relative to this path.
    Archive(Box<Archive<'f>>, String),
}

/// Resolves the links and images of a text.
pub(super) struct Links<'f> {
    base: Option<Url>,
    files: Files<'f>,
    /// The ids in the text that links lead to.
    targets: BTreeSet<String>,
    /// The images to copy, by their new names.
    pub(super) images: BTreeMap<String, Vec<u8>>,
    /// The new name of each image, by its path in the file.
    names: BTreeMap<String, String>,
    broken_links: usize,
    missing: Vec<String>,
}

impl<'f> Links<'f> {
    /// Resolves relative addresses against `url`, and images in `files`.
    pub(super) fn new(url: Option<&str>, files: Files<'f>, targets: BTreeSet<String>) -> Self {
        Self {
            base: url.and_then(|url| Url::parse(url).ok()),
            files,
            targets,
            images: BTreeMap::new(),
            names: BTreeMap::new(),
            broken_links: 0,
            missing: Vec::new(),
        }
    }

    /// The address of a link or image in the text.
    pub(super) fn resolve(&mut self, to: Destination<'_>) -> Option<String> {
        match to {
            Destination::Link(written) => {
                let target = self.inside(written).or_else(|| self.outside(written));
                self.broken_links += usize::from(target.is_none());
                target
            }
            Destination::Image(written) => {
                let found = self.image(written).or_else(|| self.outside(written));
                Some(found.unwrap_or_else(|| self.placeholder(written)))
            }
        }
    }

    /// A link to a place in the text.
    fn inside(&self, written: &str) -> Option<String> {
        let id = written.trim().strip_prefix('#')?;
        self.targets.contains(id).then(|| format!("#{id}"))
    }

    /// The address of an external link or image.
    fn outside(&self, written: &str) -> Option<String> {
        match link::parse(written) {
            Link::Outside(address) => Some(address),
            Link::Refused => None,
            Link::Inside { path, .. } if path.is_empty() => None,
            Link::Inside { .. } | Link::Hosted(_) => {
                let address = self.base.as_ref()?.join(written.trim()).ok()?;
                matches!(address.scheme(), "http" | "https").then(|| address.to_string())
            }
        }
    }

    /// A file name for an image that is not there, so that its place and its alternative text are kept.
    fn placeholder(&mut self, written: &str) -> String {
        let path = written.split(['?', '#']).next().unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
        let name = decoded.rsplit(['/', '\\', ':']).next().unwrap_or_default();
        let usable = !name.is_empty()
            && name.len() < 100
            && !written.starts_with("data:")
            && !name.starts_with(['.', '_'])
            && path_error(name).is_none();
        let name = if usable { name.to_owned() } else { "missing-image.png".to_owned() };
        if !self.missing.contains(&name) {
            self.missing.push(name.clone());
        }
        name
    }

    /// Copies an image, and returns its new name.
    fn image(&mut self, written: &str) -> Option<String> {
        if let Some((extension, bytes)) = embedded(written) {
            let known = self.images.iter().find(|(_, image)| **image == bytes).map(|(name, _)| name.clone());
            return Some(known.unwrap_or_else(|| {
                let name = self.unused(format!("image-1.{extension}"));
                self.images.insert(name.clone(), bytes);
                name
            }));
        }
        let Link::Inside { path, .. } = link::parse(written) else { return None };
        if let Some(name) = self.names.get(&path) {
            return Some(name.clone());
        }
        let name = path.rsplit('/').next()?.to_owned();
        let extension =
            name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
        if !IMAGES.contains(&extension.as_str())
            || path_error(&name).is_some()
            || name.starts_with(['.', '_'])
        {
            return None;
        }
        let bytes = self.read(&path)?;
        let name = self.unused(name);
        self.images.insert(name.clone(), bytes);
        self.names.insert(path, name.clone());
        Some(name)
    }

    /// Reads a file beside the text.
    fn read(&mut self, path: &str) -> Option<Vec<u8>> {
        match &mut self.files {
            Files::Folder(folder) => {
                let within = link::join("", path)?;
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let folder = folder.canonicalize().ok()?;
                let file =
                    folder.join(within).canonicalize().ok().filter(|file| file.starts_with(&folder))?;
                std::fs::read(file).ok()
            }
            Files::Archive(archive, folder) => archive.read(&link::join(folder, path)?),
        }
    }

    /// A file name that no other image has.
    fn unused(&self, name: String) -> String {
        let taken = |name: &str| self.images.keys().any(|key| key.eq_ignore_ascii_case(name));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let stem = stem.strip_suffix("-1").unwrap_or(stem);
        let numbered = (2..).map(|number| format!("{stem}-{number}.{extension}"));
        std::iter::once(name.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(name)
    }

    /// What has to be told about links and images.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.broken_links > 0 {
            remarks.push(count(
                self.broken_links,
                "link has no valid target and was replaced by its words",
                "links have no valid target and were replaced by their words",
            ));
        }
        if !self.missing.is_empty() {
            let named: Vec<&str> = self.missing.iter().take(MAX_NAMED).map(String::as_str).collect();
            let more = self.missing.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            remarks.push(format!(
                "{} not found; place and alternative text are kept: {}{more}",
                count(self.missing.len(), "image was", "images were"),
                named.join(", ")
            ));
        }
        remarks
    }
}

/// Whether a file is an image of a format that cannot contain scripts, by its extension.
pub(super) fn is_image(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    IMAGES.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// The format and the bytes of an image in a `data:` address.
fn embedded(address: &str) -> Option<(&'static str, Vec<u8>)> {
    let (format, data) = address.trim().strip_prefix("data:image/")?.split_once(";base64,")?;
    let format = if format == "jpeg" { "jpg" } else { format };
    let extension = IMAGES.into_iter().find(|known| *known == format)?;
    Some((extension, base64(data)?))
}

/// Decodes base64 (RFC 4648, section 4).
fn base64(data: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut held) = (Vec::with_capacity(data.len() / 4 * 3), 0_u32, 0_u32);
    for byte in data.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or_default());
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_image_keeps_its_place() {
        let mut links = Links::new(None, Files::Folder("/nonexistent".into()), BTreeSet::new());
        for (written, name) in [
            ("x_files/a%20b.png?1", "a b.png"),
            ("file:///C:/Users/x/c.gif", "c.gif"),
            ("", "missing-image.png"),
            ("https://a.b/c.png", "https://a.b/c.png"),
        ] {
            assert_eq!(links.resolve(Destination::Image(written)).as_deref(), Some(name), "{written}");
        }
        assert!(links.remarks()[0].contains("a b.png, c.gif"), "{:?}", links.remarks());
    }

    #[test]
    fn embedded_images_become_files() {
        let mut links = Links::new(None, Files::Folder(PathBuf::new()), BTreeSet::from(["x".to_owned()]));
        for (data, name) in [("QUJD", "image-1.png"), ("QUI=", "image-2.png"), ("QUJD", "image-1.png")] {
            let written = format!("data:image/png;base64,{data}");
            assert_eq!(links.resolve(Destination::Image(&written)).as_deref(), Some(name));
        }
        assert_eq!(links.images["image-1.png"], b"ABC");
        assert_eq!(links.resolve(Destination::Link("#x")).as_deref(), Some("#x"));
        assert_eq!(links.resolve(Destination::Link("#y")), None);
    }
}
