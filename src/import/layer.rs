//! Writes annotations as a layer of notes.
//!
//! 1. Replies are attached to the annotation that they reply to.
//! 2. Each annotation gets a kind of the site; its passages are located and quoted.
//! 3. It is written as a note, parsed again, and accepted only if it matches the same passages.
//! 4. An unmatched annotation is written as a comment and reported, so that nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ledger::{self, Ledger};
use super::{front_matter, json, note_body};
use crate::anchor::Anchors;
use crate::anchor::fold::Folded;
use crate::compose::locate::Finder;
use crate::compose::quote::{in_context, title_from, whole_words_after, whole_words_before};
use crate::compose::target::{Annotation, Body, Form, Target};
use crate::diagnostics::render::count;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, TextSpan};
use crate::html::slug::{Slugs, slug};
use crate::markdown::escape::{escape, escape_note, one_line};
use crate::notes;
use crate::site::{Kind, Orphans, Site, is_id};
use crate::text::Text;
use crate::text::library::Source;

/// Follows a note while it is parsed again, to verify where the note ends.
const SENTINEL: &str = "postil-end-of-note";

/// The context into which annotations are imported.
pub(crate) struct ImportContext<'i> {
    /// The site.
    pub site: &'i Site,
    /// The text, if the site has it.
    pub text: Option<(&'i Source, &'i Text, &'i Folded)>,
    /// The existing layers of the text.
    pub layers: &'i [Arc<File>],
    /// The ids of existing notes on the text.
    pub ids: BTreeSet<String>,
    /// The keys of the site's works.
    pub works: BTreeSet<String>,
    /// The kind for annotations that name no kind of the site.
    pub kind: Option<&'i Kind>,
    /// The name of a new layer.
    pub name: &'i str,
    /// The path of a new layer.
    pub path: &'i str,
}

/// What became of the annotations on one text.
#[derive(Debug, Default)]
pub(crate) struct ImportedLayer {
    /// The layers to write: path, previous source if there is one, and new source.
    pub files: Vec<(String, Option<String>, String)>,
    /// The number of annotations.
    pub total: usize,
    /// The number of notes with a passage, or about the text as a whole.
    pub placed: usize,
    /// The number of replies that became part of a note.
    pub replies: usize,
    /// The number of annotations that became comments.
    pub unmatched: usize,
    /// The number of annotations without a kind of the site.
    pub without_kind: usize,
    /// The number of private annotations, which became drafts.
    pub drafts: usize,
    /// The number of annotations with a part that was not understood and is kept in a comment.
    pub remainders: usize,
    /// The number of blocks that were added.
    pub added: usize,
    /// The number of blocks that were updated, because their authors changed them.
    pub updated: usize,
    /// The number of blocks that a person changed or removed since the last import, and that were left alone.
    pub kept: usize,
    /// The number of blocks that are the same as in the last import.
    pub unchanged: usize,
}

impl ImportedLayer {
    /// Adds the numbers of another text.
    pub(crate) fn add(&mut self, other: &Self) {
        self.total += other.total;
        self.placed += other.placed;
        self.replies += other.replies;
        self.unmatched += other.unmatched;
        self.without_kind += other.without_kind;
        self.drafts += other.drafts;
        self.remainders += other.remainders;
        self.added += other.added;
        self.updated += other.updated;
        self.kept += other.kept;
        self.unchanged += other.unchanged;
    }
}

