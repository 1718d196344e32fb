//! The layers of one text together.

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
pub struct Layers<'f> {
    layers: Vec<Layer<'f>>,
    /// The layer and the note in it with each id; of two with one id, the first.
    by_id: BTreeMap<String, (usize, usize)>,
}

impl<'f> Layers<'f> {
    /// Reads the layers of one text and puts them in order: by weight, then by path.
    pub fn read(files: &'f [Arc<File>], site: &Site, diagnostics: &mut Diagnostics) -> Self {
        let mut layers: Vec<Layer<'f>> =
            files.iter().map(|file| layer::parse(file, site, diagnostics)).collect();
        layers.sort_by(|a, b| (a.front.weight, &a.file.path).cmp(&(b.front.weight, &b.file.path)));
        name(&mut layers, diagnostics);
        let mut all = Self { layers, by_id: BTreeMap::new() };
        for (at, layer) in all.layers.iter().enumerate() {
            for (index, note) in layer.notes.iter().enumerate() {
                all.by_id.entry(note.id.clone()).or_insert((at, index));
            }
        }
        all.check_ids(diagnostics);
        all
    }

    /// The layers in order.
    pub fn iter(&self) -> impl Iterator<Item = &Layer<'f>> {
        self.layers.iter()
    }

    /// The layer with this index.
    pub fn get(&self, index: usize) -> &Layer<'f> {
        &self.layers[index]
    }

    /// Every note with its layer, hidden ones included.
    pub fn notes(&self) -> impl Iterator<Item = (usize, &Layer<'f>, &Note<'f>)> {
        self.layers
            .iter()
            .enumerate()
            .flat_map(|(at, layer)| layer.notes.iter().map(move |note| (at, layer, note)))
    }

    /// The note with this id, with its layer; hidden ones too.
    pub fn find(&self, id: &str) -> Option<(&Layer<'f>, &Note<'f>)> {
        let (layer, note) = *self.by_id.get(id)?;
        let layer = self.layers.get(layer)?;
        Some((layer, layer.notes.get(note)?))
    }

    /// For whom a note is, by its own word or its layer's.
    pub fn audience<'l>(layer: &'l Layer<'_>, note: &'l Note<'_>) -> Option<&'l str> {
        note.audience.as_deref().or(layer.front.audience.as_deref())
    }

    /// Every audience that a layer or a note is for, drafts included.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().flat_map(|layer| {
            let notes = layer.notes.iter().filter_map(|note| note.audience.as_deref());
            layer.front.audience.as_deref().into_iter().chain(notes)
        })
    }

    /// Whether a note is a draft, by itself or with its layer.
    pub fn is_draft(layer: &Layer<'_>, note: &Note<'_>) -> bool {
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
                        format!("a second note `{}` on this text", note.id),
                    )
                    .related(first.clone(), "the first")
                    .help("give one of them another id; links lead to it by that id"),
                );
            } else {
                seen.insert(&note.id, place);
            }
        }
    }
}

/// Makes ids from titles for notes without one, different from all others of the text.
fn name(layers: &mut [Layer<'_>], diagnostics: &mut Diagnostics) {
    let mut ids = Slugs::default();
    layers.iter().flat_map(|layer| &layer.notes).for_each(|note| ids.take(&note.id));
    for layer in layers {
        for note in layer.notes.iter_mut().filter(|note| note.id.is_empty()) {
            note.id = ids.unique(&plain(&note.title), "note");
            let (span, written) = id_fix(layer.file, note.heading, &note.id);
            let help = format!(
                "write `{{#{}}}` into the heading, so that links to it last; `postil check --fix` does",
                note.id
            );
            let place = Place::new(layer.file, note.heading);
            diagnostics.push(
                Diagnostic::warning(Code::NoteNoId, place, "the note has no id of its own")
                    .help(help)
                    .fix(span, written),
            );
        }
    }
}

/// Where an id is written into a heading, and how.
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
