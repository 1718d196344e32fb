//! Checks values of `site.toml` that the TOML reader accepts, and reports each problem at its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;

use super::config::Specimen;
use super::kind::{ExplicitNames, Kind, Verdict, is_id, label_of, plural_of, symbol_of};
use super::raw::{RawKind, RawVerdict};
use super::tone::Tone;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};
use crate::html::slug::slug;
use crate::names::address;

/// The motivations of the Web Annotation Vocabulary, section 3.3.
const MOTIVATIONS: [&str; 13] = [
    "assessing",
    "bookmarking",
    "classifying",
    "commenting",
    "describing",
    "editing",
    "highlighting",
    "identifying",
    "linking",
    "moderating",
    "questioning",
    "replying",
    "tagging",
];

/// Help for an id with characters that are not allowed.
const ID_HELP: &str = "use only letters, digits, `-` and `_`";

/// Checks and resolves the values of one `site.toml`.
pub(super) struct Validator<'a> {
    pub(super) file: &'a Arc<File>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Validator<'_> {
    fn error<T>(&mut self, at: &Spanned<T>, message: String, help: &str) {
        let place = Place::new(self.file, at.span());
        self.diagnostics.push(Diagnostic::error(Code::SiteConfig, place, message).help(help));
    }

    pub(super) fn base_url(&mut self, url: &Spanned<String>) {
        let text = url.get_ref();
        if !is_base_url(text) {
            let message = format!("invalid base URL `{text}`");
            self.error(url, message, "write it as `https://example.org/folder/`, or leave it empty");
        }
    }

    /// Checks that the codes in `[check] allow` exist.
    pub(super) fn allow(&mut self, codes: &[toml::Spanned<String>]) {
        for code in codes {
            if !Code::ALL.iter().any(|known| known.as_str() == code.get_ref()) {
                let known = Code::ALL.iter().map(|known| known.as_str());
                let help = crate::diagnostics::did_you_mean(code.get_ref(), known);
                let place = Place::new(self.file, code.span());
                let message = format!("unknown code `{}`", code.get_ref());
                self.diagnostics.push(Diagnostic::error(Code::SiteConfig, place, message).help(help));
            }
        }
    }

    pub(super) fn language(&mut self, language: &Spanned<String>) {
        if !is_language_tag(language.get_ref()) {
            let message = format!("invalid language tag `{}`", language.get_ref());
            self.error(language, message, "write a tag such as `en`, `de` or `pt-BR`");
        }
    }

    /// Resolves the kinds. Two of them cannot have the same id, register or symbol, compared without case.
    pub(super) fn kinds(&mut self, raw: Vec<RawKind>) -> Vec<Kind> {
        let mut seen: BTreeMap<(&str, String), std::ops::Range<usize>> = BTreeMap::new();
        let mut kinds = Vec::new();
        for kind in raw {
            let id_span = kind.id.span();
            let spans = [
                ("id", id_span.clone()),
                ("register", kind.register.as_ref().map_or(id_span.clone(), Spanned::span)),
                ("symbol", kind.symbol.as_ref().map_or(id_span, Spanned::span)),
            ];
            let kind = self.kind(kind);
            for ((key, span), value) in spans.into_iter().zip([&kind.id, &kind.register, &kind.symbol]) {
                if let Some(first) = seen.insert((key, value.to_lowercase()), span.clone()) {
                    let place = Place::new(self.file, span);
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::SiteConfig,
                            place,
                            format!("two kinds have the {key} `{value}`"),
                        )
                        .related(Place::new(self.file, first), "first used here")
                        .help(format!("give one of them another `{key}`")),
                    );
                }
            }
            kinds.push(kind);
        }
        kinds
    }

    fn kind(&mut self, raw: RawKind) -> Kind {
        let id = raw.id.get_ref().clone();
        if !is_id(&id) {
            self.error(&raw.id, format!("invalid kind id `{id}`"), ID_HELP);
        }
        for (key, value) in [("label", &raw.label), ("plural", &raw.plural), ("symbol", &raw.symbol)] {
            if let Some(value) = value.as_ref().filter(|value| value.get_ref().trim().is_empty()) {
                self.error(value, format!("`{key}` is empty"), "give it a value, or remove it");
            }
        }
        let non_empty = |value: Option<Spanned<String>>| {
            value.map(Spanned::into_inner).filter(|text| !text.trim().is_empty())
        };
        let explicit =
            ExplicitNames { label: raw.label.is_some(), plural: raw.label.is_some() || raw.plural.is_some() };
        let label = non_empty(raw.label).unwrap_or_else(|| label_of(&id));
        let plural = non_empty(raw.plural).unwrap_or_else(|| plural_of(&label));
        if let Some(colour) = &raw.colour {
            self.colour(colour);
        }
        if let Some(motivation) = &raw.motivation {
            self.motivation(motivation);
        }
        let verdicts = self.verdicts(raw.verdicts);
        let register = match &raw.register {
            Some(folder) => self.register(folder),
            None => slug(&plural),
        };
        let register_place = raw.register.as_ref().unwrap_or(&raw.id).span();
        Kind {
            register,
            register_place: Some(Place::new(self.file, register_place)),
            symbol: non_empty(raw.symbol).unwrap_or_else(|| symbol_of(&label)),
            colour: raw.colour.map_or_else(|| "#666666".to_owned(), Spanned::into_inner),
            motivation: raw.motivation.map_or_else(|| "commenting".to_owned(), Spanned::into_inner),
            id,
            label,
            plural,
            explicit,
            verdicts,
            expects: raw.expects,
        }
    }

    /// A register is a single folder of the output, so that no value in `site.toml` can lead out of it.
    fn register(&mut self, folder: &Spanned<String>) -> String {
        let name = folder.get_ref();
        if name.is_empty() || slug(name) != *name || address::RESERVED.contains(&name.as_str()) {
            let message = format!("invalid register folder `{name}`");
            let help = "use lower-case letters, digits and `-`, and no name that another page has";
            self.error(folder, message, help);
            return slug(name);
        }
        name.clone()
    }

    fn colour(&mut self, colour: &Spanned<String>) {
        let hex = colour.get_ref().strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            let message = format!("invalid colour `{}`", colour.get_ref());
            self.error(colour, message, "write six hexadecimal digits after `#`, such as `#b4442c`");
        }
    }

    fn motivation(&mut self, motivation: &Spanned<String>) {
        let word = motivation.get_ref();
        if !MOTIVATIONS.contains(&word.as_str()) {
            self.error(motivation, format!("unknown motivation `{word}`"), &did_you_mean(word, MOTIVATIONS));
        }
    }

    fn tone(&mut self, written: &Spanned<String>) -> Option<Tone> {
        let tone = Tone::parse(written.get_ref());
        if tone.is_none() {
            let [first, second, third, last] = Tone::ALL.map(Tone::as_str);
            let help = format!("use `{first}`, `{second}`, `{third}` or `{last}`");
            self.error(written, format!("unknown tone `{}`", written.get_ref()), &help);
        }
        tone
    }

    /// Splits `TEXT#NOTE`. Whether there is such a note is only known when all layers have been read.
    pub(super) fn specimen(&mut self, written: &Spanned<String>) -> Option<Specimen> {
        let place = Place::new(self.file, written.span());
        match written.get_ref().split_once('#') {
            Some((text, note)) if !text.is_empty() && !note.is_empty() => {
                Some(Specimen { text: text.to_owned(), note: note.to_owned(), place })
            }
            _ => {
                let message = format!("invalid specimen `{}`", written.get_ref());
                self.error(written, message, "write the path of a text and the id of a note: `TEXT#NOTE`");
                None
            }
        }
    }

    /// The names of files that stay in the output folder. Each is a single name, so that none leads out of it.
    pub(super) fn keep(&mut self, names: Vec<Spanned<String>>) -> Vec<String> {
        let mut kept = Vec::new();
        for name in names {
            let text = name.get_ref();
            if text.is_empty() || text.contains(['/', '\\', '\0']) || text == "." || text == ".." {
                let message = format!("invalid name `{text}` in `keep`");
                self.error(&name, message, "write the name of a file or folder, without a path");
            } else {
                kept.push(name.into_inner());
            }
        }
        kept
    }

    fn verdicts(&mut self, raw: Vec<Spanned<RawVerdict>>) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::new();
        for item in raw {
            let span = Spanned::new(item.span(), ());
            let verdict = match item.into_inner() {
                RawVerdict::Id(id) => Verdict::from_id(&id),
                RawVerdict::Table(table) => Verdict {
                    has_explicit_label: table.label.is_some(),
                    label: table.label.unwrap_or_else(|| label_of(&table.id)),
                    tone: table
                        .tone
                        .and_then(|tone| self.tone(&tone))
                        .or_else(|| Tone::of_verdict(&table.id)),
                    id: table.id,
                    rating: table.rating,
                    expects: table.expects,
                },
            };
            if !is_id(&verdict.id) {
                self.error(&span, format!("invalid verdict id `{}`", verdict.id), ID_HELP);
            }
            if verdicts.iter().any(|other| other.id == verdict.id) {
                self.error(&span, format!("duplicate verdict `{}`", verdict.id), "remove one of the two");
            }
            verdicts.push(verdict);
        }
        verdicts
    }
}

/// Whether a site can be published at the URL `text`; empty is allowed and means that no URL is known yet.
pub(crate) fn is_base_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.is_empty() || host.is_some_and(|h| !h.is_empty() && !h.contains(['?', '#', '"', '<', '>', ' ']))
}

/// Whether `tag` has the form of a BCP 47 language tag; checks the lengths and characters of subtags only.
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts
        .next()
        .is_some_and(|first| (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
