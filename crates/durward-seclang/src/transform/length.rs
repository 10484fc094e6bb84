//! `length`: the number of bytes, in decimal. Source: ModSecurity reference.

use super::Triggers;

pub(super) const TRIGGERS: Triggers = Triggers::Always;

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(input.len().to_string().as_bytes());
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::Length;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(Length, &[(b"", b"0"), (b"0123456789abcdef", b"16"), (b"Test\0Case", b"9"), (b"1", b"1")]);
    }
}
