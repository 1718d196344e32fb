//! Files that cannot be imported: what they are, and what to do instead.

use super::Received;
use crate::archive::Archive;
use crate::diagnostics::{Code, Diagnostic, Place};

/// The error for a file of no known format.
pub(crate) fn problem(received: &Received) -> Diagnostic {
    let (what, help) = name(received);
    let message = format!("{what} cannot be imported");
    // The contents may be binary, so only the path is shown.
    Diagnostic::error(Code::SiteRead, Place::of_path(&received.file.path), message).help(help)
}

/// What a file is, and what to do with it.
fn name(received: &Received) -> (String, String) {
    let bytes = &received.bytes;
    let start = received.start();
    let known = |what: &str, help: &str| (what.to_owned(), help.to_owned());
    if bytes.is_empty() {
        return known("an empty file", "import a file that contains text or notes");
    }
    if bytes.starts_with(b"%PDF") {
        return known(
            "a PDF",
            "save the text as .docx or .txt (`pdftotext -layout FILE.pdf`) and proofread it; for highlights, export the annotations of your reader (Zotero: JSON) and import those",
        );
    }
    if bytes.starts_with(b"{\\rtf") {
        return known(
            "an RTF document",
            "open it in a word processor and save it as .docx, or run `pandoc -f rtf -t docx`",
        );
    }
    if start.contains("mime-version:") && start.contains("multipart/related")
        || matches!(received.extension.as_str(), "mht" | "mhtml")
    {
        return known(
            "a page saved as a single MHT file",
            "open it in a browser and save it as “Web page, complete”",
        );
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return known(
            "a document in an old format of Microsoft Office",
            "open it in a word processor and save it as .docx",
        );
    }
    if Archive::is_archive(bytes) {
        return archive(bytes);
    }
    if bytes.starts_with(b"SQLite format 3") {
        return known("a database", "export the notes from the program that it belongs to, as JSON or CSV");
    }
    if start.contains("total annotations:") && start.contains("annotation 1:") {
        return known("a text export of Hypothesis", "export the notes again as JSON or CSV");
    }
    match received.extension.as_str() {
        "tex" | "latex" => known("LaTeX", "run `pandoc FILE.tex -t markdown -o FILE.md` and import that file"),
        "rst" | "org" | "adoc" | "wiki" | "textile" => {
            known("this markup", "convert it to Markdown with pandoc, and import that file")
        }
        "bib" | "ris" | "nbib" | "yaml" | "yml" => known(
            "a bibliography",
            "put the file into annotations/, where works are read; it needs no import",
        ),
        _ if !received.is_text() => known(
            "this file, which is not text,",
            "convert it to .docx, .epub, .html, .md or .txt, for example with pandoc",
        ),
        "" => known("a file without an extension", "if it is plain text, add `--as text`; see `postil import --help` for all formats"),
        extension => (
            format!("a .{extension} file"),
            "if it is plain text, add `--as text`; otherwise convert it to .docx, .epub, .html, .md or .txt, for example with pandoc".to_owned(),
        ),
    }
}

/// What an archive is.
fn archive(bytes: &[u8]) -> (String, String) {
    let mut archive = match Archive::open(bytes) {
        Ok(archive) => archive,
        Err(reason) => {
            return (format!("a damaged archive ({reason})"), "get the file again".to_owned());
        }
    };
    let mimetype = archive.read("mimetype").unwrap_or_default();
    let mimetype = String::from_utf8_lossy(&mimetype).into_owned();
    let (what, help) = if mimetype.contains("opendocument.text") {
        (
            "an OpenDocument text",
            "open it in a word processor and save it as .docx, or run `pandoc -f odt -t docx`",
        )
    } else if archive.has("xl/workbook.xml") || mimetype.contains("spreadsheet") {
        ("a spreadsheet", "save the sheet as CSV with a header: quote, comment, kind, verdict, tags, author")
    } else if archive.has("ppt/presentation.xml") || mimetype.contains("presentation") {
        ("a presentation", "export its text as .docx or .txt")
    } else {
        ("a zip archive", "unpack it, and import the files in it one by one")
    };
    (what.to_owned(), help.to_owned())
}
