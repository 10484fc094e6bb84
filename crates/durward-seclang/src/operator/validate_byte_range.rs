//! `@validateByteRange`: a byte of the value is outside of the ranges, like `1-255` or `9,10,13,32-126`.

use super::Seen;
use crate::byteset::ByteSet;

/// Reads the ranges: the bytes that are allowed.
pub(super) fn parse(text: &[u8]) -> Result<ByteSet, String> {
    let wrong = |what: &[u8]| format!("`{}` is not a byte, 0 to 255, or a range of them", what.escape_ascii());
    let number = |text: &[u8]| std::str::from_utf8(text.trim_ascii()).ok()?.parse::<u8>().ok();
    let mut allowed = ByteSet::EMPTY;
    for range in text.split(|byte| *byte == b',') {
        let mut ends = range.splitn(2, |byte| *byte == b'-');
        let first = ends.next().and_then(number).ok_or_else(|| wrong(range))?;
        let last = match ends.next() {
            Some(last) => number(last).filter(|last| first <= *last).ok_or_else(|| wrong(range))?,
            None => first,
        };
        allowed = allowed.union(ByteSet::range(first, last));
    }
    Ok(allowed)
}

pub(super) fn evaluate(value: &[u8], allowed: &ByteSet, seen: &mut Seen) -> bool {
    let Some(at) = value.iter().position(|byte| !allowed.contains(*byte)) else {
        return false;
    };
    seen.found_at(at..at + 1);
    true
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::ValidateByteRange;
    use crate::operator::testing::{refused, verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            ValidateByteRange,
            &[
                (b"1-255", b"", false),
                (b"1-255", b"abc\xff", false),
                (b"1-255", b"a\x00", true),
                (b"9,10,13,32-126", b"a\tb\r\n", false),
                (b"9,10,13,32-126", b"a\x7f", true),
                (b" 38, 44-46 ", b"&,-.", false),
                (b"38,44-46", b"&,/", true),
                (b"0-255", b"\x00\xff", false),
            ],
        );
        assert_eq!(where_found(ValidateByteRange, b"32-126", b"ab\x01\x02"), Some(2..3));
    }

    #[test]
    fn what_is_no_range() {
        refused(ValidateByteRange, &[b"", b"256", b"-1", b"5-", b"9-5", b"a-z", b"1,,2", b"1-2-3", b"1-300"]);
    }
}
