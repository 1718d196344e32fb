//! Maps the entry types and fields of BibTeX and BibLaTeX to CSL.
//!
//! The source is section 2 of the BibLaTeX manual. Where it leaves a choice, the mapping is that of pandoc, so
//! that a file gives the same references in both programs.

use std::collections::BTreeMap;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::dates;
use super::person::{people, split_and};
use super::tex::{Braces, decode, verbatim};
use super::vocabulary::TYPES;
use crate::bibliography::csl::case::{is_title_case, to_sentence_case};
use crate::bibliography::item::{Date, Day, Item, Name, PAGE, RangeEnd, TITLE};

/// An entry with its raw fields, after abbreviations were expanded and fields were inherited.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    /// The type, in lower case.
    pub(super) kind: String,
    /// The fields by name in lower case.
    pub(super) fields: BTreeMap<String, String>,
}

/// How titles are decoded.
struct Titles {
    /// Whether titles in title case are converted to sentence case, as for English.
    sentence: bool,
}

/// Converts an entry to an item.
pub(super) fn item(entry: &Entry) -> Item {
    let reader = Reader { entry, titles: Titles { sentence: is_english(entry) } };
    reader.read()
}

fn is_english(entry: &Entry) -> bool {
    let language = ["langid", "hyphenation", "language"].iter().find_map(|name| entry.fields.get(*name));
    let language = language.map_or("", |field| field.trim()).to_lowercase();
    let english = ["american", "british", "canadian", "australian", "newzealand", "usenglish", "ukenglish"];
    language.is_empty() || language.starts_with("en") || english.contains(&language.as_str())
}

struct Reader<'a> {
    entry: &'a Entry,
    titles: Titles,
}

