//! `postil check --fix` and `--reviewed`: what diagnostics would write, written into the files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::diagnostic::Diagnostic;

/// Shows each change, asks on a terminal unless `yes`, and writes those agreed to; tells how many.
///
/// `say` writes a line: to standard error where standard output is for a program. A file that changed since it was read is left as it is, with a word about it.
pub fn apply(root: &Path, problems: &[&Diagnostic], yes: bool, say: fn(&str)) -> std::io::Result<usize> {
    let mut by_file: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| problem.fix.is_some()) {
        by_file.entry(&problem.place.file.path).or_default().push(problem);
    }
    let mut written = 0;
    for (path, problems) in by_file {
        let Some(text) = problems.first().map(|problem| problem.place.file.text.as_str()) else { continue };
        let mut agreed = Vec::new();
        for problem in problems {
            let Some(fix) = &problem.fix else { continue };
            let (line, _) = problem.place.file.line_column(fix.span.start);
            say(&format!("{path}:{line}: {}", problem.message));
            let old = text.get(fix.span.range()).unwrap_or_default();
            old.lines().for_each(|line| say(&format!("  - {}", shown(line))));
            fix.replacement.lines().for_each(|line| say(&format!("  + {}", shown(line))));
            if yes || ask()? {
                agreed.push(fix);
            }
        }
        if agreed.is_empty() {
            continue;
        }
        agreed.sort_by_key(|fix| std::cmp::Reverse(fix.span));
        let mut new = text.to_owned();
        for fix in &agreed {
            if new.get(fix.span.range()).is_some() {
                new.replace_range(fix.span.range(), &fix.replacement);
            }
        }
        if replace(&root.join(path), text, &new)? {
            written += agreed.len();
        } else {
            say(&format!("{path}: changed meanwhile, left as it is"));
        }
    }
    Ok(written)
}

/// A line of a file without what a terminal would obey.
fn shown(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn ask() -> std::io::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("write this? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Puts `new` in the place of `old`, whole or not at all; `false` if the file holds something else by now.
fn replace(path: &Path, old: &str, new: &str) -> std::io::Result<bool> {
    if fs::read(path)? != old.as_bytes() {
        return Ok(false);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".postil-new");
    fs::write(&beside, new)?;
    fs::set_permissions(&beside, fs::metadata(path)?.permissions())?;
    fs::rename(&beside, path)?;
    Ok(true)
}