/// Writes `annotations`, which were read from `file`, as notes in layers.
pub(crate) fn write(
    annotations: &[Annotation],
    file: &Arc<File>,
    into: &ImportContext<'_>,
    diagnostics: &mut Diagnostics,
) -> ImportedLayer {
    let threads = Threads::new(annotations);
    let authors: BTreeSet<Option<&str>> = annotations.iter().map(|one| one.author.as_deref()).collect();
    let author = match authors.len() {
        1 => authors.into_iter().next().flatten(),
        _ => None,
    };
    let name = file.path.rsplit(['/', '\\']).next().unwrap_or(&file.path);
    let mut front = front_matter(&[("layer", Some(into.name)), ("author", author)]);
    front.push_str(&format!("Imported from {}.\n", escape_note(&one_line(name))));
    let mut layers = Layers::new(into, front);
    let finder = into.text.map(|(source, text, folded)| Finder::new(source, text, folded));
    if let Some(finder) = &finder {
        annotations.iter().flat_map(|one| &one.targets).for_each(|target| finder.learn(target));
    }
    let mut writer = Writer {
        into,
        finder,
        author: layers.author(into.site, author),
        slugs: Slugs::default(),
        forced: None,
        out: ImportedLayer { total: annotations.len(), ..ImportedLayer::default() },
    };
    into.ids.iter().for_each(|id| writer.slugs.reserve(id));
    let keys = keys(annotations);
    for (index, annotation) in annotations.iter().enumerate() {
        if threads.root(index) != Some(index) {
            continue;
        }
        let replies: Vec<&Annotation> =
            threads.replies(index).map(|at| &annotations[at]).filter(|reply| !reply.private).collect();
        writer.forced = layers.known_id(&keys[index]);
        match writer.note(annotation, &replies) {
            Ok((id, note)) => {
                writer.out.placed += 1;
                writer.out.replies += replies.len();
                layers.add(&keys[index], &note, Some(id), &mut writer.out);
            }
            Err((reason, note)) => {
                writer.out.unmatched += 1 + replies.len();
                layers.add(&keys[index], &comment(&reason, &note), None, &mut writer.out);
                diagnostics.push(unmatched(file, annotation, &reason, replies.len()));
            }
        }
    }
    for (index, annotation) in annotations.iter().enumerate() {
        let reason = match threads.root(index) {
            None => "it replies to an annotation that is not in this file",
            Some(root) if root != index && annotation.private => "it is a private reply",
            Some(_) => continue,
        };
        writer.forced = None;
        let note = writer.unmatched_note(annotation, &[]);
        writer.out.unmatched += 1;
        layers.add(&keys[index], &comment(reason, &note), None, &mut writer.out);
        diagnostics.push(unmatched(file, annotation, reason, 0));
    }
    writer.out.files = layers.finish();
    writer.out
}

/// The keys of annotations: their ids, or else a hash of what does not change when the comment is edited.
fn keys(annotations: &[Annotation]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    annotations
        .iter()
        .map(|annotation| {
            let key = match &annotation.id {
                Some(id) => ledger::key(id),
                None => {
                    let quotes: Vec<_> = annotation.targets.iter().map(Target::quote).collect();
                    let stable = format!("{quotes:?} {:?} {:?}", annotation.author, annotation.created);
                    format!("hash:{}", ledger::hash(&stable))
                }
            };
            let count = seen.entry(key.clone()).or_default();
            *count += 1;
            if *count == 1 { key } else { format!("{key}+{count}") }
        })
        .collect()
}

/// The layers of a text, while annotations are added.
struct Layers<'l> {
    /// Path, previous source, current source and record of each layer; the last one may be new.
    layers: Vec<(String, Option<&'l str>, String, Ledger)>,
    /// The layer that new notes are added to.
    target: usize,
}

impl<'l> Layers<'l> {
    fn new(into: &'l ImportContext<'_>, front: String) -> Self {
        let mut layers: Vec<_> = into
            .layers
            .iter()
            .map(|file| {
                (file.path.clone(), Some(file.text.as_str()), file.text.clone(), Ledger::read(&file.text))
            })
            .collect();
        let target = layers.iter().position(|(_, _, _, ledger)| !ledger.is_empty());
        let target = target.unwrap_or_else(|| {
            layers.push((into.path.to_owned(), None, front, Ledger::default()));
            layers.len() - 1
        });
        Self { layers, target }
    }

    /// The author that the layer names: notes of others name theirs.
    fn author(&self, site: &Site, of_new: Option<&str>) -> Option<String> {
        let (path, previous, ..) = self.layers.get(self.target)?;
        match previous {
            None => of_new.map(str::to_owned),
            Some(text) => {
                let file = File::new(path.as_str(), *text);
                notes::parse(&file, site, &mut Diagnostics::default()).front.author
            }
        }
    }

    /// The id of the note that an annotation became in an earlier import.
    fn known_id(&self, key: &str) -> Option<String> {
        self.layers.iter().find_map(|(.., ledger)| ledger.get(key)?.id.clone())
    }

