//! Tones: what a verdict says of the passage, in one of four words that readers see at a glance.

use serde::{Deserialize, Serialize};

/// What a verdict says of the passage. Colour and glyph show it on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// The passage holds.
    Sound,
    /// It holds in part.
    Mixed,
    /// It does not hold, or it misleads.
    Wrong,
    /// Support, study or guidance is absent or cannot be found.
    Missing,
}

impl Tone {
    /// All tones, in the order in which pages list them.
    pub(crate) const ALL: [Self; 4] = [Self::Sound, Self::Mixed, Self::Wrong, Self::Missing];

    /// The name, as in `site.toml` and in the attribute `data-tone`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Mixed => "mixed",
            Self::Wrong => "wrong",
            Self::Missing => "missing",
        }
    }

    /// The tone of a built-in verdict; `None` for a site's own.
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

    /// The tone of a built-in stance of a guideline; `None` for a site's own.
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
