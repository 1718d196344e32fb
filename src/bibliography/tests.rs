//! Tests of complete bibliographies, styles and pages.

use std::collections::BTreeSet;

use hayagriva::archive::ArchivedStyle;
use rayon::prelude::*;

use super::citation::{parse_cluster, parse_narrative};
use super::*;
use crate::diagnostics::Severity;

const WORKS: &str = r#"
lara-2013:
  type: article
  title: Antidepressant, mood stabilizing
  author: ["Lara, Diogo R.", "Bisol, Luisa W.", "Munari, Luciano R."]
  date: 2013-10
  page-range: "992624"
  serial-number: { doi: "https://doi.org/10.1017/S1461145713000485" }
  parent: { type: periodical, title: "International Journal of Neuropsychopharmacology", volume: 16, issue: 9 }
hull-2022:
  type: article
  title: "At-home ketamine"
  author: ["Hull, T. D.", "Malgaroli, M.", { name: "et al." }]
  date: 2022
  page-range: e0173253
  parent: { type: periodical, title: "Journal of Affective Disorders", volume: 314 }
page:
  type: web
  title: A page <script>alert("x")</script> for $5
  date: 2020-01-02
  url: { value: "javascript:alert(1)", date: 2024-01-01 }
andrade-2017-4:
  type: article
  title: Ketamine for Depression
  author: "Andrade, Chittaranjan"
  date: 2017
  parent: { type: periodical, title: "The Journal of Clinical Psychiatry", volume: 78 }
andrade-2017-oral:
  type: article
  title: Oral Ketamine
  author: "Andrade, Chittaranjan"
  date: 2017
  parent: { type: periodical, title: "The Journal of Clinical Psychiatry", volume: 79 }
andrade-2019:
  type: article
  title: Another
  author: "Andrade, Chittaranjan"
  date: 2019
  parent: { type: periodical, title: "The Journal of Clinical Psychiatry", volume: 80 }
smith-1999:
  type: book
  title: A Collection
  editor: ["Smith, A.", "Doe, Bea"]
  date: 1999
  publisher: Press
bare:
  type: misc
  title: Bare
"#;

fn file(path: &str, text: &str) -> Arc<File> {
    File::new(path, text)
}

fn load_files(files: &[Arc<File>], style: &str, language: &str) -> (Bibliography, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let place = Place::new(&file("site.toml", "citation_style"), 0..14);
    let bibliography = Bibliography::load(files, &Style::Named(style, place), language, &mut diagnostics);
    (bibliography, diagnostics.into_sorted())
}

fn load(style: &str) -> Bibliography {
    let (bibliography, diagnostics) = load_files(&[file("annotations/references.yaml", WORKS)], style, "en");
    assert_eq!(diagnostics, []);
    bibliography
}

/// `[@key]` or `@key [p. 3]`.
fn cluster(written: &str) -> Cluster {
    let (items, form) = match written.strip_prefix('[') {
        Some(inner) => (parse_cluster(inner.trim_end_matches(']')).unwrap(), Form::Bracketed),
        None => (parse_narrative(written).unwrap().items, Form::InText),
    };
    Cluster { items: items.into_iter().map(|(work, _)| work).collect(), form }
}

fn format(bibliography: &Bibliography, written: &[&str]) -> Citations {
    bibliography.format(&written.iter().map(|written| cluster(written)).collect::<Vec<_>>())
}

/// The HTML with `⟨` and `⟩` in place of links to works.
fn brief(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<a class=\"citation\" href=\"#work-") {
        out += before;
        out += "⟨";
        rest = after.split_once("\" role=\"doc-biblioref\">").unwrap().1;
    }
    (out + rest).replace("</a>", "⟩")
}

/// The citations of one page.
fn cite(style: &str, written: &[&str]) -> Vec<String> {
    format(&load(style), written).clusters.iter().map(|html| brief(html)).collect()
}

fn labels(citations: &Citations) -> Vec<(Option<&str>, &str)> {
    citations.works.iter().map(|work| (work.label.as_deref(), work.key.as_str())).collect()
}

