//! A text and its layers to a [`Reader`]: everything a reader page shows.
//!
//! 1. The notes that this edition shows are gathered from all layers of the text.
//! 2. Each is anchored, then all are put in order and numbered.
//! 3. Citations are numbered over the page, then prefaces, titles and bodies are written.
//! 4. The marks are woven into the text.

use std::borrow::Cow;
use std::sync::Arc;

use crate::anchor::Anchors;
use crate::anchor::fold::fold;
use crate::bibliography::in_prose::Citations;
use crate::bibliography::{Bibliography, CitedWork, Cluster, Form, ListedWork};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, TextSpan};
use crate::html::slug::slug;
use crate::html::{Heading, Ids};
use crate::markdown::{self, Item, Scope, plain};
use crate::notes::attributes::Word;
use crate::notes::{About, Layer, Layers, Note, Quote};
use crate::reader::edition::Edition;
use crate::reader::links::{Needs, NoteLinks};
use crate::reader::weave::{Marked, weave};
use crate::site::{Orphans, Site, front_matter};
use crate::text::Text;
use crate::text::library::Source;

/// The level of the highest heading in a preface, whose own title is of the second.
const IN_PREFACE: u8 = 3;
/// The level of the highest heading in a note's body, whose title is of the third.
const IN_BODY: u8 = 4;

/// With more notes than this a page is dense: its notes are not placed one by one, since browsers differ in what
/// that costs.
pub const DENSE: usize = 100;

/// A text with its notes, ready for a page.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The text.
    pub source: &'a Source,
    /// The HTML of `#source`, marks and references in it.
    pub html: String,
    /// Its reading text and blocks.
    pub text: &'a Text,
    /// Its layers, in order.
    pub layers: Vec<ReaderLayer>,
    /// Its notes in the order of their numbers; those without a place come last.
    pub notes: Vec<ReaderNote<'a>>,
    /// The works that the page cites.
    pub works: Vec<ListedWork>,
    /// What the links here need, to lead somewhere.
    pub needs: Needs,
    /// The keys cited, in prefaces, bodies and attributes.
    pub cited: Vec<String>,
    /// The same of the notes that this edition does not show, so that what is wrong in them is told in every edition.
    pub hidden: HiddenNeeds,
}

impl Reader<'_> {
    /// The headings of the text.
    pub fn headings(&self) -> &[Heading] {
        &self.text.html.headings
    }
}

/// What notes say that an edition does not show.
#[derive(Debug, Clone, Default)]
pub struct HiddenNeeds {
    /// What their links need, to lead somewhere.
    pub needs: Needs,
    /// The keys they cite.
    pub cited: Vec<String>,
}

/// A layer as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderLayer {
    /// Its name.
    pub name: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub date: String,
    /// One or two sentences on what its notes find; may be empty.
    pub summary: String,
    /// Its preface, as HTML.
    pub preface: String,
    /// The preface's words.
    pub preface_words: String,
    /// The works that the preface cites, in reading order.
    pub cites: Vec<Cited>,
}

/// A work cited, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The work's key.
    pub key: String,
    /// The place in the work, as written; may be empty.
    pub locator: String,
}

/// A note as a page shows it.
#[derive(Debug)]
pub struct ReaderNote<'a> {
    /// The note as it is written.
    pub note: &'a Note<'a>,
    /// Its number, such as `12` or `12a`.
    pub number: String,
    /// The index of its layer.
    pub layer: usize,
    /// For whom it is, by its own word or its layer's.
    pub audience: Option<&'a str>,
    /// Its title, as HTML.
    pub title: String,
    /// Its title's words.
    pub title_words: String,
    /// Its body, as HTML.
    pub body: String,
    /// Its body's words.
    pub body_words: String,
    /// The works that the passage means, as a citation.
    pub works: String,
    /// The works that the body cites, in reading order.
    pub cites: Vec<Cited>,
    /// Its passages, in reading order.
    pub passages: Vec<TextSpan>,
    /// The quotes of which it has none, where it has others.
    pub lost: Vec<&'a Quote>,
    /// Where it stands.
    pub placement: Placement,
}

/// Where a note stands on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// With the text as a whole.
    Text,
    /// At its passage.
    Passage,
    /// Nowhere: its passage was not found.
    Orphan,
}

