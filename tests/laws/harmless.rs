//! Law 8, tested on the markup: whatever a text or a note contains, a browser runs no script from it, loads no
//! external resources, and finds no imitation of Postil's markup. (Whole sites with hostile files are tested in
//! `tests/suite/hostile.rs`.)

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use url::Url;

use super::markup::Event;
use super::stage::{parse, read};
use super::{config, dom, hostile, markup, texts};

/// The elements that are allowed in a text.
const ELEMENTS: &str = "math merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow \
    ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div \
    dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q rp rt ruby s samp section small span \
    strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr";

/// The attributes that are allowed in a text.
const ATTRIBUTES: &str = "display mathvariant alt aria-label class colspan data-done data-number datetime dir height href id lang loading \
    open reversed role rowspan scope src start title value";

/// The classes that Postil uses in a text; a text cannot set classes.
const CLASSES: &[&str] = &[
    "alert-",
    "centre",
    "citation",
    "footnote-back",
    "footnote-ref",
    "footnotes",
    "hl-",
    "language-",
    "left",
    "no-target",
    "right",
    "task",
    "unavailable",
];

/// The URL schemes that are allowed.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "doi", "urn"];

proptest! {
    #![proptest_config(config::cases(800))]

    #[test]
    fn texts_are_harmless(markdown in prop_oneof![3 => hostile::text(), 1 => texts::text(), 1 => links()]) {
        let (_, text) = parse(&markdown);
        let events = dom::events(&text.html.html)?;
        prop_assert_eq!(&markup::events(&text.html.html)?, &events, "parsed as written");
        harmless(&events, |id| id.starts_with("t-") || id.starts_with("p-"))?;
    }

    #[test]
    fn notes_are_harmless(
        title in hostile::fragment(),
        bodies in vec(prop_oneof![2 => hostile::text(), 1 => texts::text(), 1 => links()], 2),
    ) {
        let (source, text) = parse("Words.\n");
        let title = title.replace('\n', " ");
        let layer = format!("{}\n\n## {title} {{#n .marketing-claim}}\n\n> Words.\n\n{}\n", bodies[0], bodies[1]);
        read(&source, &text, &layer, |reader, _| {
            for layer in &reader.layers {
                check_note_html(&layer.preface, "preface-")?;
            }
            for note in &reader.notes {
                check_note_html(&note.body, &format!("note-{}-", note.parsed.id))?;
                check_note_html(&note.title, &format!("note-{}-", note.parsed.id))?;
                let in_heading = dom::events(&format!("<h3>{}</h3>", note.title))?;
                prop_assert_eq!(in_heading.last(), Some(&Event::Close("h3".to_owned())), "a title ends its heading");
            }
            Ok(())
        })?;
    }
}

/// Links whose addresses a browser might parse differently from Postil.
fn links() -> BoxedStrategy<String> {
    let piece = prop::sample::select(vec![
        "java",
        "script",
        "javascript",
        "JavaScript",
        ":",
        ":",
        "data",
        "vbscript",
        "http",
        "https",
        "//",
        "/",
        "\\",
        "..",
        "evil.example",
        "&#9;",
        "&#10;",
        "&#13;",
        "&#0;",
        "&#1;",
        "&#32;",
        "&colon;",
        "&Tab;",
        "&NewLine;",
        "&#x3a;",
        "%0a",
        "%3a",
        "\t",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{ad}",
        "\u{200b}",
        "\u{feff}",
        "\u{2028}",
        "ſ",
        "：",
        "@",
        "#",
        "?",
        "&amp;",
        "\u{0}",
        "+",
        "-",
        ".",
        "1",
    ]);
    let address = vec(piece, 1..8).prop_map(|pieces| pieces.concat());
    let form = prop::sample::select(vec![
        ("<a href=\"", "\">x</a>"),
        ("<a href='", "'>x</a>"),
        ("<a href=", " >x</a>"),
        ("<img src=\"", "\">"),
        ("[x](<", ">)"),
        ("![x](<", ">)"),
        ("<", ">"),
        ("[x][r]\n\n[r]: <", ">"),
    ]);
    vec((form, address), 1..4)
        .prop_map(|links| {
            links.into_iter().map(|((open, close), address)| format!("{open}{address}{close}\n\n")).collect()
        })
        .boxed()
}

/// HTML of a note: balanced, harmless, and with the prefix in all its ids.
fn check_note_html(html: &str, prefix: &str) -> Result<(), TestCaseError> {
    let events = dom::events(html)?;
    prop_assert_eq!(&markup::events(html)?, &events, "parsed as written");
    harmless(&events, |id| id.starts_with(prefix))
}

/// What the browser parses contains only harmless elements and attributes.
fn harmless(events: &[Event], own_id: impl Fn(&str) -> bool) -> Result<(), TestCaseError> {
    let mut ids = BTreeMap::new();
    for event in events {
        let Event::Open(name, attributes) = event else { continue };
        prop_assert!(ELEMENTS.split_whitespace().any(|element| element == name), "the element {name}");
        for (key, value) in attributes {
            prop_assert!(
                ATTRIBUTES.split_whitespace().any(|own| own == key),
                "{name} has the attribute {key}={value:?}"
            );
            match key.as_str() {
                "href" | "src" => address(key, value)?,
                "class" => {
                    let ours = CLASSES
                        .iter()
                        .any(|class| value == class || (class.ends_with('-') && value.starts_with(class)));
                    prop_assert!(ours, "the class {value:?} is not one of Postil's");
                }
                "id" => {
                    prop_assert!(own_id(value), "the id {value:?} has no prefix");
                    prop_assert!(ids.insert(value, name).is_none(), "duplicate id {value:?}");
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// For a browser, an address leads into the site, or elsewhere with an allowed scheme; images are loaded only
/// from the site.
fn address(key: &str, value: &str) -> Result<(), TestCaseError> {
    match Url::parse(value) {
        Ok(address) => {
            prop_assert!(
                key == "href" && SCHEMES.contains(&address.scheme()),
                "{key}={value:?} leads to {address}"
            );
        }
        Err(_) => {
            let page = Url::parse("https://site.example/a/b/index.html").expect("it is an address");
            // An invalid address has no target.
            if let Ok(address) = page.join(value) {
                prop_assert_eq!(
                    address.host_str(),
                    Some("site.example"),
                    "{}={:?} leads to {}",
                    key,
                    value,
                    address
                );
            }
        }
    }
    Ok(())
}

/// The tests do not depend on the implementation: the checks above reject each of these attacks.
#[test]
fn the_checks_detect_attacks() {
    for attack in [
        "<script>x</script>",
        "<b onclick=x>x</b>",
        "<b style=x>x</b>",
        "<a href=\"java\nscript:x\">x</a>",
        "<img src=\"//evil.example/x\">",
        "<a href=\"\\\\evil.example\">x</a>",
        "<b id=\"note-n\">x</b>",
        "<b class=\"note-ref\">x</b>",
    ] {
        let noticed =
            dom::events(attack).and_then(|events| harmless(&events, |id| id.starts_with("t-"))).is_err();
        assert!(noticed, "{attack}");
    }
    assert!(dom::events("</article><p>x").is_err());
}
