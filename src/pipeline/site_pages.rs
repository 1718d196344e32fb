//! The pages that go across texts: home and sections, registers, works, guidelines, feeds, sitemap.
//!
//! Each page is claimed before it is made, since how many there are shows only now. Pages are made in
//! parallel; what they are made from was kept small (`register`).

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;
use rayon::prelude::*;

use super::load::Loaded;
use super::page_writer::Sink;
use crate::derive::registers::{Entry, Mention, Registers};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::export::{annotations, bibtex, csl_json, feed, ris, sitemap};
use crate::names::path::{Claims, relative};
use crate::notes::Layers;
use crate::page::{
    Across, GUIDELINES, GuidelinesPage, HomePage, LISTED, Present, ProsePage, Register, RegisterPage,
    SearchPage, SectionPage, SectionParts, Sections, Spoken, Summary, WORKS, WorkPage, WorksPage, columns,
    home_page, list_page, pages_of, register_folder, work_folder,
};
use crate::reader::Standing;
use crate::reader::edition::Edition;
use crate::reader::site_page::{self, Prose};
use crate::search::{self, Classes};
use crate::site::folder;
use crate::text::encode_fragment;
use crate::text::library::Source;
use crate::theme::Theme;

/// All that pages across texts are made from.
pub(super) struct Site<'s> {
    pub(super) loaded: &'s Loaded,
    pub(super) theme: &'s Theme,
    pub(super) sink: &'s Sink,
    pub(super) present: &'s Present,
    pub(super) pages: &'s [Prose],
    pub(super) summaries: &'s [Summary],
    pub(super) registers: &'s Registers,
}

/// A page to be made.
#[derive(Clone)]
pub(super) enum Job {
    Home(usize),
    Section(String, usize),
    Prose(usize),
    /// A kind, one of its verdicts, and the number of the page.
    Register(usize, Option<usize>, usize),
    Works(usize),
    Work(usize, usize),
    Guidelines(usize),
    Search,
}

/// What the jobs share.
pub(super) struct Lists<'s> {
    /// The edition's own pages and introductions, by output file.
    prose: BTreeMap<&'s str, &'s Prose>,
    sections: Sections,
    registers: Vec<Register<'s>>,
    works: Vec<Spoken<'s>>,
    /// The places of guidelines among the works.
    guidelines: Vec<usize>,
    columns: Vec<u32>,
}

/// Which pages across texts there will be, told before the texts are read, since every page leads to them.
///
/// A layer is looked into only for what no other has shown, so that one or two usually tell all.
pub(super) fn present(loaded: &Loaded, edition: &Edition<'_>) -> Present {
    let kinds = &loaded.site.kinds;
    let mut present = Present {
        kinds: vec![false; kinds.len()],
        works: loaded.bibliography.works().next().is_some(),
        guidelines: false,
    };
    let mut sought: Vec<(usize, String)> =
        kinds.iter().enumerate().map(|(at, kind)| (at, format!(".{}", kind.id))).collect();
    let mut silent = Diagnostics::default();
    for entries in loaded.layers.values() {
        if sought.is_empty() && (present.guidelines || !present.works) {
            break;
        }
        let files: Vec<_> = entries.iter().filter_map(|entry| folder::read(entry, &mut silent)).collect();
        let says = |words: &str| {
            files.iter().any(|file| memmem::find(file.text.as_bytes(), words.as_bytes()).is_some())
        };
        let seeks_guidelines = present.works && !present.guidelines && says("guidelines=");
        if !seeks_guidelines && !sought.iter().any(|(_, words)| says(words)) {
            continue;
        }
        let layers = Layers::read(&files, &loaded.site, &mut silent);
        for (_, layer, note) in layers.notes() {
            if !edition.shows(Layers::audience(layer, note), Layers::is_draft(layer, note)) {
                continue;
            }
            present.guidelines |= !note.guidelines.is_empty();
            sought.retain(|(at, _)| {
                let found = kinds.get(*at).is_some_and(|kind| kind.id == note.kind);
                if let Some(kind) = present.kinds.get_mut(*at).filter(|_| found) {
                    *kind = true;
                }
                !found
            });
        }
    }
    present
}

