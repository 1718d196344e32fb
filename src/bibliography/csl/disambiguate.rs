//! Disambiguates works that have the same citation in a style.
//!
//! The methods of the CSL specification are tried in its order: more names before "et al.", given names, the
//! parts that a style shows only for disambiguation (`disambiguate="true"`), and year suffixes. In the reference
//! list, only year suffixes are used.

use std::collections::BTreeMap;
use std::sync::Arc;

use hayagriva::citationberg::DisambiguationRule;
use hayagriva::citationberg::taxonomy::NameVariable;

use super::name::initials;
use crate::bibliography::item::{Item, Name};

/// How a work is disambiguated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Disambiguation {
    /// The minimum number of names to show.
    pub(in crate::bibliography) shown: Option<usize>,
    /// The names to show with initials or given names. The flag limits this to the first name of a list.
    given: Arc<BTreeMap<Name, (Given, bool)>>,
    /// The year suffix as a number: 1 for "a".
    pub(in crate::bibliography) suffix: Option<usize>,
    /// Whether parts with the condition `disambiguate="true"` are shown.
    pub(in crate::bibliography) condition: bool,
}

/// How given names are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    Initials,
    Full,
}

impl Disambiguation {
    /// Adds names to be shown with initials or given names.
    fn hint(&mut self, hints: Option<&BTreeMap<Name, (Given, bool)>>) {
        // The map is only copied if there are hints.
        if let Some(hints) = hints {
            Arc::make_mut(&mut self.given).extend(hints.clone());
        }
    }

    /// How the given names of `name` are shown at index `at` of a list of names.
    pub(super) fn given(&self, name: &Name, at: usize) -> Option<Given> {
        let (given, first_only) = self.given.get(name)?;
        (!first_only || at == 0).then_some(*given)
    }
}

/// The disambiguation methods of a style.
#[derive(Debug, Clone, Copy)]
pub(in crate::bibliography) struct Methods {
    pub(in crate::bibliography) names: bool,
    pub(in crate::bibliography) given: Option<DisambiguationRule>,
    pub(in crate::bibliography) condition: bool,
    pub(in crate::bibliography) suffix: bool,
}

/// Disambiguates works. `cited` renders the citation of a work; `list` returns its rank in the reference list.
pub(in crate::bibliography) fn disambiguate(
    items: &[Item],
    methods: Methods,
    cited: impl Fn(usize, &Disambiguation) -> String + Sync,
    list: impl Fn(usize) -> usize,
) -> Vec<Disambiguation> {
    use rayon::prelude::*;
    let mut distinct = vec![Disambiguation::default(); items.len()];
    if let Some(rule) = methods.given.filter(|rule| *rule != DisambiguationRule::ByCite) {
        // All works share one map. A copy per work would take quadratic time and memory.
        let hints = Arc::new(by_name(items, rule));
        distinct.iter_mut().for_each(|distinct| distinct.given = Arc::clone(&hints));
    }
    let mut cites: Vec<String> =
        (0..items.len()).into_par_iter().map(|work| cited(work, &distinct[work])).collect();
    let by_cite = methods.given == Some(DisambiguationRule::ByCite);
    for group in ambiguous_groups(&cites, 0..items.len()) {
        let mut left = group;
        let update = |work: usize,
                      distinct: &mut Vec<Disambiguation>,
                      next: Disambiguation,
                      cites: &mut Vec<String>| {
            cites[work] = cited(work, &next);
            distinct[work] = next;
        };
        if by_cite && methods.names {
            // Added names may also need given names.
            left = more_names(items, &left, by_cite, &mut distinct, &mut cites, &cited);
        } else if methods.names {
            left = more_names(items, &left, false, &mut distinct, &mut cites, &cited);
        }
        if by_cite {
            for some in ambiguous_groups(&cites, left.iter().copied()) {
                let hints = by_index(items, &some);
                for &work in &some {
                    let mut next = distinct[work].clone();
                    next.hint(hints.get(&work));
                    update(work, &mut distinct, next, &mut cites);
                }
            }
        }
        if methods.condition {
            for some in ambiguous_groups(&cites, left.iter().copied()) {
                let before: Vec<String> = some.iter().map(|work| cites[*work].clone()).collect();
                for &work in &some {
                    let next = Disambiguation { condition: true, ..distinct[work].clone() };
                    update(work, &mut distinct, next, &mut cites);
                }
                // Undo changes that do not make the citation unique.
                if methods.suffix
                    && ambiguous_groups(&cites, some.iter().copied()).iter().map(Vec::len).sum::<usize>()
                        == some.len()
                {
                    for (&work, before) in some.iter().zip(before) {
                        distinct[work].condition = false;
                        cites[work] = before;
                    }
                }
            }
        }
        if methods.suffix {
            for mut some in ambiguous_groups(&cites, left.iter().copied()) {
                some.sort_by_key(|work| list(*work));
                for (work, suffix) in some.into_iter().zip(1..) {
                    distinct[work].suffix = Some(suffix);
                }
            }
        }
    }
    distinct
}

/// Groups of works with the same citation.
fn ambiguous_groups(cites: &[String], works: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for work in works {
        if let Some(cite) = cites.get(work).filter(|cite| !cite.is_empty()) {
            groups.entry(cite).or_default().push(work);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// The names in a citation: the authors, or else the editors.
fn people(item: &Item) -> &[Name] {
    let authors = item.names(NameVariable::Author);
    if authors.is_empty() { item.names(NameVariable::Editor) } else { authors }
}

/// Shows more names for the works in `group`, as many as distinguish each from the most other works. Returns the
/// works that are still ambiguous.
fn more_names(
    items: &[Item],
    group: &[usize],
    by_cite: bool,
    distinct: &mut [Disambiguation],
    cites: &mut [String],
    cited: impl Fn(usize, &Disambiguation) -> String,
) -> Vec<usize> {
    let most = group.iter().map(|work| people(&items[*work]).len()).max().unwrap_or_default();
    let hints = if by_cite { by_index(items, group) } else { BTreeMap::new() };
    let with_hints = |work: usize, of: &Disambiguation, shown: usize| {
        let mut next = Disambiguation { shown: Some(shown), ..of.clone() };
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
        // Names that do not help are not shown.
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

/// For works with the same citation: for each index in their lists of names, the names that differ.
fn by_index(items: &[Item], group: &[usize]) -> BTreeMap<usize, BTreeMap<Name, (Given, bool)>> {
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

/// For styles that disambiguate people and not only works: all names that share a family name with another.
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
            let same_initials_exist =
                namesakes.iter().any(|other| other != name && same_initials(name, other));
            let given = match (same_initials_exist, initials_only) {
                (true, true) => continue,
                (true, false) => Given::Full,
                (false, _) => Given::Initials,
            };
            hints.insert((*name).clone(), (given, first_only));
        }
    }
    hints
}
