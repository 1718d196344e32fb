//! Checks the attributes of a note against the site and against each other.

use std::sync::Arc;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, did_you_mean};
use crate::html::slug::slug;
use crate::markdown::{Item, plain};
use crate::site::date::Date;
use crate::site::{Expected, KindId, Site, VerdictId, is_id};

use super::attributes::{Attribute, Word};
use super::note::{About, GuidelineRef, Note, Occurrence};
use super::quote::Quote;

/// The keys that a note may use.
const KEYS: [&str; 10] =
    ["verdict", "works", "guidelines", "occurrence", "about", "tags", "audience", "date", "updated", "draft"];

/// Checks the attributes of the notes in one layer.
pub(super) struct Resolver<'r> {
    pub(super) file: &'r Arc<File>,
    pub(super) site: &'r Site,
    pub(super) diagnostics: &'r mut Diagnostics,
}

impl Resolver<'_> {
    /// Builds a note from its parsed attributes, title, quotes and body.
    pub(super) fn note<'f>(
        &mut self,
        attributes: Vec<Attribute>,
        title: Vec<Item<'f>>,
        quotes: Vec<Quote>,
        body: Vec<Item<'f>>,
        heading: FileSpan,
    ) -> Note<'f> {
        let Grouped { id, classes, pairs } = self.group(attributes);
        let (id, id_span) = self.id(id, heading);
        let kind = self.kind(classes, heading);
        let mut note = Note {
            id,
            id_span,
            title,
            kind,
            verdict: None,
            works: Vec::new(),
            guidelines: Vec::new(),
            occurrence: None,
            about: None,
            tags: Vec::new(),
            audience: None,
            date: None,
            updated: None,
            draft: false,
            quotes,
            body,
            heading,
        };
        for (key, value) in pairs {
            self.set(&mut note, &key, value);
        }
        self.check(&note);
        note
    }

    fn error(&mut self, code: Code, span: FileSpan, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, Place::new(self.file, span), message).help(help));
    }

    /// Groups attributes, and reports malformed, duplicate and unknown ones.
    fn group(&mut self, attributes: Vec<Attribute>) -> Grouped {
        let mut grouped = Grouped::default();
        for attribute in attributes {
            match attribute {
                Attribute::Id(word) if grouped.id.is_some() => {
                    self.error(
                        Code::NoteAttribute,
                        word.span,
                        format!("second id `{}`", word.text),
                        "remove one of the two",
                    );
                }
                Attribute::Id(word) => grouped.id = Some(word),
                Attribute::Class(word) => grouped.classes.push(word),
                Attribute::Malformed(word, ..) if self.site.find_kind(&word.text).is_some() => {
                    let help = format!("write `.{}`", word.text);
                    self.error(Code::NoteAttribute, word.span, "kind without a leading dot".to_owned(), help);
                    grouped.classes.push(word);
                }
                Attribute::Malformed(word, why, help) => {
                    self.error(Code::NoteAttribute, word.span, why.to_owned(), help);
                }
                Attribute::Pair(key, value) => {
                    if !KEYS.contains(&key.text.as_str()) {
                        let message = format!("unknown attribute `{}`", key.text);
                        self.error(Code::NoteAttribute, key.span, message, did_you_mean(&key.text, KEYS));
                    } else if value.text.trim_matches([' ', ',']).is_empty() {
                        let message = format!("`{}` is empty", key.text);
                        self.error(Code::NoteAttribute, key.span, message, "give it a value, or remove it");
                    } else if grouped.pairs.iter().any(|(known, _)| known.text == key.text) {
                        let message = format!("duplicate `{}`", key.text);
                        self.error(Code::NoteAttribute, key.span, message, "remove one of the two");
                    } else {
                        grouped.pairs.push((key, value));
                    }
                }
            }
        }
        grouped
    }

    fn id(&mut self, given: Option<Word>, heading: FileSpan) -> (String, FileSpan) {
        match given {
            Some(word) if is_id(&word.text) => (word.text, word.span),
            Some(word) => {
                let message = format!("invalid id `{}`", word.text);
                self.error(Code::NoteAttribute, word.span, message, "use letters, digits, `-` and `_`");
                (slug(&word.text), word.span)
            }
            // An id is generated when all layers of the text are known.
            None => (String::new(), heading),
        }
    }

    fn kind(&mut self, classes: Vec<Word>, heading: FileSpan) -> Option<KindId> {
        let site = self.site;
        if classes.is_empty() {
            let example = site.kinds.first().map_or("kind", |kind| &kind.id);
            let help = format!("add a kind to the heading, such as `{{.{example}}}`");
            self.error(Code::NoteKind, heading, "the note has no kind".to_owned(), help);
            return None;
        }
        // The first class, even if it is unknown: a second one is then reported as well.
        let mut first: Option<(Word, Option<KindId>)> = None;
        for class in classes {
            let found = site.find_kind(&class.text).map(|(kind, _)| kind);
            if found.is_none() {
                let kinds: Vec<&str> = site.kinds.iter().map(|kind| kind.id.as_str()).collect();
                let help = did_you_mean(&class.text, kinds.iter().copied());
                self.error(Code::NoteKind, class.span, format!("unknown kind `{}`", class.text), help);
                self.certain(&class, &kinds);
            } else if let Some((first, _)) = &first {
                let message = format!("second kind `{}`", class.text);
                let help = format!("keep either `{}` or `{}`: a note has one kind", first.text, class.text);
                self.error(Code::NoteKind, class.span, message, help);
            }
            first.get_or_insert((class, found));
        }
        first.and_then(|(_, kind)| kind)
    }

    fn set(&mut self, note: &mut Note<'_>, key: &Word, value: Word) {
        match key.text.as_str() {
            "verdict" => note.verdict = self.verdict(note.kind, &value),
            "works" => note.works = self.unique_parts(key, &value),
            "guidelines" => note.guidelines = self.guidelines(&value),
            "occurrence" => note.occurrence = self.occurrence(&value),
            "about" => note.about = self.about(&value),
            "tags" => note.tags = self.unique_parts(key, &value).into_iter().map(|word| word.text).collect(),
            "audience" => note.audience = Some(value.text),
            "date" => note.date = self.date(&value),
            "updated" => note.updated = self.date(&value),
            "draft" => note.draft = self.boolean(&value),
            _ => {}
        }
    }

    /// The comma-separated parts of a value; duplicates are reported.
    fn unique_parts(&mut self, key: &Word, value: &Word) -> Vec<Word> {
        let mut once: Vec<Word> = Vec::new();
        for word in parts(value) {
            if once.iter().any(|known| known.text == word.text) {
                let message = format!("duplicate `{}` in `{}`", word.text, key.text);
                self.error(Code::NoteAttribute, word.span, message, "remove one of the two");
            } else {
                once.push(word);
            }
        }
        once
    }

    fn verdict(&mut self, kind: Option<KindId>, value: &Word) -> Option<VerdictId> {
        let kind = self.site.kind(kind?)?;
        let verdict = kind.find_verdict(&value.text);
        if verdict.is_none() {
            let known: Vec<&str> = kind.verdicts.iter().map(|verdict| verdict.id.as_str()).collect();
            let message = format!("unknown verdict `{}` for the kind `{}`", value.text, kind.id);
            self.error(
                Code::NoteVerdict,
                value.span,
                message,
                did_you_mean(&value.text, known.iter().copied()),
            );
            self.certain(value, &known);
        }
        verdict
    }

    /// Adds a fix to the last problem if the word differs from a known one only in case, separators or punctuation.
    fn certain(&mut self, word: &Word, known: &[&str]) {
        let plain = |word: &str| -> String {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            word.replace(['_', ' '], "-")
        };
        let mut equal = known.iter().filter(|known| plain(known) == plain(&word.text));
        if let (Some(right), None) = (equal.next(), equal.next()) {
            self.diagnostics.fix_last(word.span, right);
        }
    }

    fn occurrence(&mut self, value: &Word) -> Option<Occurrence> {
        match value.text.as_str() {
            "all" => Some(Occurrence::All),
            number => match number.parse() {
                Ok(number) if number > 0 => Some(Occurrence::Number(number, value.span)),
                _ => {
                    let message = format!("invalid occurrence `{number}`");
                    self.error(Code::NoteAttribute, value.span, message, "use `all`, or a number from 1");
                    None
                }
            },
        }
    }

    fn about(&mut self, value: &Word) -> Option<About> {
        match value.text.as_str() {
            "text" => Some(About::Text),
            "heading" => Some(About::Heading),
            other => {
                let message = format!("invalid value `{other}` for `about`");
                self.error(Code::NoteAttribute, value.span, message, "use `text` or `heading`");
                None
            }
        }
    }

    fn date(&mut self, value: &Word) -> Option<Date> {
        let date = Date::parse(&value.text);
        if date.is_none() {
            let message = format!("invalid date `{}`", value.text);
            self.error(Code::NoteAttribute, value.span, message, "use the form `2026-11-21`");
        }
        date
    }

    fn boolean(&mut self, value: &Word) -> bool {
        if !matches!(value.text.as_str(), "true" | "false") {
            let message = format!("expected `true` or `false`, found `{}`", value.text);
            self.error(Code::NoteAttribute, value.span, message, "use `true` or `false`");
        }
        value.text == "true"
    }

    /// Parses `key:stance (subject), key`.
    fn guidelines(&mut self, value: &Word) -> Vec<GuidelineRef> {
        let mut found = Vec::new();
        for word in split_outside_brackets(value) {
            let (head, subject) = match word.text.split_once('(') {
                Some((head, subject)) => {
                    if !subject.trim_end().ends_with(')') {
                        let help = "write `)` after the subject, and a comma before the next guideline";
                        let message = "the subject has no closing bracket".to_owned();
                        self.error(Code::NoteAttribute, word.span, message, help);
                    }
                    (head, Some(subject.trim_end().trim_end_matches(')').trim().to_owned()))
                }
                None => (word.text.as_str(), None),
            };
            let head = head.trim_end();
            // A key may contain a colon; a stance may not.
            let (key, stance) = match head.rsplit_once(':') {
                Some((key, stance)) => (key, Some(stance.trim())),
                None => (head, None),
            };
            if let Some(stance) =
                stance.filter(|stance| !self.site.stances.iter().any(|known| known == stance))
            {
                let help = did_you_mean(stance, self.site.stances.iter().map(String::as_str));
                let start = word.span.start + key.len() + 1;
                let span = FileSpan::new(start, (start + stance.len()).min(word.span.end));
                self.error(Code::NoteAttribute, span, format!("unknown stance `{stance}`"), help);
            }
            let key = Word {
                text: key.trim().to_owned(),
                span: FileSpan::new(word.span.start, word.span.start + key.len()),
            };
            found.push(GuidelineRef { key, stance: stance.map(str::to_owned), subject });
        }
        found
    }

    /// Checks that need the whole note.
    fn check(&mut self, note: &Note<'_>) {
        let heading = note.heading;
        if plain(&note.title).trim().is_empty() {
            let help = "write a title before the braces";
            self.error(Code::NoteHeading, heading, "the note has no title".to_owned(), help);
        }
        match (note.about, note.quotes.first()) {
            (None, None) => self.error(
                Code::NoteNoQuote,
                heading,
                "the note has no quote".to_owned(),
                "quote the passage under the heading, with `> ` before each line; or add `about=text` if the note is about the text as a whole",
            ),
            (Some(About::Heading), None) => self.error(
                Code::NoteNoQuote,
                heading,
                "the note does not quote a heading".to_owned(),
                "quote the heading that the note is about, with `> ` before it",
            ),
            (Some(About::Text), Some(quote)) => self.error(
                Code::NoteAttribute,
                quote.span,
                "a note with `about=text` cannot have a quote".to_owned(),
                "remove `about=text`, or move the quote into the body, below its first paragraph",
            ),
            _ => {}
        }
        if let Some(Occurrence::Number(_, span)) = note.occurrence
            && note.quotes.len() > 1
        {
            let help = "use `occurrence=all`, or add more of the surrounding words to each quote";
            self.error(
                Code::NoteAttribute,
                span,
                "a number for `occurrence` in a note with several quotes".to_owned(),
                help,
            );
        }
        for quote in &note.quotes {
            if quote.words.trim().is_empty() {
                self.error(
                    Code::NoteNoQuote,
                    quote.span,
                    "the quote is empty".to_owned(),
                    "quote the words of the passage",
                );
            }
        }
        let kind = note.kind(self.site);
        for expected in kind.map(|kind| kind.expects(note.verdict)).unwrap_or_default() {
            let (named, message, help) = match expected {
                Expected::Works => (
                    !note.works.is_empty(),
                    "the note lists no work",
                    "add `works=KEY` with the work that the passage refers to",
                ),
                Expected::Guidelines => (
                    !note.guidelines.is_empty(),
                    "the note lists no guideline",
                    "add `guidelines=\"KEY:STANCE\"` with the guideline that it compares",
                ),
            };
            if !named {
                let without =
                    kind.and_then(|kind| kind.verdicts.iter().find(|v| v.expects.as_deref() == Some(&[])));
                let or =
                    without.map(|verdict| format!(", or use `verdict={}`", verdict.id)).unwrap_or_default();
                let place = Place::new(self.file, heading);
                self.diagnostics
                    .push(Diagnostic::warning(Code::NoteNoWork, place, message).help(format!("{help}{or}")));
            }
        }
        if note.body.is_empty() {
            let place = Place::new(self.file, heading);
            self.diagnostics.push(
                Diagnostic::warning(Code::NoteNoBody, place, "the note has no body")
                    .help("write the body under the quote"),
            );
        }
    }
}

#[derive(Default)]
struct Grouped {
    id: Option<Word>,
    classes: Vec<Word>,
    pairs: Vec<(Word, Word)>,
}

/// The comma-separated parts of a value, without empty ones.
fn parts(value: &Word) -> Vec<Word> {
    split(value, |_| true)
}

/// The parts of a value, separated by commas outside brackets.
fn split_outside_brackets(value: &Word) -> Vec<Word> {
    let mut depth = 0_i32;
    split(value, move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth <= 0
    })
}

fn split(value: &Word, mut outside: impl FnMut(char) -> bool) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = 0;
    let ends = value.text.char_indices().filter(|&(_, c)| outside(c) && c == ',').map(|(at, _)| at);
    for end in ends.chain([value.text.len()]) {
        let part = &value.text[rest..end];
        let lead = part.len() - part.trim_start().len();
        let trimmed = part.trim();
        if !trimmed.is_empty() {
            let start = value.span.start + rest + lead;
            words.push(Word { text: trimmed.to_owned(), span: FileSpan::new(start, start + trimmed.len()) });
        }
        rest = end + 1;
    }
    words
}
