//! Extracts from readers the data for pages across texts: registers, works and guidelines.
//!
//! 1. [`Entry::from_reader`] makes a small record of each note, so that the reader can be dropped after its page is
//!    written.
//! 2. [`Registers`] collects the entries of all texts, in reading order.
//! 3. It lists them by kind and verdict, by work, and by guideline.
//!
//! An entry takes a few hundred bytes. Notes that the build leaves out are in no reader, and therefore in no entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bibliography::{Bibliography, Work};
use crate::notes::About;
use crate::reader::{Citation, Placement, Reader, ReaderNote};
use crate::site::{Kind, KindId, Site, Verdict, VerdictId};
use crate::text::excerpt::Excerpt;
use crate::text::first_words::first_sentence;

/// The data of a note that pages across texts show.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The index of its text in the library.
    pub source: u32,
    /// The note's id.
    pub id: Box<str>,
    /// The number on its page.
    pub number: Box<str>,
    /// The title as plain text.
    pub title: Box<str>,
    /// Its kind; `None` if it is missing or unknown.
    pub kind: Option<KindId>,
    /// Its verdict, if it has one.
    pub verdict: Option<VerdictId>,
    /// Its first passage in context; `None` if the note is about the text as a whole.
    pub excerpt: Option<Excerpt>,
    /// The numbers of the blocks in which its passages after the first begin.
    pub also: Box<[u32]>,
    /// The first sentence of its body.
    pub sentence: Box<str>,
    /// Where its page shows it.
    pub placement: Placement,
    /// The works that its passage refers to (attribute `works`), by index in the bibliography.
    pub passage_works: Box<[u32]>,
    /// The works that its body cites, by index in the bibliography, each with its first locator.
    pub cites: Box<[(u32, Box<str>)]>,
    /// Its claims about guidelines.
    pub guidelines: Box<[GuidelineClaim]>,
    /// The date of the last change, else of the note, else of its layer.
    pub date: Option<Box<str>>,
    /// The author of its layer; may be empty.
    pub author: Arc<str>,
}

/// What a note says about a guideline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GuidelineClaim {
    /// The guideline, by index in the bibliography.
    pub work: u32,
    /// The index of its stance in [`Site::stances`], if one is given.
    pub stance: Option<u16>,
    /// The subject of the stance; may be empty.
    pub subject: Box<str>,
}

impl Entry {
    /// Its kind, if it has one.
    pub(crate) fn kind<'s>(&self, site: &'s Site) -> Option<&'s Kind> {
        site.kind(self.kind?)
    }

    /// Its verdict, if it has one.
    pub(crate) fn verdict<'s>(&self, site: &'s Site) -> Option<&'s Verdict> {
        self.kind(site)?.verdict(self.verdict?)
    }

    /// Makes an entry for each note of a reader; `source` is the index of its text in the library.
    pub(crate) fn from_reader(
        source: usize,
        reader: &Reader<'_>,
        site: &Site,
        bibliography: &Bibliography,
    ) -> Vec<Self> {
        let authors: Vec<Arc<str>> =
            reader.layers.iter().map(|layer| Arc::from(layer.author.as_str())).collect();
        let entry = |note: &ReaderNote<'_>| {
            let parsed = note.parsed;
            let layer = reader.layers.get(note.layer);
            let date = parsed.updated.as_ref().or(parsed.date.as_ref()).map(crate::site::date::Date::as_str);
            let date = date.or(layer.map(|layer| layer.date.as_str())).filter(|date| !date.is_empty());
            Self {
                source: to_u32(source),
                id: parsed.id.as_str().into(),
                number: note.number.as_str().into(),
                title: note.title_words.as_str().into(),
                kind: parsed.kind,
                verdict: parsed.verdict,
                excerpt: excerpt(reader, note),
                also: also(reader, note),
                sentence: first_sentence(&note.body_words).into(),
                placement: note.placement,
                passage_works: parsed
                    .works
                    .iter()
                    .filter_map(|work| bibliography.place(&work.text).map(to_u32))
                    .collect(),
                cites: cited_works(&note.cites, bibliography).into(),
                guidelines: parsed
                    .guidelines
                    .iter()
                    .filter_map(|guideline| {
                        let stance = guideline.stance.as_deref();
                        Some(GuidelineClaim {
                            work: bibliography.place(&guideline.key.text).map(to_u32)?,
                            stance: stance
                                .and_then(|wanted| site.stances.iter().position(|stance| stance == wanted))
                                .and_then(to_u16),
                            subject: guideline.subject.as_deref().unwrap_or_default().into(),
                        })
                    })
                    .collect(),
                date: date.map(Into::into),
                author: authors.get(note.layer).cloned().unwrap_or_default(),
            }
        };
        reader.notes.iter().map(entry).collect()
    }
}

