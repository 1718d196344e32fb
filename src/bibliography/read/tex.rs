//! Converts the TeX in BibTeX fields to text with CSL markup.
//!
//! Supports accents, special letters, quotes, dashes, emphasis and simple maths. Unknown commands are replaced by
//! their arguments.

use unicode_normalization::UnicodeNormalization;

/// The meaning of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bibliography) enum Braces {
    /// Text in braces keeps its case.
    Protect,
    /// Braces have no meaning.
    Group,
}

/// Commands that are replaced by text.
const SYMBOLS: &[(&str, &str)] = &[
    ("AA", "Å"),
    ("AE", "Æ"),
    ("DH", "Ð"),
    ("DJ", "Đ"),
    ("L", "Ł"),
    ("LaTeX", "LaTeX"),
    ("BibTeX", "BibTeX"),
    ("NG", "Ŋ"),
    ("O", "Ø"),
    ("OE", "Œ"),
    ("P", "¶"),
    ("S", "§"),
    ("SS", "ẞ"),
    ("TH", "Þ"),
    ("TeX", "TeX"),
    ("aa", "å"),
    ("ae", "æ"),
    ("and", "and"),
    ("copyright", "©"),
    ("dag", "†"),
    ("ddag", "‡"),
    ("dh", "ð"),
    ("dj", "đ"),
    ("dots", "…"),
    ("euro", "€"),
    ("guillemotleft", "«"),
    ("guillemotright", "»"),
    ("i", "ı"),
    ("j", "ȷ"),
    ("l", "ł"),
    ("ldots", "…"),
    ("ng", "ŋ"),
    ("o", "ø"),
    ("oe", "œ"),
    ("pounds", "£"),
    ("quad", " "),
    ("qquad", " "),
    ("slash", "/"),
    ("hyphen", "-"),
    ("textquotedbl", "\""),
    ("space", " "),
    ("ss", "ß"),
    ("textasciicircum", "^"),
    ("textasciitilde", "~"),
    ("textbackslash", "\\"),
    ("textbar", "|"),
    ("textbraceleft", "{"),
    ("textbraceright", "}"),
    ("textbullet", "•"),
    ("textcopyright", "©"),
    ("textdegree", "°"),
    ("textdollar", "$"),
    ("textellipsis", "…"),
    ("textemdash", "—"),
    ("textendash", "–"),
    ("texteuro", "€"),
    ("textexclamdown", "¡"),
    ("textgreater", ">"),
    ("textless", "<"),
    ("textmu", "µ"),
    ("textordfeminine", "ª"),
    ("textordmasculine", "º"),
    ("textperiodcentered", "·"),
    ("textquestiondown", "¿"),
    ("textquotedblleft", "“"),
    ("textquotedblright", "”"),
    ("textquoteleft", "‘"),
    ("textquoteright", "’"),
    ("textquotesingle", "'"),
    ("textregistered", "®"),
    ("textsection", "§"),
    ("texttrademark", "™"),
    ("textunderscore", "_"),
    ("textvisiblespace", " "),
    ("th", "þ"),
    ("thinspace", " "),
    ("textapprox", "≈"),
];

