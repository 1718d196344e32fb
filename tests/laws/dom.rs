//! Parses the HTML of a text inside a page, as a browser does.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use scraper::node::Node;

use super::markup::Event;

/// The HTML of a text inside a page like those of the theme.
pub(crate) fn page(text: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>t</title></head><body><main><h1>t</h1>\n\
         <article id=\"source\">{text}<i id=\"end\"></i></article>\n<p id=\"after\">after</p></main></body></html>"
    )
}

/// The content of `#source`; an error if the text affects the page outside it.
pub(crate) fn events(text: &str) -> Result<Vec<Event>, TestCaseError> {
    let document = scraper::Html::parse_document(&page(text));
    for (id, around) in
        [("source", "html body main"), ("end", "html body main article"), ("after", "html body main")]
    {
        let mut named =
            document.tree.nodes().filter(|node| attribute(*node, "id").is_some_and(|found| found == id));
        let Some(node) = named.next() else { return Err(TestCaseError::fail(format!("no #{id}: {text}"))) };
        prop_assert!(named.next().is_none(), "a second #{id}: {text}");
        prop_assert_eq!(
            path(node),
            around,
            "#source is closed too early, or an element in it too late: {}",
            text
        );
    }
    let source = document.tree.nodes().find(|node| attribute(*node, "id") == Some("source"));
    let mut events = source.map(inside).unwrap_or_default();
    // The last two events are added by the page, not by the text.
    events.truncate(events.len().saturating_sub(2));
    Ok(events)
}

/// The ancestors of a node, outermost first.
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

/// The `textContent` of the DOM.
pub(crate) fn text_content(events: &[Event]) -> String {
    let words = events.iter().filter_map(|event| match event {
        Event::Text(words) => Some(words.as_str()),
        Event::Open(..) | Event::Close(_) => None,
    });
    words.collect()
}

/// Whether an element is surrounded by line breaks, so that its border counts as white space.
pub(crate) fn separates_words(name: &str) -> bool {
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
