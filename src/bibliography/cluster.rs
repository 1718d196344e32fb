//! Citations as they are written, and as they are rendered.

/// The works of one citation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cluster {
    /// The works, as written.
    pub items: Vec<CitedWork>,
    /// How the citation is placed in the text.
    pub form: Form,
}

/// How a citation is placed in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// In brackets: `[@key]`.
    #[default]
    Bracketed,
    /// The first work as part of the sentence: `@key`.
    InText,
    /// From a note's attributes; shown like a citation in brackets.
    Listed,
}

/// A cited work with its prefix, locator and suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CitedWork {
    /// The work's key.
    pub key: String,
    /// The text before the work: "see".
    pub prefix: String,
    /// The locator as written: "p. 3", "ch. 2", "3–5".
    pub locator: String,
    /// The text after the work, with its leading punctuation: ", and passim".
    pub suffix: String,
    /// Whether the authors are left out, because the sentence already names them.
    pub author_suppressed: bool,
}

/// The rendered citations of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Citations {
    /// The HTML of each citation.
    pub clusters: Vec<String>,
    /// The cited works without duplicates, in the style's order.
    pub works: Vec<ListedWork>,
}

/// An entry of a reference list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListedWork {
    /// The work's key.
    pub key: String,
    /// The HTML of the number or label as the style writes it (`1.`, `[1]`), if it has one.
    pub label: Option<String>,
    /// The HTML of the entry.
    pub html: String,
}
