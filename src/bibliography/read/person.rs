//! Parses names by the rules of BibTeX: separators are " and ", commas, and words in lower case, outside braces.

use super::names;
use super::tex::{Braces, decode};
use crate::bibliography::item::Name;

/// Splits a list at the word "and", except inside braces.
pub(super) fn split_and(raw: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    let bytes = raw.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'a' | b'A' if depth == 0 && at > 0 && bytes[at - 1].is_ascii_whitespace() => {
                let ends = bytes.get(at + 3).is_none_or(u8::is_ascii_whitespace);
                if ends
                    && bytes.get(at..at + 3).is_some_and(|word| word.eq_ignore_ascii_case(b"and"))
                    && at >= from
                {
                    parts.push(raw[from..at].trim());
                    from = at + 3;
                }
            }
            _ => {}
        }
    }
    parts.push(raw.get(from..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The names in a field.
pub(super) fn people(raw: &str, use_prefix: bool) -> Vec<Name> {
    split_and(raw).into_iter().map(|name| person(name, use_prefix)).collect()
}

/// Words that occur only in the names of organizations, in lower case.
const ORGANIZATIONS: [&str; 50] = [
    "academy",
    "administration",
    "agence",
    "agency",
    "association",
    "authority",
    "bundesministerium",
    "centers",
    "centre",
    "centres",
    "collaboration",
    "collaborative",
    "collaborators",
    "commission",
    "committee",
    "confederation",
    "consortium",
    "corporation",
    "department",
    "directorate",
    "federation",
    "foundation",
    "gesellschaft",
    "gmbh",
    "inc",
    "inc.",
    "initiative",
    "institut",
    "institute",
    "institutes",
    "institution",
    "investigators",
    "laboratories",
    "laboratory",
    "llc",
    "ltd",
    "ltd.",
    "ministerium",
    "ministry",
    "ministère",
    "organisation",
    "organization",
    "parliament",
    "programme",
    "secretariat",
    "society",
    "société",
    "stiftung",
    "universität",
    "university",
];
/// Words that are also family names, and occur in the names of organizations together with one of [`HINTS`].
const AMBIGUOUS: [&str; 10] =
    ["alliance", "bureau", "center", "council", "group", "nations", "network", "office", "service", "union"];
const HINTS: [&str; 16] = [
    "american",
    "british",
    "care",
    "european",
    "federal",
    "global",
    "government",
    "health",
    "international",
    "medical",
    "national",
    "research",
    "royal",
    "united",
    "working",
    "world",
];

/// A list of names that is read as people although it contains the name of an organization outside braces, and
/// how to write the list instead; `None` if there is no such name.
pub(super) fn unbraced_organization(raw: &str) -> Option<(String, String)> {
    let any = |words: &[&str], known: &[&str]| {
        words
            .iter()
            .any(|word| word.starts_with(char::is_uppercase) && known.contains(&word.to_lowercase().as_str()))
    };
    let is_organization = |name: &str| match name_parts(name)[..] {
        [whole] => {
            let words = name_words(whole);
            words.len() > 1 && (any(&words, &ORGANIZATIONS) || any(&words, &AMBIGUOUS) && any(&words, &HINTS))
        }
        // Some exporters take the last word for the family name: "Organization, World Health".
        [family, given] => any(&[family], &ORGANIZATIONS) && !given.is_empty(),
        _ => false,
    };
    let all = split_and(raw);
    let name = *all.iter().find(|name| is_organization(name))?;
    let in_order = match name_parts(name)[..] {
        [family, given] => format!("{given} {family}"),
        _ => name.to_owned(),
    };
    // "and" may be part of the name: "National Institute for Health and Care Excellence".
    let is_of = |word: &&str| ["of", "for", "on"].contains(word);
    let goes_on = all.len() == 2
        && all.iter().all(|part| !part.contains([',', '{']) && *part != "others")
        && (name_words(name).iter().any(is_of)
            || all.iter().any(|part| name_words(part).len() == 1 || part.starts_with("U.S. ")));
    if goes_on {
        let whole = raw.split_whitespace().collect::<Vec<_>>().join(" ");
        return Some((whole.clone(), format!("{{{whole}}}")));
    }
    Some((name.to_owned(), format!("{{{in_order}}}")))
}

/// Splits a name at spaces outside braces.
fn name_words(raw: &str) -> Vec<&str> {
    let (mut words, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b' ' | b'~' | b'\n' | b'\t' | b'\r' if depth == 0 => {
                words.push(&raw[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    words.push(&raw[from..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Splits a name at commas outside braces.
fn name_parts(raw: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            // `\,` is a space.
            b',' if depth == 0 && !raw[..at].ends_with('\\') => {
                parts.push(raw[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(raw[from..].trim());
    parts
}

/// Parses one name by the rules of BibTeX.
fn person(raw: &str, use_prefix: bool) -> Name {
    let text = |tex: &str| decode(tex, Braces::Group);
    let whole = raw.trim();
    if whole == "others" || text(whole).to_lowercase() == "et al." {
        return Name::others();
    }
    if whole.starts_with('{') && closes_at_end(whole) {
        return Name::literal(text(whole));
    }
    let parts = name_parts(whole);
    if let Some(name) = extended(&parts) {
        return name;
    }
    let (von, last, suffix, first) = match parts[..] {
        [one] => {
            let words = name_words(one);
            let start = words.iter().position(|word| is_lower(word)).filter(|at| at + 1 < words.len());
            match start {
                Some(start) => {
                    let end =
                        words.iter().rposition(|word| is_lower(word)).unwrap_or(start).min(words.len() - 2);
                    (words[start..=end].join(" "), words[end + 1..].join(" "), "", words[..start].join(" "))
                }
                None => {
                    let split = words.len().saturating_sub(1);
                    (String::new(), words[split..].join(" "), "", words[..split].join(" "))
                }
            }
        }
        [last, first] => {
            let (von, last) = von_and_last(last);
            (von, last, "", first.to_owned())
        }
        [last, suffix, first, ..] => {
            let (von, last) = von_and_last(last);
            (von, last, suffix, first.to_owned())
        }
        [] => return Name::literal(text(whole)),
    };
    // A suffix may follow the given names: "King, Martin Luther, Jr."
    let (suffix, first) = if names::is_suffix(&first) && !suffix.is_empty() {
        (first, suffix.to_owned())
    } else {
        (suffix.to_owned(), first)
    };
    let (von, family, given) = (text(&von), text(&last), text(&first));
    if given.is_empty() && von.is_empty() {
        return Name::literal(family);
    }
    let (particle, dropping_particle) = if use_prefix { (von, String::new()) } else { (String::new(), von) };
    Name { family, given, particle, dropping_particle, suffix: text(&suffix), ..Name::default() }
}

fn von_and_last(last: &str) -> (String, String) {
    let words = name_words(last);
    let end = words.iter().take(words.len().saturating_sub(1)).take_while(|word| is_lower(word)).count();
    (words[..end].join(" "), words[end..].join(" "))
}

/// Parses a name in biber's extended format: `family=Doe, given=Jane, prefix=van`.
fn extended(parts: &[&str]) -> Option<Name> {
    let pairs: Vec<(&str, &str)> = parts.iter().map(|part| part.split_once('=')).collect::<Option<_>>()?;
    let of = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.map_or_else(String::new, |(_, value)| decode(value, Braces::Group))
    };
    let prefix = of("prefix");
    let (particle, dropping_particle) =
        if of("useprefix") == "true" { (prefix, String::new()) } else { (String::new(), prefix) };
    let name = Name {
        family: of("family"),
        given: of("given"),
        suffix: of("suffix"),
        particle,
        dropping_particle,
        ..Name::default()
    };
    let literal = name.given.is_empty();
    Some(Name { literal, ..name }).filter(|name| !name.family.is_empty())
}

/// Whether the brace at the start is closed at the end.
fn closes_at_end(raw: &str) -> bool {
    let mut depth = 0_usize;
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1 == raw.len();
        }
    }
    false
}

/// Whether a word of a name starts in lower case, like a particle. Text in braces is ignored.
fn is_lower(word: &str) -> bool {
    if word.starts_with('{') && !word.starts_with("{\\") {
        return false;
    }
    decode(word, Braces::Group).chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_outside_braces_are_found() {
        let found = |raw| unbraced_organization(raw).map(|(_, braced)| braced);
        for (raw, braced) in [
            ("World Health Organization", "{World Health Organization}"),
            ("Organization, World Health and others", "{World Health Organization}"),
            ("Glue, Paul and Cochrane Collaboration", "{Cochrane Collaboration}"),
            (
                "National Institute for Health and Care Excellence",
                "{National Institute for Health and Care Excellence}",
            ),
            ("Department of Media and Communication", "{Department of Media and Communication}"),
            ("Danuta Fox and Ebooks Corporation", "{Ebooks Corporation}"),
            ("Medical Research Council", "{Medical Research Council}"),
            ("U.S. Food and Drug Administration", "{U.S. Food and Drug Administration}"),
        ] {
            assert_eq!(found(raw).as_deref(), Some(braced));
        }
        for raw in [
            "{World Health Organization}",
            "{National Institute for Health and Care Excellence} and Doe, Jane",
            "UNESCO",
            "Jane Church and Boris Bank and Press, William H.",
            "College, A. and Hospital, B. and Jane Center",
            "King, Jr., Martin Luther",
            "Forrest M. Council and Bureau, D. P. and Robert Service and Holbrook Working",
            "working group",
        ] {
            assert_eq!(found(raw), None, "{raw}");
        }
    }

    #[test]
    fn names_are_split_like_in_bibtex() {
        let parts = |raw| {
            let name = person(raw, false);
            [name.dropping_particle, name.family, name.given, name.suffix]
        };
        assert_eq!(parts("Ludwig van Beethoven"), ["van", "Beethoven", "Ludwig", ""]);
        assert_eq!(parts("van der Berg, Anna"), ["van der", "Berg", "Anna", ""]);
        assert_eq!(parts("King, Jr., Martin Luther"), ["", "King", "Martin Luther", "Jr."]);
        assert_eq!(parts("Doe, J.~A."), ["", "Doe", "J. A.", ""]);
        assert_eq!(parts("family=Doe, given=Jane, prefix=de"), ["de", "Doe", "Jane", ""]);
        assert_eq!(parts("{de la} Cruz, Ana"), ["", "de la Cruz", "Ana", ""]);
        assert!(person("{World Health Organization}", false).literal);
        assert!(person("others", false).others);
        assert_eq!(people("A, B and {Sons and Co} and others", false).len(), 3);
    }
}
