//! Reads RIS as exported by reference managers and publishers.

use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::biblatex::bare_doi;
use super::found::Found;
use super::tagged::{Line, lines};
use super::{dates, names};
use crate::bibliography::item::{Date, Item, Name, PAGE, TITLE};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place, did_you_mean};
use crate::html::slug::slug;

/// The RIS reference types and their CSL types.
pub(in crate::bibliography) const TYPES: [(&str, Kind); 52] = [
    ("ABST", Kind::ArticleJournal),
    ("ADVS", Kind::MotionPicture),
    ("AGGR", Kind::Dataset),
    ("ANCIENT", Kind::Classic),
    ("ART", Kind::Graphic),
    ("BILL", Kind::Bill),
    ("BLOG", Kind::PostWeblog),
    ("BOOK", Kind::Book),
    ("CASE", Kind::LegalCase),
    ("CHAP", Kind::Chapter),
    ("CHART", Kind::Graphic),
    ("CLSWK", Kind::Classic),
    ("COMP", Kind::Software),
    ("CONF", Kind::PaperConference),
    ("CPAPER", Kind::PaperConference),
    ("CTLG", Kind::Book),
    ("DATA", Kind::Dataset),
    ("DBASE", Kind::Dataset),
    ("DICT", Kind::EntryDictionary),
    ("EBOOK", Kind::Book),
    ("ECHAP", Kind::Chapter),
    ("EDBOOK", Kind::Book),
    ("EJOUR", Kind::ArticleJournal),
    ("ELEC", Kind::Webpage),
    ("ENCYC", Kind::EntryEncyclopedia),
    ("EQUA", Kind::Document),
    ("FIGURE", Kind::Figure),
    ("GEN", Kind::Document),
    ("GOVDOC", Kind::Report),
    ("GRNT", Kind::Document),
    ("HEAR", Kind::Hearing),
    ("ICOMM", Kind::PersonalCommunication),
    ("INPR", Kind::ArticleJournal),
    ("JFULL", Kind::Periodical),
    ("JOUR", Kind::ArticleJournal),
    ("LEGAL", Kind::Legislation),
    ("MANSCPT", Kind::Manuscript),
    ("MAP", Kind::Map),
    ("MGZN", Kind::ArticleMagazine),
    ("MPCT", Kind::MotionPicture),
    ("MULTI", Kind::Webpage),
    ("MUSIC", Kind::MusicalScore),
    ("NEWS", Kind::ArticleNewspaper),
    ("PAMP", Kind::Pamphlet),
    ("PAT", Kind::Patent),
    ("PCOMM", Kind::PersonalCommunication),
    ("RPRT", Kind::Report),
    ("SOUND", Kind::Song),
    ("STAND", Kind::Standard),
    ("STAT", Kind::Legislation),
    ("THES", Kind::Thesis),
    ("UNPB", Kind::Manuscript),
];

/// Reads the entries of a file, with the location of each id, or type if there is no id.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let all = lines(file, 2, "  -");
    if all.is_empty() && !file.text.trim().is_empty() {
        let problem = Diagnostic::error(Code::WorkInvalid, Place::new(file, 0..0), "no RIS reference found");
        diagnostics.push(
            problem.help("each reference begins with a line such as `TY  - JOUR` and ends with `ER  -`"),
        );
    }
    let mut found: Vec<Found> = Vec::new();
    let mut record: Vec<Line> = Vec::new();
    for line in all.into_iter().map(Some).chain([None]) {
        let ends = line.as_ref().is_none_or(|line| line.tag == "ER" || line.tag == "TY");
        if ends && record.iter().any(|line| line.tag == "TY") {
            found.push(entry(file, &record, &found, diagnostics));
        }
        if ends {
            record.clear();
        }
        record.extend(line.filter(|line| line.tag != "ER"));
    }
    found
}

