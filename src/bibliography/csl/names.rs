//! `cs:names`: lists of names, "et al.", labels and substitutes.

use hayagriva::citationberg::taxonomy::{NameVariable, OtherTerm, Term, Variable};
use hayagriva::citationberg::{
    DelimiterBehavior, EtAl, InheritableNameOptions, LabelPluralize, Name as NameElement, NameAnd,
    NameAsSortOrder, NameForm, NameLabelPosition, NameOptions, Names, Substitute, TermForm, ToAffixes,
    ToFormatting, VariablelessLabel,
};

use super::name::Order;
use super::output::{Role, Run, affix, append, apply_formatting, join, words};
use super::render::{Mode, Renderer};
use crate::bibliography::item::Name;

/// The settings that a `cs:names` element in `cs:substitute` inherits from the outer element.
#[derive(Clone, Default)]
pub(super) struct Outer<'a> {
    name: Option<&'a NameElement>,
    et_al: Option<&'a EtAl>,
    label: Option<(&'a VariablelessLabel, bool)>,
    options: InheritableNameOptions,
}

/// How a list of names is shown.
struct Shape<'a, 's> {
    name: &'s NameElement,
    options: NameOptions<'s>,
    et_al: Option<&'a EtAl>,
    /// The label, and whether it comes before the names.
    label: Option<(&'a VariablelessLabel, bool)>,
    formatting: hayagriva::citationberg::Formatting,
}

impl<'a> Renderer<'a> {
    /// A `cs:names` element.
    pub(super) fn names(&mut self, element: &'a Names) -> Vec<Run> {
        let outer = self.outer.clone().unwrap_or_default();
        let inherited = self.options.apply(&outer.options).apply(&element.options());
        let default = NameElement::default();
        let name: &NameElement = element.name().or(outer.name).unwrap_or(&default);
        let own_label = element.label().map(|(label, position)| {
            (label, position == NameLabelPosition::BeforeName && element.name().is_some())
        });
        let shape = Shape {
            name,
            options: name.options(&inherited),
            et_al: element.et_al().or(outer.et_al),
            label: own_label.or(outer.label).filter(|_| self.mode != Mode::SortKey),
            formatting: element.to_formatting(),
        };
        let is_first = !std::mem::replace(&mut self.names_seen, true);
        let mut lists = Vec::new();
        let roles = self.roles(&element.variable, &shape);
        let mut total = 0;
        for role in roles {
            // "editor-translator" is also a separate variable, which some works have.
            let own = role == NameVariable::EditorTranslator && element.variable.contains(&role);
            let people = if own { self.item.names(role) } else { self.people(role) };
            self.count(!people.is_empty());
            if people.is_empty() {
                continue;
            }
            self.note_substituted(Variable::Name(source(role)));
            if role == NameVariable::EditorTranslator {
                self.note_substituted(Variable::Name(NameVariable::Translator));
            }
            total += shown_count(people, &shape.options, None);
            lists.push(self.list(role, people, &shape));
        }
        let mut runs = if lists.is_empty() {
            self.substitute(
                element.substitute(),
                Outer {
                    name: element.name().or(outer.name),
                    et_al: shape.et_al,
                    label: shape.label,
                    options: outer.options.apply(&element.options()),
                },
            )
        } else if shape.options.form == NameForm::Count {
            words(&if self.mode == Mode::SortKey { format!("{total:04}") } else { total.to_string() })
        } else {
            let delimiter = element.options().names_delimiter.or(inherited.names_delimiter.clone());
            join(lists, delimiter.as_deref())
        };
        let affixes = element.to_affixes();
        if is_first {
            self.first_names = Some(runs.clone()).filter(|runs| !runs.is_empty());
            if self.cite.names_left_out {
                return Vec::new();
            }
        }
        apply_formatting(&mut runs, &shape.formatting);
        affix(runs, affixes.prefix.as_ref(), affixes.suffix.as_ref())
    }

    /// The roles to list. Editors who are also the translators are listed once.
    fn roles(&self, roles: &[NameVariable], shape: &Shape<'_, '_>) -> Vec<NameVariable> {
        use NameVariable::{Editor, EditorTranslator, Translator};
        let (editors, translators) = (self.people(Editor), self.people(Translator));
        let both = roles.contains(&Editor) && roles.contains(&Translator);
        let form = shape.label.map_or(TermForm::Long, |(label, _)| label.form);
        let term = self.terms.term(EditorTranslator, form, false);
        if !both || editors.is_empty() || editors != translators || term.is_none() {
            return roles.to_vec();
        }
        let rest = roles.iter().copied().filter(|role| ![Editor, Translator].contains(role));
        std::iter::once(EditorTranslator).chain(rest).collect()
    }

    fn people(&self, role: NameVariable) -> &'a [Name] {
        let role = source(role);
        if self.is_suppressed(Variable::Name(role)) { &[] } else { self.item.names(role) }
    }

    /// The first substitute that is not empty.
    fn substitute(&mut self, substitute: Option<&'a Substitute>, outer: Outer<'a>) -> Vec<Run> {
        let Some(substitute) = substitute.filter(|_| self.outer.is_none()) else { return Vec::new() };
        self.outer = Some(outer);
        let mut found = Vec::new();
        for child in &substitute.children {
            found = self.elements(std::slice::from_ref(child)).into_iter().flatten().collect();
            if !found.is_empty() {
                break;
            }
        }
        self.outer = None;
        found
    }

