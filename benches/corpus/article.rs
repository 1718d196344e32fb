//! A text of headings, paragraphs, lists and tables: its words in reading order, and its Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use super::prose::{Author, ProseStyle};
use super::random::Random;

/// The length of a text.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// A minimum number of words.
    Words(usize),
    /// A minimum number of bytes.
    Bytes(usize),
}

/// A text.
pub(crate) struct Article {
    /// Its title.
    pub(crate) title: String,
    /// Its prose style.
    pub(crate) prose: ProseStyle,
    /// Its words, in reading order.
    words: Vec<Word>,
    /// Its blocks, in order.
    blocks: Vec<Block>,
    bytes: usize,
}

/// A word, with the markup that opens before it and closes after it.
struct Word {
    text: String,
    before: &'static str,
    after: &'static str,
}

struct Block {
    form: Form,
    /// The ranges of its words, one for each paragraph, item or cell.
    runs: Vec<Range<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Heading(usize),
    Paragraph,
    List,
    Quotation,
    Table,
}

/// The number of columns in each table.
const COLUMNS: usize = 3;

/// Inline markup in paragraphs; without bold, which would mark the passage in a quote.
const INLINE: &[(&str, &str)] = &[
    ("*", "*"),
    ("[", "](https://example.org/articles/a-page-elsewhere)"),
    ("[", "](https://example.com/ \"A title\")"),
];

impl Article {
    /// Generates a text.
    pub(crate) fn write(prose: ProseStyle, length: Length, random: &mut Random) -> Self {
        let mut author = Author::new(prose);
        let title = author.phrase(random.within(3..=8), random).join(prose.joiner());
        let mut article = Self { title, prose, words: Vec::new(), blocks: Vec::new(), bytes: 0 };
        article.paragraph(Form::Paragraph, &mut author, random);
        while !article.reaches(length) {
            article.section(&mut author, random);
        }
        article
    }

    fn reaches(&self, length: Length) -> bool {
        match length {
            Length::Words(count) => self.words.len() >= count,
            Length::Bytes(count) => self.bytes >= count,
        }
    }

    fn section(&mut self, author: &mut Author, random: &mut Random) {
        let heading = author.phrase(random.within(2..=6), random);
        let run = self.run(heading);
        self.blocks.push(Block { form: Form::Heading(random.within(2..=3)), runs: vec![run] });
        for _ in 0..random.within(1..=2) {
            self.paragraph(Form::Paragraph, author, random);
        }
        if random.one_in(3) {
            let items = (0..random.within(3..=5)).map(|_| author.sentence(random)).collect();
            self.block(Form::List, items);
        }
        if random.one_in(6) {
            let cells = (0..COLUMNS * 4).map(|_| author.phrase(random.within(1..=3), random)).collect();
            self.block(Form::Table, cells);
        }
        if random.one_in(8) {
            self.paragraph(Form::Quotation, author, random);
        }
    }

    fn paragraph(&mut self, form: Form, author: &mut Author, random: &mut Random) {
        let sentences: Vec<_> = (0..random.within(3..=6)).map(|_| author.sentence(random)).collect();
        let run = self.run(sentences.concat());
        // Without spaces around it, an asterisk next to punctuation does not open emphasis.
        if self.prose != ProseStyle::Chinese {
            self.decorate(run.clone(), random);
        }
        self.blocks.push(Block { form, runs: vec![run] });
    }

    fn block(&mut self, form: Form, runs: Vec<Vec<String>>) {
        let runs = runs.into_iter().map(|words| self.run(words)).collect();
        self.blocks.push(Block { form, runs });
    }

    fn run(&mut self, words: Vec<String>) -> Range<usize> {
        let start = self.words.len();
        self.bytes += words.iter().map(|word| word.len() + self.prose.joiner().len()).sum::<usize>();
        self.words.extend(words.into_iter().map(|text| Word { text, before: "", after: "" }));
        start..self.words.len()
    }

    fn decorate(&mut self, run: Range<usize>, random: &mut Random) {
        let mut at = run.start + random.below(60);
        while at + 3 < run.end {
            let (before, after) = *random.pick(INLINE);
            let last = at + random.below(3);
            self.words[at].before = before;
            self.words[last].after = after;
            at = last + 20 + random.below(60);
        }
    }

    /// The ranges that notes can quote: paragraphs and list items.
    pub(crate) fn quotable(&self) -> Vec<Range<usize>> {
        let of_prose = |block: &&Block| !matches!(block.form, Form::Heading(_) | Form::Table);
        self.blocks.iter().filter(of_prose).flat_map(|block| block.runs.clone()).collect()
    }

    /// The words in `range`, without markup.
    pub(crate) fn words(&self, range: Range<usize>) -> impl Iterator<Item = &str> {
        self.words[range].iter().map(|word| word.text.as_str())
    }

    /// The reading text, and the range of each word in it.
    pub(crate) fn reading(&self) -> (String, Vec<Range<usize>>) {
        let mut reading = String::with_capacity(self.bytes);
        let mut places = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let start = reading.len();
            reading.push_str(&word.text);
            places.push(start..reading.len());
            reading.push_str(self.prose.joiner());
        }
        (reading, places)
    }

    /// The text in Markdown. `references` are footnotes, by the word that they follow.
    pub(crate) fn markdown(&self, references: &BTreeMap<usize, Vec<String>>) -> String {
        let mut out = Markdown { article: self, references, text: String::with_capacity(self.bytes * 9 / 8) };
        for block in &self.blocks {
            out.block(block);
        }
        out.text
    }
}

struct Markdown<'a> {
    article: &'a Article,
    references: &'a BTreeMap<usize, Vec<String>>,
    text: String,
}

impl Markdown<'_> {
    fn block(&mut self, block: &Block) {
        if block.form == Form::Table {
            return self.table(block);
        }
        for run in &block.runs {
            match block.form {
                Form::Heading(level) => self.text.extend(std::iter::repeat_n('#', level).chain([' '])),
                Form::List => self.text.push_str("- "),
                Form::Quotation => self.text.push_str("> "),
                Form::Paragraph | Form::Table => {}
            }
            self.run(run.clone());
            self.text.push('\n');
        }
        self.text.push('\n');
    }

    fn table(&mut self, block: &Block) {
        for (row, cells) in block.runs.chunks(COLUMNS).enumerate() {
            for cell in cells {
                self.text.push_str("| ");
                self.run(cell.clone());
                self.text.push(' ');
            }
            self.text.push_str("|\n");
            if row == 0 {
                self.text.push_str(&"| --- ".repeat(COLUMNS));
                self.text.push_str("|\n");
            }
        }
        self.text.push('\n');
    }

    fn run(&mut self, run: Range<usize>) {
        let mut open = false;
        let mut waiting = Vec::new();
        for at in run.clone() {
            let word = &self.article.words[at];
            if at > run.start {
                self.text.push_str(self.article.prose.joiner());
            }
            self.text.push_str(word.before);
            self.text.push_str(&word.text);
            self.text.push_str(word.after);
            open = (open || !word.before.is_empty()) && word.after.is_empty();
            waiting.extend(self.references.get(&at).into_iter().flatten());
            // A footnote inside a link would be a nested link.
            if !open {
                for label in waiting.drain(..) {
                    let _ = write!(self.text, "[^{label}]");
                }
            }
        }
    }
}
