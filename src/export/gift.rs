//! Writes questions for Moodle, and for what else reads its GIFT format, from the notes of the edition.
//!
//! 1. Each note with a verdict asks which verdict of its kind fits the passage.
//! 2. Each note with a passage asks which of several passages of the text is of its kind. The wrong answers are
//!    sentences of the same text that no note is about.
//!
//! The note itself is the feedback.

use std::io;

use unicode_segmentation::UnicodeSegmentation as _;

use super::dom::plain;
use super::format::{ExportContext, Format, Make, Part};
use crate::html::escape_attribute;
use crate::reader::{Reader, ReaderNote};
use crate::text::excerpt::Excerpt;

/// Questions made from the notes.
pub(crate) const FORMAT: Format = Format {
    name: "gift",
    ending: ".gift.txt",
    label: "format_gift",
    about: "questions made from the notes, for Moodle",
    make: Make::Edition(part, finish),
};

/// How many wrong passages a question offers.
const WRONG: usize = 3;
/// The length of the sentences that are offered as wrong passages, in words.
const WORDS: std::ops::RangeInclusive<usize> = 4..=40;
/// The length of a passage in characters from which on it is cut.
const LONGEST: usize = 280;

fn part(reader: &Reader<'_>, context: &ExportContext<'_>) -> io::Result<Part> {
    let mut out = String::new();
    let wrong = sentences_without_notes(reader);
    for (index, note) in reader.notes.iter().enumerate() {
        if note.passages.is_empty() {
            continue;
        }
        let before = out.len();
        verdict_question(&mut out, reader, note, context);
        passage_question(&mut out, reader, note, index, &wrong, context);
        if before == 0 && !out.is_empty() {
            let edition = category(&context.site.title);
            let text = category(&reader.source.title);
            out.insert_str(0, &format!("$CATEGORY: $course$/{edition}/{text}\n\n"));
        }
    }
    Ok(Part { files: vec![(String::new(), out.into_bytes())], ..Part::default() })
}

fn finish(parts: Vec<Part>, _: &ExportContext<'_>) -> io::Result<Vec<u8>> {
    Ok(parts.into_iter().flat_map(|part| part.files).flat_map(|(_, questions)| questions).collect())
}

/// Asks for the verdict on a passage.
fn verdict_question(
    out: &mut String,
    reader: &Reader<'_>,
    note: &ReaderNote<'_>,
    context: &ExportContext<'_>,
) {
    let site = context.site;
    let (Some(kind), Some(verdict)) = (note.parsed.kind(site), note.parsed.verdict(site)) else { return };
    if kind.verdicts.len() < 2 {
        return;
    }
    let question = context.string("quiz_verdict").replace("{title}", &reader.source.title);
    let quotes: Vec<String> = note.passages.iter().map(|span| quote(reader, *span)).collect();
    begin(out, reader, note, "verdict", &question, &quotes.concat());
    for choice in &kind.verdicts {
        out.push_str(if choice.id == verdict.id { "\t=" } else { "\t~" });
        escape(out, &html(&choice.label));
        out.push('\n');
    }
    end(out, note);
}

/// Asks which of several passages is of the note's kind.
fn passage_question(
    out: &mut String,
    reader: &Reader<'_>,
    note: &ReaderNote<'_>,
    index: usize,
    wrong: &[String],
    context: &ExportContext<'_>,
) {
    let (Some(kind), Some(span)) = (note.parsed.kind(context.site), note.passages.first()) else { return };
    let right = shortened(reader.text.reading().get(span.range()).unwrap_or_default());
    let count = WRONG.min(wrong.len());
    if count < 2 {
        return;
    }
    // Each question offers other sentences, spread over the text.
    let step = (wrong.len() / count).max(1);
    let mut choices: Vec<&str> = (0..count)
        .filter_map(|at| wrong.get((index + at * step) % wrong.len()))
        .map(String::as_str)
        .collect();
    choices.sort_unstable();
    choices.dedup();
    choices.retain(|choice| *choice != right);
    if choices.len() < 2 {
        return;
    }
    choices.insert(index % (choices.len() + 1), &right);
    let question = context
        .string("quiz_passage")
        .replace("{title}", &reader.source.title)
        .replace("{kind}", &kind.label);
    begin(out, reader, note, "passage", &question, "");
    for choice in choices {
        out.push_str(if choice == right { "\t=" } else { "\t~" });
        escape(out, &html(choice));
        out.push('\n');
    }
    end(out, note);
}

