//! Converts Hayagriva entries to CSL. An entry may contain parents, such as its journal.
//!
//! The format is described in hayagriva's `docs/file-format.md`. The CSL type of an entry depends on its type
//! and the types of its parents.

use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::biblatex::bare_doi;
use super::found::Found;
use super::yaml::{self, Node, Value};
use super::{dates, names};
use crate::bibliography::item::{Date, Item, Name, PAGE, TITLE};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean, nearest};

/// The help that points to the description of the format.
const FORMAT: &str = "see https://github.com/typst/hayagriva/blob/main/docs/file-format.md";
/// The help for an invalid date.
const DATES: &str = "write a year, a month or a day: `2019`, `2019-03` or `2019-03-14`";

/// The fields of an entry.
const FIELDS: [&str; 30] = [
    "type",
    "parent",
    "title",
    "author",
    "date",
    "editor",
    "affiliated",
    "publisher",
    "location",
    "organization",
    "issue",
    "chapter",
    "volume",
    "volume-total",
    "edition",
    "page-range",
    "page-total",
    "time-range",
    "runtime",
    "url",
    "serial-number",
    "language",
    "archive",
    "archive-location",
    "call-number",
    "note",
    "abstract",
    "annote",
    "genre",
    "keywords",
];

/// The types of an entry.
const TYPES: [&str; 28] = [
    "anthology",
    "anthos",
    "article",
    "artwork",
    "audio",
    "blog",
    "book",
    "case",
    "chapter",
    "conference",
    "entry",
    "exhibition",
    "legislation",
    "manuscript",
    "misc",
    "newspaper",
    "original",
    "patent",
    "performance",
    "periodical",
    "post",
    "proceedings",
    "reference",
    "report",
    "repository",
    "scene",
    "thesis",
    "thread",
];
const MORE_TYPES: [&str; 3] = ["video", "web", "dataset"];

/// Reads the entries of a file, with the location of each key. Errors are reported.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let pairs = yaml::pairs(file, FORMAT, diagnostics);
    pairs.iter().filter_map(|(key, value)| entry(file, key, value, diagnostics)).collect()
}

/// Reads an entry. If it is invalid, it is reported and `None` is returned.
fn entry(file: &Arc<File>, key: &Node, value: &Node, diagnostics: &mut Diagnostics) -> Option<Found> {
    let name = key.scalar().unwrap_or_default().trim().to_owned();
    let mut reader = Reader { file, key: &name, diagnostics, failed: false };
    if name.is_empty() {
        reader.invalid(key, "the entry has no key".to_owned(), FORMAT.to_owned());
        return None;
    }
    if !matches!(value.value, Value::Map(_)) {
        reader.invalid(key, format!("{name}: expected the fields of an entry"), FORMAT.to_owned());
        return None;
    }
    let work = reader.work(value);
    let work = work.filter(|_| !reader.failed)?;
    let Some(form) = work.form() else {
        reader.invalid(
            key,
            format!("{name}: the entry has no `type`"),
            format!("write one of {}", TYPES.join(", ")),
        );
        return None;
    };
    let item = work.item(&name, &form);
    Some(Found { item, place: Place::new(file, key.span.clone()) })
}

struct Reader<'a> {
    file: &'a Arc<File>,
    key: &'a str,
    diagnostics: &'a mut Diagnostics,
    failed: bool,
}

/// An entry or a parent.
struct Work<'a> {
    node: &'a Node,
    parents: Vec<Work<'a>>,
}

