//! Notes on a text: as a layer for Postil, and as footnotes for the floor.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::article::Article;
use super::passage::Passages;
use super::prose::{Author, SitePage, title};
use super::random::Random;
use super::works::Work;

/// A kind of note and what it may find.
const KINDS: &[(&str, &[&str])] = &[
    ("marketing-claim", &["supported", "partly-supported", "unsupported", "contradicted", "misleading"]),
    ("cited-study", &["identified", "likely", "overstated", "misreported", "not-found"]),
    ("guideline-gap", &["stated", "omitted", "misstated", "none-found", "off-label"]),
];

const STANCES: &[&str] = &["recommends", "suggests", "off-label", "advises-against", "does-not-address"];

/// How long the body of a note is, in words.
const BODY: usize = 60;

/// A text's notes, written out.
pub(crate) struct Notes {
    /// The file of notes.
    pub(crate) layer: String,
    /// The text with the same notes as footnotes.
    pub(crate) footnoted: String,
}

/// Writes `count` notes on `article` that cite `works`.
pub(crate) fn write(article: &Article, count: usize, works: &[Work], random: &mut Random) -> Notes {
    let mut author = Author::new(SitePage::English);
    let mut layer = "+++\nlayer = \"Notes\"\nauthor = \"The editors\"\ndate = 2026-01-05\n+++\n\n".to_owned();
    let mut footnotes = String::new();
    let mut references: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let passages = Passages::new(article);
    for (number, passage) in passages.choose(count, random).iter().enumerate() {
        let words = title(random.within(3..=6), random);
        let id = format!("{}-{number}", words[0].to_lowercase().replace('ï', "i"));
        let heading = words.join(" ");
        let (attributes, verdict) = attributes(&id, works, random);
        let quote = passages.quote(passage, random);
        let (mut cited, mut plain) = (body(&mut author, random), String::new());
        plain.clone_from(&cited);
        if random.one_in(2) {
            cite(&mut cited, &mut plain, works, random);
        }
        let _ = write!(layer, "## {heading} {attributes}\n\n> {quote}\n\n{cited}\n\n");
        let _ = write!(footnotes, "[^{id}]: **{heading}** ({verdict}) {plain}\n\n");
        references.entry(passage.words.end - 1).or_default().push(id);
    }
    let footnoted = format!("# {}\n\n{}{footnotes}", article.title, article.markdown(&references));
    Notes { layer, footnoted }
}

/// The braces of a note's heading, and its verdict.
fn attributes(id: &str, works: &[Work], random: &mut Random) -> (String, &'static str) {
    let (kind, verdicts) = random.pick(KINDS);
    let mut verdict = *random.pick(verdicts);
    let key = &random.pick(works).key;
    let mut named = String::new();
    match *kind {
        "cited-study" if random.one_in(3) => named = format!(" works={key}"),
        // A study that was found and is not named would be a warning for each.
        "cited-study" => verdict = "not-found",
        "guideline-gap" if random.one_in(3) => {
            let subject = title(2, random).join(" ").to_lowercase();
            named = format!(" guidelines=\"{key}:{} ({subject})\"", random.pick(STANCES));
        }
        _ => {}
    }
    (format!("{{#{id} .{kind} verdict={verdict}{named}}}"), verdict)
}

/// Some sentences with a link or emphasis in them.
fn body(author: &mut Author, random: &mut Random) -> String {
    let mut words = Vec::with_capacity(BODY + 24);
    while words.len() < BODY {
        words.extend(author.sentence(random));
    }
    words.truncate(BODY);
    if let Some(last) = words.last_mut() {
        *last = format!("{}.", last.trim_end_matches([',', '.']));
    }
    let at = random.within(4..=BODY - 8);
    let (open, close) =
        *random.pick(&[("*", "*"), ("**", "**"), ("[", "](https://example.org/a/longer/address)")]);
    words[at].insert_str(0, open);
    words[at + 2].push_str(close);
    words.join(" ")
}

/// Lets the last sentence cite a work: by its key, and in words for the floor.
fn cite(cited: &mut String, plain: &mut String, works: &[Work], random: &mut Random) {
    let work = random.pick(works);
    let page = random.within(1..=300);
    cited.pop();
    plain.pop();
    let _ = write!(cited, " [@{}, p. {page}].", work.key);
    let _ = write!(plain, " ({}, p. {page}).", work.short);
}
