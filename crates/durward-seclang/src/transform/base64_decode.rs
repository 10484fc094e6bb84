//! `base64Decode`: Base64 with padding, white space as in MIME. Source: ModSecurity reference, Mbed TLS 3.6 `base64.c`.
//!
//! As there: the value ends at the first NUL, digits that do not fill a group of four are dropped, and what is not Base64
//! becomes the empty string.

use memchr::memchr;

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    let text = memchr(0, input).and_then(|end| input.get(..end)).unwrap_or(input);
    out.reserve(text.len() / 4 * 3);
    if decode(text, out).is_none() {
        out.clear();
    }
    !input.is_empty()
}

/// `None` where the text is not Base64.
fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    let mut group = 0_u32;
    let mut digits = 0_u8;
    let mut padding = 0_u8;
    loop {
        let spaces = rest.iter().take_while(|&&byte| byte == b' ').count();
        let (byte, tail) = match rest.get(spaces..)? {
            [] => return Some(()),
            [b'\r', b'\n', tail @ ..] | [b'\n', tail @ ..] => {
                rest = tail;
                continue;
            }
            [byte, tail @ ..] => (*byte, tail),
        };
        if spaces > 0 {
            return None;
        }
        rest = tail;
        group <<= 6;
        match (byte, padding) {
            (b'=', 0..2) => padding += 1,
            (_, 0) => group |= u32::from(value(byte)?),
            _ => return None,
        }
        digits += 1;
        if digits == 4 {
            let [_, bytes @ ..] = group.to_be_bytes();
            out.extend(bytes.iter().take(3 - usize::from(padding)));
            (group, digits) = (0, 0);
        }
    }
}

/// The value of a digit of Base64.
pub(super) const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Base64Decode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Base64Decode,
            &[
                (b"", b""),
                (b"VGVzdENhc2U=", b"TestCase"),
                (b"VGVzdENhc2Ux", b"TestCase1"),
                (b"VGVzdENhc2UxMg==", b"TestCase12"),
                (b"VGVzdABDYXNl", b"Test\0Case"),
                (b"VGVzdENhc2U=\0VGVzdENhc2U=", b"TestCase"),
                (b"VGVz\r\ndENh\n  \nc2U=  ", b"TestCase"),
                // Not filled groups: the rest is lost.,
                (b"VGVzdENhc2U", b"TestCa"),
                (b"VGVzd", b"Tes"),
                (b"VGVz=", b"Tes"),
                (b"VGV", b""),
                (b"==", b""),
                // Invalid: nothing.,
                (b"VGVz dENh", b""),
                (b"VGVz\rdENh", b""),
                (b"VGVz\tdENh", b""),
                (b"VG-z", b""),
                (b"VGVzdENhc2==c2U=", b""),
                (b"VGV===", b""),
                (b"VGVz\xff", b""),
            ],
        );
    }
}