impl Reader<'_> {
    fn invalid(&mut self, node: &Node, message: String, help: String) {
        self.failed = true;
        let place = Place::new(self.file, node.span.clone());
        self.diagnostics.push(Diagnostic::error(Code::WorkInvalid, place, message).help(help));
    }

    /// Checks an entry and its parents.
    fn work<'n>(&mut self, node: &'n Node) -> Option<Work<'n>> {
        let Value::Map(pairs) = &node.value else {
            self.invalid(
                node,
                format!("{}.parent: expected the fields of an entry", self.key),
                FORMAT.to_owned(),
            );
            return None;
        };
        let mut parents = Vec::new();
        for (field, value) in pairs {
            let name = field.scalar().unwrap_or_default();
            match name {
                "parent" => {
                    let all = match &value.value {
                        Value::List(all) => all.iter().collect(),
                        _ => vec![value],
                    };
                    for parent in all {
                        parents.extend(self.work(parent));
                    }
                }
                "type" => {
                    let kind = value.scalar().unwrap_or_default().to_lowercase();
                    if !TYPES.contains(&kind.as_str()) && !MORE_TYPES.contains(&kind.as_str()) {
                        let help = did_you_mean(&kind, TYPES.into_iter().chain(MORE_TYPES));
                        self.invalid(value, format!("{}.type: unknown value `{kind}`", self.key), help);
                    }
                }
                name if FIELDS.contains(&name) => self.check(name, value),
                name => self.unknown(field, name),
            }
        }
        Some(Work { node, parents })
    }

    /// Checks the type of a field's value.
    fn check(&mut self, name: &str, value: &Node) {
        if name == "date"
            && let Some(date) = value.scalar().map(str::trim).filter(|date| !date.is_empty())
            && dates::iso(date).is_none()
        {
            self.invalid(
                value,
                format!("{}.date: expected a date, found `{date}`", self.key),
                DATES.to_owned(),
            );
            return;
        }
        let is_map = matches!(value.value, Value::Map(_));
        let is_list = matches!(value.value, Value::List(_));
        let takes_map = matches!(
            name,
            "title"
                | "author"
                | "editor"
                | "affiliated"
                | "publisher"
                | "location"
                | "organization"
                | "url"
                | "serial-number"
                | "note"
                | "abstract"
                | "annote"
                | "genre"
                | "archive"
                | "archive-location"
                | "call-number"
        );
        let takes_list = matches!(name, "author" | "editor" | "affiliated" | "keywords");
        if (is_map && !takes_map) || (is_list && !takes_list) {
            let (expected, help) = if name == "date" { ("a date", DATES) } else { ("text", FORMAT) };
            self.invalid(value, format!("{}.{name}: expected {expected}", self.key), help.to_owned());
        }
    }

    fn unknown(&mut self, field: &Node, name: &str) {
        let help = match nearest(name, FIELDS) {
            Some(near) => format!("write `{near}`"),
            None => format!("remove it, because it is not used; {FORMAT}"),
        };
        let message = format!("{}: unknown field `{name}`", self.key);
        let place = Place::new(self.file, field.span.clone());
        self.diagnostics.push(Diagnostic::warning(Code::WorkInvalid, place, message).help(help));
    }
}

impl<'a> Work<'a> {
    fn form(&self) -> Option<String> {
        self.node.get("type").and_then(Node::scalar).map(str::to_lowercase)
    }

    fn is(&self, forms: &[&str]) -> bool {
        self.form().is_some_and(|form| forms.contains(&form.as_str()))
    }

    fn in_a(&self, forms: &[&str]) -> bool {
        self.parents.iter().any(|parent| parent.is(forms))
    }

    /// A field's text with its markup.
    fn text(&self, name: &str) -> String {
        let node = self.node.get(name);
        let value = node.and_then(|node| node.get("value").or_else(|| node.get("name")).or(Some(node)));
        value.and_then(Node::scalar).map(markup).unwrap_or_default()
    }

    fn short(&self, name: &str) -> String {
        let short = self.node.get(name).and_then(|node| node.get("short")).and_then(Node::scalar);
        short.map(markup).unwrap_or_default()
    }

    /// A field of the work, or else of its parents.
    fn inherited(&self, name: &str) -> String {
        let own = self.text(name);
        if own.is_empty() {
            return self
                .parents
                .iter()
                .map(|parent| parent.inherited(name))
                .find(|text| !text.is_empty())
                .unwrap_or_default();
        }
        own
    }

    fn serial(&self, name: &str) -> String {
        let own = self.node.get("serial-number").and_then(|node| match (&node.value, name) {
            (Value::Scalar(text), "serial") => Some(text.clone()),
            _ => node.get(name).and_then(Node::scalar).map(str::to_owned),
        });
        own.unwrap_or_default()
    }