impl Reader<'_> {
    fn raw(&self, name: &str) -> Option<&str> {
        self.entry.fields.get(name).map(|field| field.trim()).filter(|text| !text.is_empty())
    }

    fn first_raw(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.raw(name))
    }

    /// The text of the first of these fields that is present.
    fn text(&self, names: &[&str]) -> String {
        self.first_raw(names).map_or_else(String::new, |raw| decode(raw, Braces::Group))
    }

    /// A list separated by "and", such as places.
    fn list(&self, name: &str) -> Vec<String> {
        let raw = self.raw(name).unwrap_or_default();
        split_and(raw)
            .into_iter()
            .map(|part| decode(part, Braces::Group))
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// The title from the fields that start with `start`: "Title: Subtitle. Addon".
    fn title(&self, start: &str) -> String {
        let part = |end: &str| match self.raw(&format!("{start}{end}")) {
            Some(raw) => self.cased(&decode(raw, Braces::Protect)),
            None => String::new(),
        };
        with_subtitle(&part("title"), &part("subtitle"), &part("titleaddon"))
    }

    fn cased(&self, title: &str) -> String {
        // The titles of laws and court cases are names.
        let is_name = ["legislation", "jurisdiction", "legal"].contains(&self.entry.kind.as_str());
        if !is_name && self.titles.sentence && is_title_case(title) {
            to_sentence_case(title)
        } else {
            title.to_owned()
        }
    }

    fn read(&self) -> Item {
        let mut item = Item::new(self.entry.key.clone(), self.kind());
        self.titles(&mut item);
        self.container(&mut item);
        self.people(&mut item);
        self.dates(&mut item);
        self.numbers(&mut item);
        self.publication(&mut item);
        self.identifiers(&mut item);
        preprint(&mut item);
        item
    }

    fn kind(&self) -> Kind {
        let subtype = self.text(&["entrysubtype"]).to_lowercase();
        let known = TYPES.iter().find(|(name, _)| *name == self.entry.kind).map(|(_, kind)| *kind);
        match known {
            Some(Kind::ArticleJournal) if subtype == "magazine" => Kind::ArticleMagazine,
            Some(Kind::ArticleJournal) if subtype == "newspaper" => Kind::ArticleNewspaper,
            Some(Kind::Manuscript) if self.first_raw(&["eventtitle", "eventdate", "venue"]).is_some() => {
                Kind::Speech
            }
            Some(kind) => kind,
            None => Kind::Document,
        }
    }

    fn is_part(&self) -> bool {
        matches!(
            self.entry.kind.as_str(),
            "inbook"
                | "book_section"
                | "conference_proceedings"
                | "incollection"
                | "inproceedings"
                | "conference"
                | "inreference"
                | "bookinbook"
                | "suppbook"
                | "suppcollection"
        )
    }

    fn titles(&self, item: &mut Item) {
        let (title, main) = (self.title(""), self.title("main"));
        if main.is_empty() || self.is_part() {
            item.set(TITLE, if title.is_empty() { self.title("book") } else { title });
        } else {
            item.set(TITLE, main);
            item.set(Text::VolumeTitle, title);
        }
        item.set(
            Text::TitleShort,
            self.raw("shorttitle").map_or_else(String::new, |raw| self.cased(&decode(raw, Braces::Protect))),
        );
        item.set(Text::OriginalTitle, self.text(&["origtitle"]));
    }

    fn container(&self, item: &mut Item) {
        let journal = match self.first_raw(&["journaltitle", "journal"]) {
            Some(raw) => {
                let subtitle =
                    self.raw("journalsubtitle").map_or_else(String::new, |raw| decode(raw, Braces::Protect));
                with_subtitle(&decode(raw, Braces::Protect), &subtitle, "")
            }
            None => String::new(),
        };
        if self.is_part() {
            let (main, book) = (self.title("main"), self.title("book"));
            if main.is_empty() {
                item.set(Text::ContainerTitle, if book.is_empty() { journal } else { book });
            } else {
                item.set(Text::ContainerTitle, main);
                item.set(Text::VolumeTitle, book);
            }
        } else if !journal.is_empty() {
            item.set(Text::ContainerTitle, journal);
        } else if !matches!(item.kind, Kind::Book) {
            item.set(Text::ContainerTitle, self.title("book"));
        }
        item.set(Text::ContainerTitleShort, self.text(&["shortjournal", "shortbooktitle"]));
        if item.field(Text::ContainerTitle).is_none() {
            let short = item.text(Text::ContainerTitleShort).to_owned();
            item.set(Text::ContainerTitle, short);
        }
        let issue_title = self.title("issue");
        if self.entry.kind == "periodical" && !issue_title.is_empty() {
            // An issue with its own title is contained in its journal.
            let journal = item.text(TITLE).to_owned();
            item.set(Text::ContainerTitle, journal);
            item.set(TITLE, &issue_title);
        } else {
            item.set_missing(Text::VolumeTitle, issue_title);
        }
        item.set_missing(Text::CollectionTitle, series(&self.text(&["series"])));
        item.set(Text::EventTitle, self.title("event"));
        item.set(Text::EventPlace, self.text(&["venue"]));
    }

    fn people(&self, item: &mut Item) {
        let prefix = self
            .text(&["options"])
            .replace(' ', "")
            .split(',')
            .any(|option| option == "useprefix" || option == "useprefix=true");
        let names = |field: &str| self.raw(field).map_or_else(Vec::new, |raw| people(raw, prefix));
        item.set_names(NameVariable::Author, names("author"));
        if item.names(NameVariable::Author).is_empty() {
            item.set_names(NameVariable::Author, names("creator"));
        }
        item.set_names(NameVariable::Translator, names("translator"));
        item.set_names(NameVariable::ContainerAuthor, names("bookauthor"));
        let mut roles: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        for suffix in ["", "a", "b", "c"] {
            let role = self.text(&[&format!("editor{suffix}type")]).to_lowercase();
            let role = if role.is_empty() { "editor".to_owned() } else { role };
            roles.entry(role).or_default().extend(names(&format!("editor{suffix}")));
        }
        for (role, people) in roles {
            let variable = match role.as_str() {
                "compiler" => NameVariable::Compiler,
                "director" => NameVariable::Director,
                "producer" => NameVariable::Producer,
                "organizer" => NameVariable::Organizer,
                "scriptwriter" | "writer" => NameVariable::ScriptWriter,
                "editor" => NameVariable::Editor,
                _ => NameVariable::Contributor,
            };
            let mut all = item.names(variable).to_vec();
            all.extend(people);
            item.set_names(variable, all);
        }
        // Without an author, use the holder of a patent or the director of a film.
        if item.kind == Kind::Patent && item.names(NameVariable::Author).is_empty() {
            item.set_names(NameVariable::Author, names("holder"));
        }
        if item.names(NameVariable::Author).is_empty() && item.names(NameVariable::Editor).is_empty() {
            let role = match self.entry.kind.as_str() {
                "movie" | "video" => NameVariable::Director,
                _ => return,
            };
            let directors = item.names(role).to_vec();
            item.set_names(NameVariable::Author, directors);
        }
    }

    fn dates(&self, item: &mut Item) {
        if let Some(date) = self.issued() {
            item.set_date(DateVariable::Issued, date);
        }
        for (field, variable) in [
            ("urldate", DateVariable::Accessed),
            ("origdate", DateVariable::OriginalDate),
            ("origyear", DateVariable::OriginalDate),
            ("eventdate", DateVariable::EventDate),
        ] {
            if let Some(date) = self.day(field) {
                item.set_date(variable, date);
            }
        }
        for field in ["lastchecked", "lastaccessed", "accessed"] {
            if item.date(DateVariable::Accessed).is_none()
                && let Some(date) = self.day(field)
            {
                item.set_date(DateVariable::Accessed, date);
            }
        }
    }

    /// The date in a field. `~` marks an approximate date here, not a space.
    fn day(&self, field: &str) -> Option<Date> {
        self.raw(field).map(|raw| dates::words(&raw.replace(['{', '}'], "")))
    }

    fn issued(&self) -> Option<Date> {
        // If the date is invalid, use the year.
        let date = self.day("date");
        if let Some(date) = date.as_ref().filter(|date| date.start.is_some()) {
            return Some(date.clone());
        }
        let Some(year) = self.first_raw(&["year"]) else { return date };
        let mut found = dates::words(year.trim_matches(['{', '}', '[', ']', '(', ')', ' ']));
        let Some(start) = found.start.as_mut() else { return Some(found) };
        if start.month.is_none()
            && found.end.is_none()
            && let Some(month) = self.raw("month")
        {
            let (month, in_month, end) = dates::month(&decode(month, Braces::Group));
            let day = self.raw("day").and_then(|day| day.parse().ok()).or(in_month);
            (start.month, start.day) = (month, day.filter(|day| month.is_some() && (1..=31).contains(day)));
            found.end =
                end.map(|month| RangeEnd::Day(Day { year: start.year, month: Some(month), day: None }));
        }
        Some(found)
    }

    fn numbers(&self, item: &mut Item) {
        let number = |variable: NumberVariable| Variable::Number(variable);
        let (value, issue) = (self.text(&["number"]), self.text(&["issue"]));
        let is_periodical = matches!(
            item.kind,
            Kind::ArticleJournal
                | Kind::ArticleMagazine
                | Kind::ArticleNewspaper
                | Kind::Article
                | Kind::Review
        );
        if is_periodical {
            let both =
                [value.as_str(), &issue].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            item.set(number(NumberVariable::Issue), both.join(", "));
        } else if item.field(Text::CollectionTitle).is_some() && self.raw("series").is_some() {
            item.set(number(NumberVariable::CollectionNumber), value);
            item.set(number(NumberVariable::Issue), issue);
        } else {
            item.set(number(NumberVariable::Number), value);
            item.set(number(NumberVariable::Issue), issue);
        }
        item.set(number(NumberVariable::Volume), self.text(&["volume"]));
        item.set(number(NumberVariable::PartNumber), self.text(&["part"]));
        item.set(number(NumberVariable::NumberOfVolumes), self.text(&["volumes"]));
        item.set(number(NumberVariable::ChapterNumber), self.text(&["chapter"]));
        item.set(number(NumberVariable::Edition), edition(&self.text(&["edition"])));
        item.set(number(NumberVariable::Version), self.text(&["version", "revision"]));
        item.set(number(NumberVariable::NumberOfPages), self.text(&["pagetotal", "numpages"]));
        let pages = self.text(&["pages", "page"]).replace(['–', '—'], "-");
        let pages =
            pages.split(['-']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
        // A single page equal to the page count is not a page. ACM exports such pages for numbered articles.
        let article = self.text(&["eid", "articleno", "article-number"]);
        let counted = !article.is_empty()
            && pages.bytes().all(|b| b.is_ascii_digit())
            && pages == self.text(&["numpages"]);
        item.set(PAGE, if pages.is_empty() || counted { article } else { pages });
    }

    fn publication(&self, item: &mut Item) {
        let mut publishers: Vec<String> = Vec::new();
        for field in ["school", "institution", "organization", "howpublished", "publisher"] {
            if field == "howpublished" && self.address("howpublished").is_some() {
                continue;
            }
            for name in self.raw(field).map_or_else(Vec::new, publisher_names) {
                let name = decode(&name, Braces::Group);
                if !name.is_empty() && !publishers.contains(&name) {
                    publishers.push(name);
                }
            }
        }
        item.set(Text::Publisher, publishers.join("; "));
        let (address, location) = (self.list("address").join("; "), self.list("location").join("; "));
        let is_talk = item.kind == Kind::PaperConference;
        if is_talk && !address.is_empty() && !location.is_empty() && address != location {
            // ACM writes the publisher's place in `address` and the venue in `location`.
            item.set_missing(Text::EventPlace, &location);
            item.set(Text::PublisherPlace, address);
        } else if item.kind == Kind::Patent {
            item.set(Text::Jurisdiction, if location.is_empty() { address } else { location });
        } else {
            let place = if location.is_empty() { address } else { location };
            let is_unpublished = is_talk && item.field(Text::Publisher).is_none();
            if is_unpublished && item.field(Text::EventTitle).is_some() {
                // Without a publisher, the place is that of the event.
                item.set_missing(Text::EventPlace, &place);
            }
            item.set(Text::PublisherPlace, place);
        }
        item.set(Text::OriginalPublisher, self.text(&["origpublisher"]));
        item.set(Text::OriginalPublisherPlace, self.text(&["origlocation"]));
        item.set(Text::Genre, genre(&self.text(&["type"]), &self.entry.kind));
        let notes: Vec<String> = [&["note"][..], &["addendum"]]
            .iter()
            .map(|names| self.text(names))
            .filter(|text| !text.is_empty())
            .collect();
        item.set(Text::Note, notes.join(". "));
        item.set(Text::Annote, self.text(&["annotation", "annote"]));
        item.set(Text::Abstract, self.text(&["abstract"]));
        item.set(Text::Keyword, self.text(&["keywords"]));
        item.set(Text::CallNumber, self.text(&["library"]));
        item.set(Text::Status, status(&self.text(&["pubstate"])));
        item.set(Text::Language, language(&self.text(&["langid", "hyphenation", "language"])));
        item.set(Text::License, self.text(&["copyright"]));
    }

    /// The URL in a field that may contain other text.
    fn address(&self, field: &str) -> Option<String> {
        let raw = self.raw(field)?;
        let address = verbatim(raw);
        let bare = raw.contains("\\url") || !raw.trim().contains(' ');
        match () {
            () if !bare => None,
            () if address.starts_with("http://") || address.starts_with("https://") => Some(address),
            () if address.starts_with("www.") => Some(format!("http://{address}")),
            () => None,
        }
    }

    fn identifiers(&self, item: &mut Item) {
        let of = |names: &[&str]| self.first_raw(names).map_or_else(String::new, verbatim);
        item.set(Text::DOI, bare_doi(&of(&["doi"])));
        item.set(Text::ISBN, self.text(&["isbn"]));
        item.set(Text::ISSN, self.text(&["issn"]));
        item.set(Text::PMID, of(&["pmid"]));
        item.set(Text::PMCID, of(&["pmcid"]));
        let own = self.raw("url").map(|raw| {
            let address = verbatim(raw);
            if address.starts_with("www.") { format!("http://{address}") } else { address }
        });
        let (eprint, kind) = (of(&["eprint"]), of(&["eprinttype", "archiveprefix"]).to_lowercase());
        let archived = match kind.as_str() {
            _ if eprint.is_empty() => None,
            "arxiv" => Some(format!("https://arxiv.org/abs/{}", eprint.trim_start_matches("arXiv:"))),
            "jstor" => Some(format!("https://www.jstor.org/stable/{eprint}")),
            "pubmed" => Some(format!("https://www.ncbi.nlm.nih.gov/pubmed/{eprint}")),
            "googlebooks" => Some(format!("https://books.google.com?id={eprint}")),
            "hdl" => Some(format!("https://hdl.handle.net/{eprint}")),
            _ => None,
        };
        if kind == "pubmed" {
            item.set_missing(Text::PMID, &eprint);
        }
        let address =
            own.or(archived).or_else(|| self.address("howpublished")).or_else(|| self.address("note"));
        if self.address("note").is_some() {
            item.set(Text::Note, "");
        }
        item.set(Text::URL, address.unwrap_or_default());
    }
}

/// Google Scholar exports preprints as articles in the journal `arXiv preprint arXiv:1706.03762`. In styles,
/// arXiv is the publisher and the identifier a number.
fn preprint(item: &mut Item) {
    let journal = item.text(Text::ContainerTitle);
    let Some((name, id)) = journal.split_once("arXiv:") else { return };
    let id = id.split_whitespace().next().unwrap_or_default().to_owned();
    if item.kind != Kind::ArticleJournal
        || !["", "arxiv preprint", "arxiv"].contains(&name.trim().to_lowercase().as_str())
    {
        return;
    }
    item.kind = Kind::Article;
    item.set(Text::ContainerTitle, "");
    item.set(Text::Publisher, "arXiv");
    item.set(Variable::Number(NumberVariable::Number), format!("arXiv:{id}"));
    if item.field(Text::DOI).is_none() {
        item.set_missing(Text::URL, format!("https://arxiv.org/abs/{id}"));
    }
}

/// The publishers in a field. BibLaTeX splits it at "and", but in most files "and" is part of a name: "Taylor and
/// Francis". So the field is split only after a name that is complete, such as "MIT Press".
fn publisher_names(raw: &str) -> Vec<String> {
    const ENDS: [&str; 10] = [
        "books",
        "editions",
        "éditions",
        "inc.",
        "ltd.",
        "press",
        "publishers",
        "publishing",
        "verlag",
        "uitgeverij",
    ];
    let mut names: Vec<String> = Vec::new();
    for part in split_and(raw) {
        let is_complete = |name: &String| {
            let lower = name.to_lowercase();
            ENDS.iter().any(|end| lower.ends_with(end))
        };
        match names.last_mut().filter(|last| !is_complete(last)) {
            Some(last) => *last += &format!(" and {part}"),
            None => names.push(part.to_owned()),
        }
    }
    names
}

/// A DOI without the URL of a resolver.
pub(super) fn bare_doi(doi: &str) -> &str {
    let doi = doi.trim();
    let lower = doi.to_ascii_lowercase();
    let bare = ["https://", "http://"].iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower);
    let bare = ["dx.doi.org/", "www.doi.org/", "doi.org/", "doi:"]
        .iter()
        .find_map(|start| bare.strip_prefix(start))
        .unwrap_or(bare);
    doi.get(doi.len() - bare.trim_start().len()..).unwrap_or(doi)
}