/// Commands in maths and their text.
const MATHS: &[(&str, &str)] = &[
    ("Delta", "Δ"),
    ("Gamma", "Γ"),
    ("Lambda", "Λ"),
    ("Omega", "Ω"),
    ("Phi", "Φ"),
    ("Pi", "Π"),
    ("Psi", "Ψ"),
    ("Rightarrow", "⇒"),
    ("Sigma", "Σ"),
    ("Theta", "Θ"),
    ("Xi", "Ξ"),
    ("aleph", "ℵ"),
    ("alpha", "α"),
    ("approx", "≈"),
    ("ast", "∗"),
    ("beta", "β"),
    ("bullet", "•"),
    ("cap", "∩"),
    ("cdot", "·"),
    ("chi", "χ"),
    ("circ", "°"),
    ("cup", "∪"),
    ("dagger", "†"),
    ("delta", "δ"),
    ("ell", "ℓ"),
    ("epsilon", "ε"),
    ("equiv", "≡"),
    ("eta", "η"),
    ("gamma", "γ"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("gg", "≫"),
    ("hbar", "ħ"),
    ("in", "∈"),
    ("infty", "∞"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("langle", "⟨"),
    ("le", "≤"),
    ("leftarrow", "←"),
    ("leq", "≤"),
    ("ll", "≪"),
    ("mu", "μ"),
    ("nabla", "∇"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("nu", "ν"),
    ("odot", "⊙"),
    ("omega", "ω"),
    ("oplus", "⊕"),
    ("otimes", "⊗"),
    ("partial", "∂"),
    ("phi", "φ"),
    ("pi", "π"),
    ("pm", "±"),
    ("prime", "′"),
    ("propto", "∝"),
    ("psi", "ψ"),
    ("rangle", "⟩"),
    ("rho", "ρ"),
    ("rightarrow", "→"),
    ("sigma", "σ"),
    ("sim", "∼"),
    ("simeq", "≃"),
    ("sqrt", "√"),
    ("sum", "∑"),
    ("tau", "τ"),
    ("theta", "θ"),
    ("times", "×"),
    ("to", "→"),
    ("upsilon", "υ"),
    ("varepsilon", "ε"),
    ("varphi", "φ"),
    ("vartheta", "ϑ"),
    ("xi", "ξ"),
    ("zeta", "ζ"),
    ("int", "∫"),
    ("mp", "∓"),
    ("forall", "∀"),
    ("exists", "∃"),
    ("subset", "⊂"),
    ("subseteq", "⊆"),
    ("emptyset", "∅"),
    ("lesssim", "≲"),
    ("gtrsim", "≳"),
    ("mid", "|"),
    ("vert", "|"),
    ("star", "⋆"),
    ("setminus", "∖"),
];

/// Accent commands and their combining characters.
const ACCENTS: &[(&str, char)] = &[
    ("'", '\u{301}'),
    ("`", '\u{300}'),
    ("^", '\u{302}'),
    ("\"", '\u{308}'),
    ("~", '\u{303}'),
    ("=", '\u{304}'),
    (".", '\u{307}'),
    ("u", '\u{306}'),
    ("v", '\u{30c}'),
    ("H", '\u{30b}'),
    ("c", '\u{327}'),
    ("k", '\u{328}'),
    ("d", '\u{323}'),
    ("b", '\u{331}'),
    ("r", '\u{30a}'),
    ("t", '\u{361}'),
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("hat", '\u{302}'),
    ("ddot", '\u{308}'),
    ("tilde", '\u{303}'),
    ("bar", '\u{304}'),
    ("vec", '\u{20d7}'),
    ("dot", '\u{307}'),
    ("check", '\u{30c}'),
    ("breve", '\u{306}'),
];

/// Commands that change the formatting of their argument.
const LOOKS: &[(&str, &str, &str)] = &[
    ("emph", "<i>", "</i>"),
    ("textit", "<i>", "</i>"),
    ("textsl", "<i>", "</i>"),
    ("mkbibemph", "<i>", "</i>"),
    ("mkbibitalic", "<i>", "</i>"),
    ("textbf", "<b>", "</b>"),
    ("mkbibbold", "<b>", "</b>"),
    ("textsc", "<sc>", "</sc>"),
    ("textsuperscript", "<sup>", "</sup>"),
    ("mkbibsuperscript", "<sup>", "</sup>"),
    ("textsubscript", "<sub>", "</sub>"),
    ("mkbibsubscript", "<sub>", "</sub>"),
    ("enquote", "“", "”"),
    ("mkbibquote", "“", "”"),
    ("mkbibparens", "(", ")"),
    ("mkbibbrackets", "[", "]"),
];

/// Commands whose first argument is dropped.
const DROPPED: &[&str] = &[
    "noopsort",
    "hspace",
    "vspace",
    "fontsize",
    "selectlanguage",
    "nocite",
    "cite",
    "href",
    "textcolor",
    "color",
    "label",
    "SortNoop",
    "hskip",
    "phantom",
];

/// The maximum nesting depth of braces.
const DEPTH: usize = 100;

/// Converts a field to text.
pub(in crate::bibliography) fn decode(tex: &str, braces: Braces) -> String {
    if !tex.contains(['\\', '{', '}', '$', '~', '-', '`', '\'', '\n', '\t', '\r']) && !tex.contains("  ") {
        return tex.trim().to_owned();
    }
    let mut decoder =
        Decoder { rest: tex, out: String::with_capacity(tex.len()), braces, maths: false, depth: 0 };
    decoder.run(false);
    let words: Vec<&str> = decoder.out.split_ascii_whitespace().collect();
    let text = words.join(" ").nfc().collect::<String>();
    // Merge adjacent protected spans.
    text.replace("</span><span class=\"nocase\">", "")
}

/// Converts a verbatim field, such as a URL or a DOI: only reverts the escapes that exporters add.
pub(in crate::bibliography) fn verbatim(tex: &str) -> String {
    let mut out = String::with_capacity(tex.len());
    let mut rest = tex.trim();
    for wrapper in ["\\url{", "\\path{", "\\nolinkurl{", "\\texttt{", "\\href{"] {
        if let Some(inside) = rest.strip_prefix(wrapper) {
            rest = inside.split('}').next().unwrap_or(inside);
        }
    }
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some(next) if "_&%#$~{}^- ".contains(*next) => {}
                Some(next) if next.is_alphabetic() => {
                    let mut name = String::new();
                    while let Some(letter) = chars.next_if(char::is_ascii_alphabetic) {
                        name.push(letter);
                    }
                    let symbol = SYMBOLS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
                    out += symbol.unwrap_or_default();
                    while chars.next_if(|c| *c == ' ').is_some() {}
                }
                _ => {}
            },
            '{' | '}' => {}
            c => out.push(c),
        }
    }
    // Join URLs that span several lines.
    out.lines().map(str::trim).collect()
}

