//! Parses YAML to a tree of values with their locations.
//!
//! YAML is parsed by `saphyr-parser`. After a syntax error, parsing resumes at the next key in the first column,
//! so that all other entries are read.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// The maximum nesting depth of values.
const DEPTH: usize = 24;
/// The maximum number of values per byte of the file, after aliases are expanded.
const GROWTH: usize = 4;
/// The maximum number of syntax errors that are reported for one file.
const REPORTED: usize = 20;

/// A value and its location in the file.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) span: Range<usize>,
}

/// The content of a value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A string, number or boolean, as written; empty for `null`.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and their values.
    Map(Vec<(Node, Node)>),
}

impl Node {
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, wanted: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(pairs) => {
                pairs.iter().find(|(key, _)| key.scalar() == Some(wanted)).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

/// The top-level keys of a file with their values. Errors are reported, with `help`.
pub(super) fn pairs(file: &Arc<File>, help: &str, diagnostics: &mut Diagnostics) -> Vec<(Node, Node)> {
    let text = file.text.trim_start_matches('\u{feff}');
    let mut from = file.text.len() - text.len();
    let mut found = Vec::new();
    for _ in 0..REPORTED {
        let part = file.text.get(from..).unwrap_or_default();
        let mut tree = Tree::new(part, from);
        let error = tree.read().err();
        found.extend(tree.pairs());
        if let Some(span) = tree.not_entries.take() {
            diagnostics.push(
                Diagnostic::error(Code::WorkInvalid, Place::new(file, span), "expected entries by key")
                    .help(help),
            );
        }
        let Some(error) = error else { break };
        let at = error.at.min(file.text.len());
        diagnostics.push(
            Diagnostic::error(Code::WorkInvalid, Place::new(file, line_from(&file.text, at)), error.message)
                .help(help),
        );
        let next = next_key(&file.text, at).filter(|_| error.recoverable);
        let Some(next) = next else { break };
        from = next;
    }
    found
}

/// The range from a byte to the end of its line.
fn line_from(text: &str, at: usize) -> Range<usize> {
    let at = crate::diagnostics::floor_char_boundary(text, at);
    let line = text.get(at..).unwrap_or_default().lines().next().unwrap_or_default();
    at..at + line.trim_end().len()
}

/// The start of the next line after byte `at` that has a key in the first column.
fn next_key(text: &str, at: usize) -> Option<usize> {
    let mut from = at + text.get(at..)?.find('\n')? + 1;
    loop {
        let line = text.get(from..)?.split_inclusive('\n').next()?;
        let starts = line.starts_with(|c: char| !c.is_whitespace() && !"#-]}".contains(c));
        if starts && line.contains(':') {
            return Some(from);
        }
        from += line.len();
    }
}

/// An error that stops parsing.
struct Fault {
    message: String,
    /// The byte offset of the error.
    at: usize,
    /// Whether parsing can resume at the next key.
    recoverable: bool,
}

/// A list or map that is not yet closed.
struct Open {
    node: Node,
    anchor: usize,
    /// The key whose value comes next.
    key: Option<Node>,
}

/// Builds the tree from the events of the parser.
struct Tree<'a> {
    text: &'a str,
    /// The offset of the text in the file.
    start: usize,
    /// The byte offset of every character, if the text is not ASCII.
    bytes: Option<Vec<usize>>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    /// The number of values, after aliases are expanded.
    count: usize,
    whole: Option<Node>,
    not_entries: Option<Range<usize>>,
}

impl<'a> Tree<'a> {
    fn new(text: &'a str, start: usize) -> Self {
        let bytes =
            (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect());
        Self {
            text,
            start,
            bytes,
            open: Vec::new(),
            anchors: HashMap::new(),
            count: 0,
            whole: None,
            not_entries: None,
        }
    }

    /// The top-level pairs; the complete ones if parsing stopped.
    fn pairs(&mut self) -> Vec<(Node, Node)> {
        let whole = self.whole.take().or_else(|| {
            let first = if self.open.is_empty() { None } else { Some(self.open.swap_remove(0)) };
            first.map(|open| open.node)
        });
        match whole {
            Some(Node { value: Value::Map(pairs), .. }) => pairs,
            Some(Node { value: Value::Scalar(text), .. }) if text.is_empty() => Vec::new(),
            Some(node) => {
                self.not_entries = Some(
                    line_from(self.text, node.span.start - self.start).start + self.start..node.span.start,
                );
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    fn byte(&self, character: usize) -> usize {
        let at = match &self.bytes {
            None => character,
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.text.len()),
        };
        self.start + at.min(self.text.len())
    }

    fn span(&self, span: Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }

    fn read(&mut self) -> Result<(), Fault> {
        for event in Parser::new(StrInput::new(self.text)) {
            let (event, span) = event.map_err(|error| self.fault(&error))?;
            let span = self.span(span);
            match event {
                Event::Scalar(text, style, anchor, _) => {
                    let null =
                        style == ScalarStyle::Plain && ["null", "~", "Null", "NULL"].contains(&text.as_ref());
                    let text = if null { String::new() } else { text.into_owned() };
                    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
                    let span = if quoted && span.len() >= 2 { span.start + 1..span.end - 1 } else { span };
                    self.add(Node { value: Value::Scalar(text), span }, anchor, 1)?;
                }
                Event::SequenceStart(anchor, _) => self.start(Value::List(Vec::new()), span, anchor)?,
                Event::MappingStart(anchor, _) => self.start(Value::Map(Vec::new()), span, anchor)?,
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(open) = self.open.pop() {
                        self.add(open.node, open.anchor, 1)?;
                    }
                }
                Event::Alias(anchor) => {
                    let (node, size) = self.anchors.get(&anchor).cloned().unwrap_or_else(|| {
                        (Node { value: Value::Scalar(String::new()), span: span.clone() }, 1)
                    });
                    self.add(node, 0, size)?;
                }
                // Only the first document is read.
                Event::DocumentEnd if self.whole.is_some() => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    fn fault(&self, error: &ScanError) -> Fault {
        let message = error.info().trim_start_matches("while parsing ").to_owned();
        Fault {
            message: format!("invalid YAML: {message}"),
            at: self.byte(error.marker().index()),
            recoverable: true,
        }
    }

    fn start(&mut self, value: Value, span: Range<usize>, anchor: usize) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(Fault { message: "nested too deeply".to_owned(), at: span.start, recoverable: true });
        }
        self.open.push(Open { node: Node { value, span }, anchor, key: None });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Fault> {
        self.count += size;
        if self.count > (self.text.len() + 64) * GROWTH {
            let message = "the aliases expand to too many values".to_owned();
            return Err(Fault { message, at: node.span.start, recoverable: false });
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), count_values(&node)));
        }
        let Some(open) = self.open.last_mut() else {
            self.whole = Some(node);
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(pairs), Some(key)) => pairs.push((key, node)),
            (Value::Map(_), None) => open.key = Some(node),
            (Value::Scalar(_), _) => {}
        }
        Ok(())
    }
}

