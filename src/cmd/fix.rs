//! `postil check --fix` and `--reviewed`: what diagnostics would write, written into the files.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::diagnostics::{Diagnostic, Fix};
use crate::output::atomic_write;

/// Shows each change, asks on a terminal unless `yes`, and writes those agreed to; tells how many.
///
/// `say` writes a line: to standard error where standard output is for a program. A file that changed since it was read is left as it is, with a word about it.
pub fn apply(root: &Path, problems: &[&Diagnostic], yes: bool, say: fn(&str)) -> std::io::Result<usize> {
    let mut by_file: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| problem.fix.is_some()) {
        by_file.entry(&problem.place.file.path).or_default().push(problem);
    }
    let mut written = 0;
    let can_ask = std::io::stdin().is_terminal();
    for (path, problems) in &by_file {
        let Some(text) = problems.first().map(|problem| problem.place.file.text.as_str()) else { continue };
        let mut agreed = Vec::new();
        for problem in problems {
            let Some(fix) = &problem.fix else { continue };
            let (line, _) = problem.place.file.line_column(fix.span.start);
            say(&format!("{path}:{line}: {}", problem.message));
            show(text, fix, say);
            if yes || (can_ask && ask()?) {
                agreed.push(fix);
            }
        }
        if agreed.is_empty() {
            continue;
        }
        if atomic_write::replace(&root.join(path), text, &mended(text, &mut agreed))? {
            written += agreed.len();
        } else {
            say(&format!("{path}: changed meanwhile, left as it is"));
        }
    }
    if !by_file.is_empty() && !yes && !can_ask {
        say("nothing was written: there is no terminal to ask on; add `--yes` to write every change");
    }
    Ok(written)
}

/// Shows the lines that a fix touches, as they are and as they would be.
fn show(text: &str, fix: &Fix, say: fn(&str)) {
    let Some(old) = text.get(fix.span.range()) else { return };
    let (before, after) = (&text[..fix.span.start], &text[fix.span.end..]);
    let lead = &before[before.rfind('\n').map_or(0, |newline| newline + 1)..];
    let ends_a_line = if old.is_empty() { fix.replacement.ends_with('\n') } else { old.ends_with('\n') };
    let rest = if ends_a_line { "" } else { after.lines().next().unwrap_or_default() };
    format!("{lead}{old}{rest}").lines().for_each(|line| say(&format!("  - {}", shown(line))));
    let new = format!("{lead}{}{rest}", fix.replacement);
    new.lines().for_each(|line| say(&format!("  + {}", shown(line))));
}

/// The text with the fixes in it.
fn mended(text: &str, fixes: &mut [&Fix]) -> String {
    fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span));
    let mut new = text.to_owned();
    for fix in fixes {
        if new.get(fix.span.range()).is_some() {
            new.replace_range(fix.span.range(), &fix.replacement);
        }
    }
    new
}

/// A line of a file without what a terminal would obey.
fn shown(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn ask() -> std::io::Result<bool> {
    eprint!("write this? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
