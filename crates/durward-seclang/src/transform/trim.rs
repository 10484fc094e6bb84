//! `trim`: white space at both ends vanishes. Source: ModSecurity reference.

use super::Triggers;
use super::rewrite::SPACES;
use super::trim_left::left_trimmed;
use super::trim_right::right_trimmed;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(left_trimmed(right_trimmed(input)));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Trim;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            Trim,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"    Test   Case    ", b"Test   Case"),
                (b" \t   Test \0 Case \t  \t   \r\n\x0b\x0c  ", b"Test \0 Case"),
                (b" \n ", b""),
            ],
        );
    }
}
