//! Converts errors of the template engine to diagnostics with locations, and reports unused theme files.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use tera::{Error, ErrorKind};

use super::{BUILTIN, FILES, STRINGS, TEMPLATES};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, nearest};
use crate::names::address::THEME;

const HELP: &str = "correct the template; docs/theming.md lists the values that each template receives";

/// The help for filters, functions and tests that the engine does not have.
const ENGINE_HELP: &str = "use one that Tera provides; see https://keats.github.io/tera/";

/// The site's own templates, by name.
type SiteTemplates = BTreeMap<String, Arc<File>>;

/// The diagnostics for an error of the template engine.
pub(super) fn explain(error: &Error, own: &SiteTemplates) -> Vec<Diagnostic> {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let place = match own.get(report.filename()) {
                Some(file) => Place::new(file, report.span().range.clone()),
                None => place_of(report.filename(), own),
            };
            vec![diagnostic(one_line(report.message()), place, own)]
        }
        ErrorKind::MissingParent { current, parent } => {
            let place = match own.get(current) {
                Some(file) => Place::new(file, quoted(&file.text, parent)),
                None => place_of(current, own),
            };
            vec![diagnostic(format!("unknown template `{parent}`"), place, own)]
        }
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => {
            let message = format!("the template `{tpl}` extends or includes itself");
            vec![diagnostic(message, place_of(tpl, own), own)]
        }
        ErrorKind::Msg(message) => {
            let found = reports(message, own);
            if !found.is_empty() {
                return found;
            }
            let named = message.split('`').find_map(|word| own.get(word));
            let place = named.map(|file| Place::new(file, 0..0));
            let place = place.unwrap_or_else(|| Place::of_path(format!("{THEME}/templates")));
            vec![diagnostic(one_line(message), place, own)]
        }
        other => vec![without_location(&other.to_string())],
    }
}

/// The diagnostic for an error without a location.
pub(super) fn without_location(message: &str) -> Diagnostic {
    let place = Place::of_path(format!("{THEME}/templates"));
    Diagnostic::error(Code::ThemeTemplate, place, one_line(message)).help(HELP)
}

/// The template that causes the error; without it, the others can be parsed.
pub(super) fn faulty_template(error: &Error) -> Option<&str> {
    match error.kind() {
        ErrorKind::SyntaxError(report) => Some(report.filename()),
        ErrorKind::MissingParent { current, .. } => Some(current),
        ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => Some(tpl),
        _ => None,
    }
}

/// Whether a problem is about the engine's built-in names, and not about other templates.
pub(super) fn is_about_builtins(problem: &Diagnostic) -> bool {
    ["unknown filter", "unknown function", "unknown test"]
        .iter()
        .any(|what| problem.message.starts_with(what))
}

fn diagnostic(message: String, place: Place, own: &SiteTemplates) -> Diagnostic {
    let word = message.split('`').nth(1).unwrap_or_default();
    let help = if message.starts_with("unknown template") {
        did_you_mean(word, template_names(own))
    } else if message.starts_with("unknown component") {
        "use the name of a component that a template defines".to_owned()
    } else if message.starts_with("unknown filter")
        || message.starts_with("unknown function")
        || message.starts_with("unknown test")
    {
        ENGINE_HELP.to_owned()
    } else {
        HELP.to_owned()
    };
    Diagnostic::error(Code::ThemeTemplate, place, message).help(help)
}

/// The names of all templates.
fn template_names(own: &SiteTemplates) -> Vec<&str> {
    let own = own.keys().map(String::as_str);
    FILES.iter().filter_map(|(path, _)| path.strip_prefix(TEMPLATES)).chain(own).collect()
}

/// The names of the built-in templates.
fn builtin_names() -> impl Iterator<Item = &'static str> + Clone {
    FILES.iter().filter_map(|(path, _)| path.strip_prefix(TEMPLATES))
}

fn place_of(template: &str, own: &SiteTemplates) -> Place {
    match own.get(template) {
        Some(file) => Place::new(file, 0..0),
        None => Place::of_path(format!("{THEME}/{TEMPLATES}{}", template.trim_start_matches(BUILTIN))),
    }
}

/// The range of a quoted name, with its quotation marks.
fn quoted(text: &str, name: &str) -> Range<usize> {
    let found = ['"', '\''].iter().find_map(|mark| text.find(&format!("{mark}{name}{mark}")));
    found.map_or(0..0, |at| at..at + name.len() + 2)
}

/// Parses the engine's report on several templates, which is plain text:
///
/// ```text
/// error: Unknown filter `uper`
///  --> note.html:3:14
///   |
/// 3 | {{ note.title | uper }}
///   |                 ^^^^
/// ```
fn reports(message: &str, own: &SiteTemplates) -> Vec<Diagnostic> {
    let lines: Vec<&str> = message.lines().collect();
    let mut found = Vec::new();
    for (at, pair) in lines.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let (Some(words), Some(place)) =
            (first.strip_prefix("error: "), second.trim_start().strip_prefix("--> "))
        else {
            continue;
        };
        let width = lines.get(at + 4).map_or(0, |line| line.matches('^').count());
        let mut parts = place.rsplitn(3, ':');
        let mut number = || parts.next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(1);
        let (column, line) = (number(), number());
        let name = parts.next().unwrap_or_default();
        let place = match own.get(name) {
            Some(file) => Place::new(file, bytes(&file.text, line, column, width)),
            None => place_of(name, own),
        };
        found.push(diagnostic(one_line(words), place, own));
    }
    found
}

/// The byte range of `width` characters, starting at a line and a column that both count from 1.
fn bytes(text: &str, line: usize, column: usize, width: usize) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let byte = |at: usize| rest.char_indices().nth(at).map_or(rest.len(), |(byte, _)| byte);
    let first = column.saturating_sub(1);
    start + byte(first)..start + byte(first + width)
}

/// The first line of an engine message, in lower case and without a full stop.
fn one_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut chars = line.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Warns of templates that are neither pages nor used by another template.
pub(super) fn unused(own: &SiteTemplates, diagnostics: &mut Diagnostics) {
    for (name, file) in own {
        let named = |(other, by): (&String, &Arc<File>)| other != name && !quoted(&by.text, name).is_empty();
        // A template that defines components does not have to be named.
        let has_components = file
            .text
            .split("{%")
            .any(|tag| tag.trim_start_matches('-').trim_start().starts_with("component"));
        if builtin_names().any(|page| page == name) || has_components || own.iter().any(named) {
            continue;
        }
        let help = match nearest(name, builtin_names()) {
            Some(near) => format!("rename it to `{near}`, or include it in a template"),
            None => "include it in a template, or remove it".to_owned(),
        };
        let place = Place::of_path(file.path.as_str());
        let message = "unused template: no page and no other template uses it";
        diagnostics.push(Diagnostic::warning(Code::ThemeTemplate, place, message).help(help));
    }
}

/// Warns of a strings file that is not named after a language; `path` is relative to `theme/`.
pub(super) fn not_a_language(path: &str) -> Option<Diagnostic> {
    let name = path.strip_prefix(STRINGS)?;
    if name.ends_with(".toml") && !name.contains('/') {
        return None;
    }
    let place = Place::of_path(format!("{THEME}/{path}"));
    let help = "name it after a language, such as `en.toml` or `pt-BR.toml`";
    Some(Diagnostic::warning(Code::ThemeTemplate, place, "this file is not read").help(help))
}
