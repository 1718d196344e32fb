//! Law 9: cost is proportional to work. Each case is processed at one size and at four times that size, and
//! must not take much more than four times as long. It also must not overflow the stack of a rayon thread.
//!
//! The cost is the processor time of the thread, which other programs hardly affect. A case fails only if it
//! is too slow several times in a row.

use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::stage::{parse, read};

/// The stack size of a rayon thread.
const STACK: usize = 2 << 20;
/// The number of pieces in the smaller text.
const SIZE: usize = 1_000;
/// The factor by which the larger text is larger.
const GROWTH: usize = 4;
/// The maximum factor by which it may be slower. With quadratic cost it would be 16.
const MAX_GROWTH: u32 = 9;
/// Times below this are too short to compare.
const TOO_SHORT: Duration = Duration::from_millis(60);
/// The number of attempts for each case.
const TRIES: usize = 4;

/// Creates a text and a layer of the given number of pieces.
type Shape = fn(usize) -> (String, String);

fn text(text: String) -> (String, String) {
    (text, String::new())
}

/// One line for each number.
fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(|i| line(i) + "\n").collect()
}

/// A note with an id, attributes, and the text under its heading.
fn note(i: usize, attributes: &str, rest: &str) -> String {
    format!("## Note {i} {{#n{i} .marketing-claim {attributes}}}\n\n{rest}\n\nBody.\n")
}

/// A text of one sentence, and the given number of notes with a quote and a body made from their number.
fn bodies(n: usize, body: impl Fn(usize) -> String) -> (String, String) {
    ("one word".to_owned(), lines(n, |i| note(i, "", "> word").replace("Body.", &body(i))))
}

const MARKDOWN: &[(&str, Shape)] = &[
    ("words", |n| text("word ".repeat(n))),
    ("paragraphs", |n| text("word\n\n".repeat(n))),
    ("lines", |n| text("word\n".repeat(n))),
    ("hard breaks", |n| text("word\\\n".repeat(n))),
    ("brackets", |n| text("[".repeat(n))),
    ("brackets closed", |n| text("[".repeat(n) + &"]".repeat(n))),
    ("images unclosed", |n| text("![".repeat(n))),
    ("links unclosed", |n| text("[a](".repeat(n))),
    ("links", |n| text("[a](https://x.y) ".repeat(n))),
    ("links to nothing", |n| text("[a](b.md) ".repeat(n))),
    ("links to headings", |n| text("# A\n\n".to_owned() + &"[a](#a) ".repeat(n))),
    ("links to missing headings", |n| text(lines(n, |i| format!("[a](#a{i})")))),
    ("links defined", |n| text(lines(n, |i| format!("[a{i}]: /b{i}\n\n[a{i}]\n")))),
    ("images", |n| text("![a](b.png) ".repeat(n))),
    ("stars", |n| text("*a ".repeat(n))),
    ("stars closed", |n| text("*a ".repeat(n) + &"b* ".repeat(n))),
    ("stars mixed", |n| text("*a **b _c __d ".repeat(n))),
    ("emphasis", |n| text("*a* **b** ".repeat(n))),
    ("tildes", |n| text("~~a ".repeat(n))),
    ("back-ticks", |n| text("`a ``b ".repeat(n))),
    ("entities", |n| text("&amp; ".repeat(n))),
    ("angles", |n| text("<".repeat(n))),
    ("quotes nested", |n| text("> ".repeat(n) + "a")),
    ("quotes", |n| text("> a\n\n".repeat(n))),
    ("lists nested", |n| text("- ".repeat(n) + "a")),
    ("numbered lists nested", |n| text("1. ".repeat(n) + "a")),
    ("lists and quotes nested", |n| text("- > ".repeat(n) + "a")),
    ("items", |n| text("- a\n".repeat(n))),
    ("loose items", |n| text("- a\n\n".repeat(n))),
    ("items to do", |n| text("- [ ] a\n".repeat(n))),
    ("headings alike", |n| text("# A\n\n".repeat(n))),
    ("headings", |n| text(lines(n, |i| format!("## A {i}\n")))),
    ("rows", |n| text("|a|b|\n|-|-|\n".to_owned() + &"|c|d|\n".repeat(n))),
    ("columns", |n| text(["a|".repeat(n), "-|".repeat(n), "b|".repeat(n)].join("\n"))),
    ("tables", |n| text("|a|\n|-|\n|b|\n\n".repeat(n))),
    ("code", |n| text(format!("```\n{}```\n", "a\n".repeat(n)))),
    ("code indented", |n| text("    a\n\n".repeat(n))),
    ("code in colours", |n| text(format!("```rust\n{}```\n", "let x = 1; // a\n".repeat(n / 4)))),
    ("footnotes", |n| text(lines(n, |i| format!("a[^{i}]\n\n[^{i}]: b\n")))),
    ("footnotes without reference", |n| text(lines(n, |i| format!("[^{i}]: b\n")))),
    ("one footnote", |n| text("a[^1] ".repeat(n) + "\n\n[^1]: b\n")),
];

