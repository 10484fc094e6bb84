//! `compressWhitespace`: each run of white space becomes one space. Source: ModSecurity reference.

use super::Triggers;
use super::rewrite::{SPACES, is_space};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    let mut spaced = false;
    for &byte in input {
        let space = is_space(byte);
        if !(space && spaced) {
            out.push(if space { b' ' } else { byte });
        }
        spaced = space;
    }
    true
}
