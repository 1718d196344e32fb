//! Syntax highlighting with syntect: splits code into ranges with CSS classes.
//!
//! The grammars are loaded for the first code block and then shared.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, ScopeStack, SyntaxSet};

/// Finds the ranges of code that a theme can colour.
#[derive(Debug, Default)]
pub(crate) struct Highlighter {
    syntaxes: OnceLock<SyntaxSet>,
}

/// The scopes that get a class, more specific ones first.
const CLASSES: [(&str, &str); 11] = [
    ("comment", "hl-comment"),
    ("constant.numeric", "hl-number"),
    ("constant", "hl-constant"),
    ("string", "hl-string"),
    ("storage", "hl-keyword"),
    ("keyword", "hl-keyword"),
    ("entity.name", "hl-name"),
    ("entity.other.attribute-name", "hl-attribute"),
    ("support", "hl-support"),
    ("variable", "hl-variable"),
    ("meta.annotation", "hl-attribute"),
];

/// The maximum length in bytes of highlighted code, because grammars are slow.
const MAX_LEN: usize = 200_000;

impl Highlighter {
    /// Splits `code` into consecutive parts, each with a class if it has one.
    ///
    /// Code in an unknown language, and code that the grammar cannot parse, is a single part without a class.
    pub(crate) fn parts<'c>(&self, language: &str, code: &'c str) -> Vec<(Option<&'static str>, &'c str)> {
        self.try_parts(language, code).unwrap_or_else(|| vec![(None, code)])
    }

    fn try_parts<'c>(&self, language: &str, code: &'c str) -> Option<Vec<(Option<&'static str>, &'c str)>> {
        if language.is_empty() || code.len() > MAX_LEN {
            return None;
        }
        let set = self.syntaxes.get_or_init(SyntaxSet::load_defaults_newlines);
        let syntax = set.find_syntax_by_token(language)?;
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        let mut parts: Vec<(Option<&'static str>, &'c str)> = Vec::new();
        let mut at = 0;
        for line in code.split_inclusive('\n') {
            let mut done = 0;
            for (offset, op) in state.parse_line(line, set).ok()? {
                push(&mut parts, code, at + done..at + offset, &stack);
                done = offset;
                stack.apply(&op).ok()?;
            }
            push(&mut parts, code, at + done..at + line.len(), &stack);
            at += line.len();
        }
        Some(parts)
    }
}

fn push<'c>(
    parts: &mut Vec<(Option<&'static str>, &'c str)>,
    code: &'c str,
    range: std::ops::Range<usize>,
    stack: &ScopeStack,
) {
    let Some(words) = code.get(range.clone()).filter(|words| !words.is_empty()) else { return };
    let class = class_of(stack);
    if let Some((last_class, last)) = parts.last_mut()
        && *last_class == class
    {
        *last = &code[range.start - last.len()..range.end];
        return;
    }
    parts.push((class, words));
}

fn class_of(stack: &ScopeStack) -> Option<&'static str> {
    stack.as_slice().iter().rev().find_map(|scope| {
        let name = scope.build_string();
        CLASSES.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|&(_, class)| class)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_join_to_the_code() {
        let code = "fn main() { // hi\n    let s = \"é\";\n}\n";
        let parts = Highlighter::default().parts("rust", code);
        assert_eq!(parts.iter().map(|p| p.1).collect::<String>(), code);
        assert!(parts.contains(&(Some("hl-comment"), "// hi\n")), "{parts:?}");
    }

    #[test]
    fn code_in_an_unknown_language_is_not_highlighted() {
        assert_eq!(Highlighter::default().parts("nosuch", "a b"), [(None, "a b")]);
    }
}
