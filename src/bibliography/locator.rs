//! Locators, which point to a place in a work: "p. 3", "ch. 2", "3–5".

use std::borrow::Cow;

use hayagriva::citationberg::taxonomy::Locator as Kind;
use hayagriva::types::Numeric;

/// A parsed locator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locator<'a> {
    /// The type of the locator: page, chapter, figure.
    pub(super) kind: Kind,
    /// The form of the number, which is all that styles can test.
    pub(super) shape: Shape,
    /// The number as shown.
    pub(super) shown: Cow<'a, str>,
}

/// The forms of a number that styles distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shape {
    /// One number.
    One,
    /// Several numbers, which take a plural label.
    Several,
    /// Other text.
    Words,
}

/// The labels of locators, most common first.
const LABELS: &[(&str, Kind)] = &[
    ("p.", Kind::Page),
    ("pp.", Kind::Page),
    ("page", Kind::Page),
    ("pages", Kind::Page),
    ("appendix", Kind::Appendix),
    ("app.", Kind::Appendix),
    ("article", Kind::ArticleLocator),
    ("art.", Kind::ArticleLocator),
    ("books", Kind::Book),
    ("book", Kind::Book),
    ("bks.", Kind::Book),
    ("bk.", Kind::Book),
    ("chapters", Kind::Chapter),
    ("chapter", Kind::Chapter),
    ("chaps.", Kind::Chapter),
    ("chap.", Kind::Chapter),
    ("chs.", Kind::Chapter),
    ("ch.", Kind::Chapter),
    ("columns", Kind::Column),
    ("column", Kind::Column),
    ("cols.", Kind::Column),
    ("col.", Kind::Column),
    ("equations", Kind::Equation),
    ("equation", Kind::Equation),
    ("eqs.", Kind::Equation),
    ("eq.", Kind::Equation),
    ("figures", Kind::Figure),
    ("figure", Kind::Figure),
    ("figs.", Kind::Figure),
    ("fig.", Kind::Figure),
    ("folios", Kind::Folio),
    ("folio", Kind::Folio),
    ("fols.", Kind::Folio),
    ("fol.", Kind::Folio),
    ("issue", Kind::Issue),
    ("nos.", Kind::Issue),
    ("no.", Kind::Issue),
    ("lines", Kind::Line),
    ("line", Kind::Line),
    ("ll.", Kind::Line),
    ("l.", Kind::Line),
    ("notes", Kind::Note),
    ("note", Kind::Note),
    ("nn.", Kind::Note),
    ("n.", Kind::Note),
    ("opus", Kind::Opus),
    ("op.", Kind::Opus),
    ("paragraphs", Kind::Paragraph),
    ("paragraph", Kind::Paragraph),
    ("paras.", Kind::Paragraph),
    ("para.", Kind::Paragraph),
    ("¶¶", Kind::Paragraph),
    ("¶", Kind::Paragraph),
    ("parts", Kind::Part),
    ("part", Kind::Part),
    ("pts.", Kind::Part),
    ("pt.", Kind::Part),
    ("scene", Kind::Scene),
    ("sc.", Kind::Scene),
    ("sections", Kind::Section),
    ("section", Kind::Section),
    ("secs.", Kind::Section),
    ("sec.", Kind::Section),
    ("§§", Kind::Section),
    ("§", Kind::Section),
    ("supplement", Kind::Supplement),
    ("suppl.", Kind::Supplement),
    ("supp.", Kind::Supplement),
    ("tables", Kind::Table),
    ("table", Kind::Table),
    ("tbl.", Kind::Table),
    ("verses", Kind::Verse),
    ("verse", Kind::Verse),
    ("vv.", Kind::Verse),
    ("v.", Kind::Verse),
    ("volumes", Kind::Volume),
    ("volume", Kind::Volume),
    ("vols.", Kind::Volume),
    ("vol.", Kind::Volume),
];

/// The label at the start of `text`, and its length in bytes.
pub(super) fn label(text: &str) -> Option<(Kind, usize)> {
    LABELS.iter().find_map(|&(label, kind)| {
        let head = text.get(..label.len())?;
        let ends =
            label.ends_with(['.', '¶', '§']) || text.get(label.len()..)?.starts_with(char::is_whitespace);
        (head.eq_ignore_ascii_case(label) && ends).then_some((kind, label.len()))
    })
}

/// Parses a locator as written; `None` if it is empty.
///
/// A number without a label is a page; text without a number is shown unchanged.
pub(super) fn parse(written: &str) -> Option<Locator<'_>> {
    let written = written.trim();
    if written.is_empty() {
        return None;
    }
    let (kind, count) = match label(written) {
        Some((kind, length)) => (kind, written.get(length..).unwrap_or_default().trim_start()),
        None if written.starts_with(|c: char| c.is_numeric()) => (Kind::Page, written),
        None => (Kind::Custom, written),
    };
    let several = count.contains([',', '&', '–', '-']);
    Some(match count.parse::<Numeric>() {
        Ok(number) => {
            let shape = if number.is_plural(false) { Shape::Several } else { Shape::One };
            Locator { kind, shape, shown: number.to_string().into() }
        }
        Err(_) if several && kind != Kind::Custom => {
            Locator { kind, shape: Shape::Several, shown: count.replace('-', "–").into() }
        }
        Err(_) => Locator { kind, shape: Shape::Words, shown: count.into() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(written: &str) -> (Kind, Shape, String) {
        let locator = parse(written).unwrap();
        (locator.kind, locator.shape, locator.shown.into_owned())
    }

    #[test]
    fn the_label_gives_the_locator_type() {
        assert_eq!(of("p. 3"), (Kind::Page, Shape::One, "3".into()));
        assert_eq!(of("pp. 3-5"), (Kind::Page, Shape::Several, "3–5".into()));
        assert_eq!(of("ch. 2"), (Kind::Chapter, Shape::One, "2".into()));
        assert_eq!(of("Chapter 2"), (Kind::Chapter, Shape::One, "2".into()));
        assert_eq!(of("§ 4"), (Kind::Section, Shape::One, "4".into()));
        assert_eq!(of("§§4, 6"), (Kind::Section, Shape::Several, "4, 6".into()));
    }

    #[test]
    fn a_bare_number_is_a_page() {
        assert_eq!(of("3–5"), (Kind::Page, Shape::Several, "3–5".into()));
        assert_eq!(of("12a"), (Kind::Page, Shape::One, "12a".into()));
    }

    #[test]
    fn a_range_of_roman_numerals_is_plural() {
        assert_eq!(of("pp. iv-vii"), (Kind::Page, Shape::Several, "iv–vii".into()));
        assert_eq!(of("p. iv"), (Kind::Page, Shape::Words, "iv".into()));
    }

    #[test]
    fn other_text_is_kept() {
        assert_eq!(of("passim, sub-verbo"), (Kind::Custom, Shape::Words, "passim, sub-verbo".into()));
        assert_eq!(parse("  "), None);
        assert_eq!(label("pagesize 3"), None);
    }
}
