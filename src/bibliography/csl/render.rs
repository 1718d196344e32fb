//! Renders one work in a style: text, groups, choices, labels and numbers.

use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{
    Locator as LocatorKind, NumberOrPageVariable, NumberVariable, OtherTerm, StandardVariable, Term, Variable,
};
use hayagriva::citationberg::{
    Choose, Formatting, Group, InheritableNameOptions, Label, LabelPluralize, LayoutRenderingElement,
    LongShortForm, Number, NumberForm, TermForm, Text, TextCase, TextTarget, ToAffixes, ToFormatting,
};

use super::disambiguate::Disambiguation;
use super::locale::Terms;
use super::names::Outer;
use super::output::{Role, Run, affix, apply_formatting, join, quote, strip_periods, words};
use super::style::Style;
use super::{case, label, number, rich};
use crate::bibliography::item::{Item, PAGE};
use crate::bibliography::template::href;

/// What to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bibliography) enum Mode {
    /// A citation in the text.
    Citation,
    /// An entry of the reference list.
    List,
    /// A sort key.
    SortKey,
}

/// The context of a citation.
#[derive(Debug, Clone, Copy)]
pub(in crate::bibliography) struct Cite<'a> {
    /// The work's number on the page, from 1.
    pub(in crate::bibliography) number: usize,
    /// The locator.
    pub(in crate::bibliography) locator: Option<(LocatorKind, &'a str)>,
    /// Whether names are left out.
    pub(in crate::bibliography) names_left_out: bool,
    /// How the work is disambiguated.
    pub(in crate::bibliography) distinct: &'a Disambiguation,
}

/// Renders one work.
pub(in crate::bibliography) struct Renderer<'a> {
    pub(super) style: &'a Style,
    pub(super) terms: &'a Terms,
    pub(super) item: &'a Item,
    pub(super) cite: Cite<'a>,
    pub(super) mode: Mode,
    /// The default options for names, which `cs:names` elements can override.
    pub(super) options: InheritableNameOptions,
    /// How many variables were requested, and how many of them had a value.
    called: usize,
    filled: usize,
    /// The variables that were used as a substitute for names. They are not shown again.
    suppressed: Vec<Variable>,
    /// The `cs:names` element whose substitute is being rendered.
    pub(super) outer: Option<Outer<'a>>,
    pub(super) names_seen: bool,
    /// The first names that were rendered.
    pub(in crate::bibliography) first_names: Option<Vec<Run>>,
    suffix_shown: bool,
    depth: usize,
}

/// The maximum depth of macro calls.
const DEPTH: usize = 64;

impl<'a> Renderer<'a> {
    pub(in crate::bibliography) fn new(
        style: &'a Style,
        terms: &'a Terms,
        item: &'a Item,
        cite: Cite<'a>,
        mode: Mode,
    ) -> Self {
        Self {
            options: style.name_options(mode),
            style,
            terms,
            item,
            cite,
            mode,
            called: 0,
            filled: 0,
            suppressed: Vec::new(),
            outer: None,
            names_seen: false,
            first_names: None,
            suffix_shown: false,
            depth: 0,
        }
    }

    /// The citation of the work, without the affixes of the layout.
    pub(in crate::bibliography) fn citation(&mut self) -> Vec<Run> {
        let style = self.style;
        let parts = self.elements(&style.inner.citation.layout.elements);
        join(parts, None)
    }

    /// The work's entry in the reference list, as the output of each top-level element.
    pub(in crate::bibliography) fn entry(&mut self) -> Vec<Vec<Run>> {
        let style = self.style;
        let Some(list) = &style.inner.bibliography else { return Vec::new() };
        self.elements(&list.layout.elements)
    }

    /// The output of a macro, for use as a sort key.
    pub(in crate::bibliography) fn macro_runs(&mut self, name: &str) -> Vec<Run> {
        let style = self.style;
        let children = style.macro_children(name);
        self.mode = Mode::SortKey;
        self.elements(children).into_iter().flatten().collect()
    }

    /// Counts a requested variable; `filled` says whether it had a value.
    pub(super) fn count(&mut self, filled: bool) {
        self.called += 1;
        self.filled += usize::from(filled);
    }

    /// Reverts the count of a variable that had a value.
    pub(super) fn uncount(&mut self) {
        self.filled = self.filled.saturating_sub(1);
    }

