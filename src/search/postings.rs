//! The places of a word, written as they are looked up: numbers in printable ASCII.
//!
//! The places stand text by text. Of a text: how far its number is from the one before (the first
//! counts from -1); then each place as `distance * 8 + strong * 4 + classed * 2 + more`, and, if it
//! is classed, its class. `distance` is from the place before in the text (the first counts from 0),
//! `more` says that another follows in the same text.

/// A place that has a word: the unit of a text, whether it is strong there, and what the unit is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hit {
    /// The unit, counted from 0 in its text.
    pub unit: u32,
    /// Whether the word is in a title or heading, or stands there more than once.
    pub strong: bool,
    /// The class of the unit; `None` for the words of a text.
    pub class: Option<u8>,
}

/// The places of a word in all texts so far.
#[derive(Debug, Default)]
pub struct Postings {
    /// How many there are.
    pub units: usize,
    /// The number of the next text, if it follows at once.
    next_text: u32,
    code: String,
}

impl Postings {
    /// Adds the places in a text that comes after all before.
    pub fn add(&mut self, text: u32, hits: &[Hit]) {
        if hits.is_empty() {
            return;
        }
        write_number(&mut self.code, text - self.next_text);
        self.next_text = text + 1;
        self.units += hits.len();
        let mut before = 0;
        for (index, hit) in hits.iter().enumerate() {
            let more = u32::from(index + 1 < hits.len());
            let flags = (u32::from(hit.strong) << 2) | (u32::from(hit.class.is_some()) << 1) | more;
            write_number(&mut self.code, ((hit.unit - before) << 3) | flags);
            if let Some(class) = hit.class {
                write_number(&mut self.code, u32::from(class));
            }
            before = hit.unit;
        }
    }

    /// The places as they are looked up: how many there are, how many are kept, and those. Of more than `most`
    /// the strong ones are kept, then the first.
    pub fn write(&self, out: &mut String, most: usize) {
        write_number(out, u32::try_from(self.units).unwrap_or(u32::MAX));
        if self.units <= most {
            out.push_str(&self.code);
            return;
        }
        let texts = read(&self.code);
        let strong = texts.iter().flat_map(|(_, hits)| hits).filter(|hit| hit.strong).count();
        let (mut strong_left, mut weak_left) = (most, most.saturating_sub(strong));
        let mut kept = Self::default();
        for (text, mut hits) in texts {
            hits.retain(|hit| {
                let left = if hit.strong { &mut strong_left } else { &mut weak_left };
                let keep = *left > 0;
                *left = left.saturating_sub(1);
                keep
            });
            kept.add(text, &hits);
        }
        out.push_str(&kept.code);
    }
}

/// Reads places: the number of each text, and the places in it.
pub fn read(code: &str) -> Vec<(u32, Vec<Hit>)> {
    let mut rest = code.bytes();
    let mut texts = Vec::new();
    let mut text = 0;
    while let Some(distance) = read_number(&mut rest) {
        text += distance;
        let mut hits: Vec<Hit> = Vec::new();
        while let Some(value) = read_number(&mut rest) {
            let class = if value & 2 == 0 { None } else { read_number(&mut rest) };
            hits.push(Hit {
                unit: (value >> 3) + hits.last().map_or(0, |hit| hit.unit),
                strong: value & 4 != 0,
                class: class.and_then(|class| u8::try_from(class).ok()),
            });
            if value & 1 == 0 {
                break;
            }
        }
        texts.push((text, hits));
        text += 1;
    }
    texts
}

/// Digits up to here are a number's last; greater ones say that another follows.
const LAST: u32 = 62;
const FOLLOWED: u32 = 29;

/// Adds a number, least digit first. The digits are `#` to `~` without the backslash, which would be escaped.
pub fn write_number(out: &mut String, mut number: u32) {
    while number >= LAST {
        number -= LAST;
        out.push(digit(LAST + number % FOLLOWED));
        number /= FOLLOWED;
    }
    out.push(digit(number));
}

fn digit(value: u32) -> char {
    let byte = 35 + value + u32::from(value >= 57);
    char::from(u8::try_from(byte).unwrap_or(b'#'))
}

/// Reads a number and moves past it.
pub fn read_number(rest: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let (mut number, mut weight) = (0_u32, 1_u32);
    loop {
        let byte = u32::from(rest.next()?);
        let value = byte.checked_sub(35 + u32::from(byte > 92))?;
        number = number.wrapping_add(value.wrapping_mul(weight));
        if value < LAST {
            return Some(number);
        }
        weight = weight.wrapping_mul(FOLLOWED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in (0..5000).chain([90_000, 1 << 20, u32::MAX - 1, u32::MAX]) {
            let mut code = String::new();
            write_number(&mut code, number);
            assert!(code.bytes().all(|byte| (35..=126).contains(&byte) && byte != b'\\'), "{code}");
            assert_eq!(read_number(&mut code.bytes()), Some(number));
        }
    }

    fn hit(unit: u32, strong: bool, class: Option<u8>) -> Hit {
        Hit { unit, strong, class }
    }

    #[test]
    fn places_are_read_as_they_were_written() {
        let texts = vec![
            (0, vec![hit(0, true, None), hit(1, false, None), hit(40, false, Some(7))]),
            (1, vec![hit(3, false, Some(0))]),
            (9000, vec![hit(5000, true, None)]),
        ];
        let mut postings = Postings::default();
        for (text, hits) in &texts {
            postings.add(*text, hits);
        }
        assert_eq!(read(&postings.code), texts);
        assert_eq!(postings.units, 5);
    }

    #[test]
    fn of_too_many_places_the_strong_are_kept() {
        let mut postings = Postings::default();
        for text in 0..10 {
            postings.add(text, &[hit(0, false, None), hit(1, text > 6, None)]);
        }
        let mut code = String::new();
        postings.write(&mut code, 5);
        let kept: Vec<(u32, u32)> = read(&code[1..])
            .iter()
            .flat_map(|(text, hits)| hits.iter().map(|hit| (*text, hit.unit)))
            .collect();
        assert_eq!(kept, [(0, 0), (0, 1), (7, 1), (8, 1), (9, 1)]);
        assert_eq!(read_number(&mut code.bytes()), Some(20));
    }
}
