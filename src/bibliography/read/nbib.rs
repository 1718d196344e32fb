//! Reads the MEDLINE format, which PubMed exports as `.nbib`.

use std::sync::Arc;

use hayagriva::citationberg::taxonomy::{
    DateVariable, Kind, NameVariable, NumberVariable, StandardVariable as Text, Variable,
};

use super::found::Found;
use super::tagged::{Line, lines};
use super::{dates, names};
use crate::bibliography::item::{Item, Name, PAGE, TITLE};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};

/// Reads the entries of a file, with the location of each PubMed number. The key is `pmid` and the number.
pub(super) fn read(file: &Arc<File>, diagnostics: &mut Diagnostics) -> Vec<Found> {
    let all = lines(file, 4, "- ");
    if all.is_empty() && !file.text.trim().is_empty() {
        let problem = Diagnostic::error(Code::WorkInvalid, Place::new(file, 0..0), "no MEDLINE record found");
        diagnostics.push(problem.help("each record begins with a line such as `PMID- 12345678`"));
    }
    let mut found = Vec::new();
    let mut record: Vec<Line> = Vec::new();
    for line in all.into_iter().map(Some).chain([None]) {
        let starts = line.as_ref().is_none_or(|line| line.tag == "PMID");
        if starts && !record.is_empty() {
            found.push(entry(file, &record));
            record.clear();
        }
        record.extend(line);
    }
    found
}

fn entry(file: &Arc<File>, record: &[Line]) -> Found {
    let of = |tag: &str| record.iter().find(|line| line.tag == tag).map_or("", |line| line.value.as_str());
    let all =
        |tag: &'static str| record.iter().filter(move |line| line.tag == tag).map(|line| line.value.as_str());
    let is_book = !of("BTI").is_empty();
    let kind = match () {
        () if is_book && !of("TI").is_empty() => Kind::Chapter,
        () if is_book => Kind::Book,
        () if all("PT").any(|kind| kind == "Preprint") => Kind::Article,
        () => Kind::ArticleJournal,
    };
    let pmid = of("PMID");
    let mut item = Item::new(format!("pmid{pmid}"), kind);
    let title = |text: &str| text.strip_suffix('.').unwrap_or(text).trim_matches(['[', ']']).to_owned();
    item.set(TITLE, title(if kind == Kind::Book { of("BTI") } else { of("TI") }));
    item.set(
        Text::ContainerTitle,
        if kind == Kind::Chapter { title(of("BTI")) } else { of("JT").to_owned() },
    );
    item.set(Text::ContainerTitleShort, of("TA"));
    let full: Vec<Name> = all("FAU").map(names::inverted).collect();
    let mut people = if full.is_empty() { all("AU").map(names::abbreviated).collect() } else { full };
    people.extend(all("CN").map(Name::literal));
    item.set_names(NameVariable::Author, people);
    let editors: Vec<Name> = all("FED").map(names::inverted).collect();
    item.set_names(NameVariable::Editor, editors);
    item.set_date(DateVariable::Issued, dates::words(of("DP")));
    for (variable, tag) in
        [(NumberVariable::Volume, "VI"), (NumberVariable::Issue, "IP"), (NumberVariable::Edition, "EN")]
    {
        item.set(Variable::Number(variable), of(tag));
    }
    item.set(PAGE, pages(of("PG")));
    let identifier = |kind: &'static str| {
        let lines = all("LID").chain(all("AID"));
        lines.filter_map(move |line| line.strip_suffix(kind)).map(str::trim).next().unwrap_or_default()
    };
    item.set(Text::DOI, identifier("[doi]"));
    item.set_missing(PAGE, identifier("[pii]").strip_prefix('e').map_or("", |_| identifier("[pii]")));
    item.set(Text::PMID, pmid);
    item.set(Text::PMCID, of("PMC"));
    item.set(Text::ISSN, of("IS").split_whitespace().next().unwrap_or_default());
    item.set(Text::ISBN, of("ISBN").split_whitespace().next().unwrap_or_default());
    item.set(Text::Publisher, of("PB"));
    item.set(Text::PublisherPlace, if is_book { of("PL") } else { "" });
    item.set(Text::Abstract, of("AB"));
    item.set(Text::Keyword, all("OT").collect::<Vec<_>>().join(", "));
    item.set(Text::Language, if of("LA") == "eng" { "en" } else { of("LA") });
    let span = record.first().map_or(0..0, |line| line.span.clone());
    Found { item, place: Place::new(file, span) }
}

/// Expands the ends of page ranges: `992-8` becomes `992-998`.
fn pages(text: &str) -> String {
    let Some((start, end)) = text.split_once('-') else { return text.to_owned() };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if digits(start) && digits(end) && end.len() < start.len() {
        format!("{start}-{}{end}", &start[..start.len() - end.len()])
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let file = File::new(
            "a.nbib",
            "\nPMID- 24103211\nDP  - 2013 Oct\nTI  - Antidepressant, mood stabilizing\n      effects.\nPG  - 2111-7\nLID - 10.1017/S146 [doi]\nFAU - Lara, Diogo R\nAU  - Lara DR\nCN  - Study Group\nTA  - Int J X\nJT  - International journal of X\nVI  - 16\nIP  - 9\nPMC - PMC123\n\nPMID- 2\nTI  - Two.\nAU  - Doe JA\n",
        );
        let found = read(&file, &mut Diagnostics::default());
        let item = &found[0].item;
        assert_eq!(item.key, "pmid24103211");
        assert_eq!(item.text(TITLE), "Antidepressant, mood stabilizing effects");
        assert_eq!((item.text(PAGE), item.text(Text::DOI)), ("2111-2117", "10.1017/S146"));
        assert_eq!(item.names(NameVariable::Author).len(), 2);
        assert_eq!(found[1].item.names(NameVariable::Author)[0].given, "J. A.");
    }
}