/// Writes the feed of one text, if the site has an address and the notes have dates.
pub(super) fn source_feed(
    source: &Source,
    entries: &[Entry],
    loaded: &Loaded,
    sink: &Sink,
    diagnostics: &mut Diagnostics,
) {
    let path = format!("{}/{}", source.path, feed::FILE);
    let entries: Vec<&Entry> = entries.iter().collect();
    write_feed(&path, &source.title, &source.page(), entries, loaded, sink, diagnostics);
}

fn write_feed(
    path: &str,
    title: &str,
    page: &str,
    mut entries: Vec<&Entry>,
    loaded: &Loaded,
    sink: &Sink,
    diagnostics: &mut Diagnostics,
) {
    let site = &loaded.site;
    if site.base_url.is_empty() {
        return;
    }
    let date = |entry: &&Entry| entry.date.as_deref().or(site.date.as_deref()).map(str::to_owned);
    entries.retain(|entry| date(entry).is_some());
    if entries.is_empty() {
        return;
    }
    // Newest first, and in reading order within a day.
    entries.sort_by_cached_key(|entry| std::cmp::Reverse(date(entry)));
    entries.truncate(feed::MOST);
    let across = Across { site, library: &loaded.library, bibliography: &loaded.bibliography };
    let items = entries.into_iter().map(|entry| {
        let text = loaded.library.sources.get(entry.source as usize);
        let address = text.map(|text| relative("", &text.page())).unwrap_or_default();
        let address = format!("{}{}#note-{}", site.base_url, trimmed(&address), encode_fragment(&entry.id));
        let (kind, _, verdict) = across.finding(entry);
        let words = entry.excerpt.as_ref().map_or("", |excerpt| excerpt.passage());
        feed::Item {
            address,
            title: entry.title.to_string(),
            date: entry.date.as_deref().or(site.date.as_deref()).unwrap_or_default(),
            author: &entry.author,
            categories: kind
                .map(|kind| kind.label.as_str())
                .into_iter()
                .chain(Some(verdict))
                .filter(|c| !c.is_empty())
                .collect(),
            summary: if words.is_empty() {
                text.map(|text| text.title.clone()).unwrap_or_default()
            } else {
                words.to_owned()
            },
        }
    });
    let made = feed::write(&feed::Feed {
        title,
        language: &site.language,
        address: format!("{}{}", site.base_url, relative("", path)),
        page: format!("{}{}", site.base_url, trimmed(&relative("", page))),
        authors: &site.authors,
        items: items.collect(),
    });
    written(path, made, sink, diagnostics);
}

/// An address without the name that hosts put there by themselves.
fn trimmed(address: &str) -> &str {
    address.strip_suffix("index.html").unwrap_or(address)
}

/// Writes what an XML writer made; writing to memory does not fail.
fn written(path: &str, made: std::io::Result<Vec<u8>>, sink: &Sink, diagnostics: &mut Diagnostics) {
    match made {
        Ok(bytes) => sink.write(path, &bytes, diagnostics),
        Err(error) => diagnostics.push(Diagnostic::error(
            Code::SitePath,
            Place::of_path(path),
            format!("the file could not be made: {error}"),
        )),
    }
}

/// Most notes in a list are shorter than so many bytes.
const ITEM: usize = 2 * 1024;

/// How many notes of a register are rendered at once, so that memory does not grow with it.
const AT_ONCE: usize = 32 * LISTED;

/// A page of a register that is being filled with rendered notes.
struct Filling<'e> {
    /// The verdict whose notes it lists, or all.
    verdict: Option<usize>,
    number: usize,
    notes: Vec<(&'e Entry, Arc<str>)>,
}

impl<'e> Filling<'e> {
    /// The first page of a list.
    fn new(verdict: Option<usize>) -> Self {
        Self { verdict, number: 1, notes: Vec::new() }
    }

    /// Adds a note; a page that is full is handed back, and the next begun.
    fn add(&mut self, entry: &'e Entry, item: Arc<str>) -> Option<Self> {
        self.notes.push((entry, item));
        (self.notes.len() == LISTED).then(|| {
            let next = Self { number: self.number + 1, ..Self::new(self.verdict) };
            std::mem::replace(self, next)
        })
    }
}

