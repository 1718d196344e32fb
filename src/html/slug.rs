//! Names for places in a page, made from words.

use std::collections::{BTreeMap, BTreeSet};

/// `What Are Troches?` as `what-are-troches`: letters and digits of any script in lower case, one
/// `-` for everything between.
pub fn slug(words: &str) -> String {
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

/// Slugs that are each given once: the second `a` is `a-2`.
#[derive(Debug, Default)]
pub struct Slugs {
    taken: BTreeSet<String>,
    /// How often each slug was asked for, so that the thousandth of a name does not try all numbers again.
    asked: BTreeMap<String, usize>,
}

impl Slugs {
    /// Whether no earlier call returned or took `name`.
    pub fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name)
    }

    /// Takes `name`, so that no later call returns it.
    pub fn take(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// A slug of `words` that no earlier call returned; `fallback` serves where there are none.
    pub fn unique(&mut self, words: &str, fallback: &str) -> String {
        let mut base = slug(words);
        if base.is_empty() {
            fallback.clone_into(&mut base);
        }
        let count = self.asked.entry(base.clone()).or_insert(0);
        loop {
            *count += 1;
            let candidate = if *count == 1 { base.clone() } else { format!("{base}-{count}") };
            if self.taken.insert(candidate.clone()) {
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
    fn the_second_is_numbered() {
        let mut slugs = Slugs::default();
        let names: Vec<_> = ["a", "a", "a 2", "?"].map(|w| slugs.unique(w, "section")).into();
        assert_eq!(names, ["a", "a-2", "a-2-2", "section"]);
    }
}
