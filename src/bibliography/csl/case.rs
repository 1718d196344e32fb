//! Text cases: lower, upper, capitalized, sentence and title case.
//!
//! Words in mixed case (`mRNA`, `eLife`, `McDonald`) and text marked as "nocase" keep their case.

use hayagriva::citationberg::TextCase;

use super::output::{Role, Run};

/// Words that stay in lower case in title case, unless they are first or last.
const SMALL: [&str; 32] = [
    "a", "about", "an", "and", "as", "at", "but", "by", "d", "de", "down", "for", "from", "in", "into", "l",
    "nor", "of", "on", "onto", "or", "over", "so", "the", "till", "to", "up", "van", "via", "von", "with",
    "yet",
];

/// The position of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// At the start of the text, or after a full stop, colon, question mark or exclamation mark.
    Start,
    /// After another word.
    Inside,
    /// Directly after an apostrophe, like the `t` in `don’t`.
    Attached,
}

/// Changes the case of runs. Title case is only applied to English.
pub(in crate::bibliography) fn apply(runs: &mut [Run], case: TextCase, english: bool) {
    match case {
        TextCase::Lowercase => change_runs(runs, str::to_lowercase),
        TextCase::Uppercase => change_runs(runs, str::to_uppercase),
        TextCase::CapitalizeFirst => change_words(runs, |word, place| match place.number {
            0 if is_lower(word) => capitalized(word),
            _ => word.to_owned(),
        }),
        TextCase::CapitalizeAll => change_words(runs, |word, place| {
            if is_lower(word) && place.position != Position::Attached {
                capitalized(word)
            } else {
                word.to_owned()
            }
        }),
        TextCase::SentenceCase => change_words(runs, sentence),
        TextCase::TitleCase if english => {
            // Species, titles and foreign phrases in italics keep their case, unless everything is in italics. A
            // single word may only be emphasized.
            if runs.iter().any(|run| !run.look.flip_italic && run.text.contains(char::is_alphabetic)) {
                for run in runs.iter_mut().filter(|run| run.look.flip_italic) {
                    run.keep_case |= run.text.trim().contains(' ');
                }
            }
            change_words(runs, title);
        }
        TextCase::TitleCase => {}
    }
}

/// Whether a title is in title case: every word that title case would capitalize is capitalized.
pub(crate) fn is_title_case(title: &str) -> bool {
    let plain = super::rich::plain(title);
    let words: Vec<&str> = plain
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().any(char::is_alphabetic))
        .collect();
    let long = words.iter().skip(1).filter(|word| word.chars().count() > 3);
    let (capitals, small): (Vec<&&str>, Vec<&&str>) =
        long.partition(|word| word.starts_with(|c: char| !c.is_lowercase()));
    let small = small
        .iter()
        .filter(|word| {
            ![
                "with", "from", "into", "over", "upon", "between", "through", "under", "about", "during",
                "after", "before", "against", "within", "without", "toward", "towards", "among", "across",
                "that", "than", "when", "their", "using", "does", "what", "this", "onto", "till", "until",
            ]
            .contains(&word.to_lowercase().as_str())
        })
        .count();
    !capitals.is_empty() && small == 0
}

/// Converts a title to sentence case and keeps its markup.
pub(in crate::bibliography) fn to_sentence_case(title: &str) -> String {
    // Split markup from text, because tags must not change.
    let mut out = String::with_capacity(title.len());
    let mut position_text = String::new();
    let mut rest = title;
    let mut pieces: Vec<(bool, &str)> = Vec::new();
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>').map(|at| open + at + 1) else { break };
        pieces.push((false, &rest[..open]));
        pieces.push((true, &rest[open..close]));
        rest = &rest[close..];
    }
    pieces.push((false, rest));
    let mut runs = super::rich::runs(title, Role::Value);
    let mut quoted = 0_usize;
    for run in &mut runs {
        match run.role {
            Role::Open => quoted += 1,
            Role::Close => quoted = quoted.saturating_sub(1),
            // Quoted titles within the title keep their case.
            _ => run.keep_case |= quoted > 0 || run.look.flip_italic,
        }
    }
    apply(&mut runs, TextCase::SentenceCase, true);
    let whole = super::output::plain(&runs);
    // Insert the tags again at the same character offsets. If characters are left over, keep the title.
    let mut cased = whole.chars();
    for (is_tag, piece) in pieces {
        if is_tag {
            out += piece;
            continue;
        }
        position_text.clear();
        position_text.extend(cased.by_ref().take(piece.chars().count()));
        out += &position_text;
    }
    if cased.next().is_some() { title.to_owned() } else { out }
}

