//! Output paths: which are valid, which are already claimed, and relative links between them.
//!
//! An output path is relative to the output folder, with `/` between names. A site may be copied to another system, so
//! a path is valid only if every common system can store it. Does not access the disk.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::address::MARKER;
use crate::diagnostics::{Code, Diagnostic, Place};
use crate::html::scan;

/// The longest name that common file systems can store, in bytes.
const MAX_NAME_LENGTH: usize = 255;

/// The output paths claimed so far.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// The claims, by the path after [`fold`].
    files: BTreeMap<String, Claim>,
}

/// A claimed path, and the place that it comes from.
#[derive(Debug)]
struct Claim {
    path: String,
    place: Place,
}

impl Claims {
    /// Claims `path` for an output that comes from `place`.
    ///
    /// Fails if the path is not valid on every system, or conflicts with an earlier claim: the same path but for case
    /// and Unicode form, or a file where the other path needs a folder. The earlier claim is kept.
    pub(crate) fn claim(&mut self, path: &str, place: Place) -> Result<(), Box<Diagnostic>> {
        if let Some(reason) = path_error(path) {
            let message = format!("cannot write the output `{}`: {reason}", shorten(path));
            return Err(Box::new(error(place, message)));
        }
        let key = fold(path);
        if key.split('/').next() == Some(MARKER) {
            let message =
                format!("the output `{path}` would overwrite `{MARKER}`, which marks output folders");
            return Err(Box::new(error(place, message)));
        }
        if let Some(first) = self.conflicting(&key) {
            let error =
                error(place, describe_conflict(path, &first.path)).label(format!("produces `{path}`"));
            return Err(Box::new(error.related(first.place.clone(), format!("produces `{}`", first.path))));
        }
        self.files.insert(key, Claim { path: path.to_owned(), place });
        Ok(())
    }

    /// Whether `path` is claimed, or one of its parent folders is claimed as a file.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let key = fold(path);
        let mut parents = key.match_indices('/').map(|(at, _)| &key[..at]);
        self.files.contains_key(&key) || parents.any(|folder| self.files.contains_key(folder))
    }

    /// The claim on `key`, on one of its parents, or on a path below it.
    fn conflicting(&self, key: &str) -> Option<&Claim> {
        let parent = || key.match_indices('/').find_map(|(at, _)| self.files.get(&key[..at]));
        let child = || {
            let folder = format!("{key}/");
            let (found, claim) = self.files.range(folder.clone()..).next()?;
            found.starts_with(&folder).then_some(claim)
        };
        self.files.get(key).or_else(parent).or_else(child)
    }
}

fn error(place: Place, message: String) -> Diagnostic {
    Diagnostic::error(Code::SitePath, place, message)
        .help("rename the file, the folder or the id it comes from")
}

/// The message for two paths that cannot both be written.
fn describe_conflict(path: &str, first: &str) -> String {
    if path == first {
        return format!("two outputs at `{path}`");
    }
    if fold(path) == fold(first) {
        return format!("the outputs `{path}` and `{first}` differ only in case or Unicode form");
    }
    let depth = |path: &str| path.matches('/').count();
    let (file, inner) = if depth(path) < depth(first) { (path, first) } else { (first, path) };
    format!("the output `{file}` is a file, and `{inner}` needs a folder of that name")
}

/// The form in which paths are compared: NFC and without case, since some file systems ignore both differences.
fn fold(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    path.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// The reason why some system cannot store a file at `path`; `None` if all can.
pub(crate) fn path_error(path: &str) -> Option<String> {
    path.split('/').find_map(name_error)
}

fn name_error(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it contains an empty name".to_owned());
    }
    if name == "." || name == ".." {
        return Some(format!("`{name}` leads to another folder"));
    }
    if name.len() > MAX_NAME_LENGTH {
        return Some(format!("`{}` is longer than {MAX_NAME_LENGTH} bytes", shorten(name)));
    }
    if let Some(c) = name.chars().find(|&c| c.is_control() || r#"<>:"\|?*"#.contains(c)) {
        return Some(format!("Windows does not allow `{}` in names", c.escape_debug()));
    }
    if name.ends_with(['.', ' ']) {
        return Some(format!("Windows does not allow a name to end in a dot or a space: `{name}`"));
    }
    is_device(name).then(|| format!("`{name}` is a reserved name on Windows"))
}

