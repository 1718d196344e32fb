//! The data of a work, in the variables of the Citation Style Language (CSL).
//!
//! All input formats are read into [`Item`]; the style engine and all exports use it.
//!
//! Text may contain the markup that CSL-JSON allows: `<i>`, `<b>`, `<sup>`, `<sub>`, `<sc>` and
//! `<span class="nocase">`.

use hayagriva::citationberg::taxonomy::{DateVariable, NameVariable, PageVariable};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

pub(crate) use hayagriva::citationberg::taxonomy::{Kind, StandardVariable, Variable};

/// A work, described by CSL variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The key by which the work is cited.
    pub key: String,
    /// The type of the work: book, article, webpage.
    pub kind: Kind,
    /// Whether the bibliography gives no type, like BibTeX's `misc`. Styles have rules of their own for the type
    /// `document`, which do not apply then.
    pub untyped: bool,
    fields: Vec<(Variable, String)>,
    names: Vec<(NameVariable, Vec<Name>)>,
    dates: Vec<(DateVariable, Date)>,
}

impl Default for Item {
    fn default() -> Self {
        Self::new("", Kind::Document)
    }
}

/// A person or an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    /// The family name, or the whole name of an organization.
    pub family: String,
    /// The given names.
    pub given: String,
    /// A particle that always stays with the family name: "van" in "van Gogh".
    pub particle: String,
    /// A particle that is dropped if only the family name is shown: "von" in "Alexander von Humboldt".
    pub dropping_particle: String,
    /// The suffix: "Jr.", "III".
    pub suffix: String,
    /// Whether a comma precedes the suffix even in "Given Family, Suffix".
    pub comma_suffix: bool,
    /// Whether `family` is the whole name, which is never inverted or abbreviated.
    pub literal: bool,
    /// Whether this entry means "and others": further people who are not named.
    pub others: bool,
}

/// A date, or a range of dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Date {
    /// The date, or the start of the range; `None` if only `literal` is known.
    pub start: Option<Day>,
    /// The end of a range.
    pub end: Option<RangeEnd>,
    /// Whether the date is approximate.
    pub circa: bool,
    /// Text instead of a date: "in press".
    pub literal: String,
}

/// The end of a date range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RangeEnd {
    /// The range ends on this day.
    Day(Day),
    /// The range has not ended.
    Open,
}

/// A day, a month, a season or a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    /// The year; negative years are BC, and -1 is 1 BC.
    pub year: i32,
    /// The month from 1 to 12, or a season from 13 (spring) to 16 (winter).
    pub month: Option<u8>,
    /// The day of the month, from 1.
    pub day: Option<u8>,
}

impl Day {
    /// The date in ISO 8601; only the year for a season.
    pub(crate) fn iso(self) -> String {
        let year = match self.year {
            year @ 1.. => format!("{year:04}"),
            // ISO 8601 has a year 0.
            year => format!("{}{:04}", if year == -1 { "" } else { "-" }, -(year + 1)),
        };
        match (self.month.filter(|month| *month <= 12), self.day) {
            (Some(month), Some(day)) => format!("{year}-{month:02}-{day:02}"),
            (Some(month), None) => format!("{year}-{month:02}"),
            (None, _) => year,
        }
    }

    /// The season, from 1 (spring) to 4 (winter).
    pub(crate) fn season(self) -> Option<u8> {
        self.month.filter(|month| *month > 12).map(|month| month - 12)
    }
}

impl Date {
    /// A single day, month or year.
    pub(crate) fn on(day: Day) -> Self {
        Self { start: Some(day), ..Self::default() }
    }

    /// A date that is only known as text; empty if `words` is blank.
    pub(crate) fn literal(words: &str) -> Self {
        Self { literal: words.trim().to_owned(), ..Self::default() }
    }
}

impl Name {
    /// An organization, or another name that is shown unchanged.
    pub(crate) fn literal(name: impl Into<String>) -> Self {
        Self { family: name.into(), literal: true, ..Self::default() }
    }

    /// "And others": further people who are not named.
    pub(crate) fn others() -> Self {
        Self { others: true, ..Self::default() }
    }

    /// The family name with its non-dropping particle.
    pub(crate) fn short(&self) -> String {
        joined(&self.particle, &self.family)
    }
}

/// A particle and a family name, with a space unless the particle ends in an apostrophe or a hyphen.
pub(super) fn joined(particle: &str, family: &str) -> String {
    let gap = if particle.is_empty() || particle.ends_with(['\'', '’', '-']) { "" } else { " " };
    format!("{particle}{gap}{family}")
}

