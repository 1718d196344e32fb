//! Parses the text of a variable into runs: CSL-JSON markup, quotation marks and apostrophes.
//!
//! Unclosed markup and unknown tags are treated as text.

use hayagriva::citationberg::{FontVariant, TextDecoration, VerticalAlign};

use super::output::{Look, Role, Run};

/// The tags that a variable may contain: opening tag, closing tag and meaning.
const TAGS: [(&str, &str, Tag); 11] = [
    ("<i>", "</i>", Tag::Italic),
    ("<b>", "</b>", Tag::Bold),
    ("<u>", "</u>", Tag::Underline),
    ("<sup>", "</sup>", Tag::Sup),
    ("<sub>", "</sub>", Tag::Sub),
    ("<sc>", "</sc>", Tag::SmallCaps),
    ("<span class=\"nocase\">", "</span>", Tag::NoCase),
    ("<span class=\"nodecor\">", "</span>", Tag::NoDecoration),
    ("<span style=\"font-variant:small-caps;\">", "</span>", Tag::SmallCaps),
    ("<span style=\"font-variant: small-caps;\">", "</span>", Tag::SmallCaps),
    ("<span style=\"baseline\">", "</span>", Tag::Baseline),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Italic,
    Bold,
    Underline,
    Sup,
    Sub,
    SmallCaps,
    NoCase,
    NoDecoration,
    Baseline,
}