    pub(super) fn is_suppressed(&self, variable: Variable) -> bool {
        self.suppressed.contains(&variable)
    }

    /// Records a variable that was used as a substitute for names.
    pub(super) fn note_substituted(&mut self, variable: Variable) {
        if self.outer.is_some() {
            self.suppressed.push(variable);
        }
    }

    /// The output of each element. `cs:choose` is replaced by the elements it chooses.
    pub(super) fn elements(&mut self, elements: &'a [LayoutRenderingElement]) -> Vec<Vec<Run>> {
        let mut parts = Vec::with_capacity(elements.len());
        for element in elements {
            let part = match element {
                LayoutRenderingElement::Text(text) => self.text(text),
                LayoutRenderingElement::Date(date) => {
                    let runs = self.date(date);
                    displayed(runs, date.display.is_some())
                }
                LayoutRenderingElement::Number(number) => self.number(number),
                LayoutRenderingElement::Names(names) => {
                    let runs = self.names(names);
                    displayed(runs, names.display.is_some())
                }
                LayoutRenderingElement::Label(label) => self.label(label),
                LayoutRenderingElement::Group(group) => self.group(group),
                LayoutRenderingElement::Choose(choose) => {
                    parts.extend(self.choose(choose));
                    continue;
                }
            };
            parts.push(part);
        }
        parts
    }

    fn choose(&mut self, choose: &'a Choose) -> Vec<Vec<Run>> {
        for branch in choose.branches() {
            if self.holds(branch) {
                return self.elements(&branch.children);
            }
        }
        choose.otherwise.as_ref().map_or_else(Vec::new, |otherwise| self.elements(&otherwise.children))
    }

    fn group(&mut self, group: &'a Group) -> Vec<Run> {
        let mut runs = self.grouped(&group.children, group.delimiter.as_deref());
        apply_formatting(&mut runs, &group.to_formatting());
        let affixes = group.to_affixes();
        let runs = affix(runs, affixes.prefix.as_ref(), affixes.suffix.as_ref());
        displayed(runs, group.display.is_some())
    }

    /// The output of a group, which is empty if its elements request variables and none has a value.
    fn grouped(&mut self, children: &'a [LayoutRenderingElement], delimiter: Option<&str>) -> Vec<Run> {
        let (called, filled) = (self.called, self.filled);
        let runs = join(self.elements(children), delimiter);
        if self.called > called && self.filled == filled { Vec::new() } else { runs }
    }

    fn text(&mut self, text: &'a Text) -> Vec<Run> {
        let mut runs = match &text.target {
            TextTarget::Variable { var, form } => self.variable(*var, *form),
            TextTarget::Macro { name } => self.macro_call(name),
            TextTarget::Term { term, form, plural } => self.term(*term, *form, *plural),
            TextTarget::Value { val } => rich::runs(val, Role::Style),
        };
        runs.retain(|run| !run.text.is_empty() || matches!(run.role, Role::Open | Role::Close));
        if runs.is_empty() {
            return runs;
        }
        if text.strip_periods {
            strip_periods(&mut runs);
        }
        self.set_case(&mut runs, text.text_case);
        if text.quotes && self.mode != Mode::SortKey {
            runs = quote(runs);
        }
        apply_formatting(&mut runs, &text.formatting);
        let prefix = text.affixes.prefix.as_ref();
        // The prefix "https://doi.org/" of a DOI is part of the link.
        let link = runs.first().and_then(|run| run.link.clone());
        let linked_prefix =
            link.filter(|link| prefix.is_some_and(|prefix| link.starts_with(prefix.as_str())));
        let mut runs = affix(runs, prefix, text.affixes.suffix.as_ref());
        if let (Some(link), Some(first)) = (linked_prefix, runs.first_mut()) {
            first.link = Some(link);
        }
        displayed(runs, text.display.is_some())
    }

    fn set_case(&self, runs: &mut [Run], case: Option<TextCase>) {
        let language = self.item.text(StandardVariable::Language);
        let english = if language.is_empty() { self.terms.is_english() } else { language.starts_with("en") };
        if let Some(case) = case {
            case::apply(runs, case, english);
        }
    }

