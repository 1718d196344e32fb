//! A register: all notes of a kind, or those of one verdict, text by text.

use std::sync::Arc;

use serde::Serialize;

use super::head::{PageHead, root};
use super::list::{Across, Pager, pages_of, rooted};
use crate::derive::registers::Entry;
use crate::names::address;
use crate::names::path::relative;
use crate::site::Kind;

/// A page of a register.
#[derive(Debug, Serialize)]
pub struct RegisterPage<'p> {
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

/// A link to the same register, seen otherwise.
#[derive(Debug, Serialize)]
struct Tab<'p> {
    label: &'p str,
    count: usize,
    href: String,
    current: bool,
}

/// The notes on one text.
#[derive(Debug, Serialize)]
struct Group<'p> {
    id: String,
    title: &'p str,
    href: String,
    /// Rendered.
    notes: Vec<String>,
}

/// The folder of the register of a kind, or of one of its verdicts.
pub fn register_folder(kind: &Kind, verdict: Option<usize>) -> String {
    let verdict = verdict.and_then(|verdict| kind.verdicts.get(verdict));
    address::register(&kind.register, verdict.map(|verdict| verdict.id.as_str()))
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

impl<'p> RegisterPage<'p> {
    /// Page `number`, from 1, of a register, or of one of its verdicts; `notes` are those on the page, rendered.
    pub fn new(
        across: Across<'p>,
        register: &Register<'p>,
        verdict: Option<usize>,
        number: usize,
        notes: &[(&'p Entry, Arc<str>)],
    ) -> Self {
        let kind = register.kind;
        let folder = register_folder(kind, verdict);
        let path = |number: usize| address::list(&folder, number);
        let page = path(number);
        let root = root(&page);
        let total = register.notes(verdict).len();
        let chosen = verdict.and_then(|verdict| kind.verdicts.get(verdict));
        let tab = |label, count, of: Option<usize>| Tab {
            label,
            count,
            href: relative(&page, &address::list(&register_folder(kind, of), 1)),
            current: of == verdict,
        };
        let mut tabs = vec![tab("", register.all.len(), None)];
        for (at, verdict) in kind.verdicts.iter().enumerate() {
            let count = register.by_verdict.get(at).map_or(0, Vec::len);
            if count > 0 {
                tabs.push(tab(verdict.label.as_str(), count, Some(at)));
            }
        }
        let mut groups: Vec<Group<'p>> = Vec::new();
        let mut last = None;
        for (entry, item) in notes {
            if last != Some(entry.source) {
                last = Some(entry.source);
                let source = across.source(entry);
                groups.push(Group {
                    id: format!("text-{}", groups.len() + 1),
                    title: source.map_or("", |source| &source.title),
                    href: source.map(|source| relative(&page, &source.page())).unwrap_or_default(),
                    notes: Vec::new(),
                });
            }
            if let Some(group) = groups.last_mut() {
                group.notes.push(rooted(item, &root));
            }
        }
        let label = chosen.map_or("", |verdict| verdict.label.as_str());
        let title = if label.is_empty() { kind.plural.clone() } else { format!("{}: {label}", kind.plural) };
        Self {
            root,
            page: PageHead {
                description: format!("{title} ({}). {}", total, across.site.title),
                ..PageHead::of("register", title, across.site, &page)
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
