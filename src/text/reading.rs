//! Parses a source into a [`Text`]: the HTML of `#source`, its reading text, and the origin of each word in
//! the file.
//!
//! The reading text is exactly the DOM's `textContent`; passages, marks and selectors are positions in it.
//! Links and images are resolved here, and broken ones reported.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, FileSpan, Place, TextSpan};
use crate::html::highlight::Highlighter;
use crate::html::sanitize::Destination;
use crate::html::{Html, Ids};
use crate::markdown::{self, Item, Scope};
use crate::names::address::SOURCES;
use crate::names::link::{self, Link};
use crate::names::path::relative;
use crate::text::library::{Library, Source};

/// The prefix of all ids that come from a text itself.
pub(crate) const ID_PREFIX: &str = "t-";

/// A text, parsed.
#[derive(Debug)]
pub struct Text {
    /// Its HTML, reading text, blocks and headings.
    pub html: Html,
}

/// Parses the text of `source`.
pub(crate) fn parse(
    source: &Source,
    library: &Library,
    highlighter: &Highlighter,
    diagnostics: &mut Diagnostics,
) -> Text {
    let items = markdown::items(source.text(), source.body);
    let mut links = Links::new(source, library, highlighter);
    let mut html = write(&items, source, highlighter, &mut |to, span| links.resolve(to, span));
    // Whether a link within the text has a target is known only after the whole text is parsed.
    if links.check_own_links(&html) {
        html = write(&items, source, highlighter, &mut |to, span| links.resolve(to, span));
    }
    diagnostics.extend(links.problems);
    Text { html }
}

fn write<'s>(
    items: &[Item<'_>],
    source: &Source,
    highlighter: &'s Highlighter,
    resolve: &'s mut markdown::Resolve<'s>,
) -> Html {
    let scope =
        Scope { prefix: ID_PREFIX, ids: Ids::Blocks, heading_shift: 0, citations: &[], highlighter, resolve };
    markdown::write(items, &source.file.text, scope)
}

/// The ids that links to the text of `source` can use, without their prefix.
pub(crate) fn link_targets<'s>(source: &'s Source, highlighter: &Highlighter) -> &'s BTreeSet<String> {
    source.link_targets.get_or_init(|| {
        let items = markdown::items(source.text(), source.body);
        targets_in(&write(&items, source, highlighter, &mut |_, _| None))
    })
}

/// The ids and block numbers that links to this HTML can use.
fn targets_in(html: &Html) -> BTreeSet<String> {
    let named =
        html.html.split(" id=\"t-").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
    named.chain((1..=html.blocks.len()).map(|number| format!("p-{number}"))).collect()
}

/// The id of the element that `#fragment` in a link to a text refers to.
pub(crate) fn target_id(fragment: &str) -> String {
    let numbered =
        fragment.strip_prefix("p-").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if numbered { fragment.to_owned() } else { format!("{ID_PREFIX}{fragment}") }
}

impl Text {
    /// The reading text.
    pub fn reading(&self) -> &str {
        &self.html.reading
    }

    /// The location in the file of `source` of a range of the reading text.
    pub fn place(&self, source: &Source, span: TextSpan) -> Place {
        let start = self.origin(span.start).map_or(source.body, |(at, _)| at);
        let end = match self.origin(span.end.saturating_sub(1)) {
            Some((at, true)) => at + 1,
            Some((at, false)) => at,
            None => start,
        };
        let end =
            (end.max(start)..).find(|&i| i >= source.file.text.len() || source.file.text.is_char_boundary(i));
        Place::new(&source.file, FileSpan::new(start, end.unwrap_or(start)))
    }

    /// The offset in the file from which byte `at` of the reading text comes, and whether it is exact.
    fn origin(&self, at: usize) -> Option<(usize, bool)> {
        let origins = &self.html.origins;
        let index = origins.partition_point(|origin| origin.text <= at).checked_sub(1)?;
        let origin = origins[index];
        Some(if origin.verbatim {
            let exact = origin.file.start + (at - origin.text);
            (exact.min(origin.file.end), exact < origin.file.end)
        } else {
            (origin.file.start, false)
        })
    }

    /// The number of the block that contains byte `at` of the reading text, and the number of the child of
    /// `#source` that contains this block. Both count from 1.
    pub fn block_at(&self, at: usize) -> (usize, usize) {
        let number = self.html.blocks.partition_point(|block| block.start <= at).max(1);
        (number, self.html.blocks.get(number - 1).map_or(1, |block| block.child))
    }
}

