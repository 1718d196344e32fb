//! The bibliography pages, and the page of each work with everything that mentions it.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use super::list::{Item, Lookup, Pager, page_slice, pages_of, work_folder, work_page};
use crate::bibliography::{Work, work_anchor};
use crate::derive::registers::{CitingPage, Entry, Mention, MentionedWork, Registers};
use crate::diagnostics::Diagnostic;
use crate::export::{bibtex, csl_json, ris, schema};
use crate::names::address;
use crate::names::path::relative;
use crate::site::Tone;
use crate::theme::Values;

/// The values of a bibliography page.
#[derive(Debug, Serialize)]
struct WorksPage<'p> {
    root: String,
    page: PageHead<'p>,
    total: usize,
    works: Vec<Listed<'p>>,
    bibtex: String,
    csl_json: String,
    ris: String,
    pager: Pager,
}

/// A work in the bibliography.
#[derive(Debug, Serialize)]
struct Listed<'p> {
    key: &'p str,
    id: String,
    html: String,
    href: String,
    means: usize,
    cites: usize,
    guidelines: usize,
}

impl<'p> WorksPage<'p> {
    /// The values of page `number`, from 1, of the bibliography.
    fn new(lookup: Lookup<'p>, works: &[MentionedWork<'p>], title: &str, number: usize) -> Self {
        let path = |number: usize| address::list(address::WORKS, number);
        let page = path(number);
        let count = |mentioned: &MentionedWork<'_>, of: fn(&Mention) -> bool| {
            mentioned.mentions.iter().filter(|mention| of(mention)).count()
        };
        let listed = page_slice(works, number).iter().map(|mentioned| Listed {
            key: &mentioned.work.key,
            id: work_anchor(&mentioned.work.key),
            html: lookup.bibliography.entry(&mentioned.work.key).unwrap_or_default(),
            href: relative(&page, &work_page(mentioned.work)),
            means: count(mentioned, |mention| matches!(mention, Mention::Passage(..))),
            cites: count(mentioned, |mention| matches!(mention, Mention::Body(..) | Mention::Page(..))),
            guidelines: count(mentioned, |mention| matches!(mention, Mention::Guideline(..))),
        });
        Self {
            root: root(&page),
            page: PageHead::of("works", title.to_owned(), lookup.site, &page),
            total: works.len(),
            works: listed.collect(),
            bibtex: relative(&page, bibtex::FILE),
            csl_json: relative(&page, csl_json::FILE),
            ris: relative(&page, ris::FILE),
            pager: Pager::new(number, pages_of(works.len()), path),
        }
    }
}

/// The values of a work's page.
#[derive(Debug, Serialize)]
struct WorkPage<'p> {
    root: String,
    page: PageHead<'p>,
    work: WorkValues<'p>,
    means: Vec<MentionValues<'p>>,
    guidelines: Vec<MentionValues<'p>>,
    cites: Vec<MentionValues<'p>>,
    pages: Vec<MentionValues<'p>>,
    total: usize,
    pager: Pager,
}

/// The work itself.
#[derive(Debug, Serialize)]
struct WorkValues<'p> {
    key: &'p str,
    title: &'p str,
    label: String,
    html: String,
    doi: &'p str,
    href: String,
    bibtex: String,
    csl_json: String,
}

/// A place that mentions the work.
#[derive(Debug, Serialize)]
struct MentionValues<'p> {
    source: &'p str,
    source_href: String,
    note: Option<Item<'p>>,
    locator: &'p str,
    stance: &'p str,
    stance_label: String,
    tone: &'static str,
    subject: &'p str,
}

impl<'p> WorkPage<'p> {
    /// The values of page `number`, from 1, of a work's mentions.
    pub(crate) fn new(
        lookup: Lookup<'p>,
        registers: &'p Registers,
        mentioned: &MentionedWork<'p>,
        number: usize,
    ) -> Self {
        let work = mentioned.work;
        let folder = work_folder(work);
        let path = |number: usize| address::list(&folder, number);
        let page = path(number);
        let record = lookup.bibliography.record(&work.key).unwrap_or_default();
        let name = if work.title.is_empty() { work.short.clone() } else { work.title.clone() };
        let mut values = Self {
            root: root(&page),
            page: PageHead {
                description: format!("{}. {}", work.short, lookup.site.title),
                schema: schema::work(work, &record),
                ..PageHead::of("work", name, lookup.site, &page)
            },
            work: WorkValues {
                key: &work.key,
                title: &work.title,
                label: work.short.clone(),
                html: lookup.bibliography.entry(&work.key).unwrap_or_default(),
                doi: work.doi.as_deref().unwrap_or_default(),
                href: work.href().unwrap_or_default(),
                bibtex: bibtex::entry(&record),
                csl_json: format!("{:#}", csl_json::item(&record)),
            },
            means: Vec::new(),
            guidelines: Vec::new(),
            cites: Vec::new(),
            pages: Vec::new(),
            total: mentioned.mentions.len(),
            pager: Pager::new(number, pages_of(mentioned.mentions.len()), path),
        };
        for mention in page_slice(&mentioned.mentions, number) {
            values.add(lookup, registers, work, *mention, &page);
        }
        values
    }

