//! The built-in theme, and a site's own files that override it one by one.
//!
//! Templates are written for Tera. A site's `theme/templates/x.html` replaces the built-in `x.html`, and can
//! still extend it as `builtin/x.html`. Styles, scripts and other files are written to `_theme/`.

mod explain;
mod strings;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use crate::diagnostics::{Diagnostic, Diagnostics, File};
use crate::html::scan;
use crate::names::address::THEME_FILES;
use crate::site::folder::{self, Entry};
use crate::site::{Kind, Site};
use explain::explain;
pub(crate) use strings::strings;

/// The path prefix of strings files.
const STRINGS: &str = "strings/";
/// The path prefix of templates.
const TEMPLATES: &str = "templates/";
/// The name prefix of built-in templates.
const BUILTIN: &str = "builtin/";

macro_rules! built_in {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../theme/", $path)))),+]
    };
}

/// The files of the built-in theme.
const FILES: [(&str, &str); 25] = built_in![
    "templates/base.html",
    "templates/guidelines.html",
    "templates/home.html",
    "templates/item.html",
    "templates/layout.css",
    "templates/note.html",
    "templates/page.html",
    "templates/cited.html",
    "templates/contents.html",
    "templates/pager.html",
    "templates/reader.html",
    "templates/register.html",
    "templates/search.html",
    "templates/section.html",
    "templates/text.html",
    "templates/texts.html",
    "templates/work.html",
    "templates/works.html",
    "strings/de.toml",
    "strings/en.toml",
    "page.js",
    "icon.svg",
    "script.js",
    "search.js",
    "style.css",
];

/// The files of the built-in theme: paths relative to `theme/`, and contents.
pub(crate) fn built_in_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied()
}

/// A theme, ready to render.
pub(crate) struct Theme {
    tera: Tera,
    /// The site's own templates, by name.
    own: BTreeMap<String, Arc<File>>,
    /// The theme files that are generated, by output path.
    pub generated: BTreeMap<String, String>,
    /// The theme files that are copied unchanged, by output path.
    pub copied: BTreeMap<String, PathBuf>,
    /// The interface strings.
    strings: toml::Table,
}

impl Theme {
    /// Loads the theme of a site; `entries` are its own theme files, by path relative to `theme/`.
    pub(crate) fn load(
        site: &Site,
        entries: &BTreeMap<String, Entry>,
        strings: &toml::Table,
        shared: &impl Serialize,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut own = BTreeMap::new();
        let mut texts: BTreeMap<&str, Arc<File>> = BTreeMap::new();
        let mut copied = BTreeMap::new();
        for (path, entry) in entries {
            if path.starts_with(STRINGS) {
                diagnostics.extend_one(explain::not_a_language(path));
                continue;
            }
            if !is_processed(path) {
                copied.insert(format!("{THEME_FILES}/{path}"), entry.on_disk.clone());
            } else if let Some(file) = folder::read(entry, diagnostics) {
                if let Some(name) = path.strip_prefix(TEMPLATES) {
                    own.insert(name.to_owned(), Arc::clone(&file));
                }
                texts.insert(path, file);
            }
        }
        let style_sheet = texts.get("style.css").map(|file| file.text.as_str()).or(built_in("style.css"));
        let mut generated = BTreeMap::new();
        let style = format!("{}{}", style_sheet.unwrap_or_default(), kind_rules(&site.kinds));
        generated.insert(format!("{THEME_FILES}/style.css"), style);
        for (path, text) in FILES.iter().filter(|(path, _)| !is_processed(path)) {
            let output = format!("{THEME_FILES}/{path}");
            if !copied.contains_key(&output) {
                generated.insert(output, (*text).to_owned());
            }
        }
        explain::unused(&own, diagnostics);
        let mut tera = match checked_templates(&own, diagnostics) {
            Some(tera) => tera,
            // Nothing will be published; the built-in templates allow the rest to be checked.
            None => templates(&BTreeMap::new()).ok()?,
        };
        tera.global_context().insert("strings", strings);
        let mut theme = Self { tera, own, generated, copied, strings: strings.clone() };
        theme.set_edition(shared);
        Some(theme)
    }

    /// Replaces the values of the edition that all templates receive.
    pub(crate) fn set_edition(&mut self, shared: &impl Serialize) {
        self.tera.global_context().insert("edition", shared);
    }

    /// An interface string; its name, if the theme does not define it.
    pub(crate) fn string<'w>(&'w self, name: &'w str) -> &'w str {
        self.strings.get(name).and_then(toml::Value::as_str).unwrap_or(name)
    }

    /// The values for a page, which one or several templates can be rendered with.
    pub(crate) fn values(&self, page: &impl Serialize) -> Result<Values, Box<Diagnostic>> {
        Context::from_serialize(page).map(Values).map_err(|error| self.problem(&error))
    }

