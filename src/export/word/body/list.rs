//! Lists: bullets, numbers and tasks.

use scraper::node::Element;

use super::super::numbering::{DEEPEST, Marker};
use super::super::runs::Run;
use super::{Body, Item};
use crate::export::dom::{NodeRef, has_class};

impl Body<'_> {
    /// Writes a list.
    pub(super) fn list(&mut self, node: NodeRef<'_>, element: &Element, run: &Run) {
        let marker = match element.name() {
            "ol" => {
                let start = element.attr("start").and_then(|start| start.parse().ok());
                Marker::Number(start.unwrap_or(1).min(32_767))
            }
            _ => Marker::Bullet,
        };
        let list = self.package.lists.add(marker);
        let outer = std::mem::replace(&mut self.lists, list);
        self.children(node, run);
        self.lists = outer;
        self.close_paragraph();
    }

    /// Writes an item of a list.
    pub(super) fn item(&mut self, node: NodeRef<'_>, element: &Element, run: &Run) {
        let task = node.descendants().take(4).find_map(|below| {
            let element = below.value().as_element().filter(|element| has_class(element, "task"))?;
            element.attr("data-done")
        });
        let list = match task {
            Some("true") => self.package.lists.add(Marker::Done),
            Some(_) => self.package.lists.add(Marker::Open),
            None => match element.attr("value").and_then(|value| value.parse::<u32>().ok()) {
                Some(value) => {
                    self.lists = self.package.lists.add(Marker::Number(value.min(32_767)));
                    self.lists
                }
                None if self.lists == 0 => self.package.lists.add(Marker::Bullet),
                None => self.lists,
            },
        };
        let level = self.items.len().min(DEEPEST);
        self.items.push(Item { list, level, marked: false });
        self.children(node, run);
        self.close_paragraph();
        self.items.pop();
    }
}
