//! Parses the dates of bibliographies: ISO 8601 with its extensions, and dates in words.

use crate::bibliography::item::{Date, Day, RangeEnd};

/// The first letters of month names.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Season names, numbered as in [`Day::month`].
const SEASONS: [(&str, u8); 5] =
    [("spring", 13), ("summer", 14), ("autumn", 15), ("fall", 15), ("winter", 16)];

/// Parses a date in ISO 8601 or EDTF: `2019-03-14`, `2019-03`, `1984/1986`, `1723~`, `2001-21`.
pub(super) fn iso(text: &str) -> Option<Date> {
    let text = text.trim();
    let circa = text.contains(['~', '?', '%']);
    let bare: String = text.chars().filter(|c| !"~?%".contains(*c)).collect();
    let mut parts = bare.split('/').map(str::trim);
    let (first, second) = (parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let open = |part: &str| part.is_empty() || part == ".." || part == "open" || part == "unknown";
    let date = match second {
        None => Date::on(day(first)?),
        Some(end) if open(end) => Date { end: Some(RangeEnd::Open), ..Date::on(day(first)?) },
        Some(end) if open(first) => Date::on(day(end)?),
        Some(end) => Date { end: Some(RangeEnd::Day(day(end)?)), ..Date::on(day(first)?) },
    };
    Some(Date { circa, ..date })
}

/// A day, a month, a season or a year in ISO 8601.
fn day(text: &str) -> Option<Day> {
    let text = text.split('T').next().unwrap_or_default();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let mut parts = digits.split('-');
    let year = parts
        .next()
        .filter(|year| (1..=6).contains(&year.len()) && year.bytes().all(|b| b.is_ascii_digit()))?;
    let year: i32 = year.parse().ok()?;
    // ISO 8601 has a year 0, which is 1 BC.
    let year = if sign < 0 || year == 0 { -year - 1 } else { year };
    let month = match parts.next() {
        None => None,
        Some(month) => Some(iso_month(month.parse().ok()?)?),
    };
    let day = match parts.next() {
        None => None,
        Some(day) => Some(day.parse().ok().filter(|day| (1..=31).contains(day))?),
    };
    parts.next().is_none().then_some(Day { year, month, day })
}

/// Converts a month, or a season from 21, to the numbers of [`Day::month`].
fn iso_month(number: u8) -> Option<u8> {
    match number {
        1..=12 => Some(number),
        21..=24 => Some(number - 8),
        _ => None,
    }
}

/// Parses a month or season, with an optional end of a range and day: `nov`, `11`, `1 December`, `Nov-Dec`,
/// `Spring`.
pub(super) fn month(text: &str) -> (Option<u8>, Option<u8>, Option<u8>) {
    let lower = text.to_lowercase();
    let is_gap = |c: char| !c.is_alphanumeric();
    let (mut months, mut day) = (Vec::new(), None);
    for word in lower.split(is_gap).filter(|word| !word.is_empty()) {
        let digits = word.trim_end_matches(char::is_alphabetic);
        if let Ok(number) = digits.parse::<u8>() {
            let alone = lower.trim().bytes().all(|b| b.is_ascii_digit());
            match iso_month(number).filter(|_| alone) {
                Some(month) => months.push(month),
                None if (1..=31).contains(&number) => day = day.or(Some(number)),
                None => {}
            }
        } else {
            months.extend(named_month(word));
        }
    }
    let end = months.get(1).copied();
    let first = months.first().copied();
    (first, day.filter(|_| first.is_some() && end.is_none()), end)
}

/// A month or season by name.
fn named_month(word: &str) -> Option<u8> {
    let word = word.to_lowercase();
    let season = SEASONS.iter().find(|(name, _)| *name == word).map(|(_, season)| *season);
    let month = word.get(..3).and_then(|start| MONTHS.iter().position(|name| *name == start));
    let full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month = month.filter(|at| full[*at].starts_with(word.as_str()) || word == "sept");
    season.or(month.and_then(|at| u8::try_from(at + 1).ok()))
}

/// Parses a date in words: "2017 Apr 5", "April 5, 2017", "2017 Spring", "2017 Mar-Apr". Other text is kept as a
/// literal date, except words for "no date": styles have a term for that.
pub(super) fn words(text: &str) -> Date {
    let text = text.trim();
    if let Some(date) = iso(text) {
        return date;
    }
    if is_no_date(text) {
        return Date::default();
    }
    let is_year = |word: &&str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let mut years = text.split(|c: char| !c.is_alphanumeric()).filter(is_year);
    let Some(year) = years.next() else { return Date::literal(text) };
    let rest = text.replacen(year, " ", 1);
    let year: i32 = year.parse().unwrap_or_default();
    let end_year: Option<i32> = years.next().and_then(|year| year.parse().ok());
    let rest = end_year.map_or_else(|| rest.clone(), |end| rest.replacen(&end.to_string(), " ", 1));
    let circa = ["ca.", "c.", "circa"].iter().any(|mark| rest.to_lowercase().contains(mark));
    let (month, day, end_month) = month(&rest);
    // Text with other letters is not only a date: "2010a", "n.d. (1999 reprint)".
    let known = rest.split(|c: char| !c.is_alphanumeric()).all(|word| {
        word.is_empty()
            || named_month(word).is_some()
            || word.bytes().all(|b| b.is_ascii_digit())
            || ["ca", "c", "circa"].contains(&word.to_lowercase().as_str())
    });
    if !known {
        return Date::literal(text);
    }
    let start = Day { year, month, day };
    let end = match (end_year, end_month) {
        (Some(year), month) => Some(Day { year, month, day: None }),
        (None, Some(month)) => Some(Day { year, month: Some(month), day: None }),
        (None, None) => None,
    };
    Date { circa, end: end.map(RangeEnd::Day), ..Date::on(start) }
}

/// Whether the text says that there is no date: `n.d.`, `no date`, `s.a.`, `o. J.`
fn is_no_date(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    ["nd", "nodate", "undated", "sa", "sinedata", "oj", "sd"].contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> (i32, Option<u8>, Option<u8>) {
        let day = words(text).start.unwrap();
        (day.year, day.month, day.day)
    }

    #[test]
    fn iso_dates() {
        assert_eq!(start("2019-03-14"), (2019, Some(3), Some(14)));
        assert_eq!(start("2001-21"), (2001, Some(13), None));
        assert_eq!(start("-0044"), (-45, None, None));
        assert!(iso("1723~").unwrap().circa);
        assert_eq!(
            iso("1984/1986").unwrap().end,
            Some(RangeEnd::Day(Day { year: 1986, month: None, day: None }))
        );
        assert_eq!(iso("1984/").unwrap().end, Some(RangeEnd::Open));
        assert_eq!(iso("in press"), None);
        assert_eq!(iso("2001-13"), None);
    }

    #[test]
    fn dates_in_words() {
        assert_eq!(start("2017 Apr 5"), (2017, Some(4), Some(5)));
        assert_eq!(start("April 5, 2017"), (2017, Some(4), Some(5)));
        assert_eq!(start("2017 Spring"), (2017, Some(13), None));
        let range = words("2017 Mar-Apr");
        assert_eq!(range.end, Some(RangeEnd::Day(Day { year: 2017, month: Some(4), day: None })));
        assert_eq!(words("forthcoming").literal, "forthcoming");
        assert_eq!(words("1999 reprint").literal, "1999 reprint");
        assert_eq!([words("n.d."), words("[No date]")], [Date::default(), Date::default()]);
    }

    #[test]
    fn month_formats() {
        assert_eq!(month(" nov "), (Some(11), None, None));
        assert_eq!(month("1 December"), (Some(12), Some(1), None));
        assert_eq!(month("Nov-Dec"), (Some(11), None, Some(12)));
        assert_eq!(month("03"), (Some(3), None, None));
        assert_eq!(month("sometime"), (None, None, None));
    }
}