    fn macro_call(&mut self, name: &str) -> Vec<Run> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        let style = self.style;
        self.depth += 1;
        let runs = self.grouped(style.macro_children(name), None);
        self.depth -= 1;
        // A macro with output counts as a variable with a value.
        if !runs.is_empty() {
            self.count(true);
        }
        runs
    }

    fn term(&mut self, term: Term, form: TermForm, plural: bool) -> Vec<Run> {
        let mut runs = words(self.terms.term(term, form, plural).unwrap_or_default());
        if term == Term::Other(OtherTerm::NoDate) && !runs.is_empty() {
            // Write "n.d.-a" in styles that place year suffixes themselves, "n.d.a" in others.
            runs.extend(self.implicit_suffix());
        }
        runs
    }

    /// The year suffix, in a style that does not say where to show it.
    pub(super) fn implicit_suffix(&mut self) -> Vec<Run> {
        if self.style.places_suffix || self.suffix_shown || self.mode == Mode::SortKey {
            return Vec::new();
        }
        self.suffix_shown = true;
        self.suffix()
    }

    fn suffix(&self) -> Vec<Run> {
        self.cite
            .distinct
            .suffix
            .map_or_else(Vec::new, |suffix| vec![Run::new(label::letters(suffix), Role::Value)])
    }

    /// Renders a variable.
    fn variable(&mut self, variable: Variable, form: LongShortForm) -> Vec<Run> {
        match variable {
            Variable::Standard(StandardVariable::YearSuffix) => return self.suffix(),
            Variable::Standard(StandardVariable::CitationLabel) => {
                self.count(true);
                let mut label = label::of(self.item);
                if !self.style.places_suffix {
                    label += &self.cite.distinct.suffix.map_or_else(String::new, label::letters);
                }
                return vec![Run::new(label, Role::Label)];
            }
            Variable::Standard(StandardVariable::CitationKey) => {
                self.count(true);
                return vec![Run::new(self.item.key.as_str(), Role::Value)];
            }
            Variable::Number(NumberVariable::CitationNumber) => return self.citation_number(),
            Variable::Number(NumberVariable::Locator) => {
                let locator = self.cite.locator.map(|(_, text)| text);
                self.count(locator.is_some());
                return locator.map_or_else(Vec::new, |text| vec![Run::new(text, Role::Locator)]);
            }
            _ => {}
        }
        let Some(text) = self.value(variable, form) else {
            self.count(false);
            return Vec::new();
        };
        self.count(true);
        self.note_substituted(variable);
        if self.mode == Mode::SortKey {
            return rich::runs(&text, Role::Value);
        }
        let Variable::Standard(standard) = variable else {
            let text = if variable == PAGE { self.pages(&text) } else { text };
            return rich::runs(&text, Role::Value);
        };
        let base = match standard {
            StandardVariable::DOI => "https://doi.org/",
            StandardVariable::PMID => "https://www.ncbi.nlm.nih.gov/pubmed/",
            StandardVariable::PMCID => "https://www.ncbi.nlm.nih.gov/pmc/articles/",
            StandardVariable::URL => "",
            _ => return rich::runs(&text, Role::Value),
        };
        let mut run = Run::new(text.as_str(), Role::Value);
        run.keep_case = true;
        run.link = href(&format!("{base}{text}")).map(Arc::from);
        vec![run]
    }

    fn citation_number(&mut self) -> Vec<Run> {
        self.count(true);
        let number = if self.mode == Mode::SortKey {
            format!("{:08}", self.cite.number)
        } else {
            self.cite.number.to_string()
        };
        vec![Run::new(number, Role::Number)]
    }

    /// The text of a variable, unless it was already shown as a substitute for names.
    pub(super) fn value(&self, variable: Variable, form: LongShortForm) -> Option<String> {
        if self.is_suppressed(variable) { None } else { self.known(variable, form) }
    }

    /// The text of a variable, even if it was already shown.
    pub(super) fn known(&self, variable: Variable, form: LongShortForm) -> Option<String> {
        use StandardVariable::{ContainerTitle, ContainerTitleShort, Event, EventTitle, Title, TitleShort};
        let find = |variable: Variable| self.item.field(variable);
        let found = match variable {
            Variable::Standard(Title) if form == LongShortForm::Short => {
                find(TitleShort.into()).or_else(|| find(variable))
            }
            Variable::Standard(ContainerTitle) if form == LongShortForm::Short => {
                find(ContainerTitleShort.into()).or_else(|| find(variable))
            }
            Variable::Standard(Event | EventTitle) => find(EventTitle.into()).or_else(|| find(Event.into())),
            Variable::Number(NumberVariable::PageFirst) => {
                let first = |pages: &'a str| pages.split([',', '-', '–', '&', ';']).next().map(str::trim);
                find(variable).or_else(|| first(find(PAGE)?))
            }
            _ => find(variable),
        };
        found.map(str::to_owned)
    }

    fn pages(&self, text: &str) -> String {
        let delimiter = self.terms.word(OtherTerm::PageRangeDelimiter).unwrap_or("–");
        number::pages(text, self.style.inner.settings.page_range_format, delimiter)
    }

    fn number(&mut self, element: &Number) -> Vec<Run> {
        let variable = Variable::from(element.variable);
        let mut runs = match element.variable {
            NumberOrPageVariable::Number(NumberVariable::CitationNumber) => self.citation_number(),
            NumberOrPageVariable::Number(NumberVariable::Locator) => {
                self.variable(variable, LongShortForm::Long)
            }
            _ => {
                let value = self.value(variable, LongShortForm::Long);
                self.count(value.is_some());
                value.map_or_else(Vec::new, |value| self.numeral(&value, variable, element.form))
            }
        };
        if runs.is_empty() {
            return runs;
        }
        self.set_case(&mut runs, element.text_case);
        apply_formatting(&mut runs, &element.formatting);
        let runs = affix(runs, element.affixes.prefix.as_ref(), element.affixes.suffix.as_ref());
        displayed(runs, element.display.is_some())
    }

    fn numeral(&mut self, value: &str, variable: Variable, form: NumberForm) -> Vec<Run> {
        self.note_substituted(variable);
        if self.mode == Mode::SortKey {
            let padded = value.trim().parse::<u64>().map(|number| format!("{number:08}"));
            return words(&padded.unwrap_or_else(|_| value.to_owned()));
        }
        if variable == PAGE {
            return rich::runs(&self.pages(value), Role::Value);
        }
        // The number of a report is an identifier, so a hyphen in it is not a range.
        let dash = if variable == Variable::Number(NumberVariable::Number) { '-' } else { '–' };
        let term = match variable {
            Variable::Number(number) => Term::NumberVariable(number),
            _ => Term::PageVariable,
        };
        rich::runs(&number::formatted(value, form, self.terms.gender(term), self.terms, dash), Role::Value)
    }

    fn label(&mut self, element: &Label) -> Vec<Run> {
        use NumberVariable::{Locator, Number, NumberOfPages, NumberOfVolumes};
        let (term, value) = match element.variable {
            NumberOrPageVariable::Number(Locator) => match self.cite.locator {
                Some((LocatorKind::Custom, _)) | None => return Vec::new(),
                Some((kind, text)) => (Term::Locator(kind), text.to_owned()),
            },
            other => match self.known(other.into(), LongShortForm::Long) {
                Some(value) => (Term::from(other), value),
                None => return Vec::new(),
            },
        };
        let several = match element.variable {
            NumberOrPageVariable::Number(NumberOfPages | NumberOfVolumes) => value.trim() != "1",
            // Hyphens and spaces are part of an identifier: "Pub. L. 108-173", "E 2021/12".
            NumberOrPageVariable::Number(Number) => number::is_plural(&value.replace(['-', '–', ' '], "")),
            _ => number::is_plural(&value),
        };
        let plural = match element.label.plural {
            LabelPluralize::Always => true,
            LabelPluralize::Never => false,
            LabelPluralize::Contextual => several,
        };
        let term = self.terms.term(term, element.label.form, plural).unwrap_or_default().to_owned();
        self.label_runs(&element.label, &term)
    }
}

/// Separates elements that the style displays on a separate line by spaces.
fn displayed(runs: Vec<Run>, apart: bool) -> Vec<Run> {
    if !apart || runs.is_empty() {
        return runs;
    }
    let mut all = words(" ");
    all.extend(runs);
    all.extend(words(" "));
    all
}

/// Formatting that changes nothing.
pub(in crate::bibliography) const NO_FORMATTING: Formatting = Formatting {
    font_style: None,
    font_variant: None,
    font_weight: None,
    text_decoration: None,
    vertical_align: None,
};
