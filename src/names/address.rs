//! The names of a site's folders, and the paths of all pages in the output.
//!
//! Every page's path is built here, so that moving a page changes this file alone; the path of an export is in the
//! export's own file in `export/`. Paths are relative to the site's folder or the output folder, with `/` between
//! names. [`super::path::Claims`] checks that no two outputs have the same path.

/// The file that every site has in its folder.
pub(crate) const CONFIG: &str = "site.toml";
/// The folder of the source texts.
pub(crate) const SOURCES: &str = "sources";
/// The folder of the layers of notes, the edition's own pages and the bibliography.
pub(crate) const ANNOTATIONS: &str = "annotations";
/// The folder of a site's own templates, styles, scripts and strings.
pub(crate) const THEME: &str = "theme";
/// The folders that people write, which output must never overwrite.
pub(crate) const INPUT_FOLDERS: [&str; 3] = [SOURCES, ANNOTATIONS, THEME];

/// The file at the root of the output that marks the folder as made by Postil.
pub(crate) const MARKER: &str = ".postil";
/// The output folder of the theme's files.
pub(crate) const THEME_FILES: &str = "_theme";
/// The output folder of other files in `annotations/`, such as images.
pub(crate) const NOTE_ASSETS: &str = "_notes";
/// The output folder of the search index.
pub(crate) const SEARCH_INDEX: &str = "_search";
/// The search page.
pub(crate) const SEARCH: &str = "search/index.html";
/// The output folder of the bibliography.
pub(crate) const WORKS: &str = "works";
/// The output folder of the guidelines.
pub(crate) const GUIDELINES: &str = "guidelines";
/// Names in the output folder that a register cannot have.
pub(crate) const RESERVED: [&str; 5] = [WORKS, GUIDELINES, "search", THEME_FILES, INDEX];

/// The file name of a page.
const INDEX: &str = "index.html";
/// The folder of the edition's own pages, relative to `annotations/`.
const PAGES: &str = "_pages/";

/// The path of the page in `folder`; `""` is the output folder.
pub(crate) fn page_in(folder: &str) -> String {
    in_folder(folder, INDEX)
}

/// Joins `folder` and `name`; with the folder `""` the path is `name`.
pub(crate) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, "/", name].concat() }
}

/// The path of page `number`, from 1, of the home page's list of texts.
pub(crate) fn home(number: usize) -> String {
    if number <= 1 { INDEX.to_owned() } else { page_in(&format!("texts/{number}")) }
}

/// The path of page `number`, from 1, of a list in `folder`: a section, a register, the works or the guidelines.
pub(crate) fn list(folder: &str, number: usize) -> String {
    if number <= 1 { page_in(folder) } else { page_in(&format!("{folder}/page/{number}")) }
}

/// The folder of a register, or of one of its verdicts.
pub(crate) fn register(register: &str, verdict: Option<&str>) -> String {
    verdict.map_or_else(|| register.to_owned(), |verdict| in_folder(register, verdict))
}

/// The folder of a work's page; `name` is [`Work::name`](crate::bibliography::Work::name).
pub(crate) fn work(name: &str) -> String {
    in_folder(WORKS, name)
}

/// The path of the stylesheet that lays out reader pages with up to `rows` top-level blocks.
pub(crate) fn layout(rows: usize) -> String {
    in_folder(THEME_FILES, &format!("layout-{rows}.css"))
}

/// The path of a script of the search index.
pub(crate) fn search_script(name: &str) -> String {
    format!("{SEARCH_INDEX}/{name}.js")
}

/// The page made from `_pages/about.md`, `_index.md` or `FOLDER/_index.md`, a path relative to `annotations/`; `None`
/// for other files.
pub(crate) fn site_page(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".md")?;
    match stem.strip_prefix(PAGES) {
        Some(name) => Some(page_in(name)),
        None if stem == "_index" => Some(home(1)),
        None => stem.strip_suffix("/_index").map(page_in),
    }
}

/// Whether `path`, relative to `annotations/`, is one of the edition's own pages and not an introduction.
pub(crate) fn is_own_page(path: &str) -> bool {
    path.starts_with(PAGES) && site_page(path).is_some()
}

/// The folder of texts that is introduced by `FOLDER/_index.md`, a path relative to `annotations/`.
pub(crate) fn introduced_folder(path: &str) -> Option<&str> {
    path.strip_suffix("/_index.md").filter(|folder| !format!("{folder}/").starts_with(PAGES))
}

/// The path of the text in a Markdown file: `x` for `x.md` and for `x/index.md`.
pub(crate) fn text_of(path: &str) -> &str {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

/// The path of a text as a user gives it: with or without `sources/`, `annotations/`, `index.md` and `.md`.
pub(crate) fn as_text_path(given: &str) -> &str {
    let path = given.trim().trim_start_matches("./");
    let path = [SOURCES, ANNOTATIONS].iter().find_map(|folder| within(path, folder)).unwrap_or(path);
    text_of(path).trim_end_matches('/')
}

/// `path` relative to `folder`; `None` if it is not in that folder.
pub(crate) fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// `path` relative to `folder`, or unchanged if it is not in that folder.
pub(crate) fn below<'p>(folder: &str, path: &'p str) -> &'p str {
    within(path, folder).unwrap_or(path)
}

/// The folder of `path`; `""` if it has none.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last component of `path`.
pub(crate) fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A URL without a final `index.html`, since web servers serve that file for its folder.
pub(crate) fn without_index(address: &str) -> &str {
    address.strip_suffix(INDEX).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_suffix_is_removed() {
        assert_eq!(["a.md", "a/index.md", "a.md.md", "index.md"].map(text_of), ["a", "a", "a.md", "index"]);
    }

    #[test]
    fn own_pages_and_introductions_have_a_path() {
        let pages = ["_pages/about.md", "_index.md", "a/b/_index.md", "a.md"].map(site_page);
        let expected = [Some("about/index.html"), Some("index.html"), Some("a/b/index.html"), None];
        assert_eq!(pages, expected.map(|page| page.map(str::to_owned)));
        assert_eq!(
            ["a/_index.md", "_pages/_index.md", "_pages/a/_index.md"].map(introduced_folder),
            [Some("a"), None, None]
        );
    }

    #[test]
    fn the_first_page_of_a_list_is_in_its_folder() {
        assert_eq!([home(1), home(2)], ["index.html", "texts/2/index.html"]);
        assert_eq!([list("works", 1), list("works", 3)], ["works/index.html", "works/page/3/index.html"]);
    }

    #[test]
    fn a_shared_prefix_is_not_a_folder() {
        assert_eq!(within("annotations/a.md", ANNOTATIONS), Some("a.md"));
        assert_eq!(within("annotationsannotations/a.md", ANNOTATIONS), None);
    }
}
