//! The text's own footnotes: Word's footnotes, or a list at the end of the text.

use scraper::node::Element;

use super::super::runs::Run;
use super::Body;
use crate::export::dom::{self, NodeRef, has_class};

impl Body<'_> {
    /// Writes the text's own footnotes: those that are referred to as Word's footnotes, the others as paragraphs.
    pub(super) fn footnotes(&mut self, node: NodeRef<'_>, run: &Run) {
        for list in node.children() {
            if !dom::is(list, "ol") {
                self.node(list, run);
                continue;
            }
            for item in list.children() {
                let id = item.descendants().find_map(|below| {
                    below.value().as_element()?.attr("id").filter(|id| id.starts_with("t-fn-"))
                });
                let number = id
                    .filter(|_| !self.footnotes_as_list)
                    .and_then(|id| self.referred.iter().position(|known| known == id));
                let Some(number) = number else {
                    self.node(item, run);
                    continue;
                };
                self.close_paragraph();
                let outer = self.runs.swap_story(std::mem::take(&mut self.package.footnotes));
                self.in_footnote = true;
                let id = (number + 1).to_string();
                self.runs.xml().open("w:footnote", &[("w:id", &id)]);
                self.open_paragraph();
                self.runs.footnote_number();
                self.footnote_paragraphs(item, run);
                self.close_paragraph();
                self.runs.xml().close();
                self.in_footnote = false;
                self.package.footnotes = self.runs.swap_story(outer);
            }
        }
    }

    /// Writes the paragraphs of a footnote, the first one behind its number.
    fn footnote_paragraphs(&mut self, item: NodeRef<'_>, run: &Run) {
        let mut is_first = true;
        for child in item.children() {
            if is_first && dom::is(child, "p") {
                is_first = false;
                self.children(child, run);
                self.close_paragraph();
            } else {
                self.node(child, run);
            }
        }
    }

    /// Writes a reference to a footnote.
    pub(super) fn footnote_reference(&mut self, element: &Element) {
        let Some(target) = element.attr("href").and_then(|href| href.strip_prefix('#')) else { return };
        self.open_paragraph();
        self.runs.before_words();
        // Word allows footnotes neither in comments nor in footnotes; there the number is text.
        if self.in_footnote || self.footnotes_as_list || !self.is_text {
            let number = element.attr("data-number").unwrap_or_default();
            let link = self.package.link(self.context, self.page, &format!("#{target}"), self.runs.story());
            return self.runs.text(number, &Run { style: "FootnoteReference", link, ..Run::default() });
        }
        match self.referred.iter().position(|known| known == target) {
            Some(known) => self.runs.footnote_again(known + 1),
            None => {
                self.referred.push(target.to_owned());
                self.runs.footnote(self.referred.len());
            }
        }
    }
}

/// The offset in the reading text at which the text's own footnotes begin.
pub(super) fn start_of_footnotes(tree: &scraper::Html) -> usize {
    let mut offset = 0;
    for child in dom::children(tree) {
        if child.value().as_element().is_some_and(|element| has_class(element, "footnotes")) {
            return offset;
        }
        let texts = child.descendants().filter_map(|below| below.value().as_text());
        offset += texts.map(|text| text.len()).sum::<usize>();
    }
    usize::MAX
}
