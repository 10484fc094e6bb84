//! `trimRight`: white space at the end vanishes. Source: ModSecurity reference.

use super::Triggers;
use super::rewrite::{SPACES, is_space};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(right_trimmed(input));
    true
}

/// A value up to its last byte that is no white space.
pub(super) fn right_trimmed(mut value: &[u8]) -> &[u8] {
    while let [head @ .., space] = value
        && is_space(*space)
    {
        value = head;
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::TrimRight;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            TrimRight,
            &[
                (b"", b""),
                (b"    TestCase", b"    TestCase"),
                (b" \t   Test12 \0 Case \t  \r\n\x0b\x0c", b" \t   Test12 \0 Case"),
                (b" \n ", b""),
            ],
        );
    }
}