fn html<'a>(citations: &'a Citations, key: &str) -> &'a str {
    &citations.works.iter().find(|work| work.key == key).unwrap().html
}

const FORMS: &[&str] = &[
    "[@lara-2013]",
    "[@lara-2013, p. 3]",
    "[-@lara-2013, ch. 2]",
    "[see @smith-1999, pp. 3-5 and passim; @hull-2022]",
    "@lara-2013 says",
    "@lara-2013 [p. 3]",
    "@hull-2022 [p. 3; see @page]",
    "@page",
    "@bare",
    "-@lara-2013",
];

#[test]
fn vancouver_numbers_works() {
    assert_eq!(
        cite("vancouver", FORMS),
        [
            "(⟨1⟩)",
            "(⟨1, p. 3⟩)",
            "(⟨1, ch. 2⟩)",
            "(see ⟨2, pp. 3-5⟩ and passim, ⟨3⟩)",
            "⟨Lara et al. (1)⟩",
            "⟨Lara et al. (1, p. 3)⟩",
            "⟨Hull et al.⟩ (⟨3, p. 3⟩, see ⟨4⟩)",
            "⟨“A page &lt;script&gt;alert(\"x\")&lt;/script&gt; for $5” (4)⟩",
            "⟨“Bare” (5)⟩",
            "(⟨1⟩)",
        ]
    );
    let citations = format(&load("vancouver"), FORMS);
    assert_eq!(
        labels(&citations),
        [
            (Some("1."), "lara-2013"),
            (Some("2."), "smith-1999"),
            (Some("3."), "hull-2022"),
            (Some("4."), "page"),
            (Some("5."), "bare"),
        ]
    );
    assert_eq!(
        html(&citations, "lara-2013"),
        "Lara DR, Bisol LW, Munari LR. Antidepressant, mood stabilizing. International Journal of \
         Neuropsychopharmacology. 2013 Oct;16(9):992624. doi:<a \
         href=\"https://doi.org/10.1017/S1461145713000485\">10.1017/S1461145713000485</a>"
    );
    assert_eq!(
        html(&citations, "hull-2022"),
        "Hull TD, Malgaroli M, et al. At-home ketamine. Journal of Affective Disorders. 2022;314:e0173253."
    );
    assert_eq!(html(&citations, "smith-1999"), "Smith A, Doe B, editors. A Collection. Press; 1999.");
}

#[test]
fn consecutive_numbers_become_a_range() {
    let all = "[@lara-2013; @hull-2022; @page; @bare]";
    assert_eq!(
        cite("vancouver", &[all, "[@bare; @hull-2022; @lara-2013; @page]"]),
        ["(⟨1⟩–⟨4⟩)", "(⟨1⟩–⟨4⟩)"]
    );
    assert_eq!(cite("vancouver", &[all, "[@lara-2013; @hull-2022]"])[1], "(⟨1⟩,⟨2⟩)");
    assert_eq!(
        cite("vancouver", &[all, "[@lara-2013; @hull-2022, p. 3; @page]"])[1],
        "(⟨1⟩, ⟨2, p. 3⟩, ⟨3⟩)"
    );
    assert_eq!(cite("vancouver", &[all, "[@smith-1999; @lara-2013; @hull-2022; @page]"])[1], "(⟨1⟩–⟨3⟩,⟨5⟩)");
    assert_eq!(cite("vancouver", &[all, "[@smith-1999, yet; @lara-2013]"])[1], "(⟨5⟩, yet, ⟨1⟩)");
    assert_eq!(cite("nature", &[all, "@lara-2013"]), ["<sup>⟨1⟩–⟨4⟩</sup>", "⟨Lara et al.<sup>1</sup>⟩"]);
    assert_eq!(
        cite("ieee", &[all, "@lara-2013 [p. 3]"]),
        ["⟨[1]⟩, ⟨[2]⟩, ⟨[3]⟩, ⟨[4]⟩", "⟨Lara et al. [1, p. 3]⟩"]
    );
}

