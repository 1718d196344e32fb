//! What a worksheet adds to the text: a line for the name, and a table to fill in.

use super::body::Body;
use crate::export::format::ExportContext;

/// The number of empty rows.
const ROWS: usize = 12;

/// Writes a line for the name and the date, and the task.
pub(super) fn name_line(body: &mut Body<'_>, context: &ExportContext<'_>) {
    let (name, date) = (context.string("worksheet_name"), context.string("worksheet_date"));
    body.paragraph("Subtitle", &format!("{name}: ______________________________    {date}: ______________"));
    body.paragraph("Subtitle", context.string("worksheet_task"));
}

/// Writes the table for kinds, verdicts and reasons, and what they can be.
pub(super) fn to_fill_in(body: &mut Body<'_>, context: &ExportContext<'_>) {
    body.paragraph("WorksHeading", context.string("worksheet_table"));
    for kind in &context.site.kinds {
        let verdicts: Vec<&str> = kind.verdicts.iter().map(|verdict| verdict.label.as_str()).collect();
        let verdicts = if verdicts.is_empty() { String::new() } else { format!(": {}", verdicts.join(", ")) };
        body.paragraph("Work", &format!("{} {}{verdicts}", kind.symbol, kind.label));
    }
    let names = ["worksheet_lines", "worksheet_words", "kind", "verdict", "worksheet_reasons"];
    let widths = ["900", "2700", "1300", "1300", "2900"];
    let xml = body.runs().xml();
    xml.open("w:tbl", &[]);
    xml.open("w:tblPr", &[]);
    xml.empty("w:tblStyle", &[("w:val", "TableGrid")]);
    xml.empty("w:tblW", &[("w:w", "9100"), ("w:type", "dxa")]);
    xml.empty("w:tblLayout", &[("w:type", "fixed")]);
    xml.close();
    xml.open("w:tblGrid", &[]);
    widths.iter().for_each(|width| xml.empty("w:gridCol", &[("w:w", width)]));
    xml.close();
    for row in 0..=ROWS {
        xml.open("w:tr", &[]);
        xml.open("w:trPr", &[]);
        xml.empty("w:cantSplit", &[]);
        if row == 0 {
            xml.empty("w:tblHeader", &[]);
        } else {
            xml.empty("w:trHeight", &[("w:val", "900"), ("w:hRule", "atLeast")]);
        }
        xml.close();
        for (name, width) in names.iter().zip(widths) {
            xml.open("w:tc", &[]);
            xml.open("w:tcPr", &[]);
            xml.empty("w:tcW", &[("w:w", width), ("w:type", "dxa")]);
            xml.close();
            let style = if row == 0 { "TableHead" } else { "TableWords" };
            xml.raw(&format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>"));
            if row == 0 {
                xml.raw("<w:r><w:rPr><w:b/><w:bCs/></w:rPr>");
                xml.element("w:t", &[], context.string(name));
                xml.raw("</w:r>");
            }
            xml.raw("</w:p>");
            xml.close();
        }
        xml.close();
    }
    xml.close();
    xml.raw("<w:p><w:pPr><w:pStyle w:val=\"AfterTable\"/></w:pPr></w:p>");
}
