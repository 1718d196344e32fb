//! The first words or the first sentence of a longer piece, for lists.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::diagnostics::floor_char_boundary;
use crate::markdown::escape::one_line;

/// The first sentence of `words`, or its first 280 bytes if it is longer.
pub(crate) fn first_sentence(words: &str) -> String {
    let line = one_line(words);
    let sentence = line.unicode_sentences().next().unwrap_or_default().trim_end();
    first_words(sentence)
}

/// The first 280 bytes of `words` or fewer: up to the end of a sentence if there is one, else of a word.
pub(crate) fn first_words(words: &str) -> String {
    const MAX_BYTES: usize = 280;
    let line = one_line(words);
    if line.len() <= MAX_BYTES {
        return line;
    }
    let cut = floor_char_boundary(&line, MAX_BYTES);
    match line[..cut].rfind(". ") {
        Some(end) if end > MAX_BYTES / 3 => line[..=end].to_owned(),
        _ => format!("{}…", line[..cut].rsplit_once(' ').map_or(&line[..cut], |(kept, _)| kept)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_end_at_a_sentence() {
        let long = format!("{} end. {}", "word ".repeat(30).trim(), "more ".repeat(60));
        assert!(first_words(&long).ends_with("end."));
        assert_eq!(first_words("short\none"), "short one");
        assert_eq!(first_sentence("It rose by 3.5 %. Then it fell."), "It rose by 3.5 %.");
    }
}