#[test]
fn apa_names_authors_and_years() {
    assert_eq!(
        cite("apa", FORMS),
        [
            "(⟨Lara et al., 2013⟩)",
            "(⟨Lara et al., 2013, p. 3⟩)",
            "(⟨2013, Chapter 2⟩)",
            "(see ⟨Smith &amp; Doe, 1999, pp. 3–5⟩ and passim; ⟨Hull et al., 2022⟩)",
            "⟨Lara et al. (2013)⟩",
            "⟨Lara et al. (2013, p. 3)⟩",
            "⟨Hull et al.⟩ (⟨2022, p. 3⟩; see ⟨<i>A Page &lt;Script&gt;Alert(“x”)&lt;/Script&gt; for $5</i>, 2020⟩)",
            "⟨<i>A Page &lt;Script&gt;Alert(“x”)&lt;/Script&gt; for $5</i> (2020)⟩",
            "⟨<i>Bare</i> (n.d.)⟩",
            "(⟨2013⟩)",
        ]
    );
    let citations = format(&load("apa"), FORMS);
    assert_eq!(
        labels(&citations),
        [(None, "page"), (None, "bare"), (None, "hull-2022"), (None, "lara-2013"), (None, "smith-1999"),]
    );
    assert!(
        html(&citations, "hull-2022")
            .starts_with("Hull, T. D., Malgaroli, M., et al. (2022). At-home ketamine. <i>Journal")
    );
}

#[test]
fn ambiguous_works_are_disambiguated_on_every_page() {
    for style in ["apa", "chicago-author-date", "harvard-cite-them-right"] {
        let alone = cite(style, &["[@andrade-2017-oral]"]);
        let together = cite(style, &["[@andrade-2017-oral]", "[@andrade-2017-4]"]);
        assert!(alone[0].contains("2017b") && together[1].contains("2017a"), "{style}: {together:?}");
        assert_eq!(alone[0], together[0]);
        assert!(load(style).entry("andrade-2017-oral").unwrap().contains("2017b"), "{style}");
    }
}

#[test]
fn works_by_the_same_authors_share_their_names() {
    assert_eq!(
        cite(
            "apa",
            &["[@andrade-2019; @lara-2013; @andrade-2017-4]", "[@andrade-2019, p. 3; @andrade-2017-4, p. 4]"]
        ),
        ["(⟨Andrade, 2017a⟩, ⟨2019⟩; ⟨Lara et al., 2013⟩)", "(⟨Andrade, 2017a, p. 4⟩, ⟨2019, p. 3⟩)",]
    );
    assert_eq!(
        cite("apa", &["[see @andrade-2019; @andrade-2017-4]"]),
        ["(see ⟨Andrade, 2019⟩; ⟨Andrade, 2017a⟩)"]
    );
}

#[test]
fn chicago_author_date() {
    assert_eq!(
        cite("chicago-author-date", &["[@lara-2013, p. 3; @hull-2022]", "@smith-1999 [ch. 2]", "@page"]),
        [
            "(⟨Lara et al. 2013, 3⟩; ⟨Hull et al. 2022⟩)",
            "⟨Smith and Doe (1999, chap. 2)⟩",
            "⟨“A Page &lt;Script&gt;Alert(‘x’)&lt;/Script&gt; for $5” (2020)⟩",
        ]
    );
    let bibliography = load("chicago-author-date");
    assert_eq!(
        bibliography.entry("hull-2022").unwrap(),
        "Hull, T. D., M. Malgaroli, et al. 2022. “At-Home Ketamine.” <i>Journal of Affective Disorders</i> 314: e0173253."
    );
    assert_eq!(
        bibliography.entry("smith-1999").unwrap(),
        "Smith, A., and Bea Doe, eds. 1999. <i>A Collection</i>. Press."
    );
}

#[test]
fn alphanumeric_cites_by_label() {
    assert_eq!(
        cite("alphanumeric", &["[@lara-2013; @andrade-2019, p. 3]", "@lara-2013", "[@andrade-2017-oral]"]),
        ["[⟨And19, 3⟩, ⟨LBM13⟩]", "⟨Lara et al. [LBM13]⟩", "[⟨And17b⟩]",]
    );
    // The style has no reference list.
    let citations = format(&load("alphanumeric"), &["[@lara-2013; @andrade-2019]"]);
    assert_eq!(labels(&citations), [(Some("And19"), "andrade-2019"), (Some("LBM13"), "lara-2013")]);
    assert!(html(&citations, "lara-2013").contains("Antidepressant, mood stabilizing"));
}

