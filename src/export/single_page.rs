//! Writes the page of a text as one HTML file that opens without any request.
//!
//! 1. Styles and scripts stand in the file; pictures and other files of the site become `data:` URLs.
//! 2. Links to other pages of the site get its base URL; without one they keep their words and lose their target.
//! 3. All other markup stays as the build wrote it, byte for byte.

use std::borrow::Cow;
use std::io;

use super::format::{ExportContext, Files, Format, Make};
use super::tags::{Attribute, Piece, Tag, pieces};
use crate::text::library::Source;

/// A text as one HTML file.
pub(crate) const FORMAT: Format = Format {
    name: "html",
    ending: ".html",
    label: "format_html",
    about: "each text with its notes as one HTML file that opens without network",
    make: Make::Page(write),
};

/// Hides links in menus whose target is not in the file.
const HIDE_MENUS: &str = "nav a:not([href]),header.site form{display:none}";

fn write(source: &Source, files: &Files, context: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    let path = source.page();
    let page = files.get(&path).map(|page| String::from_utf8_lossy(page)).unwrap_or_default();
    let writer = Writer { files, context, page: &path };
    let mut out = String::with_capacity(page.len() * 2);
    for piece in pieces(&page) {
        match piece {
            Piece::Other(text) => out.push_str(text),
            Piece::Tag(tag) => writer.tag(&mut out, &tag),
        }
    }
    Ok(out.into_bytes())
}

struct Writer<'w> {
    files: &'w Files,
    context: &'w ExportContext<'w>,
    page: &'w str,
}

