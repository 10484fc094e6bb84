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
