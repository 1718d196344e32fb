//! Reads `site.toml` into a [`Site`]: the edition's title and terms, its kinds of note, and how it is built.
//!
//! The tables are read as they are written ([`super::raw`]), then checked ([`super::validate`]) and resolved: defaults
//! are filled in, labels and registers are derived, and contradictions are reported.

use std::sync::Arc;

use serde::Deserialize;

use super::front_matter;
use super::kind::{Kind, KindId, default_kinds, label_of, numbered};
use super::raw::RawSite;
use super::validate::Validator;
use super::words::Words;
use crate::diagnostics::{Code, Diagnostics, File, Place};

/// An edition: everything that `site.toml` sets, resolved.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file it was read from.
    pub file: Arc<File>,
    /// The edition's title.
    pub title: String,
    /// A sentence about the edition.
    pub description: String,
    /// The URL of the published site, ending in `/`, or empty.
    pub base_url: String,
    /// The language of the notes and the interface, as a BCP 47 tag.
    pub language: String,
    /// The authors of the edition.
    pub authors: Vec<String>,
    /// The date of this edition, as `2026-11-21`.
    pub date: Option<String>,
    /// The version of this edition.
    pub version: String,
    /// Where readers can send corrections.
    pub contact: String,
    /// A sentence that is shown on every page.
    pub notice: String,
    /// The licence of the notes.
    pub licence: String,
    /// The name of a bundled citation style, or the path of a `.csl` file.
    pub citation_style: String,
    /// Where `citation_style` is set.
    pub citation_style_place: Place,
    /// The output folder, relative to the site's folder.
    pub output: String,
    /// Where `output` is set.
    pub output_place: Place,
    /// How orphans are treated.
    pub orphans: Orphans,
    /// The names of files to ignore, with `*` for any characters.
    pub ignore: Vec<String>,
    /// The codes of warnings that `check --strict` lets pass.
    pub allow: Vec<String>,
    /// Files and folders in the output folder that do not come from a build, and stay.
    pub keep: Vec<String>,
    /// The number of files above which `check` warns.
    pub max_files: Option<usize>,
    /// The size of all files in megabytes above which `check` warns.
    pub max_size: Option<usize>,
    /// The names of the formats that `build` writes beside the pages, each with the place where it is set.
    pub exports: Vec<(String, Place)>,
    /// Whether the site has a search page.
    pub search: bool,
    /// The ids of the stances that a guideline can take.
    pub stances: Vec<String>,
    /// The note that the home page shows, if one is set.
    pub specimen: Option<Specimen>,
    /// The kinds of note, in the order of `site.toml`. Notes refer to them by index.
    pub kinds: Vec<Kind>,
    /// The table `[extra]`, for templates.
    pub extra: toml::Table,
    /// Interface strings; they come from the theme, not from `site.toml`.
    pub words: Words,
}

/// The note that the home page shows as a specimen of the edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specimen {
    /// The path of its text.
    pub text: String,
    /// Its id.
    pub note: String,
    /// Where it is set.
    pub place: Place,
}

/// How a note is treated whose passage was not found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orphans {
    /// It is an error.
    #[default]
    Error,
    /// It is a warning, and the page lists the note.
    List,
}

impl Site {
    /// Reads `site.toml`. A value that cannot be read is reported and replaced by its default.
    pub fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Self {
        let raw: RawSite = front_matter::read_whole(file, Code::SiteConfig, diagnostics).unwrap_or_default();
        raw.resolve(file, diagnostics)
    }

    /// Sets the interface strings, and takes from them the names of kinds and verdicts that `site.toml` leaves out.
    pub fn localize(&mut self, words: Words) {
        for kind in &mut self.kinds {
            if let Some(label) = words.kind(&kind.id).filter(|_| !kind.explicit.label) {
                label.clone_into(&mut kind.label);
            }
            if let Some(plural) = words.plural(&kind.id).filter(|_| !kind.explicit.plural) {
                plural.clone_into(&mut kind.plural);
            }
            for verdict in kind.verdicts.iter_mut().filter(|verdict| !verdict.has_explicit_label) {
                if let Some(label) = words.verdict(&verdict.id) {
                    label.clone_into(&mut verdict.label);
                }
            }
        }
        self.words = words;
    }

