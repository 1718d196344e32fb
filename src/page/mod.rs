//! What templates receive: the contract of a theme, kept in `docs/theming.md`.
//!
//! Every value that a template may name is there, empty when nothing is known of it, since an
//! unknown name is an error in a template.

mod guideline;
mod home;
mod list;
mod register;
mod search;
mod work;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

pub use self::guideline::{GUIDELINES, GuidelinesPage, columns};
pub use self::home::{HomePage, SectionPage, SectionParts, Sections, home_page};
pub use self::list::{Across, ItemPage, LISTED, WORKS, list_page, pages_of, work_folder};
pub use self::register::{Register, RegisterPage, register_folder};
pub use self::search::SearchPage;
pub use self::work::{Spoken, WorkPage, WorksPage};
use crate::bibliography::{Bibliography, ListedWork, work_anchor};
use crate::diagnostics::TextSpan;
use crate::export::{feed, schema};
use crate::html::escape_attribute;
use crate::names::path::relative;
use crate::notes::Quote;
use crate::reader::site_page::Prose;
use crate::reader::weave::passage_id;
use crate::reader::{DENSE, NoteShown, Reader, Standing};
use crate::site::{Kind, Site, licence_url};
use crate::text::Text;
use crate::text::library::{Library, Source};

/// The fewest rows that a stylesheet for the layout of reader pages has.
const ROWS: usize = 64;

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
    registers: Vec<Target>,
    works: String,
    guidelines: String,
    feed: &'static str,
    extra: &'p toml::Table,
}

/// Which pages across texts a site has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// For each of the site's kinds, whether there is a note of it.
    pub kinds: Vec<bool>,
    /// Whether there are works.
    pub works: bool,
    /// Whether any note speaks of a guideline.
    pub guidelines: bool,
}

/// Somewhere a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// What it is called.
    pub title: String,
    /// Its address.
    pub href: String,
}

impl Present {
    /// The kinds of which there are notes.
    pub fn kinds<'s>(&self, site: &'s Site) -> impl Iterator<Item = &'s Kind> {
        site.kinds.iter().zip(&self.kinds).filter(|(_, present)| **present).map(|(kind, _)| kind)
    }
}

