//! Renders works in the site's citation style and caches the results.
//!
//! Each form of a work is rendered once per site, as a template with placeholders for the parts that differ
//! between pages. Pages are assembled from these templates. Works are disambiguated once for the whole site, so
//! that a work has the same label on every page.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use hayagriva::citationberg::taxonomy::{DateVariable, Kind, Locator as LocatorKind, StandardVariable};
use hayagriva::citationberg::{Sort, ToFormatting};

use super::csl::disambiguate::{Disambiguation, disambiguate};
use super::csl::output::{Role, Run, affix, apply_formatting, finish, join, plain};
use super::csl::render::{Cite, Mode, NO_FORMATTING, Renderer};
use super::csl::sort;
use super::item::{Item, TITLE};
use super::locator::{Locator, Shape};
use super::style::{Order, Rules};
use super::template::{Look, Template, template};

/// All works, with their cached renderings.
#[derive(Debug)]
pub(super) struct Engine {
    items: Vec<Item>,
    pub(super) rules: Rules,
    /// The style for the reference list, if the site's style has none.
    list_rules: Option<Rules>,
    /// How each work is disambiguated.
    distinct: Vec<Disambiguation>,
    /// The rank of each work in the reference list; empty if the list is in citation order.
    pub(super) list_ranks: Vec<usize>,
    /// The rank of each work within a citation; empty if works keep the order in which they are written.
    pub(super) citation_ranks: Vec<usize>,
    cores: Vec<OnceLock<Core>>,
    forms: RwLock<HashMap<FormKey, Arc<Cited>>>,
}

/// The renderings of a work that nearly every page needs.
#[derive(Debug)]
pub(super) struct Core {
    /// The citation in brackets, without a locator.
    pub(super) cited: Arc<Cited>,
    /// The entry in the reference list; empty if the style's entry would not identify the work.
    pub(super) listed: Listed,
}

/// A citation of a work.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// The content of the brackets.
    pub(super) body: Template,
    /// The names, or their substitute; `None` if the style shows neither.
    pub(super) names: Option<Template>,
    /// Whether the style cites by a number or a label.
    pub(super) numbered: bool,
}

/// An entry of the reference list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The number or label at the start of the entry, if the style has one.
    pub(super) label: Option<Template>,
    pub(super) body: Template,
}

type FormKey = (usize, Form, Option<(LocatorKind, Shape)>);

/// How a work is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Everything is in the brackets.
    Bracketed,
    /// The names are in the sentence, before the brackets.
    InText,
}

impl Engine {
    pub(super) fn new(items: Vec<Item>, rules: Rules, language: &str) -> Self {
        let list_rules = rules.style.inner.bibliography.is_none().then(|| Rules::for_list(language));
        let count = items.len();
        let mut engine = Self {
            items,
            rules,
            list_rules,
            distinct: vec![Disambiguation::default(); count],
            list_ranks: Vec::new(),
            citation_ranks: Vec::new(),
            cores: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            forms: RwLock::default(),
        };
        engine.list_ranks = engine.rank_list();
        engine.distinct = engine.disambiguate_works();
        engine.citation_ranks = engine.rank_citations();
        engine
    }

    /// The data of a work.
    pub(super) fn item(&self, work: usize) -> Option<&Item> {
        self.items.get(work)
    }

    /// All works in the order of the reference list.
    pub(super) fn order(&self) -> Vec<usize> {
        if self.list_ranks.is_empty() {
            return sort::default_order(&self.items, &self.rules.style, &self.rules.terms);
        }
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(|&work| self.list_ranks.get(work).copied());
        order
    }

    /// The year of a work and its year suffix as a number from 1, if it has one: 2013 and 2 for "2013b".
    pub(super) fn year_suffix(&self, work: usize) -> Option<(i32, usize)> {
        let year = self.items.get(work)?.date(DateVariable::Issued)?.start?.year;
        Some((year, self.distinct.get(work)?.suffix?))
    }