/// Resolves the links of a text.
struct Links<'a> {
    source: &'a Source,
    library: &'a Library,
    highlighter: &'a Highlighter,
    page: String,
    /// The targets within the same text that links use.
    own: Vec<(String, FileSpan)>,
    /// Those targets that do not exist.
    missing: BTreeSet<String>,
    problems: Diagnostics,
    /// Whether problems have been reported already, in the first pass.
    reported: bool,
}

impl<'a> Links<'a> {
    fn new(source: &'a Source, library: &'a Library, highlighter: &'a Highlighter) -> Self {
        Self {
            source,
            library,
            highlighter,
            page: source.page(),
            own: Vec::new(),
            missing: BTreeSet::new(),
            problems: Diagnostics::default(),
            reported: false,
        }
    }

    fn resolve(&mut self, to: Destination<'_>, span: FileSpan) -> Option<String> {
        match to {
            Destination::Link(written) => self.link(written, span),
            Destination::Image(written) => self.image(written, span),
        }
    }

    fn warn(&mut self, code: Code, span: FileSpan, message: String, help: &str) {
        if !self.reported {
            let place = Place::new(&self.source.file, span);
            self.problems.push(Diagnostic::warning(code, place, message).help(help));
        }
    }

    fn link(&mut self, written: &str, span: FileSpan) -> Option<String> {
        let found = match link::parse(written) {
            Link::Outside(address) => return Some(address),
            Link::Inside { path, fragment } if path.is_empty() => {
                if fragment.is_empty() {
                    return Some("#source".to_owned());
                }
                if !self.missing.contains(&fragment) {
                    let address = format!("#{}", encode_fragment(&target_id(&fragment)));
                    self.own.push((fragment, span));
                    return Some(address);
                }
                None
            }
            Link::Inside { path, fragment } => {
                self.inside(&path, &fragment, span).or_else(|| self.at_origin(written))
            }
            Link::Hosted(_) => self.at_origin(written),
            Link::Refused => {
                let message = format!("the scheme of the link `{}` is not allowed", shorten(written));
                self.warn(
                    Code::LinkBroken,
                    span,
                    message,
                    "remove the target; until then the words are shown without a link",
                );
                return None;
            }
        };
        if found.is_none() {
            let message = format!("broken link: `{}`", shorten(written));
            self.warn(Code::LinkBroken, span, message, "add the source's `url`, or put the file beside the text; until then the words are shown without a link");
        }
        found
    }

    /// Resolves a link to another text, or to a file beside a text.
    fn inside(&mut self, path: &str, fragment: &str, span: FileSpan) -> Option<String> {
        let path = link::join(self.source.folder(), path)?;
        if self.library.assets.contains_key(&path) {
            return Some(relative(&self.page, &path));
        }
        let name = path.strip_suffix(".md").unwrap_or(&path);
        let name = name.strip_suffix("/index").unwrap_or(name);
        let target = self.library.source(name)?;
        let page = relative(&self.page, &target.page());
        if fragment.is_empty() {
            return Some(page);
        }
        if !link_targets(target, self.highlighter).contains(fragment) {
            let message = format!("the text `{}` has no target `#{}`", target.path, shorten(fragment));
            let help = "use the words of a heading, in lower case with `-` between them; until then the link leads to the start of the text";
            self.warn(Code::LinkBroken, span, message, help);
            return Some(page);
        }
        Some(format!("{page}#{}", encode_fragment(&target_id(fragment))))
    }

    /// Resolves a link against the address at which the text was published.
    fn at_origin(&self, written: &str) -> Option<String> {
        let base = url::Url::parse(self.source.front.url.as_deref()?).ok()?;
        let address = base.join(written.trim()).ok()?;
        matches!(address.scheme(), "http" | "https").then(|| address.to_string())
    }

    fn image(&mut self, written: &str, span: FileSpan) -> Option<String> {
        match link::parse(written) {
            Link::Inside { path, .. } => {
                let found =
                    link::join(self.source.folder(), &path).filter(|p| self.library.assets.contains_key(p));
                if let Some(path) = found {
                    return Some(relative(&self.page, &path));
                }
                let message = format!("no such image: `{}`", shorten(written));
                let help = format!(
                    "put the file into `{SOURCES}/{}`; until then its alternative text is shown",
                    self.source.folder()
                );
                self.warn(Code::AssetMissing, span, message, &help);
            }
            _ => {
                let message = format!("the external image `{}` is not loaded", shorten(written));
                self.warn(
                    Code::AssetRemote,
                    span,
                    message,
                    "save the image beside the text and use its relative path",
                );
            }
        }
        None
    }

