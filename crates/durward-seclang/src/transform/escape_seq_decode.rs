//! `escapeSeqDecode`: escape sequences of ANSI C. Source: ModSecurity reference, `escape_seq_decode.cc`.
//!
//! `\a`, `\n` and so on, `\xHH`, one to three octal digits (of more than a byte the lower eight bits). Before anything else a
//! backslash vanishes, but not at the end.

use memchr::memchr;

use super::Triggers;
use super::rewrite::{c_escape, hex_pair, octal, plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\\"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'\\', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let [_, text @ ..] = rest else { return rest };
    if let [b'x' | b'X', high, low, tail @ ..] = text
        && let Some(byte) = hex_pair(*high, *low)
    {
        out.push(byte);
        return tail;
    }
    if let Some((value, tail)) = octal(text) {
        let [_, byte] = value.to_be_bytes();
        out.push(byte);
        return tail;
    }
    match text {
        [letter, tail @ ..] => {
            out.push(c_escape(*letter).unwrap_or(*letter));
            tail
        }
        [] => plain(rest, out),
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::EscapeSeqDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            EscapeSeqDecode,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"\\a\\b\\f\\n\\r\\t\\v\\?\\'\\\"\\0\\12\\123\\x00\\xff", b"\x07\x08\x0c\n\r\t\x0b?'\"\0\nS\0\xff"),
                (b"\\8\\9\\666\\xag\\xga\\0123", b"89\xb6xagxga\n3"),
                (b"\\x", b"x"),
                (b"\\x\\x0", b"xx0"),
                (b"\\X41\\q\\", b"Aq\\"),
                (b"\\0", b"\0"),
                (b"\\01\\012", b"\x01\n"),
                (b"\\", b"\\"),
                (b"\\\\u0000", b"\\u0000"),
            ],
        );
    }
}
