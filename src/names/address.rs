//! The folders and files a site is made of, and the path of every output.
//!
//! The path of every page is built here, so a page that moves is a change in this file alone; a file in another format
//! is named by its own file in `export/`. Paths are relative to the
//! site's root or to the output folder, with `/` between names. Claiming them is [`super::path::Claims`].

/// The file that makes a folder a site.
pub const CONFIG: &str = "site.toml";
/// The folder of the source texts.
pub const SOURCES: &str = "sources";
/// The folder of the layers of notes, the edition's own pages and the bibliography.
pub const ANNOTATIONS: &str = "annotations";
/// The folder of a site's own templates, styles, scripts and strings.
pub const THEME: &str = "theme";
/// The folders in which people write, which no output may replace.
pub const WRITTEN: [&str; 3] = [SOURCES, ANNOTATIONS, THEME];

/// The file at the root of the output that says that Postil made the folder.
pub const MARKER: &str = ".postil";
/// Where the theme's files go.
pub const THEME_FILES: &str = "_theme";
/// Where files that stand beside notes go.
pub const NOTE_ASSETS: &str = "_notes";
/// Where the files of the search index go.
pub const SEARCH_INDEX: &str = "_search";
/// The page that searches the site.
pub const SEARCH: &str = "search/index.html";
/// The folder of the bibliography.
pub const WORKS: &str = "works";
/// The folder of the guidelines.
pub const GUIDELINES: &str = "guidelines";
/// Names at the root that a register cannot take.
pub const RESERVED: [&str; 5] = [WORKS, GUIDELINES, "search", THEME_FILES, INDEX];

/// The file of a page in its folder.
const INDEX: &str = "index.html";
/// Where the edition's own pages stand, from `annotations/`.
const PAGES: &str = "_pages/";

/// The page in `folder`; `""` is the output folder itself.
pub fn page_in(folder: &str) -> String {
    in_folder(folder, INDEX)
}

/// The path of `name` in `folder`; `""` is the folder the path starts from.
pub fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { [folder, "/", name].concat() }
}

/// Page `number`, from 1, of the home page, which lists the texts.
pub fn home(number: usize) -> String {
    if number <= 1 { INDEX.to_owned() } else { page_in(&format!("texts/{number}")) }
}

/// Page `number`, from 1, of a list in `folder`: a section, a register, the works or the guidelines.
pub fn list(folder: &str, number: usize) -> String {
    if number <= 1 { page_in(folder) } else { page_in(&format!("{folder}/page/{number}")) }
}

/// The folder of a register, or of one of its verdicts.
pub fn register(register: &str, verdict: Option<&str>) -> String {
    verdict.map_or_else(|| register.to_owned(), |verdict| in_folder(register, verdict))
}

/// The folder of the page of the work called `name`.
pub fn work(name: &str) -> String {
    in_folder(WORKS, name)
}

/// The stylesheet for the layout of reader pages of up to `rows` parts.
pub fn layout(rows: usize) -> String {
    in_folder(THEME_FILES, &format!("layout-{rows}.css"))
}

/// A script of the search index.
pub fn search_script(name: &str) -> String {
    format!("{SEARCH_INDEX}/{name}.js")
}

/// The page of a file of the edition's own, by its path from `annotations/`: `_pages/about.md`, `_index.md` or
/// `FOLDER/_index.md`.
pub fn site_page(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".md")?;
    match stem.strip_prefix(PAGES) {
        Some(name) => Some(page_in(name)),
        None if stem == "_index" => Some(home(1)),
        None => stem.strip_suffix("/_index").map(page_in),
    }
}

/// Whether a file, by its path from `annotations/`, is a page of its own and no introduction.
pub fn is_own_page(path: &str) -> bool {
    path.starts_with(PAGES) && site_page(path).is_some()
}

/// The folder of texts that an `_index.md` introduces; `path` is from `annotations/`.
pub fn introduced(path: &str) -> Option<&str> {
    path.strip_suffix("/_index.md").filter(|folder| !format!("{folder}/").starts_with(PAGES))
}

/// The text that a Markdown file holds, by its path from `sources/`: `x.md` and `x/index.md` hold `x`.
pub fn text_of(path: &str) -> &str {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    stem.strip_suffix("/index").unwrap_or(stem)
}

/// The path of a text as a user gives it: with or without `sources/`, `annotations/`, `index.md` and `.md`.
pub fn as_text_path(given: &str) -> &str {
    let path = given.trim().trim_start_matches("./");
    let path = [SOURCES, ANNOTATIONS].iter().find_map(|folder| within(path, folder)).unwrap_or(path);
    text_of(path).trim_end_matches('/')
}

/// `path` without the folder it begins with, if it is in that folder.
pub fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// `path` without `folder`, or as it is where it is not in it.
pub fn below<'p>(folder: &str, path: &'p str) -> &'p str {
    within(path, folder).unwrap_or(path)
}

/// The folder that `path` is in, `""` at the top.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last name of `path`.
pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// An address without the `index.html` that hosts add by themselves.
pub fn published(address: &str) -> &str {
    address.strip_suffix(INDEX).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_suffix_is_taken_from_a_name() {
        assert_eq!(["a.md", "a/index.md", "a.md.md", "index.md"].map(text_of), ["a", "a", "a.md", "index"]);
    }

    #[test]
    fn the_editions_own_files_have_pages() {
        let pages = ["_pages/about.md", "_index.md", "a/b/_index.md", "a.md"].map(site_page);
        let expected = [Some("about/index.html"), Some("index.html"), Some("a/b/index.html"), None];
        assert_eq!(pages, expected.map(|page| page.map(str::to_owned)));
        assert_eq!(
            ["a/_index.md", "_pages/_index.md", "_pages/a/_index.md"].map(introduced),
            [Some("a"), None, None]
        );
    }

    #[test]
    fn the_first_page_of_a_list_is_in_its_folder() {
        assert_eq!([home(1), home(2)], ["index.html", "texts/2/index.html"]);
        assert_eq!([list("works", 1), list("works", 3)], ["works/index.html", "works/page/3/index.html"]);
    }

    #[test]
    fn a_path_is_in_a_folder_only_below_it() {
        assert_eq!(within("annotations/a.md", ANNOTATIONS), Some("a.md"));
        assert_eq!(within("annotationsannotations/a.md", ANNOTATIONS), None);
    }
}
