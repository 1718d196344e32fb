//! Works rendered by hayagriva, each form once per site.
//!
//! hayagriva sees a page's citations as one whole and takes milliseconds for it. Here a work is
//! rendered by itself, with holes for what differs between pages, and pages are put together from
//! that. Works that a style must tell apart (two by one author from one year) are rendered together,
//! so that a work has one label on every page of the site.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use hayagriva::citationberg::taxonomy::{Locator as Kind, StandardVariable, Variable};
use hayagriva::citationberg::{
    FontStyle, FontVariant, FontWeight, IndependentStyle, LayoutRenderingElement, Sort, Text, TextDecoration,
    VerticalAlign,
};
use hayagriva::types::{Date, EntryType, FormatString, Person};
use hayagriva::{
    BibliographyDriver, BibliographyItem, BibliographyRequest, CitationItem, CitationRequest, CitePurpose,
    ElemMeta, Entry, Formatting, LocatorPayload, Rendered, RenderedCitation, SpecificLocator,
    standalone_citation,
};
use rayon::prelude::*;

use super::locator::{Locator, Shape};
use super::style::{CLOSE, OPEN, Order, Rules};
use super::template::{
    Look, Role, Run, Template, drop_stops, probe, runs, split, template, tighten_colons, trim,
};

/// More works than this that look alike stay alike: there are no more letters to tell them apart by.
const ALIKE: usize = 200;

/// All works and what was rendered of them.
#[derive(Debug)]
pub(super) struct Engine {
    entries: Vec<Entry>,
    pub(super) rules: Rules,
    /// For the list, where the style itself has none.
    list_rules: Option<Rules>,
    /// For each work, those that look like it, itself included; in the order of the list.
    alike: Vec<Option<Arc<[usize]>>>,
    /// For each work, its place in a list of all; empty where works are listed as they are cited.
    pub(super) list_ranks: Vec<usize>,
    /// The same for the works of one citation.
    pub(super) citation_ranks: Vec<usize>,
    cores: Vec<OnceLock<Core>>,
    forms: RwLock<HashMap<FormKey, Arc<Cited>>>,
    /// Stands beside works that look alike: hayagriva gives letters only where some work has a date.
    dated: Entry,
}

/// What nearly every page needs of a work.
#[derive(Debug)]
pub(super) struct Core {
    /// Cited in brackets, with no locator.
    pub(super) cited: Arc<Cited>,
    /// In the list; empty where the style would not say which work it is.
    pub(super) listed: Listed,
}

/// A citation of a work.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// Its people, where they stand before the brackets; else empty.
    pub(super) author: Template,
    /// What stands in the brackets.
    pub(super) body: Template,
    /// Its people, or what stands for them, as part of the body; `None` where nothing does.
    pub(super) names: Option<Template>,
    /// Whether a number or a label stands for the work.
    pub(super) numbered: bool,
}

/// An entry of the list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The number or label at its head, where the style has one.
    pub(super) label: Option<Template>,
    pub(super) body: Template,
}

type FormKey = (usize, Form, Option<(Kind, Shape)>);

/// How a work is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// With everything in the brackets.
    Bracketed,
    /// With its people before the brackets.
    InText,
}

impl Engine {
    pub(super) fn new(entries: Vec<Entry>, rules: Rules, language: &str) -> Self {
        let list_rules = rules.style.bibliography.is_none().then(|| Rules::for_list(language));
        let count = entries.len();
        let mut engine = Self {
            entries,
            rules,
            list_rules,
            alike: vec![None; count],
            list_ranks: Vec::new(),
            citation_ranks: Vec::new(),
            cores: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            forms: RwLock::default(),
            dated: dated(),
        };
        let (list_ranks, looks) = rayon::join(|| engine.rank_list(), || engine.looks());
        engine.citation_ranks = engine.rank_citations(&list_ranks);
        engine.list_ranks = list_ranks;
        engine.alike = engine.find_alike(&looks);
        engine
    }

