//! Generates sentences that resemble a language, without meaning.

use super::random::Random;

/// The style of generated sentences.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProseStyle {
    /// English words in English word order.
    English,
    /// A few English sentences repeated with different numbers.
    Repeats,
    /// Chinese characters, without spaces.
    Chinese,
}

impl ProseStyle {
    /// The separator between words.
    pub(crate) fn joiner(self) -> &'static str {
        if self == Self::Chinese { "" } else { " " }
    }

    /// The language tag.
    pub(crate) fn tag(self) -> &'static str {
        if self == Self::Chinese { "zh" } else { "en" }
    }
}

/// Generates one sentence after another.
pub(crate) struct Author {
    prose: ProseStyle,
    sentences: usize,
}

impl Author {
    /// An author at the first sentence.
    pub(crate) fn new(prose: ProseStyle) -> Self {
        Self { prose, sentences: 0 }
    }

    /// The words of a sentence, with punctuation attached.
    pub(crate) fn sentence(&mut self, random: &mut Random) -> Vec<String> {
        self.sentences += 1;
        match self.prose {
            ProseStyle::English => english(random),
            ProseStyle::Repeats => repeat(self.sentences),
            ProseStyle::Chinese => chinese(random),
        }
    }

    /// Some words without punctuation, for a heading.
    pub(crate) fn phrase(&self, count: usize, random: &mut Random) -> Vec<String> {
        match self.prose {
            ProseStyle::Chinese => characters(count, random),
            ProseStyle::English | ProseStyle::Repeats => title(count, random),
        }
    }
}

/// A title of `count` English words.
pub(crate) fn title(count: usize, random: &mut Random) -> Vec<String> {
    let mut words: Vec<String> =
        (1..count).map(|at| random.pick(if at % 2 == 1 { ADJECTIVES } else { NOUNS }).to_string()).collect();
    words.push(random.pick(NOUNS).to_string());
    capitalise(&mut words);
    words
}

fn english(random: &mut Random) -> Vec<String> {
    let mut words = Vec::with_capacity(24);
    if random.one_in(5) {
        words.push("In".to_owned());
        words.push(format!("{},", random.within(1950..=2025)));
    } else if random.one_in(5) {
        words.push(format!("{},", random.pick(OPENINGS)));
    }
    clause(&mut words, random);
    if random.one_in(2) {
        join_clause(&mut words, random);
    }
    capitalise(&mut words);
    end(&mut words, ".");
    words
}

fn clause(words: &mut Vec<String>, random: &mut Random) {
    noun_phrase(words, random);
    if random.one_in(4) {
        words.push(random.pick(ADVERBS).to_string());
    }
    words.push(random.pick(VERBS).to_string());
    noun_phrase(words, random);
    while random.one_in(2) {
        words.push(random.pick(PREPOSITIONS).to_string());
        noun_phrase(words, random);
    }
    if random.one_in(12) {
        words.push(format!("by {} percent", random.within(2..=98)).replace(' ', "\u{a0}"));
    }
}

fn join_clause(words: &mut Vec<String>, random: &mut Random) {
    if random.one_in(6) {
        words.push("–".to_owned());
    } else {
        end(words, ",");
    }
    words.push(random.pick(CONJUNCTIONS).to_string());
    clause(words, random);
}

fn noun_phrase(words: &mut Vec<String>, random: &mut Random) {
    words.push(random.pick(DETERMINERS).to_string());
    if random.one_in(2) {
        let adjective = random.pick(ADJECTIVES);
        words.push(if random.one_in(25) { format!("“{adjective}”") } else { adjective.to_string() });
    }
    let noun = random.pick(NOUNS);
    words.push(noun.to_string());
    if random.one_in(15) {
        words.pop();
        words.push(format!("{noun}’s"));
        words.push(random.pick(NOUNS).to_string());
    }
}

fn repeat(number: usize) -> Vec<String> {
    let template = REPEATS[number % REPEATS.len()];
    template.split(' ').map(|word| if word == "#" { number.to_string() } else { word.to_owned() }).collect()
}

fn chinese(random: &mut Random) -> Vec<String> {
    let mut words = Vec::new();
    for _ in 0..random.within(1..=3) {
        words.extend(characters(random.within(5..=14), random));
        end(&mut words, "，");
    }
    if let Some(last) = words.last_mut() {
        last.pop();
        last.push('。');
    }
    words
}

fn characters(count: usize, random: &mut Random) -> Vec<String> {
    let known: Vec<char> = CHARACTERS.chars().collect();
    (0..count).map(|_| random.pick(&known).to_string()).collect()
}

