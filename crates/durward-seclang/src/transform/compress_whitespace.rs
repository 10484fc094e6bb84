//! `compressWhitespace`: each run of white space becomes one space. Source: ModSecurity reference.

use super::Triggers;
use super::rewrite::{SPACES, is_space};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(SPACES));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    let mut spaced = false;
    for &byte in input {
        let space = is_space(byte);
        if !(space && spaced) {
            out.push(if space { b' ' } else { byte });
        }
        spaced = space;
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::CompressWhitespace;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            CompressWhitespace,
            &[
                (b"", b""),
                (b"TestCase", b"TestCase"),
                (b"Test Case\0", b"Test Case\0"),
                (b"  Test  \t   Case  ", b" Test Case "),
                (
                    b"tab \t, vtab \x0b, newline \n, return \r, formfeed \x0c.\r\n",
                    b"tab , vtab , newline , return , formfeed . ",
                ),
                (b"\t", b" "),
                (b"\xa0\xa0", b"\xa0\xa0"),
            ],
        );
    }
}
