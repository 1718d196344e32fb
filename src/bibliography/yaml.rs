//! Hayagriva YAML to entries.
//!
//! 1. What would grow without end is refused before it is read.
//! 2. The file is read, in parts if it can be parted.
//! 3. If that fails, each entry is read by itself, so that one mistake hides no other.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Found;
use super::template::{DOLLAR, unmarked, unmasked};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, FileSpan, Place, did_you_mean, nearest};

/// The fields of an entry, as hayagriva's `Entry` names them.
const FIELDS: [&str; 30] = [
    "type",
    "parent",
    "title",
    "author",
    "date",
    "editor",
    "affiliated",
    "publisher",
    "location",
    "organization",
    "issue",
    "chapter",
    "volume",
    "volume-total",
    "edition",
    "page-range",
    "page-total",
    "time-range",
    "runtime",
    "url",
    "serial-number",
    "language",
    "archive",
    "archive-location",
    "call-number",
    "note",
    "abstract",
    "annote",
    "genre",
    "keywords",
];

/// Where the format is described.
const FORMAT: &str = "see https://github.com/typst/hayagriva/blob/main/docs/file-format.md";
/// What hayagriva reads as a date.
const DATES: &str = "write a year, a month or a day: `2019`, `2019-03` or `2019-03-14`";
/// How deep an entry and its parents may nest.
const DEPTH: usize = 24;
/// How many entries are read at a time.
const PART: usize = 200;
/// How many unknown fields of one entry are told.
const TOLD: usize = 20;
/// How many values a file may hold for each of its bytes, once aliases are followed.
const GROWTH: usize = 4;

/// The entries of a file, each with the place of its key. What cannot be read is reported.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    Reader::new(file).read(diagnostics)
}

struct Reader<'a> {
    file: &'a Arc<File>,
    /// Where the text begins, after a byte order mark.
    start: usize,
    /// The text with `$` masked; it has as many characters as the file's.
    masked: String,
    keys: Vec<Key>,
}

/// A key in the first column.
struct Key {
    name: String,
    /// In the file.
    span: FileSpan,
    /// Where its line begins in the masked text.
    line: usize,
}

impl<'a> Reader<'a> {
    fn new(file: &'a Arc<File>) -> Self {
        let text = file.text.trim_start_matches('\u{feff}');
        let start = file.text.len() - text.len();
        let masked = unmarked(text).replace('$', DOLLAR.encode_utf8(&mut [0; 4]));
        let keys = keys(text, start);
        Self { file, start, masked, keys }
    }

    fn read(&self, diagnostics: &mut Diagnostics) -> Vec<Found> {
        if self.masked.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
        {
            return Vec::new();
        }
        if needs_measuring(&self.masked)
            && let Err(error) = measure(&self.masked)
        {
            diagnostics.push(self.invalid(&error, 0));
            return Vec::new();
        }
        self.unknown_fields(diagnostics);
        if let Some(found) = self.read_in_parts() {
            return found;
        }
        match hayagriva::io::from_yaml_str(&self.masked) {
            Ok(library) => self.place(library, &self.keys),
            Err(error) => self.read_each(&error, diagnostics),
        }
    }

    /// Warns of fields that hayagriva does not know, and so leaves out without a word.
    fn unknown_fields(&self, diagnostics: &mut Diagnostics) {
        // An alias may lead into another entry.
        if self.masked.contains('&') && has_alias(&self.masked) {
            return;
        }
        let ends = self.keys.iter().skip(1).map(|key| key.line).chain([self.masked.len()]);
        for (key, end) in self.keys.iter().zip(ends) {
            let chunk = self.masked.get(key.line..end).unwrap_or_default();
            if !may_have_unknown(chunk) {
                continue;
            }
            // What cannot be read is told where it is read.
            let Ok(serde_yaml::Value::Mapping(whole)) = serde_yaml::from_str(chunk) else { continue };
            let mut names = Vec::new();
            whole.values().for_each(|entry| unknown_in(entry, &mut names));
            let mut from = 0;
            for name in names.into_iter().take(TOLD) {
                let Some(at) = field_at(chunk, &name, from).or_else(|| field_at(chunk, &name, 0)) else {
                    continue;
                };
                from = at + name.len();
                let start = self.line_from(key.line + at).start;
                let place = Place::new(self.file, start..start + name.len());
                let help = match nearest(&name, FIELDS) {
                    Some(near) => format!("write `{near}`"),
                    None => format!("take it away, since nothing reads it; {FORMAT}"),
                };
                let message = format!("{}: unknown field `{name}`", key.name);
                diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
            }
        }
    }