    fn inherited_serial(&self, name: &str) -> String {
        let own = self.serial(name);
        if own.is_empty() {
            return self
                .parents
                .iter()
                .map(|parent| parent.inherited_serial(name))
                .find(|text| !text.is_empty())
                .unwrap_or_default();
        }
        own
    }

    fn people(&self, name: &str) -> Vec<Name> {
        self.node.get(name).map(people).unwrap_or_default()
    }

    /// The people who had a role in the work.
    fn affiliated(&self, role: &str) -> Vec<Name> {
        let all = match self.node.get("affiliated") {
            Some(Node { value: Value::List(all), .. }) => all.as_slice(),
            Some(node) => std::slice::from_ref(node),
            None => &[],
        };
        let of_role = |node: &&Node| {
            node.get("role").and_then(Node::scalar).is_some_and(|known| known.to_lowercase() == role)
        };
        all.iter().filter(of_role).filter_map(|node| node.get("names")).flat_map(people).collect()
    }

    fn date(&self) -> Option<Date> {
        let own = self
            .node
            .get("date")
            .and_then(Node::scalar)
            .filter(|date| !date.trim().is_empty())
            .map(dates::words);
        own.or_else(|| {
            self.parents.iter().filter(|parent| !parent.is(&["original", "conference"])).find_map(Work::date)
        })
    }

    /// The publisher and its place.
    fn publisher(&self) -> (String, String) {
        let node = self.node.get("publisher");
        let name = self.text("publisher");
        let place = node.and_then(|node| node.get("location"));
        let place = place.and_then(|place| place.get("value").unwrap_or(place).scalar().map(markup));
        (name, place.unwrap_or_default())
    }

