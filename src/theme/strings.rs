//! The words of the interface in one language, and what is wrong with those that a site brings.
//!
//! A site's words stand over the built-in ones of the same name. One that no template names is most
//! likely a slip, and so are braces that nothing fills in.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{FILES, STRINGS, TEMPLATES, built_in};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, nearest};
use crate::site::folder::{self, Entry};
use crate::site::{Site, front_matter};

/// The tables of names, each by the ids of `site.toml`, with what has such an id.
const NAMES: [(&str, &str); 4] = [
    ("stances", "no guideline can have the stance"),
    ("kinds", "there is no kind of note"),
    ("plurals", "there is no kind of note"),
    ("verdicts", "no kind of note has the verdict"),
];

/// The words of the interface in the language of the edition: English, then the language, then its variety, each over
/// the last, and a site's own, among `entries`, over the built-in ones.
pub fn strings(site: &Site, entries: &BTreeMap<String, Entry>, diagnostics: &mut Diagnostics) -> toml::Table {
    let primary = site.language.split('-').next().unwrap_or_default();
    let mut names = vec!["en", primary, &site.language];
    names.dedup();
    let mut words = toml::Table::new();
    for name in names {
        let path = format!("{STRINGS}{name}.toml");
        lay_over(&mut words, built_in(&path).map(table).unwrap_or_default());
        let Some(file) = entries.get(&path).and_then(|entry| folder::read(entry, diagnostics)) else {
            continue;
        };
        let own: Option<toml::Table> = front_matter::read_whole(&file, Code::ThemeTemplate, diagnostics);
        if own.is_some() {
            Check {
                site,
                entries,
                file: &file,
                english: table(built_in("strings/en.toml").unwrap_or_default()),
            }
            .all(diagnostics);
        }
        lay_over(&mut words, own.unwrap_or_default());
    }
    words
}

/// Puts words over others of the same name, and names over others of the same table.
fn lay_over(words: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (words.get_mut(&key), value) {
            (Some(toml::Value::Table(names)), toml::Value::Table(over)) => names.extend(over),
            (_, value) => _ = words.insert(key, value),
        }
    }
}

fn table(text: &str) -> toml::Table {
    toml::from_str(text).expect("the built-in words are TOML")
}

/// A site's words against the built-in ones.
struct Check<'c> {
    site: &'c Site,
    entries: &'c BTreeMap<String, Entry>,
    file: &'c Arc<File>,
    english: toml::Table,
}

impl Check<'_> {
    fn all(&self, diagnostics: &mut Diagnostics) {
        let text = self.file.text.trim_start_matches('\u{feff}');
        let start = self.file.text.len() - text.len();
        let place = |at: std::ops::Range<usize>| Place::new(self.file, at.start + start..at.end + start);
        let (table, faults) = DeTable::parse_recoverable(text);
        if !faults.is_empty() {
            // They were told; what is read in spite of them may not be what was meant.
            return;
        }
        for (key, value) in table.get_ref() {
            let (name, words) = (key.get_ref().as_ref(), value.get_ref());
            if let Some((_, unknown)) = NAMES.iter().find(|(table, _)| *table == name) {
                for (id, said) in words.as_table().into_iter().flatten() {
                    diagnostics.extend_one(self.name(name, unknown, id.get_ref(), place(id.span())));
                    diagnostics.extend_one(not_words(said.get_ref(), place(said.span())));
                }
                continue;
            }
            let built_in = self.english.get(name).and_then(toml::Value::as_str);
            if built_in.is_none() && !self.is_named(name) {
                diagnostics.push(self.unknown(name, place(key.span())));
                continue;
            }
            let wrong = not_words(words, place(value.span())).filter(|_| built_in.is_some());
            let braces = built_in.zip(words.as_str());
            let braces = braces.and_then(|(english, own)| unfilled(english, own, place(value.span())));
            diagnostics.extend_one(wrong.or(braces));
        }
    }

    fn unknown(&self, name: &str, place: Place) -> Diagnostic {
        let message = format!("no template has a word `{name}`");
        let known = self.english.keys().map(String::as_str);
        let help = match nearest(name, known) {
            Some(near) => format!("write `{near}`"),
            None => format!("take it away, or name it in a template of your own as `strings.{name}`"),
        };
        Diagnostic::warning(Code::ThemeTemplate, place, message).help(help)
    }

    /// What is wrong with a name for `id` in one of the tables of names.
    fn name(&self, table: &str, unknown: &str, id: &str, place: Place) -> Option<Diagnostic> {
        let verdicts = || self.site.kinds.iter().flat_map(|kind| &kind.verdicts).map(|verdict| &verdict.id);
        let known: Vec<&str> = match table {
            "stances" => self.site.stances.iter().map(String::as_str).collect(),
            "verdicts" => verdicts().map(String::as_str).collect(),
            _ => self.site.kinds.iter().map(|kind| kind.id.as_str()).collect(),
        };
        // A site may take over a file of words and use fewer kinds and stances than it names.
        let mut built_in = FILES.iter().filter(|(path, _)| path.starts_with(STRINGS));
        let mut is_built_in = || {
            built_in.any(|(_, words)| self::table(words).get(table).and_then(|names| names.get(id)).is_some())
        };
        if known.contains(&id) || is_built_in() {
            return None;
        }
        let help = match nearest(id, known) {
            Some(near) => format!("write `{near}`"),
            None => format!(
                "add it to `{}` in site.toml, or take it away",
                if table == "plurals" { "kinds" } else { table }
            ),
        };
        Some(Diagnostic::warning(Code::ThemeTemplate, place, format!("{unknown} `{id}`")).help(help))
    }

    /// Whether a template of the site's own names the word.
    fn is_named(&self, name: &str) -> bool {
        // What cannot be read is told where the templates are.
        let mut silent = Diagnostics::default();
        let templates = self.entries.iter().filter(|(path, _)| path.starts_with(TEMPLATES));
        let ways = [format!("strings.{name}"), format!("strings[\"{name}\"]"), format!("strings['{name}']")];
        templates
            .filter_map(|(_, entry)| folder::read(entry, &mut silent))
            .any(|file| ways.iter().any(|way| file.text.contains(way.as_str())))
    }
}

/// What is wrong with a value that has to be words.
fn not_words(value: &DeValue<'_>, place: Place) -> Option<Diagnostic> {
    let found = match value {
        DeValue::String(_) => return None,
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("{found} where words belong");
    Some(Diagnostic::error(Code::ThemeTemplate, place, message).help("write words in quotation marks"))
}

/// What is wrong with words whose braces nothing fills in.
fn unfilled(english: &str, own: &str, place: Place) -> Option<Diagnostic> {
    let known = braces(english);
    let wrong = braces(own).into_iter().find(|name| !known.contains(name))?;
    let help = match (nearest(wrong, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("write `{{{near}}}`"),
        (None, [only]) => format!("write `{{{only}}}`"),
        (None, []) => "take the braces away".to_owned(),
        (None, known) => {
            let all: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
            format!("write one of {}", all.join(", "))
        }
    };
    let message = format!("nothing fills in `{{{wrong}}}` here");
    Some(Diagnostic::warning(Code::ThemeTemplate, place, message).help(help))
}

/// The names in braces.
fn braces(words: &str) -> Vec<&str> {
    words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_braces_are_those_of_the_english() {
        let problem = |own| unfilled("{a} of {b}", own, Place::of_path("x")).map(|problem| problem.help);
        assert_eq!(problem("{b} {a}"), None);
        assert_eq!(problem("{aa}"), Some(Some("write `{a}`".to_owned())));
    }
}
