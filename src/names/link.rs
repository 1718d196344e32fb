//! Parses a link as it is written in Markdown: a path in the site, or a URL elsewhere.

use crate::html::sanitize::SCHEMES;

/// A parsed link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// A URL with an allowed scheme, such as `https://example.org`.
    Outside(String),
    /// A file of the site and a place in it, such as `other.md#id`.
    Inside {
        /// The percent-decoded path, relative to the linking file; empty for that file itself.
        path: String,
        /// The percent-decoded fragment; empty if there is none.
        fragment: String,
    },
    /// A path from the root of the host, `/a`, or a URL without a scheme, `//host/a`.
    Hosted(String),
    /// A URL whose scheme is not allowed, such as `javascript:`.
    Refused,
}

/// Parses a link.
///
/// White space at both ends and all control characters are removed first, as browsers do (URL Standard, section 4.4);
/// otherwise `java\nscript:` would be taken for a path.
pub(crate) fn parse(written: &str) -> Link {
    let mut clean = written.trim().to_owned();
    clean.retain(|c| !c.is_control());
    if let Some(scheme) = scheme(&clean) {
        let allowed = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
        return if allowed { Link::Outside(encode(&clean)) } else { Link::Refused };
    }
    if clean.starts_with(['/', '\\']) {
        return Link::Hosted(clean);
    }
    let (rest, fragment) = clean.split_once('#').unwrap_or((&clean, ""));
    let path = rest.split('?').next().unwrap_or_default();
    Link::Inside { path: decode(path), fragment: decode(fragment) }
}

/// Percent-encodes the characters that people paste into links but that URLs cannot have (URL Standard, section 4.3).
/// Square brackets are kept in a host, where they enclose an IPv6 address.
fn encode(address: &str) -> String {
    let path = address.find("//").map_or(0, |start| {
        let host = start + 2;
        address[host..].find(['/', '?', '#']).map_or(address.len(), |end| host + end)
    });
    let mut out = address[..path].to_owned();
    for c in address[path..].chars() {
        match c {
            '[' | ']' | '\\' | '^' | '`' | '{' | '|' | '}' | '<' | '>' | '"' | ' ' => {
                out.push_str(percent_encoding::percent_encode_byte(c as u8));
            }
            c => out.push(c),
        }
    }
    out
}

/// The scheme of an absolute URL, without the colon.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let mut bytes = scheme.bytes();
    let starts_with_letter = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    (starts_with_letter && bytes.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))).then_some(scheme)
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Resolves `relative` against `folder`; `None` if it leads out of the site.
pub(crate) fn join(folder: &str, relative: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in relative.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_paths_or_urls() {
        let inside =
            |path: &str, fragment: &str| Link::Inside { path: path.into(), fragment: fragment.into() };
        assert_eq!(parse("a%20b.md#c"), inside("a b.md", "c"));
        assert_eq!(parse("#c"), inside("", "c"));
        assert_eq!(parse("HTTPS://x/y#z"), Link::Outside("HTTPS://x/y#z".into()));
        assert_eq!(
            parse("https://[::1]/a[b]?c=\\d|e#f^"),
            Link::Outside("https://[::1]/a%5Bb%5D?c=%5Cd%7Ce#f%5E".into())
        );
        assert_eq!(parse("/a"), Link::Hosted("/a".into()));
        assert_eq!(parse("//host/a"), Link::Hosted("//host/a".into()));
    }

    #[test]
    fn urls_that_run_scripts_are_refused() {
        for url in [
            "javascript:x",
            " JavaScript:x",
            "java\nscript:x",
            "\u{1}javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///x",
            "C:\\x",
        ] {
            assert_eq!(parse(url), Link::Refused, "{url:?}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_site() {
        assert_eq!(join("a/b", "../c.md").as_deref(), Some("a/c.md"));
        assert_eq!(join("a", "../../c.md"), None);
        assert_eq!(join("", "./x//y").as_deref(), Some("x/y"));
    }
}
