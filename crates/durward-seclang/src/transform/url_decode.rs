//! `urlDecode`: `%HH` becomes a byte, `+` a space; what is no valid escape stays. Source: ModSecurity reference,
//! `decode.cc`.

use memchr::memchr2;

use super::Triggers;
use super::rewrite::{hex_pair, plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"%+"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr2(b'%', b'+', rest), step)
}

/// One escape, or one byte.
pub(super) fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match rest {
        [b'+', tail @ ..] => {
            out.push(b' ');
            tail
        }
        [b'%', high, low, tail @ ..] => {
            let Some(byte) = hex_pair(*high, *low) else { return plain(rest, out) };
            out.push(byte);
            tail
        }
        _ => plain(rest, out),
    }
}
