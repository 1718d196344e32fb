//! The pages of registers: all notes of a kind, or those with one verdict.

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::cross_page::{CrossContext, CrossPage, PlannedPage, WritePage, merge, render_one};
use super::head::{PageHead, root};
use super::list::{LISTED, Lookup, Pager, pages_of, with_root};
use crate::derive::registers::{Entry, Register};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::names::address;
use crate::names::path::relative;
use crate::site::{Kind, KindId, Tone, VerdictId};
use crate::theme::Values;

/// The values of a register's page.
#[derive(Debug, Serialize)]
struct RegisterPage<'p> {
    root: String,
    page: PageHead<'p>,
    kind: &'p Kind,
    verdict: &'p str,
    verdict_label: &'p str,
    total: usize,
    tabs: Vec<Tab<'p>>,
    groups: Vec<Group<'p>>,
    pager: Pager,
}

/// A link to the same register for another verdict, or for all.
#[derive(Debug, Serialize)]
struct Tab<'p> {
    label: &'p str,
    tone: &'static str,
    count: usize,
    href: String,
    current: bool,
}

/// The notes with one verdict.
#[derive(Debug, Serialize)]
struct Group<'p> {
    id: &'p str,
    /// The verdict; empty for notes without one.
    title: &'p str,
    tone: &'static str,
    href: String,
    /// The notes as HTML.
    notes: Vec<String>,
}

impl<'p> Group<'p> {
    /// The empty group of a verdict, for the page at `page`.
    fn new(kind: &'p Kind, of: Option<VerdictId>, page: &str) -> Self {
        let verdict = of.and_then(|of| kind.verdict(of));
        Self {
            id: verdict.map_or("", |verdict| &verdict.id),
            title: verdict.map_or("", |verdict| &verdict.label),
            tone: verdict.and_then(|verdict| verdict.tone).map_or("", Tone::as_str),
            href: relative(page, &address::list(&register_folder(kind, of), 1)),
            notes: Vec::new(),
        }
    }
}

/// The folder of a kind's register, or of one of its verdicts.
fn register_folder(kind: &Kind, verdict: Option<VerdictId>) -> String {
    let verdict = verdict.and_then(|verdict| kind.verdict(verdict));
    address::register(&kind.register, verdict.map(|verdict| verdict.id.as_str()))
}

impl<'p> RegisterPage<'p> {
    /// The values of page `number`, from 1; `verdict` is `None` for all notes, and `notes` are the rendered notes on
    /// the page.
    pub(crate) fn new(
        lookup: Lookup<'p>,
        register: &Register<'p>,
        verdict: Option<VerdictId>,
        number: usize,
        notes: &[(&'p Entry, Arc<str>)],
    ) -> Self {
        let kind = register.kind;
        let folder = register_folder(kind, verdict);
        let path = |number: usize| address::list(&folder, number);
        let page = path(number);
        let root = root(&page);
        let total = register.notes(verdict).len();
        let chosen = verdict.and_then(|verdict| kind.verdict(verdict));
        let tone_of = |verdict: VerdictId| kind.verdict(verdict)?.tone;
        let tab = |label, count, of: Option<VerdictId>| Tab {
            label,
            tone: of.and_then(tone_of).map_or("", Tone::as_str),
            count,
            href: relative(&page, &address::list(&register_folder(kind, of), 1)),
            current: of == verdict,
        };
        let mut tabs = vec![tab("", register.all.len(), None)];
        for (at, verdict) in kind.verdicts() {
            let count = register.notes(Some(at)).len();
            if count > 0 {
                tabs.push(tab(verdict.label.as_str(), count, Some(at)));
            }
        }
        let mut groups: Vec<Group<'p>> = Vec::new();
        let mut last_verdict = None;
        for (entry, item) in notes {
            if last_verdict != Some(entry.verdict) {
                last_verdict = Some(entry.verdict);
                groups.push(Group::new(kind, entry.verdict, &page));
            }
            if let Some(group) = groups.last_mut() {
                group.notes.push(with_root(item, &root));
            }
        }
        let label = chosen.map_or("", |verdict| verdict.label.as_str());
        let title = if label.is_empty() { kind.plural.clone() } else { format!("{}: {label}", kind.plural) };
        Self {
            root,
            page: PageHead {
                description: format!("{title} ({}). {}", total, lookup.site.title),
                ..PageHead::of("register", title, lookup.site, &page)
            },
            kind,
            verdict: chosen.map_or("", |verdict| &verdict.id),
            verdict_label: label,
            total,
            tabs,
            groups,
            pager: Pager::new(number, pages_of(total), path),
        }
    }
}

/// The length in bytes that most rendered notes do not exceed.
const ITEM_CAPACITY: usize = 2 * 1024;

/// The number of notes that are rendered at a time, to bound memory.
const CHUNK: usize = 32 * LISTED;

/// A list of notes: those of a kind with a verdict, or `None` for all.
type List = (KindId, Option<VerdictId>);

/// The pages of registers: for each kind, a list of all notes and a list for each verdict.
pub(super) struct RegisterPages;

impl RegisterPages {
    /// The lists that have pages, in order; [`PlannedPage::item`] is an index into it.
    fn lists(context: &CrossContext<'_>) -> Vec<List> {
        let mut lists = Vec::new();
        for (id, kind) in context.page_set.kinds(context.site) {
            let register = &context.by_kind[id.index()];
            lists.push((id, None));
            let verdicts = kind.verdicts().map(|(verdict, _)| Some(verdict));
            lists.extend(verdicts.filter(|&verdict| !register.notes(verdict).is_empty()).map(|v| (id, v)));
        }
        lists
    }
}

impl CrossPage for RegisterPages {
    fn template(&self) -> &'static str {
        "register.html"
    }

    fn plan(&self, context: &CrossContext<'_>) -> Vec<PlannedPage> {
        let mut pages = Vec::new();
        for (item, (kind, verdict)) in Self::lists(context).into_iter().enumerate() {
            let register = &context.by_kind[kind.index()];
            let folder = register_folder(register.kind, verdict);
            pages.extend((1..=pages_of(register.notes(verdict).len())).map(|number| PlannedPage {
                path: address::list(&folder, number),
                item,
                number,
                claim: (verdict.is_some() || number > 1).then(|| context.default_place()),
            }));
        }
        pages
    }

    fn values(&self, context: &CrossContext<'_>, page: &PlannedPage) -> Result<Values, Box<Diagnostic>> {
        let (kind, verdict) = Self::lists(context)[page.item];
        let register = &context.by_kind[kind.index()];
        let notes = register.notes(verdict).iter().skip((page.number - 1) * LISTED).take(LISTED);
        let items: Result<Vec<(&Entry, Arc<str>)>, _> =
            notes.map(|&entry| render_item(context, entry).map(|item| (entry, item.into()))).collect();
        context.theme.values(&RegisterPage::new(context.lookup(), register, verdict, page.number, &items?))
    }

    /// Renders each note once, for both the list of all notes and the list of its verdict.
    fn render_all(
        &self,
        context: &CrossContext<'_>,
        _: &[PlannedPage],
        write: &WritePage<'_>,
    ) -> Diagnostics {
        let render = |(kind, _): (KindId, _)| {
            render_register(self.template(), context, &context.by_kind[kind.index()], write)
        };
        merge(context.page_set.kinds(context.site).map(render).collect())
    }
}

/// A page of a register to which rendered notes are still added.
struct OpenPage<'e> {
    /// The verdict, or `None` for all notes.
    verdict: Option<VerdictId>,
    number: usize,
    notes: Vec<(&'e Entry, Arc<str>)>,
}

impl<'e> OpenPage<'e> {
    /// The first page of a list.
    fn new(verdict: Option<VerdictId>) -> Self {
        Self { verdict, number: 1, notes: Vec::new() }
    }

