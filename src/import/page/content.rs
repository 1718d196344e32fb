//! Finds the text of a page among menus, boxes and advertisements.
//!
//! 1. Readability, which browsers use for their reading view, chooses elements. Every element carries a number
//!    through it, so that its choice can be read off.
//! 2. The text is taken from the page itself: what Readability chose, and what belongs to a text but Readability
//!    drops, such as headings, captions and standfirsts.
//! 3. Everything else is recorded as left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dom_smoothie::{Config, Readability};
use ego_tree::iter::Edge;
use ego_tree::{NodeId, NodeRef};
use scraper::node::{Element, Node};
use scraper::{ElementRef, Html, Selector};

use super::boxes::{is_box, is_chrome, is_label, is_menu, is_standfirst};
use super::footnotes::Footnotes;
use crate::html::sanitize::is_page_block as is_block;
use crate::import::left_out::{Kind, LeftOut};
use crate::markdown::escape::one_line;
use crate::text::original::is_hidden;

/// The attribute that carries an element's number through Readability.
const NUMBER: &str = "data-postil-number";
/// Pages that are nested more deeply are not given to Readability, which takes too long for them.
const MAX_READABLE: usize = 300;
/// Elements that are nested more deeply lose their tags.
const MAX_DEPTH: usize = 120;

/// The text of a page.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Its HTML, in which footnote references are placeholders.
    pub html: String,
    /// Its footnotes, with their labels.
    pub footnotes: Vec<(String, String)>,
    /// The ids that links in the text lead to.
    pub targets: BTreeSet<String>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// Finds the text of a page with this title. `whole`: everything in the page belongs to the text.
pub(crate) fn find(tree: &Html, title: Option<&str>, whole: bool) -> Content {
    let Some(body) = select(tree, "body").or(Some(tree.root_element())) else { return Content::default() };
    let footnotes = Footnotes::find(tree);
    let whole = whole || is_document(tree);
    let chosen = if whole { None } else { readable(tree) };
    let (inner, root) = match &chosen {
        Some(chosen) => roots(tree, *body, chosen),
        None if whole => (*body, *body),
        None => {
            let main = ["article", "main", "[role=main]"].iter().find_map(|name| select(tree, name));
            let main = main.map_or(*body, |main| *main);
            (main, main)
        }
    };
    let sizes = Sizes::new(*body);
    let mut review = Review {
        chosen: chosen.as_ref(),
        inner: inner.id(),
        sizes: &sizes,
        whole,
        own: HashMap::new(),
        title: None,
    };
    let order = review.blocks(root);
    review.drop_empty_sections(&order);
    let mut left_out = LeftOut::default();
    review.drop_title(&order, title, &mut left_out);
    let mut writer = Writer::new(&review, &footnotes, left_out);
    writer.around(*body, root);
    writer.write(root);
    let mut content = writer.content;
    for (label, definition) in footnotes.definitions() {
        let mut writer = Writer::new(&review, &footnotes, LeftOut::default());
        writer.in_footnote = true;
        for node in definition {
            writer.write(*node);
        }
        content.targets.extend(std::mem::take(&mut writer.content.targets));
        content.footnotes.push((label.clone(), writer.content.html));
    }
    content.drop_unused_targets();
    content
}

impl Content {
    /// Removes the targets of links that were left out.
    fn drop_unused_targets(&mut self) {
        for id in std::mem::take(&mut self.targets) {
            let link = format!(" href=\"#{}\"", crate::html::Attribute(&id));
            let footnotes = self.footnotes.iter().map(|(_, html)| html);
            if footnotes.chain([&self.html]).any(|html| html.contains(&link)) {
                self.targets.insert(id);
            } else {
                let target = format!("<span id=\"{}\"></span>", crate::html::Attribute(&id));
                self.html = self.html.replace(&target, "");
                self.footnotes.iter_mut().for_each(|(_, html)| *html = html.replace(&target, ""));
            }
        }
    }
}

fn select<'t>(tree: &'t Html, selector: &str) -> Option<ElementRef<'t>> {
    let selector = Selector::parse(selector).ok()?;
    tree.select(&selector).next()
}