fn change_runs(runs: &mut [Run], change: impl Fn(&str) -> String) {
    for run in runs.iter_mut().filter(|run| !run.keep_case) {
        run.text = change(&run.text);
    }
}

/// The context of a word in the text.
#[derive(Clone, Copy)]
struct Place {
    number: usize,
    position: Position,
    last: bool,
}

fn sentence(word: &str, place: Place) -> String {
    match place.position {
        Position::Start if is_lower(word) || is_capitalized(word) => capitalized(&word.to_lowercase()),
        Position::Start => word.to_owned(),
        _ if is_capitalized(word) && (word.chars().count() > 1 || word == "A") => word.to_lowercase(),
        _ => word.to_owned(),
    }
}

fn title(word: &str, place: Place) -> String {
    let long = word.chars().nth(1).is_some();
    if !is_lower(word) {
        return word.to_owned();
    }
    match place.position {
        Position::Start => capitalized(word),
        Position::Inside if long && (place.last || !SMALL.contains(&word)) => capitalized(word),
        _ => word.to_owned(),
    }
}

/// Calls `change` on every word whose case may change, with its context. A word may be spread over runs: in
/// `{P}roposal`, only the first letter is protected.
fn change_words(runs: &mut [Run], change: impl Fn(&str, Place) -> String) {
    let is_word = |c: char| c.is_alphanumeric() || is_mark(c);
    // Whether each run continues the last word of the run before it.
    let mut continues = Vec::with_capacity(runs.len());
    let mut in_word = false;
    for run in runs.iter() {
        continues.push(in_word && run.text.starts_with(is_word));
        in_word = run.text.ends_with(is_word);
    }
    let pieces = |run: &Run| run.text.split(|c| !is_word(c)).filter(|piece| !piece.is_empty()).count();
    let total = runs.iter().map(pieces).sum::<usize>() - continues.iter().filter(|it| **it).count();
    let capitals: Vec<bool> = runs.iter().map(|run| run.text.starts_with(char::is_uppercase)).collect();
    let (mut position, mut number) = (Position::Start, 0);
    let mut letter = false;
    for (at, run) in runs.iter_mut().enumerate() {
        if matches!(run.role, Role::Open | Role::Close) {
            continue;
        }
        let mut out = String::with_capacity(run.text.len());
        let mut rest = run.text.as_str();
        if continues[at] {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            out += &rest[..end];
            rest = &rest[end..];
        }
        // `eb{BP}` is a word in mixed case.
        let mixed = continues.get(at + 1).zip(capitals.get(at + 1)) == Some((&true, &true));
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            rest = after;
            if is_word(first) {
                let place = Place { number, position, last: number + 1 == total };
                let keep = run.keep_case || rest.is_empty() && mixed;
                out += &if keep { piece.to_owned() } else { change(piece, place) };
                letter = position != Position::Attached
                    && piece.chars().nth(1).is_none()
                    && piece.starts_with(char::is_uppercase);
                (position, number) = (Position::Inside, number + 1);
            } else {
                // A word in lower case after a letter and a full stop is not the start of a sentence: `E. coli`.
                let abbreviated = letter && piece == ". " && rest.starts_with(char::is_lowercase);
                position = if abbreviated { Position::Attached } else { between(piece, position) };
                out += piece;
            }
        }
        run.text = out;
    }
}

