//! `site.toml` as it is written: one struct for each table, before defaults that depend on other keys are filled in.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::config::Orphans;
use super::date::Date;
use super::kind::Expected;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawSite {
    pub(super) title: Spanned<String>,
    pub(super) description: String,
    pub(super) base_url: Spanned<String>,
    pub(super) language: Spanned<String>,
    pub(super) authors: Vec<String>,
    pub(super) date: Option<Date>,
    pub(super) version: String,
    pub(super) contact: String,
    pub(super) notice: String,
    pub(super) licence: String,
    pub(super) citation_style: Spanned<String>,
    pub(super) build: RawBuild,
    pub(super) check: RawCheck,
    pub(super) guidelines: RawGuidelines,
    pub(super) export: RawExport,
    pub(super) home: RawHome,
    pub(super) kinds: Vec<RawKind>,
    pub(super) extra: toml::Table,
}

impl Default for RawSite {
    fn default() -> Self {
        Self {
            title: without_span(""),
            description: String::new(),
            base_url: without_span(""),
            language: without_span("en"),
            authors: Vec::new(),
            date: None,
            version: String::new(),
            contact: String::new(),
            notice: String::new(),
            licence: String::new(),
            citation_style: without_span("vancouver"),
            build: RawBuild::default(),
            check: RawCheck::default(),
            guidelines: RawGuidelines::default(),
            export: RawExport::default(),
            home: RawHome::default(),
            kinds: Vec::new(),
            extra: toml::Table::new(),
        }
    }
}

/// The table `[build]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawBuild {
    pub(super) output: Spanned<String>,
    pub(super) orphans: Orphans,
    pub(super) search: bool,
    pub(super) ignore: Vec<String>,
    pub(super) keep: Vec<Spanned<String>>,
    pub(super) max_files: Option<usize>,
    pub(super) max_size: Option<usize>,
}

impl Default for RawBuild {
    fn default() -> Self {
        Self {
            output: without_span("public"),
            orphans: Orphans::default(),
            search: true,
            ignore: Vec::new(),
            keep: Vec::new(),
            max_files: None,
            max_size: None,
        }
    }
}

/// The table `[check]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawCheck {
    pub(super) allow: Vec<Spanned<String>>,
}

/// The table `[guidelines]`.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawGuidelines {
    pub(super) stances: Vec<String>,
}

impl Default for RawGuidelines {
    fn default() -> Self {
        let stances =
            ["recommends", "suggests", "off-label", "advises-against", "does-not-address", "not-checked"];
        Self { stances: stances.map(str::to_owned).to_vec() }
    }
}

/// The table `[export]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawExport {
    pub(super) formats: Vec<Spanned<String>>,
}

/// The table `[home]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawHome {
    pub(super) specimen: Option<Spanned<String>>,
}

/// A table of `[[kinds]]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawKind {
    pub(super) id: Spanned<String>,
    pub(super) label: Option<Spanned<String>>,
    pub(super) plural: Option<Spanned<String>>,
    pub(super) register: Option<Spanned<String>>,
    pub(super) symbol: Option<Spanned<String>>,
    pub(super) colour: Option<Spanned<String>>,
    pub(super) motivation: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) expects: Vec<Expected>,
    #[serde(default)]
    pub(super) verdicts: Vec<Spanned<RawVerdict>>,
}

/// A verdict: `"contradicted"`, or a table `{ id = "contradicted", rating = 1 }`.
///
/// Deserialized by a visitor because `#[serde(untagged)]` loses the spans of what it buffers.
#[derive(Debug)]
pub(super) enum RawVerdict {
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

/// A verdict written as a table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RawVerdictTable {
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) tone: Option<Spanned<String>>,
    pub(super) rating: Option<i64>,
    pub(super) expects: Option<Vec<Expected>>,
}

/// A default value, which has no place in the file.
fn without_span(text: &str) -> Spanned<String> {
    Spanned::new(0..0, text.to_owned())
}
