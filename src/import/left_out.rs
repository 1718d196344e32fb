//! A list of what an import leaves out, for the user to review.

use crate::diagnostics::render::count;
use crate::markdown::escape::one_line;

/// The number of entries of one kind that are quoted.
const MAX_QUOTED: usize = 12;
/// The number of characters that are quoted of an entry.
const MAX_WORDS: usize = 60;

/// What was left out, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    entries: Vec<(Kind, String)>,
}

/// The kind of something that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A heading that repeats the title.
    Title,
    /// Something around the text, such as a menu or an advertisement.
    Around,
    /// Hidden words.
    Hidden,
    /// A comment in the margin.
    Comment,
    /// A page header or footer of a document.
    PageHeader,
    /// Words that a revision deleted.
    Deleted,
    /// An image or drawing.
    Drawing,
    /// A field of a form.
    Form,
}

impl Kind {
    fn count(self, number: usize) -> String {
        match self {
            Self::Title => count(number, "heading that repeats the title", "headings that repeat the title"),
            Self::Around => count(number, "block around the text", "blocks around the text"),
            Self::Hidden => count(number, "hidden run of words", "hidden runs of words"),
            Self::Comment => count(number, "margin comment", "margin comments"),
            Self::PageHeader => count(number, "page header or footer", "page headers and footers"),
            Self::Deleted => count(number, "deleted revision", "deleted revisions"),
            Self::Drawing => count(number, "drawing", "drawings"),
            Self::Form => count(number, "form field", "form fields"),
        }
    }
}

impl LeftOut {
    /// Records something that is left out; blank words are not recorded.
    pub(super) fn add(&mut self, kind: Kind, words: &str) {
        let words = one_line(words);
        if !words.is_empty() {
            self.entries.push((kind, words));
        }
    }

    /// One line for each kind.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut kinds: Vec<Kind> = self.entries.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
            .into_iter()
            .map(|kind| {
                let words: Vec<&str> = self
                    .entries
                    .iter()
                    .filter(|(other, _)| *other == kind)
                    .map(|(_, words)| &**words)
                    .collect();
                let quoted: Vec<String> =
                    words.iter().take(MAX_QUOTED).map(|words| format!("“{}”", beginning(words))).collect();
                let more = words.len().saturating_sub(MAX_QUOTED);
                let more = if more > 0 { format!(", and {more} more") } else { String::new() };
                format!("left out {}: {}{more}", kind.count(words.len()), quoted.join(", "))
            })
            .collect()
    }
}

/// The beginning of some words, on one line and without control characters.
pub(super) fn beginning(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match words.char_indices().nth(MAX_WORDS) {
        None => words,
        Some((at, _)) => {
            let end = words[..at].rfind(' ').filter(|end| *end > MAX_WORDS / 2).unwrap_or(at);
            format!("{} …", words[..end].trim_end())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_grouped_and_shortened() {
        let mut left_out = LeftOut::default();
        left_out.add(Kind::Around, "Share \n this");
        left_out.add(Kind::Title, "T");
        left_out.add(Kind::Around, &"word ".repeat(40));
        left_out.add(Kind::Hidden, " ");
        let lines = left_out.lines();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], "left out 1 heading that repeats the title: “T”");
        assert!(lines[1].starts_with("left out 2 blocks around the text: “Share this”, “word word"));
        assert!(lines[1].ends_with(" …”"));
    }
}
