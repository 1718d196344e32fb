//! The built-in theme, and a site's own files over it, one by one.
//!
//! Templates are Tera's; a site's `theme/templates/x.html` stands for the built-in `x.html`, which
//! it can still extend as `builtin/x.html`. Styles, scripts and other files go to `_theme/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use tera::{Context, ErrorKind, Tera};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::front_matter;
use crate::load::{self, Entry};
use crate::site::{Kind, Site};
use crate::span::{File, Place};

/// The folder of a site's own theme.
pub const FOLDER: &str = "theme";
/// Where the theme's files go.
pub const OUTPUT: &str = crate::path::THEME;
/// What the paths of files of words begin with.
const STRINGS: &str = "strings/";
/// What the names of built-in templates begin with.
const BUILTIN: &str = "builtin/";

macro_rules! built_in {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../theme/", $path)))),+]
    };
}

/// The files of the built-in theme.
const FILES: [(&str, &str); 24] = built_in![
    "templates/base.html",
    "templates/guidelines.html",
    "templates/home.html",
    "templates/item.html",
    "templates/layout.css",
    "templates/note.html",
    "templates/page.html",
    "templates/cited.html",
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
    "find.js",
    "icon.svg",
    "script.js",
    "search.js",
    "style.css",
];

/// A theme, ready to render.
pub struct Theme {
    tera: Tera,
    /// The templates that a site brought, by name.
    own: BTreeMap<String, Arc<File>>,
    /// The theme's files made here, by output path.
    pub made: BTreeMap<String, String>,
    /// The theme's files copied as they are, by output path.
    pub copied: BTreeMap<String, PathBuf>,
    /// The words of the interface.
    words: toml::Table,
}

impl Theme {
    /// The theme of a site whose own files are `entries`, by path from `theme/`.
    pub fn load(
        site: &Site,
        entries: &BTreeMap<String, Entry>,
        strings: &toml::Table,
        shared: &impl Serialize,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut own = BTreeMap::new();
        let mut texts: BTreeMap<&str, Arc<File>> = BTreeMap::new();
        let mut copied = BTreeMap::new();
        for (path, entry) in entries.iter().filter(|(path, _)| !path.starts_with(STRINGS)) {
            if !is_read(path) {
                copied.insert(format!("{OUTPUT}/{path}"), entry.on_disk.clone());
            } else if let Some(file) = load::read(entry, diagnostics) {
                if let Some(name) = path.strip_prefix("templates/") {
                    own.insert(name.to_owned(), Arc::clone(&file));
                }
                texts.insert(path, file);
            }
        }
        let style_sheet = texts.get("style.css").map(|file| file.text.as_str()).or(built_in("style.css"));
        let mut made = BTreeMap::new();
        let style = format!("{}{}", style_sheet.unwrap_or_default(), kind_rules(&site.kinds));
        made.insert(format!("{OUTPUT}/style.css"), style);
        for (path, text) in FILES.iter().filter(|(path, _)| !is_read(path)) {
            let output = format!("{OUTPUT}/{path}");
            if !copied.contains_key(&output) {
                made.insert(output, (*text).to_owned());
            }
        }
        let mut tera = match templates(&own) {
            Ok(tera) => tera,
            Err(error) => {
                diagnostics.push(explain(&error, &own));
                // Nothing will be published; the built-in templates let the rest be checked.
                templates(&BTreeMap::new()).ok()?
            }
        };
        tera.global_context().insert("strings", strings);
        tera.global_context().insert("edition", shared);
        Some(Self { tera, own, made, copied, words: strings.clone() })
    }

    /// A word of the interface; its name, if the theme has none.
    pub fn word<'w>(&'w self, name: &'w str) -> &'w str {
        self.words.get(name).and_then(toml::Value::as_str).unwrap_or(name)
    }

    /// The values of `page`, for one or several templates.
    pub fn values(&self, page: &impl Serialize) -> Result<Values, Box<Diagnostic>> {
        Context::from_serialize(page).map(Values).map_err(|error| Box::new(explain(&error, &self.own)))
    }

    /// Renders a template with values.
    pub fn render(&self, template: &str, values: &Values) -> Result<String, Box<Diagnostic>> {
        self.tera.render(template, &values.0).map_err(|error| Box::new(explain(&error, &self.own)))
    }
}

