//! Generates the works that notes cite: `references.yaml`.

use std::fmt::Write;

use super::prose::title;
use super::random::Random;

/// The data of a work that notes need.
pub(crate) struct Work {
    /// Its citation key.
    pub(crate) key: String,
    /// Its author and year, for a footnote.
    pub(crate) short: String,
    entry: String,
}

const FAMILIES: &[&str] = &[
    "Adler",
    "Brandt",
    "Castro",
    "Duarte",
    "Eriksen",
    "Fischer",
    "Grünwald",
    "Hansen",
    "Ito",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Pereira",
    "Quinn",
    "Rossi",
    "Schäfer",
    "Tanaka",
    "Ueda",
    "Vargas",
    "Weber",
    "Yilmaz",
    "Zhou",
];

const GIVEN: &[&str] =
    &["Anna", "Boris", "Clara", "David", "Elena", "Felix", "Grace", "Hugo", "Irina", "Jonas"];

/// Generates `count` works.
pub(crate) fn make(count: usize, random: &mut Random) -> Vec<Work> {
    (0..count).map(|number| work(number, random)).collect()
}

/// Writes `works` as Hayagriva YAML.
pub(crate) fn yaml(works: &[Work]) -> String {
    works.iter().map(|work| work.entry.as_str()).collect()
}

fn work(number: usize, random: &mut Random) -> Work {
    let family = random.pick(FAMILIES);
    let year = random.within(1980..=2025);
    let initial: String = family.to_lowercase().chars().filter(char::is_ascii_lowercase).collect();
    let key = format!("{initial}-{year}-{number}");
    let name = title(random.within(5..=12), random).join(" ");
    let mut authors = vec![format!("\"{family}, {}\"", random.pick(GIVEN))];
    for _ in 0..random.below(4) {
        authors.push(format!("\"{}, {}\"", random.pick(FAMILIES), random.pick(GIVEN)));
    }
    let mut entry = String::new();
    let _ =
        write!(entry, "{key}:\n  title: \"{name}\"\n  author: [{}]\n  date: {year}\n", authors.join(", "));
    entry.push_str(&form(number, random));
    Work { key, short: format!("{family} {year}"), entry }
}

fn form(number: usize, random: &mut Random) -> String {
    let parent = title(3, random).join(" ");
    match number % 5 {
        0 => format!("  type: book\n  publisher: \"{parent} Press\"\n  location: \"London\"\n\n"),
        1 => format!(
            "  type: web\n  publisher: \"{parent} Agency\"\n  url: {{ value: \"https://example.org/{number}\", date: 2026-01-05 }}\n\n"
        ),
        _ => {
            let first = random.within(1..=900);
            format!(
                "  type: article\n  page-range: {first}-{}\n  serial-number: {{ doi: \"10.1234/example.{number}\" }}\n  \
                 parent: {{ type: periodical, title: \"Journal of {parent}\", volume: {}, issue: {} }}\n\n",
                first + random.within(4..=20),
                random.within(1..=90),
                random.within(1..=12),
            )
        }
    }
}