    /// The kind with this index.
    pub(crate) fn kind(&self, kind: KindId) -> Option<&Kind> {
        self.kinds.get(kind.index())
    }

    /// The kind that `site.toml` and notes call `id`, if the site has it.
    pub(crate) fn find_kind(&self, id: &str) -> Option<(KindId, &Kind)> {
        self.kinds().find(|(_, kind)| kind.id == id)
    }

    /// The kinds with their indices.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (KindId, &Kind)> {
        numbered(&self.kinds)
    }

    /// The label of a stance; empty for an empty id.
    pub fn stance_label(&self, id: &str) -> String {
        self.words.stance(id).map_or_else(|| label_of(id), str::to_owned)
    }
}

impl RawSite {
    fn resolve(self, file: &Arc<File>, diagnostics: &mut Diagnostics) -> Site {
        let mut validator = Validator { file, diagnostics };
        validator.base_url(&self.base_url);
        validator.language(&self.language);
        validator.allow(&self.check.allow);
        let kinds = if self.kinds.is_empty() { default_kinds() } else { validator.kinds(self.kinds) };
        let specimen = self.home.specimen.and_then(|specimen| validator.specimen(&specimen));
        let keep = validator.keep(self.build.keep);
        let exports = self.export.formats.into_iter();
        let exports = exports.map(|name| (name.get_ref().clone(), Place::new(file, name.span()))).collect();
        let title = self.title.into_inner();
        let mut base_url = self.base_url.into_inner();
        if !base_url.is_empty() && !base_url.ends_with('/') {
            base_url.push('/');
        }
        Site {
            title: if title.trim().is_empty() { "Untitled edition".to_owned() } else { title },
            description: self.description,
            base_url,
            language: self.language.into_inner(),
            authors: self.authors,
            date: self.date.map(|date| date.as_str().to_owned()),
            version: self.version,
            contact: self.contact,
            notice: self.notice,
            licence: self.licence,
            citation_style_place: Place::new(file, self.citation_style.span()),
            citation_style: self.citation_style.into_inner(),
            output_place: Place::new(file, self.build.output.span()),
            output: self.build.output.into_inner(),
            orphans: self.build.orphans,
            search: self.build.search,
            ignore: self.build.ignore,
            allow: self.check.allow.into_iter().map(toml::Spanned::into_inner).collect(),
            keep,
            max_files: self.build.max_files,
            max_size: self.build.max_size,
            exports,
            stances: self.guidelines.stances,
            specimen,
            kinds,
            extra: self.extra,
            words: Words::default(),
            file: Arc::clone(file),
        }
    }
}