    /// Adds the block of an annotation, or updates it.
    fn add(&mut self, key: &str, block: &str, id: Option<String>, out: &mut ImportedLayer) {
        let found = self.layers.iter_mut().find_map(|(.., text, ledger)| {
            let entry = ledger.get(key)?.clone();
            Some((text, ledger, entry))
        });
        let Some((text, ledger, entry)) = found else {
            let (_, _, text, ledger) = &mut self.layers[self.target];
            let at = Ledger::end_of_blocks(text);
            let before = text[..at].trim_end().len();
            text.replace_range(
                before..at,
                &format!("\n\n{}\n{}", block.trim(), if at < text.len() { "\n" } else { "" }),
            );
            ledger.insert(key.to_owned(), block, id);
            out.added += 1;
            return;
        };
        if ledger::hash(block) == entry.hash {
            out.unchanged += 1;
            return;
        }
        let range = match &entry.id {
            Some(id) => ledger::block_of_note(text, id),
            None => ledger::block_of_comment(text, &entry.hash),
        };
        match range.filter(|range| ledger::hash(&text[range.clone()]) == entry.hash) {
            Some(range) => {
                let end = range.start + text[range.clone()].trim_end().len();
                text.replace_range(range.start..end, block.trim());
                ledger.insert(key.to_owned(), block, id);
                out.updated += 1;
            }
            None => out.kept += 1,
        }
    }

    /// The layers that changed.
    fn finish(self) -> Vec<(String, Option<String>, String)> {
        let changed = self.layers.into_iter().filter_map(|(path, previous, text, ledger)| {
            if ledger.is_empty() {
                return None;
            }
            let text = ledger.write(&text);
            (previous != Some(text.as_str())).then(|| (path, previous.map(str::to_owned), text))
        });
        changed.collect()
    }
}

/// The warning for an unmatched annotation.
fn unmatched(file: &Arc<File>, annotation: &Annotation, reason: &str, replies: usize) -> Diagnostic {
    let with = match replies {
        0 => String::new(),
        _ => format!(" with {}", count(replies, "reply", "replies")),
    };
    let message = format!("unmatched annotation{with}: {reason}");
    Diagnostic::warning(Code::AnchorOrphan, json::place(file, annotation.id.as_deref()), message).help(
        "it is kept as a comment in the layer; to use it, add a quote from the text and remove the comment marks",
    )
}

/// A note inside a comment, so that it is not published.
fn comment(reason: &str, note: &str) -> String {
    let inner = format!("Unmatched: {reason}.\n\n{note}").replace("--", "-\\-");
    format!("\n<!--\n{}\n-->\n", inner.trim_end())
}

/// The threads of annotations and their replies.
struct Threads {
    /// The first annotation of each annotation's thread; `None` if it is not in the file.
    roots: Vec<Option<usize>>,
}

impl Threads {
    fn new(annotations: &[Annotation]) -> Self {
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, annotation) in annotations.iter().enumerate() {
            if let Some(id) = &annotation.id {
                by_id.entry(id).or_insert(index);
            }
        }
        let parent = |index: usize| -> Option<Option<usize>> {
            annotations[index].reply_to.as_deref().map(|id| by_id.get(id).copied())
        };
        let roots = (0..annotations.len())
            .map(|index| {
                let mut at = index;
                // A cycle of replies has no first annotation.
                for _ in 0..=annotations.len() {
                    match parent(at) {
                        None => return Some(at),
                        Some(above) => at = above?,
                    }
                }
                None
            })
            .collect();
        Self { roots }
    }

    fn root(&self, index: usize) -> Option<usize> {
        self.roots[index]
    }

    fn replies(&self, root: usize) -> impl Iterator<Item = usize> {
        (0..self.roots.len()).filter(move |index| *index != root && self.roots[*index] == Some(root))
    }
}

struct Writer<'w> {
    into: &'w ImportContext<'w>,
    finder: Option<Finder<'w>>,
    author: Option<String>,
    slugs: Slugs,
    /// The id of the note, if the annotation has been imported before.
    forced: Option<String>,
    out: ImportedLayer,
}

/// A passage with its quote for a note.
struct Passage {
    span: Option<TextSpan>,
    words: String,
    markdown: String,
    occurrence: Option<usize>,
}