/// The number of values in a value, including itself.
fn count_values(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 1,
        Value::List(items) => 1 + items.iter().map(count_values).sum::<usize>(),
        Value::Map(pairs) => {
            1 + pairs.iter().map(|(key, value)| count_values(key) + count_values(value)).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hayagriva;
    use super::*;

    type Reported = Vec<(String, usize, usize)>;

    fn load(text: &str) -> (Reported, Reported) {
        let file = File::new("references.yaml", text);
        let mut diagnostics = Diagnostics::default();
        let found = hayagriva::read(&file, &mut diagnostics);
        let at = |place: &Place| place.line_column();
        (
            found.iter().map(|f| (f.item.key.clone(), at(&f.place).0, at(&f.place).1)).collect(),
            diagnostics
                .into_sorted()
                .iter()
                .map(|d| (d.message.clone(), at(&d.place).0, at(&d.place).1))
                .collect(),
        )
    }

    #[test]
    fn keys_are_read_with_their_locations() {
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
    fn valid_entries_are_read_despite_invalid_ones() {
        let text = "a:\n  type: book\nb:\n  type: bok\nc:\n  type: web\nd:\n  title: x\n";
        let (works, problems) = load(text);
        assert_eq!(works, [("a".into(), 1, 1), ("c".into(), 5, 1)]);
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0], ("b.type: unknown value `bok`".into(), 4, 9));
        assert_eq!(problems[1], ("d: the entry has no `type`".into(), 7, 1));
    }

    #[test]
    fn values_of_the_wrong_type_are_errors() {
        let (_, problems) = load("a:\n  type: web\n  title: T\n  page-range: {}\n");
        assert_eq!(problems, [("a.page-range: expected text".into(), 4, 15)]);
        let (_, problems) = load("a:\n  type: article\n  parent:\n    type: bok\n    title: J\n  title: T\n");
        assert_eq!(problems, [("a.type: unknown value `bok`".into(), 4, 11)]);
    }

    #[test]
    fn columns_count_characters() {
        let text = "é$:\n  type: book\nb:\n  title: ü$ü\n  type: web\n  date: {}\n";
        let (works, problems) = load(text);
        assert_eq!(works.len(), 1);
        assert_eq!((problems[0].1, problems[0].2), (6, 9), "{problems:?}");
    }

    #[test]
    fn syntax_errors_are_reported_with_their_location() {
        let (works, problems) = load("a:\n  type: book\nb:\n  title: \"x\" y\nc:\n  type: web\n");
        assert_eq!((works.len(), problems.len()), (2, 1), "{works:?} {problems:?}");
        assert_eq!(problems[0].1, 4, "{problems:?}");
        assert_eq!(load("- a\n- b\n").1.len(), 1);
        assert_eq!(load("just words\n").1.len(), 1);
    }

    #[test]
    fn duplicate_keys_give_two_entries() {
        assert_eq!(
            load("a:\n  type: book\na:\n  type: web\n"),
            (vec![("a".into(), 1, 1), ("a".into(), 3, 1)], vec![])
        );
    }

    #[test]
    fn aliases_are_expanded_up_to_a_limit() {
        let shared = "a:\n  type: article\n  parent: &j { type: periodical, title: J }\nb:\n  type: article\n  parent: *j\n";
        assert_eq!(load(shared).0.len(), 2);
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            laughs += &format!("a{i}: &a{i} [{}]\n", format!("*a{}, ", i - 1).repeat(10));
        }
        let (_, problems) = load(&laughs);
        assert!(
            problems.iter().any(|problem| problem.0 == "the aliases expand to too many values"),
            "{problems:?}"
        );
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let parents = "{ type: web, parent: ".repeat(5000);
        assert!(load(&format!("a: {parents} x")).1[0].0.contains("nested too deeply"));
        assert!(!load(&"[".repeat(200_000)).1.is_empty());
    }

    #[test]
    fn numbers_may_be_keys_and_pages() {
        let (works, problems) = load("2013:\n  type: article\n  page-range: 12\n");
        assert_eq!((works, problems), (vec![("2013".into(), 1, 1)], vec![]));
    }
}