#[test]
fn note_styles_use_the_short_form_in_brackets() {
    assert_eq!(
        cite("chicago-notes", &["[@lara-2013, p. 3; @page]", "@lara-2013 [p. 3]", "@page", "[-@lara-2013]"]),
        [
            "(⟨Lara et al., “Antidepressant, Mood Stabilizing,” 3⟩; ⟨“A Page &lt;Script&gt;Alert(‘x’)&lt;/Script&gt; for $5”⟩)",
            "⟨Lara et al. (“Antidepressant, Mood Stabilizing,” 3)⟩",
            "⟨“A Page &lt;Script&gt;Alert(‘x’)&lt;/Script&gt; for $5”⟩",
            "(⟨“Antidepressant, Mood Stabilizing”⟩)",
        ]
    );
    // Later citations are the same as the first.
    let twice = cite("chicago-notes", &["[@lara-2013]", "[@lara-2013]", "[@page]", "[@lara-2013]"]);
    assert_eq!((&twice[0], &twice[0]), (&twice[1], &twice[3]));
}

#[test]
fn a_style_that_shows_only_authors() {
    assert_eq!(
        cite(
            "mla",
            &[
                "[@lara-2013]",
                "[@lara-2013, p. 3]",
                "@lara-2013",
                "@lara-2013 [p. 3]",
                "[-@lara-2013]",
                "@lara-2013 [as said; @hull-2022]"
            ]
        ),
        [
            "(⟨Lara et al.⟩)",
            "(⟨Lara et al. 3⟩)",
            "⟨Lara et al.⟩",
            "⟨Lara et al. (3)⟩",
            "(⟨Lara et al.⟩)",
            "⟨Lara et al.⟩ as said (⟨Hull et al.⟩)",
        ]
    );
}

#[test]
fn styles_use_the_language_of_the_site() {
    let files = [file("a.yaml", WORKS)];
    let in_language = |language| {
        let (bibliography, _) = load_files(&files, "apa", language);
        brief(&format(&bibliography, &["[@smith-1999, pp. 3-5; @bare]"]).clusters[0])
    };
    assert_eq!(in_language("de"), "(⟨<i>Bare</i>, o.\u{a0}J.⟩; ⟨Smith &amp; Doe, 1999, S. 3–5⟩)");
    assert_eq!(in_language("en-GB"), "(⟨<i>Bare</i>, n.d.⟩; ⟨Smith &amp; Doe, 1999, pp. 3–5⟩)");
    let (german, _) = load_files(&files, "vancouver", "de");
    assert_eq!(german.work("lara-2013").unwrap().authors, "Lara u.\u{a0}a.");
    assert_eq!(german.work("smith-1999").unwrap().authors, "Smith und Doe");
}

#[test]
fn hostile_entries_are_harmless() {
    let text = r#"
"x\" onmouseover=\"alert(1) <b>":
  type: web
  title: "<img src=x onerror=alert(1)> $a$ & \u0001"
  author: "<script>, <b>"
  date: 2020
  url: { value: "javascript:alert(1)" }
  serial-number: { doi: "10.1/\"><script>alert(1)</script>", pmid: "\"><i>" }
y:
  type: web
  title: ok
  url: "data:text/html,<script>alert(1)</script>"
z:
  type: web
  title: ok
  url: "https://example.com/?q=<b>&r=$5\"x"
"#;
    for style in ArchivedStyle::all() {
        let (bibliography, diagnostics) = load_files(&[file("a.yaml", text)], style.names()[0], "en");
        assert_eq!(diagnostics, []);
        let clusters: Vec<Cluster> = bibliography
            .works()
            .map(|work| Cluster {
                items: vec![CitedWork {
                    key: work.key.clone(),
                    prefix: "<b>".into(),
                    locator: "p. <i>".into(),
                    suffix: "\"<u>".into(),
                    ..CitedWork::default()
                }],
                form: Form::InText,
            })
            .collect();
        let citations = bibliography.format(&clusters);
        for html in citations.clusters.iter().chain(citations.works.iter().map(|work| &work.html)) {
            assert_harmless(html);
        }
    }
    let (bibliography, _) = load_files(&[file("a.yaml", text)], "vancouver", "en");
    assert_eq!(bibliography.work("y").unwrap().url, None);
    assert_eq!(
        bibliography.work("z").unwrap().url.as_deref(),
        Some("https://example.com/?q=%3Cb%3E&r=$5%22x")
    );
}

