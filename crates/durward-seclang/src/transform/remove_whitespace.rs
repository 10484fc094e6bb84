//! `removeWhitespace`: white space vanishes, and the bytes of a no-break space (0xa0, 0xc2). Source: ModSecurity reference,
//! `remove_whitespace.cc`.

use super::Triggers;
use super::rewrite::{SPACES, is_space};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES).with(0xa0).with(0xc2));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    for part in input.split(|&byte| is_space(byte) || byte == 0xa0 || byte == 0xc2) {
        out.extend_from_slice(part);
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::RemoveWhitespace;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            RemoveWhitespace,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"  Test  \t   Case  ", b"TestCase"),
                (b"tab \t, vtab \x0b, newline \n, return \r, formfeed \x0c.\r\n", b"tab,vtab,newline,return,formfeed."),
                (b"a\xc2\xa0b\xa0c\xc2\xa9\x85", b"abc\xa9\x85"),
                (b" ", b""),
            ],
        );
    }
}
