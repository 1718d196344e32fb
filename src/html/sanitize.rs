//! Raw HTML in a text: what of it may stand on a page, and what a browser makes of it.
//!
//! 1. [`fragment`] cleans one piece of raw HTML by its tokens, so that nothing in it can swallow
//!    what follows: no unclosed comment, attribute or `<textarea>`, no class or attribute that
//!    Postil gives a meaning to, every id behind the prefix.
//! 2. [`rebuild`] parses the whole as a browser does, lets ammonia take out what can do harm, and
//!    builds it again, until building changes nothing any more: what is written is then what every
//!    browser reads.

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

/// Where a document says something leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// A link.
    Link(&'a str),
    /// An image.
    Image(&'a str),
}

/// The elements that may stand in a text.
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

/// Elements whose content is no text of the page.
const SILENT: [&str; 9] =
    ["script", "style", "template", "noscript", "iframe", "noembed", "noframes", "object", "svg"];

/// Attributes that raw HTML may bring.
const ATTRIBUTES: [&str; 15] = [
    "alt", "colspan", "datetime", "dir", "height", "href", "id", "lang", "open", "reversed", "rowspan",
    "scope", "src", "start", "title",
];

/// Attributes that Postil writes and raw HTML may not.
const OWN_ATTRIBUTES: [&str; 7] =
    ["class", "role", "aria-label", "data-number", "data-done", "value", "loading"];

/// Schemes that an address may have.
pub const SCHEMES: [&str; 6] = ["http", "https", "mailto", "tel", "doi", "urn"];

/// Cleans one piece of raw HTML by its tokens; `resolve` is also told where in it a destination is written.
pub fn fragment(
    raw: &str,
    prefix: &str,
    nesting: &mut Nesting,
    resolve: &mut dyn FnMut(Destination<'_>, Range<usize>) -> Option<String>,
) -> String {
    let sink = Filter {
        state: RefCell::new(FilterState {
            out: String::new(),
            silent: 0,
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
    // The tokenizer tells no places. Every tag and comment ends with `>`: fed so far, it has told all that end there.
    for piece in raw.split_inclusive('>') {
        tokenizer.sink.state.borrow_mut().fed += piece.len();
        input.push_back(StrTendril::from(piece));
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.state.into_inner().out
}

/// How deep raw HTML nests, over all its pieces in one text. What stands too deep loses its tags, as in browsers,
/// whose parsers would need time in proportion to depth for every tag.
#[derive(Debug, Default)]
pub struct Nesting {
    /// The elements that are open.
    open: Vec<String>,
    /// How many elements of each name lost their tags and were not closed yet.
    lost: BTreeMap<String, usize>,
}

impl Nesting {
    /// Whether an element may open here.
    fn open(&mut self, name: &str) -> bool {
        if is_void(name) {
            return true;
        }
        if closes_its_like(name) && self.open.last().is_some_and(|open| open == name) {
            return true;
        }
        if self.open.len() >= MAX_DEPTH {
            *self.lost.entry(name.to_owned()).or_insert(0) += 1;
            return false;
        }
        self.open.push(name.to_owned());
        true
    }

    /// Whether an end tag belongs to an element that may stand; what is open inside it ends with it.
    fn close(&mut self, name: &str) -> bool {
        if let Some(lost) = self.lost.get_mut(name).filter(|lost| **lost > 0) {
            *lost -= 1;
            return false;
        }
        if let Some(at) = self.open.iter().rposition(|open| open == name) {
            self.open.truncate(at);
        }
        true
    }
}

/// Whether an element ends where the next of its name begins (HTML, 13.1.2.4).
fn closes_its_like(name: &str) -> bool {
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
    silent: usize,
    prefix: &'f str,
    nesting: &'f mut Nesting,
    resolve: &'f mut dyn FnMut(Destination<'_>, Range<usize>) -> Option<String>,
    raw: &'f str,
    /// Where the last tag or comment ended in `raw`.
    last: usize,
    /// How much of `raw` was fed.
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
            Token::CharacterTokens(words) if state.silent == 0 => escape_text(&mut state.out, &words),
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
        if SILENT.contains(&name) {
            match tag.kind {
                TagKind::StartTag if !tag.self_closing => self.silent += 1,
                TagKind::StartTag => {}
                TagKind::EndTag => self.silent = self.silent.saturating_sub(1),
            }
            return;
        }
        if self.silent > 0 || !ELEMENTS.contains(&name) {
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

    /// Where an attribute of the tag that was fed last stands.
    fn place(&self, key: &str) -> Range<usize> {
        let written = self.raw.get(self.last..self.fed).unwrap_or_default();
        // Before the tag there are only words, in which `<` stands before no letter.
        let opens =
            |(at, _): &(usize, &str)| written[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
        let tag = written.match_indices('<').find(opens).map_or(0, |(at, _)| at);
        let found = attribute(&written[tag..], key).unwrap_or(0..written.len() - tag);
        self.last + tag + found.start..self.last + tag + found.end
    }
}

/// Where the attribute `key` stands in a tag, with its value (HTML, 13.1.2.3).
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

/// How often a text may be built again before it is taken as it is.
const ROUNDS: usize = 8;

/// Parses `html` as a browser does, cleans it, and builds it again with `ids`.
///
/// `file` is the text that the words came from, to find their places in it again.
pub fn rebuild(html: &str, ids: Ids, file: &str) -> Html {
    let mut html = cleaner().clean(html).to_string();
    for _ in 0..ROUNDS {
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
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::new())
        .generic_attributes(ATTRIBUTES.into_iter().chain(OWN_ATTRIBUTES).collect())
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
    let mut walk = Walk { builder, gives_ids, pre: 0, seen: HashSet::new(), places: Places { file, at: 0 } };
    // Without recursion: a text may nest deeper than the stack is long.
    let root = tree.root_element();
    for edge in root.traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) if node.id() != root.id() => match node.value() {
                Node::Element(element) => {
                    walk.open(element);
                    if gives_numbers && is_numbered(element.name()) && has_words(&node) {
                        walk.builder.number_first();
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

/// Whether words stand right in an element, and not in a block within.
fn has_words(node: &ego_tree::NodeRef<'_, Node>) -> bool {
    // Without recursion, as above; what stands in blocks within is theirs.
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

struct Walk<'w> {
    builder: Builder,
    /// Whether blocks get ids of ours; their own then stand in front of them.
    gives_ids: bool,
    /// How many `<pre>` are open: white space counts in them.
    pre: usize,
    seen: HashSet<String>,
    places: Places<'w>,
}

impl Walk<'_> {
    fn open(&mut self, element: &Element) {
        let Some(name) = known(element.name()) else { return };
        let mut attributes = String::new();
        for (key, value) in element.attrs() {
            let allowed = ATTRIBUTES.contains(&key) || OWN_ATTRIBUTES.contains(&key);
            if !allowed || (key == "id" && !self.seen.insert(value.to_owned())) {
                continue;
            }
            if key == "id" && self.gives_ids && is_numbered(name) {
                self.builder.place(value);
            } else {
                write(&mut attributes, format_args!(" {key}=\"{}\"", Attribute(value)));
            }
        }
        if name == "img" && element.attr("src").is_none() && element.attr("class").is_none() {
            attributes.push_str(" class=\"unavailable\"");
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
        if let Some(name) = known(element.name()).filter(|name| !is_void(name)) {
            self.pre -= usize::from(name == "pre");
            self.builder.close();
        }
    }

    /// Words of the page. The line break behind a block is the builder's to write.
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
            if let Some(place) = self.places.find(word) {
                self.builder.origin(base + offset, place);
            }
        }
    }
}

/// The element of this name, if it may stand in a text.
fn known(name: &str) -> Option<&'static str> {
    ELEMENTS.iter().find(|element| **element == name).copied()
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr" | "col")
}

/// Finds words again in the file they came from, which they stand in in the same order.
struct Places<'w> {
    file: &'w str,
    at: usize,
}

impl Places<'_> {
    /// How far ahead a word is looked for; raw HTML between two words is seldom longer.
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
    fn a_fragment_cannot_swallow_what_follows() {
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
    fn what_stands_too_deep_loses_its_tags_and_keeps_its_words() {
        let deep = format!("{}a{}<b>b</b>", "<div>".repeat(600), "</div>".repeat(600));
        let clean = clean(&deep);
        assert_eq!(clean.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(clean.matches("</div>").count(), MAX_DEPTH);
        assert!(clean.ends_with("</div><b>b</b>"), "{clean}");
        let items = format!("<ul>{}</ul>", "<li>a".repeat(600));
        assert_eq!(self::clean(&items), items);
    }

    #[test]
    fn nothing_of_it_can_do_harm_or_look_like_ours() {
        let raw = "<a href=\"javascript:x\" onclick=x class=note-ref data-notes=a id=source>a</a><mark>m</mark></article><img src=http://x/y onerror=x>";
        assert_eq!(clean(raw), "<a id=\"t-source\">a</a><span>m</span></div><img>");
    }

    #[test]
    fn destinations_have_their_places() {
        let raw = "a < b <!-- <a href=x> --><p\ntitle='<a href=no>'>é</p>\n<A title=\"a > b\"\n HREF = one><img alt src='two'/>";
        let mut found = Vec::new();
        fragment(raw, "t-", &mut Nesting::default(), &mut |_, place| {
            found.push(raw[place].to_owned());
            None
        });
        assert_eq!(found, ["HREF = one", "src='two'"]);
    }

    #[test]
    fn what_holds_others_has_the_lower_number() {
        let raw = "<details><summary>Sum</summary>Hidden</details><div><p>a</p>b</div>";
        let html = rebuild(raw, Ids::Blocks, "").html;
        for part in ["<details id=\"p-1\"><summary id=\"p-2\">", "<div id=\"p-3\"><p id=\"p-4\">"] {
            assert!(html.contains(part), "{html}");
        }
    }

    #[test]
    fn what_is_built_is_what_a_browser_reads() {
        for raw in [
            "<p>a<p>b",
            "<table><p>x</p><td>y</table>z",
            "<a>a<a>b</a>",
            "<b><p>x</b>y</p>",
            "<li>q<ul>r",
            "<pre>\n\nx</pre>",
        ] {
            let once = rebuild(&clean(raw), Ids::None, "");
            let twice = build(&once.html, Ids::None, "");
            assert_eq!(once.html, twice.html, "{raw}");
            assert_eq!(once.reading, twice.reading, "{raw}");
        }
    }
}
