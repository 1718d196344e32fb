//! Encodes numbers in printable ASCII, for the files of the search index.
//!
//! The least significant digit comes first. The digits are `#` to `~`, except for the backslash, which would
//! have to be escaped.

/// Digits below this value end a number; [`CONTINUED`] further digits mean that another one follows.
const FINAL: u32 = 62;
const CONTINUED: u32 = 29;

/// Appends a number.
pub(crate) fn write_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= FINAL {
        number -= FINAL;
        out.push(digit(FINAL + number % CONTINUED));
        number /= CONTINUED;
    }
    out.push(digit(number));
}

fn digit(value: u32) -> u8 {
    let value = value as u8;
    35 + value + u8::from(value >= 57)
}

/// Reads a number from the iterator.
pub(crate) fn read_number(rest: &mut impl Iterator<Item = u8>) -> Option<u32> {
    let (mut number, mut weight) = (0_u32, 1_u32);
    loop {
        let byte = u32::from(rest.next()?);
        let value = byte.checked_sub(35 + u32::from(byte > 92))?;
        number = number.wrapping_add(value.wrapping_mul(weight));
        if value < FINAL {
            return Some(number);
        }
        weight = weight.wrapping_mul(CONTINUED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_encoding_and_decoding() {
        for number in (0..5000).chain([90_000, 1 << 20, u32::MAX - 1, u32::MAX]) {
            let mut code = Vec::new();
            write_number(&mut code, number);
            assert!(code.iter().all(|byte| (35..=126).contains(byte) && *byte != b'\\'), "{code:?}");
            assert_eq!(read_number(&mut code.into_iter()), Some(number));
        }
    }
}
