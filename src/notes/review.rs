//! The review of a layer: the hash of the text that its notes were written on, against the text as it is now.

use sha2::{Digest, Sha256};

use super::layers::Layers;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::names::address;
use crate::text::library::{self, Source};

/// Warns if a text has no notes, or has changed since they were reviewed; with `pin`, also if a layer has no hash yet.
pub(crate) fn review(source: &Source, layers: &Layers<'_>, pin: bool, diagnostics: &mut Diagnostics) {
    if layers.notes().next().is_none() {
        diagnostics.push(
            Diagnostic::warning(
                Code::SourceUnannotated,
                library::text_start(source),
                "the text has no notes",
            )
            .help(format!("write notes into {}/{}.md", address::ANNOTATIONS, source.path)),
        );
    }
    let pinned: Vec<_> = layers.iter().filter(|layer| pin || layer.front.reviewed.is_some()).collect();
    if pinned.is_empty() {
        return;
    }
    let now = format!("sha256:{}", sha256(source.text()));
    for layer in pinned.into_iter().filter(|layer| layer.front.reviewed.as_ref() != Some(&now)) {
        let (span, written) = layer.pin(&now);
        let message = match layer.front.reviewed {
            Some(_) => "the text has changed since these notes were reviewed",
            None => "these notes are not pinned to the text as it is now",
        };
        diagnostics.push(
            Diagnostic::warning(Code::LayerSourceChanged, Place::new(layer.file, span), message)
                .help("read the notes against the text again, then run `postil check --reviewed`")
                .fix(span, written),
        );
    }
}

/// The SHA-256 of a text or of a file, in hexadecimal.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes.as_ref()).iter().map(|byte| format!("{byte:02x}")).collect()
}
