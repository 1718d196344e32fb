//! Exports works as RIS, for reference managers.
//!
//! Uses the tags that are common to reference managers. Authors are written as "Family, Given, Suffix", and pages
//! as first and last page.

use std::io;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::{EditionData, EditionFile};
use crate::bibliography::item::{PAGE, TITLE};
use crate::bibliography::{Date, Day, Item, Name};

/// The path of the file with all works.
pub(crate) const FILE: &str = "works/references.ris";

/// Writes the file with all works, if the edition has a bibliography.
pub(crate) struct Works;

impl EditionFile for Works {
    fn paths(&self, edition: &EditionData<'_>) -> Vec<String> {
        edition.works.iter().map(|_| FILE.to_owned()).collect()
    }

    fn write(&self, edition: &EditionData<'_>) -> io::Result<Vec<(String, Vec<u8>)>> {
        let references: String = edition.records().iter().map(entry).collect();
        Ok(self.paths(edition).into_iter().map(|path| (path, references.clone().into_bytes())).collect())
    }
}

/// One work as a reference that ends in an empty line.
pub(crate) fn entry(work: &Item) -> String {
    let mut out = format!("TY  - {}\r\n", form(work.kind));
    let mut write = |tag: &str, value: &str| {
        // A value must be on one line.
        let value = plain(value).split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            out += &format!("{tag}  - {value}\r\n");
        }
    };
    write("ID", &work.key);
    write("TI", work.text(TITLE));
    for (role, tag) in
        [(NameVariable::Author, "AU"), (NameVariable::Editor, "ED"), (NameVariable::Translator, "A4")]
    {
        work.names(role).iter().for_each(|name| write(tag, &person(name)));
    }
    let whole = matches!(
        work.kind,
        Kind::Book | Kind::Report | Kind::Thesis | Kind::Webpage | Kind::Dataset | Kind::Software
    );
    let container = work.text(Text::ContainerTitle);
    write("T2", if whole && container.is_empty() { work.text(Text::CollectionTitle) } else { container });
    if !whole {
        write("T3", work.text(Text::CollectionTitle));
    }
    if let Some(date) = work.date(DateVariable::Issued) {
        write("PY", &date.start.map_or_else(|| date.literal.clone(), |start| start.year.to_string()));
        write("DA", &day(date));
    }
    write("Y2", &work.date(DateVariable::Accessed).map(day).unwrap_or_default());
    let pages = work.text(PAGE);
    let parts = pages.split_once(['-', '–']).filter(|_| !pages.contains([',', '&', ';']));
    write("SP", parts.map_or(pages, |(first, _)| first));
    write("EP", parts.map_or("", |(_, last)| last));
    let number = Variable::Number;
    for (variable, tag) in [
        (Text::TitleShort.into(), "ST"),
        (Text::ContainerTitleShort.into(), "J2"),
        (number(NumberVariable::Volume), "VL"),
        (number(NumberVariable::Issue), "IS"),
        (number(NumberVariable::Number), "IS"),
        (number(NumberVariable::Edition), "ET"),
        (number(NumberVariable::NumberOfVolumes), "NV"),
        (Text::Publisher.into(), "PB"),
        (Text::PublisherPlace.into(), "CY"),
        (Text::Genre.into(), "M3"),
        (Text::DOI.into(), "DO"),
        (Text::ISBN.into(), "SN"),
        (Text::ISSN.into(), "SN"),
        (Text::PMCID.into(), "C2"),
        (Text::URL.into(), "UR"),
        (Text::Language.into(), "LA"),
        (Text::Abstract.into(), "AB"),
        (Text::CallNumber.into(), "CN"),
        (Text::Note.into(), "N1"),
    ] {
        write(tag, work.text(variable));
    }
    if let Some(pmid) = work.field(Text::PMID) {
        write("AN", pmid);
        write("DB", "PubMed");
    }
    work.text(Text::Keyword).split([',', ';']).for_each(|word| write("KW", word));
    out + "ER  - \r\n\r\n"
}

