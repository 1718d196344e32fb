//! The guidelines page: for each guideline and text, the stances that notes report.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use super::list::{Lookup, Pager, page_slice, pages_of, work_page};
use crate::derive::registers::{GuidelineClaim, Mention, MentionedWork, Registers};
use crate::diagnostics::Diagnostic;
use crate::names::address;
use crate::names::path::relative;
use crate::site::Tone;
use crate::theme::Values;

/// The most texts for which the page has a table with a column each; with more, each guideline has a list.
const MAX_COLUMNS: usize = 8;
/// The most notes shown for a guideline in a table; the guideline's own page has all.
const MAX_NOTES_IN_TABLE: usize = 30;
/// The most notes shown for a guideline in a list.
const MAX_NOTES_IN_LIST: usize = 5;

/// The values of a guidelines page.
#[derive(Debug, Serialize)]
struct GuidelinesPage<'p> {
    root: String,
    page: PageHead<'p>,
    total: usize,
    /// The columns; empty if there are too many.
    sources: Vec<Column<'p>>,
    rows: Vec<Row<'p>>,
    pager: Pager,
}

/// A text, as a column of the table.
#[derive(Debug, Clone, Serialize)]
struct Column<'p> {
    title: &'p str,
    href: String,
}

/// A guideline, as a row of the table.
#[derive(Debug, Serialize)]
struct Row<'p> {
    name: &'p str,
    label: String,
    href: String,
    cells: Vec<Cell<'p>>,
    more: usize,
}

/// The claims about a guideline in the notes on one text.
#[derive(Debug, Serialize)]
struct Cell<'p> {
    source: &'p str,
    source_href: String,
    said: Vec<ClaimValues<'p>>,
}

/// What a note says about a guideline.
#[derive(Debug, Serialize)]
struct ClaimValues<'p> {
    stance: &'p str,
    stance_label: String,
    tone: &'static str,
    subject: &'p str,
    number: &'p str,
    title: &'p str,
    href: String,
}

impl<'p> GuidelinesPage<'p> {
    /// The values of page `number`, from 1; `columns` are texts, by index in the library.
    pub(crate) fn new(
        lookup: Lookup<'p>,
        registers: &'p Registers,
        guidelines: &[&MentionedWork<'p>],
        columns: &[u32],
        title: &str,
        number: usize,
    ) -> Self {
        let path = |number: usize| address::list(address::GUIDELINES, number);
        let page = path(number);
        let column = |&source: &u32| {
            let source = lookup.library.sources.get(source as usize)?;
            Some(Column { title: source.title.as_str(), href: relative(&page, &source.page()) })
        };
        let rows = page_slice(guidelines, number)
            .iter()
            .map(|mentioned| row(lookup, registers, mentioned, columns, &page));
        Self {
            root: root(&page),
            page: PageHead::of("guidelines", title.to_owned(), lookup.site, &page),
            total: guidelines.len(),
            sources: columns.iter().filter_map(column).collect(),
            rows: rows.collect(),
            pager: Pager::new(number, pages_of(guidelines.len()), path),
        }
    }
}

/// The row of one guideline.
fn row<'p>(
    lookup: Lookup<'p>,
    registers: &'p Registers,
    mentioned: &MentionedWork<'p>,
    columns: &[u32],
    page: &str,
) -> Row<'p> {
    let cell = |source: u32| {
        let source = lookup.library.sources.get(source as usize);
        Cell {
            source: source.map_or("", |source| &source.title),
            source_href: source.map(|source| relative(page, &source.page())).unwrap_or_default(),
            said: Vec::new(),
        }
    };
    let mut cells: Vec<(u32, Cell<'p>)> = columns.iter().map(|&source| (source, cell(source))).collect();
    let claims = mentioned.mentions.iter().filter_map(|mention| match mention {
        Mention::Guideline(entry, place) => Some((*entry, *place)),
        _ => None,
    });
    let count = claims.clone().count();
    let max = if columns.is_empty() { MAX_NOTES_IN_LIST } else { MAX_NOTES_IN_TABLE };
    for (entry, place) in claims.take(max) {
        let Some(entry) = registers.entries.get(entry as usize) else { continue };
        let Some(claim) = entry.guidelines.get(place as usize) else { continue };
        let at = match cells.iter().rposition(|(source, _)| *source == entry.source) {
            Some(at) => at,
            None => {
                cells.push((entry.source, cell(entry.source)));
                cells.len() - 1
            }
        };
        if let Some((_, cell)) = cells.get_mut(at) {
            cell.said.push(claim_values(
                lookup,
                claim,
                &entry.number,
                &entry.title,
                lookup.note_href(entry, page),
            ));
        }
    }
    let work = mentioned.work;
    Row {
        name: if work.title.is_empty() { &work.key } else { &work.title },
        label: if work.title.is_empty() { String::new() } else { work.short.clone() },
        href: relative(page, &work_page(work)),
        cells: cells.into_iter().map(|(_, cell)| cell).collect(),
        more: count.saturating_sub(max),
    }
}

fn claim_values<'p>(
    lookup: Lookup<'p>,
    claim: &'p GuidelineClaim,
    number: &'p str,
    title: &'p str,
    href: String,
) -> ClaimValues<'p> {
    let stance =
        claim.stance.and_then(|at| lookup.site.stances.get(usize::from(at))).map_or("", String::as_str);
    ClaimValues {
        stance,
        stance_label: lookup.site.stance_label(stance),
        tone: Tone::of_stance(stance).map_or("", Tone::as_str),
        subject: &claim.subject,
        number,
        title,
        href,
    }
}

/// The pages that compare guidelines with texts.
pub(super) struct Guidelines;

impl CrossPage for Guidelines {
    fn template(&self) -> &'static str {
        "guidelines.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        if !context.page_set.guidelines {
            return Vec::new();
        }
        let page = |number| PlannedPage {
            path: address::list(address::GUIDELINES, number),
            item: 0,
            number,
            claim: Some(context.default_place()),
        };
        (1..=pages_of(context.guidelines.len())).map(page).collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let all: Vec<&MentionedWork<'_>> = context.guidelines.iter().map(|&at| &context.works[at]).collect();
        let title = context.theme.string("guidelines");
        let (lookup, registers) = (context.lookup(), context.registers);
        let columns = if context.columns.len() > MAX_COLUMNS { &[][..] } else { &context.columns };
        context.theme.values(&GuidelinesPage::new(lookup, registers, &all, columns, title, page.number))
    }
}
