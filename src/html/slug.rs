//! Slugs: ids made from words.

use std::collections::{BTreeMap, BTreeSet};

/// Converts words to a slug: `What Are Troches?` becomes `what-are-troches`. Keeps letters and digits of any
/// script, in lower case, with a single `-` in place of everything between.
pub(crate) fn slug(words: &str) -> String {
    let mut slug = String::with_capacity(words.len());
    for c in words.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Generates unique slugs: the second `a` becomes `a-2`.
#[derive(Debug, Default)]
pub(crate) struct Slugs {
    used: BTreeSet<String>,
    /// The number of requests for each slug, so that repeated requests do not try all numbers again.
    requests: BTreeMap<String, usize>,
}

impl Slugs {
    /// Whether `name` has not been returned or reserved yet.
    pub(crate) fn is_free(&self, name: &str) -> bool {
        !self.used.contains(name)
    }

    /// Reserves `name`, so that it is not returned later.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.used.insert(name.to_owned());
    }

    /// A slug of `words` that has not been returned or reserved yet; `fallback` is used if `words` has no
    /// letters or digits.
    pub(crate) fn unique(&mut self, words: &str, fallback: &str) -> String {
        let mut base = slug(words);
        if base.is_empty() {
            fallback.clone_into(&mut base);
        }
        let count = self.requests.entry(base.clone()).or_insert(0);
        loop {
            *count += 1;
            let candidate = if *count == 1 { base.clone() } else { format!("{base}-{count}") };
            if self.used.insert(candidate.clone()) {
                return candidate;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_keeps_letters_of_any_script() {
        assert_eq!(slug("What Are Troches, and How Do They Work?"), "what-are-troches-and-how-do-they-work");
        assert_eq!(slug("Kratom's Rôle – 二"), "kratoms-rôle-二");
        assert_eq!(slug("?!"), "");
    }

    #[test]
    fn repeated_slugs_are_numbered() {
        let mut slugs = Slugs::default();
        let names: Vec<_> = ["a", "a", "a 2", "?"].map(|w| slugs.unique(w, "section")).into();
        assert_eq!(names, ["a", "a-2", "a-2-2", "section"]);
    }
}
