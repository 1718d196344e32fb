//! The conditions of `cs:choose`.

use hayagriva::citationberg::taxonomy::{Locator as LocatorKind, NumberVariable, Variable};
use hayagriva::citationberg::{ChooseBranch, LongShortForm, TestPosition};

use super::number::is_numeric;
use super::render::{Mode, Renderer};

impl Renderer<'_> {
    /// Whether the conditions of a branch are met.
    pub(super) fn holds(&self, branch: &ChooseBranch) -> bool {
        let mut tests: Vec<bool> = Vec::new();
        if let Some(wanted) = branch.disambiguate {
            tests.push(self.cite.distinct.condition == wanted);
        }
        tests.extend(branch.is_numeric.iter().flatten().map(|variable| self.is_numeric(*variable)));
        tests.extend(
            branch
                .is_uncertain_date
                .iter()
                .flatten()
                .map(|variable| self.item.date(*variable).is_some_and(|date| date.circa)),
        );
        tests.extend(
            branch
                .locator
                .iter()
                .flatten()
                .map(|kind| self.cite.locator.is_some_and(|(known, _)| same_kind(known, *kind))),
        );
        tests.extend(branch.position.iter().flatten().map(|position| self.is_at(*position)));
        tests.extend(branch.type_.iter().flatten().map(|kind| self.item.kind == *kind && !self.item.untyped));
        tests.extend(branch.variable.iter().flatten().map(|variable| self.has(*variable)));
        branch.match_.test(tests.into_iter())
    }

    fn has(&self, variable: Variable) -> bool {
        match variable {
            Variable::Date(date) => self.item.date(date).is_some(),
            Variable::Name(role) => !self.item.names(role).is_empty(),
            Variable::Number(NumberVariable::Locator) => self.cite.locator.is_some(),
            Variable::Number(NumberVariable::CitationNumber) => true,
            _ => self.known(variable, LongShortForm::Long).is_some(),
        }
    }

    fn is_numeric(&self, variable: Variable) -> bool {
        match variable {
            Variable::Number(NumberVariable::Locator) => {
                self.cite.locator.is_some_and(|(_, text)| is_numeric(text))
            }
            Variable::Number(NumberVariable::CitationNumber) => true,
            _ => self.known(variable, LongShortForm::Long).is_some_and(|text| is_numeric(&text)),
        }
    }

    /// A note may be read on its own, so every citation counts as the first. Styles for footnotes use the short
    /// form, because the reference list contains the full entry.
    fn is_at(&self, position: TestPosition) -> bool {
        let short = self.style.is_for_notes() && self.mode == Mode::Citation;
        match position {
            TestPosition::First => !short,
            TestPosition::Subsequent => short,
            TestPosition::Ibid | TestPosition::IbidWithLocator | TestPosition::NearNote => false,
        }
    }
}

fn same_kind(one: LocatorKind, other: LocatorKind) -> bool {
    one == other
}
