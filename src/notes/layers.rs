//! All layers of one text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attributes;
use super::layer::{self, Layer};
use super::note::Note;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place};
use crate::html::slug::Slugs;
use crate::markdown::plain;
use crate::site::Site;

/// The layers of a text, in order.
#[derive(Debug)]
pub(crate) struct Layers<'f> {
    layers: Vec<Layer<'f>>,
    /// The indices of the layer and of the note in it, by the note's id; for a duplicate id, the first note.
    by_id: BTreeMap<String, (usize, usize)>,
}

impl<'f> Layers<'f> {
    /// Parses the layers of one text and sorts them by weight, then by path.
    pub(crate) fn read(files: &'f [Arc<File>], site: &Site, diagnostics: &mut Diagnostics) -> Self {
        let mut layers: Vec<Layer<'f>> =
            files.iter().map(|file| layer::parse(file, site, diagnostics)).collect();
        layers.sort_by(|a, b| (a.front.weight, &a.file.path).cmp(&(b.front.weight, &b.file.path)));
        generate_ids(&mut layers, diagnostics);
        let mut all = Self { layers, by_id: BTreeMap::new() };
        for (at, layer) in all.layers.iter().enumerate() {
            for (index, note) in layer.notes.iter().enumerate() {
                all.by_id.entry(note.id.clone()).or_insert((at, index));
            }
        }
        all.check_ids(diagnostics);
        all
    }

    /// The layers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Layer<'f>> {
        self.layers.iter()
    }

    /// The layer with this index.
    pub(crate) fn get(&self, index: usize) -> &Layer<'f> {
        &self.layers[index]
    }

    /// All notes with their layer and its index, hidden notes included.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (usize, &Layer<'f>, &Note<'f>)> {
        self.layers
            .iter()
            .enumerate()
            .flat_map(|(at, layer)| layer.notes.iter().map(move |note| (at, layer, note)))
    }

    /// The note with this id, and its layer; hidden notes included.
    pub(crate) fn find(&self, id: &str) -> Option<(&Layer<'f>, &Note<'f>)> {
        let (layer, note) = *self.by_id.get(id)?;
        let layer = self.layers.get(layer)?;
        Some((layer, layer.notes.get(note)?))
    }

    /// The audience of a note: its own, or else its layer's.
    pub(crate) fn audience<'l>(layer: &'l Layer<'_>, note: &'l Note<'_>) -> Option<&'l str> {
        note.audience.as_deref().or(layer.front.audience.as_deref())
    }

    /// All audiences of layers and notes, drafts included.
    pub(crate) fn audiences(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().flat_map(|layer| {
            let notes = layer.notes.iter().filter_map(|note| note.audience.as_deref());
            layer.front.audience.as_deref().into_iter().chain(notes)
        })
    }

    /// Whether a note is a draft, on its own or because its layer is one.
    pub(crate) fn is_draft(layer: &Layer<'_>, note: &Note<'_>) -> bool {
        note.draft || layer.front.draft
    }

    fn check_ids(&self, diagnostics: &mut Diagnostics) {
        let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
        for (_, layer, note) in self.notes() {
            let place = Place::new(layer.file, note.id_span);
            if let Some(first) = seen.get(note.id.as_str()) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::NoteDuplicateId,
                        place,
                        format!("duplicate note id `{}`", note.id),
                    )
                    .related(first.clone(), "first used here")
                    .help("change one of the two ids"),
                );
            } else {
                seen.insert(&note.id, place);
            }
        }
    }
}

/// Generates ids from titles for notes without one, unique within the text.
fn generate_ids(layers: &mut [Layer<'_>], diagnostics: &mut Diagnostics) {
    let mut ids = Slugs::default();
    layers.iter().flat_map(|layer| &layer.notes).for_each(|note| ids.reserve(&note.id));
    for layer in layers {
        for note in layer.notes.iter_mut().filter(|note| note.id.is_empty()) {
            note.id = ids.unique(&plain(&note.title), "note");
            let (span, written) = id_fix(layer.file, note.heading, &note.id);
            let help = format!("add `{{#{}}}` to the heading, or run `postil check --fix`", note.id);
            let place = Place::new(layer.file, note.heading);
            diagnostics.push(
                Diagnostic::warning(Code::NoteNoId, place, "the note has no id")
                    .help(help)
                    .fix(span, written),
            );
        }
    }
}

/// The change that adds an id to a heading: the span to replace, and the new text.
fn id_fix(file: &File, heading: FileSpan, id: &str) -> (FileSpan, String) {
    let text = file.text.get(heading.range()).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    match attributes::find(line) {
        Some(at) => {
            let at = heading.start + at + 1;
            (FileSpan::new(at, at), format!("#{id} "))
        }
        None => {
            let at = heading.start + line.trim_end().trim_end_matches('#').trim_end().len();
            (FileSpan::new(at, at), format!(" {{#{id}}}"))
        }
    }
}