fn entry(file: &Arc<File>, record: &[Line], known: &[Found], diagnostics: &mut Diagnostics) -> Found {
    let of = |tags: &[&str]| {
        let mut lines = tags.iter().flat_map(|tag| record.iter().filter(move |line| line.tag == **tag));
        lines.find(|line| !line.value.is_empty()).map_or("", |line| line.value.as_str())
    };
    let all = |tags: &[&str]| -> Vec<&str> {
        let known = record.iter().filter(|line| tags.contains(&line.tag.as_str()) && !line.value.is_empty());
        known.map(|line| line.value.as_str()).collect()
    };
    let name = of(&["TY"]);
    let kind = TYPES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, kind)| *kind);
    let type_span = record.iter().find(|line| line.tag == "TY").map_or(0..0, |line| line.span.clone());
    if kind.is_none() && !["SER", "SLIDE", "VIDEO", "UNBILL", "HEAR"].contains(&name) {
        let place = Place::new(file, type_span.clone());
        let help = did_you_mean(name, TYPES.map(|(known, _)| known));
        diagnostics.push(
            Diagnostic::warning(Code::WorkInvalid, place, format!("unknown reference type `{name}`"))
                .help(help),
        );
    }
    let kind = kind.unwrap_or(if name == "SER" { Kind::Book } else { Kind::Document });
    let people = |tags: &[&str]| all(tags).into_iter().map(names::inverted).collect::<Vec<Name>>();
    let mut item = Item::new("", kind);
    item.set(TITLE, of(&["TI", "T1", "CT"]));
    let is_whole = matches!(
        kind,
        Kind::Book | Kind::Report | Kind::Thesis | Kind::Webpage | Kind::Dataset | Kind::Software
    );
    let container = of(&["JF", "JO", "BT", "T2"]);
    if item.field(TITLE).is_none() {
        item.set(TITLE, of(&["BT", "T2"]));
    } else if is_whole {
        item.set(
            if kind == Kind::Webpage { Text::ContainerTitle } else { Text::CollectionTitle },
            of(&["T2", "T3", "BT"]),
        );
    } else {
        item.set(Text::ContainerTitle, container);
        item.set(Text::CollectionTitle, of(&["T3"]));
    }
    let short = of(&["J2", "JA"]);
    item.set(Text::ContainerTitleShort, if short == item.text(Text::ContainerTitle) { "" } else { short });
    item.set_missing(Text::ContainerTitle, if is_whole { "" } else { short });
    item.set(Text::TitleShort, of(&["ST"]));
    item.set_names(NameVariable::Author, people(&["AU", "A1"]));
    let edited =
        if item.names(NameVariable::Author).is_empty() { &["ED", "A2", "A3"][..] } else { &["ED", "A2"] };
    item.set_names(NameVariable::Editor, people(edited));
    item.set_names(NameVariable::Translator, people(&["A4"]));
    let date = [of(&["PY", "Y1"]), of(&["DA"])].map(ris_date);
    let [year, whole] = date;
    let same_year =
        |one: &Date, other: &Date| one.start.map(|day| day.year) == other.start.map(|day| day.year);
    let issued = match (year, whole) {
        (Some(year), Some(whole)) if same_year(&year, &whole) => Some(whole),
        (year, whole) => year.or(whole),
    };
    if let Some(issued) = issued {
        item.set_date(DateVariable::Issued, issued);
    }
    if let Some(visited) = ris_date(of(&["Y2"])) {
        item.set_date(DateVariable::Accessed, visited);
    }
    let number = |variable: NumberVariable| Variable::Number(variable);
    item.set(number(NumberVariable::Volume), of(&["VL"]));
    let issue = if matches!(kind, Kind::Report | Kind::Patent | Kind::Standard) {
        NumberVariable::Number
    } else {
        NumberVariable::Issue
    };
    item.set(number(issue), of(&["IS", "M1"]));
    item.set(number(NumberVariable::Edition), of(&["ET"]));
    item.set(number(NumberVariable::NumberOfVolumes), of(&["NV"]));
    let (first, last) = (of(&["SP"]), of(&["EP"]));
    item.set(
        PAGE,
        if last.is_empty() || first == last || first.contains(['-', '–']) {
            first.to_owned()
        } else {
            format!("{first}-{last}")
        },
    );
    if item.field(PAGE).is_none() {
        item.set(PAGE, of(&["C7"]));
    }
    item.set(Text::Publisher, of(&["PB"]));
    item.set(Text::PublisherPlace, of(&["CY", "PP"]));
    item.set(Text::Genre, of(&["M3"]));
    item.set(Text::DOI, bare_doi(of(&["DO", "L3"])));
    let serial = if matches!(
        kind,
        Kind::ArticleJournal | Kind::ArticleMagazine | Kind::ArticleNewspaper | Kind::Periodical
    ) {
        Text::ISSN
    } else {
        Text::ISBN
    };
    item.set(serial, of(&["SN"]));
    item.set(Text::PMID, if of(&["DB"]).contains("PubMed") { of(&["AN"]) } else { "" });
    item.set(Text::PMCID, of(&["C2"]).strip_prefix("PMC").map_or("", |_| of(&["C2"])));
    item.set(Text::URL, of(&["UR", "L2", "LK"]));
    item.set(Text::Language, of(&["LA"]));
    item.set(Text::Abstract, of(&["AB", "N2"]));
    item.set(Text::Keyword, all(&["KW"]).join(", "));
    item.set(Text::Note, all(&["N1"]).join(". "));
    item.set(Text::CallNumber, of(&["CN"]));
    let id = record.iter().find(|line| line.tag == "ID" && !line.value.is_empty());
    item.key = id.map_or_else(|| new_key(&item, known), |line| line.value.replace(char::is_whitespace, "-"));
    Found { place: Place::new(file, id.map_or(type_span, |line| line.span.clone())), item }
}