/// Reads a text with its layers into what its page shows.
pub fn read<'a>(
    source: &'a Source,
    text: &'a Text,
    layers: &'a Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> Reader<'a> {
    let mut notes = gather(source, text, layers, edition, diagnostics);
    order(&mut notes);
    number(&mut notes);
    let shown: Vec<(usize, &Layer<'a>)> = layers
        .iter()
        .enumerate()
        .filter(|(at, layer)| {
            edition.shows(layer.front.audience.as_deref(), layer.front.draft)
                || notes.iter().any(|n| n.layer == *at)
        })
        .collect();
    let hidden = hidden(source, layers, edition, diagnostics);
    let mut writer = Writer::new(source, layers, edition);
    let prefaces: Vec<(Cow<'_, [Item<'a>]>, Vec<Cited>)> =
        shown.iter().map(|(_, layer)| writer.cite(&layer.preface, layer.file)).collect();
    let bodies: Vec<(Cow<'_, [Item<'a>]>, Option<usize>)> = notes
        .iter_mut()
        .map(|note| {
            let ((body, cites), works) = writer.cite_note(note.note, layers.get(note.layer));
            note.cites = cites;
            (body, works)
        })
        .collect();
    let cited = writer.format(diagnostics);
    let layers_shown: Vec<ReaderLayer> = shown
        .iter()
        .zip(prefaces)
        .enumerate()
        .map(|(index, ((_, layer), (preface, cites)))| {
            let shown = writer.layer(layer, &preface, index, &cited.clusters, diagnostics);
            ReaderLayer { cites, ..shown }
        })
        .collect();
    for (note, (body, works)) in notes.iter_mut().zip(bodies) {
        let layer = layers.get(note.layer);
        writer.note(note, layer, &body, &cited.clusters, diagnostics);
        note.works = works.and_then(|index| cited.clusters.get(index)).cloned().unwrap_or_default();
        note.layer = shown.iter().position(|(at, _)| *at == note.layer).unwrap_or(0);
    }
    let html = weave_notes(text, &notes, edition.site);
    Reader {
        source,
        html,
        text,
        layers: layers_shown,
        works: cited.works,
        needs: writer.needs,
        cited: writer.citations.keys.into_iter().map(|(key, _)| key).collect(),
        hidden,
        notes,
    }
}

/// The notes that this edition shows, anchored, in the order of the files.
fn gather<'a>(
    source: &'a Source,
    text: &'a Text,
    layers: &'a Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<ReaderNote<'a>> {
    let parts = |note: &Note<'_>| note.quotes.iter().map(|quote| quote.gaps.len() + 1).sum::<usize>();
    let count = layers.notes().map(|(_, _, note)| parts(note)).sum();
    // Where front matter does not end there is no text yet; that was reported.
    if layers.notes().next().is_none() || !front_matter::is_closed(&source.file.text) {
        return Vec::new();
    }
    let folded = fold(text.reading());
    let anchors = Anchors::new(source, text, &folded, count, edition.site.orphans);
    let mut notes = Vec::new();
    for (layer_index, layer, note) in layers.notes() {
        let audience = Layers::audience(layer, note);
        let shown = edition.shows(audience, Layers::is_draft(layer, note));
        // Hidden notes are anchored too: an edition for teachers must not fail on what `check` passed.
        // Drafts need not be right yet.
        if Layers::is_draft(layer, note) && !edition.drafts {
            continue;
        }
        let passages = anchors.passages(note, layer.file, diagnostics);
        if !shown {
            continue;
        }
        let placement = match (note.about, passages.is_empty()) {
            (Some(About::Text), _) => Placement::Text,
            (_, true) => Placement::Orphan,
            (_, false) => Placement::Passage,
        };
        notes.push(ReaderNote {
            note,
            number: String::new(),
            layer: layer_index,
            audience,
            title: String::new(),
            title_words: plain(&note.title),
            body: String::new(),
            body_words: String::new(),
            works: String::new(),
            cites: Vec::new(),
            lost: if note.quotes.len() > 1
                && placement == Placement::Passage
                && edition.site.orphans == Orphans::List
            {
                anchors.unmatched(note)
            } else {
                Vec::new()
            },
            passages,
            placement,
        });
    }
    notes
}

