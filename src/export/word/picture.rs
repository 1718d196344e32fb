//! The size of pictures, read from their first bytes.

/// The formats of pictures, by the extension that Word knows them under.
pub(super) struct Picture {
    /// The extension.
    pub extension: &'static str,
    /// The width in CSS pixels.
    pub width: u32,
    /// The height in CSS pixels.
    pub height: u32,
}

/// Reads the format and the size of a picture; `None` if it is in no known format.
pub(super) fn measure(bytes: &[u8]) -> Option<Picture> {
    let picture =
        |extension, width, height| (width > 0 && height > 0).then_some(Picture { extension, width, height });
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return picture("png", big(bytes, 16, 4)?, big(bytes, 20, 4)?);
    }
    if bytes.starts_with(b"GIF8") {
        return picture("gif", little(bytes, 6, 2)?, little(bytes, 8, 2)?);
    }
    if bytes.starts_with(b"\xff\xd8") {
        let (width, height) = jpeg(bytes)?;
        return picture("jpeg", width, height);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        let (width, height) = webp(bytes)?;
        return picture("webp", width, height);
    }
    let (width, height) = svg(std::str::from_utf8(bytes).ok()?)?;
    picture("svg", width, height)
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let digits = bytes.get(at..at + length)?;
    Some(digits.iter().fold(0, |number, digit| number << 8 | u32::from(*digit)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let digits = bytes.get(at..at + length)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | u32::from(*digit)))
}

/// Finds the frame header among the segments of a JPEG file (ITU T.81, B.1).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        if *bytes.get(at)? != 0xff {
            return None;
        }
        if marker == 0xff {
            at += 1;
            continue;
        }
        if (0xc0..=0xcf).contains(&marker) && ![0xc4, 0xc8, 0xcc].contains(&marker) {
            return Some((big(bytes, at + 7, 2)?, big(bytes, at + 5, 2)?));
        }
        at += 2 + usize::try_from(big(bytes, at + 2, 2)?).ok()?;
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        b"VP8L" => {
            let bits = little(bytes, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)),
        _ => None,
    }
}

/// Reads `width` and `height` of the root element, or else its `viewBox`.
fn svg(text: &str) -> Option<(u32, u32)> {
    let start = text.find("<svg")?;
    let tag = text.get(start..)?.split('>').next()?;
    let attribute = |name: &str| {
        let rest = tag.split_once(&format!(" {name}=")).or_else(|| tag.split_once(&format!("\n{name}=")))?.1;
        let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c))?;
        rest.get(1..)?.split(quote).next()
    };
    let pixels = |value: &str| {
        let number: f64 = value.trim_end_matches("px").trim().parse().ok()?;
        // A picture of more pixels is not shown at its full size anyway.
        (number >= 1.0).then_some(number.min(20_000.0) as u32)
    };
    let given = attribute("width").and_then(pixels).zip(attribute("height").and_then(pixels));
    given.or_else(|| {
        let parts: Vec<&str> =
            attribute("viewBox")?.split([' ', ',']).filter(|part| !part.is_empty()).collect();
        Some((pixels(parts.get(2)?)?, pixels(parts.get(3)?)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(bytes: &[u8]) -> Option<(&'static str, u32, u32)> {
        measure(bytes).map(|picture| (picture.extension, picture.width, picture.height))
    }

    #[test]
    fn sizes_are_read_from_the_header() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x20\x08";
        assert_eq!(size(png), Some(("png", 256, 32)));
        assert_eq!(size(b"GIF89a\x02\x01\x03\0"), Some(("gif", 258, 3)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x11\x08\0\x10\0\x20\x03";
        assert_eq!(size(jpeg), Some(("jpeg", 32, 16)));
        assert_eq!(size(b"<svg xmlns='x' viewBox=\"0 0 10 5\">"), Some(("svg", 10, 5)));
        assert_eq!(size(b"<svg width='7px' height='8'>"), Some(("svg", 7, 8)));
        assert_eq!(size(b"<html>"), None);
        assert_eq!(size(b"\xff\xd8\xff\xc0"), None);
    }
}
