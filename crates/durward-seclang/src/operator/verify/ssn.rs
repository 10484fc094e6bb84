//! `@verifySSN`: social security numbers of the United States, nine digits: area, group and serial number.
//!
//! There is no check digit. Areas from 740 on count as wrong, as in the reference implementation, although they have been
//! given out since 2011.

use super::{exactly, is_filler};

pub(in crate::operator) fn is_ssn(text: &[u8]) -> bool {
    let Some(digits) = exactly::<9>(text) else {
        return false;
    };
    let number = |digits: &[u32]| digits.iter().fold(0, |number, digit| number * 10 + digit);
    let [a, b, c, d, e, serial @ ..] = digits;
    let area = number(&[a, b, c]);
    !is_filler(&digits) && (1..740).contains(&area) && area != 666 && number(&[d, e]) != 0 && number(&serial) != 0
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::VerifySsn;
    use crate::operator::testing::verdicts;

    #[test]
    fn vectors() {
        const PATTERN: &[u8] = b"\\d{3}-?\\d{2}-?\\d{4}";
        verdicts(
            VerifySsn,
            &[
                (PATTERN, b"219-09-9998", true),
                (PATTERN, b"219099998", true),
                (PATTERN, b"000-09-9999", false),
                (PATTERN, b"219-00-9999", false),
                (PATTERN, b"219-09-0000", false),
                (PATTERN, b"666-09-9999", false),
                (PATTERN, b"740-09-9999", false),
                (PATTERN, b"111-11-1111", false),
                (PATTERN, b"123-45-6789", false),
                (PATTERN, b"219-09-999", false),
                (PATTERN, b"", false),
            ],
        );
    }
}
