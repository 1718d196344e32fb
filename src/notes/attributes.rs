//! Reads attributes in Pandoc's syntax: `{#id .class key=value key="two words"}`.

use crate::diagnostics::FileSpan;

/// A piece of an attribute with its location in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text, without quotation marks.
    pub text: String,
    /// Its location.
    pub span: FileSpan,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// `#id`
    Id(Word),
    /// `.class`
    Class(Word),
    /// `key=value`
    Pair(Word, Word),
    /// Anything else: the text, what is wrong with it, and what to write instead.
    Malformed(Word, &'static str, &'static str),
}

/// The offset of the braces at the end of `line`, if they hold attributes.
///
/// Other braces are part of the title, as in `a set {1, 2}`.
pub(crate) fn find(line: &str) -> Option<usize> {
    let trimmed = line.trim_end();
    if !trimmed.ends_with('}') {
        return None;
    }
    let mut quoted = false;
    let mut open = None;
    for (at, c) in trimmed.char_indices() {
        match c {
            '"' if open.is_some() => quoted = !quoted,
            '{' if !quoted => open = Some(at),
            '}' if !quoted && at + 1 < trimmed.len() => open = None,
            _ => {}
        }
    }
    // An unclosed quotation mark hides the closing brace; assume the last opening brace.
    let start = open.or_else(|| trimmed.rfind('{'))?;
    let inner = trimmed[start + 1..trimmed.len() - 1].trim_start();
    (inner.is_empty() || inner.starts_with(['#', '.']) || inner.contains('=')).then_some(start)
}

/// The first braces anywhere in `line` that open with an id or a class.
pub(crate) fn find_inside(line: &str) -> Option<std::ops::Range<usize>> {
    let mut end = 0;
    line.split_inclusive('}').find_map(|part| {
        let start = end;
        end += part.len();
        let at = part.rfind('{')?;
        let name = part[at + 1..].trim_start().strip_prefix(['#', '.'])?;
        (part.ends_with('}') && name.starts_with(char::is_alphanumeric)).then_some(start + at..end)
    })
}

/// The offset of braces that open with an id or a class and are never closed.
pub(crate) fn find_unclosed(line: &str) -> Option<usize> {
    let at = line.rfind('{').filter(|&at| !line[at..].contains('}'))?;
    let name = line[at + 1..].trim_start().strip_prefix(['#', '.'])?;
    name.starts_with(char::is_alphanumeric).then_some(at)
}

/// Parses the attributes in `braces`, which begin with `{` at byte `base` of the file.
pub(crate) fn parse(braces: &str, base: usize) -> Vec<Attribute> {
    let end = braces.trim_end().strip_suffix('}').map_or(braces.len(), str::len);
    let mut reader = Reader { text: &braces[..end], at: 1.min(end), base };
    let mut attributes = Vec::new();
    while reader.skip_space() {
        attributes.push(reader.attribute());
    }
    attributes
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    base: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Skips white space; `false` at the end of the attributes.
    fn skip_space(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start().len();
        !self.rest().is_empty()
    }

    /// Consumes the next `len` bytes.
    fn take(&mut self, len: usize) -> Word {
        let text = self.rest()[..len].to_owned();
        let span = FileSpan::new(self.base + self.at, self.base + self.at + len);
        self.at += len;
        Word { text, span }
    }

    /// Consumes characters up to white space or one of `stops`.
    fn plain(&mut self, stops: &[char]) -> Word {
        let len =
            self.rest().find(|c: char| c.is_whitespace() || stops.contains(&c)).unwrap_or(self.rest().len());
        self.take(len)
    }

    fn attribute(&mut self) -> Attribute {
        let marker = self.rest().chars().next().unwrap_or_default();
        if matches!(marker, '#' | '.') {
            self.at += 1;
            let word = self.plain(&[]);
            return match (word.text.is_empty(), marker) {
                (true, _) => {
                    Attribute::Malformed(word, "missing name", "write it directly after the `#` or `.`")
                }
                (false, '#') => Attribute::Id(word),
                (false, _) => Attribute::Class(word),
            };
        }
        let key = self.plain(&['=']);
        if !self.rest().starts_with('=') {
            return Attribute::Malformed(key, "not an attribute", "use `#id`, `.kind` or `key=value`");
        }
        self.at += 1;
        match self.rest().chars().next() {
            Some('"') => self.quoted(key),
            Some(mark @ ('“' | '”' | '„')) => {
                let inner = &self.rest()[mark.len_utf8()..];
                let end = inner.char_indices().find(|(_, c)| matches!(c, '“' | '”' | '"'));
                let len = end.map_or(self.rest().len(), |(at, c)| mark.len_utf8() + at + c.len_utf8());
                let value = self.take(len);
                Attribute::Malformed(
                    value,
                    "curly quotation marks around a value",
                    "use straight ones: `\"…\"`",
                )
            }
            _ => {
                let value = self.plain(&[]);
                Attribute::Pair(key, value)
            }
        }
    }

    fn quoted(&mut self, key: Word) -> Attribute {
        self.at += 1;
        match self.rest().find('"') {
            Some(len) => {
                let value = self.take(len);
                self.at += 1;
                Attribute::Pair(key, value)
            }
            None => {
                let value = self.take(self.rest().len());
                Attribute::Malformed(value, "unclosed quotation mark", "add `\"` after the value")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(braces: &str) -> Vec<String> {
        parse(braces, 0)
            .into_iter()
            .map(|a| match a {
                Attribute::Id(w) => format!("#{}", w.text),
                Attribute::Class(w) => format!(".{}", w.text),
                Attribute::Pair(k, v) => format!("{}={}@{}", k.text, v.text, v.span.start),
                Attribute::Malformed(w, why, _) => format!("!{}: {why}", w.text),
            })
            .collect()
    }

    #[test]
    fn attributes_are_parsed_as_in_pandoc() {
        assert_eq!(format("{#a .b c=d e=\"f g\"}"), ["#a", ".b", "c=d@9", "e=f g@14"]);
        assert_eq!(format("{}"), [""; 0]);
        assert_eq!(format("{k=}"), ["k=@3"]);
    }

    #[test]
    fn malformed_attributes_are_reported() {
        for braces in ["{a}", "{#}", "{a=\"b}", "{a=“b”}"] {
            assert!(format(braces)[0].starts_with('!'), "{braces}");
        }
    }

    #[test]
    fn the_last_braces_of_a_line_are_the_attributes() {
        assert_eq!(find("A {b} {#c}"), Some(6));
        assert_eq!(find("A {1, 2}"), None);
        assert_eq!(find("A {#c} b"), None);
        assert_eq!(find("A {k=\"{x}\"}"), Some(2));
        assert_eq!(find_inside("A {1} {#c .d} b"), Some(6..13));
        assert_eq!(find_inside("A {#} {.} b"), None);
        // These run in linear time, however many braces are open.
        assert_eq!(find_inside(&"{#".repeat(1 << 20)), None);
        assert_eq!(find_inside(&format!("{}}}", "{#".repeat(1 << 20))), None);
    }
}
