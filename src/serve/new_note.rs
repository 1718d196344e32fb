//! Writes a note on selected words into a layer.
//!
//! 1. The words are quoted with just enough context to identify the passage.
//! 2. The note is appended to a layer; the rest of the file does not change.
//! 3. The new layer is parsed before it is written: it must contain the old notes unchanged, and the new note
//!    with its passage.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::anchor::Anchors;
use crate::anchor::fold::fold;
use crate::compose::locate::{Finder, code_points};
use crate::compose::quote::title_from;
use crate::diagnostics::{Diagnostic, Diagnostics, File, Severity, TextSpan, io_reason};
use crate::html::slug::Slugs;
use crate::markdown::escape::{escape_note, one_line};
use crate::names::address;
use crate::notes;
use crate::output::atomic_write;
use crate::pipeline::{Opened, Session};
use crate::site::Orphans;

/// The number of attempts if the layer changes in the meantime.
const ATTEMPTS: usize = 5;
/// The id of a note that is appended to verify where the new note ends.
const SENTINEL: &str = "postil-next-note";

/// A note as sent by a page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// The path of the text.
    source: String,
    /// The start of the words in the reading text, in code points.
    start: usize,
    /// The end of the words.
    end: usize,
    /// The words, to verify that the page shows the current text.
    words: String,
    /// The id of its kind.
    kind: String,
    /// The id of its verdict; may be empty.
    verdict: String,
    /// Its title; may be empty.
    title: String,
    /// The body, in Markdown.
    body: String,
    /// The file of the layer; empty for the first layer of the text.
    layer: String,
}

/// The result of writing a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct WrittenNote {
    /// The note's id.
    id: String,
    /// The file it was written into.
    file: String,
}

/// The options of the note form.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Form {
    kinds: Vec<KindOption>,
    layers: Vec<LayerOption>,
}

#[derive(Debug, Clone, Serialize)]
struct KindOption {
    id: String,
    label: String,
    verdicts: Vec<VerdictOption>,
}

#[derive(Debug, Clone, Serialize)]
struct VerdictOption {
    id: String,
    label: String,
}

#[derive(Debug, Clone, Serialize)]
struct LayerOption {
    file: String,
    name: String,
}

/// The options for a note on the text at `path`.
pub(super) fn form(session: &Session, path: &str) -> Option<Form> {
    let opened = session.text(path)?;
    let mut ignored = Diagnostics::default();
    let layers = opened.layers.iter().map(|file| LayerOption {
        file: file.path.clone(),
        name: notes::parse(file, opened.site, &mut ignored).name(),
    });
    let kinds = opened.site.kinds.iter().map(|kind| KindOption {
        id: kind.id.clone(),
        label: kind.label.clone(),
        verdicts: kind
            .verdicts
            .iter()
            .map(|verdict| VerdictOption { id: verdict.id.clone(), label: verdict.label.clone() })
            .collect(),
    });
    Some(Form { kinds: kinds.collect(), layers: layers.collect() })
}

/// Writes a note into its layer; on failure returns a message for the user.
pub(super) fn write(session: &Session, note: &NewNote) -> Result<WrittenNote, String> {
    let failed = |path: &str, error: &io::Error| format!("cannot write {path}: {}", io_reason(error));
    for _ in 0..ATTEMPTS {
        let opened = session.text(&note.source).ok_or("no such text")?;
        let draft = Draft::new(session, &opened, note)?;
        let Some(old) = &draft.old else {
            match atomic_write::create(session.root(), &draft.file, draft.new.as_bytes()) {
                Ok(()) => return Ok(draft.result()),
                // Another program has created the layer in the meantime.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(failed(&draft.file, &error)),
            }
        };
        match atomic_write::replace(&session.root().join(&draft.file), &old.text, &draft.new) {
            Ok(true) => return Ok(draft.result()),
            Ok(false) => {}
            Err(error) => return Err(failed(&draft.file, &error)),
        }
    }
    Err("the layer keeps changing on disk: save it in the other program first, then try again".to_owned())
}

