//! A note, as its heading, quotes and body define it.

use super::attributes::Word;
use super::quote::Quote;
use crate::diagnostics::FileSpan;
use crate::markdown::Item;
use crate::site::date::Date;
use crate::site::{Kind, KindId, Site, Tone, Verdict, VerdictId};

/// A note.
#[derive(Debug)]
pub struct Note<'f> {
    /// Its permanent id within the text; empty until [`Layers::read`](super::Layers::read) generates a
    /// missing one.
    pub id: String,
    /// The location of the id, or of the heading if there is no id.
    pub id_span: FileSpan,
    /// Its title.
    pub title: Vec<Item<'f>>,
    /// Its kind; `None` if it is missing or unknown, which is reported.
    pub kind: Option<KindId>,
    /// Its verdict, if it has one that its kind knows.
    pub verdict: Option<VerdictId>,
    /// The works that the passage refers to.
    pub works: Vec<Word>,
    /// The guidelines that the note compares.
    pub guidelines: Vec<GuidelineRef>,
    /// Which match of the quote is meant, if there are several.
    pub occurrence: Option<Occurrence>,
    /// What the note is about, if not a passage.
    pub about: Option<About>,
    /// Free keywords.
    pub tags: Vec<String>,
    /// The audience it is for, if not everyone.
    pub audience: Option<String>,
    /// The date it was written.
    pub date: Option<Date>,
    /// The date it was last changed.
    pub updated: Option<Date>,
    /// Whether it is left out unless drafts are requested.
    pub draft: bool,
    /// Its quotes.
    pub quotes: Vec<Quote>,
    /// Its body.
    pub body: Vec<Item<'f>>,
    /// The location of its heading.
    pub heading: FileSpan,
}

impl Note<'_> {
    /// Its kind among those of `site`.
    pub(crate) fn kind<'s>(&self, site: &'s Site) -> Option<&'s Kind> {
        site.kind(self.kind?)
    }

    /// Its verdict among those of its kind.
    pub(crate) fn verdict<'s>(&self, site: &'s Site) -> Option<&'s Verdict> {
        self.kind(site)?.verdict(self.verdict?)
    }

    /// The tone of its verdict, if it has one.
    pub(crate) fn tone(&self, site: &Site) -> Option<Tone> {
        self.verdict(site)?.tone
    }
}

/// A guideline that a note compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuidelineRef {
    /// The guideline's key among the works.
    pub key: Word,
    /// The guideline's stance, one of those in `site.toml`.
    pub stance: Option<String>,
    /// The subject of that stance.
    pub subject: Option<String>,
}

/// Which match of a quote is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// The match with this number, from 1, and the location of the attribute.
    Number(usize, FileSpan),
    /// All matches.
    All,
}

/// What a note is about, if not a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The text as a whole.
    Text,
    /// The section under a heading.
    Heading,
}

impl About {
    /// The value of the `about` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Heading => "heading",
        }
    }
}
