//! Writes a passage as a quote in a layer: a block quote with context, and a title made from its words.

use crate::markdown::escape::{escape, escape_start, one_line};

/// The maximum length of a title in characters.
const MAX_TITLE: usize = 60;

/// A block quote of a passage with its context, the passage in bold.
pub(crate) fn in_context(before: &str, passage: &str, after: &str) -> String {
    let words = escape(&one_line(passage));
    if before.trim().is_empty() && after.trim().is_empty() {
        return format!("> {}\n", escape_start(&words));
    }
    let space = |touches: bool| if touches { "" } else { " " };
    let lead = space(before.trim().is_empty() || !before.ends_with(char::is_whitespace));
    let trail = space(after.trim().is_empty() || !after.starts_with(char::is_whitespace));
    let alone = |edge: &str, open: bool| edge.trim().is_empty() || (if open { lead } else { trail }) == " ";
    let plain = words.starts_with(char::is_alphanumeric)
        && words.ends_with(char::is_alphanumeric)
        && alone(before, true)
        && alone(after, false);
    let (open, close) = if plain { ("**", "**") } else { ("<b>", "</b>") };
    let line =
        format!("{}{lead}{open}{words}{close}{trail}{}", escape(&one_line(before)), escape(&one_line(after)));
    format!("> {}\n", escape_start(&line))
}

/// A title made from the first words that a note quotes.
pub(crate) fn title_from(words: &str) -> String {
    format!("“{}”", shortened(&one_line(words)))
}

fn shortened(words: &str) -> String {
    match words.char_indices().nth(MAX_TITLE) {
        None => words.to_owned(),
        Some((at, _)) => {
            let end = words[..at].rfind(' ').filter(|end| *end > MAX_TITLE / 2).unwrap_or(at);
            format!("{} …", words[..end].trim_end())
        }
    }
}

/// The words before a passage, without an incomplete first word.
pub(crate) fn whole_words_after(prefix: &str) -> &str {
    if prefix.starts_with(char::is_whitespace) {
        return prefix;
    }
    prefix.split_once(char::is_whitespace).map_or(prefix, |(_, rest)| rest)
}

/// The words after a passage, without an incomplete last word.
pub(crate) fn whole_words_before(suffix: &str) -> &str {
    if suffix.ends_with(char::is_whitespace) {
        return suffix;
    }
    suffix.rsplit_once(char::is_whitespace).map_or(suffix, |(rest, _)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_words_are_left_out() {
        assert_eq!(
            (whole_words_after("ade to the "), whole_words_after(" a b"), whole_words_after("ab")),
            ("to the ", " a b", "ab")
        );
        assert_eq!(whole_words_before(" and the cit"), " and the");
    }
}
