//! Names as plain text: "Family, Given", "Family, Jr., Given", "Given Family".

use crate::bibliography::item::Name;

/// Words that stand for people who are not named.
const OTHERS: [&str; 4] = ["et al.", "et al", "others", "and others"];
/// What follows a name without being part of it.
const SUFFIXES: [&str; 9] = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "v", "esq."];

/// A name whose parts are divided by commas; without a comma it is an organization.
pub(super) fn inverted(text: &str) -> Name {
    let text = text.trim();
    if OTHERS.contains(&text.to_lowercase().as_str()) {
        return Name::others();
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let (family, given, suffix) = match parts[..] {
        [] | [_] => return Name::literal(text),
        [family, given] => (family, given, ""),
        // BibTeX has the suffix second, RIS and most people last.
        [family, suffix, given] if is_suffix(suffix) => (family, given, suffix),
        [family, given, suffix, ..] => (family, given, suffix),
    };
    let (particle, family) = parted(family);
    let name = Name { suffix: suffix.to_owned(), given: given.to_owned(), ..Name::default() };
    Name { particle: particle.to_owned(), family: family.to_owned(), ..name }
}

/// A name as MEDLINE abbreviates it: "Glue P", "Lara DR Jr".
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

/// A family name without the words in lower case before it.
fn parted(family: &str) -> (&str, &str) {
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
    fn commas_divide_a_name() {
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
    fn medline_puts_initials_last() {
        assert_eq!(abbreviated("van den Berg AB").family, "van den Berg");
        assert_eq!(abbreviated("Lara DR Jr").given, "D. R.");
        assert!(abbreviated("Group").literal);
    }
}