/// What a template receives.
pub struct Values(Context);

/// Whether a file of a theme is read here, and not copied as it is; `path` is from `theme/`.
fn is_read(path: &str) -> bool {
    path.starts_with("templates/") || path.starts_with("strings/") || path == "style.css"
}

fn templates(own: &BTreeMap<String, Arc<File>>) -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    tera.set_fallback_prefixes([BUILTIN])?;
    let built_in = FILES.iter().filter_map(|(path, text)| {
        path.strip_prefix("templates/").map(|name| (format!("{BUILTIN}{name}"), (*text).to_owned()))
    });
    let own = own.iter().map(|(name, file)| (name.clone(), file.text.clone()));
    tera.add_raw_templates(built_in.chain(own))?;
    Ok(tera)
}

/// The words of the interface in a language: English, then the language, then its variety, each over the last,
/// and a site's own, among `entries`, over the built-in ones.
pub fn strings(
    language: &str,
    entries: &BTreeMap<String, Entry>,
    diagnostics: &mut Diagnostics,
) -> toml::Table {
    let primary = language.split('-').next().unwrap_or_default();
    let mut names = vec!["en", primary, language];
    names.dedup();
    let mut words = toml::Table::new();
    for name in names {
        let path = format!("{STRINGS}{name}.toml");
        let built_in: Option<toml::Table> =
            built_in(&path).map(|text| toml::from_str(text).expect("the built-in words are TOML"));
        words.extend(built_in.unwrap_or_default());
        if let Some(file) = entries.get(&path).and_then(|entry| load::read(entry, diagnostics)) {
            words.extend(
                front_matter::read_whole::<toml::Table>(&file, Code::ThemeTemplate, diagnostics)
                    .unwrap_or_default(),
            );
        }
    }
    words
}

/// A built-in file.
fn built_in(wanted: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| *path == wanted).map(|(_, text)| *text)
}

/// What tells kinds apart without colour: the line under a passage and beside a note.
const LINES: [&str; 4] = ["solid", "dashed", "dotted", "double"];

/// The colour, the line and the symbol of each kind, for the stylesheet. A mark under several kinds has those of the
/// first, and the colour and line of the last besides.
fn kind_rules(kinds: &[Kind]) -> String {
    let mut rules = String::from("\n/* The kinds of note, from site.toml. */\n");
    for (kind, line) in kinds.iter().zip(LINES.iter().cycle()) {
        let symbol: String = kind
            .symbol
            .chars()
            .flat_map(|c| format!("\\{:x} ", u32::from(c)).into_bytes())
            .map(char::from)
            .collect();
        writeln!(
            rules,
            "[data-kind=\"{0}\"],[data-kinds=\"{0}\"],[data-kinds^=\"{0} \"]{{--kind:{1};--line:{line};--symbol:\"{symbol}\"}}\n\
             [data-kinds$=\" {0}\"]{{--kind-2:{1};--line-2:{line}}}",
            kind.id, kind.colour
        )
        .expect("writing to a string cannot fail");
    }
    rules
}

/// The diagnostic for what the template engine said.
fn explain(error: &tera::Error, own: &BTreeMap<String, Arc<File>>) -> Diagnostic {
    let help = "mend the template; docs/theming.md lists what each one receives";
    let (ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report)) = error.kind() else {
        let message = one_line(&error.to_string());
        // Such an error names its template in its words alone.
        let place = message
            .split('\'')
            .nth(1)
            .and_then(|name| own.get(name))
            .map_or_else(|| Place::of_path(format!("{FOLDER}/templates")), |file| Place::new(file, 0..0));
        return Diagnostic::error(Code::ThemeTemplate, place, message).help(help);
    };
    let message = one_line(report.message());
    let place = match own.get(report.filename()) {
        Some(file) => Place::new(file, report.span().range.clone()),
        None => {
            Place::of_path(format!("{FOLDER}/templates/{}", report.filename().trim_start_matches(BUILTIN)))
        }
    };
    Diagnostic::error(Code::ThemeTemplate, place, message).help(help)
}

/// The first line of an engine's message, in lower case and without a full stop.
fn one_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut chars = line.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
