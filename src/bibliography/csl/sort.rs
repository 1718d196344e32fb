//! Sorts works by the keys of a style, in the alphabetical order of the language.

use hayagriva::citationberg::taxonomy::{DateVariable, NameVariable, NumberVariable, Variable};
use hayagriva::citationberg::{
    DemoteNonDroppingParticle, LongShortForm, NameAsSortOrder, Sort, SortDirection, SortKey,
};
use icu_collator::options::{AlternateHandling, CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};
use rayon::prelude::*;

use super::date::whole_key;
use super::locale::Terms;
use super::name::initials;
use super::output::plain;
use super::render::{Cite, Mode, Renderer};
use super::style::Style;
use crate::bibliography::item::{Item, Name, TITLE};

/// A sort key; missing values come last in both directions.
type Key = Option<Vec<u8>>;

/// The rank of each work in the order of `sort`. Works with equal keys keep their order.
pub(in crate::bibliography) fn ranks<'a>(
    items: &'a [Item],
    sort: &Sort,
    style: &'a Style,
    terms: &'a Terms,
    mode: Mode,
    cite: impl Fn(usize) -> Cite<'a> + Sync,
) -> Vec<usize> {
    let collator = collator(terms);
    let keys: Vec<Vec<Key>> = (0..items.len())
        .into_par_iter()
        .map(|work| {
            let key = |key| keyed(key, &items[work], style, terms, mode, cite(work), &collator);
            sort.keys.iter().map(key).collect()
        })
        .collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&one, &other| {
        let pairs = keys[one].iter().zip(&keys[other]).zip(&sort.keys);
        pairs.fold(std::cmp::Ordering::Equal, |found, ((one, other), key)| {
            found.then_with(|| match (one, other) {
                (None, None) => std::cmp::Ordering::Equal,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(_), None) => std::cmp::Ordering::Less,
                (Some(one), Some(other)) if key.sort_direction() == SortDirection::Ascending => {
                    one.cmp(other)
                }
                (Some(one), Some(other)) => other.cmp(one),
            })
        })
    });
    let mut ranks = vec![0; items.len()];
    for (rank, work) in order.into_iter().enumerate() {
        ranks[work] = rank;
    }
    ranks
}

/// The order of works for styles that list them in citation order: by authors, or else editors, or else the title;
/// then by year and title.
pub(in crate::bibliography) fn default_order(items: &[Item], style: &Style, terms: &Terms) -> Vec<usize> {
    let collator = collator(terms);
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_cached_key(|&work| {
        let item = &items[work];
        let title = folded(&super::rich::plain(item.text(TITLE)));
        let named = [NameVariable::Author, NameVariable::Editor]
            .into_iter()
            .find(|role| !item.names(*role).is_empty());
        // By initials, which is what these styles show: "Paul" and "P." may be the same person.
        let key = |name: &Name| {
            let name = Name { given: initials(&name.given, "", true, false), ..name.clone() };
            people(&[name], style).unwrap_or_default()
        };
        let who = match named {
            Some(role) => folded(&item.names(role).iter().map(key).collect::<Vec<_>>().join(", ")),
            None => title.clone(),
        };
        let year = item.date(DateVariable::Issued).and_then(|date| date.start).map_or(0, |day| day.year);
        (collated(&who, &collator), year, collated(&title, &collator))
    });
    order
}

/// The text as bytes that sort in the alphabetical order of the language.
fn collated(text: &str, collator: &Option<CollatorBorrowed<'static>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = collator.as_ref().map(|collator| collator.write_sort_key_to(text, &mut bytes));
    if !matches!(written, Some(Ok(_))) {
        bytes.extend(text.bytes());
    }
    bytes
}

fn collator(terms: &Terms) -> Option<CollatorBorrowed<'static>> {
    let mut options = CollatorOptions::default();
    options.strength = Some(Strength::Tertiary);
    options.alternate_handling = Some(AlternateHandling::NonIgnorable);
    let locale =
        icu_locale_core::Locale::try_from_str(terms.language()).unwrap_or(icu_locale_core::Locale::UNKNOWN);
    Collator::try_new(locale.into(), options).ok()
}

fn keyed(
    key: &SortKey,
    item: &Item,
    style: &Style,
    terms: &Terms,
    mode: Mode,
    cite: Cite<'_>,
    collator: &Option<CollatorBorrowed<'static>>,
) -> Key {
    let mut renderer = Renderer::new(style, terms, item, cite, mode);
    let text = match key {
        SortKey::MacroName { name, names_min, names_use_first, names_use_last, .. } => {
            let options = &mut renderer.options;
            options.et_al_min = names_min.or(options.et_al_min);
            options.et_al_use_first = names_use_first.or(options.et_al_use_first);
            options.et_al_use_last = names_use_last.or(options.et_al_use_last);
            options.name_as_sort_order = Some(NameAsSortOrder::All);
            plain(&renderer.macro_runs(name))
        }
        SortKey::Variable { variable, .. } => match variable {
            Variable::Number(NumberVariable::CitationNumber) => format!("{:08}", cite.number),
            Variable::Number(_) => {
                let text = renderer.value(*variable, LongShortForm::Long)?;
                text.trim().parse::<u64>().map_or(text, |number| format!("{number:08}"))
            }
            Variable::Date(date) => whole_key(item.date(*date)?),
            Variable::Name(role) => people(item.names(*role), style)?,
            _ => super::rich::plain(&renderer.value(*variable, LongShortForm::Long)?),
        },
    };
    let text = folded(&text);
    Some(collated(&text, collator)).filter(|_| !text.is_empty())
}

fn people(names: &[Name], style: &Style) -> Option<String> {
    let whole = style.inner.settings.demote_non_dropping_particle == DemoteNonDroppingParticle::Never;
    let family = |name: &Name| if whole { name.short() } else { name.family.clone() };
    let key = |name: &Name| format!("{} {} {}", family(name), name.given, name.suffix).trim().to_owned();
    Some(names.iter().map(key).collect::<Vec<_>>().join(", ")).filter(|key| !key.is_empty())
}

/// The text in lower case, without punctuation that does not separate words.
fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| c.is_whitespace() || "'’‘“”\",[](){}«»‹›„‚¿¡…".contains(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
