//! Random texts with every construct of Markdown, well-formed or not.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::hostile;

/// Words that are hard to compare, split or escape; plain ones repeat, so that quotes match several places.
const WORDS: &[&str] = &[
    "the",
    "the",
    "the",
    "cat",
    "cat",
    "sat",
    "on",
    "a",
    "a",
    "dose",
    "of",
    "one",
    "x",
    "and",
    "I",
    "1",
    "10",
    "0.1",
    "1,000",
    "1.",
    "50%",
    "½",
    "it’s",
    "it's",
    "“all”",
    "\"all\"",
    "«so»",
    "‹s›",
    "„q‟",
    "‚l‛",
    "a–b",
    "c—d",
    "e-f",
    "−5",
    "wait…",
    "wait...",
    "....",
    "naïve",
    "nai\u{308}ve",
    "e\u{301}",
    "e\u{323}\u{301}",
    "\u{301}",
    "\u{344}",
    "ﬁ",
    "İ",
    "ß",
    "ǆ",
    "中文",
    "日本語のテキスト",
    "한국어",
    "\u{1112}\u{1161}\u{11ab}",
    "क्षि",
    "น้ำ",
    "👩\u{200d}💻",
    "👍🏽",
    "🇩🇪",
    "🇩🇪🇫🇷🇩🇪",
    "1\u{fe0f}\u{20e3}",
    "❤\u{fe0f}",
    "𝐀",
    "שלום",
    "مرحبا",
    "\u{202e}abc\u{202c}",
    "so\u{ad}ft",
    "zero\u{200b}width",
    "word\u{2060}joiner",
    "\u{feff}",
    "non\u{200c}joiner",
    "a\u{200d}b",
    "a\u{a0}b",
    "\u{3000}",
    "\u{2009}",
    "\u{85}",
    "\u{2028}",
    "\u{c}",
    "\u{b}",
    "\u{1}",
    "\u{7f}",
    "\u{0}",
    "\u{fffd}",
    "\u{fffe}",
    "&amp;",
    "&lt;b&gt;",
    "&nbsp;",
    "&shy;",
    "a&#13;b",
    "a&#10;b",
    "&#0;",
    "&#x80;",
    "&copy;",
    "&hellip;",
    "&NotEqualTilde;",
];

/// Pieces that open, close, break and misuse every construct.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "\n\n",
    " ",
    " ",
    "    ",
    "\t",
    "  \n",
    "\\\n",
    "\r",
    "\r\n",
    "> ",
    "> ",
    "- ",
    "- ",
    "\n- ",
    "\n1. ",
    "\n\n  ",
    "2) ",
    "+ ",
    "# ",
    "## ",
    "\n###### ",
    "***",
    "**",
    "*",
    "_",
    "__",
    "`",
    "``",
    "\n```\n",
    "\n~~~ rust\n",
    "~~",
    "~",
    "[",
    "]",
    "[a]",
    "](",
    "](#x)",
    "(y)",
    "[^1]",
    "[^1]",
    "\n\n[^1]: ",
    "[^2]",
    "\n[a]: z 'w'\n",
    "![",
    "![a](b)",
    "<",
    "</",
    ">",
    "\n|a|b|\n|-|:-:|\n|c|d|\n",
    "|",
    "\n---\n",
    "\n===\n",
    "\n***\n",
    "- [ ] ",
    "- [x] ",
    "> [!NOTE]\n",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<div>",
    "\n<div>\n",
    "</div>",
    "<p>",
    "</p>",
    "<table>",
    "<tr><td>",
    "<td>",
    "<th>",
    "</table>",
    "<caption>",
    "<col>",
    "<pre>",
    "</pre>",
    "\n\n<pre>\n\n",
    "<a href=\"#x\">",
    "<a>",
    "</a>",
    "<mark>",
    "</mark>",
    "<mark class=\"note-ref\" data-notes=\"n1\">",
    "<li>",
    "<ul>",
    "</ul>",
    "<ol start=3>",
    "<br>",
    "<br/>",
    "<hr>",
    "<img src=x alt=y>",
    "<details><summary>",
    "<ruby>a<rt>b</ruby>",
    "<dl><dt>",
    "<dd>",
    "<h1>",
    "<h2 id=x>",
    "<span id=p-1>",
    "<span id=source>",
    "<q>",
    "<blockquote>",
    "<code>",
    "<sub>",
    "<section>",
    "<article>",
    "<nobr>",
    "<center>",
    "<select><option>",
    "<button>",
    "&",
    "&amp;",
    "&lt",
    "a&#13;b",
    "\\",
    "\\<",
    "\\*",
    "http://a.b",
    "<http://a.b>",
    "<a@b.c>",
    "{#x .y}",
    "+++\n",
    "the cat sat ",
    "the cat ",
    "the ",
    "a ",
    "x",
    "e",
    "\u{301}",
    "日本",
];

