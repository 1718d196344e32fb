//! What templates receive: the contract of a theme, kept in `docs/theming.md`.
//!
//! Every value that a template may name is there, empty when nothing is known of it, since an
//! unknown name is an error in a template.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bibliography::{Bibliography, ListedWork, work_anchor};
use crate::path::relative;
use crate::prose::Prose;
use crate::reader::{NoteShown, Reader, Standing};
use crate::search;
use crate::site::{Kind, Site, label_of};
use crate::source::{Library, Source};
use crate::text::Text;
use crate::weave::passage_id;

/// More notes than this and the theme keeps to its plainest layout; see `docs/theming.md`.
const DENSE: usize = 100;

/// The edition, for all pages.
#[derive(Debug, Serialize)]
pub struct EditionPage<'p> {
    title: &'p str,
    description: &'p str,
    language: &'p str,
    dir: &'static str,
    authors: &'p [String],
    date: &'p str,
    version: &'p str,
    contact: &'p str,
    notice: &'p str,
    licence: &'p str,
    licence_url: Option<String>,
    base_url: &'p str,
    search: bool,
    kinds: &'p [Kind],
    pages: Vec<Target>,
    extra: &'p toml::Table,
}

/// Somewhere a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub href: String,
}

impl<'p> EditionPage<'p> {
    /// What all pages say of the edition; `pages` are its own pages, with their output files.
    pub fn new(site: &'p Site, pages: Vec<Target>) -> Self {
        Self {
            title: &site.title,
            description: &site.description,
            language: &site.language,
            dir: direction(&site.language),
            authors: &site.authors,
            date: site.date.as_deref().unwrap_or_default(),
            version: &site.version,
            contact: &site.contact,
            notice: &site.notice,
            licence: &site.licence,
            licence_url: licence_url(&site.licence),
            base_url: &site.base_url,
            search: site.search,
            kinds: &site.kinds,
            pages,
            extra: &site.extra,
        }
    }
}

/// The direction in which a language is written, by its primary subtag or its script.
pub fn direction(language: &str) -> &'static str {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
    let script = parts.find(|part| part.len() == 4).map(str::to_ascii_lowercase);
    let right_to_left = match script.as_deref() {
        Some("arab" | "hebr" | "thaa" | "syrc" | "nkoo" | "adlm" | "rohg") => true,
        Some(_) => false,
        None => matches!(
            primary.as_str(),
            "ar" | "he" | "iw" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb"
        ),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

/// The deed of a Creative Commons licence named by its SPDX id.
fn licence_url(licence: &str) -> Option<String> {
    let rest = licence.strip_prefix("CC")?;
    if rest.starts_with("0-") {
        return Some("https://creativecommons.org/publicdomain/zero/1.0/".to_owned());
    }
    let (terms, version) = rest.strip_prefix('-')?.rsplit_once('-')?;
    Some(format!("https://creativecommons.org/licenses/{}/{version}/", terms.to_ascii_lowercase()))
}

/// The page itself.
#[derive(Debug, Serialize)]
pub struct PageHead<'p> {
    /// Its title.
    pub title: &'p str,
    /// A sentence about it.
    pub description: String,
    /// `home`, `reader`, `page` or `search`.
    pub kind: &'static str,
    /// Its address on the web, or nothing.
    pub canonical: String,
    /// The language of the page.
    pub language: &'p str,
}

/// How often each finding of a kind was made.
#[derive(Debug, Clone, Serialize)]
pub struct Count<'p> {
    kind: &'p str,
    label: &'p str,
    plural: &'p str,
    symbol: &'p str,
    count: usize,
    verdicts: Vec<VerdictCount<'p>>,
    lane: String,
}

#[derive(Debug, Clone, Serialize)]
struct VerdictCount<'p> {
    id: &'p str,
    label: &'p str,
    count: usize,
}

/// Where a passage falls in the whole text.
#[derive(Debug, Clone, Serialize)]
pub struct MapEntry {
    id: String,
    number: String,
    kind: String,
    verdict: String,
    start: String,
    end: String,
}

/// What the pages that list texts show of one.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The text's path.
    pub path: String,
    /// How often each kind and verdict stands there; the verdict is empty where a note has none.
    pub findings: BTreeMap<(String, String), usize>,
    /// How many notes there are.
    pub notes: usize,
    /// Where the notes of each kind fall, as the path of a drawing 100 wide and 10 high.
    pub lanes: BTreeMap<String, String>,
    /// The first lines of the preface.
    pub preface: String,
}

