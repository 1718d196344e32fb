//! The citation style made ready: found or read, mended, and with its words in the site's language.
//!
//! hayagriva 0.10 renders some things otherwise than CSL says, and a style can be rewritten so that
//! they come out right: `names` without a `name` show nobody (typst/hayagriva#519), those within a
//! `choose` that stand for others do not look like them, and a date's delimiter stands before a day
//! that is not there.

use std::sync::Arc;

use hayagriva::archive::{self, ArchivedStyle};
use hayagriva::citationberg::taxonomy::{OtherTerm, Term};
use hayagriva::citationberg::{
    self, Collapse, DatePartName, IndependentStyle, LayoutRenderingElement, Locale, LocaleCode, Name, Names,
    NamesChild, Sort, SortKey, StyleClass, TermForm, TestPosition, TextTarget, ToAffixes, ToFormatting,
    VerticalAlign,
    taxonomy::{NumberVariable, Variable},
};

use super::bounds;
use super::template::{Template, around};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};

/// Which citation style a site asks for.
#[derive(Debug, Clone)]
pub enum Style<'a> {
    /// One that comes with Postil, and where its name is written.
    Named(&'a str, Place),
    /// A style of the site's own, in the Citation Style Language.
    Csl(Arc<File>),
}

/// The marks that stand where a citation's brackets would, to find them again.
pub(super) const OPEN: char = '\u{F0028}';
pub(super) const CLOSE: char = '\u{F0029}';

/// How many pieces a style may come to with all its macros; the largest bundled one has some 20,000.
const PIECES: usize = 1_000_000;
/// How deep the elements of a style may nest.
const DEPTH: usize = 64;

/// A style ready for use.
#[derive(Debug)]
pub(super) struct Rules {
    /// The style, with [`OPEN`] and [`CLOSE`] for its brackets.
    pub(super) style: IndependentStyle,
    /// The same with nothing in it, for a list that is not wanted.
    pub(super) blank: IndependentStyle,
    /// How citations are put together.
    pub(super) frame: Frame,
    /// The language of its words.
    pub(super) locale: LocaleCode,
    /// Their translations.
    pub(super) locales: Vec<Locale>,
    /// "et al." in that language.
    pub(super) and_others: String,
    /// Whether a space before a colon is one that hayagriva left where a group was empty.
    pub(super) tight_colons: bool,
}

/// What stands around and between the works of a citation, as HTML.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// The opening bracket.
    pub(super) open: String,
    pub(super) close: String,
    /// The tags outside the brackets.
    pub(super) before: String,
    pub(super) after: String,
    pub(super) delimiter: String,
    pub(super) after_collapse: String,
    pub(super) in_group: String,
    pub(super) formatting: hayagriva::Formatting,
    /// Runs of numbers become ranges.
    pub(super) numbers_collapse: bool,
    /// Works by the same people stand together.
    pub(super) groups: bool,
    /// Of works by the same people, only the first names them.
    pub(super) names_collapse: bool,
    pub(super) order: Order,
}

/// In which order works stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// As they are cited.
    #[default]
    Written,
    /// By their numbers.
    Number,
    /// By what they are.
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

/// The style asked for. One that cannot be had is reported, and another taken.
pub(super) fn find(style: &Style<'_>, diagnostics: &mut Diagnostics) -> IndependentStyle {
    let found = match style {
        Style::Named(name, place) => bundled(name, place, diagnostics),
        Style::Csl(file) => own(file, diagnostics),
    };
    found.unwrap_or_else(|| archived(ArchivedStyle::NlmCitationSequence))
}

impl Rules {
    /// A style for the list of works, where the site's own style has none.
    pub(super) fn for_list(language: &str) -> Self {
        Self::new(archived(ArchivedStyle::Iso690AuthorDate), language)
    }