    /// The container of the work, such as a journal or a collection.
    fn container(&self) -> Option<&Work<'a>> {
        let whole = self.is(&[
            "book",
            "report",
            "thesis",
            "anthology",
            "proceedings",
            "reference",
            "periodical",
            "manuscript",
        ]);
        let mut parents = self.parents.iter().filter(|parent| !parent.is(&["original"]));
        if whole && !self.in_a(&["web", "blog", "newspaper", "repository"]) {
            return None;
        }
        let events = ["conference", "exhibition"];
        let container = parents.clone().find(|parent| !parent.is(&events));
        container.or_else(|| parents.next())
    }

    /// The series of the work or of its container.
    fn collection(&self) -> Option<&Work<'a>> {
        match self.container() {
            Some(container) => {
                container.parents.iter().find(|parent| !parent.is(&["original", "conference"]))
            }
            None => self.parents.iter().find(|parent| !parent.is(&["original", "conference", "exhibition"])),
        }
    }

    fn kind(&self, form: &str) -> Kind {
        let has_url = self.node.get("url").is_some();
        match form {
            "article" if self.in_a(&["periodical"]) => Kind::ArticleJournal,
            "article" if self.in_a(&["newspaper"]) => Kind::ArticleNewspaper,
            "article" if self.in_a(&["proceedings", "conference"]) => Kind::PaperConference,
            "article" if self.in_a(&["report"]) => Kind::Report,
            "article" if self.in_a(&["thesis"]) => Kind::Thesis,
            "article" if self.in_a(&["anthology", "book"]) => Kind::Chapter,
            "article" | "entry" if self.in_a(&["blog"]) => Kind::PostWeblog,
            "article" if self.in_a(&["web"]) => Kind::Webpage,
            "article" if self.in_a(&["reference"]) => Kind::EntryEncyclopedia,
            "article" => Kind::Article,
            "anthos" | "chapter" => Kind::Chapter,
            "entry" if self.in_a(&["reference"]) => Kind::EntryEncyclopedia,
            "entry" => Kind::Entry,
            "book" | "anthology" | "proceedings" | "reference" => Kind::Book,
            "periodical" | "newspaper" => Kind::Periodical,
            "report" => Kind::Report,
            "thesis" => Kind::Thesis,
            "manuscript" => Kind::Manuscript,
            "web" | "blog" => Kind::Webpage,
            "post" | "thread" => Kind::Post,
            "patent" => Kind::Patent,
            "case" => Kind::LegalCase,
            "legislation" if self.node.get("publisher").is_some() => Kind::Legislation,
            "legislation" => Kind::Bill,
            "repository" => Kind::Software,
            "dataset" => Kind::Dataset,
            "video" if self.parents.is_empty() => Kind::MotionPicture,
            "audio" if self.parents.is_empty() => Kind::Song,
            "video" | "audio" => Kind::Broadcast,
            "artwork" if self.in_a(&["article"]) => Kind::Figure,
            "artwork" => Kind::Graphic,
            "performance" | "scene" => Kind::Performance,
            "exhibition" | "conference" => Kind::Event,
            "misc" if has_url => Kind::Webpage,
            _ => Kind::Document,
        }
    }

    fn item(&self, key: &str, form: &str) -> Item {
        let mut item = Item::new(key, self.kind(form));
        item.set(TITLE, self.text("title"));
        item.set(Text::TitleShort, self.short("title"));
        self.people_of(&mut item);
        if let Some(date) = self.date() {
            item.set_date(DateVariable::Issued, date);
        }
        let container = self.container();
        if let Some(container) = container {
            item.set(Text::ContainerTitle, container.text("title"));
            item.set(Text::ContainerTitleShort, container.short("title"));
            item.set_names(NameVariable::ContainerAuthor, container.people("author"));
        }
        if let Some(collection) = self.collection() {
            item.set(Text::CollectionTitle, collection.text("title"));
            item.set(Variable::Number(NumberVariable::CollectionNumber), collection.text("volume"));
            item.set_names(NameVariable::CollectionEditor, collection.people("editor"));
        }
        for event in self.parents.iter().filter(|parent| parent.is(&["conference", "exhibition"])) {
            item.set(Text::EventTitle, event.text("title"));
            item.set(Text::EventPlace, event.text("location"));
            if let Some(date) = event.date() {
                item.set_date(DateVariable::EventDate, date);
            }
        }
        for original in self.parents.iter().filter(|parent| parent.is(&["original"])) {
            item.set(Text::OriginalTitle, original.text("title"));
            let (publisher, place) = original.publisher();
            item.set(Text::OriginalPublisher, publisher);
            item.set(Text::OriginalPublisherPlace, place);
            item.set_names(NameVariable::OriginalAuthor, original.people("author"));
            if let Some(date) = original.date() {
                item.set_date(DateVariable::OriginalDate, date);
            }
        }
        self.numbers(&mut item, container);
        self.publication(&mut item);
        item
    }

    fn people_of(&self, item: &mut Item) {
        item.set_names(NameVariable::Author, self.people("author"));
        let mut editors = self.people("editor");
        if editors.is_empty() {
            editors = self.container().map(|container| container.people("editor")).unwrap_or_default();
        }
        item.set_names(NameVariable::Editor, editors);
        for (role, variable) in [
            ("translator", NameVariable::Translator),
            ("compiler", NameVariable::Compiler),
            ("composer", NameVariable::Composer),
            ("collaborator", NameVariable::Contributor),
            ("organizer", NameVariable::Organizer),
            ("director", NameVariable::Director),
            ("executive-producer", NameVariable::ExecutiveProducer),
            ("illustrator", NameVariable::Illustrator),
            ("narrator", NameVariable::Narrator),
            ("cast-member", NameVariable::Performer),
            ("producer", NameVariable::Producer),
            ("writer", NameVariable::ScriptWriter),
            ("founder", NameVariable::SeriesCreator),
        ] {
            item.set_names(variable, self.affiliated(role));
        }
    }

    fn numbers(&self, item: &mut Item, container: Option<&Work<'_>>) {
        let from = |name: &str| {
            let own = self.text(name);
            if own.is_empty() {
                container.map(|container| container.text(name)).unwrap_or_default()
            } else {
                own
            }
        };
        for (field, variable) in [
            ("volume", NumberVariable::Volume),
            ("issue", NumberVariable::Issue),
            ("edition", NumberVariable::Edition),
            ("volume-total", NumberVariable::NumberOfVolumes),
        ] {
            item.set(Variable::Number(variable), from(field));
        }
        item.set(Variable::Number(NumberVariable::ChapterNumber), self.text("chapter"));
        item.set(Variable::Number(NumberVariable::NumberOfPages), self.text("page-total"));
        item.set(Variable::Number(NumberVariable::Number), self.serial("serial"));
        item.set(Variable::Number(NumberVariable::Version), self.serial("version"));
        item.set(PAGE, self.text("page-range"));
        item.set(
            Text::Dimensions,
            [self.text("runtime"), self.text("time-range")]
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_default(),
        );
    }

    fn publication(&self, item: &mut Item) {
        let mut publisher = self.publisher();
        for parent in self.parents.iter().filter(|parent| !parent.is(&["original"])) {
            if publisher.0.is_empty() {
                publisher = parent.publisher();
            }
        }
        let (name, place) = publisher;
        let organization = self.inherited("organization");
        item.set(Text::Publisher, if name.is_empty() { organization.as_str() } else { &name });
        if matches!(item.kind, Kind::LegalCase | Kind::Legislation | Kind::Bill) {
            item.set(Text::Authority, &organization);
        }
        item.set(Text::PublisherPlace, if place.is_empty() { self.text("location") } else { place });
        item.set(Text::DOI, bare_doi(&self.inherited_serial("doi")));
        item.set(Text::ISBN, self.inherited_serial("isbn"));
        item.set(Text::ISSN, self.inherited_serial("issn"));
        item.set(Text::PMID, self.serial("pmid"));
        item.set(Text::PMCID, self.serial("pmcid"));
        let url = self.inherited("url");
        let arxiv = self.serial("arxiv");
        item.set(
            Text::URL,
            if url.is_empty() && !arxiv.is_empty() { format!("https://arxiv.org/abs/{arxiv}") } else { url },
        );
        let visited = std::iter::once(self)
            .chain(&self.parents)
            .find_map(|work| work.node.get("url")?.get("date")?.scalar());
        if let Some(visited) = visited {
            item.set_date(DateVariable::Accessed, dates::words(visited));
        }
        for (field, variable) in [
            ("language", Text::Language),
            ("note", Text::Note),
            ("abstract", Text::Abstract),
            ("annote", Text::Annote),
            ("genre", Text::Genre),
            ("archive", Text::Archive),
            ("archive-location", Text::ArchiveLocation),
            ("call-number", Text::CallNumber),
            ("keywords", Text::Keyword),
        ] {
            item.set_missing(variable, self.text(field));
        }
        if let Some(Node { value: Value::List(words), .. }) = self.node.get("keywords") {
            item.set(Text::Keyword, words.iter().filter_map(Node::scalar).collect::<Vec<_>>().join(", "));
        }
    }
}

