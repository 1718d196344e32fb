//! The lists of texts: the home page, and the page of each section, a folder of texts.

use serde::Serialize;

use super::cited_works::{WorkPart, works};
use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::edition::{Target, direction};
use super::head::{PageHead, root};
use super::list::{Item, Pager, page_slice, pages_of};
use super::sections::Sections;
use super::summary::{Count, Lane, Summary};
use super::tones::{ToneCount, tones};
use crate::derive::registers::Entry;
use crate::diagnostics::{Diagnostic, Place};
use crate::export::schema;
use crate::names::address;
use crate::names::path::relative;
use crate::reader::Placement;
use crate::site::date::Date;
use crate::site::{KindId, Site, Tone};
use crate::text::library::Library;
use crate::theme::Values;

/// The values of the home page.
#[derive(Debug, Serialize)]
struct HomePage<'p> {
    root: String,
    page: PageHead<'p>,
    introduction: &'p str,
    works: Vec<WorkPart<'p>>,
    specimen: Option<Specimen<'p>>,
    /// The link to the text, if there is only one and no introduction.
    only_text: String,
    totals: Vec<Total<'p>>,
    texts: Vec<TextEntry<'p>>,
    pager: Pager,
}

/// The note on the cover.
#[derive(Debug, Serialize)]
struct Specimen<'p> {
    note: Item<'p>,
    /// Where the note is, in words.
    place: String,
}

/// The note on the cover: the one that `site.toml` names, else the first with a passage and the tone [`Tone::Wrong`],
/// else the first with a passage and a verdict.
fn specimen<'p>(context: &'p CrossContext<'p>) -> Option<Specimen<'p>> {
    let (lookup, site) = (context.lookup(), context.site);
    let has_passage = |entry: &&Entry| entry.placement == Placement::Passage;
    let entries = || context.registers.entries.iter().filter(has_passage);
    let is_wrong =
        |entry: &&Entry| entry.verdict(site).is_some_and(|verdict| verdict.tone == Some(Tone::Wrong));
    let is_chosen = |entry: &&Entry| {
        site.specimen.as_ref().is_some_and(|chosen| {
            *entry.id == *chosen.note && lookup.source(entry).is_some_and(|source| source.path == chosen.text)
        })
    };
    let entry = (context.registers.entries.iter().find(is_chosen))
        .or_else(|| entries().find(is_wrong))
        .or_else(|| entries().find(|entry| entry.verdict.is_some()))?;
    let source = lookup.source(entry)?;
    let notes = context.summaries.get(entry.source as usize).map_or(0, |summary| summary.notes);
    let place = site.words.specimen_place(&entry.number, notes, &source.title);
    Some(Specimen { note: lookup.item_without_works(entry), place })
}

/// The number of notes of a kind, and the link to its register.
#[derive(Debug, Serialize)]
struct Total<'p> {
    count: Count<'p>,
    href: String,
}

/// A text in a list.
#[derive(Debug, Serialize)]
struct TextEntry<'p> {
    title: &'p str,
    language: &'p str,
    dir: &'static str,
    href: String,
    author: &'p str,
    date: &'p str,
    date_words: String,
    publisher: &'p str,
    description: &'p str,
    note_count: usize,
    counts: Vec<Count<'p>>,
    tones: Vec<ToneCount<'p>>,
    lanes: Vec<Lane<'p>>,
    spread: [usize; 4],
    preface: &'p str,
    /// The section, if this is its first text in the list.
    section: Option<Target>,
}

/// The entries of a list of texts on `page`. The first text of each section names the section, except on the page of
/// that section, `page_section`.
fn entries<'p>(
    site: &'p Site,
    library: &'p Library,
    sections: &Sections,
    listed: impl Iterator<Item = &'p Summary>,
    page: &str,
    page_section: Option<&Target>,
) -> Vec<TextEntry<'p>> {
    let mut last_section = page_section.cloned();
    let mut entries = Vec::new();
    for summary in listed {
        let Some(source) = library.source(&summary.path) else { continue };
        let section = sections.of(&summary.path, page);
        let is_first = section != last_section;
        let language = source.language(&site.language);
        let date = source.front.date.as_ref().map_or("", Date::as_str);
        entries.push(TextEntry {
            title: &source.title,
            language,
            dir: direction(language),
            href: relative(page, &source.page()),
            author: source.front.author.as_deref().unwrap_or_default(),
            date,
            date_words: site.words.date(date),
            publisher: source.front.publisher.as_deref().unwrap_or_default(),
            description: "",
            note_count: summary.notes,
            counts: summary.counts(site),
            tones: tones(&summary.verdicts, site),
            lanes: summary.lanes(site),
            spread: summary.spread,
            preface: &summary.preface,
            section: section.clone().filter(|_| is_first),
        });
        last_section = section;
    }
    entries
}