/// Whether `name` is a device on Windows, which ignores everything from the first dot on: `nul.txt` is `NUL`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    let is_named = |device: &str| stem.eq_ignore_ascii_case(device);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].into_iter().any(is_named) {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else { return false };
    let is_port = port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT");
    let mut digits = number.chars();
    is_port && matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

/// The first 80 characters of a name, for messages.
fn shorten(name: &str) -> String {
    match name.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

/// The relative, percent-encoded link from the page at `from` to the file at `to`.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let shared = shared_folders(from, to);
    let up = from[shared..].matches('/').count();
    let mut link = String::with_capacity(3 * up + to.len() + 8);
    for _ in 0..up {
        link.push_str("../");
    }
    percent_encode(&mut link, &to[shared..]);
    link
}

/// The length in bytes of the folders that both paths begin with, including the last `/`.
fn shared_folders(from: &str, to: &str) -> usize {
    let same = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b);
    same.enumerate().filter(|(_, (byte, _))| *byte == b'/').last().map_or(0, |(at, _)| at + 1)
}

/// Appends `path` to `link`, and percent-encodes every byte that has a meaning in URLs or in HTML. A colon is encoded
/// too, because the text before it would be read as a scheme.
fn percent_encode(link: &mut String, path: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut copied = 0;
    while let Some(at) = first_encoded(&path.as_bytes()[copied..]).map(|at| copied + at) {
        // All bytes of a non-ASCII character are encoded, so what is copied between them is valid UTF-8.
        link.push_str(path.get(copied..at).unwrap_or_default());
        let byte = path.as_bytes()[at];
        link.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        copied = at + 1;
    }
    link.push_str(path.get(copied..).unwrap_or_default());
}