    /// Adds a mention to the list of its kind.
    fn add(
        &mut self,
        lookup: Lookup<'p>,
        registers: &'p Registers,
        work: &Work,
        mention: Mention,
        page: &str,
    ) {
        let note = |at: u32, item: fn(&Lookup<'p>, &'p Entry) -> Item<'p>| {
            let entry = registers.entries.get(at as usize)?;
            let source = lookup.source(entry)?;
            Some((
                entry,
                MentionValues {
                    source: &source.title,
                    source_href: relative(page, &source.page()),
                    note: Some(item(&lookup, entry)),
                    locator: "",
                    stance: "",
                    stance_label: String::new(),
                    tone: "",
                    subject: "",
                },
            ))
        };
        match mention {
            Mention::Passage(at) => {
                self.means.extend(note(at, Lookup::item_without_works).map(|(entry, mut mention)| {
                    mention.note = Some(lookup.item_of_work(entry, work));
                    mention
                }));
            }
            Mention::Guideline(at, place) => {
                self.guidelines.extend(note(at, Lookup::item_without_works).map(|(entry, mut mention)| {
                    if let Some(claim) = entry.guidelines.get(place as usize) {
                        mention.stance = claim
                            .stance
                            .and_then(|at| lookup.site.stances.get(usize::from(at)))
                            .map_or("", String::as_str);
                        mention.stance_label = lookup.site.stance_label(mention.stance);
                        mention.tone = Tone::of_stance(mention.stance).map_or("", Tone::as_str);
                        mention.subject = &claim.subject;
                    }
                    mention
                }));
            }
            Mention::Body(at, place) => {
                self.cites.extend(note(at, Lookup::item_without_works).map(|(entry, mut mention)| {
                    mention.locator = entry.cites.get(place as usize).map_or("", |(_, locator)| locator);
                    mention
                }));
            }
            Mention::Page(at, place) => {
                self.pages.extend(registers.pages.get(at as usize).and_then(|citing| {
                    let locator =
                        citing.works.get(place as usize).map_or("", |(_, locator)| locator.as_ref());
                    let (source, source_href) = match &citing.from {
                        CitingPage::Preface(source) => {
                            let source = lookup.library.sources.get(*source as usize)?;
                            (source.title.as_str(), relative(page, &source.page()))
                        }
                        CitingPage::Page(path, title) => (title.as_str(), relative(page, path)),
                    };
                    Some(MentionValues {
                        source,
                        source_href,
                        note: None,
                        locator,
                        stance: "",
                        stance_label: String::new(),
                        tone: "",
                        subject: "",
                    })
                }));
            }
        }
    }
}

/// The bibliography.
pub(super) struct Works;

impl CrossPage for Works {
    fn template(&self) -> &'static str {
        "works.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        if !context.page_set.works {
            return Vec::new();
        }
        let page = |number| PlannedPage {
            path: address::list(address::WORKS, number),
            item: 0,
            number,
            claim: Some(context.default_place()),
        };
        (1..=pages_of(context.works.len())).map(page).collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let title = context.theme.string("works_all");
        context.theme.values(&WorksPage::new(context.lookup(), &context.works, title, page.number))
    }
}

/// The pages of works.
pub(super) struct WorkPages;

impl CrossPage for WorkPages {
    fn template(&self) -> &'static str {
        "work.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        if !context.page_set.works {
            return Vec::new();
        }
        let mut pages = Vec::new();
        for (item, mentioned) in context.works.iter().enumerate() {
            let folder = work_folder(mentioned.work);
            pages.extend((1..=pages_of(mentioned.mentions.len())).map(|number| PlannedPage {
                path: address::list(&folder, number),
                item,
                number,
                claim: Some(context.default_place()),
            }));
        }
        pages
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let mentioned = &context.works[page.item];
        context.theme.values(&WorkPage::new(context.lookup(), context.registers, mentioned, page.number))
    }
}
