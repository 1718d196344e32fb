//! An annotation from elsewhere, whatever it was written in.

/// An annotation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotation {
    /// Its id there.
    pub id: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When it was written, a day.
    pub created: Option<String>,
    /// When it was last changed, a day.
    pub updated: Option<String>,
    /// Why: W3C motivations of the whole.
    pub motivations: Vec<String>,
    /// The readers it was shared with, if not everyone.
    pub group: Option<String>,
    /// Whether only its author could read it.
    pub private: bool,
    /// What it says.
    pub bodies: Vec<Body>,
    /// What it speaks of.
    pub targets: Vec<Target>,
    /// The annotation that it replies to.
    pub reply_to: Option<String>,
}

/// What an annotation says, or one thing it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The words.
    pub value: String,
    /// How they are written.
    pub form: Form,
    /// Why: the W3C purpose of this body.
    pub purpose: Option<String>,
}

/// How words are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    Plain,
    /// As Markdown.
    Markdown,
    /// As HTML.
    Html,
    /// As the address of something.
    Address,
}

/// What an annotation speaks of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The page.
    pub source: Option<String>,
    /// Ways to find the passage; each by itself is one. None if the page as a whole is meant.
    pub selectors: Vec<Selector>,
}

/// A way to find a passage, and a way to go on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The way.
    pub kind: Kind,
    /// What is meant within what this finds; each by itself is a way.
    pub refined_by: Vec<Selector>,
}

/// The selectors of the Web Annotation Data Model, section 4.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The words, with some before and after.
    Quote {
        /// The words.
        exact: String,
        /// The words before.
        prefix: String,
        /// The words after.
        suffix: String,
    },
    /// Code points of the text.
    Position(usize, usize),
    /// Bytes of the text.
    Data(usize, usize),
    /// The part of an address behind `#`.
    Fragment(String),
    /// A CSS selector.
    Css(String),
    /// An XPath.
    XPath(String),
    /// From the beginning of one to the beginning of the other.
    Range(Box<Selector>, Box<Selector>),
    /// An area of an image.
    Svg,
    /// One that the model does not know, by its type.
    Unknown(String),
}

impl Kind {
    /// Its name in the model.
    pub fn name(&self) -> &str {
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

    /// Its name with what it selects, for people.
    pub fn shown(&self) -> String {
        let name = self.name();
        match self {
            Self::Quote { exact, .. } => format!("{name} {exact}"),
            Self::Position(start, end) | Self::Data(start, end) => format!("{name} {start}-{end}"),
            Self::Fragment(value) | Self::Css(value) | Self::XPath(value) => format!("{name} {value}"),
            Self::Range(start, end) => format!("{name} from {} to {}", start.kind.shown(), end.kind.shown()),
            Self::Svg | Self::Unknown(_) => name.to_owned(),
        }
    }
}

impl Target {
    /// The first words that it quotes, also within another selection.
    pub fn quote(&self) -> Option<(&str, &str, &str)> {
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

/// The day of a point in time as programs write it.
pub fn day(time: &str) -> Option<String> {
    time.get(..10).and_then(crate::site::date::Date::parse).map(|date| date.as_str().to_owned())
}
