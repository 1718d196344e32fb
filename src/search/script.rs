//! The files of the index: scripts that pass a value to the page.

use serde::Serialize;

use crate::names::address;

/// The approximate size in bytes of a file of the index.
pub(super) const SHARD: usize = 8_000;

/// A file of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    /// Its path relative to the site's folder.
    pub path: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// A script file that passes a value to the page. JSON is valid JavaScript, and in a separate file it cannot
/// end the script element.
pub(super) fn script(name: &str, key: &str, value: &impl Serialize) -> Script {
    let json = serde_json::to_vec(value).expect("strings and numbers are JSON");
    script_of(name, key, &json)
}

/// A script file with encoded words and numbers, which need no escaping.
pub(super) fn code_script(name: &str, key: &str, code: &[u8]) -> Script {
    script_of(name, key, &[b"\"", code, b"\""].concat())
}

pub(super) fn script_of(name: &str, key: &str, json: &[u8]) -> Script {
    let mut bytes = Vec::with_capacity(json.len() + key.len() + 20);
    bytes.extend_from_slice(b"postilSearch(\"");
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(b"\",");
    bytes.extend_from_slice(json);
    bytes.extend_from_slice(b");\n");
    Script { path: address::search_script(name), bytes }
}
