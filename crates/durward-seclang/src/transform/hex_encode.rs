//! `hexEncode`: each byte becomes two lower-case hexadecimal digits. Source: ModSecurity reference.

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len() * 2);
    for &byte in input {
        out.extend(digits(byte));
    }
    !input.is_empty()
}

/// The two lower-case digits of a byte.
pub(super) const fn digits(byte: u8) -> [u8; 2] {
    [digit(byte >> 4), digit(byte & 15)]
}

/// The lower-case digit of a value below 16.
pub(super) const fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' - 10 + value }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::HexEncode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            HexEncode,
            &[(b"", b""), (b"TestCase", b"5465737443617365"), (b"Test\0Case\xff", b"546573740043617365ff")],
        );
    }
}