    /// Reads a file of nothing but keys in the first column some entries at a time: hayagriva
    /// compares each key with all before it.
    fn read_in_parts(&self) -> Option<Vec<Found>> {
        let mut found = Vec::with_capacity(self.keys.len());
        let mut parts = self.keys.chunks(PART).peekable();
        while let Some(keys) = parts.next() {
            let start = if found.is_empty() { 0 } else { keys.first()?.line };
            let end = parts.peek().and_then(|next| next.first()).map_or(self.masked.len(), |key| key.line);
            let library = hayagriva::io::from_yaml_str(self.masked.get(start..end)?).ok()?;
            found.extend(self.place(library, keys));
        }
        Some(found).filter(|found| !found.is_empty())
    }

    /// Gives each entry the place of its key.
    fn place(&self, library: hayagriva::Library, keys: &[Key]) -> Vec<Found> {
        let mut keys = keys.iter().peekable();
        library
            .into_iter()
            .map(|entry| {
                let name = unmasked(entry.key()).into_owned();
                // Keys come in order; where one is not in the first column, its words are sought.
                let span = match keys.next_if(|key| key.name == name) {
                    Some(key) => key.span,
                    None => self.seek(&name),
                };
                Found { key: name, place: Place::new(self.file, span), entry }
            })
            .collect()
    }

    fn seek(&self, name: &str) -> FileSpan {
        if let Some(key) = self.keys.iter().find(|key| key.name == name) {
            return key.span;
        }
        let start = self.file.text.find(name).unwrap_or(self.start);
        FileSpan::new(
            start,
            start
                + if self.file.text.get(start..).is_some_and(|t| t.starts_with(name)) {
                    name.len()
                } else {
                    0
                },
        )
    }

    /// Reads every entry by itself, after the whole failed with `error`.
    fn read_each(&self, error: &serde_yaml::Error, diagnostics: &mut Diagnostics) -> Vec<Found> {
        let mut found = Vec::new();
        let mut known = std::collections::BTreeSet::new();
        // An alias may lead into another entry.
        let mut told = self.masked.contains('&') && has_alias(&self.masked);
        let whole = told;
        let ends = self.keys.iter().skip(1).map(|key| key.line).chain([self.masked.len()]);
        for (key, end) in self.keys.iter().zip(ends).filter(|_| !whole) {
            let chunk = self.masked.get(key.line..end).unwrap_or_default();
            match hayagriva::io::from_yaml_str(chunk) {
                Ok(library) => {
                    // A key that stands twice is for whoever knows all files to report.
                    told |= !known.insert(&key.name);
                    found.extend(self.place(library, std::slice::from_ref(key)));
                }
                Err(error) => {
                    told = true;
                    let diagnostic = self.invalid(&error, key.line);
                    diagnostics.push(match culprit(chunk) {
                        Some(field) if error.to_string().contains("did not match any variant") => {
                            self.unfit(key, &field)
                        }
                        _ => diagnostic,
                    });
                }
            }
        }
        if whole || !told {
            diagnostics.push(self.invalid(error, 0));
        }
        found
    }