/// Asserts that only the tags and attributes listed here occur.
fn assert_harmless(html: &str) {
    for tag in html.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let known = ["i", "b", "sup", "sub", "a", "span"]
            .iter()
            .any(|name| tag == format!("/{name}") || tag == *name)
            || tag
                .strip_prefix("span class=\"")
                .is_some_and(|class| ["light\"", "small-caps\"", "underline\""].contains(&class))
            || tag.strip_prefix("a href=\"").is_some_and(|href| {
                ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme))
                    && href.find('"') == Some(href.len() - 1)
            })
            || tag.strip_prefix("a class=\"citation\" href=\"#work-").is_some_and(|rest| {
                rest.split_once('"').is_some_and(|(anchor, rest)| {
                    rest == " role=\"doc-biblioref\""
                        && anchor.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-~".contains(&b))
                })
            });
        assert!(known, "<{tag}> in {html}");
    }
    assert!(!html.contains('\u{1}'));
}

#[test]
fn duplicate_keys_point_to_the_first_entry() {
    let files = [
        file("annotations/b.yaml", "x:\n  type: web\ny:\n  type: web\ny:\n  type: book\n"),
        file("annotations/a.bib", "@book{x, title={X}}\n@book{x, title={again}}\n"),
    ];
    let (bibliography, diagnostics) = load_files(&files, "vancouver", "en");
    let reported: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            (
                d.code,
                d.place.file.path.as_str(),
                d.place.line_column(),
                d.related[0].place.file.path.as_str(),
                d.related[0].place.line_column(),
            )
        })
        .collect();
    assert_eq!(
        reported,
        [
            (Code::WorkDuplicate, "annotations/a.bib", (2, 7), "annotations/a.bib", (1, 7)),
            (Code::WorkDuplicate, "annotations/b.yaml", (1, 1), "annotations/a.bib", (1, 7)),
            (Code::WorkDuplicate, "annotations/b.yaml", (5, 1), "annotations/b.yaml", (3, 1)),
        ]
    );
    assert!(diagnostics.iter().all(|d| d.severity == Severity::Error));
    assert_eq!(bibliography.works().map(|work| work.key.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(bibliography.work("x").unwrap().title, "X");
}

#[test]
fn bibtex_works_are_cited() {
    let text = r#"@article{müller:2001, author={M{\"u}ller, Jörg and Doe, Jane and others}, title={{NASA} & the \emph{Moon} costs \$5},
        journal={J. Space}, year=2001, volume=3, number=2, pages={10--20}, doi={10.1/x}}"#;
    let (bibliography, diagnostics) = load_files(&[file("a.bib", text)], "vancouver", "en");
    assert_eq!(diagnostics, []);
    let work = bibliography.work("müller:2001").unwrap();
    assert_eq!(
        (work.authors.as_str(), work.year.as_deref(), work.doi.as_deref()),
        ("Müller et al.", Some("2001"), Some("10.1/x"))
    );
    assert_eq!(work.href().as_deref(), Some("https://doi.org/10.1/x"));
    assert_eq!(
        bibliography.entry("müller:2001").unwrap(),
        "Müller J, Doe J, et al. NASA &amp; the <i>Moon</i> costs $5. J Space. 2001;3(2):10–20. doi:<a href=\"https://doi.org/10.1/x\">10.1/x</a>"
    );
}

