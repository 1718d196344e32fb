//! An annotation from another program, independent of its format.

/// An annotation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// Its id in the other program.
    pub id: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// The day it was created.
    pub created: Option<String>,
    /// The day it was last changed.
    pub updated: Option<String>,
    /// Its W3C motivations.
    pub motivations: Vec<String>,
    /// The group that it was shared with, if not everyone.
    pub group: Option<String>,
    /// Whether only its author can read it.
    pub private: bool,
    /// Its bodies.
    pub bodies: Vec<Body>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// The annotation that it replies to.
    pub reply_to: Option<String>,
    /// Further names of the page: its canonical address, its DOI.
    pub pages: Vec<String>,
    /// What is not understood, verbatim.
    pub remainder: Vec<String>,
}

/// A body of an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    /// The content.
    pub value: String,
    /// The format of the content.
    pub form: Form,
    /// The W3C purpose of this body.
    pub purpose: Option<String>,
}

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Plain text.
    Plain,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// The address of a resource.
    Address,
}

/// A target of an annotation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// The address of the page.
    pub source: Option<String>,
    /// Alternative selectors of the passage. Empty if the target is the whole page.
    pub selectors: Vec<Selector>,
}

/// A selector, and selectors that refine its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The selector itself.
    pub kind: Kind,
    /// Alternative selectors that are applied to the result of this one.
    pub refined_by: Vec<Selector>,
}

/// The selectors of the Web Annotation Data Model, section 4.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Quoted words with a prefix and a suffix.
    Quote {
        /// The quoted words.
        exact: String,
        /// The words before them.
        prefix: String,
        /// The words after them.
        suffix: String,
    },
    /// A range of code points of the text.
    Position(usize, usize),
    /// A range of bytes of the text.
    Data(usize, usize),
    /// The fragment of an address, after `#`.
    Fragment(String),
    /// A CSS selector.
    Css(String),
    /// An XPath.
    XPath(String),
    /// From the start of one selection to the start of another.
    Range(Box<Selector>, Box<Selector>),
    /// An area of an image.
    Svg,
    /// A selector that is not in the model, by its type.
    Unknown(String),
}

impl Kind {
    /// Its type in the model.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Quote { .. } => "TextQuoteSelector",
            Self::Position(..) => "TextPositionSelector",
            Self::Data(..) => "DataPositionSelector",
            Self::Fragment(_) => "FragmentSelector",
            Self::Css(_) => "CssSelector",
            Self::XPath(_) => "XPathSelector",
            Self::Range(..) => "RangeSelector",
            Self::Svg => "SvgSelector",
            Self::Unknown(name) => name,
        }
    }

    /// Its type and what it selects, for messages.
    pub(crate) fn describe(&self) -> String {
        let name = self.name();
        match self {
            Self::Quote { exact, .. } => format!("{name} {exact}"),
            Self::Position(start, end) | Self::Data(start, end) => format!("{name} {start}-{end}"),
            Self::Fragment(value) | Self::Css(value) | Self::XPath(value) => format!("{name} {value}"),
            Self::Range(start, end) => {
                format!("{name} from {} to {}", start.kind.describe(), end.kind.describe())
            }
            Self::Svg | Self::Unknown(_) => name.to_owned(),
        }
    }
}

impl Annotation {
    /// The addresses that name its page.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let of_targets = self.targets.iter().filter_map(|target| target.source.as_deref());
        of_targets.chain(self.pages.iter().map(String::as_str)).filter(|address| !address.trim().is_empty())
    }
}

impl Target {
    /// The start of the first position selector among its selectors and their refinements.
    pub(crate) fn position(&self) -> Option<usize> {
        fn within(selectors: &[Selector]) -> Option<usize> {
            let here = selectors.iter().find_map(|selector| match selector.kind {
                Kind::Position(start, _) => Some(start),
                _ => None,
            });
            here.or_else(|| selectors.iter().find_map(|selector| within(&selector.refined_by)))
        }
        within(&self.selectors)
    }

    /// The first text quote among its selectors and their refinements: exact words, prefix and suffix.
    pub(crate) fn quote(&self) -> Option<(&str, &str, &str)> {
        fn within(selectors: &[Selector]) -> Option<(&str, &str, &str)> {
            let here = selectors.iter().find_map(|selector| match &selector.kind {
                Kind::Quote { exact, prefix, suffix } => {
                    Some((exact.as_str(), prefix.as_str(), suffix.as_str()))
                }
                _ => None,
            });
            here.or_else(|| selectors.iter().find_map(|selector| within(&selector.refined_by)))
        }
        within(&self.selectors)
    }
}

/// The day of an ISO 8601 date and time.
pub(crate) fn day(time: &str) -> Option<String> {
    time.get(..10).and_then(crate::site::date::Date::parse).map(|date| date.as_str().to_owned())
}
