//! Writes output that covers several texts: pages, the search index, and files about the whole edition.

use rayon::prelude::*;

use super::totals::Totals;
use super::{Stages, plan};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::export::EDITION_FILES;
use crate::names::address;
use crate::names::path::Claims;
use crate::page::{self, CrossContext, CrossParts, Planned, work_folder};
use crate::reader::site_page::SitePage;
use crate::search::{self, Classes};

/// The data for pages across texts.
pub(super) fn context<'s>(
    stages: &Stages<'s>,
    totals: &'s Totals,
    site_pages: &'s [SitePage],
) -> CrossContext<'s> {
    CrossContext::new(CrossParts {
        site: &stages.site.site,
        library: &stages.site.library,
        bibliography: &stages.site.bibliography,
        theme: stages.theme,
        page_set: stages.page_set,
        site_pages,
        summaries: &totals.summaries,
        registers: &totals.registers,
    })
}

/// Claims the paths of all pages and files across texts, and writes them.
pub(super) fn write(
    stages: &Stages<'_>,
    totals: &mut Totals,
    site_pages: &[SitePage],
    claims: &mut Claims,
    diagnostics: &mut Diagnostics,
) {
    let index = totals.search.take();
    let context = context(stages, totals, site_pages);
    let planned = page::plan(&context);
    plan::claim_cross_pages(stages.site, &context, &planned, claims, diagnostics);
    let write =
        |path: &str, page: &[u8], problems: &mut Diagnostics| stages.writer.write(path, page, problems);
    diagnostics.extend(page::render_all(&context, &planned, &write));
    edition_files(stages, &context, &planned, diagnostics);
    if let Some(index) = index {
        write_index(stages, &context, index, diagnostics);
    }
}

/// Writes the files about the whole edition.
fn edition_files(
    stages: &Stages<'_>,
    context: &CrossContext<'_>,
    planned: &[Planned],
    diagnostics: &mut Diagnostics,
) {
    let edition = plan::edition_data(context, planned);
    for file in EDITION_FILES {
        match file.write(&edition) {
            Ok(files) => {
                files.iter().for_each(|(path, bytes)| stages.writer.write(path, bytes, diagnostics));
            }
            Err(error) => {
                let place = Place::of_path(file.paths(&edition).concat());
                let message = format!("this file could not be written: {error}");
                diagnostics.push(Diagnostic::error(Code::SitePath, place, message));
            }
        }
    }
}

/// Adds the edition's own pages and the works to the search index, and writes it.
fn write_index(
    stages: &Stages<'_>,
    context: &CrossContext<'_>,
    mut index: search::Index,
    diagnostics: &mut Diagnostics,
) {
    let CrossContext { site, bibliography, page_set, .. } = context;
    let mut mentioned: Vec<_> = context.works.iter().map(|mentioned| mentioned.work).collect();
    mentioned.sort_by_key(|work| bibliography.place(&work.key));
    let works: Vec<search::Work<'_>> = mentioned
        .into_iter()
        .map(|work| search::Work {
            page: address::list(&work_folder(work), 1),
            title: &work.title,
            entry: bibliography.entry(&work.key).unwrap_or_default(),
        })
        .collect();
    for page in context.site_pages {
        stages.writer.scripts(&index.add(&search::of_page(page)), diagnostics);
    }
    stages.writer.scripts(&index.add(&search::of_works(&works)), diagnostics);
    let (scripts, pairs) = index.finish(&site.language, &Classes::of(page_set.kinds(site)));
    stages.writer.scripts(&scripts, diagnostics);
    let problems: Vec<Diagnostics> = (0..pairs.groups())
        .into_par_iter()
        .map(|group| {
            let mut problems = Diagnostics::default();
            stages.writer.scripts(&pairs.files(group), &mut problems);
            problems
        })
        .collect();
    problems.into_iter().for_each(|problems| diagnostics.extend(problems));
}
