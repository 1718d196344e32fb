//! Lines and columns of many places, without reading a file anew for each.

use std::collections::BTreeMap;

use crate::diagnostics::{File, floor_char_boundary};

/// How many bytes are between two places whose line and column are known.
const STEP: usize = 4096;

/// Finds places, and remembers where the lines of each file are.
#[derive(Default)]
pub(super) struct Locator<'a> {
    /// By the file's address, which is its own for as long as it is borrowed.
    files: BTreeMap<usize, (&'a File, Vec<Position>)>,
}

/// A place as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column in characters, from 1.
    pub(super) column: usize,
    /// The byte at which the line begins.
    pub(super) line_start: usize,
}

impl<'a> Locator<'a> {
    /// Where byte `at` of `file` is; the same as [`File::line_column`].
    pub(super) fn locate(&mut self, file: &'a File, at: usize) -> Position {
        let at = floor_char_boundary(&file.text, at);
        let key = std::ptr::from_ref(file).addr();
        let (_, steps) = self.files.entry(key).or_insert_with(|| (file, steps(&file.text)));
        let known = at / STEP;
        let start = steps.get(known).copied().unwrap_or(Position::START);
        let mut position = start.advanced(&file.text.as_bytes()[known * STEP..at], known * STEP);
        if position.line == 1 && at > 0 && file.text.starts_with('\u{feff}') {
            position.column -= 1;
        }
        position
    }
}

/// The position of every [`STEP`]th byte.
fn steps(text: &str) -> Vec<Position> {
    let mut position = Position::START;
    let chunks = text.as_bytes().chunks(STEP).enumerate();
    let after = chunks.map(|(i, bytes)| {
        position = position.advanced(bytes, i * STEP);
        position
    });
    std::iter::once(Position::START).chain(after).collect()
}

impl Position {
    const START: Self = Self { line: 1, column: 1, line_start: 0 };

    /// The position after `bytes`, which begin here and at byte `at` of the file.
    ///
    /// A character counts where its first byte is, so that a step may cut one in two.
    fn advanced(self, bytes: &[u8], at: usize) -> Self {
        let begun = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        match memchr::memrchr(b'\n', bytes) {
            None => Self { column: self.column + begun(bytes), ..self },
            Some(newline) => Self {
                line: self.line + memchr::memchr_iter(b'\n', bytes).count(),
                column: 1 + begun(&bytes[newline + 1..]),
                line_start: at + newline + 1,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_where_the_file_says() {
        let line = "añ日本🙂\r\n";
        let texts = [
            line.repeat(900),
            format!("\u{feff}{}", line.repeat(900)),
            "é".repeat(9000),
            format!("\u{feff}{}", "日".repeat(3000)),
            String::new(),
            "\u{feff}".to_owned(),
            "\n".repeat(STEP + 1),
        ];
        for text in texts {
            let file = File::new("a.md", text);
            let mut locator = Locator::default();
            for at in (0..=file.text.len() + 5).filter(|at| at % 61 == 0 || (at + 4) % STEP < 20) {
                let found = locator.locate(&file, at);
                assert_eq!(
                    (found.line, found.column),
                    file.line_column(at),
                    "byte {at} of {:.20?}",
                    file.text
                );
                assert!(found.line_start == 0 || file.text.as_bytes()[found.line_start - 1] == b'\n');
            }
        }
    }

    #[test]
    fn files_are_told_apart() {
        let (a, b) = (File::new("a.md", "\n\nx"), File::new("a.md", "y"));
        let mut locator = Locator::default();
        assert_eq!(locator.locate(&a, 2).line, 3);
        assert_eq!(locator.locate(&b, 1).line, 1);
        assert_eq!(locator.locate(&a, 2).line, 3);
    }
}
