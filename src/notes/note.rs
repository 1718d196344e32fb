//! A note, with all that its heading, quotes and body say.

use super::attributes::Word;
use super::quote::Quote;
use crate::diagnostics::FileSpan;
use crate::markdown::Item;
use crate::site::date::Date;

/// A note.
#[derive(Debug)]
pub struct Note<'f> {
    /// Its permanent id within the text; empty until [`Layers::read`](super::Layers::read) makes one where none is written.
    pub id: String,
    /// The place of the id, or of the heading.
    pub id_span: FileSpan,
    /// Its title.
    pub title: Vec<Item<'f>>,
    /// The id of its kind.
    pub kind: String,
    /// The id of its finding.
    pub verdict: Option<String>,
    /// The works that the passage means.
    pub works: Vec<Word>,
    /// What guidelines say of its subject.
    pub guidelines: Vec<GuidelineRef>,
    /// Which of several places is meant.
    pub occurrence: Option<Occurrence>,
    /// What it speaks of, if not of a passage.
    pub about: Option<About>,
    /// Free words to find it by.
    pub tags: Vec<String>,
    /// For whom it is, if not for everyone.
    pub audience: Option<String>,
    /// When it was written.
    pub date: Option<Date>,
    /// When it was last changed.
    pub updated: Option<Date>,
    /// Whether it is left out unless drafts are asked for.
    pub draft: bool,
    /// What it quotes.
    pub quotes: Vec<Quote>,
    /// What it says.
    pub body: Vec<Item<'f>>,
    /// The place of its heading.
    pub heading: FileSpan,
}

/// What a note says of a guideline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuidelineRef {
    /// The guideline's key among the works.
    pub key: Word,
    /// What it says, one of the site's stances.
    pub stance: Option<String>,
    /// Of what it says so.
    pub subject: Option<String>,
}

/// Which of several places a quote means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// The one with this number, from 1.
    Number(usize, FileSpan),
    /// All of them.
    All,
}

/// What a note without a passage speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The text as a whole.
    Text,
    /// The section under a heading.
    Heading,
}

impl About {
    /// The word that notes use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Heading => "heading",
        }
    }
}
