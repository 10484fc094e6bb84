//! `urlEncode`: every byte but ASCII letters, digits and `*` becomes `%hh`, a space `+`. Source: ModSecurity reference,
//! `url_encode.cc`.

use super::Triggers;
use super::hex_encode::digits;
use crate::byteset::ByteSet;

const PLAIN: ByteSet =
    ByteSet::range(b'0', b'9').union(ByteSet::range(b'A', b'Z')).union(ByteSet::range(b'a', b'z')).with(b'*');

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(PLAIN.complement());

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    for &byte in input {
        match byte {
            b'*' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => {
                let [high, low] = digits(byte);
                out.extend([b'%', high, low]);
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::UrlEncode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(UrlEncode, &[
            (b"", b""),
            (b"TestCase", b"TestCase"),
            (b" \0\x1f\x7f\x80\xff", b"+%00%1f%7f%80%ff"),
            (b"!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", b"%21%22%23%24%25%26%27%28%29*%2b%2c%2d%2e%2f09%3a%3b%3c%3d%3e%3f%40AZ%5b%5c%5d%5e%5f%60az%7b%7c%7d%7e"),
            (b"Test Case%", b"Test+Case%25"),
        ]);
    }
}