/// Reads what this edition does not show as if it did, and keeps nothing of it: an edition for teachers must not fail
/// on what `check` passed. Drafts are read for the works they cite alone, since they need not be right yet.
fn hidden<'a>(
    source: &Source,
    layers: &Layers<'a>,
    edition: &Edition<'_>,
    diagnostics: &mut Diagnostics,
) -> HiddenNeeds {
    let mut writer = Writer::new(source, layers, edition);
    for layer in layers.iter() {
        let hidden = !edition.shows(layer.front.audience.as_deref(), layer.front.draft);
        if hidden {
            let (preface, _) = writer.cite(&layer.preface, layer.file);
            if !layer.front.draft {
                let part = Part::hidden(layer.front.audience.as_deref());
                writer.write(&preface, layer, part, &[], diagnostics);
            }
        }
        for note in &layer.notes {
            let (audience, draft) = (Layers::audience(layer, note), Layers::is_draft(layer, note));
            if edition.shows(audience, draft) {
                continue;
            }
            let ((body, _), _) = writer.cite_note(note, layer);
            if !draft {
                writer.write(&note.title, layer, Part::hidden(audience), &[], diagnostics);
                writer.write(&body, layer, Part::hidden(audience), &[], diagnostics);
            }
        }
    }
    report_unknown(edition.bibliography, &writer.citations.keys, diagnostics);
    HiddenNeeds {
        needs: writer.needs,
        cited: writer.citations.keys.into_iter().map(|(key, _)| key).collect(),
    }
}

/// Notes on the text as a whole first, then by first passage, the longer first; orphans last. Within one place by
/// layer, then by order in the file, as they were gathered.
fn order(notes: &mut [ReaderNote<'_>]) {
    notes.sort_by_key(|note| {
        let first = note.passages.first().copied().unwrap_or_default();
        (note.placement, first.start, std::cmp::Reverse(first.end))
    });
}

/// One series for everyone; a note for an audience takes the number before it and a letter, so that note 12 is
/// note 12 in every edition.
fn number(notes: &mut [ReaderNote<'_>]) {
    let (mut number, mut letter) = (0_usize, 0_usize);
    for note in notes {
        if note.audience.is_some() {
            letter += 1;
            note.number = format!("{number}{}", letters(letter));
        } else {
            number += 1;
            letter = 0;
            note.number = number.to_string();
        }
    }
}

/// 1 is `a`, 26 is `z`, 27 is `aa`.
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(b'a' + (number % 26) as u8);
        number /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

fn weave_notes(text: &Text, notes: &[ReaderNote<'_>], site: &Site) -> String {
    let labels: Vec<String> = notes.iter().map(|note| reference_label(note, site)).collect();
    let placed = notes.len() <= DENSE;
    let marked: Vec<Marked<'_>> = notes
        .iter()
        .zip(&labels)
        .enumerate()
        .map(|(at, (note, label))| Marked {
            id: &note.note.id,
            number: &note.number,
            kind: &note.note.kind,
            label,
            place: placed.then_some(at + 1),
            passages: &note.passages,
        })
        .collect();
    weave(&text.html, &marked)
}

/// What a screen reader says of a reference: `Note 3, Marketing claim, Contradicted`.
fn reference_label(note: &ReaderNote<'_>, site: &Site) -> String {
    let kind = site.kind(&note.note.kind);
    let verdict = kind.zip(note.note.verdict.as_deref()).and_then(|(kind, id)| kind.verdict(id));
    site.words.reference(
        &note.number,
        kind.map_or("", |kind| &kind.label),
        verdict.map_or("", |verdict| &verdict.label),
    )
}

/// A part of a layer that is written at once.
#[derive(Debug, Clone, Copy)]
struct Part<'p> {
    /// What its ids begin with.
    prefix: &'p str,
    /// For whom it is.
    audience: Option<&'p str>,
    /// The level of its highest heading.
    highest: u8,
}

impl<'p> Part<'p> {
    /// A part of which nothing is kept.
    fn hidden(audience: Option<&'p str>) -> Self {
        Self { prefix: "", audience, highest: IN_BODY }
    }
}

/// Prose without its citations, and what they cite.
type SitePage<'i, 'f> = (Cow<'i, [Item<'f>]>, Vec<Cited>);

/// Writes what stands in layers as HTML.
struct Writer<'w> {
    source: &'w Source,
    layers: &'w Layers<'w>,
    edition: &'w Edition<'w>,
    citations: Citations,
    needs: Needs,
}

