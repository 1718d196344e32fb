//! Converts HTML to Markdown; elements without an equivalent stay HTML.
//!
//! 1. Block elements become blocks, and runs of inline content become paragraphs.
//! 2. Tables of plain cells become tables. Other tables stay HTML, as do elements such as `<sub>` and
//!    `<kbd>`.
//!
//! The input has to be sanitized by [`crate::html::sanitize`]. The caller verifies that the words are
//! unchanged.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use scraper::node::{Element, Node};
use scraper::{ElementRef, Html};

use super::document::without_references;
use crate::html::{Attribute, is_block};
use crate::markdown::escape::{escape, escape_start, fence, one_line};

/// Elements that are nested deeper than this become plain text.
const MAX_DEPTH: usize = 64;

/// Inline elements that Markdown has no syntax for.
const KEPT_AS_HTML: [&str; 18] = [
    "abbr", "bdi", "bdo", "cite", "del", "dfn", "ins", "kbd", "mark", "q", "s", "samp", "small", "sub",
    "sup", "u", "var", "strike",
];

/// Converts sanitized HTML to Markdown.
pub(super) fn to_markdown(html: &str) -> String {
    let tree = Html::parse_fragment(html);
    let blocks = blocks(*tree.root_element(), 0);
    let mut out = blocks.join("\n\n");
    out.push('\n');
    out
}

/// A top-level block in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// As Markdown.
    pub markdown: String,
    /// As HTML, without blank lines, which would end the block.
    pub html: String,
}

/// Converts sanitized HTML to top-level blocks, each as Markdown and as HTML.
pub(super) fn blocks_with_html(html: &str) -> Vec<Block> {
    let tree = Html::parse_fragment(html);
    let mut out = Vec::new();
    top_level(*tree.root_element(), 0, &mut out);
    out
}

/// The blocks of a node. Containers that Markdown has no syntax for are replaced by their contents.
fn top_level(node: NodeRef<'_, Node>, depth: usize, out: &mut Vec<Block>) {
    let mut line = Inline::default();
    let mut html = String::new();
    // Two adjacent lists use different markers, so that they stay separate.
    let mut lists = 0;
    let end = |line: &mut Inline, html: &mut String, out: &mut Vec<Block>| {
        let mut blocks = Vec::new();
        line.end(&mut blocks);
        let html = std::mem::take(html);
        out.extend(
            blocks
                .into_iter()
                .map(|markdown| Block { markdown, html: without_blank_lines(&format!("<p>{html}</p>")) }),
        );
    };
    for child in node.children() {
        let element = ElementRef::wrap(child);
        let name = element.map_or("", |element| element.value().name());
        if !is_block(name) && !has_block(child) {
            line.node(child, depth + 1);
            html.push_str(&outer(child));
            continue;
        }
        end(&mut line, &mut html, out);
        let Some(element) = element else { continue };
        lists = if matches!(name, "ul" | "ol") { lists + 1 } else { 0 };
        if depth < MAX_DEPTH && is_container(name) {
            top_level(child, depth + 1, out);
            continue;
        }
        let mut blocks = Vec::new();
        block(element, depth + 1, lists % 2 == 0, &mut blocks);
        if !blocks.is_empty() {
            out.push(Block { markdown: blocks.join("\n\n"), html: in_one_block(element) });
        }
    }
    end(&mut line, &mut html, out);
}

/// Whether only the contents of a block become Markdown.
fn is_container(name: &str) -> bool {
    !matches!(
        name,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "pre" | "blockquote" | "ul" | "ol" | "table"
    )
}

/// Splits off a leading heading: returns its text, and the remaining HTML.
pub(super) fn split_heading(html: &str) -> (Option<String>, String) {
    let tree = Html::parse_fragment(html);
    let first = tree.root_element().children().find(|node| !is_blank(*node));
    let heading = first.and_then(ElementRef::wrap).filter(|element| is_heading(element.value().name()));
    match heading {
        None => (None, html.to_owned()),
        Some(heading) => {
            let words = one_line(&heading.text().collect::<String>());
            let rest: String = heading.next_siblings().map(outer).collect();
            (Some(words), rest)
        }
    }
}

