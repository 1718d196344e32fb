//! The TOML that a person writes: front matter between `+++` lines, and `site.toml`.
//!
//! Reads it into a struct and tells all that is wrong, each with file, line and column: what cannot
//! be read is left out and the rest read again. An unknown key is answered with the nearest known one.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, did_you_mean, nearest};

/// The line that opens and closes front matter.
const FENCE: &str = "+++";

/// Reads the front matter of `file` into `T`, and tells where the body begins.
///
/// Front matter stands at the very start, after an optional byte order mark. A file without any has
/// the default of `T`, and so has one whose front matter cannot be read, after a diagnostic.
pub fn read<T: DeserializeOwned + Default>(
    file: &Arc<File>,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> (T, usize) {
    match part(&file.text) {
        Parts::None { body } => (T::default(), body),
        Parts::Unclosed { fence } => {
            diagnostics.push(
                Diagnostic::error(code, Place::new(file, fence), "front matter is not closed")
                    .label("opened here")
                    .help("write a line of `+++` after the last key"),
            );
            (T::default(), file.text.len())
        }
        Parts::Some { toml, body } => {
            let value = parse(file, toml, code, diagnostics).unwrap_or_default();
            (value, body)
        }
    }
}

/// Reads a whole file of TOML, such as `site.toml`.
pub fn read_whole<T: DeserializeOwned>(
    file: &Arc<File>,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let start = mark_len(&file.text);
    parse(file, FileSpan::new(start, file.text.len()), code, diagnostics)
}

/// Whether the front matter of a text, if it has any, ends.
pub fn is_closed(text: &str) -> bool {
    !matches!(part(text), Parts::Unclosed { .. })
}

/// Where the body of a text begins, its front matter unread.
pub fn body_start(text: &str) -> usize {
    match part(text) {
        Parts::None { body } | Parts::Some { body, .. } => body,
        Parts::Unclosed { .. } => text.len(),
    }
}

enum Parts {
    None { body: usize },
    Unclosed { fence: FileSpan },
    Some { toml: FileSpan, body: usize },
}

fn mark_len(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

fn part(text: &str) -> Parts {
    let start = mark_len(text);
    let mut lines = text[start..].split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == FENCE) else {
        return Parts::None { body: start };
    };
    let toml_start = start + first.len();
    let mut at = toml_start;
    for line in lines {
        if line.trim_end() == FENCE {
            return Parts::Some { toml: FileSpan::new(toml_start, at), body: at + line.len() };
        }
        at += line.len();
    }
    Parts::Unclosed { fence: FileSpan::new(start, start + FENCE.len()) }
}

/// How many problems of one file are told at most: each is found by reading the rest once more.
const TOLD: usize = 100;

/// Reads `T`; what cannot be read is told, left out, and the rest read again.
fn parse<T: DeserializeOwned>(
    file: &Arc<File>,
    span: FileSpan,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let (mut table, faults) = DeTable::parse_recoverable(&file.text[span.range()]);
    let mut tell = |error: &toml::de::Error| {
        let at = error.span().unwrap_or(0..0);
        let place = Place::new(file, at.start + span.start..at.end + span.start);
        diagnostics.push(explain(error.message(), place, code));
    };
    // What follows a fault may be taken for something else, so that only the first is sure.
    let fault = faults.first().map(|fault| fault.span().map_or(0, |at| at.start));
    if let Some(first) = faults.first() {
        tell(first);
    }
    let mut left_out: Vec<String> = Vec::new();
    for _ in 0..TOLD {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let at = error.span().unwrap_or(0..0);
        let known = is_follow_up(error.message(), &left_out);
        if !known && fault.is_none_or(|fault| at.end <= fault) {
            tell(&error);
        }
        let path = culprit(table.get_ref(), &at)?;
        left_out.extend(path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        }));
        remove(table.get_mut(), &path);
    }
    None
}

