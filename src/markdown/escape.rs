//! Words as Markdown that reads as exactly these words.

/// Words within a line as Markdown.
pub fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 8);
    let mut chars = words.chars().peekable();
    while let Some(c) = chars.next() {
        // An ampersand alone is no reference to a character.
        let refers =
            c == '&' && chars.peek().is_some_and(|next| *next == '#' || next.is_ascii_alphanumeric());
        if refers || matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '~' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The same for words of a note, where an at sign cites.
pub fn escape_note(words: &str) -> String {
    escape(words).replace('@', "\\@")
}

/// A line that is already Markdown within, with what would make it a block of another kind escaped.
pub fn escape_start(line: &str) -> String {
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

/// A paragraph of words, one line for each of theirs.
pub fn paragraph(words: &str) -> String {
    let lines: Vec<String> = words
        .lines()
        .map(|line| escape_start(&escape(line.trim())))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// A run of back-ticks or tildes longer than any in `code`.
pub fn fence(code: &str, least: usize) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Words with all white space between them as one space.
pub fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::Event;

    use super::*;

    /// What a reader of the Markdown sees, and how many blocks it is.
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
    fn words_stay_words() {
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
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a", 3), "```");
        assert_eq!(fence("a ```` b", 1), "`````");
    }
}
