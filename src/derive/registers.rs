//! Readers to registers: what is kept of every note for the pages that go across texts.
//!
//! 1. [`Entry::all`] takes from a reader the little that registers, works and guidelines show.
//! 2. [`Registers`] gathers the entries of all texts, in reading order.
//! 3. It answers by kind and verdict, by work, and by guideline.
//!
//! An entry is a few hundred bytes, so that memory grows slowly with the notes. Notes that this
//! edition does not show are in no reader, and so in no entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bibliography::{Bibliography, Work};
use crate::notes::About;
use crate::reader::{Cited, Placement, Reader, ReaderNote};
use crate::site::{Kind, Site, Verdict};
use crate::text::excerpt::Excerpt;

/// What pages across texts show of a note.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The place of its text among all.
    pub source: u32,
    /// The note's id.
    pub id: Box<str>,
    /// Its number on its page.
    pub number: Box<str>,
    /// Its title's words.
    pub title: Box<str>,
    /// The place of its kind among the site's, if it has one.
    pub kind: Option<u16>,
    /// The place of its verdict among the kind's, if it has one.
    pub verdict: Option<u16>,
    /// Its first passage, if it is about one.
    pub excerpt: Option<Excerpt>,
    /// How many passages it has.
    pub passages: u32,
    /// Where it stands on its page.
    pub placement: Placement,
    /// The works that its passage means.
    pub means: Box<[u32]>,
    /// The works that its body cites, each with its first locator.
    pub cites: Box<[(u32, Box<str>)]>,
    /// What it says of guidelines.
    pub guidelines: Box<[Said]>,
    /// When it was written, or last changed.
    pub date: Option<Box<str>>,
    /// Who wrote it.
    pub author: Arc<str>,
}

/// What a note says of a guideline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The guideline, as a work.
    pub work: u32,
    /// The place of its stance among the site's, if one is given.
    pub stance: Option<u16>,
    /// Of what it says so.
    pub subject: Box<str>,
}

