//! `parityZero7bit`: the eighth bit of each byte is cleared. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::range(0x80, 0xff));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|byte| byte & 0x7f));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::ParityZero7bit;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            ParityZero7bit,
            &[
                (b"", b""),
                (
                    b"abcdefghijklmnopqrstuvwxyz\x000123456789\0ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                    b"abcdefghijklmnopqrstuvwxyz\x000123456789\0ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                ),
                (b"\x80\x81\x8f\xff", b"\0\x01\x0f\x7f"),
                (b"cefijl", b"cefijl"),
                (b"abdghk", b"abdghk"),
            ],
        );
    }
}
