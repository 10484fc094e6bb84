//! `@contains` and `@strmatch`: the text stands somewhere in the value, bytes compared as they are.

use memchr::memmem;

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    let Some(start) = memmem::find(value, text) else {
        return false;
    };
    seen.found_at(start..start + text.len());
    true
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::{Contains, StrMatch};
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        for name in [Contains, StrMatch] {
            verdicts(
                name,
                &[
                    (b"", b"", true),
                    (b"", b"x", true),
                    (b"abc", b"abc", true),
                    (b"abc", b"xxabcxx", true),
                    (b"abc", b"xxab", false),
                    (b"abc", b"xxABCxx", false),
                    (b"a\x00b", b"xa\x00bx", true),
                ],
            );
        }
        assert_eq!(where_found(Contains, b"abc", b"xxabcabc"), Some(2..5));
    }
}
