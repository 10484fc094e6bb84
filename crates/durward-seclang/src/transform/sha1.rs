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
    let [mut a, mut b, mut c, mut d, mut e] = state;
    for (step, word) in schedule(words).into_iter().enumerate() {
        let (mixed, constant) = match step {
            0..20 => (b & c | !b & d, 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let sum = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(word);
        (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
    }
    let [f, g, h, i, j] = state;
    [a.wrapping_add(f), b.wrapping_add(g), c.wrapping_add(h), d.wrapping_add(i), e.wrapping_add(j)]
}

/// The words of all steps: each after the sixteenth comes from four earlier ones.
fn schedule(words: &[u32; 16]) -> [u32; 80] {
    let mut window = *words;
    let mut all = [0; 80];
    for word in &mut all {
        *word = window[0];
        let next = (window[0] ^ window[2] ^ window[8] ^ window[13]).rotate_left(1);
        window.rotate_left(1);
        window[15] = next;
    }
    all
}
