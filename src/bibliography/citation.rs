//! Pandoc's syntax for citing works.
//!
//! Parses `[see @key, p. 3 and passim; -@other]` and `@key [p. 3]` in plain text. Does not parse Markdown:
//! callers leave out code, links and escapes.

use std::ops::Range;

use super::cluster::CitedWork;
use super::locator;

/// A cited work, and the range of its key in the text.
pub(crate) type Placed = (CitedWork, Range<usize>);

/// A citation that is part of a sentence, such as `@key [p. 3]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Narrative {
    /// The work named in the sentence, then the works in the brackets after it.
    pub items: Vec<Placed>,
    /// The length of the citation in bytes.
    pub length: usize,
}

/// The works between two brackets; `None` if the text between them is not a citation.
pub(crate) fn parse_cluster(inner: &str) -> Option<Vec<Placed>> {
    parts(inner).map(|part| parse_item(inner, part)).collect()
}

/// The citation at the start of `text`, which begins with `@` or `-@`; `None` if there is none.
///
/// Brackets that follow are part of the citation, as in `@key [p. 3; see @other]`, unless they are a link or a
/// separate citation.
pub(crate) fn parse_narrative(text: &str) -> Option<Narrative> {
    let author_suppressed = text.starts_with('-');
    let at = usize::from(author_suppressed);
    let (key, mut length) = key_at(text, at)?;
    let mut first =
        CitedWork { key: text.get(key.clone())?.to_owned(), author_suppressed, ..CitedWork::default() };
    let mut more = Vec::new();
    if let Some((inner, end)) = brackets_after(text, length)
        && let Some((locator, suffix, others)) = continuation(text, inner)
    {
        (first.locator, first.suffix) = (locator, suffix);
        (more, length) = (others, end);
    }
    let mut items = vec![(first, key)];
    items.append(&mut more);
    Some(Narrative { items, length })
}

/// The brackets right after a narrative citation: the range inside them, and the byte after them.
fn brackets_after(text: &str, from: usize) -> Option<(Range<usize>, usize)> {
    let rest = text.get(from..)?;
    let open = from + rest.len() - rest.trim_start_matches([' ', '\n']).len();
    if !text.get(open..)?.starts_with('[') || text.get(open + 1..)?.starts_with('^') {
        return None;
    }
    let close = matching(text, open, '[', ']')?;
    let link = text.get(close + 1..)?.starts_with(['(', '[', ':']);
    (!link).then_some((open + 1..close, close + 1))
}

/// The locator, suffix and further works in the brackets after a key.
fn continuation(text: &str, inner: Range<usize>) -> Option<(String, String, Vec<Placed>)> {
    let whole = text.get(inner.clone())?;
    let mut parts = parts(whole).map(|part| inner.start + part.start..inner.start + part.end);
    let first = parts.next()?;
    let words = text.get(first.clone())?;
    if find_key(text, first).is_some() {
        return None;
    }
    let (locator, suffix) = after_key(words);
    let others = parts.map(|part| parse_item(text, part)).collect::<Option<Vec<_>>>()?;
    Some((locator, suffix, others))
}

/// The parts of a cluster between semicolons.
fn parts(inner: &str) -> impl Iterator<Item = Range<usize>> {
    let mut cuts = vec![0];
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ';' if depth == 0 => cuts.extend([at, at + 1]),
            _ => {}
        }
    }
    cuts.push(inner.len());
    cuts.chunks_exact(2).filter_map(|cut| Some(*cut.first()?..*cut.last()?)).collect::<Vec<_>>().into_iter()
}

fn parse_item(text: &str, part: Range<usize>) -> Option<Placed> {
    let (start, key, end) = find_key(text, part.clone())?;
    let before = text.get(part.start..start)?;
    let author_suppressed = before.ends_with('-');
    let prefix = before.strip_suffix('-').unwrap_or(before);
    let (locator, suffix) = after_key(text.get(end..part.end)?);
    let work = CitedWork {
        key: text.get(key.clone())?.to_owned(),
        prefix: unescape(prefix.trim()),
        locator,
        suffix,
        author_suppressed,
    };
    Some((work, key))
}