impl<'p> EditionPage<'p> {
    /// What all pages say of the edition; `pages` are its own pages, with their output files.
    pub fn new(site: &'p Site, pages: Vec<Target>, present: &Present) -> Self {
        let if_there = |there: bool, folder: &str| if there { list_page(folder, 1) } else { String::new() };
        Self {
            registers: present
                .kinds(site)
                .map(|kind| Target { title: kind.plural.clone(), href: list_page(&kind.register, 1) })
                .collect(),
            works: if_there(present.works, WORKS),
            guidelines: if_there(present.guidelines, guideline::GUIDELINES),
            feed: if site.base_url.is_empty() { "" } else { feed::FILE },
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
    let primary = parts.next().unwrap_or_default();
    let script = parts.find(|part| part.len() == 4);
    let any = |of: &[&str], part: &str| of.iter().any(|known| part.eq_ignore_ascii_case(known));
    let right_to_left = match script {
        Some(script) => any(&["arab", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg"], script),
        None => any(&["ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"], primary),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

/// The page itself.
#[derive(Debug, Serialize)]
pub struct PageHead<'p> {
    /// Its title.
    pub title: String,
    /// A sentence about it.
    pub description: String,
    /// `home`, `section`, `reader`, `register`, `works`, `work`, `guidelines`, `search` or `page`.
    pub kind: &'static str,
    /// Its address on the web, or nothing.
    pub canonical: String,
    /// The first page of the list that it is part of, or the page itself, as `edition` names it.
    pub within: String,
    /// The language of the page.
    pub language: &'p str,
    /// What it is, as schema.org in JSON-LD that is safe in a script element; or nothing.
    pub schema: String,
    /// The feed of its notes, from the page, or nothing.
    pub feed: &'static str,
}

impl<'p> PageHead<'p> {
    /// A page of which only its kind, title and output file are known.
    fn of(kind: &'static str, title: String, site: &'p Site, page: &str) -> Self {
        Self {
            title,
            description: site.description.clone(),
            kind,
            canonical: canonical(site, page),
            within: page.split_once('/').map_or(page.to_owned(), |(folder, _)| list_page(folder, 1)),
            language: &site.language,
            schema: String::new(),
            feed: "",
        }
    }
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
    spread: Vec<usize>,
}

#[derive(Debug, Clone, Serialize)]
struct VerdictCount<'p> {
    id: &'p str,
    label: &'p str,
    count: usize,
}

/// Where a passage falls in the whole text.
#[derive(Debug, Clone, Serialize)]
pub struct MapEntry<'p> {
    id: &'p str,
    number: &'p str,
    verdict: &'p str,
    href: String,
    path: String,
}

/// What the pages that list texts show of one.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The text's path.
    pub path: String,
    /// How often each kind and verdict stands there, by their places in `site.toml`.
    pub findings: BTreeMap<(u16, Option<u16>), usize>,
    /// How many notes there are.
    pub notes: usize,
    /// Where the notes of each kind fall, as the path of a drawing 100 wide and 10 high.
    pub lanes: Vec<String>,
    /// How many passages of each kind begin in each quarter of the text.
    pub spreads: Vec<[usize; 4]>,
    /// The newest date of a note, if any has one.
    pub newest: Option<String>,
    /// The first lines of the preface.
    pub preface: String,
}

impl Summary {
    /// What is to be kept of a reader when its page is done.
    pub fn of(reader: &Reader<'_>, site: &Site) -> Self {
        let preface = reader.layers.iter().find(|layer| !layer.preface_words.trim().is_empty());
        let mut made = Self {
            path: reader.source.path.clone(),
            notes: reader.notes.len(),
            findings: BTreeMap::new(),
            lanes: vec![String::new(); site.kinds.len()],
            spreads: vec![[0; 4]; site.kinds.len()],
            newest: newest(reader),
            preface: preface.map(|layer| first_words(&layer.preface_words)).unwrap_or_default(),
        };
        let length = reader.text.reading().len();
        for shown in &reader.notes {
            // A note of no kind was reported.
            let Some((at, kind)) = (0..).zip(&site.kinds).find(|(_, kind)| kind.id == shown.note.kind) else {
                continue;
            };
            let verdict = shown.note.verdict.as_deref();
            let verdict = (0..).zip(&kind.verdicts).find(|(_, known)| Some(known.id.as_str()) == verdict);
            *made.findings.entry((at, verdict.map(|(at, _)| at))).or_insert(0) += 1;
            let at = usize::from(at);
            for passage in &shown.passages {
                if let Some(lane) = made.lanes.get_mut(at) {
                    draw(lane, *passage, length);
                }
                let quarter = (passage.start.saturating_mul(4) / length.max(1)).min(3);
                if let Some(count) = made.spreads.get_mut(at).and_then(|spread| spread.get_mut(quarter)) {
                    *count += 1;
                }
            }
        }
        made
    }

    fn counts<'p>(&self, site: &'p Site) -> Vec<Count<'p>> {
        let of = |kind: u16, verdict: Option<u16>| self.findings.get(&(kind, verdict)).copied().unwrap_or(0);
        (0..)
            .zip(&site.kinds)
            .map(|(at, kind)| {
                let verdicts: Vec<VerdictCount<'p>> = (0..)
                    .zip(&kind.verdicts)
                    .map(|(verdict, known)| VerdictCount {
                        id: &known.id,
                        label: &known.label,
                        count: of(at, Some(verdict)),
                    })
                    .filter(|verdict| verdict.count > 0)
                    .collect();
                let spread = self.spreads.get(usize::from(at)).filter(|spread| **spread != [0; 4]);
                Count {
                    kind: &kind.id,
                    label: &kind.label,
                    plural: &kind.plural,
                    symbol: &kind.symbol,
                    count: of(at, None) + verdicts.iter().map(|verdict| verdict.count).sum::<usize>(),
                    verdicts,
                    lane: self.lanes.get(usize::from(at)).cloned().unwrap_or_default(),
                    spread: spread.map(|spread| spread.to_vec()).unwrap_or_default(),
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
    let cut = crate::diagnostics::floor_char_boundary(&line, ENOUGH);
    match line[..cut].rfind(". ") {
        Some(end) if end > ENOUGH / 3 => line[..=end].to_owned(),
        _ => format!("{}…", line[..cut].rsplit_once(' ').map_or(&line[..cut], |(kept, _)| kept)),
    }
}

/// Draws a passage in a drawing of the whole text, 100 wide and 10 high. In hundredths of a percent, without floating
/// point: the same on every machine.
fn draw(out: &mut String, passage: TextSpan, length: usize) {
    let [start, end] = [passage.start, passage.end].map(|at| at.saturating_mul(10_000) / length.max(1));
    let path = format_args!("M{}.{:02} 0V10H{}.{:02}V0z", start / 100, start % 100, end / 100, end % 100);
    out.write_fmt(path).expect("writing to a string cannot fail");
}

/// Where the passages of each kind of note fall.
fn map<'r>(reader: &'r Reader<'_>) -> BTreeMap<&'r str, Vec<MapEntry<'r>>> {
    let length = reader.text.reading().len();
    let mut kinds: BTreeMap<&str, Vec<MapEntry<'r>>> = BTreeMap::new();
    for shown in &reader.notes {
        let lane = kinds.entry(&shown.note.kind).or_default();
        for (index, passage) in shown.passages.iter().enumerate() {
            let mut path = String::with_capacity(24);
            draw(&mut path, *passage, length);
            lane.push(MapEntry {
                id: &shown.note.id,
                number: &shown.number,
                verdict: shown.note.verdict.as_deref().unwrap_or_default(),
                href: passage_href(&shown.note.id, index),
                path,
            });
        }
    }
    kinds
}

fn newest(reader: &Reader<'_>) -> Option<String> {
    let of_note = |shown: &NoteShown<'_>| {
        let own = shown.note.updated.as_ref().or(shown.note.date.as_ref());
        own.map(|date| date.as_str().to_owned())
            .or_else(|| reader.layers.get(shown.layer).map(|layer| layer.date.clone()))
    };
    reader.notes.iter().filter_map(of_note).filter(|date| !date.is_empty()).max()
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
    whole: Vec<NotePart<'p>>,
    groups: Vec<Group<'p>>,
    orphans: Vec<NotePart<'p>>,
    works: Vec<WorkPart<'p>>,
    counts: Vec<Count<'p>>,
    note_count: usize,
    dense: bool,
    previous: Option<Neighbour<'p>>,
    next: Option<Neighbour<'p>>,
    map: BTreeMap<&'p str, Vec<MapEntry<'p>>>,
    jsonld: &'static str,
    layout: String,
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
    /// Its address from the page; a web page that was received is not published.
    pub href: Option<String>,
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

/// The text before or after this one.
#[derive(Debug, Serialize)]
struct Neighbour<'p> {
    title: &'p str,
    href: String,
    language: &'p str,
    dir: &'static str,
}

#[derive(Debug, Serialize)]
struct Group<'p> {
    child: usize,
    notes: Vec<NotePart<'p>>,
}

#[derive(Debug, Serialize)]
struct NoteLink<'p> {
    number: &'p str,
    href: String,
}

