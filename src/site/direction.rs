//! Writing directions of languages.

/// The writing direction of a language, `ltr` or `rtl`, from its script subtag or else its primary subtag.
pub(crate) fn direction(language: &str) -> &'static str {
    let mut parts = language.split('-');
    let primary = parts.next().unwrap_or_default();
    let script = parts.find(|part| part.len() == 4);
    let is_one_of = |list: &[&str], part: &str| list.iter().any(|known| part.eq_ignore_ascii_case(known));
    let right_to_left = match script {
        Some(script) => is_one_of(&["arab", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg"], script),
        None => is_one_of(&["ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"], primary),
    };
    if right_to_left { "rtl" } else { "ltr" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_depends_on_language_and_script() {
        assert_eq!(
            ["en", "ar", "he-IL", "az-Arab", "ar-Latn"].map(direction),
            ["ltr", "rtl", "rtl", "rtl", "ltr"]
        );
    }
}