impl Writer<'_> {
    fn tag(&self, out: &mut String, tag: &Tag<'_>) {
        match tag.name {
            "link" => self.link(out, tag),
            "script" if tag.value("src").is_some() => self.script(out, tag),
            "base" => {}
            "meta" if tag.value("http-equiv").is_some_and(|value| value.eq_ignore_ascii_case("refresh")) => {}
            "form" => self.rewritten(out, tag, &["action"]),
            _ => self.rewritten(out, tag, &[]),
        }
    }

    /// Writes a tag with its URLs replaced; `dropped` are attributes to leave out.
    fn rewritten(&self, out: &mut String, tag: &Tag<'_>, dropped: &[&str]) {
        let is_link = matches!(tag.name, "a" | "area");
        let urls = |name: &str| match name {
            "href" => true,
            "src" | "srcset" | "poster" | "data" => !is_link,
            _ => false,
        };
        if !tag.attributes.iter().any(|attribute| urls(attribute.name) || dropped.contains(&attribute.name)) {
            return out.push_str(tag.source);
        }
        out.push('<');
        out.push_str(tag.name_as_written);
        for attribute in &tag.attributes {
            if dropped.contains(&attribute.name) || (attribute.name == "srcset") {
                continue;
            }
            if !urls(attribute.name) {
                out.push_str(attribute.source);
            } else if is_link {
                self.href(out, attribute);
            } else {
                self.resource(out, attribute);
            }
        }
        out.push_str(if tag.source.ends_with("/>") { " />" } else { ">" });
    }

    /// Writes the `href` of a link.
    fn href(&self, out: &mut String, attribute: &Attribute<'_>) {
        let url = attribute.value();
        if url.starts_with('#') {
            return out.push_str(attribute.source);
        }
        let file = ExportContext::target(self.page, &url);
        if let Some((path, fragment)) = file {
            if path == self.page {
                return push(out, "href", &format!("#{}", crate::text::encode_fragment(&fragment)));
            }
            if !path.ends_with(".html")
                && let Some(url) = self.data_url(&path)
            {
                push(out, "href", &url);
                return push(out, "download", crate::names::address::name_of(&path));
            }
        }
        if let Some(url) = self.context.outside(self.page, &url) {
            push(out, "href", &url);
        }
    }

    /// Writes the address of a picture or a recording. One that is not in the site is left out.
    fn resource(&self, out: &mut String, attribute: &Attribute<'_>) {
        let url = attribute.value();
        if url.starts_with("data:") || url.starts_with('#') {
            return out.push_str(attribute.source);
        }
        let path = ExportContext::target(self.page, &url);
        if let Some(url) = path.and_then(|(path, _)| self.data_url(&path)) {
            push(out, attribute.name, &url);
        }
    }

    /// Writes a stylesheet in place, and an icon as a `data:` URL; other relations need a base URL.
    fn link(&self, out: &mut String, tag: &Tag<'_>) {
        let relation = tag.value("rel").unwrap_or_default();
        let href = tag.value("href").unwrap_or_default();
        let path = ExportContext::target(self.page, &href).map(|(path, _)| path);
        let has = |name: &str| relation.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(name));
        if has("stylesheet") {
            let Some((path, css)) = path.and_then(|path| self.files.get(&path).map(|css| (path, css))) else {
                return;
            };
            let css = self.with_data_urls(&String::from_utf8_lossy(css), &path);
            let media = tag.value("media").unwrap_or_default();
            out.push_str("<style");
            if !media.is_empty() {
                push(out, "media", &media);
            }
            out.push('>');
            // Inside a style element, only its end tag is special.
            out.push_str(&css.replace("</", "<\\/"));
            out.push_str(HIDE_MENUS);
            out.push_str("</style>");
        } else if has("icon") {
            self.rewritten(out, tag, &[]);
        } else if let Some(url) = self.context.outside(self.page, &href) {
            let mut attributes: Vec<(&str, Cow<'_, str>)> = Vec::new();
            for attribute in &tag.attributes {
                let value =
                    if attribute.name == "href" { Cow::Owned(url.clone()) } else { attribute.value() };
                attributes.push((attribute.name, value));
            }
            out.push_str("<link");
            attributes.iter().for_each(|(name, value)| push(out, name, value));
            out.push('>');
        }
    }

    /// Writes a script in place.
    fn script(&self, out: &mut String, tag: &Tag<'_>) {
        let src = tag.value("src").unwrap_or_default();
        let file = ExportContext::target(self.page, &src).and_then(|(path, _)| self.files.get(&path));
        let code = file.map(|code| String::from_utf8_lossy(code)).unwrap_or_default();
        let is_late = tag.value("defer").is_some();
        out.push_str("<script");
        for attribute in &tag.attributes {
            if !["src", "defer", "async", "integrity", "crossorigin"].contains(&attribute.name) {
                out.push_str(attribute.source);
            }
        }
        out.push('>');
        let code = code.replace("</script", "<\\/script").replace("<!--", "<\\!--");
        if is_late {
            // Scripts in the page cannot be deferred, so this one waits by itself.
            out.push_str("document.addEventListener(\"DOMContentLoaded\",()=>{");
            out.push_str(&code);
            out.push_str("\n});");
        } else {
            out.push_str(&code);
        }
    }

    /// A style sheet in which the files of the site are `data:` URLs.
    fn with_data_urls(&self, css: &str, path: &str) -> String {
        let mut out = String::with_capacity(css.len());
        let mut rest = css;
        while let Some((before, after)) = rest.split_once("url(") {
            let Some((written, behind)) = after.split_once(')') else { break };
            let url = written.trim().trim_matches(['"', '\'']);
            let data = if url.starts_with("data:") || url.starts_with('#') {
                None
            } else {
                ExportContext::target(path, url).and_then(|(path, _)| self.data_url(&path))
            };
            out.extend([before, "url("]);
            match data {
                Some(data) => out.push_str(&data),
                None if url.contains(':') && !url.starts_with("data:") => out.push_str("data:,"),
                None => out.push_str(written),
            }
            out.push(')');
            rest = behind;
        }
        out + rest
    }

    /// A file of the site as a `data:` URL.
    fn data_url(&self, path: &str) -> Option<String> {
        let bytes = self.files.get(path)?;
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        Some(format!("data:{kind};base64,{}", base64(bytes)))
    }
}

/// Writes an attribute.
fn push(out: &mut String, name: &str, value: &str) {
    out.extend([" ", name, "=\""]);
    crate::html::escape_attribute(out, value);
    out.push('"');
}

/// Bytes in Base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let is_padding = digit > chunk.len();
            let value = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(if is_padding { '=' } else { char::from(DIGITS[value]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        // The test vectors of RFC 4648, section 10.
        let words = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|words| base64(words.as_bytes()));
        assert_eq!(words, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
