//! What a written link names: a place in the site, or an address outside.

use crate::html::sanitize::SCHEMES;

/// A link as it is written, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// An address with a scheme that may stand on a page.
    Outside(String),
    /// A file of the site, by a path from the file that names it, and a place in it.
    Inside {
        /// The path, decoded; empty for the file itself.
        path: String,
        /// The place, decoded; empty for the whole.
        fragment: String,
    },
    /// A path from the root of a host, or another host without a scheme.
    Hosted(String),
    /// An address that may not stand on a page.
    Refused,
}

/// Takes a link apart.
///
/// Control characters and white space at its ends are no part of an address: browsers drop them
/// (URL Standard, 4.4), and `java\nscript:` would pass for a path.
pub fn parse(written: &str) -> Link {
    let mut clean = written.trim().to_owned();
    clean.retain(|c| !c.is_control());
    if let Some(scheme) = scheme(&clean) {
        let allowed = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
        return if allowed { Link::Outside(clean) } else { Link::Refused };
    }
    if clean.starts_with(['/', '\\']) {
        return Link::Hosted(clean);
    }
    let (rest, fragment) = clean.split_once('#').unwrap_or((&clean, ""));
    let path = rest.split('?').next().unwrap_or_default();
    Link::Inside { path: decode(path), fragment: decode(fragment) }
}

fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let mut bytes = scheme.bytes();
    let begins = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    (begins && bytes.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))).then_some(scheme)
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The path that `relative` names from `folder`; `None` when it leads out of the site.
pub fn join(folder: &str, relative: &str) -> Option<String> {
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
    fn a_link_names_a_place_or_an_address() {
        let inside =
            |path: &str, fragment: &str| Link::Inside { path: path.into(), fragment: fragment.into() };
        assert_eq!(parse("a%20b.md#c"), inside("a b.md", "c"));
        assert_eq!(parse("#c"), inside("", "c"));
        assert_eq!(parse("HTTPS://x/y#z"), Link::Outside("HTTPS://x/y#z".into()));
        assert_eq!(parse("/a"), Link::Hosted("/a".into()));
        assert_eq!(parse("//host/a"), Link::Hosted("//host/a".into()));
    }

    #[test]
    fn no_address_that_runs_script_passes() {
        for bad in [
            "javascript:x",
            " JavaScript:x",
            "java\nscript:x",
            "\u{1}javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///x",
            "C:\\x",
        ] {
            assert_eq!(parse(bad), Link::Refused, "{bad:?}");
        }
    }

    #[test]
    fn a_path_cannot_leave_the_site() {
        assert_eq!(join("a/b", "../c.md").as_deref(), Some("a/c.md"));
        assert_eq!(join("a", "../../c.md"), None);
        assert_eq!(join("", "./x//y").as_deref(), Some("x/y"));
    }
}