    /// What is known of a work.
    pub(super) fn entry(&self, work: usize) -> Option<&Entry> {
        self.entries.get(work)
    }

    /// All works in the order of a list.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order = self.rough_order();
        order.sort_by_key(|&work| self.list_ranks.get(work).copied());
        order
    }

    /// What nearly every page needs of a work.
    pub(super) fn core(&self, work: usize) -> Option<&Core> {
        let slot = self.cores.get(work)?;
        if slot.get().is_none() {
            // The others of its kind are rendered with it anyway.
            for (work, core) in self.render_cores(work) {
                if let Some(slot) = self.cores.get(work) {
                    // Another thread may have been quicker, with the same result.
                    let _ = slot.set(core);
                }
            }
        }
        slot.get()
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
        let rendered = self.render_forms(work, form, place);
        let mut forms = self.forms.write().unwrap_or_else(PoisonError::into_inner);
        for (work, cited) in rendered {
            forms.entry((work, form, place)).or_insert_with(|| Arc::new(cited));
        }
        forms.get(&key).map(Arc::clone)
    }

    fn group(&self, work: usize) -> Vec<usize> {
        self.alike.get(work).and_then(Option::as_ref).map_or_else(|| vec![work], |group| group.to_vec())
    }

    fn render_cores(&self, work: usize) -> Vec<(usize, Core)> {
        let group = self.group(work);
        let own_list = self.list_rules.is_none();
        let Rendered { citations, bibliography } =
            self.run(&self.rules, &group, Form::Bracketed, None, own_list);
        let list = match &self.list_rules {
            Some(rules) => self.run(rules, &group, Form::Bracketed, None, true).bibliography,
            None => bibliography,
        };
        let mut items = list.map_or_else(Vec::new, |list| list.items);
        let cores = group.iter().zip(&citations).map(|(&work, citation)| {
            let cited = self.read_citation(citation, Form::Bracketed);
            let mut listed = Listed::default();
            if let Some(entry) = self.entries.get(work)
                && let Some(at) = items.iter().position(|item| item.key == entry.key())
            {
                listed = self.read_item(entry, &items.swap_remove(at));
            }
            if !own_list && cited.numbered {
                listed.label = Some(cited.body.clone());
            }
            (work, Core { cited: Arc::new(cited), listed })
        });
        cores.collect()
    }

    fn render_forms(&self, work: usize, form: Form, place: Option<(Kind, Shape)>) -> Vec<(usize, Cited)> {
        let group = self.group(work);
        let rendered = self.run(&self.rules, &group, form, place, false);
        let cited = rendered.citations.iter().map(|citation| self.read_citation(citation, form));
        group.into_iter().zip(cited).collect()
    }

    /// Renders works, each cited once by itself, so that the place in a text tells nothing.
    fn run(
        &self,
        rules: &Rules,
        works: &[usize],
        form: Form,
        place: Option<(Kind, Shape)>,
        listed: bool,
    ) -> Rendered {
        let purpose = (form == Form::InText).then_some(CitePurpose::Prose);
        let locator = place.map(|(kind, shape)| SpecificLocator(kind, LocatorPayload::Str(probe(shape))));
        let mut driver = BibliographyDriver::new();
        let mut cite = |entry| {
            let item = CitationItem::new(entry, locator.clone(), None, false, purpose);
            driver.citation(request(rules, vec![item]));
        };
        works.iter().filter_map(|&work| self.entries.get(work)).for_each(&mut cite);
        if works.len() > 1 {
            cite(&self.dated);
        }
        let style = if listed { &rules.style } else { &rules.blank };
        driver.finish(BibliographyRequest::new(style, Some(rules.locale.clone()), &rules.locales))
    }

    fn read_citation(&self, citation: &RenderedCitation, form: Form) -> Cited {
        let look = Look { base: self.rules.frame.formatting, links: false };
        let and_others = &self.rules.and_others;
        let mut parts = split(runs(&citation.citation.0, and_others), &[OPEN, CLOSE]).into_iter();
        let mut before = parts.next().unwrap_or_default();
        let mut body = parts.next().unwrap_or_default();
        trim(&mut before);
        trim(&mut body);
        let names = citation.citation.find_names().map(|elem| {
            let mut names = runs(&elem.children.0, and_others);
            trim(&mut names);
            without_comma(&mut names);
            template(&names, look)
        });
        let numbered = [ElemMeta::CitationNumber, ElemMeta::CitationLabel]
            .iter()
            .any(|meta| citation.citation.find_meta(meta).is_some());
        Cited {
            author: if form == Form::InText { template(&before, PLAIN) } else { Template::default() },
            body: template(&body, look),
            names: names.filter(|names| !names.is_empty()),
            numbered,
        }
    }

    /// Parts an entry of the list into the number or label at its head, and the rest.
    fn read_item(&self, entry: &Entry, item: &BibliographyItem) -> Listed {
        let rules = self.list_rules();
        let mut head = runs(item.first_field.iter().chain(&item.content.0), &rules.and_others);
        drop_stops(&mut head);
        if rules.tight_colons {
            tighten_colons(&mut head);
        }
        let end = head.iter().take_while(|run| matches!(run.role, Role::Number | Role::Label)).count();
        let mut body = head.split_off(end);
        trim(&mut body);
        trim(&mut head);
        if !names_work(entry, &body) {
            body.clear();
        }
        Listed { label: (!head.is_empty()).then(|| template(&head, PLAIN)), body: template(&body, LINKED) }
    }

    fn list_rules(&self) -> &Rules {
        self.list_rules.as_ref().unwrap_or(&self.rules)
    }

    fn rank_list(&self) -> Vec<usize> {
        let rules = self.list_rules();
        self.rank(rules, rules.style.bibliography.as_ref().and_then(|list| list.sort.as_ref()))
    }

    fn rank_citations(&self, list_ranks: &[usize]) -> Vec<usize> {
        let keys = |sort: &Sort| sort.keys.clone();
        let citation = self.rules.style.citation.sort.as_ref();
        let list = self.rules.style.bibliography.as_ref().and_then(|list| list.sort.as_ref());
        match (citation.map(keys), list.map(keys)) {
            // The list is sorted by the same, and then some.
            (Some(citation), Some(list)) if list.starts_with(&citation) => list_ranks.to_vec(),
            _ => self.rank(&self.rules, citation),
        }
    }

    /// For each work, its place among all by the keys of `sort`.
    fn rank(&self, rules: &Rules, sort: Option<&Sort>) -> Vec<usize> {
        if Order::of(sort) != Order::Work {
            return Vec::new();
        }
        let style = keys_only(&rules.style, sort);
        let order = self.rough_order();
        let items =
            order.iter().filter_map(|&work| self.entries.get(work)).map(CitationItem::with_entry).collect();
        let locale = Some(rules.locale.clone());
        // One citation of all works: a driver would compare each with each other.
        let sorted = standalone_citation(CitationRequest::new(items, &style, locale, &rules.locales, None));
        let by_key: HashMap<&str, usize> =
            order.iter().filter_map(|&work| Some((self.entries.get(work)?.key(), work))).collect();
        let mut ranks = vec![usize::MAX; self.entries.len()];
        for (rank, run) in runs(&sorted.0, "").iter().enumerate() {
            if let Some(slot) = by_key.get(run.text.as_ref()).and_then(|&work| ranks.get_mut(work)) {
                *slot = rank;
            }
        }
        ranks
    }

    /// Works by author, year and title. Most styles sort nearly so, and hayagriva, which renders two
    /// works for each comparison, then needs few.
    fn rough_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_cached_key(|&work| self.entries.get(work).map(rough_key));
        order
    }

    /// What each work looks like when cited, if the style tells those apart that look alike.
    fn looks(&self) -> Vec<String> {
        let citation = &self.rules.style.citation;
        let told_apart = citation.disambiguate_add_names
            || citation.disambiguate_add_givenname
            || citation.disambiguate_add_year_suffix;
        if !told_apart {
            return Vec::new();
        }
        let look = |entry| {
            standalone_citation(request(&self.rules, vec![CitationItem::with_entry(entry)])).to_string()
        };
        self.entries.par_iter().map(look).collect()
    }

    /// For each work, those that look like it.
    fn find_alike(&self, looks: &[String]) -> Vec<Option<Arc<[usize]>>> {
        let mut alike = vec![None; self.entries.len()];
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (work, look) in looks.iter().enumerate() {
            groups.entry(look).or_default().push(work);
        }
        for mut group in groups.into_values().filter(|group| (2..=ALIKE).contains(&group.len())) {
            group.sort_by_key(|&work| self.list_ranks.get(work).copied());
            let group: Arc<[usize]> = group.into();
            for &work in group.iter() {
                if let Some(slot) = alike.get_mut(work) {
                    *slot = Some(Arc::clone(&group));
                }
            }
        }
        alike
    }
}

