//! Guidelines against texts: what each is said to say, of what, and where.

use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage};
use super::head::{PageHead, root};
use super::list::{Lookup, Pager, on_page, pages_of, work_page};
use crate::derive::registers::{GuidelineClaim, Mention, MentionedWork, Registers};
use crate::diagnostics::Diagnostic;
use crate::names::address;
use crate::names::path::relative;
use crate::site::label_of;
use crate::theme::Values;

/// More texts than this make no table that can be read; then each guideline has a list.
const COLUMNS: usize = 8;
/// How many notes stand at a guideline, in a table and in a list; its own page has all.
const NOTES: (usize, usize) = (30, 5);

/// A page of guidelines.
#[derive(Debug, Serialize)]
struct GuidelinesPage<'p> {
    root: String,
    page: PageHead<'p>,
    total: usize,
    /// The columns; none where there are too many.
    sources: Vec<Column<'p>>,
    rows: Vec<Row<'p>>,
    pager: Pager,
}

#[derive(Debug, Clone, Serialize)]
struct Column<'p> {
    title: &'p str,
    href: String,
}

#[derive(Debug, Serialize)]
struct Row<'p> {
    name: &'p str,
    label: String,
    href: String,
    cells: Vec<Cell<'p>>,
    more: usize,
}

/// What a guideline is said to say on one text.
#[derive(Debug, Serialize)]
struct Cell<'p> {
    source: &'p str,
    source_href: String,
    said: Vec<Says<'p>>,
}

#[derive(Debug, Serialize)]
struct Says<'p> {
    stance: &'p str,
    stance_label: String,
    subject: &'p str,
    number: &'p str,
    title: &'p str,
    href: String,
}

impl<'p> GuidelinesPage<'p> {
    /// Page `number`, from 1, of the guidelines; `columns` as of [`columns`].
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
        let rows = on_page(guidelines, number)
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
    let all = mentioned.mentions.iter().filter_map(|mention| match mention {
        Mention::Guideline(entry, place) => Some((*entry, *place)),
        _ => None,
    });
    let count = all.clone().count();
    let most = if columns.is_empty() { NOTES.1 } else { NOTES.0 };
    for (entry, place) in all.take(most) {
        let Some(entry) = registers.entries.get(entry as usize) else { continue };
        let Some(said) = entry.guidelines.get(place as usize) else { continue };
        let at = match cells.iter().rposition(|(source, _)| *source == entry.source) {
            Some(at) => at,
            None => {
                cells.push((entry.source, cell(entry.source)));
                cells.len() - 1
            }
        };
        if let Some((_, cell)) = cells.get_mut(at) {
            cell.said.push(says(lookup, said, &entry.number, &entry.title, lookup.note_href(entry, page)));
        }
    }
    let work = mentioned.work;
    Row {
        name: if work.title.is_empty() { &work.key } else { &work.title },
        label: if work.title.is_empty() { String::new() } else { work.short.clone() },
        href: relative(page, &work_page(work)),
        cells: cells.into_iter().map(|(_, cell)| cell).collect(),
        more: count.saturating_sub(most),
    }
}

fn says<'p>(
    lookup: Lookup<'p>,
    said: &'p GuidelineClaim,
    number: &'p str,
    title: &'p str,
    href: String,
) -> Says<'p> {
    let stance =
        said.stance.and_then(|at| lookup.site.stances.get(usize::from(at))).map_or("", String::as_str);
    Says { stance, stance_label: label_of(stance), subject: &said.subject, number, title, href }
}

/// Guidelines against texts.
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
            claim: Some(context.anywhere()),
        };
        (1..=pages_of(context.guidelines.len())).map(page).collect()
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let all: Vec<&MentionedWork<'_>> = context.guidelines.iter().map(|&at| &context.works[at]).collect();
        let title = context.theme.word("guidelines");
        let (lookup, registers) = (context.lookup(), context.registers);
        let columns = if context.columns.len() > COLUMNS { &[][..] } else { &context.columns };
        context.theme.values(&GuidelinesPage::new(lookup, registers, &all, columns, title, page.number))
    }
}
