//! The name of one person: the order of its parts, initials and particles.

use hayagriva::citationberg::{
    DemoteNonDroppingParticle, Name as NameElement, NameForm, NameOptions, NamePart,
};

use super::case;
use super::disambiguate::Given;
use super::output::{Role, Run, affix, append, apply_formatting, words};
use super::render::{Mode, Renderer};
use crate::bibliography::item::Name;

/// The order of a name's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// "Vincent van Gogh".
    Given,
    /// "Gogh, Vincent van".
    Inverted,
}

impl Renderer<'_> {
    /// Renders the name of one person; `at` is its index in the list of names.
    pub(super) fn one_name(
        &self,
        name: &Name,
        at: usize,
        element: &NameElement,
        options: &NameOptions<'_>,
        order: Order,
    ) -> Vec<Run> {
        let parts = (element.name_part_family(), element.name_part_given());
        let (mut form, mut initialize) = (options.form, options.initialize);
        if self.mode == Mode::Citation {
            match self.cite.distinct.given(name, at) {
                Some(Given::Full) => (form, initialize) = (NameForm::Long, false),
                Some(Given::Initials) => form = NameForm::Long,
                None => {}
            }
        }
        let mut runs = if name.literal || name.family.is_empty() && name.given.is_empty() {
            part(&name.family, parts.0, self.terms.is_english())
        } else {
            let order = if self.mode == Mode::SortKey { Order::Inverted } else { order };
            let with = options.initialize_with;
            let hyphen = self.style.inner.settings.initialize_with_hyphen;
            let given = match with.filter(|_| !name.family.is_empty()) {
                Some(with) => initials(&name.given, with, initialize, hyphen),
                None => name.given.clone(),
            };
            let name = Name { given, ..name.clone() };
            self.arranged(&name, form, order, parts, options.sort_separator)
        };
        apply_formatting(&mut runs, &element.formatting);
        affix(runs, element.affixes.prefix.as_ref(), element.affixes.suffix.as_ref())
    }

    fn arranged(
        &self,
        name: &Name,
        form: NameForm,
        order: Order,
        (family_part, given_part): (Option<&NamePart>, Option<&NamePart>),
        separator: &str,
    ) -> Vec<Run> {
        let english = self.terms.is_english();
        let family = |text: &str| part(text, family_part, english);
        let given = |text: &str| part(text, given_part, english);
        let outside = |runs: Vec<Run>, of: Option<&NamePart>| match of {
            Some(of) => affix(runs, of.affixes.prefix.as_ref(), of.affixes.suffix.as_ref()),
            None => runs,
        };
        let suffix = words(&name.suffix);
        if is_eastern(name) {
            let mut runs = outside(family(&name.family), family_part);
            if form == NameForm::Long {
                runs.extend(outside(given(&name.given), given_part));
            }
            return runs;
        }
        if form != NameForm::Long {
            return outside(spaced([family(&name.particle), family(&name.family)]), family_part);
        }
        let demote = self.style.inner.settings.demote_non_dropping_particle;
        let demoted = match demote {
            DemoteNonDroppingParticle::Never => false,
            DemoteNonDroppingParticle::SortOnly => self.mode == Mode::SortKey,
            DemoteNonDroppingParticle::DisplayAndSort => true,
        };
        match order {
            Order::Inverted => {
                let (front, back) =
                    if demoted { ("", name.particle.as_str()) } else { (name.particle.as_str(), "") };
                let first = outside(spaced([family(front), family(&name.family)]), family_part);
                let second = outside(
                    spaced([given(&name.given), given(&name.dropping_particle), family(back)]),
                    given_part,
                );
                separated([first, second, suffix], separator)
            }
            Order::Given => {
                let whole =
                    spaced([given(&name.dropping_particle), family(&name.particle), family(&name.family)]);
                let whole = if name.comma_suffix {
                    separated([whole, suffix], ", ")
                } else {
                    spaced([whole, suffix])
                };
                spaced([outside(given(&name.given), given_part), outside(whole, family_part)])
            }
        }
    }
}

/// A part of a name with its formatting and affixes. The affixes enclose the part and its particles.
fn part(text: &str, element: Option<&NamePart>, english: bool) -> Vec<Run> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut runs = vec![Run::new(text.replace('\'', "’"), Role::Value)];
    if text.contains('<') {
        runs = super::rich::runs(text, Role::Value);
    }
    if let Some(element) = element {
        if let Some(case) = element.text_case {
            case::apply(&mut runs, case, english);
        }
        apply_formatting(&mut runs, &element.formatting);
    }
    runs
}

