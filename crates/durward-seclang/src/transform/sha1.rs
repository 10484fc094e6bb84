//! `sha1`: the 20 bytes of the SHA-1 digest (FIPS 180-4). Source: ModSecurity reference.
//!
//! Rules use it as a fingerprint, never for secrecy; it is written here to spare a dependency.

use super::Triggers;
use super::digest::{Order, for_each_block};

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for_each_block(input, Order::BigEndian, |words| state = compress(state, words));
    out.extend(state.into_iter().flat_map(u32::to_be_bytes));
    true
}

fn compress(state: [u32; 5], words: &[u32; 16]) -> [u32; 5] {
    let words = schedule(words);
    let mut now = state;
    for (words, number) in words.as_chunks::<20>().0.iter().zip(0_u8..) {
        now = match number {
            0 => round(now, words, 0x5a82_7999, |b, c, d| b & c | !b & d),
            1 => round(now, words, 0x6ed9_eba1, |b, c, d| b ^ c ^ d),
            2 => round(now, words, 0x8f1b_bcdc, |b, c, d| b & c | b & d | c & d),
            _ => round(now, words, 0xca62_c1d6, |b, c, d| b ^ c ^ d),
        };
    }
    let ([a, b, c, d, e], [f, g, h, i, j]) = (state, now);
    [a.wrapping_add(f), b.wrapping_add(g), c.wrapping_add(h), d.wrapping_add(i), e.wrapping_add(j)]
}

fn round(state: [u32; 5], words: &[u32; 20], constant: u32, mix: impl Fn(u32, u32, u32) -> u32) -> [u32; 5] {
    let [mut a, mut b, mut c, mut d, mut e] = state;
    for word in words {
        let sum = mix(b, c, d).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
        (a, b, c, d, e) = (a.rotate_left(5).wrapping_add(sum), a, b.rotate_left(30), c, d);
    }
    [a, b, c, d, e]
}

/// The words of all steps: each after the sixteenth comes from four earlier ones.
#[expect(clippy::indexing_slicing, reason = "16 to 79 less at most 16, in a table of 80")]
fn schedule(words: &[u32; 16]) -> [u32; 80] {
    let mut all = [0; 80];
    for (to, from) in all.iter_mut().zip(words) {
        *to = *from;
    }
    for at in 16..80 {
        all[at] = (all[at - 3] ^ all[at - 8] ^ all[at - 14] ^ all[at - 16]).rotate_left(1);
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Sha1;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Sha1,
            &[
                (b"", b"\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09"),
                (b"TestCase", b"\xa7\x0c\xe3\x83\x89\xe3\x18\xbd\x2b\xe1\x8a\x01\x11\xc6\xdc\x76\xbd\x2c\xd9\xed"),
                (
                    b"\x00\x01\x02\x03\x04\x05\x06\x07\x08",
                    b"\x63\xbf\x60\xc7\x10\x5a\x07\xa2\xb1\x25\xbb\xf8\x9e\x61\xab\xda\xbc\x69\x78\xc2",
                ),
            ],
        );
    }
}