    fn problem(&self, error: &tera::Error) -> Box<Diagnostic> {
        let first = explain(error, &self.own).into_iter().next();
        Box::new(first.unwrap_or_else(|| explain::without_location("the page cannot be rendered")))
    }

    /// Renders a template; `capacity` is the expected size in bytes, to avoid reallocations.
    pub(crate) fn render(
        &self,
        template: &str,
        values: &Values,
        capacity: usize,
    ) -> Result<Vec<u8>, Box<Diagnostic>> {
        let mut out = Vec::with_capacity(capacity);
        self.tera.render_to(template, &values.0, &mut out).map_err(|error| self.problem(&error))?;
        Ok(out)
    }
}

/// The values that a template receives.
pub(crate) struct Values(Context);

/// Whether a theme file is processed here instead of copied unchanged; `path` is relative to `theme/`.
fn is_processed(path: &str) -> bool {
    path.starts_with(TEMPLATES) || path.starts_with(STRINGS) || path == "style.css"
}

fn templates(own: &BTreeMap<String, Arc<File>>) -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    tera.set_fallback_prefixes([BUILTIN])?;
    tera.set_escape_fn(escape);
    tera.register_filter("safe", safe);
    let built_in = FILES
        .iter()
        .filter_map(|(path, text)| path.strip_prefix(TEMPLATES).map(|name| (name, (*text).to_owned())));
    // Names without a prefix are found directly; for a fallback, Tera would build the prefixed name again for
    // each note.
    let named = built_in.clone().filter(|(name, _)| !own.contains_key(*name));
    let named = named.map(|(name, text)| (name.to_owned(), text));
    let prefixed = built_in.map(|(name, text)| (format!("{BUILTIN}{name}"), text));
    let own = own.iter().map(|(name, file)| (name.clone(), file.text.clone()));
    tera.add_raw_templates(prefixed.chain(named).chain(own))?;
    Ok(tera)
}

/// Marks a value as safe HTML. Tera's own filter copies the string, which here can be a whole text.
fn safe(value: &Value, _: Kwargs, _: &State<'_>) -> Value {
    match value.as_str() {
        Some(_) => value.clone().mark_safe(),
        None => Value::safe_string(&value.to_string()),
    }
}

/// Escapes HTML as Tera does, but scans for special characters faster, because most values have none.
fn escape(words: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let special =
        |byte: u8| (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"') | (byte == b'\'');
    let bytes = words.as_bytes();
    let mut copied = 0;
    while let Some(at) = scan::first(&bytes[copied..], special).map(|at| copied + at) {
        out.write_all(&bytes[copied..at])?;
        out.write_all(match bytes[at] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            _ => b"&#39;",
        })?;
        copied = at + 1;
    }
    out.write_all(&bytes[copied..])
}

/// All templates, if there are no errors in those of the site.
///
/// The engine stops at the first template that it cannot parse; that template is removed, and the rest are
/// parsed again.
fn checked_templates(own: &BTreeMap<String, Arc<File>>, diagnostics: &mut Diagnostics) -> Option<Tera> {
    let mut rest = own.clone();
    loop {
        let error = match templates(&rest) {
            Ok(tera) => return (rest.len() == own.len()).then_some(tera),
            Err(error) => error,
        };
        let faulty_template =
            explain::faulty_template(&error).filter(|name| rest.contains_key(*name)).map(str::to_owned);
        let mut problems = explain(&error, own);
        if rest.len() < own.len() && faulty_template.is_none() {
            // These errors may be caused by the removed template.
            problems.retain(explain::is_about_builtins);
        }
        problems.into_iter().for_each(|problem| diagnostics.push(problem));
        rest.remove(&faulty_template?);
    }
}

/// The contents of a built-in file.
fn built_in(wanted: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| *path == wanted).map(|(_, text)| *text)
}

/// The line styles under passages, each with its width, which tell kinds apart without colour.
const LINES: [(&str, &str); 4] = [("solid", "1px"), ("dashed", "1px"), ("dotted", "2px"), ("double", "3px")];

/// CSS rules for the colour, line and symbol of each kind. A mark under several kinds has those of the first kind, and
/// also the colour and line of the last.
fn kind_rules(kinds: &[Kind]) -> String {
    let mut rules = String::from("\n/* The kinds of note, from site.toml. */\n");
    for (kind, (line, width)) in kinds.iter().zip(LINES.iter().cycle()) {
        let symbol: String = kind
            .symbol
            .chars()
            .flat_map(|c| format!("\\{:x} ", u32::from(c)).into_bytes())
            .map(char::from)
            .collect();
        writeln!(
            rules,
            "[data-kind=\"{0}\"],[data-kinds=\"{0}\"],[data-kinds^=\"{0} \"]\
             {{--kind:{1};--line:{line};--weight:{width};--symbol:\"{symbol}\"}}\n\
             [data-kinds$=\" {0}\"]{{--kind-2:{1};--line-2:{line}}}",
            kind.id, kind.colour
        )
        .expect("writing to a string cannot fail");
    }
    rules
}
