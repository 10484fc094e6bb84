//! `replaceNulls`: each NUL byte becomes a space. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\0"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|&byte| if byte == 0 { b' ' } else { byte }));
    true
}