impl Writer<'_> {
    /// Converts an annotation to a note; on failure returns the reason and the note to keep as a comment.
    fn note(
        &mut self,
        annotation: &Annotation,
        replies: &[&Annotation],
    ) -> Result<(String, String), (String, String)> {
        let (passages, unmatched) = self.passages(annotation);
        let about_text = passages.is_empty() && unmatched.is_empty();
        if passages.is_empty() && !about_text {
            let reason = unmatched.into_iter().map(|(reason, _)| reason).next().unwrap_or_default();
            return Err((reason, self.unmatched_note(annotation, replies)));
        }
        let about = about_text.then_some("text");
        let (id, note) = self.draft(annotation, replies, &passages, about);
        let unmatched: Vec<String> = unmatched
            .into_iter()
            .map(|(reason, quote)| format!("Unmatched passage ({reason}): {quote}"))
            .collect();
        let end = if unmatched.is_empty() {
            String::new()
        } else {
            format!("\n{}\n", note_body::plain(&unmatched.join("\n\n")))
        };
        let spans: Vec<TextSpan> = passages.iter().filter_map(|passage| passage.span).collect();
        let note = self.verify(&id, &format!("{note}{end}"), &spans)?;
        Ok((id, note + &self.remainder(annotation, replies)))
    }

    /// The note for an unmatched annotation, with all available information on its targets.
    fn unmatched_note(&mut self, annotation: &Annotation, replies: &[&Annotation]) -> String {
        let quotes: Vec<Passage> = annotation
            .targets
            .iter()
            .filter_map(Target::quote)
            .map(|(exact, prefix, suffix)| Passage {
                span: None,
                words: exact.to_owned(),
                markdown: in_context(whole_words_after(prefix), exact, whole_words_before(suffix)),
                occurrence: None,
            })
            .collect();
        let note = self.draft(annotation, replies, &quotes, None).1;
        let others: Vec<String> =
            annotation.targets.iter().filter(|target| target.quote().is_none()).map(describe).collect();
        let reply_to = annotation.reply_to.iter().map(|id| format!("In reply to {id}"));
        let lines: Vec<String> =
            reply_to.chain(others).map(|line| note_body::plain(&one_line(&line))).collect();
        let rest: Vec<String> = std::iter::once(annotation)
            .chain(replies.iter().copied())
            .flat_map(|one| one.remainder.clone())
            .collect();
        self.out.remainders += usize::from(!rest.is_empty());
        let lines: Vec<String> =
            lines.into_iter().chain(rest.into_iter().map(|rest| format!("Not understood: {rest}"))).collect();
        if lines.is_empty() { note } else { format!("{note}\n{}\n", lines.join("\n\n")) }
    }

    /// A comment with what is not understood of an annotation and its replies, verbatim.
    fn remainder(&mut self, annotation: &Annotation, replies: &[&Annotation]) -> String {
        let rest: Vec<&str> = std::iter::once(annotation)
            .chain(replies.iter().copied())
            .flat_map(|one| one.remainder.iter().map(String::as_str))
            .collect();
        if rest.is_empty() {
            return String::new();
        }
        self.out.remainders += 1;
        // Line breaks in a comment could look like the start of a note.
        let rest = rest.join(" ").replace("--", "-\\-").replace(['\n', '\r'], " ");
        format!("\n<!-- Not understood: {rest} -->\n")
    }

    /// The passages of an annotation, and its unmatched targets, each with the reason and the quote.
    fn passages(&self, annotation: &Annotation) -> (Vec<Passage>, Vec<(String, String)>) {
        let (mut found, mut unmatched): (Vec<Passage>, Vec<(String, String)>) = (Vec::new(), Vec::new());
        for target in annotation.targets.iter().filter(|target| !target.selectors.is_empty()) {
            match self.passage(target) {
                Ok(passage)
                    if found.iter().any(|other| other.span.is_some() && other.span == passage.span) => {}
                Ok(passage) => found.push(passage),
                Err(reason) => {
                    unmatched
                        .push((reason, target.quote().map_or("no quote", |(exact, ..)| exact).to_owned()));
                }
            }
        }
        (found, unmatched)
    }

    fn passage(&self, target: &Target) -> Result<Passage, String> {
        let Some(finder) = &self.finder else {
            let (exact, prefix, suffix) =
                target.quote().filter(|(exact, ..)| !exact.trim().is_empty()).ok_or_else(|| {
                    let name = target.selectors.first().map_or("nothing", |selector| selector.kind.name());
                    format!("it has no quote, and its {name} can be resolved only if the site has the text")
                })?;
            let (before, after) = (whole_words_after(prefix), whole_words_before(suffix));
            let markdown = in_context(before, exact, after);
            return Ok(Passage { span: None, words: exact.to_owned(), markdown, occurrence: None });
        };
        let span = finder.find(target)?;
        let quote = finder.quote(span).ok_or("no quote identifies its passage uniquely")?;
        let words =
            self.into.text.map_or(String::new(), |(_, text, _)| text.reading()[span.range()].to_owned());
        Ok(Passage { span: Some(span), words, markdown: quote.markdown, occurrence: quote.occurrence })
    }

    /// Writes a note; returns its id and its source.
    fn draft(
        &mut self,
        annotation: &Annotation,
        replies: &[&Annotation],
        passages: &[Passage],
        about: Option<&str>,
    ) -> (String, String) {
        let NoteParts { title, body, tags, verdict, works, kind } = self.note_parts(annotation);
        let id = self.id(annotation);
        let title = title.unwrap_or_else(|| match passages.first() {
            Some(passage) => title_from(&passage.words),
            None if about.is_some() => "On the text as a whole".to_owned(),
            None => "Without a passage".to_owned(),
        });
        let mut attributes = format!("#{id} .{kind}");
        let mut add = |key: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                let plain = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ',' | '.'));
                attributes.push_str(&if plain {
                    format!(" {key}={value}")
                } else {
                    format!(" {key}=\"{value}\"")
                });
            }
        };
        add("verdict", verdict);
        add("works", Some(works.join(",")));
        add("about", about.map(str::to_owned));
        // A number is valid only with a single quote; several quotes have been verified to be unique.
        add(
            "occurrence",
            match passages {
                [one] => one.occurrence.map(|number| number.to_string()),
                _ => None,
            },
        );
        add("tags", Some(tags.join(",")));
        add("date", annotation.created.clone());
        add("updated", annotation.updated.clone().filter(|day| annotation.created.as_ref() != Some(day)));
        add("draft", annotation.private.then(|| "true".to_owned()));
        let mut note = format!("## {} {{{attributes}}}\n", escape_note(&one_line(&title)));
        let blocks = passages.iter().map(|passage| passage.markdown.trim_end().to_owned()).chain([body]);
        let blocks =
            blocks.chain(self.signature(annotation)).chain(replies.iter().map(|reply| self.reply(reply)));
        for block in blocks.filter(|block| !block.trim().is_empty()) {
            note.push_str(&format!("\n{}\n", block.trim_end()));
        }
        (id, note)
    }

    /// The annotation's own id if it is valid and free; otherwise a generated one.
    fn id(&mut self, annotation: &Annotation) -> String {
        if let Some(id) = self.forced.take() {
            return id;
        }
        let own = annotation.id.as_deref().unwrap_or_default();
        let last = own.rsplit(['/', '#', ':']).next().unwrap_or_default();
        let last = last.strip_prefix("note-").unwrap_or(last);
        if is_id(last) && self.slugs.is_free(last) {
            self.slugs.reserve(last);
            return last.to_owned();
        }
        self.slugs.unique(last, "note")
    }

    /// The author and the group of a note, if the layer does not name them.
    fn signature(&self, annotation: &Annotation) -> Option<String> {
        let author = annotation.author.as_deref().filter(|author| self.author.as_deref() != Some(author));
        let parts: Vec<String> = author
            .map(str::to_owned)
            .into_iter()
            .chain(annotation.group.as_ref().map(|group| format!("group {group}")))
            .collect();
        (!parts.is_empty()).then(|| format!("— {}", note_body::plain(&one_line(&parts.join(", ")))))
    }

    fn reply(&self, reply: &Annotation) -> String {
        let who = reply.author.as_deref().unwrap_or("Someone");
        let when = reply.created.as_deref().map_or(String::new(), |day| format!(", {day}"));
        let head = note_body::plain(&one_line(&format!("{who} replied{when}:")));
        let body: Vec<String> =
            reply.bodies.iter().map(|body| words(body).1).filter(|body| !body.is_empty()).collect();
        let quoted: Vec<String> = body
            .join("\n\n")
            .lines()
            .map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") })
            .collect();
        format!("{head}\n\n{}", quoted.join("\n"))
    }

    /// Parses a note again: it has to be a single note with these passages.
    fn verify(&mut self, id: &str, note: &str, spans: &[TextSpan]) -> Result<String, (String, String)> {
        if self.is_equivalent(id, note, spans) {
            return Ok(note.to_owned());
        }
        Err(("no quote identifies its passage uniquely".to_owned(), note.to_owned()))
    }

    fn is_equivalent(&self, id: &str, note: &str, spans: &[TextSpan]) -> bool {
        let Some(kind) = self.into.site.kinds.first() else { return false };
        let probe = format!("{note}\n## End {{#{SENTINEL} .{} about=text}}\n\nEnd.\n", kind.id);
        let file = File::new("annotations/import.md", probe);
        let mut problems = Diagnostics::default();
        let read = notes::parse(&file, self.into.site, &mut problems);
        let [first, last] = read.notes.as_slice() else { return false };
        if problems.has_errors() || first.id != id || last.id != SENTINEL {
            return false;
        }
        let Some((source, text, folded)) = self.into.text else { return true };
        let anchors = Anchors::new(source, text, folded, first.quotes.len(), Orphans::Error);
        let mut wanted = spans.to_vec();
        wanted.sort_unstable();
        anchors.passages(first, &file, &mut problems) == wanted && !problems.has_errors()
    }

    /// Collects the parts of a note from the bodies of an annotation.
    fn note_parts(&mut self, annotation: &Annotation) -> NoteParts {
        let site = self.into.site;
        let mut parts = NoteParts::default();
        let purposes = |body: &Body| body.purpose.clone().unwrap_or_default();
        let named = annotation.bodies.iter().find_map(|body| {
            matches!(purposes(body).as_str(), "classifying" | "tagging")
                .then(|| kind_named(site, &body.value))
                .flatten()
        });
        let named = named.or(self.into.kind).or_else(|| kind_by_verdict(site, annotation));
        let kind = named.or_else(|| kind_by_motivation(site, annotation));
        self.out.without_kind += usize::from(kind.is_none());
        self.out.drafts += usize::from(annotation.private);
        let kind = kind.or(site.kinds.first());
        parts.kind = kind.map(|kind| kind.id.clone()).unwrap_or_default();
        let mut blocks = Vec::new();
        for body in &annotation.bodies {
            let value = body.value.trim();
            match purposes(body).as_str() {
                "classifying" | "tagging"
                    if kind_named(site, value).is_some_and(|named| named.id == parts.kind) => {}
                "tagging" | "assessing"
                    if parts.verdict.is_none()
                        && kind.is_some_and(|kind| verdict_named(kind, value).is_some()) =>
                {
                    parts.verdict = kind.and_then(|kind| verdict_named(kind, value));
                }
                "tagging" => parts.tags.extend(tag(value)),
                "identifying" if self.into.works.contains(value) => parts.works.push(value.to_owned()),
                purpose => {
                    let (title, words) = words(body);
                    let title = title.filter(|title| !title.is_empty());
                    if parts.title.is_none() && blocks.is_empty() {
                        parts.title = title;
                    } else if let Some(title) = title {
                        blocks.push(format!("### {}", escape_note(&title)));
                    }
                    let plain =
                        matches!(purpose, "" | "commenting" | "describing" | "replying" | "highlighting");
                    blocks.push(if plain { words } else { format!("*{}:* {words}", escape(purpose)) });
                }
            }
        }
        parts.body = blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n");
        parts
    }
}