impl<'w> Writer<'w> {
    fn new(source: &'w Source, layers: &'w Layers<'w>, edition: &'w Edition<'w>) -> Self {
        Self { source, layers, edition, citations: Citations::default(), needs: Needs::default() }
    }

    /// Prose without its citations, and what they cite.
    fn cite<'i, 'f>(&mut self, items: &'i [Item<'f>], file: &'f Arc<File>) -> SitePage<'i, 'f> {
        let before = self.citations.clusters.len();
        let items = self.citations.take(items, file);
        let clusters = self.citations.clusters.get(before..).unwrap_or_default();
        let cited = clusters.iter().flat_map(|cluster| &cluster.items);
        let cited = cited.map(|work| Cited { key: work.key.clone(), locator: work.locator.clone() });
        (items, cited.collect())
    }

    /// The body of a note without its citations, and the number of the one for the works its passage means.
    fn cite_note<'f>(&mut self, note: &'f Note<'f>, layer: &Layer<'f>) -> (SitePage<'f, 'f>, Option<usize>) {
        let body = self.cite(&note.body, layer.file);
        let works = self.list(note.works.iter(), layer);
        self.list(note.guidelines.iter().map(|guideline| &guideline.key), layer);
        (body, works)
    }

    /// Cites works that an attribute names; `None` where there are none.
    fn list<'k>(&mut self, keys: impl Iterator<Item = &'k Word>, layer: &Layer<'_>) -> Option<usize> {
        let mut cluster = Cluster { items: Vec::new(), form: Form::Listed };
        for key in keys {
            cluster.items.push(CitedWork { key: key.text.clone(), ..CitedWork::default() });
            self.citations.keys.push((key.text.clone(), Place::new(layer.file, key.span)));
        }
        if cluster.items.is_empty() {
            return None;
        }
        self.citations.clusters.push(cluster);
        Some(self.citations.clusters.len() - 1)
    }

    /// Formats all citations of the page.
    fn format(&mut self, diagnostics: &mut Diagnostics) -> crate::bibliography::Citations {
        report_unknown(self.edition.bibliography, &self.citations.keys, diagnostics);
        self.edition.bibliography.format(&self.citations.clusters)
    }

    fn layer(
        &mut self,
        layer: &Layer<'_>,
        preface: &[Item<'_>],
        index: usize,
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) -> ReaderLayer {
        let prefix = if index == 0 { "preface-".to_owned() } else { format!("preface-{}-", index + 1) };
        let audience = layer.front.audience.as_deref();
        let part = Part { prefix: &prefix, audience, highest: IN_PREFACE };
        let preface = self.write(preface, layer, part, citations, diagnostics);
        ReaderLayer {
            name: layer.name(),
            author: layer.front.author.clone().unwrap_or_default(),
            date: layer.front.date.as_ref().map(|date| date.as_str().to_owned()).unwrap_or_default(),
            summary: layer.front.summary.trim().to_owned(),
            preface_words: with_citations(&preface, citations),
            preface: preface.html,
            cites: Vec::new(),
        }
    }

    fn note(
        &mut self,
        note: &mut ReaderNote<'_>,
        layer: &Layer<'_>,
        body: &[Item<'_>],
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) {
        let prefix = format!("note-{}-", note.note.id);
        let part = Part { prefix: &prefix, audience: note.audience, highest: IN_BODY };
        let body = self.write(body, layer, part, citations, diagnostics);
        (note.body_words, note.body) = (without_citations(&body), body.html);
        diagnostics.extend_one(unexplained(note, layer, self.edition.site));
        note.title = match note.note.title.as_slice() {
            [Item::Event(pulldown_cmark::Event::Text(words), _)] => {
                let mut title = String::with_capacity(words.len());
                crate::html::escape_text(&mut title, words);
                title
            }
            title => self.write(title, layer, part, &[], diagnostics).html,
        };
    }

    fn write(
        &mut self,
        items: &[Item<'_>],
        layer: &Layer<'_>,
        part: Part<'_>,
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) -> crate::html::Html {
        let Part { prefix, audience, highest } = part;
        let written = items.iter().filter_map(|item| match item {
            Item::Event(pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level, .. }), _) => {
                Some(*level as u8)
            }
            _ => None,
        });
        let heading_shift = written.min().map_or(0, |level| highest.saturating_sub(level));
        let mut links = NoteLinks {
            page: self.source.page(),
            layers: Some((&self.source.path, self.layers)),
            edition: self.edition,
            file: layer.file,
            audience,
            needs: &mut self.needs,
            diagnostics,
        };
        let scope = Scope {
            prefix,
            ids: Ids::Headings(prefix.to_owned()),
            heading_shift,
            citations,
            highlighter: self.edition.highlighter,
            resolve: &mut |to, span| links.resolve(to, span),
        };
        markdown::write(items, &layer.file.text, scope)
    }
}

