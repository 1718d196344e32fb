//! Parses names in plain text: "Family, Given", "Family, Jr., Given", "Given Family".

use crate::bibliography::item::Name;

/// Words for further people who are not named, such as "et al."
const OTHERS: [&str; 4] = ["et al.", "et al", "others", "and others"];
/// Suffixes of names.
const SUFFIXES: [&str; 9] = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "v", "esq."];

/// Parses a name whose parts are separated by commas. A name without a comma is an organization.
pub(super) fn inverted(text: &str) -> Name {
    let text = text.trim();
    if OTHERS.contains(&text.to_lowercase().as_str()) {
        return Name::others();
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let (family, given, suffix) = match parts[..] {
        [] | [_] => return Name::literal(text),
        [family, given] => (family, given, ""),
        // BibTeX puts the suffix second, RIS and most other sources last.
        [family, suffix, given] if is_suffix(suffix) => (family, given, suffix),
        [family, given, suffix, ..] => (family, given, suffix),
    };
    let (particle, family) = split_particle(family);
    let name = Name { suffix: suffix.to_owned(), given: given.to_owned(), ..Name::default() };
    Name { particle: particle.to_owned(), family: family.to_owned(), ..name }
}

/// Parses a name as abbreviated by MEDLINE: "Glue P", "Lara DR Jr".
pub(super) fn abbreviated(text: &str) -> Name {
    let text = text.trim();
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let suffix = words.last().copied().filter(|last| words.len() > 2 && is_suffix(last));
    words.truncate(words.len() - usize::from(suffix.is_some()));
    match words.split_last() {
        Some((given, family)) if !family.is_empty() => Name {
            family: family.join(" "),
            given: given.chars().filter(|c| *c != '.').map(|c| format!("{c}.")).collect::<Vec<_>>().join(" "),
            suffix: suffix.unwrap_or_default().to_owned(),
            ..Name::default()
        },
        _ => Name::literal(text),
    }
}

pub(super) fn is_suffix(text: &str) -> bool {
    SUFFIXES.contains(&text.to_lowercase().as_str())
}

/// Splits a family name into a particle, the leading words in lower case, and the rest.
fn split_particle(family: &str) -> (&str, &str) {
    let mut at = 0;
    for word in family.split_inclusive(' ') {
        let is_particle = word.trim_end().chars().all(|c| c.is_lowercase() || "'’-".contains(c));
        if !is_particle || at + word.len() == family.len() {
            break;
        }
        at += word.len();
    }
    let (particle, family) = family.split_at(at);
    (particle.trim_end(), family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_separate_the_parts_of_a_name() {
        let parts = |text| {
            let name = inverted(text);
            [name.particle, name.family, name.given, name.suffix]
        };
        assert_eq!(parts("Lara, Diogo R."), ["", "Lara", "Diogo R.", ""]);
        assert_eq!(parts("van der Berg, Anna"), ["van der", "Berg", "Anna", ""]);
        assert_eq!(parts("King, Jr., Martin Luther"), ["", "King", "Martin Luther", "Jr."]);
        assert_eq!(parts("King, Martin Luther, Jr."), ["", "King", "Martin Luther", "Jr."]);
        assert!(inverted("World Health Organization").literal);
        assert!(inverted("et al.").others);
    }

    #[test]
    fn medline_names_end_in_initials() {
        assert_eq!(abbreviated("van den Berg AB").family, "van den Berg");
        assert_eq!(abbreviated("Lara DR Jr").given, "D. R.");
        assert!(abbreviated("Group").literal);
    }
}
