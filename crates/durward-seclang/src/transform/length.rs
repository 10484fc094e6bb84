//! `length`: the number of bytes, in decimal. Source: ModSecurity reference.

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(input.len().to_string().as_bytes());
    true
}