/// A piece of a variable's text.
enum Piece<'a> {
    Text(&'a str),
    Start(Tag, &'a str),
    End(Tag, &'a str),
    Open(&'a str),
    Close(&'a str),
    Apostrophe,
}

/// The runs of a variable's text.
pub(in crate::bibliography) fn runs(text: &str, role: Role) -> Vec<Run> {
    if !text.contains(['<', '"', '“', '”', '\'', '‘', '’']) {
        return vec![Run::new(text, role)];
    }
    let pieces = paired(pieces(text));
    let mut out: Vec<Run> = Vec::new();
    let mut open: Vec<Tag> = Vec::new();
    for piece in pieces {
        let mut push = |words: &str, role: Role| match out.last_mut() {
            Some(last)
                if last.role == role && last.look == look(&open) && last.keep_case == keeps_case(&open) =>
            {
                last.text.push_str(words);
            }
            _ => {
                let mut run = Run::new(words, role);
                (run.look, run.keep_case) = (look(&open), keeps_case(&open));
                out.push(run);
            }
        };
        match piece {
            Piece::Text(words) => push(words, role),
            Piece::Apostrophe => push("’", role),
            Piece::Open(_) => out.push(Run::new("", Role::Open)),
            Piece::Close(_) => out.push(Run::new("", Role::Close)),
            Piece::Start(tag, _) => open.push(tag),
            Piece::End(tag, _) => {
                if let Some(at) = open.iter().rposition(|known| *known == tag) {
                    open.remove(at);
                }
            }
        }
    }
    out
}

/// The text without markup. Quotation marks are not changed.
pub(in crate::bibliography) fn plain(text: &str) -> String {
    if !text.contains('<') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for piece in paired(pieces(text)) {
        match piece {
            Piece::Text(words) | Piece::Open(words) | Piece::Close(words) => out.push_str(words),
            Piece::Apostrophe => out.push('’'),
            Piece::Start(..) | Piece::End(..) => {}
        }
    }
    out
}

/// Whether text inside these tags keeps its case, as superscript, subscript and small capitals do.
fn keeps_case(open: &[Tag]) -> bool {
    open.iter().any(|tag| matches!(tag, Tag::NoCase | Tag::Sup | Tag::Sub | Tag::SmallCaps))
}

fn look(open: &[Tag]) -> Look {
    let count = |tag: Tag| open.iter().filter(|known| **known == tag).count();
    let mut look = Look {
        flip_italic: count(Tag::Italic) % 2 == 1,
        flip_bold: count(Tag::Bold) % 2 == 1,
        ..Look::default()
    };
    for tag in open {
        match tag {
            Tag::Underline => look.decoration = Some(TextDecoration::Underline),
            Tag::NoDecoration => {
                look.decoration = Some(TextDecoration::None);
                look.variant = Some(FontVariant::Normal);
                look.style = Some(hayagriva::citationberg::FontStyle::Normal);
                look.weight = Some(hayagriva::citationberg::FontWeight::Normal);
            }
            Tag::Sup => look.align = Some(VerticalAlign::Sup),
            Tag::Sub => look.align = Some(VerticalAlign::Sub),
            Tag::Baseline => look.align = Some(VerticalAlign::Baseline),
            Tag::SmallCaps => look.variant = Some(FontVariant::SmallCaps),
            Tag::Italic | Tag::Bold | Tag::NoCase => {}
        }
    }
    look
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    let mut spans: Vec<Tag> = Vec::new();
    let bytes = text.as_bytes();
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &text[at..];
        let found = match c {
            '<' => tag(rest, &mut spans),
            '"' | '“' | '”' | '\'' | '‘' | '’' => {
                let before = text[..at].chars().next_back();
                let after = rest.chars().nth(1);
                Some((mark(c, before, after, &rest[..c.len_utf8()]), c.len_utf8()))
            }
            _ => None,
        };
        if let Some((piece, length)) = found {
            if from < at {
                pieces.push(Piece::Text(&text[from..at]));
            }
            pieces.push(piece);
            at += length;
            from = at;
        } else {
            at += c.len_utf8();
        }
    }
    if from < bytes.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    pieces
}

fn tag<'a>(rest: &'a str, spans: &mut Vec<Tag>) -> Option<(Piece<'a>, usize)> {
    if rest.starts_with("</span>") {
        return spans.pop().map(|tag| (Piece::End(tag, &rest[..7]), 7));
    }
    TAGS.iter().find_map(|(start, end, tag)| {
        if rest.starts_with(start) {
            if start.starts_with("<span") {
                spans.push(*tag);
            }
            return Some((Piece::Start(*tag, &rest[..start.len()]), start.len()));
        }
        rest.starts_with(end).then(|| (Piece::End(*tag, &rest[..end.len()]), end.len()))
    })
}

/// Classifies a quotation mark or apostrophe by the characters around it.
fn mark(c: char, before: Option<char>, after: Option<char>, word: &str) -> Piece<'_> {
    let starts = before.is_none_or(|c| c.is_whitespace() || "([{<>—–-/\"“‘'".contains(c));
    let ends = after.is_none_or(|c| !c.is_alphanumeric());
    match c {
        '“' | '‘' => Piece::Open(word),
        '”' => Piece::Close(word),
        '"' if starts && !after.is_none_or(char::is_whitespace) => Piece::Open(word),
        '"' => Piece::Close(word),
        '\'' if starts && !after.is_none_or(char::is_whitespace) => Piece::Open(word),
        _ if ends && before.is_some_and(|c| !c.is_whitespace()) => Piece::Close(word),
        _ => Piece::Apostrophe,
    }
}

/// Turns tags and quotation marks without a counterpart into text.
fn paired(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut partner = vec![false; pieces.len()];
    let mut tags: Vec<(Tag, usize)> = Vec::new();
    let mut quotes: Vec<(bool, usize)> = Vec::new();
    let single = |word: &str| word.contains(['\'', '‘', '’']);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Start(tag, _) => tags.push((*tag, at)),
            Piece::End(tag, _) => {
                if let Some(place) = tags.iter().rposition(|(known, _)| known == tag) {
                    (partner[at], partner[tags[place].1]) = (true, true);
                    tags.truncate(place);
                }
            }
            Piece::Open(word) => quotes.push((single(word), at)),
            Piece::Close(word) => {
                if let Some(place) = quotes.iter().rposition(|(known, _)| *known == single(word)) {
                    (partner[at], partner[quotes[place].1]) = (true, true);
                    quotes.truncate(place);
                }
            }
            Piece::Text(_) | Piece::Apostrophe => partner[at] = true,
        }
    }
    for (piece, paired) in pieces.iter_mut().zip(partner) {
        if let (false, Piece::Start(_, word) | Piece::End(_, word) | Piece::Open(word) | Piece::Close(word)) =
            (paired, &*piece)
        {
            *piece =
                if single(word) && word.chars().count() == 1 { Piece::Apostrophe } else { Piece::Text(word) };
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::csl::output;

    fn shown(text: &str) -> String {
        output::plain(&runs(text, Role::Value))
    }

    #[test]
    fn markup_becomes_formatting() {
        let runs = runs("CO<sub>2</sub> in <i>E. coli</i>", Role::Value);
        assert_eq!(runs.len(), 4);
        assert_eq!(runs[1].look.align, Some(VerticalAlign::Sub));
        assert!(runs[3].italic());
    }

    #[test]
    fn other_tags_are_text() {
        assert_eq!(shown("a <script> b <i>c"), "a <script> b <i>c");
        assert_eq!(shown("1 < 2 </i>"), "1 < 2 </i>");
    }

    #[test]
    fn quotation_marks_are_paired() {
        assert_eq!(shown("a \"b\" c"), "a “b” c");
        assert_eq!(shown("don't 5\" wide"), "don’t 5\" wide");
        assert_eq!(shown("the 1980s' end"), "the 1980s’ end");
        assert_eq!(plain("<i>a</i> \"b\""), "a \"b\"");
    }
}