    /// The names in one role with their label.
    fn list(&mut self, role: NameVariable, people: &[Name], shape: &Shape<'_, '_>) -> Vec<Run> {
        let names = self.name_list(people, shape);
        let Some((label, before)) = shape.label else { return names };
        let plural = match label.plural {
            LabelPluralize::Always => true,
            LabelPluralize::Never => false,
            LabelPluralize::Contextual => people.len() > 1,
        };
        let term = self.terms.term(role, label.form, plural).unwrap_or_default().to_owned();
        let label = self.label_runs(label, &term);
        let (mut first, second) = if before { (label, names) } else { (names, label) };
        append(&mut first, second);
        first
    }

    fn name_list(&mut self, people: &[Name], shape: &Shape<'_, '_>) -> Vec<Run> {
        let options = &shape.options;
        let sorting = self.mode == Mode::SortKey;
        let others = people.last().is_some_and(|name| name.others);
        let known = people.len() - usize::from(others);
        let shown = self.shown(people, options).min(known);
        let cut = shown < people.len();
        let order = |at: usize| match options.name_as_sort_order {
            _ if people.get(at).is_some_and(|name| name.literal) => Order::Given,
            Some(NameAsSortOrder::All) => Order::Inverted,
            Some(NameAsSortOrder::First) if at == 0 => Order::Inverted,
            _ => Order::Given,
        };
        let mut all: Vec<Run> = Vec::new();
        for (at, name) in people.iter().take(shown).enumerate() {
            let runs = self.one_name(name, at, shape.name, options, order(at));
            if at > 0 {
                let last = at + 1 == people.len();
                append(&mut all, words(&self.between(people.len(), last, options, order(at - 1), sorting)));
            }
            append(&mut all, runs);
        }
        let ends = options.et_al_use_last && !others && known > shown + 1;
        if !cut || shown == 0 || (sorting && !ends) {
            return all;
        }
        let before = match options.delimiter_precedes_et_al {
            // If the bibliography says "and others", "et al." is added like another name.
            DelimiterBehavior::Contextual => {
                let unnamed =
                    shown == known && (options.and.is_none() || order(shown - 1) == Order::Inverted);
                shown > 1 || unnamed
            }
            DelimiterBehavior::AfterInvertedName => order(shown - 1) == Order::Inverted,
            DelimiterBehavior::Always => true,
            DelimiterBehavior::Never => false,
        };
        let before = if before { options.delimiter } else { " " };
        if ends {
            append(&mut all, words(&format!("{before}… ")));
            let last = &people[known - 1];
            let runs = self.one_name(last, known - 1, shape.name, options, order(known - 1));
            append(&mut all, runs);
            return all;
        }
        let term = shape.et_al.map_or(Term::Other(OtherTerm::EtAl), |et_al| et_al.term.into());
        let mut et_al = words(self.terms.term(term, TermForm::Long, false).unwrap_or_default());
        if et_al.is_empty() {
            return all;
        }
        if let Some(element) = shape.et_al {
            apply_formatting(&mut et_al, &element.formatting);
        }
        append(&mut all, words(before));
        append(&mut all, et_al);
        all
    }

    /// How many names are shown before "et al."
    fn shown(&self, people: &[Name], options: &NameOptions<'_>) -> usize {
        let more = self.cite.distinct.shown.filter(|_| self.mode == Mode::Citation);
        shown_count(people, options, more)
    }

    /// The delimiter before a name that is not the first.
    fn between(
        &self,
        count: usize,
        last: bool,
        options: &NameOptions<'_>,
        previous: Order,
        sorting: bool,
    ) -> String {
        let and = match options.and {
            Some(NameAnd::Text) => self.terms.term(OtherTerm::And, TermForm::Long, false),
            Some(NameAnd::Symbol) => {
                // Languages without their own symbol use the ampersand.
                Some(self.terms.term(OtherTerm::And, TermForm::Symbol, false).unwrap_or("&"))
            }
            None => None,
        };
        let Some(and) = and.filter(|_| last && !sorting) else { return options.delimiter.to_owned() };
        let delimiter = match options.delimiter_precedes_last {
            DelimiterBehavior::Contextual => count > 2,
            DelimiterBehavior::AfterInvertedName => previous == Order::Inverted,
            DelimiterBehavior::Always => true,
            DelimiterBehavior::Never => false,
        };
        let delimiter = if delimiter { options.delimiter } else { "" };
        let gap = if delimiter.ends_with(char::is_whitespace) { "" } else { " " };
        format!("{delimiter}{gap}{and} ")
    }
}

/// The role under which an item stores the names of `role`.
fn source(role: NameVariable) -> NameVariable {
    if role == NameVariable::EditorTranslator { NameVariable::Editor } else { role }
}

fn shown_count(people: &[Name], options: &NameOptions<'_>, more: Option<usize>) -> usize {
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    match (options.et_al_min.map(size), options.et_al_use_first.map(size)) {
        (Some(min), Some(first)) if people.len() >= min => {
            first.max(more.unwrap_or_default()).min(people.len())
        }
        _ => people.len(),
    }
}

impl Renderer<'_> {
    /// A label with its affixes and formatting.
    pub(super) fn label_runs(&self, label: &VariablelessLabel, term: &str) -> Vec<Run> {
        let mut runs = vec![Run::new(term, Role::Style)];
        runs.retain(|run| !run.text.is_empty());
        if label.strip_periods {
            super::output::strip_periods(&mut runs);
        }
        if let Some(case) = label.text_case {
            super::case::apply(&mut runs, case, self.terms.is_english());
        }
        apply_formatting(&mut runs, &label.formatting);
        affix(runs, label.affixes.prefix.as_ref(), label.affixes.suffix.as_ref())
    }
}
