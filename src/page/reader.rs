//! The values of a reader page: the text, its notes, the works they cite, and links to other texts.

use serde::Serialize;

use super::cited_works::{WorkPart, works};
use super::edition::{Download, direction};
use super::head::{PageHead, root};
use super::layout::layout_rows;
use super::summary::{Count, Summary, draw_down};
use super::tones::{ToneCount, tones};
use crate::bibliography::{Bibliography, work_anchor};
use crate::diagnostics::TextSpan;
use crate::export::{annotations, feed, requested, schema};
use crate::html::escape_attribute;
use crate::markdown::escape::one_line;
use crate::names::address;
use crate::names::path::relative;
use crate::notes::{About, Quote};
use crate::reader::weave::passage_id;
use crate::reader::{MAX_PLACED_NOTES, Placement, Reader, ReaderNote};
use crate::site::date::Date;
use crate::site::{Site, Tone};
use crate::text::first_words::first_sentence;
use crate::text::library::{Library, Source};
use crate::text::{Text, encode_fragment};

/// The values of a reader page.
#[derive(Debug, Serialize)]
pub(crate) struct ReaderPage<'p> {
    root: String,
    page: PageHead<'p>,
    source: SourcePart<'p>,
    text: &'p str,
    contents: Vec<Contents<'p>>,
    layers: Vec<LayerPart<'p>>,
    whole: Vec<NotePart<'p>>,
    groups: Vec<Group<'p>>,
    orphans: Vec<NotePart<'p>>,
    works: Vec<WorkPart<'p>>,
    counts: Vec<Count<'p>>,
    tones: Vec<ToneCount<'p>>,
    note_count: usize,
    /// The number of notes, in words.
    notes_count: String,
    /// The length of the text, in words; empty for scripts without spaces.
    length: String,
    /// The id of the first block, if the text has one.
    first: &'static str,
    dense: bool,
    /// Whether the text begins with its title, so that the page need not show both.
    titled: bool,
    previous: Option<Neighbour<'p>>,
    next: Option<Neighbour<'p>>,
    map: Vec<MapEntry<'p>>,
    jsonld: &'static str,
    downloads: Vec<Download>,
    layout: String,
}

/// The text and its front matter.
#[derive(Debug, Serialize)]
struct SourcePart<'p> {
    path: &'p str,
    title: &'p str,
    author: &'p str,
    date: &'p str,
    date_words: String,
    retrieved: &'p str,
    retrieved_words: String,
    url: &'p str,
    publisher: &'p str,
    licence: &'p str,
    language: &'p str,
    dir: &'static str,
    original: Option<Original>,
    extra: &'p toml::Table,
}

/// The file with the text as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Original {
    /// The link to it; `None` for a saved web page, which is not published.
    pub href: Option<String>,
    /// The file name.
    pub name: String,
    /// The SHA-256 hash of the file, in hexadecimal.
    pub sha256: String,
}

/// A heading in the table of contents.
#[derive(Debug, Serialize)]
struct Contents<'p> {
    level: u8,
    title: &'p str,
    href: String,
}

/// A layer.
#[derive(Debug, Serialize)]
struct LayerPart<'p> {
    name: &'p str,
    author: &'p str,
    date: &'p str,
    date_words: String,
    summary: &'p str,
    /// The summary, else the first sentence of the preface.
    standfirst: String,
    preface: &'p str,
}

/// A link to the previous or next text.
#[derive(Debug, Serialize)]
struct Neighbour<'p> {
    title: &'p str,
    href: String,
    language: &'p str,
    dir: &'static str,
}

/// The notes beside one top-level block; `child` is the number of the block.
#[derive(Debug, Serialize)]
struct Group<'p> {
    child: usize,
    notes: Vec<NotePart<'p>>,
}

/// A note.
#[derive(Debug, Serialize)]
struct NotePart<'p> {
    id: &'p str,
    number: &'p str,
    kind: &'p str,
    kind_label: &'p str,
    symbol: &'p str,
    verdict: &'p str,
    verdict_label: &'p str,
    tone: &'static str,
    title: &'p str,
    title_text: &'p str,
    body: &'p str,
    works: &'p str,
    attributes: String,
    place: usize,
    passages: Vec<PassagePart>,
    /// The passages after the first.
    also: Vec<Also>,
    guidelines: Vec<GuidelinePart<'p>>,
    tags: &'p [String],
    layer: &'p str,
    author: &'p str,
    audience: &'p str,
    about: &'static str,
    date: &'p str,
    updated: &'p str,
    updated_words: String,
    previous_id: &'p str,
    next_id: &'p str,
}