/// Whether a page was exported from a word processor, so that all of it is the text.
fn is_document(tree: &Html) -> bool {
    let generator = Selector::parse("meta[name]").ok().is_some_and(|meta| {
        tree.select(&meta).any(|meta| {
            let is_generator = meta.attr("name").is_some_and(|name| name.eq_ignore_ascii_case("generator"));
            let content = meta.attr("content").unwrap_or_default();
            is_generator
                && ["Microsoft Word", "LibreOffice", "OpenOffice"].iter().any(|name| content.contains(name))
        })
    });
    generator || select(tree, "body.doc-content, body.c0.doc-content, .WordSection1").is_some()
}

/// The elements that Readability chooses, and their text.
struct Chosen {
    ids: HashSet<NodeId>,
    text: String,
}

fn readable(tree: &Html) -> Option<Chosen> {
    let mut numbered = tree.clone();
    let mut ids = Vec::new();
    let (mut depth, mut deepest) = (0_usize, 0);
    for edge in tree.tree.root().traverse() {
        match edge {
            Edge::Open(node) => {
                depth += 1;
                deepest = deepest.max(depth);
                if node.value().is_element() {
                    ids.push(node.id());
                }
            }
            Edge::Close(_) => depth -= 1,
        }
    }
    if deepest > MAX_READABLE {
        return None;
    }
    for (number, id) in ids.iter().enumerate() {
        let mut node = numbered.tree.get_mut(*id)?;
        if let Node::Element(element) = node.value() {
            let name = html5ever::QualName::new(None, html5ever::ns!(), html5ever::LocalName::from(NUMBER));
            element.attrs.push((name, number.to_string().into()));
        }
    }
    let config = Config { max_elements_to_parse: 0, ..Config::default() };
    let article = Readability::new(numbered.html(), None, Some(config)).ok()?.parse().ok()?;
    let content = Html::parse_fragment(&article.content);
    let chosen: HashSet<NodeId> = content
        .root_element()
        .descendants()
        .filter_map(|node| node.value().as_element()?.attr(NUMBER)?.parse::<usize>().ok())
        .filter_map(|number| ids.get(number).copied())
        .collect();
    let text: String = content.root_element().text().collect();
    (!chosen.is_empty()).then(|| Chosen { ids: chosen, text: squeezed(&text) })
}

/// Text without white space.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The element that contains everything chosen, and the article around it.
fn roots<'t>(
    tree: &'t Html,
    body: NodeRef<'t, Node>,
    chosen: &Chosen,
) -> (NodeRef<'t, Node>, NodeRef<'t, Node>) {
    let path = |id: &NodeId| -> Vec<NodeId> {
        let Some(node) = tree.tree.get(*id) else { return Vec::new() };
        let mut path: Vec<NodeId> = node.ancestors().map(|node| node.id()).collect();
        path.reverse();
        path
    };
    // Elements outside the body, such as `<html>`, may be chosen; they say nothing.
    let inside = |id: &&NodeId| {
        **id != body.id()
            && tree.tree.get(**id).is_some_and(|node| node.ancestors().any(|node| node.id() == body.id()))
    };
    let mut common: Option<Vec<NodeId>> = None;
    let ordered: Vec<&NodeId> = {
        let mut ids: Vec<&NodeId> = chosen.ids.iter().filter(inside).collect();
        ids.sort_unstable();
        ids
    };
    for id in ordered {
        let path = path(id);
        common = Some(match common {
            None => path,
            Some(common) => {
                common.into_iter().zip(path).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
            }
        });
    }
    let inner = common.and_then(|path| tree.tree.get(*path.last()?)).unwrap_or(body);
    let is_article = |node: &NodeRef<'t, Node>| {
        node.value().as_element().is_some_and(|element| {
            matches!(element.name(), "article" | "main") || element.attr("role") == Some("main")
        })
    };
    let article = std::iter::once(inner).chain(inner.ancestors()).find(is_article);
    (inner, article.unwrap_or(inner))
}

/// The number of characters in each element, and of those in links.
struct Sizes {
    sizes: HashMap<NodeId, (usize, usize)>,
}