fn person(name: &Name) -> String {
    if name.others {
        return "et al.".to_owned();
    }
    let family = format!("{} {}", name.dropping_particle, name.short());
    let parts = [family.trim(), name.given.as_str(), name.suffix.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A date as `2019/03/14/`; unknown parts are empty.
fn day(date: &Date) -> String {
    let Some(Day { year, month, day }) = date.start else { return date.literal.clone() };
    let two = |number: Option<u8>| number.map(|number| format!("{number:02}")).unwrap_or_default();
    let month = month.filter(|month| *month <= 12);
    format!("{year}/{}/{}/", two(month), two(month.and(day)))
}

/// Text without markup.
fn plain(text: &str) -> String {
    let mut out = text.to_owned();
    for tag in ["i", "b", "sup", "sub", "sc", "span"] {
        out = out.replace(&format!("</{tag}>"), "").replace(&format!("<{tag}>"), "");
    }
    out.replace("<span class=\"nocase\">", "")
}

/// The RIS type of a work.
fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::ArticleMagazine => "MGZN",
        Kind::ArticleNewspaper => "NEWS",
        Kind::Article | Kind::ArticleJournal | Kind::Review | Kind::ReviewBook => "JOUR",
        Kind::Bill => "BILL",
        Kind::Book | Kind::Collection => "BOOK",
        Kind::Chapter => "CHAP",
        Kind::Classic => "CLSWK",
        Kind::Dataset => "DATA",
        Kind::EntryDictionary => "DICT",
        Kind::Entry | Kind::EntryEncyclopedia => "ENCYC",
        Kind::Figure => "FIGURE",
        Kind::Graphic => "ART",
        Kind::Hearing => "HEAR",
        Kind::LegalCase => "CASE",
        Kind::Legislation | Kind::Regulation | Kind::Treaty => "STAT",
        Kind::Manuscript => "UNPB",
        Kind::Map => "MAP",
        Kind::MotionPicture | Kind::Broadcast => "MPCT",
        Kind::MusicalScore => "MUSIC",
        Kind::Pamphlet => "PAMP",
        Kind::PaperConference => "CPAPER",
        Kind::Patent => "PAT",
        Kind::Periodical => "JFULL",
        Kind::PersonalCommunication => "PCOMM",
        Kind::PostWeblog => "BLOG",
        Kind::Report => "RPRT",
        Kind::Software => "COMP",
        Kind::Song => "SOUND",
        Kind::Standard => "STAND",
        Kind::Thesis => "THES",
        Kind::Webpage | Kind::Post => "ELEC",
        _ => "GEN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bibliography::{Bibliography, Style};
    use crate::diagnostics::{Diagnostics, File, Place};

    fn works(path: &str, text: &str) -> Vec<Item> {
        let style = Style::Named("vancouver", Place::of_path("site.toml"));
        let file = File::new(path, text);
        let bibliography = Bibliography::load(&[file], &style, "en", &mut Diagnostics::default());
        bibliography.works().filter_map(|work| bibliography.record(&work.key)).collect()
    }

    #[test]
    fn references_round_trip() {
        let text = "TY  - JOUR\nID  - a\nTI  - Title\nAU  - Lara, Diogo R., Jr.\nAU  - van Gogh, V.\nAU  - World Health Organization\n\
            T2  - Journal\nJ2  - J\nDA  - 2013/10/05/\nVL  - 1\nIS  - 2\nSP  - 3\nEP  - 7\nDO  - 10.1/x\nSN  - 1234\nUR  - https://x.org\n\
            AN  - 9\nDB  - PubMed\nKW  - a\nKW  - b\nAB  - Words.\nY2  - 2020/01/02/\nLA  - en\nN1  - Note\nER  - \n\
            TY  - CHAP\nID  - b\nTI  - C\nT2  - Book\nT3  - Series\nED  - Doe, J.\nPB  - P\nCY  - Oslo\nET  - 2\nPY  - 2001\nSN  - 97\nER  - \n\
            TY  - RPRT\nID  - c\nTI  - R\nIS  - 99-02\nM3  - technical report\nPB  - I\nPY  - 2001\nER  - \n";
        let first = works("a.ris", text);
        let written: String = first.iter().map(entry).collect();
        let sorted = |item: &Item| {
            let mut fields: Vec<_> =
                item.fields().map(|(variable, text)| format!("{variable}: {text}")).collect();
            fields.sort();
            let names: Vec<_> = item.all_names().map(|(role, names)| (role, names.to_vec())).collect();
            let mut dates: Vec<_> =
                item.all_dates().map(|(variable, date)| format!("{variable} {date:?}")).collect();
            dates.sort();
            (item.key.clone(), item.kind, fields, names, dates)
        };
        let again = works("a.ris", &written);
        assert_eq!(
            first.iter().map(sorted).collect::<Vec<_>>(),
            again.iter().map(sorted).collect::<Vec<_>>(),
            "{written}"
        );
    }
}
