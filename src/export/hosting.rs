//! Writes the files that hosts of static sites look for: `.nojekyll`, `404.html` and `robots.txt`.

use std::io;

use super::{EditionData, EditionFile};
use crate::html::escape_attribute;
use crate::site::{Site, direction};

/// Tells GitHub Pages to publish folders whose names begin with `_`.
const NO_JEKYLL: &str = ".nojekyll";
/// The page that a host shows for an address without a page.
const MISSING: &str = "404.html";
/// Tells search engines where the list of pages is. Only at the root of a host is it read.
const ROBOTS: &str = "robots.txt";

/// The files that hosts look for.
pub(crate) struct ForHosts;

impl EditionFile for ForHosts {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        let names = [NO_JEKYLL, MISSING, ROBOTS].into_iter();
        names.filter(|name| *name != ROBOTS || !edition.site.base_url.is_empty()).map(str::to_owned).collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let robots =
            format!("User-agent: *\nAllow: /\nSitemap: {}{}\n", edition.site.base_url, super::sitemap::FILE);
        let contents = |path: &str| match path {
            MISSING => missing_page(edition.site),
            ROBOTS => robots.clone(),
            _ => String::new(),
        };
        Ok(self.paths(edition).into_iter().map(|path| (path.clone(), contents(&path).into_bytes())).collect())
    }
}

/// The page for addresses without a page. It has no styles and no relative links, because it is shown in any folder.
fn missing_page(site: &Site) -> String {
    let escaped = |words: &str| {
        let mut out = String::new();
        escape_attribute(&mut out, words);
        out
    };
    let (title, text) = site.words.missing_page();
    let (title, text, edition) = (escaped(title), escaped(text), escaped(&site.title));
    let home = match site.base_url.as_str() {
        "" => format!("<p>{edition}</p>"),
        base => format!("<p><a href=\"{}\">{edition}</a></p>", escaped(base)),
    };
    let (language, direction) = (&site.language, direction(&site.language));
    format!(
        "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title} · {edition}</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n{home}\n</main>\n</body>\n</html>\n"
    )
}