impl Sizes {
    fn new(body: NodeRef<'_, Node>) -> Self {
        let mut sizes: HashMap<NodeId, (usize, usize)> = HashMap::new();
        let (mut open, mut links): (Vec<(usize, usize)>, usize) = (Vec::new(), 0);
        for edge in body.traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => {
                        links += usize::from(element.name() == "a");
                        open.push((0, 0));
                    }
                    Node::Text(words) => {
                        let length = words.chars().filter(|c| !c.is_whitespace()).count();
                        if let Some((all, linked)) = open.last_mut() {
                            *all += length;
                            *linked += if links > 0 { length } else { 0 };
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(element) = node.value() {
                        links -= usize::from(element.name() == "a");
                        let size = open.pop().unwrap_or_default();
                        sizes.insert(node.id(), size);
                        if let Some((all, linked)) = open.last_mut() {
                            *all += size.0;
                            *linked += size.1;
                        }
                    }
                }
            }
        }
        Self { sizes }
    }

    fn of(&self, id: NodeId) -> (usize, usize) {
        self.sizes.get(&id).copied().unwrap_or_default()
    }
}

/// Decides for each block whether the words directly in it belong to the text.
struct Review<'r> {
    chosen: Option<&'r Chosen>,
    inner: NodeId,
    sizes: &'r Sizes,
    whole: bool,
    /// The blocks whose words belong to the text, and whether Readability chose them.
    own: HashMap<NodeId, bool>,
    /// The heading that repeats the title.
    title: Option<NodeId>,
}

impl Review<'_> {
    /// Reviews all blocks in `root`; returns them in document order.
    fn blocks<'t>(&mut self, root: NodeRef<'t, Node>) -> Vec<ElementRef<'t>> {
        let total = self.sizes.of(root.id()).0;
        let mut order = Vec::new();
        // The number of open elements of each of these sorts.
        let (mut boxes, mut chrome, mut inside) = (0_usize, 0_usize, 0_usize);
        for edge in root.traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            let Some(element) = ElementRef::wrap(node) else { continue };
            let value = element.value();
            let is_root = node.id() == root.id();
            let in_box = !is_root
                && !self.whole
                && (is_box(value) || is_menu(value))
                // A word such as `share` in the class of a wrapper of the whole text says nothing.
                && self.sizes.of(node.id()).0 * 3 < total.max(1);
            let flags = [in_box, !is_root && is_chrome(value), node.id() == self.inner];
            for (flag, counter) in flags.into_iter().zip([&mut boxes, &mut chrome, &mut inside]) {
                match (flag, opens) {
                    (true, true) => *counter += 1,
                    (true, false) => *counter -= 1,
                    _ => {}
                }
            }
            if !opens || !(is_root || is_block(value.name())) {
                continue;
            }
            order.push(element);
            if boxes > 0 || (!self.whole && is_label(&one_line(&own_words(node)))) {
                continue;
            }
            let chosen = self.is_chosen(node);
            if self.whole || chosen || self.belongs(element, chrome > 0, inside > 0) {
                self.own.insert(node.id(), chosen || self.whole);
            }
        }
        order
    }

    /// Whether Readability chose a block or something directly in it.
    fn is_chosen(&self, block: NodeRef<'_, Node>) -> bool {
        let Some(chosen) = self.chosen else { return false };
        if chosen.ids.contains(&block.id()) || inline(block).any(|node| chosen.ids.contains(&node.id())) {
            return true;
        }
        let words = squeezed(&own_words(block));
        words.len() > 40 && chosen.text.contains(&words)
    }

    /// Whether a block that Readability did not choose belongs to the text nevertheless.
    fn belongs(&self, block: ElementRef<'_>, in_chrome: bool, inside: bool) -> bool {
        let name = block.value().name();
        let in_header = block
            .ancestors()
            .filter_map(|node| node.value().as_element())
            .any(|element| matches!(element.name(), "nav" | "footer" | "aside" | "form" | "dialog"));
        let (all, linked) = self.sizes.of(block.id());
        let in_figure = name == "figure"
            || block.ancestors().any(|node| node.value().as_element().is_some_and(|e| e.name() == "figure"));
        if matches!(name, "h1" | "h2") || is_standfirst(block.value()) || in_figure {
            return !in_header && all < 2000;
        }
        if self.chosen.is_none() {
            return !in_chrome;
        }
        if !inside || in_chrome {
            return false;
        }
        match name {
            "h3" | "h4" | "h5" | "h6" | "caption" => true,
            "p" | "pre" | "blockquote" | "dd" | "dt" | "td" | "th" | "li" => linked * 2 < all,
            _ => false,
        }
    }

    /// Drops headings that Readability did not choose and that nothing follows.
    fn drop_empty_sections(&mut self, order: &[ElementRef<'_>]) {
        let mut next: Option<usize> = Some(0);
        for block in order.iter().rev() {
            let Some(chosen) = self.own.get(&block.id()).copied() else { continue };
            let has_content = !one_line(&own_words(**block)).is_empty() || has_image(**block);
            match level(block.value().name()) {
                Some(level) if !chosen && next.is_some_and(|next| next <= level && level > 1) => {
                    self.own.remove(&block.id());
                }
                Some(level) => next = Some(level),
                None if has_content => next = None,
                None => {}
            }
        }
    }

    /// Drops the first heading if it repeats the title.
    fn drop_title(&mut self, order: &[ElementRef<'_>], title: Option<&str>, left_out: &mut LeftOut) {
        let Some(title) = title.map(one_line) else { return };
        let heading = order
            .iter()
            .filter(|block| self.own.contains_key(&block.id()))
            .find(|block| level(block.value().name()).is_some() || is_word_title(block.value()));
        if let Some(heading) = heading {
            let words = one_line(&own_words(**heading));
            if words == title {
                self.own.remove(&heading.id());
                self.title = Some(heading.id());
                left_out.add(Kind::Title, &words);
            }
        }
    }
}

/// Whether a paragraph is the title of a document from a word processor.
fn is_word_title(element: &Element) -> bool {
    element.classes().any(|class| matches!(class, "MsoTitle" | "title"))
}

fn level(name: &str) -> Option<usize> {
    let digit = name.strip_prefix('h')?;
    digit.parse().ok().filter(|level| (1..=6).contains(level))
}

/// The nodes directly in a block: its inline descendants that are not in another block.
fn inline<'t>(block: NodeRef<'t, Node>) -> impl Iterator<Item = NodeRef<'t, Node>> {
    let mut rest: Vec<NodeRef<'t, Node>> = block.children().rev().collect();
    std::iter::from_fn(move || {
        loop {
            let node = rest.pop()?;
            if node.value().as_element().is_some_and(|element| is_block(element.name())) {
                continue;
            }
            rest.extend(node.children().rev());
            return Some(node);
        }
    })
}

