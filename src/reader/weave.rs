//! Inserts marks and note references into the HTML of a text.
//!
//! 1. The starts and ends of all passages split each run of text into pieces. A piece that is in at least one passage
//!    becomes one `<mark>`, so marks never nest.
//! 2. After each passage comes a reference to its note, but never inside a link.
//! 3. The HTML is only inserted into: removing marks and references gives the text's own HTML.
//!
//! White space between blocks is not marked. Does not use templates.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostics::TextSpan;
use crate::html::{Html, Run, escape_attribute, escaped_len};
use crate::site::Tone;

/// What the marks and references of a note need. Notes are passed in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkedNote<'n> {
    /// The note's id.
    pub id: &'n str,
    /// The note's number.
    pub number: &'n str,
    /// The id of its kind.
    pub kind: &'n str,
    /// The tone of its verdict.
    pub tone: Option<Tone>,
    /// The accessible name of its references.
    pub label: &'n str,
    /// The position of the note on the page, from 1; `None` on dense pages. The marks of note 1 get the class `m1`, and
    /// the first also `p1`, so that one stylesheet for all pages can place notes beside their passages.
    pub place: Option<usize>,
    /// The passages, in reading order.
    pub passages: &'n [TextSpan],
}

/// Inserts the marks and references of `notes` into the HTML of a text.
pub(crate) fn weave(text: &Html, notes: &[MarkedNote<'_>]) -> String {
    let mut weaver = Weaver {
        text,
        notes,
        active: BTreeMap::new(),
        unmarked: Vec::new(),
        ids_on_references: BTreeMap::new(),
        last_end: 0,
        insertions: Vec::new(),
    };
    weaver.run();
    weaver.insertions.sort_by_key(|insertion| (insertion.at, insertion.order));
    let added: usize = weaver.insertions.iter().map(|insertion| insertion.markup.len()).sum();
    let mut out = String::with_capacity(text.html.len() + added);
    let mut copied = 0;
    for insertion in &weaver.insertions {
        out.push_str(&text.html[copied..insertion.at]);
        out.push_str(&insertion.markup);
        copied = insertion.at;
    }
    out.push_str(&text.html[copied..]);
    out
}

/// The element id of passage `index`, from 0, of the note `id`: `passage-ID`, `passage-ID.2`.
pub(crate) fn passage_id(id: &str, index: usize) -> String {
    if index == 0 { ["passage-", id].concat() } else { format!("passage-{id}.{}", index + 1) }
}

/// Stands in `data-tones` for a note whose verdict has no tone.
const NO_TONE: &str = "-";

/// The length in bytes of most mark and reference tags.
const TAG_CAPACITY: usize = 160;

/// The start or end of a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    at: usize,
    begins: bool,
    note: usize,
    passage: usize,
}

/// Markup to insert at the byte offset `at` of the HTML.
#[derive(Debug)]
struct Insertion {
    at: usize,
    order: Order,
    markup: Cow<'static, str>,
}

/// The order of several insertions at one offset. A reference is sorted by its note and passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Close,
    Reference(usize, usize),
    Open,
}

struct Weaver<'w> {
    text: &'w Html,
    notes: &'w [MarkedNote<'w>],
    /// The notes with a passage over the current place, each with the number of such passages.
    active: BTreeMap<usize, usize>,
    /// Passages (note, passage) that have started and have no mark yet.
    unmarked: Vec<(usize, usize)>,
    /// The ids of passages whose first mark has another passage's id; the reference gets the id instead.
    ids_on_references: BTreeMap<(usize, usize), String>,
    /// The offset in the HTML at which the last mark ended.
    last_end: usize,
    insertions: Vec<Insertion>,
}

