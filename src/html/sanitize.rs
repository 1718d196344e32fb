//! Sanitizes raw HTML in a text.
//!
//! 1. [`fragment`] filters the tokens of one piece of raw HTML, so that it cannot affect what follows: no
//!    unclosed comment, attribute or `<textarea>`, and no class or attribute that has a meaning for Postil.
//!    Every id gets the prefix.
//! 2. [`rebuild`] parses the whole document as a browser does, removes harmful parts with ammonia, and writes
//!    it again, until the output no longer changes. Every browser then parses the output to the same document.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use scraper::node::{Element, Node};

use crate::diagnostics::{FileSpan, floor_char_boundary};
use crate::html::{Attribute, Builder, Html, Ids, MAX_DEPTH, escape_text, is_block, is_numbered};

/// The target of a link or image, as written in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination<'a> {
    /// A link.
    Link(&'a str),
    /// An image.
    Image(&'a str),
}

/// The elements that are allowed in a text.
const ELEMENTS: [&str; 66] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
    "big",
    "strike",
    "center",
];

/// The elements of formulae (MathML Core) that are allowed in a text. Those that can contain other HTML or styles are
/// not among them.
pub(crate) const MATH: [&str; 28] = [
    "math",
    "merror",
    "mfenced",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "semantics",
];

/// Whether an element of a page is a block; some are written as others in a text.
pub(crate) fn is_page_block(name: &str) -> bool {
    const BLOCKS: [&str; 14] = [
        "address", "article", "aside", "body", "center", "dialog", "fieldset", "footer", "form", "header",
        "hgroup", "main", "menu", "nav",
    ];
    is_block(name) || BLOCKS.contains(&name)
}

/// Elements whose content is not part of the text.
const IGNORED: [&str; 11] = [
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "noembed",
    "noframes",
    "object",
    "svg",
    "annotation",
    "annotation-xml",
];

/// Attributes that raw HTML may use.
const ATTRIBUTES: [&str; 17] = [
    "alt",
    "colspan",
    "datetime",
    "dir",
    "display",
    "height",
    "href",
    "id",
    "lang",
    "mathvariant",
    "open",
    "reversed",
    "rowspan",
    "scope",
    "src",
    "start",
    "title",
];

/// Attributes that Postil writes, but raw HTML may not use.
const POSTIL_ATTRIBUTES: [&str; 7] =
    ["class", "role", "aria-label", "data-number", "data-done", "value", "loading"];

/// The URL schemes that are allowed in links.
pub(crate) const SCHEMES: [&str; 6] = ["http", "https", "mailto", "tel", "doi", "urn"];

/// Filters the tokens of one piece of raw HTML; `resolve` also receives the range of each destination in it.
pub(crate) fn fragment(
    raw: &str,
    prefix: &str,
    nesting: &mut Nesting,
    resolve: &mut dyn FnMut(Destination<'_>, Range<usize>) -> Option<String>,
) -> String {
    let sink = Filter {
        state: RefCell::new(FilterState {
            out: String::new(),
            ignored: 0,
            prefix,
            nesting,
            resolve,
            raw,
            last: 0,
            fed: 0,
        }),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    // The tokenizer does not report positions. Every tag and comment ends with `>`, so it is fed up to each
    // `>`: all tokens that end there have then been emitted.
    for piece in raw.split_inclusive('>') {
        tokenizer.sink.state.borrow_mut().fed += piece.len();
        input.push_back(StrTendril::from(piece));
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.state.into_inner().out
}

/// The nesting of raw HTML across all its pieces in one text. Elements that are nested too deeply lose their
/// tags, as in browsers. Otherwise parsing would take time proportional to the depth for every tag.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    /// The open elements.
    open: Vec<String>,
    /// The number of open elements without tags, by name.
    dropped: BTreeMap<String, usize>,
}

impl Nesting {
    /// Whether the start tag of an element is written.
    fn open(&mut self, name: &str) -> bool {
        if is_void(name) {
            return true;
        }
        if closes_sibling(name) && self.open.last().is_some_and(|open| open == name) {
            return true;
        }
        if self.open.len() >= MAX_DEPTH {
            *self.dropped.entry(name.to_owned()).or_insert(0) += 1;
            return false;
        }
        self.open.push(name.to_owned());
        true
    }

    /// Whether an end tag is written; it also closes the elements inside.
    fn close(&mut self, name: &str) -> bool {
        if let Some(dropped) = self.dropped.get_mut(name).filter(|dropped| **dropped > 0) {
            *dropped -= 1;
            return false;
        }
        if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(at);
        }
        true
    }
}

/// Whether a start tag implicitly closes an open element of the same name (HTML, 13.1.2.4).
fn closes_sibling(name: &str) -> bool {
    matches!(
        name,
        "p" | "li" | "dt" | "dd" | "tr" | "td" | "th" | "thead" | "tbody" | "tfoot" | "rt" | "rp" | "a"
    )
}

struct Filter<'f> {
    state: RefCell<FilterState<'f>>,
}