/// Converts Hayagriva's markup: text in braces keeps its case, and a backslash escapes a brace.
fn markup(text: &str) -> String {
    if !text.contains(['{', '}', '\\']) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut chars) = (0_usize, text.trim().chars().peekable());
    let closes = text.matches('}').count();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|next| "{}$\\".contains(*next)) => out.extend(chars.next()),
            '{' if closes > 0 => {
                depth += 1;
                out += if depth == 1 { "<span class=\"nocase\">" } else { "" };
            }
            '}' if depth > 0 => {
                depth -= 1;
                out += if depth == 0 { "</span>" } else { "" };
            }
            c => out.push(c),
        }
    }
    out
}

/// A name, or a list of names.
fn people(node: &Node) -> Vec<Name> {
    match &node.value {
        Value::List(all) => all.iter().flat_map(people).collect(),
        Value::Scalar(text) if text.trim().is_empty() => Vec::new(),
        Value::Scalar(text) => vec![names::inverted(text)],
        Value::Map(_) => {
            let of = |name: &str| node.get(name).and_then(Node::scalar).unwrap_or_default().trim().to_owned();
            let (family, given) = (of("name"), of("given-name"));
            if given.is_empty() && of("prefix").is_empty() {
                let whole = names::inverted(&family);
                return vec![if whole.others {
                    whole
                } else {
                    Name { suffix: of("suffix"), ..Name::literal(family) }
                }];
            }
            vec![Name { family, given, particle: of("prefix"), suffix: of("suffix"), ..Name::default() }]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_braces_keeps_its_case() {
        assert_eq!(markup("The {DNA} of $5 \\{x\\}"), "The <span class=\"nocase\">DNA</span> of $5 {x}");
        assert_eq!(markup("a { b"), "a { b");
    }
}