impl Summary {
    /// What is to be kept of a reader when its page is done.
    pub fn of(reader: &Reader<'_>) -> Self {
        let mut findings: BTreeMap<(String, String), usize> = BTreeMap::new();
        for shown in &reader.notes {
            let key = (shown.note.kind.clone(), shown.note.verdict.clone().unwrap_or_default());
            *findings.entry(key).or_insert(0) += 1;
        }
        let preface = reader.layers.iter().find(|layer| !layer.preface_words.trim().is_empty());
        Self {
            path: reader.source.path.clone(),
            notes: reader.notes.len(),
            lanes: lanes(reader),
            preface: preface.map(|layer| first_words(&layer.preface_words)).unwrap_or_default(),
            findings,
        }
    }

    fn counts<'p>(&self, site: &'p Site) -> Vec<Count<'p>> {
        let of = |kind: &str, verdict: &str| {
            self.findings.get(&(kind.to_owned(), verdict.to_owned())).copied().unwrap_or(0)
        };
        site.kinds
            .iter()
            .map(|kind| {
                let verdicts: Vec<VerdictCount<'p>> = kind
                    .verdicts
                    .iter()
                    .map(|verdict| VerdictCount {
                        id: &verdict.id,
                        label: &verdict.label,
                        count: of(&kind.id, &verdict.id),
                    })
                    .filter(|verdict| verdict.count > 0)
                    .collect();
                let count = of(&kind.id, "") + verdicts.iter().map(|verdict| verdict.count).sum::<usize>();
                Count {
                    kind: &kind.id,
                    label: &kind.label,
                    plural: &kind.plural,
                    symbol: &kind.symbol,
                    count,
                    verdicts,
                    lane: self.lanes.get(&kind.id).cloned().unwrap_or_default(),
                }
            })
            .filter(|count| count.count > 0)
            .collect()
    }
}

/// About the first forty words, up to the end of a sentence if there is one.
fn first_words(words: &str) -> String {
    const ENOUGH: usize = 280;
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= ENOUGH {
        return line;
    }
    let cut = crate::span::floor_char_boundary(&line, ENOUGH);
    match line[..cut].rfind(". ") {
        Some(end) if end > ENOUGH / 3 => line[..=end].to_owned(),
        _ => format!("{}…", line[..cut].rsplit_once(' ').map_or(&line[..cut], |(kept, _)| kept)),
    }
}

/// Hundredths of a percent, without floating point: the same on every machine.
fn percent(at: usize, length: usize) -> String {
    let hundredths = at.saturating_mul(10_000) / length.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn map(reader: &Reader<'_>) -> Vec<MapEntry> {
    let length = reader.text.reading().len();
    let mut entries = Vec::new();
    for shown in &reader.notes {
        for passage in &shown.passages {
            entries.push(MapEntry {
                id: shown.note.id.clone(),
                number: shown.number.clone(),
                kind: shown.note.kind.clone(),
                verdict: shown.note.verdict.clone().unwrap_or_default(),
                start: percent(passage.start, length),
                end: percent(passage.end, length),
            });
        }
    }
    entries
}

fn lanes(reader: &Reader<'_>) -> BTreeMap<String, String> {
    let length = reader.text.reading().len();
    let mut lanes: BTreeMap<String, String> = BTreeMap::new();
    for shown in &reader.notes {
        let lane = lanes.entry(shown.note.kind.clone()).or_default();
        for passage in &shown.passages {
            let (start, end) = (percent(passage.start, length), percent(passage.end, length));
            lane.push_str(&format!("M{start} 0V10H{end}V0z"));
        }
    }
    lanes
}

/// A reader page.
#[derive(Debug, Serialize)]
pub struct ReaderPage<'p> {
    root: String,
    page: PageHead<'p>,
    source: SourcePart<'p>,
    text: &'p str,
    contents: Vec<Contents<'p>>,
    layers: Vec<LayerPart<'p>>,
    groups: Vec<Group<'p>>,
    orphans: Vec<NotePart<'p>>,
    works: Vec<WorkPart<'p>>,
    counts: Vec<Count<'p>>,
    note_count: usize,
    dense: bool,
    children: usize,
    previous: Option<Target>,
    next: Option<Target>,
    map: Vec<MapEntry>,
    jsonld: &'static str,
    layout: &'static str,
}

#[derive(Debug, Serialize)]
struct SourcePart<'p> {
    path: &'p str,
    title: &'p str,
    author: &'p str,
    date: &'p str,
    retrieved: &'p str,
    url: &'p str,
    publisher: &'p str,
    licence: &'p str,
    language: &'p str,
    dir: &'static str,
    original: Option<Original>,
    extra: &'p toml::Table,
}

