//! Imports a Markdown file: its text as it is, and its front matter, which may be YAML or TOML.

use pulldown_cmark::{Event, Tag};

use super::document::Meta;
use super::format::ImportFormat;
use super::left_out::{Kind, LeftOut};
use super::page::metadata::bare_doi;
use super::{Content, FileToImport, Imported, NewFile, Received, front_matter};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::markdown;
use crate::markdown::escape::one_line;
use crate::names::address;
use crate::names::link::{self, Link};
use crate::names::path::path_error;
use crate::site::date::Date;
use crate::site::is_language_tag;

/// A Markdown file.
pub(crate) struct Markdown;

impl ImportFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn help(&self) -> &'static str {
        "Markdown, with front matter in YAML or TOML"
    }

    fn matches(&self, file: &Received) -> bool {
        file.is_text() && matches!(file.extension.as_str(), "md" | "markdown" | "mdown" | "mkd")
    }

    fn import(&self, file: &FileToImport<'_>, diagnostics: &mut Diagnostics) -> Option<Content> {
        import(file.received, file.path, diagnostics).map(Content::text)
    }
}

fn import(received: &Received, path: &str, diagnostics: &mut Diagnostics) -> Option<Imported> {
    let text = &received.file.text;
    let (pairs, body) = split(text);
    let mut unused = Vec::new();
    let meta = meta(&pairs, &mut unused);
    let mut body = body.trim_start_matches(['\n', '\r']);
    let mut left_out = LeftOut::default();
    if let Some((words, end)) = first_heading(body).filter(|(words, _)| Some(words) == meta.title.as_ref()) {
        left_out.add(Kind::Title, &words);
        body = body[end..].trim_start_matches(['\n', '\r']);
    }
    if body.trim().is_empty() {
        let problem =
            Diagnostic::error(Code::SiteRead, Place::new(&received.file, 0..0), "the file contains no text");
        diagnostics.push(problem.help("import a file that contains text"));
        return None;
    }
    let authors = meta.authors.join(", ");
    let front = front_matter(&[
        ("title", meta.title.as_deref()),
        ("author", Some(&authors)),
        ("publisher", meta.publisher.as_deref()),
        ("date", meta.date.as_deref()),
        ("url", meta.url.as_deref()),
        ("doi", meta.doi.as_deref()),
        ("licence", meta.licence.as_deref()),
        ("language", meta.language.as_deref()),
    ]);
    let folder = format!("{}/{path}", address::SOURCES);
    let mut files =
        vec![NewFile { path: format!("{folder}/index.md"), bytes: format!("{front}{body}").into_bytes() }];
    let mut missing = Vec::new();
    for image in images(body) {
        match read_beside(received, &image) {
            Some(bytes) => files.push(NewFile { path: format!("{folder}/{image}"), bytes }),
            None => missing.push(image),
        }
    }
    let mut remarks = left_out.lines();
    if !missing.is_empty() {
        remarks
            .push(format!("images not found beside the file; their place is kept: {}", missing.join(", ")));
    }
    if !unused.is_empty() {
        remarks.push(format!("front matter without a place in a source: {}", unused.join(", ")));
    }
    Some(Imported { path: path.to_owned(), files, remarks })
}

/// The keys and values of the front matter, and the rest of the file.
fn split(text: &str) -> (Vec<(String, Vec<String>)>, &str) {
    for fence in ["---", "+++"] {
        let mut lines = text.split_inclusive('\n');
        let Some(first) = lines.next().filter(|line| line.trim_end() == fence) else { continue };
        let mut at = first.len();
        for line in lines {
            let closes = line.trim_end() == fence || (fence == "---" && line.trim_end() == "...");
            if closes {
                let (front, body) = (&text[first.len()..at], &text[at + line.len()..]);
                return (if fence == "---" { yaml(front) } else { toml(front) }, body);
            }
            at += line.len();
        }
    }
    (Vec::new(), text)
}

/// The top-level keys of YAML with plain values or lists of them.
fn yaml(front: &str) -> Vec<(String, Vec<String>)> {
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    for line in front.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let indented = line.starts_with([' ', '\t', '-']);
        match line.split_once(':').filter(|_| !indented) {
            Some((key, value)) => {
                let value = value.trim();
                let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                let values = match list {
                    Some(list) => list.split(',').map(unquoted).collect(),
                    None => vec![unquoted(value)],
                };
                let is_empty =
                    |value: &String| value.is_empty() || matches!(value.as_str(), ">" | "|" | ">-" | "|-");
                pairs.push((
                    key.trim().to_lowercase(),
                    values.into_iter().filter(|value| !is_empty(value)).collect(),
                ));
            }
            None => {
                if let Some((_, values)) = pairs.last_mut() {
                    let value = line.trim();
                    let item = value.strip_prefix("- ").or_else(|| value.strip_prefix("name:"));
                    let item = item.map(|item| item.trim().strip_prefix("name:").unwrap_or(item));
                    match item {
                        Some(item) => values.push(unquoted(item)),
                        // A value may go on on the next lines.
                        None => match values.last_mut() {
                            Some(last) => last.push_str(&format!(" {value}")),
                            None => values.push(unquoted(value)),
                        },
                    }
                }
            }
        }
    }
    pairs
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            let doubled = format!("{quote}{quote}");
            return if quote == '"' { inner.replace("\\\"", "\"") } else { inner.replace(&doubled, "'") };
        }
    }
    // A comment follows white space.
    value.split(" #").next().unwrap_or(value).trim_end().to_owned()
}