/// "Title: Subtitle. Addon". There is no colon after a title that ends in punctuation.
fn with_subtitle(title: &str, subtitle: &str, addon: &str) -> String {
    let mut whole = title.to_owned();
    for (part, mark) in [(subtitle, ": "), (addon, ". ")] {
        if part.is_empty() {
            continue;
        }
        let ended = whole.trim_end_matches(['”', '’']).ends_with(['?', '!', '.', ':', ';', ',']);
        whole += match () {
            () if whole.is_empty() => "",
            () if ended => " ",
            () => mark,
        };
        whole += part;
    }
    whole
}

/// "New series" for BibLaTeX's `newseries`, "3rd series" for `3`.
fn series(text: &str) -> String {
    match text {
        "newseries" => "New series".to_owned(),
        "oldseries" => "Old series".to_owned(),
        number if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            let ending = match number.as_bytes() {
                [.., b'1', _] => "th",
                [.., b'1'] => "st",
                [.., b'2'] => "nd",
                [.., b'3'] => "rd",
                _ => "th",
            };
            format!("{number}{ending} series")
        }
        other => other.to_owned(),
    }
}

/// An edition as a number if possible: `Second` and `2nd` become 2, `1 edition` is unchanged.
fn edition(text: &str) -> String {
    const WORDS: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let lower = text.to_lowercase();
    if let Some(at) = WORDS.iter().position(|word| *word == lower) {
        return (at + 1).to_string();
    }
    let ending = ["st", "nd", "rd", "th"].iter().find_map(|end| lower.strip_suffix(end));
    let number = ending.filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    number.unwrap_or(text).to_owned()
}