    /// An error in the masked text, of which byte `from` was the first that was read.
    fn invalid(&self, error: &serde_yaml::Error, from: usize) -> Diagnostic {
        let at = from + error.location().map_or(0, |location| location.index());
        let message = error.to_string().replace(DOLLAR, "$");
        // "a.date: date format unknown at line 3 column 9"
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(words, _)| words);
        let (message, help) = match message.split_once(", expected one of ") {
            Some((problem, known)) => (problem, one_of(problem, known)),
            None if message.ends_with("date format unknown") => (message, DATES.to_owned()),
            None => (message, FORMAT.to_owned()),
        };
        let message = message.replace("unknown variant", "unknown value");
        Diagnostic::error(Code::WorkInvalid, Place::new(self.file, self.line_from(at)), message).help(help)
    }

    /// A field whose value is none that it may have, in the entry of `key`.
    fn unfit(&self, key: &Key, field: &Range<usize>) -> Diagnostic {
        let line = self.masked.get(key.line + field.start..key.line + field.end).unwrap_or_default();
        let name = line.split(':').next().unwrap_or_default().trim();
        let at = key.line + field.start + line.len() - line.trim_start().len();
        let message = format!("{}.{name}: cannot be read", key.name);
        Diagnostic::error(Code::WorkInvalid, Place::new(self.file, self.line_from(at)), message).help(FORMAT)
    }

    /// From a byte of the masked text to the end of its line, in the file.
    fn line_from(&self, masked_at: usize) -> Range<usize> {
        let masks = self.masked.get(..masked_at).map_or(0, |before| before.matches(DOLLAR).count());
        let start = self.start + masked_at.saturating_sub(masks * (DOLLAR.len_utf8() - 1));
        let rest = self.file.text.get(start..).unwrap_or_default();
        start..start + rest.lines().next().unwrap_or_default().trim_end().len()
    }
}

/// Whether anything in an entry looks like a field that is not known; few have one.
fn may_have_unknown(chunk: &str) -> bool {
    let mut parts = chunk.split(['\n', '{', ',']).skip(1);
    parts.any(|part| {
        let name = part.trim_start_matches([' ', '\t', '-']).split(':').next().unwrap_or_default().trim();
        part.contains(':') && !FIELDS.contains(&name)
    })
}

/// The fields of an entry and its parents that are not known.
fn unknown_in(entry: &serde_yaml::Value, names: &mut Vec<String>) {
    match entry {
        serde_yaml::Value::Mapping(fields) => {
            for (field, value) in fields {
                match field.as_str() {
                    Some("parent") => unknown_in(value, names),
                    Some(name) if !FIELDS.contains(&name) => names.push(name.to_owned()),
                    _ => {}
                }
            }
        }
        serde_yaml::Value::Sequence(entries) => entries.iter().for_each(|entry| unknown_in(entry, names)),
        _ => {}
    }
}

/// Where a field of this name is written, from byte `from` on.
fn field_at(chunk: &str, name: &str, from: usize) -> Option<usize> {
    chunk.get(from..)?.match_indices(name).map(|(at, _)| from + at).find(|&at| {
        let before = chunk[..at].chars().next_back();
        let after = chunk[at + name.len()..].trim_start_matches(['"', '\'']).trim_start_matches(' ');
        at > 0 && before.is_none_or(|c| c.is_whitespace() || "{,\"'".contains(c)) && after.starts_with(':')
    })
}

/// The one field of an entry without which it could be read, as bytes of `chunk`.
fn culprit(chunk: &str) -> Option<Range<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    let mut indent = None;
    for line in chunk.split_inclusive('\n') {
        let depth = line.len() - line.trim_start().len();
        if at > 0 && !line.trim().is_empty() && depth == *indent.get_or_insert(depth) {
            starts.push(at..at + line.len());
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|next| next.start).chain([chunk.len()]).collect::<Vec<_>>();
    starts.iter().zip(ends).take(100).find_map(|(line, end)| {
        let without = format!("{}{}", chunk.get(..line.start)?, chunk.get(end..)?);
        hayagriva::io::from_yaml_str(&without).is_ok().then(|| line.clone())
    })
}

/// What to do about a word that is none of those known: "unknown value `bok`", "`Book`, `book`".
fn one_of(problem: &str, known: &str) -> String {
    let word = problem.split('`').nth(1).unwrap_or_default();
    let known: Vec<&str> =
        known.split('`').skip(1).step_by(2).filter(|k| !k.starts_with(char::is_uppercase)).collect();
    did_you_mean(word, known)
}

