//! Writes the list of references of an imported text as works, in CSL-JSON.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::html::slug::slug;

/// Writes works; each gets a key that neither another one nor the site has.
pub(crate) fn write(works: &[Value], is_known: &dyn Fn(&str) -> bool) -> String {
    let mut used = BTreeSet::new();
    let keyed: Vec<Value> = works
        .iter()
        .map(|work| {
            let mut work = work.clone();
            let base = base_key(&work);
            let numbered = (2..).map(|number| format!("{base}-{number}"));
            let key = std::iter::once(base.clone())
                .chain(numbered)
                .find(|key| !used.contains(key) && !is_known(key));
            let key = key.unwrap_or(base);
            used.insert(key.clone());
            work["id"] = json!(key);
            work
        })
        .collect();
    let mut out = serde_json::to_string_pretty(&keyed).unwrap_or_default();
    out.push('\n');
    out
}

/// The family name of the first author and the year, such as `roe-2019`.
fn base_key(work: &Value) -> String {
    let author = &work["author"][0];
    let name = author["family"].as_str().or(author["literal"].as_str()).or(work["title"].as_str());
    let name: String = slug(name.unwrap_or("work"))
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(24)
        .collect();
    let name = if name.is_empty() { "work".to_owned() } else { name };
    match work["issued"]["date-parts"][0][0].as_i64() {
        Some(year) => format!("{name}-{year}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique() {
        let work = json!({"type": "book", "author": [{"family": "Roe"}], "issued": {"date-parts": [[2019]]}});
        let written = write(&[work.clone(), work], &|key| key == "roe-2019-2");
        let read: Vec<Value> = serde_json::from_str(&written).unwrap();
        assert_eq!((read[0]["id"].as_str(), read[1]["id"].as_str()), (Some("roe-2019"), Some("roe-2019-3")));
    }
}
