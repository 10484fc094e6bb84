//! `@verifySVNR`: Austrian social security numbers (Sozialversicherungsnummer), ten digits of which the fourth is the check
//! digit.

use super::{first, is_filler, weighted};

pub(in crate::operator) fn is_svnr(text: &[u8]) -> bool {
    let Some(digits) = first::<10>(text) else {
        return false;
    };
    let [.., check, _, _, _, _, _, _] = digits;
    let sum = weighted(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 % 10;
    !(is_filler(&digits) || digits == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]) && sum == check
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::VerifySvnr;
    use crate::operator::testing::verdicts;

    #[test]
    fn vectors() {
        const PATTERN: &[u8] = b"\\d{4} ?\\d{6}";
        verdicts(
            VerifySvnr,
            &[
                (PATTERN, b"1237010180", true),
                (PATTERN, b"1237 010180", true),
                (PATTERN, b"1238010180", false),
                (PATTERN, b"0000000000", false),
                (PATTERN, b"1234567890", false),
                (PATTERN, b"123701018", false),
                (PATTERN, b"", false),
            ],
        );
    }
}
