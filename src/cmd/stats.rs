//! `postil stats`: counts texts, notes, verdicts, layers and authors.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::check::Format;
use super::report::{Bar, eprint, print, print_diagnostics};
use crate::derive::counts::{Counts, TextCounts};
use crate::diagnostics::render::{summary, tally};
use crate::pipeline::{self, Options};

/// Arguments of `postil stats`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  postil stats                              tables by text, verdict, layer and author
  postil stats --format json | jq .total    the same as JSON")]
pub(super) struct Stats {
    /// The folder that contains site.toml
    #[arg(default_value = ".")]
    site: PathBuf,
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'r> {
    texts: &'r [TextCounts],
    total: &'r Counts,
}

impl Stats {
    /// Counts and prints the numbers.
    pub(super) fn run(self) -> ExitCode {
        let options = Options { site: self.site, ..Options::default() };
        let bar = Bar::new("counting", self.format == Format::Json);
        let (texts, diagnostics) = pipeline::survey(&options, &bar);
        let (errors, warnings) = tally(&diagnostics);
        if errors > 0 {
            print_diagnostics(&diagnostics);
            eprint(&format!("{}; correct the errors first", summary(errors, warnings)));
            return ExitCode::from(1);
        }
        let mut total = Counts::default();
        texts.iter().for_each(|text| total.add(&text.counts));
        match self.format {
            Format::Json => {
                let report = Report { texts: &texts, total: &total };
                print(&serde_json::to_string(&report).unwrap_or_default());
            }
            Format::Human => print(human(&texts, &total).trim_end()),
        }
        ExitCode::SUCCESS
    }
}

/// The numbers as text tables.
fn human(texts: &[TextCounts], total: &Counts) -> String {
    let kinds: Vec<&String> = total.kinds.keys().collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let head = ["text", "words", "under notes", "notes"].into_iter().map(str::to_owned);
    rows.push(head.chain(kinds.iter().map(|kind| (*kind).clone())).collect());
    let all = texts.iter().map(|text| (text.path.as_str(), &text.counts));
    for (name, counts) in all.chain((texts.len() > 1).then_some(("all", total))) {
        let mut row = vec![
            name.to_owned(),
            counts.words.to_string(),
            format!("{} %", counts.share()),
            counts.notes.to_string(),
        ];
        row.extend(kinds.iter().map(|kind| counts.kinds.get(*kind).copied().unwrap_or_default().to_string()));
        rows.push(row);
    }
    let mut out = table(&rows);
    for (kind, verdicts) in &total.verdicts {
        out.push_str(&format!("\n{}", list(kind, verdicts)));
    }
    out.push_str(&format!("\n{}\n{}", list("layer", &total.layers), list("author", &total.authors)));
    out
}

fn list(name: &str, counts: &BTreeMap<String, usize>) -> String {
    let mut rows = vec![vec![name.to_owned(), "notes".to_owned()]];
    rows.extend(counts.iter().map(|(key, count)| vec![key.clone(), count.to_string()]));
    table(&rows)
}

/// Formats rows with the first column left-aligned and the others right-aligned.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let printable = |cell: &str| -> String {
        cell.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    };
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = printable(cell);
            line.push_str(&if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