struct FilterState<'f> {
    out: String,
    ignored: usize,
    prefix: &'f str,
    nesting: &'f mut Nesting,
    resolve: &'f mut dyn FnMut(Destination<'_>, Range<usize>) -> Option<String>,
    raw: &'f str,
    /// The offset in `raw` of the end of the last tag or comment.
    last: usize,
    /// The number of bytes of `raw` that have been fed to the tokenizer.
    fed: usize,
}

impl TokenSink for Filter<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                state.tag(&tag);
                state.last = state.fed;
            }
            Token::CommentToken(_) | Token::DoctypeToken(_) => state.last = state.fed,
            Token::CharacterTokens(words) if state.ignored == 0 => escape_text(&mut state.out, &words),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl FilterState<'_> {
    fn tag(&mut self, tag: &Tag) {
        let name = match tag.name.as_ref() {
            "mark" => "span",
            "article" | "main" | "aside" | "header" | "footer" | "nav" | "address" | "fieldset" => "div",
            other => other,
        };
        if IGNORED.contains(&name) {
            match tag.kind {
                TagKind::StartTag if !tag.self_closing => self.ignored += 1,
                TagKind::StartTag => {}
                TagKind::EndTag => self.ignored = self.ignored.saturating_sub(1),
            }
            return;
        }
        if self.ignored > 0 || allowed(name).is_none() {
            return;
        }
        match tag.kind {
            TagKind::EndTag if self.nesting.close(name) => write(&mut self.out, format_args!("</{name}>")),
            TagKind::StartTag if self.nesting.open(name) => self.start(name, tag),
            _ => {}
        }
    }

    fn start(&mut self, name: &str, tag: &Tag) {
        write(&mut self.out, format_args!("<{name}"));
        for attribute in &tag.attrs {
            let (key, value) = (attribute.name.local.as_ref(), attribute.value.as_ref());
            if !ATTRIBUTES.contains(&key) {
                continue;
            }
            let place = if matches!(key, "href" | "src") { self.place(key) } else { 0..0 };
            let value = match (name, key) {
                (_, "id") => Some(format!("{}{}", self.prefix, value.split_whitespace().collect::<String>())),
                ("a", "href") => (self.resolve)(Destination::Link(value), place),
                ("img", "src") => (self.resolve)(Destination::Image(value), place),
                (_, "href" | "src") => None,
                _ => Some(value.to_owned()),
            };
            if let Some(value) = value {
                write(&mut self.out, format_args!(" {key}=\"{}\"", Attribute(&value)));
            }
        }
        self.out.push('>');
    }

    /// The range of an attribute in the current tag.
    fn place(&self, key: &str) -> Range<usize> {
        let written = self.raw.get(self.last..self.fed).unwrap_or_default();
        // Only text precedes the tag, and in text no `<` is followed by a letter.
        let opens =
            |(at, _): &(usize, &str)| written[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
        let tag = written.match_indices('<').find(opens).map_or(0, |(at, _)| at);
        let found = attribute(&written[tag..], key).unwrap_or(0..written.len() - tag);
        self.last + tag + found.start..self.last + tag + found.end
    }
}

/// The range of the attribute `key` with its value in a tag (HTML, 13.1.2.3).
fn attribute(tag: &str, key: &str) -> Option<Range<usize>> {
    let is_space = |c: char| c.is_ascii_whitespace();
    let mut at = tag.find(|c: char| is_space(c) || c == '/' || c == '>')?;
    loop {
        at += tag[at..].find(|c: char| !is_space(c) && c != '/')?;
        let start = at;
        let name = tag[at..].find(|c: char| is_space(c) || matches!(c, '=' | '/' | '>'))?;
        if name == 0 {
            return None;
        }
        at += name;
        let equals = tag[at..].trim_start_matches(is_space);
        if let Some(value) = equals.strip_prefix('=') {
            let value = value.trim_start_matches(is_space);
            at = tag.len() - value.len();
            at += match value.chars().next()? {
                mark @ ('"' | '\'') => value[1..].find(mark)? + 2,
                _ => value.find(|c: char| is_space(c) || c == '>')?,
            };
        }
        if tag[start..start + name].eq_ignore_ascii_case(key) {
            return Some(start..at);
        }
    }
}

fn write(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("writing to a string cannot fail");
}

/// The maximum number of times that a text is rebuilt.
const MAX_ROUNDS: usize = 8;

