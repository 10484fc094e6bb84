//! `lowercase`: ASCII letters become lower case. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::range(b'A', b'Z'));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(input);
    out.make_ascii_lowercase();
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Lowercase;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Lowercase,
            &[
                (b"", b""),
                (b"testcase", b"testcase"),
                (b"Test\0Case", b"test\0case"),
                (b"@AZ[`az{\xc0\xc4", b"@az[`az{\xc0\xc4"),
            ],
        );
    }
}
