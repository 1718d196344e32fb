//! Works rendered in the site's style, each form once per site.
//!
//! A work is rendered by itself, with holes for what differs between pages, and pages are put together
//! from that. What tells works apart is settled once for all works, so that a work has one label on
//! every page of the site.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, Locator as LocatorKind, NameVariable, StandardVariable,
};
use hayagriva::citationberg::{Sort, ToFormatting};

use super::csl::disambiguate::{Distinct, disambiguate};
use super::csl::output::{Role, Run, affix, dress, finish, join, plain};
use super::csl::render::{Cite, Mode, Renderer, UNDRESSED};
use super::csl::sort;
use super::item::{Item, TITLE};
use super::locator::{Locator, Shape};
use super::style::{Order, Rules};
use super::template::{Look, Template, template};

/// All works and what was rendered of them.
#[derive(Debug)]
pub(super) struct Engine {
    items: Vec<Item>,
    pub(super) rules: Rules,
    /// For the list, if the style itself has none.
    list_rules: Option<Rules>,
    /// What tells each work apart.
    distinct: Vec<Distinct>,
    /// For each work, its place in a list of all; empty if works are listed as they are cited.
    pub(super) list_ranks: Vec<usize>,
    /// The same for the works of one citation.
    pub(super) citation_ranks: Vec<usize>,
    cores: Vec<OnceLock<Core>>,
    forms: RwLock<HashMap<FormKey, Arc<Cited>>>,
}

/// What nearly every page needs of a work.
#[derive(Debug)]
pub(super) struct Core {
    /// Cited in brackets, without a locator.
    pub(super) cited: Arc<Cited>,
    /// In the list; empty if the style would not say which work it is.
    pub(super) listed: Listed,
}

/// A citation of a work.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// What stands in the brackets.
    pub(super) body: Template,
    /// Its people, or what stands for them; `None` if nothing does.
    pub(super) names: Option<Template>,
    /// Whether a number or a label stands for the work.
    pub(super) numbered: bool,
}

/// An entry of the list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The number or label at its head, if the style has one.
    pub(super) label: Option<Template>,
    pub(super) body: Template,
}

type FormKey = (usize, Form, Option<(LocatorKind, Shape)>);

/// How a work is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// With everything in the brackets.
    Bracketed,
    /// With its people before the brackets.
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
            distinct: vec![Distinct::default(); count],
            list_ranks: Vec::new(),
            citation_ranks: Vec::new(),
            cores: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            forms: RwLock::default(),
        };
        engine.list_ranks = engine.rank_list();
        engine.distinct = engine.tell_apart();
        engine.citation_ranks = engine.rank_citations();
        engine
    }

    /// A work's description.
    pub(super) fn item(&self, work: usize) -> Option<&Item> {
        self.items.get(work)
    }

    /// All works in the order of a list.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        if self.list_ranks.is_empty() {
            order.sort_by_cached_key(|&work| self.items.get(work).map(rough_key));
        } else {
            order.sort_by_key(|&work| self.list_ranks.get(work).copied());
        }
        order
    }

    /// The year of a work and the number of the letter after it, if it has one.
    pub(super) fn lettered(&self, work: usize) -> Option<(i32, usize)> {
        let year = self.items.get(work)?.date(DateVariable::Issued)?.start?.year;
        Some((year, self.distinct.get(work)?.suffix?))
    }

    /// What nearly every page needs of a work.
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

    /// A work cited in some form.
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

    /// The runs of a citation and of the people in it.
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

    /// An entry of the list, parted into the number or label at its head and the rest.
    fn list_entry(&self, work: usize, item: &Item) -> Listed {
        let rules = self.list_rules();
        let default = Distinct::default();
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
            dress(&mut body, &layout.to_formatting());
        }
        for part in [&mut head, &mut body] {
            finish(part, &rules.terms);
            trim(part);
        }
        if !names_work(item, &body) {
            body.clear();
        }
        let plain = Look { base: UNDRESSED, links: false };
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

    /// For each work, its place among all by the keys of `sort`.
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

    /// What tells each work apart from those that would be cited alike.
    fn tell_apart(&self) -> Vec<Distinct> {
        let Some(means) = self.rules.style.means() else { return self.distinct.clone() };
        let cited = |work: usize, distinct: &Distinct| {
            let cite = Cite { number: 1, locator: None, names_left_out: false, distinct };
            plain(&self.cite_runs(&self.items[work], cite).0)
        };
        let rank = |work: usize| self.list_ranks.get(work).copied().unwrap_or(work);
        disambiguate(&self.items, means, cited, rank)
    }
}

/// The work with the title of its volume in the title, for a style that would not show it.
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

/// A locator to render in place of any other of its shape.
fn sample(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "1",
        Shape::Several => "1–2",
        Shape::Words => "x",
    }
}

/// Takes white space off both ends.
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

/// The order of works where a style lists them as they are cited: by author, year and title.
fn rough_key(item: &Item) -> (String, i32, String) {
    let people =
        [NameVariable::Author, NameVariable::Editor].into_iter().flat_map(|role| item.names(role)).next();
    let title = item.text(TITLE).to_lowercase();
    let who = people.map_or_else(|| title.clone(), |name| name.family.to_lowercase());
    let year = item.date(DateVariable::Issued).and_then(|date| date.start).map_or(0, |day| day.year);
    (who, year, title)
}

/// Whether an entry of the list shows some of the people or the title of its work, or its container's.
fn names_work(item: &Item, runs: &[Run]) -> bool {
    let shown = plain(runs).to_lowercase();
    let people = item.all_names().flat_map(|(_, names)| names).map(|name| name.family.clone());
    let titles =
        [TITLE, StandardVariable::ContainerTitle.into(), StandardVariable::ContainerTitleShort.into()]
            .into_iter()
            .filter_map(|variable| {
                super::csl::rich::plain(item.text(variable)).split_whitespace().next().map(str::to_owned)
            });
    people.chain(titles).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('\'', "’");
        !word.is_empty() && shown.contains(&word)
    })
}
