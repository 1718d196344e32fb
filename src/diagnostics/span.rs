//! Input files and locations in them.
//!
//! Spans of a file and spans of the reading text are different types, so that they cannot be mixed up. Both count
//! bytes; output for people counts lines, and columns in characters.

use std::ops::Range;
use std::sync::Arc;

/// An input file: its path for messages, and its text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The path relative to the site's folder, with `/` as separator.
    pub path: String,
    /// The whole text, a byte order mark included.
    pub text: String,
}

impl File {
    /// A file with its text; `path` is relative to the site's folder.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// The line and column of byte `at`, both from 1, the column in characters.
    pub fn line_column(&self, at: usize) -> (usize, usize) {
        let at = floor_char_boundary(&self.text, at);
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let first_line_mark = usize::from(line_start == 0 && before.starts_with('\u{feff}'));
        (line, before[line_start..].chars().count() + 1 - first_line_mark)
    }
}

/// The last character boundary of `text` at or before `at`.
pub(crate) fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// A range of bytes in a [`File`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileSpan {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A range of bytes in the reading text of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TextSpan {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

macro_rules! span {
    ($name:ident) => {
        impl $name {
            /// The span from `start` up to, but not including, `end`.
            pub fn new(start: usize, end: usize) -> Self {
                Self { start, end }
            }

            /// The span as a range, for slicing.
            pub fn range(self) -> Range<usize> {
                self.start..self.end
            }

            /// Whether the span is empty.
            pub fn is_empty(self) -> bool {
                self.start >= self.end
            }
        }

        impl From<Range<usize>> for $name {
            fn from(range: Range<usize>) -> Self {
                Self::new(range.start, range.end)
            }
        }
    };
}

span!(FileSpan);
span!(TextSpan);

/// A location: a range of bytes in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: Arc<File>,
    /// The range of bytes.
    pub span: FileSpan,
}

impl Place {
    /// The location `span` in `file`.
    pub fn new(file: &Arc<File>, span: impl Into<FileSpan>) -> Self {
        Self { file: Arc::clone(file), span: span.into() }
    }

    /// The location of a file or folder as a whole, when no text of it can be shown.
    pub fn of_path(path: impl Into<String>) -> Self {
        Self { file: File::new(path, ""), span: FileSpan::default() }
    }

    /// The line and column of its first byte, both from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.file.line_column(self.span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = File::new("a.md", "añb\n日本語 x\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(3), (1, 3));
        let x = file.text.find('x').unwrap();
        assert_eq!(file.line_column(x), (2, 5));
    }

    #[test]
    fn a_byte_order_mark_does_not_count_as_a_column() {
        let file = File::new("a.md", "\u{feff}ab");
        assert_eq!(file.line_column(4), (1, 2));
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_does_not_panic() {
        let file = File::new("a.md", "é");
        assert_eq!(file.line_column(1), (1, 1));
        assert_eq!(file.line_column(99), (1, 2));
    }
}
