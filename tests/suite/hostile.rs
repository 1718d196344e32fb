//! Tests with hostile or broken sites: the result must be a clear error or harmless output, never a panic or
//! a partial site.

use std::fmt::Write as _;
use std::process::Command;

use crate::harness::{Options, POSTIL, Report, Run, Site, library, postil, read, tree};
use scraper::{ElementRef, Html};

/// Raw HTML that has run scripts in some browser or sanitizer, from the lists of OWASP and Cure53 and from
/// bug reports.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<script src=https://evil.example/x.js></script>",
    "<ScRiPt\n>alert(1)</sCrIpT >",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror=\"alert(1)\" srcset=\"https://evil.example/1.png 2x\">",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=\"https://evil.example\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object><embed src=\"javascript:alert(1)\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" java&#10;script:alert(1)\">x</a>",
    "<a href=\"&#x6A;avascript&colon;alert(1)\">x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"vbscript:x\" target=_blank>x</a>",
    "<form action=\"javascript:alert(1)\"><button formaction=\"javascript:alert(1)\">x</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<body onload=alert(1)><html onclick=alert(1)>",
    "<base href=\"https://evil.example/\"><meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=https://evil.example/x.css><style>@import 'https://evil.example/x.css'</style>",
    "<p style=\"background:url(https://evil.example/x.png)\">x</p>",
    "</article></main></body></html><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<!-- <script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    "<textarea><script>alert(1)</script>",
    "<title><script>alert(1)</script>",
    "<select><style></select><script>alert(1)</script>",
    "<plaintext><script>alert(1)</script>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<p id=\"x\"onclick=\"alert(1)\"class='y'onmouseover='alert(1)'>x",
    "<a title=\"`><img src=x onerror=alert(1)>\">x</a>",
    "[x](javascript:alert%281%29)",
    "[x](JaVaScRiPt:alert%281%29)",
    "[x](<java\tscript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert%281%29) ![x](https://evil.example/pixel.png) ![\"><script>alert(1)</script>](a.png)",
    "[x](https://example.org/\"onmouseover=\"alert(1) \"title\\\" onclick=alert(1)\")",
    "<javascript:alert(1)> <https://example.org/\"onclick=alert(1)>",
    "```\"><script>alert(1)</script>\nx\n```",
    "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: x",
    "| a\"><script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
];

/// Asserts that no page of the site, and no HTML in its annotations, can run scripts or load external
/// resources.
fn assert_harmless(site: &Site) {
    let mut pages = 0;
    for (path, bytes) in tree(&site.at("public")) {
        let text = || String::from_utf8(bytes.clone()).unwrap();
        if path.ends_with(".html") {
            pages += 1;
            assert!(!bytes.contains(&0), "{path} has a NUL byte");
            let page = Html::parse_document(&text());
            page.root_element().descendent_elements().for_each(|element| assert_element(element, &path));
            let data = text().matches("<script type=\"application/ld+json\">").count();
            let scripts = text().matches("<script").count() - data;
            assert!(scripts <= 2 && data <= 1, "{path} has {scripts} scripts and {data} of data");
        } else if path.ends_with(".jsonld") {
            let value: serde_json::Value = serde_json::from_str(&text()).unwrap();
            // The collection of the whole site has its notes on separate pages.
            let items = value["first"]["items"].as_array().or_else(|| value["items"].as_array());
            for item in items.unwrap_or(&Vec::new()) {
                for body in
                    item["body"].as_array().unwrap().iter().filter(|body| body["format"] == "text/html")
                {
                    let html = Html::parse_fragment(body["value"].as_str().unwrap());
                    html.root_element()
                        .descendent_elements()
                        .for_each(|element| assert_element(element, &path));
                }
            }
        }
    }
    assert!(pages > 0, "nothing was built");
}

