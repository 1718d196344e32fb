//! `site.toml` to a [`Site`]: what the edition is, its kinds of note, and how it is built.
//!
//! Raw tables are read as they stand, then resolved: defaults filled in, names derived, and what
//! contradicts itself reported.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};
use crate::html::slug::slug;
use crate::names::address;
use crate::site::date::Date;
use crate::site::front_matter;
use crate::site::words::Words;

/// The name of the file that makes a folder a site.

/// An edition: everything `site.toml` says, resolved.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file it was read from.
    pub file: Arc<File>,
    /// The edition's title.
    pub title: String,
    /// A sentence about the edition.
    pub description: String,
    /// The absolute address of the published site, ending in `/`, or empty.
    pub base_url: String,
    /// The language of the notes and the interface, as a BCP 47 tag.
    pub language: String,
    /// Who made the edition.
    pub authors: Vec<String>,
    /// The date of this edition, as `2026-11-21`.
    pub date: Option<String>,
    /// The version of this edition.
    pub version: String,
    /// Where a reader sends a correction.
    pub contact: String,
    /// A sentence that stands on every page.
    pub notice: String,
    /// The licence of the notes.
    pub licence: String,
    /// The name of a bundled citation style, or the path of a `.csl` file.
    pub citation_style: String,
    /// Where `citation_style` is written.
    pub citation_style_place: Place,
    /// The output folder, from the site's folder.
    pub output: String,
    /// Where `output` is written.
    pub output_place: Place,
    /// What becomes of notes whose passage was not found.
    pub orphans: Orphans,
    /// Whether the site can be searched.
    pub search: bool,
    /// What a guideline may say of a subject.
    pub stances: Vec<String>,
    /// The kinds of note, in the order given.
    pub kinds: Vec<Kind>,
    /// A free table for templates.
    pub extra: toml::Table,
    /// Words of the interface, from the theme and not from `site.toml`.
    pub words: Words,
}

impl Site {
    /// What readers see of a guideline's stance; nothing for none.
    pub fn stance_label(&self, id: &str) -> String {
        self.words.stance(id).map_or_else(|| label_of(id), str::to_owned)
    }
}

/// What becomes of a note whose passage was not found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orphans {
    /// It is an error.
    #[default]
    Error,
    /// It is a warning, and the page lists the note.
    List,
}

/// A kind of note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// The class that notes name it by.
    pub id: String,
    /// Its name, for one note.
    pub label: String,
    /// Its name, for several.
    pub plural: String,
    /// Whether `site.toml` gives these names.
    #[serde(skip)]
    given: Given,
    /// The folder of its register.
    pub register: String,
    /// Where its register is written, or else its id.
    #[serde(skip)]
    pub register_place: Option<Place>,
    /// A letter or sign that tells it apart without colour.
    pub symbol: String,
    /// A hue, as `#b4442c`.
    pub colour: String,
    /// The W3C motivation of its notes, of the Web Annotation Vocabulary, section 3.3.
    pub motivation: String,
    /// What a note of this kind may find.
    pub verdicts: Vec<Verdict>,
    /// What a note of this kind has to name.
    #[serde(skip)]
    pub expects: Vec<Expected>,
}

/// Which names of a kind `site.toml` gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Given {
    label: bool,
    plural: bool,
}

/// What a note may have to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// Works that its passage means.
    Works,
    /// Guidelines.
    Guidelines,
}

impl Kind {
    /// The verdict `id`, if this kind has it.
    pub fn verdict(&self, id: &str) -> Option<&Verdict> {
        self.verdicts.iter().find(|verdict| verdict.id == id)
    }

    /// What a note of this kind with this verdict has to name.
    pub fn expects(&self, verdict: Option<&str>) -> &[Expected] {
        let own = verdict.and_then(|id| self.verdict(id)).and_then(|verdict| verdict.expects.as_deref());
        own.unwrap_or(&self.expects)
    }
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The name that notes use.
    pub id: String,
    /// The name that readers see.
    pub label: String,
    /// Whether `site.toml` gives it.
    #[serde(skip)]
    is_given: bool,
    /// A ClaimReview rating, higher is truer.
    pub rating: Option<i64>,
    /// What a note that finds it has to name, if not what its kind says.
    #[serde(skip)]
    pub expects: Option<Vec<Expected>>,
}

impl Site {
    /// Reads `site.toml`. What cannot be read has its default, after a diagnostic.
    pub fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Self {
        let raw: RawSite = front_matter::read_whole(file, Code::SiteConfig, diagnostics).unwrap_or_default();
        raw.resolve(file, diagnostics)
    }