/// The keys in the first column of `text`, which begins at byte `start` of its file.
fn keys(text: &str, start: usize) -> Vec<Key> {
    let mut keys = Vec::new();
    let (mut at, mut masked_at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if let Some((name, span)) = key(line) {
            let span = FileSpan::new(start + at + span.start, start + at + span.end);
            keys.push(Key { name, span, line: masked_at });
        }
        at += line.len();
        masked_at += line.len() + line.matches('$').count() * (DOLLAR.len_utf8() - 1);
    }
    keys
}

/// The key at the start of a line, and where its words are.
fn key(line: &str) -> Option<(String, Range<usize>)> {
    let quote = line.chars().next().filter(|c| ['"', '\''].contains(c));
    let (name, span, rest) = match quote {
        Some(quote) => {
            let inside = line.get(1..)?;
            let end = inside.find(quote)?;
            (inside.get(..end)?, 1..end + 1, inside.get(end + 1..)?.trim_start())
        }
        None => {
            let end = line.find(": ").or_else(|| line.trim_end().strip_suffix(':').map(str::len))?;
            (line.get(..end)?.trim_end(), 0..line.get(..end)?.trim_end().len(), line.get(end..)?)
        }
    };
    let marker = name == "-" || name == "?" || name.starts_with("- ") || name.starts_with("? ");
    let plain = !marker && !name.starts_with(|c: char| c.is_whitespace() || "#{}[]&*!|>%@`,".contains(c));
    let plain = quote.is_some() || plain;
    (rest.starts_with(':') && plain && !name.is_empty()).then(|| (name.to_owned(), span))
}

/// Whether something in `text` looks like an alias.
fn has_alias(text: &str) -> bool {
    text.match_indices('*').any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + 1..).and_then(|text| text.chars().next());
        before.is_none_or(|c| c.is_whitespace() || "[{,:-".contains(c))
            && after.is_some_and(char::is_alphanumeric)
    })
}

/// Whether a file may hold more than its length tells: few do.
fn needs_measuring(text: &str) -> bool {
    let deep_lines = text.lines().any(|line| line.len() - line.trim_start().len() > DEPTH);
    let deep_brackets = super::bounds::depth(text, b"{[", b"}]") > DEPTH;
    deep_lines || deep_brackets || (text.contains('&') && has_alias(text))
}

/// Reads a file without keeping anything of it, up to what it may come to.
fn measure(text: &str) -> Result<(), serde_yaml::Error> {
    let mut left = text.len() * GROWTH;
    Measure { left: &mut left, depth: DEPTH }.deserialize(serde_yaml::Deserializer::from_str(text))
}

/// Counts values as they are read.
struct Measure<'a> {
    left: &'a mut usize,
    depth: usize,
}

impl Measure<'_> {
    fn inner(&mut self) -> Measure<'_> {
        Measure { left: self.left, depth: self.depth.saturating_sub(1) }
    }
}

impl<'de> DeserializeSeed<'de> for Measure<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if *self.left == 0 {
            return Err(de::Error::custom("aliases make the file grow too large"));
        }
        if self.depth == 0 {
            return Err(de::Error::custom("nested too deep"));
        }
        *self.left -= 1;
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($name:ident $type:ty)+) => {
        $(fn $name<E: de::Error>(self, _: $type) -> Result<(), E> {
            Ok(())
        })+
    };
}

