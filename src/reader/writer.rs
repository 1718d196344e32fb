//! Writes prefaces, titles and bodies as HTML, and collects the citations and links in them.
//!
//! Citations are numbered over the whole page, so [`Writer::cite`] reads everything first, then the citations are
//! formatted, then the HTML is written.

use std::borrow::Cow;
use std::sync::Arc;

use pulldown_cmark::{Event, Tag};

use super::checks::{check_explanation, report_unknown_works};
use super::edition::Edition;
use super::links::{LinkResolver, PageLinks};
use super::model::{Citation, ReaderLayer, ReaderNote};
use crate::bibliography::in_markdown::Citations;
use crate::bibliography::{CitedWork, Cluster, Form};
use crate::diagnostics::{Diagnostics, File, Place};
use crate::html::{Html, Ids, escape_text};
use crate::markdown::{self, Item, Scope};
use crate::notes::attributes::Word;
use crate::notes::{Layer, Layers, Note};
use crate::text::library::Source;

/// The level of the highest heading in a preface; the preface's own title has level 2.
const TOP_LEVEL_IN_PREFACE: u8 = 3;
/// The level of the highest heading in a note's body; the note's title has level 3.
const TOP_LEVEL_IN_BODY: u8 = 4;

/// How a preface, title or body is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WriteOptions<'p> {
    /// The prefix of all ids.
    id_prefix: &'p str,
    /// The audience of the links; `None` for everyone.
    audience: Option<&'p str>,
    /// The level of the highest heading.
    top_level: u8,
}

impl<'p> WriteOptions<'p> {
    /// Options for HTML that is discarded, written only to check links.
    pub(super) fn discarded(audience: Option<&'p str>) -> Self {
        Self { id_prefix: "", audience, top_level: TOP_LEVEL_IN_BODY }
    }
}

/// Markdown items with each citation replaced by its number, and the citations.
type CitedItems<'i, 'f> = (Cow<'i, [Item<'f>]>, Vec<Citation>);

/// Writes the Markdown of the layers of one text.
pub(super) struct Writer<'w> {
    source: &'w Source,
    layers: &'w Layers<'w>,
    edition: &'w Edition<'w>,
    /// The citations read so far.
    pub(super) citations: Citations,
    /// The links written so far.
    pub(super) links: PageLinks,
}

impl<'w> Writer<'w> {
    pub(super) fn new(source: &'w Source, layers: &'w Layers<'w>, edition: &'w Edition<'w>) -> Self {
        Self { source, layers, edition, citations: Citations::default(), links: PageLinks::default() }
    }