/// A text as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Original {
    /// Its address from the page.
    pub href: String,
    /// Its file's name.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

#[derive(Debug, Serialize)]
struct Contents<'p> {
    level: u8,
    title: &'p str,
    href: String,
}

#[derive(Debug, Serialize)]
struct LayerPart<'p> {
    name: &'p str,
    author: &'p str,
    date: &'p str,
    preface: &'p str,
}

#[derive(Debug, Serialize)]
struct Group<'p> {
    child: usize,
    notes: Vec<NotePart<'p>>,
}

#[derive(Debug, Serialize)]
struct WorkPart<'p> {
    key: &'p str,
    id: String,
    label: &'p str,
    html: &'p str,
}

#[derive(Debug, Serialize)]
struct NotePart<'p> {
    id: &'p str,
    number: &'p str,
    kind: &'p str,
    kind_label: &'p str,
    symbol: &'p str,
    verdict: &'p str,
    verdict_label: &'p str,
    title: &'p str,
    title_text: &'p str,
    body: &'p str,
    works: &'p str,
    passages: Vec<PassagePart>,
    guidelines: Vec<GuidelinePart<'p>>,
    tags: &'p [String],
    layer: &'p str,
    author: &'p str,
    audience: &'p str,
    about: &'static str,
    date: &'p str,
    updated: &'p str,
    previous_id: &'p str,
    next_id: &'p str,
}

#[derive(Debug, Serialize)]
struct PassagePart {
    href: String,
    text: String,
    block: usize,
}

#[derive(Debug, Serialize)]
struct GuidelinePart<'p> {
    key: &'p str,
    id: String,
    name: &'p str,
    stance: &'p str,
    stance_label: String,
    subject: &'p str,
}

/// What a reader page needs besides its reader.
pub struct Surroundings<'p> {
    /// What `site.toml` says.
    pub site: &'p Site,
    /// All texts.
    pub library: &'p Library,
    /// All works.
    pub bibliography: &'p Bibliography,
    /// The place of the text among all.
    pub index: usize,
    /// The text as it was received, if that is kept.
    pub original: Option<Original>,
    /// What the pages that list texts show of it.
    pub summary: &'p Summary,
}

impl<'p> ReaderPage<'p> {
    /// The page of `reader`.
    pub fn new(reader: &'p Reader<'p>, around: Surroundings<'p>) -> Self {
        let Surroundings { site, library, bibliography, index, original, summary } = around;
        let (previous, next) = library.neighbours(index);
        let page = reader.source.page();
        let target =
            |source: &Source| Target { title: source.title.clone(), href: relative(&page, &source.page()) };
        let (groups, orphans) = groups(reader, site, bibliography);
        Self {
            root: root(&page),
            page: PageHead {
                title: &reader.source.title,
                description: description(reader, site),
                kind: "reader",
                canonical: canonical(site, &page),
                language: &site.language,
            },
            source: source_part(reader.source, site, original),
            text: &reader.html,
            contents: contents(reader.text),
            layers: reader
                .layers
                .iter()
                .map(|l| LayerPart { name: &l.name, author: &l.author, date: &l.date, preface: &l.preface })
                .collect(),
            orphans,
            works: works(&reader.works),
            counts: summary.counts(site),
            note_count: reader.notes.len(),
            dense: reader.notes.len() > DENSE,
            children: reader.text.html.blocks.last().map_or(0, |block| block.child),
            previous: previous.map(target),
            next: next.map(target),
            map: map(reader),
            jsonld: crate::export::annotations::FILE,
            layout: LAYOUT,
            groups,
        }
    }
}

/// The stylesheet beside each reader page.
pub const LAYOUT: &str = "layout.css";

fn works(listed: &[ListedWork]) -> Vec<WorkPart<'_>> {
    listed
        .iter()
        .map(|work| WorkPart {
            key: &work.key,
            id: work_anchor(&work.key),
            label: work.label.as_deref().unwrap_or_default(),
            html: &work.html,
        })
        .collect()
}

