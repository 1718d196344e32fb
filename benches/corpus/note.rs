//! Generates notes on a text: as a layer for Postil, and as footnotes for the floor.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::article::Article;
use super::passage::Passages;
use super::prose::{Author, ProseStyle, title};
use super::random::Random;
use super::works::Work;

/// The kinds of note with their verdicts.
const KINDS: &[(&str, &[&str])] = &[
    ("marketing-claim", &["supported", "partly-supported", "unsupported", "contradicted", "misleading"]),
    ("cited-study", &["identified", "likely", "overstated", "misreported", "not-found"]),
    ("guideline-gap", &["stated", "omitted", "misstated", "none-found", "off-label"]),
];

const STANCES: &[&str] = &["recommends", "suggests", "off-label", "advises-against", "does-not-address"];

/// The length of a note's body in words.
const BODY: usize = 60;

/// The notes on a text.
pub(crate) struct Notes {
    /// The source of the layer.
    pub(crate) layer: String,
    /// The source of the text with the same notes as footnotes.
    pub(crate) footnoted: String,
}

/// Generates `count` notes on `article` that cite `works`.
pub(crate) fn write(article: &Article, count: usize, works: &[Work], random: &mut Random) -> Notes {
    let mut author = Author::new(ProseStyle::English);
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

/// The attributes of a note, and its verdict.
fn attributes(id: &str, works: &[Work], random: &mut Random) -> (String, &'static str) {
    let (kind, verdicts) = random.pick(KINDS);
    let mut verdict = *random.pick(verdicts);
    let key = &random.pick(works).key;
    let mut named = String::new();
    match *kind {
        "cited-study" if random.one_in(3) => named = format!(" works={key}"),
        // A verdict that expects works would cause a warning for each note without any.
        "cited-study" => verdict = "not-found",
        "guideline-gap" if random.one_in(3) => {
            let subject = title(2, random).join(" ").to_lowercase();
            named = format!(" guidelines=\"{key}:{} ({subject})\"", random.pick(STANCES));
        }
        _ => {}
    }
    (format!("{{#{id} .{kind} verdict={verdict}{named}}}"), verdict)
}

/// A few sentences with a link or emphasis.
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

/// Adds a citation to the last sentence: by key for Postil, and as text for the floor.
fn cite(cited: &mut String, plain: &mut String, works: &[Work], random: &mut Random) {
    let work = random.pick(works);
    let page = random.within(1..=300);
    cited.pop();
    plain.pop();
    let _ = write!(cited, " [@{}, p. {page}].", work.key);
    let _ = write!(plain, " ({}, p. {page}).", work.short);
}
