//! Exports works as BibLaTeX, for LaTeX and reference managers.
//!
//! Fields and types are those of the BibLaTeX manual, section 2. Markup is converted to TeX commands, and text
//! that must keep its case is put in braces.

use std::fmt::Write as _;
use std::io;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::{EditionData, EditionFile};
use crate::bibliography::item::{PAGE, RangeEnd, TITLE, kind_name};
use crate::bibliography::{Date, Day, Item, Name, is_title_case};

/// The path of the file with all works.
pub(crate) const FILE: &str = "works/references.bib";

/// Writes the file with all works, if the edition has a bibliography.
pub(crate) struct Works;

impl EditionFile for Works {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        edition.works.iter().map(|_| FILE.to_owned()).collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let entries: Vec<String> = edition.records().iter().map(entry).collect();
        Ok(self.paths(edition).into_iter().map(|path| (path, entries.join("\n").into_bytes())).collect())
    }
}

/// One work as an entry that ends in a line break.
pub(crate) fn entry(work: &Item) -> String {
    let form = form(work);
    let mut out = format!("@{form}{{{},\n", key(&work.key));
    let mut write = |name: &str, value: String| {
        if !value.is_empty() {
            writeln!(out, "    {name} = {{{value}}},").expect("writing to a string cannot fail");
        }
    };
    // The option `useprefix` applies to all names of an entry.
    let has = |part: fn(&Name) -> &String| {
        work.all_names().flat_map(|(_, names)| names).any(|name| !part(name).is_empty())
    };
    let (staying, dropping) = (has(|name| &name.particle), has(|name| &name.dropping_particle));
    let mixed = staying && dropping;
    if staying && !mixed {
        write("options", "useprefix=true".to_owned());
    }
    for (role, field) in [
        (NameVariable::Author, "author"),
        (NameVariable::Editor, "editor"),
        (NameVariable::Translator, "translator"),
        (NameVariable::ContainerAuthor, "bookauthor"),
    ] {
        write(field, people(work.names(role), mixed));
    }
    for (at, (role, kind)) in ROLES
        .iter()
        .filter(|(role, _)| !work.names(*role).is_empty())
        .zip("abc".chars())
        .map(|(role, at)| (at, role))
    {
        write(&format!("editor{at}"), people(work.names(*role), mixed));
        write(&format!("editor{at}type"), (*kind).to_owned());
    }
    for (variable, field) in [
        (DateVariable::Issued, "date"),
        (DateVariable::Accessed, "urldate"),
        (DateVariable::OriginalDate, "origdate"),
        (DateVariable::EventDate, "eventdate"),
    ] {
        write(field, work.date(variable).map(date).unwrap_or_default());
    }
    for (variable, field) in fields(work, form) {
        let text = work.text(variable);
        write(
            field,
            match field {
                "url" | "doi" => verbatim(text),
                "pages" => escaped(&text.replace('–', "-")).replace("-{}", "-").replace('-', "--"),
                "title" | "booktitle" | "maintitle" | "shorttitle" | "eventtitle" => title(text),
                "publisher" | "institution" | "organization" | "location" | "origpublisher"
                | "origlocation" => one_of_list(text),
                _ => escaped(text),
            },
        );
    }
    if form == "misc" && work.kind != Kind::Document {
        write("type", kind_name(work.kind).replace(['-', '_'], " "));
    }
    out + "}\n"
}

/// The roles that BibLaTeX writes as editors with an `editortype`.
const ROLES: [(NameVariable, &str); 6] = [
    (NameVariable::Compiler, "compiler"),
    (NameVariable::Contributor, "collaborator"),
    (NameVariable::Director, "director"),
    (NameVariable::Producer, "producer"),
    (NameVariable::Organizer, "organizer"),
    (NameVariable::ScriptWriter, "scriptwriter"),
];

