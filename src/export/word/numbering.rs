//! The numbering part of a Word document: bullets, numbers and boxes of lists.

use crate::archive::Xml;

/// The markers of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// A bullet.
    Bullet,
    /// Numbers from this one.
    Number(u32),
    /// A box of a task that is not done.
    Open,
    /// A box of a task that is done.
    Done,
}

/// The deepest level of a list that Word knows, from 0.
pub(super) const DEEPEST: usize = 8;

/// All lists of a document. A list is known by its index, from 1.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<Marker>);

impl Lists {
    /// Adds a list and returns its number. Lists without numbers share one definition.
    pub(super) fn add(&mut self, marker: Marker) -> usize {
        let shared = self.0.iter().position(|known| *known == marker && !matches!(marker, Marker::Number(_)));
        shared.map_or_else(
            || {
                self.0.push(marker);
                self.0.len()
            },
            |index| index + 1,
        )
    }

    /// The numbering part.
    pub(super) fn write(&self) -> String {
        let mut xml = Xml::document();
        xml.open("w:numbering", &[("xmlns:w", super::package::MAIN)]);
        for (id, format, text) in
            [("0", "bullet", "•"), ("1", "decimal", ""), ("2", "bullet", "☐"), ("3", "bullet", "☑")]
        {
            xml.open("w:abstractNum", &[("w:abstractNumId", id)]);
            xml.empty("w:multiLevelType", &[("w:val", "hybridMultilevel")]);
            for level in 0..=DEEPEST {
                let left = (360 * (level + 1)).to_string();
                let words = if text.is_empty() { format!("%{}.", level + 1) } else { text.to_owned() };
                xml.open("w:lvl", &[("w:ilvl", &level.to_string())]);
                xml.empty("w:start", &[("w:val", "1")]);
                xml.empty("w:numFmt", &[("w:val", format)]);
                xml.empty("w:lvlText", &[("w:val", &words)]);
                xml.empty("w:lvlJc", &[("w:val", "left")]);
                xml.open("w:pPr", &[]);
                xml.empty("w:ind", &[("w:left", &left), ("w:hanging", "360")]);
                xml.close();
                xml.close();
            }
            xml.close();
        }
        for (marker, number) in self.0.iter().zip(1..) {
            let kind = match marker {
                Marker::Bullet => "0",
                Marker::Number(_) => "1",
                Marker::Open => "2",
                Marker::Done => "3",
            };
            xml.open("w:num", &[("w:numId", &format!("{number}"))]);
            xml.empty("w:abstractNumId", &[("w:val", kind)]);
            if let Marker::Number(start) = marker {
                // Each numbered list starts anew, at whatever level it is.
                for level in 0..=DEEPEST {
                    xml.open("w:lvlOverride", &[("w:ilvl", &level.to_string())]);
                    xml.empty("w:startOverride", &[("w:val", &start.to_string())]);
                    xml.close();
                }
            }
            xml.close();
        }
        xml.finish()
    }
}
