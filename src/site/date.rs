//! Dates in front matter and `site.toml`: a day, a month or a year.

use serde::{Deserialize, Deserializer, de::Error};

/// A valid date in the form in which it was written: `2024`, `2024-01` or `2024-01-31`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// Parses `text`; `None` if it is not a valid date.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let number = |part: Option<&str>, len: usize| match part {
            None => Some(None),
            Some(p) if p.len() == len && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse::<u8>().ok().map(Some)
            }
            Some(_) => None,
        };
        let year = parts.next()?;
        let well_formed = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
        let month = number(parts.next(), 2)?;
        let day = number(parts.next(), 2)?;
        let days = days_in_month(year.parse().ok()?, month.unwrap_or(1))?;
        let day_exists = day.is_none_or(|day| (1..=days).contains(&day));
        (well_formed && day_exists && parts.next().is_none()).then(|| Self(text.to_owned()))
    }

    /// The date as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of days in a month; `month` counts from 1. `None` if there is no such month.
fn days_in_month(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Date {
    /// Accepts a TOML date (`2024-01-31`), a string (`"2024-01"`) or an integer (`2024`).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::Datetime(datetime) => {
                datetime.date.map(|date| date.to_string()).ok_or_else(|| {
                    D::Error::custom("expected a date, found a time\nwrite a date such as `2026-11-21`")
                })?
            }
            toml::Value::Integer(year) => year.to_string(),
            toml::Value::String(text) => text,
            other => {
                return Err(D::Error::custom(format!(
                    "expected a date, found {}\nwrite it as `2024-01-31`, \"2024-01\" or \"2024\"",
                    other.type_str()
                )));
            }
        };
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is not a date\nwrite it as `2024-01-31`, \"2024-01\" or \"2024\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_and_years_are_dates() {
        for valid in ["2024", "2024-01", "2024-01-31", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::parse(valid).map(|d| d.0).as_deref(), Some(valid));
        }
        for invalid in ["", "24", "2024-13", "2024-1", "2024-01-31-2", "Jan 2024", "2024-00-01", "2024-00"] {
            assert_eq!(Date::parse(invalid), None, "{invalid}");
        }
        for invalid in ["2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31", "2024-01-00", "2024-01-32"] {
            assert_eq!(Date::parse(invalid), None, "{invalid}");
        }
    }
}
