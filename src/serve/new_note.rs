//! A note on selected words, written into a layer of the text.
//!
//! 1. The words are quoted with just enough context to mean this passage alone.
//! 2. The note goes to the end of a layer as it is now; nothing else in the file changes by a byte.
//! 3. The new layer is read before it is written: it has to hold the old notes and this one, with this passage.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::anchor::Anchors;
use crate::anchor::fold::fold;
use crate::compose::locate::{Finder, code_points};
use crate::compose::quote::title_from;
use crate::diagnostics::{Diagnostic, Diagnostics, File, Severity, TextSpan};
use crate::html::slug::Slugs;
use crate::markdown::escape::{escape_note, one_line};
use crate::names::address;
use crate::notes;
use crate::output::atomic_write;
use crate::pipeline::{Opened, Session};
use crate::site::Orphans;

/// How often a layer that changes meanwhile is read again.
const ATTEMPTS: usize = 5;
/// The id of a note that is only there to see that the one before it ends.
const NEXT: &str = "postil-next-note";

/// A note as a page sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// The path of the text.
    source: String,
    /// Where the words begin in the reading text, in code points.
    start: usize,
    /// Where they end.
    end: usize,
    /// The words, to prove that the page shows the text as it is.
    words: String,
    /// The id of its kind.
    kind: String,
    /// The id of its verdict; may be empty.
    verdict: String,
    /// Its title; may be empty.
    title: String,
    /// What it says, in Markdown.
    body: String,
    /// The file of its layer; empty for the text's first.
    layer: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Noted {
    /// The note's id.
    id: String,
    /// The file it was written into.
    file: String,
}

/// What a page needs to know to offer a form.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Form {
    kinds: Vec<KindOffered>,
    layers: Vec<LayerOffered>,
}

#[derive(Debug, Clone, Serialize)]
struct KindOffered {
    id: String,
    label: String,
    verdicts: Vec<Choice>,
}

#[derive(Debug, Clone, Serialize)]
struct Choice {
    id: String,
    label: String,
}

#[derive(Debug, Clone, Serialize)]
struct LayerOffered {
    file: String,
    name: String,
}

/// What can be chosen for a note on the text at `path`.
pub(super) fn form(session: &Session, path: &str) -> Option<Form> {
    let opened = session.text(path)?;
    let mut silent = Diagnostics::default();
    let layers = opened.layers.iter().map(|file| LayerOffered {
        file: file.path.clone(),
        name: notes::parse(file, opened.site, &mut silent).name(),
    });
    let kinds = opened.site.kinds.iter().map(|kind| KindOffered {
        id: kind.id.clone(),
        label: kind.label.clone(),
        verdicts: kind
            .verdicts
            .iter()
            .map(|verdict| Choice { id: verdict.id.clone(), label: verdict.label.clone() })
            .collect(),
    });
    Some(Form { kinds: kinds.collect(), layers: layers.collect() })
}

/// Writes a note into the layer it is for; why not, if it cannot be, in words for whoever wrote it.
pub(super) fn write(session: &Session, note: &NewNote) -> Result<Noted, String> {
    let failed = |path: &str, error: &io::Error| format!("{path} cannot be written: {error}");
    for _ in 0..ATTEMPTS {
        let opened = session.text(&note.source).ok_or("the site has no such text")?;
        let draft = Draft::new(session, &opened, note)?;
        let Some(old) = &draft.old else {
            match atomic_write::create(session.root(), &draft.file, draft.new.as_bytes()) {
                Ok(()) => return Ok(draft.noted()),
                // Somebody began the layer meanwhile.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(failed(&draft.file, &error)),
            }
        };
        match atomic_write::replace(&session.root().join(&draft.file), &old.text, &draft.new) {
            Ok(true) => return Ok(draft.noted()),
            Ok(false) => {}
            Err(error) => return Err(failed(&draft.file, &error)),
        }
    }
    Err("the layer keeps changing on disk: save there first, then again here".to_owned())
}

/// A layer with the note in it.
struct Draft {
    file: String,
    old: Option<Arc<File>>,
    new: String,
    id: String,
}

impl Draft {
    fn new(session: &Session, opened: &Opened<'_>, note: &NewNote) -> Result<Self, String> {
        let span = passage(opened, note)?;
        let kind = opened.site.kind(&note.kind).ok_or("choose a kind of note")?;
        if !note.verdict.is_empty() && kind.verdict(&note.verdict).is_none() {
            return Err(format!("`{}` is no verdict of this kind", note.verdict));
        }
        if note.body.trim().is_empty() {
            return Err("write what the note says".to_owned());
        }
        let old = match opened.layers.iter().find(|layer| layer.path == note.layer) {
            Some(layer) => Some(Arc::clone(layer)),
            None if note.layer.is_empty() => opened.layers.first().cloned(),
            None => return Err(format!("the text has no layer {}", note.layer)),
        };
        let own = format!("{}/{}.md", address::ANNOTATIONS, opened.source.path);
        let file = old.as_ref().map_or(own, |layer| layer.path.clone());
        let id = id(opened, note);
        let written = written(opened, note, &id, span)?;
        let new = appended(old.as_ref().map_or("", |layer| layer.text.as_str()), &written);
        let draft = Self { file, old, new, id };
        draft.verify(opened, span)?;
        draft.hold(session, opened)?;
        Ok(draft)
    }

