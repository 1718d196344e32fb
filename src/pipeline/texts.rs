//! Processes all texts in batches, so that memory use does not grow with their number.

use rayon::prelude::*;

use super::options::Watch;
use super::stages::Stages;
use super::text::{TextOutput, text};
use super::totals::Totals;
use crate::diagnostics::Diagnostics;
use crate::export::annotation_pages::SiteCollection;
use crate::search::{self, Classes};

/// The number of texts in a batch.
const BATCH: usize = 128;

/// Runs all stages for all texts, and returns the data for pages across texts.
pub(super) fn texts(stages: &Stages<'_>, watch: &dyn Watch, diagnostics: &mut Diagnostics) -> Totals {
    let Stages { site, page_set, writer, .. } = *stages;
    let count = site.library.sources.len();
    watch.begin(count);
    let mut totals = Totals::default();
    let mut collection = SiteCollection::new(&site.site);
    let classes = site.site.search.then(|| Classes::of(page_set.kinds(&site.site)));
    totals.search = classes.is_some().then(search::Index::default);
    for start in (0..count).step_by(BATCH) {
        let batch: Vec<TextOutput> = (start..(start + BATCH).min(count))
            .into_par_iter()
            .map(|index| {
                let output = text(stages, index, classes.as_ref());
                watch.step();
                output
            })
            .collect();
        let mut scripts = Vec::new();
        for mut output in batch {
            if let (Some(index), Some(part)) = (&mut totals.search, output.index.take()) {
                scripts.extend(index.add(&part));
            }
            for item in std::mem::take(&mut output.annotations) {
                if let Some((path, page)) = collection.add(item) {
                    writer.write(&path, &page, diagnostics);
                }
            }
            totals.add(output, diagnostics);
        }
        writer.scripts(&scripts, diagnostics);
    }
    for (path, json) in collection.finish() {
        writer.write(&path, &json, diagnostics);
    }
    totals
}