/// A layer with the new note.
struct Draft {
    file: String,
    old: Option<Arc<File>>,
    new: String,
    id: String,
}

impl Draft {
    fn new(session: &Session, opened: &Opened<'_>, note: &NewNote) -> Result<Self, String> {
        let span = passage(opened, note)?;
        let (_, kind) = opened.site.find_kind(&note.kind).ok_or("choose a kind")?;
        if !note.verdict.is_empty() && kind.find_verdict(&note.verdict).is_none() {
            return Err(format!("unknown verdict `{}` for this kind", note.verdict));
        }
        if note.body.trim().is_empty() {
            return Err("write the text of the note".to_owned());
        }
        let old = match opened.layers.iter().find(|layer| layer.path == note.layer) {
            Some(layer) => Some(Arc::clone(layer)),
            None if note.layer.is_empty() => opened.layers.first().cloned(),
            None => return Err(format!("the text has no layer {}", note.layer)),
        };
        let own = format!("{}/{}.md", address::ANNOTATIONS, opened.source.path);
        let file = old.as_ref().map_or(own, |layer| layer.path.clone());
        let id = id(opened, note);
        let source = note_source(opened, note, &id, span)?;
        let new = append(old.as_ref().map_or("", |layer| layer.text.as_str()), &source);
        let draft = Self { file, old, new, id };
        draft.verify(opened, span)?;
        draft.check_errors(session, opened)?;
        Ok(draft)
    }

    /// Parses the new layer: it must contain the old notes unchanged, the new note with its passage, and a
    /// note that is appended after it.
    fn verify(&self, opened: &Opened<'_>, span: TextSpan) -> Result<(), String> {
        let mut ignored = Diagnostics::default();
        let empty = File::new(self.file.clone(), "");
        let old = notes::parse(self.old.as_ref().unwrap_or(&empty), opened.site, &mut ignored);
        let next = format!("{}\n\n## Next {{#{SENTINEL} about=text}}\n\nNext.\n", self.new);
        let file = File::new(self.file.clone(), next);
        let new = notes::parse(&file, opened.site, &mut ignored);
        let summary =
            |note: &notes::Note<'_>| (note.id.clone(), note.heading, note.quotes.len(), note.body.len());
        let (kept, rest) = new.notes.split_at(old.notes.len().min(new.notes.len()));
        let note = match rest {
            [note, next] if note.id == self.id && next.id == SENTINEL => note,
            [note] if note.id == self.id => {
                return Err("close the comment or the code block in the note".to_owned());
            }
            [note, _, ..] if note.id == self.id => {
                return Err("a line of the note opens another note: use `###` for headings".to_owned());
            }
            _ => {
                let why = "the layer ends in an open comment or code block: close it first";
                return Err(why.to_owned());
            }
        };
        if !kept.iter().map(summary).eq(old.notes.iter().map(summary)) {
            return Err("the note redefines footnotes or links of other notes: rename them".to_owned());
        }
        let folded = fold(opened.text.reading());
        let anchors = Anchors::new(opened.source, &opened.text, &folded, note.quotes.len(), Orphans::Error);
        if anchors.passages(note, &file, &mut ignored) == [span] {
            return Ok(());
        }
        let why =
            "the note would get another passage: begin the text with your own words, not with a block quote";
        Err(why.to_owned())
    }

    /// Verifies that the note causes no new errors, such as unknown works or broken links.
    fn check_errors(&self, session: &Session, opened: &Opened<'_>) -> Result<(), String> {
        let new = File::new(self.file.clone(), self.new.clone());
        let mut layers: Vec<Arc<File>> = opened.layers.clone();
        match layers.iter_mut().find(|layer| layer.path == self.file) {
            Some(layer) => *layer = new,
            None => layers.push(new),
        }
        let known = session.trial(opened, &opened.layers);
        let new_error = session.trial(opened, &layers).into_iter().find(|problem| {
            let same =
                |old: &Diagnostic| old.message == problem.message && old.place.span == problem.place.span;
            problem.severity == Severity::Error && !known.iter().any(same)
        });
        match new_error {
            None => Ok(()),
            Some(Diagnostic { message, help: Some(help), .. }) => Err(format!("{message}: {help}")),
            Some(problem) => Err(problem.message),
        }
    }