impl Entry {
    /// Its kind, if it has one.
    pub fn kind<'s>(&self, site: &'s Site) -> Option<&'s Kind> {
        site.kinds.get(usize::from(self.kind?))
    }

    /// Its verdict, if it has one.
    pub fn verdict<'s>(&self, site: &'s Site) -> Option<&'s Verdict> {
        self.kind(site)?.verdicts.get(usize::from(self.verdict?))
    }

    /// What is kept of the notes of a reader; `source` is the place of its text among all.
    pub fn all(source: usize, reader: &Reader<'_>, site: &Site, bibliography: &Bibliography) -> Vec<Self> {
        let authors: Vec<Arc<str>> =
            reader.layers.iter().map(|layer| Arc::from(layer.author.as_str())).collect();
        let entry = |note: &ReaderNote<'_>| {
            let parsed = note.parsed;
            let kind = site.kinds.iter().position(|kind| kind.id == parsed.kind);
            let verdicts = kind.and_then(|kind| site.kinds.get(kind)).map(|kind| kind.verdicts.as_slice());
            let verdict = verdicts.zip(parsed.verdict.as_deref()).and_then(|(verdicts, wanted)| {
                verdicts.iter().position(|verdict| verdict.id == wanted).and_then(small)
            });
            let layer = reader.layers.get(note.layer);
            let date = parsed.updated.as_ref().or(parsed.date.as_ref()).map(crate::site::date::Date::as_str);
            let date = date.or(layer.map(|layer| layer.date.as_str())).filter(|date| !date.is_empty());
            Self {
                source: index(source),
                id: parsed.id.as_str().into(),
                number: note.number.as_str().into(),
                title: note.title_words.as_str().into(),
                kind: kind.and_then(small),
                verdict,
                excerpt: excerpt(reader, note),
                passages: index(note.passages.len()),
                placement: note.placement,
                means: parsed
                    .works
                    .iter()
                    .filter_map(|work| bibliography.place(&work.text).map(index))
                    .collect(),
                cites: cited(&note.cites, bibliography).into(),
                guidelines: parsed
                    .guidelines
                    .iter()
                    .filter_map(|guideline| {
                        let stance = guideline.stance.as_deref();
                        Some(Said {
                            work: bibliography.place(&guideline.key.text).map(index)?,
                            stance: stance
                                .and_then(|wanted| site.stances.iter().position(|stance| stance == wanted))
                                .and_then(small),
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

/// More notes, texts or works than this do not fit in memory anyway.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn small(place: usize) -> Option<u16> {
    u16::try_from(place).ok()
}

/// The first passage, or the words that an orphan quotes.
fn excerpt(reader: &Reader<'_>, note: &ReaderNote<'_>) -> Option<Excerpt> {
    if note.placement == Placement::Text || note.parsed.about == Some(About::Text) {
        return None;
    }
    match note.passages.first() {
        Some(passage) => Some(Excerpt::of(reader.text.reading(), &reader.text.html.blocks, *passage)),
        None => note.parsed.quotes.first().map(|quote| Excerpt::of_words(&quote.words)),
    }
}

/// Works cited, each once, with the first place that is named in it.
fn cited(cites: &[Cited], bibliography: &Bibliography) -> Vec<(u32, Box<str>)> {
    let mut works: Vec<(u32, Box<str>)> = Vec::new();
    for cited in cites {
        let Some(work) = bibliography.place(&cited.key).map(index) else { continue };
        match works.iter_mut().find(|(known, _)| *known == work) {
            Some((_, locator)) if locator.is_empty() => *locator = cited.locator.as_str().into(),
            Some(_) => {}
            None => works.push((work, cited.locator.as_str().into())),
        }
    }
    works
}

/// Works that a preface or a page of the edition's own cites.
#[derive(Debug, Clone)]
pub struct PageCites {
    /// Where it is cited.
    pub from: Citing,
    /// The works, each with its first locator.
    pub works: Vec<(u32, Box<str>)>,
}

/// What cites a work, besides notes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Citing {
    /// The preface of the text at this place among all.
    Preface(u32),
    /// A page of the edition's own, by its output file and title.
    Page(String, String),
}

impl PageCites {
    /// What the prefaces of a reader cite, if anything.
    pub fn of_prefaces(source: usize, reader: &Reader<'_>, bibliography: &Bibliography) -> Option<Self> {
        let all: Vec<Cited> = reader.layers.iter().flat_map(|layer| layer.cites.iter().cloned()).collect();
        Self::of(Citing::Preface(index(source)), &all, bibliography)
    }

    /// What is cited from somewhere, if anything.
    pub fn of(from: Citing, cites: &[Cited], bibliography: &Bibliography) -> Option<Self> {
        let works = cited(cites, bibliography);
        (!works.is_empty()).then_some(Self { from, works })
    }
}

/// Where a work is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// The passage of this entry means it.
    Means(u32),
    /// This entry says something of it as a guideline; the second is the place in what it says.
    Guideline(u32, u32),
    /// The body of this entry cites it; the second is the place among what it cites.
    Cites(u32, u32),
    /// A preface or a page cites it: the place among those, and among what it cites.
    Page(u32, u32),
}

/// What pages across texts are made from.
#[derive(Debug, Default)]
pub struct Registers {
    /// All notes, in reading order.
    pub entries: Vec<Entry>,
    /// What prefaces and pages cite.
    pub pages: Vec<PageCites>,
}

impl Registers {
    /// The entries of each kind, in reading order; one list for each of the site's kinds.
    pub fn by_kind(&self, kinds: usize) -> Vec<Vec<&Entry>> {
        let mut lists = vec![Vec::new(); kinds];
        for entry in &self.entries {
            if let Some(list) = entry.kind.and_then(|kind| lists.get_mut(usize::from(kind))) {
                list.push(entry);
            }
        }
        lists
    }

    /// The works that the edition mentions, in the order of the bibliography.
    pub fn mentioned<'b>(&self, bibliography: &'b Bibliography) -> Vec<MentionedWork<'b>> {
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

    /// The texts whose notes mention a guideline, in reading order.
    pub fn texts_with_guidelines(&self) -> Vec<u32> {
        let mentions = self.entries.iter().filter(|entry| !entry.guidelines.is_empty());
        let mut sources: Vec<u32> = mentions.map(|entry| entry.source).collect();
        sources.dedup();
        sources
    }

    /// Every mention of each work that this edition speaks of, by the work's place in the bibliography.
    pub fn by_work(&self) -> BTreeMap<u32, Vec<Mention>> {
        let mut works: BTreeMap<u32, Vec<Mention>> = BTreeMap::new();
        let mut add = |work: u32, mention| works.entry(work).or_default().push(mention);
        for (at, entry) in self.entries.iter().enumerate() {
            let at = index(at);
            entry.means.iter().for_each(|&work| add(work, Mention::Means(at)));
            for (said, place) in entry.guidelines.iter().zip(0..) {
                add(said.work, Mention::Guideline(at, place));
            }
            for ((work, _), place) in entry.cites.iter().zip(0..) {
                add(*work, Mention::Cites(at, place));
            }
        }
        for (page, at) in self.pages.iter().zip(0..) {
            for ((work, _), place) in page.works.iter().zip(0..) {
                add(*work, Mention::Page(at, place));
            }
        }
        for mentions in works.values_mut() {
            mentions.sort_unstable();
        }
        works
    }
}

/// The notes of a kind, and of each of its verdicts.
#[derive(Debug)]
pub struct Register<'p> {
    /// The kind.
    pub kind: &'p Kind,
    /// Its notes, in reading order.
    pub all: Vec<&'p Entry>,
    /// The notes of each of the kind's verdicts.
    pub by_verdict: Vec<Vec<&'p Entry>>,
}

impl<'p> Register<'p> {
    /// The register of `kind`, of the notes `all`.
    pub fn new(kind: &'p Kind, all: Vec<&'p Entry>) -> Self {
        let mut by_verdict = vec![Vec::new(); kind.verdicts.len()];
        for &entry in &all {
            if let Some(list) = entry.verdict.and_then(|verdict| by_verdict.get_mut(usize::from(verdict))) {
                list.push(entry);
            }
        }
        Self { kind, all, by_verdict }
    }

    /// The notes of a verdict, or all.
    pub fn notes(&self, verdict: Option<usize>) -> &[&'p Entry] {
        match verdict {
            Some(verdict) => self.by_verdict.get(verdict).map(Vec::as_slice).unwrap_or_default(),
            None => &self.all,
        }
    }
}

/// A work and everything that mentions it.
#[derive(Debug)]
pub struct MentionedWork<'p> {
    /// The work.
    pub work: &'p Work,
    /// What mentions it, in order.
    pub mentions: Vec<Mention>,
}
