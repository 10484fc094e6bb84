//! `parityZero7bit`: the eighth bit of each byte is cleared. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::range(0x80, 0xff));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|byte| byte & 0x7f));
    true
}
