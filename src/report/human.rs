//! Diagnostics for people: the words, the lines they are about, and what to do.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::Excerpt;
use super::harmless;
use super::locator::Locator;
use crate::diagnostic::{Diagnostic, Severity};
use crate::span::Place;

/// The most further places that are shown of one problem.
const MOST_RELATED: usize = 10;

/// The narrowest terminal that is drawn for.
const NARROWEST: usize = 40;

/// The diagnostics as text for a terminal `width` columns wide, in the order given, an empty line
/// after each.
pub fn human(diagnostics: &[Diagnostic], colour: bool, width: usize) -> String {
    let width = width.max(NARROWEST);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let mut locator = Locator::default();
    let mut text = String::new();
    for diagnostic in diagnostics {
        let rendered = renderer.render(&[group(diagnostic, width, &mut locator)]);
        for line in rendered.lines().filter(|line| !is_bare_sign(line)) {
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Whether all of a line is `:::`, which the renderer writes above lines whose place it did not name itself.
fn is_bare_sign(line: &str) -> bool {
    let styled = line.split("\x1b[").enumerate();
    let words = styled
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or(part, |(_, rest)| rest) });
    words.collect::<String>().trim() == ":::"
}

fn group<'a>(diagnostic: &'a Diagnostic, width: usize, locator: &mut Locator<'a>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(harmless(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let place = (AnnotationKind::Primary, &diagnostic.place, &diagnostic.label);
    let related = diagnostic.related.iter().take(MOST_RELATED);
    let related = related.map(|related| (AnnotationKind::Context, &related.place, &related.label));
    for (kind, place, label) in std::iter::once(place).chain(related) {
        group = group.elements(excerpt(kind, place, label, width, locator));
    }
    if let Some(more) = diagnostic.related.len().checked_sub(MOST_RELATED + 1) {
        group = group.element(Level::NOTE.message(super::count(more + 1, "more place", "more places")));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(harmless(help)));
    }
    group
}

/// The line that names the place, and where it has text, the lines it is in.
///
/// The place is named by an [`Origin`] of its own, since what the renderer would count in the
/// lines it is given is not where they stand in the file.
fn excerpt<'a>(
    kind: AnnotationKind,
    place: &'a Place,
    label: &'a str,
    width: usize,
    locator: &mut Locator<'a>,
) -> Vec<Element<'a>> {
    let origin = Origin::path(harmless(&place.file.path));
    if place.file.text.is_empty() {
        return vec![origin.into()];
    }
    let position = locator.locate(&place.file, place.span.start);
    let excerpt = Excerpt::new(&place.file, place.span, position, width);
    let label = (!label.is_empty()).then(|| harmless(label));
    let annotation = kind.span(excerpt.span).label(label);
    let snippet = Snippet::source(excerpt.text).line_start(position.line).annotation(annotation);
    vec![origin.line(position.line).char_column(position.column).into(), snippet.into()]
}