impl Item {
    /// A work with a key and a type only.
    pub(crate) fn new(key: impl Into<String>, kind: Kind) -> Self {
        Self {
            key: key.into(),
            kind,
            untyped: false,
            fields: Vec::new(),
            names: Vec::new(),
            dates: Vec::new(),
        }
    }

    /// The text of a variable.
    pub(crate) fn field(&self, variable: impl Into<Variable>) -> Option<&str> {
        let wanted = variable.into();
        self.fields.iter().find(|(variable, _)| *variable == wanted).map(|(_, text)| text.as_str())
    }

    /// The text of a variable, empty if it has none.
    pub(crate) fn text(&self, variable: impl Into<Variable>) -> &str {
        self.field(variable).unwrap_or_default()
    }

    /// Sets a variable; blank text removes it.
    pub(crate) fn set(&mut self, variable: impl Into<Variable>, text: impl AsRef<str>) {
        let (wanted, text) = (variable.into(), text.as_ref().trim());
        self.fields.retain(|(variable, _)| *variable != wanted);
        if !text.is_empty() {
            self.fields.push((wanted, text.to_owned()));
        }
    }

    /// Sets a variable unless it already has text.
    pub(crate) fn set_missing(&mut self, variable: impl Into<Variable>, text: impl AsRef<str>) {
        let variable = variable.into();
        if self.field(variable).is_none() {
            self.set(variable, text);
        }
    }

    /// All variables with text, in the order they were set.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (Variable, &str)> {
        self.fields.iter().map(|(variable, text)| (*variable, text.as_str()))
    }

    /// The people in a role.
    pub(crate) fn names(&self, role: NameVariable) -> &[Name] {
        self.names.iter().find(|(known, _)| *known == role).map_or(&[], |(_, names)| names)
    }

    /// Sets the people in a role.
    pub(crate) fn set_names(&mut self, role: NameVariable, names: Vec<Name>) {
        self.names.retain(|(known, _)| *known != role);
        if !names.is_empty() {
            self.names.push((role, names));
        }
    }

    /// All roles with their people.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = (NameVariable, &[Name])> {
        self.names.iter().map(|(role, names)| (*role, names.as_slice()))
    }

    /// A date.
    pub(crate) fn date(&self, variable: DateVariable) -> Option<&Date> {
        self.dates.iter().find(|(known, _)| *known == variable).map(|(_, date)| date)
    }

    /// Sets a date.
    pub(crate) fn set_date(&mut self, variable: DateVariable, date: Date) {
        self.dates.retain(|(known, _)| *known != variable);
        if date.start.is_some() || !date.literal.is_empty() {
            self.dates.push((variable, date));
        }
    }

    /// All dates.
    pub(crate) fn all_dates(&self) -> impl Iterator<Item = (DateVariable, &Date)> {
        self.dates.iter().map(|(variable, date)| (*variable, date))
    }
}

/// The CSL variable with this name: `title`, `DOI`, `page`.
pub(crate) fn variable(name: &str) -> Option<Variable> {
    let deserializer: StrDeserializer<'_, Error> = name.into_deserializer();
    Variable::deserialize(deserializer).ok()
}

/// The CSL name of a type of work: `article-journal`.
pub(crate) fn kind_name(kind: Kind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("document").to_owned()
}

/// The pages.
pub(crate) const PAGE: Variable = Variable::Page(PageVariable::Page);
/// The title.
pub(crate) const TITLE: Variable = Variable::Standard(StandardVariable::Title);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_their_csl_names() {
        assert_eq!(variable("DOI"), Some(StandardVariable::DOI.into()));
        assert_eq!(variable("page"), Some(PAGE));
        assert_eq!(variable("author"), Some(Variable::Name(NameVariable::Author)));
        assert_eq!(variable("custom"), None);
        assert_eq!(kind_name(Kind::ArticleJournal), "article-journal");
        assert_eq!(kind_name(Kind::LegalCase), "legal_case");
    }

    #[test]
    fn years_bc_are_written_in_iso_8601() {
        assert_eq!(Day { year: -44, month: None, day: None }.iso(), "-0043");
        assert_eq!(Day { year: -1, month: None, day: None }.iso(), "0000");
        assert_eq!(Day { year: 2020, month: Some(14), day: None }.iso(), "2020");
    }

    #[test]
    fn blank_text_removes_a_variable() {
        let mut item = Item::new("a", Kind::Book);
        item.set(TITLE, " x ");
        assert_eq!(item.text(TITLE), "x");
        item.set(TITLE, " ");
        assert_eq!(item.field(TITLE), None);
    }
}
