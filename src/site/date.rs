//! Dates as people write them: a day, a month or a year.

use serde::{Deserialize, Deserializer, de::Error};

/// A date, kept as it is written: `2024`, `2024-01` or `2024-01-31`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(String);

impl Date {
    /// The date that `text` writes, if it is one.
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
        let days = days(year.parse().ok()?, month.unwrap_or(1))?;
        let real = day.is_none_or(|day| (1..=days).contains(&day));
        (well_formed && real && parts.next().is_none()).then(|| Self(text.to_owned()))
    }

    /// The date as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many days a month has, if there is such a month.
fn days(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Date {
    /// Takes a TOML date, a string, or a bare year.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::Datetime(datetime) => datetime
                .date
                .map(|date| date.to_string())
                .ok_or_else(|| D::Error::custom("a time is no date\nwrite a date such as `2026-11-21`"))?,
            toml::Value::Integer(year) => year.to_string(),
            toml::Value::String(text) => text,
            other => {
                return Err(D::Error::custom(format!(
                    "{} where a date belongs\nwrite it as `2024-01-31`, \"2024-01\" or \"2024\"",
                    other.type_str()
                )));
            }
        };
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` is no date\nwrite it as `2024-01-31`, \"2024-01\" or \"2024\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_or_a_month_will_do() {
        for good in ["2024", "2024-01", "2024-01-31", "2024-02-29", "2000-02-29"] {
            assert_eq!(Date::parse(good).map(|d| d.0).as_deref(), Some(good));
        }
        for bad in ["", "24", "2024-13", "2024-1", "2024-01-31-2", "Jan 2024", "2024-00-01", "2024-00"] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        for bad in ["2024-02-30", "2023-02-29", "1900-02-29", "2024-04-31", "2024-01-00", "2024-01-32"] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }
}
