//! Diagnostics for people: the message, the lines it is about, and what to do.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::Excerpt;
use super::locator::{Locator, Position};
use super::{count, escape_line, escape_text};
use crate::diagnostics::{Diagnostic, Place, Severity};

/// The maximum number of related locations that are shown for one diagnostic.
const MAX_RELATED: usize = 10;

/// The minimum width that is assumed for a terminal.
const MIN_WIDTH: usize = 40;

/// Formats diagnostics for a terminal `width` columns wide, in the order given, with an empty line after each.
pub fn human(diagnostics: &[Diagnostic], colour: bool, width: usize) -> String {
    let width = width.max(MIN_WIDTH);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let mut locator = Locator::default();
    let mut text = String::new();
    for diagnostic in diagnostics {
        let (group, headers) = group(diagnostic, width, &mut locator);
        push_corrected(&mut text, &renderer.render(&[group]), &headers);
        text.push_str("\n\n");
    }
    text
}

/// The `path:line:column` header of a location: as the renderer writes it, counting columns in the shortened
/// excerpt, and as it should be.
struct Header {
    rendered: String,
    correct: String,
}

fn group<'a>(
    diagnostic: &'a Diagnostic,
    width: usize,
    locator: &mut Locator<'a>,
) -> (Group<'a>, Vec<Header>) {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(escape_text(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let mut headers = Vec::new();
    let place = (AnnotationKind::Primary, &diagnostic.place, &diagnostic.label);
    let related = diagnostic.related.iter().take(MAX_RELATED);
    let related = related.map(|related| (AnnotationKind::Context, &related.place, &related.label));
    for (kind, place, label) in std::iter::once(place).chain(related) {
        let (element, header) = excerpt(kind, place, label, width, locator);
        group = group.element(element);
        headers.extend(header);
    }
    if diagnostic.related.len() > MAX_RELATED {
        let more = count(diagnostic.related.len() - MAX_RELATED, "more place", "more places");
        group = group.element(Level::NOTE.message(more));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(escape_text(help)));
    }
    (group, headers)
}

/// The location with its lines, or its path alone if the file has no text.
fn excerpt<'a>(
    kind: AnnotationKind,
    place: &'a Place,
    label: &'a str,
    width: usize,
    locator: &mut Locator<'a>,
) -> (Element<'a>, Option<Header>) {
    let path = escape_line(&place.file.path);
    let label = (!label.is_empty()).then(|| escape_line(label));
    if place.file.text.is_empty() {
        let origin = label.map_or(path.clone(), |label| format!("{path}: {label}").into());
        return (Origin::path(origin).into(), None);
    }
    let position = locator.locate(&place.file, place.span.start);
    let Position { line, column, .. } = position;
    let excerpt = Excerpt::new(&place.file, place.span, position, width);
    let rendered_column = excerpt.text[..excerpt.span.start].chars().count() + 1;
    let header = Header {
        rendered: format!("{path}:{line}:{rendered_column}"),
        correct: format!("{path}:{line}:{column}"),
    };
    let annotation = kind.span(excerpt.span).label(label);
    let snippet = Snippet::source(excerpt.text).path(path).line_start(line).annotation(annotation);
    (snippet.into(), Some(header))
}

