//! The edition's own pages: `annotations/_index.md` and `annotations/_pages/*.md`.

use std::collections::BTreeSet;
use std::sync::Arc;

use pulldown_cmark::{Event, HeadingLevel, Tag};
use serde::Deserialize;

use crate::bibliography::ListedWork;
use crate::bibliography::in_prose::Citations;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::html::Ids;
use crate::markdown::{self, Item, Scope, matching_end, plain};
use crate::names::address;
use crate::reader::edition::Edition;
use crate::reader::links::{Needs, NoteLinks, PAGE_PREFIX};
use crate::reader::{Cited, report_unknown};
use crate::site::front_matter;

/// Front matter of a page of the edition's own.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Front {
    /// Its title.
    pub title: Option<String>,
    /// A sentence about it.
    pub description: String,
    /// Its order among the pages, smaller first.
    pub weight: i64,
    /// A free table for templates.
    pub extra: toml::Table,
}

/// A page of the edition's own.
#[derive(Debug)]
pub struct SitePage {
    /// The output file.
    pub page: String,
    /// The file it was read from.
    pub file: Arc<File>,
    /// What its front matter says.
    pub front: Front,
    /// Its title.
    pub title: String,
    /// Its HTML.
    pub html: String,
    /// Its words.
    pub words: String,
    /// The works it cites.
    pub works: Vec<ListedWork>,
    /// The keys it cites.
    pub cited: Vec<String>,
    /// The works it cites, each with its locator.
    pub cites: Vec<Cited>,
    /// What its links need, to lead somewhere.
    pub needs: Needs,
    /// The ids on it.
    pub ids: BTreeSet<String>,
}

/// The weight and the title of a page, before it is read.
pub fn heading(file: &Arc<File>) -> (i64, String) {
    let (front, body): (Front, usize) =
        front_matter::read(file, Code::LayerFrontMatter, &mut Diagnostics::default());
    let text = file.text.get(body..).unwrap_or_default();
    let items = markdown::items(text, body);
    let (title, _) = title(&front, file, &items);
    (front.weight, title)
}

/// The title of a page: its own, or the first-level heading it begins with, or the name of its file; and how many of
/// its items are that heading, which is not shown twice.
fn title(front: &Front, file: &File, items: &[Item<'_>]) -> (String, usize) {
    let heading = matches!(
        items.first(),
        Some(Item::Event(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), _))
    );
    let length = if heading { matching_end(items, 0) + 1 } else { 0 };
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

/// How far headings move to stand below the page's title; a page without a first-level one has them there.
fn heading_shift(items: &[Item<'_>]) -> u8 {
    let is_first_level = |item: &Item<'_>| {
        matches!(item, Item::Event(Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }), _))
    };
    u8::from(items.iter().any(is_first_level))
}

/// Reads a page of the edition's own.
pub fn read(file: &Arc<File>, edition: &Edition<'_>, diagnostics: &mut Diagnostics) -> SitePage {
    let (front, body): (Front, usize) = front_matter::read(file, Code::LayerFrontMatter, diagnostics);
    let text = file.text.get(body..).unwrap_or_default();
    let items = markdown::items(text, body);
    let path = address::below(address::ANNOTATIONS, &file.path);
    // Introductions stand under titles that are not theirs.
    let (title, shown) = title(&front, file, &items);
    let shown = if address::is_own_page(path) { shown } else { 0 };
    let mut citations = Citations::default();
    let items = citations.take(items.get(shown..).unwrap_or_default(), file);
    report_unknown(edition.bibliography, &citations.keys, diagnostics);
    let formatted = edition.bibliography.format(&citations.clusters);
    let page = address::site_page(path).unwrap_or_default();
    let mut needs = Needs::default();
    let mut own: Vec<(String, Place)> = Vec::new();
    let html = {
        let mut links = NoteLinks {
            page: page.clone(),
            layers: None,
            edition,
            file,
            audience: edition.audience,
            needs: &mut needs,
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
                    own.push((id.to_owned(), Place::new(file, span)));
                }
                address
            },
        };
        markdown::write(&items, &file.text, scope)
    };
    let marked = html.html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let ids: BTreeSet<String> = marked.map(str::to_owned).collect();
    for (id, place) in own {
        if !ids.contains(&id) {
            let message = format!("the page has no place `#{}`", id.trim_start_matches(PAGE_PREFIX));
            diagnostics.push(
                Diagnostic::error(Code::LinkBroken, place, message)
                    .help("write the words of a heading, in lower case with `-` between"),
            );
        }
    }
    let works = citations.clusters.iter().flat_map(|cluster| &cluster.items);
    let cites = works.map(|work| Cited { key: work.key.clone(), locator: work.locator.clone() }).collect();
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
        needs,
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
            let (title, shown) = title(&front, &File::new("annotations/_pages/about-us.md", text), &items);
            (title, shown > 0)
        };
        assert_eq!(read(None, "# About *it*\n\nA\n"), ("About it".to_owned(), true));
        assert_eq!(read(Some("About it"), "# About it\n\nA\n"), ("About it".to_owned(), true));
        assert_eq!(read(Some("Us"), "# About it\n\nA\n"), ("Us".to_owned(), false));
        assert_eq!(read(None, "A\n\n# B\n"), ("About us".to_owned(), false));
    }

    #[test]
    fn headings_stand_below_the_title() {
        let shift = |text: &str| {
            let items = markdown::items(text, 0);
            heading_shift(&items)
        };
        assert_eq!([shift("## A\n\n### B\n"), shift("# A\n\n## B\n"), shift("A\n")], [0, 1, 0]);
    }
}
