//! `postil export`: writes texts and notes in formats that people hand on.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::report::{Bar, eprint, print, print_diagnostics};
use crate::diagnostics::io_reason;
use crate::diagnostics::render::{count, summary, tally};
use crate::export::{FORMATS, Format, NoteForm};
use crate::names::address;
use crate::output;
use crate::pipeline::{self, Exported, Options, Request};

/// Arguments of `postil export`.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(super) struct Export {
    /// The format
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(FORMATS.map(|format| format.name)))]
    to: String,
    /// The texts, or folders of texts [default: all]
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
    /// The folder that contains site.toml
    #[arg(long, value_name = "SITE", default_value = ".")]
    site: PathBuf,
    /// The file to write, or a folder if there are several; `-` for standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Also include the notes for this audience
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,
    /// Include drafts
    #[arg(long)]
    drafts: bool,
    /// The public address of the site, for links to its pages
    #[arg(long, value_name = "URL", value_parser = super::build::address)]
    base_url: Option<String>,
    /// How a Word document contains the notes
    #[arg(long, value_enum, default_value_t = Notes::Comments)]
    notes: Notes,
}

/// How a Word document contains the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Notes {
    /// As comments on their passages
    Comments,
    /// As endnotes
    Endnotes,
    /// Only the text, without notes
    None,
}

fn after_help() -> String {
    let width = FORMATS.iter().map(|format| format.name.len()).max().unwrap_or_default();
    let lines: Vec<String> =
        FORMATS.iter().map(|format| format!("  {:width$}  {}", format.name, format.about)).collect();
    format!(
        "\
Formats:
{}

Examples:
  postil export --to csv                       all notes in one table, in the current folder
  postil export --to docx lamp                 one text as a Word document, lamp.docx
  postil export --to docx -o handouts          every text, into the folder handouts/
  postil export --to docx --notes endnotes     with the notes as endnotes, for printing
  postil export --to worksheet lamp            the text for a class, without notes
  postil export --to html lamp -o lamp.html    one file to mail, which opens without network
  postil export --to epub -o lamps.epub        the whole edition as an e-book
  postil export --to zip -o site.zip           the built site, for a USB stick or an upload
  postil export --to gift -o quiz.txt          questions for Moodle
  postil export --to csv --audience teacher    include the notes for teachers",
        lines.join("\n")
    )
}

impl Export {
    /// Writes the files and prints their names.
    pub(super) fn run(self) -> ExitCode {
        let Some(format) = FORMATS.iter().find(|format| format.name == self.to) else {
            eprint(&format!("unknown format `{}`", self.to));
            return ExitCode::from(2);
        };
        let to_stdout = self.output.as_deref() == Some(Path::new("-"));
        if to_stdout && io::stdout().is_terminal() {
            eprint("not writing an export to a terminal; redirect the output, or use `-o FILE`");
            return ExitCode::from(2);
        }
        let notes = match self.notes {
            Notes::Comments => NoteForm::Comments,
            Notes::Endnotes => NoteForm::Endnotes,
            Notes::None => NoteForm::None,
        };
        let options = Options {
            site: self.site,
            audience: self.audience,
            drafts: self.drafts,
            base_url: self.base_url,
            dry: true,
            ..Options::default()
        };
        let bar = Bar::new("exporting", to_stdout);
        let exported = pipeline::export(&options, Request { format, texts: &self.texts, notes }, &bar);
        let Exported { files, diagnostics } = exported;
        print_diagnostics(&diagnostics);
        let (errors, warnings) = tally(&diagnostics);
        if errors > 0 {
            eprint(&format!("{}; nothing was exported", summary(errors, warnings)));
            return ExitCode::from(1);
        }
        if files.is_empty() {
            eprint("there are no texts to export");
            return ExitCode::from(1);
        }
        let written = match (to_stdout, files.as_slice()) {
            (true, [(_, bytes)]) => print_bytes(bytes).map(|()| Vec::new()),
            (true, _) => {
                eprint("standard output takes one file; name one text, or a folder with `-o`");
                return ExitCode::from(2);
            }
            _ => write(&files, self.output.as_deref(), format, &options.site),
        };
        match written {
            Ok(paths) => {
                match paths.as_slice() {
                    [] => {}
                    [path] => print(&format!("wrote {}", path.display())),
                    [first, .., last] => print(&format!(
                        "wrote {}: {} … {}",
                        count(paths.len(), "file", "files"),
                        first.display(),
                        last.display()
                    )),
                }
                ExitCode::SUCCESS
            }
            Err((path, error)) => {
                eprint(&format!("cannot write `{}`: {}", path.display(), io_reason(&error)));
                ExitCode::from(1)
            }
        }
    }
}

/// Writes the files: a single one to `output` or into that folder, several into the folder `output`.
fn write(
    files: &[(String, Vec<u8>)],
    output: Option<&Path>,
    format: &Format,
    site: &Path,
) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let is_file = files.len() == 1
        && output.is_some_and(|path| !path.is_dir() && !path.to_string_lossy().ends_with(['/', '\\']));
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = match output {
            Some(path) if is_file => path.to_owned(),
            Some(folder) => folder.join(name),
            None if files.len() == 1 => PathBuf::from(address::name_of(name)),
            None => Path::new(&format!("{}-export", format.name)).join(name),
        };
        output::atomic_write::write(&path, bytes, &address::INPUT_FOLDERS.map(|folder| site.join(folder)))
            .map_err(|error| (path.clone(), error))?;
        written.push(path);
    }
    Ok(written)
}

fn print_bytes(bytes: &[u8]) -> Result<(), (PathBuf, io::Error)> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err((PathBuf::from("-"), error)),
        _ => Ok(()),
    }
}