fn assert_element(element: ElementRef<'_>, path: &str) {
    let html = element.html();
    let shown = html.get(..200).unwrap_or(&html);
    let name = element.value().name();
    let of_theme = |src: &str| {
        ["script.js", "page.js", "search.js"].iter().any(|file| src.ends_with(&format!("_theme/{file}")))
    };
    let is_index = |src: &str| path == "search/index.html" && src.starts_with("../_search/");
    let own_script =
        name == "script" && element.attr("src").is_some_and(|src| of_theme(src) || is_index(src));
    // JSON-LD is not executed, as long as it is valid JSON and cannot end the script element.
    let is_data = || {
        let data: String = element.text().collect();
        serde_json::from_str::<serde_json::Value>(&data).is_ok() && !data.contains(['<', '>', '&'])
    };
    let own_script =
        own_script || (name == "script" && element.attr("type") == Some("application/ld+json") && is_data());
    let banned = [
        "script",
        "iframe",
        "object",
        "embed",
        "base",
        "frame",
        "style",
        "applet",
        "mglyph",
        "malignmark",
        "annotation-xml",
    ];
    assert!(own_script || !banned.contains(&name), "{path} has {shown}");
    assert!(element.attr("http-equiv").is_none_or(|value| value != "refresh"), "{path} has {shown}");
    for (key, value) in element.value().attrs() {
        assert!(
            !key.starts_with("on") && key != "style" && key != "srcdoc" && key != "formaction",
            "{path} has {shown}"
        );
        if matches!(key, "href" | "src" | "action" | "xlink:href" | "data") {
            let bare: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
            let scheme = bare.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
            let scheme = scheme
                .filter(|scheme| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
            let links =
                name == "a" || element.attr("rel").is_some_and(|rel| rel == "canonical" || rel == "license");
            let good = match scheme.as_deref() {
                None => !bare.starts_with("//"),
                Some(scheme) => links && ["http", "https", "mailto", "tel", "doi", "urn"].contains(&scheme),
            };
            assert!(good, "{path} has {shown}");
        }
    }
}

/// Builds a site, drafts included, and checks that it was published if and only if there are no errors.
#[track_caller]
fn build(site: &Site) -> Report {
    let report = site.build_with(Options { drafts: true, ..Options::default() });
    assert_eq!(report.published.is_some(), report.errors == 0, "{}", beginning(&report));
    report
}

fn beginning(report: &Report) -> String {
    report.text.chars().take(2000).collect()
}

/// Builds, and expects an error with these words and an unchanged folder.
#[track_caller]
fn refused(site: &Site, words: &str) -> Report {
    let report = build(site).fails();
    assert!(report.text.contains(words), "{}", beginning(&report));
    assert!(!site.at("public").exists(), "the site was published");
    assert!(
        !site.names().iter().any(|name| name.contains("postil-")),
        "a staging folder was left behind: {:?}",
        site.names()
    );
    report
}

#[test]
fn raw_html_in_a_text_runs_no_script() {
    for attack in ATTACKS {
        let site = Site::small(&[(
            "sources/a.md",
            &format!("The quick brown fox.\n\n{attack}\n\ninline {attack} end\n\nThe last words.\n"),
        )]);
        build(&site).succeeds();
        assert_harmless(&site);
        // An unclosed comment extends to the end of the text (CommonMark, 4.6).
        let open = attack.starts_with("<!-- ") && !attack.contains("-->");
        assert!(
            open || site.read("public/a/index.html").contains("The last words."),
            "{attack} hides the text after it"
        );
    }
}

#[test]
fn raw_html_in_notes_and_pages_runs_no_script() {
    for attack in ATTACKS {
        let page = format!("{attack}\n\nThe last words.\n");
        let site = Site::small(&[
            (
                "annotations/a.md",
                &format!(
                    "+++\nauthor = {attack:?}\n+++\n\n{attack}\n\n## {} {{#quick .marketing-claim tags=\"<script>\"}}\n\n> quick brown\n\n{attack}\n\nThe last words.\n",
                    attack.lines().next().unwrap()
                ),
            ),
            ("annotations/_index.md", &page),
            ("annotations/_pages/about.md", &page),
        ]);
        // A disallowed link is an error in a note; everything else is sanitized.
        if build(&site).errors == 0 {
            assert_harmless(&site);
            let notes = site.read("public/a/index.html").matches("id=\"note-quick\"").count();
            assert_eq!(notes, 1, "{attack} hides the note");
            let page = site.read("public/a/index.html");
            assert!(page.contains("The last words."), "{attack} hides the text after it");
        }
    }
}

#[test]
fn values_of_front_matter_are_escaped() {
    let attack = "\\\"><script>alert(1)</script><img src=x onerror='alert(1)'>";
    let site = Site::small(&[
        (
            "site.toml",
            &format!(
                "title = \"{attack}\"\ndescription = \"{attack}\"\nauthors = [\"{attack}\"]\nversion = \"{attack}\"\nnotice = \"{attack}\"\nlicence = \"CC-{attack}-4.0\"\ncontact = \"javascript:alert(1)\"\n[[kinds]]\nid = \"marketing-claim\"\nlabel = \"{attack}\"\nplural = \"{attack}\"\nregister = \"claims\"\nsymbol = \"</style>\"\nverdicts = [{{ id = \"v\", label = \"{attack}\" }}]\n"
            ),
        ),
        (
            "sources/a.md",
            &format!(
                "+++\ntitle = \"{attack}\"\nauthor = \"{attack}\"\npublisher = \"{attack}\"\nlicence = \"{attack}\"\n+++\n\nThe quick brown fox.\n"
            ),
        ),
        (
            "annotations/a.md",
            &format!(
                "+++\nlayer = \"{attack}\"\nauthor = \"{attack}\"\n+++\n\n## T {{#quick .marketing-claim verdict=v audience=\"<b>\"}}\n\n> quick brown\n\nBody.\n"
            ),
        ),
        (
            "annotations/_pages/about.md",
            &format!("+++\ntitle = \"{attack}\"\ndescription = \"{attack}\"\n+++\n\nUs.\n"),
        ),
    ]);
    site.build_with(Options { audience: Some("<b>".to_owned()), ..Options::default() }).succeeds();
    assert_harmless(&site);
    assert!(!site.read("public/_theme/style.css").contains("</style>"));
}

#[test]
fn a_bibliography_runs_no_script() {
    for (name, text) in [
        (
            "references.yaml",
            "k:\n    type: web\n    title: '<script>alert(1)</script><img src=x onerror=alert(1)>'\n    author: '<b onclick=alert(1)>, A.'\n    url: 'javascript:alert(1)'\n",
        ),
        (
            "references.yaml",
            "k:\n    type: web\n    title: T\n    url: 'https://example.org/\"><script>alert(1)</script>'\n    serial-number:\n        doi: '10.1/\"><script>alert(1)</script>'\n",
        ),
        (
            "references.bib",
            "@online{k, title = {<script>alert(1)</script>}, url = {javascript:alert(1)}, doi = {10.1/\"onclick=\"alert(1)}, note = {<img src=x onerror=alert(1)>}}\n",
        ),
    ] {
        let site = Site::small(&[
            (&format!("annotations/{name}"), text),
            (
                "annotations/a.md",
                "## Quick? {#quick .marketing-claim works=k}\n\n> quick brown\n\nAs [@k, p. <b>3</b>] says.\n",
            ),
        ]);
        if build(&site).errors == 0 {
            assert_harmless(&site);
        }
    }
}

#[test]
fn names_of_files_are_escaped() {
    let site = Site::small(&[
        ("sources/'onclick=alert(1) &amp; b.md", "The quick brown fox.\n"),
        ("sources/{{ 1 + 1 }}.md", "A template?\n"),
        ("sources/%2e%2e%2fup.md", "![x](%252e%252e.png)\n"),
        ("sources/$(touch x) `touch x`.md", "Shell?\n"),
        (
            "annotations/'onclick=alert(1) &amp; b.md",
            "## T {#quick .marketing-claim}\n\n> quick\n\nSee [it](<'onclick=alert(1) &amp;amp; b.md#quick>).\n",
        ),
    ]);
    build(&site).succeeds();
    assert_harmless(&site);
    assert!(site.at("public/%2e%2e%2fup/index.html").exists());
}

#[test]
#[cfg(unix)]
fn names_with_markup_in_them_are_refused() {
    for name in [
        "<img src=x onerror=alert(1)>",
        "a\"onclick=\"alert(1)",
        "javascript:alert(1)",
        "a\nb",
        "a\u{1b}[31m",
    ] {
        let site = Site::small(&[(&format!("sources/{name}.md"), "Text.\n")]);
        let run = refused(&site, "site.path");
        assert!(!run.text.contains('\u{1b}'), "control characters in the output: {:?}", run.text);
    }
}

#[test]
fn an_error_in_site_toml_is_reported() {
    refused(&Site::small(&[("site.toml", "titel = \"T\"\n")]), "unknown key `titel`");
    refused(&Site::small(&[("site.toml", "title = \"T\n")]), "site.toml:1:");
    refused(&Site::small(&[("site.toml", "title = \"T\"\n\u{0}\n")]), "site.toml:2:");
}

#[test]
fn a_missing_site_toml_is_reported() {
    let site = Site::empty();
    refused(&site, "no site.toml");
    site.write("site.toml/a", "a folder");
    refused(&site, "site.toml");
    let run = Run::of(postil().args(["check", "/no/such/folder"])).ends_with(1);
    assert!(run.stderr.contains("no site.toml in /no/such/folder"), "{}", run.stderr);
    let site = Site::small(&[]);
    let run = Run::of(postil().arg("check").arg(site.at("sources/a.md"))).ends_with(1);
    assert!(run.stderr.contains("no site.toml"), "{}", run.stderr);
}

#[test]
fn invalid_utf8_is_reported_with_its_location() {
    for (path, place) in [
        ("sources/b.md", "sources/b.md:1:3"),
        ("annotations/b.md", "annotations/b.md:1:3"),
        ("annotations/_index.md", "annotations/_index.md:1:3"),
        ("annotations/references.yaml", "annotations/references.yaml:1:3"),
        ("theme/style.css", "theme/style.css:1:3"),
        ("site.toml", "site.toml:1:3"),
    ] {
        let site = Site::small(&[("sources/b.md", "Text.\n")]);
        site.write(path, b"# \xff\xfe\n");
        let run = refused(&site, place);
        assert!(run.text.contains("not UTF-8"), "{}", run.text);
    }
}

#[test]
fn utf_16_is_reported() {
    let site = Site::small(&[]);
    site.write(
        "sources/a.md",
        "\u{feff}The quick".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    );
    refused(&site, "not UTF-8");
}

#[test]
fn empty_files_and_sites_are_harmless() {
    for files in [
        &[("site.toml", "")] as &[(&str, &str)],
        &[("site.toml", "\u{feff}")],
        &[("site.toml", ""), ("sources/a.md", "")],
        &[("site.toml", ""), ("sources/a.md", ""), ("annotations/a.md", "")],
        &[("site.toml", ""), ("sources/a.md", "\u{feff}"), ("annotations/a.md", "\u{feff}")],
        &[
            ("site.toml", ""),
            ("sources/a.md", "+++\n+++\n"),
            ("annotations/a.md", "+++\n+++\n"),
            ("annotations/references.yaml", ""),
        ],
        &[
            ("site.toml", ""),
            ("sources/a.md", "\n"),
            ("annotations/references.bib", ""),
            ("annotations/_index.md", ""),
        ],
        &[
            ("site.toml", ""),
            ("sources/empty.png", ""),
            ("annotations/_pages/p.md", ""),
            ("theme/empty.js", ""),
        ],
    ] {
        let site = Site::empty();
        files.iter().for_each(|(path, text)| site.write(path, text));
        build(&site).succeeds();
        assert_harmless(&site);
    }
}

#[test]
fn empty_templates_are_harmless() {
    let site = Site::small(&[
        ("theme/templates/home.html", ""),
        ("theme/templates/reader.html", ""),
        ("theme/style.css", ""),
    ]);
    build(&site).succeeds();
}

#[test]
fn a_file_name_with_only_an_extension_is_harmless() {
    for path in [
        "sources/.md",
        "annotations/.md",
        "sources/index.md",
        "annotations/index.md",
        "sources/a.md/index.md",
    ] {
        let site = Site::of(&[(path, "Text.\n")]);
        build(&site);
    }
}

/// Constructs that can be nested, `depth` levels deep.
fn nested(depth: usize) -> Vec<String> {
    let mut texts: Vec<String> = [
        "> ",
        "- ",
        "1. ",
        "[",
        "![",
        "*",
        "**a ",
        "_a ",
        "~~",
        "`",
        "<b>",
        "<div>",
        "<div>\n",
        "<table><tr><td>",
        "<ul><li>",
        "\\",
        "&",
        "<a href=x>",
        "<p",
        "<!--",
        "[^1",
        "*_",
        "|",
        "<svg>",
        "<math><mi>",
        "(",
        "{",
        "<b><i>",
        "<em><p>",
        "<select>",
        "<form><template>",
    ]
    .iter()
    .map(|piece| format!("{}end\n", piece.repeat(depth)))
    .collect();
    texts.push(format!("{}a{}\n", "[".repeat(depth), "](x)".repeat(depth)));
    texts.push(format!("{}a{}\n", "<b>".repeat(depth), "</b>".repeat(depth)));
    texts.push(format!("{}a{}\n", "*a **a ".repeat(depth), "** a* ".repeat(depth)));
    texts.push(format!("{}\n", "a<".repeat(depth)));
    texts.push(format!("| a |\n{}", "| - |\n".repeat(depth)));
    texts.push((0..depth).fold(String::new(), |mut text, number| {
        writeln!(text, "[^{number}]: note[^{}]\n", number + 1).unwrap();
        text
    }));
    texts
}

#[test]
fn deep_nesting_is_harmless_in_texts() {
    for text in nested(10_000) {
        let site = Site::of(&[("sources/a.md", &text)]);
        build(&site).succeeds();
        assert_harmless(&site);
    }
}

#[test]
fn deep_nesting_is_harmless_in_notes() {
    // Only the first ten at full depth, because raw HTML is handled by the same code in texts and notes.
    let deep = nested(10_000).into_iter().take(10);
    for text in deep.chain(nested(500)) {
        let line = text.lines().next().unwrap();
        let note = format!("## {line} {{#quick .marketing-claim}}\n\n> {line}\n\n{text}");
        build(&Site::small(&[("annotations/a.md", &note), ("annotations/_index.md", &text)]));
        build(&Site::small(&[("annotations/a.md", &text)]));
    }
}

#[test]
fn deep_nesting_is_harmless_in_toml_and_bibliographies() {
    let depth = 10_000;
    let lists = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let tables = format!("{}1{}", "{a = ".repeat(depth), "}".repeat(depth));
    let dotted = format!("a{}", ".a".repeat(depth));
    for toml in
        [format!("x = {lists}"), format!("x = {tables}"), format!("{dotted} = 1"), format!("[{dotted}]")]
    {
        build(&Site::small(&[("site.toml", &format!("title = \"T\"\n[extra]\n{toml}\n"))]));
        build(&Site::small(&[(
            "sources/a.md",
            &format!("+++\n[extra]\n{toml}\n+++\nThe quick brown fox.\n"),
        )]));
    }
    let quotes = format!("{}{}", "{".repeat(depth), "}".repeat(depth));
    let indented = (0..1000).fold(String::new(), |text, level| text + &" ".repeat(level) + "a:\n");
    for (name, text) in [
        ("r.yaml", format!("k: {lists}\n")),
        ("r.yaml", format!("k: {}\n", "{a: ".repeat(depth))),
        ("r.yaml", format!("k:\n    type: book\n    title: T\n    parent: {}\n", "{type: book, parent: ".repeat(depth))),
        ("r.yaml", indented),
        ("r.yaml", "a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n".to_owned()),
        ("r.bib", format!("@book{{k, title = {quotes}}}\n")),
        ("r.bib", format!("@book{{k, title = {}\n", "{".repeat(depth))),
        ("r.bib", format!("{}\n", "@string{".repeat(depth))),
        ("r.bib", format!("@book{{k, title = {{{}}}}}\n", "\\textbf{".repeat(depth))),
    ] {
        build(&Site::small(&[(&format!("annotations/{name}"), &text)]));
    }
}

#[test]
#[cfg(unix)]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let site = Site::small(&[("secret/key.md", "The key is under the mat.\n")]);
    symlink(site.at("sources"), site.at("sources/loop")).unwrap();
    symlink("loop-b", site.at("sources/loop-a")).unwrap();
    symlink("loop-a", site.at("sources/loop-b")).unwrap();
    symlink(site.at("secret"), site.at("sources/secret")).unwrap();
    symlink(site.at("secret/key.md"), site.at("sources/key.md")).unwrap();
    symlink("/etc/passwd", site.at("sources/passwd.txt")).unwrap();
    symlink("/etc", site.at("annotations/etc")).unwrap();
    symlink("/etc/passwd", site.at("annotations/passwd.md")).unwrap();
    let run = build(&site).succeeds();
    assert_eq!(run.text.matches("symbolic link or special file skipped").count(), 8, "{}", run.text);
    for (path, bytes) in tree(&site.at("public")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("under the mat") && !text.contains("root:x:0:"),
            "{path} contains a file from outside"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_folder_that_is_a_symbolic_link_is_refused() {
    use std::os::unix::fs::symlink;
    for folder in ["sources", "annotations", "theme"] {
        let site = Site::small(&[("elsewhere/key.txt", "under the mat")]);
        let _ = std::fs::remove_dir_all(site.at(folder));
        symlink("elsewhere", site.at(folder)).unwrap();
        let run = build(&site).fails();
        let message = format!("`{folder}` is a symbolic link, which is not followed");
        assert!(run.text.contains(&message), "{}", run.text);
    }
    let site = Site::small(&[]);
    std::fs::rename(site.at("site.toml"), site.at("elsewhere.toml")).unwrap();
    symlink("elsewhere.toml", site.at("site.toml")).unwrap();
    build(&site).fails();
}

#[test]
fn paths_of_all_pages_of_the_list_of_texts_are_reserved() {
    let site = Site::small(&[]);
    for number in 0..208 {
        site.write(&format!("sources/t{number}.md"), "Text.\n");
    }
    build(&site).succeeds();
    assert!(site.at("public/texts/3/index.html").is_file());
    site.write("sources/texts/3/index.md", "In the way.\n");
    let run = site.check().fails();
    assert!(run.text.contains("error[site.path]") && run.text.contains("texts/3"), "{}", run.text);
}

#[test]
#[cfg(unix)]
fn a_named_pipe_does_not_block_a_build() {
    let site = Site::small(&[]);
    assert!(
        Command::new("mkfifo")
            .args([site.at("sources/pipe.md"), site.at("annotations/pipe.md")])
            .status()
            .unwrap()
            .success()
    );
    build(&site).succeeds();
}

#[test]
fn two_texts_at_one_path_are_refused() {
    refused(&Site::small(&[("sources/a/index.md", "Other.\n")]), "two files for the text `a`");
    refused(&Site::small(&[("sources/A.md", "Other.\n")]), "differ only in case");
    refused(
        &Site::small(&[("sources/caf\u{e9}.md", "x"), ("sources/cafe\u{301}.md", "y")]),
        "differ only in case or Unicode form",
    );
    refused(&Site::small(&[("sources/x/A.png", "x"), ("sources/x/a.PNG", "y")]), "differ only in case");
    refused(&Site::small(&[("sources/claims.md", "Other.\n")]), "two outputs at `claims/index.html`");
    refused(
        &Site::small(&[
            ("sources/_theme.md", "Left out."),
            ("sources/.postil", "x"),
            ("sources/a/annotations.jsonld", "{}"),
        ]),
        "two outputs at `a/annotations.jsonld`",
    );
}

#[test]
fn no_path_leads_out_of_the_site_or_its_output() {
    let out = |files: &[(&str, &str)]| {
        let site = Site::empty();
        site.write("outside.txt", "the secret");
        site.write("site/site.toml", "");
        site.write("site/sources/a.md", "The quick brown fox.\n");
        files.iter().for_each(|(path, text)| site.write(&format!("site/{path}"), text));
        let run = library::build(Options { site: site.at("site"), ..Options::default() });
        assert_eq!(site.names(), ["outside.txt", "site"], "something was written outside");
        for (path, bytes) in tree(&site.at("site/public")) {
            assert!(
                !String::from_utf8_lossy(&bytes).contains("the secret"),
                "{path} contains a file from outside"
            );
        }
        run
    };
    for register in ["../claims", "..", "/tmp/claims", "a/b", "claims\\\\..", ".", "", "_theme", "CON"] {
        out(&[("site.toml", &format!("[[kinds]]\nid = \"claim\"\nregister = \"{register}\"\n"))]).fails();
    }
    for kind in ["../claims", "a/b", "a b", ""] {
        out(&[("site.toml", &format!("[[kinds]]\nid = \"{kind}\"\n"))]).fails();
    }
    for original in [
        "../../outside.txt",
        "../outside.txt",
        "/etc/passwd",
        "x/../../../outside.txt",
        "..\\\\outside.txt",
        "",
    ] {
        out(&[("sources/a.md", &format!("+++\noriginal = \"{original}\"\n+++\nThe quick brown fox.\n"))])
            .fails();
    }
    for style in ["../outside.csl", "/etc/passwd.csl", "../outside.txt", "no-such-style"] {
        out(&[("site.toml", &format!("citation_style = \"{style}\"\n"))]).fails();
    }
    for language in ["../../outside", "en/../../x", "/etc/passwd"] {
        out(&[("site.toml", &format!("language = \"{language}\"\n"))]).fails();
    }
    for asset in [
        "../../outside.txt",
        "/etc/passwd",
        "..%2f..%2foutside.txt",
        "..\\..\\outside.txt",
        "file:///etc/passwd",
        "%2e%2e/%2e%2e/outside.txt",
    ] {
        let run =
            out(&[("sources/a.md", &format!("The quick [brown]({asset}) ![fox]({asset})\n"))]).succeeds();
        assert!(run.text.contains("warning[asset."), "{}", run.text);
    }
    for template in [
        "{% include \"../../outside.txt\" %}",
        "{% include \"/etc/passwd\" %}",
        "{% extends \"../outside.txt\" %}",
    ] {
        out(&[("theme/templates/home.html", template)]).fails();
    }
}

#[test]
fn the_output_never_replaces_the_input() {
    for output in [
        "sources",
        "sources/public",
        "annotations/x/y",
        "theme",
        ".",
        "..",
        "../..",
        "/",
        "sources/../sources",
        "./x/../theme/y",
    ] {
        let site = Site::empty();
        for path in ["site.toml", "sources/a.md", "annotations/a.md", "theme/a.txt"] {
            site.write(&format!("up/site/{path}"), "");
        }
        let before = tree(site.path());
        let mut command = postil();
        command.args(["build", "-o", output]).current_dir(site.at("up/site"));
        let run = Run::of(&mut command).ends_with(1);
        assert!(run.stderr.contains("error[site.path]: the output folder"), "{output}: {}", run.stderr);
        site.write("up/site/site.toml", format!("[build]\noutput = {output:?}\n"));
        library::build(Options { site: site.at("up/site"), ..Options::default() }).fails();
        site.write("up/site/site.toml", "");
        assert_eq!(tree(site.path()), before, "{output} was written to");
    }
}

#[test]
fn names_that_are_invalid_on_windows_are_refused() {
    for name in [
        "con.md",
        "aux/index.md",
        "NUL.tar.gz",
        "com1.md",
        "a:b.md",
        "what?.md",
        "a .md ",
        "dot./a.md",
        "a|b.png",
        "lpt9.png",
    ] {
        refused(&Site::small(&[(&format!("sources/{name}"), "Text.\n")]), "error[site.path]");
    }
    refused(&Site::small(&[("annotations/_pages/prn.md", "Text.\n")]), "error[site.path]");
    refused(&Site::small(&[("annotations/con.pdf", "Text.\n")]), "error[site.path]");
    refused(&Site::small(&[("theme/aux.js", "x")]), "error[site.path]");
}

#[test]
fn huge_front_matter_is_harmless() {
    let words = "word ".repeat(1_000_000);
    for front in [
        format!("title = \"{words}\""),
        format!("# {words}\ntitle = \"T\""),
        format!("[extra]\n{}", (0..100_000).fold(String::new(), |text, n| format!("{text}k{n} = {n}\n"))),
    ] {
        build(&Site::small(&[("sources/a.md", &format!("+++\n{front}\n+++\nThe quick brown fox.\n"))]))
            .succeeds();
    }
    let open = format!("+++\n{}", "a = 1\n".repeat(500_000));
    refused(&Site::small(&[("sources/a.md", &open)]), "front matter is not closed");
}

#[test]
fn control_characters_are_harmless() {
    let text = "The quick brown\0 fox. \u{1}\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}\u{fffe}\u{fdd0} `co\0de` <b>b\0</b> [l\0](x\0y) ![i\0](\0)\n\n```a\0b\nc\0d\n```\n";
    let site = Site::small(&[
        ("sources/a.md", text),
        (
            "annotations/a.md",
            "## Q\0? {#quick .marketing-claim}\n\n> quick brown\0 fox\n\nBo\0dy \u{1b}[31m.\n",
        ),
    ]);
    let run = build(&site);
    assert!(!run.text.contains('\u{1b}') && !run.text.contains('\0'), "{:?}", run.text);
    if run.errors == 0 {
        assert_harmless(&site);
    }
}

#[test]
fn ten_thousand_headings_are_read() {
    let site = Site::small(&[("annotations/a.md", &"## Quick\n\n".repeat(10_000))]);
    refused(&site, "the note has no kind");
    let notes = (0..10_000).fold(String::new(), |text, number| {
        format!("{text}## Quick {{#n{number} .marketing-claim}}\n\n> quick brown\n\nBody.\n\n")
    });
    let site = Site::small(&[("annotations/a.md", &notes)]);
    build(&site).succeeds();
    assert_eq!(site.read("public/a/index.html").matches("data-note=\"").count(), 10_000);
}

#[test]
fn thousands_of_unmatched_quotes_are_reported_quickly() {
    let notes = (0..2_000).fold(String::new(), |text, number| format!("{text}## Quick {{#n{number} .marketing-claim}}\n\n> the quick brawn fox {number} lazy\n\nBody.\n\n"));
    let report = refused(&Site::small(&[("annotations/a.md", &notes)]), "error[anchor.orphan]");
    assert_eq!(report.errors, 2_000);
}

#[test]
#[cfg(unix)]
fn a_file_size_limit_leaves_the_old_site() {
    let site = Site::small(&[("sources/photo.bin", "small\n")]);
    build(&site).succeeds();
    let before = tree(&site.at("public"));
    site.write("sources/photo.bin", vec![7; 4_000_000]);
    // The system refuses files of more than a megabyte, with an error like that of a full disk.
    let limited = |trap: &str| {
        let script = format!("{trap} ulimit -f 2000; exec \"$0\" build");
        let mut command = Command::new("sh");
        command.args(["-c", &script, POSTIL]).current_dir(site.path());
        command
    };
    let run = Run::of(&mut limited("trap '' XFSZ;")).ends_with(1);
    assert!(run.stderr.contains("error[site.path]: cannot write `./public/photo.bin`"), "{}", run.stderr);
    assert_eq!(tree(&site.at("public")), before);
    assert!(!site.names().iter().any(|name| name.contains("postil-")), "{:?}", site.names());
    // If the limit kills the build, the old site is kept as well.
    assert_eq!(limited("").output().unwrap().status.code(), None);
    assert_eq!(tree(&site.at("public")), before);
}

/// Runs a shell script as root of a separate namespace, in which it may mount file systems; `None` if that is
/// not possible.
#[cfg(target_os = "linux")]
fn in_namespace(site: &Site, script: &str) -> Option<Run> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, POSTIL]).current_dir(site.path());
        command
    };
    let may = unshare("mkdir -p disk && mount -t tmpfs none disk")
        .output()
        .is_ok_and(|output| output.status.success());
    if !may {
        eprintln!("skipped: this system does not allow tests to mount file systems");
        return None;
    }
    Some(Run::of(&mut unshare(script)))
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_old_site() {
    let site = Site::small(&[]);
    site.write("photo.bin", vec![7; 4_000_000]);
    let script = "mkdir -p disk; mount -t tmpfs -o size=2m none disk; \"$0\" build -q -o disk/public && cp -r disk/public before
        mv photo.bin sources/; \"$0\" build -q -o disk/public; status=$?; cp -r disk/public after; ls -A disk > names; exit $status";
    let Some(run) = in_namespace(&site, script) else { return };
    run_is_refused(&run, "free some space");
    assert!(!tree(&site.at("before")).is_empty());
    assert_eq!(tree(&site.at("before")), tree(&site.at("after")));
    assert_eq!(site.read("names"), "public\n");
}

