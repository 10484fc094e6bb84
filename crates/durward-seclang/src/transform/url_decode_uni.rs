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
