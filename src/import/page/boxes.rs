//! Recognizes parts of a page that are not part of its text: boxes with advertisements, sharing buttons,
//! newsletters and links to other pages.

use scraper::node::Element;

/// Words in the class or id of a box.
const BOX_WORDS: [&str; 45] = [
    "advert",
    "advertisement",
    "ads",
    "adslot",
    "adunit",
    "sponsored",
    "newsletter",
    "signup",
    "subscribe",
    "subscription",
    "sharedaddy",
    "sharing",
    "share",
    "social",
    "related",
    "relatedposts",
    "recommended",
    "recommendations",
    "taboola",
    "outbrain",
    "promo",
    "promotion",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "comments",
    "comment",
    "disqus",
    "breadcrumb",
    "breadcrumbs",
    "pagination",
    "paywall",
    "sidebar",
    "popup",
    "modal",
    "toc",
    "menu",
    "nav",
    "navbar",
    "navigation",
    "toolbar",
    "masthead",
    "jp",
    "noprint",
];

/// Pairs of words in the class or id of a box.
const BOX_PAIRS: [(&str, &str); 6] =
    [("ad", "slot"), ("ad", "unit"), ("ad", "container"), ("sign", "up"), ("read", "more"), ("most", "read")];

/// Whether an element is a box that does not belong to the text, judged by its class and id.
pub(super) fn is_box(element: &Element) -> bool {
    if matches!(element.name(), "html" | "body" | "article" | "main") {
        return false;
    }
    let names = [element.attr("class").unwrap_or_default(), element.attr("id").unwrap_or_default()];
    names.iter().flat_map(|names| names.split_whitespace()).any(|name| {
        let words: Vec<String> =
            name.split(['-', '_']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
        let is_word = words.iter().any(|word| BOX_WORDS.contains(&word.as_str()) && word != "jp")
            || (words.first().is_some_and(|word| word == "jp") && words.len() > 1);
        is_word || words.windows(2).any(|pair| BOX_PAIRS.iter().any(|(a, b)| pair[0] == *a && pair[1] == *b))
    })
}

/// Whether an element is a menu or the footer of a page, which are never part of the text.
pub(super) fn is_menu(element: &Element) -> bool {
    matches!(element.name(), "nav" | "footer")
        || matches!(element.attr("role"), Some("navigation" | "contentinfo"))
}

/// Whether an element frames a text instead of being part of it.
pub(super) fn is_chrome(element: &Element) -> bool {
    matches!(element.name(), "nav" | "footer" | "aside" | "form" | "dialog" | "menu")
        || matches!(
            element.attr("role"),
            Some("navigation" | "banner" | "complementary" | "contentinfo" | "dialog" | "search")
        )
}

/// Whether an element is a standfirst: the lines between the headline and the text.
pub(super) fn is_standfirst(element: &Element) -> bool {
    const WORDS: [&str; 9] =
        ["standfirst", "dek", "lede", "strapline", "subtitle", "subheadline", "subhead", "deck", "sell"];
    matches!(element.name(), "p" | "div" | "h2" | "h3")
        && element.classes().any(|class| {
            class.split(['-', '_']).any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
        })
}

/// Whether these words only label an advertisement.
pub(super) fn is_label(words: &str) -> bool {
    const LABELS: [&str; 12] = [
        "advertisement",
        "advertising",
        "advert",
        "ad",
        "ads",
        "sponsored",
        "anzeige",
        "werbung",
        "publicité",
        "publicidad",
        "pubblicità",
        "advertentie",
    ];
    LABELS.contains(&words.to_lowercase().as_str())
}