    pub(super) fn new(mut style: IndependentStyle, language: &str) -> Self {
        let locale = locale(language, style.default_locale.as_ref());
        let mut locales = locales(&locale);
        mend(&mut style);
        for date in locales.iter_mut().chain(&mut style.locale).flat_map(|locale| &mut locale.date) {
            spread_delimiter(date);
        }
        let frame = Frame::new(&style);
        style.citation.layout.prefix = Some(OPEN.into());
        style.citation.layout.suffix = Some(CLOSE.into());
        style.citation.collapse = None;
        style.citation.cite_group_delimiter = None;
        let tight_colons = !spaces_colons(&mut style);
        let mut blank = style.clone();
        blank.bibliography = None;
        blank.macros = Vec::new();
        blank.locale = Vec::new();
        let mut rules =
            Self { style, blank, frame, locale, locales, and_others: "et al.".to_owned(), tight_colons };
        if let Some(and_others) = rules.term(OtherTerm::EtAl) {
            rules.and_others = and_others.to_owned();
        }
        rules
    }

    /// A word of the style's or the locale's own.
    pub(super) fn term(&self, term: OtherTerm) -> Option<&str> {
        let own = self.style.locale.iter().filter(|locale| match &locale.lang {
            Some(lang) => self.locale.0.starts_with(&lang.0),
            None => true,
        });
        own.chain(&self.locales)
            .find_map(|locale| locale.term(Term::Other(term), TermForm::Long)?.single())
            .filter(|word| !word.is_empty())
    }
}

impl Frame {
    fn new(style: &IndependentStyle) -> Self {
        let citation = &style.citation;
        let layout = &citation.layout;
        let note = style.settings.class == StyleClass::Note;
        let html =
            |words: &Option<String>| Template::plain(words.as_deref().unwrap_or_default()).filled(0, "");
        let delimiter = html(&layout.delimiter);
        let formatting = formatting(&layout.to_formatting());
        let (before, after) = around(formatting);
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
            delimiter,
            formatting,
            numbers_collapse: citation.collapse == Some(Collapse::CitationNumber),
            groups: by_names || citation.cite_group_delimiter.is_some(),
            names_collapse: by_names,
            order: Order::of(citation.sort.as_ref()),
        }
    }

    /// Whether citations are raised above the line.
    pub(super) fn raised(&self) -> bool {
        self.formatting.vertical_align == VerticalAlign::Sup
    }
}

fn formatting(of: &citationberg::Formatting) -> hayagriva::Formatting {
    hayagriva::Formatting {
        font_style: of.font_style.unwrap_or_default(),
        font_variant: of.font_variant.unwrap_or_default(),
        font_weight: of.font_weight.unwrap_or_default(),
        text_decoration: of.text_decoration.unwrap_or_default(),
        vertical_align: of.vertical_align.unwrap_or_default(),
    }
}

fn archived(style: ArchivedStyle) -> IndependentStyle {
    match style.get() {
        citationberg::Style::Independent(style) => style,
        citationberg::Style::Dependent(_) => unreachable!("the bundled styles are independent"),
    }
}

fn bundled(name: &str, place: &Place, diagnostics: &mut Diagnostics) -> Option<IndependentStyle> {
    let style = ArchivedStyle::by_name(name);
    if style.is_none() {
        let names: Vec<&str> = ArchivedStyle::all().iter().flat_map(|style| style.names()).copied().collect();
        diagnostics.push(
            Diagnostic::error(
                Code::SiteConfig,
                place.clone(),
                format!("there is no citation style `{name}`"),
            )
            .help(format!("{}, or the path of a .csl file", did_you_mean(name, names))),
        );
    }
    style.map(archived)
}