/// Parses `html` as a browser does, sanitizes it, and rebuilds it with `ids`.
///
/// `file` is the source file that the words come from, for finding their origins.
pub(crate) fn rebuild(html: &str, ids: Ids, file: &str) -> Html {
    let mut html = cleaner().clean(html).to_string();
    for _ in 0..MAX_ROUNDS {
        let again = build(&html, Ids::None, "").html;
        if again == html {
            break;
        }
        html = again;
    }
    build(&html, ids, file)
}

fn cleaner() -> ammonia::Builder<'static> {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(ELEMENTS.into_iter().chain(MATH).collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::new())
        .generic_attributes(ATTRIBUTES.into_iter().chain(POSTIL_ATTRIBUTES).collect())
        .url_schemes(HashSet::from(SCHEMES))
        .link_rel(None)
        .id_prefix(None);
    cleaner
}

fn build(html: &str, ids: Ids, file: &str) -> Html {
    let tree = scraper::Html::parse_fragment(html);
    let gives_ids = ids != Ids::None;
    let gives_numbers = ids == Ids::Blocks;
    let builder = Builder::new(html.len(), ids);
    let mut walk =
        Rebuilder { builder, gives_ids, pre: 0, seen: HashSet::new(), words: WordFinder { file, at: 0 } };
    // Iterative: a text may be nested deeper than the stack allows.
    let root = tree.root_element();
    for edge in root.traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) if node.id() != root.id() => match node.value() {
                Node::Element(element) => {
                    walk.open(element);
                    if gives_numbers && is_numbered(element.name()) && has_words(&node) {
                        walk.builder.number_now();
                    }
                }
                Node::Text(text) => walk.text(text),
                _ => {}
            },
            ego_tree::iter::Edge::Close(node) if node.id() != root.id() => {
                if let Node::Element(element) = node.value() {
                    walk.close(element);
                }
            }
            _ => {}
        }
    }
    walk.builder.finish()
}

/// Whether an element contains text or an image outside nested blocks.
fn has_words(node: &ego_tree::NodeRef<'_, Node>) -> bool {
    // Iterative, as above; nested blocks are skipped.
    let mut rest: Vec<_> = node.children().collect();
    while let Some(child) = rest.pop() {
        match child.value() {
            Node::Text(words) if !words.trim().is_empty() => return true,
            Node::Element(element) if element.name() == "img" => return true,
            Node::Element(element) if !is_block(element.name()) => rest.extend(child.children()),
            _ => {}
        }
    }
    false
}

struct Rebuilder<'w> {
    builder: Builder,
    /// Whether blocks get generated ids; their own ids are then written as link targets in front of them.
    gives_ids: bool,
    /// The number of open `<pre>` elements, in which white space is significant.
    pre: usize,
    seen: HashSet<String>,
    words: WordFinder<'w>,
}

impl Rebuilder<'_> {
    fn open(&mut self, element: &Element) {
        let Some(name) = allowed(element.name()) else { return };
        let is_unavailable =
            name == "img" && element.attr("src").is_none() && element.attr("class").is_none();
        if is_unavailable {
            // An `img` must have an address (HTML, section 4.8.3).
            let alternative = Attribute(element.attr("alt").unwrap_or_default());
            let attributes = format_args!(" class=\"unavailable\" role=\"img\" aria-label=\"{alternative}\"");
            self.builder.open("span", attributes);
            self.builder.close();
            return;
        }
        let mut attributes = String::new();
        for (key, value) in element.attrs() {
            let allowed = ATTRIBUTES.contains(&key) || POSTIL_ATTRIBUTES.contains(&key);
            if !allowed || (key == "id" && !self.seen.insert(value.to_owned())) {
                continue;
            }
            if key == "id" && self.gives_ids && is_numbered(name) {
                self.builder.link_target(value);
            } else {
                write(&mut attributes, format_args!(" {key}=\"{}\"", Attribute(value)));
            }
        }
        if name == "img" && element.attr("alt").is_none() {
            attributes.push_str(" alt=\"\"");
        }
        if is_void(name) {
            self.builder.void(name, format_args!("{attributes}"));
        } else {
            self.pre += usize::from(name == "pre");
            self.builder.open(name, format_args!("{attributes}"));
        }
    }

    fn close(&mut self, element: &Element) {
        if let Some(name) = allowed(element.name()).filter(|name| !is_void(name)) {
            self.pre -= usize::from(name == "pre");
            self.builder.close();
        }
    }

    /// Writes text. The line break after a block is written by the builder.
    fn text(&mut self, words: &str) {
        let at_border = self.builder.at_border();
        let words = match words.strip_prefix('\n') {
            Some(rest) if at_border && (self.pre == 0 || self.builder.ends_line()) => rest,
            _ => words,
        };
        let space = self.pre == 0 && words.chars().all(|c| c.is_ascii_whitespace());
        if space && at_border && self.builder.innermost().is_none_or(is_block) {
            return;
        }
        let base = self.builder.reading_len();
        self.builder.text(words, None);
        for word in words.split_whitespace() {
            let offset = word.as_ptr() as usize - words.as_ptr() as usize;
            if let Some(place) = self.words.find(word) {
                self.builder.origin(base + offset, place);
            }
        }
    }
}

