//! `@validateUtf8Encoding`: the value is not UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF, nothing
//! cut off).

use super::Seen;

pub(super) fn evaluate(value: &[u8], seen: &mut Seen) -> bool {
    let Err(error) = std::str::from_utf8(value) else {
        return false;
    };
    let at = error.valid_up_to();
    seen.found_at(at..error.error_len().map_or(value.len(), |length| at + length));
    true
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::ValidateUtf8Encoding;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            ValidateUtf8Encoding,
            &[
                (b"", b"", false),
                (b"", b"plain", false),
                (b"", "gr\u{fc}n \u{20ac} \u{1f600}".as_bytes(), false),
                (b"", b"\xc3", true),
                (b"", b"\xe2\x82", true),
                (b"", b"\xf0\x9f\x98", true),
                (b"", b"\xc0\xaf", true),
                (b"", b"\xe0\x80\xaf", true),
                (b"", b"\xf0\x80\x80\xaf", true),
                (b"", b"\xed\xa0\x80", true),
                (b"", b"\xf5\x80\x80\x80", true),
                (b"", b"\x80", true),
                (b"", b"\xff", true),
            ],
        );
        assert_eq!(where_found(ValidateUtf8Encoding, b"", b"ab\xffcd"), Some(2..3));
    }
}
