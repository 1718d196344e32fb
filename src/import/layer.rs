//! Annotations to a layer of notes.
//!
//! 1. Replies are put with what they reply to.
//! 2. Each annotation gets a kind of the site, and its passages are found and quoted.
//! 3. It is written as a note, read again, and only kept if it means the same passages.
//! 4. What has no place is written as a comment, and reported: nothing is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{adapt, front_matter, json};
use crate::anchor::Anchors;
use crate::anchor::fold::Folded;
use crate::compose::locate::Finder;
use crate::compose::quote::{in_context, quoted, whole_words_after, whole_words_before};
use crate::compose::target::{Annotation, Body, Form, Target};
use crate::diagnostics::render::count;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, TextSpan};
use crate::html::slug::{Slugs, slug};
use crate::markdown::escape::{escape, escape_note, one_line};
use crate::notes;
use crate::site::{Kind, Orphans, Site, is_id};
use crate::text::Text;
use crate::text::library::Source;

/// What stands behind a note while it is proven that it ends where it should.
const SENTINEL: &str = "postil-end-of-note";

/// What annotations are imported into.
pub struct Into<'i> {
    /// The site.
    pub site: &'i Site,
    /// The text, if the site has it.
    pub text: Option<(&'i Source, &'i Text, &'i Folded)>,
    /// The ids that notes on it have already.
    pub ids: BTreeSet<String>,
    /// The keys of the site's works.
    pub works: BTreeSet<String>,
    /// The kind of annotations that name none that fits.
    pub kind: Option<&'i Kind>,
    /// The name of the layer.
    pub name: &'i str,
}

/// A layer made of annotations.
#[derive(Debug, Default)]
pub struct Written {
    /// The layer.
    pub text: String,
    /// How many annotations there were.
    pub total: usize,
    /// How many are notes with a passage, or on the text as a whole.
    pub placed: usize,
    /// How many are replies that stand in the notes they reply to.
    pub replies: usize,
    /// How many stand in comments.
    pub unplaced: usize,
    /// How many fit no kind of the site.
    pub unkind: usize,
    /// How many were private, and are drafts.
    pub drafts: usize,
}

/// Writes `annotations`, which were read from `file`, as a layer.
pub fn write(
    annotations: &[Annotation],
    file: &Arc<File>,
    into: &Into<'_>,
    diagnostics: &mut Diagnostics,
) -> Written {
    let threads = Threads::new(annotations);
    let authors: BTreeSet<Option<&str>> = annotations.iter().map(|one| one.author.as_deref()).collect();
    let author = match authors.len() {
        1 => authors.into_iter().next().flatten(),
        _ => None,
    };
    let mut writer = Writer {
        into,
        finder: into.text.map(|(source, text, folded)| Finder::new(source, text, folded)),
        author,
        slugs: Slugs::default(),
        out: Written { total: annotations.len(), ..Written::default() },
    };
    into.ids.iter().for_each(|id| writer.slugs.take(id));
    let name = file.path.rsplit(['/', '\\']).next().unwrap_or(&file.path);
    let mut text = front_matter(&[("layer", Some(into.name)), ("author", author)]);
    text.push_str(&format!("Imported from {}.\n", escape_note(&one_line(name))));
    for (index, annotation) in annotations.iter().enumerate() {
        if threads.root(index) != Some(index) {
            continue;
        }
        let replies: Vec<&Annotation> =
            threads.replies(index).map(|at| &annotations[at]).filter(|reply| !reply.private).collect();
        match writer.note(annotation, &replies) {
            Ok(note) => {
                writer.out.placed += 1;
                writer.out.replies += replies.len();
                text.push_str(&format!("\n{note}"));
            }
            Err((reason, note)) => {
                writer.out.unplaced += 1 + replies.len();
                text.push_str(&comment(&reason, &note));
                diagnostics.push(unplaced(file, annotation, &reason, replies.len()));
            }
        }
    }
    for (index, annotation) in annotations.iter().enumerate() {
        let reason = match threads.root(index) {
            None => "it replies to an annotation that is not in this file",
            Some(root) if root != index && annotation.private => {
                "it is a reply that only its author could read"
            }
            Some(_) => continue,
        };
        let note = writer.without_place(annotation, &[]);
        writer.out.unplaced += 1;
        text.push_str(&comment(reason, &note));
        diagnostics.push(unplaced(file, annotation, reason, 0));
    }
    Written { text, ..writer.out }
}

