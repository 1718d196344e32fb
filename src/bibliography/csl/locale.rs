//! The terms of a language: those of the style, then of the locale, then of American English.

use hayagriva::citationberg::taxonomy::{OtherTerm, Term};
use hayagriva::citationberg::{Date, DateForm, GrammarGender, Locale, LocaleCode, OrdinalLookup, TermForm};

/// Terms, date formats and options, in order of precedence.
#[derive(Debug, Default)]
pub(in crate::bibliography) struct Terms {
    chain: Vec<Locale>,
    language: String,
}

impl Terms {
    /// The terms for `language`: those that the style defines, then those of `locales`.
    pub(in crate::bibliography) fn new(
        language: &LocaleCode,
        of_style: &[Locale],
        locales: Vec<Locale>,
    ) -> Self {
        let base = language.0.split('-').next().unwrap_or_default();
        // Most specific first: the dialect, the language, then those for every language.
        let rank = |locale: &Locale| match &locale.lang {
            Some(lang) if lang.0.eq_ignore_ascii_case(&language.0) => Some(0),
            Some(lang) if lang.0.eq_ignore_ascii_case(base) => Some(1),
            None => Some(2),
            Some(_) => None,
        };
        let mut chain: Vec<(u8, Locale)> =
            of_style.iter().filter_map(|locale| Some((rank(locale)?, locale.clone()))).collect();
        chain.sort_by_key(|(rank, _)| *rank);
        let chain = chain.into_iter().map(|(_, locale)| locale).chain(locales).collect();
        Self { chain, language: language.0.clone() }
    }

    /// The code of the language: `en-US`.
    pub(in crate::bibliography) fn language(&self) -> &str {
        &self.language
    }

    /// Whether the language is English.
    pub(in crate::bibliography) fn is_english(&self) -> bool {
        self.language.starts_with("en")
    }

    /// A term in the given form, or the nearest available one.
    pub(in crate::bibliography) fn term(
        &self,
        term: impl Into<Term>,
        form: TermForm,
        plural: bool,
    ) -> Option<&str> {
        let term = term.into();
        let mut wanted = Some(form);
        while let Some(form) = wanted {
            if let Some(found) = self.chain.iter().find_map(|locale| locale.term(term, form)) {
                let word = if plural { found.multiple() } else { found.single() };
                return Some(word.unwrap_or_default()).filter(|word| !word.is_empty());
            }
            wanted = form.fallback();
        }
        None
    }

    /// The long form of a term.
    pub(in crate::bibliography) fn word(&self, term: OtherTerm) -> Option<&str> {
        self.term(term, TermForm::Long, false)
    }

    /// The grammatical gender of a term.
    pub(in crate::bibliography) fn gender(&self, term: Term) -> Option<GrammarGender> {
        self.chain.iter().find_map(|locale| locale.term(term, TermForm::Long)?.gender)
    }

    /// The suffixes of ordinal numbers.
    pub(in crate::bibliography) fn ordinals(&self) -> Option<OrdinalLookup<'_>> {
        self.chain.iter().find_map(Locale::ordinals)
    }

    /// The format of dates.
    pub(in crate::bibliography) fn date(&self, form: DateForm) -> Option<&Date> {
        self.chain.iter().flat_map(|locale| &locale.date).find(|date| date.form == Some(form))
    }

    /// Whether only the first day of a month is written as an ordinal.
    pub(in crate::bibliography) fn only_first_day_ordinal(&self) -> bool {
        let mut options = self.chain.iter().filter_map(|locale| locale.style_options);
        options.find_map(|options| options.limit_day_ordinals_to_day_1).unwrap_or_default()
    }

    /// Whether commas and full stops are placed inside quotation marks.
    pub(in crate::bibliography) fn punctuation_in_quote(&self) -> bool {
        let mut options = self.chain.iter().filter_map(|locale| locale.style_options);
        options.find_map(|options| options.punctuation_in_quote).unwrap_or_default()
    }

    /// The quotation marks at a nesting depth.
    pub(in crate::bibliography) fn quotes(&self, depth: usize) -> (&str, &str) {
        let (open, close) = if depth.is_multiple_of(2) {
            ((OtherTerm::OpenQuote, "“"), (OtherTerm::CloseQuote, "”"))
        } else {
            ((OtherTerm::OpenInnerQuote, "‘"), (OtherTerm::CloseInnerQuote, "’"))
        };
        (self.word(open.0).unwrap_or(open.1), self.word(close.0).unwrap_or(close.1))
    }
}