/// A passage of a note, or a quote that was not found; then `href` is empty and `block` is 0.
#[derive(Debug, Serialize)]
struct PassagePart {
    href: String,
    text: String,
    block: usize,
}

/// A link to a further passage of a note.
#[derive(Debug, Serialize)]
struct Also {
    href: String,
    block: usize,
}

/// What a note says about a guideline.
#[derive(Debug, Serialize)]
struct GuidelinePart<'p> {
    key: &'p str,
    id: String,
    name: &'p str,
    stance: &'p str,
    stance_label: String,
    tone: &'static str,
    subject: &'p str,
}

/// The data that a reader page needs besides its reader.
pub(crate) struct ReaderContext<'p> {
    /// The settings in `site.toml`.
    pub site: &'p Site,
    /// All texts.
    pub library: &'p Library,
    /// All works.
    pub bibliography: &'p Bibliography,
    /// The schema.org data of all works, in the order of the bibliography.
    pub citations: &'p [String],
    /// The index of the text in the library.
    pub index: usize,
    /// The file with the text as it was received, if the source has one.
    pub original: Option<Original>,
    /// The summary that lists of texts show.
    pub summary: &'p Summary,
}

impl<'p> ReaderPage<'p> {
    /// Collects the values.
    pub(crate) fn new(reader: &'p Reader<'p>, context: ReaderContext<'p>) -> Self {
        let ReaderContext { site, library, bibliography, citations, index, original, summary } = context;
        let (previous, next) = library.neighbours(index);
        let page = reader.source.page();
        let neighbour = |source: &'p Source| {
            let language = source.language(&site.language);
            let (title, href) = (&source.title, relative(&page, &source.page()));
            Neighbour { title, href, language, dir: direction(language) }
        };
        let Placements { whole, groups, orphans } = place_notes(reader, site, bibliography);
        Self {
            root: root(&page),
            page: PageHead {
                description: description(reader, site),
                schema: schema::reader(reader, site, bibliography, citations),
                feed: if site.base_url.is_empty() || summary.newest.is_none() { "" } else { feed::FILE },
                ..PageHead::of("reader", reader.source.title.clone(), site, &page)
            },
            source: source_part(reader.source, site, original),
            text: &reader.html,
            contents: contents(reader.text),
            layers: reader
                .layers
                .iter()
                .map(|layer| LayerPart {
                    name: &layer.name,
                    author: &layer.author,
                    date: &layer.date,
                    date_words: site.words.date(&layer.date),
                    summary: &layer.summary,
                    standfirst: if layer.summary.is_empty() {
                        first_sentence(&layer.preface_words)
                    } else {
                        layer.summary.clone()
                    },
                    preface: &layer.preface,
                })
                .collect(),
            whole,
            groups,
            orphans,
            works: works(&reader.works, &page, bibliography, &reader.notes),
            counts: summary.counts(site),
            tones: tones(&summary.verdicts, site),
            note_count: reader.notes.len(),
            notes_count: site.words.notes(reader.notes.len()),
            length: length(reader, site),
            first: if reader.text.html.blocks.is_empty() { "" } else { "p-1" },
            dense: reader.notes.len() > MAX_PLACED_NOTES,
            titled: contents(reader.text).first().is_some_and(|first| {
                first.href == "#p-1" && first.title.trim() == reader.source.title.trim()
            }),
            previous: previous.map(neighbour),
            next: next.map(neighbour),
            map: map(reader, site),
            jsonld: annotations::FILE,
            downloads: requested(site)
                .into_iter()
                .filter(|format| format.is_for_each_text())
                .map(|format| Download {
                    label: format.label,
                    href: relative(&page, &format.path_of(reader.source)),
                })
                .collect(),
            layout: format!("{}{}", root(&page), address::layout(layout_rows(reader.text))),
        }
    }
}

/// The position of a passage in the whole text.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MapEntry<'p> {
    id: &'p str,
    number: &'p str,
    kind: &'p str,
    tone: &'static str,
    href: String,
    path: String,
}