/// A random text.
pub(crate) fn text() -> BoxedStrategy<String> {
    let plain = document().boxed();
    let mixed = prop_oneof![3 => document(), 3 => soup(), 1 => hostile::text()];
    let endings = select(vec!["\n", "\n", "\n", "\r\n", "\r"]);
    let lines = (mixed, endings).prop_map(|(text, ending)| text.replace('\n', ending)).boxed();
    prop_oneof![2 => plain, 3 => lines].boxed()
}

/// Pieces in random order.
fn soup() -> BoxedStrategy<String> {
    vec(prop_oneof![4 => select(PIECES), 2 => select(WORDS)], 1..36)
        .prop_map(|pieces| pieces.concat())
        .boxed()
}

/// Well-formed blocks.
fn document() -> BoxedStrategy<String> {
    vec(block(), 1..6)
        .prop_map(|blocks| blocks.join("\n\n") + "\n\n[^n]: Note one.\n\n[ref]: #head \"title\"\n")
        .boxed()
}

fn word() -> BoxedStrategy<String> {
    prop_oneof![
        12 => select(WORDS).prop_map(str::to_owned),
        1 => "[a-z]{1,6}",
        1 => any::<char>().prop_filter("not a line break", |c| !matches!(c, '\n' | '\r')).prop_map(String::from),
    ]
    .boxed()
}

/// Words with markup, on one or more lines.
fn inline() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        10 => vec(word(), 1..5).prop_map(|words| words.join(" ")),
        1 => word().prop_map(|words| format!("`{words}`")),
        1 => word().prop_map(|words| format!("`` {words} ` ``")),
        1 => Just("[^n]".to_owned()),
        1 => Just("<http://a.b/?c=d&e>".to_owned()),
        1 => word().prop_map(|words| format!("![{words}](x.png \"t\")")),
        1 => select(vec!["a\nb", "a  \nb", "a\\\nb", "a<br>b", "a\n<br>\nb"]).prop_map(str::to_owned),
        1 => select(vec!["\\*", "*", "_", "[", "]", "<", "&", "`", "|", "\\|", "#", "~"]).prop_map(str::to_owned),
        1 => hostile::fragment(),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let several = vec(inner, 1..4).prop_map(|parts| parts.join(" ")).boxed();
        let wrap = select(vec![
            ("*", "*"),
            ("_", "_"),
            ("**", "**"),
            ("~~", "~~"),
            ("[", "](#head)"),
            ("[", "][ref]"),
            ("[", "](javascript:x)"),
            ("[", "](https://a.b 'title')"),
            ("<b>", "</b>"),
            ("<span title=\"a>b\">", "</span>"),
            ("<a href=\"#head\">", "</a>"),
            ("<mark>", "</mark>"),
            ("<ins>", ""),
            ("", "</em>"),
            ("(", ")"),
        ]);
        prop_oneof![1 => several.clone(), 3 => (wrap, several).prop_map(|((open, close), words)| format!("{open}{words}{close}"))]
    })
    .boxed()
}

/// A block, which may contain others.
fn block() -> BoxedStrategy<String> {
    let line = inline().prop_map(|words| words.replace('\n', " ")).boxed();
    let leaf = prop_oneof![
        6 => inline(),
        1 => (1_usize..7, line.clone()).prop_map(|(level, words)| format!("{} {words}", "#".repeat(level))),
        1 => line.clone().prop_map(|words| format!("{words}\n===")),
        1 => table(line.clone()),
        1 => (select(vec!["", "rust", "html", "nosuch \"x\""]), inline()).prop_map(|(language, code)| format!("```{language}\n{code}\n\nlet x = \"&\"; // <b>\n```")),
        1 => inline().prop_map(|code| format!("    {}", code.replace('\n', "\n    "))),
        1 => Just("---".to_owned()),
        1 => (select(vec!["div", "p", "table", "details", "section", "pre", "article"]), inline()).prop_map(|(name, words)| format!("<{name}>\n{words}\n</{name}>")),
        1 => hostile::fragment(),
        1 => inline().prop_map(|words| format!("[^unused]: {words}")),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let items =
            (vec(inner.clone(), 1..4), any::<bool>(), select(vec!["- ", "* ", "1. ", "7) ", "- [x] "]));
        prop_oneof![
            (vec(inner, 1..3)).prop_map(|blocks| indented("> ", "> ", &blocks.join("\n\n"))),
            items.prop_map(|(items, tight, marker)| {
                let items: Vec<String> = items.iter().map(|item| indented(marker, "  ", item)).collect();
                items.join(if tight { "\n" } else { "\n\n" })
            }),
        ]
    })
    .boxed()
}

fn table(cell: BoxedStrategy<String>) -> BoxedStrategy<String> {
    vec([cell.clone(), cell], 1..4)
        .prop_map(|rows| {
            let mut rows: Vec<String> = rows.iter().map(|[a, b]| format!("| {a} | {b} |")).collect();
            rows.insert(1, "|:-|-:|".to_owned());
            rows.join("\n")
        })
        .boxed()
}

/// Prefixes the first line of a block with `first` and the others with `rest`.
fn indented(first: &str, rest: &str, block: &str) -> String {
    format!("{first}{}", block.replace('\n', &format!("\n{rest}")))
}