struct Decoder<'a> {
    rest: &'a str,
    out: String,
    braces: Braces,
    maths: bool,
    depth: usize,
}

impl<'a> Decoder<'a> {
    /// Reads until the end, or the brace that closes the group.
    fn run(&mut self, in_group: bool) {
        while let Some(c) = self.rest.chars().next() {
            let at = self.rest;
            self.rest = &at[c.len_utf8()..];
            match c {
                '\\' => self.command(),
                '{' => self.group(),
                '}' if in_group => return,
                '}' => {}
                '$' => self.maths = !self.maths,
                '~' => self.out.push(' '),
                '^' | '_' if self.maths => {
                    let tag = if c == '^' { "sup" } else { "sub" };
                    let argument = self.argument();
                    self.out += &if argument == "°" || argument == "′" {
                        argument
                    } else {
                        format!("<{tag}>{argument}</{tag}>")
                    };
                }
                '-' if self.maths => self.out.push('−'),
                '-' => {
                    let count = at.chars().take_while(|c| *c == '-').count();
                    self.rest = &at[count..];
                    self.out += match count {
                        2 => "–",
                        3 => "—",
                        _ => &at[..count],
                    };
                }
                '`' if self.rest.starts_with('`') => {
                    self.rest = &self.rest[1..];
                    self.out.push('“');
                }
                '`' => self.out.push('‘'),
                '\'' if self.rest.starts_with('\'') && !self.maths => {
                    self.rest = &self.rest[1..];
                    self.out.push('”');
                }
                '\'' if self.maths => self.out.push('′'),
                c if self.maths && c.is_ascii_alphabetic() => self.variables(at),
                c => self.out.push(c),
            }
        }
    }

