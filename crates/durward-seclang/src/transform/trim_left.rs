//! `trimLeft`: white space at the start vanishes. Source: ModSecurity reference.

use super::Triggers;
use super::rewrite::{SPACES, is_space};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(left_trimmed(input));
    true
}

/// A value from its first byte that is no white space.
pub(super) fn left_trimmed(mut value: &[u8]) -> &[u8] {
    while let [space, tail @ ..] = value
        && is_space(*space)
    {
        value = tail;
    }
    value
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::TrimLeft;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            TrimLeft,
            &[
                (b"", b""),
                (b"TestCase    ", b"TestCase    "),
                (b" \t\r\n\x0b\x0c  Test \0 Case \t  ", b"Test \0 Case \t  "),
                (b" \n ", b""),
            ],
        );
    }
}
