//! A text with its notes: everything that a reader page shows.

use super::links::PageLinks;
use crate::bibliography::ListedWork;
use crate::diagnostics::TextSpan;
use crate::html::Heading;
use crate::notes::{Note, Quote};
use crate::text::Text;
use crate::text::library::Source;

/// The most notes on a page that are placed with CSS anchor positioning. A page with more notes is dense and does not
/// use it, because long chains of positioned notes are slow in some browsers.
pub(crate) const MAX_PLACED_NOTES: usize = 100;

/// A text with its notes, as a reader page shows them.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// The text.
    pub source: &'a Source,
    /// The HTML of `#source`, with marks and note references.
    pub html: String,
    /// The reading text, blocks and headings.
    pub text: &'a Text,
    /// The layers, in order.
    pub layers: Vec<ReaderLayer>,
    /// The notes in the order of their numbers; orphans come last.
    pub notes: Vec<ReaderNote<'a>>,
    /// The works that the page cites.
    pub works: Vec<ListedWork>,
    /// The links in prefaces and notes to other pages and files.
    pub links: PageLinks,
    /// The keys of the works cited in prefaces, bodies and attributes.
    pub cited: Vec<String>,
    /// Links and citations of the notes that this build leaves out.
    pub hidden: HiddenContent,
}

impl Reader<'_> {
    /// The headings of the text.
    pub(crate) fn headings(&self) -> &[Heading] {
        &self.text.html.headings
    }
}

/// Links and citations of the layers and notes that a build leaves out. They are checked in every build.
#[derive(Debug, Clone, Default)]
pub(crate) struct HiddenContent {
    /// The links to other pages.
    pub links: PageLinks,
    /// The keys of the works cited.
    pub cited: Vec<String>,
}

/// A layer as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReaderLayer {
    /// The name.
    pub name: String,
    /// The author; may be empty.
    pub author: String,
    /// The date; may be empty.
    pub date: String,
    /// One or two sentences on what the notes conclude; may be empty.
    pub summary: String,
    /// The preface as HTML.
    pub preface: String,
    /// The preface as plain text.
    pub preface_words: String,
    /// The citations in the preface, in reading order.
    pub cites: Vec<Citation>,
}

/// A citation of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Citation {
    /// The key of the work.
    pub key: String,
    /// The locator as written, such as `p. 3`; may be empty.
    pub locator: String,
}

/// A note as a page shows it.
#[derive(Debug)]
pub(crate) struct ReaderNote<'a> {
    /// The note as parsed from its layer.
    pub parsed: &'a Note<'a>,
    /// The number on the page, such as `12` or `12a`.
    pub number: String,
    /// The index of its layer in [`Reader::layers`].
    pub layer: usize,
    /// The audience set by the note or its layer; `None` for everyone.
    pub audience: Option<&'a str>,
    /// The title as HTML.
    pub title: String,
    /// The title as plain text.
    pub title_words: String,
    /// The body as HTML.
    pub body: String,
    /// The body as plain text, without citations.
    pub body_words: String,
    /// The formatted citation of the works that the passage refers to; may be empty.
    pub works: String,
    /// The citations in the body, in reading order.
    pub cites: Vec<Citation>,
    /// The passages, in reading order.
    pub passages: Vec<TextSpan>,
    /// The quotes that were not found, if others of the note were.
    pub unmatched_quotes: Vec<&'a Quote>,
    /// Where the page shows it.
    pub placement: Placement,
}

/// Where a note is shown on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Placement {
    /// Above the text: it is about the text as a whole.
    Text,
    /// Beside its passage.
    Passage,
    /// At the end: its passage was not found.
    Orphan,
}

impl Placement {
    /// Its name in exports.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Passage => "passage",
            Self::Orphan => "not-found",
        }
    }
}