/// The words directly in a block.
fn own_words(block: NodeRef<'_, Node>) -> String {
    inline(block).filter_map(|node| node.value().as_text().map(|words| &**words)).collect()
}

fn has_image(block: NodeRef<'_, Node>) -> bool {
    inline(block).any(|node| node.value().as_element().is_some_and(|element| element.name() == "img"))
}

/// Writes the text as HTML.
struct Writer<'w, 'r, 't> {
    review: &'w Review<'r>,
    footnotes: &'w Footnotes<'t>,
    /// The ids that links in the page lead to.
    linked: BTreeSet<String>,
    /// Whether a footnote is being written.
    in_footnote: bool,
    content: Content,
}

impl<'w, 'r, 't> Writer<'w, 'r, 't> {
    fn new(review: &'w Review<'r>, footnotes: &'w Footnotes<'t>, left_out: LeftOut) -> Self {
        let content = Content { left_out, ..Content::default() };
        Self { review, footnotes, linked: footnotes.linked.clone(), in_footnote: false, content }
    }

    /// Records what stands around the text.
    fn around(&mut self, body: NodeRef<'_, Node>, root: NodeRef<'_, Node>) {
        if body.id() == root.id() {
            return;
        }
        let on_path: HashSet<NodeId> = root.ancestors().map(|node| node.id()).collect();
        for node in root.ancestors().collect::<Vec<_>>().into_iter().rev() {
            if node.id() != body.id() && !node.ancestors().any(|above| above.id() == body.id()) {
                continue;
            }
            for child in node.children() {
                if child.id() != root.id() && !on_path.contains(&child.id()) {
                    self.content.left_out.add(Kind::Around, &words(child));
                }
            }
        }
    }

