//! Describes pages for search engines, as schema.org data in JSON-LD.
//!
//! A `ClaimReview` is written only for verdicts with a rating, and only if the site has a base URL, because both are
//! required.

use serde_json::{Map, Value, json};

use hayagriva::citationberg::taxonomy::NameVariable;

use crate::bibliography::{Bibliography, Item, Name, Work};
use crate::names::address;
use crate::names::path::relative;
use crate::reader::{Reader, ReaderNote};
use crate::site::{Kind, Site, licence_url};

const CONTEXT: &str = "https://schema.org";
/// How many authors of a work are written, because every page that cites the work repeats them.
const PEOPLE: usize = 20;

/// The data of the home page: the edition itself.
pub(crate) fn edition(site: &Site) -> String {
    let mut page = thing("CreativeWork", &site.title);
    page.insert("@context".to_owned(), json!(CONTEXT));
    add(&mut page, "description", &site.description);
    add(&mut page, "inLanguage", &site.language);
    add(&mut page, "url", &site.base_url);
    add(&mut page, "version", &site.version);
    add(&mut page, "datePublished", site.date.as_deref().unwrap_or_default());
    add_all(&mut page, "author", site.authors.iter().map(|name| named("Organization", name)));
    add(&mut page, "license", &licence_url(&site.licence).unwrap_or_default());
    script_safe(Value::Object(page))
}

/// The JSON of every work, in the order of the bibliography. Written once, for all pages that cite the work.
pub(crate) fn citations(bibliography: &Bibliography) -> Vec<String> {
    let object = |work: &Work| {
        let record = bibliography.record(&work.key).unwrap_or_default();
        script_safe(Value::Object(work_object(work, &record)))
    };
    bibliography.works().map(object).collect()
}

/// The data of a reader page. `citations` is the result of [`citations`].
pub(crate) fn reader(
    reader: &Reader<'_>,
    site: &Site,
    bibliography: &Bibliography,
    citations: &[String],
) -> String {
    let source = reader.source;
    let file = source.page();
    let mut page = thing("CreativeWork", &source.title);
    page.insert("@context".to_owned(), json!(CONTEXT));
    add(&mut page, "inLanguage", &site.language);
    add(&mut page, "url", &page_url(site, &file));
    page.insert("isPartOf".to_owned(), named("CreativeWork", &site.title));
    let mut authors: Vec<&str> = reader.layers.iter().map(|layer| layer.author.as_str()).collect();
    authors.retain(|author| !author.is_empty());
    authors.dedup();
    add_all(&mut page, "author", authors.into_iter().map(|name| named("Organization", name)));
    page.insert("about".to_owned(), Value::Object(source_object(reader, site)));
    let works = reader.works.iter().filter_map(|listed| citations.get(bibliography.place(&listed.key)?));
    let works: Vec<&str> = works.map(String::as_str).collect();
    if !works.is_empty() {
        page.insert("citation".to_owned(), Value::Null);
    }
    let reviews: Vec<Value> =
        if site.base_url.is_empty() { Vec::new() } else { reviews(reader, site, &file) };
    let page = if reviews.is_empty() {
        Value::Object(page)
    } else {
        page.remove("@context");
        let graph: Vec<Value> = std::iter::once(Value::Object(page)).chain(reviews).collect();
        json!({ "@context": CONTEXT, "@graph": graph })
    };
    // Quotation marks inside strings are escaped, so this occurs nowhere else.
    script_safe(page).replacen("\"citation\":null", &format!("\"citation\":[{}]", works.join(",")), 1)
}

/// The data of a work's page.
pub(crate) fn work(work: &Work, record: &Item) -> String {
    let mut page = work_object(work, record);
    page.insert("@context".to_owned(), json!(CONTEXT));
    script_safe(Value::Object(page))
}

/// The source text itself.
fn source_object(reader: &Reader<'_>, site: &Site) -> Map<String, Value> {
    let front = &reader.source.front;
    let mut object = thing("CreativeWork", &reader.source.title);
    let text_or_empty = |value: &Option<String>| value.clone().unwrap_or_default();
    add(&mut object, "inLanguage", reader.source.language(&site.language));
    add(&mut object, "url", &text_or_empty(&front.url));
    add(&mut object, "datePublished", front.date.as_ref().map_or("", crate::site::date::Date::as_str));
    let author = text_or_empty(&front.author);
    if !author.is_empty() && author != "unknown" {
        object.insert("author".to_owned(), named("Person", &author));
    }
    let publisher = text_or_empty(&front.publisher);
    if !publisher.is_empty() {
        object.insert("publisher".to_owned(), named("Organization", &publisher));
    }
    object
}

/// A work, as an object in a page's citations.
fn work_object(work: &Work, record: &Item) -> Map<String, Value> {
    // A work with a DOI is assumed to be scholarly.
    let form = if work.doi.is_some() { "ScholarlyArticle" } else { "CreativeWork" };
    let mut object = thing(form, if work.title.is_empty() { &work.key } else { &work.title });
    for (role, property) in [(NameVariable::Author, "author"), (NameVariable::Editor, "editor")] {
        let names = record.names(role).iter().filter(|name| !name.others).take(PEOPLE);
        add_all(&mut object, property, names.map(person));
    }
    add(&mut object, "datePublished", work.year.as_deref().unwrap_or_default());
    add(&mut object, "sameAs", &work.href().unwrap_or_default());
    object
}