/// The genre of a thesis, report or patent: "PhD thesis".
fn genre(kind: &str, entry: &str) -> String {
    match (kind, entry) {
        ("phdthesis", _) | ("", "phdthesis") => "PhD thesis",
        ("mastersthesis" | "mathesis", _) | ("", "mastersthesis") => "Master’s thesis",
        ("bathesis", _) => "Bachelor’s thesis",
        ("candthesis", _) => "Candidate thesis",
        ("techreport", _) => "technical report",
        ("resreport", _) => "research report",
        ("software", _) => "computer software",
        ("datacd", _) => "data CD",
        ("audiocd", _) => "audio CD",
        ("patent", _) => "patent",
        ("patentde", _) => "German patent",
        ("patenteu", _) => "European patent",
        ("patentfr", _) => "French patent",
        ("patentuk", _) => "British patent",
        ("patentus", _) => "U.S. patent",
        ("patreq", _) => "patent request",
        ("patreqde", _) => "German patent request",
        ("patreqeu", _) => "European patent request",
        ("patreqfr", _) => "French patent request",
        ("patrequk", _) => "British patent request",
        ("patrequs", _) => "U.S. patent request",
        (other, _) => return other.to_owned(),
    }
    .to_owned()
}

fn status(state: &str) -> String {
    match state {
        "inpress" => "in press",
        "inpreparation" => "in preparation",
        "prepublished" => "pre-published",
        other => other,
    }
    .to_owned()
}