/// Stores an index or count in 32 bits. Larger numbers cannot occur: the notes would not fit in memory.
fn to_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn to_u16(index: usize) -> Option<u16> {
    u16::try_from(index).ok()
}

/// The blocks of the passages after the first.
fn also(reader: &Reader<'_>, note: &ReaderNote<'_>) -> Box<[u32]> {
    note.passages.iter().skip(1).map(|passage| to_u32(reader.text.block_at(passage.start).0)).collect()
}

/// The first passage, or the first quote of an orphan.
fn excerpt(reader: &Reader<'_>, note: &ReaderNote<'_>) -> Option<Excerpt> {
    if note.placement == Placement::Text || note.parsed.about == Some(About::Text) {
        return None;
    }
    match note.passages.first() {
        Some(passage) => Some(Excerpt::of(reader.text.reading(), &reader.text.html.blocks, *passage)),
        None => note.parsed.quotes.first().map(|quote| Excerpt::of_words(&quote.words)),
    }
}

/// The cited works, each once with its first locator.
fn cited_works(cites: &[Citation], bibliography: &Bibliography) -> Vec<(u32, Box<str>)> {
    let mut works: Vec<(u32, Box<str>)> = Vec::new();
    for citation in cites {
        let Some(work) = bibliography.place(&citation.key).map(to_u32) else { continue };
        match works.iter_mut().find(|(known, _)| *known == work) {
            Some((_, locator)) if locator.is_empty() => *locator = citation.locator.as_str().into(),
            Some(_) => {}
            None => works.push((work, citation.locator.as_str().into())),
        }
    }
    works
}

/// The works cited by a preface or by one of the edition's own pages.
#[derive(Debug, Clone)]
pub(crate) struct PageCitations {
    /// Where they are cited.
    pub from: CitingPage,
    /// The works, by index in the bibliography, each with its first locator.
    pub works: Vec<(u32, Box<str>)>,
}

/// A place that cites works and is not a note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CitingPage {
    /// The prefaces of the text with this index in the library.
    Preface(u32),
    /// One of the edition's own pages, by its output path and title.
    Page(String, String),
}

impl PageCitations {
    /// The works cited by the prefaces of a reader; `None` if there are none.
    pub(crate) fn of_prefaces(
        source: usize,
        reader: &Reader<'_>,
        bibliography: &Bibliography,
    ) -> Option<Self> {
        let all: Vec<Citation> = reader.layers.iter().flat_map(|layer| layer.cites.iter().cloned()).collect();
        Self::of(CitingPage::Preface(to_u32(source)), &all, bibliography)
    }

    /// The works cited at `from`; `None` if there are none.
    pub(crate) fn of(from: CitingPage, cites: &[Citation], bibliography: &Bibliography) -> Option<Self> {
        let works = cited_works(cites, bibliography);
        (!works.is_empty()).then_some(Self { from, works })
    }
}

/// A place that mentions a work. Numbers are indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mention {
    /// The passage of an entry refers to it.
    Passage(u32),
    /// An entry makes a claim about it as a guideline: the entry, and the claim in [`Entry::guidelines`].
    Guideline(u32, u32),
    /// The body of an entry cites it: the entry, and the citation in [`Entry::cites`].
    Body(u32, u32),
    /// A preface or page cites it: the page in [`Registers::pages`], and the citation in [`PageCitations::works`].
    Page(u32, u32),
}

/// The notes of all texts and the citations outside notes: the data of pages across texts.
#[derive(Debug, Default)]
pub(crate) struct Registers {
    /// All notes, in reading order.
    pub entries: Vec<Entry>,
    /// The works cited by prefaces and by the edition's own pages.
    pub pages: Vec<PageCitations>,
}

