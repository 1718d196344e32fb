//! Problems found in a site, as data. Rendering is in [`crate::diagnostics::render`].
//!
//! A message says what is wrong, in lower case without a full stop; the help says what to do.

use crate::diagnostics::{FileSpan, Place};

/// How serious a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Prevents publishing.
    Error,
    /// Does not prevent publishing; fails `check` only with `--strict`.
    Warning,
}

impl Severity {
    /// `error` or `warning`, as written in every output format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $text:literal $doc:literal)+) => {
        /// The code of a diagnostic; `docs/diagnostics.md` explains each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $doc] $variant,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as written in every output format, such as `note.kind`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

codes! {
    SiteConfig "site.config" "`site.toml` is invalid."
    SitePath "site.path" "Two outputs at one path, an invalid path, or an output folder that must not be overwritten."
    SiteAudience "site.audience" "The requested audience is not used by any layer or note."
    SiteRead "site.read" "A file or folder of the site cannot be read."
    SiteSize "site.size" "The site has more files or bytes than `max_files` or `max_size` allow."
    SourceFrontMatter "source.front-matter" "A source's front matter is invalid."
    SourceDiffers "source.differs-from-original" "The reading text differs from the original."
    SourceUnannotated "source.unannotated" "A text has no notes."
    LayerFrontMatter "layer.front-matter" "A layer's front matter is invalid."
    LayerNoSource "layer.no-source" "A layer does not belong to any text."
    LayerSourceChanged "layer.source-changed" "The text has changed since the layer was last reviewed."
    NoteKind "note.kind" "A note has no kind, more than one, or an unknown one."
    NoteVerdict "note.verdict" "The verdict is not defined for the note's kind."
    NoteAttribute "note.attribute" "An attribute is unknown, duplicate, empty or malformed."
    NoteHeading "note.heading" "A line looks like a note's heading, but does not open a note."
    NoteDuplicateId "note.duplicate-id" "Two notes on one text have the same id."
    NoteNoId "note.no-id" "A note has no explicit id."
    NoteNoQuote "note.no-quote" "A note has neither a quote nor `about`."
    NoteNoWork "note.no-work" "A note lists no work, although its kind expects one."
    NoteNoBody "note.no-body" "A note has no body."
    AnchorOrphan "anchor.orphan" "A quote was not found in the text."
    AnchorAmbiguous "anchor.ambiguous" "A quote matches several places."
    AnchorOccurrence "anchor.occurrence" "`occurrence` is larger than the number of matches."
    AnchorBold "anchor.bold" "A quote has bold where the text itself is bold."
    WorkUnknown "work.unknown" "A citation key that is not in the bibliography."
    WorkDuplicate "work.duplicate" "Two works have the same key."
    WorkInvalid "work.invalid" "A bibliography file, or an entry in it, is invalid."
    WorkUncited "work.uncited" "A work that is never cited."
    LinkBroken "link.broken" "The target of a link does not exist."
    LinkDead "link.dead" "An external address no longer exists."
    AssetRemote "asset.remote" "An image would be loaded from another server."
    AssetMissing "asset.missing" "An image file does not exist."
    AssetUnused "asset.unused" "A file in `annotations/` is neither read nor linked to."
    ThemeTemplate "theme.template" "A template of the theme is invalid or fails to render."
}

/// A second location that helps to explain a problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// The location.
    pub place: Place,
    /// A remark shown at that location.
    pub label: String,
}

/// A replacement that solves the problem, for `check --fix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// The bytes to replace, in the file of the diagnostic.
    pub span: FileSpan,
    /// The new text.
    pub replacement: String,
}

/// A problem and its location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The location of the problem.
    pub place: Place,
    /// Whether it is an error or a warning.
    pub severity: Severity,
    /// The code.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// A remark shown at the location itself; may be empty.
    pub label: String,
    /// Other locations that help to explain it.
    pub related: Vec<Related>,
    /// What the user should do.
    pub help: Option<String>,
    /// The change that `check --fix` makes.
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

    /// Adds a remark at the location itself.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds what the user should do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another location, with a remark.
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related { place, label: label.into() });
        self
    }

    /// Adds the change that `check --fix` makes.
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
    /// Adds one diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds one diagnostic, if there is one.
    pub fn extend_one(&mut self, found: Option<Diagnostic>) {
        self.list.extend(found);
    }

    /// Adds all diagnostics of another collection.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// Adds a fix to the diagnostic that was pushed last.
    pub(crate) fn fix_last(&mut self, span: FileSpan, replacement: &str) {
        if let Some(last) = self.list.pop() {
            self.list.push(last.fix(span, replacement));
        }
    }

    /// All diagnostics without duplicates, sorted by file, location and severity, so that the order in which they
    /// were found does not matter.
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
        // A faulty template is reported once for every kind of page that uses it.
        self.list.dedup_by(|next, first| {
            next == first
                || (next.code == Code::ThemeTemplate && first.code == next.code && first.place == next.place)
        });
        self.list
    }

    /// The diagnostics that are errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter().filter(|d| d.severity == Severity::Error)
    }

    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Whether there are no diagnostics.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// The reason of an I/O error for a message, such as `no such file or directory`: in lower case, without an error number.
pub(crate) fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    let mut chars = reason.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The maximum number of known words that a mistyped word is compared with, to bound the cost in a site with many
/// works and many typos.
const MAX_COMPARED: usize = 2_000;

/// The word of `known` nearest to `word`, if it is close enough that `word` may be a typo for it.
///
/// The distance is Damerau–Levenshtein without case; at most a third of the longer word may differ.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let near = |k: &&str| {
        let other = k.chars().count();
        // The difference in length is a lower bound of the distance, and is cheap to compute.
        other.abs_diff(length) <= (other.max(length) / 3).max(1)
    };
    known
        .into_iter()
        .take(MAX_COMPARED)
        .filter(near)
        .map(|k| (strsim::damerau_levenshtein(&word.to_lowercase(), &k.to_lowercase()), k))
        .filter(|&(distance, k)| distance <= (k.chars().count().max(word.chars().count()) / 3).max(1))
        .min()
        .map(|(_, k)| k)
}

/// The help for an unknown word: the nearest known word, or all known words if there are few.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("write `{near}`"),
        None => {
            let all: Vec<String> = known.into_iter().map(|k| format!("`{k}`")).collect();
            match all.len() {
                0 => "remove it: none are defined".to_owned(),
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
    fn nearest_finds_the_word_behind_a_typo() {
        assert_eq!(nearest("titel", ["title", "date"]), Some("title"));
        assert_eq!(nearest("zebra", ["title", "date"]), None);
        assert_eq!(nearest("Verdict", ["verdict"]), Some("verdict"));
        // Candidates of a very different length are skipped without comparing them.
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
