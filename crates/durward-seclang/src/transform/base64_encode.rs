//! `base64Encode`: Base64 with padding, in one line. Source: ModSecurity reference.

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

const DIGITS: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len().div_ceil(3) * 4);
    for group in input.chunks(3) {
        let [a, b, c] = match *group {
            [a, b, c] => [a, b, c],
            [a, b] => [a, b, 0],
            [a] => [a, 0, 0],
            _ => continue,
        };
        let bits = u32::from_be_bytes([0, a, b, c]);
        let text = [18, 12, 6, 0].map(|shift| digit(bits >> shift));
        out.extend(text.iter().take(group.len() + 1));
        out.extend(std::iter::repeat_n(b'=', 3 - group.len()));
    }
    !input.is_empty()
}

#[expect(clippy::indexing_slicing, reason = "six bits into a table of 64")]
const fn digit(bits: u32) -> u8 {
    DIGITS[bits as usize & 63]
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Base64Encode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Base64Encode,
            &[
                (b"", b""),
                (b"TestCase", b"VGVzdENhc2U="),
                (b"TestCase1", b"VGVzdENhc2Ux"),
                (b"TestCase12", b"VGVzdENhc2UxMg=="),
                (b"Test\0Case", b"VGVzdABDYXNl"),
                (b"\xfb\xff\xbf", b"+/+/"),
            ],
        );
    }
}
