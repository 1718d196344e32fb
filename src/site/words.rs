//! The words of the interface that stand where no template writes them, in the language of the edition.

use std::collections::BTreeMap;

/// Taken from the theme's strings; English where those say nothing.
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
    /// The words among a theme's strings.
    pub fn read(strings: &toml::Table) -> Self {
        let english = Self::default();
        let word = |key: &str, otherwise: String| {
            strings.get(key).and_then(toml::Value::as_str).map_or(otherwise, str::to_owned)
        };
        let name = |(id, label): (&String, &toml::Value)| Some((id.clone(), label.as_str()?.to_owned()));
        let names = |key: &str| {
            let table = strings.get(key).and_then(toml::Value::as_table);
            table.map(|table| table.iter().filter_map(name).collect()).unwrap_or_default()
        };
        Self {
            reference: word("reference", english.reference),
            reference_verdict: word("reference_verdict", english.reference_verdict),
            reader_description: word("reader_description", english.reader_description),
            stances: names("stances"),
            kinds: names("kinds"),
            plurals: names("plurals"),
            verdicts: names("verdicts"),
        }
    }

    /// What a screen reader says of a reference to a note; no verdict is empty.
    pub fn reference(&self, number: &str, kind: &str, verdict: &str) -> String {
        let words = if verdict.is_empty() { &self.reference } else { &self.reference_verdict };
        fill(words, &[("number", number), ("kind", kind), ("verdict", verdict)])
    }

    /// A sentence about a reader page.
    pub fn reader_description(&self, title: &str, notes: usize, edition: &str) -> String {
        let values = [("title", title), ("count", &notes.to_string()), ("edition", edition)];
        fill(&self.reader_description, &values)
    }

    /// What readers see of a stance, if the strings say it.
    pub fn stance(&self, id: &str) -> Option<&str> {
        self.stances.get(id).map(String::as_str)
    }

    /// What one note of a kind is called, if the strings say it.
    pub fn kind(&self, id: &str) -> Option<&str> {
        self.kinds.get(id).map(String::as_str)
    }

    /// What several notes of a kind are called, if the strings say it.
    pub fn plural(&self, id: &str) -> Option<&str> {
        self.plurals.get(id).map(String::as_str)
    }

    /// What readers see of a verdict, if the strings say it.
    pub fn verdict(&self, id: &str) -> Option<&str> {
        self.verdicts.get(id).map(String::as_str)
    }
}

/// `words` with each `{name}` filled in; what is filled in is not looked at again.
fn fill(words: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, after))
        });
        rest = match known {
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
    fn braces_are_filled_once() {
        let values = [("a", "{b}"), ("b", "2")];
        assert_eq!(fill("{a} {b} {c} {", &values), "{b} 2 {c} {");
    }

    #[test]
    fn strings_stand_over_english() {
        let strings = toml::from_str("reference = \"{kind} Nr. {number}\"\n[stances]\nsuggests = \"rät\"\n");
        let words = Words::read(&strings.expect("TOML"));
        assert_eq!(words.reference("3", "Lücke", ""), "Lücke Nr. 3");
        assert_eq!(words.reference("3", "Gap", "Stated"), "Note 3, Gap, Stated");
        assert_eq!([words.stance("suggests"), words.stance("recommends")], [Some("rät"), None]);
    }
}