/// The language code for a babel name or a code.
fn language(name: &str) -> String {
    const CODES: [(&str, &str); 30] = [
        ("american", "en-US"),
        ("australian", "en-AU"),
        ("british", "en-GB"),
        ("canadian", "en-CA"),
        ("czech", "cs-CZ"),
        ("danish", "da-DK"),
        ("dutch", "nl-NL"),
        ("english", "en-US"),
        ("finnish", "fi-FI"),
        ("french", "fr-FR"),
        ("german", "de-DE"),
        ("greek", "el-GR"),
        ("hungarian", "hu-HU"),
        ("italian", "it-IT"),
        ("japanese", "ja-JP"),
        ("latin", "la"),
        ("naustrian", "de-AT"),
        ("ngerman", "de-DE"),
        ("norsk", "nb-NO"),
        ("norwegian", "nb-NO"),
        ("polish", "pl-PL"),
        ("brazilian", "pt-BR"),
        ("portuguese", "pt-PT"),
        ("russian", "ru-RU"),
        ("spanish", "es-ES"),
        ("swedish", "sv-SE"),
        ("turkish", "tr-TR"),
        ("ukenglish", "en-GB"),
        ("usenglish", "en-US"),
        ("chinese", "zh-CN"),
    ];
    let lower = name.trim().to_lowercase();
    let found = CODES.iter().find(|(known, _)| *known == lower).map(|(_, code)| (*code).to_owned());
    found.unwrap_or_else(|| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_become_numbers_if_possible() {
        assert_eq!(
            ["Second", "2nd", "3", "1 edition", "Revised"].map(edition),
            ["2", "2", "3", "1 edition", "Revised"]
        );
    }

    #[test]
    fn publishers_are_split_after_complete_names() {
        for (raw, names) in [
            ("Taylor and Francis", &["Taylor and Francis"][..]),
            ("MIT Press and McGraw-Hill", &["MIT Press", "McGraw-Hill"]),
            ("{Health and Care} and Human Services", &["{Health and Care} and Human Services"]),
        ] {
            assert_eq!(publisher_names(raw), names);
        }
    }

    #[test]
    fn doi_resolvers_are_removed() {
        assert_eq!(["https://doi.org/10.1/X", "doi:10.1/X", "10.1/X"].map(bare_doi), ["10.1/X"; 3]);
    }
}
