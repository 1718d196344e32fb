//! Finds the text that each annotation is about, by the address of its page.

use std::collections::BTreeMap;

use super::page::metadata::bare_doi;
use crate::compose::target::Annotation;
use crate::text::library::Source;

/// The texts that annotations are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Destinations {
    /// The annotations on each text, by index.
    pub texts: BTreeMap<String, Vec<usize>>,
    /// The annotations on pages that are no text of the site, by address.
    pub elsewhere: BTreeMap<String, Vec<usize>>,
}

/// Sorts annotations by the texts that they are about.
///
/// An annotation goes to the text whose `url`, `canonical` or `doi` its page has. One that names no page goes to
/// `default`, and so does a file whose annotations all name one page, if the default text has no address.
/// So do those on the page with most annotations, if the default text is not in the site. `any_page`: all others go
/// there too.
pub(crate) fn sort(
    annotations: &[Annotation],
    sources: &[Source],
    default: &str,
    any_page: bool,
) -> Destinations {
    let names: BTreeMap<String, &str> = sources
        .iter()
        .flat_map(|source| {
            let front = &source.front;
            let written = [&front.url, &front.canonical, &front.doi].into_iter().flatten();
            written.map(|address| (bare(address), source.path.as_str())).collect::<Vec<_>>()
        })
        .collect();
    let default_is_known = sources.iter().any(|source| {
        let front = &source.front;
        source.path == default && (front.url.is_some() || front.canonical.is_some() || front.doi.is_some())
    });
    let of = |annotation: &Annotation| {
        annotation.addresses().find_map(|address| names.get(&bare(address)).copied())
    };
    let is_text = sources.iter().any(|source| source.path == default);
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    annotations
        .iter()
        .filter(|annotation| of(annotation).is_none() && annotation.reply_to.is_none())
        .filter_map(|annotation| foreign(annotation, sources))
        .for_each(|page| *unknown.entry(page).or_default() += 1);
    // A text that is not in the site yet is taken to be the page with most annotations.
    let most = unknown
        .iter()
        .max_by_key(|(page, count)| (**count, std::cmp::Reverse((*page).clone())))
        .map(|(page, _)| page);
    let accepts = |page: &String| {
        any_page || (!default_is_known && (unknown.len() <= 1 || (!is_text && Some(page) == most)))
    };
    let by_id: BTreeMap<&str, usize> =
        annotations.iter().enumerate().filter_map(|(index, one)| Some((one.id.as_deref()?, index))).collect();
    let mut found = Destinations::default();
    for (index, annotation) in annotations.iter().enumerate() {
        // A reply is about what the first annotation of its thread is about.
        let mut root = annotation;
        for _ in 0..annotations.len() {
            match root.reply_to.as_deref().and_then(|id| by_id.get(id)) {
                Some(above) => root = &annotations[*above],
                None => break,
            }
        }
        match (of(root), foreign(root, sources)) {
            (Some(path), _) => found.texts.entry(path.to_owned()).or_default().push(index),
            (None, Some(page)) if !accepts(&page) => found.elsewhere.entry(page).or_default().push(index),
            _ => found.texts.entry(default.to_owned()).or_default().push(index),
        }
    }
    found
}

/// The address of the page that an annotation names, unless it is a page that Postil builds.
fn foreign(annotation: &Annotation, sources: &[Source]) -> Option<String> {
    let address = annotation.addresses().next()?;
    let is_own = address == "index.html"
        || sources.iter().any(|source| {
            let page = source.page();
            address == page || address.ends_with(&format!("/{page}"))
        });
    (!is_own).then(|| address.split('#').next().unwrap_or(address).to_owned())
}

/// An address in a form in which equal pages are equal: without scheme, `www.`, fragment and tracking parameters.
fn bare(address: &str) -> String {
    if let Some(doi) = bare_doi(address).filter(|_| address.starts_with("10.") || address.contains("doi")) {
        return format!("doi:{}", doi.to_lowercase());
    }
    let address = address.split('#').next().unwrap_or(address);
    let address =
        address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or(address);
    let address = address.strip_prefix("www.").unwrap_or(address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let (host, rest) = path.split_once('/').unwrap_or((path, ""));
    let is_tracking = |pair: &&str| {
        let key = pair.split('=').next().unwrap_or_default();
        key.is_empty()
            || key.starts_with("utm_")
            || matches!(key, "fbclid" | "gclid" | "ref" | "mc_cid" | "mc_eid")
    };
    let query: Vec<&str> = query.split('&').filter(|pair| !is_tracking(pair)).collect();
    let mut out = format!("{}/{}", host.to_lowercase(), rest.trim_end_matches('/'));
    if !query.is_empty() {
        out.push_str(&format!("?{}", query.join("&")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::target::Target;
    use crate::diagnostics::{Diagnostics, File};
    use crate::text::library;

    fn source(path: &str, front: &str) -> Source {
        let text = format!("+++\n{front}\n+++\nWords.\n");
        library::parse(File::new(format!("sources/{path}.md"), text), &mut Diagnostics::default())
    }

    fn on(pages: &[&str]) -> Vec<Annotation> {
        let one = |page: &&str| Annotation {
            targets: vec![Target {
                source: Some((*page).to_owned()).filter(|page| !page.is_empty()),
                selectors: Vec::new(),
            }],
            ..Annotation::default()
        };
        pages.iter().map(one).collect()
    }

    #[test]
    fn annotations_go_to_the_text_that_they_name() {
        let sources = [
            source("a", "url = \"https://www.x.org/a/\""),
            source("b", "doi = \"10.1234/b\""),
            source("c", ""),
        ];
        let all = on(&["http://x.org/a?utm_source=y#z", "https://doi.org/10.1234/B", "https://y.org/", ""]);
        let found = sort(&all, &sources, "a", false);
        assert_eq!(found.texts["a"], [0, 3]);
        assert_eq!(found.texts["b"], [1]);
        assert_eq!(found.elsewhere["https://y.org/"], [2]);
        assert_eq!(sort(&all, &sources, "a", true).texts["a"], [0, 2, 3]);
        assert_eq!(
            sort(&all, &sources, "c", false).texts["c"],
            [2, 3],
            "one page, and the text has no address"
        );
        let two = on(&["https://y.org/1", "https://y.org/2"]);
        assert_eq!(sort(&two, &sources, "c", false).elsewhere.len(), 2);
    }
}