/// The warning for an annotation without a place.
fn unplaced(file: &Arc<File>, annotation: &Annotation, reason: &str, replies: usize) -> Diagnostic {
    let with = match replies {
        0 => String::new(),
        _ => format!(" with {}", count(replies, "reply", "replies")),
    };
    let message = format!("the annotation{with} has no place in the text: {reason}");
    Diagnostic::warning(Code::AnchorOrphan, json::place(file, annotation.id.as_deref()), message).help(
        "it stands in a comment of the layer; give it a quote of the text and take the comment's signs away",
    )
}

/// A note that is not published.
fn comment(reason: &str, note: &str) -> String {
    let inner = format!("Not placed: {reason}.\n\n{note}").replace("--", "-\\-");
    format!("\n<!--\n{}\n-->\n", inner.trim_end())
}

/// Which annotations reply to which.
struct Threads {
    /// The annotation that each thread begins with; `None` where it is not in the file.
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
                // A circle of replies has no beginning.
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
    into: &'w Into<'w>,
    finder: Option<Finder<'w>>,
    author: Option<&'w str>,
    slugs: Slugs,
    out: Written,
}

/// A passage as a note quotes it.
struct Passage {
    span: Option<TextSpan>,
    words: String,
    markdown: String,
    occurrence: Option<usize>,
}