#[derive(Debug, Serialize)]
struct WorkPart<'p> {
    key: &'p str,
    id: String,
    label: &'p str,
    html: &'p str,
    href: String,
    notes: Vec<NoteLink<'p>>,
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
    excerpt: String,
    attributes: String,
    place: usize,
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
    /// All works for search engines, by their places in the bibliography.
    pub citations: &'p [String],
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
        let Surroundings { site, library, bibliography, citations, index, original, summary } = around;
        let (previous, next) = library.neighbours(index);
        let page = reader.source.page();
        let neighbour = |source: &'p Source| {
            let language = source.language(&site.language);
            let (title, href) = (&source.title, relative(&page, &source.page()));
            Neighbour { title, href, language, dir: direction(language) }
        };
        let Standings { whole, groups, orphans } = standings(reader, site, bibliography);
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
                .map(|l| LayerPart { name: &l.name, author: &l.author, date: &l.date, preface: &l.preface })
                .collect(),
            whole,
            groups,
            orphans,
            works: works(&reader.works, &page, bibliography, &reader.notes),
            counts: summary.counts(site),
            note_count: reader.notes.len(),
            dense: reader.notes.len() > DENSE,
            previous: previous.map(neighbour),
            next: next.map(neighbour),
            map: map(reader),
            jsonld: crate::export::annotations::FILE,
            layout: format!("{}{}", root(&page), layout_file(layout_rows(reader.text))),
        }
    }
}