/// Writes the name and the words of a question.
fn begin(
    out: &mut String,
    reader: &Reader<'_>,
    note: &ReaderNote<'_>,
    what: &str,
    question: &str,
    quotes: &str,
) {
    out.push_str("::");
    escape(out, &format!("{} {} {what}", reader.source.path, note.number));
    out.push_str("::[html]");
    escape(out, &format!("<p>{}</p>{quotes}", html(question)));
    out.push_str(" {\n");
}

/// Writes the feedback of a question.
fn end(out: &mut String, note: &ReaderNote<'_>) {
    out.push_str("\t####");
    let body = plain(&note.body);
    let paragraphs: Vec<String> = body.lines().map(|line| format!("<p>{}</p>", html(line))).collect();
    escape(out, &format!("<p><b>{}</b></p>{}", html(&note.title_words), paragraphs.concat()));
    out.push_str("\n}\n\n");
}

/// A passage in its sentence, as HTML.
fn quote(reader: &Reader<'_>, span: crate::diagnostics::TextSpan) -> String {
    let excerpt = Excerpt::of(reader.text.reading(), &reader.text.html.blocks, span);
    let [before, passage, after] = excerpt.parts().map(html);
    format!("<blockquote>{before}<b>{passage}</b>{after}</blockquote>")
}

/// The sentences of the text that share no character with a passage.
fn sentences_without_notes(reader: &Reader<'_>) -> Vec<String> {
    let reading = reader.text.reading();
    let mut spans: Vec<_> = reader.notes.iter().flat_map(|note| &note.passages).collect();
    spans.sort_by_key(|span| span.start);
    let blocks = &reader.text.html.blocks;
    let ends = blocks.iter().skip(1).map(|block| block.start).chain([reading.len()]);
    let mut found = Vec::new();
    let mut next = 0;
    let mut furthest = 0;
    for (start, end) in blocks.iter().map(|block| block.start).zip(ends) {
        for (at, sentence) in reading.get(start..end).unwrap_or_default().split_sentence_bound_indices() {
            let (from, to) = (start + at, start + at + sentence.len());
            while let Some(span) = spans.get(next).filter(|span| span.start < to) {
                furthest = furthest.max(span.end);
                next += 1;
            }
            let words = shortened(sentence);
            let is_sentence = WORDS.contains(&words.split(' ').count()) && !words.contains('…');
            if furthest <= from && is_sentence && !found.contains(&words) && found.len() < 200 {
                found.push(words);
            }
        }
    }
    found
}

/// Words on one line, cut if they are too long.
fn shortened(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => {
            let head = line.get(..at).unwrap_or_default();
            format!("{}…", head.rsplit_once(' ').map_or(head, |(head, _)| head))
        }
        None => line,
    }
}

/// The name of a category: it is a path, so `/` is doubled.
fn category(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").replace('/', "//")
}

/// Plain text as HTML.
fn html(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    escape_attribute(&mut out, words);
    out
}

/// Writes text with the characters escaped that have a meaning in GIFT.
fn escape(out: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '\\' | '~' | '=' | '#' | '{' | '}' | ':' => out.extend(['\\', c]),
            // A blank line would end the question.
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let mut out = String::new();
        escape(&mut out, "a=b ~c #d {e} :f \\g\nh");
        assert_eq!(out, "a\\=b \\~c \\#d \\{e\\} \\:f \\\\g h");
    }

    #[test]
    fn long_passages_are_cut_at_a_word() {
        let long = shortened(&"word ".repeat(100));
        assert!(long.chars().count() <= LONGEST + 1 && long.ends_with("word…"), "{long}");
    }
}
