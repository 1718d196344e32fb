//! A passage within its sentence, short enough for a list.
//!
//! 1. The search for sentence boundaries is limited to the passage's own block and to `AROUND` bytes on
//!    each side.
//! 2. Sentences are found by the Unicode rules for sentence boundaries (UAX #29).
//! 3. White space is folded, and text that is still too long is cut at a word.

use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostics::{TextSpan, floor_char_boundary};
use crate::html::{Block, scan};

/// The number of bytes before and after a passage that are searched.
const AROUND: usize = 160;
/// The number of bytes of a long passage that are shown of its start ([`HEAD`]) and of its end ([`TAIL`]).
const HEAD: usize = 200;
const TAIL: usize = 100;

/// A passage with the rest of its sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The whole excerpt, in a single string to save memory.
    words: Box<str>,
    /// The start and the end of the passage in it.
    start: u16,
    end: u16,
}

impl Excerpt {
    /// The excerpt for the passage at `span` of a reading text with these blocks.
    pub(crate) fn of(reading: &str, blocks: &[Block], span: TextSpan) -> Self {
        let first = block(blocks, span.start);
        let last = block(blocks, span.end.saturating_sub(1).max(span.start));
        let block_start = blocks.get(first).map_or(0, |block| block.start).min(span.start);
        let block_end = blocks.get(last + 1).map_or(reading.len(), |block| block.start).max(span.end);
        let before = before(reading, block_start, span.start);
        let after = after(reading, span.end, block_end);
        let mut words =
            String::with_capacity(before.len() + after.len() + (HEAD + TAIL).min(span.end - span.start));
        let is_cut = before.start > block_start && !ends_sentence(&reading[block_start..before.start]);
        if is_cut {
            words.push('…');
        }
        fold(&mut words, &reading[before]);
        let start = words.len();
        passage(&mut words, &reading[span.range()]);
        let end = words.len();
        let is_cut = after.end < block_end && !ends_sentence(&reading[span.start..after.end]);
        fold(&mut words, &reading[after]);
        words.truncate(words.trim_end().len().max(end));
        if is_cut {
            words.push('…');
        }
        Self { words: words.into(), start: short(start), end: short(end) }
    }

    /// An excerpt of words that are not a passage of the text; they are shown as they are.
    pub(crate) fn of_words(words: &str) -> Self {
        let mut line = String::new();
        passage(&mut line, words.trim());
        let end = short(line.len());
        Self { words: line.into(), start: 0, end }
    }

    /// The words before the passage, the passage, and the words after it.
    pub(crate) fn parts(&self) -> [&str; 3] {
        let (start, end) = (usize::from(self.start), usize::from(self.end));
        [&self.words[..start], &self.words[start..end], &self.words[end..]]
    }

    /// The passage itself.
    pub(crate) fn passage(&self) -> &str {
        self.parts()[1]
    }
}

/// The length as `u16`; an excerpt is at most a few hundred bytes long.
fn short(length: usize) -> u16 {
    u16::try_from(length).expect("an excerpt is short")
}

fn block(blocks: &[Block], at: usize) -> usize {
    blocks.partition_point(|block| block.start <= at).saturating_sub(1)
}

/// The range of the words before `end` in the same sentence, limited to the block and to [`AROUND`] bytes.
fn before(reading: &str, block: usize, end: usize) -> std::ops::Range<usize> {
    let reach = floor_char_boundary(reading, end.saturating_sub(AROUND).max(block));
    // A sentence boundary depends on the text after it, so the start of the passage is searched too.
    let ahead = floor_char_boundary(reading, (end + 8).min(reading.len()));
    let window = &reading[reach..ahead];
    match last_boundary(window, end - reach) {
        Some(boundary) => reach + boundary..end,
        None if reach == block => block..end,
        None => word_after(reading, reach, end)..end,
    }
}

/// The range of the words after `start` in the same sentence, limited to the block and to [`AROUND`] bytes.
fn after(reading: &str, start: usize, block: usize) -> std::ops::Range<usize> {
    let reach = floor_char_boundary(reading, (start + AROUND).min(block));
    let back = floor_char_boundary(reading, start.saturating_sub(4));
    let window = &reading[back..reach];
    match first_boundary(window, start - back) {
        Some(boundary) if back + boundary < reach || reach == block => start..back + boundary,
        _ if reach == block => start..block,
        _ => start..word_before(reading, start, reach),
    }
}

/// The last sentence boundary in `window` at or before byte `at`, except at the very start.
///
/// The text before the word with a full stop does not affect whether a sentence ends there. So only the text
/// from that word on is segmented; segmenting a whole window takes a hundred times as long.
fn last_boundary(window: &str, at: usize) -> Option<usize> {
    let mut end = at;
    while let Some(stop) = window[..end].rfind(is_stop) {
        // There is no other stop before `at`, and therefore no other boundary.
        let boundary =
            boundaries(window, stop).find(|&boundary| boundary > stop).filter(|&boundary| boundary <= at);
        if boundary.is_some() {
            return boundary;
        }
        end = stop;
    }
    None
}

/// The first sentence boundary in `window` at or after byte `at`, if there is one.
fn first_boundary(window: &str, at: usize) -> Option<usize> {
    let stop = window.find(is_stop)?;
    boundaries(window, stop).find(|&boundary| boundary >= at)
}

/// The sentence boundaries from the word that has a stop at byte `stop`, including the end of `window`.
fn boundaries(window: &str, stop: usize) -> impl Iterator<Item = usize> + '_ {
    let from = window[..stop].rfind(' ').map_or(0, |space| space + 1);
    window[from..].split_sentence_bound_indices().map(move |(at, sentence)| from + at + sentence.len())
}

