//! Writes `sitemap.xml`, the list of all pages for search engines.
//!
//! Follows the protocol of sitemaps.org, version 0.9: a file has at most 50,000 URLs; if there are more, `sitemap.xml`
//! is an index of several files.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{EditionData, EditionFile};
use crate::names::address;
use crate::names::path::relative;

/// The name of the file at the root.
pub(crate) const FILE: &str = "sitemap.xml";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// The most URLs in one file.
const MAX_URLS: usize = 50_000;

/// The URL of a page, and the date of its newest note, if it has one.
type Page = (String, Option<String>);

/// `sitemap.xml`, if the site has a base URL.
pub(crate) struct Pages;

impl EditionFile for Pages {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        match edition.pages.len() {
            _ if edition.site.base_url.is_empty() => Vec::new(),
            count if count <= MAX_URLS => vec![FILE.to_owned()],
            count => (1..=count.div_ceil(MAX_URLS)).map(part_path).chain([FILE.to_owned()]).collect(),
        }
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let base = &edition.site.base_url;
        if base.is_empty() {
            return Ok(Vec::new());
        }
        let page = |(path, day): &(String, Option<String>)| {
            (format!("{base}{}", address::without_index(&relative("", path))), day.clone())
        };
        write(base, &edition.pages.iter().map(page).collect::<Vec<_>>())
    }
}

/// The path of file `number`, from 1, of a sitemap with several files.
fn part_path(number: usize) -> String {
    format!("sitemap-{number}.xml")
}

/// The files of the sitemap, with their paths; `base` is the base URL.
fn write(base: &str, pages: &[Page]) -> io::Result<Vec<(String, Vec<u8>)>> {
    if pages.len() <= MAX_URLS {
        return Ok(vec![(FILE.to_owned(), list("urlset", "url", pages)?)]);
    }
    let mut files = Vec::new();
    let mut index: Vec<Page> = Vec::new();
    for (addresses, number) in pages.chunks(MAX_URLS).zip(1..) {
        let path = part_path(number);
        index.push((format!("{base}{path}"), None));
        files.push((path, list("urlset", "url", addresses)?));
    }
    files.push((FILE.to_owned(), list("sitemapindex", "sitemap", &index)?));
    Ok(files)
}

/// Writes one file: `root` is `urlset` or `sitemapindex`, `item` its child element.
fn list(root: &str, item: &str, pages: &[Page]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element(root).with_attribute(("xmlns", NAMESPACE)).write_inner_content(|writer| {
        for (address, day) in pages {
            writer.create_element(item).write_inner_content(|writer| {
                writer.create_element("loc").write_text_content(BytesText::new(address))?;
                if let Some(day) = day {
                    writer.create_element("lastmod").write_text_content(BytesText::new(day))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(writer.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_escaped_and_have_a_date() {
        let pages =
            [("https://x/a?b&c".to_owned(), Some("2026-11-21".to_owned())), ("https://x/".to_owned(), None)];
        let files = write("https://x/", &pages).unwrap();
        let text = String::from_utf8(files[0].1.clone()).unwrap();
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns="), "{text}");
        assert!(
            text.contains("<url><loc>https://x/a?b&amp;c</loc><lastmod>2026-11-21</lastmod></url><url><loc>https://x/</loc></url>"),
            "{text}"
        );
    }

    #[test]
    fn many_pages_are_split_into_files() {
        let pages: Vec<Page> = (0..MAX_URLS + 1).map(|n| (format!("https://x/{n}"), None)).collect();
        let files = write("https://x/", &pages).unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["sitemap-1.xml", "sitemap-2.xml", "sitemap.xml"]);
        let index = String::from_utf8_lossy(&files[2].1);
        assert!(index.contains("<sitemap><loc>https://x/sitemap-2.xml</loc></sitemap>"), "{index}");
    }
}