fn is_blank(node: NodeRef<'_, Node>) -> bool {
    match node.value() {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(_) => false,
        _ => true,
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Serializes a node as HTML.
fn outer(node: NodeRef<'_, Node>) -> String {
    match (ElementRef::wrap(node), node.value()) {
        (Some(element), _) => element.html(),
        (None, Node::Text(text)) => {
            let mut out = String::new();
            crate::html::escape_text(&mut out, text);
            out
        }
        _ => String::new(),
    }
}

/// The blocks of the children of `node`.
fn blocks(node: NodeRef<'_, Node>, depth: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut line = Inline::default();
    // Two adjacent lists use different markers, so that they stay separate.
    let mut lists = 0;
    for child in node.children() {
        let element = ElementRef::wrap(child);
        let name = element.map_or("", |element| element.value().name());
        if !is_block(name) && !has_block(child) {
            line.node(child, depth + 1);
            continue;
        }
        line.end(&mut out);
        let Some(element) = element else { continue };
        if matches!(name, "ul" | "ol") {
            lists += 1;
        } else {
            lists = 0;
        }
        block(element, depth + 1, lists % 2 == 0, &mut out);
    }
    line.end(&mut out);
    out
}

/// Whether an inline element contains a block, such as a link around a paragraph.
fn has_block(node: NodeRef<'_, Node>) -> bool {
    node.descendants().any(|inner| inner.value().as_element().is_some_and(|element| is_block(element.name())))
}

fn block(element: ElementRef<'_>, depth: usize, other_marker: bool, out: &mut Vec<String>) {
    let name = element.value().name();
    if depth > MAX_DEPTH {
        let words = one_line(&element.text().collect::<Vec<_>>().join(" "));
        if !words.is_empty() {
            out.push(escape_start(&escape(&words)));
        }
        return;
    }
    match name {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = usize::from(name.as_bytes()[1] - b'0');
            let words = Inline::of(element, depth).replace("\\\n", "<br>").replace('\n', " ");
            if !words.is_empty() {
                // A trailing `#` would be parsed as a closing sequence.
                let words = words.strip_suffix('#').map_or(words.clone(), |rest| format!("{rest}\\#"));
                out.push(format!("{} {words}", "#".repeat(level)));
            }
        }
        "hr" => out.push("***".to_owned()),
        "pre" => out.push(code(element)),
        "blockquote" => {
            let inner = blocks(*element, depth).join("\n\n");
            if !inner.is_empty() {
                out.push(prefixed(&inner, "> ", "> "));
            }
        }
        "ul" | "ol" => list(element, depth, other_marker, out),
        "table" => out.push(table(element).unwrap_or_else(|| in_one_block(element))),
        _ => out.extend(blocks(*element, depth)),
    }
}

/// Prefixes the first line with `first` and the others with `rest`.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let prefix = if index == 0 { first } else { rest };
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}

fn code(element: ElementRef<'_>) -> String {
    let code: String = element.text().collect();
    let code = code.trim_end_matches('\n');
    let fence = fence(code, 3);
    format!("{fence}\n{code}\n{fence}")
}

