//! Totals over all texts, and checks across texts.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::load::LoadedSite;
use super::options::Outcome;
use super::page_writer::PageWriter;
use super::text::TextOutput;
use crate::derive::registers::{CitingPage, PageCitations, Registers};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, nearest};
use crate::names::address;
use crate::page::Summary;
use crate::reader::HiddenContent;
use crate::reader::edition::Edition;
use crate::reader::links::{LinkIndex, NoteStatus, PageLinks};
use crate::reader::site_page::SitePage;
use crate::search;
use crate::site::Specimen;

/// Totals over all texts.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) summaries: Vec<Summary>,
    pub(super) index: LinkIndex,
    pub(super) needs: PageLinks,
    pub(super) cited: BTreeSet<String>,
    pub(super) hidden: HiddenContent,
    pub(super) audiences: BTreeSet<String>,
    /// The different numbers of rows in the layouts of the texts.
    pub(super) rows: BTreeSet<usize>,
    pub(super) registers: Registers,
    /// The words of all texts, if the site has a search.
    pub(super) search: Option<search::Index>,
}

impl Totals {
    pub(super) fn add(&mut self, output: TextOutput, diagnostics: &mut Diagnostics) {
        diagnostics.extend(output.diagnostics);
        self.summaries.push(output.summary);
        self.index.notes.insert(output.path, output.known);
        self.need(output.needs);
        self.cited.extend(output.cited);
        self.registers.entries.extend(output.entries);
        self.registers.pages.extend(output.cites);
        self.audiences.extend(output.audiences);
        self.rows.insert(output.rows);
        self.hidden.links.pending.extend(output.hidden.links.pending);
        self.hidden.cited.extend(output.hidden.cited);
    }

    fn need(&mut self, needs: PageLinks) {
        self.needs.pending.extend(needs.pending);
        self.needs.files.extend(needs.files);
    }

    /// Checks across texts: links between them, the audience, and uncited works.
    pub(super) fn verify(
        &mut self,
        loaded: &LoadedSite,
        edition: &Edition<'_>,
        pages: &[SitePage],
        diagnostics: &mut Diagnostics,
    ) {
        verify_audience(edition.audience, &self.audiences, diagnostics);
        if let Some(problem) = self.verify_specimen(edition) {
            diagnostics.push(problem);
        }
        for page in pages {
            self.index.pages.insert(page.page.clone(), page.ids.clone());
            self.need(page.links.clone());
            self.cited.extend(page.cited.iter().cloned());
            let from = CitingPage::Page(page.page.clone(), page.title.clone());
            self.registers.pages.extend(PageCitations::of(from, &page.cites, &loaded.bibliography));
        }
        let hidden = std::mem::take(&mut self.hidden);
        for link in std::mem::take(&mut self.needs.pending).into_iter().chain(hidden.links.pending) {
            link.verify(&self.index, diagnostics);
        }
        if loaded.has_strays {
            // A layer without a text was not read, so its citations are unknown.
            return;
        }
        let hidden: BTreeSet<String> = hidden.cited.into_iter().collect();
        let known = |key: &str| self.cited.contains(key) || hidden.contains(key);
        for work in loaded.bibliography.works().filter(|work| !known(&work.key)) {
            let message = format!("uncited work `{}`", work.key);
            diagnostics.push(
                Diagnostic::warning(Code::WorkUncited, work.place.clone(), message)
                    .help(format!("cite it as `[@{}]`, or remove it", work.key)),
            );
        }
    }

    /// Reports a specimen in `site.toml` that is not a note of this edition.
    fn verify_specimen(&self, edition: &Edition<'_>) -> Option<Diagnostic> {
        let Specimen { text, note, place } = edition.site.specimen.as_ref()?;
        let error = |message: String, help: String| {
            Some(Diagnostic::error(Code::SiteConfig, place.clone(), message).help(help))
        };
        let Some(notes) = self.index.notes.get(text) else {
            if edition.library.drafts.contains(text) {
                let help = "choose a note on another text, or publish the draft";
                return error(format!("the text `{text}` is a draft"), help.to_owned());
            }
            let help = match nearest(text, self.index.notes.keys().map(String::as_str)) {
                Some(near) => format!("write `{near}#{note}`"),
                None => "write the path of a text and the id of a note: `TEXT#NOTE`".to_owned(),
            };
            return error(format!("no such text: `{text}`"), help);
        };
        match notes.get(note) {
            None => {
                let help = match nearest(note, notes.keys().map(String::as_str)) {
                    Some(near) => format!("write `{text}#{near}`"),
                    None => format!("write the id of a note on `{text}`"),
                };
                error(format!("no such note: `{note}`"), help)
            }
            Some(NoteStatus { audience: Some(audience), .. }) if edition.audience != Some(audience) => error(
                format!("the note `{note}` is for `{audience}` only"),
                "choose a note for everyone".to_owned(),
            ),
            Some(NoteStatus { draft: true, .. }) => {
                let help = "choose another note, or publish the draft";
                error(format!("the note `{note}` is a draft"), help.to_owned())
            }
            Some(_) => None,
        }
    }

    pub(super) fn count(&self, loaded: &LoadedSite, writer: &PageWriter, outcome: &mut Outcome) {
        outcome.texts = loaded.library.sources.len();
        outcome.notes = self.summaries.iter().map(|summary| summary.notes).sum();
        outcome.works = self.cited.iter().filter(|key| loaded.bibliography.work(key).is_some()).count();
        outcome.files = writer.files.load(Ordering::Relaxed);
        outcome.bytes = writer.bytes.load(Ordering::Relaxed);
    }
}

/// Reports an audience that no layer or note has, because its edition would be the same as the public one.
fn verify_audience(wanted: Option<&str>, known: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    let Some(wanted) = wanted.filter(|wanted| !known.contains(*wanted)) else { return };
    let place = Place::of_path(address::ANNOTATIONS);
    let message = format!("no layer or note has the audience `{wanted}`");
    let all: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let help = match (nearest(wanted, known.iter().map(String::as_str)), all.as_slice()) {
        (_, []) => "omit `--audience`: all notes are for everyone".to_owned(),
        (Some(near), [_]) => format!("write `--audience {near}`"),
        (Some(near), _) => format!("write `--audience {near}`; the audiences are {}", all.join(", ")),
        (None, _) => format!("use one of these audiences: {}", all.join(", ")),
    };
    diagnostics.push(Diagnostic::error(Code::SiteAudience, place, message).help(help));
}
