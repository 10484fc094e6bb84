//! `replaceNulls`: each NUL byte becomes a space. Source: ModSecurity reference.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"\0"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend(input.iter().map(|&byte| if byte == 0 { b' ' } else { byte }));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::ReplaceNulls;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(ReplaceNulls, &[(b"", b""), (b"TestCase", b"TestCase"), (b"\0Test\0\0Case\0", b" Test  Case ")]);
    }
}
