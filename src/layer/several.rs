//! The layers of one text together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Layer, Note};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::site::Site;
use crate::span::{File, Place};

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
            files.iter().map(|file| super::parse(file, site, diagnostics)).collect();
        layers.sort_by(|a, b| (a.front.weight, &a.file.path).cmp(&(b.front.weight, &b.file.path)));
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
