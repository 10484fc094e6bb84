//! `urlDecodeUni`: [`urlDecode`](super::url_decode) that knows `%uHHHH` of IIS too. Source: ModSecurity reference,
//! `url_decode_uni.cc`.
//!
//! A code point becomes the byte that the map of `SecUnicodeMapFile` gives it; without a map or an entry its lower byte, and
//! full-width ASCII its ASCII character.

use memchr::memchr2;

use super::rewrite::{hex_code_point, hex_pair, rewrite};
use super::{Triggers, UnicodeMap, url_decode};

pub(super) const TRIGGERS: Triggers = url_decode::TRIGGERS;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    apply_mapped(input, None, out)
}

pub(super) fn apply_mapped(input: &[u8], map: Option<&UnicodeMap>, out: &mut Vec<u8>) -> bool {
    rewrite(
        input,
        out,
        |rest| memchr2(b'%', b'+', rest),
        |rest, out| {
            if let [b'%', b'u' | b'U', a, b, c, d, tail @ ..] = rest
                && let Some(byte) = code_point([*a, *b, *c, *d], map)
            {
                out.push(byte);
                return tail;
            }
            url_decode::step(rest, out)
        },
    )
}

fn code_point(digits: [u8; 4], map: Option<&UnicodeMap>) -> Option<u8> {
    let [a, b, c, d] = digits;
    let mapped = |map: &UnicodeMap| map.byte(u16::from_be_bytes([hex_pair(a, b)?, hex_pair(c, d)?]));
    map.and_then(mapped).or_else(|| hex_code_point(digits))
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::UrlDecodeUni;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            UrlDecodeUni,
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
                (b"%u0000%u0041%U007f%u1141", b"\0A\x7fA"),
                (b"%uff01%uff3c%uff5e%uFF1c", b"!\\~<"),
                (b"%uff00%uff5f%uff7f", b"\0_\x7f"),
                (b"%%u0020", b"% "),
                (b"%0g%u0020", b"%0g "),
                (b"%u%u0020", b"%u "),
                (b"%u0%u0020", b"%u0 "),
                (b"%u00%u0020", b"%u00 "),
                (b"%u000%u0020", b"%u000 "),
                (b"%u000g%u0020", b"%u000g "),
                (b"%u20%20", b"%u20 "),
                (b"%u004", b"%u004"),
                (b"%u", b"%u"),
            ],
        );
    }
}
