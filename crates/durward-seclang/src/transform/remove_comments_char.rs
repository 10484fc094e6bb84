//! `removeCommentsChar`: the marks of comments vanish (`/*`, `*/`, `<!--`, `-->`, `--`, `#`), what is between them stays.
//! Source: ModSecurity reference, `remove_comments_char.cc`.

use super::Triggers;
use super::rewrite::{plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"*-#"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| rest.iter().position(|byte| matches!(byte, b'/' | b'*' | b'<' | b'-' | b'#')), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match rest {
        [b'<', b'!', b'-', b'-', tail @ ..]
        | [b'-', b'-', b'>', tail @ ..]
        | [b'/', b'*', tail @ ..]
        | [b'*', b'/', tail @ ..]
        | [b'-', b'-', tail @ ..]
        | [b'#', tail @ ..] => tail,
        _ => plain(rest, out),
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::RemoveCommentsChar;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            RemoveCommentsChar,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"/* TestCase */", b" TestCase "),
                (b"Before/* TestCase */After", b"Before TestCase After"),
                (b"Before/* Test\r\nCase ", b"Before Test\r\nCase "),
                (b"Test\nCase */ After", b"Test\nCase  After"),
                (b"a<!-- b --> c -- d # e", b"a b  c  d  e"),
                (b"/*/**/*//-*<!->->---->", b"/-*<!->->"),
                (b"/ * < ! - >", b"/ * < ! - >"),
                (b"-", b"-"),
                (b"--", b""),
                (b"<!-", b"<!-"),
            ],
        );
    }
}
