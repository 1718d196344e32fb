//! Tells apart a quote that was copied badly from one that says something else: a number, a unit or a negation differs.

use std::collections::BTreeMap;

/// Words that turn a statement into its opposite, in the languages that editions are mostly written in.
const NEGATIONS: [&str; 33] = [
    "not", "no", "never", "none", "nor", "neither", "without", "cannot", "nothing", "nobody", "hardly",
    "except", "nicht", "kein", "keine", "keiner", "keinen", "nie", "ohne", "weder", "ne", "pas", "jamais",
    "sans", "aucun", "aucune", "sin", "nunca", "senza", "non", "geen", "niet", "inte",
];

/// Units and words of quantity.
const UNITS: [&str; 47] = [
    "%", "percent", "per", "mg", "g", "kg", "ug", "µg", "μg", "mcg", "ng", "ml", "l", "dl", "mmol", "mol",
    "iu", "mm", "cm", "m", "km", "s", "min", "minute", "minutes", "hour", "hours", "day", "days", "week",
    "weeks", "month", "months", "year", "years", "once", "twice", "half", "double", "million", "millions",
    "billion", "thousand", "hundred", "all", "most", "some",
];

/// Prefixes that negate a word.
const PREFIXES: [&str; 9] = ["un", "in", "im", "ir", "il", "non", "non-", "dis", "de"];

/// Suffixes that negate a word.
const SUFFIXES: [&str; 2] = ["less", "los"];

/// Whether two wordings differ in a number, a unit or a negation.
pub(super) fn changes_facts(quote: &str, text: &str) -> bool {
    let (quote, text) = (tokens(quote), tokens(text));
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    quote.iter().for_each(|token| *counts.entry(token).or_default() += 1);
    text.iter().for_each(|token| *counts.entry(token).or_default() -= 1);
    counts.retain(|_, count| *count != 0);
    let differing: Vec<&str> = counts.keys().copied().collect();
    let negates = |a: &str, b: &str| {
        PREFIXES.iter().any(|prefix| a.strip_prefix(prefix) == Some(b))
            || SUFFIXES.iter().any(|suffix| a.strip_suffix(suffix) == Some(b))
    };
    differing.iter().any(|token| is_fact(token))
        || differing.iter().any(|a| differing.iter().any(|b| negates(a, b)))
}

/// Lower-case words, with numbers and signs apart from letters: `50mg` is `50` and `mg`.
fn tokens(words: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let class = |c: char| match c {
        c if c.is_numeric() => 1,
        c if c.is_alphabetic() || matches!(c, '\'' | '\u{2019}') => 2,
        '.' | ',' => 3,
        _ => 4,
    };
    for word in words.split_whitespace() {
        let word = word.to_lowercase();
        let mut last = 0;
        let chars: Vec<char> = word.chars().collect();
        for (index, c) in chars.iter().enumerate() {
            // A point or comma belongs to a number only between digits.
            let inside = chars.get(index + 1).is_some_and(|next| next.is_numeric()) && last == 1;
            let this = match class(*c) {
                3 if inside => 1,
                3 => 5,
                other => other,
            };
            match out.last_mut() {
                Some(token) if this == last && this != 4 => token.push(*c),
                _ => out.push(c.to_string()),
            }
            last = this;
        }
    }
    out
}

fn is_fact(token: &str) -> bool {
    token.contains(char::is_numeric)
        || NEGATIONS.contains(&token)
        || UNITS.contains(&token)
        || token.ends_with("n't")
        || token.ends_with("n\u{2019}t")
        || matches!(token, "<" | ">" | "=" | "+" | "\u{b1}" | "\u{2264}" | "\u{2265}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_units_and_negations_are_facts() {
        for (quote, text, changes) in [
            ("12% of users", "21% of users", true),
            ("is effective", "is not effective", true),
            ("is effective", "is ineffective", true),
            ("500 mg a day", "50 mg a day", true),
            ("50 mg", "50 g", true),
            ("50mg", "50 mg", false),
            ("it isn't safe", "it is safe", true),
            ("harmless", "harm", true),
            ("p < 0.05", "p > 0.05", true),
            ("1,000 users", "1.000 users", true),
            ("the quick fox", "the quikc fox", false),
            ("a word, here.", "a word here", false),
        ] {
            assert_eq!(changes_facts(quote, text), changes, "{quote} / {text}");
        }
    }
}