/// The first key in a part: the byte of its `@`, the key, and the byte after it.
fn find_key(text: &str, part: Range<usize>) -> Option<(usize, Range<usize>, usize)> {
    let words = text.get(part.clone())?;
    words.match_indices('@').find_map(|(at, _)| {
        let before = words.get(..at)?;
        let before = before.strip_suffix('-').unwrap_or(before);
        let free = !before.ends_with(|c: char| c.is_alphanumeric() || c == '\\');
        let (key, end) = key_at(text, part.start + at)?;
        (free && end <= part.end).then_some((part.start + at, key, end))
    })
}

/// The key after the `@` at byte `at`, and the byte after it and its braces.
fn key_at(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let rest = text.get(at..)?.strip_prefix('@')?;
    let start = at + 1;
    if rest.starts_with('{') {
        let close = matching(text, start, '{', '}')?;
        let key = start + 1..close;
        let whole = text.get(key.clone()).is_some_and(|k| !k.is_empty() && !k.contains(char::is_whitespace));
        return whole.then_some((key, close + 1));
    }
    let length = key_length(rest);
    (length > 0).then_some((start..start + length, start + length))
}

/// The length of the key at the start of `rest`: letters, digits and `_`, with single punctuation marks between
/// them. A URL may contain `//`.
fn key_length(rest: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut chars = rest.char_indices().peekable();
    let mut length = 0;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = ":.#$%&-+?<>~/".contains(c) && next.is_some_and(is_word);
        let address = ":/".contains(c) && next == Some('/');
        if is_word(c) || (at > 0 && (joins || address)) {
            length = at + c.len_utf8();
        } else {
            break;
        }
    }
    length
}

/// The byte offset of the bracket that closes the one at byte `open`.
fn matching(text: &str, open: usize, opening: char, closing: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in text.get(open..)?.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == opening => depth += 1,
            _ if c == closing => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Splits the text after a key into a locator and a suffix.
fn after_key(rest: &str) -> (String, String) {
    let words = rest.trim_start();
    let words = words.strip_prefix(',').unwrap_or(words).trim_start();
    if words.starts_with('{')
        && let Some(close) = matching(words, 0, '{', '}')
    {
        let inside = words.get(1..close).unwrap_or_default().trim();
        return (unescape(inside), unescape(words.get(close + 1..).unwrap_or_default().trim_end()));
    }
    let label = locator::label(words).map_or(0, |(_, length)| length);
    let count = words.get(label..).unwrap_or_default();
    let gap = count.len() - count.trim_start().len();
    match count_length(count.trim_start(), label > 0) {
        0 => (String::new(), unescape(rest.trim_end())),
        length => {
            let end = label + gap + length;
            let (locator, suffix) = words.split_at_checked(end).unwrap_or((words, ""));
            (unescape(locator), unescape(suffix.trim_end()))
        }
    }
}

/// The length of the numbers at the start of `words`, such as `3`, `33, 35–37` or `iv & vi`.
fn count_length(words: &str, labelled: bool) -> usize {
    let mut length = 0;
    let mut from = 0;
    while let Some(rest) = words.get(from..) {
        let end = rest.find(|c: char| c.is_whitespace() || ",;&".contains(c)).unwrap_or(rest.len());
        let token = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ':', '?', '!']);
        let counts = if length == 0 && !labelled {
            token.starts_with(char::is_numeric)
        } else {
            token.contains(char::is_numeric) || (labelled && is_roman(token))
        };
        if !counts {
            break;
        }
        length = from + token.len();
        if token.len() < end {
            break;
        }
        let gap = rest.get(end..).unwrap_or_default();
        let next = gap.trim_start().trim_start_matches([',', '&', '–', '-']);
        let separated = gap.trim_start().starts_with([',', '&', '–', '-']);
        if !separated {
            break;
        }
        from = words.len() - next.trim_start().len();
    }
    length
}

fn is_roman(token: &str) -> bool {
    let bare = token.trim_matches(['(', ')']);
    !bare.is_empty() && bare.chars().all(|c| "ivxlcdmIVXLCDM-–()".contains(c))
}

