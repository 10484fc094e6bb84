//! `parityEven7bit`: the eighth bit of each byte is set where the parity of the byte is odd, and cleared elsewhere. Source:
//! ModSecurity reference, `parity_even_7bit.h`.
//!
//! As there, the parity is that of all eight bits, so it differs from the name for bytes above 0x7f.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(changed(true));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|&byte| with_parity(byte, true)));
    true
}

/// A byte whose eighth bit says whether its parity is odd (`even`), or even.
pub(super) const fn with_parity(byte: u8, even: bool) -> u8 {
    let odd = byte.count_ones() & 1 == 1;
    if odd == even { byte | 0x80 } else { byte & 0x7f }
}

/// The bytes that [`with_parity`] changes.
pub(super) const fn changed(even: bool) -> ByteSet {
    let mut set = ByteSet::EMPTY;
    let mut byte = 0_u8;
    loop {
        if with_parity(byte, even) != byte {
            set = set.with(byte);
        }
        if byte == u8::MAX {
            return set;
        }
        byte += 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::ParityEven7bit;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(ParityEven7bit, &[
            (b"", b""),
            (b"abcdefghijklmnopqrstuvwxyz\x000123456789\0ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"\xe1\xe2c\xe4ef\xe7\xe8ij\xebl\xed\xeeo\xf0qr\xf3t\xf5\xf6wx\xf9\xfa\x000\xb1\xb23\xb456\xb7\xb89\0AB\xc3D\xc5\xc6GH\xc9\xcaK\xccMN\xcfP\xd1\xd2S\xd4UV\xd7\xd8YZ"),
            (b"\x80\x81\x8f\xff", b"\x80\x01\x8f\x7f"),
            (b"cefijl", b"cefijl"),
            (b"abdghk", b"\xe1\xe2\xe4\xe7\xe8\xeb"),
        ]);
    }
}