/// Whether a key is only missing because it was left out, or is mistyped.
fn is_follow_up(message: &str, left_out: &[String]) -> bool {
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    missing.is_some_and(|missing| left_out.iter().any(|key| nearest(key, [missing]).is_some()))
}

/// A step from a table or list to what stands in it.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

/// The way to the innermost entry that `at` is in.
fn culprit(table: &DeTable<'_>, at: &Range<usize>) -> Option<Vec<Step>> {
    let mut best = None;
    look(table, &mut Vec::new(), at, &mut best);
    best.map(|(_, path)| path)
}

type Found = Option<(usize, Vec<Step>)>;

fn look(table: &DeTable<'_>, path: &mut Vec<Step>, at: &Range<usize>, best: &mut Found) {
    for (key, value) in table {
        path.push(Step::Key(key.get_ref().to_string()));
        if key.span() == *at {
            *best = Some((0, path.clone()));
        }
        look_at(value, path, at, best);
        path.pop();
    }
}

fn look_at(value: &Spanned<DeValue<'_>>, path: &mut Vec<Step>, at: &Range<usize>, best: &mut Found) {
    let span = value.span();
    let length = span.end - span.start;
    let inside = span.start <= at.start && at.end <= span.end;
    if inside && best.as_ref().is_none_or(|(shortest, _)| length <= *shortest) {
        *best = Some((length, path.clone()));
    }
    match value.get_ref() {
        DeValue::Table(table) => look(table, path, at, best),
        DeValue::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                path.push(Step::Index(index));
                look_at(item, path, at, best);
                path.pop();
            }
        }
        _ => {}
    }
}

fn remove(table: &mut DeTable<'_>, path: &[Step]) {
    let Some((Step::Key(key), rest)) = path.split_first() else { return };
    if rest.is_empty() {
        table.remove(key.as_str());
    } else if let Some((_, value)) = table.iter_mut().find(|(known, _)| known.get_ref() == key) {
        remove_in(value.get_mut(), rest);
    }
}

fn remove_in(value: &mut DeValue<'_>, path: &[Step]) {
    match (value, path) {
        (DeValue::Table(table), path) => remove(table, path),
        (DeValue::Array(list), [Step::Index(index)]) => {
            let old = std::mem::replace(list, DeArray::new());
            for (_, item) in old.into_iter().enumerate().filter(|(at, _)| at != index) {
                list.push(item);
            }
        }
        (DeValue::Array(list), [Step::Index(index), rest @ ..]) => {
            if let Some(item) = list.get_mut(*index) {
                remove_in(item.get_mut(), rest);
            }
        }
        _ => {}
    }
}