#[test]
fn unknown_keys_are_shown_and_similar_ones_suggested() {
    let bibliography = load("vancouver");
    let citations = format(&bibliography, &["[@nobody, p. 3; @bare]", "@nobody [p. 3]"]);
    assert_eq!(
        citations.clusters.iter().map(|html| brief(html)).collect::<Vec<_>>(),
        ["(@nobody, p. 3, ⟨1⟩)", "@nobody, p. 3"]
    );
    assert_eq!(bibliography.nearest("lara2013"), Some("lara-2013"));
    assert_eq!(bibliography.nearest("zzzzzzz"), None);
    let (empty, _) = load_files(&[], "vancouver", "en");
    assert_eq!(format(&empty, &["[@a; @b]"]).clusters, ["@a; @b"]);
}

#[test]
fn every_style_lists_and_cites_every_work() {
    for style in ArchivedStyle::all() {
        let bibliography = load(style.names()[0]);
        let citations = format(&bibliography, &["[@bare]", "[@lara-2013]", "@bare", "@lara-2013 [p. 7]"]);
        assert!(html(&citations, "bare").contains("Bare"), "{style:?}");
        assert!(html(&citations, "lara-2013").to_lowercase().contains("lara"), "{style:?}");
        for html in &citations.clusters {
            assert!(
                html.contains("<a class=\"citation\" href=\"#work-")
                    && !html.contains("doc-biblioref\"></a>"),
                "{style:?}: {html}"
            );
        }
        assert!(citations.clusters[3].contains('7'), "{style:?}: {}", citations.clusters[3]);
    }
}

#[test]
fn no_full_stop_follows_a_question_mark() {
    let text = "a:\n  type: article\n  title: At what dose?\n  parent: { type: periodical, title: J. What!, volume: 3 }\n";
    let (bibliography, _) = load_files(&[file("a.yaml", text)], "vancouver", "en");
    assert_eq!(bibliography.entry("a").unwrap(), "At what dose? J What! 3.");
    let (bibliography, _) = load_files(&[file("a.yaml", text)], "chicago-author-date", "en");
    assert_eq!(bibliography.entry("a").unwrap(), "“At What Dose?” n.d. <i>J. What!</i> 3.");
}

