//! `uppercase`: ASCII letters become upper case. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::range(b'a', b'z'));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(input);
    out.make_ascii_uppercase();
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Uppercase;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Uppercase,
            &[
                (b"", b""),
                (b"TESTCASE", b"TESTCASE"),
                (b"Test\0Case", b"TEST\0CASE"),
                (b"@AZ[`az{\xe0\xe4", b"@AZ[`AZ{\xe0\xe4"),
            ],
        );
    }
}