impl<'de> Visitor<'de> for Measure<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    scalars! {
        visit_bool bool
        visit_i64 i64
        visit_u64 u64
        visit_i128 i128
        visit_u128 u128
        visit_f64 f64
        visit_str &str
        visit_bytes &[u8]
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.inner())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while items.next_key_seed(self.inner())?.is_some() {
            items.next_value_seed(self.inner())?;
        }
        Ok(())
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(de::Error::custom("tags are not read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = Vec<(String, usize, usize)>;

    fn load(text: &str) -> (Told, Told) {
        let file = File::new("references.yaml", text);
        let mut diagnostics = Diagnostics::default();
        let found = read(&file, &mut diagnostics);
        let at = |place: &Place| place.line_column();
        (
            found.iter().map(|f| (f.key.clone(), at(&f.place).0, at(&f.place).1)).collect(),
            diagnostics
                .into_sorted()
                .iter()
                .map(|d| (d.message.clone(), at(&d.place).0, at(&d.place).1))
                .collect(),
        )
    }

    fn one(message: &str, line: usize, column: usize) -> Vec<(String, usize, usize)> {
        vec![(message.to_owned(), line, column)]
    }

    #[test]
    fn keys_have_their_places() {
        let text =
            "\u{feff}# works\r\na:\r\n  type: book\r\n  title: \"b: c\"\r\n\r\n'b c':\r\n  type: web\r\n";
        assert_eq!(load(text).0, [("a".into(), 2, 1), ("b c".into(), 6, 2)]);
        assert_eq!(
            load("{ x: { type: book }, yy: { type: web } }").0,
            [("x".into(), 1, 3), ("yy".into(), 1, 22)]
        );
    }

    #[test]
    fn an_empty_file_has_no_works() {
        assert_eq!(load(""), (vec![], vec![]));
        assert_eq!(load("\n# none yet\n"), (vec![], vec![]));
    }

    #[test]
    fn one_bad_entry_hides_no_other() {
        let text = "a:\n  type: book\nb:\n  type: bok\nc:\n  type: web\nd:\n  title: x\n";
        let (works, problems) = load(text);
        assert_eq!(works, [("a".into(), 1, 1), ("c".into(), 5, 1)]);
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0], ("b.type: unknown value `bok`".into(), 4, 9));
        assert_eq!(problems[1], ("d: no entry type for `d`".into(), 8, 3));
    }

    #[test]
    fn a_value_of_another_kind_is_found() {
        let (_, problems) = load("a:\n  type: web\n  title: T\n  page-range: {}\n");
        assert_eq!(problems, [("a.page-range: cannot be read".into(), 4, 3)]);
        let (_, problems) = load("a:\n  type: article\n  parent:\n    type: bok\n    title: J\n  title: T\n");
        assert_eq!(problems, [("a.parent: cannot be read".into(), 3, 3)]);
    }

    #[test]
    fn places_count_characters_after_dollars_and_accents() {
        let text = "é$:\n  type: book\nb:\n  title: ü$ü\n  type: web\n  date: never\n";
        let (works, problems) = load(text);
        assert_eq!(works.len(), 1);
        assert_eq!((problems[0].1, problems[0].2), (6, 9), "{problems:?}");
    }

    #[test]
    fn broken_yaml_is_told_where_it_breaks() {
        let (works, problems) = load("a:\n  type: book\nb:\n  title: \"open\n");
        assert_eq!((works.len(), problems.len()), (1, 1));
        assert_eq!(problems[0].1, 5, "{problems:?}");
        assert_eq!(load("- a\n- b\n").1.len(), 1);
        assert_eq!(load("just words\n").1.len(), 1);
    }

    #[test]
    fn a_key_twice_gives_two_entries() {
        assert_eq!(
            load("a:\n  type: book\na:\n  type: web\n"),
            (vec![("a".into(), 1, 1), ("a".into(), 3, 1)], vec![])
        );
    }

    #[test]
    fn aliases_are_read_while_they_stay_small() {
        let shared = "a:\n  type: article\n  parent: &j { type: periodical, title: J }\nb:\n  type: article\n  parent: *j\n";
        assert_eq!(load(shared).0.len(), 2);
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            laughs += &format!("a{i}: &a{i} [{}]\n", format!("*a{}, ", i - 1).repeat(10));
        }
        let (_, problems) = load(&laughs);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].0.ends_with("aliases make the file grow too large"), "{problems:?}");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let parents = "{ type: web, parent: ".repeat(5000);
        assert!(load(&format!("a: {parents} x")).1[0].0.contains("nested too deep"));
        let lines: String = (0..100).map(|i| format!("{}parent:\n", " ".repeat(i))).collect();
        assert_eq!(load(&format!("{lines}{}x\n", " ".repeat(101))).1.len(), 1);
        assert_eq!(load(&"[".repeat(200_000)).1.len(), 1);
    }

    #[test]
    fn unusual_numbers_are_kept() {
        let (works, problems) = load("2013:\n  type: article\n  page-range: 12\n");
        assert_eq!((works, problems), (vec![("2013".into(), 1, 1)], vec![]));
        assert_eq!(one("x", 1, 1).len(), 1);
    }
}