#[test]
#[cfg(target_os = "linux")]
fn an_unwritable_disk_is_reported() {
    let site = Site::small(&[]);
    let script = "mkdir -p disk; mount -t tmpfs -o ro none disk; exec \"$0\" build -o disk/public";
    let Some(run) = in_namespace(&site, script) else { return };
    run_is_refused(&run, "choose a folder with `-o` that is writable");
    let script = "mkdir -p disk/public; mount -t tmpfs none disk/public; exec \"$0\" build -o disk/public";
    let Some(run) = in_namespace(&site, script) else { return };
    run_is_refused(&run, "mount point");
}

#[cfg(target_os = "linux")]
#[track_caller]
fn run_is_refused(run: &Run, words: &str) {
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("error[site.path]") && run.stderr.contains(words), "{}", run.stderr);
}

#[test]
#[cfg(unix)]
fn unreadable_files_are_reported() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::small(&[]);
    std::fs::set_permissions(site.at("sources/a.md"), PermissionsExt::from_mode(0o000)).unwrap();
    // Root can read every file.
    if std::fs::read(site.at("sources/a.md")).is_err() {
        refused(&site, "sources/a.md");
    }
    let site = Site::small(&[]);
    std::fs::remove_dir_all(site.at("sources")).unwrap();
    site.write("sources", "a file");
    build(&site);
    assert_eq!(read(&site.at("sources")), "a file");
}