    /// Letters in maths are variables and become italic.
    fn variables(&mut self, at: &'a str) {
        let end = at.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(at.len());
        let (letters, rest) = at.split_at(end);
        self.rest = rest;
        self.out += &format!("<i>{letters}</i>");
    }

    fn group(&mut self) {
        // Braces around a command are a "special character" in BibTeX and do not protect case.
        let special = self.rest.trim_start().starts_with('\\') && !self.holds_text_command();
        let protects = self.braces == Braces::Protect && self.depth == 0 && !self.maths && !special;
        let start = self.out.len();
        self.depth += 1;
        if self.depth < DEPTH {
            self.run(true);
        }
        self.depth -= 1;
        if protects {
            let inside = self.out.split_off(start);
            self.out += &if inside.chars().any(char::is_alphabetic) {
                format!("<span class=\"nocase\">{inside}</span>")
            } else {
                inside
            };
        }
    }

    /// Whether the group starts with a formatting command. Its braces then protect case.
    fn holds_text_command(&self) -> bool {
        let rest = self.rest.trim_start().trim_start_matches('\\');
        LOOKS.iter().any(|(name, ..)| rest.starts_with(name) && rest[name.len()..].starts_with('{'))
    }

    fn command(&mut self) {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if letters == 0 {
            let Some(c) = self.rest.chars().next() else { return };
            self.rest = &self.rest[c.len_utf8()..];
            match c {
                '\'' | '`' | '^' | '"' | '~' | '=' | '.' => self.accent(&c.to_string()),
                ',' | ';' | ':' | ' ' | '\n' | '\\' | '>' => self.out.push(' '),
                '!' | '/' | '-' | '@' => {}
                '(' | '[' => self.maths = true,
                ')' | ']' => self.maths = false,
                c => self.out.push(c),
            }
            return;
        }
        let (name, rest) = self.rest.split_at(letters);
        self.rest = rest;
        if let Some((_, open, close)) = LOOKS.iter().find(|(known, ..)| *known == name) {
            let argument = self.argument();
            self.out += &format!("{open}{argument}{close}");
        } else if ACCENTS.iter().any(|(known, _)| *known == name) {
            self.accent(name);
        } else if let Some((_, text)) = SYMBOLS.iter().chain(MATHS).find(|(known, _)| *known == name) {
            // A command swallows the space after it; "{}" also ends a command.
            if !self.maths {
                self.rest = self.rest.trim_start();
            }
            self.rest = self.rest.strip_prefix("{}").unwrap_or(self.rest);
            self.out += text;
        } else if DROPPED.contains(&name) {
            self.argument();
        } else if name == "frac" {
            let (over, under) = (self.argument(), self.argument());
            self.out += &format!("{over}/{under}");
        } else if ["mathrm", "text", "textrm", "mathsf", "operatorname", "mbox"].contains(&name) {
            let maths = std::mem::replace(&mut self.maths, false);
            let argument = self.argument();
            self.out += &argument;
            self.maths = maths;
        } else if name == "ensuremath" {
            let maths = std::mem::replace(&mut self.maths, true);
            let argument = self.argument();
            self.out += &argument;
            self.maths = maths;
        } else {
            // A switch such as `\em` has no argument; unknown commands are replaced by their arguments.
            self.rest = self.rest.trim_start();
        }
    }

    /// The argument of a command: a group, a command or one character.
    fn argument(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let start = self.out.len();
        match self.rest.chars().next() {
            Some('{') => {
                self.rest = &self.rest[1..];
                self.depth += 1;
                if self.depth < DEPTH {
                    self.run(true);
                }
                self.depth -= 1;
            }
            Some('\\') if self.depth < DEPTH => {
                self.rest = &self.rest[1..];
                self.depth += 1;
                self.command();
                self.depth -= 1;
            }
            Some(c) => {
                self.rest = &self.rest[c.len_utf8()..];
                self.out.push(c);
            }
            None => {}
        }
        self.out.split_off(start)
    }

