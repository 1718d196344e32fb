//! A record, at the end of a layer, of what was imported into it. When the same export is imported again, only what is
//! new is added, and what a person changed since is left alone.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::notes::review::sha256;

/// The first line of the record, which is a comment.
const OPENING: &str = "<!-- postil import: keep this comment, so that importing again adds only what is new";
/// The note id of an annotation that became a comment.
const COMMENT: &str = "-";

/// What was imported into one layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    entries: BTreeMap<String, Entry>,
}

/// An imported annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The hash of its block as it was written.
    pub hash: String,
    /// The id of its note; `None` if it became a comment.
    pub id: Option<String>,
}

impl Ledger {
    /// Reads the record in a layer.
    pub(super) fn read(layer: &str) -> Self {
        let Some(at) = layer.find(OPENING) else { return Self::default() };
        let lines = layer[at..].lines().skip(1).take_while(|line| *line != "-->");
        let entries = lines.filter_map(|line| {
            let mut words = line.split(' ');
            let (key, hash, id) = (words.next()?, words.next()?, words.next()?);
            let id = Some(id.to_owned()).filter(|id| id != COMMENT);
            Some((key.to_owned(), Entry { hash: hash.to_owned(), id }))
        });
        Self { entries: entries.collect() }
    }

    /// The entry of an annotation.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Records an annotation.
    pub(super) fn insert(&mut self, key: String, block: &str, id: Option<String>) {
        self.entries.insert(key, Entry { hash: hash(block), id });
    }

    /// Whether nothing has been recorded.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Writes the record into a layer, in place of the old one.
    pub(super) fn write(&self, layer: &str) -> String {
        let (before, after) = match layer.find(OPENING) {
            None => (layer, ""),
            Some(at) => {
                let end = layer[at..].find("\n-->").map_or(layer.len(), |end| at + end + 4);
                (&layer[..at], &layer[end..])
            }
        };
        let mut out = format!("{}\n\n{OPENING}\n", before.trim_end());
        for (key, entry) in &self.entries {
            out.push_str(&format!("{key} {} {}\n", entry.hash, entry.id.as_deref().unwrap_or(COMMENT)));
        }
        out.push_str("-->");
        out.push_str(if after.is_empty() { "\n" } else { after });
        out
    }

    /// The offset at which new blocks are inserted: before the record, or at the end.
    pub(super) fn end_of_blocks(layer: &str) -> usize {
        layer.find(OPENING).unwrap_or(layer.len())
    }
}

/// The key of an annotation in the record: its id, without characters that end a word or a comment.
pub(super) fn key(id: &str) -> String {
    let mut out = String::new();
    for c in id.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/') => out.push(c),
            '-' if !out.ends_with('-') => out.push('-'),
            c => c.to_string().bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}"))),
        }
    }
    out
}

/// The hash of a block, without white space at its ends.
pub(super) fn hash(block: &str) -> String {
    let mut hash = sha256(block.trim());
    hash.truncate(16);
    hash
}

/// The range of the imported block of a note in a layer.
pub(super) fn block_of_note(layer: &str, id: &str) -> Option<Range<usize>> {
    blocks(layer).into_iter().find(|range| {
        let heading = layer[range.clone()].lines().next().unwrap_or_default();
        let attributes = heading.rsplit_once('{').map_or("", |(_, attributes)| attributes);
        attributes.strip_prefix('#').is_some_and(|rest| rest.split([' ', '}']).next() == Some(id))
    })
}

/// The range of the comment with this hash in a layer.
pub(super) fn block_of_comment(layer: &str, wanted: &str) -> Option<Range<usize>> {
    blocks(layer)
        .into_iter()
        .find(|range| layer[range.clone()].starts_with("<!--") && hash(&layer[range.clone()]) == wanted)
}

/// The notes and comments of a layer.
fn blocks(layer: &str) -> Vec<Range<usize>> {
    let mut starts = Vec::new();
    let (mut at, mut in_comment) = (0, false);
    for line in layer.split_inclusive('\n') {
        if !in_comment && (line.starts_with("## ") || line.starts_with("<!--\n") || line.starts_with(OPENING))
        {
            starts.push(at);
        }
        if line.starts_with("<!--") {
            in_comment = true;
        }
        if line.contains("-->") {
            in_comment = false;
        }
        at += line.len();
    }
    starts.push(layer.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let mut ledger = Ledger::default();
        ledger.insert(key("https://x.y/a b--c"), "## A {#a}", Some("a".into()));
        ledger.insert(key("z"), "<!--\nb\n-->", None);
        let layer = ledger.write("preface\n\n## A {#a .k}\n\n<!--\nb\n## not {#no}\n-->\n");
        assert_eq!(Ledger::read(&layer), ledger);
        assert_eq!(ledger.write(&layer), layer);
        assert_eq!(layer.matches("-->").count(), 2);
        assert_eq!(&layer[block_of_note(&layer, "a").unwrap()], "## A {#a .k}\n\n");
        assert_eq!(block_of_note(&layer, "no"), None);
    }
}
