//! Telling apart works that a style would cite alike.
//!
//! As CSL says, in this order: more names before "et al.", given names, what the style shows only to
//! tell works apart, and letters after the year. The list of works takes the letters alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use hayagriva::citationberg::DisambiguationRule;
use hayagriva::citationberg::taxonomy::NameVariable;

use super::name::initials;
use crate::bibliography::item::{Item, Name};

/// What tells a work apart from those that are cited alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Distinct {
    /// How many names are shown at least.
    pub(in crate::bibliography) shown: Option<usize>,
    /// Names shown with more than the family name.
    given: Arc<BTreeMap<Name, (Given, bool)>>,
    /// The number of the letter after the year, from 1.
    pub(in crate::bibliography) suffix: Option<usize>,
    /// Whether parts are shown that only tell works apart.
    pub(in crate::bibliography) condition: bool,
}

/// How much of the given names is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Initials,
    Full,
}

impl Distinct {
    /// Shows more of some names.
    fn hint(&mut self, hints: Option<&BTreeMap<Name, (Given, bool)>>) {
        // Without hints the map stays shared.
        if let Some(hints) = hints {
            Arc::make_mut(&mut self.given).extend(hints.clone());
        }
    }

    /// How much of the given names of `name` is shown where it stands `at` in its list.
    pub(super) fn given(&self, name: &Name, at: usize) -> Option<Given> {
        let (given, first_only) = self.given.get(name)?;
        (!first_only || at == 0).then_some(*given)
    }
}

/// What a style does to tell works apart.
#[derive(Debug, Clone, Copy)]
pub(in crate::bibliography) struct Means {
    pub(in crate::bibliography) names: bool,
    pub(in crate::bibliography) given: Option<DisambiguationRule>,
    pub(in crate::bibliography) condition: bool,
    pub(in crate::bibliography) suffix: bool,
}

/// Tells works apart. `cited` renders a work's citation; `list` orders works as in the list.
pub(in crate::bibliography) fn disambiguate(
    items: &[Item],
    means: Means,
    cited: impl Fn(usize, &Distinct) -> String + Sync,
    list: impl Fn(usize) -> usize,
) -> Vec<Distinct> {
    use rayon::prelude::*;
    let mut distinct = vec![Distinct::default(); items.len()];
    if let Some(rule) = means.given.filter(|rule| *rule != DisambiguationRule::ByCite) {
        // One map for all: a copy for each work would cost the square of their number.
        let hints = Arc::new(by_name(items, rule));
        distinct.iter_mut().for_each(|distinct| distinct.given = Arc::clone(&hints));
    }
    let mut cites: Vec<String> =
        (0..items.len()).into_par_iter().map(|work| cited(work, &distinct[work])).collect();
    let by_cite = means.given == Some(DisambiguationRule::ByCite);
    for group in alike(&cites, 0..items.len()) {
        let mut left = group;
        let update = |work: usize, distinct: &mut Vec<Distinct>, next: Distinct, cites: &mut Vec<String>| {
            cites[work] = cited(work, &next);
            distinct[work] = next;
        };
        if by_cite && means.names {
            // Names that are added may need given names at once.
            left = more_names(items, &left, by_cite, &mut distinct, &mut cites, &cited);
        } else if means.names {
            left = more_names(items, &left, false, &mut distinct, &mut cites, &cited);
        }
        if by_cite {
            for some in alike(&cites, left.iter().copied()) {
                let hints = by_place(items, &some);
                for &work in &some {
                    let mut next = distinct[work].clone();
                    next.hint(hints.get(&work));
                    update(work, &mut distinct, next, &mut cites);
                }
            }
        }
        if means.condition {
            for some in alike(&cites, left.iter().copied()) {
                let before: Vec<String> = some.iter().map(|work| cites[*work].clone()).collect();
                for &work in &some {
                    let next = Distinct { condition: true, ..distinct[work].clone() };
                    update(work, &mut distinct, next, &mut cites);
                }
                // What does not help is not shown.
                if means.suffix
                    && alike(&cites, some.iter().copied()).iter().map(Vec::len).sum::<usize>() == some.len()
                {
                    for (&work, before) in some.iter().zip(before) {
                        distinct[work].condition = false;
                        cites[work] = before;
                    }
                }
            }
        }
        if means.suffix {
            for mut some in alike(&cites, left.iter().copied()) {
                some.sort_by_key(|work| list(*work));
                for (work, suffix) in some.into_iter().zip(1..) {
                    distinct[work].suffix = Some(suffix);
                }
            }
        }
    }
    distinct
}