    fn write(&mut self, root: NodeRef<'_, Node>) {
        // The elements that are open, with the tag to close them.
        let mut open: Vec<Option<&'static str>> = Vec::new();
        let mut skipped: Option<NodeId> = None;
        // The blocks that are open, and whether their words are written.
        let mut blocks: Vec<bool> = vec![self.in_footnote || self.review.own.contains_key(&root.id())];
        let mut dropped = String::new();
        for edge in root.traverse() {
            match edge {
                Edge::Open(node) if skipped.is_none() => match node.value() {
                    Node::Text(text) => {
                        if blocks.last() == Some(&true) {
                            crate::html::escape_text(&mut self.content.html, text);
                        } else {
                            dropped.push_str(text);
                        }
                    }
                    Node::Element(element) => {
                        let reference = self.footnotes.reference(node.id());
                        if let Some(label) = reference {
                            if blocks.last() == Some(&true) {
                                self.content.html.push_str(&crate::import::document::placeholder(label));
                            }
                            skipped = Some(node.id());
                        } else if self.skip(node, element) {
                            skipped = Some(node.id());
                            // A line that was broken at a dropped element stays broken.
                            if element.name() == "br" {
                                self.content.html.push(' ');
                            }
                        } else {
                            if is_block(element.name()) {
                                self.content.left_out.add(Kind::Around, &std::mem::take(&mut dropped));
                                blocks.push(self.in_footnote || self.review.own.contains_key(&node.id()));
                            }
                            let deep = open.len() > MAX_DEPTH;
                            let writes = is_block(element.name()) || blocks.last() == Some(&true);
                            let tag = if writes { self.open(element, deep) } else { None };
                            open.push(tag);
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => match skipped {
                    Some(id) if id == node.id() => skipped = None,
                    Some(_) => {}
                    None => {
                        if let Node::Element(element) = node.value() {
                            if let Some(Some(tag)) = open.pop() {
                                self.content.html.push_str(&format!("</{tag}>"));
                            }
                            if is_block(element.name()) {
                                blocks.pop();
                                self.content.left_out.add(Kind::Around, &std::mem::take(&mut dropped));
                            }
                        }
                    }
                },
                Edge::Open(_) => {}
            }
        }
        self.content.left_out.add(Kind::Around, &dropped);
    }

    /// Whether an element is left out with all of its contents; records it.
    fn skip(&mut self, node: NodeRef<'_, Node>, element: &Element) -> bool {
        let name = element.name();
        if matches!(
            name,
            "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "object" | "canvas"
        ) || (name == "annotation" || name == "annotation-xml")
        {
            return true;
        }
        if self.footnotes.is_definition(node.id()) {
            return !self.in_footnote;
        }
        if self.footnotes.is_backlink(node.id()) {
            return true;
        }
        if self.footnotes.is_comment(node.id()) {
            self.content.left_out.add(Kind::Comment, &words(node));
            return true;
        }
        if self.footnotes.is_comment_mark(node.id()) {
            return true;
        }
        if matches!(name, "button" | "select" | "textarea" | "input" | "option" | "datalist") {
            self.content.left_out.add(Kind::Form, &words(node));
            return true;
        }
        // Formulae are hidden behind a picture of them.
        let holds_formula =
            || node.descendants().any(|inner| inner.value().as_element().is_some_and(|e| e.name() == "math"));
        if is_hidden(element) && !holds_formula() {
            self.content.left_out.add(Kind::Hidden, &words(node));
            return true;
        }
        if element.classes().any(|class| {
            matches!(
                class,
                "katex-html" | "mwe-math-fallback-image-inline" | "mwe-math-fallback-image-display"
            )
        }) {
            return true;
        }
        if element.classes().any(|class| class == "mw-editsection") {
            self.content.left_out.add(Kind::Around, &words(node));
            return true;
        }
        if name == "img" && is_tracker(element) {
            return true;
        }
        // A block without any words of the text is left out as a whole, so that it is listed once.
        let alive =
            || self.in_footnote || node.descendants().any(|inner| self.review.own.contains_key(&inner.id()));
        if is_block(name) && !alive() {
            let words = words(node);
            // The title has been recorded already.
            if self.review.title != Some(node.id()) {
                self.content.left_out.add(Kind::Around, &words);
            }
            return true;
        }
        false
    }

    /// Writes a start tag, and returns its name if it needs an end tag.
    fn open(&mut self, element: &Element, deep: bool) -> Option<&'static str> {
        let name = written_name(element)?;
        let mut attributes = BTreeMap::new();
        for key in [
            "alt", "colspan", "rowspan", "start", "reversed", "lang", "dir", "datetime", "scope", "title",
            "display",
        ] {
            if let Some(value) = element.attr(key) {
                attributes.insert(key, value.to_owned());
            }
        }
        if name == "a"
            && let Some(to) = element.attr("href")
        {
            attributes.insert("href", redirected(to));
        }
        if name == "img" {
            attributes.insert("src", image_source(element));
        }
        if name == "img" || name == "br" || name == "hr" || name == "wbr" {
            self.tag(name, &attributes);
            return None;
        }
        if !deep {
            self.tag(name, &attributes);
        } else if is_block(name) {
            self.content.html.push_str("<br>");
        }
        let ids = [element.attr("id"), element.attr("name").filter(|_| name == "a")];
        for id in ids.into_iter().flatten() {
            let inside =
                !matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "ul" | "ol" | "dl" | "math");
            if inside && self.linked.contains(id) && self.content.targets.insert(id.to_owned()) {
                self.content.html.push_str(&format!("<span id=\"{}\"></span>", crate::html::Attribute(id)));
            }
        }
        (!deep).then_some(name)
    }

    fn tag(&mut self, name: &str, attributes: &BTreeMap<&str, String>) {
        self.content.html.push_str(&format!("<{name}"));
        for (key, value) in attributes {
            self.content.html.push_str(&format!(" {key}=\"{}\"", crate::html::Attribute(value)));
        }
        self.content.html.push('>');
    }
}

/// The name under which an element is written; `None` if only its contents are.
fn written_name(element: &Element) -> Option<&'static str> {
    const NAMES: [&str; 62] = [
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
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
        "strike",
    ];
    let name = match element.name() {
        "article" | "main" | "aside" | "header" | "footer" | "nav" | "address" | "fieldset" | "form"
        | "center" | "hgroup" | "dialog" | "body" => "div",
        other => other,
    };
    NAMES.iter().chain(&crate::html::sanitize::MATH).find(|known| **known == name).copied()
}

