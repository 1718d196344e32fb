//! What hayagriva renders as HTML, with holes for what differs from page to page.
//!
//! 1. The tree of elements becomes a row of runs.
//! 2. Runs become HTML: everything escaped, known tags alone, links only where they are safe.
//! 3. Where the number and the locator stood, holes are left.

use std::borrow::Cow;
use std::fmt::Write as _;

use hayagriva::citationberg::{FontStyle, FontVariant, FontWeight, TextDecoration, VerticalAlign};
use hayagriva::{ElemChild, ElemMeta, Formatting};

use super::locator::Shape;
use crate::html::{Attribute, escape_text};

/// Stands for `$`, which hayagriva would read as Typst's mathematics.
pub(super) const DOLLAR: char = '\u{F0024}';
/// Stands for nothing, in three bytes.
pub(super) const BLANK: char = '\u{E0F0}';
/// Stands for authors left unnamed.
pub(super) const OTHERS: char = '\u{F002B}';
/// Stands for a locator of words.
const WORDS: &str = "\u{F002A}";
/// Stand for locators of numbers.
const FIRST: &str = "8731946";
const LAST: &str = "8731947";

/// The locator to render in place of any other of its shape.
pub(super) fn probe(shape: Shape) -> &'static str {
    match shape {
        Shape::One => FIRST,
        Shape::Several => "8731946-8731947",
        Shape::Words => WORDS,
    }
}

/// HTML with holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Template {
    html: String,
    holes: Vec<(usize, Hole)>,
}

/// What a hole is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    /// The work's number on the page.
    Number,
    /// The place cited.
    Locator,
}

impl Template {
    /// Writes it out; `locator` is plain text.
    pub(super) fn fill(&self, out: &mut String, number: usize, locator: &str) {
        let mut from = 0;
        for &(at, hole) in &self.holes {
            out.push_str(self.html.get(from..at).unwrap_or_default());
            from = at;
            match hole {
                Hole::Number => write!(out, "{number}").expect("writing to a string cannot fail"),
                Hole::Locator => escape(out, locator),
            }
        }
        out.push_str(self.html.get(from..).unwrap_or_default());
    }

    /// The same as a string.
    pub(super) fn filled(&self, number: usize, locator: &str) -> String {
        let mut out = String::with_capacity(self.html.len() + 8);
        self.fill(&mut out, number, locator);
        out
    }

    pub(super) fn has(&self, wanted: Hole) -> bool {
        self.holes.iter().any(|&(_, hole)| hole == wanted)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.html.is_empty() && self.holes.is_empty()
    }

    /// The HTML of plain words.
    pub(super) fn plain(words: &str) -> Self {
        let mut html = String::new();
        escape(&mut html, words);
        Self { html, holes: Vec::new() }
    }
}

/// A run of text that looks alike.
#[derive(Debug, Clone)]
pub(super) struct Run<'a> {
    pub(super) text: Cow<'a, str>,
    formatting: Formatting,
    url: Option<&'a str>,
    /// What it is, where that matters.
    pub(super) role: Role,
}

/// What a run was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// What stands between other things: the style's own words.
    Literal,
    /// Something the work says.
    Text,
    /// The work's number on the page.
    Number,
    /// The work's label, such as `Lar13`.
    Label,
}

/// The runs of elements; `and_others` is "et al." in the style's language.
pub(super) fn runs<'a>(children: impl IntoIterator<Item = &'a ElemChild>, and_others: &str) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    push_runs(&mut runs, children, Role::Literal);
    name_others(&mut runs, and_others);
    runs
}

fn push_runs<'a>(runs: &mut Vec<Run<'a>>, children: impl IntoIterator<Item = &'a ElemChild>, role: Role) {
    for child in children {
        let (text, formatting, url): (Cow<'a, str>, _, _) = match child {
            ElemChild::Text(text) => (text.text.as_str().into(), text.formatting, None),
            ElemChild::Link { text, url } => (text.text.as_str().into(), text.formatting, Some(url.as_str())),
            // Mathematics is shown as it was written.
            ElemChild::Markup(words) => (format!("${words}$").into(), Formatting::default(), None),
            ElemChild::Transparent { .. } => continue,
            ElemChild::Elem(elem) => {
                let role = match elem.meta {
                    Some(ElemMeta::CitationNumber) => Role::Number,
                    Some(ElemMeta::CitationLabel) => Role::Label,
                    Some(ElemMeta::Entry(_)) | None => role,
                    Some(_) => Role::Text,
                };
                // What a style sets on lines of its own is one line here.
                let apart = elem.display.is_some();
                separate(runs, apart);
                push_runs(runs, &elem.children.0, role);
                separate(runs, apart);
                continue;
            }
        };
        runs.push(Run { text, formatting, url, role });
    }
}