/// Whether a sentence may end at this character. Accepts all characters with the Unicode property
/// Sentence_Terminal, all paragraph separators, and a few others.
fn is_stop(c: char) -> bool {
    match c {
        '.' | '?' | '!' | '\n' | '\r' | '\u{85}' => true,
        // Accented letters, quotation marks and dashes.
        '\0'..'\u{589}' | '\u{2010}'..='\u{2023}' | '\u{2025}'..='\u{2027}' => false,
        _ => true,
    }
}

/// Whether the words end a sentence or a block.
fn ends_sentence(words: &str) -> bool {
    words.is_empty()
        || words.ends_with('\n')
        || words
            .trim_end()
            .trim_end_matches(['"', '\'', '”', '’', '»', ')', ']'])
            .ends_with(['.', '?', '!', '。', '！', '？', '।', '؟'])
}

/// The start of the first word at or after `from`.
fn word_after(reading: &str, from: usize, end: usize) -> usize {
    let words = reading[from..end].split_word_bound_indices();
    words.skip(1).find(|(_, word)| word.contains(char::is_alphanumeric)).map_or(end, |(at, _)| from + at)
}

/// The end of the last word at or before `to`.
fn word_before(reading: &str, start: usize, to: usize) -> usize {
    reading[start..to].split_word_bound_indices().next_back().map_or(start, |(at, _)| start + at)
}

/// Appends a passage; the middle of a long one is left out.
fn passage(out: &mut String, words: &str) {
    if words.len() <= HEAD + TAIL + 20 {
        return fold(out, words);
    }
    let head = floor_char_boundary(words, HEAD);
    let tail = floor_char_boundary(words, words.len() - TAIL);
    fold(out, words[..word_before(words, 0, head)].trim_end());
    out.push_str(" […] ");
    fold(out, &words[word_after(words, tail, words.len())..]);
}

/// Appends words with all white space folded to single spaces.
fn fold(out: &mut String, words: &str) {
    // Fast path: most text has only single spaces.
    let is_plain = scan::first(words.as_bytes(), |byte| !byte.is_ascii() | (byte < b' ')).is_none();
    let adds_space = words.starts_with(' ') && (out.is_empty() || out.ends_with(' '));
    if is_plain && !adds_space && !words.contains("  ") {
        return out.push_str(words);
    }
    let mut parts = words.split(char::is_whitespace);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(reading: &str, words: &str) -> [String; 3] {
        let start = reading.find(words).unwrap();
        let mut blocks = vec![Block { start: 0, child: 1 }];
        blocks.extend(reading.match_indices('\n').map(|(at, _)| Block { start: at + 1, child: 1 }));
        Excerpt::of(reading, &blocks, TextSpan::new(start, start + words.len())).parts().map(str::to_owned)
    }

    #[test]
    fn an_excerpt_is_the_sentence_of_the_passage() {
        let text = "One is first. Then two\tcomes, at 3.5 mg, before three. And four.\n";
        assert_eq!(excerpt(text, "two\tcomes"), ["Then ", "two comes", ", at 3.5 mg, before three."]);
        assert_eq!(excerpt(text, "One is first."), ["", "One is first.", ""]);
        assert_eq!(excerpt(text, "And"), ["", "And", " four."]);
    }

    #[test]
    fn a_block_ends_a_sentence() {
        assert_eq!(excerpt("A heading\nand words\nmore\n", "words"), ["and ", "words", ""]);
    }

    #[test]
    fn sentences_end_in_other_scripts() {
        let text = "今日は雨です。明日は晴れます。その後は知りません。\n";
        assert_eq!(excerpt(text, "晴れ"), ["明日は", "晴れ", "ます。"]);
    }

    #[test]
    fn boundaries_equal_those_of_segmenting_the_whole_window() {
        let pieces = [
            "A", "b", "c d", "3", ".", "?", "!", " ", " ", "\n", "’", "”", ")", "é", ",", "。", "…",
            "\u{301}",
        ];
        let mut seed = 7_u32;
        for _ in 0..20_000 {
            let mut window = String::new();
            for _ in 0..seed % 12 + 1 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                window.push_str(pieces[(seed >> 16) as usize % pieces.len()]);
            }
            let all: Vec<usize> =
                window.split_sentence_bound_indices().map(|(at, words)| at + words.len()).collect();
            for (at, _) in window.char_indices() {
                let last = all.iter().copied().rfind(|&boundary| boundary <= at);
                assert_eq!(last_boundary(&window, at), last, "{window:?} up to {at}");
                let first = first_boundary(&window, at).unwrap_or(window.len());
                assert_eq!(
                    Some(&first),
                    all.iter().find(|&&boundary| boundary >= at),
                    "{window:?} from {at}"
                );
            }
        }
    }

    #[test]
    fn long_text_is_cut_at_a_word() {
        let text = format!("{}here{}\n", "before ".repeat(60), " after".repeat(60));
        let [before, passage, after] = excerpt(&text, "here");
        assert!(before.starts_with("…before ") && before.len() < AROUND + 8, "{before}");
        assert_eq!(passage, "here");
        assert!(after.ends_with("after…") && after.len() < AROUND + 8, "{after}");
        let long = "long ".repeat(200);
        let [_, passage, _] = excerpt(&format!("{long}\n"), long.trim());
        assert!(passage.contains("long […] long") && passage.len() < HEAD + TAIL + 20, "{passage}");
    }
}