fn request<'a>(rules: &'a Rules, items: Vec<CitationItem<'a, Entry>>) -> CitationRequest<'a, Entry> {
    CitationRequest::new(items, &rules.style, Some(rules.locale.clone()), &rules.locales, None)
}

/// The style with nothing to render but keys, in the order of `sort`.
fn keys_only(style: &IndependentStyle, sort: Option<&Sort>) -> IndependentStyle {
    let mut style = style.clone();
    let key = Variable::Standard(StandardVariable::CitationKey);
    style.citation.layout.elements = vec![LayoutRenderingElement::Text(Text::with_target(key))];
    (style.citation.layout.prefix, style.citation.layout.suffix) = (None, None);
    style.citation.layout.delimiter = Some(String::new());
    style.citation.sort = sort.cloned();
    style
}

fn rough_key(entry: &Entry) -> (String, Option<i32>, String) {
    let people = entry.authors().or_else(|| entry.editors()).unwrap_or_default();
    let name = people.first().map_or_else(String::new, |person| person.name.to_lowercase());
    let title = entry.title().map_or_else(String::new, |title| title.value.to_string().to_lowercase());
    (if name.is_empty() { title.clone() } else { name }, entry.date_any().map(|date| date.year), title)
}

fn dated() -> Entry {
    let mut entry = Entry::new("\u{F0031}", EntryType::Book);
    entry.set_title(FormatString::with_value("\u{F0031}"));
    entry.set_authors(vec![Person {
        name: "\u{F0031}".to_owned(),
        given_name: None,
        prefix: None,
        suffix: None,
        comma_suffix: false,
        alias: None,
    }]);
    entry.set_date(Date::from_year(2000));
    entry
}