fn capitalise(words: &mut [String]) {
    if let Some(first) = words.first_mut() {
        let initial: String = first.chars().take(1).flat_map(char::to_uppercase).collect();
        let rest: String = first.chars().skip(1).collect();
        *first = initial + &rest;
    }
}

fn end(words: &mut [String], sign: &str) {
    if let Some(last) = words.last_mut() {
        last.push_str(sign);
    }
}

const OPENINGS: &[&str] =
    &["However", "Moreover", "Instead", "Still", "Today", "Meanwhile", "Perhaps", "Indeed"];

const DETERMINERS: &[&str] =
    &["the", "the", "the", "a", "this", "each", "every", "some", "its", "their", "another", "our"];

const CONJUNCTIONS: &[&str] = &["and", "but", "while", "because", "although", "so", "whereas", "until"];

const PREPOSITIONS: &[&str] = &[
    "of", "of", "in", "with", "for", "from", "under", "between", "after", "before", "against", "about",
    "without",
];

const ADVERBS: &[&str] = &[
    "often", "rarely", "quietly", "usually", "clearly", "slowly", "never", "always", "partly", "openly",
    "hardly", "mostly",
];

const ADJECTIVES: &[&str] = &[
    "early", "late", "small", "large", "public", "private", "common", "rare", "strong", "weak", "clinical",
    "daily", "severe", "mild", "recent", "former", "modern", "ancient", "local", "foreign", "careful",
    "reliable", "naïve", "safe", "natural", "chronic", "acute", "simple", "complex", "plain", "steady",
    "sudden", "written", "spoken", "printed", "missing", "familiar", "unknown", "average", "single",
    "double", "northern", "southern", "open", "closed", "honest", "doubtful", "useful", "costly", "cheap",
];

const NOUNS: &[&str] = &[
    "reader",
    "writer",
    "editor",
    "patient",
    "doctor",
    "nurse",
    "trial",
    "study",
    "review",
    "report",
    "claim",
    "proof",
    "doubt",
    "dose",
    "tablet",
    "effect",
    "symptom",
    "disorder",
    "anxiety",
    "relief",
    "treatment",
    "therapy",
    "clinic",
    "hospital",
    "market",
    "price",
    "product",
    "label",
    "warning",
    "promise",
    "risk",
    "benefit",
    "harm",
    "change",
    "method",
    "sample",
    "measure",
    "result",
    "finding",
    "question",
    "answer",
    "argument",
    "theory",
    "history",
    "language",
    "sentence",
    "passage",
    "chapter",
    "letter",
    "page",
    "margin",
    "library",
    "archive",
    "record",
    "witness",
    "memory",
    "habit",
    "custom",
    "law",
    "court",
    "council",
    "teacher",
    "student",
    "lesson",
    "school",
    "garden",
    "river",
    "harbour",
    "village",
    "city",
    "street",
    "window",
    "engine",
    "signal",
    "number",
    "figure",
    "table",
    "weather",
    "winter",
    "summer",
    "season",
    "harvest",
    "forest",
    "animal",
    "receptor",
    "molecule",
    "café",
    "guideline",
    "committee",
    "agency",
    "register",
    "journal",
    "publisher",
    "dependence",
    "withdrawal",
    "tolerance",
    "evidence",
    "quality",
    "confidence",
    "interval",
    "outcome",
];

const VERBS: &[&str] = &[
    "shows",
    "finds",
    "follows",
    "changes",
    "supports",
    "limits",
    "explains",
    "measures",
    "reports",
    "repeats",
    "questions",
    "answers",
    "describes",
    "compares",
    "confirms",
    "rejects",
    "weakens",
    "improves",
    "reduces",
    "increases",
    "delays",
    "prevents",
    "causes",
    "carries",
    "keeps",
    "leaves",
    "reaches",
    "replaces",
    "raises",
    "covers",
    "crosses",
    "opens",
    "closes",
    "needs",
    "uses",
    "avoids",
    "mentions",
    "omits",
    "promises",
    "resembles",
    "exceeds",
    "predicts",
    "observes",
    "records",
    "treats",
    "tests",
    "warns",
    "quotes",
    "cites",
    "marks",
];

const REPEATS: &[&str] = &[
    "The committee recorded adverse events in # patients of the northern clinic during the second winter of the trial.",
    "According to the first report of the agency, sample # of the natural product reached the market without a label.",
    "The committee recorded adverse events in # patients of the southern clinic during the second winter of the trial.",
    "In the table of the review every reader finds study # of the common disorder with a mild effect and a low price.",
];

const CHARACTERS: &str = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都\
然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者\
向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书\
比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉\
望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步";
