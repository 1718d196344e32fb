//! Interface strings that the program itself needs, in the language of the edition: names of kinds, verdicts and
//! stances, and labels of note references. All other strings are used by templates only.

use std::collections::BTreeMap;

use super::tone::Tone;

/// Interface strings from the theme, with English as the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    reference: String,
    reference_verdict: String,
    reader_description: String,
    tones: [String; 4],
    no_tone: String,
    length: String,
    notes_one: String,
    notes_many: String,
    specimen_place: String,
    thousands: String,
    missing_page: [String; 2],
    months: String,
    date_day: String,
    date_month: String,
    stances: BTreeMap<String, String>,
    kinds: BTreeMap<String, String>,
    plurals: BTreeMap<String, String>,
    verdicts: BTreeMap<String, String>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            reference: "Note {number}, {kind}".to_owned(),
            reference_verdict: "Note {number}, {kind}, {verdict}".to_owned(),
            reader_description: "{title}, with {count} critical notes. {edition}".to_owned(),
            tones: ["hold up", "hold in part", "wrong or misleading", "missing or untraceable"]
                .map(str::to_owned),
            no_tone: "not rated".to_owned(),
            length: "{count} words".to_owned(),
            notes_one: "1 note".to_owned(),
            notes_many: "{count} notes".to_owned(),
            specimen_place: "Note {number} of {count} on {title}".to_owned(),
            thousands: ",".to_owned(),
            missing_page: ["Page not found", "This page does not exist, or has moved."].map(str::to_owned),
            months: "January February March April May June July August September October November December"
                .to_owned(),
            date_day: "{day} {month} {year}".to_owned(),
            date_month: "{month} {year}".to_owned(),
            stances: BTreeMap::new(),
            kinds: BTreeMap::new(),
            plurals: BTreeMap::new(),
            verdicts: BTreeMap::new(),
        }
    }
}

impl Words {
    /// Picks these strings out of the theme's strings.
    pub fn read(strings: &toml::Table) -> Self {
        let english = Self::default();
        let string = |key: &str, default: String| {
            strings.get(key).and_then(toml::Value::as_str).map_or(default, str::to_owned)
        };
        let entry = |(id, label): (&String, &toml::Value)| Some((id.clone(), label.as_str()?.to_owned()));
        let labels = |key: &str| {
            let table = strings.get(key).and_then(toml::Value::as_table);
            table.map(|table| table.iter().filter_map(entry).collect()).unwrap_or_default()
        };
        let [sound, mixed, wrong, missing] = english.tones;
        Self {
            tones: [
                string("tone_sound", sound),
                string("tone_mixed", mixed),
                string("tone_wrong", wrong),
                string("tone_missing", missing),
            ],
            no_tone: string("tone_none", english.no_tone),
            length: string("length", english.length),
            notes_one: string("notes_one", english.notes_one),
            notes_many: string("notes_many", english.notes_many),
            specimen_place: string("specimen_place", english.specimen_place),
            thousands: string("thousands", english.thousands),
            missing_page: {
                let [title, text] = english.missing_page;
                [string("page_missing", title), string("page_missing_text", text)]
            },
            months: string("months", english.months),
            date_day: string("date_day", english.date_day),
            date_month: string("date_month", english.date_month),
            reference: string("reference", english.reference),
            reference_verdict: string("reference_verdict", english.reference_verdict),
            reader_description: string("reader_description", english.reader_description),
            stances: labels("stances"),
            kinds: labels("kinds"),
            plurals: labels("plurals"),
            verdicts: labels("verdicts"),
        }
    }

    /// The accessible name of a note reference; `verdict` is empty for a note without one.
    pub fn reference(&self, number: &str, kind: &str, verdict: &str) -> String {
        let template = if verdict.is_empty() { &self.reference } else { &self.reference_verdict };
        fill(template, &[("number", number), ("kind", kind), ("verdict", verdict)])
    }

    /// The description of a reader page, a sentence for search engines.
    pub fn reader_description(&self, title: &str, notes: usize, edition: &str) -> String {
        let values = [("title", title), ("count", &notes.to_string()), ("edition", edition)];
        fill(&self.reader_description, &values)
    }

    /// The label of a tone in counts; `None` stands for notes whose verdict has no tone.
    pub fn tone(&self, tone: Option<Tone>) -> &str {
        match tone.and_then(|tone| self.tones.get(tone as usize)) {
            Some(label) => label,
            None => &self.no_tone,
        }
    }