    /// Reports links to targets that do not exist in the same text, and returns whether there are any.
    fn check_own_links(&mut self, html: &Html) -> bool {
        let links = std::mem::take(&mut self.own);
        if links.is_empty() {
            return false;
        }
        let targets = targets_in(html);
        for (fragment, span) in links {
            if !targets.contains(&fragment) {
                let message = format!("the text has no target `#{}`", shorten(&fragment));
                self.warn(Code::LinkBroken, span, message, "use the words of a heading, in lower case with `-` between them; until then the words are shown without a link");
                self.missing.insert(fragment);
            }
        }
        self.reported = true;
        !self.missing.is_empty()
    }
}

/// An address, shortened for a message.
fn shorten(written: &str) -> String {
    let mut short: String = written.chars().take(80).collect();
    if short.len() < written.len() {
        short.push('…');
    }
    short
}

/// An id, percent-encoded for use after `#` in an address.
pub(crate) fn encode_fragment(id: &str) -> Cow<'_, str> {
    const ENCODED: &percent_encoding::AsciiSet =
        &percent_encoding::CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'%').add(b'#');
    percent_encoding::utf8_percent_encode(id, ENCODED).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::File;
    use crate::text::library;

    fn text(markdown: &str) -> (Source, Text, Vec<Diagnostic>) {
        let mut diagnostics = Diagnostics::default();
        let source = library::parse(File::new("sources/a.md", markdown), &mut diagnostics);
        let text = parse(&source, &Library::default(), &Highlighter::default(), &mut diagnostics);
        (source, text, diagnostics.into_sorted())
    }

    fn html(markdown: &str) -> String {
        text(markdown).1.html.html
    }

    #[test]
    fn blocks_are_numbered_and_separated() {
        assert_eq!(
            html("# A *b*\n\nc & d\n\n- e\n- f\n"),
            "<h1 id=\"p-1\"><span id=\"t-a-b\"></span>A <em>b</em></h1>\n<p id=\"p-2\">c &amp; d</p>\n<ul><li id=\"p-3\">e</li>\n<li id=\"p-4\">f</li>\n</ul>\n"
        );
    }

    #[test]
    fn footnotes_are_at_the_end_and_their_numbers_are_not_text() {
        let (_, text, _) = text("a[^n] b[^n]\n\n[^n]: note\n\n[^unused]: kept\n");
        assert_eq!(text.reading().split_whitespace().collect::<Vec<_>>(), ["a", "b", "note", "kept"]);
        assert!(text.html.html.contains("href=\"#t-fn-1\""));
        assert!(text.html.html.contains("id=\"t-fnref-1-2\""));
    }

    #[test]
    fn cells_and_line_breaks_separate_words() {
        assert_eq!(
            text("|a|b|\n|-|-|\n|c|d|\n").1.reading().split_whitespace().collect::<Vec<_>>(),
            ["a", "b", "c", "d"]
        );
        assert_eq!(text("a<br>b\n").1.reading(), "a\nb\n");
    }

    #[test]
    fn words_map_back_to_the_file() {
        let (source, text, _) = text("+++\ntitle = \"x\"\n+++\nonce &amp; *twice* `code` <b>bold</b> end\n");
        for word in ["once", "twice", "code", "bold", "end"] {
            let at = text.reading().find(word).unwrap();
            let place = text.place(&source, TextSpan::new(at, at + word.len()));
            assert_eq!(&source.file.text[place.span.range()], word);
        }
    }

    #[test]
    fn links_without_a_target_are_removed_and_reported() {
        let (_, text, problems) = text(
            "# Head\n\n[a](#head) [b](#gone) [c](javascript:x) [d](x.md) ![e](x.png) ![f](https://x/y.png)\n",
        );
        assert!(text.html.html.contains("<a href=\"#t-head\">a</a>"));
        assert_eq!(text.html.html.matches("class=\"no-target\"").count(), 3);
        assert_eq!(text.html.html.matches("<span class=\"unavailable\"").count(), 2);
        let codes: Vec<_> = problems.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["link.broken", "link.broken", "link.broken", "asset.missing", "asset.remote"]);
    }

    #[test]
    fn raw_html_is_sanitized_and_its_words_stay() {
        let (_, text, _) = text(
            "<div class=\"x\" onclick=\"y\">in *out*\n\n</article><mark>m</mark>\n\n<script>gone</script>\n",
        );
        assert!(
            !text.html.html.contains("article")
                && !text.html.html.contains("mark>")
                && !text.html.html.contains("onclick")
        );
        assert_eq!(text.reading().split_whitespace().collect::<Vec<_>>(), ["in", "*out*", "m"]);
    }
}
