//! What a style renders: runs of text that look alike.
//!
//! 1. Elements render to runs, and [`join`] and [`affix`] put runs together without doubling
//!    punctuation where they meet.
//! 2. [`finish`] chooses quotation marks by how deep they nest, and moves full stops and commas into
//!    them where the language wants that.
//!
//! HTML is written elsewhere.

use std::sync::Arc;

use hayagriva::citationberg::{
    FontStyle, FontVariant, FontWeight, Formatting, TextDecoration, VerticalAlign,
};

use super::locale::Terms;

/// A run of text that looks alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Run {
    pub(in crate::bibliography) text: String,
    pub(in crate::bibliography) look: Look,
    pub(in crate::bibliography) role: Role,
    /// The address it links to.
    pub(in crate::bibliography) link: Option<Arc<str>>,
    /// Whether its case is kept.
    pub(in crate::bibliography) keep_case: bool,
}

/// How a run looks. An unset property is inherited from what surrounds the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::bibliography) struct Look {
    pub(in crate::bibliography) style: Option<FontStyle>,
    pub(in crate::bibliography) weight: Option<FontWeight>,
    pub(in crate::bibliography) variant: Option<FontVariant>,
    pub(in crate::bibliography) decoration: Option<TextDecoration>,
    pub(in crate::bibliography) align: Option<VerticalAlign>,
    /// Italic in the work's own text: upright inside italics.
    pub(in crate::bibliography) flip_italic: bool,
    /// Bold in the work's own text.
    pub(in crate::bibliography) flip_bold: bool,
}

/// What a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::bibliography) enum Role {
    /// The style's own words and punctuation.
    #[default]
    Style,
    /// Something the work says.
    Value,
    /// The work's number on the page.
    Number,
    /// The work's label, such as `Lar13`.
    Label,
    /// The place in the work that is cited.
    Locator,
    /// An opening quotation mark, without text until [`finish`].
    Open,
    /// A closing one.
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

/// The runs of the style's own words.
pub(in crate::bibliography) fn words(text: &str) -> Vec<Run> {
    if text.is_empty() { Vec::new() } else { vec![Run::new(text, Role::Style)] }
}

/// The text of runs, with `”` for every closing quotation mark that has none yet.
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

/// The last character, seen through closing quotation marks.
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

/// What becomes of two characters where runs meet.
enum Meeting {
    Both,
    First,
    Second,
}

/// Which punctuation survives where two marks meet, as the CSL test-suite expects
/// (`punctuation_FullMontyPlain`).
fn meeting(left: char, right: char) -> Meeting {
    match (left, right) {
        (':' | ';', '!' | '?') | (' ', ' ' | ',' | '.') => Meeting::Second,
        (left, right) if left == right && ".,:;!?".contains(left) => Meeting::First,
        ('!' | '?', '.' | ':') | (':', '.') | (';', ':' | '.') => Meeting::First,
        _ => Meeting::Both,
    }
}

/// Puts `right` after `left`.
pub(in crate::bibliography) fn append(left: &mut Vec<Run>, mut right: Vec<Run>) {
    while let (Some(before), Some(after)) = (last_char(left), first_char(&right)) {
        let before =
            if after == '.' && before == '”' { last_in_quotes(left).unwrap_or(before) } else { before };
        match meeting(before, after) {
            Meeting::First => drop_first(&mut right),
            Meeting::Second => drop_last(left),
            Meeting::Both => break,
        }
    }
    left.append(&mut right);
}

/// Puts parts together with a delimiter between them; punctuation at a part's start replaces it.
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

/// Puts a prefix and a suffix around runs, unless there are none.
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

/// Gives runs a look where they have none of their own.
pub(in crate::bibliography) fn dress(runs: &mut [Run], formatting: &Formatting) {
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

/// Takes full stops out of runs.
pub(in crate::bibliography) fn strip_periods(runs: &mut Vec<Run>) {
    runs.iter_mut().for_each(|run| run.text = run.text.replace('.', ""));
    runs.retain(|run| !run.text.is_empty() || matches!(run.role, Role::Open | Role::Close));
}

/// Writes the quotation marks, by how deep they nest, and moves punctuation into them.
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

/// Moves full stops and commas that follow a closing quotation mark before it.
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
            if let Some(quoted) = place.checked_sub(1).map(|inside| &mut runs[inside])
                && quoted.role != Role::Open
            {
                let ended = quoted.text.ends_with(['.', ',', '?', '!']);
                if !(ended && first == '.' || quoted.text.ends_with(first)) {
                    quoted.text.push(first);
                }
            }
            if runs[at].text.is_empty() {
                runs.remove(at);
                continue;
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
    fn punctuation_is_not_doubled_where_runs_meet() {
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
    fn a_delimiter_gives_way_to_punctuation() {
        assert_eq!(plain(&join([of("a"), of(""), of(", b"), of("c")], Some("; "))), "a, b; c");
    }

    #[test]
    fn a_question_in_quotes_takes_no_full_stop() {
        let mut all = quote(of("Why?"));
        append(&mut all, of(". Then"));
        assert_eq!(plain(&all), "“Why?” Then");
    }
}
