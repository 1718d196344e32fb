//! Kinds of note and their verdicts, and the kinds of a site that defines none.

use serde::{Deserialize, Serialize};

use super::tone::Tone;
use crate::diagnostics::Place;

/// The index of a kind in [`Site::kinds`](super::Site::kinds).
///
/// Ids are looked up once, when a layer is read. From then on a note has the indices of its kind and verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindId(u16);

/// The index of a verdict in [`Kind::verdicts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerdictId(u16);

impl KindId {
    /// The position in [`Site::kinds`](super::Site::kinds).
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl VerdictId {
    /// The position in [`Kind::verdicts`].
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Numbers the kinds of a site.
pub(super) fn numbered(kinds: &[Kind]) -> impl Iterator<Item = (KindId, &Kind)> {
    (0..).map(KindId).zip(kinds)
}

/// A kind of note, such as `marketing-claim`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// The id, which notes give as their class.
    pub id: String,
    /// The name of one note: `Marketing claim`.
    pub label: String,
    /// The name of several notes: `Marketing claims`.
    pub plural: String,
    /// Which of the two names are set in `site.toml`.
    #[serde(skip)]
    pub(super) explicit: ExplicitNames,
    /// The folder of its register in the output.
    pub register: String,
    /// Where `register` is set in `site.toml`, or where the id is; `None` for a default kind.
    #[serde(skip)]
    pub register_place: Option<Place>,
    /// A letter or sign that distinguishes the kind without colour.
    pub symbol: String,
    /// The colour, as `#b4442c`.
    pub colour: String,
    /// The W3C motivation of its notes (Web Annotation Vocabulary, section 3.3).
    pub motivation: String,
    /// The verdicts that a note of this kind can have.
    pub verdicts: Vec<Verdict>,
    /// The attributes that a note of this kind must have.
    #[serde(skip)]
    pub expects: Vec<Expected>,
}

/// Which names of a kind are set in `site.toml`; the theme's strings do not replace these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ExplicitNames {
    pub(super) label: bool,
    pub(super) plural: bool,
}

/// An attribute that a note must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// `works`: the works that the passage refers to.
    Works,
    /// `guidelines`.
    Guidelines,
}

impl Kind {
    /// The verdict with this index.
    pub fn verdict(&self, verdict: VerdictId) -> Option<&Verdict> {
        self.verdicts.get(verdict.index())
    }

    /// The verdict that `site.toml` and notes call `id`, if this kind has it.
    pub fn find_verdict(&self, id: &str) -> Option<VerdictId> {
        self.verdicts().find(|(_, verdict)| verdict.id == id).map(|(verdict, _)| verdict)
    }

    /// The verdicts with their indices.
    pub fn verdicts(&self) -> impl Iterator<Item = (VerdictId, &Verdict)> {
        (0..).map(VerdictId).zip(&self.verdicts)
    }

    /// The attributes that a note of this kind with this verdict must have.
    pub fn expects(&self, verdict: Option<VerdictId>) -> &[Expected] {
        let verdict = verdict.and_then(|verdict| self.verdict(verdict));
        let of_verdict = verdict.and_then(|verdict| verdict.expects.as_deref());
        of_verdict.unwrap_or(&self.expects)
    }
}

/// What a note concludes about its passage, such as `contradicted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The id, which notes use.
    pub id: String,
    /// The name that readers see.
    pub label: String,
    /// Whether the label is set in `site.toml`; the theme's strings do not replace it then.
    #[serde(skip)]
    pub(super) has_explicit_label: bool,
    /// What it says about the passage; `None` if it is neutral.
    pub tone: Option<Tone>,
    /// The rating for a schema.org ClaimReview; higher is truer.
    pub rating: Option<i64>,
    /// The attributes that a note with this verdict must have, if they differ from its kind's.
    #[serde(skip)]
    pub expects: Option<Vec<Expected>>,
}

impl Verdict {
    /// A verdict of which only the id is given.
    pub(super) fn from_id(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label_of(id),
            has_explicit_label: false,
            tone: Tone::of_verdict(id),
            rating: None,
            expects: None,
        }
    }
}

/// The kinds of a site that defines none.
pub(super) fn default_kinds() -> Vec<Kind> {
    let kind = |id: &str, register: &str, colour: &str, motivation: &str, verdicts: &[&str]| {
        let label = label_of(id);
        Kind {
            id: id.to_owned(),
            plural: plural_of(&label),
            explicit: ExplicitNames::default(),
            symbol: symbol_of(register),
            label,
            register: register.to_owned(),
            register_place: None,
            colour: colour.to_owned(),
            motivation: motivation.to_owned(),
            verdicts: verdicts.iter().map(|id| Verdict::from_id(id)).collect(),
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
    let mut cited_study = Kind {
        plural: "Cited studies".to_owned(),
        expects: vec![Expected::Works],
        ..kind("cited-study", "studies", "#2c6cb4", "identifying", &studies)
    };
    for verdict in cited_study.verdicts.iter_mut().filter(|verdict| verdict.id == "not-found") {
        verdict.expects = Some(Vec::new());
    }
    vec![
        kind("marketing-claim", "claims", "#b4442c", "assessing", &claims),
        cited_study,
        kind("guideline-gap", "gaps", "#6b7a1e", "commenting", &gaps),
    ]
}

/// The label made from an id: `partly-supported` becomes `Partly supported`.
pub(crate) fn label_of(id: &str) -> String {
    let words = id.replace(['-', '_'], " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The English plural of a label: `Open query` becomes `Open queries`.
pub(super) fn plural_of(label: &str) -> String {
    match label.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{label}s"),
    }
}

/// The first letter of a word, in upper case.
pub(super) fn symbol_of(word: &str) -> String {
    word.chars().next().map_or_else(String::new, |first| first.to_uppercase().collect())
}

/// Whether `text` can be the id of a kind, a verdict or a note: letters, digits, `-` and `_`.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}