/// The diagnostic for what the TOML reader said.
fn explain(message: &str, place: Place, code: Code) -> Diagnostic {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, Some((key, known))) = (message.starts_with("unknown field"), words.split_first()) {
        let mut help = did_you_mean(key, known.iter().copied());
        if known.contains(&"extra") {
            help += "; keys of your own go into a table `[extra]`";
        }
        return Diagnostic::error(code, place, format!("unknown key `{key}`")).help(help);
    }
    if let (true, Some((value, known))) = (message.starts_with("unknown variant"), words.split_first()) {
        return Diagnostic::error(code, place, format!("unknown value `{value}`"))
            .help(did_you_mean(value, known.iter().copied()));
    }
    if let (true, [key]) = (message.starts_with("missing field"), words.as_slice()) {
        return Diagnostic::error(code, place, format!("the key `{key}` is missing"))
            .help(format!("write `{key} = …`"));
    }
    if let Some((found, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|m| m.split_once(", expected "))
    {
        let (wanted, help) = in_plain_words(wanted);
        return Diagnostic::error(code, place, format!("{found} where {wanted} belongs")).help(help);
    }
    if message.starts_with("invalid ") && is_date(&place) {
        let help = "write a day as `2026-11-21`, or else words in quotation marks";
        return Diagnostic::error(code, place, "this is no date").help(help);
    }
    let line = place
        .file
        .text
        .get(place.span.start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
        .trim_end();
    if line.starts_with(char::is_alphabetic)
        && (message.starts_with("invalid ") || message.contains("must be quoted"))
    {
        let help = format!("write `\"{line}\"`");
        return Diagnostic::error(code, place, "words without quotation marks").help(help);
    }
    let mut lines = message.lines();
    let first = lines.next().unwrap_or("cannot be read").trim_end_matches('.').to_owned();
    let rest: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    let help = if rest.is_empty() { "mend the TOML here".to_owned() } else { rest.join("; ") };
    Diagnostic::error(code, place, first).help(help)
}

/// Whether a place is in the value of a date.
fn is_date(place: &Place) -> bool {
    let before = place.file.text.get(..place.span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    ["date", "retrieved"].contains(&key)
}

/// What the TOML reader expected, as people call it, and how to write it.
fn in_plain_words(wanted: &str) -> (&str, &'static str) {
    match wanted {
        "a sequence" => ("a list", "write a list in `[` and `]`"),
        "a boolean" => ("true or false", "write `true` or `false`"),
        "a string" => ("text", "write it in quotation marks"),
        "i64" => ("a whole number", "write a whole number, without quotation marks"),
        "a verdict" => ("a verdict", "write an id, or a table of `id`, `label` and `rating`"),
        "a map" => ("a table", "write a table"),
        other if other.starts_with("struct ") => ("a table", "write a table"),
        other => (other, "mend the TOML here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
    struct Front {
        title: String,
        weight: i64,
    }

    fn front(text: &str) -> (Front, String, Vec<Diagnostic>) {
        let file = File::new("a.md", text);
        let mut diagnostics = Diagnostics::default();
        let (front, body) = read(&file, Code::SourceFrontMatter, &mut diagnostics);
        (front, text[body..].to_owned(), diagnostics.into_sorted())
    }

    #[test]
    fn stands_between_fences_at_the_very_start() {
        let (read, body, problems) = front("\u{feff}+++\r\ntitle = \"A\"\r\n+++\r\n# B\n");
        assert_eq!((read.title.as_str(), body.as_str()), ("A", "# B\n"));
        assert!(problems.is_empty());
        let (read, body, _) = front("x\n+++\ntitle = \"A\"\n+++\n");
        assert_eq!((read.title.as_str(), body.as_str()), ("", "x\n+++\ntitle = \"A\"\n+++\n"));
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let (_, _, problems) = front("+++\ntitle = \"A\"\nwieght = 1\n+++\n");
        assert_eq!(problems[0].message, "unknown key `wieght`");
        assert!(problems[0].help.as_deref().is_some_and(|h| h.starts_with("write `weight`")));
        assert_eq!(problems[0].place.line_column(), (3, 1));
    }

    #[test]
    fn a_missing_fence_and_bad_toml_have_their_place() {
        let (_, body, problems) = front("+++\ntitle = \"A\"\n");
        assert_eq!((body.as_str(), problems[0].place.line_column()), ("", (1, 1)));
        let (_, _, problems) = front("+++\ntitle = \n+++\n");
        assert_eq!(problems[0].place.line_column().0, 2);
    }

    #[test]
    fn all_problems_are_told_at_once_and_the_rest_is_read() {
        let text = "+++\ntitel = \"A\"\nweight = \"3\"\nwords = 1\ntitle = \"B\"\n+++\n";
        let (read, _, problems) = front(text);
        let places: Vec<_> = problems.iter().map(|problem| problem.place.line_column()).collect();
        assert_eq!(places, [(2, 1), (3, 10), (4, 1)]);
        assert_eq!(read, Front { title: "B".to_owned(), weight: 0 });
    }

    #[test]
    fn a_fault_hides_nothing_before_it() {
        let (_, _, problems) = front("+++\nweight = \"3\"\ntitle = \n+++\n");
        let lines: Vec<_> = problems.iter().map(|problem| problem.place.line_column().0).collect();
        assert_eq!(lines, [2, 3]);
    }
}