/// How many rows the stylesheet for the layout of a text has: a power of two, so that texts of about the same
/// length share one.
pub fn layout_rows(text: &Text) -> usize {
    let children = text.html.blocks.last().map_or(0, |block| block.child);
    children.max(ROWS).next_power_of_two()
}

/// The stylesheet for the layout of texts of up to `rows` parts.
pub fn layout_file(rows: usize) -> String {
    format!("{}/layout-{rows}.css", crate::names::path::THEME)
}

/// What the template of a layout stylesheet receives.
#[derive(Debug, Serialize)]
pub struct LayoutPage {
    rows: usize,
    notes: usize,
}

impl LayoutPage {
    /// The layout of texts of up to `rows` parts.
    pub fn new(rows: usize) -> Self {
        Self { rows, notes: DENSE }
    }
}

/// The works of a page, with the notes that name them.
fn works<'p>(
    listed: &'p [ListedWork],
    page: &str,
    bibliography: &Bibliography,
    notes: &'p [NoteShown<'p>],
) -> Vec<WorkPart<'p>> {
    let naming = naming(notes);
    let href = |key: &str| {
        let work = bibliography.work(key);
        work.map(|work| relative(page, &list::work_page(work))).unwrap_or_default()
    };
    listed
        .iter()
        .map(|work| WorkPart {
            key: &work.key,
            id: work_anchor(&work.key),
            label: work.label.as_deref().unwrap_or_default(),
            html: &work.html,
            href: href(&work.key),
            notes: naming
                .get(work.key.as_str())
                .into_iter()
                .flatten()
                .map(|shown| NoteLink { number: &shown.number, href: ["#note-", &shown.note.id].concat() })
                .collect(),
        })
        .collect()
}

/// The notes that name each work, by its key: in their bodies or in their headings.
fn naming<'p>(notes: &'p [NoteShown<'p>]) -> BTreeMap<&'p str, Vec<&'p NoteShown<'p>>> {
    let mut naming: BTreeMap<&str, Vec<&NoteShown<'_>>> = BTreeMap::new();
    for shown in notes {
        let means = shown.note.works.iter().map(|work| work.text.as_str());
        let guidelines = shown.note.guidelines.iter().map(|guideline| guideline.key.text.as_str());
        let cites = shown.cites.iter().map(|cited| cited.key.as_str());
        for key in means.chain(guidelines).chain(cites) {
            let naming = naming.entry(key).or_default();
            if !naming.last().is_some_and(|last| std::ptr::eq(*last, shown)) {
                naming.push(shown);
            }
        }
    }
    naming
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
    fn date(value: &Option<crate::site::date::Date>) -> &str {
        value.as_ref().map_or("", crate::site::date::Date::as_str)
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

/// The notes of a page by where they stand.
struct Standings<'p> {
    whole: Vec<NotePart<'p>>,
    groups: Vec<Group<'p>>,
    orphans: Vec<NotePart<'p>>,
}

fn standings<'p>(reader: &'p Reader<'p>, site: &'p Site, bibliography: &'p Bibliography) -> Standings<'p> {
    let mut standings = Standings { whole: Vec::new(), groups: Vec::new(), orphans: Vec::new() };
    for (at, shown) in reader.notes.iter().enumerate() {
        let neighbour = |index: Option<usize>| {
            index.and_then(|index| reader.notes.get(index)).map_or("", |other| other.note.id.as_str())
        };
        let mut part = note_part(reader, shown, site, bibliography);
        part.previous_id = neighbour(at.checked_sub(1));
        part.next_id = neighbour(Some(at + 1));
        match (shown.standing, shown.passages.first()) {
            (Standing::Orphan, _) => standings.orphans.push(part),
            (_, None) => standings.whole.push(part),
            (_, Some(passage)) => {
                part.place = at + 1;
                let child = reader.text.block_at(passage.start).1;
                match standings.groups.last_mut() {
                    Some(group) if group.child == child => group.notes.push(part),
                    _ => standings.groups.push(Group { child, notes: vec![part] }),
                }
            }
        }
    }
    standings
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
    let date = note.date.as_ref().map(crate::site::date::Date::as_str);
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
        excerpt: excerpt(&shown.body_words),
        attributes: attributes(shown, layer.map_or("", |layer| &layer.name)),
        place: 0,
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
                    stance_label: site.stance_label(stance),
                    subject: guideline.subject.as_deref().unwrap_or_default(),
                }
            })
            .collect(),
        tags: &note.tags,
        layer: layer.map_or("", |layer| &layer.name),
        author: layer.map_or("", |layer| &layer.author),
        audience: shown.audience.unwrap_or_default(),
        about: note.about.map_or("", crate::notes::About::as_str),
        date: date.or(layer.map(|layer| layer.date.as_str())).unwrap_or_default(),
        updated: note.updated.as_ref().map_or("", crate::site::date::Date::as_str),
        previous_id: "",
        next_id: "",
    }
}

