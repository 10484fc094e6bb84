//! `@validateUrlEncoding`: a `%` in the value is not followed by two hexadecimal digits.

use super::Seen;

pub(super) fn evaluate(value: &[u8], seen: &mut Seen) -> bool {
    let mut broken = memchr::memchr_iter(b'%', value).filter(|at| {
        let digits = value.get(at + 1..at + 3).unwrap_or_default();
        digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit)
    });
    let Some(at) = broken.next() else {
        return false;
    };
    seen.found_at(at..value.len().min(at + 3));
    true
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::ValidateUrlEncoding;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            ValidateUrlEncoding,
            &[
                (b"", b"", false),
                (b"", b"plain", false),
                (b"", b"%41%4a%4A", false),
                (b"", b"%", true),
                (b"", b"a%4", true),
                (b"", b"a%4g", true),
                (b"", b"a%g4", true),
                (b"", b"%u0041", true),
                (b"", b"%%41", true),
                (b"", b"%25", false),
                (b"", b"100% of it", true),
            ],
        );
        assert_eq!(where_found(ValidateUrlEncoding, b"", b"a%20%zz"), Some(4..7));
    }
}
