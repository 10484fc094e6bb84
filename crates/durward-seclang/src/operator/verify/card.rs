//! `@verifyCC`: payment cards (ISO/IEC 7812, the Luhn check).

use super::digits;

pub(in crate::operator) fn is_card(text: &[u8]) -> bool {
    let doubled = |(index, digit): (usize, u32)| match (index % 2, digit) {
        (0, digit) => digit,
        (_, digit) if digit >= 5 => digit * 2 - 9,
        (_, digit) => digit * 2,
    };
    let sum: u32 =
        digits(text).rev().enumerate().map(|pair| doubled(pair) % 10).fold(0, |sum, digit| (sum + digit) % 10);
    digits(text).next().is_some() && sum == 0
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::VerifyCc;
    use crate::operator::testing::{group, verdicts};

    #[test]
    fn vectors() {
        const PATTERN: &[u8] = b"\\d{13,16}";
        const DASHED: &[u8] = b"(?:\\d{4}-?){3}\\d{4}";
        verdicts(
            VerifyCc,
            &[
                (PATTERN, b"4111111111111111", true),
                (PATTERN, b"card 4111111111111111!", true),
                (b"\\d{16}", b"4111111111111112", false),
                (PATTERN, b"5484605089158216", true),
                (PATTERN, b"378282246310005", true),
                (DASHED, b"4111-1111-1111-1111", true),
                (DASHED, b"4111-1111-1111-1112", false),
                (PATTERN, b"", false),
                (PATTERN, b"no number", false),
                (b".", b"x", false),
            ],
        );
        assert_eq!(group(VerifyCc, PATTERN, b"x378282246310005x", 0).as_deref(), Some(&b"378282246310005"[..]));
        // A right number hidden in a longer run of digits.
        assert_eq!(group(VerifyCc, b"\\d{16}", b"994111111111111111", 0).as_deref(), Some(&b"4111111111111111"[..]));
    }
}
