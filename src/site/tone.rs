//! Tones: what a verdict says about its passage, at a glance.

use serde::Serialize;

/// What a verdict says about its passage, in one of four words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// The passage holds.
    Sound,
    /// It holds in part.
    Mixed,
    /// It does not hold, or it misleads.
    Wrong,
    /// Support, a study or guidance is absent or cannot be found.
    Missing,
}

impl Tone {
    /// All tones, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Sound, Self::Mixed, Self::Wrong, Self::Missing];

    /// The word for it in `site.toml` and in templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Mixed => "mixed",
            Self::Wrong => "wrong",
            Self::Missing => "missing",
        }
    }

    /// The tone for a word in `site.toml`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tone| tone.as_str() == word)
    }

    /// The tone of a verdict for which `site.toml` sets none: the verdicts of the default kinds have one, all others
    /// are neutral.
    pub(super) fn of_verdict(id: &str) -> Option<Self> {
        match id {
            "supported" | "identified" | "stated" => Some(Self::Sound),
            "partly-supported" | "likely" | "off-label" => Some(Self::Mixed),
            "contradicted" | "misleading" | "outdated" | "overstated" | "misreported" | "misstated"
            | "advises-against" => Some(Self::Wrong),
            "unsupported" | "unverifiable" | "not-found" | "omitted" | "none-found" => Some(Self::Missing),
            _ => None,
        }
    }

    /// The tone of one of the default stances of a guideline; a site's own are neutral.
    pub(crate) fn of_stance(id: &str) -> Option<Self> {
        match id {
            "recommends" => Some(Self::Sound),
            "suggests" | "off-label" => Some(Self::Mixed),
            "advises-against" => Some(Self::Wrong),
            "does-not-address" => Some(Self::Missing),
            _ => None,
        }
    }
}
