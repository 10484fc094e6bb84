//! `@beginsWith`: the value begins with the text, bytes compared as they are. The empty text begins every value.

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    let found = value.starts_with(text);
    if found {
        seen.found_at(0..text.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::BeginsWith;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            BeginsWith,
            &[
                (b"", b"", true),
                (b"", b"x", true),
                (b"abc", b"abcdef", true),
                (b"abc", b"abc", true),
                (b"abc", b"ab", false),
                (b"abc", b"", false),
                (b"abc", b"xabc", false),
                (b"abc", b"ABC", false),
                (b"\x00\xff", b"\x00\xff\x01", true),
            ],
        );
        assert_eq!(where_found(BeginsWith, b"abc", b"abcdef"), Some(0..3));
    }
}