    /// Takes the citations out of `items`, to be numbered.
    pub(super) fn cite<'i, 'f>(&mut self, items: &'i [Item<'f>], file: &'f Arc<File>) -> CitedItems<'i, 'f> {
        let before = self.citations.clusters.len();
        let items = self.citations.extract(items, file);
        let clusters = self.citations.clusters.get(before..).unwrap_or_default();
        let works = clusters.iter().flat_map(|cluster| &cluster.items);
        let citations = works.map(|work| Citation { key: work.key.clone(), locator: work.locator.clone() });
        (items, citations.collect())
    }

    /// Takes the citations out of a note's body and attributes. If the attribute `works` is set, the second value is the
    /// index of the citation made from it.
    pub(super) fn cite_note<'f>(
        &mut self,
        note: &'f Note<'f>,
        layer: &Layer<'f>,
    ) -> (CitedItems<'f, 'f>, Option<usize>) {
        let body = self.cite(&note.body, layer.file);
        let works = self.cite_keys(note.works.iter(), layer);
        self.cite_keys(note.guidelines.iter().map(|guideline| &guideline.key), layer);
        (body, works)
    }

    /// Adds a citation of the works in an attribute, and returns its index; `None` if there are no works.
    fn cite_keys<'k>(&mut self, keys: impl Iterator<Item = &'k Word>, layer: &Layer<'_>) -> Option<usize> {
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

    /// Formats all citations of the page, and reports unknown keys.
    pub(super) fn format(&mut self, diagnostics: &mut Diagnostics) -> crate::bibliography::Citations {
        report_unknown_works(self.edition.bibliography, &self.citations.keys, diagnostics);
        self.edition.bibliography.format(&self.citations.clusters)
    }

    /// Writes the preface of the layer at `index` among those on the page.
    pub(super) fn layer(
        &mut self,
        layer: &Layer<'_>,
        preface: &[Item<'_>],
        index: usize,
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) -> ReaderLayer {
        let prefix = if index == 0 { "preface-".to_owned() } else { format!("preface-{}-", index + 1) };
        let audience = layer.front.audience.as_deref();
        let options = WriteOptions { id_prefix: &prefix, audience, top_level: TOP_LEVEL_IN_PREFACE };
        let preface = self.write(preface, layer, options, citations, diagnostics);
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

    /// Writes the title and body of a note.
    pub(super) fn note(
        &mut self,
        note: &mut ReaderNote<'_>,
        layer: &Layer<'_>,
        body: &[Item<'_>],
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) {
        let prefix = format!("note-{}-", note.parsed.id);
        let options =
            WriteOptions { id_prefix: &prefix, audience: note.audience, top_level: TOP_LEVEL_IN_BODY };
        let body = self.write(body, layer, options, citations, diagnostics);
        (note.body_words, note.body) = (without_citations(&body), body.html);
        diagnostics.extend_one(check_explanation(note, layer, self.edition.site));
        note.title = match note.parsed.title.as_slice() {
            // Fast path: most titles are plain words.
            [Item::Event(Event::Text(words), _)] => {
                let mut title = String::with_capacity(words.len());
                escape_text(&mut title, words);
                title
            }
            title => self.write(title, layer, options, &[], diagnostics).html,
        };
    }

    /// Writes Markdown as HTML. Headings are shifted below the title that the page gives them.
    pub(super) fn write(
        &mut self,
        items: &[Item<'_>],
        layer: &Layer<'_>,
        options: WriteOptions<'_>,
        citations: &[String],
        diagnostics: &mut Diagnostics,
    ) -> Html {
        let WriteOptions { id_prefix, audience, top_level } = options;
        let levels = items.iter().filter_map(|item| match item {
            Item::Event(Event::Start(Tag::Heading { level, .. }), _) => Some(*level as u8),
            _ => None,
        });
        let heading_shift = levels.min().map_or(0, |level| top_level.saturating_sub(level));
        let mut links = LinkResolver {
            page: self.source.page(),
            layers: Some((&self.source.path, self.layers)),
            edition: self.edition,
            file: layer.file,
            audience,
            links: &mut self.links,
            diagnostics,
        };
        let scope = Scope {
            prefix: id_prefix,
            ids: Ids::Headings(id_prefix.to_owned()),
            heading_shift,
            citations,
            highlighter: self.edition.highlighter,
            resolve: &mut |to, span| links.resolve(to, span),
        };
        markdown::write(items, &layer.file.text, scope)
    }
}

/// The plain text of `html`, with the text of its citations, which its reading text lacks.
fn with_citations(html: &Html, citations: &[String]) -> String {
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

/// The plain text of `html` without its citations. The space before a citation is removed if punctuation follows it.
fn without_citations(html: &Html) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_is_removed_with_the_space_before_it() {
        let html = |reading: &str, at: &[usize]| Html {
            reading: reading.to_owned(),
            citations: at.iter().map(|&at| (at, 0)).collect(),
            ..Html::default()
        };
        assert_eq!(without_citations(&html("It is , so .\n", &[6, 11])), "It is, so.\n");
        assert_eq!(without_citations(&html("As  says, no.", &[3])), "As  says, no.");
        assert_eq!(without_citations(&html("None , here.", &[])), "None , here.");
    }
}
