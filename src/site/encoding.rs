//! Decodes files in any character encoding: by byte order mark, by what the file declares, as UTF-8, or else by
//! detection.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The number of bytes in which a declaration is searched. Browsers search 1024; some pages declare it later.
const PRESCAN: usize = 4096;

/// How the encoding of a file was determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// A byte order mark, or valid UTF-8.
    Certain,
    /// A declaration in the file.
    Declared,
    /// Detection from the bytes; the user has to be told.
    Detected,
}

/// A decoded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The name of its encoding.
    pub encoding: &'static str,
    /// How the encoding was determined.
    pub evidence: Evidence,
    /// The number of bytes that are invalid in this encoding; each became U+FFFD.
    pub invalid: usize,
}

/// Decodes `bytes`; `None` if they are not text.
pub(crate) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let (encoding, evidence) = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => (encoding, Evidence::Certain),
        None => match (declared(bytes), std::str::from_utf8(bytes)) {
            (Some(encoding), _) if encoding != UTF_8 => (encoding, Evidence::Declared),
            (_, Ok(text)) if !text.contains('\0') => (UTF_8, Evidence::Certain),
            _ => (detect(bytes)?, Evidence::Detected),
        },
    };
    let (text, _, has_errors) = encoding.decode(bytes);
    if text.contains('\0') {
        return None;
    }
    let invalid = if has_errors { text.matches(char::REPLACEMENT_CHARACTER).count().max(1) } else { 0 };
    Some(Decoded { text: text.into_owned(), encoding: encoding.name(), evidence, invalid })
}

/// The encoding that markup declares in an XML declaration or a `<meta>` element (HTML, 13.2.3.2).
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: String =
        bytes.iter().take(PRESCAN).map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let start = head.trim_start();
    let label = match start.strip_prefix("<?xml") {
        Some(rest) => rest.split("?>").next().and_then(|declaration| value_of(declaration, "encoding")),
        None => None,
    };
    let meta = || {
        // A plain text may mention a charset; only markup declares one.
        if !start.starts_with('<') {
            return None;
        }
        head.split("<meta").skip(1).find_map(|tag| value_of(tag.split('>').next()?, "charset"))
    };
    let encoding = Encoding::for_label(label.or_else(meta)?.as_bytes())?;
    // A declaration that could be read byte by byte cannot be UTF-16; browsers take it as UTF-8.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The value after `key=`, with or without quotation marks.
fn value_of<'t>(tag: &'t str, key: &str) -> Option<&'t str> {
    let after = tag[tag.find(key)? + key.len()..].trim_start().strip_prefix('=')?.trim_start();
    let value = after.trim_start_matches(['"', '\'']);
    value.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '/')).next()
}

/// Detects the encoding; `None` for binary data.
fn detect(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.contains(&0) {
        let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        let half = bytes.len() / 4;
        return match (zeros(0), zeros(1)) {
            _ if bytes.len() % 2 == 1 => None,
            (0, odd) if odd > half => Some(UTF_16LE),
            (even, 0) if even > half => Some(UTF_16BE),
            _ => None,
        };
    }
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    if bytes.iter().filter(control).count() * 50 > bytes.len() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    Some(detector.guess(None, Utf8Detection::Allow))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, &'static str, Evidence) {
        let decoded = decode(bytes).unwrap();
        (decoded.text, decoded.encoding, decoded.evidence)
    }

    #[test]
    fn byte_order_marks_and_declarations_are_obeyed() {
        use Evidence::{Certain, Declared};
        let utf16: Vec<u8> = "\u{feff}a–b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, text, encoding, evidence) in [
            (&b"\xef\xbb\xbfa"[..], "a", "UTF-8", Certain),
            (&utf16, "a–b", "UTF-16LE", Certain),
            ("é".as_bytes(), "é", "UTF-8", Certain),
            (b"<meta charset=windows-1252>\x93", "<meta charset=windows-1252>“", "windows-1252", Declared),
            (
                b"<html><meta http-equiv=\"x\" content=\"text/html; charset=ISO-8859-1\">\xe9",
                "<html><meta http-equiv=\"x\" content=\"text/html; charset=ISO-8859-1\">é",
                "windows-1252",
                Declared,
            ),
            (
                b"<?xml version='1.0' encoding='latin1'?>\xe9",
                "<?xml version='1.0' encoding='latin1'?>é",
                "windows-1252",
                Declared,
            ),
            (
                b"<meta charset=\"Shift_JIS\">\x82\xb1",
                "<meta charset=\"Shift_JIS\">こ",
                "Shift_JIS",
                Declared,
            ),
            (b"<meta charset=utf-16>a", "<meta charset=utf-16>a", "UTF-8", Certain),
        ] {
            assert_eq!(read(bytes), (text.to_owned(), encoding, evidence));
        }
    }

    #[test]
    fn other_encodings_are_detected() {
        let (text, encoding, evidence) = read(b"It\x92s a \x93quiet\x94 caf\xe9 \x97 nothing more.");
        assert_eq!((text.as_str(), encoding), ("It’s a “quiet” café — nothing more.", "windows-1252"));
        assert_eq!(evidence, Evidence::Detected);
        let utf16: Vec<u8> = "plain words".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf16).0, "plain words");
    }

    #[test]
    fn binary_data_is_not_text() {
        for bytes in [&b"PK\x03\x04\0\0\x08\0"[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b"] {
            assert_eq!(decode(bytes), None);
        }
    }
}