/// The counts of several texts, added up. They have no lanes.
fn totals<'p>(site: &'p Site, summaries: impl Iterator<Item = &'p Summary>) -> Vec<Count<'p>> {
    let mut sum = Summary::default();
    for summary in summaries {
        for (kind_and_verdict, count) in &summary.verdicts {
            *sum.verdicts.entry(*kind_and_verdict).or_insert(0) += count;
        }
    }
    sum.counts(site)
}

impl<'p> HomePage<'p> {
    /// The values of page `number`, from 1, of the home page.
    fn new(context: &'p CrossContext<'p>, number: usize) -> Self {
        let CrossContext { site, library, bibliography, sections, summaries, page_set, .. } = context;
        let page = address::home(number);
        let introduction = context.by_path.get(page.as_str());
        let href = |kind: KindId| {
            let listed = site.kind(kind).filter(|_| page_set.kinds.contains(&kind));
            listed.map(|kind| relative(&page, &address::list(&kind.register, 1))).unwrap_or_default()
        };
        let totals = if number == 1 { totals(site, summaries.iter()) } else { Vec::new() };
        Self {
            root: root(&page),
            page: PageHead {
                schema: if number == 1 { schema::edition(site) } else { String::new() },
                ..PageHead::of("home", site.title.clone(), site, &page)
            },
            introduction: introduction.map_or("", |site_page| &site_page.html),
            works: introduction
                .map(|site_page| works(&site_page.works, &page, bibliography, &[]))
                .unwrap_or_default(),
            only_text: match (library.sources.as_slice(), introduction) {
                ([source], None) => relative(&page, &source.page()),
                _ => String::new(),
            },
            specimen: if number == 1 { specimen(context) } else { None },
            totals: totals.into_iter().map(|count| Total { href: href(count.kind_id), count }).collect(),
            texts: entries(site, library, sections, page_slice(summaries, number).iter(), &page, None),
            pager: Pager::new(number, pages_of(summaries.len()), address::home),
        }
    }
}

/// The values of a section's page.
#[derive(Debug, Serialize)]
struct SectionPage<'p> {
    root: String,
    page: PageHead<'p>,
    title: String,
    trail: Vec<Target>,
    introduction: &'p str,
    works: Vec<WorkPart<'p>>,
    texts: Vec<TextEntry<'p>>,
    total: usize,
    pager: Pager,
    extra: Option<&'p toml::Table>,
}

impl<'p> SectionPage<'p> {
    /// The values of page `number`, from 1, of the section `folder`.
    fn new(context: &'p CrossContext<'p>, folder: &str, number: usize) -> Self {
        let CrossContext { site, library, bibliography, sections, summaries, .. } = context;
        let path = |number: usize| address::list(folder, number);
        let page = path(number);
        let texts = sections.texts.get(folder).map(Vec::as_slice).unwrap_or_default();
        let section = sections.target(folder, &page);
        let title = section.as_ref().map(|section| section.title.clone()).unwrap_or_default();
        let listed = page_slice(texts, number).iter().filter_map(|&at| summaries.get(at));
        let introduction = context.by_path.get(page.as_str());
        let description =
            introduction.map(|site_page| site_page.front.description.clone()).unwrap_or_default();
        Self {
            root: root(&page),
            page: PageHead {
                description: if description.is_empty() {
                    format!("{title}. {}", site.title)
                } else {
                    description
                },
                ..PageHead::of("section", title.clone(), site, &page)
            },
            trail: sections.above(folder, &page),
            introduction: introduction.map_or("", |site_page| &site_page.html),
            works: introduction
                .map(|site_page| works(&site_page.works, &page, bibliography, &[]))
                .unwrap_or_default(),
            texts: entries(site, library, sections, listed, &page, section.as_ref()),
            total: texts.len(),
            pager: Pager::new(number, pages_of(texts.len()), path),
            extra: introduction.map(|site_page| &site_page.front.extra),
            title,
        }
    }
}

/// The home page, which lists the texts.
pub(super) struct Home;

impl CrossPage for Home {
    fn template(&self) -> &'static str {
        "home.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let page = |number| PlannedPage { path: address::home(number), item: 0, number, claim: None };
        (1..=pages_of(context.summaries.len())).map(page).collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        context.theme.values(&HomePage::new(context, page.number))
    }
}

/// The pages of sections.
pub(super) struct SectionPages;

impl CrossPage for SectionPages {
    fn template(&self) -> &'static str {
        "section.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let mut pages = Vec::new();
        for (item, (folder, texts)) in context.sections.texts.iter().enumerate() {
            pages.extend((1..=pages_of(texts.len())).map(|number| {
                let path = address::list(folder, number);
                // If there is an introduction, the first page was claimed for it.
                let is_unclaimed = !context.by_path.contains_key(path.as_str());
                let claim =
                    is_unclaimed.then(|| Place::of_path(address::in_folder(address::SOURCES, folder)));
                PlannedPage { path, item, number, claim }
            }));
        }
        pages
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let folder = context.sections.texts.keys().nth(page.item).map_or("", String::as_str);
        context.theme.values(&SectionPage::new(context, folder, page.number))
    }
}
