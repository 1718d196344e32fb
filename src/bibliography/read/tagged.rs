//! Parses files of tagged lines, each with a short tag, a separator and a value.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::File;

/// A tagged line, including its continuation lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tag: String,
    pub(super) value: String,
    /// The location of the value in the file.
    pub(super) span: Range<usize>,
}

/// The lines of a file whose tags are at most `width` characters and end in `separator`.
pub(super) fn lines(file: &Arc<File>, width: usize, separator: &str) -> Vec<Line> {
    let text = file.text.trim_start_matches('\u{feff}');
    let mut at = file.text.len() - text.len();
    let mut lines: Vec<Line> = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim_end();
        let tagged = bare.split_once(separator).filter(|(tag, _)| {
            let tag = tag.trim_end();
            (2..=width).contains(&tag.len())
                && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        });
        match tagged {
            Some((tag, value)) => {
                let value_start = start + bare.len() - value.len() + (value.len() - value.trim_start().len());
                lines.push(Line {
                    tag: tag.trim_end().to_owned(),
                    value: value.trim().to_owned(),
                    span: value_start..value_start + value.trim().len(),
                });
            }
            None if !bare.trim().is_empty() => {
                if let Some(last) = lines.last_mut() {
                    let gap = if last.value.is_empty() { "" } else { " " };
                    last.value += &format!("{gap}{}", bare.trim());
                }
            }
            None => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_continue_on_the_next_line() {
        let file = File::new("a.nbib", "PMID- 12\nTI  - A title\n      that goes on\nAU  - X Y\n");
        let found = lines(&file, 4, "- ");
        assert_eq!(found.iter().map(|line| line.tag.as_str()).collect::<Vec<_>>(), ["PMID", "TI", "AU"]);
        assert_eq!(found[1].value, "A title that goes on");
        assert_eq!(&file.text[found[0].span.clone()], "12");
    }
}
