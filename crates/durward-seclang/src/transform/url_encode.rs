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