fn separate(runs: &mut Vec<Run<'_>>, apart: bool) {
    if apart && runs.last().is_some_and(|run| !run.text.ends_with(char::is_whitespace)) {
        runs.push(Run {
            text: " ".into(),
            formatting: Formatting::default(),
            url: None,
            role: Role::Literal,
        });
    }
}

/// Writes "et al." for authors left unnamed, without the "and" that the style puts before them.
fn name_others(runs: &mut [Run<'_>], and_others: &str) {
    for at in 0..runs.len() {
        let Some(run) = runs.get_mut(at).filter(|run| run.text.contains(OTHERS)) else { continue };
        run.text = run.text.replace(OTHERS, and_others).into();
        let stops = run.text.ends_with('.');
        if let Some(between) = at.checked_sub(1).and_then(|before| runs.get_mut(before))
            && between
                .text
                .trim_end_matches([',', ';', ' '])
                .contains(|c: char| c.is_alphabetic() || c == '&')
            && let Some(gap) = between.text.rfind(' ').and_then(|end| between.text.get(..end))
        {
            let comma = gap.rfind(',').and_then(|comma| gap.get(..=comma));
            between.text = format!("{} ", comma.unwrap_or_default()).into();
        }
        if let Some(after) = runs.get_mut(at + 1)
            && stops
            && let Some(rest) = after.text.strip_prefix('.')
        {
            after.text = rest.to_owned().into();
        }
    }
}

/// Takes the full stop after a question or a call off the style's own words.
pub(super) fn drop_stops(runs: &mut [Run<'_>]) {
    let mut ended = false;
    for run in runs {
        if ended && let Some(rest) = run.text.strip_prefix('.') {
            run.text = rest.to_owned().into();
        }
        // Pulled into a quotation mark.
        if run.text.ends_with("?.”") || run.text.ends_with("!.”") {
            run.text = run.text.replace(".”", "”").into();
        }
        if !run.text.is_empty() {
            ended = run.text.trim_end_matches(['”', '’', '»', '“', '"']).ends_with(['?', '!']);
        }
    }
}

/// Takes the space before colons and semicolons off the style's own words.
pub(super) fn tighten_colons(runs: &mut [Run<'_>]) {
    for run in runs.iter_mut().filter(|run| run.role == Role::Literal) {
        if run.text.contains(" :") || run.text.contains(" ;") {
            run.text = run.text.replace(" :", ":").replace(" ;", ";").into();
        }
    }
}

/// Takes white space off both ends.
pub(super) fn trim(runs: &mut Vec<Run<'_>>) {
    while let Some(run) = runs.last_mut() {
        run.text = run.text.trim_end().to_owned().into();
        if !run.text.is_empty() {
            break;
        }
        runs.pop();
    }
    while let Some(run) = runs.first_mut() {
        run.text = run.text.trim_start().to_owned().into();
        if !run.text.is_empty() {
            break;
        }
        runs.remove(0);
    }
}

/// Parts runs at the first of each of `marks`, which must come in order.
pub(super) fn split<'a>(runs: Vec<Run<'a>>, marks: &[char]) -> Vec<Vec<Run<'a>>> {
    let mut parts = vec![Vec::new()];
    let mut marks = marks.iter();
    let mut mark = marks.next();
    for mut run in runs {
        while let Some(at) = mark.and_then(|&mark| run.text.find(mark)) {
            let (before, after) = run.text.split_at_checked(at).unwrap_or(("", ""));
            let (before, after) = (before.to_owned(), after.chars().skip(1).collect::<String>());
            if let Some(part) = parts.last_mut() {
                part.push(Run { text: before.into(), ..run.clone() });
            }
            run.text = after.into();
            parts.push(Vec::new());
            mark = marks.next();
        }
        if let Some(part) = parts.last_mut() {
            part.push(run);
        }
    }
    for part in &mut parts {
        part.retain(|run| !run.text.is_empty());
    }
    parts
}

/// How runs are to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// What surrounds them already.
    pub(super) base: Formatting,
    /// Whether links may stand in them.
    pub(super) links: bool,
}

