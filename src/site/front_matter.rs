//! Reads TOML that a person writes, front matter between `+++` lines or `site.toml`, into a struct.
//!
//! All problems are reported in one run, each with file, line and column: an entry that cannot be read is removed and
//! the rest is read again. For an unknown key, the help suggests the nearest known key.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, did_you_mean, nearest};

/// The line that opens and closes front matter.
const FENCE: &str = "+++";

/// Reads the front matter of `file` into `T`, and returns it with the byte offset of the body.
///
/// Front matter must be at the very start, after an optional byte order mark. Without front matter, or if it cannot
/// be read (which is reported), the result is the default of `T`.
pub(crate) fn read<T: DeserializeOwned + Default>(
    file: &Arc<File>,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> (T, usize) {
    match split(&file.text) {
        Parts::None { body } => {
            if let Some(fence) = yaml_fence(&file.text, body) {
                diagnostics.push(
                    Diagnostic::error(code, Place::new(file, fence), "front matter in YAML is not read")
                        .label("YAML begins here")
                        .help("write it as TOML between `+++` lines: `key = \"value\"`; `postil import` does that for a text"),
                );
            }
            (T::default(), body)
        }
        Parts::Unclosed { fence } => {
            diagnostics.push(
                Diagnostic::error(code, Place::new(file, fence), "front matter is not closed")
                    .label("opened here")
                    .help("add a line `+++` after the last key"),
            );
            (T::default(), file.text.len())
        }
        Parts::Some { toml, body } => {
            let value = parse(file, toml, code, diagnostics).unwrap_or_default();
            (value, body)
        }
    }
}

/// Reads a file that is TOML as a whole, such as `site.toml`.
pub(crate) fn read_whole<T: DeserializeOwned>(
    file: &Arc<File>,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let start = bom_len(&file.text);
    parse(file, FileSpan::new(start, file.text.len()), code, diagnostics)
}

/// Whether the front matter of `text` has a closing line; true if there is no front matter.
pub(crate) fn is_closed(text: &str) -> bool {
    !matches!(split(text), Parts::Unclosed { .. })
}

/// The byte offset of the body, found without reading the front matter.
pub(crate) fn body_start(text: &str) -> usize {
    match split(text) {
        Parts::None { body } | Parts::Some { body, .. } => body,
        Parts::Unclosed { .. } => text.len(),
    }
}

/// The parts of a file, by byte offsets.
enum Parts {
    /// There is no front matter.
    None { body: usize },
    /// Front matter begins with `fence` and has no closing line.
    Unclosed { fence: FileSpan },
    /// The front matter, without its fences, and the body.
    Some { toml: FileSpan, body: usize },
}

/// The length of the byte order mark, if there is one.
fn bom_len(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// Splits a file into front matter and body.
fn split(text: &str) -> Parts {
    let start = bom_len(text);
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

/// The most lines that front matter in YAML is expected to have.
const MAX_YAML: usize = 100;

/// The first line of front matter in YAML, if the file begins with it.
fn yaml_fence(text: &str, start: usize) -> Option<FileSpan> {
    let mut lines = text[start..].lines();
    lines.next().filter(|line| line.trim_end() == "---")?;
    let is_key = |line: &str| {
        let key = line.split_once(':').map_or("", |(key, _)| key);
        !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let first = lines.next().filter(|line| is_key(line));
    let is_closed = lines.take(MAX_YAML).any(|line| line.trim_end() == "---");
    (first.is_some() && is_closed).then(|| FileSpan::new(start, start + 3))
}

/// The most problems reported for one file. Each costs another reading of the rest.
const MAX_PROBLEMS: usize = 100;

/// Reads the TOML at `span` into `T`. An entry that cannot be read is reported and removed, and the rest is read again.
fn parse<T: DeserializeOwned>(
    file: &Arc<File>,
    span: FileSpan,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let (mut table, syntax_errors) = DeTable::parse_recoverable(&file.text[span.range()]);
    let mut report = |error: &toml::de::Error| {
        let at = error.span().unwrap_or(0..0);
        let place = Place::new(file, at.start + span.start..at.end + span.start);
        diagnostics.push(explain(error.message(), place, code));
    };
    // After a syntax error the parser may misread the rest, so only the first error is reliable.
    let syntax_error = syntax_errors.first().map(|error| error.span().map_or(0, |at| at.start));
    if let Some(first) = syntax_errors.first() {
        report(first);
    }
    let mut removed: Vec<String> = Vec::new();
    for _ in 0..MAX_PROBLEMS {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let at = error.span().unwrap_or(0..0);
        let is_follow_up = is_follow_up(error.message(), &removed);
        if !is_follow_up && syntax_error.is_none_or(|start| at.end <= start) {
            report(&error);
        }
        let path = find_entry(table.get_ref(), &at)?;
        removed.extend(path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Index(_) => None,
        }));
        remove(table.get_mut(), &path);
    }
    None
}

/// Whether an error follows from an earlier one: a key is missing because it, or a misspelling of it, was removed.
fn is_follow_up(message: &str, removed: &[String]) -> bool {
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    missing.is_some_and(|missing| removed.iter().any(|key| nearest(key, [missing]).is_some()))
}

/// A step from a table or array to one of its entries.
#[derive(Clone)]
enum Step {
    Key(String),
    Index(usize),
}

/// The path of the innermost entry whose key or value contains the byte range `at`.
fn find_entry(table: &DeTable<'_>, at: &Range<usize>) -> Option<Vec<Step>> {
    let mut best = None;
    search_table(table, &mut Vec::new(), at, &mut best);
    best.map(|(_, path)| path)
}

/// The length of the shortest entry found so far, and its path.
type Found = Option<(usize, Vec<Step>)>;

/// Searches the keys and values of a table for the shortest entry that contains `at`.
fn search_table(table: &DeTable<'_>, path: &mut Vec<Step>, at: &Range<usize>, best: &mut Found) {
    for (key, value) in table {
        path.push(Step::Key(key.get_ref().to_string()));
        if key.span() == *at {
            *best = Some((0, path.clone()));
        }
        search_value(value, path, at, best);
        path.pop();
    }
}

fn search_value(value: &Spanned<DeValue<'_>>, path: &mut Vec<Step>, at: &Range<usize>, best: &mut Found) {
    let span = value.span();
    let length = span.end - span.start;
    let inside = span.start <= at.start && at.end <= span.end;
    if inside && best.as_ref().is_none_or(|(shortest, _)| length <= *shortest) {
        *best = Some((length, path.clone()));
    }
    match value.get_ref() {
        DeValue::Table(table) => search_table(table, path, at, best),
        DeValue::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                path.push(Step::Index(index));
                search_value(item, path, at, best);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Removes the entry at `path`.
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

/// Turns an error message of the TOML reader into a diagnostic.
fn explain(message: &str, place: Place, code: Code) -> Diagnostic {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, Some((key, known))) = (message.starts_with("unknown field"), words.split_first()) {
        let mut help = did_you_mean(key, known.iter().copied());
        if known.contains(&"extra") {
            help += "; custom keys belong in an `[extra]` table";
        }
        return Diagnostic::error(code, place, format!("unknown key `{key}`")).help(help);
    }
    if let (true, Some((value, known))) = (message.starts_with("unknown variant"), words.split_first()) {
        return Diagnostic::error(code, place, format!("unknown value `{value}`"))
            .help(did_you_mean(value, known.iter().copied()));
    }
    if let (true, [key]) = (message.starts_with("missing field"), words.as_slice()) {
        return Diagnostic::error(code, place, format!("missing key `{key}`"))
            .help(format!("add `{key} = …`"));
    }
    if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|m| m.split_once(", expected "))
    {
        let (expected, help) = describe_type(expected);
        return Diagnostic::error(code, place, format!("expected {expected}, found {found}")).help(help);
    }
    if message.starts_with("invalid ") && is_date_value(&place) {
        let help = "write a day as `2026-11-21`, or put other text in quotation marks";
        return Diagnostic::error(code, place, "invalid date").help(help);
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
        return Diagnostic::error(code, place, "text without quotation marks").help(help);
    }
    let mut lines = message.lines();
    let first = lines.next().unwrap_or("cannot be read").trim_end_matches('.').to_owned();
    let rest: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    let help = if rest.is_empty() { "correct the TOML here".to_owned() } else { rest.join("; ") };
    Diagnostic::error(code, place, first).help(help)
}

/// Whether `place` is in the value of a key that takes a date.
fn is_date_value(place: &Place) -> bool {
    let before = place.file.text.get(..place.span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    ["date", "retrieved"].contains(&key)
}

/// A plain name for the type that the TOML reader expected, and help on how to write one.
fn describe_type(expected: &str) -> (&str, &'static str) {
    match expected {
        "a sequence" => ("a list", "write a list in `[` and `]`"),
        "a boolean" => ("true or false", "write `true` or `false`"),
        "a string" => ("text", "put it in quotation marks"),
        "i64" => ("an integer", "write an integer, without quotation marks"),
        "a verdict" => ("a verdict", "write an id, or a table with `id`, `label`, `tone` and `rating`"),
        "a map" => ("a table", "write a table"),
        other if other.starts_with("struct ") => ("a table", "write a table"),
        other => (other, "correct the TOML here"),
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
    fn front_matter_in_yaml_is_recognized() {
        assert!(yaml_fence("---\ntitle: x\n---\ntext", 0).is_some());
        for text in ["---\ntext\n\n---\n", "text", "---\ntitle: x\n", "+++\na = 1\n+++\n"] {
            assert_eq!(yaml_fence(text, 0), None, "{text:?}");
        }
    }

    #[test]
    fn front_matter_must_be_at_the_very_start() {
        let (read, body, problems) = front("\u{feff}+++\r\ntitle = \"A\"\r\n+++\r\n# B\n");
        assert_eq!((read.title.as_str(), body.as_str()), ("A", "# B\n"));
        assert!(problems.is_empty());
        let (read, body, _) = front("x\n+++\ntitle = \"A\"\n+++\n");
        assert_eq!((read.title.as_str(), body.as_str()), ("", "x\n+++\ntitle = \"A\"\n+++\n"));
    }

    #[test]
    fn an_unknown_key_suggests_the_nearest() {
        let (_, _, problems) = front("+++\ntitle = \"A\"\nwieght = 1\n+++\n");
        assert_eq!(problems[0].message, "unknown key `wieght`");
        assert!(problems[0].help.as_deref().is_some_and(|h| h.starts_with("write `weight`")));
        assert_eq!(problems[0].place.line_column(), (3, 1));
    }

    #[test]
    fn a_missing_fence_and_invalid_toml_have_a_place() {
        let (_, body, problems) = front("+++\ntitle = \"A\"\n");
        assert_eq!((body.as_str(), problems[0].place.line_column()), ("", (1, 1)));
        let (_, _, problems) = front("+++\ntitle = \n+++\n");
        assert_eq!(problems[0].place.line_column().0, 2);
    }

    #[test]
    fn all_problems_are_reported_and_the_rest_is_read() {
        let text = "+++\ntitel = \"A\"\nweight = \"3\"\nwords = 1\ntitle = \"B\"\n+++\n";
        let (read, _, problems) = front(text);
        let places: Vec<_> = problems.iter().map(|problem| problem.place.line_column()).collect();
        assert_eq!(places, [(2, 1), (3, 10), (4, 1)]);
        assert_eq!(read, Front { title: "B".to_owned(), weight: 0 });
    }

    #[test]
    fn a_syntax_error_hides_no_earlier_problem() {
        let (_, _, problems) = front("+++\nweight = \"3\"\ntitle = \n+++\n");
        let lines: Vec<_> = problems.iter().map(|problem| problem.place.line_column().0).collect();
        assert_eq!(lines, [2, 3]);
    }
}