impl Writer<'_> {
    /// An annotation as a note, or why it has no place and what it would be.
    fn note(&mut self, annotation: &Annotation, replies: &[&Annotation]) -> Result<String, (String, String)> {
        let (passages, lost) = self.passages(annotation);
        let about_text = passages.is_empty() && lost.is_empty();
        if passages.is_empty() && !about_text {
            let reason = lost.into_iter().map(|(reason, _)| reason).next().unwrap_or_default();
            return Err((reason, self.without_place(annotation, replies)));
        }
        if about_text && let Some(reason) = self.elsewhere(annotation) {
            return Err((reason, self.without_place(annotation, replies)));
        }
        let about = about_text.then_some("text");
        let (id, note) = self.draft(annotation, replies, &passages, about);
        let lost: Vec<String> = lost
            .into_iter()
            .map(|(reason, quote)| format!("Another passage is not here, since {reason}: {quote}"))
            .collect();
        let end =
            if lost.is_empty() { String::new() } else { format!("\n{}\n", adapt::plain(&lost.join("\n\n"))) };
        let spans: Vec<TextSpan> = passages.iter().filter_map(|passage| passage.span).collect();
        self.verify(&id, &format!("{note}{end}"), &spans)
    }

    /// What an annotation without a place would be as a note, with all that it says of its target.
    fn without_place(&mut self, annotation: &Annotation, replies: &[&Annotation]) -> String {
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
            annotation.targets.iter().filter(|target| target.quote().is_none()).map(described).collect();
        let reply_to = annotation.reply_to.iter().map(|id| format!("In reply to {id}"));
        let lines: Vec<String> = reply_to.chain(others).map(|line| adapt::plain(&one_line(&line))).collect();
        if lines.is_empty() { note } else { format!("{note}\n{}\n", lines.join("\n\n")) }
    }

    /// Why a note on a whole page is not one on this text.
    fn elsewhere(&self, annotation: &Annotation) -> Option<String> {
        let finder = self.finder.as_ref()?;
        let address = annotation.targets.first().and_then(|target| target.source.as_deref());
        (!finder.may_be_about(address)).then(|| "it is about another page".to_owned())
    }

    /// The passages of an annotation, and the targets that have none, each with its reason and its words.
    fn passages(&self, annotation: &Annotation) -> (Vec<Passage>, Vec<(String, String)>) {
        let (mut found, mut lost): (Vec<Passage>, Vec<(String, String)>) = (Vec::new(), Vec::new());
        for target in annotation.targets.iter().filter(|target| !target.selectors.is_empty()) {
            match self.passage(target) {
                Ok(passage)
                    if found.iter().any(|other| other.span.is_some() && other.span == passage.span) => {}
                Ok(passage) => found.push(passage),
                Err(reason) => {
                    lost.push((reason, target.quote().map_or("no words", |(exact, ..)| exact).to_owned()));
                }
            }
        }
        (found, lost)
    }

    fn passage(&self, target: &Target) -> Result<Passage, String> {
        let Some(finder) = &self.finder else {
            let (exact, prefix, suffix) =
                target.quote().filter(|(exact, ..)| !exact.trim().is_empty()).ok_or_else(|| {
                    let name = target.selectors.first().map_or("nothing", |selector| selector.kind.name());
                    format!(
                        "it quotes no words, and its {name} can only be followed in a text that the site has"
                    )
                })?;
            let (before, after) = (whole_words_after(prefix), whole_words_before(suffix));
            let markdown = in_context(before, exact, after);
            return Ok(Passage { span: None, words: exact.to_owned(), markdown, occurrence: None });
        };
        let span = finder.find(target)?;
        let quote = finder.quote(span).ok_or("no quote of the text means its passage alone")?;
        let words =
            self.into.text.map_or(String::new(), |(_, text, _)| text.reading()[span.range()].to_owned());
        Ok(Passage { span: Some(span), words, markdown: quote.markdown, occurrence: quote.occurrence })
    }

    /// A note, and its id.
    fn draft(
        &mut self,
        annotation: &Annotation,
        replies: &[&Annotation],
        passages: &[Passage],
        about: Option<&str>,
    ) -> (String, String) {
        let Said { title, body, tags, verdict, works, kind } = self.said(annotation);
        let id = self.id(annotation);
        let title = title.unwrap_or_else(|| match passages.first() {
            Some(passage) => quoted(&passage.words),
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
        // A number goes with a single quote only; several are proven to be single without it.
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

    /// The id that an annotation has already, as far as it may be one here.
    fn id(&mut self, annotation: &Annotation) -> String {
        let own = annotation.id.as_deref().unwrap_or_default();
        let last = own.rsplit(['/', '#', ':']).next().unwrap_or_default();
        let last = last.strip_prefix("note-").unwrap_or(last);
        if is_id(last) && self.slugs.is_free(last) {
            self.slugs.take(last);
            return last.to_owned();
        }
        self.slugs.unique(last, "note")
    }

    /// Who wrote a note and for whom, where the layer does not say so.
    fn signature(&self, annotation: &Annotation) -> Option<String> {
        let author = annotation.author.as_deref().filter(|_| self.author.is_none());
        let parts: Vec<String> = author
            .map(str::to_owned)
            .into_iter()
            .chain(annotation.group.as_ref().map(|group| format!("group {group}")))
            .collect();
        (!parts.is_empty()).then(|| format!("— {}", adapt::plain(&one_line(&parts.join(", ")))))
    }

    fn reply(&self, reply: &Annotation) -> String {
        let who = reply.author.as_deref().unwrap_or("Someone");
        let when = reply.created.as_deref().map_or(String::new(), |day| format!(", {day}"));
        let head = adapt::plain(&one_line(&format!("{who} replied{when}:")));
        let body: Vec<String> =
            reply.bodies.iter().map(|body| words(body).1).filter(|body| !body.is_empty()).collect();
        let quoted: Vec<String> = body
            .join("\n\n")
            .lines()
            .map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") })
            .collect();
        format!("{head}\n\n{}", quoted.join("\n"))
    }

    /// Reads a note again: it has to be one note, with these passages.
    fn verify(&mut self, id: &str, note: &str, spans: &[TextSpan]) -> Result<String, (String, String)> {
        if self.holds(id, note, spans) {
            return Ok(note.to_owned());
        }
        Err(("no quote of the text means its passage alone".to_owned(), note.to_owned()))
    }

    fn holds(&self, id: &str, note: &str, spans: &[TextSpan]) -> bool {
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

    /// What the bodies of an annotation say, and what they say of it.
    fn said(&mut self, annotation: &Annotation) -> Said {
        let site = self.into.site;
        let mut said = Said::default();
        let purposes = |body: &Body| body.purpose.clone().unwrap_or_default();
        let named = annotation.bodies.iter().find_map(|body| {
            matches!(purposes(body).as_str(), "classifying" | "tagging")
                .then(|| kind_named(site, &body.value))
                .flatten()
        });
        let kind = named.or(self.into.kind).or_else(|| kind_meant(site, annotation));
        self.out.unkind += usize::from(kind.is_none());
        self.out.drafts += usize::from(annotation.private);
        let kind = kind.or(site.kinds.first());
        said.kind = kind.map(|kind| kind.id.clone()).unwrap_or_default();
        let mut blocks = Vec::new();
        for body in &annotation.bodies {
            let value = body.value.trim();
            match purposes(body).as_str() {
                "classifying" | "tagging"
                    if kind_named(site, value).is_some_and(|named| named.id == said.kind) => {}
                "tagging" => said.tags.extend(tag(value)),
                "assessing"
                    if said.verdict.is_none() && kind.is_some_and(|kind| kind.verdict(value).is_some()) =>
                {
                    said.verdict = Some(value.to_owned());
                }
                "identifying" if self.into.works.contains(value) => said.works.push(value.to_owned()),
                purpose => {
                    let (title, words) = words(body);
                    let title = title.filter(|title| !title.is_empty());
                    if said.title.is_none() && blocks.is_empty() {
                        said.title = title;
                    } else if let Some(title) = title {
                        blocks.push(format!("### {}", escape_note(&title)));
                    }
                    let plain =
                        matches!(purpose, "" | "commenting" | "describing" | "replying" | "highlighting");
                    blocks.push(if plain { words } else { format!("*{}:* {words}", escape(purpose)) });
                }
            }
        }
        said.body = blocks.into_iter().filter(|block| !block.is_empty()).collect::<Vec<_>>().join("\n\n");
        said
    }
}

/// What an annotation says, sorted.
#[derive(Default)]
struct Said {
    title: Option<String>,
    body: String,
    tags: Vec<String>,
    verdict: Option<String>,
    works: Vec<String>,
    kind: String,
}

/// A body as Markdown, with its first heading apart.
fn words(body: &Body) -> (Option<String>, String) {
    match body.form {
        Form::Plain => (None, adapt::plain(&body.value)),
        Form::Markdown => {
            (None, adapt::markdown(body.value.trim()).unwrap_or_else(|| adapt::plain(&body.value)))
        }
        Form::Html => adapt::html(&body.value),
        Form::Address if body.value.starts_with("http") && !body.value.contains(['<', '>', ' ', '\n']) => {
            (None, format!("<{}>", body.value))
        }
        Form::Address => (None, adapt::plain(&body.value)),
    }
}

/// The kind that a word names, by its id or its label.
fn kind_named<'s>(site: &'s Site, word: &str) -> Option<&'s Kind> {
    let word = slug(word);
    site.kinds
        .iter()
        .find(|kind| [&kind.id, &kind.label, &kind.plural].into_iter().any(|name| slug(name) == word))
}

/// The kind that fits why an annotation was made. That someone comments says little, so a comment is only of a kind
/// that judges nothing.
fn kind_meant<'s>(site: &'s Site, annotation: &Annotation) -> Option<&'s Kind> {
    let purposes = annotation.bodies.iter().filter_map(|body| body.purpose.as_deref());
    let general = |motivation: &str| matches!(motivation, "commenting" | "highlighting");
    let fitting = |motivation: &str| {
        let mut kinds = site.kinds.iter().filter(|kind| kind.motivation == motivation);
        let kind = kinds.next().filter(|kind| !general(motivation) || kind.verdicts.is_empty())?;
        kinds.next().is_none().then_some(kind)
    };
    let named = annotation.motivations.iter().map(String::as_str).chain(purposes).find_map(fitting);
    named.or_else(|| fitting("commenting"))
}

/// A tag as an attribute can hold it.
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

/// A target without words, for people.
fn described(target: &Target) -> String {
    let mut line = format!("Target: {}", target.source.as_deref().unwrap_or("unknown"));
    let mut level: Vec<&crate::compose::target::Selector> = target.selectors.iter().collect();
    while !level.is_empty() {
        let names: Vec<String> = level.iter().map(|selector| selector.kind.shown()).collect();
        line.push_str(&format!(", {}", names.join(" or ")));
        level = level.into_iter().flat_map(|selector| &selector.refined_by).collect();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_stand_with_what_they_reply_to() {
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
    fn a_comment_cannot_be_closed_from_within() {
        let note = comment("why", "a --> b");
        assert_eq!(note.matches("-->").count(), 1);
    }
}