/// Appends the rendered text with corrected headers; `headers` are in the order in which they occur in it.
fn push_corrected(text: &mut String, rendered: &str, headers: &[Header]) {
    let mut rest = rendered;
    for header in headers {
        if let Some((before, after)) = rest.split_once(&header.rendered) {
            text.push_str(before);
            text.push_str(&header.correct);
            rest = after;
        }
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::diagnostics::Code;
    use crate::diagnostics::File;

    fn plain(diagnostic: Diagnostic) -> String {
        human(&[diagnostic], false, 80)
    }

    fn at(file: &Arc<File>, words: &str) -> Place {
        let start = file.text.find(words).unwrap();
        Place::new(file, start..start + words.len())
    }

    #[test]
    fn a_diagnostic_shows_its_lines_and_its_help() {
        let notes = File::new("annotations/a.md", "## One {#x}\n\n> quote\n> more\n\n## Two {#x}\n");
        let source = File::new("sources/a.md", "\u{feff}the passage\n");
        let second = Place::new(&notes, 33..35);
        let error = Diagnostic::error(Code::NoteDuplicateId, second, "two notes have the id `x`")
            .label("the second")
            .related(at(&notes, "> quote\n> more\n"), "the first")
            .related(at(&source, "passage"), "")
            .help("rename one of them\nor both");
        let expected = "\
error[note.duplicate-id]: two notes have the id `x`
 --> annotations/a.md:6:5
  |
6 |   ## Two {#x}
  |       ^^ the second
  |
 ::: annotations/a.md:3:1
  |
3 | / > quote
4 | | > more
  | |______- the first
  |
 ::: sources/a.md:1:5
  |
1 |   the passage
  |       -------
  |
  = help: rename one of them
          or both

";
        assert_eq!(plain(error), expected);
    }

    #[test]
    fn a_location_without_text_shows_only_its_path() {
        let warning = Diagnostic::warning(Code::SitePath, Place::of_path("a/x"), "two outputs at one path")
            .related(Place::of_path("a/X"), "was first")
            .help("rename one");
        let expected = "\
warning[site.path]: two outputs at one path
--> a/x
::: a/X: was first
 = help: rename one

";
        assert_eq!(plain(warning), expected);
    }

    #[test]
    fn a_long_line_is_cut_and_columns_stay_correct() {
        let file = File::new("a.md", format!("x\n{}needle{}\n", "é ".repeat(400), " ö".repeat(400)));
        let again = Place::new(&file, file.text.len() - 30..file.text.len() - 28);
        let text = plain(Diagnostic::error(Code::AnchorOrphan, at(&file, "needle"), "m").related(again, "l"));
        assert!(text.contains("--> a.md:2:801\n"), "{text}");
        assert!(text.contains("::: a.md:2:1588\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 100), "{text}");
        assert!(text.contains("é needle ö"), "{text}");
    }

    #[test]
    fn colours_are_used_only_on_request() {
        let file = File::new("a.md", "some words\n");
        let error = [Diagnostic::error(Code::AnchorOrphan, at(&file, "words"), "m").label("l").help("h")];
        assert!(!human(&error, false, 80).contains('\u{1b}'));
        assert!(human(&error, true, 80).contains('\u{1b}'));
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let evil = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\r";
        let file = File::new(format!("{evil}\n.md"), format!("{evil}words{evil}"));
        let error = Diagnostic::error(Code::AnchorOrphan, at(&file, "words"), evil)
            .label(evil)
            .related(Place::of_path(evil), evil)
            .help(evil);
        let text = plain(error);
        assert!(!text.chars().any(|c| c != '\n' && super::super::is_unsafe(c)), "{text:?}");
        assert!(text.contains(r"\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{d}"), "{text}");
    }

    #[test]
    fn of_many_related_locations_some_are_shown_and_the_rest_counted() {
        let file = File::new("a.md", "word\n".repeat(13));
        let error = Diagnostic::error(Code::AnchorAmbiguous, Place::new(&file, 0..4), "m");
        let error =
            (1..13).fold(error, |error, i| error.related(Place::new(&file, i * 5..i * 5 + 4), "here"));
        let text = plain(error);
        assert_eq!(text.matches("- here").count(), MAX_RELATED);
        assert!(text.contains("= note: 2 more places"), "{text}");
    }

    #[test]
    fn headers_are_correct_for_any_location_in_any_text() {
        let line = "a\tb é\r\n\u{1b}日本\u{200d}\u{301}🙂\n\n";
        for text in
            [line.repeat(4), format!("\u{feff}{line}"), line.replace('\n', "").repeat(12), "\r\n".to_owned()]
        {
            let file = File::new("a.md", text);
            for start in 0..=file.text.len() + 1 {
                for end in [start, start + 1, start + 7, start + 60, start + 999] {
                    let text =
                        plain(Diagnostic::error(Code::AnchorOrphan, Place::new(&file, start..end), "m"));
                    let (line, column) = file.line_column(start);
                    assert!(text.contains(&format!("--> a.md:{line}:{column}\n")), "{start}..{end}: {text}");
                }
            }
        }
    }

    #[test]
    fn many_diagnostics_in_huge_files_are_rendered_quickly() {
        let one_line = File::new("a.md", "word ".repeat(200_000));
        let many_lines = File::new("b.md", "a word\n".repeat(1_000_000));
        let problems: Vec<_> = (0..500)
            .map(|i| {
                let place = Place::new(&one_line, i * 1_000..i * 1_000 + 400_000);
                let nearest = Place::new(&many_lines, i * 7_000..i * 7_000 + 3_000_000);
                Diagnostic::error(Code::AnchorOrphan, place, "m").label("l").related(nearest, "near")
            })
            .collect();
        let start = Instant::now();
        let text = human(&problems, false, 80);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        assert!(text.len() < 500 * 1_000);
        assert!(text.contains("::: b.md:499001:1\n"));
    }
}