impl Registers {
    /// The register of each of the site's kinds, in their order.
    pub(crate) fn by_kind<'p>(&'p self, site: &'p Site) -> Vec<Register<'p>> {
        let mut registers: Vec<Register<'p>> = site.kinds().map(|(_, kind)| Register::new(kind)).collect();
        for entry in &self.entries {
            if let Some(register) = entry.kind.and_then(|kind| registers.get_mut(kind.index())) {
                register.add(entry);
            }
        }
        for register in &mut registers {
            register.all.sort_by_key(|entry| (entry.verdict.is_none(), entry.verdict));
        }
        registers
    }

    /// The works that are mentioned anywhere, in the order of the bibliography page.
    pub(crate) fn mentioned<'b>(&self, bibliography: &'b Bibliography) -> Vec<MentionedWork<'b>> {
        let mut by_work = self.by_work();
        let mut mentions = |key: &str| {
            let place = bibliography.place(key).and_then(|place| u32::try_from(place).ok())?;
            by_work.remove(&place)
        };
        bibliography
            .works_as_listed()
            .filter_map(|work| Some(MentionedWork { work, mentions: mentions(&work.key)? }))
            .collect()
    }

    /// The texts with a note on a guideline, in reading order.
    pub(crate) fn texts_with_guidelines(&self) -> Vec<u32> {
        let with_guidelines = self.entries.iter().filter(|entry| !entry.guidelines.is_empty());
        let mut sources: Vec<u32> = with_guidelines.map(|entry| entry.source).collect();
        sources.dedup();
        sources
    }

    /// All mentions of each work, by the work's index in the bibliography.
    pub(crate) fn by_work(&self) -> BTreeMap<u32, Vec<Mention>> {
        let mut works: BTreeMap<u32, Vec<Mention>> = BTreeMap::new();
        let mut add = |work: u32, mention| works.entry(work).or_default().push(mention);
        for (at, entry) in self.entries.iter().enumerate() {
            let at = to_u32(at);
            entry.passage_works.iter().for_each(|&work| add(work, Mention::Passage(at)));
            for (claim, index) in entry.guidelines.iter().zip(0..) {
                add(claim.work, Mention::Guideline(at, index));
            }
            for ((work, _), index) in entry.cites.iter().zip(0..) {
                add(*work, Mention::Body(at, index));
            }
        }
        for (page, at) in self.pages.iter().zip(0..) {
            for ((work, _), index) in page.works.iter().zip(0..) {
                add(*work, Mention::Page(at, index));
            }
        }
        for mentions in works.values_mut() {
            mentions.sort_unstable();
        }
        works
    }
}

/// All notes of a kind, and those of each of its verdicts.
#[derive(Debug)]
pub(crate) struct Register<'p> {
    /// The kind.
    pub kind: &'p Kind,
    /// All its notes, by verdict in the order of [`Kind::verdicts`], those without a verdict last; within a verdict in
    /// reading order.
    pub all: Vec<&'p Entry>,
    /// The notes of each verdict, in the order of [`Kind::verdicts`].
    by_verdict: Vec<Vec<&'p Entry>>,
}

impl<'p> Register<'p> {
    /// The register of a kind that has no notes yet.
    fn new(kind: &'p Kind) -> Self {
        Self { kind, all: Vec::new(), by_verdict: vec![Vec::new(); kind.verdicts.len()] }
    }

    /// Adds the next note in reading order.
    fn add(&mut self, entry: &'p Entry) {
        self.all.push(entry);
        if let Some(list) = entry.verdict.and_then(|verdict| self.by_verdict.get_mut(verdict.index())) {
            list.push(entry);
        }
    }

    /// The notes with this verdict; all notes for `None`.
    pub(crate) fn notes(&self, verdict: Option<VerdictId>) -> &[&'p Entry] {
        match verdict {
            Some(verdict) => self.by_verdict.get(verdict.index()).map(Vec::as_slice).unwrap_or_default(),
            None => &self.all,
        }
    }
}

/// A work with all its mentions.
#[derive(Debug)]
pub(crate) struct MentionedWork<'p> {
    /// The work.
    pub work: &'p Work,
    /// Its mentions, in order.
    pub mentions: Vec<Mention>,
}
