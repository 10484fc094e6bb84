//! `urlDecode`: `%HH` becomes a byte, `+` a space; what is no valid escape stays. Source: ModSecurity reference,
//! `decode.cc`.

use memchr::memchr2;

use super::Triggers;
use super::rewrite::{hex_pair, plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"%+"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr2(b'%', b'+', rest), step)
}

/// One escape, or one byte.
pub(super) fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match rest {
        [b'+', tail @ ..] => {
            out.push(b' ');
            tail
        }
        [b'%', high, low, tail @ ..] => {
            let Some(byte) = hex_pair(*high, *low) else { return plain(rest, out) };
            out.push(byte);
            tail
        }
        _ => plain(rest, out),
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::UrlDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            UrlDecode,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"Test+Case", b"Test Case"),
                (b"+%00%01%09%0a%20%41%7f%80%fF%Fe", b" \0\x01\t\n A\x7f\x80\xff\xfe"),
                (b"%+", b"% "),
                (b"%%20", b"% "),
                (b"%0g%20", b"%0g "),
                (b"%0%20", b"%0 "),
                (b"%g0%20", b"%g0 "),
                (b"%g%20", b"%g "),
                (b"%0%1%2%a%f", b"%0%1%2%a%f"),
                (b"%", b"%"),
                (b"%0", b"%0"),
                (b"%%", b"%%"),
                (b"%2541", b"%41"),
                (b"%u0041", b"%u0041"),
            ],
        );
    }
}
