//! `parityOdd7bit`: the eighth bit of each byte is set where the parity of the byte is even, and cleared elsewhere. Source:
//! ModSecurity reference; see [`parityEven7bit`](super::parity_even_7bit).

use super::Triggers;
use super::parity_even_7bit::{changed, with_parity};

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(changed(false));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|&byte| with_parity(byte, false)));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::ParityOdd7bit;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(ParityOdd7bit, &[
            (b"", b""),
            (b"abcdefghijklmnopqrstuvwxyz\x000123456789\0ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"ab\xe3d\xe5\xe6gh\xe9\xeak\xecmn\xefp\xf1\xf2s\xf4uv\xf7\xf8yz\x80\xb012\xb34\xb5\xb678\xb9\x80\xc1\xc2C\xc4EF\xc7\xc8IJ\xcbL\xcd\xceO\xd0QR\xd3T\xd5\xd6WX\xd9\xda"),
            (b"\x80\x81\x8f\xff", b"\0\x81\x0f\xff"),
            (b"cefijl", b"\xe3\xe5\xe6\xe9\xea\xec"),
            (b"abdghk", b"abdghk"),
        ]);
    }
}