/// The attributes that programs know a note by, ready to stand in its tag.
fn attributes(shown: &NoteShown<'_>, layer: &str) -> String {
    let note = shown.note;
    let tags = note.tags.join(" ");
    let mut out = String::with_capacity(256);
    out.extend(["id=\"note-", &note.id, "\""]);
    let known =
        [("note", note.id.as_str()), ("kind", &note.kind), ("number", &shown.number), ("layer", layer)];
    let more = [
        ("verdict", note.verdict.as_deref().unwrap_or_default()),
        ("tags", &tags),
        ("audience", shown.audience.unwrap_or_default()),
        ("about", note.about.map_or("", crate::notes::About::as_str)),
    ];
    for (name, value) in known.into_iter().chain(more.into_iter().filter(|(_, value)| !value.is_empty())) {
        out.extend([" data-", name, "=\""]);
        escape_attribute(&mut out, value);
        out.push('"');
    }
    out
}

/// The first words of a note, as many as a line may hold.
fn excerpt(words: &str) -> String {
    const ENOUGH: usize = 90;
    let words = words.trim();
    let line = words.lines().next().unwrap_or_default();
    if line.len() == words.len() && line.len() <= ENOUGH {
        return line.to_owned();
    }
    let cut = &line[..crate::diagnostics::floor_char_boundary(line, ENOUGH)];
    let whole =
        if cut.len() == line.len() { cut } else { cut.rsplit_once(' ').map_or(cut, |(kept, _)| kept) };
    format!("{}…", whole.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != ')'))
}

fn passage_href(id: &str, index: usize) -> String {
    ["#", &crate::text::encode_fragment(&passage_id(id, index))].concat()
}

/// The passages of a note as it shows them; an orphan shows the words that it quotes.
fn passages(reader: &Reader<'_>, shown: &NoteShown<'_>) -> Vec<PassagePart> {
    let line = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ");
    let unplaced = |quote: &Quote| PassagePart { href: String::new(), text: line(&quote.words), block: 0 };
    if shown.standing == Standing::Orphan {
        return shown.note.quotes.iter().map(unplaced).collect();
    }
    let placed = shown.passages.iter().enumerate().map(|(index, passage)| PassagePart {
        href: passage_href(&shown.note.id, index),
        text: line(reader.text.reading().get(passage.range()).unwrap_or_default()),
        block: reader.text.block_at(passage.start).0,
    });
    placed.chain(shown.lost.iter().map(|quote| unplaced(quote))).collect()
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
    pub fn new(site: &'p Site, bibliography: &'p Bibliography, prose: &'p Prose) -> Self {
        Self {
            root: root(&prose.page),
            page: PageHead {
                description: match prose.front.description.as_str() {
                    "" => first_words(&prose.words),
                    given => given.to_owned(),
                },
                within: prose.page.clone(),
                ..PageHead::of("page", prose.title.clone(), site, &prose.page)
            },
            title: &prose.title,
            content: &prose.html,
            works: works(&prose.works, &prose.page, bibliography, &[]),
            extra: &prose.front.extra,
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
    fn an_excerpt_is_a_line() {
        assert_eq!(excerpt("All of it.\n"), "All of it.");
        assert_eq!(excerpt("A list:\none\n"), "A list…");
        assert_eq!(excerpt(&"word ".repeat(30)).chars().rev().take(5).collect::<String>(), "…drow");
    }

    #[test]
    fn first_words_end_with_a_sentence() {
        let long = format!("{} end. {}", "word ".repeat(30).trim(), "more ".repeat(60));
        assert!(first_words(&long).ends_with("end."));
        assert_eq!(first_words("short\none"), "short one");
    }
}
