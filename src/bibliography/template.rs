//! Rendered works as HTML templates.
//!
//! The work's number and the locator differ between citations, so a template has placeholders for them. All
//! text is escaped, only known tags are written, and only safe URLs are linked.

use std::fmt::Write as _;
use std::sync::Arc;

use hayagriva::citationberg::{
    FontStyle, FontVariant, FontWeight, Formatting, TextDecoration, VerticalAlign,
};

use super::csl::output::{Role, Run};
use crate::html::{Attribute, escape_text};

/// HTML with placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Template {
    html: String,
    holes: Vec<(usize, Placeholder)>,
}

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// The work's number on the page.
    Number,
    /// The locator.
    Locator,
}

impl Template {
    /// Writes the HTML with the placeholders filled in; `locator` is plain text.
    pub(super) fn fill(&self, out: &mut String, number: usize, locator: &str) {
        let mut from = 0;
        for &(at, hole) in &self.holes {
            out.push_str(self.html.get(from..at).unwrap_or_default());
            from = at;
            match hole {
                Placeholder::Number => write!(out, "{number}").expect("writing to a string cannot fail"),
                Placeholder::Locator => escape(out, locator),
            }
        }
        out.push_str(self.html.get(from..).unwrap_or_default());
    }

    /// The filled template as a string.
    pub(super) fn filled(&self, number: usize, locator: &str) -> String {
        let mut out = String::with_capacity(self.html.len() + 8);
        self.fill(&mut out, number, locator);
        out
    }

    pub(super) fn has(&self, wanted: Placeholder) -> bool {
        self.holes.iter().any(|&(_, hole)| hole == wanted)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.html.is_empty() && self.holes.is_empty()
    }

    /// The HTML of plain text.
    pub(super) fn plain(text: &str) -> Self {
        let mut html = String::new();
        escape(&mut html, text);
        Self { html, holes: Vec::new() }
    }
}

/// Options for writing runs as HTML.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The formatting of the surrounding text.
    pub(super) base: Formatting,
    /// Whether links are written.
    pub(super) links: bool,
}

