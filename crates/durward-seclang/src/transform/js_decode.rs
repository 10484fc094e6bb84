//! `jsDecode`: escape sequences of JavaScript. Source: ModSecurity reference, `js_decode.cc`.
//!
//! `\uHHHH` becomes the lower byte, full-width ASCII its ASCII character; `\xHH`; octal up to `\377`; `\a`, `\n` and so on.
//! Before anything else a backslash vanishes, but not at the end.

use memchr::memchr;

use super::Triggers;
use super::rewrite::{c_escape, hex_code_point, hex_pair, octal, plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\\"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'\\', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let [_, text @ ..] = rest else { return rest };
    let decoded = match text {
        [b'u', a, b, c, d, tail @ ..] => hex_code_point([*a, *b, *c, *d]).map(|byte| (byte, tail)),
        [b'x', high, low, tail @ ..] => hex_pair(*high, *low).map(|byte| (byte, tail)),
        // More than a byte: the third digit does not belong to it.
        [high @ b'4'..=b'7', low @ b'0'..=b'7', tail @ ..] => Some(((high & 7) << 3 | low & 7, tail)),
        [b'0'..=b'7', ..] => octal(text).and_then(|(value, tail)| Some((u8::try_from(value).ok()?, tail))),
        _ => None,
    };
    match (decoded, text) {
        (Some((byte, tail)), _) => {
            out.push(byte);
            tail
        }
        (None, [letter, tail @ ..]) => {
            out.push(c_escape(*letter).unwrap_or(*letter));
            tail
        }
        (None, []) => plain(rest, out),
    }
}