    fn accent(&mut self, name: &str) {
        let mark = ACCENTS.iter().find(|(known, _)| *known == name).map(|(_, mark)| *mark);
        let argument = self.argument();
        let mut chars = argument.chars();
        match (chars.next(), mark) {
            (Some(letter), Some(mark)) => {
                self.out.push(match letter {
                    'ı' if mark != '\u{323}' => 'i',
                    'ȷ' => 'j',
                    letter => letter,
                });
                self.out.push(mark);
                self.out.push_str(chars.as_str());
            }
            (None, Some(_)) if ["^", "~"].contains(&name) => self.out.push_str(name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(tex: &str) -> String {
        decode(tex, Braces::Group)
    }

    #[test]
    fn accents_and_letters() {
        assert_eq!(plain(r"Garc{\'\i}a Jos{\'e}"), "García José");
        assert_eq!(plain(r#"{\"U}ber \"{o} \"o na{\"\i}ve"#), "Über ö ö naïve");
        assert_eq!(plain(r#"H\o{}iland \o{}l {\O}re \aa ngstr{\"o}m \ss"#), "Høiland øl Øre ångström ß");
        assert_eq!(plain(r"\v{s}\c{c} \c c {\v Z} \H{o} \~n {\L}ukasz"), "šç ç Ž ő ñ Łukasz");
    }

    #[test]
    fn spaces_dashes_and_quotes() {
        assert_eq!(plain(r"Fig.~1, J.\,B. a--b---c \& \% \_ \$5"), "Fig. 1, J. B. a–b—c & % _ $5");
        assert_eq!(plain("``a'' `b' it's"), "“a” ‘b' it's");
        assert_eq!(plain("a\n   b"), "a b");
    }

    #[test]
    fn formatting_and_maths() {
        assert_eq!(
            plain(r"\emph{E. coli} CO$_2$, $\alpha$ and $10^{-3}$ H\textsubscript{2}O"),
            "<i>E. coli</i> CO<sub>2</sub>, α and 10<sup>−3</sup> H<sub>2</sub>O"
        );
        assert_eq!(plain(r"\enquote{x} \unknown{y} {\em z}"), "“x” y z");
        assert_eq!(plain(r"$\mathrm{pH} \leq 7$, $37^\circ$C"), "pH ≤ 7, 37°C");
    }

    #[test]
    fn braces_protect_case_in_titles() {
        let title = |tex| decode(tex, Braces::Protect);
        assert_eq!(
            title("{NASA} and the {M}oon"),
            "<span class=\"nocase\">NASA</span> and the <span class=\"nocase\">M</span>oon"
        );
        assert_eq!(title(r#"{\"U}ber"#), "Über");
        assert_eq!(title("{{DNA}}"), "<span class=\"nocase\">DNA</span>");
    }

    #[test]
    fn urls_are_unescaped() {
        assert_eq!(verbatim(r"https://example.org/a\_b?x=1\&y=2"), "https://example.org/a_b?x=1&y=2");
        assert_eq!(
            verbatim(r"http://example.org/f?artid=1{\&}tool=pmc{\_}entrez"),
            "http://example.org/f?artid=1&tool=pmc_entrez"
        );
        assert_eq!(verbatim(r"\url{https://x.org/~a}"), "https://x.org/~a");
        assert_eq!(verbatim(r"http://x.org/{\textasciitilde}a/\%20"), "http://x.org/~a/%20");
    }

    #[test]
    fn deeply_nested_braces_are_limited() {
        assert!(plain(&"{".repeat(100_000)).len() < 100_000);
        assert!(plain(&"\\emph{".repeat(10_000)).len() < 100_000);
        assert!(plain(&"\\'".repeat(100_000)).len() <= 200_000);
    }
}
