//! The terms of a language: those of the style, then of the locale, then of American English.

use hayagriva::citationberg::taxonomy::{OtherTerm, Term};
use hayagriva::citationberg::{
    Date, DateForm, GrammarGender, Locale, LocaleCode, OrdinalLookup, OrdinalMatch, TermForm,
};

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

    /// The ending of an ordinal number: "st" for 1, in the form for the grammatical gender.
    pub(in crate::bibliography) fn ordinal_ending(
        &self,
        number: i32,
        gender: Option<GrammarGender>,
    ) -> Option<&str> {
        let lookup = self.ordinals()?;
        let neutral = || lookup.lookup(number, None);
        // `OrdinalLookup` ignores the attribute `gender-form` of terms.
        let Some(gender) = gender else { return neutral() };
        let locale = self.chain.iter().find(|locale| locale.ordinals().is_some())?;
        let terms = locale.terms.iter().flat_map(|terms| &terms.terms);
        let fitting =
            terms.filter(|term| term.gender_form.is_none_or(|form| form == gender)).filter_map(|term| {
                let Term::Other(name) = term.name else { return None };
                Some((ordinal_rank(name, term.match_, number)?, term.gender_form.is_some(), term))
            });
        let best = fitting.max_by_key(|(rank, has_gender, _)| (*rank, *has_gender));
        best.map_or_else(neutral, |(_, _, term)| term.single())
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

/// How specific an ordinal term is for a number, from 0 for the general term; `None` if it does not apply.
fn ordinal_rank(name: OtherTerm, scope: Option<OrdinalMatch>, number: i32) -> Option<u8> {
    let OtherTerm::OrdinalN(of) = name else { return (name == OtherTerm::Ordinal).then_some(0) };
    let (rank, usual) = if of < 10 { (1, OrdinalMatch::LastDigit) } else { (2, OrdinalMatch::LastTwoDigits) };
    let part = match scope.unwrap_or(usual) {
        OrdinalMatch::LastDigit => number % 10,
        OrdinalMatch::LastTwoDigits => number % 100,
        OrdinalMatch::WholeNumber => number,
    };
    (part == i32::from(of)).then_some(rank)
}
