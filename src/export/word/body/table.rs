//! Tables: cells over several columns and rows, and the order of text in them.

use scraper::Node;
use scraper::node::Element;

use super::super::runs::Run;
use super::Body;
use crate::export::dom::{self, NodeRef, has_class};

impl Body<'_> {
    /// Writes a table.
    pub(super) fn table(&mut self, node: NodeRef<'_>, run: &Run) {
        for child in node.children().filter(|child| dom::is(*child, "caption")) {
            self.node(child, run);
        }
        let rows: Vec<NodeRef<'_>> = node.descendants().filter(|below| dom::is(*below, "tr")).collect();
        let rows: Vec<NodeRef<'_>> =
            rows.into_iter().filter(|row| table_of(*row) == Some(node.id())).collect();
        let columns = rows.iter().map(|row| row_width(*row)).max().unwrap_or(1).clamp(1, 63);
        let rtl = self.block.rtl;
        let outer_items = std::mem::take(&mut self.items);
        let outer_block = self.block;
        self.block.indent = 0;
        let xml = self.runs.xml();
        xml.open("w:tbl", &[]);
        xml.open("w:tblPr", &[]);
        xml.empty("w:tblStyle", &[("w:val", "TableGrid")]);
        if rtl {
            xml.empty("w:bidiVisual", &[]);
        }
        xml.empty("w:tblW", &[("w:w", "0"), ("w:type", "auto")]);
        xml.close();
        xml.open("w:tblGrid", &[]);
        for _ in 0..columns {
            xml.empty("w:gridCol", &[("w:w", &(9000 / columns).to_string())]);
        }
        xml.close();
        let mut above = vec![0; columns];
        for child in node.children() {
            self.table_part(child, run, &mut above);
        }
        self.runs.xml().close();
        self.items = outer_items;
        self.block = outer_block;
        // Word joins two tables that have no paragraph between them.
        self.runs.xml().raw("<w:p><w:pPr><w:pStyle w:val=\"AfterTable\"/></w:pPr></w:p>");
    }

    /// Writes a row, or the rows of a part of a table. White space between rows is only counted.
    fn table_part(&mut self, node: NodeRef<'_>, run: &Run, above: &mut [usize]) {
        match node.value() {
            Node::Text(text) => self.at += text.len(),
            Node::Element(element) => match element.name() {
                "tr" => self.row(node, run, above),
                "caption" => {}
                _ => node.children().for_each(|child| self.table_part(child, run, above)),
            },
            _ => {}
        }
    }

    /// Writes a row; `above` says for each column for how many rows a cell from above still covers it.
    fn row(&mut self, row: NodeRef<'_>, run: &Run, above: &mut [usize]) {
        self.runs.xml().open("w:tr", &[]);
        if row.parent().is_some_and(|part| dom::is(part, "thead")) {
            self.runs.xml().raw("<w:trPr><w:tblHeader/></w:trPr>");
        }
        let mut column = 0;
        for child in row.children() {
            let Some(element) = child.value().as_element() else {
                if let Node::Text(text) = child.value() {
                    self.at += text.len();
                    self.end_until(self.at);
                }
                continue;
            };
            self.covered(&mut column, above);
            let room = above.len().saturating_sub(column).max(1);
            let width = span(element, "colspan").min(room);
            let height = span(element, "rowspan");
            for covered in above.iter_mut().skip(column).take(width) {
                *covered = height - 1;
            }
            self.cell(child, element, run, width, height);
            column += width;
        }
        self.covered(&mut column, above);
        while column < above.len() {
            self.runs.xml().raw("<w:tc><w:tcPr/><w:p/></w:tc>");
            column += 1;
        }
        self.runs.xml().close();
    }

    /// Writes the cells that are covered by a cell from above.
    fn covered(&mut self, column: &mut usize, above: &mut [usize]) {
        while let Some(rows) = above.get_mut(*column).filter(|rows| **rows > 0) {
            *rows -= 1;
            self.runs.xml().raw("<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>");
            *column += 1;
        }
    }

    fn cell(&mut self, node: NodeRef<'_>, element: &Element, run: &Run, width: usize, height: usize) {
        let xml = self.runs.xml();
        xml.open("w:tc", &[]);
        xml.open("w:tcPr", &[]);
        if width > 1 {
            xml.empty("w:gridSpan", &[("w:val", &width.to_string())]);
        }
        if height > 1 {
            xml.empty("w:vMerge", &[("w:val", "restart")]);
        }
        xml.close();
        let outer = self.block;
        let is_head = element.name() == "th";
        self.block.style = if is_head { "TableHead" } else { "TableWords" };
        self.block.align =
            ["center", "right"].into_iter().find(|side| has_class(element, side)).unwrap_or("");
        let before = self.paragraphs;
        self.children(node, &Run { bold: is_head || run.bold, ..run.clone() });
        if self.paragraphs == before {
            self.open_paragraph();
        }
        self.close_paragraph();
        self.block = outer;
        self.runs.xml().close();
    }
}

/// The table that contains a row.
fn table_of(row: NodeRef<'_>) -> Option<ego_tree::NodeId> {
    row.ancestors().find(|above| dom::is(*above, "table")).map(|table| table.id())
}

/// How many columns the cells of a row cover.
fn row_width(row: NodeRef<'_>) -> usize {
    let cells = row.children().filter_map(|child| child.value().as_element());
    cells.map(|cell| span(cell, "colspan")).sum()
}

/// The value of `colspan` or `rowspan`.
fn span(element: &Element, name: &str) -> usize {
    element.attr(name).and_then(|value| value.parse().ok()).unwrap_or(1).clamp(1, 63)
}
