//! Numbers: page ranges, lists of numbers, ordinals, roman numerals.

use hayagriva::citationberg::{GrammarGender, NumberForm, PageRangeFormat};

use super::locale::Terms;

/// Whether CSL regards the text as numeric: `2`, `2nd`, `L2`, `1-3`, `2, 3 & 5`.
pub(in crate::bibliography) fn is_numeric(text: &str) -> bool {
    let digits = |part: &str| {
        let bare = part.trim().trim_matches(char::is_alphabetic);
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_digit())
    };
    !text.trim().is_empty() && text.split([',', '-', '–', '&']).all(digits)
}

/// Whether the text contains several numbers, so that its label is plural.
pub(in crate::bibliography) fn is_plural(text: &str) -> bool {
    if text.contains("\\-") {
        return false;
    }
    let parts = text.split([',', ';', '-', '–', '&', ' ']).filter(|part| !part.trim().is_empty());
    let counted = |part: &str| part.chars().any(|c| c.is_ascii_digit()) || is_roman(part);
    parts.filter(|part| counted(part)).count() > 1
}

fn is_roman(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| "ivxlcdmIVXLCDM".contains(c))
}

/// Page numbers, with ranges in the style's format.
pub(in crate::bibliography) fn pages(text: &str, format: Option<PageRangeFormat>, delimiter: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find([',', ';', '&']).unwrap_or(rest.len());
        let (range, after) = rest.split_at(end);
        out += &page_range(range.trim(), format, delimiter);
        let mut marks = after.chars();
        if let Some(mark) = marks.next() {
            out.push_str(if mark == '&' { " & " } else { "" });
            if mark != '&' {
                out.push(mark);
                out.push(' ');
            }
        }
        rest = marks.as_str().trim_start();
    }
    out
}

fn page_range(range: &str, format: Option<PageRangeFormat>, delimiter: &str) -> String {
    if range.contains("\\-") {
        return range.replace("\\-", "-");
    }
    let parts: Vec<&str> =
        range.split(['-', '–', '—']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let [start, end] = parts[..] else { return parts.join(delimiter) };
    // Page names such as `S-12` are not ranges.
    if !start.ends_with(|c: char| c.is_ascii_digit())
        && !is_roman(start)
        && end.chars().all(|c| c.is_ascii_digit())
    {
        return format!("{start}-{end}");
    }
    let Some(format) = format else { return format!("{start}{delimiter}{end}") };
    let mut out = String::new();
    match format.format(&mut out, start, end, Some(delimiter)) {
        Ok(()) => out,
        Err(_) => format!("{start}{delimiter}{end}"),
    }
}

/// A number variable in the given form. Each number in it is formatted; the text between numbers is unchanged.
pub(in crate::bibliography) fn formatted(
    text: &str,
    form: NumberForm,
    gender: Option<GrammarGender>,
    terms: &Terms,
    dash: char,
) -> String {
    if !is_numeric(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let is_mark = |c: char| c.is_whitespace() || ",-–&".contains(c);
        let end = rest.find(|c| is_mark(c) != is_mark(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        match piece.trim() {
            "-" | "–" => out.push(dash),
            "&" => out += " & ",
            mark if is_mark(first) => {
                out += mark;
                out.push(' ');
            }
            number => out += &format_number(number, form, gender, terms),
        }
    }
    out
}

fn format_number(text: &str, form: NumberForm, gender: Option<GrammarGender>, terms: &Terms) -> String {
    let Ok(number) = text.parse::<i32>() else { return text.to_owned() };
    match form {
        NumberForm::Numeric => text.to_owned(),
        NumberForm::Ordinal => ordinal(number, gender, terms),
        NumberForm::LongOrdinal => {
            let long = terms.ordinals().and_then(|ordinals| ordinals.lookup_long(number).map(str::to_owned));
            long.unwrap_or_else(|| ordinal(number, gender, terms))
        }
        NumberForm::Roman => roman(number),
    }
}

/// An ordinal number: `2nd`.
pub(in crate::bibliography) fn ordinal(number: i32, gender: Option<GrammarGender>, terms: &Terms) -> String {
    format!("{number}{}", terms.ordinal_ending(number, gender).unwrap_or_default())
}

/// A number in lower-case roman numerals. Zero and numbers that are too large stay in digits.
fn roman(mut number: i32) -> String {
    const NUMERALS: [(i32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..4000).contains(&number) {
        return number.to_string();
    }
    let mut out = String::new();
    for (value, numeral) in NUMERALS {
        while number >= value {
            out += numeral;
            number -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_lists_and_ranges() {
        assert_eq!(pages("7,41,73--97", None, "–"), "7, 41, 73–97");
        assert_eq!(pages("110-5", Some(PageRangeFormat::Expanded), "–"), "110–115");
        assert_eq!(pages("321-328", Some(PageRangeFormat::Chicago16), "–"), "321–28");
        assert_eq!(pages("S-12", None, "–"), "S-12");
        assert_eq!(pages("iv-vii & 3", None, "–"), "iv–vii & 3");
        assert_eq!(pages("e0173253", None, "–"), "e0173253");
    }

    #[test]
    fn numbers_and_plurals() {
        assert!(
            is_numeric("2nd") && is_numeric("1-3, 5") && !is_numeric("USDL-26 x") && !is_numeric("first")
        );
        assert!(is_plural("3–5") && is_plural("iv & vi") && !is_plural("12a") && !is_plural("e0173"));
    }

    #[test]
    fn leading_zeros_are_kept() {
        let terms = Terms::default();
        assert_eq!(formatted("99-02", NumberForm::Numeric, None, &terms, '-'), "99-02");
        assert_eq!(formatted("2,3", NumberForm::Roman, None, &terms, '–'), "ii, iii");
    }
}
