//! The HTML of a text as a browser reads it, inside a page.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use scraper::node::Node;

use super::markup::Event;

/// The HTML of a text within a page like the one of the theme.
pub(crate) fn page(text: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>t</title></head><body><main><h1>t</h1>\n\
         <article id=\"source\">{text}<i id=\"end\"></i></article>\n<p id=\"after\">after</p></main></body></html>"
    )
}

/// What a browser reads inside `#source`; an error if the text reaches out of it.
pub(crate) fn events(text: &str) -> Result<Vec<Event>, TestCaseError> {
    let document = scraper::Html::parse_document(&page(text));
    for (id, around) in
        [("source", "html body main"), ("end", "html body main article"), ("after", "html body main")]
    {
        let mut named =
            document.tree.nodes().filter(|node| attribute(*node, "id").is_some_and(|found| found == id));
        let Some(node) = named.next() else { return Err(TestCaseError::fail(format!("no #{id}: {text}"))) };
        prop_assert!(named.next().is_none(), "a second #{id}: {text}");
        prop_assert_eq!(path(node), around, "#source is closed early, or something in it late: {}", text);
    }
    let source = document.tree.nodes().find(|node| attribute(*node, "id") == Some("source"));
    let mut events = source.map(inside).unwrap_or_default();
    // What the page puts at the end is not the text's.
    events.truncate(events.len().saturating_sub(2));
    Ok(events)
}

/// The elements around a node, the outermost first.
fn path(node: NodeRef<'_, Node>) -> String {
    let mut path: Vec<&str> =
        node.ancestors().filter_map(|node| node.value().as_element()).map(|element| element.name()).collect();
    path.reverse();
    path.join(" ")
}

fn attribute<'n>(node: NodeRef<'n, Node>, key: &str) -> Option<&'n str> {
    node.value().as_element().and_then(|element| element.attr(key))
}

fn inside(root: NodeRef<'_, Node>) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) if node != root => match node.value() {
                Node::Element(element) => {
                    let attributes =
                        element.attrs().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
                    events.push(Event::Open(element.name().to_owned(), attributes));
                }
                Node::Text(words) => match events.last_mut() {
                    Some(Event::Text(before)) => before.push_str(words),
                    _ => events.push(Event::Text(words.to_string())),
                },
                other => events.push(Event::Open(format!("{other:?}"), Default::default())),
            },
            Edge::Close(node) if node != root => {
                if let Node::Element(element) = node.value() {
                    events.push(Event::Close(element.name().to_owned()));
                }
            }
            _ => {}
        }
    }
    events
}

/// What the DOM calls `textContent`.
pub(crate) fn text_content(events: &[Event]) -> String {
    let words = events.iter().filter_map(|event| match event {
        Event::Text(words) => Some(words.as_str()),
        Event::Open(..) | Event::Close(_) => None,
    });
    words.collect()
}

/// Whether an element stands on lines of its own, so that its border is white space.
pub(crate) fn parts_words(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "pre"
            | "blockquote"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "div"
            | "section"
            | "figure"
            | "figcaption"
            | "details"
            | "summary"
            | "hr"
            | "table"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "td"
            | "th"
            | "caption"
            | "colgroup"
            | "col"
            | "br"
            | "center"
    )
}
