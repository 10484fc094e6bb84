//! `parityOdd7bit`: the eighth bit of each byte is set where the parity of the byte is even, and cleared elsewhere. Source:
//! ModSecurity reference; see [`parityEven7bit`](super::parity_even_7bit).

use super::Triggers;
use super::parity_even_7bit::{changed, with_parity};

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(changed(false));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|&byte| with_parity(byte, false)));
    true
}