/// The parts of a note.
#[derive(Default)]
struct NoteParts {
    title: Option<String>,
    body: String,
    tags: Vec<String>,
    verdict: Option<String>,
    works: Vec<String>,
    kind: String,
}

/// Converts a body to Markdown; returns a leading heading separately.
fn words(body: &Body) -> (Option<String>, String) {
    match body.form {
        Form::Plain => (None, note_body::plain(&body.value)),
        Form::Markdown => {
            (None, note_body::markdown(body.value.trim()).unwrap_or_else(|| note_body::plain(&body.value)))
        }
        Form::Html => note_body::html(&body.value),
        Form::Address if body.value.starts_with("http") && !body.value.contains(['<', '>', ' ', '\n']) => {
            (None, format!("<{}>", body.value))
        }
        Form::Address => (None, note_body::plain(&body.value)),
    }
}

/// The kind with this id or label.
fn kind_named<'s>(site: &'s Site, word: &str) -> Option<&'s Kind> {
    let word = slug(word);
    site.kinds
        .iter()
        .find(|kind| [&kind.id, &kind.label, &kind.plural].into_iter().any(|name| slug(name) == word))
}

/// The verdict of a kind with this id or label.
fn verdict_named(kind: &Kind, word: &str) -> Option<String> {
    let word = slug(word);
    kind.verdicts
        .iter()
        .find(|verdict| slug(&verdict.id) == word || slug(&verdict.label) == word)
        .map(|verdict| verdict.id.clone())
}