/// The words of some prose with those of its citations, which its reading text does not hold.
fn with_citations(html: &crate::html::Html, citations: &[String]) -> String {
    let mut words = String::with_capacity(html.reading.len());
    let mut from = 0;
    for &(at, number) in &html.citations {
        words.push_str(html.reading.get(from..at).unwrap_or_default());
        from = at;
        let citation = scraper::Html::parse_fragment(citations.get(number).map_or("", String::as_str));
        words.extend(citation.root_element().text());
    }
    words.push_str(html.reading.get(from..).unwrap_or_default());
    words
}

/// The words of some prose without its citations, and without the space that parted one from what follows.
fn without_citations(html: &crate::html::Html) -> String {
    let mut words = String::with_capacity(html.reading.len());
    let mut from = 0;
    for &(at, _) in &html.citations {
        let (before, after) = (html.reading.get(from..at), html.reading.get(at..).unwrap_or_default());
        words.push_str(before.unwrap_or_default());
        if after.starts_with(['.', ',', ';', ':', '?', '!', ')']) {
            words.truncate(words.trim_end().len());
        }
        from = at;
    }
    words.push_str(html.reading.get(from..).unwrap_or_default());
    words
}

/// What is wrong with a note whose body has no words but those of its verdict, or none at all: a citation gives no reason.
fn unexplained(note: &ReaderNote<'_>, layer: &Layer<'_>, site: &Site) -> Option<Diagnostic> {
    // A body that is not there was told when the layer was read.
    if note.note.body.is_empty() {
        return None;
    }
    let kind = site.kind(&note.note.kind)?;
    let verdict = kind.verdict(note.note.verdict.as_deref()?)?;
    let names = [&verdict.id, &verdict.label, &kind.id, &kind.label];
    let is_said = |word: &str| names.iter().any(|name| slug(name).split('-').any(|part| part == word));
    // The first word of nearly every note gives it a reason.
    let gives_reason = |words: &str| slug(words).split('-').any(|word| !word.is_empty() && !is_said(word));
    if note.body_words.split_whitespace().any(gives_reason) {
        return None;
    }
    let place = Place::new(layer.file, note.note.heading);
    let message = format!("the note finds `{}`, and gives no reason", verdict.id);
    Some(
        Diagnostic::warning(Code::NoteNoBody, place, message)
            .help("say in a sentence what the verdict rests on"),
    )
}

/// Reports keys that no work has.
pub fn report_unknown(bibliography: &Bibliography, keys: &[(String, Place)], diagnostics: &mut Diagnostics) {
    for (key, place) in keys {
        if bibliography.work(key).is_some() || bibliography.may_be_broken(key) {
            continue;
        }
        let help = match bibliography.nearest(key) {
            Some(near) => format!("write `{near}`, or add the work to the bibliography"),
            None => {
                format!("add an entry `{key}` to a bibliography in annotations/, such as references.yaml")
            }
        };
        let message = format!("no work has the key `{key}`");
        diagnostics.push(Diagnostic::error(Code::WorkUnknown, place.clone(), message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([1, 2, 26, 27, 53].map(letters), ["a", "b", "z", "aa", "ba"]);
    }

    #[test]
    fn a_citation_goes_with_the_space_before_it() {
        let html = |reading: &str, at: &[usize]| crate::html::Html {
            reading: reading.to_owned(),
            citations: at.iter().map(|&at| (at, 0)).collect(),
            ..crate::html::Html::default()
        };
        assert_eq!(without_citations(&html("It is , so .\n", &[6, 11])), "It is, so.\n");
        assert_eq!(without_citations(&html("As  says, no.", &[3])), "As  says, no.");
        assert_eq!(without_citations(&html("None , here.", &[])), "None , here.");
    }
}
