//! Dates, date ranges and seasons.

use hayagriva::citationberg::taxonomy::{DateVariable, OtherTerm, Season, Variable};
use hayagriva::citationberg::{
    Date as DateElement, DateDayForm, DateMonthForm, DatePart, DatePartName, DateParts, DateStrongAnyForm,
    LongShortForm, TermForm,
};

use super::case;
use super::number::ordinal;
use super::output::{Role, Run, affix, apply_formatting, join, strip_periods, words};
use super::render::{Mode, Renderer};
use crate::bibliography::item::{Date, Day, RangeEnd};

/// A part of a date in the locale's format, with the style's overrides.
struct Part<'a> {
    part: &'a DatePart,
    over: Option<&'a DatePart>,
}

impl Renderer<'_> {
    /// A `cs:date` element.
    pub(super) fn date(&mut self, element: &DateElement) -> Vec<Run> {
        let Some(variable) = element.variable else { return Vec::new() };
        let date = if self.is_suppressed(Variable::Date(variable)) { None } else { self.item.date(variable) };
        self.count(date.is_some());
        let Some(date) = date else { return Vec::new() };
        self.note_substituted(Variable::Date(variable));
        let base = element.form.and_then(|form| self.terms.date(form));
        let shown = element.parts.or(base.and_then(|base| base.parts)).unwrap_or_default();
        let parts: Vec<Part<'_>> = match base {
            Some(base) => base
                .date_part
                .iter()
                .map(|part| Part { part, over: element.date_part.iter().find(|over| over.name == part.name) })
                .collect(),
            None => element.date_part.iter().map(|part| Part { part, over: None }).collect(),
        };
        let parts: Vec<Part<'_>> = parts
            .into_iter()
            .filter(|part| match part.part.name {
                DatePartName::Year => true,
                DatePartName::Month => shown != DateParts::Year,
                DatePartName::Day => shown == DateParts::YearMonthDay,
            })
            .collect();
        if self.mode == Mode::SortKey {
            return words(&sort_key(date, &parts));
        }
        let delimiter = base.map_or(&element.delimiter, |base| &base.delimiter).as_deref();
        let mut runs = match date.start {
            Some(start) => self.range(start, date.end, &parts, delimiter, variable),
            // A style that shows the year and the day in two places shows a date in words once.
            None if parts.iter().all(|part| part.part.name != DatePartName::Year) => Vec::new(),
            None => vec![Run::new(date.literal.as_str(), Role::Value)],
        };
        if runs.is_empty() {
            self.uncount();
            return runs;
        }
        if let Some(case) = element.text_case.or(base.and_then(|base| base.text_case)) {
            case::apply(&mut runs, case, true);
        }
        apply_formatting(&mut runs, &element.formatting);
        if let Some(base) = base {
            apply_formatting(&mut runs, &base.formatting);
            runs = affix(runs, base.affixes.prefix.as_ref(), base.affixes.suffix.as_ref());
        }
        affix(runs, element.affixes.prefix.as_ref(), element.affixes.suffix.as_ref())
    }

    fn range(
        &mut self,
        start: Day,
        end: Option<RangeEnd>,
        parts: &[Part<'_>],
        delimiter: Option<&str>,
        variable: DateVariable,
    ) -> Vec<Run> {
        let end = match end {
            Some(RangeEnd::Day(end)) if end != start => end,
            Some(RangeEnd::Open) => {
                let mut runs = self.parts(start, parts, true, false, delimiter, variable);
                runs.extend(words(range_delimiter(parts, DatePartName::Year)));
                return runs;
            }
            _ => return self.parts(start, parts, false, false, delimiter, variable),
        };
        // A range repeats the largest part that differs and all smaller parts.
        let differs = [DatePartName::Year, DatePartName::Month, DatePartName::Day].into_iter().find(|name| {
            parts.iter().any(|part| part.part.name == *name) && value(start, *name) != value(end, *name)
        });
        let Some(differs) = differs else {
            return self.parts(start, parts, false, false, delimiter, variable);
        };
        let is_same = |part: &Part<'_>| rank(part.part.name) < rank(differs);
        let first = parts.iter().position(|part| !is_same(part)).unwrap_or_default();
        let length = parts[first..].iter().take_while(|part| !is_same(part)).count();
        let (before, rest) = parts.split_at(first);
        let (differing, after) = rest.split_at(length);
        let mut left = self.parts(start, differing, true, false, delimiter, variable);
        left.extend(words(range_delimiter(parts, differs)));
        left.extend(self.parts(end, differing, after.is_empty(), true, delimiter, variable));
        join(
            [
                self.parts(start, before, false, false, delimiter, variable),
                left,
                self.parts(start, after, true, false, delimiter, variable),
            ],
            delimiter,
        )
    }

    /// The parts of one date. `bare_end` omits the last suffix, `bare_start` the first prefix.
    fn parts(
        &mut self,
        day: Day,
        parts: &[Part<'_>],
        bare_end: bool,
        bare_start: bool,
        delimiter: Option<&str>,
        variable: DateVariable,
    ) -> Vec<Run> {
        let shown: Vec<&Part<'_>> =
            parts.iter().filter(|part| value(day, part.part.name).is_some()).collect();
        let count = shown.len();
        let rendered: Vec<Vec<Run>> = shown
            .into_iter()
            .enumerate()
            .map(|(at, part)| {
                let mut runs = self.part(day, part, variable);
                let affixes = &part.part.affixes;
                let own = part.over.map(|over| &over.affixes);
                let prefix = own.and_then(|own| own.prefix.as_ref()).or(affixes.prefix.as_ref());
                let suffix = own.and_then(|own| own.suffix.as_ref()).or(affixes.suffix.as_ref());
                let prefix = prefix.filter(|_| !(bare_start && at == 0));
                let suffix = suffix.filter(|_| !(bare_end && at + 1 == count));
                runs = affix(runs, prefix, suffix);
                runs
            })
            .collect();
        join(rendered, delimiter)
    }

    fn part(&mut self, day: Day, part: &Part<'_>, variable: DateVariable) -> Vec<Run> {
        let Some(number) = value(day, part.part.name) else { return Vec::new() };
        let form = part.over.map_or_else(|| part.part.form(), DatePart::form);
        let text = match form {
            DateStrongAnyForm::Year(LongShortForm::Short) => format!("{:02}", number.rem_euclid(100)),
            DateStrongAnyForm::Year(LongShortForm::Long) => self.year(number),
            DateStrongAnyForm::Month(form) => self.month(number, form),
            DateStrongAnyForm::Day(DateDayForm::NumericLeadingZeros) => format!("{number:02}"),
            DateStrongAnyForm::Day(DateDayForm::Ordinal)
                if number == 1 || !self.terms.only_first_day_ordinal() =>
            {
                let month = day.month.and_then(|month| OtherTerm::month(month.checked_sub(1)?));
                ordinal(number, month.and_then(|month| self.terms.gender(month.into())), self.terms)
            }
            DateStrongAnyForm::Day(_) => number.to_string(),
        };
        let mut runs = vec![Run::new(text, Role::Value)];
        if part.part.strip_periods || part.over.is_some_and(|over| over.strip_periods) {
            strip_periods(&mut runs);
        }
        if let Some(case) = part.over.and_then(|over| over.text_case).or(part.part.text_case) {
            case::apply(&mut runs, case, true);
        }
        if part.part.name == DatePartName::Year && variable == DateVariable::Issued {
            runs.extend(self.implicit_suffix());
        }
        if let Some(over) = part.over {
            apply_formatting(&mut runs, &over.formatting);
        }
        apply_formatting(&mut runs, &part.part.formatting);
        runs
    }

    fn year(&self, year: i32) -> String {
        let era = match year {
            ..=0 => self.terms.word(OtherTerm::Bc),
            1..1000 => self.terms.word(OtherTerm::Ad),
            _ => None,
        };
        format!("{}{}", year.abs(), era.unwrap_or_default())
    }

    fn month(&self, month: i32, form: DateMonthForm) -> String {
        let number = u8::try_from(month).unwrap_or_default();
        let season = number.checked_sub(12).and_then(|season| Season::try_from_csl_number(season).ok());
        let term = match season {
            Some(season) => Some(OtherTerm::season(season)),
            None => number.checked_sub(1).and_then(OtherTerm::month),
        };
        let named = |form| {
            let term = term.and_then(|term| self.terms.term(term, form, false));
            term.map_or_else(|| month.to_string(), str::to_owned)
        };
        match form {
            DateMonthForm::Long => named(TermForm::Long),
            DateMonthForm::Short => named(TermForm::Short),
            _ if season.is_some() => named(TermForm::Long),
            DateMonthForm::Numeric => month.to_string(),
            DateMonthForm::NumericLeadingZeros => format!("{month:02}"),
        }
    }
}

fn rank(name: DatePartName) -> u8 {
    match name {
        DatePartName::Year => 0,
        DatePartName::Month => 1,
        DatePartName::Day => 2,
    }
}

fn value(day: Day, name: DatePartName) -> Option<i32> {
    match name {
        DatePartName::Year => Some(day.year),
        DatePartName::Month => day.month.map(i32::from),
        DatePartName::Day => day.day.map(i32::from),
    }
}

fn range_delimiter<'a>(parts: &'a [Part<'_>], name: DatePartName) -> &'a str {
    let part = parts.iter().find(|part| part.part.name == name);
    let own = part.and_then(|part| part.over.and_then(|over| over.range_delimiter.as_deref()));
    own.or(part.and_then(|part| part.part.range_delimiter.as_deref())).unwrap_or(DatePart::DEFAULT_DELIMITER)
}

/// A sortable text for a date; years BC come first.
fn sort_key(date: &Date, parts: &[Part<'_>]) -> String {
    let key = |day: Day| {
        let shows = |name| parts.iter().any(|part| part.part.name == name);
        let mut key = String::new();
        if shows(DatePartName::Year) {
            key += &format!("{:06}", day.year + 100_000);
        }
        // A date with only a year has the same key in all forms.
        key += &day
            .month
            .filter(|_| shows(DatePartName::Month))
            .map_or_else(String::new, |month| format!("{month:02}"));
        key +=
            &day.day.filter(|_| shows(DatePartName::Day)).map_or_else(String::new, |day| format!("{day:02}"));
        key
    };
    let end = match date.end {
        Some(RangeEnd::Day(end)) => format!("-{}", key(end)),
        _ => String::new(),
    };
    date.start.map_or_else(|| date.literal.clone(), |start| key(start) + &end)
}

/// A sortable text for all parts of a date.
pub(super) fn whole_key(date: &Date) -> String {
    let key = |day: Day| {
        format!(
            "{:06}{:02}{:02}",
            day.year + 100_000,
            day.month.unwrap_or_default(),
            day.day.unwrap_or_default()
        )
    };
    let end = match date.end {
        Some(RangeEnd::Day(end)) => format!("-{}", key(end)),
        _ => String::new(),
    };
    date.start.map_or_else(|| date.literal.clone(), |start| key(start) + &end)
}