/// The only kind that has a verdict named by the annotation.
fn kind_by_verdict<'s>(site: &'s Site, annotation: &Annotation) -> Option<&'s Kind> {
    annotation
        .bodies
        .iter()
        .filter(|body| matches!(body.purpose.as_deref(), Some("tagging" | "assessing")))
        .find_map(|body| {
            let mut kinds = site.kinds.iter().filter(|kind| verdict_named(kind, &body.value).is_some());
            let kind = kinds.next()?;
            kinds.next().is_none().then_some(kind)
        })
}

/// The only kind with the annotation's motivation. Commenting and highlighting are very general, so they
/// match only a kind without verdicts.
fn kind_by_motivation<'s>(site: &'s Site, annotation: &Annotation) -> Option<&'s Kind> {
    let purposes = annotation.bodies.iter().filter_map(|body| body.purpose.as_deref());
    let general = |motivation: &str| matches!(motivation, "commenting" | "highlighting");
    let matching = |motivation: &str| {
        let mut kinds = site.kinds.iter().filter(|kind| kind.motivation == motivation);
        let kind = kinds.next().filter(|kind| !general(motivation) || kind.verdicts.is_empty())?;
        kinds.next().is_none().then_some(kind)
    };
    let named = annotation.motivations.iter().map(String::as_str).chain(purposes).find_map(matching);
    named.or_else(|| matching("commenting"))
}

