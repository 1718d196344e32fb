//! The files read and places in them.
//!
//! A place in a file and a place in the reading text are different types, so that one cannot be
//! taken for the other. Both count bytes; people are told lines and columns in characters.

use std::ops::Range;
use std::sync::Arc;

/// A file as it was read: its path for people, and its text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// The path from the site's folder, with `/` between names.
    pub path: String,
    /// The whole text, a byte order mark included.
    pub text: String,
}

impl File {
    /// A file read; `path` is from the site's folder.
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
pub fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// A run of bytes in a [`File`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileSpan {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A run of bytes in the reading text of a source.
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
            /// The run from `start` up to `end`.
            pub fn new(start: usize, end: usize) -> Self {
                Self { start, end }
            }

            /// The same run as a range, to slice with.
            pub fn range(self) -> Range<usize> {
                self.start..self.end
            }

            /// Whether the run holds no byte.
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

/// A run of bytes in a named file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: Arc<File>,
    /// The run.
    pub span: FileSpan,
}

impl Place {
    /// The run `span` of `file`.
    pub fn new(file: &Arc<File>, span: impl Into<FileSpan>) -> Self {
        Self { file: Arc::clone(file), span: span.into() }
    }

    /// A place in a file or folder that cannot be shown as text.
    pub fn of_path(path: impl Into<String>) -> Self {
        Self { file: File::new(path, ""), span: FileSpan::default() }
    }

    /// The line and column where it begins, from 1, the column in characters.
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
    fn a_byte_order_mark_is_no_column() {
        let file = File::new("a.md", "\u{feff}ab");
        assert_eq!(file.line_column(4), (1, 2));
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_no_panic() {
        let file = File::new("a.md", "é");
        assert_eq!(file.line_column(1), (1, 1));
        assert_eq!(file.line_column(99), (1, 2));
    }
}