/// Whether an entry of the list shows some of the people or the title of its work, or its container's.
fn names_work(entry: &Entry, runs: &[Run<'_>]) -> bool {
    let shown = runs.iter().map(|run| run.text.as_ref()).collect::<String>().to_lowercase();
    let people =
        [entry.authors(), entry.editors()].into_iter().flatten().flatten().map(|person| person.name.clone());
    let titles = std::iter::once(entry)
        .chain(entry.parents())
        .filter_map(Entry::title)
        .filter_map(|title| title.value.to_string().split_whitespace().next().map(str::to_owned));
    people.chain(titles).any(|word| !word.is_empty() && shown.contains(&word.to_lowercase()))
}

/// Takes off the comma that a style pulls into a closing quotation mark.
fn without_comma(names: &mut [Run<'_>]) {
    if let Some(last) = names.last_mut()
        && let Some(head) = last.text.strip_suffix(",”")
    {
        last.text = format!("{head}”").into();
    }
}

const UPRIGHT: Formatting = Formatting {
    font_style: FontStyle::Normal,
    font_variant: FontVariant::Normal,
    font_weight: FontWeight::Normal,
    text_decoration: TextDecoration::None,
    vertical_align: VerticalAlign::None,
};
const PLAIN: Look = Look { base: UPRIGHT, links: false };
const LINKED: Look = Look { base: UPRIGHT, links: true };