/// The element of this name, if it is allowed in a text.
fn allowed(name: &str) -> Option<&'static str> {
    ELEMENTS.iter().chain(&MATH).find(|element| **element == name).copied()
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr" | "col")
}

/// Finds words in the file that they come from, in which they occur in the same order.
struct WordFinder<'w> {
    file: &'w str,
    at: usize,
}

impl WordFinder<'_> {
    /// The number of bytes that are searched for the next word; raw HTML between two words is rarely longer.
    const REACH: usize = 1 << 12;

    fn find(&mut self, word: &str) -> Option<FileSpan> {
        let end = floor_char_boundary(self.file, self.at + Self::REACH);
        let start = self.at + self.file.get(self.at..end)?.find(word)?;
        self.at = start + word.len();
        Some(FileSpan::new(start, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(raw: &str) -> String {
        fragment(raw, "t-", &mut Nesting::default(), &mut |d, _| match d {
            Destination::Link(to) if to.starts_with("http") => Some(to.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn a_fragment_does_not_affect_what_follows() {
        for raw in [
            "<!-- open",
            "<div title=\"open",
            "<textarea>",
            "<plaintext>",
            "<script>",
            "<title>",
            "<![CDATA[",
        ] {
            let after = rebuild(&format!("{}<p>after</p>", clean(raw)), Ids::None, "");
            assert!(after.html.contains("<p>after</p>"), "{raw}: {}", after.html);
        }
    }

    #[test]
    fn elements_nested_too_deeply_lose_their_tags_and_keep_their_text() {
        let deep = format!("{}a{}<b>b</b>", "<div>".repeat(600), "</div>".repeat(600));
        let clean = clean(&deep);
        assert_eq!(clean.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(clean.matches("</div>").count(), MAX_DEPTH);
        assert!(clean.ends_with("</div><b>b</b>"), "{clean}");
        let items = format!("<ul>{}</ul>", "<li>a".repeat(600));
        assert_eq!(self::clean(&items), items);
    }

    #[test]
    fn output_is_harmless_and_has_no_postil_attributes() {
        let raw = "<a href=\"javascript:x\" onclick=x class=note-ref data-notes=a id=source>a</a><mark>m</mark></article><img src=http://x/y onerror=x>";
        assert_eq!(clean(raw), "<a id=\"t-source\">a</a><span>m</span></div><img>");
    }

    #[test]
    fn destinations_have_their_ranges() {
        let raw = "a < b <!-- <a href=x> --><p\ntitle='<a href=no>'>é</p>\n<A title=\"a > b\"\n HREF = one><img alt src='two'/>";
        let mut found = Vec::new();
        fragment(raw, "t-", &mut Nesting::default(), &mut |_, place| {
            found.push(raw[place].to_owned());
            None
        });
        assert_eq!(found, ["HREF = one", "src='two'"]);
    }

    #[test]
    fn a_parent_has_a_lower_number_than_its_children() {
        let raw = "<details><summary>Sum</summary>Hidden</details><div><p>a</p>b</div>";
        let html = rebuild(raw, Ids::Blocks, "").html;
        for part in ["<details id=\"p-1\"><summary id=\"p-2\">", "<div id=\"p-3\"><p id=\"p-4\">"] {
            assert!(html.contains(part), "{html}");
        }
    }

    #[test]
    fn rebuilt_html_is_stable() {
        for raw in [
            "<p>a<p>b",
            "<table><p>x</p><td>y</table>z",
            "<a>a<a>b</a>",
            "<b><p>x</b>y</p>",
            "<li>q<ul>r",
            "<pre>\n\nx</pre>",
            "<p>a <math display=block><mfrac><mi>x</mi><mn>2</mn></mfrac><annotation>no</annotation></math> b</p>",
            "<math><mtext><table><mi><style><img src=x onerror=y></style></mi></table></mtext></math>",
            "<math><mi><b>a</b></mi><p>x</p></math>",
        ] {
            let once = rebuild(&clean(raw), Ids::None, "");
            let twice = build(&once.html, Ids::None, "");
            assert_eq!(once.html, twice.html, "{raw}");
            assert_eq!(once.reading, twice.reading, "{raw}");
        }
    }
}
