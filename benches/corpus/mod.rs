//! Generates sites to measure, from a fixed seed: the same in every run and on every machine.
//!
//! Uses nothing of Postil; only the file formats of `docs/formats.md`.

mod article;
mod note;
mod passage;
mod prose;
mod random;
mod works;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr;

use rayon::prelude::*;

use article::{Article, Length};
use prose::ProseStyle;
use random::Random;
use works::Work;

/// The folder of the site in a corpus.
pub(crate) const SITE: &str = "site";
/// The folder in a corpus with the same texts, but with notes as footnotes.
pub(crate) const FOOTNOTED: &str = "footnoted";

const SEED: u64 = 20_261_121;
const WORKS: usize = 200;

/// The properties of a site.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    prose: ProseStyle,
    length: Length,
    texts: usize,
    notes: usize,
}

impl FromStr for Shape {
    type Err = String;

    /// Parses `articles:1000`, or `english:5000`, `repeats:5000` or `chinese:5000`. The latter are one text
    /// of 1 MB with that many notes.
    fn from_str(name: &str) -> Result<Self, String> {
        let unknown = || format!("unknown shape of a site: `{name}`");
        let (form, count) = name.split_once(':').ok_or_else(unknown)?;
        let count = count.parse().map_err(|_| unknown())?;
        let long = |prose| Self { prose, length: Length::Bytes(1_000_000), texts: 1, notes: count };
        match form {
            "articles" => {
                Ok(Self { prose: ProseStyle::English, length: Length::Words(1000), texts: count, notes: 20 })
            }
            "english" => Ok(long(ProseStyle::English)),
            "repeats" => Ok(long(ProseStyle::Repeats)),
            "chinese" => Ok(long(ProseStyle::Chinese)),
            _ => Err(unknown()),
        }
    }
}

/// The arguments of the program; `None` if they requested a site, which has then been generated.
pub(crate) fn arguments() -> io::Result<Option<Vec<String>>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    match words.as_slice() {
        [make, shape, folder] if make == "make" => {
            write(shape.parse().map_err(io::Error::other)?, Path::new(folder)).map(|()| None)
        }
        _ => Ok(Some(words)),
    }
}

/// Writes a site of `shape` to `folder`, and beside it the same texts with the notes as footnotes.
pub(crate) fn write(shape: Shape, folder: &Path) -> io::Result<()> {
    let site = folder.join(SITE);
    for folder in [site.join("sources"), site.join("annotations"), folder.join(FOOTNOTED)] {
        std::fs::create_dir_all(folder)?;
    }
    let works = works::make(WORKS, &mut Random::new(SEED));
    std::fs::write(site.join("site.toml"), SITE_TOML)?;
    std::fs::write(site.join("annotations/references.yaml"), works::yaml(&works))?;
    (0..shape.texts).into_par_iter().try_for_each(|number| write_text(shape, number, &works, folder))
}

fn write_text(shape: Shape, number: usize, works: &[Work], folder: &Path) -> io::Result<()> {
    let mut random = Random::new(SEED ^ ((number as u64 + 1) << 32));
    let article = Article::write(shape.prose, shape.length, &mut random);
    let notes = note::write(&article, shape.notes, works, &mut random);
    let name = format!("text-{number:05}.md");
    let text = front_matter(&article, number) + &article.markdown(&BTreeMap::new());
    std::fs::write(folder.join(SITE).join("sources").join(&name), text)?;
    std::fs::write(folder.join(SITE).join("annotations").join(&name), notes.layer)?;
    std::fs::write(folder.join(FOOTNOTED).join(&name), notes.footnoted)
}

fn front_matter(article: &Article, number: usize) -> String {
    format!(
        "+++\ntitle = \"{}\"\nauthor = \"unknown\"\ndate = \"2024-01\"\nretrieved = 2025-07-01\n\
         url = \"https://example.com/articles/{number}\"\nlicence = \"quoted for criticism and review\"\n\
         language = \"{}\"\n+++\n\n",
        article.title,
        article.prose.tag(),
    )
}

const SITE_TOML: &str = r#"title = "A made-up edition"
description = "Texts without meaning, with notes on them, to measure by."
language = "en"
authors = ["The editors"]
date = 2026-01-05
version = "1"
notice = "Made up by a program."
licence = "CC-BY-4.0"
citation_style = "vancouver"
"#;
