//! Reads the edition's own pages: `_index.md` files and `_pages/*.md` in `annotations/`.

use std::collections::BTreeSet;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Tag};
use serde::Deserialize;

use crate::bibliography::ListedWork;
use crate::bibliography::in_markdown::Citations;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::html::Ids;
use crate::markdown::{self, Item, Scope, matching_end, plain};
use crate::names::address;
use crate::reader::edition::Edition;
use crate::reader::links::{LinkResolver, PAGE_PREFIX, PageLinks};
use crate::reader::{Citation, report_unknown_works};
use crate::site::front_matter;

/// Front matter of one of the edition's own pages.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Front {
    /// The title.
    pub title: Option<String>,
    /// A sentence about the page.
    pub description: String,
    /// The position among the pages, smaller first.
    pub weight: i64,
    /// The table `[extra]`, for templates.
    pub extra: toml::Table,
}

/// One of the edition's own pages.
#[derive(Debug)]
pub(crate) struct SitePage {
    /// The path of the output file.
    pub page: String,
    /// The file it was read from.
    pub file: Arc<File>,
    /// Its front matter.
    pub front: Front,
    /// The title.
    pub title: String,
    /// The content as HTML.
    pub html: String,
    /// The content as plain text.
    pub words: String,
    /// The list of works that it cites.
    pub works: Vec<ListedWork>,
    /// The keys of the works that it cites.
    pub cited: Vec<String>,
    /// Its citations, in reading order.
    pub cites: Vec<Citation>,
    /// Its links to other pages and files.
    pub links: PageLinks,
    /// The element ids in its HTML.
    pub ids: BTreeSet<String>,
}

/// The title of a page, and the number of `items` to skip.
///
/// The title is that of the front matter, else the first-level heading at the start, else made from the file name. If
/// the page begins with its title as a heading, the items of that heading are skipped, so that it is not shown twice.
fn title(front: &Front, file: &File, items: &[Item<'_>]) -> (String, usize) {
    let begins_with_heading = matches!(
        items.first(),
        Some(Item::Event(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), _))
    );
    let length = if begins_with_heading { matching_end(items, 0) + 1 } else { 0 };
    let words = plain(items.get(..length).unwrap_or_default());
    let words = words.trim();
    match &front.title {
        Some(title) if title.trim() == words => (title.clone(), length),
        Some(title) => (title.clone(), 0),
        None if !words.is_empty() => (words.to_owned(), length),
        None => {
            let stem = address::text_of(address::name_of(&file.path));
            (crate::site::label_of(stem.trim_start_matches('_')), 0)
        }
    }
}

/// The number of levels by which headings are shifted so that they are below the page's title: 1 if there is a
/// first-level heading.
fn heading_shift(items: &[Item<'_>]) -> u8 {
    let is_first_level = |item: &Item<'_>| {
        matches!(item, Item::Event(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), _))
    };
    u8::from(items.iter().any(is_first_level))
}

/// The pages that the header of every page links to, in order: the edition's own pages without introductions.
pub(crate) fn in_header(pages: &[SitePage]) -> Vec<&SitePage> {
    let is_own =
        |page: &&SitePage| address::is_own_page(address::below(address::ANNOTATIONS, &page.file.path));
    let mut own: Vec<&SitePage> = pages.iter().filter(is_own).collect();
    own.sort_by(|a, b| (a.front.weight, &a.page).cmp(&(b.front.weight, &b.page)));
    own
}

/// Reads one of the edition's own pages.
pub(crate) fn read(file: &Arc<File>, edition: &Edition<'_>, diagnostics: &mut Diagnostics) -> SitePage {
    let (front, body): (Front, usize) = front_matter::read(file, Code::LayerFrontMatter, diagnostics);
    let text = file.text.get(body..).unwrap_or_default();
    let items = markdown::items(text, body);
    let path = address::below(address::ANNOTATIONS, &file.path);
    // An introduction is shown below another title, so it keeps its own.
    let (title, skip) = title(&front, file, &items);
    let skip = if address::is_own_page(path) { skip } else { 0 };
    let mut citations = Citations::default();
    let items = citations.extract(items.get(skip..).unwrap_or_default(), file);
    report_unknown_works(edition.bibliography, &citations.keys, diagnostics);
    let formatted = edition.bibliography.format(&citations.clusters);
    let page = address::site_page(path).unwrap_or_default();
    let mut page_links = PageLinks::default();
    let mut same_page_links: Vec<(String, Place)> = Vec::new();
    let html = {
        let mut links = LinkResolver {
            page: page.clone(),
            layers: None,
            edition,
            file,
            audience: edition.audience,
            links: &mut page_links,
            diagnostics,
        };
        let scope = Scope {
            prefix: PAGE_PREFIX,
            ids: Ids::Headings(PAGE_PREFIX.to_owned()),
            heading_shift: heading_shift(&items),
            citations: &formatted.clusters,
            highlighter: edition.highlighter,
            resolve: &mut |to, span| {
                let address = links.resolve(to, span);
                if let Some(id) = address.as_deref().and_then(|a| a.strip_prefix('#')) {
                    same_page_links.push((id.to_owned(), Place::new(file, span)));
                }
                address
            },
        };
        markdown::write(&items, &file.text, scope)
    };
    let id_values = html.html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let ids: BTreeSet<String> = id_values.map(str::to_owned).collect();
    for (id, place) in same_page_links {
        if !ids.contains(&id) {
            let message = format!("the page has no heading `#{}`", id.trim_start_matches(PAGE_PREFIX));
            diagnostics.push(
                Diagnostic::error(Code::LinkBroken, place, message)
                    .help("write the words of a heading in lower case, joined by `-`"),
            );
        }
    }
    let works = citations.clusters.iter().flat_map(|cluster| &cluster.items);
    let cites = works.map(|work| Citation { key: work.key.clone(), locator: work.locator.clone() }).collect();
    let cited = citations.keys.into_iter().map(|(key, _)| key).collect();
    SitePage {
        page,
        file: Arc::clone(file),
        front,
        title,
        html: html.html,
        words: html.reading,
        works: formatted.works,
        cited,
        cites,
        links: page_links,
        ids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_that_is_the_title_is_not_shown_twice() {
        let read = |front: Option<&str>, text: &str| {
            let items = markdown::items(text, 0);
            let front = Front { title: front.map(str::to_owned), ..Front::default() };
            let (title, skip) = title(&front, &File::new("annotations/_pages/about-us.md", text), &items);
            (title, skip > 0)
        };
        assert_eq!(read(None, "# About *it*\n\nA\n"), ("About it".to_owned(), true));
        assert_eq!(read(Some("About it"), "# About it\n\nA\n"), ("About it".to_owned(), true));
        assert_eq!(read(Some("Us"), "# About it\n\nA\n"), ("Us".to_owned(), false));
        assert_eq!(read(None, "A\n\n# B\n"), ("About us".to_owned(), false));
    }

    #[test]
    fn headings_are_shifted_below_the_title() {
        let shift = |text: &str| {
            let items = markdown::items(text, 0);
            heading_shift(&items)
        };
        assert_eq!([shift("## A\n\n### B\n"), shift("# A\n\n## B\n"), shift("A\n")], [0, 1, 0]);
    }
}