/// Parses `2019/03/14/`, `2019`, `2019/03//`, or a date in words.
fn ris_date(text: &str) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let iso = parts.iter().take(3).take_while(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("-");
    let padded = iso.split('-').map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join("-");
    Some(dates::iso(&padded).unwrap_or_else(|| dates::words(text)))
}

/// A key for a reference without an id: family name and year, with a letter if this key is already used.
pub(super) fn new_key(item: &Item, known: &[Found]) -> String {
    let people = item.all_names().flat_map(|(_, names)| names).next();
    let who = people.map_or_else(
        || item.text(TITLE).split_whitespace().take(2).collect::<Vec<_>>().join(" "),
        |name| name.family.clone(),
    );
    let year = item.date(DateVariable::Issued).and_then(|date| date.start).map(|day| day.year.to_string());
    let stem = [slug(&who), year.unwrap_or_default()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let stem = if stem.is_empty() { "work".to_owned() } else { stem };
    let taken = |key: &str| known.iter().any(|found| found.item.key == key);
    if !taken(&stem) {
        return stem;
    }
    let mut number = 2;
    while taken(&format!("{stem}{}", crate::bibliography::csl::label::letters(number))) {
        number += 1;
    }
    format!("{stem}{}", crate::bibliography::csl::label::letters(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let file = File::new(
            "a.ris",
            "TY  - JOUR\r\nAU  - Lara, Diogo R.\r\nAU  - Bisol, Luisa\r\nTI  - Mood\r\nT2  - Journal\r\nPY  - 2013\r\nDA  - 2013/10/05/\r\nVL  - 16\r\nIS  - 9\r\nSP  - 1\r\nEP  - 7\r\nDO  - https://doi.org/10.1/x\r\nER  - \r\nTY  - BOOK\r\nID  - smith 1\r\nTI  - Whole\r\nER  -\r\n",
        );
        let mut diagnostics = Diagnostics::default();
        let found = read(&file, &mut diagnostics);
        assert_eq!(diagnostics.into_sorted(), []);
        let item = &found[0].item;
        assert_eq!(
            (item.key.as_str(), item.text(PAGE), item.text(Text::DOI)),
            ("lara-2013", "1-7", "10.1/x")
        );
        assert_eq!(item.date(DateVariable::Issued).unwrap().start.unwrap().day, Some(5));
        assert_eq!(item.names(NameVariable::Author).len(), 2);
        assert_eq!((found[1].item.key.as_str(), found[1].item.kind), ("smith-1", Kind::Book));
    }

    #[test]
    fn missing_keys_consist_of_name_and_year() {
        let file = File::new(
            "a.ris",
            "TY  - JOUR\nAU  - Lara, D\nPY  - 2013\nER  -\nTY  - JOUR\nAU  - Lara, D\nPY  - 2013\nER  -\n",
        );
        let keys: Vec<String> =
            read(&file, &mut Diagnostics::default()).into_iter().map(|found| found.item.key).collect();
        assert_eq!(keys, ["lara-2013", "lara-2013b"]);
    }
}
