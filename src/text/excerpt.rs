//! A passage in its sentence, short enough for a list.
//!
//! 1. The passage's own block bounds what is looked at, and so does `AROUND`.
//! 2. Its sentences are found by the borders of Unicode (UAX #29).
//! 3. White space is folded, and what is still too long is cut at a word.

use unicode_segmentation::UnicodeSegmentation;

use crate::diagnostics::{TextSpan, floor_char_boundary};
use crate::html::{Block, scan};

/// How many bytes before and after a passage are looked at.
const AROUND: usize = 160;
/// How many bytes of a long passage are shown of its beginning, and of its end.
const HEAD: usize = 200;
const TAIL: usize = 100;

/// A passage, with the words around it in its sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// All of it; one string, since there are many.
    words: Box<str>,
    /// Where the passage begins and ends in it.
    start: u16,
    end: u16,
}

impl Excerpt {
    /// The passage at `span` of a reading text with these blocks.
    pub fn of(reading: &str, blocks: &[Block], span: TextSpan) -> Self {
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

    /// Words that are no passage of the text, shown as they are.
    pub fn of_words(words: &str) -> Self {
        let mut line = String::new();
        passage(&mut line, words.trim());
        let end = short(line.len());
        Self { words: line.into(), start: 0, end }
    }

    /// The words before the passage, the passage, and the words after it.
    pub fn parts(&self) -> [&str; 3] {
        let (start, end) = (usize::from(self.start), usize::from(self.end));
        [&self.words[..start], &self.words[start..end], &self.words[end..]]
    }

    /// The passage itself.
    pub fn passage(&self) -> &str {
        self.parts()[1]
    }
}

/// An excerpt is at most some hundred bytes long.
fn short(length: usize) -> u16 {
    u16::try_from(length).expect("an excerpt is short")
}

fn block(blocks: &[Block], at: usize) -> usize {
    blocks.partition_point(|block| block.start <= at).saturating_sub(1)
}

/// The words of the sentence before `end`, within the block and within reach.
fn before(reading: &str, block: usize, end: usize) -> std::ops::Range<usize> {
    let reach = floor_char_boundary(reading, end.saturating_sub(AROUND).max(block));
    // A border can only be told from what follows it, so the passage's own beginning is looked at too.
    let ahead = floor_char_boundary(reading, (end + 8).min(reading.len()));
    let window = &reading[reach..ahead];
    match last_border(window, end - reach) {
        Some(border) => reach + border..end,
        None if reach == block => block..end,
        None => word_after(reading, reach, end)..end,
    }
}

/// The words of the sentence after `start`, within the block and within reach.
fn after(reading: &str, start: usize, block: usize) -> std::ops::Range<usize> {
    let reach = floor_char_boundary(reading, (start + AROUND).min(block));
    let back = floor_char_boundary(reading, start.saturating_sub(4));
    let window = &reading[back..reach];
    match first_border(window, start - back) {
        Some(border) if back + border < reach || reach == block => start..back + border,
        _ if reach == block => start..block,
        _ => start..word_before(reading, start, reach),
    }
}

/// The last border of sentences in `window` at or before byte `at`, its very beginning apart.
///
/// What stands before the word with a stop does not tell whether a sentence ends there, so that only the words from
/// there on are parted: to part a whole window takes a hundred times as long.
fn last_border(window: &str, at: usize) -> Option<usize> {
    let mut end = at;
    while let Some(stop) = window[..end].rfind(is_stop) {
        // No stop follows before `at`, and so no second border either.
        let border = borders(window, stop).find(|&border| border > stop).filter(|&border| border <= at);
        if border.is_some() {
            return border;
        }
        end = stop;
    }
    None
}

/// The first border of sentences in `window` at or after byte `at`, if any of them ends in it.
fn first_border(window: &str, at: usize) -> Option<usize> {
    let stop = window.find(is_stop)?;
    borders(window, stop).find(|&border| border >= at)
}

/// The borders of sentences from the word on that has a stop at byte `stop`, the end of `window` among them.
fn borders(window: &str, stop: usize) -> impl Iterator<Item = usize> + '_ {
    let from = window[..stop].rfind(' ').map_or(0, |space| space + 1);
    window[from..].split_sentence_bound_indices().map(move |(at, sentence)| from + at + sentence.len())
}

/// Whether a sentence might end here: of the characters of Unicode's Sentence_Terminal and of those that part
/// paragraphs none is left out, and few others are let in.
fn is_stop(c: char) -> bool {
    match c {
        '.' | '?' | '!' | '\n' | '\r' | '\u{85}' => true,
        // Letters with accents, quotation marks and dashes.
        '\0'..'\u{589}' | '\u{2010}'..='\u{2023}' | '\u{2025}'..='\u{2027}' => false,
        _ => true,
    }
}

/// Whether the words up to here end like a sentence or a block.
fn ends_sentence(words: &str) -> bool {
    words.is_empty()
        || words.ends_with('\n')
        || words
            .trim_end()
            .trim_end_matches(['"', '\'', '”', '’', '»', ')', ']'])
            .ends_with(['.', '?', '!', '。', '！', '？', '।', '؟'])
}

/// The first beginning of a word at or after `from`.
fn word_after(reading: &str, from: usize, end: usize) -> usize {
    let words = reading[from..end].split_word_bound_indices();
    words.skip(1).find(|(_, word)| word.contains(char::is_alphanumeric)).map_or(end, |(at, _)| from + at)
}

/// The last end of a word at or before `to`.
fn word_before(reading: &str, start: usize, to: usize) -> usize {
    reading[start..to].split_word_bound_indices().next_back().map_or(start, |(at, _)| start + at)
}

/// Writes a passage; the middle of a long one is left out.
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

/// Writes words with white space of any kind and length as one space.
fn fold(out: &mut String, words: &str) {
    // Nearly all of them have single spaces already.
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
    fn a_passage_stands_in_its_sentence() {
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
    fn borders_are_where_a_reading_of_the_whole_has_them() {
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
                let last = all.iter().copied().rfind(|&border| border <= at);
                assert_eq!(last_border(&window, at), last, "{window:?} up to {at}");
                let first = first_border(&window, at).unwrap_or(window.len());
                assert_eq!(Some(&first), all.iter().find(|&&border| border >= at), "{window:?} from {at}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_word() {
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
