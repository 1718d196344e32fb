//! Marks and note references into the HTML of a text.
//!
//! 1. The ends of all passages cut the runs of text into pieces; a piece under notes is one mark.
//! 2. Behind each passage stands a reference to its note; never inside a link.
//! 3. Both are put in by insertion alone, so that taking them out again gives the text's own HTML.
//!
//! White space between blocks cannot be marked, and marks never nest. Knows nothing of templates.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostics::TextSpan;
use crate::html::{Html, Run, escape_attribute, escaped_len};

/// A note as its marks show it; notes are given in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked<'n> {
    /// Its id.
    pub id: &'n str,
    /// Its number.
    pub number: &'n str,
    /// The id of its kind.
    pub kind: &'n str,
    /// What a reference to it is called.
    pub label: &'n str,
    /// Its place among the notes of the page, from 1; its marks have the class `m1`, and the first `p1` too, so
    /// that one stylesheet for all pages can place notes by their passages.
    pub place: Option<usize>,
    /// Its passages in reading order.
    pub passages: &'n [TextSpan],
}

/// The HTML of a text with the marks of its notes.
pub fn weave(text: &Html, notes: &[Marked<'_>]) -> String {
    let mut weaver = Weaver {
        text,
        notes,
        active: BTreeMap::new(),
        begun: Vec::new(),
        displaced: BTreeMap::new(),
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

/// The id of passage `index`, from 0, of the note `id`.
pub fn passage_id(id: &str, index: usize) -> String {
    if index == 0 { ["passage-", id].concat() } else { format!("passage-{id}.{}", index + 1) }
}

/// About how long the tag of a mark is.
const USUAL: usize = 160;

/// Where a passage begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    at: usize,
    begins: bool,
    note: usize,
    passage: usize,
}

#[derive(Debug)]
struct Insertion {
    at: usize,
    order: Order,
    markup: Cow<'static, str>,
}

/// What stands first of several insertions at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Close,
    Reference(usize, usize),
    Open,
}

struct Weaver<'w> {
    text: &'w Html,
    notes: &'w [Marked<'w>],
    /// The notes over the current place, with how many of their passages are.
    active: BTreeMap<usize, usize>,
    /// Passages that have begun and have no mark yet.
    begun: Vec<(usize, usize)>,
    /// The ids that stand on references, because a mark has another.
    displaced: BTreeMap<(usize, usize), String>,
    /// Where the last mark ended in the HTML.
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
                self.cross(*edge);
            }
            self.mark(&mut place, run.text.end);
            // A passage that ends with the run is over before what separates it from the next.
            while let Some(edge) = edges.next_if(|edge| edge.at == run.text.end && !edge.begins) {
                self.cross(*edge);
            }
        }
        for edge in edges {
            self.cross(*edge);
        }
    }

    /// All edges in order; at one place, what ends comes before what begins.
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

    fn cross(&mut self, edge: Edge) {
        if edge.begins {
            *self.active.entry(edge.note).or_insert(0) += 1;
            self.begun.push((edge.note, edge.passage));
            return;
        }
        if let Some(count) = self.active.get_mut(&edge.note) {
            *count -= 1;
            if *count == 0 {
                self.active.remove(&edge.note);
            }
        }
        self.begun.retain(|&begun| begun != (edge.note, edge.passage));
        self.reference(edge);
    }

    /// Marks the words up to `end`, if there are notes over them.
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
        let mut markup = String::with_capacity(USUAL);
        markup.push_str("<mark");
        let anchored = self.anchored();
        if let Some(id) = self.first_of_begun() {
            [" id=\"", &id, "\""].into_iter().for_each(|part| markup.push_str(part));
        }
        self.classes(&mut markup, anchored);
        markup.push_str(" data-notes=\"");
        let mut kinds: Vec<&str> = Vec::new();
        for (index, note) in self.active.keys().filter_map(|&note| self.notes.get(note)).enumerate() {
            if index > 0 {
                markup.push(' ');
            }
            markup.push_str(note.id);
            if !kinds.contains(&note.kind) {
                kinds.push(note.kind);
            }
        }
        markup.push_str("\" data-kinds=\"");
        for (index, kind) in kinds.into_iter().enumerate() {
            markup.push_str(if index > 0 { " " } else { "" });
            markup.push_str(kind);
        }
        markup.push_str("\">");
        self.insertions.push(Insertion { at: open, order: Order::Open, markup: markup.into() });
        self.insertions.push(Insertion { at: close, order: Order::Close, markup: "</mark>".into() });
        self.last_end = close;
    }

    /// The place of the lowest-numbered note whose first passage begins at the next mark.
    fn anchored(&self) -> Option<usize> {
        let first = self.begun.iter().filter(|(_, passage)| *passage == 0).min()?;
        self.notes.get(first.0)?.place
    }

    /// The classes of a mark: the places of its notes, and of the one that is placed by it.
    fn classes(&self, markup: &mut String, anchored: Option<usize>) {
        let places = self.active.keys().filter_map(|&note| self.notes.get(note)?.place);
        for (index, place) in places.enumerate() {
            markup.push_str(if index == 0 { " class=\"" } else { " " });
            add(markup, format_args!("m{place}"));
        }
        match anchored {
            Some(place) => add(markup, format_args!(" p{place}\"")),
            None if markup.contains(" class=\"") => markup.push('"'),
            None => {}
        }
    }

    /// The id of the lowest-numbered passage that begins at the next mark; the others' ids go to
    /// their references.
    fn first_of_begun(&mut self) -> Option<String> {
        let first = self.begun.iter().copied().min()?;
        for begun in std::mem::take(&mut self.begun) {
            if begun != first
                && let Some(note) = self.notes.get(begun.0)
            {
                self.displaced.insert(begun, passage_id(note.id, begun.1));
            }
        }
        self.notes.get(first.0).map(|note| passage_id(note.id, first.1))
    }

    fn reference(&mut self, edge: Edge) {
        let Some(note) = self.notes.get(edge.note) else { return };
        let id = self.displaced.remove(&(edge.note, edge.passage));
        let mut markup = String::with_capacity(USUAL);
        markup.push_str("<a class=\"note-ref\"");
        if let Some(id) = id {
            markup.extend([" id=\"", &id, "\""]);
        }
        markup.extend([" href=\"#note-", note.id, "\" role=\"doc-noteref\" data-number=\"", note.number]);
        markup.extend(["\" data-kind=\"", note.kind, "\" aria-label=\""]);
        escape_attribute(&mut markup, note.label);
        markup.push_str("\"></a>");
        let at = self.outside_link(self.last_end);
        let order = Order::Reference(edge.note, edge.passage);
        self.insertions.push(Insertion { at, order, markup: markup.into() });
    }

    /// `at`, or the end of the link that it stands in.
    fn outside_link(&self, at: usize) -> usize {
        let links = &self.text.links;
        let index = links.partition_point(|link| link.end <= at);
        links.get(index).filter(|link| link.start <= at).map_or(at, |link| link.end)
    }
}

