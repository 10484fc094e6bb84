//! `removeNulls`: NUL bytes vanish. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\0"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    for part in input.split(|&byte| byte == 0) {
        out.extend_from_slice(part);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::RemoveNulls;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            RemoveNulls,
            &[(b"", b""), (b"Test\x01Case", b"Test\x01Case"), (b"\0Test\0\0Case\0", b"TestCase"), (b"\0", b"")],
        );
    }
}
