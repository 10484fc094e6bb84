//! Numbers as the language reads and writes them.

/// The number at the beginning of a text, as C's `atoi` reads it: white space, a sign, digits. Without digits it is 0.
/// A number beyond 64 bits is the nearest that fits.
#[must_use]
pub fn parse(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let mut value = 0_i64;
    for digit in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        value = value.saturating_mul(10);
        value = if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) };
    }
    value
}

/// The number that is written exactly as this text, if there is one and it is short.
#[must_use]
pub(super) fn canonical(text: &[u8]) -> Option<i64> {
    let digits = match text {
        [b'0'] => return Some(0),
        [b'-', rest @ ..] => rest,
        _ => text,
    };
    let [b'1'..=b'9', ..] = digits else { return None };
    (digits.len() <= 18 && digits.iter().all(u8::is_ascii_digit)).then(|| parse(text))
}

/// Appends a number in decimal.
pub(super) fn write(number: i64, out: &mut super::Buffer) {
    if number < 0 {
        out.push(b'-');
    }
    write_unsigned(number.unsigned_abs(), out);
}

/// Appends a number in decimal.
pub(super) fn write_unsigned(mut number: u64, out: &mut super::Buffer) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// Appends a number below 100 in two digits.
pub(super) fn write_two_digits(number: u8, out: &mut super::Buffer) {
    out.push(b'0' + number / 10 % 10);
    out.push(b'0' + number % 10);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Buffer;

    #[test]
    fn reads_like_atoi() {
        for (text, expected) in [
            ("", 0),
            ("5", 5),
            ("  42abc", 42),
            ("\t\n+7", 7),
            ("-12", -12),
            ("- 12", 0),
            ("--1", 0),
            ("abc", 0),
            ("007", 7),
            ("0x10", 0),
            ("1.9", 1),
            ("9223372036854775807", i64::MAX),
            ("99999999999999999999999", i64::MAX),
            ("-99999999999999999999999", i64::MIN),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for number in [0, 1, -1, 9, 10, 12_345, -987, i64::MAX, i64::MIN] {
            let mut out = Buffer::new();
            write(number, &mut out);
            assert_eq!(out.as_slice(), number.to_string().as_bytes());
        }
    }

    #[test]
    fn canonical_means_written_alike() {
        for (text, expected) in [
            ("0", Some(0)),
            ("5", Some(5)),
            ("-5", Some(-5)),
            ("05", None),
            ("-0", None),
            ("+5", None),
            ("", None),
            ("-", None),
            ("5 ", None),
            ("123456789012345678", Some(123_456_789_012_345_678)),
            ("1234567890123456789", None),
        ] {
            assert_eq!(canonical(text.as_bytes()), expected, "{text:?}");
        }
    }
}