impl Site<'_> {
    /// Makes and writes all of them.
    pub(super) fn write(&self, claims: &mut Claims, diagnostics: &mut Diagnostics) {
        let lists = self.lists();
        let jobs = self.plan(&lists, claims, diagnostics);
        // The notes of a register stand on several of its pages, so that it is made as a whole.
        let single: Vec<&(Job, String)> =
            jobs.iter().filter(|(job, _)| !matches!(job, Job::Register(..))).collect();
        let problems: Vec<Diagnostics> = single
            .par_iter()
            .map(|(job, path)| {
                let mut problems = Diagnostics::default();
                self.make(job, path, &lists, &mut problems);
                problems
            })
            .collect();
        problems.into_iter().for_each(|problems| diagnostics.extend(problems));
        let there = lists.registers.iter().zip(&self.present.kinds).filter(|(_, present)| **present);
        there.for_each(|(register, _)| self.register(register, diagnostics));
        self.references(&lists.works, diagnostics);
        self.sitemap(&jobs, diagnostics);
        let site = &self.loaded.site;
        let entries = self.registers.entries.iter().collect();
        write_feed(feed::FILE, &site.title, &home_page(1), entries, self.loaded, self.sink, diagnostics);
    }

    /// Which pages there will be, each with its path, which is claimed.
    pub(super) fn plan(
        &self,
        lists: &Lists<'_>,
        claims: &mut Claims,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(Job, String)> {
        self.prove_sections(diagnostics);
        let jobs: Vec<(Job, String)> = self
            .jobs(lists)
            .into_iter()
            .map(|job| {
                let path = self.path(&job, lists);
                (job, path)
            })
            .collect();
        self.claim(&jobs, lists, claims, diagnostics);
        jobs
    }

    fn across(&self) -> Across<'_> {
        let Loaded { site, library, bibliography, .. } = self.loaded;
        Across { site, library, bibliography }
    }

    /// Reports introductions to folders that hold no texts.
    fn prove_sections(&self, diagnostics: &mut Diagnostics) {
        let library = &self.loaded.library;
        for prose in self.pages {
            let path =
                prose.file.path.trim_start_matches(crate::reader::links::FOLDER).trim_start_matches('/');
            let Some(folder) = site_page::section_of(path) else { continue };
            let holds = |path: &str| {
                path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            // An introduction at the path of a text has been reported, as two outputs at one path.
            let known = library.is_section(folder) || library.source(folder).is_some();
            if !known && !library.drafts.iter().any(|draft| holds(draft)) {
                let message = format!("there are no texts in sources/{folder} to introduce");
                diagnostics.push(
                    Diagnostic::error(Code::LayerNoSource, Place::of_path(&prose.file.path), message).help(
                        "move the introduction to the path of a folder of texts, or into annotations/_pages/",
                    ),
                );
            }
        }
    }

    pub(super) fn lists(&self) -> Lists<'_> {
        let Loaded { site, library, bibliography, .. } = self.loaded;
        let by_kind = self.registers.by_kind(site.kinds.len());
        let mut by_work = self.registers.by_work();
        let works: Vec<Spoken<'_>> = bibliography
            .works_as_listed()
            .filter_map(|work| {
                let place = bibliography.place(&work.key).and_then(|place| u32::try_from(place).ok())?;
                by_work.remove(&place).map(|mentions| Spoken { work, mentions })
            })
            .collect();
        let is_guideline = |spoken: &Spoken<'_>| {
            spoken.mentions.iter().any(|mention| matches!(mention, Mention::Guideline(..)))
        };
        let prose: BTreeMap<&str, &Prose> =
            self.pages.iter().map(|prose| (prose.page.as_str(), prose)).collect();
        Lists {
            sections: Sections::new(library, &prose),
            prose,
            registers: site.kinds.iter().zip(by_kind).map(|(kind, all)| Register::new(kind, all)).collect(),
            guidelines: works
                .iter()
                .enumerate()
                .filter(|(_, work)| is_guideline(work))
                .map(|(at, _)| at)
                .collect(),
            columns: columns(self.registers),
            works,
        }
    }

    /// All pages, in an order that does not depend on anything but the site.
    fn jobs(&self, lists: &Lists<'_>) -> Vec<Job> {
        let mut jobs: Vec<Job> = (1..=pages_of(self.summaries.len())).map(Job::Home).collect();
        for (folder, texts) in &lists.sections.texts {
            jobs.extend((1..=pages_of(texts.len())).map(|number| Job::Section(folder.clone(), number)));
        }
        for (at, prose) in self.pages.iter().enumerate() {
            let path =
                prose.file.path.trim_start_matches(crate::reader::links::FOLDER).trim_start_matches('/');
            if prose.page != home_page(1) && site_page::section_of(path).is_none() {
                jobs.push(Job::Prose(at));
            }
        }
        for (kind, register) in lists.registers.iter().enumerate() {
            if self.present.kinds.get(kind) != Some(&true) {
                continue;
            }
            jobs.extend((1..=pages_of(register.all.len())).map(|number| Job::Register(kind, None, number)));
            for (verdict, notes) in
                register.by_verdict.iter().enumerate().filter(|(_, notes)| !notes.is_empty())
            {
                jobs.extend(
                    (1..=pages_of(notes.len())).map(|number| Job::Register(kind, Some(verdict), number)),
                );
            }
        }
        if self.present.works {
            jobs.extend((1..=pages_of(lists.works.len())).map(Job::Works));
            for (at, spoken) in lists.works.iter().enumerate() {
                jobs.extend((1..=pages_of(spoken.mentions.len())).map(|number| Job::Work(at, number)));
            }
        }
        if self.present.guidelines {
            jobs.extend((1..=pages_of(lists.guidelines.len())).map(Job::Guidelines));
        }
        if self.loaded.site.search {
            jobs.push(Job::Search);
        }
        jobs
    }

    fn path(&self, job: &Job, lists: &Lists<'_>) -> String {
        match job {
            Job::Home(number) => home_page(*number),
            Job::Section(folder, number) => list_page(folder, *number),
            Job::Prose(at) => self.pages.get(*at).map(|prose| prose.page.clone()).unwrap_or_default(),
            Job::Register(kind, verdict, number) => {
                let register = lists.registers.get(*kind);
                let folder =
                    register.map(|register| register_folder(register.kind, *verdict)).unwrap_or_default();
                list_page(&folder, *number)
            }
            Job::Works(number) => list_page(WORKS, *number),
            Job::Work(at, number) => {
                let folder = lists.works.get(*at).map(|spoken| work_folder(spoken.work)).unwrap_or_default();
                list_page(&folder, *number)
            }
            Job::Guidelines(number) => list_page(GUIDELINES, *number),
            Job::Search => search::PAGE.to_owned(),
        }
    }

    /// Claims the pages that were not claimed when the site was loaded.
    fn claim(
        &self,
        jobs: &[(Job, String)],
        lists: &Lists<'_>,
        claims: &mut Claims,
        diagnostics: &mut Diagnostics,
    ) {
        let place = Place::new(&self.loaded.site.file, 0..0);
        let mut claim = |path: &str, place: Place| {
            if let Err(problem) = claims.claim(path, place) {
                diagnostics.push(*problem);
            }
        };
        for (job, path) in jobs {
            match job {
                Job::Home(_) | Job::Prose(_) | Job::Register(_, None, 1) | Job::Search => {}
                // Claimed for its introduction.
                Job::Section(_, 1) if lists.prose.contains_key(path.as_str()) => {}
                Job::Section(folder, _) => {
                    claim(path, Place::of_path(format!("{}/{folder}", crate::text::library::FOLDER)));
                }
                _ => claim(path, place.clone()),
            }
        }
        claim(annotations::FILE, place.clone());
        if self.present.works {
            claim(bibtex::FILE, place.clone());
            claim(csl_json::FILE, place.clone());
            claim(ris::FILE, place.clone());
        }
        let placed = self.registers.entries.iter().filter(|entry| entry.standing != Standing::Orphan).count();
        for number in 1..=placed.div_ceil(annotations::MOST) {
            claim(&annotations::file_of_page(number), place.clone());
        }
        if !self.loaded.site.base_url.is_empty() {
            claim(sitemap::FILE, place.clone());
            claim(feed::FILE, place.clone());
        }
    }

    /// Makes one page.
    pub(super) fn make(&self, job: &Job, path: &str, lists: &Lists<'_>, diagnostics: &mut Diagnostics) {
        let Loaded { site, library, bibliography, .. } = self.loaded;
        let (theme, sink, across) = (self.theme, self.sink, self.across());
        let parts = SectionParts {
            site,
            library,
            bibliography,
            sections: &lists.sections,
            summaries: self.summaries,
        };
        match job {
            Job::Home(number) => {
                let introduction = lists.prose.get(home_page(1).as_str()).copied();
                let page = HomePage::new(parts, self.present, introduction, *number);
                sink.render(theme, &page, &[("home.html", path)], diagnostics);
            }
            Job::Section(folder, number) => {
                let introduction = lists.prose.get(list_page(folder, 1).as_str()).copied();
                let page = SectionPage::new(parts, folder, introduction, *number);
                sink.render(theme, &page, &[("section.html", path)], diagnostics);
            }
            Job::Prose(at) => {
                if let Some(prose) = self.pages.get(*at) {
                    let page = ProsePage::new(site, bibliography, prose);
                    sink.render(theme, &page, &[("page.html", path)], diagnostics);
                }
            }
            Job::Register(kind, verdict, number) => {
                if let Some(register) = lists.registers.get(*kind) {
                    self.register_page(register, *verdict, *number, diagnostics);
                }
            }
            Job::Works(number) => {
                let page = WorksPage::new(across, &lists.works, theme.word("works_all"), *number);
                sink.render(theme, &page, &[("works.html", path)], diagnostics);
            }
            Job::Work(at, number) => {
                if let Some(spoken) = lists.works.get(*at) {
                    let page = WorkPage::new(across, self.registers, spoken, *number);
                    sink.render(theme, &page, &[("work.html", path)], diagnostics);
                }
            }
            Job::Guidelines(number) => {
                let all: Vec<&Spoken<'_>> =
                    lists.guidelines.iter().filter_map(|&at| lists.works.get(at)).collect();
                let title = theme.word("guidelines");
                let page = GuidelinesPage::new(across, self.registers, &all, &lists.columns, title, *number);
                sink.render(theme, &page, &[("guidelines.html", path)], diagnostics);
            }
            Job::Search => {
                let page = SearchPage::new(site, self.present.kinds(site).collect(), theme.word("search"));
                sink.render(theme, &page, &[("search.html", path)], diagnostics);
            }
        }
    }

    /// Writes the pages of a register and of its verdicts, with each note rendered once for both.
    fn register(&self, register: &Register<'_>, diagnostics: &mut Diagnostics) {
        let verdicts = (0..register.by_verdict.len()).map(Some);
        let mut lists: Vec<Filling<'_>> = std::iter::once(None).chain(verdicts).map(Filling::new).collect();
        for notes in register.all.chunks(AT_ONCE) {
            let items: Vec<Result<String, Box<Diagnostic>>> =
                notes.par_iter().map(|entry| self.item(entry)).collect();
            let mut full = Vec::new();
            for (&entry, item) in notes.iter().zip(items) {
                let item: Arc<str> = match item {
                    Ok(item) => item.into(),
                    // What is wrong with a template is wrong with it for every note.
                    Err(problem) => return diagnostics.push(*problem),
                };
                let verdict = entry.verdict.map(|verdict| usize::from(verdict) + 1);
                for list in [Some(0), verdict].into_iter().flatten() {
                    full.extend(lists.get_mut(list).and_then(|list| list.add(entry, Arc::clone(&item))));
                }
            }
            self.register_pages(register, &full, diagnostics);
        }
        let begun =
            |list: &Filling<'_>| !list.notes.is_empty() || (list.verdict.is_none() && list.number == 1);
        let rest: Vec<Filling<'_>> = lists.into_iter().filter(begun).collect();
        self.register_pages(register, &rest, diagnostics);
    }

    /// Writes one page of a register.
    fn register_page(
        &self,
        register: &Register<'_>,
        verdict: Option<usize>,
        number: usize,
        diagnostics: &mut Diagnostics,
    ) {
        let listed = verdict.map_or(Some(&register.all), |verdict| register.by_verdict.get(verdict));
        let notes = listed.into_iter().flatten().skip((number - 1) * LISTED).take(LISTED);
        let items: Result<Vec<(&Entry, Arc<str>)>, _> =
            notes.map(|&entry| self.item(entry).map(|item| (entry, item.into()))).collect();
        match items {
            Ok(notes) => self.register_pages(register, &[Filling { verdict, number, notes }], diagnostics),
            Err(problem) => diagnostics.push(*problem),
        }
    }

    /// A note as registers list it.
    fn item(&self, entry: &Entry) -> Result<String, Box<Diagnostic>> {
        let values = self.theme.values(&self.across().item_page(entry))?;
        let item = self.theme.render("item.html", &values, ITEM)?;
        Ok(String::from_utf8(item).expect("a template and its values are strings"))
    }

    fn register_pages(&self, register: &Register<'_>, pages: &[Filling<'_>], diagnostics: &mut Diagnostics) {
        let write = |list: &Filling<'_>| {
            let mut problems = Diagnostics::default();
            let path = list_page(&register_folder(register.kind, list.verdict), list.number);
            let page = RegisterPage::new(self.across(), register, list.verdict, list.number, &list.notes);
            self.sink.render(self.theme, &page, &[("register.html", &path)], &mut problems);
            problems
        };
        let problems: Vec<Diagnostics> = pages.par_iter().map(write).collect();
        problems.into_iter().for_each(|problems| diagnostics.extend(problems));
    }

    /// Writes the rest of the search: pages of the edition's own, works, and what was gathered of all texts.
    pub(super) fn search(&self, index: Option<search::Index>, diagnostics: &mut Diagnostics) {
        let Some(mut index) = index else { return };
        let Loaded { site, bibliography, .. } = self.loaded;
        let spoken = self.registers.by_work();
        let is_spoken = |key: &str| {
            let place = bibliography.place(key).and_then(|place| u32::try_from(place).ok());
            place.is_some_and(|place| spoken.contains_key(&place))
        };
        let works: Vec<search::Work<'_>> = bibliography
            .works()
            .filter(|work| is_spoken(&work.key))
            .map(|work| search::Work {
                page: list_page(&work_folder(work), 1),
                title: &work.title,
                entry: bibliography.entry(&work.key).unwrap_or_default(),
            })
            .collect();
        for prose in self.pages {
            self.sink.scripts(&index.add(&search::of_prose(prose)), diagnostics);
        }
        self.sink.scripts(&index.add(&search::of_works(&works)), diagnostics);
        let (scripts, pairs) = index.finish(&site.language, &Classes::of(self.present.kinds(site)));
        self.sink.scripts(&scripts, diagnostics);
        let problems: Vec<Diagnostics> = (0..pairs.groups())
            .into_par_iter()
            .map(|group| {
                let mut problems = Diagnostics::default();
                self.sink.scripts(&pairs.files(group), &mut problems);
                problems
            })
            .collect();
        problems.into_iter().for_each(|problems| diagnostics.extend(problems));
    }

    /// All works that are spoken of, for reference managers.
    fn references(&self, works: &[Spoken<'_>], diagnostics: &mut Diagnostics) {
        if !self.present.works {
            return;
        }
        let records: Vec<_> =
            works.iter().filter_map(|spoken| self.loaded.bibliography.record(&spoken.work.key)).collect();
        let entries: Vec<String> = records.iter().map(bibtex::entry).collect();
        self.sink.write(bibtex::FILE, entries.join("\n").as_bytes(), diagnostics);
        let references: String = records.iter().map(ris::entry).collect();
        self.sink.write(ris::FILE, references.as_bytes(), diagnostics);
        let items: Vec<_> = records.iter().map(csl_json::item).collect();
        let json = format!("{:#}\n", serde_json::Value::Array(items));
        self.sink.write(csl_json::FILE, json.as_bytes(), diagnostics);
    }

    fn sitemap(&self, jobs: &[(Job, String)], diagnostics: &mut Diagnostics) {
        let base = &self.loaded.site.base_url;
        if base.is_empty() {
            return;
        }
        let address = |path: &str| format!("{base}{}", trimmed(&relative("", path)));
        let day = |date: &Option<String>| date.clone().or(self.loaded.site.date.clone());
        let mut pages: Vec<sitemap::Page> = jobs.iter().map(|(_, path)| (address(path), None)).collect();
        let sources = self.loaded.library.sources.iter().zip(self.summaries);
        pages.extend(sources.map(|(source, summary)| (address(&source.page()), day(&summary.newest))));
        match sitemap::write(base, &pages) {
            Ok(files) => files.iter().for_each(|(path, bytes)| self.sink.write(path, bytes, diagnostics)),
            Err(error) => written(sitemap::FILE, Err(error), self.sink, diagnostics),
        }
    }
}
