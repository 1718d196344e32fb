//! Measures `postil check` on one long text: `cargo bench --bench anchor -- [NOTES ...]`.
//!
//! The text has 1 MB: in English, in sentences that differ only in a number, or in Chinese. Twice the number
//! of notes should take at most twice the time. The output is a table; nothing is asserted.

#![allow(clippy::missing_docs_in_private_items, reason = "a benchmark has no callers")]

mod corpus;
mod measure;

use std::io;
use std::path::Path;
use std::process::Command;

use measure::{Cost, Scratch};

const ROUNDS: usize = 5;

fn main() -> io::Result<()> {
    let Some(words) = corpus::arguments()? else { return Ok(()) };
    let counts: Vec<&str> = words.iter().map(String::as_str).collect();
    if counts.is_empty() { compare(&["2500", "5000", "10000"]) } else { compare(&counts) }
}

/// Measures texts of each style with each of `counts` notes, and prints the table.
fn compare(counts: &[&str]) -> io::Result<()> {
    let scratch = Scratch::new()?;
    println!("{}", measure::head());
    for prose in ["english", "repeats", "chinese"] {
        let mut before: Option<(&str, Cost)> = None;
        for count in counts {
            let folder = scratch.path().join(format!("{prose}-{count}"));
            let cost = check(&format!("{prose}:{count}"), &folder)?;
            println!("{}", cost.row(&format!("{prose}, {count} notes")));
            if let Some((fewer, cost_of_fewer)) = before {
                println!(
                    "{}",
                    measure::ratios(&format!("  {count} / {fewer} notes"), cost.over(cost_of_fewer))
                );
            }
            before = Some((count, cost));
            std::fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}

/// The median cost of checking a site of the given shape.
fn check(shape: &str, folder: &Path) -> io::Result<Cost> {
    std::fs::create_dir_all(folder)?;
    let log = folder.join("log");
    Cost::of(Command::new(std::env::current_exe()?).args(["make", shape]).arg(folder), &log)?;
    let mut costs = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postil"));
        costs.push(Cost::of(command.arg("check").arg(folder.join(corpus::SITE)), &log)?);
    }
    Ok(Cost::median(&costs))
}
