//! The interface strings in one language, and checks of the strings that a site defines.
//!
//! A site's strings override the built-in strings of the same name. A string that no template uses is most
//! likely a typo, and so is an unknown placeholder.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{FILES, STRINGS, TEMPLATES, built_in};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, nearest};
use crate::site::folder::{self, Entry};
use crate::site::{Site, front_matter};

/// The tables whose keys are ids from `site.toml`, and the message for an unknown id.
const NAMES: [(&str, &str); 4] = [
    ("stances", "unknown stance"),
    ("kinds", "unknown kind"),
    ("plurals", "unknown kind"),
    ("verdicts", "unknown verdict"),
];

/// The interface strings in the language of the edition: English, overridden by the language, overridden by
/// its regional variant. For each, the site's own strings, from `entries`, override the built-in ones.
pub(crate) fn strings(
    site: &Site,
    entries: &BTreeMap<String, Entry>,
    diagnostics: &mut Diagnostics,
) -> toml::Table {
    let primary = site.language.split('-').next().unwrap_or_default();
    let mut names = vec!["en", primary, &site.language];
    names.dedup();
    let mut words = toml::Table::new();
    for name in names {
        let path = format!("{STRINGS}{name}.toml");
        merge(&mut words, built_in(&path).map(table).unwrap_or_default());
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
            .check(diagnostics);
        }
        merge(&mut words, own.unwrap_or_default());
    }
    words
}

/// Overrides strings of the same name, and entries of tables of the same name.
fn merge(words: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (words.get_mut(&key), value) {
            (Some(toml::Value::Table(names)), toml::Value::Table(over)) => names.extend(over),
            (_, value) => _ = words.insert(key, value),
        }
    }
}

fn table(text: &str) -> toml::Table {
    toml::from_str(text).expect("the built-in strings are valid TOML")
}

/// Checks a site's strings against the built-in ones.
struct Check<'c> {
    site: &'c Site,
    entries: &'c BTreeMap<String, Entry>,
    file: &'c Arc<File>,
    english: toml::Table,
}

impl Check<'_> {
    fn check(&self, diagnostics: &mut Diagnostics) {
        let text = self.file.text.trim_start_matches('\u{feff}');
        let start = self.file.text.len() - text.len();
        let place = |at: std::ops::Range<usize>| Place::new(self.file, at.start + start..at.end + start);
        let (table, faults) = DeTable::parse_recoverable(text);
        if !faults.is_empty() {
            // Syntax errors have been reported already; recovered values may not be what was meant.
            return;
        }
        for (key, value) in table.get_ref() {
            let (name, words) = (key.get_ref().as_ref(), value.get_ref());
            if let Some((_, unknown)) = NAMES.iter().find(|(table, _)| *table == name) {
                for (id, said) in words.as_table().into_iter().flatten() {
                    diagnostics.extend_one(self.check_id(name, unknown, id.get_ref(), place(id.span())));
                    diagnostics.extend_one(not_a_string(said.get_ref(), place(said.span())));
                }
                continue;
            }
            let built_in = self.english.get(name).and_then(toml::Value::as_str);
            if built_in.is_none() && !self.is_used(name) {
                diagnostics.push(self.unknown(name, place(key.span())));
                continue;
            }
            let wrong = not_a_string(words, place(value.span())).filter(|_| built_in.is_some());
            let braces = built_in.zip(words.as_str());
            let braces =
                braces.and_then(|(english, own)| unknown_placeholder(english, own, place(value.span())));
            diagnostics.extend_one(wrong.or(braces));
        }
    }

    fn unknown(&self, name: &str, place: Place) -> Diagnostic {
        let message = format!("unknown string `{name}`");
        let known = self.english.keys().map(String::as_str);
        let help = match nearest(name, known) {
            Some(near) => format!("write `{near}`"),
            None => format!("remove it, or use it in your own template as `strings.{name}`"),
        };
        Diagnostic::warning(Code::ThemeTemplate, place, message).help(help)
    }

    /// Checks the key `id` of one of the tables.
    fn check_id(&self, table: &str, unknown: &str, id: &str, place: Place) -> Option<Diagnostic> {
        let verdicts = || self.site.kinds.iter().flat_map(|kind| &kind.verdicts).map(|verdict| &verdict.id);
        let known: Vec<&str> = match table {
            "stances" => self.site.stances.iter().map(String::as_str).collect(),
            "verdicts" => verdicts().map(String::as_str).collect(),
            _ => self.site.kinds.iter().map(|kind| kind.id.as_str()).collect(),
        };
        // A site may copy a built-in strings file and use fewer kinds and stances than it defines.
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
                "add it to `{}` in site.toml, or remove it",
                if table == "plurals" { "kinds" } else { table }
            ),
        };
        Some(Diagnostic::warning(Code::ThemeTemplate, place, format!("{unknown} `{id}`")).help(help))
    }

    /// Whether one of the site's own templates uses the string.
    fn is_used(&self, name: &str) -> bool {
        // Unreadable templates are reported when the theme is loaded.
        let mut ignored = Diagnostics::default();
        let templates = self.entries.iter().filter(|(path, _)| path.starts_with(TEMPLATES));
        let ways = [format!("strings.{name}"), format!("strings[\"{name}\"]"), format!("strings['{name}']")];
        templates
            .filter_map(|(_, entry)| folder::read(entry, &mut ignored))
            .any(|file| ways.iter().any(|way| file.text.contains(way.as_str())))
    }
}

/// The error for a value that is not a string.
fn not_a_string(value: &DeValue<'_>, place: Place) -> Option<Diagnostic> {
    let found = match value {
        DeValue::String(_) => return None,
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a Boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("expected text, found {found}");
    Some(Diagnostic::error(Code::ThemeTemplate, place, message).help("write the text in quotation marks"))
}

/// The warning for an unknown placeholder.
fn unknown_placeholder(english: &str, own: &str, place: Place) -> Option<Diagnostic> {
    let known = placeholders(english);
    let wrong = placeholders(own).into_iter().find(|name| !known.contains(name))?;
    let help = match (nearest(wrong, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("write `{{{near}}}`"),
        (None, [only]) => format!("write `{{{only}}}`"),
        (None, []) => "remove the braces".to_owned(),
        (None, known) => {
            let all: Vec<String> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
            format!("write one of {}", all.join(", "))
        }
    };
    let message = format!("unknown placeholder `{{{wrong}}}`");
    Some(Diagnostic::warning(Code::ThemeTemplate, place, message).help(help))
}

/// The names of placeholders, which are in braces.
fn placeholders(words: &str) -> Vec<&str> {
    words.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_those_of_the_english_string() {
        let problem =
            |own| unknown_placeholder("{a} of {b}", own, Place::of_path("x")).map(|problem| problem.help);
        assert_eq!(problem("{b} {a}"), None);
        assert_eq!(problem("{aa}"), Some(Some("write `{a}`".to_owned())));
    }
}