/// A tag without characters that are not allowed in the attribute.
fn tag(value: &str) -> Option<String> {
    let tag: String = one_line(value)
        .chars()
        .map(|c| match c {
            ',' => ';',
            '"' => '\'',
            '{' => '(',
            '}' => ')',
            c => c,
        })
        .collect();
    (!tag.is_empty()).then_some(tag)
}

/// Describes a target without a quote.
fn describe(target: &Target) -> String {
    let mut line = format!("Target: {}", target.source.as_deref().unwrap_or("unknown"));
    let mut level: Vec<&crate::compose::target::Selector> = target.selectors.iter().collect();
    while !level.is_empty() {
        let names: Vec<String> = level.iter().map(|selector| selector.kind.describe()).collect();
        line.push_str(&format!(", {}", names.join(" or ")));
        level = level.into_iter().flat_map(|selector| &selector.refined_by).collect();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_attached_to_their_thread() {
        let one = |id: &str, reply_to: Option<&str>| Annotation {
            id: Some(id.into()),
            reply_to: reply_to.map(str::to_owned),
            ..Annotation::default()
        };
        let all = [
            one("a", None),
            one("b", Some("a")),
            one("c", Some("b")),
            one("d", Some("x")),
            one("e", Some("e")),
        ];
        let threads = Threads::new(&all);
        assert_eq!(threads.roots, [Some(0), Some(0), Some(0), None, None]);
        assert_eq!(threads.replies(0).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_comment_cannot_be_closed_by_its_content() {
        let note = comment("why", "a --> b");
        assert_eq!(note.matches("-->").count(), 1);
    }
}
