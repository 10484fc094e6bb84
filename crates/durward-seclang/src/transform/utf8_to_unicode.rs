//! `utf8toUnicode`: each multi-byte sequence of UTF-8 becomes `%uHHHH`. Source: ModSecurity reference,
//! `utf8_to_unicode.cc`; RFC 3629.
//!
//! As there: code points above U+FFFF have five or six digits; overlong sequences and surrogates are decoded, and their first
//! byte is repeated behind; the first byte of an incomplete sequence vanishes, a stray continuation byte stays; NUL vanishes,
//! but not at the end.

use super::Triggers;
use super::hex_encode::digit;
use super::rewrite::{plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::range(0x80, 0xff).with(0));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| rest.iter().position(|&byte| byte == 0 || byte >= 0x80), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let [lead, tail @ ..] = rest else { return rest };
    let (length, bits, smallest) = match lead {
        0 if !tail.is_empty() => return tail,
        0xc0..=0xdf => (1, lead & 0x1f, 0x80),
        0xe0..=0xef => (2, lead & 0x0f, 0x800),
        0xf0..=0xf7 => (3, lead & 0x07, 0x1_0000),
        _ => return plain(rest, out),
    };
    if *lead >= 0xf5 {
        out.push(*lead);
    }
    let Some((more, after)) = tail.split_at_checked(length) else { return tail };
    let Some(code_point) = more
        .iter()
        .try_fold(u32::from(bits), |value, byte| (byte & 0xc0 == 0x80).then_some(value << 6 | u32::from(byte & 0x3f)))
    else {
        return tail;
    };
    write(code_point, out);
    if matches!(code_point, 0xd800..=0xdfff) {
        out.push(*lead);
    }
    if code_point < smallest {
        out.push(*lead);
    }
    after
}

/// `%u` and at least four digits.
fn write(code_point: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(b"%u");
    let [_, high, middle, low] = code_point.to_be_bytes();
    let digits = [high >> 4, high & 15, middle >> 4, middle & 15, low >> 4, low & 15];
    let leading_zeros = digits.iter().take(2).take_while(|&&value| value == 0).count();
    out.extend(digits.iter().skip(leading_zeros).map(|&value| digit(value)));
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Utf8ToUnicode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Utf8ToUnicode,
            &[
                (b"", b""),
                (b"TestCase", b"TestCase"),
                (b"\xd0\x80 \xd8\xa9 \xe2\x96\xa0 \xef\xbc\x9cscript", b"%u0400 %u0629 %u25a0 %uff1cscript"),
                (b"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", b"%u1f600%u10ffff"),
                // NUL vanishes, but not at the end.,
                (b"a\0b\0\0", b"ab\0"),
                // Overlong: the first byte is repeated.,
                (b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf", b"%u002f\xc0%u002f\xe0%u002f\xf0"),
                // A surrogate, in three bytes and overlong in four.,
                (b"\xed\xa0\x80.\xf0\x8d\xa0\x80", b"%ud800\xed.%ud800\xf0\xf0"),
                // Above U+10FFFF.,
                (b"\xf5\x80\x80\x80\xf7\xbf\xbf\xbf\xf5x", b"\xf5%u140000\xf7%u1fffff\xf5x"),
                // Stray and incomplete.,
                (b"\x80\xbf\xf8\xff", b"\x80\xbf\xf8\xff"),
                (b"\xc3", b""),
                (b"\xc3A\xe2\x96A\xf0\x9f\x98A", b"A\x96A\x9f\x98A"),
                (b"\xe2\x96", b"\x96"),
                (b"\xf0\x9f\x98", b"\x9f\x98"),
            ],
        );
    }
}
