//! A CSL style prepared for rendering: its macros by name, and its disambiguation methods.

use std::collections::HashMap;

use hayagriva::citationberg::taxonomy::{StandardVariable, Variable};
use hayagriva::citationberg::{
    IndependentStyle, InheritableNameOptions, LayoutRenderingElement, NamesChild, StyleClass, TextTarget,
};

use super::disambiguate::Methods;
use super::render::Mode;

/// A style prepared for rendering.
#[derive(Debug)]
pub(in crate::bibliography) struct Style {
    pub(in crate::bibliography) inner: IndependentStyle,
    macros: HashMap<String, usize>,
    /// Whether the style says where to show the year suffix.
    pub(super) places_suffix: bool,
    /// Whether the style shows volume titles.
    pub(in crate::bibliography) shows_volume_title: bool,
    /// Whether the style has parts with the condition `disambiguate="true"`.
    has_condition: bool,
    options: [InheritableNameOptions; 2],
}

impl Style {
    pub(in crate::bibliography) fn new(inner: IndependentStyle) -> Self {
        let macros = inner.macros.iter().enumerate().map(|(at, part)| (part.name.clone(), at)).collect();
        let (mut places_suffix, mut has_condition, mut shows_volume_title) = (false, false, false);
        let volume_title = Variable::Standard(StandardVariable::VolumeTitle);
        let suffix = Variable::Standard(StandardVariable::YearSuffix);
        let layouts = std::iter::once(&inner.citation.layout)
            .chain(inner.bibliography.as_ref().map(|list| &list.layout));
        let parts =
            layouts.map(|layout| &layout.elements).chain(inner.macros.iter().map(|part| &part.children));
        for elements in parts {
            walk(elements, &mut |element| match element {
                LayoutRenderingElement::Text(text) => {
                    let shows =
                        |variable| matches!(text.target, TextTarget::Variable { var, .. } if var == variable);
                    places_suffix |= shows(suffix);
                    shows_volume_title |= shows(volume_title);
                }
                LayoutRenderingElement::Choose(choose) => {
                    has_condition |= choose.branches().any(|branch| branch.disambiguate.is_some());
                }
                _ => {}
            });
        }
        let whole = &inner.settings.options;
        let options = [
            whole.apply(&inner.citation.name_options),
            inner.bibliography.as_ref().map_or_else(|| whole.clone(), |list| whole.apply(&list.name_options)),
        ];
        Self { macros, places_suffix, shows_volume_title, has_condition, options, inner }
    }

    /// The elements of a macro; empty if the style has no such macro.
    pub(super) fn macro_children(&self, name: &str) -> &[LayoutRenderingElement] {
        let part = self.macros.get(name).and_then(|at| self.inner.macros.get(*at));
        part.map_or(&[], |part| part.children.as_slice())
    }

    pub(super) fn name_options(&self, mode: Mode) -> InheritableNameOptions {
        self.options[usize::from(mode != Mode::Citation)].clone()
    }

    /// Whether the style is for footnotes.
    pub(in crate::bibliography) fn is_for_notes(&self) -> bool {
        self.inner.settings.class == StyleClass::Note
    }

    /// The style's disambiguation methods, if it has any.
    pub(in crate::bibliography) fn disambiguation_methods(&self) -> Option<Methods> {
        let citation = &self.inner.citation;
        let methods = Methods {
            names: citation.disambiguate_add_names,
            given: citation.disambiguate_add_givenname.then_some(citation.givenname_disambiguation_rule),
            condition: self.has_condition,
            suffix: citation.disambiguate_add_year_suffix,
        };
        (methods.names || methods.given.is_some() || methods.condition || methods.suffix).then_some(methods)
    }
}

/// Calls `look` on every element, including nested ones.
pub(in crate::bibliography) fn walk<'a>(
    elements: &'a [LayoutRenderingElement],
    look: &mut impl FnMut(&'a LayoutRenderingElement),
) {
    for element in elements {
        look(element);
        match element {
            LayoutRenderingElement::Group(group) => walk(&group.children, look),
            LayoutRenderingElement::Choose(choose) => {
                for branch in choose.branches() {
                    walk(&branch.children, look);
                }
                if let Some(otherwise) = &choose.otherwise {
                    walk(&otherwise.children, look);
                }
            }
            LayoutRenderingElement::Names(names) => {
                for child in &names.children {
                    if let NamesChild::Substitute(substitute) = child {
                        walk(&substitute.children, look);
                    }
                }
            }
            _ => {}
        }
    }
}