    fn result(self) -> WrittenNote {
        WrittenNote { id: self.id, file: self.file }
    }
}

/// The selected passage; an error if the page does not show the current text.
fn passage(opened: &Opened<'_>, note: &NewNote) -> Result<TextSpan, String> {
    let reading = opened.text.reading();
    let found = code_points(reading, note.start, note.end).filter(|span| reading[span.range()] == note.words);
    let span = found.ok_or("the text has changed: reload the page and select the words again")?;
    let words = &reading[span.range()];
    if words.trim().is_empty() {
        return Err("select some words first".to_owned());
    }
    let start = span.start + words.len() - words.trim_start().len();
    Ok(whole_graphemes(reading, TextSpan::new(start, span.start + words.trim_end().len())))
}

/// Extends a range to whole graphemes, so that an emoji made of several code points is not split.
fn whole_graphemes(reading: &str, span: TextSpan) -> TextSpan {
    let (mut start, mut end) = (span.start, span.end);
    for (at, grapheme) in
        reading.grapheme_indices(true).skip_while(|(at, grapheme)| at + grapheme.len() <= span.start)
    {
        if at >= span.end {
            break;
        }
        start = start.min(at);
        end = end.max(at + grapheme.len());
    }
    TextSpan::new(start, end)
}

/// An id that no other note on the text has.
fn id(opened: &Opened<'_>, note: &NewNote) -> String {
    let mut ignored = Diagnostics::default();
    let mut slugs = Slugs::default();
    for file in &opened.layers {
        notes::parse(file, opened.site, &mut ignored).notes.iter().for_each(|note| slugs.reserve(&note.id));
    }
    let words = if note.title.trim().is_empty() { &note.words } else { &note.title };
    let short: Vec<&str> = words.split_whitespace().take(5).collect();
    slugs.unique(&short.join(" "), "note")
}

/// The source of the note.
fn note_source(opened: &Opened<'_>, note: &NewNote, id: &str, span: TextSpan) -> Result<String, String> {
    let folded = fold(opened.text.reading());
    let finder = Finder::new(opened.source, &opened.text, &folded);
    let quote = finder.quote(span).ok_or("no quote identifies these words uniquely")?;
    let title = match one_line(&without_controls(&note.title)) {
        title if !title.is_empty() => title,
        _ => title_from(&note.words),
    };
    let mut attributes = format!("#{id} .{}", note.kind);
    if !note.verdict.is_empty() {
        attributes.push_str(&format!(" verdict={}", note.verdict));
    }
    if let Some(number) = quote.occurrence {
        attributes.push_str(&format!(" occurrence={number}"));
    }
    let title = escape_note(&title);
    let body = without_controls(&note.body.replace("\r\n", "\n"));
    Ok(format!("## {title} {{{attributes}}}\n\n{}\n\n{}\n", quote.markdown.trim_end(), body.trim()))
}

/// Strips control characters, and characters that change the direction of text.
fn without_controls(words: &str) -> String {
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let is_bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    words.chars().filter(|&c| !is_control(c) && !is_bidi(c)).collect()
}

/// Appends a note to a layer, with the layer's line endings.
fn append(layer: &str, note: &str) -> String {
    let newline = if layer.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = match layer {
        "" => "",
        text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
        text if text.ends_with('\n') => newline,
        _ => &format!("{newline}{newline}"),
    };
    format!("{layer}{gap}{}", note.replace('\n', newline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_appended_and_nothing_else_changes() {
        for (layer, expected) in [
            ("", "note\n"),
            ("a", "a\n\nnote\n"),
            ("a\n", "a\n\nnote\n"),
            ("a\n\n", "a\n\nnote\n"),
            ("a\r\nb\r\n", "a\r\nb\r\n\r\nnote\r\n"),
            ("a\r\n\r\n", "a\r\n\r\nnote\r\n"),
        ] {
            assert_eq!(append(layer, "note\n"), expected, "{layer:?}");
        }
    }
}