/// `../` for each folder that a page stands in.
fn root(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

fn canonical(site: &Site, page: &str) -> String {
    if site.base_url.is_empty() {
        return String::new();
    }
    let address = relative("", page);
    format!("{}{}", site.base_url, address.strip_suffix("index.html").unwrap_or(&address))
}

fn description(reader: &Reader<'_>, site: &Site) -> String {
    let notes = reader.notes.len();
    format!("{}, with {notes} critical notes. {}", reader.source.title, site.title)
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
    let language = front.language.as_deref().unwrap_or(&site.language);
    fn text(value: &Option<String>) -> &str {
        value.as_deref().unwrap_or_default()
    }
    fn date(value: &Option<crate::date::Date>) -> &str {
        value.as_ref().map_or("", crate::date::Date::as_str)
    }
    SourcePart {
        path: &source.path,
        title: &source.title,
        author: text(&front.author),
        date: date(&front.date),
        retrieved: date(&front.retrieved),
        url: text(&front.url),
        publisher: text(&front.publisher),
        licence: text(&front.licence),
        language,
        dir: direction(language),
        original,
        extra: &front.extra,
    }
}

/// The notes by the part of the text that their first passage begins in, and those without a place.
fn groups<'p>(
    reader: &'p Reader<'p>,
    site: &'p Site,
    bibliography: &'p Bibliography,
) -> (Vec<Group<'p>>, Vec<NotePart<'p>>) {
    let mut groups: Vec<Group<'p>> = Vec::new();
    let mut orphans = Vec::new();
    for (at, shown) in reader.notes.iter().enumerate() {
        let neighbour = |index: Option<usize>| {
            index.and_then(|index| reader.notes.get(index)).map_or("", |other| other.note.id.as_str())
        };
        let mut part = note_part(reader, shown, site, bibliography);
        part.previous_id = neighbour(at.checked_sub(1));
        part.next_id = neighbour(Some(at + 1));
        if shown.standing == Standing::Orphan {
            orphans.push(part);
            continue;
        }
        let child = shown.passages.first().map_or(0, |passage| reader.text.block_at(passage.start).1);
        match groups.last_mut() {
            Some(group) if group.child == child => group.notes.push(part),
            _ => groups.push(Group { child, notes: vec![part] }),
        }
    }
    (groups, orphans)
}

fn note_part<'p>(
    reader: &'p Reader<'p>,
    shown: &'p NoteShown<'p>,
    site: &'p Site,
    bibliography: &'p Bibliography,
) -> NotePart<'p> {
    let note = shown.note;
    let kind = site.kind(&note.kind);
    let verdict = note.verdict.as_deref().unwrap_or_default();
    let layer = reader.layers.get(shown.layer);
    let date = note.date.as_ref().map(crate::date::Date::as_str);
    NotePart {
        id: &note.id,
        number: &shown.number,
        kind: &note.kind,
        kind_label: kind.map_or("", |kind| &kind.label),
        symbol: kind.map_or("", |kind| &kind.symbol),
        verdict,
        verdict_label: kind.and_then(|kind| kind.verdict(verdict)).map_or("", |verdict| &verdict.label),
        title: &shown.title,
        title_text: &shown.title_words,
        body: &shown.body,
        works: &shown.works,
        passages: passages(reader, shown),
        guidelines: note
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
                    stance_label: label_of(stance),
                    subject: guideline.subject.as_deref().unwrap_or_default(),
                }
            })
            .collect(),
        tags: &note.tags,
        layer: layer.map_or("", |layer| &layer.name),
        author: layer.map_or("", |layer| &layer.author),
        audience: shown.audience.unwrap_or_default(),
        about: note.about.map_or("", crate::layer::About::as_str),
        date: date.or(layer.map(|layer| layer.date.as_str())).unwrap_or_default(),
        updated: note.updated.as_ref().map_or("", crate::date::Date::as_str),
        previous_id: "",
        next_id: "",
    }
}

/// The passages of a note as it shows them; an orphan shows the words that it quotes.
fn passages(reader: &Reader<'_>, shown: &NoteShown<'_>) -> Vec<PassagePart> {
    let line = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ");
    if shown.standing == Standing::Orphan {
        let quotes = shown.note.quotes.iter();
        return quotes
            .map(|quote| PassagePart { href: String::new(), text: line(&quote.words), block: 0 })
            .collect();
    }
    shown
        .passages
        .iter()
        .enumerate()
        .map(|(index, passage)| PassagePart {
            href: format!("#{}", crate::text::encode_fragment(&passage_id(&shown.note.id, index))),
            text: line(reader.text.reading().get(passage.range()).unwrap_or_default()),
            block: reader.text.block_at(passage.start).0,
        })
        .collect()
}

/// The home page.
#[derive(Debug, Serialize)]
pub struct HomePage<'p> {
    root: String,
    page: PageHead<'p>,
    introduction: &'p str,
    texts: Vec<TextEntry<'p>>,
    pager: Pager,
}

