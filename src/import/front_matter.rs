//! Writes the front matter of an imported file.

use crate::markdown::escape::one_line;

/// Front matter with those `keys` that have a value.
pub(super) fn front_matter(keys: &[(&str, Option<&str>)]) -> String {
    let mut front = String::from("+++\n");
    for (key, value) in keys {
        if let Some(value) = value.map(one_line).filter(|value| !value.is_empty()) {
            front.push_str(&format!("{key} = {}\n", toml_string(&value)));
        }
    }
    front.push_str("+++\n\n");
    front
}

/// A basic TOML string on a single line.
fn toml_string(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_valid_toml_for_any_text() {
        let written =
            front_matter(&[("title", Some("a \"b\"\n\\c\u{1}")), ("author", Some(" ")), ("url", None)]);
        let toml = written.trim().trim_matches('+');
        let table: toml::Table = toml::from_str(toml).unwrap();
        assert_eq!(table["title"].as_str(), Some("a \"b\" \\c\u{1}"));
        assert_eq!(table.len(), 1);
    }
}
