//! Lines and columns of many locations, without scanning the file from its start for each.

use std::collections::BTreeMap;

use crate::diagnostics::{File, floor_char_boundary};

/// The distance in bytes between two offsets whose line and column are cached.
const STEP: usize = 4096;

/// Computes lines and columns, and caches checkpoints for each file.
#[derive(Default)]
pub(super) struct Locator<'a> {
    /// Checkpoints by the file's address in memory, which is unique while the file is borrowed.
    files: BTreeMap<usize, (&'a File, Vec<Position>)>,
}

/// A location as a line and a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column in characters, from 1.
    pub(super) column: usize,
    /// The offset of the line's first byte.
    pub(super) line_start: usize,
}

impl<'a> Locator<'a> {
    /// The position of byte `at` of `file`; the same as [`File::line_column`].
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

/// The position at every [`STEP`]th byte.
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

    /// The position after `bytes`, which begin at this position and at byte `at` of the file.
    ///
    /// A character is counted at its first byte, so a step may end inside a character.
    fn advanced(self, bytes: &[u8], at: usize) -> Self {
        let chars_in = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        match memchr::memrchr(b'\n', bytes) {
            None => Self { column: self.column + chars_in(bytes), ..self },
            Some(newline) => Self {
                line: self.line + memchr::memchr_iter(b'\n', bytes).count(),
                column: 1 + chars_in(&bytes[newline + 1..]),
                line_start: at + newline + 1,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_equal_those_of_the_file() {
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
    fn each_file_has_its_own_checkpoints() {
        let (a, b) = (File::new("a.md", "\n\nx"), File::new("a.md", "y"));
        let mut locator = Locator::default();
        assert_eq!(locator.locate(&a, 2).line, 3);
        assert_eq!(locator.locate(&b, 1).line, 1);
        assert_eq!(locator.locate(&a, 2).line, 3);
    }
}
