//! Interface strings that the program itself needs, in the language of the edition: names of kinds, verdicts and
//! stances, and labels of note references. All other strings are used by templates only.

use std::collections::BTreeMap;

/// Interface strings from the theme, with English as the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    reference: String,
    reference_verdict: String,
    reader_description: String,
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
        Self {
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
    fn theme_strings_replace_english() {
        let strings = toml::from_str("reference = \"{kind} Nr. {number}\"\n[stances]\nsuggests = \"rät\"\n");
        let words = Words::read(&strings.expect("TOML"));
        assert_eq!(words.reference("3", "Lücke", ""), "Lücke Nr. 3");
        assert_eq!(words.reference("3", "Gap", "Stated"), "Note 3, Gap, Stated");
        assert_eq!([words.stance("suggests"), words.stance("recommends")], [Some("rät"), None]);
    }
}