/// The positions of all passages.
fn map<'r>(reader: &'r Reader<'_>, site: &'r Site) -> Vec<MapEntry<'r>> {
    let length = reader.text.reading().len();
    let mut entries = Vec::new();
    for note in &reader.notes {
        for (index, passage) in note.passages.iter().enumerate() {
            let mut path = String::with_capacity(24);
            draw_down(&mut path, *passage, length);
            entries.push(MapEntry {
                id: &note.parsed.id,
                number: &note.number,
                kind: note.parsed.kind(site).map_or("", |kind| &kind.id),
                tone: note.parsed.tone(site).map_or("", Tone::as_str),
                href: passage_href(&note.parsed.id, index),
                path,
            });
        }
    }
    entries
}

/// The length of the text; empty for languages that are written without spaces between words.
fn length(reader: &Reader<'_>, site: &Site) -> String {
    let language = reader.source.language(&site.language);
    let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    if ["ja", "km", "lo", "my", "th", "yue", "zh"].contains(&primary.as_str()) {
        return String::new();
    }
    site.words.length(reader.text.reading().split_whitespace().count())
}

fn description(reader: &Reader<'_>, site: &Site) -> String {
    site.words.reader_description(&reader.source.title, reader.notes.len(), &site.title)
}

fn contents(text: &Text) -> Vec<Contents<'_>> {
    text.html
        .headings
        .iter()
        .map(|heading| Contents {
            level: heading.level,
            title: text.reading().get(heading.text.range()).unwrap_or_default(),
            href: format!("#p-{}", heading.block),
        })
        .collect()
}

fn source_part<'p>(source: &'p Source, site: &'p Site, original: Option<Original>) -> SourcePart<'p> {
    let front = &source.front;
    let language = source.language(&site.language);
    fn text(value: &Option<String>) -> &str {
        value.as_deref().unwrap_or_default()
    }
    fn date(value: &Option<Date>) -> &str {
        value.as_ref().map_or("", Date::as_str)
    }
    SourcePart {
        path: &source.path,
        title: &source.title,
        author: text(&front.author),
        date: date(&front.date),
        date_words: site.words.date(date(&front.date)),
        retrieved: date(&front.retrieved),
        retrieved_words: site.words.date(date(&front.retrieved)),
        url: text(&front.url),
        publisher: text(&front.publisher),
        licence: text(&front.licence),
        language,
        dir: direction(language),
        original,
        extra: &front.extra,
    }
}

/// The notes of a page, by where they are shown.
struct Placements<'p> {
    whole: Vec<NotePart<'p>>,
    groups: Vec<Group<'p>>,
    orphans: Vec<NotePart<'p>>,
}

/// Groups the notes by where they are shown: above the text, beside a top-level block, or among the orphans.
fn place_notes<'p>(reader: &'p Reader<'p>, site: &'p Site, bibliography: &'p Bibliography) -> Placements<'p> {
    let mut placements = Placements { whole: Vec::new(), groups: Vec::new(), orphans: Vec::new() };
    for (at, note) in reader.notes.iter().enumerate() {
        let neighbour = |index: Option<usize>| {
            index.and_then(|index| reader.notes.get(index)).map_or("", |other| other.parsed.id.as_str())
        };
        let mut part = note_part(reader, note, site, bibliography);
        part.previous_id = neighbour(at.checked_sub(1));
        part.next_id = neighbour(Some(at + 1));
        match (note.placement, note.passages.first()) {
            (Placement::Orphan, _) => placements.orphans.push(part),
            (_, None) => placements.whole.push(part),
            (_, Some(passage)) => {
                part.place = at + 1;
                let child = reader.text.block_at(passage.start).1;
                match placements.groups.last_mut() {
                    Some(group) if group.child == child => group.notes.push(part),
                    _ => placements.groups.push(Group { child, notes: vec![part] }),
                }
            }
        }
    }
    placements
}

