//! `hexDecode`: two hexadecimal digits become a byte; a digit without a partner vanishes. Source: ModSecurity reference,
//! `hex_decode.cc`.
//!
//! Nothing is checked: what is no digit counts as its distance from `0` or `A`, as there.

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    let (pairs, _) = input.as_chunks();
    out.extend(pairs.iter().map(|[high, low]| (digit(*high) << 4).wrapping_add(digit(*low))));
    !input.is_empty()
}

const fn digit(byte: u8) -> u8 {
    if byte >= b'A' { (byte & 0xdf).wrapping_sub(b'A').wrapping_add(10) } else { byte.wrapping_sub(b'0') }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::HexDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            HexDecode,
            &[
                (b"", b""),
                (b"5465737443617365", b"TestCase"),
                (b"546573740043617365", b"Test\0Case"),
                (b"01234567890a0z01234567890a", b"\x01#Eg\x89\x0a#\x01#Eg\x89\x0a"),
                (b"01234567890az", b"\x01#Eg\x89\x0a"),
                (b"fFAa", b"\xff\xaa"),
                (b"5", b""),
                (b"\0\xff", b"\xa8"),
            ],
        );
    }
}
