//! Paths of the output: which names may be written, who claims them, and links between them.
//!
//! An output path is relative to the site's root, with `/` between names. Whatever system builds
//! a site, another may receive it, so a path is good only if every system can hold it. Knows
//! nothing of the disk.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::address::MARKER;
use crate::diagnostics::{Code, Diagnostic, Place};
use crate::html::scan;

/// The longest name that common file systems take, in bytes.
const LONGEST_NAME: usize = 255;

/// The paths claimed so far, and by whom.
#[derive(Debug, Default)]
pub struct Claims {
    /// By the path as [`folded`] sees it.
    files: BTreeMap<String, Claim>,
}

/// A path and what is written there.
#[derive(Debug)]
struct Claim {
    path: String,
    place: Place,
}

impl Claims {
    /// Claims `path` for what stands at `place`.
    ///
    /// Fails if some system cannot hold the path, or if it is taken: the same path but for case
    /// and Unicode form, or a file where the other needs a folder. Who came first keeps it.
    pub fn claim(&mut self, path: &str, place: Place) -> Result<(), Box<Diagnostic>> {
        if let Some(fault) = fault(path) {
            let message = format!("the output `{}` cannot be written: {fault}", shortened(path));
            return Err(Box::new(refusal(place, message)));
        }
        let key = folded(path);
        if key.split('/').next() == Some(MARKER) {
            let message =
                format!("the output `{path}` would replace `{MARKER}`, the mark of Postil's own folders");
            return Err(Box::new(refusal(place, message)));
        }
        if let Some(first) = self.rival(&key) {
            let error = refusal(place, clash(path, &first.path)).label(format!("wants `{path}`"));
            return Err(Box::new(error.related(first.place.clone(), format!("has `{}`", first.path))));
        }
        self.files.insert(key, Claim { path: path.to_owned(), place });
        Ok(())
    }

    /// Whether something is written to `path`, or to a folder above it.
    pub fn holds(&self, path: &str) -> bool {
        let key = folded(path);
        let mut above = key.match_indices('/').map(|(at, _)| &key[..at]);
        self.files.contains_key(&key) || above.any(|folder| self.files.contains_key(folder))
    }

    /// Who holds `key`, a folder above it, or something below it.
    fn rival(&self, key: &str) -> Option<&Claim> {
        let above = || key.match_indices('/').find_map(|(at, _)| self.files.get(&key[..at]));
        let below = || {
            let folder = format!("{key}/");
            let (found, claim) = self.files.range(folder.clone()..).next()?;
            found.starts_with(&folder).then_some(claim)
        };
        self.files.get(key).or_else(above).or_else(below)
    }
}

fn refusal(place: Place, message: String) -> Diagnostic {
    Diagnostic::error(Code::SitePath, place, message)
        .help("rename the file, the folder or the id it comes from")
}

/// Why the two paths cannot both be.
fn clash(path: &str, first: &str) -> String {
    if path == first {
        return format!("two outputs at `{path}`");
    }
    if folded(path) == folded(first) {
        return format!("the outputs `{path}` and `{first}` differ only in case or Unicode form");
    }
    let depth = |path: &str| path.matches('/').count();
    let (file, inner) = if depth(path) < depth(first) { (path, first) } else { (first, path) };
    format!("the output `{file}` is a file, and `{inner}` needs a folder of that name")
}

/// The path as the most forgiving file system compares it: NFC, and without case.
fn folded(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    path.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Why some system cannot hold a file at `path`, if so.
pub fn fault(path: &str) -> Option<String> {
    path.split('/').find_map(name_fault)
}

fn name_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a name in it is empty".to_owned());
    }
    if name == "." || name == ".." {
        return Some(format!("`{name}` leads to another folder"));
    }
    if name.len() > LONGEST_NAME {
        return Some(format!("`{}` is longer than {LONGEST_NAME} bytes", shortened(name)));
    }
    if let Some(c) = name.chars().find(|&c| c.is_control() || r#"<>:"\|?*"#.contains(c)) {
        return Some(format!("no name on Windows has `{}`", c.escape_debug()));
    }
    if name.ends_with(['.', ' ']) {
        return Some(format!("no name on Windows ends like `{name}`"));
    }
    is_device(name).then(|| format!("`{name}` is a device on Windows"))
}

/// Whether Windows takes `name` for a device; it looks only at what stands before the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    let is = |device: &str| stem.eq_ignore_ascii_case(device);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].into_iter().any(is) {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else { return false };
    let is_port = port.eq_ignore_ascii_case("COM") || port.eq_ignore_ascii_case("LPT");
    let mut digits = number.chars();
    is_port && matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

/// The beginning of a name that is too long to show.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

/// The link from the page at `from` to the file at `to`: relative, percent-encoded, naming a file.
pub fn relative(from: &str, to: &str) -> String {
    let shared = shared_folders(from, to);
    let up = from[shared..].matches('/').count();
    let mut link = String::with_capacity(3 * up + to.len() + 8);
    for _ in 0..up {
        link.push_str("../");
    }
    percent_encode(&mut link, &to[shared..]);
    link
}

/// The length of the folders that both paths begin with, the last `/` included.
fn shared_folders(from: &str, to: &str) -> usize {
    let same = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b);
    same.enumerate().filter(|(_, (byte, _))| *byte == b'/').last().map_or(0, |(at, _)| at + 1)
}

/// Adds `path` with every byte encoded that could mean something in a link or in markup, the
/// colon among them, which would make a scheme of a first name.
fn percent_encode(link: &mut String, path: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut copied = 0;
    while let Some(at) = first_encoded(&path.as_bytes()[copied..]).map(|at| copied + at) {
        // Every byte of a character that is no ASCII is encoded, so that what lies between is whole.
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
    fn different_paths_live_side_by_side() {
        let paths =
            ["index.html", "a/index.html", "a/b/index.html", "A/c.png", "ab", "a.b", "a-b", ".nojekyll"];
        assert_eq!(claim_all(&paths), Ok(()));
    }

    #[test]
    fn one_path_is_claimed_once() {
        let error = claim_all(&["a/index.html", "a/index.html"]).unwrap_err();
        assert_eq!(error.code, Code::SitePath);
        assert_eq!(error.message, "two outputs at `a/index.html`");
        assert_eq!(error.related[0].place.file.path, "for a/index.html");
    }

    #[test]
    fn case_and_unicode_form_do_not_tell_paths_apart() {
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
    fn a_file_is_no_folder() {
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
    fn who_came_first_keeps_the_path() {
        let mut claims = Claims::default();
        claims.claim("a", Place::of_path("one")).unwrap();
        claims.claim("A", Place::of_path("two")).unwrap_err();
        let error = claims.claim("a", Place::of_path("three")).unwrap_err();
        assert_eq!(error.related[0].place.file.path, "one");
    }

    #[test]
    fn the_marker_is_ours() {
        assert!(claim_all(&[".Postil"]).is_err());
        assert!(claim_all(&[".postil/a"]).is_err());
        assert!(claim_all(&["a/.postil"]).is_ok());
    }

    #[test]
    fn names_that_some_system_refuses() {
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
            assert!(fault(path).is_some(), "{path:?}");
            assert!(claim_all(&[path]).is_err(), "{path:?}");
        }
    }

    #[test]
    fn names_that_every_system_takes() {
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
            assert_eq!(fault(path), None, "{path:?}");
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
    fn links_keep_every_name() {
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
