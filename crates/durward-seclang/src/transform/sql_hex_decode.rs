//! `sqlHexDecode`: hexadecimal literals of SQL (`0x414243`) become their bytes. Source: ModSecurity reference,
//! `sql_hex_decode.cc`.

use memchr::memchr;

use super::Triggers;
use super::rewrite::{hex_pair, plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"xX"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'0', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let [b'0', b'x' | b'X', digits @ ..] = rest else { return plain(rest, out) };
    let mut tail = digits;
    while let [high, low, more @ ..] = tail
        && let Some(byte) = hex_pair(*high, *low)
    {
        out.push(byte);
        tail = more;
    }
    if tail.len() < digits.len() { tail } else { plain(rest, out) }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::SqlHexDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            SqlHexDecode,
            &[
                (b"", b""),
                (b"0x414243", b"ABC"),
                (b"concat(0X414,0x4G,0x)", b"concat(A4,0x4G,0x)"),
                (b"00x4142x", b"0ABx"),
                (b"0x0x41", b"0xA"),
                (b"0x4", b"0x4"),
                (b"0x", b"0x"),
                (b"0", b"0"),
                (b"x41", b"x41"),
            ],
        );
    }
}