/// The variables of a work and their fields.
fn fields(work: &Item, form: &str) -> Vec<(Variable, &'static str)> {
    let number = Variable::Number;
    let journal = matches!(form, "article" | "periodical");
    let institution = matches!(form, "report" | "thesis");
    let has_series = work.field(Text::CollectionTitle).is_some();
    let volume = work.field(Text::VolumeTitle).is_some();
    let part = matches!(form, "inbook" | "incollection" | "inproceedings" | "inreference");
    vec![
        (TITLE, "title"),
        (Text::TitleShort.into(), "shorttitle"),
        (
            Text::ContainerTitle.into(),
            match () {
                () if journal => "journaltitle",
                () if part && volume => "maintitle",
                () => "booktitle",
            },
        ),
        (Text::ContainerTitleShort.into(), "shortjournal"),
        (Text::VolumeTitle.into(), if part { "booktitle" } else { "issuetitle" }),
        (Text::CollectionTitle.into(), "series"),
        (number(NumberVariable::Volume), "volume"),
        (number(NumberVariable::PartNumber), "part"),
        (number(NumberVariable::NumberOfVolumes), "volumes"),
        // The issue of a journal is BibLaTeX's `number`.
        (number(NumberVariable::Issue), if journal { "number" } else { "issue" }),
        (number(NumberVariable::CollectionNumber), if journal { "" } else { "number" }),
        (
            number(NumberVariable::Number),
            if journal || has_series && work.field(number(NumberVariable::CollectionNumber)).is_some() {
                ""
            } else {
                "number"
            },
        ),
        (number(NumberVariable::ChapterNumber), "chapter"),
        (number(NumberVariable::Edition), "edition"),
        (number(NumberVariable::Version), "version"),
        (number(NumberVariable::NumberOfPages), "pagetotal"),
        (PAGE, "pages"),
        (
            Text::Publisher.into(),
            match form {
                _ if institution => "institution",
                "online" | "misc" | "software" => "organization",
                _ => "publisher",
            },
        ),
        (Text::PublisherPlace.into(), "location"),
        (Text::Jurisdiction.into(), "location"),
        (Text::OriginalPublisher.into(), "origpublisher"),
        (Text::OriginalPublisherPlace.into(), "origlocation"),
        (Text::OriginalTitle.into(), "origtitle"),
        (Text::EventTitle.into(), "eventtitle"),
        (Text::EventPlace.into(), "venue"),
        (Text::Genre.into(), "type"),
        (Text::Status.into(), "pubstate"),
        (Text::DOI.into(), "doi"),
        (Text::ISBN.into(), "isbn"),
        (Text::ISSN.into(), "issn"),
        (Text::PMID.into(), "pmid"),
        (Text::PMCID.into(), "pmcid"),
        (Text::URL.into(), "url"),
        (Text::Archive.into(), if work.text(Text::Archive) == "arXiv" { "eprinttype" } else { "" }),
        (Text::ArchiveLocation.into(), if work.text(Text::Archive) == "arXiv" { "eprint" } else { "" }),
        (Text::CallNumber.into(), "library"),
        (Text::Language.into(), "langid"),
        (Text::Keyword.into(), "keywords"),
        (Text::Abstract.into(), "abstract"),
        (Text::Annote.into(), "annotation"),
        (Text::Note.into(), "note"),
    ]
    .into_iter()
    .filter(|(variable, field)| !field.is_empty() && work.field(*variable).is_some())
    .collect()
}

/// A key without the characters that are not allowed in BibTeX keys.
fn key(key: &str) -> String {
    key.chars().map(|c| if c.is_whitespace() || "{}(),=\\#%\"'~".contains(c) { '-' } else { c }).collect()
}

