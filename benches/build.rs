//! Compares `postil build` with the floor: `cargo bench --bench build -- [TEXTS ...]`.
//!
//! Sites of 100, 1,000 and 10,000 texts are created in a folder in memory. Postil and the floor build each of
//! them in turn, as separate processes that are measured in the same way. The output is a table; nothing is
//! asserted.

mod corpus;
mod floor;
mod measure;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Cost, Scratch};

fn main() -> io::Result<()> {
    let Some(words) = corpus::arguments()? else { return Ok(()) };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor", texts, output] => floor::build(Path::new(texts), Path::new(output)),
        [] => compare(&[100, 1_000, 10_000]),
        sizes => {
            let sizes: Result<Vec<usize>, _> = sizes.iter().map(|size| size.parse()).collect();
            compare(&sizes.map_err(io::Error::other)?)
        }
    }
}

/// Measures sites of all `sizes`, and prints the table.
fn compare(sizes: &[usize]) -> io::Result<()> {
    let scratch = Scratch::new()?;
    println!("{}", measure::head());
    let mut before: Option<(usize, Cost)> = None;
    for &texts in sizes {
        let folder = scratch.path().join(texts.to_string());
        make(&format!("articles:{texts}"), &folder)?;
        let (postil, floor) = in_turn(&folder, if texts > 1000 { 3 } else { 7 })?;
        println!("{}", postil.row(&format!("{texts} texts: postil")));
        println!("{}", floor.row(&format!("{texts} texts: floor")));
        println!("{}", measure::ratios("  postil / floor", postil.over(floor)));
        if let Some((fewer, cost)) = before {
            println!("{}", measure::ratios(&format!("  {texts} / {fewer} texts"), postil.over(cost)));
        }
        before = Some((texts, postil));
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// Creates a site in a separate process, so that this process stays small.
fn make(shape: &str, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut command = Command::new(std::env::current_exe()?);
    Cost::of(command.args(["make", shape]).arg(folder), &folder.join("log")).map(|_| ())
}

/// The median costs of Postil and of the floor for the corpus in `folder`, run in turn.
fn in_turn(folder: &Path, rounds: usize) -> io::Result<(Cost, Cost)> {
    let (mut postil, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (site, output) = (folder.join(corpus::SITE), folder.join("public"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_postil"));
        command.arg("build").arg(site).arg("--quiet").arg("-o").arg(&output);
        postil.push(clean(&mut command, folder, &output)?);

        let (texts, output) = (folder.join(corpus::FOOTNOTED), folder.join("pages"));
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg(texts).arg(&output);
        floor.push(clean(&mut command, folder, &output)?);
    }
    Ok((Cost::median(&postil), Cost::median(&floor)))
}

/// The cost of `command`, whose `output` is deleted afterwards.
fn clean(command: &mut Command, folder: &Path, output: &PathBuf) -> io::Result<Cost> {
    let cost = Cost::of(command, &folder.join("log"))?;
    std::fs::remove_dir_all(output)?;
    Ok(cost)
}