const HTML: &[(&str, Shape)] = &[
    ("elements unclosed", |n| text("<b>".repeat(n))),
    ("elements", |n| text("<b>a</b> ".repeat(n))),
    ("elements never opened", |n| text("a</b> ".repeat(n))),
    ("links of HTML unclosed", |n| text("<a href=\"#a\">a ".repeat(n))),
    ("blocks of HTML unclosed", |n| text("<div>\n".repeat(n))),
    ("lists of HTML unclosed", |n| text("<ul><li>\n".repeat(n))),
    ("blocks of HTML", |n| text("<div>\n\na\n\n</div>\n\n".repeat(n))),
    ("misnested", |n| text("<b>a<i>b</b>c</i> ".repeat(n))),
    ("tables of HTML nested", |n| text("<table><tr><td>".repeat(n))),
    ("words in tables of HTML", |n| text("<table>".to_owned() + &"a<tr>".repeat(n))),
    ("code of HTML", |n| text("<pre>\n\na\n</pre>\n\n".repeat(n))),
    ("comments unclosed", |n| text("a <!-- ".repeat(n))),
    ("ids alike", |n| text("<span id=\"a\">b</span> ".repeat(n))),
    ("breaks of HTML", |n| text("a<br>".repeat(n))),
];

const NOTES: &[(&str, Shape)] = &[
    ("notes", |n| (lines(n, |i| format!("word{i} x.")), lines(n, |i| note(i, "", &format!("> word{i} x"))))),
    ("notes on one word", |n| bodies(n, |_| "Body.".to_owned())),
    ("notes on one beginning", |n| {
        (lines(n, |i| format!("w{i}")), lines(n / 10, |i| note(i, "", &format!("> w0 […] w{i}"))))
    }),
    ("notes on the whole", |n| ("word ".repeat(n), note(0, "occurrence=1", "> word […] word"))),
    ("quotes of a note", |n| {
        (lines(n, |i| format!("word{i} x.")), note(0, "", &lines(n, |i| format!("> word{i} x\n"))))
    }),
    ("places of a quote", |n| ("word ".repeat(n), note(0, "occurrence=all", "> word"))),
    ("places of parts", |n| ("a b ".repeat(n), note(0, "occurrence=all", "> a […] b"))),
    ("parts of a quote", |n| ("a b ".repeat(n), note(0, "", &format!("> {}", "a […] ".repeat(n) + "b")))),
    ("notes with a number", |n| {
        ("word ".repeat(500), lines(n, |i| note(i, &format!("occurrence={}", i % 500 + 1), "> word")))
    }),
    ("notes not found", |n| {
        let found = |i| format!("word{i} stands here.");
        (lines(n, found), lines(n / 10, |i| note(i, "", &format!("> wird{i} stands here"))))
    }),
    ("notes in two places", |n| ("a word ".repeat(n), lines(n / 10, |i| note(i, "", "> a word")))),
    ("notes with footnotes", |n| bodies(n, |i| format!("Body[^{i}].\n\n[^{i}]: foot\n"))),
    ("notes without ids", |n| {
        ("one word".to_owned(), "## Quick {.marketing-claim}\n\n> word\n\nBody.\n\n".repeat(n))
    }),
    ("one long body", |n| ("one word".to_owned(), note(0, "", "> word") + &"A paragraph.\n\n".repeat(n))),
    ("citations", |n| ("one word".to_owned(), note(0, "", "> word") + &"[@key] ".repeat(n))),
    ("at signs", |n| ("one word".to_owned(), note(0, "", "> word") + &"[@ ".repeat(n))),
    ("links between notes", |n| bodies(n, |i| format!("[a](#n{})", n - 1 - i))),
    ("links to one note", |n| bodies(n, |_| "[a](#n0)".to_owned())),
    ("bold in a quote", |n| ("a b ".repeat(n), note(0, "", &format!("> {}", "a **b** ".repeat(n))))),
];

#[test]
fn cost_grows_with_the_markdown() {
    verify(MARKDOWN);
}

#[test]
fn cost_grows_with_the_html() {
    verify(HTML);
}

#[test]
fn cost_grows_with_the_notes() {
    verify(NOTES);
}

fn verify(shapes: &[(&str, Shape)]) {
    let slow = shapes.iter().filter_map(|(name, shape)| too_slow(*shape).map(|why| format!("{name}: {why}")));
    let slow: Vec<String> = slow.collect();
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

/// The cost of a case, if it is too high in every attempt.
fn too_slow(shape: Shape) -> Option<String> {
    // The first run also initializes lazy values.
    let mut small = cost(shape, SIZE);
    let mut large = cost(shape, SIZE * GROWTH);
    for _ in 0..TRIES {
        if large <= small * MAX_GROWTH + TOO_SHORT {
            return None;
        }
        small = small.max(cost(shape, SIZE));
        large = large.min(cost(shape, SIZE * GROWTH));
    }
    Some(format!("{small:?} for {SIZE}, {large:?} for {}", SIZE * GROWTH))
}

/// The processor time for processing a case.
fn cost(shape: Shape, size: usize) -> Duration {
    let (text, layer) = shape(size);
    let measured = move || {
        let start = clock_gettime(ClockId::ThreadCPUTime);
        let (source, text) = parse(&text);
        read(&source, &text, &layer, |reader, _| assert!(reader.html.len() >= text.html.html.len()));
        let end = clock_gettime(ClockId::ThreadCPUTime);
        Duration::try_from(end).unwrap_or_default() - Duration::try_from(start).unwrap_or_default()
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(measured).expect("a thread can be started");
    thread.join().expect("no shape makes the stages panic")
}
