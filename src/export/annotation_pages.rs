//! Annotation collections and their pages (Web Annotation Data Model, section 5), and the collection of all notes of a
//! site, in pages of at most [`ITEMS_PER_PAGE`] notes.
//!
//! Notes are written once, as JSON text. A page is serialized with an empty array `items`, into which the notes are then
//! inserted.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::annotations::FILE;
use crate::names::path::relative;
use crate::site::Site;

/// The most notes on a page of the site's collection.
pub(crate) const ITEMS_PER_PAGE: usize = 100;
/// The W3C's JSON-LD context.
const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";
/// A motivation of the vocabulary that this context does not define.
const ASSESSING: &str = "assessing";

/// The JSON-LD context of a site's collections and pages. If a kind has the motivation `assessing`, the context defines
/// it, since readers of JSON-LD would drop it otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    defines_assessing: bool,
}

impl Context {
    pub(super) fn of(site: &Site) -> Self {
        Self { defines_assessing: site.kinds.iter().any(|kind| kind.motivation == ASSESSING) }
    }
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.defines_assessing {
            (CONTEXT, BTreeMap::from([(ASSESSING, "oa:assessing")])).serialize(serializer)
        } else {
            CONTEXT.serialize(serializer)
        }
    }
}

/// An `AnnotationCollection` without its notes.
#[derive(Serialize)]
pub(super) struct Collection<'a, P: Serialize> {
    #[serde(rename = "@context")]
    pub(super) context: Context,
    pub(super) id: String,
    pub(super) r#type: &'static str,
    pub(super) label: &'a str,
    pub(super) total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
}

/// An `AnnotationPage` without its notes.
#[derive(Serialize)]
pub(super) struct Page {
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<Context>,
    pub(super) id: String,
    pub(super) r#type: &'static str,
    #[serde(rename = "partOf")]
    pub(super) part_of: String,
    #[serde(rename = "startIndex")]
    pub(super) start_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
    /// Always empty; the written notes are inserted here.
    pub(super) items: [(); 0],
}

/// Serializes a collection or page, which cannot fail.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Splits the JSON of a collection or page inside its empty array `items`, where the notes are to be inserted.
pub(super) fn split_at_items(json: &str) -> (&str, &str) {
    const EMPTY: &str = "\"items\":[";
    // Quotation marks in values are escaped, so this matches the field name only.
    json.split_at(json.rfind(EMPTY).map_or(json.len(), |at| at + EMPTY.len()))
}

/// Inserts written notes into the empty array `items` of `json`.
fn with_items(json: &str, items: &[String]) -> Vec<u8> {
    let (head, tail) = split_at_items(json);
    let length: usize = items.iter().map(|item| item.len() + 2).sum();
    let mut out = Vec::with_capacity(json.len() + length + 1);
    out.extend_from_slice(head.as_bytes());
    for (at, item) in items.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b",\n" });
        out.extend_from_slice(item.as_bytes());
    }
    out.extend_from_slice(tail.as_bytes());
    out.push(b'\n');
    out
}

/// The path of page `number`, from 1, of the site's collection.
pub(crate) fn page_path(number: usize) -> String {
    format!("annotations/{number}.jsonld")
}

/// Builds the collection of all notes of a site, one page after the other, while texts are processed.
#[derive(Debug)]
pub(crate) struct SiteCollection<'s> {
    site: &'s Site,
    /// The notes of the current page.
    items: Vec<String>,
    /// The number of finished pages.
    pages: usize,
    /// The number of notes added.
    total: usize,
}

impl<'s> SiteCollection<'s> {
    /// An empty collection.
    pub(crate) fn new(site: &'s Site) -> Self {
        Self { site, items: Vec::new(), pages: 0, total: 0 }
    }

    /// Adds a note. If the current page is full, it is finished first and returned with its path.
    pub(crate) fn add(&mut self, item: String) -> Option<(String, Vec<u8>)> {
        let finished = (self.items.len() == ITEMS_PER_PAGE).then(|| self.page(false));
        self.items.push(item);
        self.total += 1;
        finished
    }

    /// Finishes the last page, and returns it with the collection itself, each with its path.
    pub(crate) fn finish(mut self) -> Vec<(String, Vec<u8>)> {
        let last = (!self.items.is_empty()).then(|| self.page(true));
        let page = |number: usize| (number > 0).then(|| self.url("", &page_path(number)));
        let collection = Collection {
            context: Context::of(self.site),
            id: self.url("", FILE),
            r#type: "AnnotationCollection",
            label: &self.site.title,
            total: self.total,
            first: page(self.pages.min(1)),
            last: page(self.pages),
        };
        let mut root = json(&collection).into_bytes();
        root.push(b'\n');
        last.into_iter().chain([(FILE.to_owned(), root)]).collect()
    }

    /// Finishes the current page.
    fn page(&mut self, is_last: bool) -> (String, Vec<u8>) {
        self.pages += 1;
        let items = std::mem::take(&mut self.items);
        let path = page_path(self.pages);
        let other = |number: usize| self.url(&path, &page_path(number));
        let page = Page {
            context: Some(Context::of(self.site)),
            id: other(self.pages),
            r#type: "AnnotationPage",
            part_of: self.url(&path, FILE),
            start_index: self.total - items.len(),
            prev: (self.pages > 1).then(|| other(self.pages - 1)),
            next: (!is_last).then(|| other(self.pages + 1)),
            items: [],
        };
        let written = with_items(&json(&page), &items);
        (path, written)
    }

    /// The URL of a file of the site; without a base URL, relative to the file at `from`.
    fn url(&self, from: &str, to: &str) -> String {
        match self.site.base_url.as_str() {
            "" => relative(from, to),
            base => format!("{base}{}", relative("", to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_at_most_a_hundred_notes() {
        let mut diagnostics = crate::diagnostics::Diagnostics::default();
        let site = Site::read(&crate::diagnostics::File::new("site.toml", "title = \"T\""), &mut diagnostics);
        let mut all = SiteCollection::new(&site);
        let finished: Vec<_> =
            (0..201).filter_map(|number| all.add(format!("{{\"id\":\"{number}\"}}"))).collect();
        let files: Vec<_> = finished.into_iter().chain(all.finish()).collect();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            ["annotations/1.jsonld", "annotations/2.jsonld", "annotations/3.jsonld", "annotations.jsonld"]
        );
        let values: Vec<serde_json::Value> =
            files.iter().map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect();
        let page = &values[1];
        assert_eq!((&page["startIndex"], &page["items"][0]["id"]), (&100.into(), &"100".into()));
        assert_eq!((&page["prev"], &page["next"]), (&"1.jsonld".into(), &"3.jsonld".into()));
        assert_eq!(
            (&page["partOf"], &values[2]["next"]),
            (&"../annotations.jsonld".into(), &serde_json::Value::Null)
        );
        assert_eq!((&values[3]["total"], &values[3]["last"]), (&201.into(), &"annotations/3.jsonld".into()));
    }
}