/// The words of a node and its descendants, with spaces between blocks.
fn words(node: NodeRef<'_, Node>) -> String {
    let mut out = String::new();
    let mut ignored = 0_usize;
    for edge in node.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(words) if ignored == 0 => out.push_str(words),
                Node::Element(element) => {
                    ignored += usize::from(matches!(
                        element.name(),
                        "script" | "style" | "template" | "noscript" | "svg"
                    ));
                    if is_block(element.name()) {
                        out.push(' ');
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    ignored -= usize::from(matches!(
                        element.name(),
                        "script" | "style" | "template" | "noscript" | "svg"
                    ));
                    if is_block(element.name()) {
                        out.push(' ');
                    }
                }
            }
        }
    }
    out
}

/// Whether an image is invisible: it only counts visitors.
fn is_tracker(element: &Element) -> bool {
    let tiny =
        |key: &str| element.attr(key).is_some_and(|size| matches!(size.trim(), "0" | "1" | "0px" | "1px"));
    let source = element.attr("src").unwrap_or_default();
    let name = source.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let named = ["pixel", "track", "beacon", "spacer", "blank", "1x1", "counter"];
    let has_words = element.attr("alt").is_some_and(|alt| !alt.trim().is_empty());
    (tiny("width") && tiny("height")) || (!has_words && named.iter().any(|start| name.starts_with(start)))
}

/// The address of an image, which pages that load images late put into other attributes.
fn image_source(element: &Element) -> String {
    let source = element.attr("src").unwrap_or_default();
    let is_substitute = source.starts_with("data:") && source.len() < 400;
    if !source.is_empty() && !is_substitute {
        return source.to_owned();
    }
    let late = ["data-src", "data-original", "data-lazy-src"].iter().find_map(|key| element.attr(key));
    let set = ["srcset", "data-srcset"].iter().find_map(|key| element.attr(key));
    let first = set.and_then(|set| set.split_whitespace().next());
    late.or(first).unwrap_or(source).to_owned()
}

/// The target of a link without the redirection that Google Docs adds.
fn redirected(to: &str) -> String {
    let target = url::Url::parse(to)
        .ok()
        .filter(|url| url.host_str().is_some_and(|host| host == "www.google.com") && url.path() == "/url");
    let inner =
        target.and_then(|url| url.query_pairs().find(|(key, _)| key == "q").map(|(_, to)| to.into_owned()));
    inner.unwrap_or_else(|| to.to_owned())
}