fn add(markup: &mut String, words: std::fmt::Arguments<'_>) {
    markup.write_fmt(words).expect("writing to a string cannot fail");
}

/// A place in a run, in the reading text and in the HTML at once.
struct Cursor<'t> {
    text: &'t Html,
    run: Run,
    at: usize,
    html: usize,
}

impl Cursor<'_> {
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
        let notes: Vec<Marked<'_>> = ids
            .iter()
            .zip(&spans)
            .map(|(id, spans)| Marked { id, number: id, kind: "k", label: id, place: None, passages: spans })
            .collect();
        let out = weave(&html, &notes);
        // Short forms, so that the tests can be read.
        let mut short = out.replace(" data-kinds=\"k\"", "");
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
    fn overlaps_are_cut_flat() {
        assert_eq!(
            woven("one two three", &[&["one two"], &["two three"]]),
            "<p><m id=\"passage-a\" \"a\">one </m><m id=\"passage-b\" \"a b\">two</m><ref a><m \"b\"> three</m><ref b></p>\n"
        );
    }

    #[test]
    fn one_beginning_has_the_lowest_id_and_the_others_stand_on_references() {
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
    fn a_reference_stands_behind_a_link() {
        assert_eq!(
            woven("x [one two] y", &[&["one"]]),
            "<p>x <a><m id=\"passage-a\" \"a\">one</m> two</a><ref a> y</p>\n"
        );
    }

    #[test]
    fn marks_tell_the_places_of_their_notes() {
        let mut b = Builder::new(0, Ids::None);
        b.text("one two", None);
        let (both, one) = ([TextSpan::new(0, 7)], [TextSpan::new(0, 3)]);
        let note = |id, place, passages| Marked { id, number: id, kind: "k", label: id, place, passages };
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