fn list(element: ElementRef<'_>, depth: usize, other_marker: bool, out: &mut Vec<String>) {
    let mut number: u32 = element.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
    let ordered = element.value().name() == "ol";
    let items: Vec<Vec<String>> = element
        .children()
        .filter(|child| !is_blank(*child))
        .map(|child| match child.value() {
            Node::Text(words) => vec![escape_start(&escape(&one_line(words)))],
            Node::Element(inner) if is_list(inner) => {
                let mut nested = Vec::new();
                if let Some(inner) = ElementRef::wrap(child) {
                    list(inner, depth + 1, false, &mut nested);
                }
                nested
            }
            _ => blocks(child, depth),
        })
        .collect();
    let loose = items.iter().any(|item| item.iter().filter(|block| !is_item(block)).count() > 1);
    let mut lines = Vec::new();
    for item in items {
        let marker = match (ordered, other_marker) {
            (true, false) => format!("{number}. "),
            (true, true) => format!("{number}) "),
            (false, false) => "- ".to_owned(),
            (false, true) => "* ".to_owned(),
        };
        number = number.saturating_add(1);
        let inner = item.join(if loose { "\n\n" } else { "\n" });
        lines.push(prefixed(
            if inner.is_empty() { "<!-- -->" } else { &inner },
            &marker,
            &" ".repeat(marker.len()),
        ));
    }
    if !lines.is_empty() {
        out.push(lines.join(if loose { "\n\n" } else { "\n" }));
    }
}

fn is_list(element: &Element) -> bool {
    matches!(element.name(), "ul" | "ol")
}

/// Whether a block of Markdown is a list.
fn is_item(block: &str) -> bool {
    let rest = block.trim_start_matches(|c: char| c.is_ascii_digit());
    block.starts_with("- ")
        || block.starts_with("* ")
        || (rest.len() < block.len() && (rest.starts_with(". ") || rest.starts_with(") ")))
}

/// Converts a table of plain cells with a header row.
fn table(element: ElementRef<'_>) -> Option<String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut header = false;
    for node in element.descendants().skip(1).filter_map(ElementRef::wrap) {
        let value = node.value();
        match value.name() {
            "tr" => rows.push(Vec::new()),
            "td" | "th" => {
                let plain = value.attr("colspan").is_none() && value.attr("rowspan").is_none();
                if !plain || node.children().any(|child| is_block_node(child) || has_block(child)) {
                    return None;
                }
                header |= rows.len() == 1 && value.name() == "th";
                let cell = Inline::of(node, 0).replace("\\\n", "<br>").replace('\n', " ");
                rows.last_mut()?.push(cell);
            }
            name if is_block(name) && !matches!(name, "thead" | "tbody" | "tfoot") => return None,
            _ => {}
        }
    }
    let width = rows.first()?.len();
    if !header || width == 0 || rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut lines = vec![line(&rows[0]), line(&vec!["---".to_owned(); width])];
    lines.extend(rows[1..].iter().map(|row| line(row)));
    Some(lines.join("\n"))
}

fn is_block_node(node: NodeRef<'_, Node>) -> bool {
    node.value().as_element().is_some_and(|element| is_block(element.name()))
}

/// An element as an HTML block. Footnote references are not Markdown in there, so they are left out.
fn in_one_block(element: ElementRef<'_>) -> String {
    without_blank_lines(&without_references(&element.html()))
}