/// Which of several pages of a list this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pager {
    number: usize,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

/// How many entries a page of a list has at most.
pub const LISTED: usize = 100;

/// The output file of page `number`, from 1, of the list of texts.
pub fn home_page(number: usize) -> String {
    if number <= 1 { "index.html".to_owned() } else { format!("texts/{number}/index.html") }
}

#[derive(Debug, Serialize)]
struct TextEntry<'p> {
    title: &'p str,
    href: String,
    author: &'p str,
    date: &'p str,
    publisher: &'p str,
    description: &'p str,
    note_count: usize,
    counts: Vec<Count<'p>>,
    preface: &'p str,
}

impl<'p> HomePage<'p> {
    /// Page `number`, from 1, of the home page, which lists the texts [`LISTED`] at a time.
    pub fn new(
        site: &'p Site,
        library: &'p Library,
        introduction: &'p str,
        summaries: &'p [Summary],
        number: usize,
    ) -> Self {
        let page = home_page(number);
        let total = summaries.len().div_ceil(LISTED).max(1);
        let texts = summaries
            .iter()
            .skip((number - 1) * LISTED)
            .take(LISTED)
            .filter_map(|summary| library.source(&summary.path).map(|source| (source, summary)))
            .map(|(source, summary)| TextEntry {
                title: &source.title,
                href: relative(&page, &source.page()),
                author: source.front.author.as_deref().unwrap_or_default(),
                date: source.front.date.as_ref().map_or("", crate::date::Date::as_str),
                publisher: source.front.publisher.as_deref().unwrap_or_default(),
                description: "",
                note_count: summary.notes,
                counts: summary.counts(site),
                preface: &summary.preface,
            })
            .collect();
        let other = |other: usize| relative(&page, &home_page(other));
        Self {
            root: root(&page),
            page: PageHead {
                title: &site.title,
                description: site.description.clone(),
                kind: "home",
                canonical: canonical(site, &page),
                language: &site.language,
            },
            introduction: if number == 1 { introduction } else { "" },
            texts,
            pager: Pager {
                number,
                total,
                previous: (number > 1).then(|| other(number - 1)),
                next: (number < total).then(|| other(number + 1)),
            },
        }
    }
}

/// A page of the edition's own.
#[derive(Debug, Serialize)]
pub struct ProsePage<'p> {
    root: String,
    page: PageHead<'p>,
    title: &'p str,
    content: &'p str,
    works: Vec<WorkPart<'p>>,
    extra: &'p toml::Table,
}

impl<'p> ProsePage<'p> {
    /// The page that `prose` says.
    pub fn new(site: &'p Site, prose: &'p Prose) -> Self {
        Self {
            root: root(&prose.page),
            page: PageHead {
                title: &prose.title,
                description: prose.front.description.clone(),
                kind: "page",
                canonical: canonical(site, &prose.page),
                language: &site.language,
            },
            title: &prose.title,
            content: &prose.html,
            works: works(&prose.works),
            extra: &prose.front.extra,
        }
    }
}

/// The page that searches the site.
#[derive(Debug, Serialize)]
pub struct SearchPage<'p> {
    root: String,
    page: PageHead<'p>,
    title: &'p str,
    registers: &'p [Target],
    data: &'static str,
}

impl<'p> SearchPage<'p> {
    /// The page, titled `title`; `registers` are pages that list what the site holds, with their output files.
    pub fn new(site: &'p Site, title: &'p str, registers: &'p [Target]) -> Self {
        Self {
            root: root(search::PAGE),
            page: PageHead {
                title,
                description: String::new(),
                kind: "search",
                canonical: canonical(site, search::PAGE),
                language: &site.language,
            },
            title,
            registers,
            data: search::FOLDER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_a_direction() {
        assert_eq!(
            ["en", "ar", "he-IL", "az-Arab", "ar-Latn"].map(direction),
            ["ltr", "rtl", "rtl", "rtl", "ltr"]
        );
    }

    #[test]
    fn a_licence_has_its_deed() {
        assert_eq!(licence_url("CC-BY-4.0").as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
        assert_eq!(licence_url("all rights reserved"), None);
    }

    #[test]
    fn first_words_end_with_a_sentence() {
        let long = format!("{} end. {}", "word ".repeat(30).trim(), "more ".repeat(60));
        assert!(first_words(&long).ends_with("end."));
        assert_eq!(first_words("short\none"), "short one");
    }
}