/// Names in BibTeX syntax: `van Last, Jr., First and {An Organization}`. If the entry mixes dropping and
/// non-dropping particles, the latter are written in biber's extended name format.
fn people(names: &[Name], mixed: bool) -> String {
    let one = |name: &Name| {
        let part = |text: &str| {
            let text = escaped(text);
            if text.contains(',') || text.split_whitespace().any(|word| word.eq_ignore_ascii_case("and")) {
                format!("{{{text}}}")
            } else {
                text
            }
        };
        if name.others {
            return "others".to_owned();
        }
        if name.literal
            || name.given.is_empty() && name.particle.is_empty() && name.dropping_particle.is_empty()
        {
            return format!("{{{}}}", escaped(&name.family));
        }
        if mixed && !name.particle.is_empty() {
            let mut parts = vec![format!("family={}", part(&name.family))];
            for (field, text) in
                [("given", &name.given), ("prefix", &name.particle), ("suffix", &name.suffix)]
            {
                if !text.is_empty() {
                    parts.push(format!("{field}={}", part(text)));
                }
            }
            return parts.join(", ") + ", useprefix=true";
        }
        // BibTeX would take a lower-case word in a family name for a particle.
        let family = part(&name.family);
        let guarded =
            family.split(' ').any(|word| word.starts_with(char::is_lowercase)) && family.contains(' ');
        let family = if guarded { format!("{{{family}}}") } else { family };
        let last = [name.dropping_particle.as_str(), &name.particle, &family];
        let last = last.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        [last, part(&name.suffix), part(&name.given)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    };
    names.iter().map(one).collect::<Vec<_>>().join(" and ")
}

/// A date in EDTF for BibLaTeX; a date in words is unchanged.
fn date(date: &Date) -> String {
    let Some(start) = date.start else { return escaped(&date.literal) };
    let day = |day: Day| match day.season() {
        Some(season) => format!("{}-{}", day.iso(), season + 20),
        None => day.iso(),
    };
    let end = match date.end {
        Some(RangeEnd::Day(end)) => format!("/{}", day(end)),
        Some(RangeEnd::Open) => "/".to_owned(),
        None => String::new(),
    };
    format!("{}{}{end}", day(start), if date.circa { "~" } else { "" })
}

/// A publisher or place, in braces if it contains the word "and", at which BibLaTeX splits lists.
fn one_of_list(text: &str) -> String {
    let has_and = text.split_whitespace().any(|word| word.eq_ignore_ascii_case("and"));
    if has_and { format!("{{{}}}", escaped(text)) } else { escaped(text) }
}

/// A title, in braces if it would be mistaken for title case and converted when it is read back.
fn title(text: &str) -> String {
    let escaped = escaped(text);
    if is_title_case(text) { format!("{{{escaped}}}") } else { escaped }
}

/// Converts text with markup to TeX.
fn escaped(text: &str) -> String {
    const TAGS: [(&str, &str); 11] = [
        ("<i>", "\\emph{"),
        ("<b>", "\\textbf{"),
        ("<sup>", "\\textsuperscript{"),
        ("<sub>", "\\textsubscript{"),
        ("<sc>", "\\textsc{"),
        ("<span class=\"nocase\">", "{"),
        ("</i>", "}"),
        ("</b>", "}"),
        ("</sup>", "}"),
        ("</sub>", "}"),
        ("</sc>", "}"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((tag, tex)) =
            TAGS.iter().chain([("</span>", "}")].iter()).find(|(tag, _)| rest.starts_with(tag))
        {
            out += tex;
            rest = &rest[tag.len()..];
            continue;
        }
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '`' => out += "\\textquoteleft{}",
            '-' if rest.starts_with("--") => out += "-{}",
            '\'' if rest.starts_with("''") => out += "'{}",
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// A URL or a DOI, which TeX reads verbatim, except for unbalanced braces.
fn verbatim(text: &str) -> String {
    text.replace('{', "%7B").replace('}', "%7D")
}

/// The BibLaTeX entry type of a work.
fn form(work: &Item) -> &'static str {
    let edited = work.names(NameVariable::Author).is_empty() && !work.names(NameVariable::Editor).is_empty();
    match work.kind {
        Kind::Article if work.field(Text::ContainerTitle).is_none() => "online",
        Kind::Article
        | Kind::ArticleJournal
        | Kind::ArticleMagazine
        | Kind::ArticleNewspaper
        | Kind::Review
        | Kind::ReviewBook => "article",
        Kind::Book | Kind::Collection | Kind::Classic if edited => "collection",
        Kind::Book | Kind::Collection | Kind::Classic => "book",
        Kind::Chapter if work.names(NameVariable::Editor).is_empty() => "inbook",
        Kind::Chapter => "incollection",
        Kind::Dataset => "dataset",
        Kind::EntryEncyclopedia | Kind::EntryDictionary | Kind::Entry => "inreference",
        Kind::Manuscript | Kind::Speech => "unpublished",
        Kind::Pamphlet => "booklet",
        Kind::PaperConference => "inproceedings",
        Kind::Patent => "patent",
        Kind::Periodical => "periodical",
        Kind::Report | Kind::Standard => "report",
        Kind::Software => "software",
        Kind::Thesis => "thesis",
        Kind::Webpage | Kind::PostWeblog | Kind::Post => "online",
        Kind::LegalCase => "jurisdiction",
        Kind::Legislation | Kind::Bill | Kind::Regulation => "legislation",
        Kind::MotionPicture => "movie",
        Kind::Song => "audio",
        Kind::Graphic | Kind::Figure => "artwork",
        Kind::PersonalCommunication => "letter",
        Kind::Performance => "performance",
        _ => "misc",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::{Bibliography, Style};
    use crate::diagnostics::{Diagnostics, File, Place};

    fn works(text: &str) -> Vec<Item> {
        let file = File::new("a.bib", text);
        let style = Style::Named("vancouver", Place::of_path("site.toml"));
        let mut diagnostics = Diagnostics::default();
        let bibliography = Bibliography::load(&[file], &style, "en", &mut diagnostics);
        assert_eq!(diagnostics.into_sorted(), []);
        bibliography.works().filter_map(|work| bibliography.record(&work.key)).collect()
    }

    const TEXT: &str = r"
@article{a, author={Glue, Paul and {Health and Care} and van der Berg, Jr., Anna and others}, title={50\% of {NASA} \& \emph{more}: CO$_2$},
  journaltitle={Journal\_of}, shortjournal={J}, date={2020-03/2020-04}, volume=3, number=2, pages={3--5}, doi={10.1002/a_b(c)}, pmid={7}, langid={german}}
@book{h, author={van Gogh, Vincent}, options={useprefix=true}, title={P}, date={1999}}
@book{i, author={family=Gogh, given=V, prefix=van, useprefix=true and de Roe, Ann}, title={P}, date={1999}}
@book{b, editor={Doe, Jane}, title={Whole}, maintitle={Collected}, volume=7, part=2, publisher={P}, location={L}, date={1984~}, origdate={1900}, isbn={9}}
@incollection{c, author={Doe, J.}, title={Chapter}, booktitle={Book}, series={S}, number=14, edition=2, chapter=3, editor={A, B}, translator={C, D}, date={2001-21}}
@thesis{d, author={Doe, J.}, title={T}, type={phdthesis}, institution={Oslo}, date={2001-02-03}}
@report{e, author={Doe, J.}, title={R}, type={techreport}, number={99-02}, institution={I}, date={2000}, url={https://x.org/a_b?c=1&d}, urldate={2001-01-02}}
@misc{f, title={In press}, date={in press}, eprint={1.2}, eprinttype={arxiv}, note={N}}
@inproceedings{g, author={A, B}, title={Talk}, booktitle={Proc}, eventtitle={Conf}, venue={V}, eventdate={2001-02-03}, publisher={ACM}, location={NY}, date={2001}}
";

    #[test]
    fn entries_round_trip() {
        let first = works(TEXT);
        let written: String = first.iter().map(entry).collect();
        let again = works(&written);
        let sorted = |item: &Item| {
            let mut fields: Vec<_> =
                item.fields().map(|(variable, text)| format!("{variable}: {text}")).collect();
            fields.sort();
            (
                item.key.clone(),
                item.kind,
                fields,
                item.all_names().map(|(_, names)| names.to_vec()).collect::<Vec<_>>(),
                format!("{:?}", item.all_dates().collect::<Vec<_>>()),
            )
        };
        for (first, again) in first.iter().zip(&again) {
            assert_eq!(sorted(first), sorted(again), "{written}");
        }
        assert_eq!(first.len(), again.len());
    }

    #[test]
    fn names_and_publishers_stay_whole() {
        let text = "@book{a, author={von Humboldt, Alexander}, title={K}, publisher={Taylor and Francis}}";
        let written: String = works(text).iter().map(entry).collect();
        assert!(written.contains("author = {von Humboldt, Alexander},"), "{written}");
        assert!(written.contains("publisher = {{Taylor and Francis}},"), "{written}");
    }

    #[test]
    fn special_characters_in_keys_are_replaced() {
        assert_eq!(key("who & co, 2020"), "who-&-co--2020");
    }
}
