//! `base64DecodeExt`: Base64 in which other characters are skipped. Source: ModSecurity reference, `base64.cc`.
//!
//! Padding may stand anywhere and is skipped too, but not after the first digit of a group of four, unless more follows:
//! then the result is empty.

use super::Triggers;
use super::base64_decode::value;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len() / 4 * 3);
    let mut digits = 0_usize;
    let mut group = 0_u8;
    let mut next = input.iter().skip(1);
    for &byte in input {
        let next = next.next();
        if byte == b'=' && next != Some(&b'=') && digits % 4 == 1 {
            out.clear();
            break;
        }
        let Some(value) = value(byte) else { continue };
        match digits % 4 {
            0 => group = value << 2,
            1 => {
                out.push(group | value >> 4);
                group = value << 4;
            }
            2 => {
                out.push(group | value >> 2);
                group = value << 6;
            }
            _ => out.push(group | value),
        }
        digits += 1;
    }
    !input.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Base64DecodeExt;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Base64DecodeExt,
            &[
                (b"", b""),
                (b"VGVzdENhc2U=", b"TestCase"),
                (b"VGVzdENhc2Ux", b"TestCase1"),
                (b"VGVzdENhc2UxMg==", b"TestCase12"),
                (b"P.HNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", b"<script>alert(1)</script>"),
                (b"VGVz\0 \xffdAB-DYXNl", b"Test\0Case"),
                // Padding within, and none.,
                (b"VGVz==dENhc2U", b"TestCase"),
                (b"VGVzdE", b"Test"),
                (b"VGVzd", b"Tes"),
                // One digit and padding.,
                (b"VGVzd=", b""),
                (b"VGVzd=ENh", b""),
                (b"VGVzd==ENh", b""),
                (b"....", b""),
                (b"=", b""),
                // The reference takes the value of a last `9`, 61, for `=`, and returns nothing.,
                (b"VGVz9", b"Tes"),
            ],
        );
    }
}
