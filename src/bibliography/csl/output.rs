//! The output of the processor: runs of text with the same formatting.
//!
//! 1. Elements are rendered to runs. [`join`] and [`affix`] combine runs without repeating punctuation.
//! 2. [`finish`] chooses quotation marks by their nesting depth, and moves full stops and commas into them if the
//!    language requires it.
//!
//! This module does not write HTML.

use std::sync::Arc;

use hayagriva::citationberg::{
    FontStyle, FontVariant, FontWeight, Formatting, TextDecoration, VerticalAlign,
};

use super::locale::Terms;

/// A run of text with the same formatting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Run {
    pub(in crate::bibliography) text: String,
    pub(in crate::bibliography) look: Look,
    pub(in crate::bibliography) role: Role,
    /// The URL to link to.
    pub(in crate::bibliography) link: Option<Arc<str>>,
    /// Whether text case does not change the run.
    pub(in crate::bibliography) keep_case: bool,
}

/// The formatting of a run. An unset property is inherited from the surrounding text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Look {
    pub(in crate::bibliography) style: Option<FontStyle>,
    pub(in crate::bibliography) weight: Option<FontWeight>,
    pub(in crate::bibliography) variant: Option<FontVariant>,
    pub(in crate::bibliography) decoration: Option<TextDecoration>,
    pub(in crate::bibliography) align: Option<VerticalAlign>,
    /// Italic by markup in the data: shown upright inside italics.
    pub(in crate::bibliography) flip_italic: bool,
    /// Bold by markup in the data.
    pub(in crate::bibliography) flip_bold: bool,
}

/// The role of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::bibliography) enum Role {
    /// Text and punctuation of the style.
    #[default]
    Style,
    /// Text from the work's data.
    Value,
    /// The work's number on the page.
    Number,
    /// The work's label, such as `Lar13`.
    Label,
    /// The locator.
    Locator,
    /// An opening quotation mark; [`finish`] sets its text.
    Open,
    /// A closing quotation mark; [`finish`] sets its text.
    Close,
}

impl Run {
    pub(in crate::bibliography) fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role, ..Self::default() }
    }

    pub(in crate::bibliography) fn italic(&self) -> bool {
        (self.look.style == Some(FontStyle::Italic)) != self.look.flip_italic
    }

    pub(in crate::bibliography) fn weight(&self) -> FontWeight {
        match (self.look.weight.unwrap_or_default(), self.look.flip_bold) {
            (FontWeight::Bold, true) => FontWeight::Normal,
            (_, true) => FontWeight::Bold,
            (weight, false) => weight,
        }
    }
}

/// A run of the style's text; no run if the text is empty.
pub(in crate::bibliography) fn words(text: &str) -> Vec<Run> {
    if text.is_empty() { Vec::new() } else { vec![Run::new(text, Role::Style)] }
}

/// The text of runs, with `“` and `”` for quotation marks that have no text yet.
pub(in crate::bibliography) fn plain(runs: &[Run]) -> String {
    runs.iter().map(|run| if run.text.is_empty() { mark(run.role) } else { &run.text }).collect()
}

fn mark(role: Role) -> &'static str {
    match role {
        Role::Open => "“",
        Role::Close => "”",
        _ => "",
    }
}

fn first_char(runs: &[Run]) -> Option<char> {
    let run = runs.iter().find(|run| !run.text.is_empty() || !mark(run.role).is_empty())?;
    run.text.chars().next().or_else(|| mark(run.role).chars().next())
}

fn last_char(runs: &[Run]) -> Option<char> {
    let run = runs.iter().rev().find(|run| !run.text.is_empty() || !mark(run.role).is_empty())?;
    run.text.chars().next_back().or_else(|| mark(run.role).chars().next_back())
}

/// The last character, ignoring closing quotation marks.
fn last_in_quotes(runs: &[Run]) -> Option<char> {
    let quoted = runs.iter().rev().find(|run| run.role != Role::Close && !run.text.is_empty());
    quoted?.text.chars().next_back()
}

fn drop_first(runs: &mut Vec<Run>) {
    if let Some(at) = runs.iter().position(|run| !run.text.is_empty()) {
        runs[at].text.remove(0);
        if runs[at].text.is_empty() {
            runs.remove(at);
        }
    }
}

fn drop_last(runs: &mut Vec<Run>) {
    if let Some(at) = runs.iter().rposition(|run| !run.text.is_empty()) {
        runs[at].text.pop();
        if runs[at].text.is_empty() {
            runs.remove(at);
        }
    }
}

/// Which of two punctuation marks to keep where two runs are joined.
enum Keep {
    Both,
    First,
    Second,
}

/// Which of two punctuation marks to keep where two runs are joined, as the CSL test suite expects
/// (`punctuation_FullMontyPlain`).
fn punctuation_to_keep(left: char, right: char) -> Keep {
    match (left, right) {
        (':' | ';', '!' | '?') | (' ', ' ' | ',' | '.') => Keep::Second,
        (left, right) if left == right && ".,:;!?".contains(left) => Keep::First,
        ('!' | '?', '.' | ':') | (':', '.') | (';', ':' | '.') => Keep::First,
        _ => Keep::Both,
    }
}

/// Appends `right` to `left` without repeating punctuation.
pub(in crate::bibliography) fn append(left: &mut Vec<Run>, mut right: Vec<Run>) {
    while let (Some(before), Some(after)) = (last_char(left), first_char(&right)) {
        let before =
            if after == '.' && before == '”' { last_in_quotes(left).unwrap_or(before) } else { before };
        match punctuation_to_keep(before, after) {
            Keep::First => drop_first(&mut right),
            Keep::Second => drop_last(left),
            Keep::Both => break,
        }
    }
    left.append(&mut right);
}

