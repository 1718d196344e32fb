//! Loads the citation style of a site, by name or from a file, with the terms of the site's language.

use std::sync::Arc;

use hayagriva::archive::{self, ArchivedStyle};
use hayagriva::citationberg::taxonomy::{NumberVariable, OtherTerm, Variable};
use hayagriva::citationberg::{
    self, Collapse, Formatting, IndependentStyle, LayoutRenderingElement, Locale, LocaleCode, Sort, SortKey,
    TextTarget, ToFormatting, VerticalAlign,
};

use super::bounds;
use super::csl::locale::Terms;
use super::csl::style::{Style as CslStyle, walk};
use super::template::{Template, surrounding_tags};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, nearest};

/// Which citation style a site asks for.
#[derive(Debug, Clone)]
pub(crate) enum Style<'a> {
    /// The name of a bundled style, and its location in `site.toml`.
    Named(&'a str, Place),
    /// A `.csl` file of the site.
    Csl(Arc<File>),
}

/// A bundled style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StyleName {
    /// The name to write as `citation_style`.
    pub name: String,
    /// Other names for the style.
    pub aliases: Vec<String>,
    /// The style's full title.
    pub title: String,
}

/// Common names of bundled styles that have a different name in the archive.
const ALIASES: [(&str, &str); 15] = [
    ("abnt", "associacao-brasileira-de-normas-tecnicas"),
    ("acm", "association-for-computing-machinery"),
    ("acs", "american-chemical-society"),
    ("ama", "american-medical-association"),
    ("asa", "american-sociological-association"),
    ("bmj", "british-medical-journal"),
    ("chicago", "chicago-author-date"),
    ("harvard", "harvard-cite-them-right"),
    ("icmje", "vancouver"),
    ("iso-690", "iso-690-author-date"),
    ("lancet", "the-lancet"),
    ("medline", "vancouver"),
    ("nejm", "vancouver"),
    ("nlm", "vancouver"),
    ("pubmed", "vancouver"),
];

/// The maximum number of elements of a style after macros are expanded. The largest bundled style has about
/// 20,000.
const PIECES: usize = 1_000_000;
/// The maximum nesting depth of the elements of a style.
const DEPTH: usize = 64;

/// A style ready for use.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) style: CslStyle,
    /// The terms of the site's language.
    pub(super) terms: Terms,
    /// The brackets and delimiters of citations.
    pub(super) frame: Frame,
    /// "et al." in the site's language.
    pub(super) and_others: String,
}

/// The brackets and delimiters of citations, as HTML.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// The opening bracket.
    pub(super) open: String,
    /// The closing bracket.
    pub(super) close: String,
    /// The tags outside the brackets.
    pub(super) before: String,
    pub(super) after: String,
    pub(super) delimiter: String,
    pub(super) after_collapse: String,
    pub(super) in_group: String,
    pub(super) formatting: Formatting,
    /// Whether consecutive numbers are collapsed into ranges.
    pub(super) numbers_collapse: bool,
    /// Whether works by the same people are grouped.
    pub(super) groups: bool,
    /// Whether names are shown only for the first of several works by the same people.
    pub(super) names_collapse: bool,
    /// The delimiter between year suffixes ("2000a,b"); `None` if the year is repeated.
    pub(super) between_letters: Option<String>,
    /// Whether consecutive year suffixes are collapsed into ranges.
    pub(super) letters_collapse: bool,
    pub(super) order: Order,
}

/// The order of works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// The order in which the works are written.
    #[default]
    Written,
    /// By their numbers.
    Number,
    /// By the keys of the style.
    Work,
}

impl Order {
    pub(super) fn of(sort: Option<&Sort>) -> Self {
        let is_number = |key: &SortKey| {
            matches!(
                key,
                SortKey::Variable { variable: Variable::Number(NumberVariable::CitationNumber), .. }
            )
        };
        match sort {
            None => Self::Written,
            Some(sort) if sort.keys.first().is_none_or(is_number) => Self::Number,
            Some(_) => Self::Work,
        }
    }
}

/// Loads the style of a site. An unavailable style is reported and replaced by Vancouver.
pub(super) fn find(style: &Style<'_>, diagnostics: &mut Diagnostics) -> IndependentStyle {
    let found = match style {
        Style::Named(name, place) => bundled(name, place, diagnostics),
        Style::Csl(file) => from_csl_file(file, diagnostics),
    };
    found.unwrap_or_else(|| archived(ArchivedStyle::NlmCitationSequence))
}

