//! `@eq`, `@ge`, `@gt`, `@le` and `@lt`: both sides are read as integers.
//!
//! Like C's `atoll`: white space and a sign may lead, what follows the digits is not looked at, and what is no number is 0.
//! Numbers that do not fit are the largest there are (where `@eq` of the reference implementation makes them 0, so that a
//! long enough number is equal to nothing).

use std::cmp::Ordering;

pub(super) fn compare(value: &[u8], text: &[u8]) -> Ordering {
    integer(value).cmp(&integer(text))
}

fn integer(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"\x0b").unwrap_or(text);
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut number = 0_i64;
    for digit in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        number = number.saturating_mul(10);
        number = if negative { number.saturating_sub(digit) } else { number.saturating_add(digit) };
    }
    number
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::{Eq, Ge, Gt, Le, Lt};
    use crate::operator::testing::verdicts;

    #[test]
    fn vectors() {
        verdicts(
            Eq,
            &[
                (b"0", b"0", true),
                (b"0", b"", true),
                (b"0", b"abc", true),
                (b"5", b" \t5 apples", true),
                (b"5", b"+5", true),
                (b"-5", b"-5", true),
                (b"5", b"05", true),
                (b"5", b"5.9", true),
                (b"5", b"6", false),
                (b"0", b"18446744073709551616", false),
                (b"", b"0", true),
            ],
        );
        verdicts(Ge, &[(b"5", b"5", true), (b"5", b"6", true), (b"5", b"4", false), (b"0", b"-1", false)]);
        verdicts(
            Gt,
            &[(b"5", b"5", false), (b"5", b"6", true), (b"9223372036854775806", b"99999999999999999999", true)],
        );
        verdicts(Le, &[(b"5", b"5", true), (b"5", b"6", false), (b"5", b"x", true)]);
        verdicts(Lt, &[(b"5", b"5", false), (b"5", b"4", true), (b"-5", b"-99999999999999999999", true)]);
    }
}
