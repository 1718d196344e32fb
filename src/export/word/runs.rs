//! Writes the contents of paragraphs: runs of text with one appearance, links, and the marks of notes.

use super::package::Story;
use crate::archive::Xml;

/// The appearance of a run of text.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub bold: bool,
    pub italic: bool,
    pub struck: bool,
    pub underlined: bool,
    pub small: bool,
    /// `superscript`, `subscript`, or empty.
    pub vertical: &'static str,
    /// The id of a character style, or empty.
    pub style: &'static str,
    /// The language, if it is not that of the document.
    pub language: String,
    pub rtl: bool,
    pub link: Option<Link>,
}

/// Where a link leads.
#[derive(Debug, Clone)]
pub(super) enum Link {
    /// To a URL: the id of its relationship.
    Outside(String),
    /// To a bookmark.
    Inside(String),
}

/// Writes runs into a story.
pub(super) struct Runs {
    story: Story,
    /// Whether the base direction of the paragraph is right to left.
    rtl: bool,
    in_paragraph: bool,
    /// Whether white space is dropped because no word stands before it in the line.
    at_start: bool,
    /// Whether the last character is a space.
    after_space: bool,
    /// White space that is written if a word follows.
    pending: Option<Run>,
    /// Line breaks of preformatted text that are written if a word follows.
    newlines: usize,
    bookmarks: Vec<(usize, String)>,
}

impl Runs {
    pub(super) fn new(story: Story, rtl: bool) -> Self {
        Self {
            story,
            rtl,
            in_paragraph: false,
            at_start: true,
            after_space: false,
            pending: None,
            newlines: 0,
            bookmarks: Vec::new(),
        }
    }

    pub(super) fn xml(&mut self) -> &mut Xml {
        &mut self.story.xml
    }

    pub(super) fn story(&mut self) -> &mut Story {
        &mut self.story
    }

    /// Writes into `story` from now on, and returns the story before.
    pub(super) fn swap_story(&mut self, story: Story) -> Story {
        std::mem::replace(&mut self.story, story)
    }

    pub(super) fn into_story(self) -> Story {
        self.story
    }

    pub(super) fn begin_paragraph(&mut self, rtl: bool) {
        self.rtl = rtl;
        self.in_paragraph = true;
        self.at_start = true;
        self.after_space = false;
        self.pending = None;
        self.newlines = 0;
        for (number, name) in std::mem::take(&mut self.bookmarks) {
            self.write_bookmark(number, &name);
        }
    }

    pub(super) fn end_paragraph(&mut self) {
        self.in_paragraph = false;
        self.story.xml.close();
    }

    /// Sets a bookmark here, or at the start of the next paragraph.
    pub(super) fn bookmark(&mut self, number: usize, name: String) {
        if self.in_paragraph {
            self.write_bookmark(number, &name);
        } else {
            self.bookmarks.push((number, name));
        }
    }

    fn write_bookmark(&mut self, number: usize, name: &str) {
        let id = number.to_string();
        self.story.xml.empty("w:bookmarkStart", &[("w:id", &id), ("w:name", name)]);
        self.story.xml.empty("w:bookmarkEnd", &[("w:id", &id)]);
    }

    /// Writes the white space before the next word.
    pub(super) fn before_words(&mut self) {
        if let Some(run) = self.pending.take()
            && !self.at_start
            && !self.after_space
        {
            self.write(" ", &run);
            self.after_space = true;
        }
    }

    /// Notes white space, which is written if a word follows.
    pub(super) fn space(&mut self, run: &Run) {
        if !self.at_start {
            self.pending.get_or_insert_with(|| run.clone());
        }
    }

    /// Writes text with its white space collapsed.
    pub(super) fn text(&mut self, words: &str, run: &Run) {
        self.before_words();
        let mut out = String::with_capacity(words.len());
        let mut space = false;
        for c in words.chars() {
            if c.is_ascii_whitespace() {
                space = true;
                continue;
            }
            if std::mem::take(&mut space) && !self.at_start && !self.after_space {
                out.push(' ');
            }
            out.push(c);
            (self.at_start, self.after_space) = (false, false);
        }
        if !out.is_empty() {
            self.write(&out, run);
        }
        if space {
            self.space(run);
        }
    }