    /// The length of a text with so many words.
    pub fn length(&self, words: usize) -> String {
        fill(&self.length, &[("count", &self.number(words))])
    }

    /// A number of notes.
    pub fn notes(&self, count: usize) -> String {
        if count == 1 {
            self.notes_one.clone()
        } else {
            fill(&self.notes_many, &[("count", &self.number(count))])
        }
    }

    /// The title and the text of the page for addresses without a page.
    pub fn missing_page(&self) -> (&str, &str) {
        let [title, text] = &self.missing_page;
        (title, text)
    }

    /// Where a note is: its number, the number of notes, and the title of the text.
    pub fn specimen_place(&self, number: &str, count: usize, title: &str) -> String {
        let values = [("number", number), ("count", &self.number(count)), ("title", title)];
        fill(&self.specimen_place, &values)
    }

    /// A date as the language writes it: `2024-01-31` becomes `31 January 2024`. Other text is returned as it is.
    pub fn date(&self, date: &str) -> String {
        let mut parts = date.split('-');
        let year = parts.next().unwrap_or_default();
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<usize>().ok());
        let (month, day) = (number(parts.next()), number(parts.next()));
        let name = month.and_then(|month| self.months.split_whitespace().nth(month.checked_sub(1)?));
        match (name, day) {
            (Some(month), Some(day)) => {
                fill(&self.date_day, &[("day", &day.to_string()), ("month", month), ("year", year)])
            }
            (Some(month), None) => fill(&self.date_month, &[("month", month), ("year", year)]),
            (None, _) => date.to_owned(),
        }
    }

    /// A number with its thousands separated.
    fn number(&self, number: usize) -> String {
        let digits = number.to_string();
        let mut out = String::with_capacity(digits.len() + 2 * self.thousands.len());
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(&self.thousands);
            }
            out.push(digit);
        }
        out
    }

    /// The label of a stance, if the theme has one.
    pub fn stance(&self, id: &str) -> Option<&str> {
        self.stances.get(id).map(String::as_str)
    }

    /// The label of a kind for one note, if the theme has one.
    pub fn kind(&self, id: &str) -> Option<&str> {
        self.kinds.get(id).map(String::as_str)
    }

    /// The label of a kind for several notes, if the theme has one.
    pub fn plural(&self, id: &str) -> Option<&str> {
        self.plurals.get(id).map(String::as_str)
    }

    /// The label of a verdict, if the theme has one.
    pub fn verdict(&self, id: &str) -> Option<&str> {
        self.verdicts.get(id).map(String::as_str)
    }
}

/// Replaces each `{name}` in `template` by its value. Values are not searched for further names.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, after))
        });
        rest = match value {
            Some((value, after)) => {
                filled.push_str(value);
                after
            }
            None => {
                filled.push('{');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_filled_again() {
        let values = [("a", "{b}"), ("b", "2")];
        assert_eq!(fill("{a} {b} {c} {", &values), "{b} 2 {c} {");
    }

    #[test]
    fn dates_and_numbers_are_written_as_the_language_does() {
        let english = Words::default();
        let dates = ["2024-01-31", "2024-11", "2024", "n.d."].map(|date| english.date(date));
        assert_eq!(dates, ["31 January 2024", "November 2024", "2024", "n.d."]);
        assert_eq!(
            [999, 1185, 1_234_567].map(|count| english.length(count)),
            ["999 words", "1,185 words", "1,234,567 words"]
        );
        let german = "thousands = \".\"\ndate_day = \"{day}. {month} {year}\"\nmonths = \"Januar Februar\"\n";
        let german = Words::read(&toml::from_str(german).expect("TOML"));
        assert_eq!([german.date("2024-02-01"), german.notes(1000)], ["1. Februar 2024", "1.000 notes"]);
    }

    #[test]
    fn theme_strings_replace_english() {
        let strings = toml::from_str("reference = \"{kind} Nr. {number}\"\n[stances]\nsuggests = \"rät\"\n");
        let words = Words::read(&strings.expect("TOML"));
        assert_eq!(words.reference("3", "Lücke", ""), "Lücke Nr. 3");
        assert_eq!(words.reference("3", "Gap", "Stated"), "Note 3, Gap, Stated");
        assert_eq!([words.stance("suggests"), words.stance("recommends")], [Some("rät"), None]);
    }
}
