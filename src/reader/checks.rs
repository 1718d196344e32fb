//! Checks on notes that need the bibliography or the written body.

use super::model::ReaderNote;
use crate::bibliography::Bibliography;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::html::slug::slug;
use crate::notes::Layer;
use crate::site::Site;

/// Warns if the body of a note does not explain its verdict: it is empty, or has no words but the names of the verdict
/// and the kind. A citation alone is not an explanation.
pub(super) fn check_explanation(note: &ReaderNote<'_>, layer: &Layer<'_>, site: &Site) -> Option<Diagnostic> {
    // A missing body was reported when the layer was read.
    if note.parsed.body.is_empty() {
        return None;
    }
    let kind = note.parsed.kind(site)?;
    let verdict = note.parsed.verdict(site)?;
    let names = [&verdict.id, &verdict.label, &kind.id, &kind.label];
    let is_name = |word: &str| names.iter().any(|name| slug(name).split('-').any(|part| part == word));
    // In nearly every note the search ends at the first word.
    let explains = |words: &str| slug(words).split('-').any(|word| !word.is_empty() && !is_name(word));
    if note.body_words.split_whitespace().any(explains) {
        return None;
    }
    let place = Place::new(layer.file, note.parsed.heading);
    let message = format!("verdict `{}` has no explanation", verdict.id);
    Some(
        Diagnostic::warning(Code::NoteNoBody, place, message)
            .help("add a sentence that explains the verdict"),
    )
}

/// Reports cited keys that are not in the bibliography.
pub(crate) fn report_unknown_works(
    bibliography: &Bibliography,
    keys: &[(String, Place)],
    diagnostics: &mut Diagnostics,
) {
    for (key, place) in keys {
        if bibliography.work(key).is_some() || bibliography.may_be_broken(key) {
            continue;
        }
        let help = match bibliography.nearest(key) {
            Some(near) => format!("write `{near}`, or add the work to the bibliography"),
            None => {
                format!("add an entry `{key}` to a bibliography in annotations/, such as references.yaml")
            }
        };
        let message = format!("unknown work `{key}`");
        diagnostics.push(Diagnostic::error(Code::WorkUnknown, place.clone(), message).help(help));
    }
}