/// The runs as HTML.
pub(super) fn template(runs: &[Run<'_>], look: Look) -> Template {
    let mut out = Template::default();
    for run in runs {
        let href = run.url.filter(|_| look.links).and_then(href);
        if let Some(href) = &href {
            write!(out.html, "<a href=\"{}\">", Attribute(href)).expect("writing to a string cannot fail");
        }
        let tags = tags(run.formatting, look.base);
        for (open, _) in &tags {
            out.html.push_str(open);
        }
        write_words(&mut out, &run.text, run.role);
        for (_, close) in tags.iter().rev() {
            out.html.push_str(close);
        }
        if href.is_some() {
            out.html.push_str("</a>");
        }
    }
    out
}

/// Writes the words of a run, with a hole where its number or a probe stands.
fn write_words(out: &mut Template, words: &str, role: Role) {
    let hole = match role {
        Role::Number => number(words).map(|range| (range, Hole::Number)),
        _ => located(words).map(|range| (range, Hole::Locator)),
    };
    let Some((range, hole)) = hole else { return escape(&mut out.html, words) };
    escape(&mut out.html, words.get(..range.start).unwrap_or_default());
    out.holes.push((out.html.len(), hole));
    escape(&mut out.html, words.get(range.end..).unwrap_or_default());
}

/// Where the number 1 stands, whatever figures the style uses for it.
fn number(words: &str) -> Option<std::ops::Range<usize>> {
    let start = words.find(char::is_alphanumeric)?;
    let rest = words.get(start..)?;
    let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    Some(start..start + length)
}

fn located(words: &str) -> Option<std::ops::Range<usize>> {
    if let Some(at) = words.find(WORDS) {
        return Some(at..at + WORDS.len());
    }
    let start = words.find(FIRST)?;
    let end = start + FIRST.len();
    let last = words.get(end..).and_then(|rest| rest.find(LAST));
    Some(start..last.map_or(end, |at| end + at + LAST.len()))
}

fn tags(of: Formatting, base: Formatting) -> Vec<(&'static str, &'static str)> {
    let mut tags = Vec::new();
    if of.vertical_align != base.vertical_align {
        match of.vertical_align {
            VerticalAlign::Sup => tags.push(("<sup>", "</sup>")),
            VerticalAlign::Sub => tags.push(("<sub>", "</sub>")),
            VerticalAlign::None | VerticalAlign::Baseline => {}
        }
    }
    if of.font_style != base.font_style && of.font_style == FontStyle::Italic {
        tags.push(("<i>", "</i>"));
    }
    if of.font_weight != base.font_weight {
        match of.font_weight {
            FontWeight::Bold => tags.push(("<b>", "</b>")),
            FontWeight::Light => tags.push(("<span class=\"light\">", "</span>")),
            FontWeight::Normal => {}
        }
    }
    if of.font_variant != base.font_variant && of.font_variant == FontVariant::SmallCaps {
        tags.push(("<span class=\"small-caps\">", "</span>"));
    }
    if of.text_decoration != base.text_decoration && of.text_decoration == TextDecoration::Underline {
        tags.push(("<span class=\"underline\">", "</span>"));
    }
    tags
}

/// The tags around a whole that looks like `of`.
pub(super) fn around(of: Formatting) -> (String, String) {
    let tags = tags(of, Formatting::default());
    let open = tags.iter().map(|&(open, _)| open).collect();
    let close = tags.iter().rev().map(|&(_, close)| close).collect();
    (open, close)
}

/// Writes words as HTML, with their dollars, and without what no page can hold.
pub(super) fn escape(out: &mut String, words: &str) {
    let plain = unmasked(words);
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    if plain.contains(hidden) {
        let visible: String = plain.chars().filter(|&c| !hidden(c)).collect();
        escape_text(out, &visible);
    } else {
        escape_text(out, &plain);
    }
}

/// The words with their dollars, and without blanks.
pub(super) fn unmasked(words: &str) -> Cow<'_, str> {
    /// A dollar in an address, which was made safe for travel.
    const ENCODED: &str = "%F3%B0%80%A4";
    if words.contains([DOLLAR, BLANK]) || words.contains(ENCODED) {
        let words = words.replace(&format!("\\{DOLLAR}"), "$").replace(BLANK, "");
        words.replace(DOLLAR, "$").replace(ENCODED, "$").into()
    } else {
        words.into()
    }
}