impl Weaver<'_> {
    fn run(&mut self) {
        let edges = self.edges();
        let mut edges = edges.iter().peekable();
        for run in &self.text.runs {
            let mut place = Cursor { text: self.text, run: *run, at: run.text.start, html: run.html };
            while let Some(edge) = edges.next_if(|edge| edge.at < run.text.end) {
                self.mark(&mut place, edge.at);
                self.pass_edge(*edge);
            }
            self.mark(&mut place, run.text.end);
            // Close passages at the end of the run first, before the white space between blocks.
            while let Some(edge) = edges.next_if(|edge| edge.at == run.text.end && !edge.begins) {
                self.pass_edge(*edge);
            }
        }
        for edge in edges {
            self.pass_edge(*edge);
        }
    }

    /// All edges in order; at one place, ends come before starts.
    fn edges(&self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = Vec::new();
        for (note, marked) in self.notes.iter().enumerate() {
            for (passage, span) in marked.passages.iter().enumerate().filter(|(_, span)| !span.is_empty()) {
                edges.push(Edge { at: span.start, begins: true, note, passage });
                edges.push(Edge { at: span.end, begins: false, note, passage });
            }
        }
        edges.sort_unstable();
        edges
    }

    /// Updates the active notes at an edge; writes the reference at the end of a passage.
    fn pass_edge(&mut self, edge: Edge) {
        if edge.begins {
            *self.active.entry(edge.note).or_insert(0) += 1;
            self.unmarked.push((edge.note, edge.passage));
            return;
        }
        if let Some(count) = self.active.get_mut(&edge.note) {
            *count -= 1;
            if *count == 0 {
                self.active.remove(&edge.note);
            }
        }
        self.unmarked.retain(|&passage| passage != (edge.note, edge.passage));
        self.reference(edge);
    }

    /// Moves to `end`, and marks the text up to it if it is in a passage.
    fn mark(&mut self, place: &mut Cursor<'_>, end: usize) {
        if end <= place.at {
            return;
        }
        if self.active.is_empty() || place.run.between {
            place.skip_to(end);
            return;
        }
        let open = place.html;
        place.skip_to(end);
        let close = place.html;
        let mut markup = String::with_capacity(TAG_CAPACITY);
        markup.push_str("<mark");
        let placed_by = self.placed_by_next_mark();
        if let Some(id) = self.take_mark_id() {
            [" id=\"", &id, "\""].into_iter().for_each(|part| markup.push_str(part));
        }
        self.write_classes(&mut markup, placed_by);
        markup.push_str(" data-notes=\"");
        // How the mark looks: a kind and a tone for each note, but no two alike.
        let mut looks: Vec<(&str, &str)> = Vec::new();
        for (index, note) in self.active.keys().filter_map(|&note| self.notes.get(note)).enumerate() {
            if index > 0 {
                markup.push(' ');
            }
            markup.push_str(note.id);
            let look = (note.kind, note.tone.map_or(NO_TONE, Tone::as_str));
            if !looks.contains(&look) {
                looks.push(look);
            }
        }
        markup.push_str("\" data-kinds=\"");
        for (index, (kind, _)) in looks.iter().enumerate() {
            markup.push_str(if index > 0 { " " } else { "" });
            markup.push_str(kind);
        }
        markup.push_str("\" data-tones=\"");
        for (index, (_, tone)) in looks.iter().enumerate() {
            markup.push_str(if index > 0 { " " } else { "" });
            markup.push_str(tone);
        }
        markup.push_str("\">");
        self.insertions.push(Insertion { at: open, order: Order::Open, markup: markup.into() });
        self.insertions.push(Insertion { at: close, order: Order::Close, markup: "</mark>".into() });
        self.last_end = close;
    }

    /// The position of the lowest-numbered note whose first passage starts at the next mark: the note that is placed
    /// beside this mark.
    fn placed_by_next_mark(&self) -> Option<usize> {
        let first = self.unmarked.iter().filter(|(_, passage)| *passage == 0).min()?;
        self.notes.get(first.0)?.place
    }

    /// Writes the class attribute of a mark: `m1` for each of its notes, `p1` for the note that is placed beside it.
    fn write_classes(&self, markup: &mut String, placed_by: Option<usize>) {
        let places = self.active.keys().filter_map(|&note| self.notes.get(note)?.place);
        for (index, place) in places.enumerate() {
            markup.push_str(if index == 0 { " class=\"" } else { " " });
            push_fmt(markup, format_args!("m{place}"));
        }
        match placed_by {
            Some(place) => push_fmt(markup, format_args!(" p{place}\"")),
            None if markup.contains(" class=\"") => markup.push('"'),
            None => {}
        }
    }

    /// The id for the next mark: that of the lowest-numbered passage that starts there. The ids of other passages that
    /// start there go on their references.
    fn take_mark_id(&mut self) -> Option<String> {
        let first = self.unmarked.iter().copied().min()?;
        for passage in std::mem::take(&mut self.unmarked) {
            if passage != first
                && let Some(note) = self.notes.get(passage.0)
            {
                self.ids_on_references.insert(passage, passage_id(note.id, passage.1));
            }
        }
        self.notes.get(first.0).map(|note| passage_id(note.id, first.1))
    }

    /// Writes the note reference after a passage.
    fn reference(&mut self, edge: Edge) {
        let Some(note) = self.notes.get(edge.note) else { return };
        let id = self.ids_on_references.remove(&(edge.note, edge.passage));
        let mut markup = String::with_capacity(TAG_CAPACITY);
        markup.push_str("<a class=\"note-ref\"");
        if let Some(id) = id {
            markup.extend([" id=\"", &id, "\""]);
        }
        markup.extend([" href=\"#note-", note.id, "\" role=\"doc-noteref\" data-number=\"", note.number]);
        markup.extend(["\" data-kind=\"", note.kind]);
        if let Some(tone) = note.tone {
            markup.extend(["\" data-tone=\"", tone.as_str()]);
        }
        markup.push_str("\" aria-label=\"");
        escape_attribute(&mut markup, note.label);
        markup.push_str("\"></a>");
        let at = self.outside_link(self.last_end);
        let order = Order::Reference(edge.note, edge.passage);
        self.insertions.push(Insertion { at, order, markup: markup.into() });
    }

    /// `at`, or the end of the link that contains it.
    fn outside_link(&self, at: usize) -> usize {
        let links = &self.text.links;
        let index = links.partition_point(|link| link.end <= at);
        links.get(index).filter(|link| link.start <= at).map_or(at, |link| link.end)
    }
}

