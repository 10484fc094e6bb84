//! `cssDecode`: backslash escapes of CSS 2. Source: ModSecurity reference, `css_decode.cc`; CSS 2, section 4.1.3.
//!
//! Of one to six hexadecimal digits the last two count, but for full-width ASCII (`\ff1c` is `<`); one white space after
//! them belongs to the escape. A backslash before a line feed or at the end vanishes.

use memchr::memchr;

use super::Triggers;
use super::rewrite::{full_width, hex, hex_pair, is_space, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\\"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'\\', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let text = rest.get(1..).unwrap_or_default();
    let digits = text.iter().take(6).take_while(|&&byte| hex(byte).is_some()).count();
    let Some((digits, tail)) = text.split_at_checked(digits) else { return text };
    match (character(digits), tail) {
        (Some(byte), tail) => {
            out.push(byte);
            match tail {
                [space, tail @ ..] if is_space(*space) => tail,
                _ => tail,
            }
        }
        (None, [b'\n', tail @ ..]) => tail,
        (None, [byte, tail @ ..]) => {
            out.push(*byte);
            tail
        }
        (None, []) => tail,
    }
}

/// The byte that up to six digits stand for.
fn character(digits: &[u8]) -> Option<u8> {
    let low = match digits {
        [.., high, low] => hex_pair(*high, *low)?,
        [digit] => hex(*digit)?,
        [] => return None,
    };
    Some(match digits {
        [b'f' | b'F', b'f' | b'F', _, _]
        | [b'0', b'f' | b'F', b'f' | b'F', _, _]
        | [b'0', b'0', b'f' | b'F', b'f' | b'F', _, _] => full_width(low),
        _ => low,
    })
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::CssDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(CssDecode, &[
            (b"", b""),
            (b"Test\0Case", b"Test\0Case"),
            (b"test\\a\\b\\f\\n\\r\\t\\v\\?\\'\\\"\\\0\\12\\123\\1234\\12345\\123456\\ff01\\ff5e\\\n\\\0  string", b"test\n\x0b\x0fnrtv?'\"\0\x12#4EV!~\0  string"),
            (b"test\\", b"test"),
            (b"\\1A\\1 A\\1234567\\123456 7\\1x\\1 x", b"\x1a\x01AV7V7\x01x\x01x"),
            (b"\\69\\67 \\006e\\0FF0f\\00ff1c\\1ff1c\\10ff1c", b"ign/<\x1c\x1c"),
            (b"\\ff00\\ff5f\\fF41", b"\0_a"),
            (b"\\\\\\g", b"\\g"),
            (b"\\41\x0b\\41\t ", b"AA "),
        ]);
    }
}
