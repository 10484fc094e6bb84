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

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::JsDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            JsDecode,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"\\a\\b\\f\\n\\r\\t\\v\\?\\'\\\"\\0\\12\\123\\x00\\xff", b"\x07\x08\x0c\n\r\t\x0b?'\"\0\nS\0\xff"),
                (
                    b"\\8\\9\\666\\u00ag\\u00ga\\u0zaa\\uz0aa\\xag\\xga\\0123\\u00a",
                    b"89\x366u00agu00gau0zaauz0aaxagxga\n3u00a",
                ),
                (b"\\u003c\\x3c\\74\\uff1cscript", b"<<<<script"),
                (b"\\uff00\\uff5f\\uFf41\\u1c61\\X41\\U0041", b"\0_aaX41U0041"),
                (b"\\377\\400\\47a", b"\xff 0'a"),
                (b"\\x", b"x"),
                (b"\\x\\x0\0", b"xx0\0"),
                (b"\\u\\u0\\u01\\u012", b"uu0u01u012"),
                (b"\\", b"\\"),
                (b"\\\\0", b"\\0"),
            ],
        );
    }
}
