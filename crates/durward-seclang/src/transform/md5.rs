//! `md5`: the 16 bytes of the MD5 digest (RFC 1321). Source: ModSecurity reference.
//!
//! Rules use it as a fingerprint, never for secrecy; it is written here because nothing else in the workspace has it.

use super::Triggers;
use super::digest::{Order, for_each_block};

pub(super) const TRIGGERS: Triggers = Triggers::Always;

#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
];

const ROTATIONS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for_each_block(input, Order::LittleEndian, |words| state = compress(state, words));
    out.extend(state.into_iter().flat_map(u32::to_le_bytes));
    true
}

fn compress(state: [u32; 4], words: &[u32; 16]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    let rounds = SINES.as_chunks::<16>().0.iter().zip(ROTATIONS);
    for (round, (sines, rotations)) in rounds.enumerate() {
        for ((step, sine), rotation) in sines.iter().enumerate().zip(rotations.into_iter().cycle()) {
            let (mixed, word) = match round {
                0 => (b & c | !b & d, step),
                1 => (d & b | !d & c, 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | !d), 7 * step),
            };
            let word = words.get(word % 16).copied().unwrap_or_default();
            let sum = a.wrapping_add(mixed).wrapping_add(*sine).wrapping_add(word);
            (a, b, c, d) = (d, b.wrapping_add(sum.rotate_left(rotation)), b, c);
        }
    }
    let [e, f, g, h] = state;
    [a.wrapping_add(e), b.wrapping_add(f), c.wrapping_add(g), d.wrapping_add(h)]
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Md5;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Md5,
            &[
                (b"", b"\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8B~"),
                (b"zimmerle", b"-Se\x90)-B~N\x14\x82\x9aE\xbc\xfe\x89"),
                (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08", b"\xa6\xe7\xd3\xb4o\xdf\xaf\x0b\xde*\x1f\x83*\x00\xd2\xde"),
                (b"TestCase", b"\xc9\xab\xa2\xc3\xe6\x01&\x16\x9e\x80\xe9\xa2k\xa2s\xc1"),
            ],
        );
    }
}
