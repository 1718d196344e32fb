//! The bibliography, and a page for each work with all that is said of it.

use serde::Serialize;

use super::list::{Across, Item, Pager, WORKS, list_page, on_page, pages_of, work_folder, work_page};
use super::{PageHead, root};
use crate::bibliography::{Work, work_anchor};
use crate::derive::registers::{Citing, Entry, Mention, Registers};
use crate::export::{bibtex, csl_json, ris, schema};
use crate::names::path::relative;
use crate::site::label_of;

/// A work and all that is said of it.
#[derive(Debug)]
pub struct Spoken<'p> {
    /// The work.
    pub work: &'p Work,
    /// Where it is spoken of, in order.
    pub mentions: Vec<Mention>,
}

/// A page of the bibliography.
#[derive(Debug, Serialize)]
pub struct WorksPage<'p> {
    root: String,
    page: PageHead<'p>,
    total: usize,
    works: Vec<Listed<'p>>,
    bibtex: String,
    csl_json: String,
    ris: String,
    pager: Pager,
}

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
    /// Page `number`, from 1, of the bibliography.
    pub fn new(across: Across<'p>, works: &[Spoken<'p>], title: &str, number: usize) -> Self {
        let path = |number: usize| list_page(WORKS, number);
        let page = path(number);
        let count = |spoken: &Spoken<'_>, of: fn(&Mention) -> bool| {
            spoken.mentions.iter().filter(|mention| of(mention)).count()
        };
        let listed = on_page(works, number).iter().map(|spoken| Listed {
            key: &spoken.work.key,
            id: work_anchor(&spoken.work.key),
            html: across.bibliography.entry(&spoken.work.key).unwrap_or_default(),
            href: relative(&page, &work_page(spoken.work)),
            means: count(spoken, |mention| matches!(mention, Mention::Means(..))),
            cites: count(spoken, |mention| matches!(mention, Mention::Cites(..) | Mention::Page(..))),
            guidelines: count(spoken, |mention| matches!(mention, Mention::Guideline(..))),
        });
        Self {
            root: root(&page),
            page: PageHead::of("works", title.to_owned(), across.site, &page),
            total: works.len(),
            works: listed.collect(),
            bibtex: relative(&page, bibtex::FILE),
            csl_json: relative(&page, csl_json::FILE),
            ris: relative(&page, ris::FILE),
            pager: Pager::new(number, pages_of(works.len()), path),
        }
    }
}

/// The page of a work.
#[derive(Debug, Serialize)]
pub struct WorkPage<'p> {
    root: String,
    page: PageHead<'p>,
    work: About<'p>,
    means: Vec<Cited<'p>>,
    guidelines: Vec<Cited<'p>>,
    cites: Vec<Cited<'p>>,
    pages: Vec<Cited<'p>>,
    total: usize,
    pager: Pager,
}

#[derive(Debug, Serialize)]
struct About<'p> {
    key: &'p str,
    title: &'p str,
    label: String,
    html: String,
    doi: &'p str,
    href: String,
    bibtex: String,
    csl_json: String,
}

/// Where a work is spoken of.
#[derive(Debug, Serialize)]
struct Cited<'p> {
    source: &'p str,
    source_href: String,
    note: Option<Item<'p>>,
    locator: &'p str,
    stance: &'p str,
    stance_label: String,
    subject: &'p str,
}

impl<'p> WorkPage<'p> {
    /// Page `number`, from 1, of what is said of a work.
    pub fn new(across: Across<'p>, registers: &'p Registers, spoken: &Spoken<'p>, number: usize) -> Self {
        let work = spoken.work;
        let folder = work_folder(work);
        let path = |number: usize| list_page(&folder, number);
        let page = path(number);
        let record = across.bibliography.record(&work.key).unwrap_or_default();
        let name = if work.title.is_empty() { work.short.clone() } else { work.title.clone() };
        let mut made = Self {
            root: root(&page),
            page: PageHead {
                description: format!("{}. {}", work.short, across.site.title),
                schema: schema::work(work),
                ..PageHead::of("work", name, across.site, &page)
            },
            work: About {
                key: &work.key,
                title: &work.title,
                label: work.short.clone(),
                html: across.bibliography.entry(&work.key).unwrap_or_default(),
                doi: work.doi.as_deref().unwrap_or_default(),
                href: work.href().unwrap_or_default(),
                bibtex: bibtex::entry(&record),
                csl_json: format!("{:#}", csl_json::item(&record)),
            },
            means: Vec::new(),
            guidelines: Vec::new(),
            cites: Vec::new(),
            pages: Vec::new(),
            total: spoken.mentions.len(),
            pager: Pager::new(number, pages_of(spoken.mentions.len()), path),
        };
        for mention in on_page(&spoken.mentions, number) {
            made.add(across, registers, *mention, &page);
        }
        made
    }

    fn add(&mut self, across: Across<'p>, registers: &'p Registers, mention: Mention, page: &str) {
        let note = |at: u32, item: fn(&Across<'p>, &'p Entry) -> Item<'p>| {
            let entry = registers.entries.get(at as usize)?;
            let source = across.source(entry)?;
            Some((
                entry,
                Cited {
                    source: &source.title,
                    source_href: relative(page, &source.page()),
                    note: Some(item(&across, entry)),
                    locator: "",
                    stance: "",
                    stance_label: String::new(),
                    subject: "",
                },
            ))
        };
        match mention {
            Mention::Means(at) => {
                self.means.extend(note(at, Across::item_with_source).map(|(_, cited)| cited));
            }
            Mention::Guideline(at, place) => {
                self.guidelines.extend(note(at, Across::item_without_works).map(|(entry, mut cited)| {
                    if let Some(said) = entry.guidelines.get(place as usize) {
                        cited.stance = said
                            .stance
                            .and_then(|at| across.site.stances.get(usize::from(at)))
                            .map_or("", String::as_str);
                        cited.stance_label = label_of(cited.stance);
                        cited.subject = &said.subject;
                    }
                    cited
                }));
            }
            Mention::Cites(at, place) => {
                self.cites.extend(note(at, Across::item_without_works).map(|(entry, mut cited)| {
                    cited.locator = entry.cites.get(place as usize).map_or("", |(_, locator)| locator);
                    cited
                }));
            }
            Mention::Page(at, place) => {
                self.pages.extend(registers.pages.get(at as usize).and_then(|citing| {
                    let locator =
                        citing.works.get(place as usize).map_or("", |(_, locator)| locator.as_ref());
                    let (source, source_href) = match &citing.from {
                        Citing::Preface(source) => {
                            let source = across.library.sources.get(*source as usize)?;
                            (source.title.as_str(), relative(page, &source.page()))
                        }
                        Citing::Page(path, title) => (title.as_str(), relative(page, path)),
                    };
                    Some(Cited {
                        source,
                        source_href,
                        note: None,
                        locator,
                        stance: "",
                        stance_label: String::new(),
                        subject: "",
                    })
                }));
            }
        }
    }
}
