//! What is wrong in a site, as data. Rendering stands in [`crate::diagnostics::render`].
//!
//! A message is lower case without a full stop and says what is wrong; a help is an action.

use crate::diagnostics::{FileSpan, Place};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is published.
    Error,
    /// Published all the same, unless `--strict`.
    Warning,
}

impl Severity {
    /// The word people and programs read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $text:literal $doc:literal)+) => {
        /// The kind of problem; `docs/diagnostics.md` explains each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $doc] $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as people and programs read it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

codes! {
    SiteConfig "site.config" "`site.toml` cannot be read or says something impossible."
    SitePath "site.path" "Two outputs at one path, a path no system takes, or a folder that must not be written."
    SiteAudience "site.audience" "An audience that no layer and no note is for."
    SiteRead "site.read" "A file or folder of the site cannot be read."
    SourceFrontMatter "source.front-matter" "A source's front matter cannot be read."
    SourceDiffers "source.differs-from-original" "The reading text is not the original's."
    SourceUnannotated "source.unannotated" "A text has no notes."
    LayerFrontMatter "layer.front-matter" "A layer's front matter cannot be read."
    LayerNoSource "layer.no-source" "A layer belongs to no text."
    LayerSourceChanged "layer.source-changed" "The text has changed since the layer was reviewed."
    NoteKind "note.kind" "A note has no kind, several, or an unknown one."
    NoteVerdict "note.verdict" "A verdict is not one of its kind's."
    NoteAttribute "note.attribute" "An attribute is unknown, double, empty or malformed."
    NoteHeading "note.heading" "A heading that is no note's and looks like one."
    NoteDuplicateId "note.duplicate-id" "Two notes of one text have the same id."
    NoteNoId "note.no-id" "A note has no id of its own."
    NoteNoQuote "note.no-quote" "A note has neither a quote nor `about`."
    NoteNoWork "note.no-work" "A note names none of the works that its kind expects."
    NoteNoBody "note.no-body" "A note says nothing."
    AnchorOrphan "anchor.orphan" "A quote is nowhere in the text."
    AnchorAmbiguous "anchor.ambiguous" "A quote fits several places."
    AnchorOccurrence "anchor.occurrence" "An `occurrence` beyond the last."
    AnchorBold "anchor.bold" "Bold in a quote where the text itself is bold."
    WorkUnknown "work.unknown" "A key that no work has."
    WorkDuplicate "work.duplicate" "Two works with one key."
    WorkInvalid "work.invalid" "A bibliography or an entry of it cannot be read."
    WorkUncited "work.uncited" "A work that nobody cites."
    LinkBroken "link.broken" "A link that leads nowhere."
    LinkDead "link.dead" "An address outside the site where nothing is."
    AssetRemote "asset.remote" "An image that would be loaded from elsewhere."
    AssetMissing "asset.missing" "An image that is not there."
    ThemeTemplate "theme.template" "A template of the theme cannot be read or rendered."
}

/// A further place with words about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub label: String,
}

/// A replacement that would mend a problem, for `check --fix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What to replace, in the file of the diagnostic.
    pub span: FileSpan,
    /// The new words.
    pub replacement: String,
}

/// One problem, with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is.
    pub place: Place,
    /// How bad it is.
    pub severity: Severity,
    /// What kind it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// Words at the place itself; may be empty.
    pub label: String,
    /// Further places.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<String>,
    /// What `check --fix` would write.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error at `place`.
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            place,
            label: String::new(),
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// A warning at `place`.
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// The same with words at the place itself.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with an action to take.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with one more place.
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related { place, label: label.into() });
        self
    }

    /// The same with what would mend it.
    pub fn fix(mut self, span: FileSpan, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }
}

/// All problems found so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds what was found, if anything.
    pub fn extend_one(&mut self, found: Option<Diagnostic>) {
        self.list.extend(found);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// All, each once, by file, place and severity; the order in which they were found does not show.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by(|a, b| {
            (&a.place.file.path, a.place.span, a.severity, a.code, &a.message).cmp(&(
                &b.place.file.path,
                b.place.span,
                b.severity,
                b.code,
                &b.message,
            ))
        });
        // A fault of a template shows on every kind of page that it is rendered for.
        self.list.dedup_by(|next, first| {
            next == first
                || (next.code == Code::ThemeTemplate && first.code == next.code && first.place == next.place)
        });
        self.list
    }

    /// Those that are errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(|d| d.severity == Severity::Error)
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// How many words a mistyped one is compared with at most: the thousandth slip must not cost what the first did.
const COMPARED: usize = 2_000;

/// The word of `known` nearest to `word`, if it is near enough to be a slip of the hand.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let near = |k: &&str| {
        let other = k.chars().count();
        // Words of such different lengths are too far apart, however long it would take to find that out.
        other.abs_diff(length) <= (other.max(length) / 3).max(1)
    };
    known
        .into_iter()
        .take(COMPARED)
        .filter(near)
        .map(|k| (strsim::damerau_levenshtein(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|&(distance, k)| distance <= (k.chars().count().max(word.chars().count()) / 3).max(1))
        .min()
        .map(|(_, k)| k)
}

/// `nearest` as a help: the nearest word, or the list of all where it is short.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("write `{near}`"),
        None => {
            let all: Vec<String> = known.into_iter().map(|k| format!("`{k}`")).collect();
            match all.len() {
                0 => "take it away: there is none to choose from".to_owned(),
                1 => format!("write {}", all.concat()),
                2..=40 => format!("write one of {}", all.join(", ")),
                n => format!("write one of the {n} known"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_a_slip_away() {
        assert_eq!(nearest("titel", ["title", "date"]), Some("title"));
        assert_eq!(nearest("zebra", ["title", "date"]), None);
        assert_eq!(nearest("Verdict", ["verdict"]), Some("verdict"));
        // Nothing is near to what is so long, and that is known at once.
        assert_eq!(nearest(&"x".repeat(1 << 24), ["title"; 2_000]), None);
    }

    #[test]
    fn codes_are_unique_and_dotted() {
        let mut codes: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Code::ALL.len());
        assert!(codes.iter().all(|c| c.split('.').count() == 2));
    }
}
