//! The floor: a minimal program that turns the same texts and notes into pages, for comparison.
//!
//! Reads Markdown with footnotes, renders it with pulldown-cmark's `push_html` on all cores, and writes a
//! folder and a file for each text.

use std::io;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Options, Parser, html};
use rayon::prelude::*;

/// Renders each file in `texts` to a page in `output`.
pub(crate) fn build(texts: &Path, output: &Path) -> io::Result<()> {
    let files: Vec<PathBuf> =
        std::fs::read_dir(texts)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    std::fs::create_dir_all(output)?;
    files.par_iter().try_for_each(|file| page(file, output))
}

fn page(file: &Path, output: &Path) -> io::Result<()> {
    let text = std::fs::read_to_string(file)?;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let name = file.file_stem().unwrap_or_default();
    let mut page = String::with_capacity(text.len() * 2);
    page.push_str("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    page.push_str(&name.to_string_lossy());
    page.push_str("</title></head><body>\n");
    html::push_html(&mut page, Parser::new_ext(&text, options));
    page.push_str("</body></html>\n");
    let folder = output.join(name);
    std::fs::create_dir(&folder)?;
    std::fs::write(folder.join("index.html"), page)
}
