//! Reads the HTML of texts and notes as a tree.

use scraper::node::Element;
use scraper::{Html, Node};

/// A node of the tree.
pub(crate) type NodeRef<'t> = ego_tree::NodeRef<'t, Node>;

/// Parses a fragment of HTML. The joined text nodes of a text's HTML are its reading text.
pub(crate) fn parse(html: &str) -> Html {
    Html::parse_fragment(html)
}

/// The top-level nodes of a fragment.
pub(crate) fn children(html: &Html) -> impl Iterator<Item = NodeRef<'_>> {
    html.root_element().children()
}

/// Whether `element` has the class `class`.
pub(crate) fn has_class(element: &Element, class: &str) -> bool {
    element.attr("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|name| name == class))
}

/// The words of a fragment of HTML: blocks on lines of their own, and everything else on one line.
pub(crate) fn plain(html: &str) -> String {
    let tree = parse(html);
    let mut out = String::new();
    for child in children(&tree) {
        write_plain(child, &mut out);
    }
    let lines: Vec<String> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn write_plain(node: NodeRef<'_>, out: &mut String) {
    match node.value() {
        Node::Text(text) => {
            let pre = node.ancestors().any(|above| is(above, "pre"));
            out.push_str(&if pre { text.to_string() } else { text.replace('\n', " ") });
        }
        Node::Element(element) => {
            if element.name() == "img" {
                out.push_str(element.attr("alt").unwrap_or_default());
            }
            for child in node.children() {
                write_plain(child, out);
            }
            if crate::html::is_block(element.name()) || element.name() == "br" {
                out.push('\n');
            }
        }
        _ => {}
    }
}

/// Whether `node` is an element with this name.
pub(crate) fn is(node: NodeRef<'_>, name: &str) -> bool {
    node.value().as_element().is_some_and(|element| element.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_a_line_for_each_block() {
        let html =
            "<p>a <em>b</em>\nc</p>\n<ul><li>d</li>\n<li>e &amp; f</li></ul><pre><code>g\n  h\n</code></pre>";
        assert_eq!(plain(html), "a b c\nd\ne & f\ng\nh");
    }
}