/// A tag around runs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tag {
    Link(Arc<str>),
    Named(&'static str),
    Span(&'static str),
}

impl Tag {
    fn open(&self, out: &mut String) {
        let written = match self {
            Self::Link(href) => write!(out, "<a href=\"{}\">", Attribute(href)),
            Self::Named(name) => write!(out, "<{name}>"),
            Self::Span(class) => write!(out, "<span class=\"{class}\">"),
        };
        written.expect("writing to a string cannot fail");
    }

    fn close(&self, out: &mut String) {
        let name = match self {
            Self::Link(_) => "a",
            Self::Named(name) => name,
            Self::Span(_) => "span",
        };
        write!(out, "</{name}>").expect("writing to a string cannot fail");
    }
}

/// Writes runs as HTML. Adjacent runs with the same formatting share a tag.
pub(super) fn template(runs: &[Run], look: Look) -> Template {
    let mut out = Template::default();
    let mut open: Vec<Tag> = Vec::new();
    for run in runs.iter().filter(|run| !run.text.is_empty()) {
        let wanted = tags(run, look);
        let same = open.iter().zip(&wanted).take_while(|(open, wanted)| open == wanted).count();
        for tag in open.drain(same..).rev() {
            tag.close(&mut out.html);
        }
        for tag in wanted.into_iter().skip(same) {
            tag.open(&mut out.html);
            open.push(tag);
        }
        match run.role {
            Role::Number => out.holes.push((out.html.len(), Placeholder::Number)),
            Role::Locator => out.holes.push((out.html.len(), Placeholder::Locator)),
            _ => escape(&mut out.html, &run.text),
        }
    }
    for tag in open.iter().rev() {
        tag.close(&mut out.html);
    }
    out
}

fn tags(run: &Run, Look { base, links }: Look) -> Vec<Tag> {
    let mut tags = Vec::new();
    if let Some(link) = run.link.as_ref().filter(|_| links) {
        tags.push(Tag::Link(Arc::clone(link)));
    }
    let align = run.look.align.unwrap_or_default();
    if align != base.vertical_align.unwrap_or_default() {
        match align {
            VerticalAlign::Sup => tags.push(Tag::Named("sup")),
            VerticalAlign::Sub => tags.push(Tag::Named("sub")),
            VerticalAlign::None | VerticalAlign::Baseline => {}
        }
    }
    if run.italic() && base.font_style != Some(FontStyle::Italic) {
        tags.push(Tag::Named("i"));
    }
    if run.weight() != base.font_weight.unwrap_or_default() {
        match run.weight() {
            FontWeight::Bold => tags.push(Tag::Named("b")),
            FontWeight::Light => tags.push(Tag::Span("light")),
            FontWeight::Normal => {}
        }
    }
    if run.look.variant == Some(FontVariant::SmallCaps) && base.font_variant != run.look.variant {
        tags.push(Tag::Span("small-caps"));
    }
    if run.look.decoration == Some(TextDecoration::Underline) && base.text_decoration != run.look.decoration {
        tags.push(Tag::Span("underline"));
    }
    tags
}

/// The opening and closing tags for the formatting `of`.
pub(super) fn surrounding_tags(of: Formatting) -> (String, String) {
    let mut run = Run::new("x", Role::Style);
    super::csl::output::apply_formatting(std::slice::from_mut(&mut run), &of);
    let tags = tags(&run, Look { base: Formatting::default(), links: false });
    let (mut open, mut close) = (String::new(), String::new());
    tags.iter().for_each(|tag| tag.open(&mut open));
    tags.iter().rev().for_each(|tag| tag.close(&mut close));
    (open, close)
}

/// Writes text as HTML, without control characters.
pub(super) fn escape(out: &mut String, text: &str) {
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(hidden) {
        let visible: String = text.chars().filter(|&c| !hidden(c)).collect();
        escape_text(out, &visible);
    } else {
        escape_text(out, text);
    }
}

/// The percent-encoded URL, or `None` if it is not safe to link to.
///
/// After `https://doi.org/`, characters such as `<`, `#` and `?` are part of the DOI and are encoded.
pub(super) fn href(address: &str) -> Option<String> {
    let clean: String = address.trim().chars().filter(|c| !c.is_control()).collect();
    let (scheme, _) = clean.split_once(':')?;
    if !["http", "https", "mailto"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    match clean.strip_prefix(DOI) {
        Some(doi) => Some(format!("{DOI}{}", percent_encoding::utf8_percent_encode(doi, NAME))),
        None => Some(percent_encoding::utf8_percent_encode(&clean, ADDRESS).to_string()),
    }
}

/// The URL of the DOI resolver.
pub(super) const DOI: &str = "https://doi.org/";
/// The characters to encode in a URL; `%` is not among them, because the URL may already be encoded.
const ADDRESS: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
const NAME: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'\\')
    .add(b'^')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { base: super::super::csl::render::NO_FORMATTING, links: true };

    fn filled(runs: &[Run]) -> String {
        let mut out = String::new();
        template(runs, LOOK).fill(&mut out, 12, "3<4");
        out
    }

    #[test]
    fn placeholders_are_filled() {
        let runs = [Run::new("[", Role::Style), Run::new("1", Role::Number), Run::new("]", Role::Style)];
        assert_eq!(filled(&runs), "[12]");
        assert_eq!(filled(&[Run::new("p. ", Role::Style), Run::new("7", Role::Locator)]), "p. 3&lt;4");
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(filled(&[Run::new("<script>$5 & \"\u{1}", Role::Value)]), "&lt;script&gt;$5 &amp; \"");
    }

    #[test]
    fn only_safe_addresses_are_links() {
        assert_eq!(href("javascript:alert(1)"), None);
        assert_eq!(href(" java\nscript:alert(1)"), None);
        assert_eq!(href("data:text/html,x"), None);
        assert_eq!(href("//example.com"), None);
        assert_eq!(href("HTTPS://a.b/?q=\"<&'").as_deref(), Some("HTTPS://a.b/?q=%22%3C&'"));
        assert_eq!(
            href("https://doi.org/10.1002/(SICI)1<1::A#1>3.0").as_deref(),
            Some("https://doi.org/10.1002/(SICI)1%3C1::A%231%3E3.0")
        );
    }

    #[test]
    fn tags_span_runs_with_the_same_formatting() {
        let mut italic = Run::new("a", Role::Value);
        italic.look.style = Some(FontStyle::Italic);
        let mut small = italic.clone();
        small.look.variant = Some(FontVariant::SmallCaps);
        assert_eq!(filled(&[italic.clone(), small.clone()]), "<i>a<span class=\"small-caps\">a</span></i>");
        let base = Formatting { font_style: Some(FontStyle::Italic), ..LOOK.base };
        assert_eq!(template(&[italic], Look { base, ..LOOK }).filled(0, ""), "a");
    }
}