/// A person with the parts of the name in reading order, or an organization.
fn person(name: &Name) -> Value {
    if name.literal {
        // A single word may also be a person: Aristotle.
        let one_word = !name.family.contains(char::is_whitespace) && name.family.contains(char::is_lowercase);
        return named(if one_word { "Person" } else { "Organization" }, &name.family);
    }
    let family = name.short();
    let parts = [&name.given, &name.dropping_particle, &family, &name.suffix].map(String::as_str);
    named("Person", &parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// A `ClaimReview` for each note whose verdict has a rating.
fn reviews(reader: &Reader<'_>, site: &Site, file: &str) -> Vec<Value> {
    let review = |note: &ReaderNote<'_>| {
        let kind = note.parsed.kind(site)?;
        let verdict = note.parsed.verdict(site)?;
        let (worst, best) = rating_range(kind)?;
        let passage = note.passages.first()?;
        let words = reader.text.reading().get(passage.range())?;
        let layer = reader.layers.get(note.layer);
        let author = layer.map(|layer| layer.author.as_str()).filter(|author| !author.is_empty());
        let fragment = crate::text::encode_fragment(&note.parsed.id);
        let mut review = thing("ClaimReview", &note.title_words);
        add(&mut review, "url", &format!("{}#note-{fragment}", page_url(site, file)));
        add(&mut review, "claimReviewed", &words.split_whitespace().collect::<Vec<_>>().join(" "));
        let date =
            note.parsed.updated.as_ref().or(note.parsed.date.as_ref()).map(crate::site::date::Date::as_str);
        add(
            &mut review,
            "datePublished",
            date.or(layer.map(|layer| layer.date.as_str())).unwrap_or_default(),
        );
        let reviewer = author.or(site.authors.first().map(String::as_str)).unwrap_or(&site.title);
        review.insert("author".to_owned(), named("Organization", reviewer));
        let claim = json!({ "@type": "Claim", "appearance": source_object(reader, site) });
        review.insert("itemReviewed".to_owned(), claim);
        review.insert(
            "reviewRating".to_owned(),
            json!({
                "@type": "Rating",
                "ratingValue": verdict.rating?,
                "worstRating": worst,
                "bestRating": best,
                "alternateName": verdict.label,
            }),
        );
        Some(Value::Object(review))
    };
    reader.notes.iter().filter_map(review).collect()
}

/// The lowest and highest rating among the verdicts of a kind.
fn rating_range(kind: &Kind) -> Option<(i64, i64)> {
    let ratings = || kind.verdicts.iter().filter_map(|verdict| verdict.rating);
    ratings().min().zip(ratings().max())
}

/// The URL of a page; empty without a base URL.
fn page_url(site: &Site, file: &str) -> String {
    if site.base_url.is_empty() {
        return String::new();
    }
    format!("{}{}", site.base_url, address::without_index(&relative("", file)))
}

/// An object with a type and a name.
fn thing(form: &str, name: &str) -> Map<String, Value> {
    Map::from_iter([("@type".to_owned(), json!(form)), ("name".to_owned(), json!(name))])
}

fn named(form: &str, name: &str) -> Value {
    json!({ "@type": form, "name": name })
}

fn add(to: &mut Map<String, Value>, key: &str, value: &str) {
    if !value.is_empty() {
        to.insert(key.to_owned(), json!(value));
    }
}

fn add_all(to: &mut Map<String, Value>, key: &str, values: impl Iterator<Item = Value>) {
    let values: Vec<Value> = values.collect();
    if !values.is_empty() {
        to.insert(key.to_owned(), Value::Array(values));
    }
}

/// Writes JSON that is safe inside `<script>`: characters that could end the element are escaped.
fn script_safe(value: Value) -> String {
    let json = serde_json::to_string(&value).unwrap_or_default();
    let mut safe = String::with_capacity(json.len());
    let mut copied = 0;
    // 0xe2 is the first byte of U+2028 and U+2029, and of other characters, which are kept.
    let bytes = json.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'<' | b'>' | b'&' | 0xe2));
    for (at, _) in bytes {
        let Some(c) = json[at..].chars().next() else { continue };
        if matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') {
            safe.push_str(&json[copied..at]);
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
            copied = at + c.len_utf8();
        }
    }
    safe.push_str(&json[copied..]);
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_author_is_a_person_or_an_organization() {
        let text = "@book{a, author={van der Berg, Jr., Anna and {World Health Organization} and Aristotle and others}, title={T}}";
        let style = crate::bibliography::Style::Named("apa", crate::diagnostics::Place::of_path("site.toml"));
        let file = crate::diagnostics::File::new("a.bib", text);
        let bibliography =
            Bibliography::load(&[file], &style, "en", &mut crate::diagnostics::Diagnostics::default());
        let object: Value = serde_json::from_str(&citations(&bibliography)[0]).unwrap();
        let authors: Vec<String> = object["author"]
            .as_array()
            .unwrap()
            .iter()
            .map(|author| format!("{} {}", author["@type"], author["name"]))
            .collect();
        assert_eq!(
            authors,
            [
                r#""Person" "Anna van der Berg Jr.""#,
                r#""Organization" "World Health Organization""#,
                r#""Person" "Aristotle""#
            ]
        );
    }

    #[test]
    fn json_cannot_end_a_script_element() {
        let words = "</script><!--<script> & \u{2028}";
        let safe = script_safe(json!({ "name": words }));
        assert!(!safe.contains(['<', '>', '&', '\u{2028}']), "{safe}");
        assert_eq!(serde_json::from_str::<Value>(&safe).unwrap(), json!({ "name": words }));
    }
}