fn first_encoded(path: &[u8]) -> Option<usize> {
    let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10;
    let is_sign =
        |byte: u8| (byte == b'/') | (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~');
    scan::first(path, |byte| !(is_letter(byte) | is_digit(byte) | is_sign(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim_all(paths: &[&str]) -> Result<(), Box<Diagnostic>> {
        let mut claims = Claims::default();
        paths.iter().try_for_each(|path| claims.claim(path, Place::of_path(format!("for {path}"))))
    }

    #[test]
    fn different_paths_do_not_conflict() {
        let paths =
            ["index.html", "a/index.html", "a/b/index.html", "A/c.png", "ab", "a.b", "a-b", ".nojekyll"];
        assert_eq!(claim_all(&paths), Ok(()));
    }

    #[test]
    fn a_path_cannot_be_claimed_twice() {
        let error = claim_all(&["a/index.html", "a/index.html"]).unwrap_err();
        assert_eq!(error.code, Code::SitePath);
        assert_eq!(error.message, "two outputs at `a/index.html`");
        assert_eq!(error.related[0].place.file.path, "for a/index.html");
    }

    #[test]
    fn paths_that_differ_in_case_or_unicode_form_conflict() {
        for [a, b] in [
            ["Claims/index.html", "claims/index.html"],
            ["caf\u{e9}.png", "cafe\u{301}.png"],
            ["ΣΊΣΥΦΟΣ", "σίσυφος"],
            ["İ", "i\u{307}"],
            ["Ångström", "a\u{30a}ngström"],
        ] {
            let error = claim_all(&[a, b]).unwrap_err();
            assert!(error.message.contains("differ only in case"), "{}", error.message);
            assert!(error.message.contains(a) && error.message.contains(b), "{}", error.message);
        }
    }

    #[test]
    fn a_file_conflicts_with_a_folder() {
        for paths in [["A", "a/b/c"], ["a/b/c", "A"], ["x/a/b", "x/a"]] {
            let error = claim_all(&paths).unwrap_err();
            let (file, inner) =
                if paths[0].len() < paths[1].len() { (paths[0], paths[1]) } else { (paths[1], paths[0]) };
            let message = format!("the output `{file}` is a file, and `{inner}` needs a folder of that name");
            assert_eq!(error.message, message);
            assert_eq!(error.related[0].place.file.path, format!("for {}", paths[0]));
        }
    }

    #[test]
    fn the_first_claim_is_kept() {
        let mut claims = Claims::default();
        claims.claim("a", Place::of_path("one")).unwrap();
        claims.claim("A", Place::of_path("two")).unwrap_err();
        let error = claims.claim("a", Place::of_path("three")).unwrap_err();
        assert_eq!(error.related[0].place.file.path, "one");
    }

    #[test]
    fn the_marker_cannot_be_claimed() {
        assert!(claim_all(&[".Postil"]).is_err());
        assert!(claim_all(&[".postil/a"]).is_err());
        assert!(claim_all(&["a/.postil"]).is_ok());
    }

    #[test]
    fn names_that_some_system_refuses_are_invalid() {
        let long = "é".repeat(128);
        for path in [
            "",
            "/a",
            "a/",
            "a//b",
            ".",
            "a/../b",
            "..",
            "a/.",
            "con",
            "CON.html",
            "a/nul.tar.gz/b",
            "Com1",
            "lpt9.x",
            "COM²",
            "aux .txt",
            "conin$",
            "a.",
            "a ",
            "a./b",
            "a:b",
            "a\\b",
            "a?b",
            "a*",
            "<a",
            "a>",
            "\"",
            "a|b",
            "a\nb",
            "a\u{7f}",
            &long,
        ] {
            assert!(path_error(path).is_some(), "{path:?}");
            assert!(claim_all(&[path]).is_err(), "{path:?}");
        }
    }

    #[test]
    fn names_that_every_system_accepts_are_valid() {
        let long = "é".repeat(127);
        for path in [
            "a",
            ".a",
            "a b",
            " a",
            "console",
            "COM",
            "com10",
            "conf.d/nullable",
            "日本語/ñ.html",
            "a.b.c",
            "…",
            &long,
        ] {
            assert_eq!(path_error(path), None, "{path:?}");
        }
    }

    #[test]
    fn links_go_up_and_down() {
        for (from, to, link) in [
            ("a/b/index.html", "claims/index.html", "../../claims/index.html"),
            ("index.html", "a/index.html", "a/index.html"),
            ("a/index.html", "index.html", "../index.html"),
            ("a/index.html", "a/index.html", "index.html"),
            ("a/index.html", "a/b.png", "b.png"),
            ("ab/index.html", "ac/index.html", "../ac/index.html"),
            ("a/b/x.html", "a/c/y.html", "../c/y.html"),
            ("a/b", "a/b/c", "b/c"),
            ("a/b/c", "a/b", "../b"),
        ] {
            assert_eq!(relative(from, to), link, "{from} to {to}");
        }
    }

    #[test]
    fn links_are_percent_encoded() {
        for (to, link) in [
            ("what?.html", "what%3F.html"),
            ("a#b", "a%23b"),
            ("50%", "50%25"),
            ("two words", "two%20words"),
            ("é", "%C3%A9"),
            ("javascript:alert", "javascript%3Aalert"),
            ("\"'<&>", "%22%27%3C%26%3E"),
        ] {
            assert_eq!(relative("index.html", to), link);
            assert_eq!(relative("é/日本/index.html", &format!("é/x/{to}")), format!("../x/{link}"));
        }
    }
}