fn toml(front: &str) -> Vec<(String, Vec<String>)> {
    let Ok(table) = front.parse::<toml::Table>() else { return Vec::new() };
    let of_one = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let values = |value: &toml::Value| match value {
        toml::Value::Array(list) => list.iter().map(of_one).collect(),
        one => vec![of_one(one)],
    };
    table.iter().map(|(key, value)| (key.to_lowercase(), values(value))).collect()
}

/// What the front matter says; other keys are added to `unused`.
fn meta(pairs: &[(String, Vec<String>)], unused: &mut Vec<String>) -> Meta {
    let mut meta = Meta::default();
    for (key, values) in pairs {
        let first = || values.first().map(|value| one_line(value));
        match key.as_str() {
            "title" => meta.title = first(),
            "author" | "authors" | "by" => meta.authors.extend(values.iter().map(|value| one_line(value))),
            "publisher" | "journal" | "site" | "container-title" => meta.publisher = first(),
            "date" | "published" | "issued" => {
                let day = |value: String| {
                    let day = value.split(['T', ' ']).next().unwrap_or_default().to_owned();
                    Date::parse(&day).map(|date| date.as_str().to_owned())
                };
                meta.date = first().and_then(day);
                if meta.date.is_none() {
                    unused.push(key.clone());
                }
            }
            "url" | "link" | "source" | "canonical" | "permalink"
                if first().is_some_and(|url| url.starts_with("http://") || url.starts_with("https://")) =>
            {
                meta.url = first();
            }
            "doi" => meta.doi = first().and_then(|doi| bare_doi(&doi)),
            "licence" | "license" | "rights" => meta.licence = first(),
            "lang" | "language" => meta.language = first().filter(|tag| is_language_tag(tag)),
            _ => unused.push(key.clone()),
        }
    }
    meta
}

/// The words of a heading at the start of the text, and where it ends.
fn first_heading(body: &str) -> Option<(String, usize)> {
    let mut events = markdown::events(body, 0);
    let (Event::Start(Tag::Heading { .. }), span) = events.next()? else { return None };
    let words: String = events
        .take_while(|(event, _)| !matches!(event, Event::End(_)))
        .filter_map(|(event, _)| match event {
            Event::Text(words) | Event::Code(words) => Some(words.into_string()),
            Event::SoftBreak => Some(" ".to_owned()),
            _ => None,
        })
        .collect();
    Some((one_line(&words), span.end))
}

/// The relative paths of the images in the text.
fn images(body: &str) -> Vec<String> {
    let mut found: Vec<String> = markdown::events(body, 0)
        .filter_map(|(event, _)| match event {
            Event::Start(Tag::Image { dest_url, .. }) => match link::parse(&dest_url) {
                Link::Inside { path, .. } => link::join("", &path).filter(|path| !path.is_empty()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// An image beside the file or in a folder there.
fn read_beside(received: &Received, path: &str) -> Option<Vec<u8>> {
    if path_error(path).is_some() || !super::links::is_image(path) {
        return None;
    }
    let folder = received.on_disk.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(std::path::Path::new(".")).canonicalize().ok()?;
    let file = folder.join(path).canonicalize().ok().filter(|file| file.starts_with(&folder))?;
    std::fs::read(file).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_in_yaml_and_toml_is_read() {
        for text in [
            "---\ntitle: 'A: b'\nauthors:\n  - Ann\n  - name: Ben\ndate: 2024-03-01 # day\ntags: [x]\n---\nbody",
            "+++\ntitle = \"A: b\"\nauthors = [\"Ann\", \"Ben\"]\ndate = 2024-03-01\ntags = []\n+++\nbody",
        ] {
            let (pairs, body) = split(text);
            let mut unused = Vec::new();
            let meta = meta(&pairs, &mut unused);
            assert_eq!(
                (meta.title.as_deref(), meta.date.as_deref(), body),
                (Some("A: b"), Some("2024-03-01"), "body")
            );
            assert_eq!(
                (meta.authors, unused),
                (vec!["Ann".to_owned(), "Ben".to_owned()], vec!["tags".to_owned()])
            );
        }
        assert_eq!(split("---\nno end").1, "---\nno end");
    }
}