/// The position of the next word, given the text `gap` before it.
fn between(gap: &str, position: Position) -> Position {
    let spaced = gap.contains(char::is_whitespace);
    let mark = gap.trim().chars().next_back();
    match mark {
        Some('.' | '?' | '!' | ':') if spaced => Position::Start,
        // `don’t`, `drugs.com`, `R&D_now`.
        Some('’' | '\'' | '.' | '_' | '&' | '@') if !spaced => Position::Attached,
        // Opening punctuation does not change the position.
        _ if position == Position::Start => Position::Start,
        _ => Position::Inside,
    }
}

/// Whether the character is a combining mark, which is part of the preceding letter.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_lower(word: &str) -> bool {
    // A capital Mu looks like an M: 5 µg would become 5 Mg.
    if word.starts_with(['\u{b5}', '\u{3bc}']) {
        return false;
    }
    word.chars().all(|c| c.is_lowercase() || is_mark(c))
}

fn is_capitalized(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c.is_lowercase() || is_mark(c))
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::csl::{output, rich};

    fn cased(text: &str, case: TextCase) -> String {
        let mut runs = rich::runs(text, Role::Value);
        apply(&mut runs, case, true);
        output::plain(&runs)
    }

    #[test]
    fn title_case_keeps_words_of_mixed_case() {
        let title = |text: &str| cased(text, TextCase::TitleCase);
        assert_eq!(
            title("The mRNA of SARS-CoV-2, pH and McDonald"),
            "The mRNA of SARS-CoV-2, pH and McDonald"
        );
        assert_eq!(title("eLife"), "eLife");
        assert_eq!(title("news on drugs.com"), "News on Drugs.com");
        assert_eq!(
            title("at-home ketamine: a review of what we’ve got to go on"),
            "At-Home Ketamine: A Review of What We’ve Got to Go On"
        );
        assert_eq!(title("news of E. coli in the gut"), "News of E. coli in the Gut");
        assert_eq!(title("growth of <i>escherichia coli</i> in milk"), "Growth of escherichia coli in Milk");
        assert_eq!(title("<i>on growth</i>"), "On Growth");
        assert_eq!(title("mood and <i>more</i>"), "Mood and More");
        let protected = |text: &str| text.replace('{', "<span class=\"nocase\">").replace('}', "</span>");
        assert_eq!(title(&protected("{A} {P}roposal on eb{BP} and {S}leep")), "A Proposal on ebBP and Sleep");
        assert_eq!(title("on <span class=\"nocase\">e. coli</span> in the gut"), "On e. coli in the Gut");
    }

    #[test]
    fn sentence_case_lowers_capitalized_words() {
        let sentence = |text| cased(text, TextCase::SentenceCase);
        assert_eq!(sentence("By Mc<span class=\"nocase\">D</span>onald"), "By McDonald");
        assert_eq!(
            sentence("The Role of DNA in SARS-CoV-2: A Review"),
            "The role of DNA in SARS-CoV-2: A review"
        );
        assert_eq!(sentence("life of <span class=\"nocase\">Marie Curie</span>"), "Life of Marie Curie");
    }

    #[test]
    fn title_case_is_detected_and_converted_to_sentence_case() {
        assert!(is_title_case("The Role of Sleep in Memory"));
        assert!(!is_title_case("Emmet Till and the E. coli O157:H7"));
        assert!(!is_title_case("The role of Sleep"));
        assert_eq!(
            to_sentence_case("The Role of <span class=\"nocase\">NASA</span> in <i>Homo Faber</i>"),
            "The role of <span class=\"nocase\">NASA</span> in <i>Homo Faber</i>"
        );
    }

    #[test]
    fn other_text_cases() {
        assert_eq!(cased("technical report", TextCase::CapitalizeFirst), "Technical report");
        assert_eq!(cased("eLife journal", TextCase::CapitalizeFirst), "eLife journal");
        assert_eq!(cased("new york", TextCase::CapitalizeAll), "New York");
        assert_eq!(cased("Ab", TextCase::Uppercase), "AB");
    }
}