/// The URL of a Creative Commons licence, given its SPDX id; `None` for other licences.
pub(crate) fn licence_url(licence: &str) -> Option<String> {
    let rest = licence.strip_prefix("CC")?;
    if rest.starts_with("0-") {
        return Some("https://creativecommons.org/publicdomain/zero/1.0/".to_owned());
    }
    let (terms, version) = rest.strip_prefix('-')?.rsplit_once('-')?;
    Some(format!("https://creativecommons.org/licenses/{}/{version}/", terms.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostic;
    use crate::names::address;
    use crate::site::tone::Tone;

    fn site(text: &str) -> (Site, Vec<Diagnostic>) {
        let mut diagnostics = Diagnostics::default();
        let site = Site::read(&File::new(address::CONFIG, text), &mut diagnostics);
        (site, diagnostics.into_sorted())
    }

    #[test]
    fn an_empty_file_gives_the_default_kinds() {
        let (site, problems) = site("");
        assert!(problems.is_empty());
        let kinds: Vec<_> =
            site.kinds.iter().map(|k| (k.id.as_str(), k.register.as_str(), k.symbol.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("marketing-claim", "claims", "C"),
                ("cited-study", "studies", "S"),
                ("guideline-gap", "gaps", "G")
            ]
        );
        assert_eq!(site.kinds[1].plural, "Cited studies");
        assert_eq!(site.kinds[0].verdicts[1].label, "Partly supported");
    }

    #[test]
    fn missing_names_are_derived() {
        let (site, problems) =
            site("[[kinds]]\nid = \"open-query\"\nverdicts = [\"a\", { id = \"b\", rating = 2 }]\n");
        assert!(problems.is_empty(), "{problems:?}");
        let kind = &site.kinds[0];
        assert_eq!(
            (kind.plural.as_str(), kind.register.as_str(), kind.symbol.as_str()),
            ("Open queries", "open-queries", "O")
        );
        let found = kind.find_verdict("b").and_then(|found| kind.verdict(found));
        assert_eq!(found.and_then(|verdict| verdict.rating), Some(2));
    }

    #[test]
    fn a_verdict_has_the_tone_that_is_set_or_that_of_its_id() {
        let (site, problems) = site(
            "[[kinds]]\nid = \"k\"\nverdicts = [\"likely\", { id = \"stated\", tone = \"wrong\" }, \"own\"]\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let tones: Vec<_> = site.kinds[0].verdicts.iter().map(|verdict| verdict.tone).collect();
        assert_eq!(tones, [Some(Tone::Mixed), Some(Tone::Wrong), None]);
    }

    #[test]
    fn every_default_verdict_has_a_tone() {
        let (site, _) = site("");
        let of = |tone| {
            let verdicts = site.kinds.iter().flat_map(|kind| &kind.verdicts);
            verdicts.filter(|verdict| verdict.tone == tone).count()
        };
        assert_eq!([of(None), of(Some(Tone::Sound)), of(Some(Tone::Mixed))], [0, 3, 3]);
        assert_eq!([of(Some(Tone::Wrong)), of(Some(Tone::Missing))], [7, 5]);
    }

    #[test]
    fn kinds_cannot_share_a_register_or_symbol() {
        let (_, problems) =
            site("[[kinds]]\nid = \"alpha\"\n[[kinds]]\nid = \"aleph\"\nregister = \"alphas\"\n");
        let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(messages, ["two kinds have the symbol `A`", "two kinds have the register `alphas`"]);
    }

    #[test]
    fn a_register_cannot_lead_out_of_the_site() {
        let (_, problems) = site("[[kinds]]\nid = \"a\"\nregister = \"../x\"\n");
        assert_eq!(problems[0].place.line_column(), (3, 12));
    }

    #[test]
    fn invalid_values_are_reported_with_help() {
        for (text, message) in [
            ("titel = \"x\"", "unknown key `titel`"),
            ("language = \"english please\"", "invalid language tag `english please`"),
            ("base_url = \"javascript:x\"", "invalid base URL `javascript:x`"),
            ("[[kinds]]\nid = \"a\"\nmotivation = \"asessing\"", "unknown motivation `asessing`"),
            ("[[kinds]]\nid = \"a\"\ncolour = \"red\"", "invalid colour `red`"),
        ] {
            let (_, problems) = site(text);
            assert_eq!(problems[0].message, message);
            assert!(problems[0].help.is_some());
        }
    }

    #[test]
    fn creative_commons_licences_have_a_url() {
        assert_eq!(licence_url("CC-BY-4.0").as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
        assert_eq!(licence_url("all rights reserved"), None);
    }

    #[test]
    fn errors_in_verdicts_have_a_place() {
        let (site, problems) =
            site("[[kinds]]\nid = \"k\"\nverdicts = [\n{ id = \"a\", ratng = 1 },\n5,\n\"b\"]\n");
        let reported: Vec<_> = problems.iter().map(|p| (p.message.as_str(), p.place.line_column())).collect();
        assert_eq!(
            reported,
            [("unknown key `ratng`", (4, 13)), ("expected a verdict, found integer `5`", (5, 1))]
        );
        let verdicts: Vec<_> = site.kinds[0].verdicts.iter().map(|v| v.id.as_str()).collect();
        assert_eq!(verdicts, ["a", "b"]);
    }
}