fn without_blank_lines(html: &str) -> String {
    html.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// A paragraph under construction.
#[derive(Default)]
struct Inline {
    out: String,
}

impl Inline {
    fn of(element: ElementRef<'_>, depth: usize) -> String {
        let mut line = Self::default();
        for child in element.children() {
            line.node(child, depth + 1);
        }
        line.out.trim_matches([' ', '\n']).to_owned()
    }

    /// Ends the paragraph and adds it to `blocks`, unless it is empty.
    fn end(&mut self, blocks: &mut Vec<String>) {
        let words = std::mem::take(&mut self.out);
        let mut words = words.as_str();
        // A line break at the start or the end of a paragraph does nothing.
        loop {
            let shorter = words.trim_end_matches(' ').trim_start_matches([' ', '\n']);
            let shorter =
                shorter.strip_suffix("\\\n").or_else(|| shorter.strip_suffix('\n')).unwrap_or(shorter);
            let shorter = shorter.strip_prefix("\\\n").unwrap_or(shorter);
            if shorter == words {
                break;
            }
            words = shorter;
        }
        if !words.trim().is_empty() {
            let lines: Vec<String> =
                words.lines().map(|line| escape_start(line.trim_start_matches(' '))).collect();
            blocks.push(lines.join("\n"));
        }
    }

    fn node(&mut self, node: NodeRef<'_, Node>, depth: usize) {
        match node.value() {
            Node::Text(words) => self.words(words),
            Node::Element(_) => {
                if let Some(element) = ElementRef::wrap(node) {
                    self.element(element, depth);
                }
            }
            _ => {}
        }
    }

    /// Appends text with ASCII white space folded to single spaces; other spaces are kept.
    fn words(&mut self, words: &str) {
        let space = |c: char| c.is_ascii_whitespace();
        if words.starts_with(space) && !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        let parts: Vec<&str> = words.split(space).filter(|part| !part.is_empty()).collect();
        self.out.push_str(&escape(&parts.join(" ")));
        if !parts.is_empty() && words.ends_with(space) {
            self.out.push(' ');
        }
    }

    fn element(&mut self, element: ElementRef<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            let words: String = element.text().collect();
            return self.words(&words);
        }
        match element.value().name() {
            "br" => self.out.push_str("\\\n"),
            "img" => self.image(element.value()),
            "code" | "tt" => self.code(element),
            "em" | "i" => self.delimited(element, "*", "em", depth),
            "strong" | "b" => self.delimited(element, "**", "strong", depth),
            "a" => self.link(element, depth),
            "span" if element.attr("id").is_some() => {
                let id = element.attr("id").unwrap_or_default();
                self.out.push_str(&format!("<span id=\"{}\"></span>", Attribute(id)));
                self.children(element, depth);
            }
            "math" => self.formula(element),
            name if KEPT_AS_HTML.contains(&name) => {
                self.out.push_str(&format!("<{name}>"));
                self.children(element, depth);
                self.out.push_str(&format!("</{name}>"));
            }
            _ => self.children(element, depth),
        }
    }

    fn children(&mut self, element: ElementRef<'_>, depth: usize) {
        for child in element.children() {
            self.node(child, depth + 1);
        }
    }

    /// Writes an element with Markdown delimiters if they are certain to be parsed as such, and with HTML
    /// tags otherwise.
    fn delimited(&mut self, element: ElementRef<'_>, delimiter: &str, tag: &str, depth: usize) {
        let inner: String = element.text().collect();
        let raw = Self::of(element, depth);
        if raw.is_empty() {
            return self.words(&inner);
        }
        if inner.starts_with(|c: char| c.is_ascii_whitespace()) {
            self.words(" ");
        }
        let sure = raw.starts_with(char::is_alphanumeric)
            && raw.ends_with(char::is_alphanumeric)
            && !raw.contains('*')
            && !self.out.ends_with('*');
        if sure {
            self.out.push_str(&format!("{delimiter}{raw}{delimiter}"));
        } else {
            self.out.push_str(&format!("<{tag}>{raw}</{tag}>"));
        }
        if inner.ends_with(|c: char| c.is_ascii_whitespace()) {
            self.out.push(' ');
        }
    }

    fn code(&mut self, element: ElementRef<'_>) {
        let code = one_line(&element.text().collect::<String>());
        if code.is_empty() {
            return;
        }
        let fence = fence(&code, 1);
        let space = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        // In a table, `|` would separate cells even inside code.
        if code.contains('|') {
            self.out.push_str(&format!("<code>{}</code>", escape(&code)));
        } else {
            self.out.push_str(&format!("{fence}{space}{code}{space}{fence}"));
        }
    }

    fn link(&mut self, element: ElementRef<'_>, depth: usize) {
        let inner: String = element.text().collect();
        let words = Self::of(element, depth);
        match element.attr("href") {
            Some(to) if !words.is_empty() => {
                if inner.starts_with(|c: char| c.is_ascii_whitespace()) {
                    self.words(" ");
                }
                self.out.push_str(&format!("[{words}](<{}>)", address(to)));
                if inner.ends_with(|c: char| c.is_ascii_whitespace()) {
                    self.out.push(' ');
                }
            }
            _ => self.children(element, depth),
        }
    }

    /// Writes a formula as MathML on one line.
    fn formula(&mut self, element: ElementRef<'_>) {
        for edge in element.traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(words) => self.out.push_str(&escape(&one_line(words))),
                    Node::Element(element) => {
                        self.out.push_str(&format!("<{}", element.name()));
                        for (key, value) in element.attrs() {
                            self.out.push_str(&format!(" {key}=\"{}\"", Attribute(value)));
                        }
                        self.out.push('>');
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(element) = node.value() {
                        self.out.push_str(&format!("</{}>", element.name()));
                    }
                }
            }
        }
    }

    fn image(&mut self, element: &Element) {
        let words = escape(&one_line(element.attr("alt").unwrap_or_default()));
        let Some(from) = element.attr("src") else { return self.out.push_str(&words) };
        self.out.push_str(&format!("![{words}](<{}>)", address(from)));
    }
}