fn own(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Option<IndependentStyle> {
    let text = file.text.trim_start_matches('\u{feff}');
    let invalid = |message: String| Diagnostic::error(Code::SiteConfig, Place::new(file, 0..0), message);
    if nesting(text) > DEPTH {
        diagnostics.push(invalid("the citation style is nested too deep".to_owned()));
        return None;
    }
    match citationberg::Style::from_xml(text) {
        Ok(citationberg::Style::Independent(style)) if endless(&style) => {
            diagnostics.push(invalid("the citation style's macros call one another without end".to_owned()));
            None
        }
        Ok(citationberg::Style::Independent(style)) => Some(style),
        Ok(citationberg::Style::Dependent(style)) => {
            let target = &style.parent_link.href;
            let name = target.rsplit('/').next().unwrap_or_default();
            let help = match ArchivedStyle::by_name(name) {
                Some(_) => format!("write `citation_style = \"{name}\"`"),
                None => format!("take the style it stands for: {target}"),
            };
            diagnostics.push(invalid("the citation style only stands for another".to_owned()).help(help));
            None
        }
        Err(error) => {
            diagnostics.push(
                invalid(format!("the citation style cannot be read: {}", error.source))
                    .help("take one from https://github.com/citation-style-language/styles"),
            );
            None
        }
    }
}

/// How deep the elements of an XML text nest.
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

/// Whether a style's macros call one another without end, or nearly so.
fn endless(style: &IndependentStyle) -> bool {
    let mut pieces = vec![0; style.macros.len()];
    let references: Vec<Vec<usize>> = style
        .macros
        .iter()
        .zip(&mut pieces)
        .map(|(part, pieces)| {
            let mut children = part.children.clone();
            let mut called = Vec::new();
            walk(&mut children, &mut |element| {
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

/// Rewrites what hayagriva would render otherwise than the style says, and what depends on where in
/// a text a work is cited: a note is read alone, so that a work is cited alike everywhere. Styles
/// made for footnotes use the short form, as the work itself stands in the page's list.
fn mend(style: &mut IndependentStyle) {
    let short = style.settings.class == StyleClass::Note;
    let mut change = |element: &mut LayoutRenderingElement| match element {
        LayoutRenderingElement::Names(names) => {
            if names.name().is_none() && !names.children.is_empty() {
                names.children.insert(0, NamesChild::Name(Name::default()));
            }
            substitute(names);
        }
        LayoutRenderingElement::Date(date) if date.form.is_none() => spread_delimiter(date),
        LayoutRenderingElement::Choose(choose) if short => {
            let branches = std::iter::once(&mut choose.if_).chain(&mut choose.else_if);
            for position in branches.filter_map(|branch| branch.position.as_mut()).flatten() {
                *position = match position {
                    TestPosition::Subsequent => TestPosition::First,
                    _ => TestPosition::Ibid,
                };
            }
        }
        _ => {}
    };
    for part in &mut style.macros {
        walk(&mut part.children, &mut change);
    }
    walk(&mut style.citation.layout.elements, &mut change);
    if let Some(list) = &mut style.bibliography {
        walk(&mut list.layout.elements, &mut change);
        // An entry is reached by a link and read alone.
        list.subsequent_author_substitute = None;
    }
}

/// Makes the names that stand for missing ones look like those, however deep they are.
fn substitute(names: &mut Names) {
    let like = names.clone();
    for child in &mut names.children {
        if let NamesChild::Substitute(others) = child {
            walk(&mut others.children, &mut |element| {
                if let LayoutRenderingElement::Names(other) = element
                    && other.name().is_none()
                {
                    let labels: Vec<NamesChild> = other
                        .children
                        .iter()
                        .filter(|child| matches!(child, NamesChild::Label(_)))
                        .cloned()
                        .collect();
                    *other = like.from_names_substitute(other);
                    if !labels.is_empty() {
                        other.children.retain(|child| !matches!(child, NamesChild::Label(_)));
                        other.children.extend(labels);
                    }
                }
            });
        }
    }
}

/// Whether some part of a style asks for a space before a colon or semicolon.
fn spaces_colons(style: &mut IndependentStyle) -> bool {
    let mut found = false;
    let mut look = |element: &mut LayoutRenderingElement| {
        let affixes = match element {
            LayoutRenderingElement::Text(text) => text.affixes.clone(),
            LayoutRenderingElement::Number(number) => number.affixes.clone(),
            LayoutRenderingElement::Label(label) => label.label.affixes.clone(),
            LayoutRenderingElement::Date(date) => date.affixes.clone(),
            LayoutRenderingElement::Names(names) => names.to_affixes(),
            LayoutRenderingElement::Group(group) => group.to_affixes(),
            LayoutRenderingElement::Choose(_) => return,
        };
        let delimiter = match element {
            LayoutRenderingElement::Group(group) => group.delimiter.clone(),
            _ => None,
        };
        let mut words = [affixes.prefix, affixes.suffix, delimiter].into_iter().flatten();
        found |= words.any(|words| words.contains(" :") || words.contains(" ;"));
    };
    for part in &mut style.macros {
        walk(&mut part.children, &mut look);
    }
    if let Some(list) = &mut style.bibliography {
        walk(&mut list.layout.elements, &mut look);
    }
    found
}

/// Gives a date's delimiter to its parts, towards the year, the one part that is always there.
fn spread_delimiter(date: &mut citationberg::Date) {
    let Some(year) = date.date_part.iter().position(|part| part.name == DatePartName::Year) else { return };
    let Some(delimiter) = date.delimiter.take() else { return };
    for (index, part) in date.date_part.iter_mut().enumerate() {
        if index < year {
            part.affixes.suffix.get_or_insert_default().push_str(&delimiter);
        } else if index > year {
            part.affixes.prefix.get_or_insert_default().insert_str(0, &delimiter);
        }
    }
}

/// Calls `change` on every element, those within others too.
fn walk(elements: &mut [LayoutRenderingElement], change: &mut impl FnMut(&mut LayoutRenderingElement)) {
    for element in elements {
        change(element);
        match element {
            LayoutRenderingElement::Group(group) => walk(&mut group.children, change),
            LayoutRenderingElement::Choose(choose) => {
                for branch in std::iter::once(&mut choose.if_).chain(&mut choose.else_if) {
                    walk(&mut branch.children, change);
                }
                if let Some(otherwise) = &mut choose.otherwise {
                    walk(&mut otherwise.children, change);
                }
            }
            LayoutRenderingElement::Names(names) => {
                for child in &mut names.children {
                    if let NamesChild::Substitute(substitute) = child {
                        walk(&mut substitute.children, change);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The bundled locale for a language: its own, or that of the style's country, or the language's
/// usual one, or American English.
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

/// The translations of a locale, then those of American English for what it lacks.
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

/// The code at the head of a bundled locale: the text after the key `@xml:lang`, in CBOR.
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
    fn an_unknown_style_names_the_nearest() {
        let file = File::new("site.toml", "citation_style = \"vancuver\"\n");
        let (_, diagnostics) = load(&Style::Named("vancuver", Place::new(&file, 18..26)));
        assert_eq!(diagnostics[0].message, "there is no citation style `vancuver`");
        assert_eq!(diagnostics[0].help.as_deref(), Some("write `vancouver`, or the path of a .csl file"));
        assert_eq!(diagnostics[0].place.line_column(), (1, 19));
    }

    #[test]
    fn a_dependent_style_names_the_one_it_stands_for() {
        let text = r#"<?xml version="1.0"?><style xmlns="http://purl.org/net/xbiblio/csl" version="1.0">
            <info><title>J</title><id>x</id><link href="http://www.zotero.org/styles/apa" rel="independent-parent"/>
            <updated>2020-01-01T00:00:00+00:00</updated></info></style>"#;
        let (_, diagnostics) = load(&Style::Csl(File::new("a.csl", text)));
        assert_eq!(diagnostics[0].message, "the citation style only stands for another");
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
    fn a_style_of_the_sites_own_is_read() {
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
    fn every_bundled_style_is_within_bounds() {
        for style in ArchivedStyle::all() {
            assert!(!endless(&archived(*style)), "{style:?}");
        }
    }
}