#[test]
fn formatting_does_not_depend_on_the_thread() {
    let written: Vec<String> = (0..40)
        .map(|i| {
            ["lara-2013", "hull-2022", "andrade-2019", "andrade-2017-4", "andrade-2017-oral", "bare"][i % 6]
                .to_owned()
        })
        .enumerate()
        .map(
            |(i, key)| {
                if i % 3 == 0 { format!("@{key} [p. {i}]") } else { format!("[@{key}, ch. {i}; @page]") }
            },
        )
        .collect();
    for style in ["vancouver", "apa", "alphanumeric"] {
        let clusters: Vec<Cluster> = written.iter().map(|written| cluster(written)).collect();
        let page = |bibliography: &Bibliography, turn: usize| {
            let mut turned = clusters.clone();
            turned.rotate_left(turn);
            bibliography.format(&turned)
        };
        let expected: Vec<Citations> = (0..40).map(|turn| page(&load(style), turn)).collect();
        let shared = load(style);
        let found: Vec<Citations> = (0..40).into_par_iter().map(|turn| page(&shared, turn)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn works_in_citation_order_are_sorted_by_all_authors_for_the_bibliography_page() {
    let works = "@book{e, author={Émile, A}, title={T}, year=2000}
        @book{f, author={Fox, A}, title={T}, year=2000}
        @book{glue-m, author={Glue, Paul and Medlicott, N.}, title={T}, year=2020}
        @book{glue-n, author={Glue, P. and Neehoff, S.}, title={T}, year=2018}
        @book{glue, author={Glue, P.}, title={T}, year=2021}
        @book{bracket, title={[Hares]}, year=2000}
        @book{quote, title={``Ibises''}, year=2000}";
    let (bibliography, _) = load_files(&[file("a.bib", works)], "vancouver", "en");
    let listed: Vec<&str> = bibliography.works_as_listed().map(|work| work.key.as_str()).collect();
    assert_eq!(listed, ["e", "f", "glue", "glue-m", "glue-n", "bracket", "quote"]);
}

#[test]
fn ordinals_have_the_gender_of_the_term() {
    let works = "@book{a, author={Roe, A}, title={T}, edition=1, year=2000}
        @book{b, author={Roe, B}, title={T}, edition=2, year=2001}";
    let (bibliography, _) = load_files(&[file("a.bib", works)], "apa", "fr");
    assert!(bibliography.entry("a").unwrap().contains("1ʳᵉ éd."), "{:?}", bibliography.entry("a"));
    assert!(bibliography.entry("b").unwrap().contains("2ᵉ éd."), "{:?}", bibliography.entry("b"));
}

#[test]
fn hyphens_and_spaces_in_the_number_of_a_law_are_not_several_numbers() {
    let works = "@legislation{a, title={An Act}, number={108-173 § 101}, year=2003}";
    let (bibliography, _) = load_files(&[file("a.bib", works)], "apa", "en");
    assert!(
        bibliography.entry("a").unwrap().contains("Pub. L. No. 108-173"),
        "{:?}",
        bibliography.entry("a")
    );
}

#[test]
fn anchors_are_ids_and_differ() {
    assert_eq!(work_anchor("lara-2013_a.b:c"), "work-lara-2013_a.b:c");
    assert_eq!(work_anchor("a b/é~\"<"), "work-a~20~b~2f~~e9~~7e~~22~~3c~");
    let keys = ["a", "A", "a ", "a~20~", "é", "e\u{301}", "~", "~~", "~7e~", "", " "];
    let anchors: BTreeSet<String> = keys.iter().map(|key| work_anchor(key)).collect();
    assert_eq!(anchors.len(), keys.len());
}

#[test]
fn works_have_titles_authors_years_and_urls() {
    let bibliography = load("vancouver");
    let lara = bibliography.work("lara-2013").unwrap();
    assert_eq!(lara.place.line_column(), (2, 1));
    assert_eq!((lara.authors.as_str(), lara.year.as_deref()), ("Lara et al.", Some("2013")));
    assert_eq!(lara.doi.as_deref(), Some("10.1017/S1461145713000485"));
    let page = bibliography.work("page").unwrap();
    assert_eq!(page.title, "A page <script>alert(\"x\")</script> for $5");
    assert_eq!((page.href(), page.authors.as_str()), (None, ""));
    let listed: Vec<&str> = bibliography.works_as_listed().map(|work| work.key.as_str()).collect();
    assert_eq!(
        listed,
        [
            "page",
            "andrade-2017-4",
            "andrade-2017-oral",
            "andrade-2019",
            "bare",
            "hull-2022",
            "lara-2013",
            "smith-1999"
        ]
    );
}

#[test]
fn short_names_are_unique() {
    let short = |works: &[(&str, &str)]| {
        let mut works: Vec<Work> = works
            .iter()
            .map(|(authors, year)| Work {
                authors: (*authors).to_owned(),
                year: Some((*year).to_owned()).filter(|year| !year.is_empty()),
                ..bare()
            })
            .collect();
        shorten(&mut works);
        works.into_iter().map(|work| work.short).collect::<Vec<_>>()
    };
    assert_eq!(
        short(&[("Lara", "2013"), ("Fox", "2013"), ("Lara", "2013"), ("Fox", ""), ("Fox", "")]),
        ["Lara 2013a", "Fox 2013", "Lara 2013b", "Fox a", "Fox b"]
    );
    assert_eq!([1, 26, 27, 52, 53].map(letters), ["a", "z", "aa", "az", "ba"]);
}

/// A work with a key and nothing else.
fn bare() -> Work {
    load("vancouver").work("bare").unwrap().clone()
}

#[test]
fn every_style_shows_the_title_of_a_volume() {
    let text =
        "@book{a, author={Roe, A}, title={Fifthvolume}, maintitle={Collected works}, volume=5, date=2001}";
    for style in ArchivedStyle::all() {
        let (bibliography, _) = load_files(&[file("a.bib", text)], style.names()[0], "en");
        let entry = bibliography.entry("a").unwrap();
        assert!(entry.to_lowercase().contains("fifthvolume"), "{style:?}: {entry}");
    }
}