    /// Writes the line breaks that are due before preformatted text.
    pub(super) fn before_preformatted(&mut self, piece: &str) {
        if piece.contains(|c| c != '\n') {
            for _ in 0..std::mem::take(&mut self.newlines) {
                self.story.xml.raw("<w:r><w:br/></w:r>");
            }
        }
    }

    /// Writes text with its white space as it is.
    pub(super) fn preformatted(&mut self, piece: &str, run: &Run) {
        let words = piece.trim_end_matches('\n');
        self.newlines += piece.len() - words.len();
        for (at, line) in words.split('\n').enumerate() {
            if at > 0 {
                self.story.xml.raw("<w:r><w:br/></w:r>");
            }
            if !line.is_empty() {
                self.write(line, run);
            }
        }
        self.at_start &= words.is_empty();
    }

    pub(super) fn line_break(&mut self) {
        self.pending = None;
        self.story.xml.raw("<w:r><w:br/></w:r>");
        self.at_start = true;
    }

    pub(super) fn comment_start(&mut self, id: usize) {
        self.story.xml.empty("w:commentRangeStart", &[("w:id", &id.to_string())]);
    }

    pub(super) fn comment_end(&mut self, id: usize) {
        let id = id.to_string();
        self.story.xml.empty("w:commentRangeEnd", &[("w:id", &id)]);
        self.mark("CommentReference", "w:commentReference", &[("w:id", &id)]);
    }

    pub(super) fn endnote(&mut self, id: usize) {
        self.mark("EndnoteReference", "w:endnoteReference", &[("w:id", &id.to_string())]);
    }

    /// Refers to a footnote for the first time.
    pub(super) fn footnote(&mut self, number: usize) {
        let (id, number) = ((FOOTNOTE_BOOKMARKS + number).to_string(), number.to_string());
        let name = format!("_RefFootnote{number}");
        self.story.xml.empty("w:bookmarkStart", &[("w:id", &id), ("w:name", &name)]);
        self.mark("FootnoteReference", "w:footnoteReference", &[("w:id", &number)]);
        self.story.xml.empty("w:bookmarkEnd", &[("w:id", &id)]);
    }

    /// Refers to a footnote again. Word allows one reference to each footnote, so this is a field with its number.
    pub(super) fn footnote_again(&mut self, number: usize) {
        let field = format!(" NOTEREF _RefFootnote{number} \\f \\h ");
        let xml = &mut self.story.xml;
        xml.open("w:fldSimple", &[("w:instr", &field)]);
        xml.raw("<w:r><w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr>");
        xml.element("w:t", &[], &number.to_string());
        xml.raw("</w:r>");
        xml.close();
        (self.at_start, self.after_space) = (false, false);
    }

    /// Writes the number at the start of a footnote or an endnote.
    pub(super) fn footnote_number(&mut self) {
        self.mark("FootnoteReference", "w:footnoteRef", &[]);
        self.story.xml.raw("<w:r><w:t xml:space=\"preserve\"> </w:t></w:r>");
        self.at_start = true;
    }

    /// Writes the mark at the start of an endnote.
    pub(super) fn endnote_number(&mut self) {
        self.mark("EndnoteReference", "w:endnoteRef", &[]);
        self.story.xml.raw("<w:r><w:t xml:space=\"preserve\"> </w:t></w:r>");
        self.at_start = true;
    }

    /// Writes the mark at the start of a comment.
    pub(super) fn comment_number(&mut self) {
        self.mark("CommentReference", "w:annotationRef", &[]);
        self.at_start = true;
    }

    /// Writes the words that stand for a picture that is missing.
    pub(super) fn alternative(&mut self, words: &str) {
        self.write(&format!("[{words}]"), &Run { style: "Alternative", ..Run::default() });
        (self.at_start, self.after_space) = (false, false);
    }