/// The groups of works whose citations are the same.
fn alike(cites: &[String], works: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for work in works {
        if let Some(cite) = cites.get(work).filter(|cite| !cite.is_empty()) {
            groups.entry(cite).or_default().push(work);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// The people a citation names: the authors, or else the editors.
fn people(item: &Item) -> &[Name] {
    let authors = item.names(NameVariable::Author);
    if authors.is_empty() { item.names(NameVariable::Editor) } else { authors }
}

/// Shows more names of the works in `group`, as many as tell each from most others; returns the works that are left.
fn more_names(
    items: &[Item],
    group: &[usize],
    by_cite: bool,
    distinct: &mut [Distinct],
    cites: &mut [String],
    cited: impl Fn(usize, &Distinct) -> String,
) -> Vec<usize> {
    let most = group.iter().map(|work| people(&items[*work]).len()).max().unwrap_or_default();
    let hints = if by_cite { by_place(items, group) } else { BTreeMap::new() };
    let with_hints = |work: usize, of: &Distinct, shown: usize| {
        let mut next = Distinct { shown: Some(shown), ..of.clone() };
        next.hint(hints.get(&work));
        next
    };
    let mut left = group.to_vec();
    let mut shown = 1;
    while left.len() > 1 && shown <= most {
        let tried: Vec<String> =
            left.iter().map(|&work| cited(work, &with_hints(work, &distinct[work], shown))).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        tried.iter().for_each(|cite| *counts.entry(cite).or_default() += 1);
        let alone: Vec<bool> = tried.iter().map(|cite| counts.get(cite.as_str()) == Some(&1)).collect();
        // Names that tell nothing apart are not shown.
        if counts.len() > 1 {
            for (&work, cite) in left.iter().zip(&tried) {
                distinct[work].shown = Some(shown);
                cites[work] = if by_cite { cited(work, &distinct[work]) } else { cite.clone() };
            }
        }
        let mut alone = alone.into_iter();
        left.retain(|_| !alone.next().unwrap_or_default());
        shown += 1;
    }
    group.to_vec()
}

/// Whether two names have the same initials.
fn same_initials(one: &Name, other: &Name) -> bool {
    let initials = |name: &Name| initials(&name.given, "", true, false);
    initials(one) == initials(other)
}

fn same_family(one: &Name, other: &Name) -> bool {
    one != other && one.family == other.family && one.particle == other.particle && !one.others
}

/// For works cited alike, the names that differ at one place in the lists.
fn by_place(items: &[Item], group: &[usize]) -> BTreeMap<usize, BTreeMap<Name, (Given, bool)>> {
    let mut hints: BTreeMap<usize, BTreeMap<Name, (Given, bool)>> = BTreeMap::new();
    let mut left = group.to_vec();
    let most = group.iter().map(|work| people(&items[*work]).len()).max().unwrap_or_default();
    for place in 0..most {
        let names: Vec<(usize, &Name)> =
            left.iter().filter_map(|work| Some((*work, people(&items[*work]).get(place)?))).collect();
        let mut hinted = Vec::new();
        for &(work, name) in &names {
            let mut namesakes = names.iter().filter(|(_, other)| same_family(name, other)).peekable();
            if namesakes.peek().is_none() {
                continue;
            }
            let given = if namesakes.any(|(_, other)| same_initials(name, other)) {
                Given::Full
            } else {
                Given::Initials
            };
            hints.entry(work).or_default().insert(name.clone(), (given, false));
            hinted.push(work);
        }
        left.retain(|work| !hinted.contains(work));
    }
    hints
}

/// For a style that tells people apart, and not only works: every name with a namesake.
fn by_name(items: &[Item], rule: DisambiguationRule) -> BTreeMap<Name, (Given, bool)> {
    use DisambiguationRule::{AllNamesWithInitials, PrimaryName, PrimaryNameWithInitials};
    let first_only = matches!(rule, PrimaryName | PrimaryNameWithInitials);
    let initials_only = matches!(rule, AllNamesWithInitials | PrimaryNameWithInitials);
    let mut families: BTreeMap<(&str, &str), Vec<&Name>> = BTreeMap::new();
    for item in items {
        let names = people(item);
        for name in names.iter().take(if first_only { 1 } else { names.len() }).filter(|name| !name.others) {
            let known = families.entry((&name.family, &name.particle)).or_default();
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }
    let mut hints = BTreeMap::new();
    for namesakes in families.into_values().filter(|names| names.len() > 1) {
        for name in &namesakes {
            let alike = namesakes.iter().any(|other| other != name && same_initials(name, other));
            let given = match (alike, initials_only) {
                (true, true) => continue,
                (true, false) => Given::Full,
                (false, _) => Given::Initials,
            };
            hints.insert((*name).clone(), (given, first_only));
        }
    }
    hints
}