/// The text without the backslashes that escape punctuation.
fn unescape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut chars = words.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => {}
            _ => out.push(c),
        }
        if c == '\\'
            && let Some(next) = chars.next_if(char::is_ascii_punctuation)
        {
            out.push(next);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(inner: &str) -> Vec<CitedWork> {
        parse_cluster(inner).unwrap().into_iter().map(|(work, _)| work).collect()
    }

    fn work(key: &str, prefix: &str, locator: &str, suffix: &str) -> CitedWork {
        CitedWork {
            key: key.into(),
            prefix: prefix.into(),
            locator: locator.into(),
            suffix: suffix.into(),
            author_suppressed: false,
        }
    }

    #[test]
    fn a_cluster_has_prefixes_locators_and_suffixes() {
        assert_eq!(
            cluster("see @doe99, pp. 33-35 and passim; also @smith04, ch. 1; -@lara"),
            [
                work("doe99", "see", "pp. 33-35", " and passim"),
                work("smith04", "also", "ch. 1", ""),
                CitedWork { author_suppressed: true, ..work("lara", "", "", "") },
            ]
        );
        assert_eq!(
            cluster("@a, 33, 35–37, and nowhere else"),
            [work("a", "", "33, 35–37", ", and nowhere else")]
        );
        assert_eq!(cluster("@a, S. 3"), [work("a", "", "", ", S. 3")]);
        assert_eq!(cluster("@a p. iv & vi"), [work("a", "", "p. iv & vi", "")]);
        assert_eq!(cluster("@a, p. 3."), [work("a", "", "p. 3", ".")]);
        assert_eq!(cluster("@a{p. ii, A}, with more"), [work("a", "", "p. ii, A", ", with more")]);
        assert_eq!(cluster("@a{}, 99 years later"), [work("a", "", "", ", 99 years later")]);
    }

    #[test]
    fn keys_follow_pandoc() {
        let keys = |inner: &str| cluster(inner).into_iter().map(|w| w.key).collect::<Vec<_>>();
        assert_eq!(keys("@foo_bar.baz."), ["foo_bar.baz"]);
        assert_eq!(keys("@foo--bar"), ["foo"]);
        assert_eq!(keys("@_x:1/2"), ["_x:1/2"]);
        assert_eq!(keys("@https://example.com/a?b"), ["https://example.com/a?b"]);
        assert_eq!(keys("@{a;b,c}"), ["a;b,c"]);
        assert_eq!(keys("@müller-1999"), ["müller-1999"]);
    }

    #[test]
    fn text_without_a_valid_key_is_not_a_citation() {
        for inner in ["", "see", "mail me@site.org", "@", "@-x", r"\@key", "@a; and nothing", "@{}", "@{a b}"]
        {
            assert_eq!(parse_cluster(inner), None, "{inner}");
        }
        assert_eq!(parse_cluster("mail me@site.org, @key").unwrap()[0].0.prefix, "mail me@site.org,");
    }

    #[test]
    fn offsets_point_at_the_key() {
        let inner = "siehe @müller; ü @{b c}x; @{d}";
        assert_eq!(
            parse_cluster("ü @é, p. 3; see @{d}").unwrap()[1].1,
            "ü @é, p. 3; see @{".len().."ü @é, p. 3; see @{d".len()
        );
        assert_eq!(parse_cluster(inner), None);
        let (_, key) = &parse_cluster("siehe -@müller").unwrap()[0];
        assert_eq!(&"siehe -@müller"[key.clone()], "müller");
    }

    #[test]
    fn brackets_after_a_key_are_part_of_the_citation() {
        let read = |text: &str| parse_narrative(text).map(|n| (n.items, text[..n.length].to_owned()));
        let (items, whole) = read("@lara [p. 3; see @other] says").unwrap();
        assert_eq!(whole, "@lara [p. 3; see @other]");
        assert_eq!(items[0], (work("lara", "", "p. 3", ""), 1..5));
        assert_eq!(items[1], (work("other", "see", "", ""), 18..23));
        assert_eq!(read("@lara, who").unwrap().1, "@lara");
        assert_eq!(read("@lara. And").unwrap().1, "@lara");
        assert_eq!(read("@lara [p. 3](x)").unwrap().1, "@lara");
        assert_eq!(read("@lara [@other]").unwrap().1, "@lara");
        assert_eq!(read("@lara [^1]").unwrap().1, "@lara");
        assert_eq!(read("@lara [open").unwrap().1, "@lara");
        assert!(read("-@lara x").unwrap().0[0].0.author_suppressed);
        assert_eq!(read("@ lara"), None);
        assert_eq!(read("-x"), None);
    }

    #[test]
    fn backslashes_escape_punctuation() {
        assert_eq!(cluster(r"a\; b @key, p. 3 \[sic\]"), [work("key", "a; b", "p. 3", " [sic]")]);
        assert_eq!(unescape(r"a\\b \c"), r"a\b \c");
    }
}