/// Escapes an address for use between `<` and `>`.
fn address(to: &str) -> String {
    let mut out = String::with_capacity(to.len());
    for c in to.trim().chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_with_an_equivalent_become_markdown() {
        for (html, markdown) in [
            ("<h2>A <em>b</em></h2><p>c\n d</p>", "## A *b*\n\nc d\n"),
            ("<ul><li>a<li><p>b</p><ul><li>c</ul></ul>", "- a\n- b\n  - c\n"),
            ("<ol start=3><li><p>a</p><p>b</p></ol>", "3. a\n\n   b\n"),
            ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b\n"),
            ("<pre>a\n\n```b</pre>", "````\na\n\n```b\n````\n"),
            ("a<br>b", "a\\\nb\n"),
            ("<a href='http://x/(y)'>l</a>.", "[l](<http://x/(y)>).\n"),
            ("a<b>b</b>c <i>(d)</i>", "a**b**c <em>(d)</em>\n"),
            ("<p>H<sub>2</sub>O <code>a`b</code></p>", "H<sub>2</sub>O ``a`b``\n"),
            ("<table><tr><th>a<th>b<tr><td>c|<td>d</table>", "| a | b |\n| --- | --- |\n| c\\| | d |\n"),
            ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b\n"),
            ("<img src='a b.png' alt='c]'>", "![c\\]](<a b.png>)\n"),
            ("<p>a <img src='https://x.y/z.gif'></p>", "a ![](<https://x.y/z.gif>)\n"),
            ("<p>a <img alt='b*'></p>", "a b\\*\n"),
            ("<p><span id=x></span>1. b</p>", "<span id=\"x\"></span>1. b\n"),
            ("<p>a <math><mi>x*</mi> <mn>2</mn></math></p>", "a <math><mi>x\\*</mi><mn>2</mn></math>\n"),
            ("<p># a</p><p>1. b</p>", "\\# a\n\n1\\. b\n"),
        ] {
            assert_eq!(to_markdown(html), markdown, "{html}");
        }
    }

    #[test]
    fn a_complex_table_stays_html() {
        let html = "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>";
        assert_eq!(to_markdown(html).trim(), html);
    }

    #[test]
    fn a_leading_heading_is_split_off() {
        assert_eq!(
            split_heading("\n<h3>A <i>b</i></h3>\n<p>c</p>"),
            (Some("A b".into()), "\n<p>c</p>".into())
        );
        assert_eq!(split_heading("<p>c</p>").0, None);
    }

    #[test]
    fn deep_nesting_keeps_the_text() {
        let html = format!("{}a{}", "<div><b>".repeat(300), "</b></div>".repeat(300));
        assert!(to_markdown(&html).contains('a'));
    }
}
