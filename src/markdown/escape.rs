//! Escapes text for Markdown, so that it is rendered as exactly the same text.

/// Escapes inline text.
pub(crate) fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 8);
    let mut chars = words.chars().peekable();
    while let Some(c) = chars.next() {
        // An ampersand is escaped only if it could begin a character reference.
        let is_reference =
            c == '&' && chars.peek().is_some_and(|next| *next == '#' || next.is_ascii_alphanumeric());
        if is_reference || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '~' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Escapes inline text for a note, where an at sign would begin a citation.
pub(crate) fn escape_note(words: &str) -> String {
    escape(words).replace('@', "\\@")
}

/// Escapes the start of a line of Markdown that would begin another kind of block.
pub(crate) fn escape_start(line: &str) -> String {
    let mut chars = line.chars();
    match chars.next() {
        Some('#' | '-' | '+' | '=' | ':' | '>') => format!("\\{line}"),
        Some(c) if c.is_ascii_digit() => {
            let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, rest) = line.split_at(digits);
            let sign = rest.strip_prefix(['.', ')']);
            let is_list = sign.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
            if is_list { format!("{number}\\{rest}") } else { line.to_owned() }
        }
        _ => line.to_owned(),
    }
}

/// Escapes text as a paragraph, with the same lines.
pub(crate) fn paragraph(words: &str) -> String {
    let lines: Vec<String> = words
        .lines()
        .map(|line| escape_start(&escape(line.trim())))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// A run of at least `least` backticks that is longer than any in `code`.
pub(crate) fn fence(code: &str, least: usize) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Replaces each run of white space by a single space.
pub(crate) fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::Event;

    use super::*;

    /// The rendered text of the Markdown, and its number of blocks.
    fn read(markdown: &str) -> (String, usize) {
        let (mut words, mut blocks) = (String::new(), 0);
        for (event, _) in crate::markdown::events(markdown, 0) {
            match event {
                Event::Text(text) => words.push_str(&text),
                Event::SoftBreak => words.push('\n'),
                Event::Start(_) => blocks += 1,
                Event::End(_) => {}
                other => panic!("{markdown:?} is not plain: {other:?}"),
            }
        }
        (words, blocks)
    }

    #[test]
    fn escaped_text_is_rendered_as_plain_text() {
        for words in [
            "# no heading",
            "- no list",
            "+ no list",
            "1. no list",
            "12) no list",
            "> no quote",
            "---",
            "===",
            "***",
            "a | b\n- | -",
            "a\n:-:",
            "`code` *em* _em_ **b** ~~s~~",
            "[a](b) ![a](b) [a]: b [^a] [^a]: b [x]",
            "<b>a</b> <!-- a --> &amp; &#65; <https://a.b>",
            "~~~",
            "```",
            "a & b && c &d &",
            "a > b",
            "a\\\nb",
            "a\\*b",
            "[ ] task",
            "1986. A year",
            "2.1 no list",
            "+++",
        ] {
            assert_eq!(read(&paragraph(words)), (words.to_owned(), 1), "{:?}", paragraph(words));
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_code() {
        assert_eq!(fence("a", 3), "```");
        assert_eq!(fence("a ```` b", 1), "`````");
    }
}
