//! `postil check --fix` and `--reviewed`: writes the fixes of diagnostics into the files.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::diagnostics::{Diagnostic, Fix};
use crate::output::atomic_write;

/// Shows each change, asks for confirmation on a terminal unless `yes`, and writes the confirmed changes.
/// Returns how many were written.
///
/// `print` prints a line; with JSON output it prints to standard error. A file that changed since it was read
/// is reported and left unchanged.
pub(super) fn apply(
    root: &Path,
    problems: &[&Diagnostic],
    yes: bool,
    print: fn(&str),
) -> std::io::Result<usize> {
    let mut by_file: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| problem.fix.is_some()) {
        by_file.entry(&problem.place.file.path).or_default().push(problem);
    }
    let mut written = 0;
    let can_ask = std::io::stdin().is_terminal();
    for (path, problems) in &by_file {
        let Some(text) = problems.first().map(|problem| problem.place.file.text.as_str()) else { continue };
        let mut confirmed = Vec::new();
        for problem in problems {
            let Some(fix) = &problem.fix else { continue };
            let (line, _) = problem.place.file.line_column(fix.span.start);
            print(&format!("{path}:{line}: {}", problem.message));
            show(text, fix, print);
            if yes || (can_ask && ask()?) {
                confirmed.push(fix);
            }
        }
        if confirmed.is_empty() {
            continue;
        }
        if atomic_write::replace(&root.join(path), text, &apply_fixes(text, &mut confirmed))? {
            written += confirmed.len();
        } else {
            print(&format!("{path}: the file has changed in the meantime and was not written"));
        }
    }
    if !by_file.is_empty() && !yes && !can_ask {
        print("nothing was written: no terminal to ask for confirmation; add `--yes` to apply all changes");
    }
    Ok(written)
}

/// Shows the lines that a fix changes, before and after.
fn show(text: &str, fix: &Fix, print: fn(&str)) {
    let Some(old) = text.get(fix.span.range()) else { return };
    let (before, after) = (&text[..fix.span.start], &text[fix.span.end..]);
    let lead = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    let ends_a_line = if old.is_empty() { fix.replacement.ends_with('\n') } else { old.ends_with('\n') };
    let rest = if ends_a_line { "" } else { after.lines().next().unwrap_or_default() };
    format!("{lead}{old}{rest}").lines().for_each(|line| print(&format!("  - {}", printable(line))));
    let new = format!("{lead}{}{rest}", fix.replacement);
    new.lines().for_each(|line| print(&format!("  + {}", printable(line))));
}

/// The text with the fixes applied.
fn apply_fixes(text: &str, fixes: &mut [&Fix]) -> String {
    fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span));
    let mut new = text.to_owned();
    for fix in fixes {
        if new.get(fix.span.range()).is_some() {
            new.replace_range(fix.span.range(), &fix.replacement);
        }
    }
    new
}

/// A line of a file with its control characters replaced.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn ask() -> std::io::Result<bool> {
    eprint!("apply this change? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