    /// The renderings of a work that nearly every page needs.
    pub(super) fn core(&self, work: usize) -> Option<&Core> {
        let item = self.items.get(work)?;
        Some(self.cores.get(work)?.get_or_init(|| {
            let cited = Arc::new(self.render(work, Form::Bracketed, None));
            let mut listed = self.list_entry(work, item);
            if self.list_rules.is_some() && cited.numbered {
                listed.label = Some(cited.body.clone());
            }
            Core { cited, listed }
        }))
    }

    /// The citation of a work in the given form.
    pub(super) fn cited(&self, work: usize, form: Form, locator: Option<&Locator<'_>>) -> Option<Arc<Cited>> {
        if form == Form::Bracketed && locator.is_none() {
            return Some(Arc::clone(&self.core(work)?.cited));
        }
        let place = locator.map(|locator| (locator.kind, locator.shape));
        let key = (work, form, place);
        if let Some(cited) = self.forms.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(Arc::clone(cited));
        }
        let rendered = Arc::new(self.render(work, form, place));
        let mut forms = self.forms.write().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(forms.entry(key).or_insert(rendered)))
    }

    fn render(&self, work: usize, form: Form, place: Option<(LocatorKind, Shape)>) -> Cited {
        let (Some(item), Some(distinct)) = (self.items.get(work), self.distinct.get(work)) else {
            return Cited::default();
        };
        let cite = Cite {
            number: 1,
            locator: place.map(|(kind, shape)| (kind, sample(shape))),
            names_left_out: form == Form::InText,
            distinct,
        };
        let (runs, names) = self.cite_runs(item, cite);
        let look = Look { base: self.rules.frame.formatting, links: false };
        let numbered = runs.iter().any(|run| matches!(run.role, Role::Number | Role::Label));
        Cited { body: template(&runs, look), names: names.map(|names| template(&names, look)), numbered }
    }

    /// The runs of a citation, and the runs of the names in it.
    fn cite_runs(&self, item: &Item, cite: Cite<'_>) -> (Vec<Run>, Option<Vec<Run>>) {
        let terms = &self.rules.terms;
        let item = &*with_volume_title(item, &self.rules);
        let mut renderer = Renderer::new(&self.rules.style, terms, item, cite, Mode::Citation);
        let mut runs = renderer.citation();
        finish(&mut runs, terms);
        trim(&mut runs);
        let names = renderer.first_names.take().map(|mut names| {
            finish(&mut names, terms);
            trim(&mut names);
            names
        });
        (runs, names.filter(|names| !names.is_empty()))
    }

    /// An entry of the reference list, split into its number or label and the rest.
    fn list_entry(&self, work: usize, item: &Item) -> Listed {
        let rules = self.list_rules();
        let default = Disambiguation::default();
        let distinct = self.distinct.get(work).unwrap_or(&default);
        let cite = Cite { number: 1, locator: None, names_left_out: false, distinct };
        let item = &*with_volume_title(item, rules);
        let mut renderer = Renderer::new(&rules.style, &rules.terms, item, cite, Mode::List);
        let mut parts = renderer.entry();
        parts.retain(|part| !part.is_empty());
        let is_head = |part: &Vec<Run>| {
            part.iter().any(|run| matches!(run.role, Role::Number | Role::Label))
                && part.iter().all(|run| run.role != Role::Value)
        };
        let has_head = parts.first().is_some_and(is_head);
        let mut head = if has_head { parts.remove(0) } else { Vec::new() };
        let mut body = join(parts, None);
        if let Some(list) = &rules.style.inner.bibliography {
            let layout = &list.layout;
            body = affix(body, layout.prefix.as_ref(), layout.suffix.as_ref());
            apply_formatting(&mut body, &layout.to_formatting());
        }
        for part in [&mut head, &mut body] {
            finish(part, &rules.terms);
            trim(part);
        }
        if !identifies_work(item, &body) {
            body.clear();
        }
        let plain = Look { base: NO_FORMATTING, links: false };
        Listed {
            label: (!head.is_empty()).then(|| template(&head, plain)),
            body: template(&body, Look { links: true, ..plain }),
        }
    }

    fn list_rules(&self) -> &Rules {
        self.list_rules.as_ref().unwrap_or(&self.rules)
    }

    fn rank_list(&self) -> Vec<usize> {
        let rules = self.list_rules();
        self.rank(
            rules,
            rules.style.inner.bibliography.as_ref().and_then(|list| list.sort.as_ref()),
            Mode::List,
        )
    }

    fn rank_citations(&self) -> Vec<usize> {
        self.rank(&self.rules, self.rules.style.inner.citation.sort.as_ref(), Mode::Citation)
    }

    /// The rank of each work by the keys of `sort`.
    fn rank(&self, rules: &Rules, sort: Option<&Sort>, mode: Mode) -> Vec<usize> {
        let Some(sort) = sort.filter(|sort| Order::of(Some(sort)) == Order::Work) else { return Vec::new() };
        let cite = |work: usize| Cite {
            number: work + 1,
            locator: None,
            names_left_out: false,
            distinct: &self.distinct[work],
        };
        sort::ranks(&self.items, sort, &rules.style, &rules.terms, mode, cite)
    }

    /// Disambiguates works that would have the same citation.
    fn disambiguate_works(&self) -> Vec<Disambiguation> {
        let Some(means) = self.rules.style.disambiguation_methods() else { return self.distinct.clone() };
        let cited = |work: usize, distinct: &Disambiguation| {
            let cite = Cite { number: 1, locator: None, names_left_out: false, distinct };
            plain(&self.cite_runs(&self.items[work], cite).0)
        };
        let rank = |work: usize| self.list_ranks.get(work).copied().unwrap_or(work);
        disambiguate(&self.items, means, cited, rank)
    }
}