    /// Reads the new layer: it holds what it held, and the note with its passage; and what follows some day is read.
    fn verify(&self, opened: &Opened<'_>, span: TextSpan) -> Result<(), String> {
        let mut silent = Diagnostics::default();
        let empty = File::new(self.file.clone(), "");
        let old = notes::parse(self.old.as_ref().unwrap_or(&empty), opened.site, &mut silent);
        let next = format!("{}\n\n## Next {{#{NEXT} about=text}}\n\nNext.\n", self.new);
        let file = File::new(self.file.clone(), next);
        let new = notes::parse(&file, opened.site, &mut silent);
        let told =
            |note: &notes::Note<'_>| (note.id.clone(), note.heading, note.quotes.len(), note.body.len());
        let (kept, rest) = new.notes.split_at(old.notes.len().min(new.notes.len()));
        let note = match rest {
            [note, next] if note.id == self.id && next.id == NEXT => note,
            [note] if note.id == self.id => {
                return Err("close the comment or the code block in the note".to_owned());
            }
            [note, _, ..] if note.id == self.id => {
                return Err(
                    "a line of the note opens another note: write `###` for a heading within it".to_owned()
                );
            }
            _ => {
                let why =
                    "the end of the layer swallows the note: close its last comment or code block first";
                return Err(why.to_owned());
            }
        };
        if !kept.iter().map(told).eq(old.notes.iter().map(told)) {
            return Err(
                "the note changes what others say: give its footnotes and link names other names".to_owned()
            );
        }
        let folded = fold(opened.text.reading());
        let anchors = Anchors::new(opened.source, &opened.text, &folded, note.quotes.len(), Orphans::Error);
        if anchors.passages(note, &file, &mut silent) == [span] {
            return Ok(());
        }
        let why = "the note would not mean these words alone: begin it with words of your own, not with a block quote";
        Err(why.to_owned())
    }

    /// Proves that the text has no more errors with the note than without: works and links that are not there.
    fn hold(&self, session: &Session, opened: &Opened<'_>) -> Result<(), String> {
        let new = File::new(self.file.clone(), self.new.clone());
        let mut layers: Vec<Arc<File>> = opened.layers.clone();
        match layers.iter_mut().find(|layer| layer.path == self.file) {
            Some(layer) => *layer = new,
            None => layers.push(new),
        }
        let known = session.trial(opened, &opened.layers);
        let fresh = session.trial(opened, &layers).into_iter().find(|problem| {
            let same =
                |old: &Diagnostic| old.message == problem.message && old.place.span == problem.place.span;
            problem.severity == Severity::Error && !known.iter().any(same)
        });
        match fresh {
            None => Ok(()),
            Some(Diagnostic { message, help: Some(help), .. }) => Err(format!("{message}: {help}")),
            Some(problem) => Err(problem.message),
        }
    }

    fn noted(self) -> Noted {
        Noted { id: self.id, file: self.file }
    }
}

/// The passage, if the page shows the text as it is now.
fn passage(opened: &Opened<'_>, note: &NewNote) -> Result<TextSpan, String> {
    let reading = opened.text.reading();
    let found = code_points(reading, note.start, note.end).filter(|span| reading[span.range()] == note.words);
    let span = found.ok_or("the text has changed: load the page again, then select the words again")?;
    let words = &reading[span.range()];
    if words.trim().is_empty() {
        return Err("select some words first".to_owned());
    }
    let start = span.start + words.len() - words.trim_start().len();
    Ok(whole_signs(reading, TextSpan::new(start, span.start + words.trim_end().len())))
}

/// The run with the whole of the signs that it begins and ends in: a family is not parted.
fn whole_signs(reading: &str, span: TextSpan) -> TextSpan {
    let (mut start, mut end) = (span.start, span.end);
    for (at, sign) in reading.grapheme_indices(true).skip_while(|(at, sign)| at + sign.len() <= span.start) {
        if at >= span.end {
            break;
        }
        start = start.min(at);
        end = end.max(at + sign.len());
    }
    TextSpan::new(start, end)
}

/// An id for the note that no other note on the text has.
fn id(opened: &Opened<'_>, note: &NewNote) -> String {
    let mut silent = Diagnostics::default();
    let mut slugs = Slugs::default();
    for file in &opened.layers {
        notes::parse(file, opened.site, &mut silent).notes.iter().for_each(|note| slugs.take(&note.id));
    }
    let words = if note.title.trim().is_empty() { &note.words } else { &note.title };
    let short: Vec<&str> = words.split_whitespace().take(5).collect();
    slugs.unique(&short.join(" "), "note")
}

/// The note as a layer has it.
fn written(opened: &Opened<'_>, note: &NewNote, id: &str, span: TextSpan) -> Result<String, String> {
    let folded = fold(opened.text.reading());
    let finder = Finder::new(opened.source, &opened.text, &folded);
    let quote = finder.quote(span).ok_or("no quote of the text means these words alone")?;
    let title = match one_line(&plain(&note.title)) {
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
    let body = plain(&note.body.replace("\r\n", "\n"));
    Ok(format!("## {title} {{{attributes}}}\n\n{}\n\n{}\n", quote.markdown.trim_end(), body.trim()))
}

/// Words without what only terminals and screens obey.
fn plain(words: &str) -> String {
    let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    words.chars().filter(|&c| !obeyed(c) && !turns(c)).collect()
}

/// A layer with a note at its end, its lines ended as the layer's are.
fn appended(layer: &str, note: &str) -> String {
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
    fn a_note_goes_to_the_end_and_nothing_else_changes() {
        for (layer, expected) in [
            ("", "note\n"),
            ("a", "a\n\nnote\n"),
            ("a\n", "a\n\nnote\n"),
            ("a\n\n", "a\n\nnote\n"),
            ("a\r\nb\r\n", "a\r\nb\r\n\r\nnote\r\n"),
            ("a\r\n\r\n", "a\r\n\r\nnote\r\n"),
        ] {
            assert_eq!(appended(layer, "note\n"), expected, "{layer:?}");
        }
    }
}
