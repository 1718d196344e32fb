//! Footnotes and margin comments of documents that a word processor saved as a web page.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ego_tree::{NodeId, NodeRef};
use scraper::node::Node;
use scraper::{ElementRef, Html};

/// The footnotes and comments of a page.
#[derive(Default)]
pub(super) struct Footnotes<'t> {
    /// The labels of references, by element.
    references: HashMap<NodeId, String>,
    /// The elements of each footnote, by the order of the references.
    definitions: Vec<(String, Vec<NodeRef<'t, Node>>)>,
    defining: HashSet<NodeId>,
    backlinks: HashSet<NodeId>,
    comments: HashSet<NodeId>,
    comment_marks: HashSet<NodeId>,
    /// The ids that links in the page lead to.
    pub(super) linked: BTreeSet<String>,
}

impl<'t> Footnotes<'t> {
    /// Finds the footnotes of Word, LibreOffice and Google Docs, and comments.
    pub(super) fn find(tree: &'t Html) -> Self {
        let mut found = Self::default();
        let links: Vec<ElementRef<'t>> = tree
            .root_element()
            .descendants()
            .filter_map(ElementRef::wrap)
            .filter(|element| element.value().name() == "a")
            .collect();
        let mut by_id: HashMap<&str, ElementRef<'t>> = HashMap::new();
        for element in tree.root_element().descendants().filter_map(ElementRef::wrap) {
            for id in [element.attr("id"), element.attr("name")].into_iter().flatten() {
                by_id.entry(id).or_insert(element);
            }
        }
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for link in &links {
            let Some(target) = link.attr("href").and_then(|to| to.strip_prefix('#')) else { continue };
            found.linked.insert(target.to_owned());
            if target.starts_with("cmnt") || target.starts_with("_msocom") {
                found.comment(*link, target, &by_id);
                continue;
            }
            let is_reference = (target.starts_with("_ftn") || target.starts_with("_edn"))
                && !target.contains("ref")
                || (target.starts_with("ftnt") && !target.starts_with("ftnt_ref"))
                || (target.starts_with("sdfootnote") && target.ends_with("sym"))
                || (target.starts_with("sdendnote") && target.ends_with("sym"));
            let Some(definition) = by_id.get(target).filter(|_| is_reference) else { continue };
            let Some((block, backlink)) = definition_block(*definition) else { continue };
            found.backlinks.insert(backlink.id());
            let next = numbers.len() + 1;
            let number = *numbers.entry(target.to_owned()).or_insert(next);
            found.references.insert(around(*link).id(), number.to_string());
            if found.defining.insert(block.id()) {
                found.definitions.push((number.to_string(), vec![block]));
            }
        }
        found
    }

    fn comment(&mut self, link: ElementRef<'t>, target: &str, by_id: &HashMap<&str, ElementRef<'t>>) {
        let is_mark = !target.contains("ref");
        if is_mark {
            self.comment_marks.insert(around(link).id());
            if let Some(note) = by_id.get(target).and_then(|note| definition_block(*note)) {
                self.comments.insert(note.0.id());
            }
        }
        // Word marks comments by the id of their number, which has another form.
        if let Some(number) = target.strip_prefix("_msocom_")
            && let Some(note) = by_id.get(format!("_com_{number}").as_str())
        {
            self.comments.insert(note.id());
        }
    }

    /// The label of the footnote that an element refers to.
    pub(super) fn reference(&self, id: NodeId) -> Option<&str> {
        self.references.get(&id).map(String::as_str)
    }

    /// The footnotes with their labels.
    pub(super) fn definitions(&self) -> &[(String, Vec<NodeRef<'t, Node>>)] {
        &self.definitions
    }

    /// Whether an element is a footnote.
    pub(super) fn is_definition(&self, id: NodeId) -> bool {
        self.defining.contains(&id)
    }

    /// Whether an element leads back from a footnote.
    pub(super) fn is_backlink(&self, id: NodeId) -> bool {
        self.backlinks.contains(&id)
    }

    /// Whether an element is a margin comment.
    pub(super) fn is_comment(&self, id: NodeId) -> bool {
        self.comments.contains(&id)
    }

    /// Whether an element marks the place of a margin comment.
    pub(super) fn is_comment_mark(&self, id: NodeId) -> bool {
        self.comment_marks.contains(&id)
    }
}

/// The elements around a link that contain nothing else.
fn around(link: ElementRef<'_>) -> NodeRef<'_, Node> {
    let mut node = *link;
    while let Some(parent) = node.parent() {
        let is_inline = parent
            .value()
            .as_element()
            .is_some_and(|element| matches!(element.name(), "sup" | "span" | "small" | "font"));
        let alone = parent.children().all(|child| {
            child.id() == node.id()
                || child
                    .value()
                    .as_text()
                    .is_some_and(|words| words.trim_matches(['\u{a0}', ' ', '\n', '\r']).is_empty())
        });
        if !is_inline || !alone {
            break;
        }
        node = parent;
    }
    node
}

/// The block of a footnote or comment whose number is `anchor`, and the element that leads back.
fn definition_block(anchor: ElementRef<'_>) -> Option<(NodeRef<'_, Node>, NodeRef<'_, Node>)> {
    let is_block = |node: &NodeRef<'_, Node>| {
        node.value()
            .as_element()
            .is_some_and(|element| matches!(element.name(), "p" | "div" | "li" | "dd" | "td"))
    };
    let own = *anchor;
    let block = std::iter::once(own).chain(own.ancestors()).find(is_block)?;
    // A footnote of several paragraphs has an element of its own.
    let block = match block.parent() {
        Some(parent)
            if parent.value().as_element().is_some_and(|element| {
                let id = element.attr("id").unwrap_or_default();
                ["ftn", "edn", "sdfootnote", "sdendnote", "_com_"].iter().any(|start| id.starts_with(start))
            }) =>
        {
            parent
        }
        _ => block,
    };
    let backlink = block
        .descendants()
        .find(|node| {
            node.value().as_element().is_some_and(|element| {
                element.name() == "a" && element.attr("href").is_some_and(|to| to.starts_with('#'))
            })
        })
        .unwrap_or(own);
    Some((block, backlink))
}
