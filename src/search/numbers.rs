//! Numbers in printable ASCII, as a file of the index has them.
//!
//! The least digit stands first. The digits are `#` to `~` without the backslash, which would be escaped.

/// Digits up to here are a number's last; greater ones say that another follows.
const LAST: u32 = 62;
const FOLLOWED: u32 = 29;

/// Adds a number.
pub fn write_number(out: &mut Vec<u8>, mut number: u32) {
    while number >= LAST {
        number -= LAST;
        out.push(digit(LAST + number % FOLLOWED));
        number /= FOLLOWED;
    }
    out.push(digit(number));
}

fn digit(value: u32) -> u8 {
    let value = value as u8;
    35 + value + u8::from(value >= 57)
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
            let mut code = Vec::new();
            write_number(&mut code, number);
            assert!(code.iter().all(|byte| (35..=126).contains(byte) && *byte != b'\\'), "{code:?}");
            assert_eq!(read_number(&mut code.into_iter()), Some(number));
        }
    }
}