/// Adds the volume title to the title, if the style does not render volume titles.
fn with_volume_title<'i>(item: &'i Item, rules: &Rules) -> Cow<'i, Item> {
    let Some(title) = item.field(StandardVariable::VolumeTitle).filter(|_| !rules.style.shows_volume_title)
    else {
        return Cow::Borrowed(item);
    };
    let whole = match item.kind {
        Kind::Book => TITLE,
        Kind::Chapter | Kind::PaperConference | Kind::EntryEncyclopedia => {
            StandardVariable::ContainerTitle.into()
        }
        _ => return Cow::Borrowed(item),
    };
    let mut changed = item.clone();
    changed.set(whole, format!("{}: {title}", item.text(whole)));
    Cow::Owned(changed)
}

/// A sample locator, rendered once to represent all locators of its shape.
fn sample(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "1",
        Shape::Several => "1–2",
        Shape::Words => "x",
    }
}

/// Removes white space at both ends.
fn trim(runs: &mut Vec<Run>) {
    while let Some(run) = runs.last_mut() {
        run.text.truncate(run.text.trim_end().len());
        if !run.text.is_empty() {
            break;
        }
        runs.pop();
    }
    while let Some(run) = runs.first_mut() {
        run.text = run.text.trim_start().to_owned();
        if !run.text.is_empty() {
            break;
        }
        runs.remove(0);
    }
}

/// Whether an entry identifies its work: it shows a name, the title or the container's title.
fn identifies_work(item: &Item, runs: &[Run]) -> bool {
    let shown = plain(runs).to_lowercase();
    let people = item.all_names().flat_map(|(_, names)| names).map(|name| name.family.clone());
    let titles =
        [TITLE, StandardVariable::ContainerTitle.into(), StandardVariable::ContainerTitleShort.into()]
            .into_iter()
            .filter_map(|variable| {
                let title = super::csl::rich::plain(item.text(variable));
                title.split_whitespace().find(|word| word.contains(char::is_alphanumeric)).map(str::to_owned)
            });
    people.chain(titles).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('\'', "’");
        !word.is_empty() && shown.contains(&word)
    })
}