/// Joins parts with a delimiter. Punctuation at the start of a part replaces the delimiter.
pub(in crate::bibliography) fn join(
    parts: impl IntoIterator<Item = Vec<Run>>,
    delimiter: Option<&str>,
) -> Vec<Run> {
    let mut all = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !all.is_empty()
            && let Some(delimiter) = delimiter
            && !first_char(&part).is_some_and(|first| ",;.".contains(first))
        {
            append(&mut all, words(delimiter));
        }
        append(&mut all, part);
    }
    all
}

/// Adds a prefix and a suffix, unless there are no runs.
pub(in crate::bibliography) fn affix(
    runs: Vec<Run>,
    prefix: Option<&String>,
    suffix: Option<&String>,
) -> Vec<Run> {
    if runs.is_empty() {
        return runs;
    }
    let mut all = prefix.map_or_else(Vec::new, |prefix| words(prefix));
    append(&mut all, runs);
    if let Some(suffix) = suffix {
        append(&mut all, words(suffix));
    }
    all
}

/// Applies formatting to runs; properties that are already set do not change.
pub(in crate::bibliography) fn apply_formatting(runs: &mut [Run], formatting: &Formatting) {
    for look in runs.iter_mut().map(|run| &mut run.look) {
        look.style = look.style.or(formatting.font_style);
        look.weight = look.weight.or(formatting.font_weight);
        look.variant = look.variant.or(formatting.font_variant);
        look.decoration = look.decoration.or(formatting.text_decoration);
        look.align = look.align.or(formatting.vertical_align);
    }
}

/// Puts quotation marks around runs.
pub(in crate::bibliography) fn quote(runs: Vec<Run>) -> Vec<Run> {
    if runs.is_empty() {
        return runs;
    }
    let mut all = vec![Run::new("", Role::Open)];
    all.extend(runs);
    all.push(Run::new("", Role::Close));
    all
}

/// Removes full stops from runs.
pub(in crate::bibliography) fn strip_periods(runs: &mut Vec<Run>) {
    runs.iter_mut().for_each(|run| run.text = run.text.replace('.', ""));
    runs.retain(|run| !run.text.is_empty() || matches!(run.role, Role::Open | Role::Close));
}

/// Sets quotation marks by their nesting depth and moves punctuation into them.
pub(in crate::bibliography) fn finish(runs: &mut Vec<Run>, terms: &Terms) {
    if terms.punctuation_in_quote() {
        pull_in(runs);
    }
    let mut depth = 0_usize;
    for run in runs.iter_mut() {
        match run.role {
            Role::Open => {
                run.text = terms.quotes(depth).0.to_owned();
                depth += 1;
            }
            Role::Close => {
                depth = depth.saturating_sub(1);
                run.text = terms.quotes(depth).1.to_owned();
            }
            _ => {}
        }
    }
    runs.retain(|run| !run.text.is_empty());
}

/// Moves full stops and commas after a closing quotation mark to before it. They get the formatting of the quotation
/// mark, not that of the quoted text: no full stop becomes a subscript.
fn pull_in(runs: &mut Vec<Run>) {
    let mut at = 0;
    while at < runs.len() {
        let follows = at > 0 && runs[at - 1].role == Role::Close && runs[at].role != Role::Close;
        let first = runs[at].text.chars().next().filter(|first| follows && ".,".contains(*first));
        if let Some(first) = first {
            runs[at].text.remove(0);
            let mut place = at - 1;
            while place > 0 && runs[place - 1].role == Role::Close {
                place -= 1;
            }
            if runs[at].text.is_empty() {
                runs.remove(at);
                at -= 1;
            }
            let look = runs[place].look;
            if let Some(quoted) = place.checked_sub(1).map(|inside| &mut runs[inside])
                && quoted.role != Role::Open
            {
                let ended = quoted.text.ends_with(['.', ',', '?', '!']);
                if !(ended && first == '.' || quoted.text.ends_with(first)) {
                    if quoted.look == look {
                        quoted.text.push(first);
                    } else {
                        runs.insert(place, Run { look, ..Run::new(first, Role::Style) });
                        at += 1;
                    }
                }
            }
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Run> {
        words(text)
    }

    #[test]
    fn punctuation_is_not_repeated_where_runs_are_joined() {
        let joined = |left: &str, right: &str| {
            let mut all = of(left);
            append(&mut all, of(right));
            plain(&all)
        };
        assert_eq!(joined("a.", ". b"), "a. b");
        assert_eq!(joined("a?", ". b"), "a? b");
        assert_eq!(joined("a.", ", b"), "a., b");
        assert_eq!(joined("a ", " b"), "a b");
        assert_eq!(joined("a:", "? b"), "a? b");
    }

    #[test]
    fn punctuation_replaces_a_delimiter() {
        assert_eq!(plain(&join([of("a"), of(""), of(", b"), of("c")], Some("; "))), "a, b; c");
    }

    #[test]
    fn a_full_stop_moved_into_quotes_is_not_a_subscript() {
        let mut all = quote(super::super::rich::runs("On CO<sub>2</sub>", Role::Value));
        append(&mut all, of(". Then"));
        pull_in(&mut all);
        assert_eq!(plain(&all), "“On CO2.” Then");
        assert!(all.iter().all(|run| run.look.align.is_none() || run.text == "2"), "{all:?}");
    }

    #[test]
    fn no_full_stop_follows_a_quoted_question() {
        let mut all = quote(of("Why?"));
        append(&mut all, of(". Then"));
        assert_eq!(plain(&all), "“Why?” Then");
    }
}