fn note_part<'p>(
    reader: &'p Reader<'p>,
    note: &'p ReaderNote<'p>,
    site: &'p Site,
    bibliography: &'p Bibliography,
) -> NotePart<'p> {
    let parsed = note.parsed;
    let (kind, verdict) = (parsed.kind(site), parsed.verdict(site));
    let layer = reader.layers.get(note.layer);
    let date = parsed.date.as_ref().map(Date::as_str);
    NotePart {
        id: &parsed.id,
        number: &note.number,
        kind: kind.map_or("", |kind| &kind.id),
        kind_label: kind.map_or("", |kind| &kind.label),
        symbol: kind.map_or("", |kind| &kind.symbol),
        verdict: verdict.map_or("", |verdict| &verdict.id),
        verdict_label: verdict.map_or("", |verdict| &verdict.label),
        title: &note.title,
        title_text: &note.title_words,
        body: &note.body,
        works: &note.works,
        tone: parsed.tone(site).map_or("", Tone::as_str),
        attributes: attributes(note, site, layer.map_or("", |layer| &layer.name)),
        place: 0,
        passages: passages(reader, note),
        also: also(reader, note),
        guidelines: parsed
            .guidelines
            .iter()
            .map(|guideline| {
                let key = guideline.key.text.as_str();
                let stance = guideline.stance.as_deref().unwrap_or_default();
                GuidelinePart {
                    key,
                    id: work_anchor(key),
                    name: bibliography.work(key).map_or(key, |work| &work.title),
                    stance,
                    stance_label: site.stance_label(stance),
                    tone: Tone::of_stance(stance).map_or("", Tone::as_str),
                    subject: guideline.subject.as_deref().unwrap_or_default(),
                }
            })
            .collect(),
        tags: &parsed.tags,
        layer: layer.map_or("", |layer| &layer.name),
        author: layer.map_or("", |layer| &layer.author),
        audience: note.audience.unwrap_or_default(),
        about: parsed.about.map_or("", About::as_str),
        date: date.or(layer.map(|layer| layer.date.as_str())).unwrap_or_default(),
        updated: parsed.updated.as_ref().map_or("", Date::as_str),
        updated_words: site.words.date(parsed.updated.as_ref().map_or("", Date::as_str)),
        previous_id: "",
        next_id: "",
    }
}

/// The id and `data-` attributes of a note's element, as HTML.
fn attributes(note: &ReaderNote<'_>, site: &Site, layer: &str) -> String {
    let parsed = note.parsed;
    let kind = parsed.kind(site).map_or("", |kind| &kind.id);
    let tags = parsed.tags.join(" ");
    let mut out = String::with_capacity(256);
    out.extend(["id=\"note-", &parsed.id, "\""]);
    let always = [("note", parsed.id.as_str()), ("kind", kind), ("number", &note.number), ("layer", layer)];
    let optional = [
        ("verdict", parsed.verdict(site).map_or("", |verdict| &verdict.id)),
        ("tone", parsed.tone(site).map_or("", Tone::as_str)),
        ("tags", &tags),
        ("audience", note.audience.unwrap_or_default()),
        ("about", parsed.about.map_or("", About::as_str)),
    ];
    for (name, value) in always.into_iter().chain(optional.into_iter().filter(|(_, value)| !value.is_empty()))
    {
        out.extend([" data-", name, "=\""]);
        escape_attribute(&mut out, value);
        out.push('"');
    }
    out
}

fn passage_href(id: &str, index: usize) -> String {
    ["#", &encode_fragment(&passage_id(id, index))].concat()
}

/// The passages of a note; for an orphan, its quotes.
fn passages(reader: &Reader<'_>, note: &ReaderNote<'_>) -> Vec<PassagePart> {
    let unmatched =
        |quote: &Quote| PassagePart { href: String::new(), text: one_line(&quote.words), block: 0 };
    if note.placement == Placement::Orphan {
        return note.parsed.quotes.iter().map(unmatched).collect();
    }
    let matched = note.passages.iter().enumerate().map(|(index, passage)| PassagePart {
        href: passage_href(&note.parsed.id, index),
        text: one_line(reader.text.reading().get(passage.range()).unwrap_or_default()),
        block: reader.text.block_at(passage.start).0,
    });
    matched.chain(note.unmatched_quotes.iter().map(|quote| unmatched(quote))).collect()
}

/// The links to the passages of a note after the first.
fn also(reader: &Reader<'_>, note: &ReaderNote<'_>) -> Vec<Also> {
    let link = |(index, passage): (usize, &TextSpan)| Also {
        href: passage_href(&note.parsed.id, index),
        block: reader.text.block_at(passage.start).0,
    };
    note.passages.iter().enumerate().skip(1).map(link).collect()
}