/// The text without the characters that have a meaning here; no byte moves.
pub(super) fn unmarked(text: &str) -> Cow<'_, str> {
    const MARKS: std::ops::RangeInclusive<char> = '\u{F0020}'..='\u{F002F}';
    if text.contains(|c| MARKS.contains(&c)) {
        text.chars().map(|c| if MARKS.contains(&c) { '\u{F0030}' } else { c }).collect()
    } else {
        text.into()
    }
}

/// An address that may be linked to.
///
/// What follows `https://doi.org/` is a name, in which `<`, `#` and the like are letters.
pub(super) fn href(address: &str) -> Option<String> {
    let clean: String = unmasked(address.trim()).chars().filter(|c| !c.is_control()).collect();
    let (scheme, _) = clean.split_once(':')?;
    if !["http", "https", "mailto"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    match clean.strip_prefix(DOI) {
        Some(doi) => Some(format!("{DOI}{}", percent_encoding::utf8_percent_encode(doi, NAME))),
        None => Some(clean.replace(' ', "%20")),
    }
}

/// Where DOIs are resolved.
pub(super) const DOI: &str = "https://doi.org/";
const NAME: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`');

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Run<'_> {
        Run { text: text.into(), formatting: Formatting::default(), url: None, role: Role::Text }
    }

    const LOOK: Look = Look {
        base: Formatting {
            font_style: FontStyle::Normal,
            font_variant: FontVariant::Normal,
            font_weight: FontWeight::Normal,
            text_decoration: TextDecoration::None,
            vertical_align: VerticalAlign::None,
        },
        links: true,
    };

    fn filled(runs: &[Run<'_>]) -> String {
        let mut out = String::new();
        template(runs, LOOK).fill(&mut out, 12, "3<4");
        out
    }

    #[test]
    fn holes_take_numbers_and_locators() {
        assert_eq!(filled(&[Run { role: Role::Number, ..run("[1]") }]), "[12]");
        assert_eq!(filled(&[Run { role: Role::Number, ..run("I.") }]), "12.");
        assert_eq!(filled(&[run("a, p. 8731946!")]), "a, p. 3&lt;4!");
        assert_eq!(filled(&[run("pp. 8731946–8731947.")]), "pp. 3&lt;4.");
        assert_eq!(filled(&[run("see \u{F002A}")]), "see 3&lt;4");
    }

    #[test]
    fn words_are_escaped_and_dollars_come_back() {
        assert_eq!(
            filled(&[run("<script>\u{F0024}5 \\\u{F0024}6 & \"\u{1}")]),
            "&lt;script&gt;$5 $6 &amp; \""
        );
    }

    #[test]
    fn only_safe_addresses_are_links() {
        let link = |url| filled(&[Run { url: Some(url), ..run("x") }]);
        assert_eq!(link("javascript:alert(1)"), "x");
        assert_eq!(link(" java\nscript:alert(1)"), "x");
        assert_eq!(link("data:text/html,x"), "x");
        assert_eq!(link("//example.com"), "x");
        assert_eq!(link("HTTPS://a.b/?q=\"<&'"), "<a href=\"HTTPS://a.b/?q=&quot;&lt;&amp;'\">x</a>");
        assert_eq!(
            link("https://doi.org/10.1002/(SICI)1<1::A#1>3.0"),
            "<a href=\"https://doi.org/10.1002/(SICI)1%3C1::A%231%3E3.0\">x</a>"
        );
    }

    #[test]
    fn looks_become_tags_without_styles() {
        let mut italic = run("x");
        italic.formatting =
            Formatting { font_style: FontStyle::Italic, font_variant: FontVariant::SmallCaps, ..LOOK.base };
        assert_eq!(filled(std::slice::from_ref(&italic)), "<i><span class=\"small-caps\">x</span></i>");
        let inside = Look { base: italic.formatting, ..LOOK };
        assert_eq!(template(&[italic], inside).html, "x");
    }

    #[test]
    fn runs_part_at_marks() {
        let parts = split(vec![run("ab\u{1}c\u{2}d"), run("e")], &['\u{1}', '\u{2}']);
        let texts: Vec<String> =
            parts.iter().map(|part| part.iter().map(|run| run.text.as_ref()).collect()).collect();
        assert_eq!(texts, ["ab", "c", "de"]);
    }
}