/// All bundled styles, sorted by name.
pub(crate) fn styles() -> Vec<StyleName> {
    let mut all: Vec<StyleName> = ArchivedStyle::all()
        .iter()
        .filter_map(|style| {
            let mut names = style.names().iter().map(|name| (*name).to_owned());
            let name = names.next()?;
            let mut aliases: Vec<String> = names.collect();
            let known = |wanted: &str| ArchivedStyle::by_name(wanted) == Some(*style);
            let usual = ALIASES.iter().filter(|(alias, _)| ArchivedStyle::by_name(alias).is_none());
            aliases.extend(usual.filter(|(_, name)| known(name)).map(|(alias, _)| (*alias).to_owned()));
            Some(StyleName { name, aliases, title: archived(*style).info.title.value })
        })
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

impl Rules {
    /// The style for the reference list, if the site's style has none.
    pub(super) fn for_list(language: &str) -> Self {
        Self::new(archived(ArchivedStyle::Iso690AuthorDate), language)
    }

    pub(super) fn new(style: IndependentStyle, language: &str) -> Self {
        let locale = locale(language, style.default_locale.as_ref());
        let terms = Terms::new(&locale, &style.locale, locales(&locale));
        let frame = Frame::new(&style);
        let and_others = terms.word(OtherTerm::EtAl).unwrap_or("et al.").to_owned();
        Self { style: CslStyle::new(style), terms, frame, and_others }
    }

    /// A term of the style or of its language.
    pub(super) fn term(&self, term: OtherTerm) -> Option<&str> {
        self.terms.word(term)
    }
}

impl Frame {
    fn new(style: &IndependentStyle) -> Self {
        let citation = &style.citation;
        let layout = &citation.layout;
        let note = style.settings.class == citationberg::StyleClass::Note;
        let html = |text: &Option<String>| Template::plain(text.as_deref().unwrap_or_default()).filled(0, "");
        let delimiter = html(&layout.delimiter);
        let formatting = layout.to_formatting();
        let (before, after) = surrounding_tags(formatting);
        let by_names = matches!(
            citation.collapse,
            Some(Collapse::Year | Collapse::YearSuffix | Collapse::YearSuffixRanged)
        );
        Self {
            open: if note { "(".into() } else { html(&layout.prefix) },
            close: if note { ")".into() } else { html(&layout.suffix) },
            before,
            after,
            after_collapse: match &citation.after_collapse_delimiter {
                None => delimiter.clone(),
                own => html(own),
            },
            in_group: match &citation.cite_group_delimiter {
                None => citationberg::Citation::DEFAULT_CITE_GROUP_DELIMITER.to_owned(),
                own => html(own),
            },
            formatting,
            numbers_collapse: citation.collapse == Some(Collapse::CitationNumber),
            groups: by_names || citation.cite_group_delimiter.is_some(),
            names_collapse: by_names,
            between_letters: matches!(
                citation.collapse,
                Some(Collapse::YearSuffix | Collapse::YearSuffixRanged)
            )
            .then(|| match &citation.year_suffix_delimiter {
                None => delimiter.clone(),
                own => html(own),
            }),
            letters_collapse: citation.collapse == Some(Collapse::YearSuffixRanged),
            order: Order::of(citation.sort.as_ref()),
            delimiter,
        }
    }

    /// Whether citations are superscript.
    pub(super) fn is_superscript(&self) -> bool {
        self.formatting.vertical_align == Some(VerticalAlign::Sup)
    }
}

fn archived(style: ArchivedStyle) -> IndependentStyle {
    match style.get() {
        citationberg::Style::Independent(style) => style,
        citationberg::Style::Dependent(_) => unreachable!("the bundled styles are independent"),
    }
}

/// The bundled style with this name, ignoring case and separators.
fn by_name(name: &str) -> Option<ArchivedStyle> {
    let plain = |name: &str| {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-").to_lowercase()
    };
    let wanted = plain(name);
    let alias =
        ALIASES.iter().find(|(alias, _)| *alias == wanted).and_then(|(_, name)| ArchivedStyle::by_name(name));
    ArchivedStyle::by_name(name).or_else(|| ArchivedStyle::by_name(&wanted)).or(alias)
}

fn bundled(name: &str, place: &Place, diagnostics: &mut Diagnostics) -> Option<IndependentStyle> {
    let style = by_name(name);
    if style.is_none() {
        let archive = ArchivedStyle::all().iter().flat_map(|style| style.names()).copied();
        let names: Vec<&str> = archive.chain(ALIASES.map(|(alias, _)| alias)).collect();
        diagnostics.push(
            Diagnostic::error(Code::SiteConfig, place.clone(), format!("no citation style named `{name}`"))
                .help(match nearest(name, names) {
                    Some(near) => format!("write `{near}`, or the path of a .csl file"),
                    None => "write a name that `postil styles` lists, or the path of a .csl file".to_owned(),
                }),
        );
    }
    style.map(archived)
}

fn from_csl_file(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Option<IndependentStyle> {
    let text = file.text.trim_start_matches('\u{feff}');
    let invalid = |message: String| Diagnostic::error(Code::SiteConfig, Place::new(file, 0..0), message);
    if nesting(text) > DEPTH {
        diagnostics.push(invalid("the citation style is nested too deeply".to_owned()));
        return None;
    }
    match citationberg::Style::from_xml(text) {
        Ok(citationberg::Style::Independent(style)) if has_excessive_macros(&style) => {
            diagnostics
                .push(invalid("the macros of the citation style are circular or expand too far".to_owned()));
            None
        }
        Ok(citationberg::Style::Independent(style)) => Some(style),
        Ok(citationberg::Style::Dependent(style)) => {
            let target = &style.parent_link.href;
            let name = target.rsplit('/').next().unwrap_or_default();
            let help = match by_name(name) {
                Some(_) => format!("write `citation_style = \"{name}\"`"),
                None => format!("use the style it refers to: {target}"),
            };
            diagnostics.push(
                invalid("the citation style is only a reference to another style".to_owned()).help(help),
            );
            None
        }
        Err(error) => {
            diagnostics.push(
                invalid(format!("invalid citation style: {}", error.source))
                    .help("get one from https://github.com/citation-style-language/styles"),
            );
            None
        }
    }
}

/// The maximum nesting depth of the elements of an XML text.
fn nesting(xml: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for tag in xml.split('<').skip(1) {
        let whole = tag.split('>').next().unwrap_or_default();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !tag.starts_with(['!', '?']) && !whole.ends_with('/') {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// Whether the macros of a style are circular or expand to more than [`PIECES`] elements.
fn has_excessive_macros(style: &IndependentStyle) -> bool {
    let mut pieces = vec![0; style.macros.len()];
    let references: Vec<Vec<usize>> = style
        .macros
        .iter()
        .zip(&mut pieces)
        .map(|(part, pieces)| {
            let mut called = Vec::new();
            walk(&part.children, &mut |element| {
                *pieces += 1;
                if let LayoutRenderingElement::Text(text) = element
                    && let TextTarget::Macro { name } = &text.target
                {
                    called.extend(style.macros.iter().position(|other| other.name == *name));
                }
            });
            called
        })
        .collect();
    bounds::weights(&references, |index| pieces.get(index).copied().unwrap_or_default(), PIECES)
        .iter()
        .any(Option::is_none)
}

/// The bundled locale for a language: an exact match, else the style's locale if it has this language, else
/// the main locale of the language, else American English.
fn locale(language: &str, of_style: Option<&LocaleCode>) -> LocaleCode {
    let codes: Vec<&str> = archive::LOCALES.iter().copied().filter_map(code).collect();
    let known = |wanted: &str| codes.iter().copied().find(|code| code.eq_ignore_ascii_case(wanted));
    let base = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same_language = |code: &str| code.split('-').next().is_some_and(|start| start == base);
    known(language)
        .or_else(|| of_style.filter(|style| same_language(&style.0)).and_then(|style| known(&style.0)))
        .or_else(|| LocaleCode(base.clone()).fallback().and_then(|usual| known(&usual.0)))
        .or_else(|| codes.iter().copied().find(|code| same_language(code)))
        .map_or_else(LocaleCode::en_us, |code| LocaleCode(code.to_owned()))
}

/// The locale, followed by American English for terms that it lacks.
///
/// Reading all 60 takes 65 ms.
fn locales(wanted: &LocaleCode) -> Vec<Locale> {
    let read = |wanted: &str| {
        let bytes = archive::LOCALES.iter().find(|&&bytes| code(bytes) == Some(wanted))?;
        ciborium::from_reader::<Locale, _>(*bytes).ok()
    };
    let mut found: Vec<Locale> = read(&wanted.0).into_iter().collect();
    if wanted.0 != "en-US" {
        found.extend(read("en-US"));
    }
    found
}

/// The language code of a bundled locale: the text after the key `@xml:lang`, in CBOR.
fn code(bytes: &[u8]) -> Option<&str> {
    const KEY: &[u8] = b"@xml:lang";
    let at = bytes.get(..16)?.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let length = bytes.get(at)?.checked_sub(0x60).filter(|&length| length < 24)?;
    std::str::from_utf8(bytes.get(at + 1..at + 1 + usize::from(length))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(style: &Style<'_>) -> (IndependentStyle, Vec<Diagnostic>) {
        let mut diagnostics = Diagnostics::default();
        let style = find(style, &mut diagnostics);
        (style, diagnostics.into_sorted())
    }

    #[test]
    fn every_bundled_locale_is_found() {
        assert!(archive::LOCALES.iter().all(|bytes| code(bytes).is_some()));
        for (language, expected) in [
            ("de", "de-DE"),
            ("de-at", "de-AT"),
            ("en", "en-US"),
            ("eu", "eu"),
            ("sr", "sr-Cyrl-RS"),
            ("xx", "en-US"),
            ("", "en-US"),
            ("pt-BR", "pt-BR"),
        ] {
            assert_eq!(locale(language, None).0, expected);
            assert_eq!(locales(&locale(language, None))[0].lang.as_ref().unwrap().0, expected);
        }
        assert_eq!(locale("en", Some(&LocaleCode("en-GB".into()))).0, "en-GB");
        assert_eq!(locale("de", Some(&LocaleCode("en-GB".into()))).0, "de-DE");
    }

    #[test]
    fn an_unknown_style_suggests_the_nearest_name() {
        let file = File::new("site.toml", "citation_style = \"vancuver\"\n");
        let (_, diagnostics) = load(&Style::Named("vancuver", Place::new(&file, 18..26)));
        assert_eq!(diagnostics[0].message, "no citation style named `vancuver`");
        assert_eq!(diagnostics[0].help.as_deref(), Some("write `vancouver`, or the path of a .csl file"));
        assert_eq!(diagnostics[0].place.line_column(), (1, 19));
    }

    #[test]
    fn an_unknown_style_without_a_near_match_names_the_command() {
        let file = File::new("site.toml", "citation_style = \"zzz\"\n");
        let (_, diagnostics) = load(&Style::Named("zzz", Place::new(&file, 18..21)));
        let help = "write a name that `postil styles` lists, or the path of a .csl file";
        assert_eq!(diagnostics[0].help.as_deref(), Some(help));
    }

    #[test]
    fn a_dependent_style_suggests_its_parent() {
        let text = r#"<?xml version="1.0"?><style xmlns="http://purl.org/net/xbiblio/csl" version="1.0">
            <info><title>J</title><id>x</id><link href="http://www.zotero.org/styles/apa" rel="independent-parent"/>
            <updated>2020-01-01T00:00:00+00:00</updated></info></style>"#;
        let (_, diagnostics) = load(&Style::Csl(File::new("a.csl", text)));
        assert_eq!(diagnostics[0].message, "the citation style is only a reference to another style");
        assert_eq!(diagnostics[0].help.as_deref(), Some("write `citation_style = \"apa\"`"));
    }

    fn csl(macros: &str) -> Arc<File> {
        File::new(
            "a.csl",
            format!(
                r#"<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0"><info><title>T</title><id>t</id>
            <updated>2020-01-01T00:00:00+00:00</updated></info>{macros}<citation><layout><text macro="a"/></layout></citation></style>"#
            ),
        )
    }

    #[test]
    fn a_csl_file_is_read() {
        let (style, diagnostics) =
            load(&Style::Csl(csl(r#"<macro name="a"><text variable="title"/></macro>"#)));
        assert_eq!((diagnostics, style.info.title.value.as_str()), (vec![], "T"));
    }

    #[test]
    fn hostile_styles_are_errors() {
        let circle = r#"<macro name="a"><group><text macro="b"/></group></macro><macro name="b"><text macro="a"/></macro>"#;
        let doubling: String = (0..64)
            .map(|i| {
                format!(r#"<macro name="m{i}"><text macro="m{}"/><text macro="m{}"/></macro>"#, i + 1, i + 1)
            })
            .chain([r#"<macro name="m64"><text value="x"/></macro>"#.to_owned()])
            .collect();
        let deep =
            format!(r#"<macro name="a">{}{}</macro>"#, "<group>".repeat(50_000), "</group>".repeat(50_000));
        for macros in [circle, &doubling, &deep, "<macro", ""] {
            let (_, diagnostics) = load(&Style::Csl(csl(macros)));
            assert_eq!(diagnostics.len(), usize::from(!macros.is_empty()), "{macros:.80}");
        }
    }

    #[test]
    fn aliases_are_found() {
        for name in ["ama", "nlm", "harvard", "acm", "Chicago", "american_medical_association", "ieee", "mla"]
        {
            assert!(by_name(name).is_some(), "{name}");
        }
        for (alias, name) in ALIASES {
            assert!(ArchivedStyle::by_name(name).is_some(), "{alias}: {name}");
        }
        let all = styles();
        assert!(all.len() > 70 && all.iter().all(|style| !style.title.is_empty()));
        let ama = all.iter().find(|style| style.name == "american-medical-association").unwrap();
        assert!(ama.aliases.contains(&"ama".to_owned()), "{ama:?}");
    }

    #[test]
    fn every_bundled_style_is_within_the_limits() {
        for style in ArchivedStyle::all() {
            assert!(!has_excessive_macros(&archived(*style)), "{style:?}");
        }
    }
}
