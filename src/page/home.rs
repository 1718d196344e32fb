//! The lists of texts: the home page, and a page for each folder of texts.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::edition::{Target, direction};
use super::head::{PageHead, root};
use super::list::{Pager, on_page, pages_of};
use super::reader::{WorkPart, works};
use super::sections::Sections;
use super::summary::{Count, Summary};
use crate::diagnostics::{Diagnostic, Place};
use crate::export::schema;
use crate::names::address;
use crate::names::path::relative;
use crate::site::Site;
use crate::text::library::Library;
use crate::theme::Values;

/// The home page.
#[derive(Debug, Serialize)]
struct HomePage<'p> {
    root: String,
    page: PageHead<'p>,
    introduction: &'p str,
    works: Vec<WorkPart<'p>>,
    totals: Vec<Total<'p>>,
    texts: Vec<TextEntry<'p>>,
    pager: Pager,
}

/// How many notes of a kind there are, and where they are listed.
#[derive(Debug, Serialize)]
struct Total<'p> {
    count: Count<'p>,
    href: String,
}

#[derive(Debug, Serialize)]
struct TextEntry<'p> {
    title: &'p str,
    language: &'p str,
    dir: &'static str,
    href: String,
    author: &'p str,
    date: &'p str,
    publisher: &'p str,
    description: &'p str,
    note_count: usize,
    counts: Vec<Count<'p>>,
    preface: &'p str,
    /// The section that begins with this text, if one does.
    section: Option<Target>,
}

/// Texts as a list shows them; each section is named where it begins, but for `own`.
fn entries<'p>(
    site: &'p Site,
    library: &'p Library,
    sections: &Sections,
    listed: impl Iterator<Item = &'p Summary>,
    page: &str,
    own: Option<&Target>,
) -> Vec<TextEntry<'p>> {
    let mut current = own.cloned();
    let mut entries = Vec::new();
    for summary in listed {
        let Some(source) = library.source(&summary.path) else { continue };
        let section = sections.of(&summary.path, page);
        let begins = section != current;
        let language = source.language(&site.language);
        entries.push(TextEntry {
            title: &source.title,
            language,
            dir: direction(language),
            href: relative(page, &source.page()),
            author: source.front.author.as_deref().unwrap_or_default(),
            date: source.front.date.as_ref().map_or("", crate::site::date::Date::as_str),
            publisher: source.front.publisher.as_deref().unwrap_or_default(),
            description: "",
            note_count: summary.notes,
            counts: summary.counts(site),
            preface: &summary.preface,
            section: section.clone().filter(|_| begins),
        });
        current = section;
    }
    entries
}

/// The findings of several texts, summed; they have no lanes.
fn totals<'p>(site: &'p Site, summaries: impl Iterator<Item = &'p Summary>) -> Vec<Count<'p>> {
    let mut sum = Summary::default();
    for summary in summaries {
        for (finding, count) in &summary.findings {
            *sum.findings.entry(*finding).or_insert(0) += count;
        }
    }
    sum.counts(site)
}

impl<'p> HomePage<'p> {
    /// Page `number`, from 1, of the home page, which lists the texts in pages.
    fn new(context: &'p CrossContext<'p>, number: usize) -> Self {
        let CrossContext { site, library, bibliography, sections, summaries, page_set, .. } = context;
        let page = address::home(number);
        let introduction = context.by_path.get(page.as_str());
        let href = |kind: &str| {
            let at = site.kinds.iter().position(|known| known.id == kind);
            let listed =
                at.filter(|&at| page_set.kinds.get(at) == Some(&true)).and_then(|at| site.kinds.get(at));
            listed.map(|kind| relative(&page, &address::list(&kind.register, 1))).unwrap_or_default()
        };
        let totals = if number == 1 { totals(site, summaries.iter()) } else { Vec::new() };
        Self {
            root: root(&page),
            page: PageHead {
                schema: if number == 1 { schema::edition(site) } else { String::new() },
                ..PageHead::of("home", site.title.clone(), site, &page)
            },
            introduction: introduction.map_or("", |prose| &prose.html),
            works: introduction
                .map(|prose| works(&prose.works, &page, bibliography, &[]))
                .unwrap_or_default(),
            totals: totals.into_iter().map(|count| Total { href: href(count.kind), count }).collect(),
            texts: entries(site, library, sections, on_page(summaries, number).iter(), &page, None),
            pager: Pager::new(number, pages_of(summaries.len()), address::home),
        }
    }
}

/// A page of a folder of texts.
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
    /// Page `number`, from 1, of the section `folder`.
    fn new(context: &'p CrossContext<'p>, folder: &str, number: usize) -> Self {
        let CrossContext { site, library, bibliography, sections, summaries, .. } = context;
        let path = |number: usize| address::list(folder, number);
        let page = path(number);
        let texts = sections.texts.get(folder).map(Vec::as_slice).unwrap_or_default();
        let own = sections.target(folder, &page);
        let title = own.as_ref().map(|own| own.title.clone()).unwrap_or_default();
        let listed = on_page(texts, number).iter().filter_map(|&at| summaries.get(at));
        let introduction = context.by_path.get(page.as_str());
        let description = introduction.map(|prose| prose.front.description.clone()).unwrap_or_default();
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
            introduction: introduction.map_or("", |prose| &prose.html),
            works: introduction
                .map(|prose| works(&prose.works, &page, bibliography, &[]))
                .unwrap_or_default(),
            texts: entries(site, library, sections, listed, &page, own.as_ref()),
            total: texts.len(),
            pager: Pager::new(number, pages_of(texts.len()), path),
            extra: introduction.map(|prose| &prose.front.extra),
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

/// A page for each folder of texts.
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
                // An introduction has claimed the first page.
                let free = !context.by_path.contains_key(path.as_str());
                let claim = free.then(|| Place::of_path(address::in_folder(address::SOURCES, folder)));
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