/// Joins parts with spaces, except after an apostrophe or a hyphen.
fn spaced<const N: usize>(parts: [Vec<Run>; N]) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        let tight = all.last().is_none_or(|last| last.text.ends_with(['’', '\'', '-', '–', '\u{a0}']));
        if !tight {
            append(&mut all, words(" "));
        }
        all.extend(part);
    }
    all
}

fn separated<const N: usize>(parts: [Vec<Run>; N], separator: &str) -> Vec<Run> {
    super::output::join(parts, Some(separator))
}

/// Whether a name is in a script that puts the family name first, without a space.
fn is_eastern(name: &Name) -> bool {
    let mut letters = name.family.chars().chain(name.given.chars()).filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some()
        && letters.all(|c| {
            matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        })
}

/// Given names as initials. If `initialize` is false, `with` is only added to existing initials.
///
/// A hyphen between names stays if `hyphens` is true: `Jean-Paul` and `J.-P.` become `J.-P.`, or else `J. P.`
pub(super) fn initials(given: &str, with: &str, initialize: bool, hyphens: bool) -> String {
    let mut out = String::new();
    // `J.R.` is two words, `J.-P.` is one.
    let spaced = given.replace('.', ". ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in spaced.replace(" -", "-").split(' ') {
        let pieces: Vec<&str> = word.split('-').filter(|piece| piece.contains(char::is_alphabetic)).collect();
        if pieces.is_empty() {
            continue;
        }
        let is_initial = |piece: &str| piece.ends_with('.') || piece.chars().nth(1).is_none();
        let all_initials = pieces.iter().all(|piece| is_initial(piece));
        if word.chars().all(|c| c.is_lowercase() || !c.is_alphabetic()) && !all_initials {
            // A particle among the given names: "Ludwig van".
            out = format!("{} {word} ", out.trim_end());
        } else if all_initials || initialize {
            for (at, piece) in pieces.into_iter().enumerate() {
                if at > 0 && hyphens {
                    out.truncate(out.trim_end().len());
                    out.push('-');
                }
                out += &initial(piece.trim_matches('.'), is_initial(piece));
                out += with;
            }
        } else {
            let gap = if out.is_empty() || out.ends_with(' ') { "" } else { " " };
            out = format!("{out}{gap}{word} ");
        }
    }
    out.trim().replace(" -", "-")
}

/// The initial of a word. A digraph is kept (`THeodore` becomes `Th`), and abbreviations are not shortened.
fn initial(word: &str, abbreviated: bool) -> String {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return String::new() };
    let rest: Vec<char> = chars.collect();
    if abbreviated {
        return word.to_owned();
    }
    let digraph = rest.first().filter(|second| {
        second.is_uppercase() && rest.len() > 1 && rest[1..].iter().all(|c| c.is_lowercase())
    });
    first.to_uppercase().chain(digraph.into_iter().flat_map(|second| second.to_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_names_become_initials() {
        let nlm = |given| initials(given, "", true, false);
        assert_eq!(
            ["Hao-hua", "Jean-Paul", "T. D.", "J.A.", "Paul W.", "W. Paul"].map(nlm),
            ["HH", "JP", "TD", "JA", "PW", "WP"]
        );
        let apa = |given| initials(given, ". ", true, true);
        assert_eq!(["Jean-Paul", "T. D.", "J.A.", "Paul"].map(apa), ["J.-P.", "T. D.", "J. A.", "P."]);
        // A hyphen between initials stays where one between names does.
        assert_eq!(
            ["J.-P.", "J.-P. A.", "Jean-P.", "J. -P."].map(apa),
            ["J.-P.", "J.-P. A.", "J.-P.", "J.-P."]
        );
        assert_eq!(["J.-P.", "J.-P. A."].map(nlm), ["JP", "JPA"]);
        assert_eq!(initials("J.-P.", "", true, true), "J-P");
        assert_eq!(initials("J.-P.", ". ", true, false), "J. P.");
        assert_eq!(initials("J.-P. Marie", ".", false, true), "J.-P. Marie");
    }

    #[test]
    fn names_that_are_not_initialized_stay_whole() {
        assert_eq!(initials("John R.L.", ". ", false, true), "John R. L.");
        assert_eq!(initials("Guido van", "", true, true), "G van");
    }
}