    /// Adds a note. If the page is then full, returns it and starts the next.
    fn add(&mut self, entry: &'e Entry, item: Arc<str>) -> Option<Self> {
        self.notes.push((entry, item));
        (self.notes.len() == LISTED).then(|| {
            let next = Self { number: self.number + 1, ..Self::new(self.verdict) };
            std::mem::replace(self, next)
        })
    }
}

/// Renders all pages of a register.
fn render_register(
    template: &str,
    context: &CrossContext<'_>,
    register: &Register<'_>,
    write: &WritePage<'_>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let verdicts = register.kind.verdicts().map(|(verdict, _)| Some(verdict));
    let mut lists: Vec<OpenPage<'_>> = std::iter::once(None).chain(verdicts).map(OpenPage::new).collect();
    let render = |page: &OpenPage<'_>| {
        let path = address::list(&register_folder(register.kind, page.verdict), page.number);
        let values = RegisterPage::new(context.lookup(), register, page.verdict, page.number, &page.notes);
        render_one(template, context.theme.values(&values), context, &path, write)
    };
    for notes in register.all.chunks(CHUNK) {
        let items: Vec<Result<String, Box<Diagnostic>>> =
            notes.par_iter().map(|entry| render_item(context, entry)).collect();
        let mut full = Vec::new();
        for (&entry, item) in notes.iter().zip(items) {
            let item: Arc<str> = match item {
                Ok(item) => item.into(),
                // The template would fail in the same way for every note.
                Err(problem) => {
                    diagnostics.push(*problem);
                    return diagnostics;
                }
            };
            let verdict = entry.verdict.map(|verdict| verdict.index() + 1);
            for list in [Some(0), verdict].into_iter().flatten() {
                full.extend(lists.get_mut(list).and_then(|list| list.add(entry, Arc::clone(&item))));
            }
        }
        diagnostics.extend(merge(full.par_iter().map(render).collect()));
    }
    let has_page =
        |list: &OpenPage<'_>| !list.notes.is_empty() || (list.verdict.is_none() && list.number == 1);
    let rest: Vec<OpenPage<'_>> = lists.into_iter().filter(has_page).collect();
    diagnostics.extend(merge(rest.par_iter().map(render).collect()));
    diagnostics
}

/// Renders a note for the lists of a register.
fn render_item(context: &CrossContext<'_>, entry: &Entry) -> Result<String, Box<Diagnostic>> {
    let values = context.theme.values(&context.lookup().item_page(entry))?;
    let item = context.theme.render("item.html", &values, ITEM_CAPACITY)?;
    Ok(String::from_utf8(item).expect("a template and its values are strings"))
}
