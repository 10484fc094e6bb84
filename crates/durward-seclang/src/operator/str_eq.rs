//! `@streq`: the value is the text, byte for byte.

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    let equal = value == text;
    if equal {
        seen.found_at(0..value.len());
    }
    equal
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::StrEq;
    use crate::operator::testing::verdicts;

    #[test]
    fn vectors() {
        verdicts(
            StrEq,
            &[
                (b"", b"", true),
                (b"abc", b"abc", true),
                (b"abc", b"ABC", false),
                (b"abc", b"abc ", false),
                (b"abc", b"ab", false),
                (b"1\x00", b"1\x00", true),
            ],
        );
    }
}
