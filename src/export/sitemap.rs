//! The pages of a site for search engines, as `sitemap.xml`.
//!
//! After the protocol of sitemaps.org, 0.9: at most 50,000 addresses in a file, and an index of files
//! where there are more.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{EditionData, EditionFile};
use crate::names::address;
use crate::names::path::relative;

/// The name of the file at the root.
pub const FILE: &str = "sitemap.xml";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// The most addresses that one file may hold.
const MOST: usize = 50_000;

/// A page, by its address, and the day of its newest note, if that is known.
type Page = (String, Option<String>);

/// `sitemap.xml`, if the edition has an address.
pub struct Pages;

impl EditionFile for Pages {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        match edition.pages.len() {
            _ if edition.site.base_url.is_empty() => Vec::new(),
            count if count <= MOST => vec![FILE.to_owned()],
            count => (1..=count.div_ceil(MOST)).map(part).chain([FILE.to_owned()]).collect(),
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

/// The file of part `number`, from 1, of a sitemap with several.
fn part(number: usize) -> String {
    format!("sitemap-{number}.xml")
}

/// The files of the sitemap, with their paths; `base` is the address of the site.
fn write(base: &str, pages: &[Page]) -> io::Result<Vec<(String, Vec<u8>)>> {
    if pages.len() <= MOST {
        return Ok(vec![(FILE.to_owned(), list("urlset", "url", pages)?)]);
    }
    let mut files = Vec::new();
    let mut index: Vec<Page> = Vec::new();
    for (addresses, number) in pages.chunks(MOST).zip(1..) {
        let path = part(number);
        index.push((format!("{base}{path}"), None));
        files.push((path, list("urlset", "url", addresses)?));
    }
    files.push((FILE.to_owned(), list("sitemapindex", "sitemap", &index)?));
    Ok(files)
}

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
    fn addresses_are_escaped_and_dated() {
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
    fn many_addresses_are_parted() {
        let pages: Vec<Page> = (0..MOST + 1).map(|n| (format!("https://x/{n}"), None)).collect();
        let files = write("https://x/", &pages).unwrap();
        let paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["sitemap-1.xml", "sitemap-2.xml", "sitemap.xml"]);
        let index = String::from_utf8_lossy(&files[2].1);
        assert!(index.contains("<sitemap><loc>https://x/sitemap-2.xml</loc></sitemap>"), "{index}");
    }
}
