//! Labels such as `Lar13`, and the letters of year suffixes.

use hayagriva::citationberg::taxonomy::{DateVariable, NameVariable};

use crate::bibliography::item::{Item, Name, TITLE};

/// The label of a work: the first letters of a single author's name, or the initials of several authors, and the
/// year.
pub(in crate::bibliography) fn of(item: &Item) -> String {
    let authors = item.names(NameVariable::Author);
    let people = if authors.is_empty() { item.names(NameVariable::Editor) } else { authors };
    let known: Vec<&Name> = people.iter().filter(|name| !name.others).collect();
    let letters = |text: &str, count: usize| {
        text.chars().filter(|c| c.is_alphanumeric()).take(count).collect::<String>()
    };
    let mut label = match known[..] {
        [] => letters(item.text(TITLE), 3),
        [one] if people.len() == 1 => letters(&one.family, 3),
        [one, ..] if people.len() > 4 || known.len() < people.len() => letters(&one.family, 3) + "+",
        _ => known.iter().map(|name| letters(&name.family, 1)).collect(),
    };
    if let Some(start) = item.date(DateVariable::Issued).and_then(|date| date.start) {
        label += &format!("{:02}", start.year.rem_euclid(100));
    }
    label
}

/// The letters for a number from 1: `a` to `z`, then `aa`.
pub(in crate::bibliography) fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.insert(0, char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::item::Kind;

    #[test]
    fn letters_continue_after_z() {
        assert_eq!([1, 26, 27, 52, 53].map(letters), ["a", "z", "aa", "az", "ba"]);
    }

    #[test]
    fn a_label_consists_of_names_and_year() {
        let mut item = Item::new("x", Kind::Book);
        let name = |family: &str| Name { family: family.into(), ..Name::default() };
        item.set_names(NameVariable::Author, vec![name("Lara"), name("Bisol"), name("Munari")]);
        assert_eq!(of(&item), "LBM");
        item.set_names(NameVariable::Author, vec![name("Andrade")]);
        assert_eq!(of(&item), "And");
    }
}