    /// Writes a picture.
    pub(super) fn drawing(&mut self, xml: &str) {
        self.story.xml.raw(xml);
        (self.at_start, self.after_space) = (false, false);
    }

    /// Writes a run that contains only a mark.
    fn mark(&mut self, style: &str, name: &str, attributes: &[(&str, &str)]) {
        let xml = &mut self.story.xml;
        xml.open("w:r", &[]);
        xml.open("w:rPr", &[]);
        xml.empty("w:rStyle", &[("w:val", style)]);
        xml.close();
        xml.empty(name, attributes);
        xml.close();
        if style != "CommentReference" {
            (self.at_start, self.after_space) = (false, false);
        }
    }

    /// Writes text, divided by the direction of its letters.
    fn write(&mut self, words: &str, run: &Run) {
        match &run.link {
            Some(Link::Outside(id)) => {
                self.story.xml.open("w:hyperlink", &[("r:id", id), ("w:history", "1")]);
            }
            Some(Link::Inside(name)) => {
                self.story.xml.open("w:hyperlink", &[("w:anchor", name), ("w:history", "1")]);
            }
            None => {}
        }
        let mut rtl = self.rtl || run.rtl;
        let mut rest = words;
        while !rest.is_empty() {
            let end = rest.char_indices().find(|(_, c)| is_rtl(*c).is_some_and(|of_char| of_char != rtl));
            let (piece, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            if !piece.is_empty() {
                self.write_piece(piece, run, rtl);
            }
            rest = after;
            rtl = !rtl;
        }
        if run.link.is_some() {
            self.story.xml.close();
        }
    }

    fn write_piece(&mut self, words: &str, run: &Run, rtl: bool) {
        let xml = &mut self.story.xml;
        xml.open("w:r", &[]);
        write_properties(xml, run, rtl);
        for (at, part) in words.split('\t').enumerate() {
            if at > 0 {
                xml.empty("w:tab", &[]);
            }
            if !part.is_empty() {
                xml.element("w:t", &[("xml:space", "preserve")], part);
            }
        }
        xml.close();
    }
}

/// The ids of bookmarks on footnotes begin after this number.
const FOOTNOTE_BOOKMARKS: usize = 1_000_000;

/// Writes the properties of a run, in the order of the schema (ECMA-376, part 1, 17.3.2.28).
fn write_properties(xml: &mut Xml, run: &Run, rtl: bool) {
    let style = match &run.link {
        Some(_) if run.style.is_empty() => "Hyperlink",
        _ => run.style,
    };
    xml.open("w:rPr", &[]);
    if !style.is_empty() {
        xml.empty("w:rStyle", &[("w:val", style)]);
    }
    for (is_set, names) in [
        (run.bold, &["w:b", "w:bCs"] as &[&str]),
        (run.italic, &["w:i", "w:iCs"]),
        (run.struck, &["w:strike"]),
    ] {
        names.iter().filter(|_| is_set).for_each(|name| xml.empty(name, &[]));
    }
    if run.small {
        xml.empty("w:sz", &[("w:val", "17")]);
        xml.empty("w:szCs", &[("w:val", "17")]);
    }
    if run.underlined {
        xml.empty("w:u", &[("w:val", "single")]);
    }
    if !run.vertical.is_empty() {
        xml.empty("w:vertAlign", &[("w:val", run.vertical)]);
    }
    if rtl {
        xml.empty("w:rtl", &[]);
    }
    if !run.language.is_empty() {
        let primary = run.language.split('-').next().unwrap_or_default();
        let attribute = match primary {
            "ja" | "ko" | "zh" => "w:eastAsia",
            _ if rtl => "w:bidi",
            _ => "w:val",
        };
        xml.empty("w:lang", &[(attribute, &run.language)]);
    }
    xml.close();
}

/// Whether a letter is written from right to left; `None` for characters without a direction of their own.
fn is_rtl(c: char) -> Option<bool> {
    match c {
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => Some(true),
        '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}' => Some(true),
        c if c.is_alphabetic() => Some(false),
        _ => None,
    }
}