    /// Takes the words of the interface, and from them the names that `site.toml` does not give.
    pub fn speak(&mut self, words: Words) {
        for kind in &mut self.kinds {
            if let Some(label) = words.kind(&kind.id).filter(|_| !kind.given.label) {
                label.clone_into(&mut kind.label);
            }
            if let Some(plural) = words.plural(&kind.id).filter(|_| !kind.given.plural) {
                plural.clone_into(&mut kind.plural);
            }
            for verdict in kind.verdicts.iter_mut().filter(|verdict| !verdict.is_given) {
                if let Some(label) = words.verdict(&verdict.id) {
                    label.clone_into(&mut verdict.label);
                }
            }
        }
        self.words = words;
    }

    /// The kind `id` and its place in the order.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }
}

/// `site.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSite {
    title: Spanned<String>,
    description: String,
    base_url: Spanned<String>,
    language: Spanned<String>,
    authors: Vec<String>,
    date: Option<Date>,
    version: String,
    contact: String,
    notice: String,
    licence: String,
    citation_style: Spanned<String>,
    build: RawBuild,
    guidelines: RawGuidelines,
    kinds: Vec<RawKind>,
    extra: toml::Table,
}

impl Default for RawSite {
    fn default() -> Self {
        Self {
            title: unplaced(""),
            description: String::new(),
            base_url: unplaced(""),
            language: unplaced("en"),
            authors: Vec::new(),
            date: None,
            version: String::new(),
            contact: String::new(),
            notice: String::new(),
            licence: String::new(),
            citation_style: unplaced("vancouver"),
            build: RawBuild::default(),
            guidelines: RawGuidelines::default(),
            kinds: Vec::new(),
            extra: toml::Table::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct RawBuild {
    output: Spanned<String>,
    orphans: Orphans,
    search: bool,
}

impl Default for RawBuild {
    fn default() -> Self {
        Self { output: unplaced("public"), orphans: Orphans::default(), search: true }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct RawGuidelines {
    stances: Vec<String>,
}

impl Default for RawGuidelines {
    fn default() -> Self {
        let stances =
            ["recommends", "suggests", "off-label", "advises-against", "does-not-address", "not-checked"];
        Self { stances: stances.map(str::to_owned).to_vec() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawKind {
    id: Spanned<String>,
    label: Option<Spanned<String>>,
    plural: Option<Spanned<String>>,
    register: Option<Spanned<String>>,
    symbol: Option<Spanned<String>>,
    colour: Option<Spanned<String>>,
    motivation: Option<Spanned<String>>,
    #[serde(default)]
    expects: Vec<Expected>,
    #[serde(default)]
    verdicts: Vec<Spanned<RawVerdict>>,
}

/// Read by hand: serde forgets the places of what stands in an untagged enum.
#[derive(Debug)]
enum RawVerdict {
    Id(String),
    Table(RawVerdictTable),
}

impl<'de> Deserialize<'de> for RawVerdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VerdictVisitor)
    }
}

struct VerdictVisitor;

impl<'de> Visitor<'de> for VerdictVisitor {
    type Value = RawVerdict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a verdict")
    }

    fn visit_str<E>(self, id: &str) -> Result<RawVerdict, E> {
        Ok(RawVerdict::Id(id.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawVerdict, A::Error> {
        RawVerdictTable::deserialize(MapAccessDeserializer::new(map)).map(RawVerdict::Table)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawVerdictTable {
    id: String,
    label: Option<String>,
    rating: Option<i64>,
    expects: Option<Vec<Expected>>,
}

fn unplaced(text: &str) -> Spanned<String> {
    Spanned::new(0..0, text.to_owned())
}

/// The kinds of a site that names none.
fn default_kinds() -> Vec<Kind> {
    let kind = |id: &str, register: &str, colour: &str, motivation: &str, verdicts: &[&str]| {
        let label = label_of(id);
        Kind {
            id: id.to_owned(),
            plural: plural_of(&label),
            given: Given::default(),
            symbol: symbol_of(register),
            label,
            register: register.to_owned(),
            register_place: None,
            colour: colour.to_owned(),
            motivation: motivation.to_owned(),
            verdicts: verdicts.iter().map(|id| verdict(id)).collect(),
            expects: Vec::new(),
        }
    };
    let claims = [
        "supported",
        "partly-supported",
        "unsupported",
        "contradicted",
        "misleading",
        "outdated",
        "unverifiable",
    ];
    let studies = ["identified", "likely", "overstated", "misreported", "not-found"];
    let gaps = ["stated", "omitted", "misstated", "none-found", "off-label", "advises-against"];
    let mut cited = Kind {
        plural: "Cited studies".to_owned(),
        expects: vec![Expected::Works],
        ..kind("cited-study", "studies", "#2c6cb4", "identifying", &studies)
    };
    for verdict in cited.verdicts.iter_mut().filter(|verdict| verdict.id == "not-found") {
        verdict.expects = Some(Vec::new());
    }
    vec![
        kind("marketing-claim", "claims", "#b4442c", "assessing", &claims),
        cited,
        kind("guideline-gap", "gaps", "#6b7a1e", "commenting", &gaps),
    ]
}

fn verdict(id: &str) -> Verdict {
    Verdict { id: id.to_owned(), label: label_of(id), is_given: false, rating: None, expects: None }
}

/// `partly-supported` as `Partly supported`.
pub fn label_of(id: &str) -> String {
    let words = id.replace(['-', '_'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn plural_of(label: &str) -> String {
    match label.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{label}s"),
    }
}

fn symbol_of(word: &str) -> String {
    word.chars().next().map_or_else(String::new, |first| first.to_uppercase().collect())
}

impl RawSite {
    fn resolve(self, file: &Arc<File>, diagnostics: &mut Diagnostics) -> Site {
        let mut check = Check { file, diagnostics };
        check.base_url(&self.base_url);
        check.language(&self.language);
        let kinds = if self.kinds.is_empty() { default_kinds() } else { check.kinds(self.kinds) };
        let title = self.title.into_inner();
        let mut base_url = self.base_url.into_inner();
        if !base_url.is_empty() && !base_url.ends_with('/') {
            base_url.push('/');
        }
        Site {
            title: if title.trim().is_empty() { "Untitled edition".to_owned() } else { title },
            description: self.description,
            base_url,
            language: self.language.into_inner(),
            authors: self.authors,
            date: self.date.map(|date| date.as_str().to_owned()),
            version: self.version,
            contact: self.contact,
            notice: self.notice,
            licence: self.licence,
            citation_style_place: Place::new(file, self.citation_style.span()),
            citation_style: self.citation_style.into_inner(),
            output_place: Place::new(file, self.build.output.span()),
            output: self.build.output.into_inner(),
            orphans: self.build.orphans,
            search: self.build.search,
            stances: self.guidelines.stances,
            kinds,
            extra: self.extra,
            words: Words::default(),
            file: Arc::clone(file),
        }
    }
}

/// The motivations of the Web Annotation Vocabulary, section 3.3.
const MOTIVATIONS: [&str; 13] = [
    "assessing",
    "bookmarking",
    "classifying",
    "commenting",
    "describing",
    "editing",
    "highlighting",
    "identifying",
    "linking",
    "moderating",
    "questioning",
    "replying",
    "tagging",
];

/// What cannot be seen from one key alone.
struct Check<'a> {
    file: &'a Arc<File>,
    diagnostics: &'a mut Diagnostics,
}

impl Check<'_> {
    fn error<T>(&mut self, at: &Spanned<T>, message: String, help: &str) {
        let place = Place::new(self.file, at.span());
        self.diagnostics.push(Diagnostic::error(Code::SiteConfig, place, message).help(help));
    }

    fn base_url(&mut self, url: &Spanned<String>) {
        let text = url.get_ref();
        if !is_address(text) {
            let message = format!("`{text}` is no address a site can stand at");
            self.error(url, message, "write it as `https://example.org/folder/`, or leave it empty");
        }
    }

    fn language(&mut self, language: &Spanned<String>) {
        if !is_language_tag(language.get_ref()) {
            let message = format!("`{}` is no language tag", language.get_ref());
            self.error(language, message, "write a tag such as `en`, `de` or `pt-BR`");
        }
    }

    fn kinds(&mut self, raw: Vec<RawKind>) -> Vec<Kind> {
        let mut seen: BTreeMap<(&str, String), std::ops::Range<usize>> = BTreeMap::new();
        let mut kinds = Vec::new();
        for kind in raw {
            let id_span = kind.id.span();
            let spans = [
                ("id", id_span.clone()),
                ("register", kind.register.as_ref().map_or(id_span.clone(), Spanned::span)),
                ("symbol", kind.symbol.as_ref().map_or(id_span, Spanned::span)),
            ];
            let kind = self.kind(kind);
            for ((what, span), value) in spans.into_iter().zip([&kind.id, &kind.register, &kind.symbol]) {
                if let Some(first) = seen.insert((what, value.to_lowercase()), span.clone()) {
                    let place = Place::new(self.file, span);
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::SiteConfig,
                            place,
                            format!("two kinds have the {what} `{value}`"),
                        )
                        .related(Place::new(self.file, first), "the first")
                        .help(format!("give one of them another `{what}`")),
                    );
                }
            }
            kinds.push(kind);
        }
        kinds
    }

    fn kind(&mut self, raw: RawKind) -> Kind {
        let id = raw.id.get_ref().clone();
        if !is_id(&id) {
            let message = format!("`{id}` cannot be a kind's id");
            self.error(&raw.id, message, "use letters, digits, `-` and `_`, a letter first");
        }
        for (key, value) in [("label", &raw.label), ("plural", &raw.plural), ("symbol", &raw.symbol)] {
            if let Some(value) = value.as_ref().filter(|value| value.get_ref().trim().is_empty()) {
                self.error(value, format!("`{key}` is empty"), "give it a value, or take it away");
            }
        }
        let written = |given: Option<Spanned<String>>| {
            given.map(Spanned::into_inner).filter(|words| !words.trim().is_empty())
        };
        let given = Given { label: raw.label.is_some(), plural: raw.label.is_some() || raw.plural.is_some() };
        let label = written(raw.label).unwrap_or_else(|| label_of(&id));
        let plural = written(raw.plural).unwrap_or_else(|| plural_of(&label));
        if let Some(colour) = &raw.colour {
            self.colour(colour);
        }
        if let Some(motivation) = &raw.motivation {
            self.motivation(motivation);
        }
        let verdicts = self.verdicts(raw.verdicts);
        let register = match &raw.register {
            Some(given) => self.register(given),
            None => slug(&plural),
        };
        let register_place = raw.register.as_ref().unwrap_or(&raw.id).span();
        Kind {
            register,
            register_place: Some(Place::new(self.file, register_place)),
            symbol: written(raw.symbol).unwrap_or_else(|| symbol_of(&label)),
            colour: raw.colour.map_or_else(|| "#666666".to_owned(), Spanned::into_inner),
            motivation: raw.motivation.map_or_else(|| "commenting".to_owned(), Spanned::into_inner),
            id,
            label,
            plural,
            given,
            verdicts,
            expects: raw.expects,
        }
    }

    /// A register is one folder of the site, so that no name in `site.toml` leads out of it.
    fn register(&mut self, given: &Spanned<String>) -> String {
        let name = given.get_ref();
        if name.is_empty() || slug(name) != *name || address::RESERVED.contains(&name.as_str()) {
            let message = format!("`{name}` cannot be a register's folder");
            self.error(given, message, "use lower-case letters, digits and `-`, and no name of another page");
            return slug(name);
        }
        name.clone()
    }

    fn colour(&mut self, colour: &Spanned<String>) {
        let hex = colour.get_ref().strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!("`{}` is no colour", colour.get_ref());
            self.error(colour, message, "write six hexadecimal digits after `#`, such as `#b4442c`");
        }
    }

    fn motivation(&mut self, motivation: &Spanned<String>) {
        let word = motivation.get_ref();
        if !MOTIVATIONS.contains(&word.as_str()) {
            self.error(motivation, format!("unknown motivation `{word}`"), &did_you_mean(word, MOTIVATIONS));
        }
    }

    fn verdicts(&mut self, raw: Vec<Spanned<RawVerdict>>) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::new();
        for item in raw {
            let span = Spanned::new(item.span(), ());
            let found = match item.into_inner() {
                RawVerdict::Id(id) => verdict(&id),
                RawVerdict::Table(table) => Verdict {
                    is_given: table.label.is_some(),
                    label: table.label.unwrap_or_else(|| label_of(&table.id)),
                    id: table.id,
                    rating: table.rating,
                    expects: table.expects,
                },
            };
            if !is_id(&found.id) {
                let message = format!("`{}` cannot be a verdict's id", found.id);
                self.error(&span, message, "use letters, digits, `-` and `_`, a letter first");
            }
            if verdicts.iter().any(|v| v.id == found.id) {
                self.error(&span, format!("the verdict `{}` stands twice", found.id), "drop one of the two");
            }
            verdicts.push(found);
        }
        verdicts
    }
}

/// The deed of a Creative Commons licence named by its SPDX id.
pub fn licence_url(licence: &str) -> Option<String> {
    let rest = licence.strip_prefix("CC")?;
    if rest.starts_with("0-") {
        return Some("https://creativecommons.org/publicdomain/zero/1.0/".to_owned());
    }
    let (terms, version) = rest.strip_prefix('-')?.rsplit_once('-')?;
    Some(format!("https://creativecommons.org/licenses/{}/{version}/", terms.to_ascii_lowercase()))
}

/// Whether a site can stand at the address `text`; an empty one is for a site that stands nowhere yet.
pub fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.is_empty() || host.is_some_and(|h| !h.is_empty() && !h.contains(['?', '#', '"', '<', '>', ' ']))
}

/// Whether `text` can name a kind, a verdict or a note: letters, digits, `-`, `_`.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// Whether `tag` has the form of a language tag (BCP 47, loosely).
pub fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts
        .next()
        .is_some_and(|first| (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> (Site, Vec<Diagnostic>) {
        let mut diagnostics = Diagnostics::default();
        let site = Site::read(&File::new(address::CONFIG, text), &mut diagnostics);
        (site, diagnostics.into_sorted())
    }

    #[test]
    fn an_empty_file_is_a_site_with_three_kinds() {
        let (site, problems) = site("");
        assert!(problems.is_empty());
        let kinds: Vec<_> =
            site.kinds.iter().map(|k| (k.id.as_str(), k.register.as_str(), k.symbol.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("marketing-claim", "claims", "C"),
                ("cited-study", "studies", "S"),
                ("guideline-gap", "gaps", "G")
            ]
        );
        assert_eq!(site.kinds[1].plural, "Cited studies");
        assert_eq!(site.kinds[0].verdicts[1].label, "Partly supported");
    }

    #[test]
    fn names_left_out_are_derived() {
        let (site, problems) =
            site("[[kinds]]\nid = \"open-query\"\nverdicts = [\"a\", { id = \"b\", rating = 2 }]\n");
        assert!(problems.is_empty(), "{problems:?}");
        let kind = &site.kinds[0];
        assert_eq!(
            (kind.plural.as_str(), kind.register.as_str(), kind.symbol.as_str()),
            ("Open queries", "open-queries", "O")
        );
        assert_eq!(kind.verdict("b").and_then(|v| v.rating), Some(2));
    }

    #[test]
    fn two_kinds_with_one_register_or_symbol_are_an_error() {
        let (_, problems) =
            site("[[kinds]]\nid = \"alpha\"\n[[kinds]]\nid = \"aleph\"\nregister = \"alphas\"\n");
        let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(messages, ["two kinds have the symbol `A`", "two kinds have the register `alphas`"]);
    }

    #[test]
    fn a_register_cannot_lead_out_of_the_site() {
        let (_, problems) = site("[[kinds]]\nid = \"a\"\nregister = \"../x\"\n");
        assert_eq!(problems[0].place.line_column(), (3, 12));
    }

    #[test]
    fn slips_are_answered() {
        for (text, message) in [
            ("titel = \"x\"", "unknown key `titel`"),
            ("language = \"english please\"", "`english please` is no language tag"),
            ("base_url = \"javascript:x\"", "`javascript:x` is no address a site can stand at"),
            ("[[kinds]]\nid = \"a\"\nmotivation = \"asessing\"", "unknown motivation `asessing`"),
            ("[[kinds]]\nid = \"a\"\ncolour = \"red\"", "`red` is no colour"),
        ] {
            let (_, problems) = site(text);
            assert_eq!(problems[0].message, message);
            assert!(problems[0].help.is_some());
        }
    }

    #[test]
    fn a_licence_has_its_deed() {
        assert_eq!(licence_url("CC-BY-4.0").as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
        assert_eq!(licence_url("all rights reserved"), None);
    }

    #[test]
    fn a_mistyped_key_of_a_verdict_has_its_place() {
        let (site, problems) =
            site("[[kinds]]\nid = \"k\"\nverdicts = [\n{ id = \"a\", ratng = 1 },\n5,\n\"b\"]\n");
        let told: Vec<_> = problems.iter().map(|p| (p.message.as_str(), p.place.line_column())).collect();
        assert_eq!(told, [("unknown key `ratng`", (4, 13)), ("integer `5` where a verdict belongs", (5, 1))]);
        let verdicts: Vec<_> = site.kinds[0].verdicts.iter().map(|v| v.id.as_str()).collect();
        assert_eq!(verdicts, ["a", "b"]);
    }
}
