//! Converts the body of an annotation to the body of a note, so that nothing in it opens another note, cites
//! a work or refers to a file.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Tag};

use super::html_to_markdown;
use crate::diagnostics::FileSpan;
use crate::html::sanitize::{self, Destination, Nesting};
use crate::markdown::escape::{escape_note, escape_start, one_line};
use crate::names::link::{self, Link};

/// Converts plain text to paragraphs.
pub(super) fn plain(words: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in words.lines() {
        let line = escape_note(line.trim());
        let line = if line.starts_with('{') { format!("\\{line}") } else { escape_start(&line) };
        if line.is_empty() {
            open = false;
        } else if open && let Some(last) = blocks.last_mut() {
            last.push_str(&format!("\\\n{line}"));
        } else {
            blocks.push(line);
            open = true;
        }
    }
    blocks.join("\n\n")
}

/// Converts HTML to Markdown; returns a leading heading separately.
pub(super) fn html(html: &str) -> (Option<String>, String) {
    let clean = sanitize::fragment(html, "", &mut Nesting::default(), &mut |to, _| match to {
        Destination::Link(written) => outside(written),
        Destination::Image(_) => None,
    });
    let (title, rest) = html_to_markdown::split_heading(&clean);
    let out = html_to_markdown::to_markdown(&rest);
    let out = markdown(out.trim()).unwrap_or_else(|| {
        let tree = scraper::Html::parse_fragment(&rest);
        plain(&tree.root_element().text().collect::<String>())
    });
    (title, out)
}

fn outside(written: &str) -> Option<String> {
    match link::parse(written) {
        Link::Outside(address) => Some(address),
        _ => None,
    }
}

/// Adapts Markdown for the body of a note; `None` if it has to be escaped as plain text instead.
pub(super) fn markdown(text: &str) -> Option<String> {
    let mut edits: Vec<(FileSpan, String)> = Vec::new();
    let mut first = true;
    let mut closed = 0_usize;
    for (event, span) in crate::markdown::events(text, 0) {
        let raw = text.get(span.range())?;
        match &event {
            Event::Start(Tag::BlockQuote(_)) if first => return None,
            Event::Start(Tag::Heading { level: level @ (HeadingLevel::H1 | HeadingLevel::H2), .. }) => {
                let more = 3 - *level as usize;
                if raw.starts_with('#') {
                    edits.push((FileSpan::new(span.start, span.start), "#".repeat(more)));
                } else {
                    let (words, _) = raw.trim_end().rsplit_once('\n')?;
                    if words.contains('@') {
                        return None;
                    }
                    edits.push((span, format!("### {}\n", one_line(words))));
                }
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                if *link_type != LinkType::Email {
                    outside(dest_url)?;
                }
                closed += 1;
            }
            Event::Start(Tag::CodeBlock(_)) => closed += 1,
            Event::End(pulldown_cmark::TagEnd::Link | pulldown_cmark::TagEnd::CodeBlock) => {
                closed = closed.saturating_sub(1);
            }
            Event::Start(Tag::Image { .. } | Tag::FootnoteDefinition(_) | Tag::HtmlBlock)
            | Event::Html(_) => {
                return None;
            }
            Event::FootnoteReference(_) => return None,
            Event::Text(words) if closed == 0 && words.contains('@') => {
                if raw != words.as_ref() {
                    return None;
                }
                for (at, _) in raw.match_indices('@') {
                    let place = span.start + at;
                    if !text[..place].ends_with('\\') {
                        edits.push((FileSpan::new(place, place), "\\".to_owned()));
                    }
                }
            }
            _ => {}
        }
        first = false;
    }
    // Link definitions apply to the whole file, and braces at the start could be parsed as attributes.
    let defines = text.lines().any(|line| line.trim_start().starts_with('[') && line.contains("]:"));
    if defines || text.trim_start().starts_with('{') {
        return None;
    }
    let mut out = text.to_owned();
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
    for (span, new) in edits {
        out.replace_range(span.range(), &new);
    }
    Some(out.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_citations_lose_their_meaning() {
        for (from, to) in [
            ("# A\n\nb", Some("### A\n\nb")),
            ("## A", Some("### A")),
            ("A\n===\nb", Some("### A\nb")),
            ("see @moss, `@a`, <a@b.c> and \\@d", Some("see \\@moss, `@a`, <a@b.c> and \\@d")),
            ("[a](https://b.c/@d)", Some("[a](https://b.c/@d)")),
            ("[a](b.md)", None),
            ("![a](https://b.c/d.png)", None),
            ("> quoted\n\nb", None),
            ("a[^1]\n\n[^1]: b", None),
            ("<div>\n", None),
            ("[a]: https://b.c/", None),
            ("{#id}", None),
        ] {
            assert_eq!(markdown(from).as_deref(), to, "{from}");
        }
    }

    #[test]
    fn plain_text_keeps_its_lines() {
        assert_eq!(plain("a @b\n# c\n\n{d}"), "a \\@b\\\n\\# c\n\n\\{d}");
    }

    #[test]
    fn a_leading_heading_in_html_becomes_the_title() {
        let (title, body) = html(
            "<h3>A &amp; b</h3>\n<p>c <a href='#x'>d</a> <a href='https://e.f/'>g</a></p><script>h</script>",
        );
        assert_eq!((title.as_deref(), body.as_str()), (Some("A & b"), "c d [g](<https://e.f/>)"));
    }
}