fn push_fmt(markup: &mut String, words: std::fmt::Arguments<'_>) {
    markup.write_fmt(words).expect("writing to a string cannot fail");
}

/// A place in a run: its offsets in the reading text (`at`) and in the HTML (`html`).
struct Cursor<'t> {
    text: &'t Html,
    run: Run,
    at: usize,
    html: usize,
}

impl Cursor<'_> {
    /// Moves to the offset `end` of the reading text.
    fn skip_to(&mut self, end: usize) {
        self.html += if self.run.escaped {
            self.text.reading[self.at..end].chars().map(escaped_len).sum()
        } else {
            end - self.at
        };
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::{Builder, Ids};

    /// Weaves notes `a`, `b` … over words of a text given as HTML-like pieces: `*` toggles emphasis, `[` and `]` a
    /// link, `/` a new paragraph.
    fn woven(pieces: &str, passages: &[&[&str]]) -> String {
        let mut b = Builder::new(0, Ids::None);
        b.open("p", format_args!(""));
        for piece in pieces.split_inclusive(['*', '[', ']', '/']) {
            let words = piece.trim_end_matches(['*', '[', ']', '/']);
            b.text(words, None);
            match piece.chars().last() {
                Some('*') if b.innermost() == Some("em") => b.close(),
                Some('*') => b.open("em", format_args!("")),
                Some('[') => b.open("a", format_args!("")),
                Some(']') => b.close(),
                Some('/') => {
                    b.close();
                    b.open("p", format_args!(""));
                }
                _ => {}
            }
        }
        let html = b.finish();
        let ids: Vec<String> = ('a'..).take(passages.len()).map(String::from).collect();
        let spans: Vec<Vec<TextSpan>> = passages
            .iter()
            .map(|passages| {
                passages
                    .iter()
                    .map(|words| {
                        let at = html.reading.find(words).unwrap();
                        TextSpan::new(at, at + words.len())
                    })
                    .collect()
            })
            .collect();
        let notes: Vec<MarkedNote<'_>> = ids
            .iter()
            .zip(&spans)
            .map(|(id, spans)| MarkedNote {
                id,
                number: id,
                kind: "k",
                tone: None,
                label: id,
                place: None,
                passages: spans,
            })
            .collect();
        let out = weave(&html, &notes);
        // Abbreviate the markup to keep the tests readable.
        let mut short = out.replace(" data-kinds=\"k\" data-tones=\"-\"", "");
        for id in &ids {
            let tail = format!(
                " href=\"#note-{id}\" role=\"doc-noteref\" data-number=\"{id}\" data-kind=\"k\" aria-label=\"{id}\"></a>"
            );
            short = short.replace(&tail, &format!(" {id}>"));
        }
        short.replace("<a class=\"note-ref\"", "<ref").replace(" data-notes=", " ").replace("mark", "m")
    }

    #[test]
    fn a_passage_across_markup_is_several_marks() {
        assert_eq!(
            woven("x & y *z* w", &[&["y z w"]]),
            "<p>x &amp; <m id=\"passage-a\" \"a\">y </m><em><m \"a\">z</m></em><m \"a\"> w</m><ref a></p>\n"
        );
    }

    #[test]
    fn overlapping_passages_do_not_nest() {
        assert_eq!(
            woven("one two three", &[&["one two"], &["two three"]]),
            "<p><m id=\"passage-a\" \"a\">one </m><m id=\"passage-b\" \"a b\">two</m><ref a><m \"b\"> three</m><ref b></p>\n"
        );
    }

    #[test]
    fn passages_with_one_start_share_a_mark_with_the_lowest_id() {
        assert_eq!(
            woven("one two", &[&["one two"], &["one"]]),
            "<p><m id=\"passage-a\" \"a b\">one</m><ref id=\"passage-b\" b><m \"a\"> two</m><ref a></p>\n"
        );
    }

    #[test]
    fn space_between_blocks_is_not_marked() {
        assert_eq!(
            woven("one/two", &[&["one\ntwo"]]),
            "<p><m id=\"passage-a\" \"a\">one</m></p>\n<p><m \"a\">two</m><ref a></p>\n"
        );
    }

    #[test]
    fn a_reference_comes_after_a_link() {
        assert_eq!(
            woven("x [one two] y", &[&["one"]]),
            "<p>x <a><m id=\"passage-a\" \"a\">one</m> two</a><ref a> y</p>\n"
        );
    }

    #[test]
    fn marks_have_the_positions_of_their_notes_as_classes() {
        let mut b = Builder::new(0, Ids::None);
        b.text("one two", None);
        let (both, one) = ([TextSpan::new(0, 7)], [TextSpan::new(0, 3)]);
        let note = |id, place, passages| MarkedNote {
            id,
            number: id,
            kind: "k",
            tone: None,
            label: id,
            place,
            passages,
        };
        let out = weave(&b.finish(), &[note("a", Some(1), &both), note("b", Some(2), &one)]);
        assert!(out.contains("<mark id=\"passage-a\" class=\"m1 m2 p1\" data-notes=\"a b\""), "{out}");
        assert!(out.contains("<mark class=\"m1\" data-notes=\"a\""), "{out}");
    }

    #[test]
    fn further_passages_are_numbered() {
        let out = woven("one two", &[&["one", "two"]]);
        assert!(out.contains("id=\"passage-a\"") && out.contains("id=\"passage-a.2\""), "{out}");
    }
}
